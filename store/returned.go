package store

import (
	"context"
	"errors"
	"time"

	"lastword"
)

// clocksApart is how far the clock of the server that gives an answer back may
// be behind ours.
const clocksApart = 2 * time.Minute

// returned undoes what Delivered said of answers that came back: they failed, and
// the circles that they closed are open again. Who releases one again sends it
// anew: it is known not to stand at its network. A report from before the last
// attempt, heard again, changes nothing.
func (h *hearing) returned(ctx context.Context, events []lastword.Event) error {
	for _, e := range events {
		id, err := one(ctx, h.tx, scanInt, `SELECT o.id FROM outbox o JOIN answer a ON a.company = o.company AND a.id = o.id
			WHERE o.company = $1 AND o.native = $2 AND o.native <> '' AND a.network = $3 AND a.state = 'sent' AND o.tried <= $4`,
			h.l.Company, e.Post.Key, e.Post.Network, ms(e.Post.SaidAt.Add(clocksApart)))
		if errors.Is(err, lastword.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := h.reopen(ctx, h.l.Company, id, e.Why); err != nil {
			return err
		}
		h.saved.Returned++
	}
	return nil
}

// reopen makes an answer failed that was taken for sent.
func (t *tx) reopen(ctx context.Context, company, answer int64, why string) error {
	if _, err := t.exec(ctx, `UPDATE answer SET state = 'failed', why = $3, url = '', sent = 0 WHERE company = $1 AND id = $2`,
		company, answer, why); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE outbox SET native = '', attempts = 0 WHERE company = $1 AND id = $2`, company, answer); err != nil {
		return err
	}
	voices, err := collect(ctx, t, scanInt, `SELECT id FROM voice WHERE company = $1 AND answer = $2 AND answer <> 0 AND circle = 2`, company, answer)
	if err != nil {
		return err
	}
	err = t.changing(ctx, company, voices, func() error {
		_, err := t.exec(ctx, `UPDATE voice SET circle = 1, answer = 0 WHERE company = $1 AND answer = $2 AND answer <> 0 AND circle = 2`, company, answer)
		return err
	})
	if err != nil {
		return err
	}
	a, err := one(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a WHERE a.company = $1 AND a.id = $2`, company, answer)
	if err != nil {
		return err
	}
	if err := t.tellAnswer(ctx, lastword.AnswerFailed, a); err != nil {
		return err
	}
	return t.pulse(ctx, company)
}
