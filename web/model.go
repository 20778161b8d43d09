package web

import (
	"errors"
	"net/http"
	"strings"

	"lastword"
	"lastword/theme"
	"lastword/web/page"
)

// model shows the company's endpoint: where it is, what leaves the house, how it
// fares. (GET /settings/model)
func (s *site) model(v *visit) error {
	m, err := s.Models.Model(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	return s.showModel(v, http.StatusOK, page.ModelView{Model: m})
}

// startBudget is what the form offers: some hundred themes worded a day.
const startBudget = 200_000

func (s *site) showModel(v *visit, status int, view page.ModelView) (err error) {
	kept, err := s.Models.Model(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view.Kept = kept
	if view.Model.Budget == 0 && len(view.Mistakes) == 0 {
		view.Model.Budget = startBudget
	}
	if view.Requests, view.Real, err = s.Models.Preview(v.ctx(), v.company.ID); err != nil {
		return err
	}
	if view.State, err = s.Models.State(v.ctx(), v.company.ID); err != nil {
		return err
	}
	if view.Phrases, err = s.Store.Phrases(v.ctx(), v.company.ID); err != nil {
		return err
	}
	f := s.frame(v, page.AtSettings, v.read.T("model.title"))
	return v.showAs(status, f, page.ModelPage(f, view))
}

// saveModel keeps where the endpoint is. (POST /settings/model)
func (s *site) saveModel(v *visit) error {
	m := lastword.Model{
		Company: v.company.ID, Address: strings.TrimRight(v.word("address"), "/"), Key: v.word("key"),
		Embed: v.word("embed"), Chat: v.word("chat"), Budget: min(v.number("budget"), 1e12),
	}
	wrong := append(atMost("address", m.Address, 500), atMost("key", m.Key, 1000)...)
	wrong = append(append(wrong, atMost("embed", m.Embed, 200)...), atMost("chat", m.Chat, 200)...)
	if len(wrong) == 0 {
		err := s.Models.Save(v.ctx(), v.member, m)
		if err == nil {
			v.tell(page.Flash{Key: "flash.saved", N: 1})
			return v.redirect("/settings/model")
		}
		var ok bool
		if wrong, ok = asMistakes(err); !ok {
			return err
		}
	}
	m.Key = ""
	return s.showModel(v, http.StatusUnprocessableEntity, page.ModelView{Model: m, Mistakes: wrong})
}

// tryModel calls the endpoint once and shows what came of it. It is the one page
// that waits for it. (POST /settings/model/try)
func (s *site) tryModel(v *visit) error {
	m, err := s.Models.Model(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	if m.Address == "" {
		return &lastword.Mistake{Key: "mistake.model_address"}
	}
	trial, err := s.Models.Try(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	return s.showModel(v, http.StatusOK, page.ModelView{Model: m, Trial: trial})
}

// modelOn is a director's word that what was shown may leave the house.
// (POST /settings/model/on)
func (s *site) modelOn(v *visit) error {
	err := s.Models.Switch(v.ctx(), v.member, true, v.word("seen"))
	if errors.Is(err, lastword.ErrConflict) {
		m, reading := s.Models.Model(v.ctx(), v.company.ID)
		if reading != nil {
			return reading
		}
		return s.showModel(v, http.StatusConflict, page.ModelView{Model: m, Mistakes: page.Mistakes{{Key: "mistake.model_unseen"}}})
	}
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.model_on", N: 1})
	return v.redirect("/settings/model")
}

// modelOff ends it at once. (POST /settings/model/off)
func (s *site) modelOff(v *visit) error {
	if err := s.Models.Switch(v.ctx(), v.member, false, ""); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.model_off", N: 1})
	return v.redirect("/settings/model")
}

// dropPhrase forgets a sentence that a director does not like.
// (POST /settings/model/phrases/{id}/drop)
func (s *site) dropPhrase(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.Store.DropPhrase(v.ctx(), v.member, id); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.phrase_dropped", N: 1})
	return v.redirect("/settings/model#tone")
}

// worded reads how a language model worded the theme, and shows of it what its
// voices still say.
func (s *site) worded(v *visit, view *page.ThemeView) error {
	_, chat, err := s.Models.Uses(v.ctx(), v.company.ID)
	if err != nil || !chat {
		return err
	}
	w, err := s.Store.Wording(v.ctx(), v.company.ID, view.Theme.ID)
	if errors.Is(err, lastword.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var cited []int64
	for _, sentence := range w.Sentences {
		cited = append(cited, sentence.Voices...)
	}
	voices, err := s.Store.Voices(v.ctx(), v.company.ID, cited)
	if err != nil {
		return err
	}
	here := voices[:0]
	for _, voice := range voices {
		if voice.Theme == view.Theme.ID {
			here = append(here, voice)
		}
	}
	w.Sentences = theme.Standing(w.Sentences, w.Lang, here)
	if view.Theme.NamedBy != 0 || w.Name == view.Theme.Name {
		w.Name = ""
	}
	view.Wording = w
	return nil
}
