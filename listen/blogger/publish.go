package blogger

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
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

// maxPictures is how many a post shows. Blogger's API takes none (blogger/v3): they
// stay with us, and the post shows them from there.
const maxPictures = 10

// Manner implements listen.Mannered.
func (s *source) Manner(context.Context) lastword.Manner {
	m := lastword.Manner{Network: lastword.Network{Name: "blogger", Title: "Blogger"}, Title: true, LongTitle: longTitle, Markup: true}
	if s.shown {
		m.Pictures = maxPictures
	}
	return m
}

// Post implements listen.Poster.
func (s *source) Post(ctx context.Context, p listen.Post) ([]listen.Receipt, error) {
	pictures, err := figures(p.Pictures)
	if err != nil {
		return nil, err
	}
	got, err := s.bring(ctx, p.Whole(), pictures)
	if err != nil {
		return nil, err
	}
	return []listen.Receipt{got}, nil
}

var _ listen.Poster = (*source)(nil)

// What stands around the pictures of a post, seen by no reader: other words leave
// what is between as it is.
const (
	picturesFrom = "<!--lastword:pictures-->"
	picturesTo   = "<!--/lastword:pictures-->"
)

// figures are pictures as a post shows them, or nothing.
func figures(pictures []listen.Picture) (string, error) {
	var b strings.Builder
	for _, p := range pictures {
		if p.URL == "" {
			return "", fmt.Errorf("blogger: a picture that nobody can fetch: %w", lastword.ErrInvalid)
		}
		fmt.Fprintf(&b, `<p><img src="%s" alt="%s" width="%d" height="%d" style="max-width:100%%;height:auto"></p>`,
			html.EscapeString(p.URL), html.EscapeString(p.Alt), p.Width, p.Height)
	}
	if b.Len() == 0 {
		return "", nil
	}
	return picturesFrom + b.String() + picturesTo, nil
}

// figuresIn are those that a post of ours shows.
func figuresIn(content string) string {
	_, rest, is := strings.Cut(content, picturesFrom)
	inner, _, ends := strings.Cut(rest, picturesTo)
	if !is || !ends {
		return ""
	}
	return picturesFrom + inner + picturesTo
}

// Publish implements listen.Publisher. The first line is the headline. Called
// again with the same key it returns the post that is there: the key stands in a
// comment of HTML, which no reader sees.
func (s *source) Publish(ctx context.Context, a listen.Reply) (listen.Receipt, error) {
	return s.bring(ctx, a, "")
}

func (s *source) bring(ctx context.Context, a listen.Reply, pictures string) (listen.Receipt, error) {
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
		JSON: map[string]string{"kind": "blogger#post", "title": title, "content": pictures + content}}, &raw)
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
	pictures, err := s.pictures(ctx, key)
	if err != nil {
		return err
	}
	return s.change(ctx, key, api.Request{Method: http.MethodPatch, JSON: map[string]string{"title": title, "content": pictures + content}})
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	return s.change(ctx, key, api.Request{Method: http.MethodDelete})
}

// pictures are those that a post of ours shows.
func (s *source) pictures(ctx context.Context, key string) (string, error) {
	blog, err := s.writable(ctx)
	if err != nil {
		return "", err
	}
	id, ok := strings.CutPrefix(key, blog+"|p")
	if !ok || !isID(id) {
		return "", fmt.Errorf("blogger: a key that is none: %w", lastword.ErrInvalid)
	}
	var raw json.RawMessage
	if err := s.ask(ctx, api.Request{URL: "/" + blog + "/posts/" + id, Query: url.Values{"view": {"AUTHOR"}}}, &raw); err != nil {
		return "", notTaken(err)
	}
	there, _ := readArticle(raw) // what cannot be read shows none of ours
	return figuresIn(there.Content), nil
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
