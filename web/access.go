package web

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/web/page"
)

// Signing in at a place (OAuth 2.0, RFC 6749 §4.1): the person leaves for the
// place with a state that nobody can guess, grants access there, and comes back.
// The state counts for the browser that left, once, and not for long.

// callback is where places send people back to. It is entered at the places, so
// it never changes.
const callback = "/channels/callback"

// accessLife is how long a sign-in may take: time enough for a password that has
// to be looked up and a code that comes by mail.
const accessLife = 30 * time.Minute

// access says how a channel is signed in; nil where nobody signs in there.
func (s *site) access(v *visit, info listen.Info, c lastword.Channel) *page.AccessView {
	if !info.SignIn.Offered {
		return nil
	}
	at := v.door()
	view := &page.AccessView{
		Only: info.SignIn.Only, Enter: info.SignIn.Enter, Redirect: at + callback, Used: signsIn(info, c),
		First: usual(info),
	}
	if u, err := url.Parse(at); err == nil {
		view.Local, view.Plain = loopback(u.Hostname()), u.Scheme == "http"
	}
	// Where nobody has to register us first, one signs in, if the place sends people
	// back to where we are.
	view.First = view.First || !info.SignIn.Enter && !view.Plain
	if public := v.public(); public != "" && public != at {
		view.Public = public
	}
	return view
}

// usual reports whether signing in is how most people connect a channel: there is no
// other way, or it needs nothing that the other way does not.
func usual(info listen.Info) bool {
	door := slices.ContainsFunc(info.Fields, func(f listen.Field) bool { return f.Door })
	return info.SignIn.Only || info.SignIn.Enter && !door || slices.ContainsFunc(info.Fields, func(f listen.Field) bool { return f.Granted && f.Required })
}

// signsIn reports whether a channel is connected by signing in, as far as its
// settings show.
func signsIn(info listen.Info, c lastword.Channel) bool {
	return info.SignIn.Offered && (usual(info) || !info.SignIn.Enter || slices.ContainsFunc(info.Fields, func(f listen.Field) bool {
		return f.Door && c.Settings[f.Name] != ""
	}))
}

// public is the address under which the world reaches us; empty where none is set.
func (v *visit) public() string { return cmp.Or(v.company.Public, v.site.Public) }

// door is the address to which a place sends this visitor back: the one that
// their browser knows, for only there is their session. Whether TLS ends before
// us, and what a proxy did to the host, the public address knows better.
func (v *visit) door() string {
	public, err := url.Parse(v.public())
	if err == nil && public.Host != "" && (public.Host == v.r.Host || v.site.Proxy) {
		return public.Scheme + "://" + public.Host
	}
	return v.here()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// signInAt signs a connected channel in, or in anew. (POST /channels/{id}/signin)
func (s *site) signInAt(v *visit) error {
	c, info, err := s.channelOf(v)
	if err != nil {
		return err
	}
	if !info.SignIn.Offered {
		return lastword.ErrNotFound
	}
	return s.beginSignIn(v, info, c, false)
}

// beginSignIn sends the visitor to the place. A channel that was typed is kept
// as soon as the place has said where to sign in.
func (s *site) beginSignIn(v *visit, info listen.Info, c lastword.Channel, typed bool) error {
	begun := lastword.SigningIn{Company: v.company.ID, State: newSecret(), Session: v.token, Redirect: v.door() + callback, Until: v.now.Add(accessLife)}
	address, kept, err := s.Channels.Authorize(v.ctx(), c, begun.Redirect, begun.State)
	if wrong, ok := asMistakes(err); ok {
		return s.showChannel(v, http.StatusUnprocessableEntity, info, c, wrong)
	}
	if err != nil {
		s.Log.Info("nobody can sign in", "channel", c.ID, "connector", c.Connector, "err", err)
		return s.showChannel(v, statusOf(err), info, c, page.Mistakes{{Key: whyNoDoor(err)}})
	}
	if typed {
		if c, err = s.Store.SaveChannel(v.ctx(), v.member, c); err != nil {
			return err
		}
	}
	begun.Channel, begun.Kept = c.ID, kept
	if err := s.Store.SaveSigningIn(v.ctx(), begun); err != nil {
		return err
	}
	return s.leaveFor(v, info, address)
}

// leaveFor answers with a page that goes on to the place by itself. A redirect
// would not do: browsers hold whatever follows a form to the page's form-action
// (CSP3 §6.4.2), and that stays with this server.
func (s *site) leaveFor(v *visit, info listen.Info, address string) error {
	at, err := url.Parse(address)
	if err != nil {
		return err
	}
	f := s.frame(v, page.AtChannels, v.read.T("access.leave_title"))
	v.w.Header().Set("Refresh", "0; url="+at.String())
	return v.showAs(http.StatusOK, f, page.Leave(f, page.LeaveView{Connector: info.Name, Network: info.Network.Name, Host: at.Host, Address: at.String()}))
}

// whyNoDoor is what a visitor is told of a place that does not let them sign in.
func whyNoDoor(err error) string {
	if errors.Is(err, lastword.ErrUnavailable) {
		return "access.unreachable"
	}
	return "access.odd"
}

// signedIn is where a place sends people back. (GET /channels/callback)
func (s *site) signedIn(v *visit) error {
	q := v.r.URL.Query()
	begun, err := s.Store.TakeSigningIn(v.ctx(), v.company.ID, v.token, q.Get("state"))
	if errors.Is(err, lastword.ErrNotFound) {
		v.tell(page.Flash{Key: "flash.signin_unknown", N: 1, Warn: true})
		return v.redirect("/channels")
	}
	if err != nil {
		return err
	}
	c, err := s.Store.Channel(v.ctx(), v.company.ID, begun.Channel)
	if err != nil {
		return err
	}
	flash := page.Flash{Key: "flash.signed_in", N: 1, Name: c.Name}
	if !v.now.Before(begun.Until) {
		flash.Key, flash.Warn = "flash.signin_late", true
	} else if err := s.Channels.SignedIn(v.ctx(), v.member, begun, q); err != nil {
		s.Log.Info("nobody was signed in", "channel", c.ID, "connector", c.Connector, "err", err)
		flash.Key, flash.Warn = s.whyNotIn(v, err), true
	}
	v.tell(flash)
	return v.redirect(to("channels", c.ID))
}

// whyNotIn is what a visitor is told who comes back without access.
func (s *site) whyNotIn(v *visit, err error) string {
	var m *lastword.Mistake
	switch {
	case asMistake(err, &m) && v.read.Has(m.Key):
		return m.Key
	case errors.Is(err, lastword.ErrUnavailable):
		return "flash.signin_unreachable"
	}
	return "flash.signin_failed"
}
