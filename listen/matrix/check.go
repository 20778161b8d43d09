package matrix

import (
	"context"
	"errors"
	"net/url"

	"lastword"
	"lastword/listen"
)

// Check implements listen.Checker: whose token it is, and what it may do in the
// room for own posts.
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	var who struct {
		User string `json:"user_id"`
	}
	if err := s.ask(ctx, get(v3+"/account/whoami", nil), &who); err != nil {
		return nil, err
	}
	if who.User != s.user {
		return nil, &lastword.Mistake{Key: "connector.matrix.error.another", Field: fieldUser, Kind: lastword.ErrDenied}
	}
	publish, err := s.publishes(ctx)
	if err != nil {
		return nil, err
	}
	return []listen.Ability{
		{Name: "hear", Can: true}, {Name: "stream", Can: true}, {Name: "search", Why: "why.matrix_search"}, {Name: "reply", Can: true}, publish,
		{Name: "edit", Can: true}, {Name: "delete", Can: true},
	}, nil
}

// publishes asks whether the account may speak in the room for own posts.
func (s *source) publishes(ctx context.Context) (listen.Ability, error) {
	a := listen.Ability{Name: "publish", Why: "why.matrix_no_room"}
	room, err := s.roomID(ctx)
	var wrong *lastword.Mistake
	if errors.As(err, &wrong) && !errors.Is(err, lastword.ErrDenied) && !errors.Is(err, lastword.ErrUnavailable) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	closed, err := s.encrypted(ctx, room)
	if errors.Is(err, lastword.ErrForbidden) {
		return a, nil // not in it
	}
	if closed {
		a.Why = "why.matrix_encrypted"
	}
	if err != nil || closed {
		return a, err
	}
	a.Can, err = s.speaks(ctx, room)
	a.Why = "why.matrix_forbidden"
	return a, err
}

// speaks reads the power levels of a room ("m.room.power_levels"): without them,
// everybody may.
func (s *source) speaks(ctx context.Context, room string) (bool, error) {
	var levels struct {
		Users   map[string]int64 `json:"users"`
		Default int64            `json:"users_default"`
		Events  map[string]int64 `json:"events"`
		Needed  int64            `json:"events_default"`
	}
	err := s.ask(ctx, get(v3+"/rooms/"+url.PathEscape(room)+"/state/m.room.power_levels/", nil), &levels)
	if errors.Is(err, lastword.ErrNotFound) {
		return true, nil
	}
	if errors.Is(err, lastword.ErrForbidden) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	have, known := levels.Users[s.user]
	if !known {
		have = levels.Default
	}
	need, known := levels.Events["m.room.message"]
	if !known {
		need = levels.Needed
	}
	return have >= need, nil
}
