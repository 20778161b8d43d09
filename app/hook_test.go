package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lastword"
	"lastword/internal/picture"
)

const hookSecret = "hoechst geheimes Wort"

// pushed sends a signed webhook to an address of the running program.
func (h *house) pushed(at, id, body string) *http.Response {
	h.Helper()
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	m := hmac.New(sha256.New, []byte(hookSecret))
	fmt.Fprintf(m, "%s.%s.%s", id, stamp, body)
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, at, strings.NewReader(body))
	h.must(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site") // as a stranger's browser would, if it could
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	h.must(err)
	h.must(resp.Body.Close())
	return resp
}

// flood pushes at once more than an address takes, and counts how many were told
// to slow down. At once, since one after the other a slow machine is slow enough.
func (h *house) flood(address string) int64 {
	h.Helper()
	var limited atomic.Int64
	var all sync.WaitGroup
	for range 2 * hookBurst {
		all.Go(func() {
			if h.pushed(address, "m3", `{`).StatusCode == http.StatusTooManyRequests {
				limited.Add(1)
			}
		})
	}
	all.Wait()
	return limited.Load()
}

// TestHook pushes to the running program, as other programs and web sites do: no
// session is asked for, and what is acknowledged is a voice.
func TestHook(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.config.Public = "https://hear.example"
	h.config.Inner = []string{"127.0.0.1"} // where no mailbox is, which is no refusal
	hook := h.channel(lastword.Channel{Connector: "webhook", Name: "Webseite", All: true,
		Settings: map[string]string{"form": "yes"}, Secrets: map[string]string{"secret": hookSecret}})
	box := h.channel(lastword.Channel{Connector: "mail", Name: "Postfach", All: true,
		Settings: map[string]string{"address": "laden@gmx.de", "imap": "127.0.0.1:1", "smtp": "127.0.0.1:1"}, Secrets: map[string]string{"password": "x"}})
	h.running(func(a *App, at string) {
		address := strings.Replace(a.hooks.address(hook.ID), "https://hear.example", at, 1)
		for range 2 {
			if resp := h.pushed(address, "m1", `{"id":"1","text":"Der Hobel ist stumpf.","author":"Eva"}`); resp.StatusCode != http.StatusOK || len(resp.Cookies()) > 0 {
				t.Fatalf("a push is answered %s %v", resp.Status, resp.Cookies())
			}
		}
		resp, err := http.PostForm(address, url.Values{"message": {"Gibt es Griffe?"}, "email": {"otto@post.example"}, "subject": {"Griffe"}})
		h.must(err)
		h.must(resp.Body.Close())
		voices := h.voices(a)
		if resp.StatusCode != http.StatusOK || len(voices) != 2 {
			t.Fatalf("a form is answered %s; %d voices", resp.Status, len(voices))
		}
		for _, row := range voices {
			way, err := a.places.Route(t.Context(), row.Voice)
			h.must(err)
			if byMail := row.Network == "mail"; byMail != (way.Channel == box.ID) || byMail == way.ByHand {
				t.Errorf("%q goes the way %+v", row.Text, way)
			}
		}
		for where, want := range map[string]int{
			address + "x": 404, at + hookPath + "1": 404, at + hookPath: 404,
			strings.Replace(a.hooks.address(box.ID), "https://hear.example", at, 1): 404, // nobody pushes mail
		} {
			if got := h.pushed(where, "m2", `{"id":"2","text":"x"}`).StatusCode; got != want {
				t.Errorf("%s: %d, want %d", where, got, want)
			}
		}
		status, page, err := h.signIn(&child{t: t, at: at}).get(fmt.Sprintf("/channels/%d", hook.ID))
		if err != nil || status != http.StatusOK || !strings.Contains(page, `value="`+a.hooks.address(hook.ID)+`"`) {
			t.Errorf("the page does not name the address: %d, %v", status, err)
		}
		if h.flood(address) == 0 {
			t.Error("nobody is told to slow down")
		}
	})
}

func TestNoHookWithoutPublicAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.running(func(a *App, at string) {
		if got := a.hooks.address(1); got != "" {
			t.Errorf("an address: %s", got)
		}
		if got := h.pushed(at+hookPath+"1/x", "m", "{}").StatusCode; got == http.StatusOK {
			t.Errorf("a push is answered %d", got)
		}
	})
}

// TestHookOfMeta asks and pushes as Meta does: the address is confirmed without a
// session, and only what the app signed is taken.
func TestHookOfMeta(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.config.Public = "https://hear.example"
	// Nobody has signed in: nobody outside is asked.
	page := h.channel(lastword.Channel{Connector: "facebook", Name: "Seite", All: true, Settings: map[string]string{"app": "4711"}, Secrets: map[string]string{"appsecret": hookSecret}})
	h.running(func(a *App, at string) {
		address := strings.Replace(a.hooks.address(page.ID), "https://hear.example", at, 1)
		for token, want := range map[string]int{"4711": http.StatusOK, "4712": http.StatusUnauthorized} {
			resp, err := http.Get(address + "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=" + token)
			h.must(err)
			said, err := io.ReadAll(resp.Body)
			h.must(err)
			h.must(resp.Body.Close())
			if resp.StatusCode != want || want == http.StatusOK && string(said) != "1158201444" {
				t.Errorf("%s is answered %s %q", token, resp.Status, said)
			}
		}
		body := `{"object":"page","entry":[]}`
		m := hmac.New(sha256.New, []byte(hookSecret))
		m.Write([]byte(body))
		for signature, want := range map[string]int{"sha256=" + hex.EncodeToString(m.Sum(nil)): http.StatusOK, "sha256=00": http.StatusUnauthorized} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
			h.must(err)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Hub-Signature-256", signature)
			resp, err := http.DefaultClient.Do(r)
			h.must(err)
			h.must(resp.Body.Close())
			if resp.StatusCode != want {
				t.Errorf("a push signed %.10s is answered %s", signature, resp.Status)
			}
		}
	})
}

// signedByMeta pushes as Meta does.
func (h *house) signedByMeta(at, secret, body string) int {
	h.Helper()
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost, at, strings.NewReader(body))
	h.must(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	h.must(err)
	h.must(resp.Body.Close())
	return resp.StatusCode
}

// An app at Meta has one address for all its Pages: what is pushed there reaches the
// channel of each, proved by the app's secret, and no channel of another app.
func TestTwoPagesOfOneApp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.config.Public = "https://hear.example"
	page := func(id, app, secret string) lastword.Channel {
		token := "token of " + id
		mark := sha256.Sum256([]byte("\x00" + token))
		return h.channel(lastword.Channel{Connector: "facebook", Name: "Seite " + id, All: true, Settings: map[string]string{"app": app},
			Secrets: map[string]string{"appsecret": secret, "token": token, "pageid": id, "pagename": "Seite " + id, "pagefor": hex.EncodeToString(mark[:8])}})
	}
	one, two := page("100", "4711", hookSecret), page("200", "4711", hookSecret)
	other, stale := page("300", "4712", hookSecret), page("400", "4711", "ein anderes Geheimnis")
	h.running(func(a *App, at string) {
		address := strings.Replace(a.hooks.address(one.ID), "https://hear.example", at, 1)
		entry := func(page, comment string) string {
			return fmt.Sprintf(`{"id":%q,"time":1796120000,"changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"%s_%s","post_id":"%s_9","parent_id":"%s_9","from":{"id":"7009","name":"Paul Neu"},"message":"Wo kann ich sie anprobieren?","created_time":1796119990}}]}`,
				page, page, comment, page, page)
		}
		body := `{"object":"page","entry":[` + entry("100", "1") + "," + entry("200", "2") + "," + entry("300", "3") + "," + entry("400", "4") + `]}`
		heard := func() string {
			by := map[int64]string{one.ID: "one", two.ID: "two", other.ID: "other", stale.ID: "stale"}
			var all []string
			for _, v := range h.voices(a) {
				all = append(all, by[v.Channel]+" "+v.Key)
			}
			slices.Sort(all)
			return strings.Join(all, ", ")
		}
		pushed := func(secret string) (code int) { // a channel may be held for a moment by its own polling
			for until := time.Now().Add(longest); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
				if code = h.signedByMeta(address, secret, body); code != http.StatusServiceUnavailable {
					break
				}
			}
			return code
		}
		if code := pushed("falsch"); code != http.StatusUnauthorized || heard() != "" {
			t.Fatalf("a forged push is answered %d; heard %s", code, heard())
		}
		for range 2 {
			if code := pushed(hookSecret); code != http.StatusOK || heard() != "one 100_1, two 200_2" {
				t.Fatalf("a push is answered %d; heard %s", code, heard())
			}
		}
		// Where the first is held, the others hear, and Meta is asked to send again.
		held := one
		held.Paused, held.Secrets = true, nil
		_, err := a.DB.SaveChannel(t.Context(), h.director, held)
		h.must(err)
		body = `{"object":"page","entry":[` + entry("100", "5") + "," + entry("200", "6") + `]}`
		if code := h.signedByMeta(address, hookSecret, body); code != http.StatusServiceUnavailable || heard() != "one 100_1, two 200_2, two 200_6" {
			t.Errorf("with the first paused: %d; heard %s", code, heard())
		}
	})
}

// What is published by address can be fetched at an address that nobody can guess, as
// a JPEG, by who has it and by nobody else.
func TestShownPictures(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	h.config.Public = "https://hear.example"
	h.running(func(a *App, at string) {
		var file bytes.Buffer
		h.must(png.Encode(&file, image.NewGray(image.Rect(0, 0, 40, 30))))
		p, body, err := picture.Take(file.Bytes())
		h.must(err)
		h.must(a.DB.SavePicture(t.Context(), h.company.ID, p, body))
		address := strings.Replace(a.shown.address(h.company.ID, p.Digest), "https://hear.example", at, 1)
		get := func(address string) (int, string, []byte) {
			resp, err := http.Get(address)
			h.must(err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			h.must(err)
			return resp.StatusCode, resp.Header.Get("Content-Type"), body
		}
		code, kind, got := get(address)
		if _, format, err := image.DecodeConfig(bytes.NewReader(got)); code != http.StatusOK || kind != "image/jpeg" || err != nil || format != "jpeg" {
			t.Errorf("%d %s: %s, %v", code, kind, format, err)
		}
		for _, wrong := range []string{address + "x", at + shownPath, strings.Replace(address, p.Digest, strings.Repeat("0", 64), 1), strings.Replace(address, fmt.Sprint(h.company.ID), "1", 1),
			strings.Replace(a.shown.address(h.company.ID, strings.Repeat("0", 64)), "https://hear.example", at, 1)} {
			if code, _, _ := get(wrong); code != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, code)
			}
		}
	})
	if (*shown)(nil).address(1, "x") != "" {
		t.Error("an address although nobody reaches us")
	}
}
