package page

import (
	"lastword"
	"strconv"

	"github.com/a-h/templ"
)

func itoa(n int) string { return strconv.Itoa(n) }

// name0 is what the window is called.
func (f *Frame) name0() string {
	if f.Company != "" {
		return f.Company
	}
	return "Lastword"
}

// state tells the script what it needs to know of the page.
func (f *Frame) state() templ.Attributes {
	a := templ.Attributes{"data-here": f.Here}
	if f.Company != "" && !f.Public {
		a["data-live"] = "/events?since=" + id(f.Pulse)
	}
	return a
}

type key struct {
	name string
	keys []string
}

// keyList is what "?" shows, and what the script obeys.
func keyList() []key {
	return []key{
		{"next", []string{"j"}}, {"previous", []string{"k"}}, {"open", []string{"o"}},
		{"verdict", []string{"1", "2", "3", "4"}}, {"reason", []string{"1", "…", "9"}},
		{"release", []string{"r"}}, {"edit", []string{"e"}}, {"undo", []string{"z"}},
		{"correct", []string{"c"}}, {"check", []string{"y", "n", "m"}}, {"aside", []string{"a"}},
		{"go", []string{"g", "t"}}, {"search", []string{"/"}}, {"help", []string{"?"}},
	}
}

// A Choice is one way to restrict a list, as a link.
type Choice struct {
	Label string
	Href  string
	On    bool
}

// A Clause is one part of a filter that reads as a sentence: what holds now,
// and what could hold instead.
type Clause struct {
	Label   string // what it restricts, for those who do not see the sentence
	Choices []Choice
	Plain   bool // nothing is restricted here
}

// Now returns the label that holds.
func (c Clause) Now() string {
	for _, one := range c.Choices {
		if one.On {
			return one.Label
		}
	}
	return ""
}

// A Hidden is a field of a form that keeps the rest of an address.
type Hidden struct{ Name, Value string }

func fl(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func stationName(c lastword.Circle) string {
	switch c {
	case lastword.Decided:
		return "decided"
	case lastword.Closed:
		return "closed"
	case lastword.Aside:
		return "aside"
	}
	return "open"
}

// itemTitle names a line of the briefing; what is about no theme and no person
// is named by what waits there.
func (f *Frame) itemTitle(it Item) string {
	if it.Title != "" {
		return it.Title
	}
	if it.Further {
		return f.N("item_title.further", it.Voices)
	}
	return f.N("item_title."+it.Kind, it.Voices)
}

// verdict names a verdict as it is meant: a question that is answered is not
// granted, nor is praise.
func (f *Frame) verdict(want lastword.Kinds, v lastword.Verdict) string {
	return f.named("answering.", want, v)
}

// given names a verdict that was given.
func (f *Frame) given(want lastword.Kinds, v lastword.Verdict) string {
	return f.named("given.", want, v)
}

// named names a verdict: by the family of texts for a yes to a question or to praise.
func (f *Frame) named(family string, want lastword.Kinds, v lastword.Verdict) string {
	if v == lastword.Yes && (want == lastword.Question || want == lastword.Praise) {
		return f.T(family + want.String())
	}
	return f.T("verdict." + string(v))
}

// does says what a verdict means for those behind it, as for a wish where nothing
// else is meant.
func (f *Frame) does(want lastword.Kinds, v lastword.Verdict) string {
	if key := "verdict_does." + want.String() + "_" + string(v); f.Has(key) {
		return f.T(key)
	}
	return f.T("verdict_does." + string(v))
}

// why asks for the reason, or for what is said instead of one.
func (f *Frame) why(want lastword.Kinds, v lastword.Verdict) string {
	switch {
	case v == lastword.AskBack:
		return f.T("decide.ask")
	case want == lastword.Question && v != lastword.Later:
		return f.T("decide.answer")
	case want == lastword.Praise && v == lastword.Yes:
		return f.T("decide.thank")
	}
	return f.T("decide.reason")
}

// itemDo says what the button of an item does.
func (f *Frame) itemDo(it Item) string { return f.N("item_do."+it.Kind, it.Voices) }
