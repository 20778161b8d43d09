package match

import (
	"unicode/utf8"
)

// A token is one word of a text, folded, and where it stood.
type token struct {
	fold       string
	sigil      byte // '#' or '@' right before it, or 0
	start, end int  // bytes of the original text, sigil included
}

// A reader takes words from a text, rune by rune. It is kept for its memory.
type reader struct {
	units []unit
	fold  []byte
}

// A taken word; fold is valid until the next one is taken.
type taken struct {
	fold  []byte
	end   int  // after its last letter
	next  int  // after the marks that nobody sees, where to read on
	alone bool // by its script, not by a gap
}

// word takes the word that starts at text[i], which must be a letter or solo.
// Open says that the word may go on where text ends.
func (d *reader) word(text string, i int, open bool) taken {
	d.units = d.units[:0]
	w := taken{end: i, next: i}
	for w.next < len(text) && !w.alone {
		r, size := utf8.DecodeRuneInString(text[w.next:])
		c := classOf(r)
		if c == gap || c == solo && len(d.units) > 0 {
			break
		}
		w.next += size
		d.add(r, c)
		if c != skip {
			w.end, w.alone = w.next, c == solo
		}
	}
	d.units = undouble(d.units, open && w.next == len(text))
	d.fold = d.fold[:0]
	for _, u := range d.units {
		d.fold = utf8.AppendRune(d.fold, u.r)
	}
	w.fold = d.fold
	return w
}

func (d *reader) add(r rune, c class) {
	switch {
	case c == letter || c == solo:
		d.units = fold(d.units, r)
	case r == diaeresis && len(d.units) > 0:
		d.units[len(d.units)-1].made = true
	}
}

// split returns the words of a text in order. Open says that the last may go on.
func split(text string, open bool) []token {
	var tokens []token
	var d reader
	glued := false // a word ended right here: what follows is no sigil
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		start, sigil := i, byte(0)
		if (r == '#' || r == '@') && !glued && opensWord(text[i+1:]) {
			sigil = byte(r)
			i++
		} else if c := classOf(r); c == gap || c == skip {
			i += size
			glued = false
			continue
		}
		w := d.word(text, i, open)
		if len(w.fold) > 0 {
			tokens = append(tokens, token{fold: string(w.fold), sigil: sigil, start: start, end: w.end})
		}
		i, glued = w.next, !w.alone
	}
	return tokens
}

// opensWord reports whether text starts with a letter.
func opensWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	c := classOf(r)
	return c == letter || c == solo
}
