package ghost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/markdown"
	"lastword/internal/text"
	"lastword/listen"
)

// longTitle is how many characters a headline may have (schema: posts.title).
const longTitle = 255

// longAlt is how many characters of what its picture shows a post keeps (schema:
// posts_meta.feature_image_alt).
const longAlt = 191

// Manner implements listen.Mannered: a picture becomes the post's feature image,
// which stays when the words are changed.
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: "ghost", Title: "Ghost"}, Title: true, LongTitle: longTitle, Markup: true, Pictures: 1, LongAlt: longAlt}
}

// Publish implements listen.Publisher. The first line is the headline. Called
// again with the same key it returns the post that is there: the key stands in
// the post's footer as a comment of HTML, which no reader sees.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return s.bring(ctx, a, nil)
}

// Post implements listen.Poster.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	if len(p.Pictures) > 1 {
		return nil, fmt.Errorf("ghost: %d pictures, of one: %w", len(p.Pictures), lastword.ErrInvalid)
	}
	got, err := s.bring(ctx, p.Whole(), p.Pictures)
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

var _ listen.Poster = (*source)(nil)

func (s *source) bring(ctx context.Context, a listen.Reply, pictures []listen.Picture) (listen.Receipt, error) {
	at, err := s.find(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	mark := "<!--lastword:" + a.Key + "-->"
	latest, err := s.posts(ctx, url.Values{"limit": {"100"}, "order": {"created_at desc"}, "filter": {"status:[draft,published,scheduled,sent]"},
		"fields": {"id,url,status,codeinjection_foot"}})
	if err != nil {
		return listen.Receipt{}, err
	}
	for _, p := range latest {
		if strings.Contains(p.Foot, mark) {
			return listen.Receipt{Key: at.home + "|p" + p.ID, URL: p.URL}, nil
		}
	}
	title, body, err := set(a)
	if err != nil {
		return listen.Receipt{}, err
	}
	post := map[string]any{"title": title, "html": body, "codeinjection_foot": mark, "status": "published"}
	if s.draft {
		post["status"] = "draft"
	}
	for _, one := range pictures {
		if post["feature_image"], err = s.upload(ctx, one); err != nil {
			return listen.Receipt{}, err
		}
		post["feature_image_alt"] = one.Alt
	}
	var got struct{ Posts []json.RawMessage }
	err = s.ask(ctx, call{method: http.MethodPost, path: "/posts/", query: url.Values{"source": {"html"}}, body: map[string]any{"posts": []any{post}}}, &got)
	if err != nil {
		return listen.Receipt{}, notTaken(err)
	}
	if len(got.Posts) == 1 {
		if made, ok := readArticle(got.Posts[0]); ok {
			return listen.Receipt{Key: at.home + "|p" + made.ID, URL: made.URL}, nil
		}
	}
	return listen.Receipt{}, fmt.Errorf("ghost: the new post cannot be read: %w", lastword.ErrUnavailable)
}

// set is a post as Ghost has it: the first line for its headline, and Markdown as
// HTML, which Ghost makes its own blocks of.
func set(a listen.Reply) (title, body string, err error) {
	title, body = text.Headline(a.Text, longTitle)
	if body, err = markdown.HTML(body); err != nil {
		return "", "", fmt.Errorf("ghost: %w", err)
	}
	return title, body, nil
}

// upload brings a picture and returns its address (Admin API, Images). One that no
// post shows stays in Ghost's folder.
func (s *source) upload(ctx context.Context, p listen.Picture) (string, error) {
	body, kind := p.Packed("file", "lastword-"+p.Digest[:min(len(p.Digest), 24)], map[string]string{"purpose": "image"})
	var got struct{ Images []struct{ URL string } }
	if err := s.ask(ctx, call{method: http.MethodPost, path: "/images/upload/", raw: body, kind: kind}, &got); err != nil {
		return "", notTaken(err)
	}
	if len(got.Images) != 1 || got.Images[0].URL == "" {
		return "", fmt.Errorf("ghost: nothing is known of the picture: %w", lastword.ErrUnavailable)
	}
	return got.Images[0].URL, nil
}

// rewrite changes a post of ours. Ghost wants to be told which version is
// changed; one that somebody changed in between is asked for once more.
func (s *source) rewrite(ctx context.Context, id string, a listen.Reply) error {
	for again := false; ; again = true {
		var got struct{ Posts []article }
		if err := s.ask(ctx, call{path: "/posts/" + id + "/", query: url.Values{"fields": {"id,updated_at"}}}, &got); err != nil {
			return notTaken(err)
		}
		if len(got.Posts) != 1 {
			return fmt.Errorf("ghost: a post that is not one: %w", lastword.ErrUnavailable)
		}
		title, body, err := set(a)
		if err != nil {
			return err
		}
		err = s.ask(ctx, call{method: http.MethodPut, path: "/posts/" + id + "/", query: url.Values{"source": {"html"}},
			body: map[string]any{"posts": []any{map[string]any{"title": title, "html": body, "updated_at": got.Posts[0].Updated}}}}, nil)
		switch {
		case err == nil:
			return nil
		case refusalOf(err).status == http.StatusConflict && !again:
		default:
			return notTaken(err)
		}
	}
}
