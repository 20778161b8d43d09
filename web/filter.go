package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/web/page"
	"lastword/web/text"
)

// A voiceQuery is a filter of voices as an address says it.
type voiceQuery struct {
	values url.Values
	filter lastword.VoiceFilter
}

// kindNames are the kinds as addresses and forms name them.
func kindNames() []string { return []string{"wish", "problem", "praise", "question", "none"} }

// kindsOf reads a kind by name; "none" is the empty set.
func kindsOf(name string) (lastword.Kinds, bool) {
	i := slices.Index(kindNames(), name)
	if i < 0 {
		return 0, false
	}
	return lastword.Kinds(1<<i) & (lastword.Wish | lastword.Problem | lastword.Praise | lastword.Question), true
}

// feelingNames are the feelings from -1 to 1.
func feelingNames() []string { return []string{"negative", "neutral", "positive"} }

func feelingOf(name string) (lastword.Feeling, bool) {
	i := slices.Index(feelingNames(), name)
	return lastword.Feeling(i - 1), i >= 0
}

// circleNames are the stations in their order.
func circleNames() []string { return []string{"open", "decided", "closed", "aside"} }

// spanNames are how far back a list may look.
func spanNames() []string { return []string{"today", "week", "month"} }

// readVoiceQuery reads the filter of an address. What it does not know it leaves
// out: an old link shows more rather than an error.
func readVoiceQuery(v *visit) voiceQuery {
	q := v.r.URL.Query()
	f := lastword.VoiceFilter{
		Network: q.Get("network"), Language: q.Get("language"), Search: strings.TrimSpace(q.Get("q")),
		Theme: number(q.Get("theme")), NoTheme: q.Get("theme") == "none", Query: number(q.Get("query")),
		Channel: number(q.Get("channel")), Person: number(q.Get("person")), Before: number(q.Get("before")),
		Since: v.since(q.Get("since")), Limit: rows + 1,
	}
	if k, ok := kindsOf(q.Get("kind")); ok {
		f.Kinds, f.Other = k, k == 0
	}
	if feeling, ok := feelingOf(q.Get("feeling")); ok {
		f.Feeling = &feeling
	}
	if i := slices.Index(circleNames(), q.Get("circle")); i >= 0 {
		f.Circle = []lastword.Circle{lastword.Circle(i)}
	}
	return voiceQuery{q, f}
}

// rows is how many a list shows: what fits a laptop.
const rows = 25

// since says when a span began.
func (v *visit) since(span string) time.Time {
	start := v.dayStart()
	switch span {
	case "today":
		return start
	case "week":
		return start.AddDate(0, 0, -int(start.Weekday()+6)%7) // since Monday
	case "month":
		return start.AddDate(0, -1, 0)
	}
	return time.Time{}
}

// clause builds one part of the sentence: the first choice restricts nothing.
func (q voiceQuery) clause(path, label, param, all string, choices []page.Choice) page.Clause {
	now := q.values.Get(param)
	c := page.Clause{Label: label, Plain: now == ""}
	c.Choices = append(c.Choices, page.Choice{Label: all, Href: with(path, q.values, param, ""), On: now == ""})
	for _, one := range choices {
		value := one.Href // the value until here, an address from here on
		one.Href, one.On = with(path, q.values, param, value), now == value
		c.Choices = append(c.Choices, one)
	}
	return c
}

// named makes choices of values whose labels are texts of the catalogue.
func named(r text.Reader, prefix string, values []string) []page.Choice {
	out := make([]page.Choice, len(values))
	for i, value := range values {
		out[i] = page.Choice{Label: r.T(prefix + value), Href: value}
	}
	return out
}

// clauses is the filter of voices as a sentence.
func (s *site) clauses(v *visit, q voiceQuery, path string) ([]page.Clause, error) {
	r := v.read
	out := []page.Clause{
		q.clause(path, r.T("filter.kind"), "kind", r.T("filter.all_kinds"), named(r, "kinds.", kindNames())),
		q.clause(path, r.T("filter.feeling"), "feeling", r.T("filter.all_feelings"), named(r, "feeling.", feelingNames())),
		q.clause(path, r.T("filter.since"), "since", r.T("filter.all_time"), named(r, "span.", spanNames())),
		q.clause(path, r.T("filter.circle"), "circle", r.T("filter.all_circles"), named(r, "circle.", circleNames())),
		q.clause(path, r.T("filter.network"), "network", r.T("filter.all_networks"), s.networkChoices(r, q)),
	}
	return s.narrowed(v, q, path, out)
}

// networkChoices are the networks of the connectors, and the one that holds.
func (s *site) networkChoices(r text.Reader, q voiceQuery) []page.Choice {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, c := range s.Connectors {
		add(c.Network.Name)
	}
	add(q.filter.Network)
	f := page.Frame{Reader: r}
	out := make([]page.Choice, len(names))
	for i, n := range names {
		out[i] = page.Choice{Label: f.Network(n), Href: n}
	}
	return out
}

// narrowed adds what only a link can have set: a theme, a query, a channel, a
// language; each can be taken away again.
func (s *site) narrowed(v *visit, q voiceQuery, path string, out []page.Clause) ([]page.Clause, error) {
	add := func(param, label, name string) {
		out = append(out, q.clause(path, label, param, v.read.T("filter.without"), []page.Choice{{Label: name, Href: q.values.Get(param)}}))
	}
	if q.filter.NoTheme {
		add("theme", v.read.T("filter.theme"), v.read.T("filter.no_theme"))
	}
	if q.filter.Theme != 0 {
		t, err := s.Store.Theme(v.ctx(), v.company.ID, q.filter.Theme)
		if err != nil {
			return nil, err
		}
		add("theme", v.read.T("filter.theme"), t.Name)
	}
	if q.filter.Query != 0 {
		one, err := s.Store.Query(v.ctx(), v.company.ID, q.filter.Query)
		if err != nil {
			return nil, err
		}
		add("query", v.read.T("filter.query"), one.Name)
	}
	if q.filter.Channel != 0 {
		one, err := s.Store.Channel(v.ctx(), v.company.ID, q.filter.Channel)
		if err != nil {
			return nil, err
		}
		add("channel", v.read.T("filter.channel"), one.Name)
	}
	if q.filter.Language != "" {
		add("language", v.read.T("filter.language"), v.read.Tongue(q.filter.Language))
	}
	return out, nil
}

// paging cuts a list at rows and says where the next page begins. Lists are
// read with one row more than is shown.
func paging[T any](list []T, path string, q url.Values, key func(T) int64) (cut []T, next, start string) {
	if q.Get("before") != "" {
		start = with(path, q, "before", "")
	}
	if len(list) <= rows {
		return list, "", start
	}
	list = list[:rows]
	return list, with(path, q, "before", strconv.FormatInt(key(list[rows-1]), 10)), start
}

// keep carries the rest of an address through a search form.
func keep(q url.Values, but ...string) []page.Hidden {
	var out []page.Hidden
	for _, name := range []string{"kind", "feeling", "since", "circle", "network", "theme", "query", "channel", "language", "person", "state", "stage", "order", "decision"} {
		if value := q.Get(name); value != "" && !slices.Contains(but, name) {
			out = append(out, page.Hidden{Name: name, Value: value})
		}
	}
	return out
}
