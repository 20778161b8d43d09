package store

import (
	"context"
	"slices"

	"lastword"
)

// SaveLabels keeps what was understood of voices, and the next jobs. Kinds that
// a person corrected stay, and so does everything of a voice that is gone. What
// is not about us, or no customer's, needs no answer.
func (db *DB) SaveLabels(ctx context.Context, company int64, labels []lastword.Label, next ...lastword.Job) error {
	args := make([][]any, len(labels))
	ids := make([]int64, len(labels))
	for i, l := range labels {
		ids[i] = l.Voice
		args[i] = []any{company, l.Voice, l.Language, int64(l.Kinds), l.P[0], l.P[1], l.P[2], l.P[3], l.Wish,
			int64(l.Feeling), l.PFeeling, l.About, int64(l.Version), bit(l.About < 0.5 || l.Announces()), l.Notice}
	}
	return db.write(ctx, func(t *tx) error {
		// Voices that lie in a theme already, such as edited ones, change its counts.
		placed, err := t.placed(ctx, company, ids)
		if err != nil {
			return err
		}
		_, err = t.many(ctx, `UPDATE voice SET language = $3,
			kinds = CASE WHEN kinds_by = 0 THEN $4 ELSE kinds END,
			p_wish = $5, p_problem = $6, p_praise = $7, p_question = $8, wish = $9,
			feeling = CASE WHEN kinds_by = 0 THEN $10 ELSE feeling END, p_feeling = $11,
			about = $12, version = $13, notice = $15,
			circle = CASE WHEN $14 = 1 AND circle = 0 AND theme = 0 AND kinds_by = 0 THEN 3 ELSE circle END
			WHERE company = $1 AND id = $2 AND gone_at = 0`, args)
		if err != nil {
			return err
		}
		if err := t.reseat(ctx, company, placed); err != nil {
			return err
		}
		return t.enqueue(ctx, next)
	})
}

// placed loads the seats of those voices that lie in a theme. What is added to theme
// keeps the databases from looking through all voices that lie in one.
func (t *tx) placed(ctx context.Context, company int64, ids []int64) ([]seat, error) {
	var in []int64
	for part := range slices.Chunk(ids, chunk) {
		args := []any{company}
		list := inList(t, &args, part)
		some, err := collect(ctx, t, scanInt, `SELECT id FROM voice WHERE company = $1 AND theme + 0 <> 0 AND id IN `+list, args...)
		if err != nil {
			return nil, err
		}
		in = append(in, some...)
	}
	return t.seats(ctx, company, in)
}

// announced is lastword.Announced as SQL has it.
const announced = "0.8"

// SetAside says that a voice needs no answer, or that it does after all.
func (db *DB) SetAside(ctx context.Context, m lastword.Member, voice int64, aside bool) error {
	from, to, act := "(0, 1)", lastword.Aside, "voice set aside"
	if !aside {
		from, to, act = "(3)", lastword.Open, "voice taken up again"
	}
	return db.write(ctx, func(t *tx) error {
		err := t.changing(ctx, m.Company, []int64{voice}, func() error {
			n, err := t.exec(ctx, `UPDATE voice SET circle = $3 WHERE company = $1 AND id = $2 AND gone_at = 0
				AND circle IN `+from, m.Company, voice, int64(to))
			if err == nil && n == 0 {
				return lastword.ErrConflict
			}
			return err
		})
		if err != nil {
			return err
		}
		if aside {
			if err := t.withdrawFor(ctx, m.Company, voice, "why.aside"); err != nil {
				return err
			}
		}
		return t.audit(ctx, note(m, act, lastword.OfVoice, voice, nil))
	})
}
