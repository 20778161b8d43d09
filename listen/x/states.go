package x

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"lastword"
)

// What is known of accounts that X does not show any more, and how many are asked
// for at once (docs.x.com, GET /2/users).
const (
	awayMost  = 200
	usersMost = 100
)

// states tells what became of the accounts whose posts are not shown any more.
// X says of an account that is suspended or deleted only that it does not show it,
// and of a protected one that it is: the voices of both are hidden, until X shows
// the account to everybody again. Posts that are gone stay gone.
func (a *account) states(ctx context.Context, at *sweepMark, gone []string, today string) (events []lastword.Event, err error) {
	var ask []string
	if at.Back != today { // once a day
		ask = append(ask, at.Away[:min(len(at.Away), usersMost)]...)
	}
	if len(gone) > 0 && a.host.Authors != nil {
		by, err := a.host.Authors(ctx, gone)
		if err != nil {
			return nil, err
		}
		for _, id := range by {
			if isID(id) && !slices.Contains(at.Away, id) {
				ask = append(ask, id)
			}
		}
	}
	slices.Sort(ask)
	ask = slices.Compact(ask)
	ask = ask[:min(len(ask), usersMost)]
	if len(ask) == 0 {
		return nil, nil
	}
	if left, err := a.meter.left(ctx); err != nil || left < int64(len(ask))*a.set.prices.user {
		return nil, err // hearing comes first
	}
	away, there, err := a.users(ctx, ask)
	if err != nil {
		return nil, err
	}
	at.Back = today
	for _, id := range away {
		if !slices.Contains(at.Away, id) {
			at.Away = append(at.Away, id)
			events = append(events, state(lastword.AccountAway, id))
		}
	}
	for _, id := range there {
		if i := slices.Index(at.Away, id); i >= 0 {
			at.Away = slices.Delete(at.Away, i, i+1)
			events = append(events, state(lastword.AccountBack, id))
		}
	}
	at.Away = at.Away[max(0, len(at.Away)-awayMost):]
	return events, nil
}

func state(op lastword.Op, id string) lastword.Event {
	return lastword.Event{Op: op, Post: lastword.Post{Network: network, Author: lastword.Author{Key: id}}}
}

func isID(s string) bool { return s != "" && len(s) <= 19 && strings.Trim(s, "0123456789") == "" }

// users looks accounts up and tells which are away and which everybody may see; of
// one that X says nothing about, neither.
func (a *account) users(ctx context.Context, ids []string) (away, there []string, err error) {
	var said struct {
		Data   []json.RawMessage
		Errors []struct {
			ResourceID string `json:"resource_id"`
		}
	}
	q := url.Values{"ids": {strings.Join(ids, ",")}, "user.fields": {userFields}}
	if err := a.api.get(ctx, "/2/users", q, &said); err != nil {
		return nil, nil, err
	}
	if err := a.meter.spend(ctx, hearing, int64(len(said.Data))*a.set.prices.user); err != nil {
		return nil, nil, err
	}
	for _, raw := range said.Data {
		var u wireUser
		switch {
		case json.Unmarshal(raw, &u) != nil || !slices.Contains(ids, u.ID):
		case u.Protected:
			away = append(away, u.ID)
		default:
			there = append(there, u.ID)
		}
	}
	for _, e := range said.Errors {
		if slices.Contains(ids, e.ResourceID) && !slices.Contains(there, e.ResourceID) && !slices.Contains(away, e.ResourceID) {
			away = append(away, e.ResourceID)
		}
	}
	return away, there, nil
}

// today is a day of UTC, as X counts.
func today(now time.Time) string { return now.UTC().Format(time.DateOnly) }
