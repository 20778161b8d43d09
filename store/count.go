package store

import (
	"context"
	"slices"

	"lastword"
)

// A seat is all of a voice that its theme's counts depend on.
type seat struct {
	voice    int64
	theme    int64
	sure     bool
	placedBy int64 // member; 0 for the machine
	circle   lastword.Circle
	copyOf   int64
	feeling  int64
	saidAt   int64
	gone     bool

	network, language string
	identity          int64
}

// seats loads the seats of voices before they change; reseat then brings the
// counts of every theme concerned in line with what they are.
func (t *tx) seats(ctx context.Context, company int64, voices []int64) ([]seat, error) {
	scan := func(r row) (s seat, err error) {
		var fit float64
		var gone int64
		err = r.Scan(&s.voice, &s.theme, &fit, &s.placedBy, &s.circle, &s.copyOf, &s.feeling, &s.saidAt, &gone,
			&s.network, &s.language, &s.identity)
		s.sure, s.gone = fit >= lastword.Sure || s.placedBy != 0, gone != 0
		return s, err
	}
	var all []seat
	for ids := range slices.Chunk(voices, chunk) {
		args := []any{company}
		in := inList(t, &args, ids)
		some, err := collect(ctx, t, scan, `SELECT id, theme, fit, fit_by, circle, copy_of, feeling, said_at, gone_at,
			network, language, identity FROM voice
			WHERE company = $1 AND id IN `+in+t.held(), args...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// held lets nobody change what a statement reads before the transaction ends. In
// SQLite nobody else writes meanwhile.
func (t *tx) held() string {
	if t.dialect() == postgres {
		return " ORDER BY id FOR UPDATE"
	}
	return ""
}

// A tally is what seats add up to in one theme.
type tally struct {
	voices, copies, open, doubtful, feeling int64
	first, last                             int64
	days                                    map[themeDay]int64
	languages                               map[string]int64
	people                                  map[int64]int64
}

// A themeDay is one day of one network.
type themeDay struct {
	day     int64
	network string
}

func newTally() *tally {
	return &tally{days: map[themeDay]int64{}, languages: map[string]int64{}, people: map[int64]int64{}}
}

// add counts a seat, or with sign -1 takes it away.
func (y *tally) add(s seat, sign int64) {
	if s.copyOf != 0 {
		y.copies += sign
	} else {
		y.voices += sign
		y.feeling += sign * s.feeling
	}
	if s.circle == lastword.Open || s.circle == lastword.Decided {
		y.open += sign
		if !s.sure {
			y.doubtful += sign
		}
	}
	y.days[themeDay{s.saidAt / dayMillis, s.network}] += sign
	y.languages[s.language] += sign
	if s.identity != 0 {
		y.people[s.identity] += sign
	}
	if sign > 0 {
		y.last = max(y.last, s.saidAt)
		if y.first == 0 || s.saidAt < y.first {
			y.first = s.saidAt
		}
	}
}

const dayMillis = 24 * 60 * 60 * 1000

// reseat brings the counts of themes in line with what became of the seats.
func (t *tx) reseat(ctx context.Context, company int64, before []seat) error {
	voices := make([]int64, len(before))
	for i, s := range before {
		voices[i] = s.voice
	}
	after, err := t.seats(ctx, company, voices)
	if err != nil {
		return err
	}
	tallies := tallies{}
	for _, s := range before {
		tallies.add(s, -1)
	}
	for _, s := range after {
		tallies.add(s, +1)
	}
	return t.tallied(ctx, company, tallies)
}

// tallies are those of several themes, by id.
type tallies map[int64]*tally

// add counts a seat for its theme, or with sign -1 takes it away.
func (ys tallies) add(s seat, sign int64) {
	if s.theme == 0 || s.gone {
		return
	}
	if ys[s.theme] == nil {
		ys[s.theme] = newTally()
	}
	ys[s.theme].add(s, sign)
}

// tallied adds tallies to the themes' rows. The feeling is kept as a mean over
// the voices that count.
func (t *tx) tallied(ctx context.Context, company int64, tallies tallies) error {
	var themes, days, languages, people [][]any
	for id, y := range tallies {
		themes = append(themes, []any{company, id, y.voices, y.copies, y.open, y.doubtful, float64(y.feeling), y.first, y.last})
		for d, n := range y.days {
			days = appendChange(days, n, company, id, d.day, d.network)
		}
		for l, n := range y.languages {
			languages = appendChange(languages, n, company, id, l)
		}
		for p, n := range y.people {
			people = appendChange(people, n, company, id, p)
		}
	}
	_, err := t.many(ctx, `UPDATE theme SET
		feeling = CASE WHEN voices + $3 > 0 THEN (feeling * voices + $7) / (voices + $3) ELSE 0 END,
		voices = voices + $3, copies = copies + $4, open = open + $5, doubtful = doubtful + $6,
		first_at = CASE WHEN CAST($8 AS BIGINT) > 0 AND (first_at = 0 OR $8 < first_at) THEN $8 ELSE first_at END,
		last_at = CASE WHEN $9 > last_at THEN $9 ELSE last_at END
		WHERE company = $1 AND id = $2`, themes)
	if err != nil {
		return err
	}
	for text, args := range map[string][][]any{addDays: days, addLanguages: languages, addPeople: people} {
		if _, err := t.many(ctx, text, args); err != nil {
			return err
		}
	}
	return nil
}

// appendChange appends the arguments of a statement that adds n, unless n is 0.
func appendChange(all [][]any, n int64, args ...any) [][]any {
	if n == 0 {
		return all
	}
	return append(all, append(args, n))
}

// What adds to the counts of a theme.
const (
	addDays = `INSERT INTO theme_day (company, theme, day, network, voices) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (company, theme, day, network) DO UPDATE SET voices = theme_day.voices + excluded.voices`
	addLanguages = `INSERT INTO theme_language (company, theme, language, voices) VALUES ($1, $2, $3, $4)
		ON CONFLICT (company, theme, language) DO UPDATE SET voices = theme_language.voices + excluded.voices`
	addPeople = `INSERT INTO theme_identity (company, theme, identity, voices) VALUES ($1, $2, $3, $4)
		ON CONFLICT (company, theme, identity) DO UPDATE SET voices = theme_identity.voices + excluded.voices`
)

// changing runs do between seats and reseat over the voices that it changes.
func (t *tx) changing(ctx context.Context, company int64, voices []int64, do func() error) error {
	before, err := t.seats(ctx, company, voices)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return t.reseat(ctx, company, before)
}
