package app

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A fediverse is a server that speaks Mastodon's API as far as an account needs
// it to be signed in and heard, after docs.joinmastodon.org (methods/apps,
// methods/oauth, methods/notifications) and RFC 6749, 7636. Its access tokens run
// out, as Pleroma's do, and each refresh token counts once.
type fediverse struct {
	*httptest.Server
	testing.TB

	mu       sync.Mutex
	apps     map[string]url.Values // by client_id
	codes    map[string]url.Values // what was asked for, by code
	access   string                // the one that counts
	refresh  string
	n        int      // tokens given
	said     []string // mentions, the first first
	denies   bool     // the person says no
	misused  []string // what no good client does
	renewals int
}

func newFediverse(t testing.TB) *fediverse {
	f := &fediverse{TB: t, apps: map[string]url.Values{}, codes: map[string]url.Values{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
	})
	return f
}

func (f *fediverse) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fediverse) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		f.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	no := func(status int, word string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":%q}`, word)
	}
	switch path := r.URL.Path; {
	case path == "/api/v2/instance":
		fmt.Fprintf(w, `{"domain":%q,"title":"Werkstatt","version":"2.7.2 (compatible; Pleroma 2.9.0)","configuration":{"statuses":{"max_characters":500}}}`, r.Host)
	case path == "/api/v1/apps":
		id := "app-" + strconv.Itoa(len(f.apps))
		f.apps[id] = r.PostForm
		fmt.Fprintf(w, `{"client_id":%q,"client_secret":"geheim-%s"}`, id, id)
	case path == "/oauth/authorize":
		f.authorize(w, r)
	case path == "/oauth/token":
		f.token(w, r, no)
	case r.Header.Get("Authorization") != "Bearer "+f.access || f.access == "":
		no(http.StatusUnauthorized, "The access token is invalid")
	case path == "/api/v1/accounts/verify_credentials":
		fmt.Fprintf(w, `{"id":"1","acct":"hobelwerk","url":"%s/@hobelwerk","source":{"privacy":"public"}}`, f.URL)
	case path == "/api/v1/notifications":
		f.notifications(w, r)
	case path == "/api/v2/search":
		fmt.Fprint(w, `{"statuses":[]}`)
	default:
		no(http.StatusNotFound, "Record not found")
	}
}

// authorize is a person who agrees at once, or says no (RFC 6749 §4.1.2).
func (f *fediverse) authorize(w http.ResponseWriter, r *http.Request) {
	app := f.apps[r.Form.Get("client_id")]
	if app == nil || app.Get("redirect_uris") != r.Form.Get("redirect_uri") || r.Form.Get("code_challenge_method") != "S256" {
		f.Errorf("asked to authorize %v", r.Form)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {r.Form.Get("state")}}
	if f.denies {
		back.Set("error", "access_denied")
	} else {
		code := "code-" + strconv.Itoa(len(f.codes))
		f.codes[code] = r.Form
		back.Set("code", code)
	}
	http.Redirect(w, r, r.Form.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (f *fediverse) token(w http.ResponseWriter, r *http.Request, no func(int, string)) {
	form := r.PostForm
	app := form.Get("client_id")
	switch {
	case f.apps[app] == nil || form.Get("client_secret") != "geheim-"+app:
		no(http.StatusUnauthorized, "invalid_client")
		return
	case form.Get("grant_type") == "authorization_code":
		asked := f.codes[form.Get("code")]
		delete(f.codes, form.Get("code"))
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || asked.Get("redirect_uri") != form.Get("redirect_uri") {
			f.misused = append(f.misused, "a code without its verifier")
			no(http.StatusBadRequest, "invalid_grant")
			return
		}
	case form.Get("refresh_token") == f.refresh && f.refresh != "":
		f.renewals++
	default:
		if f.refresh != "" { // the grant stands: one that was used up
			f.misused = append(f.misused, "a refresh token twice")
		}
		no(http.StatusBadRequest, "invalid_grant")
		return
	}
	f.n++
	f.access, f.refresh = fmt.Sprintf("access-%d", f.n), fmt.Sprintf("refresh-%d", f.n)
	fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"token_type":"Bearer","scope":"read write","expires_in":3600}`, f.access, f.refresh)
}

// notifications lists mentions, newest first, within the marks that were asked for.
func (f *fediverse) notifications(w http.ResponseWriter, r *http.Request) {
	bound := func(name string) int64 {
		n, _ := strconv.ParseInt(r.Form.Get(name), 10, 64) // none: no bound
		return n
	}
	var all []string
	for i := len(f.said) - 1; i >= 0; i-- {
		id := int64(1001 + i)
		if id <= max(bound("min_id"), bound("since_id")) || bound("max_id") > 0 && id >= bound("max_id") {
			continue
		}
		at := time.Now().Add(-time.Minute).UTC().Format("2006-01-02T15:04:05.000Z")
		by := fmt.Sprintf(`{"id":"%d","username":"ida%d","acct":"ida%d","display_name":"Ida","url":"%s/@ida%d"}`, id, i, i, f.URL, i)
		all = append(all, fmt.Sprintf(`{"id":"%d","type":"mention","created_at":%q,"account":%s,"status":{"id":"%d","uri":"%s/s/%d","url":"%s/s/%d",
			"created_at":%q,"visibility":"public","spoiler_text":"","content":"<p>%s</p>","account":%s,"media_attachments":[],"mentions":[],"tags":[]}}`,
			id, at, by, id, f.URL, id, f.URL, id, at, f.said[i], by))
	}
	fmt.Fprint(w, "["+strings.Join(all, ",")+"]")
}
