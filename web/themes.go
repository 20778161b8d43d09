package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lastword"
	"lastword/web/draw"
	"lastword/web/page"
)

// themes lists what voices want, most unanswered first. (GET /themes)
func (s *site) themes(v *visit) error {
	q := v.r.URL.Query()
	list, err := s.Store.Themes(v.ctx(), v.company.ID, themeFilter(q))
	if err != nil {
		return err
	}
	view := page.ThemesView{Search: q.Get("q"), Hidden: keep(q, "q"), Clauses: themeClauses(v, q)}
	at := int(number(q.Get("offset")))
	if len(list) > rows {
		list = list[:rows]
		view.Next = with("/themes", q, "offset", strconv.Itoa(at+rows))
	}
	if at > 0 {
		view.Start = with("/themes", q, "offset", "")
	}
	if view.Rows, err = s.themeRows(v, list); err != nil {
		return err
	}
	if at == 0 {
		if view.Asks, err = s.pairAsked(v, 0); err != nil {
			return err
		}
	}
	f := s.frame(v, page.AtThemes, v.read.T("nav.themes"))
	return v.showAs(http.StatusOK, f, page.Themes(f, view))
}

func themeFilter(q url.Values) lastword.ThemeFilter {
	f := lastword.ThemeFilter{
		Undecided: q.Get("decided") == "no", Decided: q.Get("decided") == "yes", Search: strings.TrimSpace(q.Get("q")),
		Order: lastword.ByOpen, Offset: int(min(number(q.Get("offset")), 1_000_000)), Limit: rows + 1,
	}
	if k, ok := kindsOf(q.Get("kind")); ok {
		f.Kinds = k
	}
	switch o := lastword.ThemeOrder(q.Get("order")); o {
	case lastword.BySize, lastword.ByRecent:
		f.Order = o
	}
	return f
}

func themeClauses(v *visit, values url.Values) []page.Clause {
	q, r := voiceQuery{values: values}, v.read
	decided := []page.Choice{{Label: r.T("filter.undecided"), Href: "no"}, {Label: r.T("filter.decided"), Href: "yes"}}
	order := []page.Choice{{Label: r.T("order.size"), Href: "size"}, {Label: r.T("order.recent"), Href: "recent"}}
	return []page.Clause{
		q.clause("/themes", r.T("filter.decision"), "decided", r.T("filter.all_themes"), decided),
		q.clause("/themes", r.T("filter.kind"), "kind", r.T("filter.all_kinds"), named(r, "kinds.", kindNames()[:4])),
		q.clause("/themes", r.T("filter.order"), "order", r.T("order.open"), order),
	}
}

func (s *site) themeRows(v *visit, list []lastword.Theme) ([]page.ThemeRow, error) {
	ids := make([]int64, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	days, err := s.Store.Days(v.ctx(), v.company.ID, ids, v.now, trendDays)
	if err != nil {
		return nil, err
	}
	out := make([]page.ThemeRow, len(list))
	for i, t := range list {
		out[i] = page.ThemeRow{Theme: t, Spark: draw.NewSpark(days[t.ID], 96, 24)}
	}
	return out, nil
}

// themeVoices lists the voices of a theme with how surely they belong to it, to
// tick, split and move. (GET /themes/{id}/voices)
func (s *site) themeVoices(v *visit) error {
	t, err := s.themeOf(v)
	if err != nil {
		return err
	}
	return s.showThemeVoices(v, http.StatusOK, t, nil)
}

func (s *site) showThemeVoices(v *visit, status int, t lastword.Theme, wrong page.Mistakes) error {
	q, path := v.r.URL.Query(), to("themes", t.ID, "voices")
	filter := lastword.VoiceFilter{
		Theme: t.ID, Surely: q.Get("fit") == "sure", Doubtful: q.Get("fit") == "doubtful",
		Search: strings.TrimSpace(q.Get("q")), Before: number(q.Get("before")), Limit: rows + 1,
	}
	list, err := s.Store.FindVoices(v.ctx(), v.company.ID, filter)
	if err != nil {
		return err
	}
	view := page.ThemeVoicesView{Theme: t, Search: filter.Search, Mistakes: wrong}
	view.Rows, view.Next, view.Start = paging(list, path, q, func(r lastword.VoiceRow) int64 { return r.ID })
	fit := []page.Choice{{Label: v.read.T("fit.sure"), Href: "sure"}, {Label: v.read.T("fit.doubtful"), Href: "doubtful"}}
	view.Clauses = []page.Clause{voiceQuery{values: q}.clause(path, v.read.T("filter.fit"), "fit", v.read.T("fit.all"), fit)}
	if view.Others, err = s.themesByName(v); err != nil {
		return err
	}
	f := s.frame(v, page.AtThemes, t.Name)
	return v.showAs(status, f, page.ThemeVoices(f, view))
}

// rename gives a theme a name that the machine does not change any more.
// (POST /themes/{id}/rename)
func (s *site) rename(v *visit) error {
	t, err := s.themeOf(v)
	if err != nil {
		return err
	}
	err = s.Themes.Rename(v.ctx(), v.member, t.ID, v.word("name"))
	if wrong, ok := asMistakes(err); ok {
		wrong[0].Field = "name"
		return s.showTheme(v, http.StatusUnprocessableEntity, t, readDecide(v), nil, wrong)
	}
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.renamed", N: 1})
	return v.redirect(to("themes", t.ID))
}

// merge makes two themes one. (POST /themes/{id}/merge)
func (s *site) merge(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	into := v.number("into")
	if into == 0 {
		return &lastword.Mistake{Key: "mistake.nothing_chosen"}
	}
	if err := s.Themes.Merge(v.ctx(), v.member, id, into); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.merged", N: 1})
	return v.redirect(to("themes", into))
}

// sortVoices splits ticked voices off into a theme of their own, moves them, or
// says whether they belong. (POST /themes/{id}/voices)
func (s *site) sortVoices(v *visit) error {
	t, err := s.themeOf(v)
	if err != nil {
		return err
	}
	chosen := v.numbers("voice")
	if len(chosen) == 0 {
		return s.showThemeVoices(v, http.StatusUnprocessableEntity, t, page.Mistakes{{Key: "mistake.nothing_chosen"}})
	}
	flash := page.Flash{N: len(chosen)}
	next := v.r.URL.RequestURI()
	switch v.word("act") {
	case "split":
		var fresh int64
		fresh, err = s.Themes.Split(v.ctx(), v.member, t.ID, chosen, v.word("name"))
		flash.Key, next = "flash.split", to("themes", fresh)
	case "confirm":
		flash.Key, err = "flash.belongs", s.Themes.Confirm(v.ctx(), v.member, chosen)
	case "reject":
		flash.Key, err = "flash.rejected", s.Themes.Reject(v.ctx(), v.member, chosen)
	default:
		flash.Key, err = "flash.moved", s.Themes.Move(v.ctx(), v.member, chosen, v.number("theme"))
	}
	if wrong, ok := asMistakes(err); ok {
		return s.showThemeVoices(v, http.StatusUnprocessableEntity, t, wrong)
	}
	if err != nil {
		return err
	}
	v.tell(flash)
	return v.redirect(next)
}
