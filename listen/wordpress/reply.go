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
	"time"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// How an answer can be told again. Both marks are seen by no reader: the one is
// what a browser would call itself, which moderators see; the other is a comment
// of HTML, for accounts that may not see the first.
//
// WordPress itself refuses the same words by the same person in the same thread
// (wp_allow_comment, code comment_duplicate), so that even a site that drops the
// first mark never shows an answer twice.
const (
	agentMark = "Lastword answer "
	htmlMark  = "<!--lastword:"
)

// flood is how long one person waits between two comments, unless they moderate
// (wp_throttle_comment_flood: 15 seconds).
const flood = 20 * time.Second

// Options implements listen.Chooser.
func (s *source) Options(to lastword.Post) []lastword.ReplyOption {
	r, err := parseRef(to)
	switch {
	case err != nil:
		return []lastword.ReplyOption{{Closed: true, Why: "why.by_hand", At: to.URL}}
	case r.Closed:
		return []lastword.ReplyOption{{Closed: true, Why: "connector.wordpress.error.thread-closed", At: to.URL}}
	case s.user == "":
		return []lastword.ReplyOption{{ByHand: true, Why: "why.no_account", At: to.URL}}
	}
	return []lastword.ReplyOption{{At: to.URL}}
}

// Reply implements listen.Replier. A held comment is published first, so that
// nobody reads an answer to nothing.
func (s *source) Reply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, error) {
	r, err := parseRef(to)
	if err != nil {
		return listen.Receipt{}, err
	}
	me, err := s.account(ctx)
	if err != nil {
		return listen.Receipt{}, err
	}
	if err := s.present(ctx, me, r); err != nil {
		return listen.Receipt{}, err
	}
	var raw json.RawMessage
	_, err = s.ask(ctx, call{method: http.MethodPost, route: "/comments", body: map[string]any{
		"post": r.Post, "parent": r.Comment, "content": markup(a, me), "author_user_agent": agentMark + a.Key}}, &raw)
	if code, _, _ := codeOf(err); code == "comment_duplicate" {
		return s.twin(ctx, me, r, a.Text)
	}
	if err != nil {
		return listen.Receipt{}, s.notTaken(err)
	}
	c, ok := readComment(raw)
	if !ok {
		return listen.Receipt{}, fmt.Errorf("wordpress: the new comment cannot be read: %w", lastword.ErrUnavailable)
	}
	if c.Status != "approved" && me.may("moderate_comments") {
		// A filter took us for a stranger. That it stays held is no reason to say
		// that it did not arrive.
		if err := s.publish(ctx, c.ID); err != nil {
			s.host.Log.Info("wordpress: the answer waits for moderation", "why", err)
		}
	}
	return s.receipt(ctx, c)
}

// account returns who answers; a channel without an account cannot.
func (s *source) account(ctx context.Context) (*user, error) {
	me, err := s.whoami(ctx)
	if err == nil && me == nil {
		err = &lastword.Mistake{Key: "connector.wordpress.error.user-missing", Field: fieldUser, Kind: lastword.ErrDenied}
	}
	return me, err
}

// present makes sure that the comment is there and that readers see it.
func (s *source) present(ctx context.Context, me *user, r ref) error {
	q := url.Values{"_fields": {fields}}
	if me.may("moderate_comments") {
		q.Set("context", "edit")
	}
	var raw json.RawMessage
	_, err := s.ask(ctx, call{route: "/comments/" + strconv.FormatInt(r.Comment, 10), query: q}, &raw)
	if err != nil {
		return s.notTaken(err)
	}
	c, ok := readComment(raw)
	switch {
	case !ok:
		return fmt.Errorf("wordpress: the comment cannot be read: %w", lastword.ErrUnavailable)
	case c.Status == "approved":
		return nil
	case c.Status != "hold":
		return fmt.Errorf("wordpress: the comment is %s: %w", clip(c.Status), lastword.ErrGone)
	case !s.approve:
		return &lastword.Mistake{Key: "connector.wordpress.error.held"}
	}
	return s.publish(ctx, c.ID)
}

func (s *source) publish(ctx context.Context, id int64) error {
	_, err := s.ask(ctx, call{method: http.MethodPost, route: "/comments/" + strconv.FormatInt(id, 10), body: map[string]any{"status": "approved"}}, nil)
	if err != nil {
		return s.notTaken(err)
	}
	return nil
}

// notTaken says what a refusal means for one answer.
func (s *source) notTaken(err error) error {
	code, status, ok := codeOf(err)
	if !ok {
		return err
	}
	switch code {
	case "rest_comment_invalid_id", "rest_comment_invalid_post_id", "rest_comment_trash_post", "rest_comment_draft_post",
		"rest_post_invalid_id", "rest_already_trashed", "rest_cannot_read":
		return fmt.Errorf("%w: %w", err, lastword.ErrGone)
	case "rest_comment_closed":
		return &lastword.Mistake{Key: "connector.wordpress.error.thread-closed"}
	case "comment_flood":
		return &listen.RetryAfter{Wait: flood, Err: fmt.Errorf("%v: %w", err, lastword.ErrUnavailable)}
	case "comment_content_column_length":
		return &lastword.Mistake{Key: "why.invalid"}
	}
	if status == http.StatusBadRequest || status == http.StatusConflict {
		return fmt.Errorf("%v: %w", err, lastword.ErrInvalid)
	}
	return s.judged(err)
}

// clip bounds a stranger's word in an error.
func clip(s string) string { return text.CleanTo(s, 40) }

// markup makes the HTML of a comment: nothing in it is markup of its own, a line
// break stays one, and addresses are made links by WordPress itself
// (make_clickable).
func markup(a listen.Reply, me *user) string {
	out := html.EscapeString(a.Text)
	out = strings.NewReplacer("&#39;", "'", "&#34;", `"`).Replace(out)
	if !me.may("moderate_comments") {
		out += htmlMark + a.Key + "-->"
	}
	return out
}

// Find implements listen.Replier: it looks through the account's own comments in
// the thread for the mark.
func (s *source) Find(ctx context.Context, to lastword.Post, key string) (listen.Receipt, bool, error) {
	return s.FindReply(ctx, to, listen.Reply{Key: key})
}

// FindReply implements listen.Finder: where a site drops marks, the account's own
// comment with the same words is the answer.
func (s *source) FindReply(ctx context.Context, to lastword.Post, a listen.Reply) (listen.Receipt, bool, error) {
	r, err := parseRef(to)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	me, err := s.account(ctx)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	own, err := s.own(ctx, me, r)
	if err != nil {
		return listen.Receipt{}, false, err
	}
	i := slices.IndexFunc(own, func(c comment) bool {
		return c.Agent == agentMark+a.Key || strings.Contains(c.HTML, htmlMark+a.Key+"-->")
	})
	if i < 0 && a.Text != "" {
		i = slices.IndexFunc(own, func(c comment) bool { return sameWords(c.says(), a.Text) })
	}
	if i < 0 {
		return listen.Receipt{}, false, nil
	}
	found, err := s.receipt(ctx, own[i])
	return found, err == nil, err
}

// own lists the account's comments that answer a comment, the latest hundred.
func (s *source) own(ctx context.Context, me *user, r ref) ([]comment, error) {
	q := url.Values{"parent": {strconv.FormatInt(r.Comment, 10)}, "post": {strconv.FormatInt(r.Post, 10)}, "orderby": {"id"}, "order": {"desc"},
		"per_page": {strconv.Itoa(perPage)}, "_fields": {fields}}
	if me.may("moderate_comments") {
		q.Set("context", "edit")
		q.Set("status", "all")
		q.Set("author", strconv.FormatInt(me.ID, 10))
	}
	var list []json.RawMessage
	if _, err := s.ask(ctx, call{route: "/comments", query: q}, &list); err != nil {
		code, status, refused := codeOf(err)
		if refused && (status == http.StatusNotFound || code == "rest_cannot_read_post") {
			return nil, nil // the post is gone, and what was answered with it
		}
		return nil, s.judged(err)
	}
	var mine []comment
	for _, raw := range list {
		if c, ok := readComment(raw); ok && c.Author == me.ID && c.Parent == r.Comment {
			mine = append(mine, c)
		}
	}
	return mine, nil
}

// twin returns the account's comment with the same words, which WordPress says is
// there.
func (s *source) twin(ctx context.Context, me *user, r ref, words string) (listen.Receipt, error) {
	own, err := s.own(ctx, me, r)
	if err != nil {
		return listen.Receipt{}, err
	}
	for _, c := range own {
		if sameWords(c.says(), words) {
			return s.receipt(ctx, c)
		}
	}
	// It is there and waits for moderation, where the account cannot see it.
	return listen.Receipt{}, fmt.Errorf("wordpress: %w", &lastword.Mistake{Key: "connector.wordpress.error.duplicate"})
}

// sameWords compares what people read: WordPress sets quotes and dashes anew
// (wptexturize).
func sameWords(shown, sent string) bool { return words(shown) == words(sent) }

func words(s string) string {
	var out strings.Builder
	for _, r := range text.Clean(s) {
		if r == '×' {
			r = 'x'
		}
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f && !punctuation(r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// punctuation are the signs that wptexturize writes.
func punctuation(r rune) bool {
	return r >= 0x2010 && r <= 0x2033 || r == '«' || r == '»'
}

// receipt says where a comment stands.
func (s *source) receipt(ctx context.Context, c comment) (listen.Receipt, error) {
	at, err := s.find(ctx)
	return listen.Receipt{Key: commentKey(at.home, c.ID), URL: c.Link}, err
}

// Edit implements listen.Editor, for comments and posts of ours.
func (s *source) Edit(ctx context.Context, key string, a listen.Reply) error {
	kind, id, err := parseKey(key)
	if err != nil {
		return err
	}
	me, err := s.account(ctx)
	if err != nil {
		return err
	}
	k := call{method: http.MethodPost, route: "/comments/" + strconv.FormatInt(id, 10), body: map[string]any{"content": markup(a, me)}}
	if kind == 'p' {
		title, body := text.Headline(a.Text, longTitle)
		content, err := blocks(body, a.Key)
		if err != nil {
			return err
		}
		k = call{method: http.MethodPost, route: "/posts/" + strconv.FormatInt(id, 10), body: map[string]any{"title": html.EscapeString(title), "content": content}}
	}
	if _, err := s.ask(ctx, k, nil); err != nil {
		return s.notTaken(err)
	}
	return nil
}

// Remove implements listen.Editor. What is removed lies in the trash, where the
// site has one, so that a person can fetch it back.
func (s *source) Remove(ctx context.Context, key string) error {
	kind, id, err := parseKey(key)
	if err != nil {
		return err
	}
	if _, err := s.account(ctx); err != nil {
		return err
	}
	k := call{method: http.MethodDelete, route: "/comments/" + strconv.FormatInt(id, 10)}
	if kind == 'p' {
		k.route = "/posts/" + strconv.FormatInt(id, 10)
	}
	_, err = s.ask(ctx, k, nil)
	if code, _, _ := codeOf(err); code == "rest_trash_not_supported" {
		k.query = url.Values{"force": {"true"}}
		_, err = s.ask(ctx, k, nil)
	}
	if err != nil {
		return s.notTaken(err)
	}
	return nil
}
