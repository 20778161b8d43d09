// Package web is what people see of Lastword: every page, in German and
// English, rendered here and complete without a script.
//
// routes.go is the table of contents. A request becomes a visit (who asks, for
// which company, in which language), a handler reads what the page needs or
// lets a step act, and answers with a page or a redirect. The company is taken
// from the session alone, never from an address or a form.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"lastword"
	"lastword/internal/picture"
	"lastword/listen"
	"lastword/web/asset"
	"lastword/web/page"
	"lastword/web/text"
)

// A Server is what the pages stand on. All fields but those with a default
// must be set.
type Server struct {
	Store     Store
	Themes    Themes
	Decisions Decisions
	Answers   Answers
	Briefs    Briefer
	Channels  Channels
	Models    Models
	Couriers  Couriers
	Stories   Stories
	Blogs     Blogs

	// Outlets lists the channels through which the company publishes.
	Outlets func(ctx context.Context, company int64) ([]lastword.Outlet, error)

	// Connectors are the kinds of place that can be connected, in the order in
	// which they are offered.
	Connectors []listen.Info
	// Network tells what a network allows; false if nothing is known of it.
	Network func(name string) (lastword.Network, bool)

	// Route tells how a voice is best answered; see listen.Places.Route.
	Route func(ctx context.Context, v lastword.Voice) (lastword.Way, error)

	Now func() time.Time
	Log *slog.Logger

	// Hook tells the address at which the place of a channel may push; nil or
	// empty where nobody outside reaches us.
	Hook func(channel int64) string

	// Public is the operator's address under which the world reaches this server;
	// empty where none is set. A company's own comes first.
	Public string
	// Imprint is the address of the operator's imprint for the public pages
	// (§ 5 DDG); none by default.
	Imprint string
	// Proxy says that a trusted reverse proxy stands before this server, so that
	// X-Forwarded-For and X-Forwarded-Proto are believed. False by default.
	Proxy bool
	// Rehearsal is for a throw-away company: its links sign in when they are
	// followed, and again and again.
	Rehearsal bool
	// Origins are further origins from which forms may be sent, such as
	// "https://lastword.example"; none by default.
	Origins []string
}

// site is a Server with what it keeps while it runs.
type site struct {
	Server
	texts   *text.Catalogue
	assets  *asset.Set
	doors   doors
	pulses  pulses
	hashing chan struct{} // bounds how many passwords are hashed at once
}

// Handler returns the whole site. A request for /events lasts until its
// context ends: give the http.Server a BaseContext that ends with the program.
func (s *Server) Handler() (http.Handler, error) {
	texts, err := text.Load()
	if err != nil {
		return nil, err
	}
	assets, err := asset.Load()
	if err != nil {
		return nil, err
	}
	w := &site{Server: *s, texts: texts, assets: assets, hashing: make(chan struct{}, 2)}
	cross := http.NewCrossOriginProtection()
	for _, o := range s.Origins {
		if err := cross.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("web: origin %q: %w", o, err)
		}
	}
	cross.SetDenyHandler(w.anyone(func(*visit) error { return lastword.ErrForbidden }))
	return w.guard(cross.Handler(w.routes())), nil
}

// policy allows what this server itself serves, and nothing written into a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets what every answer carries and bounds what a request may send.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		if s.secure(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, most(r))
		next.ServeHTTP(w, r)
	})
}

// maxForm bounds a form in bytes: the longest holds a few thousand ticked voices.
const maxForm = 1 << 20

// maxPost bounds the form of a post, which brings pictures.
const maxPost = 2 * picture.MaxUpload

func most(r *http.Request) int64 {
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/posts/") {
		return maxPost
	}
	return maxForm
}

// secure reports whether the visitor speaks to us over TLS.
func (s *site) secure(r *http.Request) bool {
	return r.TLS != nil || s.Proxy && r.Header.Get("X-Forwarded-Proto") == "https"
}

// frame tells a page about its reader.
func (s *site) frame(v *visit, place page.Place, title string) *page.Frame {
	f := &page.Frame{
		Reader: v.read, Title: title, Place: place, Company: v.company.Name, Member: v.member,
		Here: v.r.URL.RequestURI(), Assets: s.assets, Imprint: s.Imprint, Pulse: v.pulse,
	}
	for _, o := range v.session.Others {
		f.Others = append(f.Others, o.Name)
	}
	f.Flash = v.takeFlash()
	return f
}
