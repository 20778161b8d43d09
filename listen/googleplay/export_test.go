package googleplay

import (
	"strings"
	"testing"
)

// Judge checks what is read of any bytes.
func Judge(t *testing.T, raw []byte) {
	r, ok := readReview(raw)
	if !ok {
		return
	}
	p := r.post("a.b")
	if p.SaidAt.IsZero() || strings.Contains(r.id, "/") || p.Key == "a.b|" || r.own(p).SaidAt.IsZero() {
		t.Errorf("%q: %+v", raw, p)
	}
}
