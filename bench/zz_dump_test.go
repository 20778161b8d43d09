package bench

import (
	"encoding/json"
	"os"
	"testing"

	"lastword/theme"
)

type dumpRow struct {
	Theme  int64
	Intent int
	Text   string `json:",omitempty"`
	Fit    float64
	Copy   bool
	X      []float64
	E      theme.Evidence
}
type dumpSet struct {
	Name  string
	Kind  string // cal / test / swap
	Night bool
	Rows  []dumpRow
}

func dumpOf(name, kind string, night bool, voices []intentVoice, places []theme.Placement) dumpSet {
	ids := map[string]int{}
	d := dumpSet{Name: name, Kind: kind, Night: night}
	for i, p := range places {
		in := voices[i].intent
		if _, ok := ids[in]; !ok {
			ids[in] = len(ids)
		}
		d.Rows = append(d.Rows, dumpRow{Theme: p.Theme, Intent: ids[in], Text: voices[i].item.Text + " | " + in, Fit: p.Fit, Copy: p.CopyOf != 0, X: p.Evidence.Traits(), E: p.Evidence})
	}
	return d
}

func TestDump(t *testing.T) {
	o := needThemes(t)
	es, err := theme.ReadExamples(o.Data)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := os.Create(os.Getenv("DUMP"))
	defer f.Close()
	enc := json.NewEncoder(f)
	run := func(kind string, learn, place []theme.Example) {
		sense, err := learnt(o, learn)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range setNames(place) {
			all := shuffled(place, name, o.Seed)
			cos := []company{{all, 1}}
			if kind == "cal" {
				cos = companies(all)[:5]
			}
			for i, co := range cos {
				k := kind
				if i > 0 {
					k += "-small"
				}
				c, places, _, err := stream(t.Context(), co.voices, sense)
				if err != nil {
					t.Fatal(err)
				}
				enc.Encode(dumpOf(name, k, false, co.voices, places))
				for _, p := range c.Consolidate() {
					places[p.Voice-1] = p
				}
				home(c, places)
				enc.Encode(dumpOf(name, k, true, co.voices, places))
			}
		}
	}
	seen, unseen := parted(es)
	said, _ := saidIn("de", o.Data)
	posts := func(kind string, ps ...public) {
		for _, p := range ps {
			for seed := range uint64(6) {
				voices := p.mixed(seed)
				if kind == "cal-posts" || kind == "demo-amid" {
					q, _ := p.amid(said, seed)
					voices = q.mixed(seed)
				}
				c, places, _, err := stream(t.Context(), voices, nil, p.names...)
				if err != nil {
					t.Fatal(err)
				}
				enc.Encode(dumpOf(p.name, kind, false, voices, places))
				for _, p := range c.Consolidate() {
					places[p.Voice-1] = p
				}
				home(c, places)
				enc.Encode(dumpOf(p.name, kind, true, voices, places))
			}
		}
	}
	cal, err := calibratingPosts()
	if err != nil {
		t.Fatal(err)
	}
	rep, err := reportingPosts()
	if err != nil {
		t.Fatal(err)
	}
	posts("cal-posts", cal...)
	posts("demo", rep)
	posts("demo-amid", rep)
	others, err := otherVoices(o.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range setNames(others) {
		voices := shuffled(others, name, 0)
		_, places, _, _ := stream(t.Context(), voices, nil)
		enc.Encode(dumpOf(name, "other", false, voices, places))
	}
	if os.Getenv("POSTS") != "" {
		return
	}
	one, other := parted(seen)
	run("cal", one, other)
	run("cal", other, one)
	run("test", seen, unseen)
	run("swap", unseen, seen)
}
