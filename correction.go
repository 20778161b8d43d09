package lastword

import (
	"strings"
	"time"
)

// A Meaning is what a person can put right of a voice.
type Meaning struct {
	Kinds   Kinds
	Feeling Feeling
}

// String returns the meaning in the words that ParseMeaning reads.
func (m Meaning) String() string { return m.Kinds.String() + " " + m.Feeling.String() }

// ParseMeaning reads what Meaning.String writes, and reports whether it is such.
func ParseMeaning(s string) (Meaning, bool) {
	kinds, feeling, _ := strings.Cut(s, " ")
	var m Meaning
	if kinds != Kinds(0).String() {
		for name := range strings.SplitSeq(kinds, "+") {
			k, ok := KindNamed(name)
			if !ok {
				return Meaning{}, false
			}
			m.Kinds |= k
		}
	}
	for _, f := range []Feeling{Negative, Neutral, Positive} {
		if f.String() == feeling {
			m.Feeling = f
			return m, true
		}
	}
	return Meaning{}, false
}

// KindNamed returns the one kind of that name.
func KindNamed(name string) (Kinds, bool) {
	for _, k := range AllKinds {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}

// A Correction is a person's word on what the machine understood of a voice.
type Correction struct {
	ID, Company int64
	Of          VoiceRow
	Was, Now    Meaning
	By          int64 // the member who said so
	At          time.Time
	Undone      time.Time // zero while it holds
	UndoneBy    int64
}

// A Lesson is what a company teaches by the corrections of one voice that hold:
// what it was taken for before the first, and what it is since the last.
type Lesson struct {
	Voice    int64
	Post     Post
	Was, Now Meaning
}
