package wordpress

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lastword"
	"lastword/internal/markdown"
	"lastword/internal/text"
	"lastword/listen"
)

// longTitle is how many characters a first line may have to be a headline.
const longTitle = 120

// Publish implements listen.Publisher. The first line is the headline. Called
// again with the same key it returns the post that is there: the key stands in a
// comment of HTML, which no reader sees.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return s.bring(ctx, a, nil)
}

// Manner implements listen.Mannered: a picture becomes the post's featured one,
// which stays when the words are changed.
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: "wordpress", Title: "WordPress", Reply: true}, Title: true, LongTitle: longTitle, Markup: true, Pictures: 1}
}

// Post implements listen.Poster.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	got, err := s.bring(ctx, p.Whole(), p.Pictures)
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

func (s *source) bring(ctx context.Context, a listen.Reply, pictures []listen.Picture) (listen.Receipt, error) {
	me, err := s.account(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if !me.may("edit_posts") {
		return listen.Receipt{}, &lastword.Mistake{Key: "connector.wordpress.error.no-posts", Kind: lastword.ErrDenied}
	}
	at, err := s.find(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.published(ctx, me, a.Key); err != nil || found {
		return listen.Receipt{Key: postKey(at.home, there.ID), URL: there.Link}, err
	}
	title, body := text.Headline(a.Text, longTitle)
	content, err := blocks(body, a.Key)
	if err != nil {
		return listen.Receipt{}, err
	}
	post := map[string]any{"title": html.EscapeString(title), "content": content, "status": s.status(me)}
	if len(pictures) > 0 {
		if post["featured_media"], err = s.upload(ctx, pictures[0]); err != nil {
			return listen.Receipt{}, err
		}
	}
	var raw json.RawMessage
	_, err = s.ask(ctx, call{method: http.MethodPost, route: "/posts", body: post}, &raw)
	if err != nil {
		return listen.Receipt{}, s.notTaken(err)
	}
	made, ok := readArticle(raw)
	if !ok {
		return listen.Receipt{}, fmt.Errorf("wordpress: the new post cannot be read: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: postKey(at.home, made.ID), URL: made.Link}, nil
}

// upload brings a picture with what it shows (REST API Handbook, Media), once: it
// is found again by its slug, which is made of its name.
func (s *source) upload(ctx context.Context, p listen.Picture) (int64, error) {
	slug := "lastword-" + p.Digest[:min(len(p.Digest), 24)]
	var there []struct{ ID int64 }
	if _, err := s.ask(ctx, call{route: "/media", query: url.Values{"slug": {slug}, "_fields": {"id"}}}, &there); err != nil {
		return 0, s.judged(err)
	}
	if len(there) == 0 {
		name := slug + "." + strings.TrimPrefix(p.Type, "image/")
		there = append(there, struct{ ID int64 }{})
		_, err := s.ask(ctx, call{method: http.MethodPost, route: "/media", raw: p.Bytes, header: http.Header{
			"Content-Type": {p.Type}, "Content-Disposition": {`attachment; filename="` + name + `"`}}}, &there[0])
		if err != nil {
			return 0, s.notTaken(err)
		}
	}
	_, err := s.ask(ctx, call{method: http.MethodPost, route: "/media/" + strconv.FormatInt(there[0].ID, 10), body: map[string]any{"alt_text": p.Alt}}, nil)
	if err != nil {
		return 0, s.notTaken(err)
	}
	return there[0].ID, nil
}

var _ listen.Poster = (*source)(nil)

// status is in what state our posts are made. Who may write but not publish hands
// them in.
func (s *source) status(me *user) string {
	switch {
	case s.draft:
		return "draft"
	case me.may("publish_posts"):
		return "publish"
	}
	return "pending"
}

// published looks through the account's latest posts, drafts too, for the key.
func (s *source) published(ctx context.Context, me *user, key string) (article, bool, error) {
	q := url.Values{"author": {strconv.FormatInt(me.ID, 10)}, "status": {"any"}, "context": {"edit"}, "orderby": {"id"}, "order": {"desc"},
		"per_page": {strconv.Itoa(perPage)}, "_fields": {"id,content,link,status,date_gmt,title"}}
	var list []json.RawMessage
	if _, err := s.ask(ctx, call{route: "/posts", query: q}, &list); err != nil {
		return article{}, false, s.judged(err)
	}
	i := slices.IndexFunc(list, func(raw json.RawMessage) bool {
		a, ok := readArticle(raw)
		return ok && strings.Contains(a.Raw, htmlMark+key+"-->")
	})
	if i < 0 {
		return article{}, false, nil
	}
	a, _ := readArticle(list[i])
	return a, true, nil
}

// blocks makes the blocks of a post (Block Editor Handbook, "Markup representation
// of a block") of Markdown. What has no plain block of its own is one of HTML.
func blocks(body, key string) (string, error) {
	parts, err := markdown.Blocks(body)
	if err != nil {
		return "", fmt.Errorf("wordpress: %w", err)
	}
	var out strings.Builder
	for _, b := range parts {
		kind, with, inner := "html", "", b.HTML
		switch {
		case b.Words:
			kind = "paragraph"
		case b.Level > 2:
			kind, with = "heading", fmt.Sprintf(` {"level":%d}`, b.Level)
		case b.Level == 2:
			kind = "heading" // as it comes
		case b.Items != nil:
			kind, with, inner = list(b)
		}
		if b.Level > 0 {
			inner = strings.Replace(inner, ">", ` class="wp-block-heading">`, 1)
		}
		fmt.Fprintf(&out, "<!-- wp:%s%s -->\n%s\n<!-- /wp:%s -->\n\n", kind, with, inner, kind)
	}
	return out.String() + htmlMark + key + "-->", nil
}

func list(b markdown.Block) (kind, with, inner string) {
	tag, with := "ul", ""
	if b.Count {
		tag, with = "ol", ` {"ordered":true}`
	}
	var out strings.Builder
	for _, item := range b.Items {
		out.WriteString("<!-- wp:list-item -->\n<li>" + item + "</li>\n<!-- /wp:list-item -->")
	}
	return "list", with, "<" + tag + ">" + out.String() + "</" + tag + ">"
}
