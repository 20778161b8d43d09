// Package page sets every page of Lastword: typed views in, HTML out. It knows
// no store and no step; it decides nothing but how things look and read.
package page

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/web/text"
)

// A Frame is what every page needs to know of its reader and its place.
type Frame struct {
	text.Reader
	Title   string
	Place   Place
	Company string // name; empty for visitors who are not signed in
	Member  lastword.Member
	Here    string   // path and query of this page, to come back to
	Others  []string // further companies of the same person, by name
	Flash   *Flash
	Assets  Assets
	Imprint string // address of the operator's imprint; may be empty
	Pulse   int64  // of the company, when the page was read
	Public  bool   // a page for customers: not to be indexed, without the bar
}

// Assets names where assets are served.
type Assets interface{ Address(name string) string }

// A Place is an entry of the bar.
type Place string

// The places of the bar, and those behind "more".
const (
	AtToday     Place = "today"
	AtThemes    Place = "themes"
	AtVoices    Place = "voices"
	AtPeople    Place = "people"
	AtAnswers   Place = "answers"
	AtDecisions Place = "decisions"
	AtCheck     Place = "check"
	AtChannels  Place = "channels"
	AtQueries   Place = "queries"
	AtSettings  Place = "settings"
	AtLog       Place = "log"
	AtPosts     Place = "posts"
)

// Path returns the place's address.
func (p Place) Path() string {
	if p == AtToday {
		return "/"
	}
	return "/" + string(p)
}

// bar lists the five most used places, the same on phone and desk.
func bar() []Place { return []Place{AtToday, AtThemes, AtVoices, AtPeople, AtAnswers} }

// more lists the places behind "more".
func more() []Place {
	return []Place{AtPosts, AtCheck, AtDecisions, AtChannels, AtQueries, AtSettings, AtLog}
}

// A Flash tells once what the last act did, and how to take it back.
type Flash struct {
	Key  string // of the catalogue, with a plural
	N    int
	Name string
	Undo string // path of the form that takes it back; empty if there is none
	See  string // path to look at it again; empty if there is none
	Link string // path to what comes of it; empty if there is none
	Warn bool
}

// Mistakes are what is wrong in a form, all at once.
type Mistakes []*lastword.Mistake

// For returns the mistake in a field, or nil.
func (m Mistakes) For(field string) *lastword.Mistake {
	for _, one := range m {
		if one.Field == field {
			return one
		}
	}
	return nil
}

// MayRelease reports whether the reader decides and releases.
func (f *Frame) MayRelease() bool { return f.Member.MayRelease() }

// Say returns the text of a mistake, which may also be why a place does not work.
func (f *Frame) Say(m *lastword.Mistake) string {
	if !f.Has(m.Key) {
		return f.Why(m.Key)
	}
	return f.T(m.Key, text.Args(m.Args))
}

// Why says a reason that the program keeps: a key of the catalogue, or words
// of the place itself, which are shown as they are.
func (f *Frame) Why(why string) string {
	for _, key := range []string{why, "why." + why} {
		if f.Has(key) {
			return f.T(key)
		}
	}
	return why
}

// Network names a place as people call it.
func (f *Frame) Network(name string) string {
	if key := "network." + name; f.Has(key) {
		return f.T(key)
	}
	return name
}

// Kinds names the kinds of a voice or a theme.
func (f *Frame) Kinds(k lastword.Kinds) string {
	var words []string
	for _, one := range lastword.AllKinds {
		if k&one != 0 {
			words = append(words, f.T("kind."+one.String()))
		}
	}
	if len(words) == 0 {
		return f.T("kind.none")
	}
	return f.List(words)
}

// name returns how a person or an account is called, best known first.
func (f *Frame) name(p lastword.Person, who lastword.Identity) string {
	for _, n := range []string{p.Name, who.Name, who.Handle} {
		if n != "" {
			return n
		}
	}
	return f.T("person.unknown")
}

// lang returns the language of a voice: as understood, else as the place says.
func lang(v lastword.Voice) string {
	if v.Language != "" {
		return v.Language
	}
	return v.Lang
}

// Link returns address if a browser may open it from here: the web only, so
// that a stranger's post cannot bring a script.
func Link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// to builds an address of our own from parts: to("themes", 3, "voices").
func to(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte('/')
		switch p := p.(type) {
		case int64:
			b.WriteString(id(p))
		case string:
			b.WriteString(url.PathEscape(p))
		}
	}
	return b.String()
}

// date writes a day as an input of type date wants it.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// A Piece is a stretch of a text, marked or not.
type Piece struct {
	Text string
	Mark bool
}

// A Span is a stretch of bytes of a text.
type Span struct{ Start, End int }

// Pieces cuts s at spans, which are in order and do not overlap; those that do
// not fit s are left out.
func Pieces(s string, spans []Span) []Piece {
	var out []Piece
	at := 0
	for _, sp := range spans {
		if sp.Start < at || sp.End > len(s) || sp.Start >= sp.End {
			continue
		}
		if sp.Start > at {
			out = append(out, Piece{Text: s[at:sp.Start]})
		}
		out = append(out, Piece{Text: s[sp.Start:sp.End], Mark: true})
		at = sp.End
	}
	if at < len(s) {
		out = append(out, Piece{Text: s[at:]})
	}
	return out
}

// wishPieces marks the very words that carry a voice's wish.
func wishPieces(v lastword.Voice) []Piece {
	i := strings.Index(v.Text, v.Wish)
	if v.Wish == "" || i < 0 || len(v.Wish) > len(v.Text)*4/5 {
		return Pieces(v.Text, nil) // marking nearly all of it would mark nothing
	}
	return Pieces(v.Text, []Span{{i, i + len(v.Wish)}})
}
