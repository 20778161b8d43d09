package theme_test

import (
	"fmt"
	"testing"

	"lastword"
	"lastword/theme"
)

// A theme that a director has decided on keeps every voice and its name, however
// thoroughly the others are gathered anew.
func TestConsolidateLeavesWhatIsDecided(t *testing.T) {
	t.Parallel()
	its := items()
	c := theme.New(theme.Config{NewID: counter()})
	at := ended(c, its)
	themes := c.Changed(1)
	names := map[int64]string{}
	for i := range themes {
		themes[i].Decision = 77
		names[themes[i].ID] = themes[i].Name
	}
	var recent []lastword.Voice
	for _, it := range its {
		recent = append(recent, voiceOf(it, c.Home(at[it.ID].Theme), at[it.ID].Fit))
	}
	ids := int64(1000)
	again, err := theme.Restore(theme.Config{NewID: func() int64 { ids++; return ids }}, themes, recent)
	if err != nil {
		t.Fatal(err)
	}
	placed := map[int64]int64{}
	for i, text := range []string{"Halbe Größen und Schnürsenkel", "Wien und halbe Größen", "Vegane Schnürsenkel", "Lieferung nach Wien"} {
		for j := range 5 {
			again.Assign(theme.Item{ID: int64(500 + 10*i + j), Text: fmt.Sprint(text, " bitte ", i), Lang: "de", Kinds: wish})
		}
	}
	for _, p := range again.Consolidate() {
		placed[p.Voice] = p.Theme
	}
	for _, it := range its {
		home := c.Home(at[it.ID].Theme)
		if to, moved := placed[it.ID]; moved && home != 0 && to != home {
			t.Errorf("voice %d of decided theme %d went to %d", it.ID, home, to)
		}
	}
	for id, name := range names {
		if again.Home(id) != id {
			t.Errorf("decided theme %d was merged into %d", id, again.Home(id))
		}
		if got := again.Name(id); got != name {
			t.Errorf("theme %d: %q is called %q now that it is decided", id, name, got)
		}
	}
	if more := again.Consolidate(); more != nil {
		t.Errorf("nothing came, and %d voices were placed anew", len(more))
	}
}
