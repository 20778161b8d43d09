package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"lastword"
)

// A house is a company in a data folder of its own.
type house struct {
	testing.TB
	config   Config
	company  lastword.Company
	director lastword.Member
}

// newHouse makes a company with one director, in SQLite unless a database is
// given.
func newHouse(t testing.TB, database string) *house {
	t.Helper()
	h := &house{TB: t, config: Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Database: database, Log: "warn"}}
	h.inside(func(a *App) {
		var err error
		h.company, err = a.DB.AddCompany(t.Context(), lastword.Company{Name: "Hobelwerk Brandt", Names: []string{"Hobelwerk"},
			Lang: "de", Zone: "Europe/Berlin", Rule: lastword.AnyDirector, Minutes: 10})
		h.must(err)
		h.director, err = a.DB.SaveMember(t.Context(), lastword.Member{Company: h.company.ID},
			lastword.Member{Name: "Ada Brandt", Role: lastword.Director, Lang: "de"})
		h.must(err)
	})
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// inside opens the house's program in this process for f.
func (h *house) inside(f func(*App)) {
	h.Helper()
	a, err := open(context.WithoutCancel(h.Context()), h.config, h.config.storeOptions(slog.New(slog.DiscardHandler)), shipped())
	h.must(err)
	defer func() { h.must(a.Close()) }()
	f(a)
}

// beside opens the house's store beside a process that has it open.
func (h *house) beside(f func(*App)) {
	h.Helper()
	o := h.config.storeOptions(slog.New(slog.DiscardHandler))
	o.Join = true
	a, err := open(context.WithoutCancel(h.Context()), h.config, o, shipped())
	h.must(err)
	defer func() { h.must(a.Close()) }()
	f(a)
}

// args are the flags that every command of this house needs.
func (h *house) args(more ...string) []string {
	args := append(more, "--data", h.config.Data)
	if h.config.Database != "" {
		args = append(args, "--database", h.config.Database)
	}
	return args
}

// serve starts the program and waits until it serves.
func (h *house) serve(inner ...string) *child {
	h.Helper()
	args := []string{"serve", "--listen", "127.0.0.1:0", "--log", "warn"}
	for _, host := range inner {
		args = append(args, "--inner", host)
	}
	return run(h.TB, h.args(args...)...).serving()
}

// channel connects a place.
func (h *house) channel(c lastword.Channel) lastword.Channel {
	h.Helper()
	h.inside(func(a *App) {
		var err error
		c, err = a.DB.SaveChannel(h.Context(), h.director, c)
		h.must(err)
	})
	return c
}

// query saves a query.
func (h *house) query(text string) {
	h.Helper()
	h.inside(func(a *App) {
		_, err := a.DB.SaveQuery(h.Context(), h.director, lastword.Query{Name: text, Text: text})
		h.must(err)
	})
}

// voices lists everything that was kept.
func (h *house) voices(a *App) []lastword.VoiceRow {
	h.Helper()
	vs, err := a.DB.FindVoices(h.Context(), h.company.ID, lastword.VoiceFilter{Limit: 1_000_000, Own: true})
	h.must(err)
	return vs
}

// await asks until the answer is yes, as long as the limit.
func await(t testing.TB, what string, limit time.Duration, yes func() bool) {
	t.Helper()
	over := time.After(limit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-over:
			t.Fatalf("%s: not within %v", what, limit)
		case <-tick.C:
		}
	}
}

// A browser is a visitor who is signed in as the director.
type browser struct {
	h      *house
	client *http.Client
	at     string
}

// signIn signs the director in at a running program, by a link as `lastword
// link` prints it.
func (h *house) signIn(c *child) *browser {
	h.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	b := &browser{h: h, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}, at: c.at}
	link := run(h.TB, h.args("link", "--listen", strings.TrimPrefix(c.at, "http://"))...)
	link.ends(0, longest)
	at := strings.TrimSpace(link.out.String())
	resp, err := b.client.PostForm(at, url.Values{})
	h.must(err)
	h.must(resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		h.Fatalf("sign in: %s", resp.Status)
	}
	return b
}

// get fetches a page of the running program.
func (b *browser) get(path string) (status int, body string, err error) {
	return b.shown(b.client.Get(b.at + path))
}

// post sends a form and follows where it leads.
func (b *browser) post(path string, form url.Values) (status int, body string, err error) {
	return b.shown(b.client.PostForm(b.at+path, form))
}

func (b *browser) shown(resp *http.Response, err error) (status int, body string, _ error) {
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(all), err
}

// did names an invented customer.
func did(n int) string { return fmt.Sprintf("did:plc:customer%016d", n) }

// rkey is a record key as the network makes them: a moment and a number.
func rkey(n int) string {
	const alphabet = "234567abcdefghijklmnopqrstuvwxyz"
	b := []byte("3l2aaaaaaaaaa")
	for i := len(b) - 1; n > 0; i, n = i-1, n/32 {
		b[i] = alphabet[n%32]
	}
	return string(b)
}
