package lastword

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Courier is the address of another program of the company, that is told what
// happens here (Standard Webhooks). It is off until a director has seen what
// leaves the house.
type Courier struct {
	Company int64
	Address string
	Key     string       // "whsec_…", decrypted; never logged or exported
	Former  string       // the one before, while both are good
	Keyed   bool         // there is one
	Kinds   []NoticeKind // of which it is told
	Query   int64        // tells only of voices that it wants; 0: of all
	Theme   int64        // tells only of its decision and answers; 0: of all
	Private bool         // tells of voices that are not public too
	On      bool
}

// Digest names what a director agrees to who switches a courier on: where things
// go, and which.
func (c Courier) Digest() string {
	kinds := make([]string, len(c.Kinds))
	for i, k := range c.Kinds {
		kinds[i] = string(k)
	}
	slices.Sort(kinds)
	return digest("courier", strconv.FormatInt(c.Company, 10), c.Address, strings.Join(kinds, " "),
		strconv.FormatInt(c.Query, 10), strconv.FormatInt(c.Theme, 10), strconv.FormatBool(c.Private))
}

// Wants reports whether a kind is told. Who is told of voices is told when they
// are gone, too.
func (c Courier) Wants(k NoticeKind) bool {
	if k == VoiceGone {
		k = VoiceHeard
	}
	return c.On && slices.Contains(c.Kinds, k)
}

// A NoticeKind is what a notice tells.
type NoticeKind string

// The kinds of notice. A director chooses among NoticeKinds.
const (
	VoiceHeard      NoticeKind = "voice.heard"
	VoiceGone       NoticeKind = "voice.gone" // deleted at its source, or erased: whoever keeps it forgets it
	ThemeDecided    NoticeKind = "theme.decided"
	AnswerDelivered NoticeKind = "answer.delivered"
	AnswerFailed    NoticeKind = "answer.failed"
	TestNotice      NoticeKind = "test"
)

// NoticeKinds are those that can be chosen.
var NoticeKinds = [4]NoticeKind{VoiceHeard, ThemeDecided, AnswerDelivered, AnswerFailed}

// NoticeFresh is how long after it was said a voice is news: of what is imported
// of the past no other program is told.
const NoticeFresh = 48 * time.Hour

// A Notice is one thing that a courier is told, or was.
type Notice struct {
	Company, ID int64
	Kind        NoticeKind
	Subject     int64 // a voice, a decision, an answer: what Kind says
	Made        time.Time
	State       NoticeState
	Attempts    int
	Tried       time.Time
	Code        int    // how the other program answered last; 0: not at all
	Why         string // a key of the catalogue, where it did not arrive
}

// A NoticeState is one word for where a notice stands.
type NoticeState string

// The states of a notice.
const (
	NoticeWaits   NoticeState = "waiting"
	NoticeSent    NoticeState = "sent"
	NoticeFailed  NoticeState = "failed"
	NoticeDropped NoticeState = "dropped" // there is nothing to tell any more
)

// A CourierTrial is what came of calling a courier's address once.
type CourierTrial struct {
	Tried bool
	Code  int    // how it answered; 0: not at all
	Why   string // a key of the catalogue; empty: it was taken
}

// A Telling is a notice with all that it says, as it is now. What Kind does not
// name is zero.
type Telling struct {
	Notice
	Courier  Courier
	Voice    VoiceRow
	Queries  []string // names of those that want the voice
	Theme    Theme
	Decision Decision
	Answer   Answer
}
