package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"lastword"
	"lastword/listen"
)

// filled takes a form that a visitor of the company's web site sent. Who knows
// the address of the form may send: it stands in the page. What keeps programs
// out is a field that people do not see, the site's own Origin, and the limit of
// requests to one address.
func (s *source) filled(w http.ResponseWriter, r *http.Request, hear listen.Hear) {
	if !s.form || !s.fromSite(r.Header) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if err := r.ParseMultipartForm(maxBody); err != nil && err != http.ErrNotMultipart {
		w.WriteHeader(tooBig(err))
		return
	}
	form := r.PostForm
	if s.honeypot != "" && strings.TrimSpace(form.Get(s.honeypot)) != "" {
		s.host.Dropped(Honeypot, "form")
		s.thank(w, r) // a program that hears of its failure tries another way
		return
	}
	i := read(form)
	if strings.TrimSpace(i.Text) == "" {
		respond(w, http.StatusUnprocessableEntity, map[string]any{"error": "the field \"message\" is empty"})
		return
	}
	e, ok := s.event(i, "form")
	if ok && !s.keep(w, r.Context(), []lastword.Event{e}, hear) {
		return
	}
	s.thank(w, r)
}

// fromSite believes the browser, which says from where a form was sent (Fetch
// Standard, Origin header). What has no Origin is no browser's.
func (s *source) fromSite(h http.Header) bool {
	return len(s.site) == 0 || s.site[strings.ToLower(h.Get("Origin"))]
}

// names are how web sites call the fields of their forms.
var names = map[string][]string{
	"text":  {"message", "text", "nachricht", "comment", "kommentar", "your-message", "anliegen"},
	"name":  {"name", "your-name", "fullname", "vorname"},
	"email": {"email", "e-mail", "mail", "your-email", "_replyto"},
	"title": {"subject", "betreff", "title", "your-subject"},
	"url":   {"url", "page", "seite"},
	"lang":  {"lang", "sprache"},
}

// read finds the fields by their names, whatever their case.
func read(form url.Values) item {
	lower := map[string]string{}
	for name, values := range form {
		if len(values) > 0 {
			lower[strings.ToLower(name)] = values[0]
		}
	}
	word := func(role string) string {
		for _, name := range names[role] {
			if v := strings.TrimSpace(lower[name]); v != "" {
				return v
			}
		}
		return ""
	}
	name := word("name")
	if last := strings.TrimSpace(lower["nachname"]); last != "" {
		name = strings.TrimSpace(name + " " + last)
	}
	i := item{Text: word("text"), Title: word("title"), URL: word("url"), Lang: word("lang"), Author: author{Name: name, Email: word("email")}}
	// Who presses the button twice says the same thing once.
	sum := sha256.Sum256([]byte(strings.Join([]string{i.Author.Email, i.Author.Name, i.Title, i.Text}, "\x00")))
	i.ID = "form:" + hex.EncodeToString(sum[:16])
	return i
}

// thank answers as the page wants it: with the page of the site that says thank
// you, or in JSON for those who asked by script.
func (s *source) thank(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.Contains(r.Header.Get("Accept"), "application/json"):
		s.share(w, r)
		respond(w, http.StatusOK, map[string]any{"taken": 1})
	case s.thanks != "":
		http.Redirect(w, r, s.thanks, http.StatusSeeOther)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		// Who hung up does not want to know.
		_, _ = w.Write([]byte("Danke. Ihre Nachricht ist angekommen.\nThank you. Your message has arrived.\n"))
	}
}

// share lets the site's own script read the answer (Fetch Standard, CORS).
func (s *source) share(w http.ResponseWriter, r *http.Request) {
	if origin := r.Header.Get("Origin"); s.site[strings.ToLower(origin)] {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Add("Vary", "Origin")
	}
}
