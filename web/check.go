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
	view := page.CheckView{Scope: t, Left: len(doubtful), Skip: v.r.FormValue("skip"), Seconds: checkSeconds(doubtful)}
	if view.Rows, err = s.together(v, doubtful); err != nil {
		return err
	}
	if len(view.Rows) > 0 {
		if err := s.explain(v, &view); err != nil {
			return err
		}
	}
	f := s.frame(v, page.AtCheck, v.read.T("nav.check"))
	return v.showAs(http.StatusOK, f, page.Check(f, view))
}

// explain adds what the theme of the voices is about, and where else they may go.
func (s *site) explain(v *visit, view *page.CheckView) (err error) {
	theme := view.Rows[0].Theme
	if view.Theme, err = s.Store.Theme(v.ctx(), v.company.ID, theme); err != nil {
		return err
	}
	if view.Examples, err = s.quotes(v, theme, 3); err != nil {
		return err
	}
	view.Examples = slices.DeleteFunc(view.Examples, func(e lastword.VoiceRow) bool {
		return slices.ContainsFunc(view.Rows, func(r lastword.VoiceRow) bool { return r.ID == e.ID })
	})
	view.Themes, err = s.themesByName(v)
	return err
}

// handful is how many voices are asked about together: a key for each.
const handful = 9

// together are the voices to ask about: those named in the address, which may be
// judged anew, or the fastest of one theme that are not skipped.
func (s *site) together(v *visit, doubtful []lastword.VoiceRow) ([]lastword.VoiceRow, error) {
	if ids := idsOf(v.r.URL.Query()["voice"]); len(ids) > 0 {
		return s.named(v, ids[:min(len(ids), handful)])
	}
	skipped := strings.Split(v.r.FormValue("skip"), ",")
	left := slices.DeleteFunc(slices.Clone(doubtful), func(d lastword.VoiceRow) bool {
		return slices.Contains(skipped, strconv.FormatInt(d.ID, 10))
	})
	if len(left) == 0 {
		left = doubtful // all were skipped: begin again
	}
	other := slices.IndexFunc(left, func(d lastword.VoiceRow) bool { return d.Theme != left[0].Theme })
	if other < 0 {
		other = len(left)
	}
	return left[:min(other, handful)], nil
}

// named are voices by their ids, as if they were still where they were before
// somebody said that they do not belong there.
func (s *site) named(v *visit, ids []int64) ([]lastword.VoiceRow, error) {
	rows := make([]lastword.VoiceRow, len(ids))
	for i, id := range ids {
		row, err := s.Store.VoiceRow(v.ctx(), v.company.ID, id)
		if err != nil {
			return nil, err
		}
		if row.Theme == 0 || i > 0 {
			row.Theme = cmp.Or(v.number("theme"), row.Theme)
		}
		rows[i] = row
	}
	return rows, nil
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

// judgeVoices takes a person's word on the voices that were shown: those that are
// ticked belong, the others do not, or all of them belong elsewhere.
// (POST /check)
func (s *site) judgeVoices(v *visit) error {
	shown := v.numbers("shown")
	if len(shown) == 0 {
		return &lastword.Mistake{Key: "mistake.nothing_chosen"}
	}
	flash := page.Flash{N: len(shown), See: again(shown, v.number("was"))}
	var err error
	switch v.word("belongs") {
	case "yes":
		flash.Key, flash.N, err = s.keepTicked(v, shown, v.numbers("voice"))
	case "no":
		flash.Key, err = "flash.rejected", s.Themes.Reject(v.ctx(), v.member, shown)
	default:
		flash.Key, err = "flash.moved", s.Themes.Move(v.ctx(), v.member, shown, v.number("theme"))
	}
	if err != nil {
		return err
	}
	v.tell(flash)
	return v.redirect(ours(v.word("next"), "/check"))
}

// keepTicked confirms those of shown that are ticked and rejects the others. It
// returns what to tell, and of how many.
func (s *site) keepTicked(v *visit, shown, ticked []int64) (key string, n int, err error) {
	other := slices.DeleteFunc(slices.Clone(shown), func(id int64) bool { return slices.Contains(ticked, id) })
	belong := slices.DeleteFunc(slices.Clone(shown), func(id int64) bool { return !slices.Contains(ticked, id) })
	if len(other) > 0 {
		key, n, err = "flash.rejected", len(other), s.Themes.Reject(v.ctx(), v.member, other)
	}
	if len(belong) > 0 && err == nil {
		key, n, err = "flash.belongs", len(belong), s.Themes.Confirm(v.ctx(), v.member, belong)
	}
	return key, n, err
}

// again is where the same voices are asked about once more.
func again(voices []int64, theme int64) string {
	address := "/check?theme=" + strconv.FormatInt(theme, 10)
	for _, id := range voices[:min(len(voices), handful)] {
		address += "&voice=" + strconv.FormatInt(id, 10)
	}
	return address
}
