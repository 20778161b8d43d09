package mastodon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"lastword"
	"lastword/listen"
)

// An account is a source with which we can also speak.
type account struct {
	*source

	sent sync.Map // listen.Receipt by the key of a reply, of those that this source gave
}

// Reply implements listen.Replier. A server keeps an Idempotency-Key for an hour
// (methods/statuses); beyond that, the same words under the same voice are the
// same reply, and are found before they are said again.
func (a *account) Reply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, error) {
	h, err := a.where(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	voice, err := a.voice(ctx, h, to)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := a.said(ctx, h, voice.ID, r); err != nil || found {
		return there, err
	}
	form := url.Values{
		"status":         {addressed(to, voice, h.own, r.Text)},
		"in_reply_to_id": {string(voice.ID)},
		"visibility":     {quieter(voice.Visibility, h.own.Source.is.Privacy)},
	}
	if voice.Spoiler != "" {
		form.Set("spoiler_text", voice.Spoiler)
	}
	there, err := a.post(ctx, h, form, r)
	if err == nil {
		a.sent.Store(r.Key, there)
	}
	return there, err
}

// quieter is how a reply is shown: not louder than the voice, and not louder
// than the account speaks by itself.
func quieter(voice, own string) string {
	if own != "" && quietness(own) > quietness(voice) {
		return own
	}
	switch voice {
	case "public", "unlisted", "private", "direct":
		return voice
	}
	return "direct" // a visibility that we do not know: surely not louder
}

// After implements listen.Threader: the part before is a post of ours at our own
// server, to which the room of the voice's replies applies.
func (a *account) After(to lastword.Post, r listen.Receipt) lastword.Post {
	domain, i, _ := strings.Cut(r.Key, "/")
	was, _ := refOf(to)
	return lastword.Post{
		Network: network, Key: r.Key, URL: r.URL, Private: to.Private, Author: to.Author,
		Ref: ref{Domain: domain, ID: id(i), URI: r.URL, Acct: was.Acct, Warning: was.Warning, Most: was.Most}.String(),
	}
}

// addressed puts the address of whom it answers first, without which nobody is
// told of a reply. What stands below a part of an answer names whom that answers.
func addressed(to lastword.Post, voice status, own profile, text string) string {
	if voice.Account.ID == own.ID {
		if r, _ := refOf(to); r.Acct != "" && r.Acct != own.Acct {
			return "@" + r.Acct + " " + text
		}
		return text
	}
	if strings.Contains(text, "@"+voice.Account.Acct) {
		return text
	}
	return "@" + voice.Account.Acct + " " + text
}

// voice fetches the voice as it is now. One that was heard at another server, or
// came in a file, is first looked up at ours by its address (methods/search,
// resolve).
func (a *account) voice(ctx context.Context, h home, to lastword.Post) (status, error) {
	r, ok := refOf(to)
	if !ok || r.Domain != h.domain {
		return a.resolve(ctx, or(r.URI, to.URL))
	}
	var s status
	err := a.client.do(ctx, urgent(get("/api/v1/statuses/"+string(r.ID), nil)), &s)
	switch {
	case statusOf(err) == http.StatusNotFound || statusOf(err) == http.StatusGone:
		return status{}, fmt.Errorf("mastodon: %s: %w", to.Key, lastword.ErrGone)
	case err != nil:
		return status{}, a.explain(err)
	case s.ID != r.ID || s.Account.ID == "" || s.Account.Acct == "":
		return status{}, fmt.Errorf("mastodon: %s cannot be read: %w", to.Key, lastword.ErrUnavailable)
	}
	return s, nil
}

func (a *account) resolve(ctx context.Context, at string) (status, error) {
	if !isWeb(at) {
		return status{}, because(lastword.ErrInvalid, "elsewhere")
	}
	var found struct{ Statuses []status }
	err := a.client.do(ctx, urgent(get("/api/v2/search", url.Values{"q": {at}, "resolve": {"true"}, "type": {"statuses"}, "limit": {"1"}})), &found)
	switch {
	case err != nil && statusOf(err) != http.StatusNotFound:
		return status{}, a.explain(err)
	case err != nil, len(found.Statuses) == 0:
		return status{}, because(lastword.ErrInvalid, "elsewhere")
	}
	s := found.Statuses[0]
	if s.ID == "" || s.Account.ID == "" || s.Account.Acct == "" || s.URI != at && s.web() != at {
		return status{}, because(lastword.ErrInvalid, "elsewhere")
	}
	return s, nil
}

func urgent(k call) call {
	k.urgent = true
	return k
}

// post says something in our name.
func (a *account) post(ctx context.Context, h home, form url.Values, r listen.Reply) (listen.Receipt, error) {
	if err := h.fits(form); err != nil {
		return listen.Receipt{}, err
	}
	a.dress(form, r)
	var s status
	err := a.client.do(ctx, call{method: http.MethodPost, path: "/api/v1/statuses", form: form, once: "lastword-" + r.Key, urgent: true}, &s)
	switch code := statusOf(err); {
	case code == http.StatusNotFound || code == http.StatusGone: // what it replies to
		return listen.Receipt{}, fmt.Errorf("mastodon: the post is gone: %w", lastword.ErrGone)
	case code == http.StatusForbidden && form.Has("in_reply_to_id"):
		return listen.Receipt{}, a.forbidden(ctx, err)
	case code == http.StatusForbidden:
		return listen.Receipt{}, fmt.Errorf("%w: %v", because(lastword.ErrDenied, "scope-write"), err)
	case code == http.StatusUnauthorized:
		return listen.Receipt{}, fmt.Errorf("%w: %v", because(lastword.ErrDenied, "token-refused"), err)
	case err != nil:
		return listen.Receipt{}, err
	case s.ID == "": // it was taken; Find will tell
		return listen.Receipt{}, fmt.Errorf("mastodon: %s did not say what became of it: %w", hostOf(a.set.base), lastword.ErrUnavailable)
	}
	return receipt(h, s), nil
}

// dress adds what every post of ours has. content_type keeps GoToSocial and
// Pleroma from reading it as Markdown; Mastodon has none.
func (a *account) dress(form url.Values, r listen.Reply) {
	form.Set("content_type", "text/plain")
	if lang, _, _ := strings.Cut(r.Lang, "-"); len(lang) == 2 || len(lang) == 3 {
		form.Set("language", strings.ToLower(lang))
	}
}

// fits refuses what is too long, rather than let the server do it: the person
// who shortens it is told how long it is.
func (h home) fits(form url.Values) error {
	used := h.count(form.Get("spoiler_text") + form.Get("status"))
	if used <= h.most {
		return nil
	}
	return &lastword.Mistake{Key: "connector.mastodon.error.too-long", Args: map[string]any{"Used": used, "Limit": h.most}}
}

// forbidden says what a refused reply means: that the token may not write, or
// that the author lets nobody like us answer (GoToSocial's interaction policies).
func (a *account) forbidden(ctx context.Context, err error) error {
	may, failed := a.mayWrite(ctx)
	switch {
	case failed != nil:
		return failed
	case may:
		return fmt.Errorf("%w: %v", because(lastword.ErrInvalid, "closed"), err)
	}
	return fmt.Errorf("%w: %v", because(lastword.ErrDenied, "scope-write"), err)
}

// mayWrite asks to edit a post that cannot exist: the right is judged before the
// post is looked for, so that nothing ever changes.
func (a *account) mayWrite(ctx context.Context) (bool, error) {
	err := a.client.do(ctx, call{method: http.MethodPut, path: "/api/v1/statuses/0", form: url.Values{"status": {"-"}}, urgent: true}, nil)
	switch code := statusOf(err); {
	case code == http.StatusForbidden:
		return false, nil
	case code == http.StatusUnauthorized:
		return false, fmt.Errorf("%w: %v", because(lastword.ErrDenied, "token-refused"), err)
	case code >= 400 && code < 500 && code != http.StatusTooManyRequests:
		return true, nil
	}
	return err == nil, err
}

func receipt(h home, s status) listen.Receipt {
	return listen.Receipt{Key: keyOf(h.domain, s.ID), URL: s.web()}
}

// Find implements listen.Replier for a reply that this source gave. Others it
// cannot tell by their key: that is what FindReply is for.
func (a *account) Find(ctx context.Context, to lastword.Post, key string) (listen.Receipt, bool, error) {
	h, err := a.where(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	sent, known := a.sent.Load(key)
	if !known {
		return listen.Receipt{}, false, nil
	}
	there := sent.(listen.Receipt)
	var s status
	err = a.client.do(ctx, urgent(get("/api/v1/statuses/"+strings.TrimPrefix(there.Key, h.domain+"/"), nil)), &s)
	switch code := statusOf(err); {
	case code == http.StatusNotFound || code == http.StatusGone:
		return listen.Receipt{}, false, nil
	case err != nil:
		return listen.Receipt{}, false, a.explain(err)
	}
	return there, true, nil
}

// FindReply implements listen.Finder: it looks whether we have said these words
// under the voice since they were made. No server tells under which key.
func (a *account) FindReply(ctx context.Context, to lastword.Post, r listen.Reply) (listen.Receipt, bool, error) {
	h, err := a.where(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	voice, err := a.voice(ctx, h, to)
	switch ref, ok := refOf(to); {
	case errors.Is(err, lastword.ErrGone) && ok: // the reply outlives what it answers
		return a.among(ctx, h, ref.ID, r)
	case err != nil:
		return listen.Receipt{}, false, err
	}
	return a.said(ctx, h, voice.ID, r)
}

// slack is how far the server's clock may be behind ours.
const slack = 10 * time.Minute

// said looks for the reply in the thread of the voice (methods/statuses, context).
func (a *account) said(ctx context.Context, h home, voice id, r listen.Reply) (listen.Receipt, bool, error) {
	var thread struct{ Descendants page }
	err := a.client.do(ctx, urgent(get("/api/v1/statuses/"+string(voice)+"/context", nil)), &thread)
	switch code := statusOf(err); {
	case code == http.StatusNotFound || code == http.StatusGone:
		return listen.Receipt{}, false, fmt.Errorf("mastodon: the post is gone: %w", lastword.ErrGone)
	case err != nil:
		return listen.Receipt{}, false, a.explain(err)
	}
	there, found := a.same(h, thread.Descendants, voice, r)
	return there, found, nil
}

// among looks for it among the latest of our own posts: for a post of our own,
// with an empty voice, and for a reply whose voice is gone, which the server may
// have made one of no parent.
func (a *account) among(ctx context.Context, h home, voice id, r listen.Reply) (listen.Receipt, bool, error) {
	var posts page
	k := get("/api/v1/accounts/"+string(h.own.ID)+"/statuses", url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}})
	if err := a.client.do(ctx, urgent(k), &posts); err != nil {
		return listen.Receipt{}, false, a.explain(err)
	}
	there, found := a.same(h, posts, voice, r)
	if !found && voice != "" {
		there, found = a.same(h, posts, "", r)
	}
	return there, found, nil
}

// same returns the one of the posts that is by us, under the voice, and says the
// same since it was made.
func (a *account) same(h home, posts page, voice id, r listen.Reply) (listen.Receipt, bool) {
	for _, raw := range posts {
		s := readStatus(raw).status
		if s == nil || s.Account.ID != h.own.ID || s.InReplyTo != voice || s.isBoost() || s.CreatedAt.Before(r.Made.Add(-slack)) {
			continue
		}
		if letters(plain(s.Content)) == letters(r.Text) {
			return receipt(h, *s), true
		}
	}
	return listen.Receipt{}, false
}

// letters is what a text says, without what servers change of it: spaces, signs,
// and the spelling of mentions.
func letters(s string) string {
	words := slices.DeleteFunc(strings.Fields(s), func(w string) bool { return strings.HasPrefix(w, "@") })
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSymbol(r) {
			return r
		}
		return -1
	}, strings.Join(words, ""))
}

// Options implements listen.Chooser: as loud as the voice, or to its author
// alone.
func (a *account) Options(to lastword.Post) []lastword.ReplyOption {
	r, ok := refOf(to)
	if !ok && !isWeb(to.URL) {
		return []lastword.ReplyOption{{Closed: true, Why: "connector.mastodon.error.elsewhere"}}
	}
	most := cmp.Or(a.known().most, r.Most, defaultMost)
	room := max(most-r.Warning-utf8.RuneCountInString("@"+or(r.Acct, to.Author.Handle)+" "), 0)
	loud := lastword.ReplyOption{Private: to.Private, At: to.URL, Network: networkOf(max(room, 1))}
	if to.Private {
		return []lastword.ReplyOption{loud}
	}
	quiet := loud
	quiet.Private = true
	return []lastword.ReplyOption{loud, quiet}
}
