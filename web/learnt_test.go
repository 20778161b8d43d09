package web_test

import (
	"net/url"
	"testing"

	"lastword"
)

// What was put right is shown, taken back from where it was done or from the list,
// and no other company's business.
func TestCorrectionsAreListedAndUndone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, other := h.firm("Lind", lastword.AnyDirector), h.firm("Zang", lastword.AnyDirector)
	b := h.as(f.director)
	b.get("/corrections").is(200).says("Noch haben Sie nichts berichtigt.")
	v, w := f.say("x", "mia", "de", "Der Stiefel drückt"), f.say("x", "tom", "de", "Die Sohle ist ab")
	b.post(path("voices", v.ID, "kind"), url.Values{"kind": {"problem"}}).leads(path("voices", v.ID))
	b.post(path("voices", w.ID, "feeling"), url.Values{"feeling": {"negative"}}).is(303)
	b.get("/settings").is(200).says("Gelernt")
	b.get("/corrections").is(200).says("„Der Stiefel drückt“", "Problem statt Wunsch", "verärgert statt sachlich", "Anna Lind").keepsQuiet("zurückgenommen")
	h.as(f.second).get("/corrections").is(200).says("Problem instead of Wish", "„Die Sohle ist ab“")

	all, err := h.db.Corrections(t.Context(), f.company.ID, 0, 10)
	f.must(err)
	undo := path("corrections", all[1].ID, "undo")
	h.as(other.director).post(undo, nil).is(404)
	h.as(other.director).get("/corrections").keepsQuiet("Stiefel", "Sohle")
	h.as(f.staff).post(undo, url.Values{"back": {"/corrections"}}).leads("/corrections")
	b.get("/corrections").is(200).says("zurückgenommen von Mara Weiß")
	got, err := h.db.VoiceRow(t.Context(), f.company.ID, v.ID)
	f.must(err)
	if got.Kinds != lastword.Wish || got.KindsBy != 0 {
		t.Errorf("the voice is %v by %d", got.Kinds, got.KindsBy)
	}
	b.post(undo, nil).is(409).says("schon zurückgenommen")
	b.post("/corrections/1/undo", nil).is(404)
	b.post(path("corrections", all[0].ID, "undo")+"?voice="+path(w.ID)[1:], nil).leads(path("voices", w.ID))
}

// The key for undo takes back what was put right a moment ago.
func TestCorrectionIsUndoneWhereItWasMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	v := f.say("x", "mia", "de", "Der Stiefel drückt")
	b := h.as(f.director)
	b.post(path("voices", v.ID, "kind"), url.Values{"kind": {"problem"}}).is(303)
	var action string
	for _, n := range b.get(path("voices", v.ID)).is(200).says("Berichtigt.", "Rückgängig").all("form") {
		if at := attr(n, "action"); len(at) > 12 && at[:12] == "/corrections" {
			action = at
		}
	}
	b.post(action, nil).leads(path("voices", v.ID))
	b.get(path("voices", v.ID)).is(200).says("Lastword hat es verlernt.")
}
