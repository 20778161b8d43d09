package ghost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// longTitle is how many characters a headline may have (schema: posts.title).
const longTitle = 255

// Manner implements listen.Mannered.
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: "ghost", Title: "Ghost"}, Title: true, LongTitle: longTitle}
}

// Publish implements listen.Publisher. The first line is the headline. Called
// again with the same key it returns the post that is there: the key stands in
// the post's footer as a comment of HTML, which no reader sees.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
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
	title, body := text.Headline(a.Text, longTitle)
	post := map[string]any{"title": title, "html": text.Paragraphs(body, "<p>", "</p>"), "codeinjection_foot": mark, "status": "published"}
	if s.draft {
		post["status"] = "draft"
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
		title, body := text.Headline(a.Text, longTitle)
		err := s.ask(ctx, call{method: http.MethodPut, path: "/posts/" + id + "/", query: url.Values{"source": {"html"}},
			body: map[string]any{"posts": []any{map[string]any{"title": title, "html": text.Paragraphs(body, "<p>", "</p>"), "updated_at": got.Posts[0].Updated}}}}, nil)
		switch {
		case err == nil:
			return nil
		case refusalOf(err).status == http.StatusConflict && !again:
		default:
			return notTaken(err)
		}
	}
}
