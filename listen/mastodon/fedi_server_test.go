package mastodon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/mastodon"
)

// TestServerFedi goes round the circle at a real server of the fediverse, such as
// GoToSocial: a customer says something, changes it, is answered, and deletes it.
//
// LASTWORD_TEST_FEDI_URL is its address; LASTWORD_TEST_FEDI_TOKEN and
// LASTWORD_TEST_FEDI_OTHER are access tokens of the company's account and of the
// customer's.
func TestServerFedi(t *testing.T) {
	t.Parallel()
	base, ours, theirs := os.Getenv("LASTWORD_TEST_FEDI_URL"), os.Getenv("LASTWORD_TEST_FEDI_TOKEN"), os.Getenv("LASTWORD_TEST_FEDI_OTHER")
	if base == "" || ours == "" || theirs == "" {
		t.Skip("left out: needs a server of the fediverse; set LASTWORD_TEST_FEDI_URL, LASTWORD_TEST_FEDI_TOKEN and LASTWORD_TEST_FEDI_OTHER")
	}
	h, e := newHost(t), &ear{}
	h.Now = time.Now
	src, err := mastodon.New().Account().Open(listen.Account{Settings: map[string]string{"instance": base, "token": ours}}, h.Host)
	if err != nil {
		t.Fatal(err)
	}
	mastodon.Hurry(src)
	abilities, err := src.(replier).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range abilities {
		t.Logf("%s: %v %s", a.Name, a.Can, a.Why)
	}
	streaming(t, src, e)

	customer := guest{t, base, theirs}
	var us struct{ Acct string }
	guest{t, base, ours}.call(http.MethodGet, "/api/v1/accounts/verify_credentials", nil, &us)
	word := fmt.Sprintf("Wann kommt der Hobel %d?", time.Now().UnixNano())
	said := customer.say(url.Values{"status": {"@" + us.Acct + " " + word}, "visibility": {"public"}})
	voice := e.wait(t, saying(word)).Post

	r := listen.Reply{Key: fmt.Sprint(time.Now().UnixNano()), Made: time.Now(), Text: "Ab März. Mehr unter https://firma.example/hobel?a=1&b=2", Lang: "de"}
	got, err := src.(replier).Reply(t.Context(), voice, r)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := found(src.(replier).FindReply(t.Context(), voice, r)); err != nil || there != got {
		t.Errorf("FindReply = %+v, %v; want %+v", there, err, got)
	}
	if there, err := src.(replier).Reply(t.Context(), voice, r); err != nil || there != got {
		t.Errorf("once more: %+v, %v", there, err)
	}
	r.Text = "Doch erst im April."
	if err := src.(replier).Edit(t.Context(), got.Key, r); err != nil {
		t.Errorf("Edit = %v", err)
	}
	if err := src.(replier).Remove(t.Context(), got.Key); err != nil {
		t.Errorf("Remove = %v", err)
	}
	customer.call(http.MethodDelete, "/api/v1/statuses/"+said, nil, nil)
	e.wait(t, func(ev lastword.Event) bool { return ev.Op == lastword.Deleted && ev.Post.Key == voice.Key })
	published(t, src.(listen.Poster))
}

// published brings a thread out, finds it again instead of bringing it out twice, and
// takes it down.
func published(t *testing.T, to listen.Poster) {
	now := time.Now()
	p := listen.Post{Key: fmt.Sprint(now.UnixNano()), Made: now, Said: now, Lang: "de", Parts: []string{"Der neue Hobel ist da.", "Und er hobelt auch links."}}
	first, err := to.Post(t.Context(), p)
	again, failed := to.Post(t.Context(), p)
	if err != nil || failed != nil || len(first) != 2 || !slices.Equal(first, again) {
		t.Fatalf("published %+v, %v, then %+v, %v", first, err, again, failed)
	}
	for _, one := range slices.Backward(first) {
		if err := to.(listen.Remover).Remove(t.Context(), one.Key); err != nil {
			t.Errorf("Remove = %v", err)
		}
	}
}

// A guest is another account, spoken for by the bare API.
type guest struct {
	t           *testing.T
	base, token string
}

func (g guest) say(form url.Values) (id string) {
	var s struct{ ID string }
	g.call(http.MethodPost, "/api/v1/statuses", form, &s)
	return s.ID
}

func (g guest) call(method, path string, form url.Values, out any) {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+g.token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		g.t.Fatalf("%s %s: status %d", method, path, resp.StatusCode)
	}
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			g.t.Fatal(err)
		}
	}
}
