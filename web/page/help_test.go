package page

import (
	"fmt"
	"testing"
)

func TestHelpOf(t *testing.T) {
	t.Parallel()
	h := helpOf("Was es bringt.\n\nSo geht es:\n1. Öffnen Sie console.x.com, dann weiter.\n2. Fertig.\n\nSonst 3. nichts.\n\n1. Noch ein Schritt auf firma.bsky.social.")
	if h.Brings != "Was es bringt." {
		t.Errorf("it brings %q", h.Brings)
	}
	want := "[{[{So geht es: false}] []} {[] [[{Öffnen Sie  false} {console.x.com true} {, dann weiter. false}] [{Fertig. false}]]} {[{Sonst 3. nichts. false}] []} {[] [[{Noch ein Schritt auf firma.bsky.social. false}]]}]"
	if got := fmt.Sprint(h.Rest); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if h := helpOf(""); h.Brings != "" || h.Rest != nil {
		t.Errorf("nothing: %+v", h)
	}
}
