package store

import (
	"context"
	"slices"
)

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
