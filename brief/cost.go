package brief

import "math"

// An Effort is what an item asks of a director, in the terms of the keystroke
// level model (Card, Moran, Newell 1980).
type Effort struct {
	Words   int // to read
	Thought int // acts of mental preparation
	Keys    int // keys or clicks
	Waits   int // answers by the program
	Points  int // ways to a target with the pointer, for what is done elsewhere
}

// The constants of the model, in seconds. Reading is planned at 179 words a
// minute, as German is read aloud by younger adults: reading for a decision is
// slower than for pleasure.
const (
	wordsPerMinute = 179
	thought        = 1.35 // M
	key            = 0.28 // K at 40 words a minute
	wait           = 0.2  // R of our own pages
	point          = 1.1  // P
)

// Cost returns how many seconds an effort takes, rounded up:
//
//	T = 60·words/179 + 1.35·M + 0.28·K + 0.2·R + 1.1·P
//
// A card of 60 words, two quotes of 17 and a drafted answer of 45 with three
// thoughts, three keys and three waits are 52.1 s. The model is of practised use
// without errors.
func Cost(e Effort) int {
	seconds := 60*float64(e.Words)/wordsPerMinute + thought*float64(e.Thought) + key*float64(e.Keys) +
		wait*float64(e.Waits) + point*float64(e.Points)
	return int(math.Ceil(seconds))
}

// Words of what is read, where nothing is counted: the median German statement
// has 14 words, the mean 13, and few more than 19.
const (
	cardWords   = 60 + 2*17
	answerWords = 45
	quoteWords  = 17
	nameWords   = 5
)

// The efforts of single acts.
func decideEffort(words int) Effort {
	return Effort{Words: orElse(words, cardWords) + answerWords, Thought: 3, Keys: 3, Waits: 3}
}

// A voice by itself: to a question the answer is typed, some eight words.
func singleEffort(words int, asked bool) Effort {
	e := Effort{Words: nameWords + words + answerWords, Thought: 3, Keys: 3, Waits: 3}
	if asked {
		e.Keys += 45
	}
	return e
}

func releaseEffort() Effort {
	return Effort{Words: answerWords + nameWords + quoteWords, Thought: 1, Keys: 1, Waits: 1}
}

func checkEffort() Effort {
	return Effort{Words: quoteWords + nameWords, Thought: 1, Keys: 1, Waits: 1}
}

func careEffort() Effort {
	return Effort{Words: 40 + quoteWords, Thought: 2, Keys: 2, Waits: 1}
}

func mendEffort() Effort {
	return Effort{Words: quoteWords + nameWords, Thought: 2, Keys: 2, Waits: 2}
}

// By hand: copy, open the place, paste, send.
func handEffort() Effort {
	return Effort{Words: quoteWords, Thought: 2, Keys: 4, Waits: 4, Points: 3}
}

func postEffort() Effort {
	return Effort{Words: 80, Thought: 2, Keys: 2, Waits: 2}
}

func knowEffort() Effort { return Effort{Words: 30, Keys: 1, Waits: 1} }

func (e Effort) times(n int) Effort {
	return Effort{e.Words * n, e.Thought * n, e.Keys * n, e.Waits * n, e.Points * n}
}

func orElse(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}
