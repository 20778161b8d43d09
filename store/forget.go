package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"lastword"
)

// grave is what remains of something erased: enough to refuse it, too little to
// know it. The salt is the company's id, so that companies cannot be compared.
func grave(company int64, parts ...string) string {
	mac := hmac.New(sha256.New, []byte(strconv.FormatInt(company, 10)))
	for _, p := range parts {
		mac.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func (h *hearing) graveOfPost(p lastword.Post) string {
	return grave(h.l.Company, "post", p.Network, p.Key)
}

func (h *hearing) graveOfAuthor(p lastword.Post) string {
	return grave(h.l.Company, "author", p.Network, p.Author.Key)
}

// deleted forgets the texts of posts that are gone at their source.
func (h *hearing) deleted(ctx context.Context, events []lastword.Event) error {
	known, err := h.known(ctx, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		v, ok := known[keyOf(e.Post)]
		if !ok || v.gone {
			continue
		}
		if err := h.forgetVoice(ctx, h.l.Company, v.id); err != nil {
			return err
		}
		h.saved.Deleted++
	}
	return nil
}

// accounts does something to each account that is known here.
func (h *hearing) accounts(ctx context.Context, events []lastword.Event, do func(context.Context, int64) error) error {
	for network, keys := range byNetwork(events, authorOf) {
		args := []any{h.l.Company, network}
		in := inList(h, &args, keys)
		ids, err := collect(ctx, h, scanInt, `SELECT id FROM identity
			WHERE company = $1 AND network = $2 AND key IN `+in, args...)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := do(ctx, id); err != nil {
				return err
			}
			h.saved.Deleted++
		}
	}
	return nil
}

// hide takes the voices of an account out of sight, or brings them back.
func (h *hearing) hide(ctx context.Context, identity int64, hidden bool) error {
	_, err := h.exec(ctx, `UPDATE voice SET hidden = $3 WHERE company = $1 AND identity = $2 AND identity <> 0`,
		h.l.Company, identity, bit(hidden))
	return err
}

// eraseIdentity forgets an account and all it said.
func (h *hearing) eraseIdentity(ctx context.Context, identity int64) error {
	return h.erase(ctx, h.l.Company, identity)
}

// erase forgets an identity: its voices, its names, and its person where that
// was the only identity.
func (t *tx) erase(ctx context.Context, company, identity int64) error {
	ids, err := collect(ctx, t, scanInt, `SELECT id FROM voice
		WHERE company = $1 AND identity = $2 AND identity <> 0 AND gone_at = 0`, company, identity)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.forgetVoice(ctx, company, id); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, `UPDATE identity SET handle = '', name = '', url = '' WHERE company = $1 AND id = $2`, company, identity); err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE person SET name = '', note = '' WHERE company = $1
		AND id = (SELECT person FROM identity WHERE company = $1 AND id = $2)
		AND (SELECT count(*) FROM identity i WHERE i.company = $1 AND i.person = person.id) = 1`, company, identity)
	return err
}

// forgetVoice blanks a voice for good. Its row stays, so that counts and the
// decision that it led to can be told; its answer, if not sent, is withdrawn.
func (t *tx) forgetVoice(ctx context.Context, company, id int64) error {
	if err := t.tellGone(ctx, company, id); err != nil {
		return err
	}
	before, err := t.seats(ctx, company, []int64{id})
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE voice SET text = '', title = '', url = '', ref = '', wish = '', gone_at = $3,
		circle = CASE WHEN circle < 2 THEN 3 ELSE circle END WHERE company = $1 AND id = $2`, company, id, ms(t.now))
	if err != nil {
		return err
	}
	if err := t.unindex(ctx, company, id); err != nil {
		return err
	}
	if err := t.disown(ctx, company, id); err != nil {
		return err
	}
	if err := t.teaches(ctx, company, id); err != nil {
		return err
	}
	if err := t.withdrawFor(ctx, company, id, "why.gone"); err != nil {
		return err
	}
	if err := t.reseat(ctx, company, before); err != nil {
		return err
	}
	return t.unname(ctx, company, before)
}

// unname takes the name from themes of which nothing is left, unless a person gave
// it: it is of words that were said.
func (t *tx) unname(ctx context.Context, company int64, seats []seat) error {
	for _, s := range seats {
		_, err := t.exec(ctx, `UPDATE theme SET name = '–' WHERE company = $1 AND id = $2 AND named_by = 0
			AND voices = 0 AND copies = 0`, company, s.theme)
		if err != nil {
			return err
		}
	}
	return nil
}

// withdrawFor withdraws the answers to a voice that have not left the house. One
// that an attempt was made for may already stand at the network: where the voice
// is gone it is left to the outbox to find out, which sends none to such a voice.
func (t *tx) withdrawFor(ctx context.Context, company, voice int64, why string) error {
	left := `state IN ('draft', 'released', 'failed', 'handed')`
	if why == "why.gone" {
		left += ` AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.company = answer.company AND o.id = answer.id
			AND o.done = 0 AND o.attempts > 0)`
	}
	ids, err := collect(ctx, t, scanInt, `SELECT id FROM answer WHERE company = $1 AND voice = $2 AND `+left, company, voice)
	if err != nil || len(ids) == 0 {
		return err
	}
	args := []any{company}
	list := inList(t, &args, ids)
	if _, err := t.exec(ctx, `DELETE FROM outbox WHERE company = $1 AND done = 0 AND id IN `+list, args...); err != nil {
		return err
	}
	args = []any{company, why}
	list = inList(t, &args, ids)
	_, err = t.exec(ctx, `UPDATE answer SET state = 'withdrawn', why = $2 WHERE company = $1 AND id IN `+list, args...)
	return err
}
