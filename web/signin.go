package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"lastword"
	"lastword/web/page"
)

// signInPage shows the door. (GET /signin)
func (s *site) signInPage(v *visit) error {
	known, err := v.recognise()
	if err != nil {
		return err
	}
	if known {
		return v.redirect("/")
	}
	return s.showSignIn(v, http.StatusOK, page.SignInView{To: ours(v.r.FormValue("to"), "/")})
}

func (s *site) showSignIn(v *visit, status int, view page.SignInView) error {
	f := s.frame(v, "", v.read.T("signin.title"))
	return v.showAs(status, f, page.SignIn(f, view))
}

// signIn lets a member in by e-mail and password. (POST /signin)
func (s *site) signIn(v *visit) error {
	view := page.SignInView{Email: strings.ToLower(v.word("email")), To: ours(v.word("to"), "/")}
	if !s.doors.open(v.now, "from "+s.address(v.r), "as "+view.Email) {
		view.Mistakes = page.Mistakes{{Key: "mistake.too_many_tries"}}
		return s.showSignIn(v, http.StatusTooManyRequests, view)
	}
	found, err := s.credentials(v, view.Email, v.r.PostFormValue("password"))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		view.Mistakes = page.Mistakes{{Key: "mistake.signin"}}
		return s.showSignIn(v, http.StatusUnauthorized, view)
	}
	others, err := s.others(v, found[1:])
	if err != nil {
		return err
	}
	if err := v.signIn(found[0], others); err != nil {
		return err
	}
	return v.redirect(view.To)
}

// credentials returns the memberships that the password opens. It takes as
// long for an e-mail that nobody has.
func (s *site) credentials(v *visit, email, password string) ([]lastword.Member, error) {
	var known []Credential
	if email != "" {
		var err error
		if known, err = s.Store.MemberByEmail(v.ctx(), email); err != nil && !errors.Is(err, lastword.ErrNotFound) {
			return nil, err
		}
	}
	if len(known) == 0 {
		known = []Credential{{Hash: nobody}}
	}
	var out []lastword.Member
	for _, c := range known {
		ok, err := s.opens(password, c.Hash)
		if err != nil {
			return nil, err
		}
		if ok && c.ID != 0 && c.Left.IsZero() {
			out = append(out, c.Member)
		}
	}
	return out, nil
}

// nobody is the hash of a password that nobody knows: 32 random bytes, drawn
// once and thrown away.
const nobody = "$argon2id$v=19$m=65536,t=1,p=2$XfND0zmiuDjau3ShdV1+BQ$SHKXCvGdD/7wFA/VlVn8lbi8bWoxfNrhjAibP8VyQv4"

func (s *site) opens(password, hash string) (bool, error) {
	if hash == "" || len(password) > maxPassword {
		return false, nil // a member without a password comes by link only
	}
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	return argon2id.ComparePasswordAndHash(password, hash)
}

// seal hashes a password for keeping (RFC 9106 §4, second recommended option
// with one pass: 64 MiB).
func (s *site) seal(password string) (string, error) {
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	return argon2id.CreateHash(password, argon2id.DefaultParams)
}

const (
	minPassword = 10 // characters
	maxPassword = 200
)

// checkPassword says what is wrong with a new password, or nothing.
func checkPassword(password string) *lastword.Mistake {
	switch n := len([]rune(password)); {
	case n < minPassword:
		return &lastword.Mistake{Key: "mistake.password_short", Field: "password", Args: map[string]any{"Min": minPassword}}
	case n > maxPassword:
		return &lastword.Mistake{Key: "mistake.password_long", Field: "password", Args: map[string]any{"Max": maxPassword}}
	}
	return nil
}

// others names further companies for the switch in the bar.
func (s *site) others(v *visit, members []lastword.Member) ([]membership, error) {
	out := make([]membership, 0, len(members))
	for _, m := range members {
		c, err := s.Store.Company(v.ctx(), m.Company)
		if err != nil {
			return nil, err
		}
		out = append(out, membership{Company: m.Company, Member: m.ID, Name: c.Name})
	}
	return out, nil
}

// signOut ends the session. (POST /signout)
func (s *site) signOut(v *visit) error {
	if err := v.signOut(); err != nil {
		return err
	}
	return v.redirect("/signin")
}

// switchCompany changes to another company of the same person. Which ones there
// are stands in the session; the form only says the how-manieth. (POST /switch)
func (s *site) switchCompany(v *visit) error {
	i := int(v.number("to"))
	if i >= len(v.session.Others) {
		return lastword.ErrNotFound
	}
	to := v.session.Others[i]
	v.session.Others[i] = membership{Company: v.company.ID, Member: v.member.ID, Name: v.company.Name}
	v.session.Company, v.session.Member = to.Company, to.Member
	v.session.Active = 0
	if err := v.keep(); err != nil {
		return err
	}
	return v.redirect("/")
}

// chooseLang keeps the language of somebody who is not signed in. (POST /language)
func (s *site) chooseLang(v *visit) error {
	v.setCookie(langCookie, s.texts.Pick(v.word("lang")), 365*24*time.Hour)
	return v.back("/signin")
}
