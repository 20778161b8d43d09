package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"lastword"
	"lastword/answer"
	"lastword/web/page"
)

// answerStates are the states in the order in which they need somebody.
func answerStates() []string {
	return []string{"draft", "released", "sent", "handed", "failed", "withdrawn"}
}

// answers lists what goes back, by state. (GET /answers)
func (s *site) answers(v *visit) error {
	q := v.r.URL.Query()
	filter := lastword.AnswerFilter{
		Decision: number(q.Get("decision")), Theme: number(q.Get("theme")), Person: number(q.Get("person")),
		Before: number(q.Get("before")), Limit: rows + 1,
	}
	if state := q.Get("state"); slices.Contains(answerStates(), state) {
		filter.State = []lastword.AnswerState{lastword.AnswerState(state)}
	}
	list, err := s.Store.Answers(v.ctx(), v.company.ID, filter)
	if err != nil {
		return err
	}
	counts, err := s.Store.AnswerCounts(v.ctx(), v.company.ID, filter.Decision)
	if err != nil {
		return err
	}
	view := page.AnswersView{State: q.Get("state"), Decision: filter.Decision, Clauses: answerClauses(v, q, counts)}
	view.Rows, view.Next, view.Start = paging(list, "/answers", q, func(r lastword.AnswerRow) int64 { return r.ID })
	f := s.frame(v, page.AtAnswers, v.read.T("nav.answers"))
	return v.showAs(http.StatusOK, f, page.Answers(f, view))
}

func answerClauses(v *visit, values url.Values, counts map[lastword.AnswerState]int) []page.Clause {
	q, r := voiceQuery{values: values}, v.read
	var states []page.Choice
	for _, st := range answerStates() {
		label := r.T("answer_tab."+st) + " " + r.Num(counts[lastword.AnswerState(st)])
		states = append(states, page.Choice{Label: label, Href: st})
	}
	out := []page.Clause{q.clause("/answers", r.T("filter.state"), "state", r.T("filter.all_answers"), states)}
	if values.Get("decision") != "" {
		one := []page.Choice{{Label: r.T("filter.one_decision"), Href: values.Get("decision")}}
		out = append(out, q.clause("/answers", r.T("filter.decision"), "decision", r.T("filter.without"), one))
	}
	return out
}

// answer shows one answer beside the voice it goes back to. (GET /answers/{id})
func (s *site) answer(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.AnswerRow(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	return s.showAnswer(v, http.StatusOK, row, row.Text, nil)
}

func (s *site) showAnswer(v *visit, status int, row lastword.AnswerRow, text string, wrong page.Mistakes) error {
	view := page.AnswerView{Row: row, Text: text, Digest: row.Digest(), Mistakes: wrong}
	var err error
	if view.Ruler, err = s.fitting(v, row.ID, text); err != nil {
		return err
	}
	if view.Said, err = s.Store.VoiceRow(v.ctx(), v.company.ID, row.Answer.Voice); err != nil {
		return err
	}
	given, err := s.Store.Consents(v.ctx(), v.company.ID, lastword.OfAnswer, row.ID, view.Digest)
	if err != nil {
		return err
	}
	if view.Waits, view.Mine, err = s.missing(v, given); err != nil {
		return err
	}
	names, err := s.memberNames(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view.EditedBy = names[row.EditedBy]
	if row.Token != "" {
		view.Heard = v.company.Public + to("heard", row.Token)
	}
	if row.State == lastword.HandedOver {
		if view.Place, err = s.byHand(v, view.Said.Voice, row.Text); err != nil {
			return err
		}
	}
	f := s.frame(v, page.AtAnswers, v.read.T("answer.title"))
	return v.showAs(status, f, page.AnswerPage(f, view))
}

// byHand is where a person gives an answer. A place whose address ends in "="
// takes the answer with it.
func (s *site) byHand(v *visit, to lastword.Voice, text string) (string, error) {
	way, err := s.Route(v.ctx(), to)
	if err != nil {
		return "", err
	}
	at := ""
	if way.ByHand {
		at = way.At
	}
	if strings.HasSuffix(at, "=") && page.Link(at) != "" {
		// "%20", as not every page takes "+" for a space (RFC 3986 §2.1).
		at += strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	}
	return cmp.Or(at, to.URL), nil
}

// editAnswer keeps a new wording. The script sends what is typed now and then
// and wants no page back. (POST /answers/{id})
func (s *site) editAnswer(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.AnswerRow(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	text := v.r.PostFormValue("text")
	err = s.Answers.Edit(v.ctx(), v.member, id, text)
	if wrong, ok := asMistakes(err); ok {
		return s.showAnswer(v, http.StatusUnprocessableEntity, row, text, wrong)
	}
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.saved", N: 1})
	return v.redirect(to("answers", id))
}

// measure says how long a text is on a network, and changes nothing: for the
// counter beside a text that is being typed. (POST /answers/{id}/measure)
func (s *site) measure(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	ruler, err := s.fitting(v, id, v.r.PostFormValue("text"))
	if err != nil {
		return err
	}
	f := s.frame(v, page.AtAnswers, "")
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return page.RulerPart(f, ruler).Render(v.ctx(), v.w)
}

// fitting measures a text of an answer by the way that it takes.
func (s *site) fitting(v *visit, answer int64, text string) (page.Ruler, error) {
	l, parts, err := s.Answers.Fitting(v.ctx(), v.company.ID, answer, text)
	r := page.Ruler{Used: l.Used, Limit: l.Limit, Unit: l.Unit, Over: l.Over && len(parts) == 1}
	if len(parts) > 1 {
		r.Parts = parts
	}
	return r, err
}

// releaseOne is the director's last word on one answer.
// (POST /answers/{id}/release)
func (s *site) releaseOne(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	done, err := s.Answers.Release(v.ctx(), v.member, []answer.Consent{{ID: id, Digest: v.word("digest")}})
	if err != nil {
		return err
	}
	flash := released(done, to("answers", id, "undo"), "")
	if done.Changed > 0 {
		flash = page.Flash{Key: "flash.changed", N: 1, Warn: true}
	}
	v.tell(flash)
	return v.redirect(to("answers", id))
}

// onAnswer serves acts on one answer that need nothing but its id.
func (s *site) onAnswer(key string, do func(*visit, int64) error) act {
	return func(v *visit) error {
		id, err := v.id("id")
		if err != nil {
			return err
		}
		if _, err := s.Store.AnswerRow(v.ctx(), v.company.ID, id); err != nil {
			return err
		}
		if err := do(v, id); err != nil {
			return err
		}
		v.tell(page.Flash{Key: key, N: 1})
		return v.back(to("answers", id))
	}
}

func (s *site) withdraw(v *visit, id int64) error {
	return s.Answers.Withdraw(v.ctx(), v.member, []int64{id})
}

func (s *site) undoOne(v *visit, id int64) error {
	return s.Answers.Undo(v.ctx(), v.member, []int64{id})
}

func (s *site) retryOne(v *visit, id int64) error {
	return s.Answers.Retry(v.ctx(), v.member, []int64{id})
}

func (s *site) given(v *visit, id int64) error {
	return s.Answers.GivenByHand(v.ctx(), v.member, id)
}

// retryAll tries all failed answers again, of one decision or of all.
// (POST /answers/retry)
func (s *site) retryAll(v *visit) error {
	failed, err := s.answersOf(v, v.number("decision"), lastword.Failed)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids(failed), portion) {
		if err := s.Answers.Retry(v.ctx(), v.member, part); err != nil {
			return err
		}
	}
	v.tell(page.Flash{Key: "flash.retried", N: len(failed)})
	return v.back("/answers?state=released")
}

// decisions lists what was decided, with the reasons. (GET /decisions)
func (s *site) decisions(v *visit) error {
	list, err := s.Store.Decisions(v.ctx(), v.company.ID, 0, 200)
	if err != nil {
		return err
	}
	names, err := s.memberNames(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view := page.DecisionsView{}
	for _, d := range list {
		w := s.word(v, d, names)
		t, err := s.Store.Theme(v.ctx(), v.company.ID, d.Theme)
		if err != nil {
			return err
		}
		w.Theme, w.Want = t.Name, t.Kinds.Want()
		view.Words = append(view.Words, w)
	}
	f := s.frame(v, page.AtDecisions, v.read.T("nav.decisions"))
	return v.showAs(http.StatusOK, f, page.Decisions(f, view))
}
