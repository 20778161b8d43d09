package linkedin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"lastword"
	"lastword/internal/api"
	"lastword/internal/text"
	"lastword/listen"
)

// A wireComment is what we read of one (…/shares/comments-api).
type wireComment struct {
	ID      string
	URN     string `json:"commentUrn"`
	Actor   string
	Object  string
	Parent  string `json:"parentComment"`
	Message struct{ Text string }
	Created struct{ Time int64 } // Unix milliseconds
}

func readComment(raw []byte) (wireComment, bool) {
	var c wireComment
	if json.Unmarshal(raw, &c) != nil {
		return c, false
	}
	if key, _, _, ok := comment(c.URN); ok {
		c.URN = key
		return c, true
	}
	if postURN.MatchString(c.Object) && isNumber(c.ID) {
		c.URN = "urn:li:comment:(" + c.Object + "," + c.ID + ")"
		return c, true
	}
	return c, false
}

// comment asks for one comment.
func (s *source) comment(ctx context.Context, key string) (wireComment, error) {
	key, post, id, ok := comment(key)
	if !ok {
		return wireComment{}, fmt.Errorf("linkedin: no comment: %w", lastword.ErrInvalid)
	}
	var raw json.RawMessage
	if err := s.ask(ctx, api.Request{URL: "socialActions/" + url.QueryEscape(post) + "/comments/" + id}, &raw); err != nil {
		return wireComment{}, fmt.Errorf("linkedin: %w", notTaken(err))
	}
	c, ok := readComment(raw)
	if !ok || c.URN != key {
		// It is there; what it is below is not known.
		return wireComment{URN: key}, nil
	}
	return c, nil
}

// Options implements listen.Chooser.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	_, _, _, below := comment(to.Key)
	if to.Own || !below && !postURN.MatchString(to.Key) {
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

// thread is where an answer hangs: LinkedIn knows comments and replies to them,
// and no deeper.
func (s *source) thread(ctx context.Context, to lastword.Post) (post, parent string, err error) {
	if postURN.MatchString(to.Key) {
		return to.Key, "", nil
	}
	c, err := s.comment(ctx, to.Key)
	if err != nil {
		return "", "", err
	}
	_, post, _, _ = comment(c.URN)
	if top, _, _, ok := comment(c.Parent); ok {
		return post, top, nil
	}
	return post, c.URN, nil
}

// Reply implements listen.Replier. LinkedIn keeps nothing beside a comment; that
// an answer is there already is told by its words, so that Reply looks first.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	if s.Options(to)[0].Closed {
		return listen.Receipt{}, fmt.Errorf("linkedin: nothing that can be answered: %w", lastword.ErrInvalid)
	}
	if utf8.RuneCountInString(a.Text) > maxComment {
		return listen.Receipt{}, fmt.Errorf("linkedin: over %d characters: %w", maxComment, lastword.ErrInvalid)
	}
	me, err := s.me(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	post, parent, err := s.thread(ctx, to)
	if err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.find(ctx, me, to, post, parent, a); err != nil || found {
		return there, err
	}
	body := map[string]any{"actor": me.org, "object": post, "message": map[string]string{"text": a.Text}}
	below := post
	if parent != "" {
		body["parentComment"], below = parent, parent
	}
	var raw json.RawMessage
	if err := s.ask(ctx, api.Request{URL: "socialActions/" + url.QueryEscape(below) + "/comments", JSON: body}, &raw); err != nil {
		return listen.Receipt{}, fmt.Errorf("linkedin: %w", notTaken(err))
	}
	c, ok := readComment(raw)
	if !ok {
		return listen.Receipt{}, fmt.Errorf("linkedin: the new comment cannot be read: %w", lastword.ErrUnavailable)
	}
	return listen.Receipt{Key: c.URN, URL: web(post, c.URN)}, nil
}

// Find implements listen.Replier for a key alone, which LinkedIn does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	if s.Options(to)[0].Closed {
		return listen.Receipt{}, false, fmt.Errorf("linkedin: nothing that can be answered: %w", lastword.ErrInvalid)
	}
	me, err := s.me(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	post, parent, err := s.thread(ctx, to)
	if errors.Is(err, lastword.ErrGone) {
		return listen.Receipt{}, false, nil // Reply says so, if it is asked
	}
	if err != nil {
		return listen.Receipt{}, false, err
	}
	return s.find(ctx, me, to, post, parent, a)
}

// find looks for the page's own words below what is answered, later than it.
func (s *source) find(ctx context.Context, me page, to lastword.Post, post, parent string, a listen.Reply) (listen.Receipt, bool, error) {
	below := post
	if parent != "" {
		below = parent
	}
	var got struct{ Elements []json.RawMessage }
	err := s.ask(ctx, api.Request{URL: "socialActions/" + url.QueryEscape(below) + "/comments?count=100&start=0"}, &got)
	if err = notTaken(err); errors.Is(err, lastword.ErrGone) {
		return listen.Receipt{}, false, nil
	}
	if err != nil {
		return listen.Receipt{}, false, fmt.Errorf("linkedin: %w", err)
	}
	for _, raw := range got.Elements {
		c, ok := readComment(raw)
		late := !time.UnixMilli(c.Created.Time).Before(to.SaidAt.Add(-clocks))
		if ok && c.Actor == me.org && late && text.Same(c.Message.Text, a.Text) {
			return listen.Receipt{Key: c.URN, URL: web(post, c.URN)}, true, nil
		}
	}
	return listen.Receipt{}, false, nil
}

// clocks is by how much LinkedIn's clock and ours may differ.
const clocks = 2 * time.Minute

// reserved are the characters that mean something in LinkedIn's "little text"
// (…/shares/little-text-format) and are escaped where they are only themselves.
// A # stays, so that a word behind it becomes a hashtag as people expect.
const reserved = `\|{}@[]()<>*_~`

// little escapes a text for a post.
func little(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(reserved, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain takes the escapes of little text away.
func plain(s string) string {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		b.WriteRune(r)
		escaped = false
	}
	return b.String()
}

// Edit implements listen.Editor: of a comment, or of a post.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	patch := map[string]any{"message": map[string]any{"$set": map[string]string{"text": a.Text}}}
	if postURN.MatchString(key) {
		patch = map[string]any{"$set": map[string]string{"commentary": little(a.Text)}}
	}
	return s.change(ctx, key, api.Request{Method: http.MethodPost, JSON: map[string]any{"patch": patch}, Header: http.Header{"X-Restli-Method": {"PARTIAL_UPDATE"}}})
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	return s.change(ctx, key, api.Request{Method: http.MethodDelete})
}

func (s *source) change(ctx context.Context, key string, r api.Request) error {
	me, err := s.me(ctx)
	if err != nil {
		return err
	}
	_, post, id, is := comment(key)
	switch {
	case is:
		r.URL = "socialActions/" + url.QueryEscape(post) + "/comments/" + id + "?actor=" + url.QueryEscape(me.org)
	case postURN.MatchString(key):
		r.URL = "posts/" + url.QueryEscape(key)
	default:
		return fmt.Errorf("linkedin: a key that is none: %w", lastword.ErrInvalid)
	}
	if err := s.ask(ctx, r, nil); err != nil {
		return fmt.Errorf("linkedin: %w", notTaken(err))
	}
	return nil
}
