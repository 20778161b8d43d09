package ghost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/listen"
)

// longTitle is how many characters a headline may have (schema: posts.title).
const longTitle = 255

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
	title, body := split(a.Text)
	post := map[string]any{"title": title, "html": markup(body), "codeinjection_foot": mark, "status": "published"}
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

// split takes the headline off a text: its first line, else the beginning of it.
func split(s string) (title, body string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	first, rest = strings.TrimSpace(first), strings.TrimSpace(rest)
	if rest != "" && utf8.RuneCountInString(first) <= longTitle {
		return first, rest
	}
	words := strings.Fields(first)
	for n := len(words); n > 0; n-- {
		if title = strings.Join(words[:n], " "); utf8.RuneCountInString(title) <= 60 {
			if n < len(words) {
				title += " …"
			}
			break
		}
	}
	return title, strings.TrimSpace(s)
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
		title, body := split(a.Text)
		err := s.ask(ctx, call{method: http.MethodPut, path: "/posts/" + id + "/", query: url.Values{"source": {"html"}},
			body: map[string]any{"posts": []any{map[string]any{"title": title, "html": markup(body), "updated_at": got.Posts[0].Updated}}}}, nil)
		switch {
		case err == nil:
			return nil
		case refusalOf(err).status == http.StatusConflict && !again:
		default:
			return notTaken(err)
		}
	}
}
