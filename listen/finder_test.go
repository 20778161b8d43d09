package listen_test

import (
	"context"
	"testing"

	"lastword"
	"lastword/listen"
)

// keyless is a place that keeps no keys.
type keyless struct {
	replier
	asked *listen.Reply
}

func (keyless) Find(context.Context, lastword.Post, string) (listen.Receipt, bool, error) {
	return listen.Receipt{}, false, nil
}

func (k keyless) FindReply(_ context.Context, _ lastword.Post, r listen.Reply) (listen.Receipt, bool, error) {
	*k.asked = r
	return listen.Receipt{Key: "n" + r.Key, URL: "https://net.example/"}, true, nil
}

// A place that keeps no keys is asked with all that was to be said.
func TestFinder(t *testing.T) {
	t.Parallel()
	var asked listen.Reply
	opened, place := answers("net", "net")
	opened.open = func(a listen.Account, _ listen.Host) (listen.Source, error) {
		return keyless{replier{poller{}, a, place}, &asked}, nil
	}
	h := newHouse(t, opened)
	c := h.account("net", "t")
	native, _, found, err := h.places(opened).Find(t.Context(), h.cleared(105, c.ID), lastword.Post{})
	if err != nil || !found || native != "n105" {
		t.Errorf("Find = %q, %v, %v", native, found, err)
	}
	if !asked.Released.Equal(released) {
		t.Errorf("released at %v", asked.Released)
	}
	if asked.Key != "105" || asked.Text != "Das machen wir." || asked.Lang != "de" {
		t.Errorf("asked for %+v", asked)
	}
}
