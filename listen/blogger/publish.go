package blogger

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/google"
	"lastword/internal/markdown"
	"lastword/internal/text"
	"lastword/listen"
)

// longTitle is how many characters a first line may have to be a headline.
const longTitle = 120

// Manner implements listen.Mannered. Blogger's API takes no pictures (blogger/v3).
func (s *source) Manner(context.Context) lastword.Manner {
	return lastword.Manner{Network: lastword.Network{Name: "blogger", Title: "Blogger"}, Title: true, LongTitle: longTitle, Markup: true}
}

// Publish implements listen.Publisher. The first line is the headline. Called
// again with the same key it returns the post that is there: the key stands in a
// comment of HTML, which no reader sees.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	blog, err := s.writable(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.published(ctx, blog, mark(a.Key)); err != nil || found {
		return receipt(blog, there), err
	}
	title, content, err := set(a)
	if err != nil {
		return listen.Receipt{}, err
	}
	var raw json.RawMessage
	err = s.ask(ctx, api.Request{Method: http.MethodPost, URL: "/" + blog + "/posts", Query: url.Values{"isDraft": {fmt.Sprint(s.draft)}},
		JSON: map[string]string{"kind": "blogger#post", "title": title, "content": content}}, &raw)
	if err != nil {
		return listen.Receipt{}, notTaken(err)
	}
	made, ok := readArticle(raw)
	if !ok {
		return listen.Receipt{}, fmt.Errorf("blogger: the new post cannot be read: %w", lastword.ErrUnavailable)
	}
	return receipt(blog, made), nil
}

func receipt(blog string, a article) listen.Receipt {
	return listen.Receipt{Key: blog + "|p" + a.ID, URL: a.URL}
}

// writable returns the blog's number where somebody signed in.
func (s *source) writable(ctx context.Context) (string, error) {
	if s.signer == nil {
		return "", &lastword.Mistake{Key: "connector.google.error.signin", Field: fieldClient, Kind: lastword.ErrDenied}
	}
	return s.blog(ctx)
}

// set is a post as Blogger has it: the first line for its headline, and Markdown as
// HTML.
func set(a listen.Reply) (title, content string, err error) {
	title, body := text.Headline(a.Text, longTitle)
	content, err = markdown.HTML(body)
	if err != nil {
		return "", "", fmt.Errorf("blogger: %w", err)
	}
	return title, content + mark(a.Key), nil
}

func mark(key string) string { return "<!--lastword:" + key + "-->" }

// published looks through the latest posts, drafts too, for the mark.
func (s *source) published(ctx context.Context, blog, mark string) (article, bool, error) {
	var got struct{ Items []json.RawMessage }
	q := url.Values{"maxResults": {"100"}, "fetchBodies": {"true"}, "status": {"live", "draft", "scheduled"}, "view": {"AUTHOR"}, "orderBy": {"updated"}}
	if err := s.ask(ctx, api.Request{URL: "/" + blog + "/posts", Query: q}, &got); err != nil {
		return article{}, false, judged(err)
	}
	for _, raw := range got.Items {
		if a, ok := readArticle(raw); ok && strings.Contains(a.Content, mark) {
			return a, true, nil
		}
	}
	return article{}, false, nil
}

// Edit implements listen.Editor, for posts of ours.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	title, content, err := set(a)
	if err != nil {
		return err
	}
	return s.change(ctx, key, api.Request{Method: http.MethodPatch, JSON: map[string]string{"title": title, "content": content}})
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	return s.change(ctx, key, api.Request{Method: http.MethodDelete})
}

func (s *source) change(ctx context.Context, key string, r api.Request) error {
	blog, err := s.writable(ctx)
	if err != nil {
		return err
	}
	id, ok := strings.CutPrefix(key, blog+"|p")
	if !ok || !isID(id) {
		return fmt.Errorf("blogger: a key that is none: %w", lastword.ErrInvalid)
	}
	r.URL = "/" + blog + "/posts/" + id
	if err := s.ask(ctx, r, nil); err != nil {
		return notTaken(err)
	}
	return nil
}

// notTaken says what a refusal means for one post.
func notTaken(err error) error { return judged(google.NotTaken(err)) }
