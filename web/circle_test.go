package web_test

import (
	"net/url"
	"strings"
	"testing"

	"lastword"
)

// vegan is a theme of three sure voices in two languages and on two networks.
func vegan(f *firm) int64 {
	return f.gather("Veganer Wanderstiefel", .95,
		f.say("bluesky", "mia", "de", "Gibt es den Wanderstiefel bald auch vegan?"),
		f.say("bluesky", "tom", "en", "Please make the hiking boot without leather."),
		f.say("x", "kim", "de", "vegane stiefel bitte"))
}

var yes = url.Values{"verdict": {"yes"}, "why": {"yes.wish.0"}}

func TestDirectorClosesTheCircle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	page := path("themes", th)

	b.get("/").is(200).says("Veganer Wanderstiefel", "Entscheiden")
	b.get(page).is(200).says("Veganer Wanderstiefel", "3 Stimmen", "von 3 Menschen", "Entscheiden und 3 Antworten entwerfen")
	b.post(page+"/decide", yes).leads(page + "#drafts-title")

	shown := b.get(page).is(200).says("3 Antworten liegen bereit", "3 Antworten freigeben", "Sie haben recht, und wir", "/ 300", "/ 280")
	d := f.theme(th).Decision
	release := path("decisions", d, "release")
	b.post(release, url.Values{"set": {shown.hidden(release, "set")}}).leads("/")
	b.get("/").is(200).says("3 Antworten sind freigegeben.", "Rückgängig")

	counts, err := h.db.AnswerCounts(t.Context(), f.company.ID, d)
	h.must(err)
	if counts[lastword.Released] != 2 || counts[lastword.HandedOver] != 1 {
		t.Errorf("released: %v", counts)
	}
	b.get(page).is(200).says("2 unterwegs", "eine von Hand zu geben").keepsQuiet("liegen bereit")

	b.post(path("decisions", d, "undo"), nil).leads(page + "#drafts-title")
	b.get(page).is(200).says("2 Antworten liegen wieder als Entwürfe da.", "2 Antworten liegen bereit", "eine von Hand zu geben")
}

func (f *firm) theme(id int64) lastword.Theme {
	f.Helper()
	th, err := f.db.Theme(f.Context(), f.company.ID, id)
	f.must(err)
	return th
}

// Nobody else said it: it is answered all the same.
func TestSingleVoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, v := h.as(f.director), f.say("bluesky", "mia", "de", "Gibt es den Wanderstiefel auch für schmale Füße?")
	f.must(f.db.CorrectVoice(t.Context(), f.director, v.ID, lastword.Question, lastword.Neutral))

	b.get("/").is(200).says("Einzeln", "schmale Füße", "Antworten", "Wir sagen es gleich.")
	b.get(path("voices", v.ID)).is(200).says("Das hat sonst niemand gesagt", "Wir sagen es gleich.")
	b.post(path("voices", v.ID, "aside"), url.Values{"aside": {"1"}, "back": {"/"}}).leads("/")
	b.get("/").is(200).says("zur Seite gelegt", "Rückgängig").keepsQuiet("Einzeln")
	b.post(path("voices", v.ID, "aside"), nil).is(303)
	b.get("/").is(200).says("Einzeln")
	b.post(path("voices", v.ID, "single"), url.Values{"verdict": {"maybe"}}).is(422)
	rows, err := h.db.FindVoices(t.Context(), f.company.ID, lastword.VoiceFilter{})
	h.must(err)
	if rows[0].Theme != 0 {
		t.Fatal("a verdict that there is not has made a theme")
	}
	b.post(path("voices", v.ID, "single"), url.Values{"verdict": {"yes"}}).is(303)
	rows, err = h.db.FindVoices(t.Context(), f.company.ID, lastword.VoiceFilter{})
	h.must(err)
	page := path("themes", rows[0].Theme)
	b.post(path("voices", v.ID, "single"), url.Values{"verdict": {"yes"}}).leads(page + "?verdict=yes#decide")
	b.get(page+"?verdict=yes").is(200).says("Was antworten Sie?", "Ja, das geht.", "schmale Füße")
	b.post(page+"/decide", url.Values{"verdict": {"yes"}, "why": {"yes.question.1"}}).leads(page + "#drafts-title")
	shown := b.get(page).is(200).says("Beantwortet", "Eine Antwort liegt bereit", "Ja, das geht.").keepsQuiet("Der Grund")
	release := path("decisions", f.theme(rows[0].Theme).Decision, "release")
	b.post(release, url.Values{"set": {shown.hidden(release, "set")}}).leads("/")
	b.get("/").is(200).says("Eine Antwort ist freigegeben.").keepsQuiet("Einzeln")
}

// Who replies to an answer is shown with it.
func TestReplyToOurAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	b.post(path("themes", th, "decide"), yes).is(303)
	release := path("decisions", f.theme(th).Decision, "release")
	b.post(release, url.Values{"set": {b.get(path("themes", th)).hidden(release, "set")}}).is(303)
	rows, err := h.db.Answers(t.Context(), f.company.ID, lastword.AnswerFilter{State: []lastword.AnswerState{lastword.Released}})
	h.must(err)
	h.must(h.db.Delivered(t.Context(), f.company.ID, rows[0].ID, "at://ours", "https://bsky.example/ours", h.now()))
	v := f.hear(lastword.Post{Network: rows[0].Network, Key: "later", Text: "Wie schön. Wann denn?", Lang: "de", Parent: "at://ours",
		Author: lastword.Author{Key: "id-mia", Handle: "mia"}, SaidAt: h.now()})
	for _, at := range []string{"/", path("voices", v.ID)} {
		b.get(at).is(200).says("Wann denn?", "Antwortet auf Ihre Antwort", rows[0].Text[:60])
	}
}

// What is released is what was shown: a draft that changed meanwhile, or one
// more, lets nothing out.
func TestReleaseIsOfWhatWasShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	page := path("themes", th)
	b.post(page+"/decide", yes).is(303)
	d := f.theme(th).Decision
	release := path("decisions", d, "release")
	set := b.get(page).hidden(release, "set")

	rows, err := h.db.Answers(t.Context(), f.company.ID, lastword.AnswerFilter{Decision: d})
	h.must(err)
	b.post(path("answers", rows[0].ID), url.Values{"text": {"Ein ganz anderer Wortlaut."}}).leads(path("answers", rows[0].ID))
	b.post(release, url.Values{"set": {set}}).leads(page + "#drafts-title")
	b.get(page).says("Nichts wurde freigegeben")
	counts, err := h.db.AnswerCounts(t.Context(), f.company.ID, d)
	h.must(err)
	if counts[lastword.Draft] != 3 {
		t.Errorf("something left: %v", counts)
	}
}

func TestStaffProposesAndDirectorAccepts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	th := vegan(f)
	page := path("themes", th)
	staff, director := h.as(f.staff), h.as(f.director)

	staff.get(page).is(200).says("Der Geschäftsführung vorschlagen").keepsQuiet("Antworten freigeben", "Entscheiden und")
	staff.post(page+"/decide", yes).leads(page + "#decide")
	if f.theme(th).Decision != 0 {
		t.Fatal("a proposal stands")
	}
	ds, err := h.db.Decisions(t.Context(), f.company.ID, th, 5)
	h.must(err)
	consent := path("decisions", ds[0].ID, "consent")
	staff.post(consent, url.Values{"digest": {ds[0].Digest()}}).is(403).says("Das darf hier nur jemand anderes")
	director.post(consent, url.Values{"digest": {strings.Repeat("0", 64)}}).is(409)

	digest := director.get(page).says("Vorschlag von Mara Weiß").hidden(consent, "digest")
	director.post(consent, url.Values{"digest": {digest}}).leads(page + "#drafts-title")
	staff.get(page).is(200).says("3 Antworten liegen bereit", "Freigeben kann nur die Geschäftsführung.")
	release := path("decisions", ds[0].ID, "release")
	staff.post(release, nil).is(403)
	staff.post(path("decisions", ds[0].ID, "undo"), nil).is(403)
	staff.post(page+"/reopen", nil).is(403)
}

func TestJointDirectors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AllDirectors)
	th := vegan(f)
	page := path("themes", th)
	one, two := h.as(f.director), h.as(f.second)

	one.post(page+"/decide", yes).leads(page + "#decide")
	one.get(page).is(200).says("Es fehlt noch die Zustimmung von Jens Lind.").keepsQuiet("liegen bereit")
	ds, err := h.db.Decisions(t.Context(), f.company.ID, th, 5)
	h.must(err)
	consent, release := path("decisions", ds[0].ID, "consent"), path("decisions", ds[0].ID, "release")
	digest := two.get(page).says("Proposed by Anna Lind", "Accept and draft 3 answers").hidden(consent, "digest")
	two.post(consent, url.Values{"digest": {digest}}).leads(page + "#drafts-title")

	set := one.get(page).says("Danach fehlt noch die Freigabe von Jens Lind.").hidden(release, "set")
	one.post(release, url.Values{"set": {set}}).leads(page + "#decide")
	one.get(page).says("Sie haben freigegeben. Es fehlt noch Jens Lind.")
	if counts, err := h.db.AnswerCounts(t.Context(), f.company.ID, ds[0].ID); err != nil || counts[lastword.Draft] != 3 {
		t.Errorf("one director let something out: %v %v", counts, err)
	}
	two.post(release, url.Values{"set": {two.get(page).hidden(release, "set")}}).leads("/")
	if counts, err := h.db.AnswerCounts(t.Context(), f.company.ID, ds[0].ID); err != nil || counts[lastword.Released] != 2 {
		t.Errorf("both released: %v %v", counts, err)
	}
}

func TestDecisionMistakes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	decide := path("themes", th, "decide")
	b.post(decide, nil).is(422).says("Wählen Sie Ja, Später, Nein oder Nachfragen.")
	b.post(decide, url.Values{"verdict": {"no"}}).is(422).says("Sagen Sie in einem Satz, warum.")
	b.post(decide, url.Values{"verdict": {"later"}, "why": {"later.wish.0"}}).is(422).says("Sagen Sie, bis wann")
	b.post(decide, url.Values{"verdict": {"later"}, "why": {"later.wish.0"}, "when": {"2026-02-31"}}).is(422).says("Diesen Tag gibt es nicht.")
	b.post(decide, url.Values{"verdict": {"no"}, "why": {"yes.wish.0"}}).is(422) // a reason of another verdict is none
	typed := url.Values{"verdict": {"no"}, "why": {"no.wish.1"}, "reason.de": {"Der Leisten gibt es nicht her."}}
	b.post(decide, typed).is(303)
	d, err := h.db.Decision(t.Context(), f.company.ID, f.theme(th).Decision)
	h.must(err)
	if d.Reason["de"] != "Der Leisten gibt es nicht her." || d.Reason["en"] != "Too few people would benefit from it." {
		t.Errorf("typed words win, the others come from the fixed reason: %q", d.Reason)
	}
	b.post(decide, typed).is(422).says("Inzwischen hat jemand anderes entschieden.")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	long := f.say("x", "ada", "de", "Ich hätte so gern einen Stiefel ohne Leder, weil ich seit Jahren vegan lebe und trotzdem in die Berge will.")
	short := f.say("x", "ben", "de", "vegan bitte")
	th := f.gather("Veganer Wanderstiefel", .5, long, short)
	b := h.as(f.director)

	b.get(path("themes", th)).is(200).says("2 Stimmen prüfen").keepsQuiet("2 Antworten entwerfen")
	asked := b.get("/check").is(200).says("2 fragliche Stimmen", "Wollen diese Stimmen dasselbe?")
	if body := asked.body; strings.Index(body, "vegan bitte") > strings.Index(body, "in die Berge will") {
		t.Error("the shortest voice comes first")
	}
	both := url.Values{"shown": {path(short.ID)[1:], path(long.ID)[1:]}, "voice": {path(short.ID)[1:]}, "was": {path(th)[1:]}, "belongs": {"yes"}, "next": {"//evil.example"}}
	b.post("/check", both).leads("/check")
	b.get("/check").is(200).says("Keine Stimme ist fraglich.", "Noch einmal ansehen")
	if r, err := h.db.VoiceRow(t.Context(), f.company.ID, long.ID); err != nil || r.Theme != 0 {
		t.Errorf("rejected, and yet in a theme: %v %v", r.Theme, err)
	}
	b.get(path("themes", th)).says("Entscheiden und eine Antwort entwerfen")
}

func TestThemesInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	other := f.say("x", "eva", "de", "Stiefel ohne Leder wären schön")
	near := f.gather("Wanderstiefel ohne Leder", .9, other)

	b.post(path("themes", th, "rename"), url.Values{"name": {""}}).is(422)
	b.post(path("themes", th, "rename"), url.Values{"name": {"Stiefel ohne Tier"}}).leads(path("themes", th))
	b.get(path("themes", th)).says("Stiefel ohne Tier")
	b.post(path("themes", near, "merge"), url.Values{"into": {path(th)[1:]}}).leads(path("themes", th))
	b.get(path("themes", near)).leads(path("themes", th))
	b.get(path("themes", th)).says("4 Stimmen")

	list := path("themes", th, "voices")
	b.post(list, url.Values{"act": {"split"}}).is(422).says("Es ist nichts ausgewählt.")
	r := b.post(list, url.Values{"act": {"split"}, "voice": {path(other.ID)[1:]}, "name": {"Ganz ohne Leder"}}).is(303)
	b.get(r.header.Get("Location")).is(200).says("Ganz ohne Leder", "eine Stimme")
	b.post("/voices/move", url.Values{"voice": {path(other.ID)[1:]}, "theme": {path(th)[1:]}, "back": {"/voices"}}).leads("/voices")
	b.get(path("themes", th)).says("4 Stimmen")
}

func TestAnswerOneByOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b, th := h.as(f.director), vegan(f)
	b.post(path("themes", th, "decide"), yes).is(303)
	rows, err := h.db.Answers(t.Context(), f.company.ID, lastword.AnswerFilter{})
	h.must(err)
	for _, r := range rows {
		page := path("answers", r.ID)
		b.post(page, url.Values{"text": {strings.Repeat("lang ", 100)}}).is(422).says("Die Antwort ist zu lang")
		b.post(page+"/measure", url.Values{"text": {strings.Repeat("ä", 301)}}).is(200).says("zu viel")
		digest := b.get(page).is(200).hidden(page+"/release", "digest")
		b.post(page+"/release", url.Values{"digest": {digest}}).leads(page)
		if r.Network == "x" {
			b.get(page).says("von Hand zu geben", "Dieses Netz lässt keine Antwort von hier aus zu.")
			b.post(page+"/given", nil).leads(page)
			b.get(page).says("zugestellt")
			continue
		}
		b.post(page+"/undo", nil).leads(page)
		b.get(page).says("Entwurf")
	}
	b.get("/answers?state=sent").is(200).says("Zugestellt 1")
	b.post(path("answers", rows[0].ID, "withdraw"), nil).is(303)
}
