package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"lastword"
	"lastword/web/page"
)

const (
	keyCookie   = "lastword_key"
	listedTold  = 30 // notices that the page lists
	mostInTheme = 50 // themes to choose from
)

// courier shows which other program is told what, how that fares and what is sent.
// (GET /settings/notices)
func (s *site) courier(v *visit) error {
	c, err := s.Couriers.Courier(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	if c.Address == "" {
		c.Kinds = lastword.NoticeKinds[:]
	}
	return s.showNotices(v, http.StatusOK, page.CourierView{Courier: c})
}

func (s *site) showNotices(v *visit, status int, view page.CourierView) (err error) {
	if view.Kept, err = s.Couriers.Courier(v.ctx(), v.company.ID); err != nil {
		return err
	}
	if view.Requests, view.Real, err = s.Couriers.Preview(v.ctx(), v.company.ID); err != nil {
		return err
	}
	if view.Notices, err = s.Couriers.Notices(v.ctx(), v.company.ID, listedTold); err != nil {
		return err
	}
	if view.Queries, err = s.Store.Queries(v.ctx(), v.company.ID); err != nil {
		return err
	}
	if view.Themes, err = s.themesToTell(v, view.Courier.Theme); err != nil {
		return err
	}
	if v.member.MayRelease() {
		view.Key = v.takeKey()
	}
	f := s.frame(v, page.AtSettings, v.read.T("courier.title"))
	return v.showAs(status, f, page.CourierPage(f, view))
}

// themesToTell are the largest themes, and the one that is chosen.
func (s *site) themesToTell(v *visit, chosen int64) ([]lastword.Theme, error) {
	themes, err := s.Store.Themes(v.ctx(), v.company.ID, lastword.ThemeFilter{Order: lastword.BySize, Limit: mostInTheme})
	if err != nil || chosen == 0 || slices.ContainsFunc(themes, func(t lastword.Theme) bool { return t.ID == chosen }) {
		return themes, err
	}
	t, err := s.Store.Theme(v.ctx(), v.company.ID, chosen)
	if errors.Is(err, lastword.ErrNotFound) {
		return themes, nil
	}
	return append(themes, t), err
}

// saveCourier keeps where notices go and which. (POST /settings/notices)
func (s *site) saveCourier(v *visit) error {
	c := lastword.Courier{Company: v.company.ID, Address: v.word("address"), Query: v.number("query"), Theme: v.number("theme"), Private: v.word("private") == "1"}
	for _, k := range lastword.NoticeKinds {
		if slices.Contains(v.r.PostForm["kind"], string(k)) {
			c.Kinds = append(c.Kinds, k)
		}
	}
	wrong := atMost("address", c.Address, 1000)
	if len(wrong) == 0 {
		err := s.Couriers.Save(v.ctx(), v.member, c)
		if err == nil {
			v.tell(page.Flash{Key: "flash.saved", N: 1})
			return v.redirect("/settings/notices")
		}
		var ok bool
		if wrong, ok = asMistakes(err); !ok {
			return err
		}
	}
	return s.showNotices(v, http.StatusUnprocessableEntity, page.CourierView{Courier: c, Mistakes: wrong})
}

// newCourierKey makes a key. It reaches the next page in a cookie of the one who
// asked for it, and no other page. (POST /settings/notices/key)
func (s *site) newCourierKey(v *visit) error {
	key, err := s.Couriers.NewKey(v.ctx(), v.member)
	if err != nil {
		return err
	}
	v.setCookie(keyCookie, key, 5*time.Minute)
	v.tell(page.Flash{Key: "flash.courier_key", N: 1})
	return v.redirect("/settings/notices#key")
}

// takeKey returns a key that was just made, once.
func (v *visit) takeKey() string {
	c, err := v.r.Cookie(keyCookie)
	if err != nil || c.Value == "" {
		return ""
	}
	v.setCookie(keyCookie, "", -1)
	return c.Value
}

// tryCourier sends a test and shows what came of it. It is a page that waits for
// the other program. (POST /settings/notices/try)
func (s *site) tryCourier(v *visit) error {
	c, err := s.Couriers.Courier(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	if c.Address == "" || !c.Keyed {
		return &lastword.Mistake{Key: "mistake.courier_key"}
	}
	trial, err := s.Couriers.Try(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	return s.showNotices(v, http.StatusOK, page.CourierView{Courier: c, Trial: trial})
}

// courierOn is a director's word that what was shown may leave the house.
// (POST /settings/notices/on)
func (s *site) courierOn(v *visit) error {
	err := s.Couriers.Switch(v.ctx(), v.member, true, v.word("seen"))
	if errors.Is(err, lastword.ErrConflict) {
		c, reading := s.Couriers.Courier(v.ctx(), v.company.ID)
		if reading != nil {
			return reading
		}
		return s.showNotices(v, http.StatusConflict, page.CourierView{Courier: c, Mistakes: page.Mistakes{{Key: "mistake.courier_unseen"}}})
	}
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.courier_on", N: 1})
	return v.redirect("/settings/notices")
}

// courierOff ends it at once. (POST /settings/notices/off)
func (s *site) courierOff(v *visit) error {
	if err := s.Couriers.Switch(v.ctx(), v.member, false, ""); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.courier_off", N: 1})
	return v.redirect("/settings/notices")
}
