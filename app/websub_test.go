package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lastword"
)

// A pusher is a feed, the hub that it names, and the reverse proxy under whose
// address the program is reached.
type pusher struct {
	*house
	feed, hub, public *httptest.Server
	topic             string
	asked             chan url.Values // subscription requests
	inside            *url.URL        // where the program serves; set before anybody asks
}

func newPusher(t *testing.T, h *house) *pusher {
	p := &pusher{house: h, asked: make(chan url.Values, 10)}
	p.hub = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		p.asked <- r.PostForm
		w.WriteHeader(http.StatusAccepted)
	}))
	p.feed = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, p.document("1", "Der Hobel wäre mit Griff besser."))
		if err != nil {
			t.Error(err)
		}
	}))
	p.topic = p.feed.URL + "/feed"
	p.public = httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(p.inside) }})
	for _, s := range []*httptest.Server{p.hub, p.feed, p.public} {
		t.Cleanup(s.Close)
	}
	return p
}

// document is the feed with one entry.
func (p *pusher) document(id, text string) string {
	return fmt.Sprintf(`<feed xmlns="http://www.w3.org/2005/Atom"><title>Werkstattblog</title><id>urn:feed</id>
		<link rel="hub" href=%q/><link rel="self" href=%q/>
		<entry><id>urn:%s</id><title>Hobel</title><updated>%s</updated><content type="text">%s</content></entry></feed>`,
		p.hub.URL, p.topic, id, time.Now().UTC().Format(time.RFC3339), text)
}

// serve starts the program as one that trusts the hub's certificate.
func (p *pusher) serve() *child {
	p.Helper()
	trusted := filepath.Join(p.TempDir(), "hub.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.hub.Certificate().Raw})
	p.must(os.WriteFile(trusted, cert, 0o600))
	name, err := binary()
	p.must(err)
	cmd := exec.Command("env", append([]string{"SSL_CERT_FILE=" + trusted, name}, p.args("serve", "--listen", p.inside.Host, "--log", "warn",
		"--public", p.public.URL, "--inner", "127.0.0.1")...)...)
	c := runAs(p.TB, cmd)
	if !c.says(c.out, "Lastword is at ", longest) {
		p.Fatalf("does not serve: %s%s", c.out, c.err)
	}
	return c
}

// request waits for what the program asks of the hub next.
func (p *pusher) request(mode string) url.Values {
	p.Helper()
	select {
	case form := <-p.asked:
		if got := form.Get("hub.mode"); got != mode || form.Get("hub.topic") != p.topic || !strings.HasPrefix(form.Get("hub.callback"), p.public.URL+pushPath) {
			p.Fatalf("the hub is asked %v, want %s", form, mode)
		}
		return form
	case <-time.After(longest):
		p.Fatalf("the hub is not asked to %s", mode)
	}
	return nil
}

// verify asks back as a hub does (WebSub §5.3).
func (p *pusher) verify(form url.Values) {
	p.Helper()
	q := url.Values{"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": {"wirklich?"}, "hub.lease_seconds": {"864000"}}
	resp, err := http.Get(form.Get("hub.callback") + "?" + q.Encode())
	p.must(err)
	defer resp.Body.Close()
	if said, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || string(said) != "wirklich?" {
		p.Errorf("%s is answered %s %q, %v", form.Get("hub.mode"), resp.Status, said, err)
	}
}

// push sends a document, signed with secret, as a stranger's browser would if it
// could: no session is asked for, nothing but the signature counts.
func (p *pusher) push(form url.Values, secret, document string) (status int) {
	p.Helper()
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(document))
	r, err := http.NewRequestWithContext(p.Context(), http.MethodPost, form.Get("hub.callback"), strings.NewReader(document))
	p.must(err)
	r.Header.Set("Content-Type", "application/atom+xml")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(m.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	p.must(err)
	p.must(resp.Body.Close())
	return resp.StatusCode
}

// TestWebSub subscribes a feed at its hub, lets the hub push, and removes the
// channel, all through the running program behind a proxy.
func TestWebSub(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.query("Hobel")
	p := newPusher(t, h)
	c := h.channel(lastword.Channel{Connector: "feed", Name: "Blog", Settings: map[string]string{"url": p.topic}})
	// The program prints its public address: the proxy learns of a port that was
	// free a moment ago.
	l, err := listener(t.Context(), "127.0.0.1:0")
	h.must(err)
	p.inside = &url.URL{Scheme: "http", Host: l.Addr().String()}
	h.must(l.Close())
	served := p.serve()
	form := p.request("subscribe")
	p.verify(form)
	h.beside(func(a *App) {
		noted, err := a.DB.Channel(t.Context(), h.company.ID, c.ID)
		if err != nil || !strings.Contains(noted.Cursor, `"until":`) {
			t.Errorf("the lease is not noted: %s, %v", noted.Cursor, err)
		}
		p.pushes(a, form)
		p.refusals(a, form)
		if after, err := a.DB.Channel(t.Context(), h.company.ID, c.ID); err != nil || after.Health.NextTry.Before(time.Now().Add(time.Minute)) {
			t.Errorf("the rhythm of polling is lost: %+v, %v", after.Health, err)
		}
	})
	b := h.signIn(&child{t: t, at: p.inside.String()})
	resp, err := b.client.PostForm(fmt.Sprintf("%s/channels/%d/delete", b.at, c.ID), url.Values{})
	h.must(err)
	h.must(resp.Body.Close())
	last := p.request("unsubscribe")
	if last.Get("hub.callback") != form.Get("hub.callback") {
		t.Errorf("another subscription is ended: %v", last)
	}
	p.verify(last)
	late := p.document("9", "Der Hobel kommt zu spät.")
	if status := p.push(form, form.Get("hub.secret"), late); status != http.StatusGone {
		t.Errorf("a push after the end is answered %d, want 410", status)
	}
	served.stop()
}

// pushes proves that what a hub pushes is a voice when the hub has its answer,
// and that this takes less than a second at its best of three.
func (p *pusher) pushes(a *App, form url.Values) {
	p.Helper()
	best := time.Hour
	for n := range 3 {
		text := fmt.Sprintf("Der Hobel ist zum %d. Mal geschoben.", n)
		began := time.Now()
		status := p.push(form, form.Get("hub.secret"), p.document(fmt.Sprint("p", n), text))
		best = min(best, time.Since(began))
		found := false
		for _, v := range p.voices(a) {
			found = found || v.Text == text
		}
		if status != http.StatusNoContent || !found {
			p.Fatalf("push %d: status %d, a voice: %v", n, status, found)
		}
	}
	p.Logf("a push is a voice after %v", best)
	if best > time.Second {
		p.Errorf("a push is a voice after %v, want within a second", best)
	}
}

// refusals proves that what is not signed with this subscription's secret, or
// called at another address, changes nothing.
func (p *pusher) refusals(a *App, form url.Values) {
	p.Helper()
	before := len(p.voices(a))
	forged := p.document("x", "Der Hobel ist gefälscht.")
	if status := p.push(form, "geraten", forged); status != http.StatusAccepted {
		p.Errorf("a forged push is answered %d, want 202 and silence", status)
	}
	other := url.Values{"hub.callback": {form.Get("hub.callback") + "x"}}
	if status := p.push(other, form.Get("hub.secret"), forged); status != http.StatusNotFound {
		p.Errorf("a push to nobody is answered %d, want 404", status)
	}
	if after := len(p.voices(a)); after != before {
		p.Errorf("%d voices after forged pushes, %d before", after, before)
	}
}

// Without an address under which hubs reach us, feeds are polled and nothing
// answers at the callbacks.
func TestNoWebSubWithoutPublicAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.running(func(a *App, at string) {
		if a.hub != nil {
			t.Error("there is a hub without a public address")
		}
		resp, err := http.Post(at+pushPath+"1/x", "text/plain", strings.NewReader("x"))
		h.must(err)
		h.must(resp.Body.Close())
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("a callback is answered %s", resp.Status)
		}
	})
}
