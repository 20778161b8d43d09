package store

import (
	"context"
	"errors"
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

// SavePlacements keeps what the machine did to themes and where it placed voices,
// and counts the themes anew; see theme.Store for the promise.
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
		if err := t.undraft(ctx, company, placed); err != nil {
			return err
		}
		var merged []merging
		for _, th := range themes {
			if th.Into != 0 {
				merged = append(merged, merging{th.ID, th.Into})
			}
		}
		if err := t.mergeThemes(ctx, company, merged); err != nil {
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
// its answer, or for a check; one that has been answered stays closed; one that is
// gone, or that a person placed, is left where it is by the machine.
func (t *tx) place(ctx context.Context, company int64, placed []lastword.Membership) error {
	voices := make([]int64, len(placed))
	homes := make([]int64, len(placed))
	for i, m := range placed {
		voices[i], homes[i] = m.Voice, m.Theme
	}
	seats, err := t.seats(ctx, company, voices)
	if err != nil {
		return err
	}
	decided, err := t.decided(ctx, company, homes)
	if err != nil {
		return err
	}
	at := make(map[int64]int, len(seats))
	for i, s := range seats {
		at[s.voice] = i
	}
	tallies := tallies{}
	args := make([][]any, 0, len(placed))
	for _, m := range placed {
		i, there := at[m.Voice]
		if !there || seats[i].gone || seats[i].placedBy != 0 && m.By == 0 {
			continue
		}
		tallies.add(seats[i], -1)
		seats[i].move(m, decided[m.Theme])
		tallies.add(seats[i], +1)
		args = append(args, []any{company, m.Voice, m.Theme, m.Fit, m.CopyOf, m.By, int64(seats[i].circle)})
	}
	if _, err := t.many(ctx, `UPDATE voice SET theme = $3, fit = $4, copy_of = $5, fit_by = $6, circle = $7
		WHERE company = $1 AND id = $2`, args); err != nil {
		return err
	}
	return t.tallied(ctx, company, tallies)
}

// move changes a seat as place does its voice.
func (s *seat) move(m lastword.Membership, decided bool) {
	s.theme, s.copyOf, s.placedBy = m.Theme, m.CopyOf, m.By
	s.sure = m.Fit >= lastword.Sure || m.By != 0
	if s.circle == lastword.Open || s.circle == lastword.Decided {
		s.circle = lastword.Circle(bit(decided))
	}
}

// decided tells which of some themes are decided.
func (t *tx) decided(ctx context.Context, company int64, themes []int64) (map[int64]bool, error) {
	is := map[int64]bool{}
	for ids := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(themes))), chunk) {
		args := []any{company}
		in := inList(t, &args, ids)
		found, err := collect(ctx, t, scanInt, `SELECT id FROM theme WHERE company = $1 AND decision <> 0 AND id IN `+in, args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			is[id] = true
		}
	}
	return is, nil
}

// undraft takes back the drafts to voices that the machine is no longer sure of,
// or has placed elsewhere, so that none of them is released with the others. They
// are drafted anew once it is sure again. What a person wrote is left.
func (t *tx) undraft(ctx context.Context, company int64, placed []lastword.Membership) error {
	if none, err := t.empty(ctx, `SELECT 1 FROM answer WHERE company = $1 AND state = 'draft' LIMIT 1`, company); err != nil || none {
		return err
	}
	args := make([][]any, len(placed))
	for i, m := range placed {
		args[i] = []any{company, m.Voice}
	}
	_, err := t.many(ctx, `DELETE FROM answer WHERE company = $1 AND voice = $2 AND state = 'draft' AND edited_by = 0
		AND EXISTS (SELECT 1 FROM voice v WHERE v.company = $1 AND v.id = $2
			AND (v.theme <> answer.theme OR (v.fit < `+sure+` AND v.fit_by = 0)))`, args)
	return err
}

// MoveVoices places voices by a member's word; see theme.Desk for the promise.
func (db *DB) MoveVoices(ctx context.Context, company, by int64, placed []lastword.Membership, themes []lastword.Theme, next ...lastword.Job) error {
	who := lastword.Member{Company: company, ID: by}
	return db.write(ctx, func(t *tx) error {
		if err := t.touched(ctx, company); err != nil {
			return err
		}
		if err := t.unchanged(ctx, company, themes); err != nil {
			return err
		}
		if err := t.saveThemes(ctx, company, themes); err != nil {
			return err
		}
		own := slices.IndexFunc(placed, func(m lastword.Membership) bool { return m.By == 0 })
		if own < 0 {
			own = len(placed)
		}
		if err := t.refit(ctx, company, placed[own:]); err != nil {
			return err
		}
		placed = placed[:own]
		with, err := t.withCopies(ctx, company, placed)
		if err != nil {
			return err
		}
		if err := t.noteMoves(ctx, who, placed); err != nil {
			return err
		}
		if err := t.withdrawMoved(ctx, company, with); err != nil {
			return err
		}
		if err := t.place(ctx, company, with); err != nil {
			return err
		}
		if err := t.enqueue(ctx, next); err != nil {
			return err
		}
		return t.audit(ctx, note(who, "voices moved", lastword.OfTheme, placed[0].Theme, map[string]any{"voices": len(with)}))
	})
}

// refit keeps how well voices fit that the machine had placed before.
func (t *tx) refit(ctx context.Context, company int64, placed []lastword.Membership) error {
	if len(placed) == 0 {
		return nil
	}
	if err := t.place(ctx, company, placed); err != nil {
		return err
	}
	return t.undraft(ctx, company, placed)
}

// PlacedVoices returns the voices that the machine put into a theme; see
// theme.Desk for the promise.
func (db *DB) PlacedVoices(ctx context.Context, company, theme int64, most int) ([]lastword.Voice, error) {
	var vs []lastword.Voice
	err := db.engine.read(ctx, func(q querier) (err error) {
		vs, err = collect(ctx, q, scanVoice, `SELECT `+voiceColumns+` FROM voice v WHERE v.company = $1 AND v.theme = $2
			AND v.fit_by = 0 AND v.circle < 2 AND v.gone_at = 0 ORDER BY v.id DESC LIMIT $3`, company, theme, most)
		return err
	})
	return vs, err
}

// unchanged makes sure that nobody changed the themes since they were read.
func (t *tx) unchanged(ctx context.Context, company int64, themes []lastword.Theme) error {
	for _, th := range themes {
		now, err := theme(ctx, t, company, th.ID)
		if errors.Is(err, lastword.ErrNotFound) {
			continue // a new one
		}
		if err != nil {
			return err
		}
		if !now.Changed.Equal(th.Changed) || now.Into != 0 {
			return fmt.Errorf("theme %d has changed: %w", th.ID, lastword.ErrConflict)
		}
	}
	return nil
}

// withCopies adds the near-copies of the voices that no person placed.
func (t *tx) withCopies(ctx context.Context, company int64, placed []lastword.Membership) ([]lastword.Membership, error) {
	if len(placed) == 0 {
		return nil, fmt.Errorf("no voices to move: %w", lastword.ErrInvalid)
	}
	with := slices.Clone(placed)
	for _, m := range placed {
		copies, err := collect(ctx, t, scanInt, `SELECT c.id FROM voice v JOIN voice c ON c.company = v.company
			AND c.theme = v.theme AND c.theme <> 0 AND c.copy_of = v.id AND c.fit_by = 0
			WHERE v.company = $1 AND v.id = $2`, company, m.Voice)
		if err != nil {
			return nil, err
		}
		if m.Theme != 0 {
			alone, err := collect(ctx, t, scanInt, `SELECT c.id FROM voice v JOIN voice c ON c.company = v.company
				AND c.theme = 0 AND c.circle = 0 AND c.own = 0 AND c.copy_of = v.id AND c.fit_by = 0
				WHERE v.company = $1 AND v.id = $2 AND v.theme = 0`, company, m.Voice)
			if err != nil {
				return nil, err
			}
			copies = append(copies, alone...)
		}
		for _, id := range copies {
			if !slices.ContainsFunc(with, func(w lastword.Membership) bool { return w.Voice == id }) {
				with = append(with, lastword.Membership{Voice: id, Theme: m.Theme, Fit: m.Fit, CopyOf: m.Voice, By: m.By})
			}
		}
	}
	return with, nil
}

// noteMoves keeps where voices were, to learn from and to undo.
func (t *tx) noteMoves(ctx context.Context, by lastword.Member, placed []lastword.Membership) error {
	for _, m := range placed {
		was, err := t.seats(ctx, by.Company, []int64{m.Voice})
		if err != nil {
			return err
		}
		if len(was) == 0 {
			return fmt.Errorf("voice %d: %w", m.Voice, lastword.ErrNotFound)
		}
		if err := t.corrected(ctx, by, m.Voice, "theme", fmt.Sprint(was[0].theme), fmt.Sprint(m.Theme)); err != nil {
			return err
		}
	}
	return nil
}

// withdrawMoved withdraws drafts to voices that leave the theme they were
// drafted for.
func (t *tx) withdrawMoved(ctx context.Context, company int64, placed []lastword.Membership) error {
	args := make([][]any, len(placed))
	for i, m := range placed {
		args[i] = []any{company, m.Voice, m.Theme}
	}
	_, err := t.many(ctx, `UPDATE answer SET state = 'withdrawn', why = 'why.moved' WHERE company = $1 AND voice = $2
		AND theme <> $3 AND state IN ('draft', 'failed', 'handed')`, args)
	return err
}

// MergeThemes makes two themes one by a member's word: from gives its voices to
// into, whose Model is the given one then, and remains as a signpost. words are what
// the machine learns from it.
func (db *DB) MergeThemes(ctx context.Context, company, by, from, into int64, model, words []byte, next ...lastword.Job) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.touched(ctx, company); err != nil {
			return err
		}
		if err := t.mergeThemes(ctx, company, []merging{{from, into}}); err != nil {
			return err
		}
		if model != nil {
			if err := t.remodel(ctx, company, into, model); err != nil {
				return err
			}
		}
		p := lastword.PairOf(from, into)
		p.Same, p.Words = 1, words
		if err := t.judgePair(ctx, company, by, p); err != nil {
			return err
		}
		if err := t.enqueue(ctx, next); err != nil {
			return err
		}
		return t.audit(ctx, note(lastword.Member{Company: company, ID: by}, "themes merged", lastword.OfTheme, into,
			map[string]any{"from": fmt.Sprint(from)}))
	})
}

// RenameTheme gives a theme the name that a person chose; it stays.
func (db *DB) RenameTheme(ctx context.Context, company, by, id int64, name string) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE theme SET name = $3, named_by = $4, changed = $5 WHERE company = $1 AND id = $2`,
			company, id, name, by, ms(t.now))
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		if err := t.touched(ctx, company); err != nil {
			return err
		}
		return t.audit(ctx, note(lastword.Member{Company: company, ID: by}, "theme named", lastword.OfTheme, id, map[string]any{"name": name}))
	})
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

// OpenJobs counts the jobs that are not done yet, deliveries left out.
func (db *DB) OpenJobs(ctx context.Context) (int, error) {
	var n int64
	err := db.engine.read(ctx, func(q querier) (err error) {
		n, err = one(ctx, q, scanInt, `SELECT count(*) FROM river_job
			WHERE queue NOT IN ('deliver', 'night') AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`)
		return err
	})
	return int(n), err
}
