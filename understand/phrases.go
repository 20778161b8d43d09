package understand

import "lastword/internal/text"

// readPhrases adds the signs that need several words of one sentence, to those
// that single words gave.
func readPhrases(c *cues, tokens []text.Token) {
	spoken := (c.has(cueMentionFirst) || c.has(cueYou)) && !c.has(cueLink) && !c.has(cueRetweet)
	for len(tokens) > 0 {
		n, asks := sentenceEnd(tokens)
		words := wordsOf(tokens[:n])
		tokens = tokens[n:]
		if phrased(words) {
			c.add(cueWishPhrase)
		}
		if asks && spoken && plainQuestion(words) {
			c.add(cuePlainQuestion)
		}
	}
}

// sentenceEnd returns how many tokens the first sentence has, and whether it
// asks.
func sentenceEnd(tokens []text.Token) (n int, asks bool) {
	for i, t := range tokens {
		if t.Kind != text.Punct {
			continue
		}
		switch t.Text {
		case "?":
			return i + 1, true
		case ".", "!", "…":
			return i + 1, false
		}
	}
	return len(tokens), false
}

func wordsOf(tokens []text.Token) []string {
	words := make([]string, 0, len(tokens))
	for _, t := range tokens {
		if t.Kind == text.Word {
			words = append(words, t.Text)
		}
	}
	return words
}

// phrased reports whether the words of a sentence put a wish into one of its
// set forms.
func phrased(words []string) bool {
	for i, w := range words {
		if before, within := wishForm(w); before != nil && follows(words[i+1:], within, before) {
			return true
		}
	}
	return false
}

// follows reports whether a word that is one of is among the next within words.
func follows(words []string, within int, is func(string) bool) bool {
	for _, w := range words[:min(within, len(words))] {
		if is(w) {
			return true
		}
	}
	return false
}

// wishForm returns what must follow a word, within how many words, to make a
// form of wish; nil if the word starts none.
func wishForm(word string) (follower func(string) bool, within int) {
	switch word {
	case "wäre", "wär", "fände", "fänd", "would":
		return welcome, 5
	case "könntet", "könnt", "könnten", "could":
		return urged, 4
	case "wünsche", "wünschen", "wünschte", "wish":
		return wisher, 3
	case "solltet":
		return addressed, 3
	case "bitte", "please", "pls", "plz":
		return demanded, 8
	}
	return nil, 0
}

func welcome(w string) bool {
	switch w {
	case "schön", "super", "toll", "gut", "cool", "klasse", "nett", "praktisch", "hilfreich", "besser", "wünschenswert",
		"freuen", "prima", "genial", "sinnvoll", "wichtig", "wünschen", "traum", "nice", "great", "good", "awesome",
		"helpful", "perfect", "love", "like", "better", "useful", "appreciate":
		return true
	}
	return false
}

func urged(w string) bool {
	switch w {
	case "nicht", "bitte", "mal", "auch", "vielleicht", "endlich", "please", "add":
		return true
	}
	return false
}

func addressed(w string) bool { return w == "ihr" || w == "unbedingt" || w == "endlich" }

func wisher(w string) bool {
	switch w {
	case "mir", "uns", "you", "there", "it":
		return true
	}
	return false
}

// demanded reports whether w is an imperative that asks for a change, or the
// infinitive or prefix that ends such a demand.
func demanded(w string) bool {
	switch w {
	case "add", "make", "fix", "bring", "include", "allow", "update", "let", "give", "support", "remove", "improve",
		"baut", "führt", "macht", "bringt", "gebt", "ändert", "stellt", "schafft", "lasst", "einführen", "anbieten",
		"reparieren", "ändern", "entfernen", "abschaffen", "einbauen", "verbessern", "sorgen", "endlich", "ein", "an":
		return true
	}
	return false
}

// plainQuestion reports whether a sentence that asks speaks to somebody, with a
// question word or its verb first.
func plainQuestion(words []string) bool {
	if len(words) < 2 || len(words) > 25 {
		return false
	}
	for i := range min(3, len(words)-1) {
		if askWord(words[i]) || commonVerb(words[i]) && subject(words[i+1]) {
			return true
		}
	}
	return false
}
