package web_test

import (
	"net/url"
	"strings"
	"testing"

	"lastword"
)

// Another program is told nothing before a director has set it up, given it a key
// and seen what is sent; any change of what is sent switches it off.
func TestCourierIsSwitchedOnBySightOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	b := h.as(f.director)
	b.get("/settings").is(200).says("Andere Programme benachrichtigen")
	b.get("/settings/notices").is(200).says("Ausgeschaltet. Nichts wird gesendet.").keepsQuiet("Gesehen", "Was gesendet wird")
	form := url.Values{"address": {"crm.example"}, "kind": {"voice.heard", "answer.failed", "weather"}, "query": {"0"}, "theme": {"0"}}
	b.post("/settings/notices", form).is(422).says("Das ist keine brauchbare Adresse.")
	b.post("/settings/notices/try", nil).is(422).says("Erst fehlen noch Adresse und Schlüssel.")
	form.Set("address", "https://crm.example/hook")
	b.post("/settings/notices", form).leads("/settings/notices")
	shown := b.get("/settings/notices").is(200).says("Was gesendet wird", "POST https://crm.example/hook", `"text":"Halbe Größen <b>"`,
		"ein erfundenes Beispiel", "Zum Einschalten fehlt noch der Schlüssel.").keepsQuiet("Gesehen")
	kept, err := h.db.Courier(t.Context(), f.company.ID)
	f.must(err)
	if len(kept.Kinds) != 2 || kept.Private {
		t.Errorf("kept %+v", kept)
	}
	seen := kept.Digest()
	b.post("/settings/notices/on", url.Values{"seen": {seen}}).is(409)
	b.post("/settings/notices/key", nil).leads("/settings/notices#key")
	b.get("/settings/notices").says("whsec_c2VocmdlaGVpbQ==", "Er wird nur dieses eine Mal gezeigt.")
	shown = b.get("/settings/notices").says("Ein Schlüssel ist hinterlegt.", "Gesehen: Benachrichtigung einschalten").keepsQuiet("whsec_")
	if !strings.Contains(shown.body, seen) {
		t.Error("the page does not name what it shows")
	}
	h.couriers.trial = lastword.CourierTrial{Tried: true, Code: 204}
	b.post("/settings/notices/try", nil).is(200).says("Angekommen. Antwort: 204.")
	h.couriers.trial = lastword.CourierTrial{Tried: true, Code: 500, Why: "notice.why.refused"}
	b.post("/settings/notices/try", nil).is(200).says("nimmt die Nachricht nicht an. Antwort: 500.")
	b.post("/settings/notices/on", url.Values{"seen": {"something else"}}).is(409).says("Sehen Sie noch einmal an")
	for _, path := range []string{"", "/key", "/try", "/on", "/off"} {
		h.as(f.staff).post("/settings/notices"+path, form).is(403)
	}
	h.as(f.staff).get("/settings/notices").is(200).keepsQuiet("Gesehen", "Testnachricht senden", "Neuen Schlüssel")
	b.post("/settings/notices/on", url.Values{"seen": {seen}}).leads("/settings/notices")
	b.get("/settings/notices").says("Eingeschaltet.")
	b.get("/log").says("Benachrichtigung eingeschaltet").keepsQuiet("/hook")
	form.Set("private", "1")
	b.post("/settings/notices", form).leads("/settings/notices")
	b.get("/settings/notices").says("Ausgeschaltet.", "Auch was nicht öffentlich ist, verlässt das Haus.")
	b.post("/settings/notices/off", nil).leads("/settings/notices")

	other := h.firm("Fremd", lastword.AnyDirector)
	h.as(other.director).get("/settings/notices").is(200).keepsQuiet("crm.example")
}

// What was sent last is listed with what became of it.
func TestNoticesAreListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.firm("Lind", lastword.AnyDirector)
	c := lastword.Courier{Company: f.company.ID, Address: "https://crm.example/hook", Kinds: lastword.NoticeKinds[:]}
	f.must(h.db.SaveCourier(t.Context(), f.director, c))
	f.must(h.db.RenewCourierKey(t.Context(), f.director, "whsec_c2VocmdlaGVpbQ=="))
	f.must(h.db.SwitchCourier(t.Context(), f.director, true, c.Digest()))
	f.say("mastodon", "mia", "de", "Halbe Größen, bitte")
	all, err := h.db.Notices(t.Context(), f.company.ID, 10)
	f.must(err)
	if len(all) != 1 {
		t.Fatalf("left %+v", all)
	}
	b := h.as(f.director)
	b.get("/settings/notices").says("Stimme gehört", "wartet")
	f.must(h.db.Told(t.Context(), f.company.ID, all[0].ID, lastword.NoticeWaits, 503, "notice.why.refused"))
	f.must(h.db.Told(t.Context(), f.company.ID, all[0].ID, lastword.NoticeFailed, 503, "notice.why.refused"))
	b.get("/settings/notices").says("nicht angekommen", "Antwort: 503.", "2 Versuche")
}
