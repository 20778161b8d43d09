package mastodon

import (
	"context"
	"errors"
	"maps"
	"slices"

	"lastword"
)

// An author is who said a voice that is looked at again.
type author struct {
	ID  id     `json:"i"` // of the account at the server
	Key string `json:"k"` // as voices name it
}

const maxAway = 40

// states asks for the accounts whose voices are gone, and for those that were away:
// servers tell nobody that an account was deleted or suspended (entities/Account,
// suspended). An account that a server takes for gone for good answers 410; one
// that it does not know any more (404) may come back, and is hidden.
func (v *visit) states(ctx context.Context, gone []id) ([]lastword.Event, error) {
	ask := maps.Clone(v.c.Away)
	if ask == nil {
		ask = map[id]string{}
	}
	for _, i := range gone {
		if a, known := v.c.Authors[i]; known && a.ID != "" {
			ask[a.ID] = a.Key
		}
	}
	var events []lastword.Event
	for _, i := range slices.Sorted(maps.Keys(ask)) {
		op, told, err := v.state(ctx, i)
		if err != nil {
			return events, err
		}
		_, away := v.c.Away[i]
		if !told || op == lastword.AccountBack && !away || op == lastword.AccountAway && away {
			continue
		}
		v.c.away(i, ask[i], op == lastword.AccountAway)
		events = append(events, lastword.Event{Op: op, Post: lastword.Post{Network: network, Author: lastword.Author{Key: ask[i]}}})
	}
	return events, nil
}

// state asks for one account (methods/accounts, GET /api/v1/accounts/:id). Told is
// false where the server says nothing of use.
func (v *visit) state(ctx context.Context, i id) (op lastword.Op, told bool, err error) {
	var a struct {
		ID        id
		Suspended bool
	}
	err = v.client.do(ctx, get("/api/v1/accounts/"+string(i), nil), &a)
	switch code := statusOf(err); {
	case err == nil && a.ID == i && a.Suspended, code == 404:
		return lastword.AccountAway, true, nil
	case err == nil && a.ID == i:
		return lastword.AccountBack, true, nil
	case code == 410:
		return lastword.AccountGone, true, nil
	case code == 401, code == 429, err != nil && code == 0 && !errors.Is(err, errMalformed):
		return 0, false, v.explain(err)
	}
	return 0, false, nil
}

// away remembers an account that may come back, or forgets it.
func (c *cursor) away(i id, key string, is bool) {
	if !is {
		delete(c.Away, i)
		return
	}
	if len(c.Away) >= maxAway {
		return
	}
	if c.Away == nil {
		c.Away = map[id]string{}
	}
	c.Away[i] = key
}
