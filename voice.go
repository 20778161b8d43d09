package lastword

import "time"

// A Post is one thing somebody said, as a connector hears it, before it is
// known whether it is for us. What is stored of it is a Voice.
type Post struct {
	Network string // where it was said: "bluesky", "feed", "x", …
	Key     string // the network's own id, unique within Network
	URL     string // where a person can read it
	Author  Author
	Title   string // headline, for articles and reviews
	Text    string // plain text
	Lang    string // as the place says, BCP 47; may be empty or wrong
	SaidAt  time.Time
	Parent  string // Key of the post this one replies to
	Root    string // Key of the first post of the thread
	Ref     string // what the connector needs to reply, opaque to everyone else
	Own     bool   // said by the company itself
	Private bool   // not public: never quoted outside
}

// An Author is whoever said a post, as the place names them.
type Author struct {
	Key    string // the network's own id of the account, unique within the network
	Handle string
	Name   string
	URL    string
}

// An Op says what happened to a post or an account at its source.
type Op uint8

// What a place may report.
const (
	Said        Op = iota // new; or known under its Key, with the same or another text
	Edited                // changed: another text for a known Key; kept as new only where a query wants it
	Deleted               // Post.Network and Post.Key name what is gone
	AccountGone           // Post.Author.Key: deleted for good; its voices are erased
	AccountAway           // Post.Author.Key: deactivated or suspended; hide its voices
	AccountBack           // Post.Author.Key: there again
	Returned              // an answer of ours came back undelivered: Post.Key is its own, as listen.Receipt named it, Post.SaidAt when it came back
)

// An Event is one thing a connector reports.
type Event struct {
	Op   Op
	Post Post
	Why  string // of Returned: a key of the catalogue
}

// A Voice is one thing somebody said to or about us.
type Voice struct {
	ID       int64 // rises with SaidAt, so that a key scan is newest first
	Company  int64
	Channel  int64
	Identity int64 // who said it; 0 if unknown
	Post
	HeardAt  time.Time
	EditedAt time.Time
	GoneAt   time.Time // deleted at its source: the text is gone and stays gone
	Hidden   bool      // its account is away

	Label
	CopyOf int64   // the voice this one is a near-copy of, or 0
	Theme  int64   // 0 if none
	Fit    float64 // how surely it belongs to Theme, 0…1
	FitBy  int64   // the member who placed it, or 0 for the machine
	Circle Circle
	Answer int64 // the answer that closed it, or 0
}

// A Label is what the machine, or a person, understood of a voice.
type Label struct {
	Voice    int64
	Language string     // BCP 47 primary tag
	Kinds    Kinds      // as judged, or as corrected by a person
	P        [4]float64 // calibrated probability of wish, problem, praise, question
	Wish     string     // the very words that carry the wish: a substring of the text
	Feeling  Feeling
	PFeeling float64 // probability of Feeling
	About    float64 // probability that it is about us; 1 where nobody can tell
	Notice   float64 // probability that no customer speaks: an operator's notice, a headline, an advertisement
	KindsBy  int64   // the member who corrected it, or 0
	Version  int     // of the models; 0 means not understood yet
}

// Announces reports whether a voice is no customer's, unless a person said otherwise:
// it can be read and found, but is in no theme and waits for no answer.
func (l Label) Announces() bool { return l.Notice >= Announced && l.KindsBy == 0 }

// Want is the one of its kinds that an answer goes by: the one that the machine is
// surest of, and praise last; or as Kinds.Want where a person said which it is.
func (l Label) Want() Kinds {
	want := l.Kinds.Want()
	if l.KindsBy != 0 {
		return want
	}
	surest := -1.0
	for i, k := range AllKinds {
		if l.Kinds&k != 0 && k != Praise && l.P[i] > surest {
			want, surest = k, l.P[i]
		}
	}
	return want
}

// Announced is the least Notice at which a voice counts as no customer's. It is
// high: a customer who is taken for a notice waits for an answer in vain.
const Announced = 0.8

// Kinds is a set of kinds. None of them is "other".
type Kinds uint8

// The kinds of voice.
const (
	Wish Kinds = 1 << iota
	Problem
	Praise
	Question
)

// AllKinds lists the kinds in the order of Label.P.
var AllKinds = [4]Kinds{Wish, Problem, Praise, Question}

// String returns the kinds by name, joined by "+", or "other".
func (k Kinds) String() string {
	s := ""
	for i, name := range [4]string{"wish", "problem", "praise", "question"} {
		if k&(1<<i) != 0 {
			if s != "" {
				s += "+"
			}
			s += name
		}
	}
	if s == "" {
		return "other"
	}
	return s
}

// Want is the one of k that an answer goes by: a wish is done, a problem put right,
// a question answered, praise is met with thanks. 0 is any other.
func (k Kinds) Want() Kinds {
	for _, want := range [4]Kinds{Wish, Problem, Question, Praise} {
		if k&want != 0 {
			return want
		}
	}
	return 0
}

// Feeling is negative (-1), neutral (0) or positive (1).
type Feeling int8

// The feelings.
const (
	Negative Feeling = iota - 1
	Neutral
	Positive
)

// String returns the feeling's word.
func (f Feeling) String() string {
	switch {
	case f < 0:
		return "negative"
	case f > 0:
		return "positive"
	}
	return "neutral"
}

// A Circle is how far a voice has come on its way from heard to answered.
type Circle uint8

// The stations of a voice.
const (
	Open    Circle = iota // heard, and nothing decided yet
	Decided               // its theme is decided; an answer is drafted or waits for a check
	Closed                // its person has been answered
	Aside                 // needs no answer: not about us, or set aside by a person
)

// An Identity is one account or address of a person.
type Identity struct {
	ID, Company, Person int64
	Network             string
	Author
}

// A Person is a human or organisation outside.
type Person struct {
	ID, Company int64
	Name        string
	Stage       string // customer, prospect, partner, press, or empty
	Weight      int    // 0 ordinary … 3 most important
	Note        string
	Voices      int
	LastHeard   time.Time
	Objected    time.Time // zero unless they asked not to be listened to or written to
}
