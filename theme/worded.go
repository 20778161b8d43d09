package theme

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword"
	"lastword/internal/text"
)

const (
	mostShown     = 20  // voices that a language model is shown
	mostSentences = 4   // of a summary
	longSentence  = 240 // characters
	longWorded    = 60  // characters of a name
	mostWords     = 7   // of a name
)

// WordingAsk asks for a name and a summary of voices that want the same. They are
// told to the model by their places among shown, from 1.
func WordingAsk(c lastword.Company, shown []lastword.Voice) lastword.Ask {
	a := lastword.Ask{Name: "theme", Most: 900, Task: fmt.Sprintf(
		"The texts are what customers said who seem to want the same thing. Write in %s. "+
			"\"name\": what they want as a short noun phrase of two to six words, as a managing director would call it; no sentence, no quotation, no name of a person or of the company. "+
			"\"summary\": up to %d short sentences that sum up what is said; each with the ids of the texts that say so in \"voices\", "+
			"and in \"quotes\" the id and words of one of them, copied exactly, or nothing. No numbers that are not in these texts, no advice, no guess at what the company will do.",
		tongueName(c.Lang), mostSentences)}
	for i, v := range shown {
		a.Data = append(a.Data, lastword.Datum{ID: i + 1, Lang: v.Language, Text: ItemOf(v).Text})
	}
	whole := map[string]any{"type": "integer"}
	words := map[string]any{"type": "string"}
	a.Shape = object(map[string]any{
		"name": words,
		"summary": list(object(map[string]any{
			"text": words, "voices": list(whole),
			"quotes": list(object(map[string]any{"voice": whole, "words": words})),
		})),
	})
	return a
}

func object(fields map[string]any) map[string]any {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return map[string]any{"type": "object", "additionalProperties": false, "required": names, "properties": fields}
}

func list(of any) map[string]any { return map[string]any{"type": "array", "items": of} }

func tongueName(lang string) string {
	if lang == "de" {
		return "German"
	}
	return "English"
}

// Worded is what a language model says of a theme: foreign text.
type Worded struct {
	Name    string `json:"name"`
	Summary []struct {
		Text   string `json:"text"`
		Voices []int  `json:"voices"`
		Quotes []struct {
			Voice int    `json:"voice"`
			Words string `json:"words"`
		} `json:"quotes"`
	} `json:"summary"`
}

// Checked returns what of it holds: a name, or none, and those sentences that keep
// to the voices which they name. shown are the voices that the model was asked
// about.
func (w Worded) Checked(c lastword.Company, shown []lastword.Voice) (name string, sentences []lastword.Sentence) {
	for _, s := range w.Summary {
		if len(sentences) == mostSentences {
			break
		}
		sentence := lastword.Sentence{Text: oneLine(s.Text)}
		for _, n := range s.Voices {
			if n >= 1 && n <= len(shown) && !slices.Contains(sentence.Voices, shown[n-1].ID) {
				sentence.Voices = append(sentence.Voices, shown[n-1].ID)
			}
		}
		for _, q := range s.Quotes {
			if n := q.Voice; n >= 1 && n <= len(shown) {
				sentence.Quotes = append(sentence.Quotes, lastword.Quoted{Voice: shown[n-1].ID, Words: q.Words})
			}
		}
		again := slices.ContainsFunc(sentences, func(o lastword.Sentence) bool { return o.Text == sentence.Text })
		if sentence, ok := held(sentence, shown, c.Lang); ok && !again {
			sentences = append(sentences, sentence)
		}
	}
	return goodName(w.Name, c.Lang, shown), sentences
}

// Standing returns what of a summary still holds, where its voices may have changed
// or gone since: sentences of which every voice is among those given, and quotes
// that still stand in them.
func Standing(sentences []lastword.Sentence, lang string, voices []lastword.Voice) []lastword.Sentence {
	var out []lastword.Sentence
	for _, s := range sentences {
		all := !slices.ContainsFunc(s.Voices, func(id int64) bool { return voiceOf(voices, id) == nil })
		if s, ok := held(s, voices, lang); ok && all {
			out = append(out, s)
		}
	}
	return out
}

func voiceOf(voices []lastword.Voice, id int64) *lastword.Voice {
	i := slices.IndexFunc(voices, func(v lastword.Voice) bool { return v.ID == id && public(v) })
	if i < 0 {
		return nil
	}
	return &voices[i]
}

// held returns a sentence with those of its quotes that are exact, and whether it
// may be shown: it names voices, says nothing that they cannot have said, and reads
// as nobody's order.
func held(s lastword.Sentence, voices []lastword.Voice, lang string) (lastword.Sentence, bool) {
	said, near := "", false
	for _, id := range s.Voices {
		v := voiceOf(voices, id)
		if v == nil {
			return s, false
		}
		said += ItemOf(*v).Text + "\n"
		near = near || v.Language != lang || shares(s.Text, *v)
	}
	n := utf8.RuneCountInString(s.Text)
	if len(s.Voices) == 0 || !near || n < 10 || n > longSentence || !speaks(lang, s.Text) ||
		orders(s.Text) || counts(s.Text, said) || !plain(s.Text) || !exact(s.Text, said) {
		return s, false
	}
	s.Quotes = slices.DeleteFunc(slices.Clone(s.Quotes), func(q lastword.Quoted) bool {
		v := voiceOf(voices, q.Voice)
		return v == nil || !slices.Contains(s.Voices, q.Voice) || utf8.RuneCountInString(q.Words) < 3 ||
			strings.TrimSpace(q.Words) != q.Words || !strings.Contains(v.Text, q.Words)
	})
	return s, true
}

// exact reports whether everything that a sentence puts into quotation marks was
// said word for word.
func exact(s, said string) bool {
	for {
		from := strings.IndexFunc(s, quotes)
		if from < 0 {
			return true
		}
		_, size := utf8.DecodeRuneInString(s[from:])
		rest := s[from+size:]
		to := strings.IndexFunc(rest, quotes)
		if to < 0 || strings.TrimSpace(rest[:to]) == "" || !strings.Contains(said, rest[:to]) {
			return false
		}
		_, size = utf8.DecodeRuneInString(rest[to:])
		s = rest[to+size:]
	}
}

func quotes(r rune) bool { return strings.ContainsRune("\"„“”«»‹›‚‘", r) }

// plain reports whether a text is prose: no addresses, accounts or markup, and no
// character that hides.
func plain(s string) bool {
	if text.Clean(s) != s || strings.ContainsAny(s, "<>{}[]|`\\*_#@=") {
		return false
	}
	return !slices.ContainsFunc(text.Tokens(s), func(t text.Token) bool { return t.Kind == text.URL || t.Kind == text.Mention })
}

// counts reports whether a text gives a number that none of the voices gave. The
// model counts nothing: numbers of voices are the program's.
func counts(s, said string) bool {
	known := map[string]bool{}
	for _, t := range text.Tokens(said) {
		known[t.Text] = true
	}
	for _, t := range text.Tokens(s) {
		number := t.Kind == text.Number || strings.ContainsFunc(t.Text, unicode.IsDigit) || numeral(t.Text)
		if number && !known[t.Text] {
			return true
		}
	}
	return false
}

func numeral(word string) bool {
	switch word {
	case "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dutzend", "dutzende", "hundert",
		"hunderte", "tausend", "tausende", "prozent", "hälfte", "drittel", "viertel", "mehrheit", "meisten",
		"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "dozen", "dozens", "hundred", "hundreds",
		"thousand", "thousands", "percent", "half", "third", "quarter", "majority":
		return true
	}
	return strings.Contains(word, "%")
}

// orders reports whether a text sounds as if it told somebody what to do with this
// program, or what was decided: neither is a model's to say.
func orders(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(orderly[:], func(w string) bool { return strings.Contains(s, w) })
}

var orderly = [...]string{
	"ignor", "instruction", "anweisung", "prompt", "system:", "assistant", "developer", "override", "approve", "genehmig", "freigeb", "freigabe",
	"release all", "entschieden", "entscheidung", "beschlossen", "zugesagt", "versprochen", "decided", "decision", "promised", "</",
}

// speaks reports whether a text seems to be in a language: no more of its small
// words belong to another.
func speaks(lang, s string) bool {
	own, other, words := 0, 0, text.Words(s)
	for _, w := range words {
		here, there := text.Stop(lang, w), false
		for _, l := range [2]string{"de", "en"} {
			there = there || l != lang && text.Stop(l, w)
		}
		switch {
		case here && !there:
			own++
		case there && !here:
			other++
		}
	}
	return other <= own && (len(words) < 8 || own > 0)
}

// shares reports whether a text has a telling word in common with a voice.
func shares(s string, v lastword.Voice) bool {
	stems := stemsOf(v)
	return slices.ContainsFunc(text.Words(s), func(w string) bool {
		return !text.Stop(v.Language, w) && stems[stem(v.Language, w)]
	})
}

// goodName returns a name that may be proposed, or none: short, in the language,
// nobody's quotation or order, and not the words of a single voice alone, which may
// have been said for that.
func goodName(name, lang string, shown []lastword.Voice) string {
	name = strings.TrimRight(oneLine(name), ".")
	n, words := utf8.RuneCountInString(name), text.Words(name)
	switch {
	case n < 3 || n > longWorded || len(words) == 0 || len(words) > mostWords,
		strings.ContainsAny(name, ".!?:;") || strings.ContainsFunc(name, quotes) || !plain(name),
		orders(name) || counts(name, allSaid(shown)) || !speaks(lang, name) || oneVoice(words, lang, shown):
		return ""
	}
	return name
}

func allSaid(voices []lastword.Voice) string {
	all := ""
	for _, v := range voices {
		all += ItemOf(v).Text + "\n"
	}
	return all
}

// oneVoice reports whether all telling words of a name are those of one voice and
// of no other.
func oneVoice(words []string, lang string, shown []lastword.Voice) bool {
	by, telling := map[int64]int{}, 0
	elsewhere := false
	for _, w := range words {
		if text.Stop(lang, w) {
			continue
		}
		telling++
		var has []int64
		for _, v := range shown {
			if stemsOf(v)[stem(v.Language, w)] {
				has = append(has, v.ID)
			}
		}
		if len(has) == 1 {
			by[has[0]]++
		}
		elsewhere = elsewhere || len(has) > 1
	}
	for _, n := range by {
		if n == telling && !elsewhere {
			return true
		}
	}
	return false
}

func oneLine(s string) string { return strings.Join(strings.Fields(text.Clean(s)), " ") }
