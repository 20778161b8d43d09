package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"lastword"
	"lastword/web/page"
)

// voices lists what was heard, newest first; the address says which, and which
// of them is open beside the list. (GET /voices)
func (s *site) voices(v *visit) error {
	q := readVoiceQuery(v)
	list, err := s.Store.FindVoices(v.ctx(), v.company.ID, q.filter)
	if err != nil {
		return err
	}
	view := page.VoicesView{Search: q.filter.Search, Hidden: keep(q.values)}
	if view.Clauses, err = s.clauses(v, q, "/voices"); err != nil {
		return err
	}
	q.filter.Before = 0
	if view.Count, err = s.Store.CountVoices(v.ctx(), v.company.ID, q.filter, mostCounted); err != nil {
		return err
	}
	view.Most = mostCounted
	list, view.Next, view.Start = paging(list, "/voices", q.values, func(r lastword.VoiceRow) int64 { return r.ID })
	open := number(q.values.Get("open"))
	for _, r := range list {
		view.Rows = append(view.Rows, page.ListedVoice{Row: r, Href: opened(q.values, r.ID), Open: r.ID == open})
	}
	view.Back = opened(q.values, 0)
	if open != 0 {
		one, err := s.voiceView(v, open)
		if err != nil {
			return err
		}
		view.Beside = &one
	}
	f := s.frame(v, page.AtVoices, v.read.T("nav.voices"))
	return v.showAs(http.StatusOK, f, page.Voices(f, view))
}

// mostCounted is where counting stops: beyond it nobody reads the number, and
// each voice counted must be looked at.
const mostCounted = 1000

// opened is the same list with one voice open beside it, or none.
func opened(q url.Values, id int64) string {
	c := url.Values{}
	for k, v := range q {
		if k != "open" {
			c[k] = v
		}
	}
	if id != 0 {
		c.Set("open", strconv.FormatInt(id, 10))
	}
	return join("/voices", c)
}

// voice shows one voice with all that is known of it. (GET /voices/{id})
func (s *site) voice(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	view, err := s.voiceView(v, id)
	if err != nil {
		return err
	}
	f := s.frame(v, page.AtVoices, v.read.T("voice.title"))
	return v.showAs(http.StatusOK, f, page.VoicePage(f, view))
}

func (s *site) voiceView(v *visit, id int64) (page.VoiceView, error) {
	row, err := s.Store.VoiceRow(v.ctx(), v.company.ID, id)
	if err != nil {
		return page.VoiceView{}, err
	}
	view := page.VoiceView{Row: row}
	if view.Thread, err = s.Store.Thread(v.ctx(), v.company.ID, id); err != nil {
		return view, err
	}
	if len(view.Thread) < 2 {
		view.Thread = nil
	}
	if view.Before, err = s.before(v, row); err != nil {
		return view, err
	}
	if view.Answers, err = s.Store.AnswersTo(v.ctx(), v.company.ID, id); err != nil {
		return view, err
	}
	if view.Themes, err = s.themesByName(v); err != nil {
		return view, err
	}
	names, err := s.memberNames(v.ctx(), v.company.ID)
	view.KindsBy, view.FitBy = names[row.KindsBy], names[row.FitBy]
	return view, err
}

// before is the answer of ours that somebody replies to, or nil.
func (s *site) before(v *visit, row lastword.VoiceRow) (*lastword.AnswerRow, error) {
	if row.Parent == "" {
		return nil, nil
	}
	a, err := s.Store.RepliedTo(v.ctx(), v.company.ID, row.ID)
	if errors.Is(err, lastword.ErrNotFound) {
		return nil, nil
	}
	return &a, err
}

// themesByName lists the themes a voice can be moved to.
func (s *site) themesByName(v *visit) ([]lastword.Theme, error) {
	all, err := s.Store.Themes(v.ctx(), v.company.ID, lastword.ThemeFilter{Order: lastword.BySize, Limit: 200})
	slices.SortStableFunc(all, func(a, b lastword.Theme) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// correctKind sets what kind of voice it is. (POST /voices/{id}/kind)
func (s *site) correctKind(v *visit) error {
	return s.correct(v, func(r lastword.VoiceRow) (lastword.Kinds, lastword.Feeling, bool) {
		k, ok := kindsOf(v.word("kind"))
		return k, r.Feeling, ok
	})
}

// correctFeeling sets how it is meant. (POST /voices/{id}/feeling)
func (s *site) correctFeeling(v *visit) error {
	return s.correct(v, func(r lastword.VoiceRow) (lastword.Kinds, lastword.Feeling, bool) {
		f, ok := feelingOf(v.word("feeling"))
		return r.Kinds, f, ok
	})
}

func (s *site) correct(v *visit, choose func(lastword.VoiceRow) (lastword.Kinds, lastword.Feeling, bool)) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.VoiceRow(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	kinds, feeling, ok := choose(row)
	if !ok {
		return &lastword.Mistake{Key: "mistake.form"}
	}
	if err := s.Store.CorrectVoice(v.ctx(), v.member, id, kinds, feeling); err != nil {
		return err
	}
	undo, err := s.undoOf(v, id)
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.corrected", N: 1, Undo: undo})
	return v.back(to("voices", id))
}

// single makes a theme of a voice that is in none, and asks there for the reason.
// (POST /voices/{id}/single)
func (s *site) single(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	verdict := lastword.Verdict(v.word("verdict"))
	if !slices.Contains(lastword.Verdicts, verdict) {
		return &lastword.Mistake{Key: "mistake.form"}
	}
	theme, err := s.Themes.Found(v.ctx(), v.member, id)
	if err != nil {
		return err
	}
	return v.redirect(to("themes", theme) + "?verdict=" + string(verdict) + "#decide")
}

// moveVoices places voices into a theme, or out of any. (POST /voices/move)
func (s *site) moveVoices(v *visit) error {
	chosen := v.numbers("voice")
	if len(chosen) == 0 {
		return &lastword.Mistake{Key: "mistake.nothing_chosen"}
	}
	if err := s.Themes.Move(v.ctx(), v.member, chosen, v.number("theme")); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.moved", N: len(chosen)})
	return v.back("/voices")
}

// aside says that a voice needs no answer, or that it does after all.
// (POST /voices/{id}/aside)
func (s *site) aside(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	away := v.word("aside") == "1"
	if err := s.Store.SetAside(v.ctx(), v.member, id, away); err != nil {
		return err
	}
	told := page.Flash{Key: "flash.back", N: 1}
	if away {
		told = page.Flash{Key: "flash.aside", N: 1, Undo: to("voices", id, "aside")}
	}
	v.tell(told)
	return v.back(to("voices", id))
}
