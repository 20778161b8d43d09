package ghost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// Options implements listen.Chooser.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	switch _, err := parseRef(to); {
	case err != nil:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	case s.member == "":
		return []lastword.ReplyOption{{ByHand: true, Why: "connector.ghost.error.member-missing", At: to.URL}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

func parseRef(p lastword.Post) (ref, error) {
	var r ref
	if json.Unmarshal([]byte(p.Ref), &r) != nil || !isID(r.Comment) || !isID(r.Thread) || !isID(r.Post) {
		return ref{}, fmt.Errorf("ghost: no comment that can be answered: %w", lastword.ErrInvalid)
	}
	return r, nil
}

// writer returns the id of the member as whom we answer: who comments on a Ghost
// is always a member of it.
func (s *source) writer(ctx context.Context) (string, error) {
	if s.member == "" {
		return "", &lastword.Mistake{Key: "connector.ghost.error.member-missing", Field: fieldMember, Kind: lastword.ErrDenied}
	}
	s.mu.Lock()
	known := s.author
	s.mu.Unlock()
	if known != "" {
		return known, nil
	}
	var got struct{ Members []struct{ ID, Email string } }
	err := s.ask(ctx, call{path: "/members/", query: url.Values{"filter": {"email:'" + s.member + "'"}, "limit": {"1"}, "fields": {"id,email"}}}, &got)
	if err != nil {
		return "", judged(err)
	}
	if len(got.Members) == 0 || !isID(got.Members[0].ID) {
		return "", &lastword.Mistake{Key: "connector.ghost.error.member-unknown", Field: fieldMember, Kind: lastword.ErrDenied}
	}
	s.mu.Lock()
	s.author = got.Members[0].ID
	s.mu.Unlock()
	return got.Members[0].ID, nil
}

// Reply implements listen.Replier. Ghost keeps no keys beside a comment; that an
// answer is there already is told by its words and by when it was made, so that
// Reply looks first.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, err := parseRef(to)
	if err != nil {
		return listen.Receipt{}, err
	}
	who, err := s.writer(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if err := s.present(ctx, r); err != nil {
		return listen.Receipt{}, err
	}
	if there, found, err := s.FindReply(ctx, to, a); err != nil || found {
		return there, err
	}
	body := map[string]any{"member_id": who, "parent_id": r.Thread, "html": text.Paragraphs(a.Text, "<p>", "</p>"), "created_at": madeAt(a)}
	if r.Comment != r.Thread {
		body["in_reply_to_id"] = r.Comment
	}
	var got comments
	err = s.ask(ctx, call{method: http.MethodPost, path: "/comments/", body: map[string]any{"comments": []any{body}}}, &got)
	if err != nil {
		return listen.Receipt{}, notTaken(err)
	}
	if len(got.Comments) == 1 {
		if c, ok := readComment(got.Comments[0]); ok {
			return s.receipt(ctx, c.ID, to.URL)
		}
	}
	return listen.Receipt{}, fmt.Errorf("ghost: the new comment cannot be read: %w", lastword.ErrUnavailable)
}

// madeAt is when an answer says it was made: fixed for a key, so that it tells
// the answer again, and never in the future (Ghost would then take the present).
func madeAt(a listen.Reply) string { return a.Made.UTC().Truncate(time.Second).Format(time.RFC3339) }

// present makes sure that the comment is there.
func (s *source) present(ctx context.Context, r ref) error {
	var got comments
	if err := s.ask(ctx, call{path: "/comments/" + r.Comment + "/"}, &got); err != nil {
		if e := refusalOf(err); e.kind == "NotFoundError" {
			return fmt.Errorf("%w: %w", err, lastword.ErrGone)
		}
		return notTaken(err)
	}
	for _, raw := range got.Comments {
		if c, ok := readComment(raw); ok && c.Status != "published" {
			return fmt.Errorf("ghost: the comment is no longer shown: %w", lastword.ErrGone)
		}
	}
	return nil
}

// notTaken says what a refusal means for one answer.
func notTaken(err error) error {
	e := refusalOf(err)
	switch {
	case e.kind == "NotFoundError":
		return fmt.Errorf("%w: %w", err, lastword.ErrGone)
	case e.kind == "MethodNotAllowedError": // comments are switched off
		return &lastword.Mistake{Key: "connector.ghost.error.comments-off"}
	case e.kind == "NoPermissionError": // of the member: not allowed to comment here
		return fmt.Errorf("%w: %w", err, &lastword.Mistake{Key: "connector.ghost.error.member-may-not"})
	case e.status == http.StatusBadRequest, e.status == http.StatusUnprocessableEntity:
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return judged(err)
}

// Find implements listen.Replier for a key alone, which Ghost does not keep: it
// finds nothing, and FindReply is asked instead.
func (s *source) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

// FindReply implements listen.Finder: our member's comment in the thread that
// answers this comment and was made at the answer's time or says the same.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	r, err := parseRef(to)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	who, err := s.writer(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	var got comments
	err = s.ask(ctx, call{path: "/comments/", query: url.Values{"limit": {"100"}, "order": {"created_at desc"},
		"filter": {"parent_id:'" + r.Thread + "'+member_id:'" + who + "'"}}}, &got)
	if err != nil {
		return listen.Receipt{}, false, judged(err)
	}
	made := a.Made.UTC().Truncate(time.Second)
	for _, raw := range got.Comments {
		c, ok := readComment(raw)
		if !ok || c.Member.ID != who || c.InReplyTo != "" && c.InReplyTo != r.Comment || c.InReplyTo == "" && r.Comment != r.Thread {
			continue
		}
		if !made.IsZero() && c.Made.Truncate(time.Second).Equal(made) || text.Same(text.PlainHTML(c.HTML), a.Text) {
			found, err := s.receipt(ctx, c.ID, to.URL)
			return found, err == nil, err
		}
	}
	return listen.Receipt{}, false, nil
}

func (s *source) receipt(ctx context.Context, id, at string) (listen.Receipt, error) {
	where, err := s.find(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	return listen.Receipt{Key: where.home + "|c" + id, URL: at}, nil
}

// Edit implements listen.Editor. Ghost lets nobody but its member change a
// comment; posts can be changed.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	kind, id, err := parseKey(key)
	switch {
	case err != nil:
		return err
	case kind == 'c':
		return &lastword.Mistake{Key: "connector.ghost.error.no-edit"}
	}
	return s.rewrite(ctx, id, a)
}

// Remove implements listen.Editor.
func (s *source) Remove(ctx context.Context, key string) error {
	kind, id, err := parseKey(key)
	if err != nil {
		return err
	}
	k := call{method: http.MethodDelete, path: "/posts/" + id + "/"}
	if kind == 'c' {
		k = call{method: http.MethodPut, path: "/comments/" + id + "/", body: map[string]any{"comments": []any{map[string]any{"id": id, "status": "deleted"}}}}
	}
	err = s.ask(ctx, k, nil)
	if err != nil && !errors.Is(err, lastword.ErrUnavailable) {
		return notTaken(err)
	}
	return err
}
