package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lastword"
)

// LiveThemes lists every theme that is not merged away, with its Model, and the
// stamp that SavePlacements asks for.
func (db *DB) LiveThemes(ctx context.Context, company int64) ([]lastword.Theme, int64, error) {
	var ts []lastword.Theme
	var stamp int64
	err := db.engine.read(ctx, func(q querier) (err error) {
		if stamp, err = one(ctx, q, scanInt, `SELECT stamp FROM company WHERE id = $1`, company); err != nil {
			return err
		}
		ts, err = collect(ctx, q, scanTheme, `SELECT `+themeColumns+` FROM theme t
			WHERE t.company = $1 AND t.into_id = 0 ORDER BY t.id`, company)
		return err
	})
	return ts, stamp, err
}

// RecentSingles lists the newest voices that want something and have no theme,
// newest first.
func (db *DB) RecentSingles(ctx context.Context, company int64, most int) ([]lastword.Voice, error) {
	var vs []lastword.Voice
	err := db.engine.read(ctx, func(q querier) (err error) {
		vs, err = collect(ctx, q, scanVoice, `SELECT `+voiceColumns+` FROM voice v WHERE v.company = $1 AND v.theme = 0
			AND v.kinds <> 0 AND v.own = 0 AND v.gone_at = 0 AND v.circle = 0 AND v.fit_by = 0 AND v.about >= 0.5
			ORDER BY v.id DESC LIMIT $2`, company, most)
		return err
	})
	return vs, err
}

// stamped moves the company's stamp on, or returns lastword.ErrConflict where
// somebody else did.
func (t *tx) stamped(ctx context.Context, company, stamp int64) error {
	n, err := t.exec(ctx, `UPDATE company SET stamp = stamp + 1, pulse = pulse + 1 WHERE id = $1 AND stamp = $2`, company, stamp)
	if err == nil && n == 0 {
		return fmt.Errorf("the themes of company %d have changed: %w", company, lastword.ErrConflict)
	}
	return err
}

// touched moves the stamp on without asking: a person's act goes before the
// machine's.
func (t *tx) touched(ctx context.Context, company int64) error {
	_, err := t.exec(ctx, `UPDATE company SET stamp = stamp + 1, pulse = pulse + 1 WHERE id = $1`, company)
	return err
}

// SavePlacements keeps themes that are new or whose Model or Name changed, and
// where the machine placed voices; it counts the themes anew. Voices that a
// person placed stay where they are. lastword.ErrConflict: the stamp is stale.
func (db *DB) SavePlacements(ctx context.Context, company, stamp int64, themes []lastword.Theme, placed []lastword.Membership, next ...lastword.Job) (int64, error) {
	err := db.write(ctx, func(t *tx) error {
		if err := t.stamped(ctx, company, stamp); err != nil {
			return err
		}
		if err := t.saveThemes(ctx, company, themes); err != nil {
			return err
		}
		if err := t.place(ctx, company, placed); err != nil {
			return err
		}
		return t.enqueue(ctx, next)
	})
	return stamp + 1, err
}

// saveThemes keeps themes' models, and names unless a person gave one.
func (t *tx) saveThemes(ctx context.Context, company int64, themes []lastword.Theme) error {
	args := make([][]any, len(themes))
	for i, th := range themes {
		args[i] = []any{company, th.ID, th.Name, int64(th.Kinds), th.Lang, th.Model, ms(t.now)}
	}
	_, err := t.many(ctx, `INSERT INTO theme (company, id, name, kinds, lang, model, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (company, id) DO UPDATE SET model = excluded.model, kinds = excluded.kinds, lang = excluded.lang,
		changed = excluded.changed, name = CASE WHEN theme.named_by = 0 THEN excluded.name ELSE theme.name END`, args)
	return err
}

// place moves voices into their themes. One that joins a decided theme waits for
// its answer, or for a check; one that has been answered stays closed.
func (t *tx) place(ctx context.Context, company int64, placed []lastword.Membership) error {
	voices := make([]int64, len(placed))
	args := make([][]any, len(placed))
	for i, m := range placed {
		voices[i] = m.Voice
		args[i] = []any{company, m.Voice, m.Theme, m.Fit, m.CopyOf, m.By}
	}
	err := t.changing(ctx, company, voices, func() error {
		_, err := t.many(ctx, `UPDATE voice SET theme = $3, fit = $4, copy_of = $5, fit_by = $6,
			circle = CASE WHEN circle < 2 THEN coalesce((SELECT CASE WHEN th.decision <> 0 THEN 1 ELSE 0 END FROM theme th
				WHERE th.company = $1 AND th.id = $3), 0) ELSE circle END
			WHERE company = $1 AND id = $2 AND gone_at = 0 AND (fit_by = 0 OR CAST($6 AS BIGINT) <> 0)`, args)
		return err
	})
	if err != nil {
		return err
	}
	return t.owe(ctx, company, placed)
}

// owe leaves a job for each decided theme that got voices it now owes an answer.
func (t *tx) owe(ctx context.Context, company int64, placed []lastword.Membership) error {
	var themes []int64
	for _, m := range placed {
		if m.Theme != 0 && (m.Fit >= lastword.Sure || m.By != 0) && !slices.Contains(themes, m.Theme) {
			themes = append(themes, m.Theme)
		}
	}
	for part := range slices.Chunk(themes, chunk) {
		args := []any{company}
		list := inList(&args, part)
		decided, err := collect(ctx, t, scanInt, `SELECT decision FROM theme
			WHERE company = $1 AND decision <> 0 AND id IN `+list, args...)
		if err != nil {
			return err
		}
		for _, d := range decided {
			err := t.enqueue(ctx, []lastword.Job{{Kind: lastword.DraftJob, Company: company, IDs: []int64{d}}})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// MoveVoices places voices by a person's word: into a theme (which may be new,
// then it is among themes), or out of any (theme 0). The themes' changed models
// come along.
func (db *DB) MoveVoices(ctx context.Context, by lastword.Member, voices []int64, to int64, themes []lastword.Theme) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.touched(ctx, by.Company); err != nil {
			return err
		}
		if err := t.saveThemes(ctx, by.Company, themes); err != nil {
			return err
		}
		if to != 0 {
			if _, err := theme(ctx, t, by.Company, to); err != nil {
				return err
			}
		}
		if err := t.noteMoves(ctx, by, voices, to); err != nil {
			return err
		}
		placed := make([]lastword.Membership, len(voices))
		for i, v := range voices {
			placed[i] = lastword.Membership{Voice: v, Theme: to, Fit: float64(bit(to != 0)), By: by.ID}
		}
		if err := t.withdrawMoved(ctx, by.Company, voices, to); err != nil {
			return err
		}
		if err := t.place(ctx, by.Company, placed); err != nil {
			return err
		}
		return t.audit(ctx, note(by, "voices moved", lastword.OfTheme, to, map[string]any{"voices": len(voices)}))
	})
}

// noteMoves keeps where voices were, to learn from and to undo.
func (t *tx) noteMoves(ctx context.Context, by lastword.Member, voices []int64, to int64) error {
	seats, err := t.seats(ctx, by.Company, voices)
	if err != nil {
		return err
	}
	if len(seats) != len(voices) {
		return fmt.Errorf("voices to move: %w", lastword.ErrNotFound)
	}
	for _, s := range seats {
		if err := t.corrected(ctx, by, s.voice, "theme", fmt.Sprint(s.theme), fmt.Sprint(to)); err != nil {
			return err
		}
	}
	return nil
}

// withdrawMoved withdraws drafts to voices that leave the theme they were
// drafted for.
func (t *tx) withdrawMoved(ctx context.Context, company int64, voices []int64, to int64) error {
	for part := range slices.Chunk(voices, chunk) {
		args := []any{company, to}
		list := inList(&args, part)
		_, err := t.exec(ctx, `UPDATE answer SET state = 'withdrawn', why = 'why.moved'
			WHERE company = $1 AND theme <> $2 AND state IN ('draft', 'failed', 'handed') AND voice IN `+list, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// MergeThemes makes two themes one: from gives its voices to into, whose Model
// is the given one then, and remains as a signpost.
func (db *DB) MergeThemes(ctx context.Context, by lastword.Member, from int64, into lastword.Theme) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.touched(ctx, by.Company); err != nil {
			return err
		}
		if err := t.mergeThemes(ctx, by.Company, from, into); err != nil {
			return err
		}
		if by.ID == 0 {
			return nil
		}
		return t.audit(ctx, note(by, "themes merged", lastword.OfTheme, into.ID, map[string]any{"from": fmt.Sprint(from)}))
	})
}

func (t *tx) mergeThemes(ctx context.Context, company, from int64, into lastword.Theme) error {
	old, err := theme(ctx, t, company, from)
	if err != nil {
		return err
	}
	kept, err := theme(ctx, t, company, into.ID)
	if err != nil {
		return err
	}
	if from == into.ID || old.Into != 0 || kept.Into != 0 {
		return fmt.Errorf("merge theme %d into %d: %w", from, into.ID, lastword.ErrConflict)
	}
	if old.Decision != 0 {
		if err := t.endDecision(ctx, company, old.Decision, -1); err != nil {
			return err
		}
	}
	kept.Model = into.Model
	if err := t.saveThemes(ctx, company, []lastword.Theme{kept}); err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE voice SET theme = $3, circle = CASE WHEN circle < 2 THEN $4 ELSE circle END
		WHERE company = $1 AND theme = $2 AND theme <> 0`, company, from, into.ID, bit(kept.Decision != 0))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE theme SET into_id = $3, verdict = '', decision = 0 WHERE company = $1 AND id = $2`, company, from, into.ID)
	if err != nil {
		return err
	}
	if err := t.recount(ctx, company, into.ID); err != nil {
		return err
	}
	if err := t.recount(ctx, company, from); err != nil {
		return err
	}
	return t.owe(ctx, company, []lastword.Membership{{Theme: into.ID, Fit: 1}})
}

// recount counts a theme from its voices.
func (t *tx) recount(ctx context.Context, company, id int64) error {
	_, err := t.exec(ctx, `DELETE FROM theme_day WHERE company = $1 AND theme = $2`, company, id)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE theme SET voices = 0, copies = 0, open = 0, doubtful = 0, feeling = 0, first_at = 0, last_at = 0
		WHERE company = $1 AND id = $2`, company, id)
	if err != nil {
		return err
	}
	after := int64(0)
	for {
		voices, err := collect(ctx, t, scanInt, `SELECT id FROM voice
			WHERE company = $1 AND theme = $2 AND theme <> 0 AND id > $3 ORDER BY id LIMIT $4`, company, id, after, chunk)
		if err != nil || len(voices) == 0 {
			return err
		}
		after = voices[len(voices)-1]
		seats, err := t.seats(ctx, company, voices)
		if err != nil {
			return err
		}
		y := &tally{days: map[int64]int64{}}
		for _, s := range seats {
			if !s.gone {
				y.add(s, +1)
			}
		}
		if err := t.tallied(ctx, company, map[int64]*tally{id: y}); err != nil {
			return err
		}
	}
}

// RenameTheme gives a theme the name that a person chose; it stays.
func (db *DB) RenameTheme(ctx context.Context, by lastword.Member, id int64, name string) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE theme SET name = $3, named_by = $4, changed = $5 WHERE company = $1 AND id = $2`,
			by.Company, id, name, by.ID, ms(t.now))
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		if err := t.touched(ctx, by.Company); err != nil {
			return err
		}
		return t.audit(ctx, note(by, "theme named", lastword.OfTheme, id, map[string]any{"name": name}))
	})
}

// ThemeVoices lists the newest voices of a theme, to quote and to learn from.
func (db *DB) ThemeVoices(ctx context.Context, company, theme int64, most int) ([]lastword.Voice, error) {
	var vs []lastword.Voice
	err := db.engine.read(ctx, func(q querier) (err error) {
		vs, err = collect(ctx, q, scanVoice, `SELECT `+voiceColumns+` FROM voice v WHERE v.company = $1 AND v.theme = $2
			AND v.theme <> 0 AND v.gone_at = 0 AND v.hidden = 0 ORDER BY v.id DESC LIMIT $3`, company, theme, most)
		return err
	})
	return vs, err
}

// WithoutLabel lists up to most voices not yet understood by this version of the
// models, oldest first: what a new version reads again.
func (db *DB) WithoutLabel(ctx context.Context, company int64, version int, after time.Time, most int) ([]int64, error) {
	var ids []int64
	err := db.engine.read(ctx, func(q querier) (err error) {
		ids, err = collect(ctx, q, scanInt, `SELECT id FROM voice WHERE company = $1 AND id >= $2 AND version < $3
			AND gone_at = 0 ORDER BY id LIMIT $4`, company, idAt(after), version, most)
		return err
	})
	return ids, err
}
