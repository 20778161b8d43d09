package x_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/listentest"
	"lastword/listen/x"
)

var searching = map[string]string{"bearer": "a1", "words": "Hobelwerk, Wanderschuh"}

func TestThePromisesOfAConnector(t *testing.T) {
	t.Parallel()
	listentest.Exercise(t, x.New(), newArchive(t).signedIn())
	listentest.Exercise(t, x.NewSearch(), searching)
	listentest.Exercise(t, x.NewStream(), searching)
}

func TestThePromisesOfASource(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*archive) listen.Source{
		"account": func(a *archive) listen.Source { return a.account("budget", "1000", "recheck", "0") },
		"search": func(a *archive) listen.Source {
			return a.open(x.NewSearch(), map[string]string{"bearer": "a1", "words": "Hobelwerk", "budget": "1000"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t)
			for i := range 250 {
				a.say(time.Duration(300-i)*time.Second, fmt.Sprint("@hobelwerk Wort ", i), mentioning("hobelwerk"))
			}
			n := 0
			listentest.ExerciseSource(t, listentest.Place{
				Network: "x", Open: func() listen.Source { return open(a) },
				Grow: func() { n++; a.say(0, fmt.Sprint("@hobelwerk neu ", n), mentioning("hobelwerk")) },
			})
		})
	}
}

// poll hears everything from a cursor on.
func poll(t *testing.T, src listen.Source, cursor string) (*listentest.Heard, error) {
	t.Helper()
	var h listentest.Heard
	err := src.Poll(t.Context(), cursor, h.Hear)
	return &h, err
}

func TestWhatAPostSays(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	root := a.say(20*time.Minute, "Root", func(p map[string]any) { p["author_id"] = selfID })
	reply := a.say(10*time.Minute, "@hobelwerk A &amp; B: https://t.co/abc", mentioning("hobelwerk"), func(p map[string]any) {
		p["conversation_id"] = root
		p["referenced_tweets"] = []map[string]string{{"type": "replied_to", "id": root}}
		p["entities"].(map[string]any)["urls"] = []map[string]any{{"url": "https://t.co/abc", "expanded_url": "https://schuh.example/44"}}
	})
	edited := a.say(5*time.Minute, "@hobelwerk jetzt richtig", mentioning("hobelwerk"), func(p map[string]any) { p["edit_history_tweet_ids"] = []string{"1", p["id"].(string)} })
	long := a.say(4*time.Minute, "@hobelwerk gekürzt…", mentioning("hobelwerk"), func(p map[string]any) {
		p["note_tweet"] = map[string]any{"text": "@hobelwerk " + strings.Repeat("lang ", 100)}
	})
	a.say(3*time.Minute, "RT @hobelwerk", mentioning("hobelwerk"), func(p map[string]any) {
		p["referenced_tweets"] = []map[string]string{{"type": "retweeted", "id": root}}
	})
	quote := a.say(2*time.Minute, "Seht her", func(p map[string]any) {
		p["quote"] = true
		p["referenced_tweets"] = []map[string]string{{"type": "quoted", "id": root}}
		p["entities"] = map[string]any{"urls": []map[string]any{{"url": "https://t.co/q", "expanded_url": "https://twitter.com/Hobelwerk/status/" + root}}}
	})
	src := a.account("recheck", "0")
	h, err := poll(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	e, _ := heard(h.Events(), reply)
	if p := e.Post; p.Text != "@hobelwerk A & B: https://schuh.example/44" || p.Parent != root || p.Root != root || p.Author.Handle != "mia" ||
		p.Author.Name != "Mia Muster" || p.URL != "https://x.com/mia/status/"+reply || p.Lang != "de" || p.Own || p.Private {
		t.Errorf("reply: %+v", p)
	}
	if e, ok := heard(h.Events(), "1"); !ok || e.Post.URL != "https://x.com/mia/status/"+edited {
		t.Errorf("the edit is not the post that was said first: %+v", e.Post)
	}
	if e, _ := heard(h.Events(), long); len(e.Post.Text) < 500 {
		t.Errorf("the long post is cut: %q", e.Post.Text)
	}
	q, _ := heard(h.Events(), quote)
	for _, summoned := range []lastword.Post{e.Post, q.Post} {
		if ways := src.(listen.Chooser).Options(summoned); len(ways) != 2 || ways[0].ByHand || ways[0].Cost != 10_000 || !ways[1].ByHand {
			t.Errorf("%q: ways %+v", summoned.Text, ways)
		}
	}
	if len(h.Events()) != 4 || a.drops["repost"] != 1 {
		t.Errorf("%d events, drops %v", len(h.Events()), a.drops)
	}
}

func wantMistake(t *testing.T, err error, key string) {
	t.Helper()
	var m *lastword.Mistake
	if !errors.As(err, &m) || m.Key != key || !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("%v, want %s", err, key)
	}
}

// The month is used up: nothing is asked, not by a new run either, until the
// next one begins.
func TestTheMonthStops(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	for i := range 60 {
		a.say(time.Duration(100-i)*time.Second, fmt.Sprint("@hobelwerk ", i), mentioning("hobelwerk"))
	}
	a.pages = 20
	// 0.002 for each post and 0.005 for the author of a page; pages shrink to what
	// is left.
	settings := []string{"budget", "0.14", "prices", "own=0.002 user=0.005", "recheck", "0"}
	h, err := poll(t, a.account(settings...), "")
	wantMistake(t, err, "connector.x.error.used")
	if n := len(h.Events()); n != 47 || h.Events()[0].Post.Text != "@hobelwerk 13" {
		t.Errorf("%d posts were paid and heard", n)
	}
	a.asks()
	_, err = poll(t, a.account(settings...), h.Cursor(""))
	wantMistake(t, err, "connector.x.error.used")
	if asked := a.asks(); len(asked) > 0 {
		t.Errorf("asked though the month is used up: %v", asked)
	}
	_, err = a.account(settings...).(listen.Publisher).Publish(t.Context(), listen.Reply{Key: "1", Made: a.now, Text: "https://schuh.de"})
	wantMistake(t, err, "connector.x.error.used")
	a.mu.Lock()
	a.now = time.Date(2026, 12, 1, 0, 0, 1, 0, time.UTC)
	a.mu.Unlock()
	more, err := poll(t, a.account("budget", "25", "recheck", "0"), h.Cursor(""))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(more.Events()); n != 13 || more.Events()[0].Post.Text != "@hobelwerk 0" {
		t.Errorf("in the new month the other 13 are heard, not %d", n)
	}
	again, err := poll(t, a.account("recheck", "0"), more.Cursor(""))
	if err != nil || len(again.Events()) > 0 {
		t.Errorf("%d posts again, %v", len(again.Events()), err)
	}
}

// A word too common costs one count, and not the month.
func TestTooMany(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	for i := range 200 {
		a.say(time.Duration(300-i)*time.Second, fmt.Sprint("Hobelwerk ", i))
	}
	src := a.open(x.NewSearch(), map[string]string{"bearer": "a1", "words": "Hobelwerk", "budget": "2"})
	_, err := poll(t, src, "")
	wantMistake(t, err, "connector.x.error.too_many")
	if asked := a.asks(); len(asked) != 1 || a.spent() != "2026-11 5000, " {
		t.Errorf("asked %v, spent %s", asked, a.spent())
	}
}

// X takes a refresh token once. The new one is kept before it is used; a run
// whose token another run has renewed takes that one.
func TestTokens(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	a.say(time.Minute, "@hobelwerk", mentioning("hobelwerk"))
	first, second := a.account("recheck", "0"), a.account("recheck", "0")
	a.mu.Lock()
	a.now = a.now.Add(3 * time.Hour)
	a.mu.Unlock()
	if _, err := poll(t, first, ""); err != nil {
		t.Fatal(err)
	}
	if a.secrets["refresh"] != "r2" || a.secrets["access"] != "a2" {
		t.Errorf("kept %v", a.secrets)
	}
	if _, err := poll(t, second, ""); err != nil {
		t.Errorf("the second run: %v", err)
	}
	a.mu.Lock()
	a.token = "a9" // X refuses before its time, as after a change of password
	a.mu.Unlock()
	if _, err := poll(t, second, ""); err != nil || a.secrets["refresh"] != "r3" {
		t.Errorf("a token refused early: %v, kept %v", err, a.secrets)
	}
	a.mu.Lock()
	a.token, a.refresh = "b1", "gone"
	a.mu.Unlock()
	_, err := poll(t, second, "")
	wantMistake(t, err, "connector.x.error.signin")
	_, err = poll(t, a.open(x.New(), map[string]string{"client": "app"}), "")
	wantMistake(t, err, "connector.x.error.signin")
}

// A new token that cannot be kept is not used.
func TestTokenNotKept(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	src := a.account("until", "0")
	full := errors.New("disk full")
	a.host.Keep = func(context.Context, map[string]string) error { return full }
	src = a.open(x.New(), a.signedIn("until", "0"))
	if _, err := poll(t, src, ""); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if asked := a.asks(); !slices.Equal(asked, []string{"POST /2/oauth2/token"}) {
		t.Errorf("asked %v", asked)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	c := x.New().(listen.Authorizer)
	acct := listen.Account{Settings: map[string]string{"client": "app"}}
	at, kept, err := c.Authorize(t.Context(), acct, a.host, "https://lastword.example/back", "s1")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); u.Host != "x.com" || q.Get("state") != "s1" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
		q.Get("code_challenge") == kept["verifier"] || !strings.Contains(q.Get("scope"), "offline.access") {
		t.Errorf("signs in at %s", at)
	}
	got, err := c.Exchange(t.Context(), acct, a.host, "https://lastword.example/back", kept, url.Values{"code": {"c1"}, "state": {"s1"}})
	if err != nil || got["user"] != selfID || got["handle"] != "hobelwerk" || got["refresh"] != "r2" || got["access"] != "a2" {
		t.Errorf("%v, %v", got, err)
	}
	_, err = c.Exchange(t.Context(), acct, a.host, "", kept, url.Values{"error": {"access_denied"}})
	wantMistake(t, err, "connector.x.error.refused")
	if _, ok := x.NewSearch().(listen.Authorizer); ok {
		t.Error("an app signs in")
	}
}

// What X no longer shows goes here too; an edit that was missed is heard.
func TestSweep(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	there := a.say(50*time.Hour, "Noch da")
	deleted, suspended := "1700000000000000001", "1700000000000000002"
	a.gone[suspended] = "not-authorized-for-resource"
	old := a.say(49*time.Hour, "Alt")
	newer := a.say(48*time.Hour, "Neu", func(p map[string]any) { p["edit_history_tweet_ids"] = []string{old, p["id"].(string)} })
	a.mu.Lock()
	for _, p := range a.posts {
		if p["id"] == old {
			p["edit_history_tweet_ids"] = []string{old, newer}
		}
	}
	a.mu.Unlock()
	kept := []string{deleted, suspended, there, old}
	slices.Sort(kept)
	a.host.Voices = func(_ context.Context, after string, most int) ([]string, error) {
		i, _ := slices.BinarySearch(kept, after+"\x00")
		return kept[i:min(i+most, len(kept))], nil
	}
	src := a.account("recheck", "3")
	h, err := poll(t, src, "")
	if err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	a.now = a.now.Add(24 * time.Hour)
	a.secrets["until"] = strconv.FormatInt(a.now.Add(time.Hour).Unix(), 10)
	a.mu.Unlock()
	next, err := poll(t, a.account("recheck", "3"), h.Cursor(""))
	if err != nil {
		t.Fatal(err)
	}
	events := append(h.Events(), next.Events()...)
	for _, key := range []string{deleted, suspended} {
		if e, ok := heard(events, key); !ok || e.Op != lastword.Deleted {
			t.Errorf("%s: %+v", key, e)
		}
	}
	if e, ok := heard(events, old); !ok || e.Post.Text != "Neu" {
		t.Errorf("the edit: %+v", e)
	}
	if e, ok := heard(events, there); !ok || e.Op != lastword.Said {
		t.Errorf("what is there: %+v", e)
	}
	a.asks()
	if _, err := poll(t, a.account("recheck", "3"), next.Cursor("")); err != nil || slices.Contains(a.asks(), "GET /2/tweets") {
		t.Errorf("looked up more than a day's share: %v", err)
	}
}

// Where posts are gone, so may be who said them: suspended, deleted or protected
// accounts are hidden at once, and come back.
func TestAccountStates(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	a.states = map[string]string{"42": "suspended", "43": "protected"}
	kept := []string{"1700000000000000001", "1700000000000000002", "1700000000000000003", "1700000000000000004"}
	by := map[string]string{kept[0]: "42", kept[1]: "43", kept[2]: "44", kept[3]: "no number"}
	a.host.Voices = func(_ context.Context, after string, most int) ([]string, error) {
		i, _ := slices.BinarySearch(kept, after+"\x00")
		return kept[i:min(i+most, len(kept))], nil
	}
	a.host.Authors = func(_ context.Context, keys []string) (all []string, err error) {
		for _, k := range keys {
			all = append(all, by[k])
		}
		return all, nil
	}
	states := func(h []lastword.Event) string {
		var all []string
		for _, e := range h {
			if e.Op != lastword.Deleted {
				all = append(all, fmt.Sprint(e.Op, " ", e.Post.Author.Key))
			}
		}
		return strings.Join(all, ", ")
	}
	h, err := poll(t, a.account(), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprint(lastword.AccountAway, " 43, ", lastword.AccountAway, " 42"); states(h.Events()) != want {
		t.Errorf("heard %s, want %s", states(h.Events()), want)
	}
	// Two of three accounts are shown, at 0.010 each.
	if got := a.spent(); !strings.Contains(got, "2026-11 20000") {
		t.Errorf("spent %s", got)
	}
	tomorrow := func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.now = a.now.Add(24 * time.Hour)
		a.secrets["until"] = strconv.FormatInt(a.now.Add(time.Hour).Unix(), 10)
	}
	cursor := h.Cursor("")
	tomorrow()
	h, err = poll(t, a.account(), cursor)
	if err != nil || states(h.Events()) != "" {
		t.Errorf("the next day: %s, %v", states(h.Events()), err)
	}
	kept, a.states = nil, map[string]string{"43": "protected"}
	tomorrow()
	h, err = poll(t, a.account(), h.Cursor(cursor))
	if err != nil || states(h.Events()) != fmt.Sprint(lastword.AccountBack, " 42") {
		t.Errorf("back: %s, %v", states(h.Events()), err)
	}
	asked := a.asks()
	if _, err := poll(t, a.account(), h.Cursor(cursor)); err != nil || slices.Contains(a.asks(), "GET /2/users") {
		t.Errorf("asked twice a day: %v, %v", asked, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	able, err := a.account("scope", "tweet.read users.read").(listen.Checker).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, ab := range able {
		if want := ab.Name == "hear"; ab.Can != want || !want && ab.Why == "" || ab.Until.IsZero() {
			t.Errorf("%+v", ab)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for field, values := range map[string][]string{
		"words": {",", strings.Repeat("wort,", 40), strings.Repeat("a", 600)}, "langs": {"deutsch"}, "budget": {"viel", "-1", "NaN"},
		"prices": {"post=", "nichts=1"}, "back": {"169", "x"},
	} {
		for _, v := range values {
			set := map[string]string{"bearer": "b", "words": "Hobelwerk", field: v}
			_, err := x.NewSearch().Open(listen.Account{Settings: set}, newArchive(t).host)
			var m *lastword.Mistake
			if !errors.As(err, &m) || m.Field != field {
				t.Errorf("%s=%q: %v", field, v, err)
			}
		}
	}
}

func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	serve := func(name string, code int) func(http.ResponseWriter, *http.Request) bool {
		body, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/mentions") {
				w.WriteHeader(code)
				_, err = w.Write(body)
			}
			return strings.HasSuffix(r.URL.Path, "/mentions")
		}
	}
	a.fail = serve("mentions.json", 200)
	h, err := poll(t, a.account("handle", "XDevelopers", "recheck", "0"), "")
	if err != nil || len(h.Events()) != 1 {
		t.Fatalf("%+v, %v", h, err)
	}
	if p := h.Events()[0].Post; p.Author.Name != "Dev Person" || !p.SaidAt.Equal(time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", p)
	}
	a.fail = serve("problem-invalid.json", 400)
	if _, err := poll(t, a.account("recheck", "0"), ""); !errors.Is(err, lastword.ErrInvalid) {
		t.Errorf("%v", err)
	}
	for name, body := range map[string]string{"cut": `{"data":[{"id"`, "other": `[]`, "huge": strings.Repeat(" ", 9<<20) + "{}"} {
		a.fail = func(w http.ResponseWriter, r *http.Request) bool { fmt.Fprint(w, body); return true }
		if _, err := poll(t, a.account("recheck", "0"), ""); !errors.Is(err, lastword.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.fail = func(w http.ResponseWriter, r *http.Request) bool {
		fmt.Fprint(w, `{"data":[{"id":"x"},7,{"id":"5","author_id":"6","text":"da","created_at":"2026-11-27T08:59:00Z"}]}`)
		return true
	}
	if h, err := poll(t, a.account("recheck", "0"), ""); err != nil || len(h.Events()) == 0 || a.drops["unreadable"] == 0 {
		t.Errorf("one bad post hides the others: %v, drops %v", err, a.drops)
	}
}

// What a search will cost is counted before a post is read, and is kept with what
// it has cost.
func TestForecast(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	for i := range 70 {
		a.say(time.Duration(100-i)*time.Hour, fmt.Sprint("Hobelwerk ", i))
	}
	open := func(budget string) listen.Forecaster {
		return a.open(x.NewSearch(), map[string]string{"bearer": "a1", "words": "Hobelwerk", "budget": budget}).(listen.Forecaster)
	}
	src := open("25")
	sum, err := src.Spending(t.Context())
	if err != nil || sum.Spent != 0 || sum.Limit != 25_000_000 || sum.Month != "2026-11" || !sum.Forecast.Made.IsZero() {
		t.Errorf("before: %+v, %v", sum, err)
	}
	f, err := src.Forecast(t.Context())
	if want := int64(70 * 15_000 * 30 / 7); err != nil || f.Posts != 70 || f.Monthly != want {
		t.Errorf("forecast %+v, %v; want %d", f, err, want)
	}
	sum, err = open("25").Spending(t.Context())
	if err != nil || sum.Spent != 5_000 || sum.Forecast.Posts != 70 || sum.Forecast.Monthly != f.Monthly || sum.Forecast.Made.Unix() != a.now.Unix() {
		t.Errorf("after: %+v, %v", sum, err)
	}
	if asked := a.asks(); len(asked) != 1 || !strings.Contains(asked[0], "counts") {
		t.Errorf("asked %v", asked)
	}
	_, err = open("0.001").Forecast(t.Context())
	wantMistake(t, err, "connector.x.error.used")
}
