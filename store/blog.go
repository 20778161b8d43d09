package store

import (
	"context"
	"errors"
	"fmt"

	"lastword"
)

const blogColumns = `company, name, title, about, imprint, accent, is_on, channel`

func scanBlog(r row) (b lastword.Blog, err error) {
	var on int64
	err = r.Scan(&b.Company, &b.Name, &b.Title, &b.About, &b.Imprint, &b.Accent, &on, &b.Channel)
	b.On = on != 0
	return b, err
}

// Blog returns a company's blog; the zero value but for Company where it has none.
func (db *DB) Blog(ctx context.Context, company int64) (lastword.Blog, error) {
	b, err := db.blog(ctx, `SELECT `+blogColumns+` FROM blog WHERE company = $1`, company)
	if errors.Is(err, lastword.ErrNotFound) {
		return lastword.Blog{Company: company}, nil
	}
	return b, err
}

// BlogNamed finds the blog of an address, over all companies: only one that is
// switched on.
func (db *DB) BlogNamed(ctx context.Context, name string) (lastword.Blog, error) {
	return db.blog(ctx, `SELECT `+blogColumns+` FROM blog WHERE name = $1 AND is_on = 1 AND imprint <> ''`, name)
}

func (db *DB) blog(ctx context.Context, text string, arg any) (b lastword.Blog, err error) {
	err = db.engine.read(ctx, func(q querier) (err error) {
		b, err = one(ctx, q, scanBlog, text, arg)
		return err
	})
	return b, err
}

// Blogs lists the names of the blogs that are switched on, over all companies.
func (db *DB) Blogs(ctx context.Context) (names []string, err error) {
	err = db.engine.read(ctx, func(q querier) (err error) {
		names, err = collect(ctx, q, scanText, `SELECT name FROM blog WHERE is_on = 1 AND imprint <> '' ORDER BY name LIMIT 100`)
		return err
	})
	return names, err
}

// SaveBlog keeps a company's blog. lastword.ErrConflict: another company has its
// name.
func (db *DB) SaveBlog(ctx context.Context, by lastword.Member, b lastword.Blog) error {
	return db.write(ctx, func(t *tx) error {
		taken, err := one(ctx, t, scanInt, `SELECT count(*) FROM blog WHERE name = $1 AND company <> $2`, b.Name, b.Company)
		if err != nil {
			return err
		}
		if taken > 0 {
			return fmt.Errorf("the name %q is taken: %w", b.Name, lastword.ErrConflict)
		}
		_, err = t.exec(ctx, `INSERT INTO blog (`+blogColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (company) DO UPDATE SET name = excluded.name, title = excluded.title, about = excluded.about, imprint = excluded.imprint,
			accent = excluded.accent, is_on = excluded.is_on, channel = excluded.channel`,
			b.Company, b.Name, b.Title, b.About, b.Imprint, b.Accent, bit(b.On && b.Imprint != ""), b.Channel)
		if err != nil {
			return err
		}
		return t.audit(ctx, note(by, "blog.saved", lastword.OfBlog, b.Channel, map[string]any{"name": b.Name, "on": b.On && b.Imprint != ""}))
	})
}

// BlogPosts lists what stands in the blog that is published to by the channel,
// newest first; before is the time of the last of the page before, 0 for none.
func (db *DB) BlogPosts(ctx context.Context, company, channel, before int64, most int) ([]lastword.BlogPost, error) {
	return db.blogPosts(ctx, `SELECT `+versionColumns+` FROM version v WHERE v.company = $1 AND v.channel = $2 AND v.sent > 0 AND v.state IN ('sent', 'taken')
		AND (CAST($3 AS BIGINT) = 0 OR v.sent < $3) ORDER BY v.sent DESC, v.id DESC LIMIT $4`, company, channel, before, limit(most))
}

// BlogPost returns what stands in the blog of a story.
func (db *DB) BlogPost(ctx context.Context, company, channel, story int64) (lastword.BlogPost, error) {
	found, err := db.blogPosts(ctx, `SELECT `+versionColumns+` FROM version v WHERE v.company = $1 AND v.channel = $2 AND v.story = $3
		AND v.sent > 0 AND v.state IN ('sent', 'taken') ORDER BY v.id DESC LIMIT 1`, company, channel, story)
	if err == nil && len(found) == 0 {
		err = lastword.ErrNotFound
	}
	if err != nil {
		return lastword.BlogPost{}, err
	}
	return found[0], nil
}

func (db *DB) blogPosts(ctx context.Context, text string, args ...any) ([]lastword.BlogPost, error) {
	var posts []lastword.BlogPost
	err := db.engine.read(ctx, func(q querier) error {
		vs, err := collect(ctx, q, scanVersion, text, args...)
		if err != nil {
			return err
		}
		for _, v := range vs {
			all, err := versions(ctx, q, v.Company, v.Story)
			if err != nil {
				return err
			}
			p := lastword.BlogPost{Version: v}
			for _, other := range all {
				if other.Channel != v.Channel && other.State == lastword.Sent && other.URL != "" {
					p.Elsewhere = append(p.Elsewhere, other)
				}
			}
			posts = append(posts, p)
		}
		return nil
	})
	return posts, err
}

// InBlog reports whether a picture stands in something that the blog shows, so
// that anybody may see it.
func (db *DB) InBlog(ctx context.Context, company, channel int64, digest string) (shown bool, err error) {
	err = db.engine.read(ctx, func(q querier) error {
		n, err := one(ctx, q, scanInt, `SELECT count(*) FROM version v WHERE v.company = $1 AND v.channel = $2 AND v.sent > 0
			AND v.state IN ('sent', 'taken') AND v.body LIKE '%' || CAST($3 AS TEXT) || '%'`, company, channel, digest)
		shown = n > 0
		return err
	})
	return shown, err
}
