package storetest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"lastword"
)

func testExport(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Bitte exportieren"), f.post("tom", "Mich auch"))
	f.draft(f.decide(f.gather("Export", 1, v...), lastword.Yes))
	f.addChannel("bluesky", false)
	_, err := f.db.SaveChannel(t.Context(), f.director, lastword.Channel{Connector: "bluesky", Secrets: map[string]string{"password": "streng-geheim"}})
	f.must(err)
	var out bytes.Buffer
	f.must(f.db.Export(t.Context(), f.company.ID, &out))
	kinds := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var row struct{ Kind string }
		f.must(json.Unmarshal([]byte(line), &row))
		kinds[row.Kind]++
	}
	for kind, want := range map[string]int{"company": 1, "member": 3, "voice": 2, "identity": 2, "person": 2, "theme": 1, "decision": 1, "answer": 2, "channel": 3} {
		equal(t, kind+"s", kinds[kind], want)
	}
	if strings.Contains(out.String(), "geheim") {
		t.Error("a credential is in the export")
	}
}
