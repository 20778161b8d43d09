package store

import (
	"context"
	"fmt"
	"slices"

	"lastword"
)

var answerColumns = columns("a", "company", "id", "voice", "identity", "theme", "decision", "channel", "network", "lang",
	"text", "state", "edited_by", "why", "token", "url", "made", "released", "sent")

func answerFields(a *lastword.Answer) (fields []any, done func()) {
	var made, released, sent int64
	return []any{&a.Company, &a.ID, &a.Voice, &a.Identity, &a.Theme, &a.Decision, &a.Channel, &a.Network, &a.Lang,
			&a.Text, &a.State, &a.EditedBy, &a.Why, &a.Token, &a.URL, &made, &released, &sent}, func() {
			a.Made, a.Released, a.Sent = at(made), at(released), at(sent)
		}
}

func scanAnswer(r row) (a lastword.Answer, err error) {
	fields, done := answerFields(&a)
	err = r.Scan(fields...)
	done()
	return a, err
}

func scanAnswerRow(r row) (a lastword.AnswerRow, err error) {
	var v lastword.VoiceRow
	fields, answerDone := answerFields(&a.Answer)
	more, voiceDone := rowFields(&v)
	err = r.Scan(append(append(fields, more...), &a.Consents)...)
	answerDone()
	voiceDone()
	a.Voice, a.Who, a.ThemeName = v.Voice, v.Who, v.ThemeName
	return a, err
}

// answerRows reads answers with the voices that they go back to. How many
// directors consented is told for drafts only: it matters to nothing else.
var answerRows = `SELECT ` + answerColumns + `, ` + rowColumns + `,
	CASE WHEN a.state = 'draft' THEN (SELECT count(*) FROM release r WHERE r.company = a.company
		AND r.subject = 'answer' AND r.id = a.id) ELSE 0 END
	FROM answer a JOIN voice v ON v.company = a.company AND v.id = a.voice` + rowJoins

// AnswerRow returns an answer with its voice.
func (db *DB) AnswerRow(ctx context.Context, company, id int64) (lastword.AnswerRow, error) {
	var a lastword.AnswerRow
	err := db.engine.read(ctx, func(q querier) (err error) {
		a, err = one(ctx, q, scanAnswerRow, answerRows+` WHERE a.company = $1 AND a.id = $2`, company, id)
		return err
	})
	return a, err
}

// Answers lists answers, newest first.
func (db *DB) Answers(ctx context.Context, company int64, f lastword.AnswerFilter) ([]lastword.AnswerRow, error) {
	w := &wanted{engine: db.engine.dialect(), company: company}
	w.and("a.company = ?", company)
	in(w, "a.state", f.State)
	if f.Decision != 0 {
		w.and("a.decision = ?", f.Decision)
	}
	if f.Theme != 0 {
		w.and("a.theme = ?", f.Theme)
	}
	if f.Person != 0 {
		w.and("a.identity IN (SELECT id FROM identity WHERE company = ? AND person = ?)", company, f.Person)
	}
	if f.Before != 0 {
		w.and("a.id < ?", f.Before)
	}
	w.args = append(w.args, limit(f.Limit))
	return db.answers(ctx, w.where()+fmt.Sprintf(` ORDER BY a.id DESC LIMIT $%d`, len(w.args)), w.args...)
}

// AnswersOf lists the answers to a decision that are in one state, newest first,
// without their voices; decision 0 is all.
func (db *DB) AnswersOf(ctx context.Context, company, decision int64, state lastword.AnswerState, most int) ([]lastword.Answer, error) {
	var as []lastword.Answer
	err := db.engine.read(ctx, func(q querier) (err error) {
		as, err = collect(ctx, q, scanAnswer, `SELECT `+answerColumns+` FROM answer a WHERE a.company = $1
			AND ($2 = 0 OR a.decision = $2) AND a.state = $3 ORDER BY a.id DESC LIMIT $4`, company, decision, state, limit(most))
		return err
	})
	return as, err
}

// AnswersTo lists the answers to one voice, newest first.
func (db *DB) AnswersTo(ctx context.Context, company, voice int64) ([]lastword.AnswerRow, error) {
	return db.answers(ctx, ` WHERE a.company = $1 AND (a.voice = $2 OR a.id = (SELECT answer FROM voice
		WHERE company = $1 AND id = $2 AND answer <> 0)) ORDER BY a.id DESC LIMIT 50`, company, voice)
}

// RepliedTo returns the answer of ours that a voice replies to; lastword.ErrNotFound
// where it replies to none.
func (db *DB) RepliedTo(ctx context.Context, company, voice int64) (lastword.AnswerRow, error) {
	as, err := db.answers(ctx, ` JOIN outbox o ON o.company = a.company AND o.id = a.id
		WHERE a.company = $1 AND o.native <> '' AND o.native = (SELECT r.parent FROM voice r WHERE r.company = $1 AND r.id = $2)
		AND a.network = (SELECT r.network FROM voice r WHERE r.company = $1 AND r.id = $2) LIMIT 1`, company, voice)
	if err == nil && len(as) == 0 {
		return lastword.AnswerRow{}, fmt.Errorf("voice %d replies to no answer: %w", voice, lastword.ErrNotFound)
	}
	if err != nil {
		return lastword.AnswerRow{}, err
	}
	return as[0], nil
}

func (db *DB) answers(ctx context.Context, rest string, args ...any) ([]lastword.AnswerRow, error) {
	var as []lastword.AnswerRow
	err := db.engine.read(ctx, func(q querier) (err error) {
		as, err = collect(ctx, q, scanAnswerRow, answerRows+rest, args...)
		return err
	})
	return as, err
}

// AnswerCounts counts a decision's answers by state; decision 0 is all.
func (db *DB) AnswerCounts(ctx context.Context, company, decision int64) (map[lastword.AnswerState]int, error) {
	type count struct {
		state lastword.AnswerState
		many  int
	}
	scan := func(r row) (c count, err error) { return c, r.Scan(&c.state, &c.many) }
	counts := map[lastword.AnswerState]int{}
	err := db.engine.read(ctx, func(q querier) error {
		all, err := collect(ctx, q, scan, `SELECT state, count(*) FROM answer
			WHERE company = $1 AND (CAST($2 AS BIGINT) = 0 OR decision = $2) GROUP BY state`, company, decision)
		for _, c := range all {
			counts[c.state] = c.many
		}
		return err
	})
	return counts, err
}

// sure is lastword.Sure as the databases read it. An index on doubtful voices
// holds the same number, and serves no statement with another.
const sure = "0.93"

// surely holds for a voice v that may be answered together with its theme.
const surely = `(v.fit >= ` + sure + ` OR v.fit_by <> 0) AND v.circle < 2 AND v.gone_at = 0 AND v.hidden = 0 AND v.own = 0`

// ToAnswer lists the voices that a decision still owes an answer; see
// answer.Desk for the promise.
func (db *DB) ToAnswer(ctx context.Context, company, decision, after int64, most int) ([]lastword.VoiceRow, error) {
	var vs []lastword.VoiceRow
	err := db.engine.read(ctx, func(q querier) (err error) {
		vs, err = collect(ctx, q, scanVoiceRow, `SELECT `+rowColumns+` FROM decision d
			JOIN voice v ON v.company = d.company AND v.theme = d.theme AND v.theme <> 0`+rowJoins+`
			WHERE d.company = $1 AND d.id = $2 AND d.stands > 0 AND d.superseded_by = 0 AND v.id > $3 AND `+surely+`
			AND coalesce(p.objected, 0) = 0
			AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.company = d.company AND a.decision = d.id AND a.voice = v.id)
			AND (v.identity = 0 OR (
				NOT EXISTS (SELECT 1 FROM identity same JOIN answer a ON a.company = same.company
					AND a.decision = d.id AND a.identity = same.id WHERE same.company = d.company AND same.person = i.person)
				AND NOT EXISTS (SELECT 1 FROM identity same JOIN voice l ON l.company = same.company AND l.identity = same.id
					AND l.identity <> 0 AND l.id > v.id WHERE same.company = d.company AND same.person = i.person
					AND l.theme = v.theme AND (l.fit >= `+sure+` OR l.fit_by <> 0) AND l.circle < 2 AND l.gone_at = 0
					AND l.hidden = 0 AND l.own = 0)))
			ORDER BY v.id LIMIT $4`, company, decision, after, most)
		return err
	})
	return vs, err
}

// SaveDrafts keeps drafts for a standing decision, each voice and each person
// once, and returns how many were new.
func (db *DB) SaveDrafts(ctx context.Context, company int64, drafts []lastword.Answer) (int, error) {
	saved := 0
	err := db.write(ctx, func(t *tx) error {
		var args [][]any
		stands := map[int64]bool{}
		for _, a := range drafts {
			if _, asked := stands[a.Decision]; !asked {
				d, err := decision(ctx, t, company, a.Decision)
				if err != nil {
					return err
				}
				stands[a.Decision] = !d.Stands.IsZero() && d.SupersededBy == 0
			}
			if stands[a.Decision] {
				args = append(args, []any{company, a.ID, a.Voice, a.Identity, a.Theme, a.Decision, a.Channel, a.Network,
					a.Lang, a.Text, string(lastword.Draft), a.Why, a.Token, ms(a.Made)})
			}
		}
		fresh, err := t.many(ctx, `INSERT INTO answer (company, id, voice, identity, theme, decision, channel, network,
			lang, text, state, why, token, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT DO NOTHING`, args)
		if err != nil {
			return err
		}
		saved = int(fresh)
		return t.pulse(ctx, company)
	})
	return saved, err
}

// EditAnswer changes the text of a draft, or of a failed answer, which becomes
// a draft again.
func (db *DB) EditAnswer(ctx context.Context, company, id, by int64, text string) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE answer SET text = $3, edited_by = $4, state = 'draft', why = ''
			WHERE company = $1 AND id = $2 AND state IN ('draft', 'failed')`, company, id, text, by)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("answer %d cannot be changed any more: %w", id, lastword.ErrConflict)
		}
		return t.pulse(ctx, company)
	})
}

// ReleaseAnswers records a director's releases and moves what is cleared to the
// outbox; see answer.Desk for the promise.
func (db *DB) ReleaseAnswers(ctx context.Context, company int64, releases []lastword.Release, e lastword.Entry) (lastword.Outcome, error) {
	var out lastword.Outcome
	err := db.write(ctx, func(t *tx) error {
		out = lastword.Outcome{}
		// The entry comes first: it locks the company, so that two directors who
		// release at the same moment see each other's consent.
		if err := t.audit(ctx, e); err != nil {
			return err
		}
		for part := range slices.Chunk(releases, chunk) {
			if err := t.releaseAnswers(ctx, company, part, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (t *tx) releaseAnswers(ctx context.Context, company int64, releases []lastword.Release, out *lastword.Outcome) error {
	given := make(map[int64]lastword.Release, len(releases))
	ids := make([]int64, len(releases))
	for i, r := range releases {
		given[r.ID], ids[i] = r, r.ID
	}
	drafts, err := t.drafts(ctx, company, ids)
	if err != nil {
		return err
	}
	out.Changed += len(releases)
	var shown []lastword.Answer
	var args [][]any
	for _, a := range drafts {
		r := given[a.ID]
		if a.Digest() != r.Digest {
			continue
		}
		shown = append(shown, a)
		args = append(args, []any{company, string(lastword.OfAnswer), a.ID, r.Digest, r.By, ms(t.now)})
	}
	out.Changed -= len(shown)
	_, err = t.many(ctx, `INSERT INTO release (company, subject, id, digest, by, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (company, subject, id, digest, by) DO NOTHING`, args)
	if err != nil || len(shown) == 0 {
		return err
	}
	cleared, err := t.clear(ctx, company, shown)
	if err != nil {
		return err
	}
	out.Waiting += len(shown) - len(cleared)
	return t.sendOut(ctx, company, cleared, out)
}

// drafts loads the answers that are still drafts, of voices that are still there.
func (t *tx) drafts(ctx context.Context, company int64, ids []int64) ([]lastword.Answer, error) {
	args := []any{company}
	list := inList(t, &args, ids)
	return collect(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a
		WHERE a.company = $1 AND a.state = 'draft' AND a.id IN `+list, args...)
}

// clear asks for the last word on each answer and returns those that may go.
func (t *tx) clear(ctx context.Context, id int64, answers []lastword.Answer) ([]lastword.Cleared, error) {
	c, err := company(ctx, t, id)
	if err != nil {
		return nil, err
	}
	who, err := members(ctx, t, id)
	if err != nil {
		return nil, err
	}
	given, err := t.releasesOf(ctx, id, answers)
	if err != nil {
		return nil, err
	}
	var cleared []lastword.Cleared
	for _, a := range answers {
		if ok, err := lastword.Clear(c, who, given[a.ID], a); err == nil {
			cleared = append(cleared, ok)
		}
	}
	return cleared, nil
}

func (t *tx) releasesOf(ctx context.Context, company int64, answers []lastword.Answer) (map[int64][]lastword.Release, error) {
	ids := make([]int64, len(answers))
	for i, a := range answers {
		ids[i] = a.ID
	}
	args := []any{company, lastword.OfAnswer}
	list := inList(t, &args, ids)
	all, err := collect(ctx, t, scanRelease, `SELECT company, subject, id, digest, by, at FROM release
		WHERE company = $1 AND subject = $2 AND id IN `+list, args...)
	given := map[int64][]lastword.Release{}
	for _, r := range all {
		given[r.ID] = append(given[r.ID], r)
	}
	return given, err
}

// sendOut puts cleared answers into the outbox, or hands them over where no
// channel can carry them. An outbox row that is there already keeps its count of
// attempts: the network is asked before another one is made.
func (t *tx) sendOut(ctx context.Context, company int64, cleared []lastword.Cleared, out *lastword.Outcome) error {
	var rows, states [][]any
	var next []lastword.Job
	for _, c := range cleared {
		a, ok := c.Answer()
		if !ok {
			continue
		}
		state := lastword.Released
		if a.Channel == 0 {
			state = lastword.HandedOver
			out.Handed++
		} else {
			out.Released++
			rows = append(rows, []any{company, a.ID, a.Channel, []byte(a.Text), c.Digest()})
			next = append(next, lastword.Job{Kind: lastword.Deliver, Company: company, IDs: []int64{a.ID}})
		}
		states = append(states, []any{company, a.ID, string(state), ms(t.now)})
	}
	if _, err := t.many(ctx, `INSERT INTO outbox (company, id, channel, body, digest) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (company, id) DO UPDATE SET channel = excluded.channel, body = excluded.body,
		digest = excluded.digest, done = 0`, rows); err != nil {
		return err
	}
	if _, err := t.many(ctx, `UPDATE answer SET state = $3, released = $4 WHERE company = $1 AND id = $2`, states); err != nil {
		return err
	}
	return t.enqueue(ctx, next)
}

// MoveAnswers takes answers from one of the states to another; see answer.Desk
// for the promise.
func (db *DB) MoveAnswers(ctx context.Context, company int64, ids []int64, from []lastword.AnswerState, to lastword.AnswerState, why string, e lastword.Entry) (int, error) {
	moved := 0
	err := db.write(ctx, func(t *tx) error {
		moved = 0
		for part := range slices.Chunk(ids, chunk) {
			n, err := t.moveAnswers(ctx, company, part, from, to, why)
			if err != nil {
				return err
			}
			moved += n
		}
		if moved == 0 {
			return nil
		}
		return t.audit(ctx, e)
	})
	return moved, err
}

func (t *tx) moveAnswers(ctx context.Context, company int64, ids []int64, from []lastword.AnswerState, to lastword.AnswerState, why string) (int, error) {
	args := []any{company}
	list := inList(t, &args, ids)
	states := inList(t, &args, from)
	// What an attempt was made for may stand at the network already.
	movable, err := collect(ctx, t, scanAnswer, `SELECT `+answerColumns+` FROM answer a WHERE a.company = $1
		AND a.id IN `+list+` AND a.state IN `+states+` AND NOT (a.state = 'released' AND EXISTS (
			SELECT 1 FROM outbox o WHERE o.company = a.company AND o.id = a.id AND o.attempts > 0))`, args...)
	if err != nil {
		return 0, err
	}
	for _, a := range movable {
		if err := t.moveAnswer(ctx, a, to, why); err != nil {
			return 0, err
		}
	}
	return len(movable), nil
}

func (t *tx) moveAnswer(ctx context.Context, a lastword.Answer, to lastword.AnswerState, why string) error {
	_, err := t.exec(ctx, `UPDATE answer SET state = $3, why = $4 WHERE company = $1 AND id = $2`, a.Company, a.ID, to, why)
	if err != nil {
		return err
	}
	if a.State == lastword.Released {
		if _, err := t.exec(ctx, `DELETE FROM outbox WHERE company = $1 AND id = $2 AND attempts = 0`, a.Company, a.ID); err != nil {
			return err
		}
		// A consent that was taken back must not count later.
		_, err := t.exec(ctx, `DELETE FROM release WHERE company = $1 AND subject = $2 AND id = $3`, a.Company, lastword.OfAnswer, a.ID)
		if err != nil {
			return err
		}
	}
	if to != lastword.Withdrawn {
		return nil
	}
	return t.changing(ctx, a.Company, []int64{a.Voice}, func() error {
		_, err := t.exec(ctx, `UPDATE voice SET circle = 0 WHERE company = $1 AND id = $2 AND circle = 1`, a.Company, a.Voice)
		return err
	})
}
