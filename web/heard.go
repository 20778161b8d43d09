package web

import (
	"net/http"
	"slices"

	"lastword"
	"lastword/web/page"
	"lastword/web/text"
)

// heard is the public page "was I heard?": what a person said, what came of it
// and why. Who has the link may read it; no search engine may.
// (GET /heard/{token})
func (s *site) heardPage(v *visit) error {
	v.w.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	v.w.Header().Set("Referrer-Policy", "no-referrer")
	p, err := s.Store.Public(v.ctx(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	if !published(p) {
		return lastword.ErrNotFound
	}
	lang := v.r.FormValue("lang")
	if !slices.Contains(text.Langs[:], lang) {
		lang = s.texts.Pick(p.Answer.Lang, v.r.Header.Get("Accept-Language"))
	}
	v.speak(lang, p.Company.Zone)
	view := page.HeardView{Public: p, Reason: reasonFor(p.Decision.Reason, lang, p.Company.Lang)}
	f := s.frame(v, "", v.read.T("heard.title"))
	f.Public, f.Company = true, p.Company.Name
	return v.showAs(http.StatusOK, f, page.Heard(f, view))
}

// published reports whether the answer has left the house: before, nothing of
// it is anybody's business.
func published(p lastword.Public) bool {
	switch p.Answer.State {
	case lastword.Sent, lastword.Released, lastword.HandedOver:
		return p.Answer.ID != 0
	}
	return false
}
