package listen_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
)

// A club is a place at which people sign in.
type club struct {
	listen.Connector
	at string // where, as the place says
}

func (c club) Info() listen.Info {
	return listen.Info{Name: "club", Network: lastword.Network{Name: "club", Title: "Club"}, Every: time.Hour,
		Fields: []listen.Field{{Name: "server", Required: true}, {Name: "token", Secret: true, Granted: true}}, SignIn: listen.SignIn{Offered: true}}
}

func (c club) Authorize(_ context.Context, acct listen.Account, host listen.Host, redirect, state string) (string, map[string]string, error) {
	if host.Kept != nil || acct.Settings["server"] == "" || acct.Settings["clientsecret"] == "" {
		return "", nil, errors.New("not what was set up")
	}
	return c.at + "?" + url.Values{"r": {redirect}, "s": {state}}.Encode(), map[string]string{"verifier": "v"}, nil
}

func (c club) Exchange(_ context.Context, _ listen.Account, _ listen.Host, redirect string, kept map[string]string, answer url.Values) (map[string]string, error) {
	if answer.Get("code") == "" {
		return nil, &lastword.Mistake{Key: "mistake.form"}
	}
	return map[string]string{"server": "https://club.example", "token": "t", "refresh": "r", "seen": redirect + kept["verifier"]}, nil
}

func TestSignInAtPlaces(t *testing.T) {
	t.Parallel()
	c := lastword.Channel{Connector: "club", Settings: map[string]string{"server": "club.example"}, Secrets: map[string]string{"clientsecret": "x"}}
	for at, good := range map[string]bool{
		"https://club.example/grant": true, "http://127.0.0.1:99/grant": true, "javascript:alert(1)//": false, "data:text/html,x": false,
		"/inside": false, "https://somebody:secret@club.example/": false, "": false,
	} {
		p := newHouse(t).places()
		p.Connectors = []listen.Connector{club{at: at}}
		address, kept, err := p.Authorize(t.Context(), c, "https://here.example/back", "s&1")
		if (err == nil) != good {
			t.Errorf("%q: %q, %v", at, address, err)
			continue
		}
		u, _ := url.Parse(address)
		if good && (u.Query().Get("s") != "s&1" || u.Query().Get("r") != "https://here.example/back" || kept["verifier"] != "v") {
			t.Errorf("%q: %q, kept %v", at, address, kept)
		}
	}
	p := newHouse(t).places()
	p.Connectors = []listen.Connector{club{}, polls("place", time.Hour, nil)}
	begun := lastword.SigningIn{Redirect: "back", Kept: map[string]string{"verifier": "v"}}
	settings, secrets, err := p.Exchange(t.Context(), c, begun, url.Values{"code": {"c"}})
	if err != nil || len(settings) != 1 || settings["server"] != "https://club.example" || len(secrets) != 3 || secrets["token"] != "t" || secrets["seen"] != "backv" {
		t.Errorf("settings %v, secrets %v, %v", settings, secrets, err)
	}
	var m *lastword.Mistake
	if _, _, err := p.Exchange(t.Context(), c, begun, nil); !errors.As(err, &m) {
		t.Errorf("a refusal: %v", err)
	}
	for _, name := range []string{"place", "nowhere"} {
		if _, _, err := p.Authorize(t.Context(), lastword.Channel{Connector: name}, "", ""); !errors.Is(err, lastword.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
