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
		{"correct", []string{"c"}}, {"check", []string{"y", "n", "m"}},
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
	return f.N("item_title."+it.Kind, it.Voices)
}

// itemDo says what the button of an item does.
func (f *Frame) itemDo(it Item) string { return f.N("item_do."+it.Kind, it.Voices) }
