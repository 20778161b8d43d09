package web

import (
	"errors"
	"fmt"
	"net/http"

	"lastword"
	"lastword/web/page"
)

// corrections lists what people put right, each with what takes it back.
// (GET /corrections)
func (s *site) corrections(v *visit) error {
	list, err := s.Store.Corrections(v.ctx(), v.company.ID, v.number("before"), rows+1)
	if err != nil {
		return err
	}
	names, err := s.memberNames(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view := page.LearntView{}
	list, view.Next, view.Start = paging(list, "/corrections", v.r.URL.Query(), func(c lastword.Correction) int64 { return c.ID })
	for _, c := range list {
		view.Rows = append(view.Rows, page.LearntRow{Correction: c, By: names[c.By], UndoneBy: names[c.UndoneBy]})
	}
	f := s.frame(v, page.AtSettings, v.read.T("learnt.title"))
	return v.showAs(http.StatusOK, f, page.Learnt(f, view))
}

// undoCorrection takes one back. (POST /corrections/{id}/undo)
func (s *site) undoCorrection(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = s.Store.UndoCorrection(v.ctx(), v.member, id)
	if errors.Is(err, lastword.ErrConflict) {
		return &lastword.Mistake{Key: "mistake.undone_already", Kind: lastword.ErrConflict}
	}
	if err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.unlearnt", N: 1})
	otherwise := "/corrections"
	if voice := number(v.r.URL.Query().Get("voice")); voice != 0 {
		otherwise = to("voices", voice)
	}
	return v.back(otherwise)
}

// undoOf is the path that takes the correction back that was just made of a
// voice; "" where somebody else has corrected another one since.
func (s *site) undoOf(v *visit, voice int64) (string, error) {
	last, err := s.Store.Corrections(v.ctx(), v.company.ID, 0, 1)
	if err != nil || len(last) == 0 || last[0].Of.ID != voice || last[0].By != v.member.ID {
		return "", err
	}
	return fmt.Sprintf("%s?voice=%d", to("corrections", last[0].ID, "undo"), voice), nil
}
