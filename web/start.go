package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"lastword"
	"lastword/web/page"
)

// startPage shows what a one-time link is for, without using it up: a preview
// of the link in a mail or a chat opens it too. (GET /start/{secret})
func (s *site) startPage(v *visit) error {
	m, err := s.Store.FindLink(v.ctx(), v.r.PathValue("secret"), v.now)
	if err != nil {
		return s.linkGone(v, err)
	}
	if s.Rehearsal && m.ID != 0 {
		if err := v.signIn(m, nil); err != nil {
			return err
		}
		return v.redirect("/")
	}
	return s.showStart(v, http.StatusOK, m, startForm{Lang: v.read.Lang()}, nil)
}

func (s *site) showStart(v *visit, status int, m lastword.Member, form startForm, wrong page.Mistakes) error {
	view := page.StartView{
		Member: m, First: m.ID == 0, Name: form.Name, CompanyName: form.Company, Lang: form.Lang,
		Email: form.Email, Zone: form.Zone, Mistakes: wrong,
	}
	f := s.frame(v, "", v.read.T("start.title"))
	return v.showAs(status, f, page.Start(f, view))
}

// linkGone tells that a link was used or is too old, as a page of its own.
func (s *site) linkGone(v *visit, err error) error {
	if !errors.Is(err, lastword.ErrNotFound) {
		return err
	}
	f := s.frame(v, "", v.read.T("start.gone_title"))
	return v.showAs(http.StatusNotFound, f, page.LinkGone(f))
}

// A startForm is what the first director enters.
type startForm struct {
	Name, Company, Lang, Zone, Email, Password string
}

func readStart(v *visit) startForm {
	return startForm{
		Name: v.word("name"), Company: v.word("company"), Lang: v.word("lang"), Zone: v.word("zone"),
		Email: strings.ToLower(v.word("email")), Password: v.r.PostFormValue("password"),
	}
}

// Validate answers all that is wrong at once.
func (f startForm) Validate() (wrong page.Mistakes) {
	wrong = append(wrong, need("name", f.Name, 100)...)
	wrong = append(wrong, need("company", f.Company, 100)...)
	wrong = append(wrong, checkLang(f.Lang)...)
	wrong = append(wrong, checkZone(f.Zone)...)
	if f.Email != "" {
		wrong = append(wrong, checkEmail(f.Email)...)
	}
	if f.Password != "" {
		if m := checkPassword(f.Password); m != nil {
			wrong = append(wrong, m)
		}
		if f.Email == "" {
			wrong = append(wrong, &lastword.Mistake{Key: "mistake.email_for_password", Field: "email"})
		}
	}
	return wrong
}

// start uses a link up: it signs its member in, or makes the first director.
// (POST /start/{secret})
func (s *site) start(v *visit) error {
	secret := v.r.PathValue("secret")
	m, err := s.Store.FindLink(v.ctx(), secret, v.now)
	if err != nil {
		return s.linkGone(v, err)
	}
	form := readStart(v)
	if wrong := form.Validate(); m.ID == 0 && len(wrong) > 0 {
		return s.showStart(v, http.StatusUnprocessableEntity, m, form, wrong)
	}
	if m, err = s.Store.UseLink(v.ctx(), secret, v.now); err != nil {
		return s.linkGone(v, err)
	}
	if m.ID == 0 {
		if m, err = s.found(v, m.Company, form); err != nil {
			return err
		}
	}
	if err := v.signIn(m, nil); err != nil {
		return err
	}
	return v.redirect("/")
}

// found makes the first director and names the company.
func (s *site) found(v *visit, company int64, form startForm) (lastword.Member, error) {
	m, err := s.Store.SaveMember(v.ctx(), lastword.Member{Company: company}, lastword.Member{
		Company: company, Name: form.Name, Email: form.Email, Role: lastword.Director, Lang: form.Lang, Made: v.now,
	})
	if err != nil {
		return m, err
	}
	c, err := s.Store.Company(v.ctx(), company)
	if err != nil {
		return m, err
	}
	c.Name, c.Lang, c.Zone = form.Company, form.Lang, form.Zone
	c.Names = []string{form.Company}
	if err := s.Store.SaveCompany(v.ctx(), m, c); err != nil {
		return m, err
	}
	return m, s.setPassword(v, m, form.Password)
}

// setPassword keeps a new password; an empty one changes nothing.
func (s *site) setPassword(v *visit, m lastword.Member, password string) error {
	if password == "" {
		return nil
	}
	hash, err := s.seal(password)
	if err != nil {
		return err
	}
	return s.Store.SetPassword(v.ctx(), m.Company, m.ID, hash)
}

// inviteLife is how long an invitation may wait.
const inviteLife = 7 * 24 * time.Hour
