package web

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"lastword"
)

// quotes picks the voices that a theme is shown by: sure ones first, of a
// length one reads at a glance, from different people and places. They are
// picked from six times as many of the newest.
func (s *site) quotes(v *visit, theme int64, n int) ([]lastword.VoiceRow, error) {
	rows, err := s.Store.FindVoices(v.ctx(), v.company.ID, lastword.VoiceFilter{Theme: theme, Surely: true, Limit: 6 * n})
	if err == nil && len(rows) < n {
		rows, err = s.Store.FindVoices(v.ctx(), v.company.ID, lastword.VoiceFilter{Theme: theme, Limit: 6 * n})
	}
	if err != nil {
		return nil, err
	}
	return pick(rows, n), nil
}

// pick chooses n rows that differ most in who said them, where and in which
// language, each time the one that reads best.
func pick(rows []lastword.VoiceRow, n int) []lastword.VoiceRow {
	var out []lastword.VoiceRow
	rest := slices.DeleteFunc(slices.Clone(rows), func(r lastword.VoiceRow) bool {
		return !r.GoneAt.IsZero() || r.Hidden || r.CopyOf != 0 || r.Text == ""
	})
	for len(out) < n && len(rest) > 0 {
		best := slices.MaxFunc(rest, func(a, b lastword.VoiceRow) int {
			return cmp.Compare(worth(a, out), worth(b, out))
		})
		out = append(out, best)
		rest = slices.DeleteFunc(rest, func(r lastword.VoiceRow) bool { return r.ID == best.ID })
	}
	return out
}

// worth rates a quote beside those already chosen; the scale means nothing but
// its order.
func worth(r lastword.VoiceRow, chosen []lastword.VoiceRow) int {
	w := 2 * r.Person.Weight
	switch n := utf8.RuneCountInString(r.Text); {
	case n < 25:
		w -= 6
	case n <= 180:
		w += 3
	case n > 320:
		w -= 4
	}
	if r.Wish != "" {
		w += 2
	}
	for _, c := range chosen {
		if c.Identity == r.Identity && r.Identity != 0 || c.Person.ID == r.Person.ID && r.Person.ID != 0 {
			w -= 20
		}
		if c.Network == r.Network {
			w -= 2
		}
	}
	return w
}

// people names the members of the company for "by whom".
type people map[int64]string

func (s *site) memberNames(ctx context.Context, company int64) (people, error) {
	members, err := s.Store.Members(ctx, company)
	if err != nil {
		return nil, err
	}
	out := people{}
	for _, m := range members {
		out[m.ID] = m.Name
	}
	return out, nil
}
