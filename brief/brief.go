package brief

import (
	"time"

	"lastword"
)

// A Situation is all that a briefing is made from.
type Situation struct {
	Now     time.Time
	Minutes int // that the director gives
	Themes  []ThemeFact
	Totals  lastword.Totals
	Due     []lastword.Decision // standing "later" decisions whose day has come
	Care    []lastword.Person   // important, and long unheard or with open voices
	Alone   []lastword.VoiceRow // voices in no theme that wait for an answer
	Further bool                // there are more of them
}

// A ThemeFact is a theme with what makes it matter today.
type ThemeFact struct {
	lastword.Theme
	Daily     []int // voices a day, today last
	Important int   // sum of the weights of the people behind it
	Drafts    int   // answers to it that wait for a release
	Words     int   // words on its card and in its quotes; 0 if not known
}

// A Kind says what is to be done with an item.
type Kind string

// The kinds, in the order of a briefing.
const (
	Alarm   Kind = "alarm"   // a theme that is burning: look at it first
	Release Kind = "release" // drafted answers to a theme wait for a release
	Due     Kind = "due"     // the day of a "later" has come: decide anew
	Decide  Kind = "decide"  // a theme waits for its first decision
	Single  Kind = "single"  // a voice in no theme waits for its answer
	Check   Kind = "check"   // doubtful voices wait for a look
	Mend    Kind = "mend"    // answers failed and need a person
	Post    Kind = "post"    // posts of our own wait for a release, or failed
	Care    Kind = "care"    // a person to care for
	Hand    Kind = "hand"    // answers to be given by hand
	Know    Kind = "know"    // one thing worth knowing
)

// An Item is one thing to do. Only the ids that its kind is about are set.
type Item struct {
	Kind                    Kind
	Theme, Person, Decision int64
	Voice                   *lastword.VoiceRow // the single one
	Want                    lastword.Kinds     // what those behind it want most
	Title                   string             // the theme's or the person's name; may be empty
	Voices                  int                // voices or answers that it settles
	Further                 bool               // and there are more, which nobody counted
	Seconds                 int                // what it costs, as Cost tells
	Worth                   float64            // for comparing items only
}

// A Briefing is what fits, in the order to do it, and what does not. Voices to
// check and answers to give by hand or mend may be divided between the two; single
// voices are one by one among Items, and one item in Later.
type Briefing struct {
	Items, Later []Item
	Seconds      int // of Items together; never more than Minutes·60
	Minutes      int // as given, but not below none and not above a day
}

// Plan makes the briefing.
func Plan(s Situation) Briefing {
	all := candidates(s)
	b := Briefing{Minutes: min(24*60, max(0, s.Minutes))}
	in := fill(all, b.Minutes)
	for i, it := range all {
		if in[i] {
			b.Items = add(b.Items, it)
			b.Seconds += it.Seconds
		} else {
			it.Voice = nil
			it.Further = s.Further && it.Kind == Single
			b.Later = add(b.Later, it)
		}
	}
	return b
}

// add appends an item, or adds it to the last one if it is more of the same.
func add(items []Item, it Item) []Item {
	if len(items) > 0 {
		last := &items[len(items)-1]
		same := last.Kind == it.Kind && last.Theme == it.Theme && last.Person == it.Person && last.Decision == it.Decision && it.Voice == nil
		if same {
			last.Voices += it.Voices
			last.Seconds += it.Seconds
			last.Worth += it.Worth
			return items
		}
	}
	return append(items, it)
}
