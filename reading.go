package lastword

import "time"

// A VoiceFilter picks voices, newest first. Zero fields do not restrict.
type VoiceFilter struct {
	Kinds    Kinds // any of these
	Other    bool  // of no kind at all
	Feeling  *Feeling
	Circle   []Circle // any of these
	Theme    int64
	NoTheme  bool
	Original bool  // no near-copies of others
	Doubtful bool  // in Theme, but not surely
	Surely   bool  // in Theme, surely
	Person   int64 // over all identities
	Query    int64
	Channel  int64
	Network  string
	Language string
	Since    time.Time // said at or after
	Until    time.Time // said before
	Search   string    // words, all of them; "phrases"; a trailing * for a beginning
	Before   int64     // only ids below: the next page
	Own      bool      // the company's own posts too
	Limit    int       // 0 means 25
}

// Alone reports whether f asks for the voices that wait for an answer, are in no
// theme and are no copies.
func (f VoiceFilter) Alone() bool {
	return f.NoTheme && f.Original && !f.Own && len(f.Circle) == 1 && f.Circle[0] == Open
}

// A VoiceRow is a voice with who said it and where it went.
type VoiceRow struct {
	Voice
	Who       Identity // zero if unknown
	Person    Person   // zero if unknown
	ThemeName string   // "" if none
}

// A ThemeFilter picks themes that are not merged away.
type ThemeFilter struct {
	Undecided bool
	Decided   bool
	Kinds     Kinds
	Search    string
	Order     ThemeOrder
	Offset    int
	Limit     int // 0 means 25
}

// A ThemeOrder says which themes come first.
type ThemeOrder string

// The orders.
const (
	ByOpen   ThemeOrder = "open"   // most unanswered voices first
	BySize   ThemeOrder = "size"   // most voices first
	ByRecent ThemeOrder = "recent" // heard last first
)

// An AnswerFilter picks answers, newest first.
type AnswerFilter struct {
	State    []AnswerState
	Decision int64
	Theme    int64
	Person   int64
	Before   int64
	Limit    int // 0 means 25
}

// An AnswerRow is an answer with the voice it goes back to.
type AnswerRow struct {
	Answer
	Voice     Voice
	Who       Identity
	ThemeName string
	Consents  int // directors who released exactly this text
}

// A PersonFilter picks people, most recently heard first.
type PersonFilter struct {
	Stage     string
	Important bool // Weight > 0 only, heaviest first
	Search    string
	Theme     int64
	Offset    int
	Limit     int // 0 means 25
}

// Totals counts the circle over a span of time.
type Totals struct {
	Heard    int // voices heard
	People   int // people with an open voice
	Open     int // voices open now
	Doubtful int // voices that wait for a check now
	Drafts   int // answers that wait for release now
	Outbox   int // answers released and not yet delivered
	Handed   int // answers to be given by hand
	Failed   int // answers that failed and need a person
	Closed   int // circles closed in the span
	Decided  int // decisions that came to stand in the span
	Posts    int // the company's own posts that failed, or whose time comes soon and that nobody has released
}

// A Public is what the public page of one answer shows its person.
type Public struct {
	Company  Company
	Answer   Answer
	Voice    Voice // Text is empty if it is gone at its source or not public
	Theme    Theme
	Decision Decision // the one that stands now; it may be newer than the answer
	Voices   int      // how many said the same
	Author   string   // handle or name
}

// An Unreadable is an item that a channel set aside because it could not be read.
type Unreadable struct {
	ID     int64
	Place  string // line, id
	Reason string
}

// A Credential is a member with the argon2id hash of the password.
type Credential struct {
	Member
	Hash string
}

// Outgoing is one released answer on its way out.
type Outgoing struct {
	Cleared  Cleared
	To       Voice // what it answers
	Attempts int   // made before
}

// A Leased is a channel that one process alone may run, under the fence of its
// lease: a number that rises with every change of owner.
type Leased struct {
	Channel
	Owner string
	Fence int64
}

// Saved counts what became of a batch of events.
type Saved struct {
	New      int // voices kept
	Known    int // already there
	Edited   int
	Deleted  int
	Refused  int // erased or objected before: not taken again
	Returned int // answers of ours that came back
}
