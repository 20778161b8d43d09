package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"lastword"
	"lastword/web/page"
)

// The check asks a person about voices of which the machine is not sure, the
// fastest first.

// checkAll asks about the doubtful voices of all themes. (GET /check)
func (s *site) checkAll(v *visit) error { return s.ask(v, lastword.Theme{}) }

// checkTheme asks about the doubtful voices of one theme. (GET /themes/{id}/check)
func (s *site) checkTheme(v *visit) error {
	t, err := s.themeOf(v)
	if err != nil {
		return err
	}
	return s.ask(v, t)
}

func (s *site) ask(v *visit, t lastword.Theme) error {
	doubtful, err := s.doubtful(v, t.ID, mostDoubtful)
	if err != nil {
		return err
	}
	view := page.CheckView{Scope: t, Left: len(doubtful), Skip: v.r.FormValue("skip")}
	view.Seconds = checkSeconds(doubtful)
	one, err := s.next(v, doubtful)
	if err != nil {
		return err
	}
	if one != nil {
		view.Row = one
		if view.Theme, err = s.Store.Theme(v.ctx(), v.company.ID, one.Theme); err != nil {
			return err
		}
		if view.Examples, err = s.quotes(v, one.Theme, 3); err != nil {
			return err
		}
		view.Examples = slices.DeleteFunc(view.Examples, func(r lastword.VoiceRow) bool { return r.ID == one.ID })
		if view.Themes, err = s.themesByName(v); err != nil {
			return err
		}
	}
	f := s.frame(v, page.AtCheck, v.read.T("nav.check"))
	return v.showAs(http.StatusOK, f, page.Check(f, view))
}

// next is the voice to ask about: the one named in the address, which may be
// judged anew, or the fastest of those not skipped.
func (s *site) next(v *visit, doubtful []lastword.VoiceRow) (*lastword.VoiceRow, error) {
	if id := v.number("voice"); id != 0 {
		row, err := s.Store.VoiceRow(v.ctx(), v.company.ID, id)
		if err == nil && row.Theme == 0 {
			row.Theme = v.number("theme")
		}
		return &row, err
	}
	skipped := strings.Split(v.r.FormValue("skip"), ",")
	for _, d := range doubtful {
		if !slices.Contains(skipped, strconv.FormatInt(d.ID, 10)) {
			return &d, nil
		}
	}
	if len(doubtful) > 0 {
		return &doubtful[0], nil // all were skipped: begin again
	}
	return nil, nil
}

// mostDoubtful is how many doubtful voices are put in order at once.
const mostDoubtful = 300

func (s *site) doubtful(v *visit, theme int64, most int) ([]lastword.VoiceRow, error) {
	found, err := s.Store.FindVoices(v.ctx(), v.company.ID, lastword.VoiceFilter{
		Theme: theme, Doubtful: true, Limit: most,
		Circle: []lastword.Circle{lastword.Open, lastword.Decided},
	})
	return fastest(found), err
}

// mostTimed is how many doubtful voices are read to estimate the time for all.
const mostTimed = 40

// checkTime estimates how many seconds the check of a theme takes.
func (s *site) checkTime(v *visit, t lastword.Theme) (int, error) {
	found, err := s.doubtful(v, t.ID, mostTimed)
	if len(found) < mostTimed {
		return checkSeconds(found), err
	}
	return checkSeconds(found) * min(t.Doubtful, mostDoubtful) / len(found), err
}

// seconds estimates how long a person needs to say whether a voice belongs to a
// theme: reading at 179 words a minute (Brysbaert 2019 lower bound for German,
// about 17 characters a second), one decision of 1.35 s and one key of 0.28 s
// (Card, Moran and Newell 1983).
func seconds(text string) float64 {
	return float64(utf8.RuneCountInString(text))/17 + 1.35 + 0.28
}

func checkSeconds(rows []lastword.VoiceRow) int {
	sum := 0.0
	for _, r := range rows {
		sum += seconds(r.Text)
	}
	return int(sum + .5)
}

// fastest orders voices so that most are judged in the least time: theme by
// theme, since each new theme must be read anew, the themes with the shortest
// voices first, and within them the shortest voice first.
func fastest(found []lastword.VoiceRow) []lastword.VoiceRow {
	type load struct {
		seconds float64
		voices  int
	}
	themes := map[int64]load{}
	for _, r := range found {
		l := themes[r.Theme]
		themes[r.Theme] = load{l.seconds + seconds(r.Text), l.voices + 1}
	}
	cost := func(theme int64) float64 {
		l := themes[theme]
		return (l.seconds + newTheme) / float64(l.voices)
	}
	out := slices.Clone(found)
	slices.SortStableFunc(out, func(a, b lastword.VoiceRow) int {
		return cmp.Or(cmp.Compare(cost(a.Theme), cost(b.Theme)), cmp.Compare(a.Theme, b.Theme),
			cmp.Compare(seconds(a.Text), seconds(b.Text)), cmp.Compare(b.ID, a.ID))
	})
	return out
}

// newTheme is the seconds it takes to take in another theme's name and examples.
const newTheme = 8.0

// judgeVoice takes a person's word on one doubtful voice: it belongs, it does
// not, or it belongs elsewhere. (POST /check/{id})
func (s *site) judgeVoice(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	flash := page.Flash{N: 1, See: "/check?voice=" + strconv.FormatInt(id, 10) + "&theme=" + strconv.FormatInt(v.number("was"), 10)}
	switch v.word("belongs") {
	case "yes":
		flash.Key, err = "flash.belongs", s.Themes.Confirm(v.ctx(), v.member, []int64{id})
	case "no":
		flash.Key, err = "flash.rejected", s.Themes.Reject(v.ctx(), v.member, []int64{id})
	default:
		flash.Key, err = "flash.moved", s.Themes.Move(v.ctx(), v.member, []int64{id}, v.number("theme"))
	}
	if err != nil {
		return err
	}
	v.tell(flash)
	return v.redirect(ours(v.word("next"), "/check"))
}
