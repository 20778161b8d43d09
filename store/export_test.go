package store

import (
	"context"
	"errors"
	"slices"
)

// Sure is the number that the statements compare with.
const Sure = sure

// TablesWithoutBackup lists our tables that Backup does not know.
func TablesWithoutBackup(ctx context.Context, db *DB) ([]string, error) {
	var missing []string
	err := db.engine.read(ctx, func(q querier) error {
		names, err := collect(ctx, q, scanText, `SELECT name FROM sqlite_schema WHERE type = 'table'
			AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'river_%' AND name NOT LIKE 'goose_%' AND name NOT LIKE 'voice_fts%'`)
		missing = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(tables, n) })
		return err
	})
	return missing, err
}

// Plans tells how SQLite goes about each statement that was run so far.
func Plans(ctx context.Context, db *DB) (map[string][]string, error) {
	e, ok := db.engine.(*sqliteEngine)
	plans := map[string][]string{}
	if !ok {
		return plans, nil
	}
	var texts []*statement
	e.texts.Range(func(_, p any) bool {
		texts = append(texts, p.(*statement))
		return true
	})
	err := e.write(ctx, func(q querier, _ any) error {
		for _, p := range texts {
			plan, err := planOf(ctx, q.(*sqliteTx), p)
			if err != nil {
				return err
			}
			plans[p.text] = plan
		}
		return nil
	})
	return plans, err
}

func planOf(ctx context.Context, t *sqliteTx, p *statement) (plan []string, err error) {
	rs, err := t.tx.QueryContext(ctx, "EXPLAIN QUERY PLAN "+p.text, make([]any, len(p.order))...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rs.Close()) }()
	for rs.Next() {
		var id, parent, unused int
		var step string
		if err := rs.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		plan = append(plan, step)
	}
	return plan, rs.Err()
}
