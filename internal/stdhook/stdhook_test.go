package stdhook

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestPublishedVector is the example of the specification's own libraries.
func TestPublishedVector(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	err := Sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if got := h.Get("webhook-signature"); err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	one, err := NewKey(rand.Reader)
	two, failed := NewKey(rand.Reader)
	if err != nil || failed != nil || one == two {
		t.Fatalf("got %q, %q, %v, %v", one, two, err, failed)
	}
	h := http.Header{}
	if err := Sign(h, "a", time.Unix(1, 0), nil, one, "", two); err != nil || len(strings.Fields(h.Get("webhook-signature"))) != 2 {
		t.Errorf("two keys sign as %q, %v", h.Get("webhook-signature"), err)
	}
	for _, keys := range [][]string{nil, {""}, {"geheim"}, {"whsec_"}, {"whsec_?"}, {one, "x"}} {
		h := http.Header{}
		if err := Sign(h, "a", time.Unix(1, 0), nil, keys...); !errors.Is(err, ErrKey) || len(h) > 0 {
			t.Errorf("%q: %v, %v", keys, h, err)
		}
	}
	if _, err := NewKey(bytes.NewReader(nil)); err == nil {
		t.Error("a key without randomness")
	}
}
