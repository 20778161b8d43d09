package web

import (
	"errors"
	"net/http"
	"slices"

	"lastword"
	"lastword/match"
	"lastword/web/page"
)

// queries lists what Lastword listens for. (GET /queries)
func (s *site) queries(v *visit) error {
	list, err := s.Store.Queries(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	f := s.frame(v, page.AtQueries, v.read.T("nav.queries"))
	return v.showAs(http.StatusOK, f, page.Queries(f, page.QueriesView{Rows: list, Names: v.company.Names}))
}

// query shows a query and what it would have heard. A text in the address is
// tried out and not kept. (GET /queries/{id}, GET /queries/new)
func (s *site) query(v *visit) error {
	q, err := s.queryOf(v)
	if err != nil {
		return err
	}
	if v.r.URL.Query().Has("text") {
		q.Name, q.Text = v.r.FormValue("name"), v.r.FormValue("text")
	}
	return s.showQuery(v, http.StatusOK, q, nil)
}

// queryOf reads the query of the address; a new one where it names none.
func (s *site) queryOf(v *visit) (lastword.Query, error) {
	if v.r.PathValue("id") == "" {
		return lastword.Query{Company: v.company.ID, Made: v.now}, nil
	}
	id, err := v.id("id")
	if err != nil {
		return lastword.Query{}, err
	}
	return s.Store.Query(v.ctx(), v.company.ID, id)
}

func (s *site) showQuery(v *visit, status int, q lastword.Query, wrong page.Mistakes) error {
	view := page.QueryView{Query: q, Mistakes: wrong}
	if q.Text != "" {
		var err error
		if view.Preview, err = s.preview(v, q.Text); err != nil {
			return err
		}
	}
	f := s.frame(v, page.AtQueries, v.read.T("query_page.title"))
	return v.showAs(status, f, page.QueryPage(f, view))
}

const (
	mostTried = 2000 // stored voices a query is tried on
	mostShown = 20
)

// preview tries a query on what was heard last and says why each voice matches.
func (s *site) preview(v *visit, text string) (*page.PreviewView, error) {
	q, err := match.Parse(text)
	var wrong *match.SyntaxError
	if errors.As(err, &wrong) {
		return &page.PreviewView{Wrong: place(text, wrong)}, nil
	}
	if err != nil {
		return nil, err
	}
	voices, err := s.Store.SampleVoices(v.ctx(), v.company.ID, mostTried)
	if err != nil {
		return nil, err
	}
	out := &page.PreviewView{Tried: len(voices), Meant: q.String()}
	out.Everyday, out.Days = q.Everyday()
	for _, one := range voices {
		if !q.Matches(&one.Post) {
			continue
		}
		if out.Found++; out.Found <= mostShown {
			out.Hits = append(out.Hits, hit(one, match.Explain(q, &one.Post)))
		}
	}
	return out, nil
}

func hit(v lastword.Voice, spans []match.Span) page.Hit {
	var title, text []page.Span
	for _, sp := range spans {
		if sp.Title {
			title = append(title, page.Span{Start: sp.Start, End: sp.End})
		} else {
			text = append(text, page.Span{Start: sp.Start, End: sp.End})
		}
	}
	return page.Hit{Voice: v, Title: page.Pieces(v.Title, title), Text: page.Pieces(v.Text, text)}
}

// place cuts the text of a query at the place that is wrong.
func place(text string, e *match.SyntaxError) *page.WrongPlace {
	from := min(max(e.Offset, 0), len(text))
	end := min(from+max(e.Length, 0), len(text))
	return &page.WrongPlace{
		Before: text[:from], At: text[from:end], After: text[end:],
		Offset: len([]rune(text[:from])), Length: len([]rune(text[from:end])), Key: e.Key, Args: e.Args,
	}
}

// saveQuery keeps a query. (POST /queries/{id}, POST /queries/new)
func (s *site) saveQuery(v *visit) error {
	q, err := s.queryOf(v)
	if err != nil {
		return err
	}
	q.Name, q.Text, q.Paused = v.word("name"), v.word("text"), v.word("paused") == "1"
	wrong := slices.Concat(need("name", q.Name, 120), need("text", q.Text, match.MaxBytes))
	if _, err := match.Parse(q.Text); err != nil && len(wrong) == 0 {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.query", Field: "text"})
	}
	if len(wrong) > 0 {
		return s.showQuery(v, http.StatusUnprocessableEntity, q, wrong)
	}
	if q, err = s.Store.SaveQuery(v.ctx(), v.member, q); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.query_saved", N: 1, Name: q.Name})
	return v.redirect("/queries")
}

// dropQuery removes a query; what it heard stays. (POST /queries/{id}/delete)
func (s *site) dropQuery(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.Store.DeleteQuery(v.ctx(), v.member, id); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.query_gone", N: 1})
	return v.redirect("/queries")
}
