package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"lastword"
	"lastword/web/draw"
	"lastword/web/page"
)

// trendDays is how far back a theme's trend looks: six weeks.
const trendDays = 42

// theme is the heart: the wish, who has it, and room for a decision.
// (GET /themes/{id})
func (s *site) theme(v *visit) error {
	t, err := s.themeOf(v)
	if err != nil {
		return err
	}
	if t.Into != 0 {
		return v.redirect(to("themes", t.Into))
	}
	form := readDecide(v)
	return s.showTheme(v, http.StatusOK, t, form, nil, nil)
}

func (s *site) themeOf(v *visit) (lastword.Theme, error) {
	id, err := v.id("id")
	if err != nil {
		return lastword.Theme{}, err
	}
	return s.Store.Theme(v.ctx(), v.company.ID, id)
}

// showTheme sets the page; wrong is what is wrong in the decision, renaming
// what is wrong in the name.
func (s *site) showTheme(v *visit, status int, t lastword.Theme, form decideForm, wrong, renaming page.Mistakes) error {
	view := page.ThemeView{Theme: t, Renaming: renaming}
	for _, part := range []func(*visit, *page.ThemeView) error{s.heard, s.trend, s.words, s.worded, s.neighbours, s.outgoing, s.asks} {
		if err := part(v, &view); err != nil {
			return err
		}
	}
	view.Decide = s.decideView(v, &view, form, wrong)
	f := s.frame(v, page.AtThemes, t.Name)
	return v.showAs(status, f, page.ThemePage(f, view))
}

// heard reads who says it.
func (s *site) heard(v *visit, view *page.ThemeView) (err error) {
	t := view.Theme
	if view.Quotes, err = s.quotes(v, t.ID, 3); err != nil {
		return err
	}
	if view.People, view.Important, err = s.Store.PeopleBehind(v.ctx(), v.company.ID, t.ID, 5); err != nil {
		return err
	}
	networks, tongues, err := s.Store.Spread(v.ctx(), v.company.ID, t.ID)
	if err != nil {
		return err
	}
	view.Networks, view.Tongues = shares(networks), shares(tongues)
	if t.Doubtful > 0 {
		view.CheckTime, err = s.checkTime(v, t)
	}
	return err
}

// shares sorts counts, largest first.
func shares(counts map[string]int) []page.Share {
	out := make([]page.Share, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, page.Share{Name: name, N: counts[name]})
	}
	slices.SortStableFunc(out, func(a, b page.Share) int { return cmp.Compare(b.N, a.N) })
	return out
}

// trend reads voices a day by network.
func (s *site) trend(v *visit, view *page.ThemeView) error {
	days, err := s.Store.DaysByNetwork(v.ctx(), v.company.ID, view.Theme.ID, v.now, trendDays)
	if err != nil {
		return err
	}
	var series []draw.Series
	for _, name := range slices.Sorted(maps.Keys(days)) {
		series = append(series, draw.Series{Name: name, Values: days[name]})
	}
	view.Trend = page.Trend{
		Stack: draw.NewStack(series, 252, 84, "rest"),
		From:  v.now.AddDate(0, 0, 1-trendDays), Until: v.now,
	}
	view.Trend.Weeks = weeks(view.Trend, days, trendDays)
	return nil
}

// weeks adds days up for the table behind the trend, in the order of its layers.
func weeks(t page.Trend, days map[string][]int, n int) []page.Week {
	out := make([]page.Week, 0, n/7)
	for start := 0; start+7 <= n; start += 7 {
		w := page.Week{From: t.From.AddDate(0, 0, start)}
		for i, l := range t.Stack.Layers {
			w.Counts = append(w.Counts, layerSum(t.Stack.Layers[:i], l.Name, days, start))
		}
		out = append(out, w)
	}
	return out
}

// layerSum adds up a week of one layer; "rest" is all that has no layer of its
// own, which are all but those before it.
func layerSum(before []draw.Layer, name string, days map[string][]int, start int) (sum int) {
	own := func(network string) bool {
		return slices.ContainsFunc(before, func(l draw.Layer) bool { return l.Name == network })
	}
	for network, values := range days {
		if network == name || name == "rest" && !own(network) {
			for _, n := range values[start : start+7] {
				sum += n
			}
		}
	}
	return sum
}

// words reads the decisions on the theme: what stands, what is proposed, what was.
func (s *site) words(v *visit, view *page.ThemeView) error {
	decisions, err := s.Store.Decisions(v.ctx(), v.company.ID, view.Theme.ID, 20)
	if err != nil {
		return err
	}
	names, err := s.memberNames(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	for i, d := range decisions {
		w := s.word(v, d, names)
		switch {
		case d.ID == view.Theme.Decision:
			view.Stands = &w
		case d.Stands.IsZero() && d.SupersededBy == 0 && i == 0:
			if err := s.waits(v, &w); err != nil {
				return err
			}
			view.Proposal = &w
		default:
			view.Past = append(view.Past, w)
		}
	}
	return nil
}

func (s *site) word(v *visit, d lastword.Decision, names people) page.Word {
	return page.Word{
		Decision: d, By: names[d.By], Digest: d.Digest(), ThemeID: d.Theme,
		Reasons: reasonFor(d.Reason, v.read.Lang(), v.company.Lang),
	}
}

// reasonFor returns the reason in the first of the languages that has one, else
// in any.
func reasonFor(reason map[string]string, langs ...string) string {
	for _, l := range append(langs, slices.Sorted(maps.Keys(reason))...) {
		if reason[l] != "" {
			return reason[l]
		}
	}
	return ""
}

// waits finds out whose consent to a proposal is missing.
func (s *site) waits(v *visit, w *page.Word) error {
	given, err := s.Store.Consents(v.ctx(), v.company.ID, lastword.OfDecision, w.ID, w.Digest)
	if err != nil {
		return err
	}
	w.Waits, w.Mine, err = s.missing(v, given)
	return err
}

// missing names the directors other than the reader who have not consented, and
// says whether the reader has. Where one director is enough nobody is missing.
func (s *site) missing(v *visit, given []lastword.Release) (names []string, mine bool, err error) {
	members, err := s.Store.Members(v.ctx(), v.company.ID)
	if err != nil {
		return nil, false, err
	}
	for _, m := range members {
		has := slices.ContainsFunc(given, func(r lastword.Release) bool { return r.By == m.ID })
		switch {
		case m.ID == v.member.ID:
			mine = has
		case m.MayRelease() && !has && v.company.Rule == lastword.AllDirectors:
			names = append(names, m.Name)
		}
	}
	return names, mine, nil
}

// neighbours lists the themes that this one could be merged into.
func (s *site) neighbours(v *visit, view *page.ThemeView) error {
	all, err := s.Store.Themes(v.ctx(), v.company.ID, lastword.ThemeFilter{Order: lastword.BySize, Limit: 200})
	if err != nil {
		return err
	}
	view.Alike, view.Others = alike(view.Theme, all, 3)
	return nil
}

// dayOf reads a day of the form in the company's zone.
func (v *visit) dayOf(name string) (time.Time, error) {
	s := v.r.FormValue(name)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, v.read.Zone)
	if err != nil {
		return time.Time{}, &lastword.Mistake{Key: "mistake.day", Field: name}
	}
	return t, nil
}
