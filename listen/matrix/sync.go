package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/httpx"
	"lastword/internal/text"
	"lastword/listen"
)

const (
	patience = 25 * time.Second // that the server lets a question wait (sync, timeout)
	shown    = 20               // events of a room that it shows at once
	mostHeld = 20_000           // events in one batch
)

// A cursor is how far was heard.
type cursor struct {
	Since string `json:"s"`           // next_batch
	Seen  int64  `json:"t,omitempty"` // when that was, Unix seconds
}

func parseCursor(at string) (c cursor, err error) {
	if at == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(at), &c); err != nil {
		return c, fmt.Errorf("matrix: cursor: %w", err)
	}
	return c, nil
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // a string and a number
	}
	return string(b)
}

// kinds are the types of events that are asked for; of others nothing is heard.
var kinds = []string{"m.room.message", "m.room.encrypted", "m.room.redaction", "m.room.member", "m.room.join_rules"}

// filter spares the server, and us, all that is not needed ("Filtering").
var filter = asJSON(map[string]any{
	"presence": none, "account_data": none,
	"room": map[string]any{
		"account_data": none, "ephemeral": none,
		"state":    map[string]any{"types": []string{"m.room.member", "m.room.join_rules", "m.room.create"}, "lazy_load_members": true, "include_redundant_members": true},
		"timeline": map[string]any{"types": kinds, "limit": shown, "lazy_load_members": true},
	},
})

var none = map[string]any{"types": []string{}}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps and strings only
	}
	return string(b)
}

// A synced is what happened since the cursor (GET /sync).
type synced struct {
	Next  string `json:"next_batch"`
	Rooms struct {
		Join   map[string]joined          `json:"join"`
		Invite map[string]invited         `json:"invite"`
		Leave  map[string]json.RawMessage `json:"leave"`
	} `json:"rooms"`
}

type joined struct {
	State struct {
		Events []json.RawMessage `json:"events"`
	} `json:"state"`
	Timeline struct {
		Events  []json.RawMessage `json:"events"`
		Limited bool              `json:"limited"`
		Before  string            `json:"prev_batch"`
	} `json:"timeline"`
}

type invited struct {
	State struct {
		Events []json.RawMessage `json:"events"`
	} `json:"invite_state"`
}

// Poll implements listen.Source: what happened until now.
func (s *source) Poll(ctx context.Context, at string, hear listen.Hear) error {
	c, err := parseCursor(at)
	if err != nil {
		return err
	}
	for {
		before := c.Since
		n, err := s.round(ctx, &c, 0, hear)
		if err != nil || n == 0 || c.Since == before {
			return err
		}
	}
}

// Stream implements listen.Streamer: questions that wait until something happens.
func (s *source) Stream(ctx context.Context, at string, hear listen.Hear) error {
	c, err := parseCursor(at)
	if err != nil {
		return err
	}
	wait := time.Duration(0) // what happened meanwhile comes at once
	for {
		if _, err := s.round(ctx, &c, wait, hear); err != nil {
			return err
		}
		wait = patience
	}
}

// round asks once, and hands over what came, with what the server left out of
// it. It returns how many rooms had something.
func (s *source) round(ctx context.Context, c *cursor, wait time.Duration, hear listen.Hear) (int, error) {
	got, err := s.sync(ctx, *c, wait)
	if err != nil {
		return 0, err
	}
	var events []lastword.Event
	for _, room := range sorted(got.Rooms.Join) {
		if len(events) >= mostHeld {
			s.host.Dropped(Gap, room)
			continue
		}
		more, err := s.heard(ctx, room, got.Rooms.Join[room], *c)
		if err != nil {
			return 0, err
		}
		events = append(events, more...)
	}
	if err := s.invitations(ctx, got.Rooms.Invite); err != nil {
		return 0, err
	}
	for room, raw := range got.Rooms.Leave {
		s.left(room, raw, c.Since)
	}
	slices.SortStableFunc(events, func(a, b lastword.Event) int { return order(a).Compare(order(b)) })
	next := cursor{Since: got.Next, Seen: s.host.Now().Unix()}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if next.Since != c.Since || len(events) > 0 {
		if err := hear(ctx, events, next.String()); err != nil {
			return 0, err
		}
	}
	first := c.Since == ""
	*c = next
	if first { // a first look shows everything that there is
		return 0, ctx.Err()
	}
	return len(got.Rooms.Join) + len(got.Rooms.Invite), ctx.Err()
}

// order sorts what was said by its time; deletions come after all of it.
func order(e lastword.Event) time.Time {
	if e.Op == lastword.Deleted {
		return time.Unix(1<<40, 0)
	}
	return e.Post.SaidAt
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// sync asks what happened. A server that does not know the cursor any more is
// asked from the beginning, and what may be missing is told.
func (s *source) sync(ctx context.Context, c cursor, wait time.Duration) (got synced, err error) {
	ask := func(since string) error {
		q := url.Values{"filter": {filter}, "timeout": {strconv.FormatInt(wait.Milliseconds(), 10)}}
		if since != "" {
			q.Set("since", since)
		}
		waiting := ctx
		if wait > 0 {
			waiting = httpx.Waiting(ctx)
		}
		return s.ask(waiting, get(v3+"/sync", q), &got)
	}
	err = ask(c.Since)
	var no *refusal
	if c.Since != "" && errors.As(err, &no) && no.Status == http.StatusBadRequest {
		s.host.Dropped(Gap, "– "+time.Unix(c.Seen, 0).UTC().Format(time.RFC3339)+" …")
		got = synced{}
		err = ask("")
	}
	if errors.Is(err, lastword.ErrForbidden) {
		return got, fmt.Errorf("%v: %w", err, &lastword.Mistake{Key: "connector.matrix.error.refused", Field: fieldToken, Kind: lastword.ErrDenied})
	}
	if err == nil && got.Next == "" {
		err = fmt.Errorf("matrix: a sync without an end: %w", lastword.ErrUnavailable)
	}
	return got, err
}

// heard makes events of what one room had.
func (s *source) heard(ctx context.Context, room string, j joined, c cursor) ([]lastword.Event, error) {
	if !strings.HasPrefix(room, "!") || len(room) > maxID || strings.Contains(room, "/") {
		s.host.Dropped(Unreadable, room)
		return nil, nil
	}
	raw := j.Timeline.Events
	fresh := s.state(room, j.State.Events) || c.Since == ""
	if j.Timeline.Limited && j.Timeline.Before != "" {
		missed, err := s.missed(ctx, room, j.Timeline.Before, c, fresh)
		if err != nil {
			return nil, err
		}
		raw = append(missed, raw...)
	}
	s.state(room, raw)
	if len(raw) == 0 {
		return nil, nil
	}
	public, err := s.public(ctx, room)
	if err != nil {
		return nil, err
	}
	since := time.Time{}
	if fresh {
		since = s.host.Now().Add(-s.back)
	}
	return s.events(ctx, scene{room, public}, raw, since)
}

// events makes events of those that were said since a time.
func (s *source) events(ctx context.Context, in scene, raw []json.RawMessage, since time.Time) ([]lastword.Event, error) {
	var events []lastword.Event
	for _, r := range raw {
		w, ok := readEvent(r)
		if !ok {
			s.host.Dropped(Unreadable, in.room)
			continue
		}
		if time.UnixMilli(w.At).Before(since) {
			continue
		}
		e, heard, drop, err := s.event(ctx, in, w)
		if err != nil {
			return nil, err
		}
		if heard {
			events = append(events, e)
		}
		if drop != "" {
			s.host.Dropped(drop, keyOf(in.room, w.ID))
		}
	}
	return events, nil
}

// state takes from events what they tell of the room: the names of its members
// (which a server tells once, not with every message), whether it is public. It
// reports whether the room is new to us: only then is its
// beginning told (sync, "state").
func (s *source) state(room string, raw []json.RawMessage) (fresh bool) {
	for _, r := range raw {
		w, ok := readEvent(r)
		if !ok || w.StateKey == nil {
			continue
		}
		var c struct {
			Name string `json:"displayname"`
			Rule string `json:"join_rule"`
		}
		if json.Unmarshal(w.Content, &c) != nil {
			continue
		}
		switch w.Type {
		case "m.room.create":
			fresh = true
		case "m.room.member":
			s.named(room, *w.StateKey, text.CleanTo(c.Name, maxName))
		case "m.room.join_rules":
			s.mu.Lock()
			s.rooms[room] = c.Rule == "public"
			s.mu.Unlock()
		}
	}
	return fresh
}

// named remembers how a member of a room calls themselves.
func (s *source) named(room, user, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= remembered {
		clear(s.names)
	}
	s.names[keyOf(room, user)] = name
}

// nameOf tells the name of a member; it is asked for where it was not told in this
// run. Words are heard without a name rather than late.
func (s *source) nameOf(ctx context.Context, room, user string) string {
	s.mu.Lock()
	name, known := s.names[keyOf(room, user)]
	s.mu.Unlock()
	if known {
		return name
	}
	var member struct {
		Name string `json:"displayname"`
	}
	err := s.ask(ctx, get(v3+"/rooms/"+url.PathEscape(room)+"/state/m.room.member/"+url.PathEscape(user), nil), &member)
	if err != nil && !errors.Is(err, lastword.ErrNotFound) && !errors.Is(err, lastword.ErrForbidden) {
		return ""
	}
	name = text.CleanTo(member.Name, maxName)
	s.named(room, user, name)
	return name
}

// public asks, once in a run, whether everybody may come in and read.
func (s *source) public(ctx context.Context, room string) (bool, error) {
	s.mu.Lock()
	public, known := s.rooms[room]
	s.mu.Unlock()
	if known {
		return public, nil
	}
	var rule struct {
		Rule string `json:"join_rule"`
	}
	err := s.ask(ctx, get(v3+"/rooms/"+url.PathEscape(room)+"/state/m.room.join_rules/", nil), &rule)
	if err != nil && !errors.Is(err, lastword.ErrNotFound) && !errors.Is(err, lastword.ErrForbidden) {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rooms[room] = rule.Rule == "public"
	return s.rooms[room], nil
}

// left tells that the account was taken out of a room; not of what was over before
// the channel began.
func (s *source) left(room string, raw json.RawMessage, since string) {
	if since == "" {
		return
	}
	s.host.Dropped(Removed, room[:min(len(room), maxID)])
}
