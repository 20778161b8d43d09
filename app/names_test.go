package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"lastword"
	"lastword/internal/badplace"
)

// The open stream tells who speaks by a DID only. What is kept carries the
// handle and the name, and the person is called so, though nobody opened a page.
func TestBlueskyAuthorsAreNamed(t *testing.T) {
	t.Parallel()
	stream := badplace.NewJetstream()
	t.Cleanup(stream.Close)
	var asked atomic.Int64
	appview := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/xrpc/app.bsky.actor.getProfiles" {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		type profile struct {
			DID         string `json:"did"`
			Handle      string `json:"handle"`
			DisplayName string `json:"displayName"`
		}
		var answer struct {
			Profiles []profile `json:"profiles"`
		}
		for _, did := range r.URL.Query()["actors"] {
			answer.Profiles = append(answer.Profiles, profile{did, "frieda.example", "Frieda\u202e Ast\n"})
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(appview.Close)
	h := newHouse(t, "")
	h.query("Hobel")
	h.config.Inner = []string{"127.0.0.1"}
	h.channel(lastword.Channel{Connector: "bluesky", Name: "Strom",
		Settings: map[string]string{"hosts": stream.URL(), "appview": appview.URL}})
	stream.Say(did(1), rkey(1), "Der Hobel ist stumpf.")
	stream.Say(did(2), rkey(2), "Schönes Wetter.")
	stream.Say(did(1), rkey(3), "Der Hobel ist scharf.")
	h.running(func(a *App, _ string) {
		await(t, "two posts are heard", longest, func() bool { return len(h.voices(a)) == 2 })
		for _, v := range h.voices(a) {
			if v.Author.Handle != "frieda.example" || v.Author.Name != "Frieda Ast" || !strings.HasPrefix(v.Author.URL, "https://bsky.app/") {
				t.Errorf("kept by %+v", v.Author)
			}
		}
		people, err := a.DB.People(t.Context(), h.company.ID, lastword.PersonFilter{Limit: 10})
		if err != nil || len(people) != 1 || people[0].Name != "Frieda Ast" {
			t.Errorf("people %+v, %v", people, err)
		}
	})
	if n := asked.Load(); n != 1 {
		t.Errorf("the network was asked %d times who its authors are, want once for the one who is kept", n)
	}
}
