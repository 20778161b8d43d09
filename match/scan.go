package match

import "unicode/utf8"

// What the tables say of a character: in the low byte the letter it folds to,
// and above it what else there is to know. 0 is a gap.
const (
	isVowel   = 1 << 8 // a plain a, o or u: an e after it may make an umlaut
	isE       = isVowel << 1
	isSkip    = 1 << 10 // counts as not there
	isMark    = 1 << 11 // counts as not there, but changes the letter before
	isSlow    = 1 << 12 // begins or goes on a word that only the reader can fold
	isSigil   = 1 << 13 // # or @
	isWide    = 1 << 14 // is not ASCII
	isSpecial = isSkip  // the least of what is not a letter that a table folds
)

// lastLatin ends the range of letters that a table folds.
const lastLatin = 0x250

var (
	asciiTable = newASCIITable()
	latinTable = newLatinTable() // from utf8.RuneSelf on
)

func newASCIITable() (t [256]uint16) {
	for c := range t {
		if c < utf8.RuneSelf {
			t[c] = tableEntry(rune(c))
		} else {
			t[c] = isWide
		}
	}
	t['#'], t['@'] = isSigil, isSigil
	return t
}

func newLatinTable() (t [lastLatin - utf8.RuneSelf]uint16) {
	for i := range t {
		t[i] = tableEntry(rune(i + utf8.RuneSelf))
	}
	return t
}

// tableEntry says of one character what classOf and fold say.
func tableEntry(r rune) uint16 {
	switch classOf(r) {
	case gap:
		return 0
	case skip:
		return entryOfSkip(r)
	case solo:
		return isSlow
	}
	units := fold(nil, r)
	switch {
	case len(units) != 1 || units[0].r >= utf8.RuneSelf:
		return isSlow
	case units[0].r == 'e':
		return 'e' | isE
	case !units[0].made && doubles(unit{}, units[0]):
		return uint16(units[0].r) | isVowel
	}
	return uint16(units[0].r)
}

func entryOfSkip(r rune) uint16 {
	if r == diaeresis {
		return isMark
	}
	return isSkip
}

// wide reads the character at text[i], which is not ASCII. An ß has two bytes
// and folds to two letters: each byte is read as one.
func wide(text string, i int) (entry uint16, size int) {
	r, size := utf8.DecodeRuneInString(text[i:])
	switch {
	case r == utf8.RuneError:
		if i > 0 && text[i-1:i+1] == "ß" {
			return 's', 1
		}
		return 0, size
	case r == 'ß':
		return 's', 1
	case r < lastLatin:
		return latinTable[r-utf8.RuneSelf], size
	}
	switch classOf(r) {
	case gap:
		return 0, size
	case skip:
		return entryOfSkip(r), size
	}
	return isSlow, size
}

// scan takes a text to words and keeps the hash of each.
func (m *matcher) scan(text string) {
	m.text = append(append(m.text[:0], text...), padding[:]...)
	glued := false // a word ended right here: what follows is no sigil
	for i := 0; i < len(text); {
		e := asciiTable[m.text[i]]
		switch {
		case e == 0:
			i++
			glued = false
		case e >= isSpecial:
			i, glued = m.special(text, i, glued)
		default:
			h, folded, n := hashShort(m.text[i:])
			if n == 0 {
				i, glued = m.word(text, i, 0)
				continue
			}
			m.hashes = append(m.hashes, h)
			if m.set.wild != nil && m.set.wild.may(folded) {
				m.lookWild(m.refold(text[i:i+n]), 0)
			}
			i += n
			glued = true
		}
	}
}

// special reads on from text[i], which is a sigil or not ASCII.
func (m *matcher) special(text string, i int, glued bool) (int, bool) {
	opens, size := opener(text, i, glued)
	switch {
	case !opens:
		return i + size, false
	case asciiTable[text[i]] == isSigil:
		return m.word(text, i+1, text[i])
	}
	return m.word(text, i, 0)
}

// opener reports whether a word starts at text[i], which is a sigil or not
// ASCII, and if not, how much to step over.
func opener(text string, i int, glued bool) (opens bool, size int) {
	if asciiTable[text[i]] == isSigil {
		if glued || i+1 == len(text) {
			return false, 1
		}
		e, _ := entryAt(text, i+1)
		return begins(e), 1
	}
	e, size := wide(text, i)
	return begins(e), size
}

// entryAt reads the character at text[i].
func entryAt(text string, i int) (entry uint16, size int) {
	if e := asciiTable[text[i]]; e != isWide {
		return e, 1
	}
	return wide(text, i)
}

// begins reports whether a word can begin with a character of this entry.
func begins(entry uint16) bool { return entry&0xFF != 0 || entry == isSlow }

// word takes the word at text[i] and returns where to read on, and whether the
// word was glued to what follows.
func (m *matcher) word(text string, i int, sigil byte) (next int, glued bool) {
	h, next, slow := m.hashWord(text, i)
	if !slow {
		m.keep(h, sigil)
		if m.set.wild != nil {
			m.lookWild(m.refold(text[i:next]), sigil)
		}
		return next, true
	}
	w := m.reader.word(text, i, false)
	if len(w.fold) > 0 {
		m.keep(hashBytes(w.fold), sigil)
		if m.set.wild != nil {
			m.lookWild(w.fold, sigil)
		}
	}
	return w.next, !w.alone
}

// keep keeps the hash of the next word.
func (m *matcher) keep(h uint64, sigil byte) {
	if sigil != 0 && m.set.sigils {
		m.sigils = append(m.sigils, signed{len(m.hashes), sigil})
	}
	m.hashes = append(m.hashes, h)
}

// refold returns the folded bytes of a word that hashWord could fold.
func (m *matcher) refold(word string) []byte {
	m.fold = m.fold[:0]
	for i := 0; i < len(word); {
		e, size := entryAt(word, i)
		i += size
		if e&0xFF != 0 {
			m.fold = append(m.fold, byte(e))
		}
	}
	return m.fold
}
