package store

import (
	"context"
	"time"

	"lastword"
)

// countsByTheme runs a query for themes and numbers.
func (db *DB) countsByTheme(ctx context.Context, text string, args ...any) (map[int64]int, error) {
	scan := func(r row) (c [2]int64, err error) { return c, r.Scan(&c[0], &c[1]) }
	counts := map[int64]int{}
	err := db.engine.read(ctx, func(q querier) error {
		all, err := collect(ctx, q, scan, text, args...)
		for _, c := range all {
			counts[c[0]] = int(c[1])
		}
		return err
	})
	return counts, err
}

// DraftsByTheme counts the answers that wait for a release.
func (db *DB) DraftsByTheme(ctx context.Context, company int64) (map[int64]int, error) {
	return db.countsByTheme(ctx, `SELECT theme, count(*) FROM answer
		WHERE company = $1 AND state = 'draft' GROUP BY theme`, company)
}

// WeightBehind sums, for each of the themes, the weights of the important people
// whose open voices it gathers.
func (db *DB) WeightBehind(ctx context.Context, company int64, themes []int64) (map[int64]int, error) {
	args := []any{company}
	in := inList(db.engine, &args, themes)
	return db.countsByTheme(ctx, `SELECT theme, sum(weight) FROM (
		SELECT DISTINCT v.theme, p.id, p.weight FROM person p
			JOIN identity i ON i.company = p.company AND i.person = p.id
			JOIN voice v ON v.company = i.company AND v.identity = i.id AND v.identity <> 0
		WHERE p.company = $1 AND p.weight > 0 AND v.circle < 2 AND v.theme IN `+in+`) behind GROUP BY theme`, args...)
}

// PeopleToCareFor lists important people who have an open voice, or who have not
// been heard since, the heaviest first.
func (db *DB) PeopleToCareFor(ctx context.Context, company int64, since time.Time, most int) ([]lastword.Person, error) {
	var ps []lastword.Person
	err := db.engine.read(ctx, func(q querier) (err error) {
		ps, err = collect(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p
			WHERE p.company = $1 AND p.weight > 0 AND p.objected = 0 AND (p.last_heard < $2 OR EXISTS (
				SELECT 1 FROM identity i JOIN voice v ON v.company = i.company AND v.identity = i.id AND v.identity <> 0
				WHERE i.company = p.company AND i.person = p.id AND v.circle < 2 AND v.gone_at = 0 AND v.own = 0))
			ORDER BY p.weight DESC, p.last_heard DESC LIMIT $3`, company, ms(since), most)
		return err
	})
	return ps, err
}
