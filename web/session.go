package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"lastword"
	"lastword/web/page"
)

// The cookies. Only the first is a secret; all are for this server alone.
const (
	sessionCookie = "lastword"
	langCookie    = "lastword_lang"
	flashCookie   = "lastword_flash"
	linkCookie    = "lastword_link"
)

// sessionLife is how long a session lasts after it was last used.
const sessionLife = 30 * 24 * time.Hour

// rest is the longest pause between two pages that still counts as work with
// them: nobody reads a theme for longer.
const rest = 2 * time.Minute

// A session is what is kept of a signed-in visitor under the SHA-256 of the
// cookie, so that the store alone lets nobody in.
type session struct {
	Company int64        `json:"company"`
	Member  int64        `json:"member"`
	Started time.Time    `json:"started"`
	Seen    time.Time    `json:"seen"`
	Others  []membership `json:"others,omitempty"`
	Day     string       `json:"day,omitempty"` // of Active
	Active  int          `json:"active,omitempty"`
}

// A membership is a further company the same person may switch to.
type membership struct {
	Company int64  `json:"company"`
	Member  int64  `json:"member"`
	Name    string `json:"name"`
}

// recognise finds out who visits. It reports false for strangers, and for
// members who left.
func (v *visit) recognise() (bool, error) {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil {
		return false, nil // no cookie: a stranger, which is no failure
	}
	v.token = digest(cookie.Value)
	data, found, err := v.site.Store.Session(v.ctx(), v.token, v.now)
	if err != nil || !found {
		return false, err
	}
	if err := json.Unmarshal(data, &v.session); err != nil {
		return false, fmt.Errorf("web: a stored session does not read: %w", err)
	}
	return v.enter()
}

// enter loads the company and the member of the session.
func (v *visit) enter() (bool, error) {
	m, err := v.site.Store.Member(v.ctx(), v.session.Company, v.session.Member)
	if errors.Is(err, lastword.ErrNotFound) || err == nil && !m.Left.IsZero() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c, err := v.site.Store.Company(v.ctx(), v.session.Company)
	if err != nil {
		return false, err
	}
	v.member, v.company = m, c
	v.speak(m.Lang, c.Zone)
	return true, v.prolong()
}

// prolong counts the time worked today and moves the end of the session. It
// writes at most every twenty seconds.
func (v *visit) prolong() error {
	gap := v.now.Sub(v.session.Seen)
	if gap < 20*time.Second || v.r.URL.Path == "/events" {
		return nil
	}
	if day := v.read.Now.Format(time.DateOnly); v.session.Day != day {
		v.session.Day, v.session.Active = day, 0
	}
	if gap <= rest {
		v.session.Active += int(gap.Seconds())
	}
	v.session.Seen = v.now
	return v.keep()
}

// spent is how many seconds the visitor worked with the pages today.
func (v *visit) spent() int {
	if v.session.Day != v.read.Now.Format(time.DateOnly) {
		return 0
	}
	since := v.now.Sub(v.session.Seen)
	return v.session.Active + int(min(since, rest).Seconds())
}

func (v *visit) keep() error {
	data, err := json.Marshal(v.session)
	if err != nil {
		return fmt.Errorf("web: session: %w", err)
	}
	return v.site.Store.SaveSession(v.ctx(), v.token, data, v.now.Add(sessionLife))
}

// signIn starts a session. An older one of the same browser ends, so that a
// planted cookie is worth nothing.
func (v *visit) signIn(m lastword.Member, others []membership) error {
	if err := v.signOut(); err != nil {
		return err
	}
	secret := newSecret()
	v.token = digest(secret)
	v.session = session{Company: m.Company, Member: m.ID, Started: v.now, Seen: v.now, Others: others}
	v.session.Day = v.read.Now.Format(time.DateOnly)
	if err := v.keep(); err != nil {
		return err
	}
	v.setCookie(sessionCookie, secret, sessionLife)
	return nil
}

func (v *visit) signOut() error {
	cookie, err := v.r.Cookie(sessionCookie)
	if err != nil {
		return nil // nobody is signed in
	}
	v.setCookie(sessionCookie, "", -1)
	return v.site.Store.DropSession(v.ctx(), digest(cookie.Value))
}

// newSecret returns 32 random bytes for cookies and links. crypto/rand ends the
// program rather than return less (Go 1.24).
func newSecret() string {
	var b [32]byte
	rand.Read(b[:]) //nolint:errcheck // documented never to fail
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// setCookie sets a cookie for this server; a negative life removes it.
func (v *visit) setCookie(name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: v.site.secure(v.r), MaxAge: int(life.Seconds()),
	}
	if life < 0 {
		c.MaxAge = -1
	}
	http.SetCookie(v.w, c)
}

// tell leaves a word for the next page.
func (v *visit) tell(f page.Flash) {
	data, err := json.Marshal(f)
	if err != nil {
		v.site.Log.Error("a flash did not encode", "err", err)
		return
	}
	v.setCookie(flashCookie, base64.RawURLEncoding.EncodeToString(data), time.Minute)
}

// takeFlash reads the word left by the last act, once. What a visitor put into
// the cookie themselves can at most be a text of ours and a path of ours.
func (v *visit) takeFlash() *page.Flash {
	c, err := v.r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	v.setCookie(flashCookie, "", -1)
	data, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var f page.Flash
	if json.Unmarshal(data, &f) != nil || !v.read.Has(f.Key) {
		return nil
	}
	f.Undo, f.See, f.Link = ours(f.Undo, ""), ours(f.See, ""), ours(f.Link, "")
	return &f
}

// toSignIn sends a stranger to the door and remembers where they wanted to go.
func (v *visit) toSignIn() error {
	if v.r.Method != http.MethodGet {
		return v.redirect("/signin")
	}
	if v.r.URL.Path == "/events" {
		return lastword.ErrForbidden
	}
	want := v.r.URL.RequestURI()
	if want == "/" {
		return v.redirect("/signin")
	}
	return v.redirect("/signin?to=" + url.QueryEscape(want))
}
