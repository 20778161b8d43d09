package store

import (
	"context"
	"fmt"
	"time"

	"lastword"
)

// Outgoing returns a released answer on its way out, cleared anew.
func (db *DB) Outgoing(ctx context.Context, company, answer int64) (lastword.Outgoing, error) {
	var o lastword.Outgoing
	err := db.write(ctx, func(t *tx) error {
		var body []byte
		var digest string
		err := t.queryRow(ctx, `SELECT body, digest, attempts FROM outbox WHERE company = $1 AND id = $2 AND done = 0`,
			company, answer).Scan(&body, &digest, &o.Attempts)
		if err != nil {
			return translate(err)
		}
		a, err := one(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a
			WHERE a.company = $1 AND a.id = $2 AND a.state = 'released'`, company, answer)
		if err != nil {
			return err
		}
		v, err := voiceRow(ctx, t, company, a.Voice)
		if err != nil {
			return err
		}
		o.To = v.Voice
		a.Text = string(body)
		cleared, err := t.clear(ctx, company, []lastword.Answer{a})
		if err != nil {
			return err
		}
		if len(cleared) == 0 || cleared[0].Digest() != digest {
			return fmt.Errorf("answer %d is not released as it stands in the outbox: %w", answer, lastword.ErrForbidden)
		}
		o.Cleared = cleared[0]
		return nil
	})
	return o, err
}

// Attempted counts an attempt, before it is made.
func (db *DB) Attempted(ctx context.Context, company, answer int64, when time.Time) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET attempts = attempts + 1, tried = $3
			WHERE company = $1 AND id = $2 AND done = 0`, company, answer, ms(when))
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return nil
	})
}

// Delivered closes the circle of an answer that stands at its network.
func (db *DB) Delivered(ctx context.Context, company, answer int64, native, url string, when time.Time) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET done = 1, native = $3 WHERE company = $1 AND id = $2 AND done = 0`,
			company, answer, native)
		if err != nil || n == 0 {
			return err // told before: nothing is left to do
		}
		return t.close(ctx, company, answer, url, when)
	})
}

// close marks an answer as sent, and closes its voice and all others of the
// same person in the theme.
func (t *tx) close(ctx context.Context, company, answer int64, url string, when time.Time) error {
	a, err := one(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a WHERE a.company = $1 AND a.id = $2`, company, answer)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE answer SET state = 'sent', why = '', url = $3, sent = $4 WHERE company = $1 AND id = $2`,
		company, answer, url, ms(when))
	if err != nil {
		return err
	}
	voices, err := t.answeredBy(ctx, a)
	if err != nil {
		return err
	}
	err = t.changing(ctx, company, voices, func() error {
		args := []any{company, answer}
		list := inList(t, &args, voices)
		_, err := t.exec(ctx, `UPDATE voice SET circle = 2, answer = $2 WHERE company = $1 AND id IN `+list, args...)
		return err
	})
	if err != nil {
		return err
	}
	if err := t.tellAnswer(ctx, lastword.AnswerDelivered, a); err != nil {
		return err
	}
	return t.pulse(ctx, company)
}

// answeredBy lists the voices that an answer closes.
func (t *tx) answeredBy(ctx context.Context, a lastword.Answer) ([]int64, error) {
	if a.Identity == 0 {
		return []int64{a.Voice}, nil
	}
	ids, err := collect(ctx, t, scanInt, `SELECT v.id FROM voice v WHERE v.company = $1 AND v.theme = $2 AND v.theme <> 0
		AND v.identity IN (SELECT same.id FROM identity i JOIN identity same ON same.company = i.company
			AND same.person = i.person WHERE i.company = $1 AND i.id = $3)
		AND v.id <> $4 AND `+surely+` ORDER BY v.id DESC LIMIT 1000`, a.Company, a.Theme, a.Identity, a.Voice)
	return append(ids, a.Voice), err
}

// Undelivered ends a delivery: the answer becomes failed, handed over or
// withdrawn. The outbox keeps the row, so that a later attempt looks first. An
// answer withdrawn because its voice is gone takes the voice's text with it.
func (db *DB) Undelivered(ctx context.Context, company, answer int64, to lastword.AnswerState, why string) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE outbox SET done = 1 WHERE company = $1 AND id = $2`, company, answer); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE answer SET state = $3, why = $4 WHERE company = $1 AND id = $2 AND state = 'released'`,
			company, answer, to, why)
		if err != nil || n == 0 {
			return err
		}
		if to == lastword.Failed {
			a, err := one(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a WHERE a.company = $1 AND a.id = $2`, company, answer)
			if err == nil {
				err = t.tellAnswer(ctx, lastword.AnswerFailed, a)
			}
			if err != nil {
				return err
			}
		}
		if why == "why.gone" {
			id, err := one(ctx, t, scanInt, `SELECT voice FROM answer WHERE company = $1 AND id = $2`, company, answer)
			if err != nil {
				return err
			}
			if err := t.forgetVoice(ctx, company, id); err != nil {
				return err
			}
		}
		return t.pulse(ctx, company)
	})
}

// GiveByHand closes the circle of an answer that a person gave by hand.
func (db *DB) GiveByHand(ctx context.Context, company, id int64, url string, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		a, err := one(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a
			WHERE a.company = $1 AND a.id = $2`, company, id)
		if err != nil {
			return err
		}
		if a.State != lastword.HandedOver {
			return fmt.Errorf("answer %d is not to be given by hand: %w", id, lastword.ErrConflict)
		}
		if err := t.close(ctx, company, id, url, t.now); err != nil {
			return err
		}
		return t.audit(ctx, e)
	})
}

// Public finds the answer behind a link, over all companies: only one that was
// released is shown to anybody outside.
func (db *DB) Public(ctx context.Context, token string) (lastword.Public, error) {
	var p lastword.Public
	err := db.engine.read(ctx, func(q querier) error {
		a, err := one(ctx, q, scanAnswer, `SELECT `+answerColumns+` FROM answer a
			WHERE a.token = $1 AND a.state IN ('released', 'sent', 'handed')`, token)
		if err != nil {
			return err
		}
		p.Answer = a
		if p.Company, err = company(ctx, q, a.Company); err != nil {
			return err
		}
		v, err := voiceRow(ctx, q, a.Company, a.Voice)
		if err != nil {
			return err
		}
		p.Voice, p.Author = v.Voice, or(v.Who.Handle, v.Who.Name)
		if v.Hidden || v.Private { // whoever has the link may read this
			p.Voice.Text, p.Voice.Title, p.Voice.Wish, p.Author = "", "", "", ""
		}
		if p.Theme, err = theme(ctx, q, a.Company, a.Theme); err != nil {
			return err
		}
		p.Theme.Model, p.Voices = nil, p.Theme.Voices
		id := a.Decision
		if p.Theme.Decision != 0 {
			id = p.Theme.Decision
		}
		p.Decision, err = decision(ctx, q, a.Company, id)
		return err
	})
	return p, err
}

// dueSoon is how long before its time a post that nobody has released is told of.
const dueSoon = 48 * time.Hour

// Totals counts the circle: what waits now, and what was done since.
func (db *DB) Totals(ctx context.Context, company int64, since time.Time) (lastword.Totals, error) {
	var n lastword.Totals
	err := db.engine.read(ctx, func(q querier) error {
		for _, c := range []struct {
			into *int
			text string
			args []any
		}{
			{&n.Heard, `SELECT coalesce(sum(voices), 0) FROM theme_day WHERE company = $1 AND theme = 0 AND day >= $2`, []any{company, day(since)}},
			{&n.Open, `SELECT coalesce(sum(open), 0) FROM theme WHERE company = $1 AND into_id = 0`, []any{company}},
			{&n.Doubtful, `SELECT coalesce(sum(doubtful), 0) FROM theme WHERE company = $1 AND into_id = 0`, []any{company}},
			{&n.Drafts, `SELECT count(*) FROM answer WHERE company = $1 AND state = 'draft'`, []any{company}},
			{&n.Outbox, `SELECT count(*) FROM answer WHERE company = $1 AND state = 'released'`, []any{company}},
			{&n.Handed, `SELECT count(*) FROM answer WHERE company = $1 AND state = 'handed'`, []any{company}},
			{&n.Failed, `SELECT count(*) FROM answer WHERE company = $1 AND state = 'failed'`, []any{company}},
			{&n.Closed, `SELECT count(*) FROM answer WHERE company = $1 AND sent > 0 AND sent >= $2`, []any{company, ms(since)}},
			{&n.Posts, `SELECT count(DISTINCT v.story) FROM version v WHERE v.company = $1
				AND (v.state = 'failed' OR v.state = 'draft' AND v.due > 0 AND v.due < $2)`, []any{company, ms(db.now().Add(dueSoon))}},
			{&n.Decided, `SELECT count(*) FROM decision WHERE company = $1 AND stands >= $2`, []any{company, max(1, ms(since))}},
		} {
			v, err := one(ctx, q, scanInt, c.text, c.args...)
			if err != nil {
				return err
			}
			*c.into = int(v)
		}
		return nil
	})
	return n, err
}
