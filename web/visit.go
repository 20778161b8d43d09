package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lastword"
	"lastword/web/page"
	"lastword/web/text"
)

// A visit is one request with who makes it.
type visit struct {
	site    *site
	w       http.ResponseWriter
	r       *http.Request
	now     time.Time
	read    text.Reader
	company lastword.Company // zero for visitors who are not signed in
	member  lastword.Member
	session session
	token   string
	pulse   int64 // of the company, read before the page
}

// An act answers a visit. An error becomes a page that says what to do.
type act func(*visit) error

// anyone serves pages that need no session.
func (s *site) anyone(a act) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r)
		err := v.readForm()
		if err == nil {
			err = a(v)
		}
		if err != nil {
			s.fail(v, err)
		}
	})
}

// readForm reads what was sent before anybody looks at it, so that a form that
// is too large or broken is told and not half believed.
func (v *visit) readForm() error {
	err := v.r.ParseForm()
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) {
		return err
	}
	return &lastword.Mistake{Key: "mistake.form"}
}

// visit begins a visit by somebody unknown.
func (s *site) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{site: s, w: w, r: r, now: s.Now()}
	chosen := ""
	if c, err := r.Cookie(langCookie); err == nil {
		chosen = c.Value
	}
	v.speak(s.texts.Pick(chosen, r.Header.Get("Accept-Language")), "")
	return v
}

// speak sets the language and the time zone of the reader. A zone that this
// machine does not know is read as UTC.
func (v *visit) speak(lang, zone string) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		where = time.UTC
	}
	v.read = v.site.texts.Reader(lang, where, v.now)
}

// inside serves the pages of a company to its members.
func (s *site) inside(a act) http.Handler {
	return s.anyone(func(v *visit) error {
		known, err := v.recognise()
		if err != nil {
			return err
		}
		if !known {
			return v.toSignIn()
		}
		if v.pulse, err = s.pulses.now(v.ctx(), s.Store, v.company.ID, v.now); err != nil {
			return err
		}
		return a(v)
	})
}

// directors serves acts that only the director does: the last word.
func (s *site) directors(a act) http.Handler {
	return s.inside(func(v *visit) error {
		if !v.member.MayRelease() {
			return lastword.ErrForbidden
		}
		return a(v)
	})
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// show answers with a page.
func (v *visit) show(place page.Place, title string, body templ.Component) error {
	return v.showAs(http.StatusOK, v.site.frame(v, place, title), body)
}

// showAs renders fully before the first byte leaves, so that a failure can
// still become a page of its own.
func (v *visit) showAs(status int, f *page.Frame, body templ.Component) error {
	var b bytes.Buffer
	if err := page.Layout(f, body).Render(v.ctx(), &b); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", f.Lang())
	v.w.WriteHeader(status)
	_, err := b.WriteTo(v.w)
	if err != nil {
		v.site.Log.Debug("visitor left before the page was sent", "err", err)
	}
	return nil
}

// redirect ends an act: a reload of what follows never repeats it (RFC 9110
// §15.4.4).
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// back returns to the page that the form named, if it is one of ours.
func (v *visit) back(otherwise string) error {
	return v.redirect(ours(v.r.PostFormValue("back"), otherwise))
}

// ours returns path if it is an address on this server, else otherwise.
func ours(path, otherwise string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return otherwise
	}
	return path
}

// id reads an id from the address; what is no id is not found.
func (v *visit) id(name string) (int64, error) {
	n, err := strconv.ParseInt(v.r.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, lastword.ErrNotFound
	}
	return n, nil
}

// number reads a number from the query or the form, 0 if there is none.
func (v *visit) number(name string) int64 { return number(v.r.FormValue(name)) }

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// numbers reads all values of a field of the form as ids.
func (v *visit) numbers(name string) []int64 { return idsOf(v.r.PostForm[name]) }

// idsOf reads ids, leaving out what is none.
func idsOf(values []string) []int64 {
	var out []int64
	for _, s := range values {
		if n := number(s); n > 0 {
			out = append(out, n)
		}
	}
	return out
}

// word reads a trimmed field of the form.
func (v *visit) word(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }

// dayStart returns the beginning of the reader's day.
func (v *visit) dayStart() time.Time {
	y, m, d := v.read.Now.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, v.read.Zone)
}
