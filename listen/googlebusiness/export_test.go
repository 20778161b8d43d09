package googlebusiness

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
	p := r.post("x")
	if p.SaidAt.IsZero() || p.Key == "" || strings.Contains(p.Key, "..") || r.own(p).SaidAt.IsZero() {
		t.Errorf("%q: %+v", raw, p)
	}
}
