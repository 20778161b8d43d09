package web_test

import (
	"net/url"
	"strings"
	"testing"

	"lastword"
)

// An endpoint is set up, tried, looked at and switched on, in this order; any
// change of where texts go switches it off.
func TestModelIsSwitchedOnBySightOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	b.get("/settings").is(200).says("Sprachmodell")
	b.get("/settings/model").is(200).says("Ausgeschaltet. Nichts verlässt das Haus.").keepsQuiet("Gesehen")
	form := url.Values{"address": {"models.example"}, "key": {"sk-secret"}, "embed": {"e"}, "chat": {"c"}, "budget": {"5000"}}
	b.post("/settings/model", form).is(422).says("Das ist keine brauchbare Adresse.").keepsQuiet("sk-secret")
	form.Set("address", "https://models.example/v1/")
	b.post("/settings/model", form).leads("/settings/model")
	shown := b.get("/settings/model").is(200).says("Ein Schlüssel ist hinterlegt.", "Was das Haus verlässt",
		`POST https://models.example/v1/embeddings`, `{"input":["Halbe Größen <b>"]}`, "Gesehen: Sprachmodell einschalten")
	if strings.Contains(shown.body, "sk-secret") {
		t.Error("the key is shown")
	}
	b.post("/settings/model/on", url.Values{"seen": {"something else"}}).is(409).says("Sehen Sie noch einmal an")
	seen := lastword.Model{Company: f.company.ID, Address: "https://models.example/v1", Embed: "e", Chat: "c"}.Digest()
	if !strings.Contains(shown.body, seen) {
		t.Error("the page does not name what it shows")
	}
	h.as(f.staff).post("/settings/model/on", url.Values{"seen": {seen}}).is(403)
	h.as(f.staff).post("/settings/model", form).is(403)
	h.as(f.staff).get("/settings/model").is(200).keepsQuiet("Gesehen", "Jetzt ausprobieren")
	b.post("/settings/model/on", url.Values{"seen": {seen}}).leads("/settings/model")
	b.get("/settings/model").says("Eingeschaltet.", "Heute verbraucht: 1.234 von 5.000 Token.")
	b.get("/log").says("Sprachmodell eingeschaltet")
	form.Set("chat", "d")
	form.Set("key", "")
	b.post("/settings/model", form).leads("/settings/model")
	b.get("/settings/model").says("Ausgeschaltet.")
	b.post("/settings/model/off", nil).leads("/settings/model")
}

func TestModelIsTried(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	b.post("/settings/model/try", nil).is(422)
	f.must(h.db.SaveModel(t.Context(), f.director, lastword.Model{Address: "https://models.example/v1", Embed: "e", Chat: "c", Budget: 10}))
	h.models.trial = lastword.ModelTrial{Tried: true, Numbers: 1024, Said: "<script>Halbe Größen."}
	b.post("/settings/model/try", nil).is(200).says("antwortet, 1.024 Zahlen je Text", "<script>Halbe Größen.")
	h.models.trial = lastword.ModelTrial{Tried: true, EmbedWhy: "model.why.denied", ChatWhy: "model.why.inner"}
	b.post("/settings/model/try", nil).is(200).says("Der Schlüssel wird dort nicht angenommen", "Der Betreiber kann sie mit --inner erlauben.")
}

// A theme's wording is shown with its voices, and a name becomes the theme's when a
// person takes it.
func TestWordingIsAProposal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	one, two := f.say("bluesky", "mia", "de", "Bitte macht halbe Größen."), f.say("bluesky", "tom", "de", "Halbe Größen wären ein Traum.")
	id := f.gather("Größen", 0.95, one, two)
	f.must(h.db.SaveWording(t.Context(), f.company.ID, lastword.Wording{Theme: id, Name: "Halbe Größen anbieten", Lang: "de", Voices: 2,
		Shown: []int64{one.ID, two.ID}, Sentences: []lastword.Sentence{
			{Text: "Gewünscht werden halbe Größen.", Voices: []int64{one.ID, two.ID}, Quotes: []lastword.Quoted{{Voice: two.ID, Words: "ein Traum"}, {Voice: two.ID, Words: "ein Albtraum"}}},
			{Text: "Halbe Größen fehlen überall sonst.", Voices: []int64{one.ID, 4711}},
		}}))
	b := h.as(f.director)
	b.get(path("themes", id)).is(200).keepsQuiet("Das Sprachmodell fasst zusammen") // it is off
	m := lastword.Model{Company: f.company.ID, Address: "https://models.example/v1", Chat: "c", Budget: 10}
	f.must(h.db.SaveModel(t.Context(), f.director, m))
	f.must(h.db.SwitchModel(t.Context(), f.director, true, m.Digest()))
	b.get(path("themes", id)).is(200).says("Das Sprachmodell fasst zusammen", "Gewünscht werden halbe Größen. Stimme 1 Stimme 2",
		"„ein Traum“", "Namensvorschlag: Halbe Größen anbieten").keepsQuiet("Albtraum", "überall sonst")
	if got := f.theme(id); got.Name != "Größen" {
		t.Errorf("the theme is called %q before anybody took the name", got.Name)
	}
	b.post(path("themes", id, "rename"), url.Values{"name": {"Halbe Größen anbieten"}}).is(303)
	if got := f.theme(id); got.Name != "Halbe Größen anbieten" || got.NamedBy != f.director.ID {
		t.Errorf("the theme is called %q by %d", got.Name, got.NamedBy)
	}
	b.get(path("themes", id)).is(200).keepsQuiet("Namensvorschlag")
}

func TestPhrasesAreShownAndDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	f.must(h.db.SavePhrases(t.Context(), f.company.ID, "de", []lastword.Phrase{{Text: "Danke, das lese ich gern."}}))
	ps, err := h.db.Phrases(t.Context(), f.company.ID)
	f.must(err)
	b := h.as(f.director)
	b.get("/settings/model").says("Danke, das lese ich gern.")
	other := h.firm("Zang", lastword.AnyDirector)
	h.as(other.director).post(path("settings/model/phrases", ps[0].ID, "drop"), nil).is(404)
	b.post(path("settings/model/phrases", ps[0].ID, "drop"), nil).leads("/settings/model#tone")
	b.get("/settings/model").keepsQuiet("Danke, das lese ich gern.")
}
