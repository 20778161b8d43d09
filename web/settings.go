package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"lastword"
	"lastword/web/page"
)

// settings shows the company, its members and one's own account. (GET /settings)
func (s *site) settings(v *visit) error {
	return s.showSettings(v, http.StatusOK, v.company, v.member, nil)
}

func (s *site) showSettings(v *visit, status int, c lastword.Company, me lastword.Member, wrong page.Mistakes) error {
	view := page.SettingsView{Company: c, Me: me, Mistakes: wrong, Link: v.takeLink()}
	var err error
	if view.Members, err = s.Store.Members(v.ctx(), v.company.ID); err != nil {
		return err
	}
	view.Members = slices.DeleteFunc(view.Members, func(m lastword.Member) bool { return !m.Left.IsZero() })
	f := s.frame(v, page.AtSettings, v.read.T("nav.settings"))
	return v.showAs(status, f, page.Settings(f, view))
}

// saveCompany keeps what the company says of itself. (POST /settings/company)
func (s *site) saveCompany(v *visit) error {
	c := v.company
	c.Name, c.Names, c.Lang, c.Zone = v.word("name"), lines(v.word("names")), v.word("lang"), v.word("zone")
	c.Rule, c.Minutes = lastword.Rule(v.word("rule")), int(v.number("minutes"))
	c.Public = strings.TrimRight(v.word("public"), "/")
	if wrong := checkCompany(c); len(wrong) > 0 {
		return s.showSettings(v, http.StatusUnprocessableEntity, c, v.member, wrong)
	}
	if err := s.Store.SaveCompany(v.ctx(), v.member, c); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.saved", N: 1})
	return v.redirect("/settings")
}

// mostMinutes is the longest briefing a day.
const mostMinutes = 240

func checkCompany(c lastword.Company) (wrong page.Mistakes) {
	wrong = append(wrong, need("name", c.Name, 100)...)
	wrong = append(wrong, atMost("names", strings.Join(c.Names, "\n"), 4000)...)
	wrong = append(wrong, checkLang(c.Lang)...)
	wrong = append(wrong, checkZone(c.Zone)...)
	wrong = append(wrong, checkBase("public", c.Public)...)
	if c.Rule != lastword.AnyDirector && c.Rule != lastword.AllDirectors {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.form"})
	}
	if c.Minutes < 1 || c.Minutes > mostMinutes {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.minutes", Field: "minutes", Args: map[string]any{"Max": mostMinutes}})
	}
	return wrong
}

// saveMe keeps one's own name, address and language, and a new password.
// (POST /settings/me)
func (s *site) saveMe(v *visit) error {
	me, password := v.member, v.r.PostFormValue("password")
	me.Name, me.Email, me.Lang = v.word("me-name"), strings.ToLower(v.word("email")), v.word("me-lang")
	if wrong := checkMe(me, password); len(wrong) > 0 {
		return s.showSettings(v, http.StatusUnprocessableEntity, v.company, me, wrong)
	}
	if _, err := s.Store.SaveMember(v.ctx(), v.member, me); err != nil {
		if wrong, ok := asMistakes(err); ok {
			return s.showSettings(v, http.StatusUnprocessableEntity, v.company, me, wrong)
		}
		return err
	}
	if err := s.setPassword(v, me, password); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.saved", N: 1})
	return v.redirect("/settings#me")
}

func checkMe(me lastword.Member, password string) (wrong page.Mistakes) {
	wrong = append(wrong, need("me-name", me.Name, 100)...)
	if me.Email != "" {
		wrong = append(wrong, checkEmail(me.Email)...)
	}
	wrong = append(wrong, checkLang(me.Lang)...)
	if password == "" {
		return wrong
	}
	if m := checkPassword(password); m != nil {
		wrong = append(wrong, m)
	}
	if me.Email == "" {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.email_for_password", Field: "email"})
	}
	return wrong
}

// roles are those a member may have.
func roles() []lastword.Role {
	return []lastword.Role{lastword.Director, lastword.Staff, lastword.Adviser}
}

// invite adds a member and shows the link to hand over. (POST /settings/members)
func (s *site) invite(v *visit) error {
	m := lastword.Member{
		Company: v.company.ID, Name: v.word("new-name"), Role: lastword.Role(v.word("role")),
		Lang: v.word("new-lang"), Made: v.now,
	}
	wrong := append(need("new-name", m.Name, 100), checkLang(m.Lang)...)
	if !slices.Contains(roles(), m.Role) {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.form"})
	}
	if len(wrong) > 0 {
		return s.showSettings(v, http.StatusUnprocessableEntity, v.company, v.member, wrong)
	}
	m, err := s.Store.SaveMember(v.ctx(), v.member, m)
	if err != nil {
		return err
	}
	return s.giveLink(v, m)
}

// newLink makes another link for a member. (POST /settings/members/{id}/link)
func (s *site) newLink(v *visit) error {
	m, err := s.memberOf(v)
	if err != nil {
		return err
	}
	return s.giveLink(v, m)
}

func (s *site) memberOf(v *visit) (lastword.Member, error) {
	id, err := v.id("id")
	if err != nil {
		return lastword.Member{}, err
	}
	m, err := s.Store.Member(v.ctx(), v.company.ID, id)
	if err == nil && !m.Left.IsZero() {
		return m, lastword.ErrNotFound
	}
	return m, err
}

// giveLink makes a one-time link. Its secret reaches the next page in a cookie
// of the one who asked for it, for the store keeps only its digest.
func (s *site) giveLink(v *visit, m lastword.Member) error {
	secret := newSecret()
	if err := s.Store.NewLink(v.ctx(), m.Company, m.ID, secret, v.now.Add(inviteLife)); err != nil {
		return err
	}
	v.setCookie(linkCookie, secret, 5*time.Minute)
	v.tell(page.Flash{Key: "flash.invited", N: 1, Name: m.Name})
	return v.redirect("/settings#link")
}

// takeLink returns the address of a link that was just made, once.
func (v *visit) takeLink() string {
	c, err := v.r.Cookie(linkCookie)
	if err != nil || c.Value == "" {
		return ""
	}
	v.setCookie(linkCookie, "", -1)
	return cmp.Or(v.company.Public, v.here()) + to("start", c.Value)
}

// here is the address at which this visitor's browser reaches us.
func (v *visit) here() string {
	if v.site.secure(v.r) {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

// leave ends a membership. The last director cannot leave: nobody could have
// the last word. (POST /settings/members/{id}/leave)
func (s *site) leave(v *visit) error {
	m, err := s.memberOf(v)
	if err != nil {
		return err
	}
	members, err := s.Store.Members(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	others := slices.ContainsFunc(members, func(o lastword.Member) bool { return o.ID != m.ID && o.MayRelease() })
	if !others {
		return s.showSettings(v, http.StatusUnprocessableEntity, v.company, v.member, page.Mistakes{{Key: "mistake.last_director"}})
	}
	m.Left = v.now
	if _, err := s.Store.SaveMember(v.ctx(), v.member, m); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.left", N: 1, Name: m.Name})
	return v.redirect("/settings")
}

// log shows the end of the log that only grows. (GET /log)
func (s *site) log(v *visit) error {
	list, err := s.Store.AuditTail(v.ctx(), v.company.ID, v.number("before"), rows+1)
	if err != nil {
		return err
	}
	names, err := s.memberNames(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view := page.LogView{}
	list, view.Next, view.Start = paging(list, "/log", v.r.URL.Query(), func(e lastword.Entry) int64 { return e.Seq })
	for _, e := range list {
		view.Rows = append(view.Rows, page.LogRow{Entry: e, By: names[e.By], Href: subjectHref(e)})
	}
	f := s.frame(v, page.AtLog, v.read.T("nav.log"))
	return v.showAs(http.StatusOK, f, page.Log(f, view))
}

// subjectHref leads to what an entry is about, where it has a page.
func subjectHref(e lastword.Entry) string {
	if e.ID == 0 {
		return ""
	}
	switch e.Subject {
	case lastword.OfAnswer:
		return to("answers", e.ID)
	case lastword.OfTheme:
		return to("themes", e.ID)
	case lastword.OfVoice:
		return to("voices", e.ID)
	case lastword.OfPerson:
		return to("people", e.ID)
	case lastword.OfChannel:
		return to("channels", e.ID)
	case lastword.OfQuery:
		return to("queries", e.ID)
	}
	return ""
}
