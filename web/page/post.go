package page

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/markdown"
	words "lastword/internal/text"
	"lastword/web/text"
)

// A PostsView is the list of the company's own posts.
type PostsView struct {
	Drafts, Planned, Out []lastword.StoryRow
	Next, Start          string
	Outlets              int // channels that can publish
	Blog                 bool
}

// A PostView is one story with what it becomes.
type PostView struct {
	Row      lastword.StoryRow
	Title    string // as typed
	Text     string
	Lang     string
	Date     string // when, as typed
	Time     string
	Zone     string
	Outlets  []OutletView
	Versions []VersionView
	Set      string // names exactly the drafts that are shown
	Drafts   int
	Waits    []string // directors whose release is missing
	Mine     bool     // I released them already
	Locked   bool     // something of it is on its way: it cannot be edited
	Untried  bool     // and can be taken back
	Failed   bool
	Said     bool // it is published, and nothing waits
	Fresh    bool // nothing has left the house, and it can be forgotten
	Replies  []lastword.VoiceRow
	Mistakes Mistakes
}

// An OutletView is a channel that can be chosen.
type OutletView struct {
	lastword.Outlet
	On, Done bool
}

// A VersionView is what goes out in one channel.
type VersionView struct {
	lastword.Version
	Channel string // its name
	Manner  lastword.Manner
	Rulers  []Ruler // one for each part
	LeftOut int     // pictures of the story that the place does not take
	Wrong   []*lastword.Mistake
	Words   string // the parts, as they are edited by hand
	Here    []string
}

// open reports whether a version is still worded.
func (v VersionView) open() bool { return v.State == lastword.Draft || v.State == lastword.Failed }

// StoryTitle is what a story is called in lists.
func (f *Frame) StoryTitle(s lastword.Story) string {
	if s.Title != "" {
		return s.Title
	}
	first, _, _ := strings.Cut(markdown.Plain(s.Text), "\n")
	if first == "" {
		return f.T("post.untitled")
	}
	return shorten(first, 80)
}

// storyState is one word for where a story stands: what needs somebody comes first.
func storyState(s lastword.StoryRow) lastword.AnswerState {
	count := map[lastword.AnswerState]int{}
	for _, v := range s.Versions {
		count[v.State]++
	}
	for _, st := range []lastword.AnswerState{lastword.Failed, lastword.Draft, lastword.Released, lastword.Taken, lastword.Sent, lastword.Removed} {
		if count[st] > 0 {
			return st
		}
	}
	return lastword.Draft
}

// StoryTime is when a story went or goes out; zero if that is open.
func StoryTime(s lastword.StoryRow) time.Time {
	for _, v := range s.Versions {
		if !v.Sent.IsZero() {
			return v.Sent
		}
	}
	return s.Due
}

// clockTime writes a time of the day as an input of type time wants it.
func (f *Frame) clockTime(t time.Time) string { return t.In(f.Zone).Format("15:04") }

// Moment is a day and a time by the clock, for what lies ahead.
func (f *Frame) Moment(t time.Time) string { return f.Short(t) + ", " + f.clockTime(t) }

// Dated is a day with its year, for pages that are read for years.
func (f *Frame) Dated(t time.Time) string { return f.Day(t) + " " + t.In(f.Zone).Format("2006") }

func (f *Frame) dayOf(t time.Time) string { return t.In(f.Zone).Format(time.DateOnly) }

// linked cuts a part so that its web addresses can be shown as links would be.
func linked(part string) []Piece {
	var spans []Span
	at := 0
	length.Addresses(part, func(address string) string {
		if i := strings.Index(part[at:], address); i >= 0 {
			spans = append(spans, Span{at + i, at + i + len(address)})
			at += i + len(address)
		}
		return address
	})
	return Pieces(part, spans)
}

// asSet is Markdown as it will look; what cannot be set is shown as it is.
func asSet(s string) templ.Component {
	out, err := markdown.HTML(s) // nothing of it runs: FuzzText
	if err != nil {
		return templ.Raw(templ.EscapeString(s))
	}
	return templ.Raw(out)
}

// hostOf is the host of an address, as cards show it.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return strings.TrimPrefix(host, "www.")
}

func initial(s string) string {
	for _, r := range s {
		return strings.ToUpper(string(r))
	}
	return ""
}

// releaseWords say what the one button does.
func (f *Frame) releaseWords(v PostView) string {
	if v.Row.Due.After(f.Now) {
		return f.N("post.release_at", v.Drafts, text.Args{"When": f.Moment(v.Row.Due)})
	}
	return f.N("post.release_now", v.Drafts)
}

// A CalendarView is a month or a week.
type CalendarView struct {
	Title          string
	Week           bool
	Weeks          [][]DayView
	Names          []string // of the weekdays
	Prev, Next     string
	Today          string
	Other          string // the same time as a month or a week
	Undated        []lastword.StoryRow
	Month          time.Month
	NothingPlanned bool
}

// A DayView is one day of it.
type DayView struct {
	Day     time.Time
	Outside bool // of another month
	Today   bool
	Past    bool
	Stories []lastword.StoryRow
}

// movable reports whether a story can still be given another time.
func movable(s lastword.StoryRow) bool {
	for _, v := range s.Versions {
		if v.State != lastword.Draft && v.State != lastword.Failed && v.State != lastword.Released {
			return false
		}
	}
	return true
}

// draggable lets the mouse take hold of a story that is movable. The attribute has a
// value: without one a browser takes only the link within.
func draggable(s lastword.StoryRow) templ.Attributes {
	if !movable(s) {
		return nil
	}
	return templ.Attributes{"draggable": "true"}
}

// A BlogSettingsView is the company's blog, as it is set up.
type BlogSettingsView struct {
	Blog     lastword.Blog
	Address  string // of the blog; empty where nobody reaches this server
	Base     string
	Mistakes Mistakes
}

// A BlogView is the blog as anybody sees it.
type BlogView struct {
	Blog    lastword.Blog
	Path    string // of the blog, without a slash at the end
	Posts   []lastword.BlogPost
	Next    string
	One     bool   // a single post, in full
	Imprint bool   // the imprint
	Address string // of this page; of the blog where it is none of one post
	Image   string // address of the first picture of the one post
}

func (f *Frame) outletName(o lastword.Outlet) string {
	network := f.Network(o.Manner.Name)
	if o.Channel.Name == "" || o.Channel.Name == network {
		return network
	}
	return network + ": " + o.Channel.Name
}

func (f *Frame) inputDate(r lastword.StoryRow) string {
	if t := StoryTime(r); !t.IsZero() {
		return f.dayOf(t)
	}
	return f.dayOf(f.Now.AddDate(0, 0, 1))
}

func (f *Frame) inputTime(r lastword.StoryRow) string {
	if t := StoryTime(r); !t.IsZero() {
		return f.clockTime(t)
	}
	return "09:00"
}

// shortDay is the beginning of a weekday's name.
func shortDay(name string) string { return string([]rune(name)[:2]) }

// dayLabel is the number of a day, with its month where that is not the one shown.
func (f *Frame) dayLabel(d DayView, v CalendarView) string {
	if d.Outside || v.Week {
		return f.Short(d.Day)
	}
	return itoa(d.Day.Day())
}

// excerpt is the beginning of a text, as plain text.
func (f *Frame) excerpt(parts []string, most int) string {
	return shorten(strings.Join(strings.Fields(markdown.Plain(strings.Join(parts, "\n\n"))), " "), most)
}

func permanent(p lastword.BlogPost) string { return words.Permanent(p.Title, p.Story) }
