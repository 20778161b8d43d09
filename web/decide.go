package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/decide"
	"lastword/web/page"
)

// A decideForm is a decision as entered.
type decideForm struct {
	Verdict lastword.Verdict
	When    string
	Why     string            // a fixed reason: "<verdict>.<want>.<index>"
	Words   map[string]string // typed reasons by language
	Seen    int64             // the decision that stood when the form was shown
	Change  bool              // the form is asked for although something stands
}

// readDecide reads the form, or what an address has chosen already.
func readDecide(v *visit) decideForm {
	f := decideForm{
		Verdict: lastword.Verdict(v.r.FormValue("verdict")), When: v.r.FormValue("when"), Why: v.r.FormValue("why"),
		Words: map[string]string{}, Seen: v.number("seen"), Change: v.r.FormValue("change") != "",
	}
	for name, values := range v.r.PostForm {
		if lang, ok := strings.CutPrefix(name, "reason."); ok && len(values) > 0 {
			f.Words[lang] = strings.Join(strings.Fields(values[0]), " ")
		}
	}
	if !slices.Contains(lastword.Verdicts, f.Verdict) {
		f.Verdict = ""
	}
	return f
}

// reasons returns the reason in each language: what was typed, else the fixed
// one that was chosen for this verdict. The want stands in its name: what most
// voices want may have become another since the form was shown.
func (f decideForm) reasons(langs []string) map[string]string {
	out := map[string]string{}
	verdict, rest, _ := strings.Cut(f.Why, ".")
	name, index, _ := strings.Cut(rest, ".")
	want, _ := kindsOf(name)
	i, err := strconv.Atoi(index)
	for _, lang := range langs {
		fixed := decide.Reasons(f.Verdict, want, lang)
		switch {
		case f.Words[lang] != "":
			out[lang] = f.Words[lang]
		case err == nil && verdict == string(f.Verdict) && i >= 0 && i < len(fixed):
			out[lang] = fixed[i]
		}
	}
	return out
}

// decide puts a decision on a theme and drafts the answers to it at once.
// (POST /themes/{id}/decide)
func (s *site) decide(v *visit) error {
	t, err := s.themeOf(v)
	if err != nil {
		return err
	}
	form := readDecide(v)
	d, err := s.judge(v, t, form)
	if wrong, ok := asMistakes(err); ok {
		form.Change = true
		return s.showTheme(v, http.StatusUnprocessableEntity, t, form, wrong, nil)
	}
	if err != nil {
		return err
	}
	if d.Stands.IsZero() {
		v.tell(page.Flash{Key: "flash.proposed", N: 1})
		return v.redirect(to("themes", t.ID) + "#decide")
	}
	if _, err := s.Answers.Draft(v.ctx(), v.company.ID, d.ID); err != nil {
		return err
	}
	return v.redirect(to("themes", t.ID) + "#drafts-title")
}

func (s *site) judge(v *visit, t lastword.Theme, form decideForm) (lastword.Decision, error) {
	if form.Seen != t.Decision {
		return lastword.Decision{}, &lastword.Mistake{Key: "mistake.decided_meanwhile", Kind: lastword.ErrConflict}
	}
	when, err := v.dayOf("when")
	if err != nil {
		return lastword.Decision{}, err
	}
	return s.Decisions.Decide(v.ctx(), v.member, t.ID, lastword.Decision{
		Verdict: form.Verdict, When: when, Reason: form.reasons(s.tongues(v, nil)),
	})
}

// tongues are the languages in which a decision says its reason, the reader's
// first: those in which answers are worded. Whoever writes another language is
// answered in English.
func (s *site) tongues(v *visit, spread []page.Share) []string {
	langs := []string{v.read.Lang()}
	for _, l := range append([]string{v.company.Lang}, "de", "en") {
		if !slices.Contains(langs, l) && (spread == nil || l == v.company.Lang || count(spread, l) > 0) {
			langs = append(langs, l)
		}
	}
	return langs
}

// count says how many voices are answered in lang.
func count(spread []page.Share, lang string) (n int) {
	for _, s := range spread {
		base, _, _ := strings.Cut(s.Name, "-")
		if base == lang || lang == "en" && base != "de" {
			n += s.N
		}
	}
	return n
}

// decideView is the form as the page shows it.
func (s *site) decideView(v *visit, view *page.ThemeView, form decideForm, wrong page.Mistakes) page.DecideView {
	t := view.Theme
	d := page.DecideView{
		Action: to("themes", t.ID, "decide"), Verdict: form.Verdict, When: form.When, Why: form.Why,
		Answers: max(t.Open-t.Doubtful, 0), Propose: !v.member.MayRelease(), Seen: t.Decision, Mistakes: wrong,
		Open: form.Change || view.Stands == nil && (view.Proposal == nil || !view.Proposal.Mine), Want: t.Kinds.Want(),
	}
	langs := s.tongues(v, view.Tongues)
	for _, verdict := range lastword.Verdicts {
		d.Verdicts = append(d.Verdicts, verdictView(verdict, d.Want, langs))
	}
	for _, l := range langs {
		d.Tongues = append(d.Tongues, page.ReasonField{Lang: l, Voices: count(view.Tongues, l), Value: form.Words[l]})
	}
	if d.When == "" {
		d.When = v.read.Now.AddDate(0, 3, 0).Format(time.DateOnly)
	}
	return d
}

func verdictView(verdict lastword.Verdict, want lastword.Kinds, langs []string) page.VerdictView {
	out := page.VerdictView{Verdict: verdict}
	for i, text := range decide.Reasons(verdict, want, langs[0]) {
		r := page.ReasonView{Value: string(verdict) + "." + want.String() + "." + strconv.Itoa(i), Text: text}
		for _, l := range langs {
			r.By = append(r.By, page.Hidden{Name: l, Value: decide.Reasons(verdict, want, l)[i]})
		}
		out.Reasons = append(out.Reasons, r)
	}
	return out
}

// consent is a director's word on a decision that is proposed already.
// (POST /decisions/{id}/consent)
func (s *site) consent(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d, err := s.Decisions.Consent(v.ctx(), v.member, id, v.word("digest"))
	if err != nil {
		return err
	}
	if d.Stands.IsZero() {
		v.tell(page.Flash{Key: "flash.consented", N: 1})
		return v.redirect(to("themes", d.Theme) + "#decide")
	}
	if _, err := s.Answers.Draft(v.ctx(), v.company.ID, d.ID); err != nil {
		return err
	}
	return v.redirect(to("themes", d.Theme) + "#drafts-title")
}

// reopen takes a decision back. (POST /themes/{id}/reopen)
func (s *site) reopen(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.Decisions.Reopen(v.ctx(), v.member, id); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.reopened", N: 1})
	return v.redirect(to("themes", id) + "#decide")
}
