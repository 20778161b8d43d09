package page

import (
	"github.com/a-h/templ"
	"time"

	"lastword"
	"lastword/web/draw"
)

// A ThemeView is a theme with all that a decision needs.
type ThemeView struct {
	Theme     lastword.Theme
	Quotes    []lastword.VoiceRow
	People    int
	Important []lastword.Person // the most important behind it
	Networks  []Share
	Tongues   []Share
	Trend     Trend
	Stands    *Word // the decision that stands
	Proposal  *Word // one that waits for a director
	Past      []Word
	Decide    DecideView
	Drafts    DraftsView
	Delivery  DeliveryView
	Alike     []lastword.Theme // themes that may want the same
	Others    []lastword.Theme // all further themes to merge into
	Renaming  Mistakes
	Wording   lastword.Wording   // by a language model; a zero one says nothing
	CheckTime int                // seconds the check of the doubtful voices takes
	Asks      *PairView          // a theme that may want the same, or nil
	Odd       *lastword.VoiceRow // a voice that hardly belongs, or nil
}

// A PairView is two themes that may want the same; on a theme's page, A is that one.
type PairView struct {
	A, B lastword.Theme
	Next string // where to go on
}

// A Share is how many voices are of one kind.
type Share struct {
	Name string
	N    int
}

// A Trend is voices a day by network.
type Trend struct {
	Stack draw.Stack
	From  time.Time
	Until time.Time
	Weeks []Week
}

// A Week is a row of the table behind a trend.
type Week struct {
	From   time.Time
	Counts []int // in the order of the stack's layers
}

// A Word is a decision with who made it.
type Word struct {
	lastword.Decision
	By      string
	Digest  string
	Waits   []string // directors whose consent is still missing
	Mine    bool     // the reader has consented already
	Reasons string   // in the reader's language, else in any
	Theme   string
	ThemeID int64
	Want    lastword.Kinds // of the theme's voices
}

// A DecideView is the form of a decision.
type DecideView struct {
	Action   string
	Open     bool // the form is shown: nothing stands, or it is being changed
	Verdict  lastword.Verdict
	When     string
	Want     lastword.Kinds // what most of its voices want
	Why      string         // the chosen fixed reason: "<verdict>.<want>.<index>"
	Verdicts []VerdictView
	Tongues  []ReasonField // the reader's language first
	Answers  int           // how many would be drafted
	Propose  bool          // the reader may only propose
	Seen     int64         // decision that stood when the form was shown
	Mistakes Mistakes
}

// wrongTongue reports whether something is wrong in a language that is folded away.
func (v DecideView) wrongTongue() bool {
	for i, t := range v.Tongues {
		if i > 0 && v.Mistakes.For("reason."+t.Lang) != nil {
			return true
		}
	}
	return false
}

// A VerdictView is one verdict with the reasons to choose from.
type VerdictView struct {
	Verdict lastword.Verdict
	Reasons []ReasonView
}

// A ReasonView is one fixed reason in every language that the form asks for.
type ReasonView struct {
	Value string // "<verdict>.<index>"
	Text  string // in the reader's language
	By    []Hidden
}

// A ReasonField is the reason in one language.
type ReasonField struct {
	Lang   string
	Voices int
	Value  string
}

// A DraftsView is the answers that wait for release.
type DraftsView struct {
	Decision int64
	Total    int
	Samples  []Sample
	Set      string   // digest over all that would be released
	Over     int      // drafts too long for their network
	Waits    []string // further directors who must release
	Mine     bool     // the reader has released these already
}

// A Sample is one draft as it will look, standing for those like it.
type Sample struct {
	Row   lastword.AnswerRow
	Count int
	Ruler Ruler
	All   string // where all of them are
}

// A Ruler is how long a text is, as its network counts.
type Ruler struct {
	Used, Limit int
	Unit        lastword.Unit
	Over        bool
	Parts       []string // where it goes out as a thread
}

// A DeliveryView is how far released answers have come.
type DeliveryView struct {
	Decision                      int64
	Total                         int
	Sent, Outbox, Hand, Bad, Gone int
	PerMinute                     int
	Left                          int // seconds until the outbox is empty, 0 if not known
	Undo                          int // answers that can still be taken back
}

// Ratio says how many of how many, for a progress bar.
func (d DeliveryView) Ratio() (done, all int) { return d.Sent + d.Hand + d.Gone, d.Total }

// layerName names a layer of the trend: a network, or the rest.
func (f *Frame) layerName(l draw.Layer) string { return f.Network(l.Name) }

// reasonData carries a fixed reason in each language to the script.
func reasonData(r ReasonView) templ.Attributes {
	a := templ.Attributes{}
	for _, one := range r.By {
		a["data-in-"+one.Name] = one.Value
	}
	return a
}
