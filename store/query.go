package store

import (
	"context"

	"lastword"
)

const queryColumns = `company, id, name, text, paused, hits, made`

func scanQuery(r row) (lastword.Query, error) {
	var q lastword.Query
	var paused, made int64
	err := r.Scan(&q.Company, &q.ID, &q.Name, &q.Text, &paused, &q.Hits, &made)
	q.Paused, q.Made = paused != 0, at(made)
	return q, err
}

// Queries lists a company's saved queries.
func (db *DB) Queries(ctx context.Context, company int64) ([]lastword.Query, error) {
	var qs []lastword.Query
	err := db.engine.read(ctx, func(q querier) (err error) {
		qs, err = collect(ctx, q, scanQuery, `SELECT `+queryColumns+` FROM query WHERE company = $1 ORDER BY id`, company)
		return err
	})
	return qs, err
}

// Query returns a saved query.
func (db *DB) Query(ctx context.Context, company, id int64) (lastword.Query, error) {
	var found lastword.Query
	err := db.engine.read(ctx, func(q querier) (err error) {
		found, err = one(ctx, q, scanQuery, `SELECT `+queryColumns+` FROM query WHERE company = $1 AND id = $2`, company, id)
		return err
	})
	return found, err
}

// SaveQuery adds (ID 0) or changes a query.
func (db *DB) SaveQuery(ctx context.Context, m lastword.Member, q lastword.Query) (lastword.Query, error) {
	q.Company = m.Company
	act := "query changed"
	if q.ID == 0 {
		q.ID, q.Made, act = db.NewID(), db.now(), "query added"
	}
	err := db.write(ctx, func(t *tx) error {
		if err := t.queryChanges(ctx, q); err != nil {
			return err
		}
		_, err := t.exec(ctx, `INSERT INTO query (company, id, name, text, paused, made) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (company, id) DO UPDATE SET name = excluded.name, text = excluded.text, paused = excluded.paused`,
			q.Company, q.ID, q.Name, q.Text, bit(q.Paused), ms(q.Made))
		if err != nil {
			return err
		}
		return t.audit(ctx, note(m, act, lastword.OfQuery, q.ID, map[string]any{"name": q.Name, "text": q.Text, "paused": q.Paused}))
	})
	return q, err
}

// queryChanges begins a new rhythm where a query is about to ask for something
// else. One more query makes no channel poorer.
func (t *tx) queryChanges(ctx context.Context, q lastword.Query) error {
	changed, err := one(ctx, t, scanInt, `SELECT count(*) FROM query WHERE company = $1 AND id = $2
		AND (text <> $3 OR paused <> $4)`, q.Company, q.ID, q.Text, bit(q.Paused))
	if err != nil || changed == 0 {
		return err
	}
	return t.newRhythm(ctx, q.Company)
}

// DeleteQuery forgets a query. What it heard stays.
func (db *DB) DeleteQuery(ctx context.Context, m lastword.Member, id int64) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM hit WHERE company = $1 AND query = $2`, m.Company, id); err != nil {
			return err
		}
		n, err := t.exec(ctx, `DELETE FROM query WHERE company = $1 AND id = $2`, m.Company, id)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		if err := t.newRhythm(ctx, m.Company); err != nil {
			return err
		}
		return t.audit(ctx, note(m, "query removed", lastword.OfQuery, id, nil))
	})
}
