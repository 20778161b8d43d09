package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"lastword"
)

// Wording returns how a language model worded a theme; lastword.ErrNotFound if it
// did not.
func (db *DB) Wording(ctx context.Context, company, theme int64) (lastword.Wording, error) {
	scan := func(r row) (w lastword.Wording, err error) {
		var sentences string
		var made int64
		if err := r.Scan(&w.Theme, &w.Name, &w.Lang, &sentences, &w.Voices, &made); err != nil {
			return w, err
		}
		w.Made = at(made)
		return w, json.Unmarshal([]byte(sentences), &w.Sentences)
	}
	var w lastword.Wording
	err := db.engine.read(ctx, func(q querier) (err error) {
		w, err = one(ctx, q, scan, `SELECT theme, name, lang, sentences, voices, made FROM wording
			WHERE company = $1 AND theme = $2`, company, theme)
		return err
	})
	return w, err
}

// SaveWording keeps how a language model worded a theme, in place of what it said
// before. lastword.ErrConflict: one of the voices that it was shown is gone or
// private, so that nothing may be kept that was made of it.
func (db *DB) SaveWording(ctx context.Context, company int64, w lastword.Wording) error {
	sentences, err := json.Marshal(append([]lastword.Sentence{}, w.Sentences...))
	if err != nil {
		return err
	}
	return db.write(ctx, func(t *tx) error {
		args := []any{company}
		in := inList(t, &args, w.Shown)
		there, err := one(ctx, t, scanInt, `SELECT count(*) FROM voice WHERE company = $1 AND gone_at = 0 AND private = 0 AND id IN `+in, args...)
		if err != nil {
			return err
		}
		if int(there) != len(w.Shown) {
			return fmt.Errorf("voices of theme %d went: %w", w.Theme, lastword.ErrConflict)
		}
		if err := t.unword(ctx, company, w.Theme); err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO wording (company, theme, name, lang, sentences, voices, made)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, company, w.Theme, w.Name, w.Lang, string(sentences), w.Voices, ms(t.now))
		if err != nil {
			return err
		}
		rows := make([][]any, len(w.Shown))
		for i, v := range w.Shown {
			rows[i] = []any{company, v, w.Theme}
		}
		if _, err := t.many(ctx, `INSERT INTO wording_voice (company, voice, theme) VALUES ($1, $2, $3)`, rows); err != nil {
			return err
		}
		return t.pulse(ctx, company)
	})
}

// unword forgets how a theme was worded.
func (t *tx) unword(ctx context.Context, company, theme int64) error {
	_, err := t.exec(ctx, `DELETE FROM wording WHERE company = $1 AND theme = $2`, company, theme)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM wording_voice WHERE company = $1 AND theme = $2`, company, theme)
	return err
}

// disown forgets all that an endpoint made of a voice.
func (t *tx) disown(ctx context.Context, company, voice int64) error {
	if _, err := t.exec(ctx, `DELETE FROM embedding WHERE company = $1 AND voice = $2`, company, voice); err != nil {
		return err
	}
	themes, err := collect(ctx, t, scanInt, `SELECT theme FROM wording_voice WHERE company = $1 AND voice = $2`, company, voice)
	for _, theme := range themes {
		err = errors.Join(err, t.unword(ctx, company, theme))
	}
	return err
}

// Phrases lists the sentences in a company's own tone, oldest first.
func (db *DB) Phrases(ctx context.Context, company int64) ([]lastword.Phrase, error) {
	scan := func(r row) (p lastword.Phrase, err error) {
		var ends, made int64
		err = r.Scan(&p.Company, &p.ID, &p.Lang, &p.Kinds, &ends, &p.Text, &made)
		p.Ends, p.Made = ends != 0, at(made)
		return p, err
	}
	var ps []lastword.Phrase
	err := db.engine.read(ctx, func(q querier) (err error) {
		ps, err = collect(ctx, q, scan, `SELECT company, id, lang, kinds, ends, text, made FROM phrase
			WHERE company = $1 ORDER BY id`, company)
		return err
	})
	return ps, err
}

// SavePhrases keeps sentences of a language in place of those it had.
func (db *DB) SavePhrases(ctx context.Context, company int64, lang string, ps []lastword.Phrase) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM phrase WHERE company = $1 AND lang = $2`, company, lang); err != nil {
			return err
		}
		rows := make([][]any, len(ps))
		for i, p := range ps {
			rows[i] = []any{company, db.NewID(), lang, int64(p.Kinds), bit(p.Ends), p.Text, ms(t.now)}
		}
		_, err := t.many(ctx, `INSERT INTO phrase (company, id, lang, kinds, ends, text, made)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, rows)
		return err
	})
}

// DropPhrase forgets one sentence, which a person does not like.
func (db *DB) DropPhrase(ctx context.Context, by lastword.Member, id int64) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM phrase WHERE company = $1 AND id = $2`, by.Company, id)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return t.audit(ctx, note(by, "phrase dropped", lastword.OfCompany, by.Company, map[string]any{"phrase": id}))
	})
}

// OwnAnswers returns the latest answers that people of the company worded by hand
// and that went out, newest first.
func (db *DB) OwnAnswers(ctx context.Context, company int64, lang string, most int) ([]lastword.AnswerRow, error) {
	return db.answers(ctx, ` WHERE a.company = $1 AND a.sent > 0 AND a.state = 'sent' AND a.edited_by <> 0
		AND (a.lang = $2 OR a.lang LIKE $3) ORDER BY a.sent DESC, a.id DESC LIMIT $4`, company, lang, lang+"-%", most)
}
