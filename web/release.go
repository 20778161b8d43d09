package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"lastword"
	"lastword/answer"
	"lastword/web/page"
)

// allDrafts is more answers than one decision ever has.
const allDrafts = 100_000

// mostSamples is how many networks and languages are shown by an example; all
// others are one click away.
const mostSamples = 8

func (s *site) answersOf(v *visit, decision int64, state lastword.AnswerState) ([]lastword.Answer, error) {
	return s.Store.AnswersOf(v.ctx(), v.company.ID, decision, state, allDrafts)
}

// outgoing reads the answers to the standing decision: those that wait for
// release, and how far the others have come.
func (s *site) outgoing(v *visit, view *page.ThemeView) error {
	id := view.Theme.Decision
	if id == 0 {
		return nil
	}
	drafts, err := s.answersOf(v, id, lastword.Draft)
	if err != nil {
		return err
	}
	if view.Drafts, err = s.draftsView(v, id, drafts); err != nil {
		return err
	}
	counts, err := s.Store.AnswerCounts(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	view.Delivery, err = s.deliveryView(v, id, counts)
	return err
}

func (s *site) draftsView(v *visit, decision int64, drafts []lastword.Answer) (page.DraftsView, error) {
	out := page.DraftsView{Decision: decision, Total: len(drafts), Set: set(drafts)}
	if len(drafts) == 0 {
		return out, nil
	}
	var err error
	if out.Samples, err = s.samples(v, decision, drafts); err != nil {
		return out, err
	}
	for _, d := range drafts {
		if n, ok := s.Network(d.Network); ok && answer.TooLong(n, d.Text) {
			out.Over++
		}
	}
	given, err := s.Store.Consents(v.ctx(), v.company.ID, lastword.OfAnswer, drafts[0].ID, drafts[0].Digest())
	if err != nil {
		return out, err
	}
	out.Waits, out.Mine, err = s.missing(v, given)
	return out, err
}

// samples shows one draft for each network and language, the most frequent first.
func (s *site) samples(v *visit, decision int64, drafts []lastword.Answer) ([]page.Sample, error) {
	type group struct{ network, lang string }
	at := map[group]int{}
	var out []page.Sample
	for _, d := range drafts {
		g := group{d.Network, d.Lang}
		if i, ok := at[g]; ok {
			out[i].Count++
			continue
		}
		at[g] = len(out)
		q := url.Values{"state": {"draft"}, "decision": {fmt.Sprint(decision)}}
		out = append(out, page.Sample{Row: lastword.AnswerRow{Answer: d}, Count: 1, All: join("/answers", q)})
	}
	slices.SortStableFunc(out, func(a, b page.Sample) int { return cmp.Compare(b.Count, a.Count) })
	out = out[:min(len(out), mostSamples)]
	for i, shown := range out {
		row, err := s.Store.AnswerRow(v.ctx(), v.company.ID, shown.Row.ID)
		if err != nil {
			return nil, err
		}
		out[i].Row = row
		if out[i].Ruler, err = s.fitting(v, row.ID, row.Text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// set names exactly these answers with exactly these contents. The page carries
// it, so that a release means what was shown and nothing that came or changed
// since; it is also what the log keeps.
func set(drafts []lastword.Answer) string { return answer.DigestAll(consents(drafts)) }

func (s *site) deliveryView(v *visit, decision int64, counts map[lastword.AnswerState]int) (page.DeliveryView, error) {
	d := page.DeliveryView{
		Decision: decision, Sent: counts[lastword.Sent], Outbox: counts[lastword.Released],
		Hand: counts[lastword.HandedOver], Bad: counts[lastword.Failed], Undo: counts[lastword.Released],
	}
	if d.Total = d.Sent + d.Outbox + d.Hand + d.Bad; d.Total > 0 {
		d.Gone = counts[lastword.Withdrawn]
		d.Total += d.Gone
	}
	if d.Outbox == 0 || d.Sent < 2 {
		return d, nil
	}
	sent, err := s.Store.Answers(v.ctx(), v.company.ID, lastword.AnswerFilter{
		Decision: decision, State: []lastword.AnswerState{lastword.Sent}, Limit: 50,
	})
	if err != nil {
		return d, err
	}
	d.PerMinute, d.Left = pace(sent, d.Outbox)
	return d, nil
}

// pace measures how many answers a minute the last ones went out at, and how
// many seconds the rest will take at that rate.
func pace(sent []lastword.AnswerRow, waiting int) (perMinute, left int) {
	if len(sent) < 2 {
		return 0, 0
	}
	byTime := func(a, b lastword.AnswerRow) int { return a.Sent.Compare(b.Sent) }
	first, last := slices.MinFunc(sent, byTime).Sent, slices.MaxFunc(sent, byTime).Sent
	took := last.Sub(first).Seconds()
	if took < 1 {
		return 0, 0
	}
	rate := float64(len(sent)-1) / took
	return max(int(rate*60+.5), 1), int(float64(waiting) / rate)
}

// release lets the answers to a decision out: the director's last word on
// exactly what the page showed. (POST /decisions/{id}/release)
func (s *site) release(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d, err := s.Store.Decision(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	drafts, err := s.answersOf(v, id, lastword.Draft)
	if err != nil {
		return err
	}
	if len(drafts) == 0 || set(drafts) != v.word("set") {
		v.tell(page.Flash{Key: "flash.changed", N: len(drafts), Warn: true})
		return v.redirect(to("themes", d.Theme) + "#drafts-title")
	}
	done, err := s.releaseAll(v, drafts)
	if err != nil {
		return err
	}
	v.tell(released(done, to("decisions", id, "undo"), to("themes", d.Theme)+"#delivery-title"))
	if done.Waiting+done.Changed > 0 {
		return v.redirect(to("themes", d.Theme) + "#decide")
	}
	return v.redirect("/")
}

// releaseAll releases in portions that the step takes at once.
func (s *site) releaseAll(v *visit, drafts []lastword.Answer) (sum lastword.Outcome, err error) {
	for part := range slices.Chunk(consents(drafts), portion) {
		o, err := s.Answers.Release(v.ctx(), v.member, part)
		if err != nil {
			return sum, err
		}
		sum.Released, sum.Handed = sum.Released+o.Released, sum.Handed+o.Handed
		sum.Waiting, sum.Changed = sum.Waiting+o.Waiting, sum.Changed+o.Changed
	}
	return sum, nil
}

// portion is how many answers go into one act.
const portion = 10_000

func consents(rows []lastword.Answer) []answer.Consent {
	out := make([]answer.Consent, len(rows))
	for i, r := range rows {
		out[i] = answer.Consent{ID: r.ID, Digest: r.Digest()}
	}
	return out
}

// released tells what became of a release, the least expected first.
func released(o lastword.Outcome, undo, look string) page.Flash {
	switch {
	case o.Changed > 0:
		return page.Flash{Key: "flash.partly", N: o.Changed, Warn: true}
	case o.Waiting > 0:
		return page.Flash{Key: "flash.waits", N: o.Waiting}
	case o.Released == 0:
		return page.Flash{Key: "flash.handed", N: o.Handed, Link: "/answers?state=handed"}
	}
	return page.Flash{Key: "flash.released", N: o.Released + o.Handed, Undo: undo, Link: look}
}

// undoRelease takes back what has not left the house yet.
// (POST /decisions/{id}/undo)
func (s *site) undoRelease(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d, err := s.Store.Decision(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	before, err := s.draftCount(v, id)
	if err != nil {
		return err
	}
	waiting, err := s.answersOf(v, id, lastword.Released)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids(waiting), portion) {
		if err := s.Answers.Undo(v.ctx(), v.member, part); err != nil {
			return err
		}
	}
	after, err := s.draftCount(v, id)
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.undone", N: max(after-before, 0)})
	return v.redirect(to("themes", d.Theme) + "#drafts-title")
}

// draftCount counts what was really taken back: some may have left meanwhile.
func (s *site) draftCount(v *visit, decision int64) (int, error) {
	counts, err := s.Store.AnswerCounts(v.ctx(), v.company.ID, decision)
	return counts[lastword.Draft], err
}

func ids(rows []lastword.Answer) []int64 {
	out := make([]int64, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}
