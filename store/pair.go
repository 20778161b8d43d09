package store

import (
	"context"
	"fmt"

	"lastword"
)

const pairColumns = "p.first, p.second, p.likeness, p.same, p.by, p.at, p.words"

func scanPair(r row) (lastword.Pair, error) {
	var p lastword.Pair
	var made int64
	err := r.Scan(&p.A, &p.B, &p.Likeness, &p.Same, &p.By, &made, &p.Words)
	p.At = at(made)
	return p, err
}

// SavePairs keeps which themes the machine finds alike, in place of what it found
// before. A pair on which a person said something stays as it is.
func (db *DB) SavePairs(ctx context.Context, company int64, pairs []lastword.Pair) error {
	args := make([][]any, len(pairs))
	for i, p := range pairs {
		args[i] = []any{company, p.A, p.B, p.Likeness, ms(db.now())}
	}
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM pair WHERE company = $1 AND same = 0`, company); err != nil {
			return err
		}
		_, err := t.many(ctx, `INSERT INTO pair (company, first, second, likeness, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (company, first, second) DO UPDATE SET likeness = excluded.likeness`, args)
		return err
	})
}

// Pairs lists the themes that may want the same and on which nobody said anything
// yet, likest first: those with one theme, or all where theme is 0. Both are there,
// and not on both of them stands a decision.
func (db *DB) Pairs(ctx context.Context, company, theme int64, most int) ([]lastword.Pair, error) {
	var ps []lastword.Pair
	err := db.engine.read(ctx, func(q querier) (err error) {
		ps, err = collect(ctx, q, scanPair, `SELECT `+pairColumns+` FROM pair p
			JOIN theme a ON a.company = p.company AND a.id = p.first AND a.into_id = 0 AND a.voices > 0
			JOIN theme b ON b.company = p.company AND b.id = p.second AND b.into_id = 0 AND b.voices > 0
			WHERE p.company = $1 AND p.same = 0 AND (a.decision = 0 OR b.decision = 0)
			AND (CAST($2 AS BIGINT) = 0 OR p.first = $2 OR p.second = $2)
			ORDER BY p.likeness DESC, p.first, p.second LIMIT $3`, company, theme, most)
		return err
	})
	return ps, err
}

// JudgedPairs lists the pairs on which a person said something, the latest first.
func (db *DB) JudgedPairs(ctx context.Context, company int64, most int) ([]lastword.Pair, error) {
	var ps []lastword.Pair
	err := db.engine.read(ctx, func(q querier) (err error) {
		ps, err = collect(ctx, q, scanPair, `SELECT `+pairColumns+` FROM pair p
			WHERE p.company = $1 AND p.same <> 0 ORDER BY p.at DESC, p.first, p.second LIMIT $2`, company, most)
		return err
	})
	return ps, err
}

// JudgePair keeps a person's word on two themes. The machine learns of it before it
// places the next voice.
func (db *DB) JudgePair(ctx context.Context, company, by int64, p lastword.Pair) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.touched(ctx, company); err != nil {
			return err
		}
		if err := t.judgePair(ctx, company, by, p); err != nil {
			return err
		}
		act := "themes told apart"
		if p.Same > 0 {
			act = "themes found alike"
		}
		return t.audit(ctx, note(lastword.Member{Company: company, ID: by}, act, lastword.OfTheme, p.A,
			map[string]any{"other": fmt.Sprint(p.B)}))
	})
}

func (t *tx) judgePair(ctx context.Context, company, by int64, p lastword.Pair) error {
	_, err := t.exec(ctx, `INSERT INTO pair (company, first, second, likeness, same, by, at, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (company, first, second) DO UPDATE SET same = excluded.same, by = excluded.by, at = excluded.at,
		words = excluded.words`, company, p.A, p.B, p.Likeness, int64(p.Same), by, ms(t.now), p.Words)
	return err
}
