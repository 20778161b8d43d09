package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
)

const (
	pageSize  = 100
	pagesMost = 20 // that are fetched to fill one gap
)

// messages is a stretch of a room, newest first (GET /rooms/{roomId}/messages).
type messages struct {
	Chunk []json.RawMessage `json:"chunk"`
	State []json.RawMessage `json:"state"`
	End   string            `json:"end"` // none: nothing lies before it
}

// roomFilter is filter for a stretch of a room.
var roomFilter = asJSON(map[string]any{"types": kinds, "lazy_load_members": true, "include_redundant_members": true})

// missed fetches what a sync left out of a room, oldest first: all until the
// cursor; of a room that is new to us, what is not older than is wanted. What is
// too much is told with its bounds.
func (s *source) missed(ctx context.Context, room, from string, c cursor, fresh bool) ([]json.RawMessage, error) {
	var back []json.RawMessage
	until := c.Since
	oldest := time.Time{}
	if fresh {
		until, oldest = "", s.host.Now().Add(-s.back)
	}
	for range pagesMost {
		page, err := s.page(ctx, room, from, until, roomFilter)
		if errors.Is(err, lastword.ErrForbidden) || errors.Is(err, lastword.ErrNotFound) {
			break // gone out of the room meanwhile
		}
		if err != nil {
			return nil, err
		}
		s.state(room, page.State)
		back = append(back, page.Chunk...)
		if page.End == "" || page.End == from || len(page.Chunk) == 0 || beyond(page.Chunk, oldest) {
			slices.Reverse(back)
			return back, nil
		}
		from = page.End
	}
	slices.Reverse(back)
	if !fresh {
		s.host.Dropped(Gap, room+" "+time.Unix(c.Seen, 0).UTC().Format(time.RFC3339)+" – "+firstOf(back))
	}
	return back, nil
}

func (s *source) page(ctx context.Context, room, from, until, only string) (messages, error) {
	q := url.Values{"dir": {"b"}, "limit": {strconv.Itoa(pageSize)}, "filter": {only}}
	if from != "" {
		q.Set("from", from)
	}
	if until != "" {
		q.Set("to", until)
	}
	var page messages
	err := s.ask(ctx, get(v3+"/rooms/"+url.PathEscape(room)+"/messages", q), &page)
	if len(page.Chunk) > 2*pageSize {
		page.Chunk = page.Chunk[:2*pageSize]
	}
	return page, err
}

// beyond reports whether a stretch reaches back before a time.
func beyond(chunk []json.RawMessage, oldest time.Time) bool {
	if oldest.IsZero() {
		return false
	}
	w, ok := readEvent(chunk[len(chunk)-1])
	return ok && time.UnixMilli(w.At).Before(oldest)
}

// firstOf says when a stretch begins.
func firstOf(raw []json.RawMessage) string {
	for _, r := range raw {
		if w, ok := readEvent(r); ok && w.At > 0 {
			return time.UnixMilli(w.At).UTC().Format(time.RFC3339)
		}
	}
	return "?"
}

// look reads one event.
func (s *source) look(ctx context.Context, room, id string) (w wireEvent, err error) {
	var raw json.RawMessage
	if err := s.ask(ctx, get(v3+"/rooms/"+url.PathEscape(room)+"/event/"+url.PathEscape(id), nil), &raw); err != nil {
		return w, err
	}
	w, ok := readEvent(raw)
	if !ok {
		return w, lastword.ErrNotFound
	}
	return w, nil
}

// invitations accepts those that the settings allow, and tells of the others.
func (s *source) invitations(ctx context.Context, all map[string]invited) error {
	for _, room := range sorted(all) {
		by := s.inviter(all[room].State.Events)
		if by == "" || !s.join.accept(by) {
			s.host.Dropped(Invited, room[:min(len(room), maxID)]+" "+by)
			continue
		}
		_, server, _ := strings.Cut(by, ":")
		// Old and new name of the same parameter (v1.12).
		q := url.Values{"server_name": {server}, "via": {server}}
		err := s.ask(ctx, request{method: http.MethodPost, path: v3 + "/join/" + url.PathEscape(room), query: q, body: struct{}{}}, nil)
		var no *refusal
		if errors.As(err, &no) && !errors.Is(err, lastword.ErrDenied) && !errors.Is(err, lastword.ErrUnavailable) {
			s.host.Dropped(NotJoined, room[:min(len(room), maxID)])
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inviter finds who invited us.
func (s *source) inviter(raw []json.RawMessage) string {
	for _, r := range raw {
		w, ok := readEvent(r)
		if !ok || w.Type != "m.room.member" || w.StateKey == nil || *w.StateKey != s.user {
			continue
		}
		var c struct {
			Membership string `json:"membership"`
		}
		if json.Unmarshal(w.Content, &c) == nil && c.Membership == "invite" {
			return w.Sender
		}
	}
	return ""
}

// encrypted reports whether a room is encrypted end to end: then nothing that we
// could say there would be.
func (s *source) encrypted(ctx context.Context, room string) (bool, error) {
	err := s.ask(ctx, get(v3+"/rooms/"+url.PathEscape(room)+"/state/m.room.encryption/", nil), nil)
	if errors.Is(err, lastword.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// roomID finds the room behind an alias.
func (s *source) roomID(ctx context.Context) (string, error) {
	switch {
	case s.room == "":
		return "", mistake(fieldRoom, "noroom")
	case strings.HasPrefix(s.room, "!"):
		return s.room, nil
	}
	var found struct {
		Room string `json:"room_id"`
	}
	err := s.ask(ctx, get(v3+"/directory/room/"+url.PathEscape(s.room), nil), &found)
	if errors.Is(err, lastword.ErrNotFound) || err == nil && !strings.HasPrefix(found.Room, "!") {
		return "", mistake(fieldRoom, "noalias")
	}
	return found.Room, err
}
