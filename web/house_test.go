package web_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lastword"
	"lastword/answer"
	"lastword/brief"
	"lastword/decide"
	"lastword/listen"
	"lastword/represent"
	"lastword/store"
	"lastword/theme"
	"lastword/web"
)

// A house is the whole site on a real store, with a clock that stands still.
type house struct {
	*testing.T
	db       *store.DB
	server   *httptest.Server
	steps    *answer.Step
	models   *models
	couriers *couriers
	places   *places
	posted   *outlets
	log      bytes.Buffer
	mu       sync.Mutex
	at       time.Time
	posts    int
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// desk is the themes' step as the program wires it.
type desk struct{ *theme.Step }

func (d desk) Split(ctx context.Context, m lastword.Member, from int64, voices []int64, name string) (int64, error) {
	id, err := d.Step.Split(ctx, m, from, voices)
	if err != nil || name == "" {
		return id, err
	}
	return id, d.Rename(ctx, m, id, name)
}

func (d desk) Move(ctx context.Context, m lastword.Member, voices []int64, to int64) error {
	if to == 0 {
		return d.Reject(ctx, m, voices)
	}
	return d.Step.Move(ctx, m, voices, to)
}

// networks stands for the world outside: two networks, one of them only by hand.
type networks struct{}

func (networks) Network(name string) (lastword.Network, bool) {
	switch name {
	case "bluesky":
		return lastword.Network{Name: name, Title: "Bluesky", Reply: true, Limit: 300, Unit: lastword.Graphemes, MaxBytes: 3000}, true
	case "x":
		return lastword.Network{Name: name, Title: "X", Limit: 280, Unit: lastword.Weighted}, true
	}
	return lastword.Network{}, false
}

func (networks) Route(_ context.Context, v lastword.Voice) (lastword.Way, error) {
	if v.Network == "bluesky" {
		return lastword.Way{Channel: v.Channel}, nil
	}
	return lastword.Way{ReplyOption: lastword.ReplyOption{ByHand: true, Why: "why.by_hand", At: "https://x.example/intent?in_reply_to=7&text="}}, nil
}

func (networks) Reply(context.Context, lastword.Cleared, lastword.Post) (string, string, error) {
	return "", "", lastword.ErrUnavailable
}

func (networks) Find(context.Context, lastword.Cleared, lastword.Post) (string, string, bool, error) {
	return "", "", false, lastword.ErrUnavailable
}

// places answers for the connected places, as it is told.
type places struct {
	db       *store.DB
	mu       sync.Mutex
	paid     map[int64]lastword.Spending // by channel
	probe    lastword.Probe
	door     error // why nobody can sign in
	redirect string
	at       string            // where people sign in
	granted  map[string]string // what the place sent the person back with
}

func (*places) Open(_ context.Context, c lastword.Channel, _ bool) error {
	if c.Connector == "feed" && !strings.Contains(c.Settings["url"], ".") {
		return &lastword.Mistake{Key: "mistake.address", Field: "url"}
	}
	return nil
}

func (p *places) Probe(context.Context, int64, int64) (lastword.Probe, error) { return p.probe, nil }

func (*places) PollNow(context.Context, int64, int64) error { return nil }

func (p *places) Authorize(_ context.Context, _ lastword.Channel, redirect, state string) (string, map[string]string, error) {
	p.redirect = redirect
	q := url.Values{"state": {state}, "redirect_uri": {redirect}}
	return cmp.Or(p.at, "https://club.example/authorize") + "?" + q.Encode(), map[string]string{"verifier": "v"}, p.door
}

func (p *places) SignedIn(ctx context.Context, by lastword.Member, begun lastword.SigningIn, answer url.Values) error {
	if answer.Get("code") == "" {
		return &lastword.Mistake{Key: "connector.google.error.signin-refused"}
	}
	c, err := p.db.Channel(ctx, by.Company, begun.Channel)
	if err != nil {
		return err
	}
	p.granted = map[string]string{"code": answer.Get("code"), "verifier": begun.Kept["verifier"], "redirect": begun.Redirect}
	c.Secrets = map[string]string{"refresh": "r1"}
	_, err = p.db.SaveChannel(ctx, by, c)
	return err
}

// elsewhere is a place that lets everybody in and sends them back.
func (h *house) elsewhere() string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		back := url.Values{"state": {r.FormValue("state")}, "code": {"from-elsewhere"}}
		http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	}))
	h.Cleanup(s.Close)
	return s.URL
}

// Spending answers for channels for which a forecast was made.
func (p *places) Spending(_ context.Context, _, channel int64) (lastword.Spending, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sum, pays := p.paid[channel]
	return sum, pays, nil
}

func (p *places) Forecast(_ context.Context, _, channel int64) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paid[channel] = lastword.Spending{Month: "2026-11", Spent: 3_200_000, Limit: 25_000_000,
		Forecast: lastword.Forecast{Made: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Posts: 1234, Monthly: 79_328_571}}
	return true, nil
}

// models is an endpoint that answers as it is told, without a network.
type models struct {
	*store.DB
	trial lastword.ModelTrial
}

func (m *models) Model(ctx context.Context, company int64) (lastword.Model, error) {
	e, err := m.DB.Model(ctx, company)
	e.Key = ""
	return e, err
}

func (m *models) Uses(ctx context.Context, company int64) (embed, chat bool, err error) {
	e, err := m.DB.Model(ctx, company)
	return e.On && e.Embed != "", e.On && e.Chat != "", err
}

func (m *models) Save(ctx context.Context, by lastword.Member, e lastword.Model) error {
	if !strings.HasPrefix(e.Address, "https://") {
		return &lastword.Mistake{Key: "mistake.model_address", Field: "address"}
	}
	return m.SaveModel(ctx, by, e)
}

func (m *models) Preview(ctx context.Context, company int64) ([]lastword.Outbound, bool, error) {
	e, err := m.DB.Model(ctx, company)
	if e.Address == "" {
		return nil, false, err
	}
	return []lastword.Outbound{{Address: e.Address + "/embeddings", Body: []byte(`{"input":["Halbe Größen <b>"]}`)}}, true, err
}

func (m *models) Switch(ctx context.Context, by lastword.Member, on bool, digest string) error {
	return m.SwitchModel(ctx, by, on, digest)
}

func (m *models) Try(context.Context, int64) (lastword.ModelTrial, error) { return m.trial, nil }

func (m *models) State(context.Context, int64) (lastword.ModelState, error) {
	return lastword.ModelState{Spent: 1234}, nil
}

// couriers are other programs that answer as they are told, without a network.
type couriers struct {
	*store.DB
	trial lastword.CourierTrial
}

func (c *couriers) Courier(ctx context.Context, company int64) (lastword.Courier, error) {
	kept, err := c.DB.Courier(ctx, company)
	kept.Key, kept.Former = "", ""
	return kept, err
}

func (c *couriers) Save(ctx context.Context, by lastword.Member, courier lastword.Courier) error {
	if !strings.HasPrefix(courier.Address, "https://") {
		return &lastword.Mistake{Key: "mistake.courier_address", Field: "address"}
	}
	return c.SaveCourier(ctx, by, courier)
}

func (c *couriers) NewKey(ctx context.Context, by lastword.Member) (string, error) {
	return "whsec_c2VocmdlaGVpbQ==", c.RenewCourierKey(ctx, by, "whsec_c2VocmdlaGVpbQ==")
}

func (c *couriers) Preview(ctx context.Context, company int64) ([]lastword.Outbound, bool, error) {
	kept, err := c.DB.Courier(ctx, company)
	if kept.Address == "" {
		return nil, false, err
	}
	return []lastword.Outbound{{Address: kept.Address, Body: []byte(`{"type":"voice.heard","text":"Halbe Größen <b>"}`)}}, false, err
}

func (c *couriers) Switch(ctx context.Context, by lastword.Member, on bool, digest string) error {
	return c.SwitchCourier(ctx, by, on, digest)
}

func (c *couriers) Try(context.Context, int64) (lastword.CourierTrial, error) { return c.trial, nil }

// outlets publishes through what a company has connected: its feed stands for a
// network of short posts in threads, its paused channels for one that takes no
// pictures.
type outlets struct {
	db   *store.DB
	sent []lastword.Version
}

func (o *outlets) Outlets(ctx context.Context, company int64) ([]lastword.Outlet, error) {
	channels, err := o.db.Channels(ctx, company)
	var all []lastword.Outlet
	for _, c := range channels {
		m := lastword.Manner{Network: lastword.Network{Name: "bluesky", Title: "Bluesky", Limit: 300, Unit: lastword.Graphemes}, Thread: true, Pictures: 4, Edit: true, Remove: true}
		switch c.Connector {
		case "blog":
			m = lastword.Manner{Network: lastword.Network{Name: "blog"}, Title: true, LongTitle: 150, Markup: true, Pictures: 10, Own: true}
		case "forum":
			m = lastword.Manner{Network: lastword.Network{Name: "discourse"}, Title: true, LongTitle: 100}
		}
		all = append(all, lastword.Outlet{Channel: c, Manner: m})
	}
	return all, err
}

func (o *outlets) Publish(_ context.Context, c lastword.ClearedVersion, _ []lastword.Placed) ([]lastword.Placed, error) {
	v, _ := c.Version()
	o.sent = append(o.sent, v)
	return []lastword.Placed{{Key: fmt.Sprint("own-", v.ID), URL: fmt.Sprint("https://net.example/", v.ID)}}, nil
}

func (o *outlets) Amend(_ context.Context, c lastword.ClearedVersion, _ []lastword.Placed) error {
	v, _ := c.Version()
	o.sent = append(o.sent, v)
	return nil
}

func (o *outlets) Remove(context.Context, int64, int64, []lastword.Placed) error { return nil }

// blogs keeps a blog as the program does.
type blogs struct{ h *house }

func (b blogs) Address(c lastword.Company, name string) string { return c.Public + "/blog/" + name }

func (b blogs) Save(ctx context.Context, by lastword.Member, c lastword.Company, set lastword.Blog) error {
	set.Company = c.ID
	if set.Channel == 0 {
		saved, err := b.h.db.SaveChannel(ctx, by, lastword.Channel{Connector: "blog", Name: set.Title})
		if err != nil {
			return err
		}
		set.Channel = saved.ID
	}
	return b.h.db.SaveBlog(ctx, by, set)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, at: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)}
	db, err := store.Open(t.Context(), store.Options{Folder: t.TempDir(), Now: h.now})
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.db = db
	log := slog.New(slog.NewTextHandler(&h.log, nil))
	h.steps = &answer.Step{Store: db, Places: networks{}, Now: h.now, Rand: rand.Reader, Log: log}
	h.models = &models{DB: db}
	h.couriers = &couriers{DB: db}
	h.places = &places{db: db, paid: map[int64]lastword.Spending{}, probe: lastword.Probe{Why: "why.unavailable"}}
	h.posted = &outlets{db: db}
	stories := &represent.Step{Store: db, Places: h.posted, Now: h.now, Log: log}
	site := &web.Server{
		Stories: stories, Blogs: blogs{h}, Outlets: h.posted.Outlets,
		Store: db, Themes: desk{&theme.Step{Store: db, Desk: db}}, Decisions: &decide.Step{Store: db, Now: h.now},
		Answers: h.steps, Briefs: &brief.Step{Store: db}, Channels: h.places, Models: h.models, Couriers: h.couriers, Network: networks{}.Network, Route: networks{}.Route, Now: h.now, Log: log,
		Connectors: []listen.Info{{
			Name: "feed", Network: lastword.Network{Name: "feed", Title: "Feed"},
			Fields: []listen.Field{{Name: "url", Required: true}, {Name: "password", Secret: true}, {Name: "comments", Default: "no"}},
		}, {
			Name: "youtube", Network: lastword.Network{Name: "youtube", Title: "YouTube", Reply: true},
			Fields: []listen.Field{{Name: "client", Required: true}, {Name: "clientsecret", Secret: true, Required: true}, {Name: "refresh", Secret: true, Granted: true}},
			SignIn: listen.SignIn{Offered: true, Only: true, Enter: true},
		}, {
			Name: "mastodon", Network: lastword.Network{Name: "mastodon", Title: "Mastodon", Reply: true},
			Fields: []listen.Field{{Name: "instance", Required: true}, {Name: "token", Secret: true, Required: true, Granted: true}},
			SignIn: listen.SignIn{Offered: true},
		}, {
			Name: "mail", Network: lastword.Network{Name: "mail", Title: "E-Mail", Reply: true},
			Fields: []listen.Field{{Name: "address", Required: true}, {Name: "password", Secret: true}, {Name: "provider", Door: true}, {Name: "clientid", Door: true}},
			SignIn: listen.SignIn{Offered: true, Enter: true},
		}, {
			Name: "facebook", Network: lastword.Network{Name: "facebook", Title: "Facebook", Reply: true}, All: true,
			Fields: []listen.Field{{Name: "app", Required: true}, {Name: "secret", Secret: true, Required: true}, {Name: "token", Secret: true, Seldom: true}},
			SignIn: listen.SignIn{Offered: true, Enter: true},
		}, {
			Name: "paid", Network: lastword.Network{Name: "paid", Title: "Paid"}, Costs: true, All: true,
			Fields: []listen.Field{{Name: "url", Required: true}},
		}},
		Imprint: "https://lind.example/impressum",
	}
	pages, err := site.Handler()
	h.must(err)
	h.server = httptest.NewServer(pages)
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// A firm is one company with its people.
type firm struct {
	*house
	company  lastword.Company
	director lastword.Member
	second   lastword.Member
	staff    lastword.Member
	channel  lastword.Leased
}

func (h *house) firm(name string, rule lastword.Rule) *firm {
	h.Helper()
	c, err := h.db.AddCompany(h.Context(), lastword.Company{
		Name: name, Names: []string{name}, Lang: "de", Zone: "Europe/Berlin", Rule: rule, Minutes: 10, Public: h.server.URL,
	})
	h.must(err)
	f := &firm{house: h, company: c}
	add := func(name string, role lastword.Role, lang string) lastword.Member {
		m, err := h.db.SaveMember(h.Context(), lastword.Member{Company: c.ID}, lastword.Member{Name: name, Role: role, Lang: lang, Made: h.now()})
		h.must(err)
		return m
	}
	f.director, f.second = add("Anna Lind", lastword.Director, "de"), add("Jens Lind", lastword.Director, "en")
	f.staff = add("Mara Weiß", lastword.Staff, "de")
	ch, err := h.db.SaveChannel(h.Context(), f.director, lastword.Channel{Connector: "feed", Name: "Unsere Quelle", All: true, Settings: map[string]string{"url": "https://a.example"}})
	h.must(err)
	f.channel, err = h.db.LeaseOne(h.Context(), "test", c.ID, ch.ID, h.now().Add(time.Hour))
	h.must(err)
	return f
}

// say lets somebody say something on a network.
func (f *firm) say(network, author, lang, words string) lastword.VoiceRow {
	f.Helper()
	f.posts++
	p := lastword.Post{
		Network: network, Key: fmt.Sprintf("post-%d", f.posts), URL: fmt.Sprintf("https://%s.example/%d", network, f.posts),
		Author: lastword.Author{Key: "id-" + author, Handle: author, Name: author}, Text: words, Lang: lang,
		SaidAt: f.now().Add(-time.Hour).Add(time.Duration(f.posts) * time.Second),
	}
	return f.hear(p)
}

func (f *firm) hear(p lastword.Post) lastword.VoiceRow {
	f.Helper()
	_, err := f.db.SaveHeard(f.Context(), f.channel, "c", []lastword.Event{{Op: lastword.Said, Post: p}}, nil)
	f.must(err)
	rows, err := f.db.FindVoices(f.Context(), f.company.ID, lastword.VoiceFilter{Limit: 1000})
	f.must(err)
	for _, r := range rows {
		if r.Key == p.Key {
			f.must(f.db.SaveLabels(f.Context(), f.company.ID, []lastword.Label{{
				Voice: r.ID, Language: p.Lang, Kinds: lastword.Wish, P: [4]float64{.93, .04, .02, .01}, Feeling: lastword.Neutral, PFeeling: .6, About: .9, Version: 1,
			}}))
			return r
		}
	}
	f.Fatalf("the voice %s is not there", p.Key)
	return lastword.VoiceRow{}
}

// gather makes a theme of voices that belong to it with the given fit.
func (f *firm) gather(name string, fit float64, voices ...lastword.VoiceRow) int64 {
	f.Helper()
	th := lastword.Theme{ID: f.db.NewID(), Company: f.company.ID, Name: name, Lang: "de", Kinds: lastword.Wish}
	var ms []lastword.Membership
	for _, v := range voices {
		ms = append(ms, lastword.Membership{Voice: v.ID, Theme: th.ID, Fit: fit})
	}
	_, stamp, err := f.db.LiveThemes(f.Context(), f.company.ID)
	f.must(err)
	_, err = f.db.SavePlacements(f.Context(), f.company.ID, stamp, []lastword.Theme{th}, ms)
	f.must(err)
	return th.ID
}

// A browser is a visitor with cookies.
type browser struct {
	*house
	client *http.Client
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as signs a member in through a one-time link.
func (h *house) as(m lastword.Member) *browser {
	h.Helper()
	b := h.browser()
	h.posts++
	secret := fmt.Sprintf("secret-%d", h.posts)
	h.must(h.db.NewLink(h.Context(), m.Company, m.ID, secret, h.now().Add(time.Hour)))
	if r := b.post("/start/"+secret, nil); r.status != http.StatusSeeOther {
		h.Fatalf("the link of %s did not open: %d", m.Name, r.status)
	}
	return b
}

// A reply is what came back.
type reply struct {
	*house
	status int
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) reply {
	b.Helper()
	resp, err := b.client.Do(r)
	b.must(err)
	defer func() { b.must(resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	b.must(err)
	return reply{b.house, resp.StatusCode, resp.Header, string(body)}
}

func (b *browser) get(path string) reply {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.server.URL+path, nil)
	b.must(err)
	return b.do(r)
}

func (b *browser) post(path string, form url.Values) reply {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.server.URL+path, strings.NewReader(form.Encode()))
	b.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// is demands a status.
func (r reply) is(status int) reply {
	r.Helper()
	if r.status != status {
		r.Fatalf("status %d, want %d\n%s\n%s", r.status, status, r.log.String(), r.body)
	}
	return r
}

// leads demands a redirect and returns where to.
func (r reply) leads(want string) reply {
	r.Helper()
	r.is(http.StatusSeeOther)
	if got := r.header.Get("Location"); got != want {
		r.Errorf("leads to %q, want %q", got, want)
	}
	return r
}

func (r reply) says(words ...string) reply {
	r.Helper()
	plain := r.text()
	for _, w := range words {
		if !strings.Contains(plain, w) {
			r.Errorf("the page does not say %q:\n%s", w, plain)
		}
	}
	return r
}

func (r reply) keepsQuiet(words ...string) reply {
	r.Helper()
	plain := r.text()
	for _, w := range words {
		if strings.Contains(plain, w) {
			r.Errorf("the page says %q:\n%s", w, plain)
		}
	}
	return r
}

func (r reply) tree() *html.Node {
	r.Helper()
	n, err := html.Parse(strings.NewReader(r.body))
	r.must(err)
	return n
}

// text is what a reader sees, with single spaces.
func (r reply) text() string {
	var b strings.Builder
	for n := range r.tree().Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// all finds elements by name.
func (r reply) all(name string) []*html.Node {
	var out []*html.Node
	for n := range r.tree().Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// hidden returns the value of a hidden field of the form with that action.
func (r reply) hidden(action, name string) string {
	r.Helper()
	for _, form := range r.all("form") {
		if attr(form, "action") != action {
			continue
		}
		for n := range form.Descendants() {
			if n.Data == "input" && attr(n, "name") == name {
				return attr(n, "value")
			}
		}
	}
	r.Fatalf("no field %s in a form to %s:\n%s", name, action, r.body)
	return ""
}

func path(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}
