package store

import (
	"context"
	"fmt"
	"slices"

	"lastword"
)

// CorrectVoice sets the kinds and the feeling of a voice by a person's word, which
// teaches from then on.
func (db *DB) CorrectVoice(ctx context.Context, m lastword.Member, voice int64, k lastword.Kinds, f lastword.Feeling) error {
	return db.write(ctx, func(t *tx) error {
		v, err := voiceRow(ctx, t, m.Company, voice)
		if err != nil {
			return err
		}
		was, now := lastword.Meaning{Kinds: v.Kinds, Feeling: v.Feeling}, lastword.Meaning{Kinds: k, Feeling: f}
		if err := t.mean(ctx, m.Company, voice, now, m.ID); err != nil {
			return err
		}
		if err := t.corrected(ctx, m, voice, "kinds", was.String(), now.String()); err != nil {
			return err
		}
		if err := t.teaches(ctx, m.Company, voice); err != nil {
			return err
		}
		next := []lastword.Job{{Kind: lastword.Reread, Company: m.Company}}
		if v.Theme == 0 && k != 0 {
			next = append(next, lastword.Job{Kind: lastword.Gather, Company: m.Company, IDs: []int64{voice}})
		}
		if err := t.enqueue(ctx, next); err != nil {
			return err
		}
		return t.pulse(ctx, m.Company)
	})
}

// mean sets what a voice means by the word of a member; by 0 it is the machine's
// again. Who means something by it wants it in the circle.
func (t *tx) mean(ctx context.Context, company, voice int64, m lastword.Meaning, by int64) error {
	return t.changing(ctx, company, []int64{voice}, func() error {
		_, err := t.exec(ctx, `UPDATE voice SET kinds = $3, feeling = $4, kinds_by = $5,
			circle = CASE WHEN circle = 3 AND (about < 0.5 OR notice >= `+announced+`) AND CAST($5 AS BIGINT) <> 0 THEN 0 ELSE circle END
			WHERE company = $1 AND id = $2`, company, voice, int64(m.Kinds), int64(m.Feeling), by)
		return err
	})
}

// corrected keeps a correction, to learn from and to undo.
func (t *tx) corrected(ctx context.Context, m lastword.Member, voice int64, what, was, now string) error {
	_, err := t.exec(ctx, `INSERT INTO correction (company, id, voice, what, was, now, by, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, m.Company, t.db.NewID(), voice, what, was, now, m.ID, ms(t.now))
	return err
}

// teaches says that what a company teaches has changed, if the voice is one that
// a person corrected.
func (t *tx) teaches(ctx context.Context, company, voice int64) error {
	_, err := t.exec(ctx, `UPDATE company SET taught = taught + 1 WHERE id = $1 AND EXISTS
		(SELECT 1 FROM correction WHERE company = $1 AND voice = $2 AND what = 'kinds' AND undone = 0)`, company, voice)
	return err
}

// UndoCorrection takes a correction of kinds or feeling back: it teaches no more,
// and its voice means what the last one that holds says, or else what the machine
// reads anew. lastword.ErrConflict: it was undone already.
func (db *DB) UndoCorrection(ctx context.Context, m lastword.Member, id int64) error {
	return db.write(ctx, func(t *tx) error {
		all, err := t.corrections(ctx, m.Company, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(c lastword.Correction) bool { return c.ID == id })
		if at < 0 {
			return fmt.Errorf("correction %d: %w", id, lastword.ErrNotFound)
		}
		c := all[at]
		if !c.Undone.IsZero() {
			return fmt.Errorf("correction %d is undone: %w", id, lastword.ErrConflict)
		}
		if err := t.teaches(ctx, m.Company, c.Of.ID); err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE correction SET undone = $3, undone_by = $4 WHERE company = $1 AND id = $2`,
			m.Company, id, ms(t.now), m.ID)
		if err != nil {
			return err
		}
		next := []lastword.Job{{Kind: lastword.Reread, Company: m.Company}}
		more, err := t.meanAgain(ctx, m.Company, slices.Delete(all, at, at+1), c)
		if err != nil {
			return err
		}
		if err := t.enqueue(ctx, append(next, more...)); err != nil {
			return err
		}
		return t.pulse(ctx, m.Company)
	})
}

// corrections lists those of the same voice and matter as one of them, oldest
// first. Of their voice only the id is filled in.
func (t *tx) corrections(ctx context.Context, company, id int64) ([]lastword.Correction, error) {
	scan := func(r row) (c lastword.Correction, err error) {
		err = scanCorrection(r, &c, &c.Of.ID)
		return c, err
	}
	return collect(ctx, t, scan, `SELECT `+correctionColumns+`, c.voice FROM correction c
		WHERE c.company = $1 AND c.what = 'kinds' AND c.voice =
			(SELECT o.voice FROM correction o WHERE o.company = $1 AND o.id = $2 AND o.what = 'kinds')
		ORDER BY c.id`, company, id)
}

// meanAgain gives the voice of an undone correction the meaning of the last other
// one that holds. Where none does it means for now what it did before, and a job
// is left to read it anew.
func (t *tx) meanAgain(ctx context.Context, company int64, others []lastword.Correction, undone lastword.Correction) ([]lastword.Job, error) {
	voice := undone.Of.ID
	for _, c := range slices.Backward(others) {
		if c.Undone.IsZero() {
			return nil, t.mean(ctx, company, voice, c.Now, c.By)
		}
	}
	first := undone
	if len(others) > 0 && others[0].ID < undone.ID {
		first = others[0]
	}
	if err := t.mean(ctx, company, voice, first.Was, 0); err != nil {
		return nil, err
	}
	_, err := t.exec(ctx, `UPDATE voice SET version = 0 WHERE company = $1 AND id = $2 AND gone_at = 0`, company, voice)
	return []lastword.Job{{Kind: lastword.Understand, Company: company, IDs: []int64{voice}}}, err
}

const correctionColumns = `c.company, c.id, c.was, c.now, c.by, c.at, c.undone, c.undone_by`

// scanCorrection scans correctionColumns, and what more follows them.
func scanCorrection(r row, c *lastword.Correction, more ...any) error {
	var was, now string
	var when, undone int64
	err := r.Scan(append([]any{&c.Company, &c.ID, &was, &now, &c.By, &when, &undone, &c.UndoneBy}, more...)...)
	if err != nil {
		return err
	}
	var sane, told bool
	c.Was, told = lastword.ParseMeaning(was)
	c.Now, sane = lastword.ParseMeaning(now)
	c.At, c.Undone = at(when), at(undone)
	if !told || !sane {
		return fmt.Errorf("correction %d is from %q to %q", c.ID, was, now)
	}
	return nil
}

// Corrections lists what people put right of kinds and feelings, newest first,
// with the voices, those of voices that are gone or hidden left out. before is the
// id below which the next page goes on; 0 begins.
func (db *DB) Corrections(ctx context.Context, company, before int64, most int) ([]lastword.Correction, error) {
	scan := func(r row) (c lastword.Correction, err error) {
		fields, done := rowFields(&c.Of)
		err = scanCorrection(r, &c, fields...)
		done()
		return c, err
	}
	var all []lastword.Correction
	err := db.engine.read(ctx, func(q querier) (err error) {
		all, err = collect(ctx, q, scan, `SELECT `+correctionColumns+`, `+rowColumns+` FROM correction c
			JOIN voice v ON v.company = c.company AND v.id = c.voice`+rowJoins+`
			WHERE c.company = $1 AND c.what = 'kinds' AND v.gone_at = 0 AND v.hidden = 0
			AND (c.id < $2 OR CAST($2 AS BIGINT) = 0)
			ORDER BY c.id DESC LIMIT $3`, company, before, most)
		return err
	})
	return all, err
}

// Taught returns a mark that is another one after every change of what a company
// teaches by its corrections.
func (db *DB) Taught(ctx context.Context, company int64) (mark int64, err error) {
	err = db.engine.read(ctx, func(q querier) error {
		mark, err = one(ctx, q, scanInt, `SELECT taught FROM company WHERE id = $1`, company)
		return err
	})
	return mark, err
}

// Lessons returns what a company teaches, one lesson a voice, from the latest
// corrections that hold, and the mark of it (see Taught).
func (db *DB) Lessons(ctx context.Context, company int64, most int) (mark int64, lessons []lastword.Lesson, err error) {
	scan := func(r row) (l lastword.Lesson, err error) {
		var c lastword.Correction
		err = scanCorrection(r, &c, &l.Voice, &l.Post.Title, &l.Post.Text, &l.Post.Lang)
		l.Was, l.Now = c.Was, c.Now
		return l, err
	}
	err = db.engine.read(ctx, func(q querier) error {
		if mark, err = one(ctx, q, scanInt, `SELECT taught FROM company WHERE id = $1`, company); err != nil {
			return err
		}
		lessons, err = collect(ctx, q, scan, `SELECT `+correctionColumns+`, v.id, v.title, v.text, v.said_lang
			FROM correction c JOIN voice v ON v.company = c.company AND v.id = c.voice
			WHERE c.company = $1 AND c.what = 'kinds' AND c.undone = 0 AND v.gone_at = 0
			ORDER BY c.id DESC LIMIT $2`, company, most)
		return err
	})
	return mark, oneAVoice(lessons), err
}

// oneAVoice joins the corrections of each voice, newest first, to one lesson.
func oneAVoice(newest []lastword.Lesson) []lastword.Lesson {
	place := map[int64]int{}
	var all []lastword.Lesson
	for _, l := range newest {
		if i, ok := place[l.Voice]; ok {
			all[i].Was = l.Was
			continue
		}
		place[l.Voice] = len(all)
		all = append(all, l)
	}
	slices.Reverse(all)
	return all
}
