package match

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes of a text are judged at a time, each in its own lane of a 64-bit
// number; a lane's highest bit says yes.
const (
	lanes = 0x0101010101010101
	high  = 0x80 * lanes
)

// padding stands behind a text, so that eight bytes can be read anywhere in it.
// Its zeros are gaps.
var padding [8]byte

func load(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// atLeast says which lanes, all below 0x80, are c or more.
func atLeast(x uint64, c byte) uint64 { return x + (0x80-uint64(c))*lanes }

// differs says which lanes, all below 0x80, are not c.
func differs(x uint64, c byte) uint64 { return (x ^ uint64(c)*lanes) + 0x7F*lanes }

// classify says which lanes are ASCII letters, and which are letters, digits or
// underscores.
func classify(chunk uint64) (letters, inWord uint64) {
	x := chunk &^ high
	lower := x | 0x20*lanes
	letters = atLeast(lower, 'a') &^ atLeast(lower, 'z'+1)
	digits := atLeast(x, '0') &^ atLeast(x, '9'+1)
	return letters &^ chunk & high, (letters | digits | ^differs(x, '_')) &^ chunk & high
}

// hashShort folds and hashes the word at the start of b, if it is of at most
// seven plain letters; that is most words. Otherwise size is 0. Folded has the
// letters, the first lowest.
func hashShort(b []byte) (h, folded uint64, size int) {
	chunk := load(b)
	letters, inWord := classify(chunk)
	n := uint(bits.TrailingZeros64(inWord^high)) &^ 7
	if n == 64 || b[n/8] >= 0x80 {
		return 0, 0, 0
	}
	folded = (chunk | letters>>2) & (1<<n - 1)
	vowels := high &^ (differs(folded, 'a') & differs(folded, 'o') & differs(folded, 'u'))
	if vowels<<8&^differs(folded, 'e') != 0 {
		return 0, 0, 0
	}
	return mix(hashSeed^folded, hashEnd^uint64(n)), folded, int(n / 8)
}

// hashWord folds and hashes the word that starts at m.text[i]. Where slow is
// true it has met what only the reader can fold, and h and next mean nothing.
func (m *matcher) hashWord(text string, i int) (h uint64, next int, slow bool) {
	h = hashSeed
	var w, doubled, vowel uint64 // vowel: the letter before was one
	shift := uint(0)
	for {
		chunk := load(m.text[i:])
		letters, inWord := classify(chunk)
		n := uint(bits.TrailingZeros64(inWord^high)) &^ 7 // 8 bits a byte of the word
		folded := (chunk | letters>>2) & (1<<n - 1)
		vowels := high &^ (differs(folded, 'a') & differs(folded, 'o') & differs(folded, 'u'))
		doubled |= (vowels<<8 | vowel) &^ differs(folded, 'e') & high
		w |= folded << shift
		if shift += n; shift >= 64 {
			h = mix(h^w, hashBlock)
			shift -= 64
			w = folded >> (n - shift)
		}
		i += int(n / 8)
		if n == 64 {
			vowel = vowels >> 63 << 7
			continue
		}
		if m.text[i] < 0x80 {
			break
		}
		entry, size := wide(text, i)
		if entry >= isSpecial && entry != isSkip {
			return 0, 0, true
		}
		if entry == 0 {
			break
		}
		i += size
		if n > 0 {
			vowel = vowels >> (n - 1) & 1 << 7
		}
		if entry == isSkip {
			continue
		}
		doubled |= uint64(entry>>2) & vowel & 0x80
		vowel = uint64(entry>>1) & 0x80
		w |= uint64(entry&0xFF) << shift
		if shift += 8; shift == 64 {
			h, w, shift = mix(h^w, hashBlock), 0, 0
		}
	}
	return mix(h^w, hashEnd^uint64(shift)), i, doubled != 0
}
