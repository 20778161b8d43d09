package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"lastword"
	"lastword/web/page"
)

// stages are what a person can be to the company; empty is not known.
func stages() []string { return []string{"customer", "prospect", "partner", "press"} }

// people lists who speaks, heard last first. (GET /people)
func (s *site) people(v *visit) error {
	q := v.r.URL.Query()
	at := int(min(number(q.Get("offset")), 1_000_000))
	list, err := s.Store.People(v.ctx(), v.company.ID, lastword.PersonFilter{
		Stage: q.Get("stage"), Important: q.Get("weight") == "important", Search: strings.TrimSpace(q.Get("q")),
		Theme: number(q.Get("theme")), Offset: at, Limit: rows + 1,
	})
	if err != nil {
		return err
	}
	view := page.PeopleView{Search: q.Get("q"), Hidden: keep(q, "q"), Rows: list}
	if len(list) > rows {
		view.Rows, view.Next = list[:rows], with("/people", q, "offset", strconv.Itoa(at+rows))
	}
	if at > 0 {
		view.Start = with("/people", q, "offset", "")
	}
	if view.Clauses, err = s.peopleClauses(v, q); err != nil {
		return err
	}
	f := s.frame(v, page.AtPeople, v.read.T("nav.people"))
	return v.showAs(http.StatusOK, f, page.People(f, view))
}

func (s *site) peopleClauses(v *visit, values url.Values) ([]page.Clause, error) {
	q, r := voiceQuery{values: values, filter: lastword.VoiceFilter{Theme: number(values.Get("theme"))}}, v.read
	out := []page.Clause{
		q.clause("/people", r.T("filter.stage"), "stage", r.T("filter.all_stages"), named(r, "stage.", stages())),
		q.clause("/people", r.T("filter.weight"), "weight", r.T("filter.all_weights"),
			[]page.Choice{{Label: r.T("filter.important"), Href: "important"}}),
	}
	return s.narrowed(v, q, "/people", out)
}

// person shows somebody with all they said and were told. (GET /people/{id})
func (s *site) person(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.showPerson(v, http.StatusOK, id, nil)
}

func (s *site) showPerson(v *visit, status int, id int64, wrong page.Mistakes) error {
	p, identities, err := s.Store.Person(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	view := page.PersonView{Person: p, Identities: identities, Stages: stages(), Mistakes: wrong, Seek: v.r.FormValue("same")}
	if view.Voices, err = s.Store.FindVoices(v.ctx(), v.company.ID, lastword.VoiceFilter{Person: id, Limit: rows}); err != nil {
		return err
	}
	if view.Answers, err = s.Store.Answers(v.ctx(), v.company.ID, lastword.AnswerFilter{Person: id, Limit: rows}); err != nil {
		return err
	}
	if view.Seek != "" {
		found, err := s.Store.People(v.ctx(), v.company.ID, lastword.PersonFilter{Search: view.Seek, Limit: 10})
		if err != nil {
			return err
		}
		view.Same = slices.DeleteFunc(found, func(o lastword.Person) bool { return o.ID == id })
	}
	f := s.frame(v, page.AtPeople, p.Name)
	return v.showAs(status, f, page.PersonPage(f, view))
}

// savePerson keeps what the company knows of somebody. (POST /people/{id})
func (s *site) savePerson(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, _, err := s.Store.Person(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	p.Name, p.Note, p.Stage, p.Weight = v.word("name"), v.word("note"), v.word("stage"), int(v.number("weight"))
	if wrong := checkPerson(p); len(wrong) > 0 {
		return s.showPerson(v, http.StatusUnprocessableEntity, id, wrong)
	}
	if p.Objected.IsZero() && v.word("objected") == "1" {
		p.Objected = v.now // for good: nothing here takes an objection back
	}
	if err := s.Store.SavePerson(v.ctx(), v.member, p); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.saved", N: 1})
	return v.redirect(to("people", id))
}

func checkPerson(p lastword.Person) (wrong page.Mistakes) {
	wrong = append(wrong, atMost("name", p.Name, 200)...)
	wrong = append(wrong, atMost("note", p.Note, 4000)...)
	if p.Stage != "" && !slices.Contains(stages(), p.Stage) || p.Weight > 3 {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.form"})
	}
	return wrong
}

// mergePeople says that two people are one. (POST /people/{id}/merge)
func (s *site) mergePeople(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	from := v.number("from")
	if from == 0 || from == id {
		return &lastword.Mistake{Key: "mistake.nothing_chosen"}
	}
	if err := s.Store.MergePeople(v.ctx(), v.member, from, id); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.one_person", N: 1})
	return v.redirect(to("people", id))
}
