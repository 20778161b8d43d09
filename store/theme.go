package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lastword"
)

var themeColumns = columns("t", "company", "id", "name", "named_by", "kinds", "lang", "voices", "copies", "open",
	"doubtful", "feeling", "first_at", "last_at", "verdict", "decision", "into_id", "model", "changed")

func scanTheme(r row) (lastword.Theme, error) {
	var t lastword.Theme
	var first, last, changed int64
	err := r.Scan(&t.Company, &t.ID, &t.Name, &t.NamedBy, &t.Kinds, &t.Lang, &t.Voices, &t.Copies, &t.Open,
		&t.Doubtful, &t.Feeling, &first, &last, &t.Verdict, &t.Decision, &t.Into, &t.Model, &changed)
	t.First, t.Last, t.Changed = at(first), at(last), at(changed)
	return t, err
}

// listedColumns are a theme's without its Model, which a list does not need and
// which may be long.
var listedColumns = strings.Replace(themeColumns, "t.model", "NULL AS model", 1)

// Theme returns a theme, a merged one too.
func (db *DB) Theme(ctx context.Context, company, id int64) (lastword.Theme, error) {
	var th lastword.Theme
	err := db.engine.read(ctx, func(q querier) (err error) {
		th, err = theme(ctx, q, company, id)
		return err
	})
	return th, err
}

func theme(ctx context.Context, q querier, company, id int64) (lastword.Theme, error) {
	th, err := one(ctx, q, scanTheme, `SELECT `+themeColumns+` FROM theme t WHERE t.company = $1 AND t.id = $2`, company, id)
	if err != nil {
		return th, fmt.Errorf("theme %d: %w", id, err)
	}
	return th, nil
}

// themeOrders are the orders of a list of themes, each along an index.
var themeOrders = map[lastword.ThemeOrder]string{
	lastword.ByOpen:   "t.open DESC, t.id DESC",
	lastword.BySize:   "t.voices DESC, t.id DESC",
	lastword.ByRecent: "t.last_at DESC, t.id DESC",
}

// Themes lists themes that are not merged away. Their Model is left out.
func (db *DB) Themes(ctx context.Context, company int64, f lastword.ThemeFilter) ([]lastword.Theme, error) {
	w := &wanted{company: company, from: "theme t"}
	w.and("t.company = ?", company)
	w.and("t.into_id = 0")
	w.and("t.voices > 0")
	if f.Undecided {
		w.and("t.decision = 0")
	}
	if f.Decided {
		w.and("t.decision <> 0")
	}
	if f.Kinds != 0 {
		w.and("t.kinds & ? <> 0", int64(f.Kinds))
	}
	if f.Search != "" {
		w.and("lower(t.name) LIKE ? ESCAPE '!'", "%"+likeLiteral(f.Search)+"%")
	}
	order, ok := themeOrders[f.Order]
	if !ok {
		order = themeOrders[lastword.ByOpen]
	}
	w.args = append(w.args, limit(f.Limit), f.Offset)
	var ts []lastword.Theme
	err := db.engine.read(ctx, func(q querier) (err error) {
		ts, err = collect(ctx, q, scanTheme, `SELECT `+listedColumns+` FROM theme t`+w.where()+
			fmt.Sprintf(` ORDER BY %s LIMIT $%d OFFSET $%d`, order, len(w.args)-1, len(w.args)), w.args...)
		return err
	})
	return ts, err
}

// Days returns the voices of each day of each theme, over the n days that end
// with until. Theme 0 is everything that was heard.
func (db *DB) Days(ctx context.Context, company int64, themes []int64, until time.Time, n int) (map[int64][]int, error) {
	last := day(until)
	days := make(map[int64][]int, len(themes))
	for _, id := range themes {
		days[id] = make([]int, n)
	}
	if len(themes) == 0 {
		return days, nil
	}
	args := []any{company, last - int64(n) + 1, last}
	in := inList(db.engine, &args, themes)
	scan := func(r row) (d [3]int64, err error) { return d, r.Scan(&d[0], &d[1], &d[2]) }
	err := db.engine.read(ctx, func(q querier) error {
		all, err := collect(ctx, q, scan, `SELECT theme, day, sum(voices) FROM theme_day
			WHERE company = $1 AND day >= $2 AND day <= $3 AND theme IN `+in+` GROUP BY theme, day`, args...)
		for _, d := range all {
			days[d[0]][d[1]-last+int64(n)-1] = int(d[2])
		}
		return err
	})
	return days, err
}

// DaysByNetwork returns a theme's voices a day, by network, over the n days that
// end with until.
func (db *DB) DaysByNetwork(ctx context.Context, company, theme int64, until time.Time, n int) (map[string][]int, error) {
	type count struct {
		network   string
		day, many int64
	}
	scan := func(r row) (c count, err error) { return c, r.Scan(&c.network, &c.day, &c.many) }
	last := day(until)
	days := map[string][]int{}
	err := db.engine.read(ctx, func(q querier) error {
		all, err := collect(ctx, q, scan, `SELECT network, day, voices FROM theme_day
			WHERE company = $1 AND theme = $2 AND day > $3 AND day <= $4`, company, theme, last-int64(n), last)
		for _, c := range all {
			i := c.day - last + int64(n) - 1
			if days[c.network] == nil {
				days[c.network] = make([]int, n)
			}
			days[c.network][i] = int(c.many)
		}
		return err
	})
	return days, err
}

// PeopleBehind counts the people of a theme and lists the most important.
func (db *DB) PeopleBehind(ctx context.Context, company, theme int64, most int) (int, []lastword.Person, error) {
	var n int64
	var first []lastword.Person
	err := db.engine.read(ctx, func(q querier) (err error) {
		n, err = one(ctx, q, scanInt, `SELECT count(*) FROM theme_identity
			WHERE company = $1 AND theme = $2 AND voices > 0`, company, theme)
		if err != nil {
			return err
		}
		first, err = collect(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p
			WHERE p.company = $1 AND p.weight > 0 AND EXISTS (SELECT 1 FROM identity i JOIN theme_identity b
				ON b.company = i.company AND b.identity = i.id AND b.theme = $2 AND b.voices > 0
				WHERE i.company = p.company AND i.person = p.id)
			ORDER BY p.weight DESC, p.last_heard DESC LIMIT $3`, company, theme, most)
		return err
	})
	return int(n), first, err
}

// Spread counts a theme's voices by network and by language.
func (db *DB) Spread(ctx context.Context, company, theme int64) (networks, languages map[string]int, err error) {
	type count struct {
		name string
		many int
	}
	scan := func(r row) (c count, err error) { return c, r.Scan(&c.name, &c.many) }
	networks, languages = map[string]int{}, map[string]int{}
	err = db.engine.read(ctx, func(q querier) error {
		for text, into := range map[string]map[string]int{
			`SELECT network, sum(voices) FROM theme_day WHERE company = $1 AND theme = $2 GROUP BY network`: networks,
			`SELECT language, voices FROM theme_language WHERE company = $1 AND theme = $2 AND voices > 0`:  languages,
		} {
			all, err := collect(ctx, q, scan, text, company, theme)
			if err != nil {
				return err
			}
			for _, c := range all {
				if c.many > 0 {
					into[c.name] = c.many
				}
			}
		}
		return nil
	})
	return networks, languages, err
}
