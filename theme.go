package lastword

import "time"

// A Theme is voices that want the same thing.
type Theme struct {
	ID, Company int64
	Name        string
	NamedBy     int64 // the member who named it; a name given by a person stays
	Kinds       Kinds // the kinds most of its voices are of
	Lang        string
	Voices      int     // counted once per near-copy
	Copies      int     // near-copies beside them
	Open        int     // not answered yet
	Doubtful    int     // open, and not surely of this theme: a person must look
	Feeling     float64 // mean, -1…1
	First, Last time.Time
	Verdict     Verdict // of the standing decision, or empty
	Decision    int64   // the standing decision, or 0
	Into        int64   // merged into this theme, or 0
	Model       []byte  // how the machine recognises it; opaque to all but package theme
	Changed     time.Time
}

// Sure is the least Fit at which the machine alone may place a voice so firmly
// that it is answered together with its theme. Below it a person looks first.
const Sure = 0.93

// A Membership places one voice.
type Membership struct {
	Voice  int64
	Theme  int64
	Fit    float64
	CopyOf int64
	By     int64
}

// A Pair is two themes that may want the same thing, and what a person said of them.
type Pair struct {
	A, B     int64     // the smaller id first
	Likeness float64   // as the machine sees it, 0…1; 0 where it did not ask
	Same     int8      // by a person's word: 1 they want the same, -1 they do not; 0 nobody said
	By       int64     // who said so
	At       time.Time // when that was, or when the machine found them alike
	Words    []byte    // by what they differ; opaque to all but package theme
}

// PairOf puts two themes in their order.
func PairOf(a, b int64) Pair { return Pair{A: min(a, b), B: max(a, b)} }

// A Verdict is the director's last word on a theme.
type Verdict string

// The verdicts.
const (
	Yes     Verdict = "yes"
	Later   Verdict = "later"
	No      Verdict = "no"
	AskBack Verdict = "ask"
)

// Verdicts lists them in the order of the keys 1…4.
var Verdicts = []Verdict{Yes, Later, No, AskBack}

// A Decision is a word on a theme. It stands once as many directors released
// exactly its content as the company's rule demands. It supersedes and is
// superseded, and is never overwritten.
type Decision struct {
	ID, Company, Theme int64
	Verdict            Verdict
	When               time.Time         // for Later: the day by which we come back to it
	Reason             map[string]string // by language; one sentence
	By                 int64             // who proposed it
	Made               time.Time
	Stands             time.Time // zero while it is a proposal
	Supersedes         int64
	SupersededBy       int64
}

// An Answer goes back to one voice.
type Answer struct {
	ID, Company int64
	Voice       int64
	Identity    int64
	Theme       int64
	Decision    int64
	Channel     int64 // through which it goes; 0 if by hand
	Network     string
	Lang        string
	Text        string
	State       AnswerState
	EditedBy    int64
	Why         string // why it failed, is handed over or withdrawn
	Token       string // names the public page "was I heard?"
	URL         string // where it can be read, once sent
	Made        time.Time
	Released    time.Time
	Sent        time.Time
}

// An AnswerState is one word for where an answer stands.
type AnswerState string

// The states of an answer.
const (
	Draft      AnswerState = "draft"
	Released   AnswerState = "released" // waits in the outbox
	Sent       AnswerState = "sent"
	HandedOver AnswerState = "handed" // prepared for one click by hand
	Failed     AnswerState = "failed"
	Withdrawn  AnswerState = "withdrawn"
)

// A Release is a director's recorded consent to exactly one content.
type Release struct {
	Company int64
	Subject Subject
	ID      int64  // of the subject
	Digest  string // SHA-256 in hex over the bytes that go out
	By      int64
	At      time.Time
}

// A Subject says what kind of thing a release or an audit entry is about.
type Subject string

// The subjects.
const (
	OfDecision Subject = "decision"
	OfAnswer   Subject = "answer"
	OfCompany  Subject = "company"
	OfMember   Subject = "member"
	OfChannel  Subject = "channel"
	OfQuery    Subject = "query"
	OfTheme    Subject = "theme"
	OfVoice    Subject = "voice"
	OfPerson   Subject = "person"
	OfStory    Subject = "story"
	OfVersion  Subject = "version"
	OfBlog     Subject = "blog"
)

// An Entry is one line of the log that only grows. Hash covers all other fields
// and Prev, the hash of the entry before; a later change shows.
type Entry struct {
	Company int64
	Seq     int64
	At      time.Time
	By      int64 // member; 0 is the machine
	Act     string
	Subject Subject
	ID      int64
	Detail  string // JSON
	Prev    string
	Hash    string
}
