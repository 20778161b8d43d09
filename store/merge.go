package store

import (
	"context"
	"fmt"
	"slices"

	"lastword"
)

// A merging gives the voices of one theme to another.
type merging struct{ from, into int64 }

// mergeThemes merges themes away, into others that are not merged away with them. A
// decision that stood on one of them ends. The machine merges many at once, of most
// of which no voice is left: they are not asked one by one.
func (t *tx) mergeThemes(ctx context.Context, company int64, all []merging) error {
	themes, err := t.mergeable(ctx, company, all)
	if err != nil {
		return err
	}
	into := map[int64]int64{}
	for _, m := range all {
		into[m.from] = m.into
		if d := themes[m.from].decision; d != 0 {
			if err := t.endDecision(ctx, company, d, -1); err != nil {
				return err
			}
		}
	}
	for part := range slices.Chunk(all, chunk) {
		if err := t.mergeAway(ctx, company, part); err != nil {
			return err
		}
		peopled, err := t.peopled(ctx, company, part)
		if err != nil {
			return err
		}
		for _, from := range peopled {
			if err := t.handOver(ctx, company, from, themes[into[from]]); err != nil {
				return err
			}
		}
	}
	return nil
}

// A mergedTheme is what merging asks of a theme.
type mergedTheme struct{ id, into, decision int64 }

// mergeable returns the themes of some mergings, or lastword.ErrConflict where one of
// them is merged away.
func (t *tx) mergeable(ctx context.Context, company int64, all []merging) (map[int64]mergedTheme, error) {
	themes := map[int64]mergedTheme{}
	scan := func(r row) (m mergedTheme, err error) { return m, r.Scan(&m.id, &m.into, &m.decision) }
	for part := range slices.Chunk(all, chunk) {
		args, ids := []any{company}, make([]int64, 0, 2*len(part))
		for _, m := range part {
			ids = append(ids, m.from, m.into)
		}
		found, err := collect(ctx, t, scan, `SELECT id, into_id, decision FROM theme WHERE company = $1 AND id IN `+inList(t, &args, ids), args...)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			themes[m.id] = m
		}
	}
	gone := map[int64]bool{}
	for _, m := range all {
		gone[m.from] = true
	}
	for _, m := range all {
		old, there := themes[m.from]
		kept, too := themes[m.into]
		switch {
		case !there || !too:
			return nil, fmt.Errorf("merge theme %d into %d: %w", m.from, m.into, lastword.ErrNotFound)
		case gone[m.into] || old.into != 0 || kept.into != 0:
			return nil, fmt.Errorf("merge theme %d into %d: %w", m.from, m.into, lastword.ErrConflict)
		}
	}
	return themes, nil
}

// mergeAway makes themes signposts, which count nothing.
func (t *tx) mergeAway(ctx context.Context, company int64, all []merging) error {
	args, ids := make([][]any, len(all)), make([]int64, len(all))
	for i, m := range all {
		args[i], ids[i] = []any{company, m.from, m.into}, m.from
	}
	_, err := t.many(ctx, `UPDATE theme SET into_id = $3, verdict = '', decision = 0, voices = 0, copies = 0, open = 0,
		doubtful = 0, feeling = 0, first_at = 0, last_at = 0 WHERE company = $1 AND id = $2`, args)
	if err != nil {
		return err
	}
	for _, table := range []string{"theme_day", "theme_language", "theme_identity"} {
		list := []any{company}
		in := inList(t, &list, ids)
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE company = $1 AND theme IN `+in, list...); err != nil {
			return err
		}
	}
	return nil
}

// peopled returns the themes merged away in which voices are left.
func (t *tx) peopled(ctx context.Context, company int64, all []merging) ([]int64, error) {
	args, ids := []any{company}, make([]int64, len(all))
	for i, m := range all {
		ids[i] = m.from
	}
	in := inList(t, &args, ids)
	return collect(ctx, t, scanInt, `SELECT id FROM theme WHERE company = $1 AND id IN `+in+` AND EXISTS (
		SELECT 1 FROM voice v WHERE v.company = theme.company AND v.theme = theme.id AND v.theme <> 0)`, args...)
}

// handOver gives the voices of a theme to another, and counts them there.
func (t *tx) handOver(ctx context.Context, company, from int64, to mergedTheme) error {
	moved, err := t.tallyOf(ctx, company, from)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE voice SET theme = $3, circle = CASE WHEN circle < 2 THEN $4 ELSE circle END
		WHERE company = $1 AND theme = $2 AND theme <> 0`, company, from, to.id, bit(to.decision != 0))
	if err != nil {
		return err
	}
	return t.tallied(ctx, company, tallies{to.id: moved})
}

// remodel keeps another model of a theme.
func (t *tx) remodel(ctx context.Context, company, id int64, model []byte) error {
	_, err := t.exec(ctx, `UPDATE theme SET model = $3, changed = $4 WHERE company = $1 AND id = $2`, company, id, model, ms(t.now))
	return err
}

// tallyOf adds up the seats of a theme.
func (t *tx) tallyOf(ctx context.Context, company, id int64) (*tally, error) {
	y := newTally()
	for after := int64(0); ; {
		voices, err := collect(ctx, t, scanInt, `SELECT id FROM voice
			WHERE company = $1 AND theme = $2 AND theme <> 0 AND id > $3 ORDER BY id LIMIT $4`, company, id, after, chunk)
		if err != nil || len(voices) == 0 {
			return y, err
		}
		after = voices[len(voices)-1]
		seats, err := t.seats(ctx, company, voices)
		if err != nil {
			return nil, err
		}
		for _, s := range seats {
			if !s.gone {
				y.add(s, +1)
			}
		}
	}
}
