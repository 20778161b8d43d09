package web

import (
	"lastword"
	"lastword/brief"
	"lastword/web/page"
)

// today is the briefing: the place where a director's day with the customers
// begins and ends. (GET /)
func (s *site) today(v *visit) error {
	b, err := s.Briefs.Briefing(v.ctx(), v.member, v.now)
	if err != nil {
		return err
	}
	totals, err := s.Store.Totals(v.ctx(), v.company.ID, v.dayStart())
	if err != nil {
		return err
	}
	view := page.TodayView{
		Date: v.now, Minutes: v.company.Minutes, Seconds: b.Seconds,
		Closed: totals.Closed, Spent: v.spent(), Heard: totals.Heard, Outbox: totals.Outbox,
	}
	if view.Items, err = s.items(v, b.Items, true); err != nil {
		return err
	}
	if view.Later, err = s.items(v, b.Later, false); err != nil {
		return err
	}
	if view.First, err = s.firstSteps(v, totals); err != nil {
		return err
	}
	if view.Notices, err = s.notices(v); err != nil {
		return err
	}
	f := s.frame(v, page.AtToday, v.read.T("nav.today"))
	return v.showAs(200, f, page.Today(f, view))
}

// mostQuoted is how many items carry quotes: what lies further down is read
// later, after the page was loaded anew.
const mostQuoted = 12

func (s *site) items(v *visit, items []brief.Item, quotes bool) ([]page.Item, error) {
	out := make([]page.Item, 0, len(items))
	for i, it := range items {
		one := page.Item{
			Kind: string(it.Kind), Title: it.Title, Href: itemHref(it), Voices: it.Voices, Seconds: it.Seconds, Want: it.Want, Further: it.Further,
			Judge: it.Kind == brief.Decide || it.Kind == brief.Due || it.Kind == brief.Alarm,
		}
		if it.Voice != nil {
			one.Single, one.Quotes = true, []lastword.VoiceRow{*it.Voice}
			var err error
			if one.Before, err = s.before(v, *it.Voice); err != nil {
				return nil, err
			}
		}
		if quotes && i < mostQuoted && it.Theme != 0 {
			var err error
			if one.Quotes, err = s.quotes(v, it.Theme, 2); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// itemHref leads to where an item is done.
func itemHref(it brief.Item) string {
	switch it.Kind {
	case brief.Single:
		if it.Voice == nil {
			return "/voices?theme=none&circle=open"
		}
		return to("voices", it.Voice.ID)
	case brief.Check:
		if it.Theme != 0 {
			return to("themes", it.Theme, "check")
		}
		return "/check"
	case brief.Hand:
		return "/answers?state=handed"
	case brief.Post:
		return "/posts"
	case brief.Mend:
		return "/answers?state=failed"
	case brief.Care:
		return to("people", it.Person)
	}
	if it.Theme != 0 {
		return to("themes", it.Theme)
	}
	return "/voices"
}

// firstSteps says what to set up, as long as nothing was ever heard.
func (s *site) firstSteps(v *visit, t lastword.Totals) ([]page.FirstStep, error) {
	if t.Open > 0 || t.Heard > 0 {
		return nil, nil
	}
	heard, err := s.Store.CountVoices(v.ctx(), v.company.ID, lastword.VoiceFilter{}, 1)
	if err != nil || heard > 0 {
		return nil, err
	}
	channels, err := s.Store.Channels(v.ctx(), v.company.ID)
	if err != nil {
		return nil, err
	}
	queries, err := s.Store.Queries(v.ctx(), v.company.ID)
	if err != nil {
		return nil, err
	}
	return []page.FirstStep{
		{Key: "query", Href: "/queries", Done: len(queries) > 0},
		{Key: "channel", Href: "/channels", Done: len(channels) > 0},
		{Key: "goon", Href: "/channels", Done: false},
	}, nil
}
