package web

import (
	"context"
	"errors"
	"net/http"

	"lastword"
	"lastword/web/page"
)

func asMistake(err error, m **lastword.Mistake) bool { return errors.As(err, m) }

// fail answers with a page that says what happened and what to do. What is our
// own fault is told to the log alone.
func (s *site) fail(v *visit, err error) {
	if errors.Is(err, context.Canceled) && v.r.Context().Err() != nil {
		return // the visitor left
	}
	status := statusOf(err)
	if status == http.StatusInternalServerError {
		s.Log.Error("page failed", "method", v.r.Method, "route", v.r.Pattern, "err", err)
	}
	if v.member.ID == 0 && status != http.StatusServiceUnavailable { // a store that does not answer would be waited for twice
		if _, err := v.recognise(); err != nil { // only the language is lost
			s.Log.Debug("visitor not recognised for an error page", "err", err)
		}
	}
	view := page.ErrorView{Status: status}
	var m *lastword.Mistake
	if asMistake(err, &m) {
		view.Mistake = m
	}
	f := s.frame(v, "", v.read.T(page.ErrorKey("error_title", status)))
	if err := v.showAs(status, f, page.Error(f, view)); err != nil {
		s.Log.Error("error page failed", "err", err)
		http.Error(v.w, http.StatusText(status), status)
	}
}

// statusOf is the one place where errors become answers of HTTP.
func statusOf(err error) int {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, lastword.ErrNotFound), errors.Is(err, lastword.ErrGone):
		return http.StatusNotFound
	case errors.Is(err, lastword.ErrForbidden), errors.Is(err, lastword.ErrDenied):
		return http.StatusForbidden
	case errors.Is(err, lastword.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, lastword.ErrInvalid):
		return http.StatusUnprocessableEntity
	case errors.Is(err, lastword.ErrUnavailable):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// notFound answers every address that is none of ours.
func (s *site) notFound(*visit) error { return lastword.ErrNotFound }
