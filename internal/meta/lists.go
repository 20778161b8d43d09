package meta

import (
	"context"
	"encoding/json"
	"net/url"

	"lastword/internal/seen"
)

// A List is one kind of voices that a place lists, page by page, newest first.
type List struct {
	Name  string // as it is counted where we may not read it
	Path  string
	Query url.Values
	Must  bool // without it there is nothing to hear
	Few   bool // ask for less where the answer would be too long

	// Take makes entries of one that is listed.
	Take func(ctx context.Context, raw []byte) ([]seen.Entry, error)

	after string
	over  bool
}

// Lists are all that one account lists. One hearing uses them.
type Lists struct {
	All []*List

	// Ask asks for the page of a list after a mark.
	Ask func(ctx context.Context, path string, q url.Values, after string) (raws []json.RawMessage, next string, err error)

	// Refused is told of a kind of voices that we may not read.
	Refused func(name string)

	// Blind says that a list was refused: that something is not listed then says
	// nothing.
	Blind bool
}

// tooMuch is how Meta refuses a question whose answer would be too long, among
// other things that pass: a second time it is asked for less.
const (
	tooMuch = 1
	few     = "5"
)

// badParameter is how Meta refuses, among other things, what an app has no right to.
const badParameter = 100

// Page reads the n-th page of each list that has one; it is seen.Place.Page.
func (l *Lists) Page(ctx context.Context, n int) (all []seen.Entry, more bool, err error) {
	for _, one := range l.All {
		if n == 1 {
			one.after, one.over = "", false
		}
		if one.over {
			continue
		}
		some, err := l.read(ctx, one)
		if err != nil {
			return nil, false, err
		}
		all = append(all, some...)
		more = more || !one.over
	}
	return all, more, nil
}

// read reads one page. A kind of voices that we may not read is left out, counted
// and shown, and takes the others not with it.
func (l *Lists) read(ctx context.Context, one *List) (all []seen.Entry, err error) {
	raws, next, err := l.Ask(ctx, one.Path, one.Query, one.after)
	if one.Few && Has(err, tooMuch) && one.Query.Get("limit") != few {
		one.Query.Set("limit", few)
		raws, next, err = l.Ask(ctx, one.Path, one.Query, one.after)
	}
	if err != nil && !one.Must && (Refused(err) || Has(err, badParameter)) {
		l.Refused(one.Name)
		one.over, l.Blind = true, true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, raw := range raws {
		some, err := one.Take(ctx, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	one.after, one.over = next, next == ""
	return all, nil
}
