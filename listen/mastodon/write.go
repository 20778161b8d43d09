package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/listen"
)

// Publish implements listen.Publisher, as loud as the account speaks by itself.
// Called again with the same Reply it returns the post that is there.
func (a *account) Publish(ctx context.Context, r listen.Reply) (listen.Receipt, error) {
	h, err := a.where(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := a.among(ctx, h, "", r); err != nil || found {
		return there, err
	}
	form := url.Values{"status": {r.Text}}
	if h.own.Source.is.Privacy != "" {
		form.Set("visibility", h.own.Source.is.Privacy)
	}
	return a.post(ctx, h, form, r)
}

// Edit implements listen.Editor (methods/statuses, PUT; Mastodon 3.5). Whom the
// post was addressed to, its content warning and its pictures stay.
func (a *account) Edit(ctx context.Context, key string, r listen.Reply) error {
	h, at, err := a.ours(ctx, key)
	if err != nil {
		return err
	}
	var s status
	if err := a.client.do(ctx, urgent(get(at, nil)), &s); err != nil {
		return a.wrote(err)
	}
	var src struct {
		Text    string
		Spoiler string `json:"spoiler_text"`
	}
	if err := a.client.do(ctx, urgent(get(at+"/source", nil)), &src); err != nil {
		return a.wrote(err)
	}
	form := url.Values{"status": {mentionsOf(src.Text) + r.Text}}
	if src.Spoiler != "" {
		form.Set("spoiler_text", src.Spoiler)
	}
	if err := h.fits(form); err != nil {
		return err
	}
	a.dress(form, r)
	for _, m := range s.Media.is {
		if m.ID != "" {
			form.Add("media_ids[]", string(m.ID))
		}
	}
	return a.wrote(a.client.do(ctx, call{method: http.MethodPut, path: at, form: form, urgent: true}, nil))
}

// mentionsOf are the addresses with which a text begins.
func mentionsOf(text string) string {
	rest := text
	for strings.HasPrefix(rest, "@") {
		i := strings.IndexAny(rest, " \n")
		if i < 0 {
			break
		}
		rest = strings.TrimLeft(rest[i:], " \n")
	}
	return text[:len(text)-len(rest)]
}

// Remove implements listen.Editor (methods/statuses, DELETE). What is gone
// already is removed.
func (a *account) Remove(ctx context.Context, key string) error {
	_, at, err := a.ours(ctx, key)
	if err != nil {
		return err
	}
	err = a.client.do(ctx, call{method: http.MethodDelete, path: at, urgent: true}, nil)
	if code := statusOf(err); code == http.StatusNotFound || code == http.StatusGone {
		return nil
	}
	return a.wrote(err)
}

// ours returns the path of a post of our own by the key of its receipt.
func (a *account) ours(ctx context.Context, key string) (home, string, error) {
	h, err := a.where(ctx)
	if err != nil {
		return home{}, "", err
	}
	i, ok := strings.CutPrefix(key, h.domain+"/")
	if !ok || !isID(i) {
		return home{}, "", fmt.Errorf("mastodon: not a post of ours: %w", lastword.ErrInvalid)
	}
	return h, "/api/v1/statuses/" + i, nil
}

// wrote says what a refused change of our own post means.
func (a *account) wrote(err error) error {
	switch statusOf(err) {
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("mastodon: the post is gone: %w", lastword.ErrGone)
	case http.StatusForbidden:
		return fmt.Errorf("%w: %v", because(lastword.ErrDenied, "scope-write"), err)
	case http.StatusUnauthorized:
		return fmt.Errorf("%w: %v", because(lastword.ErrDenied, "token-refused"), err)
	}
	return err
}
