package match

import "math/bits"

// Words are known by 64 bits, of which a table compares 36 beside the place where
// it keeps them: of words that nobody asked for, about one in 10^11 is taken for
// one that somebody did.
const (
	hashSeed  = 0x9E3779B97F4A7C15
	hashBlock = 0xD6E8FEB86659FD93
	hashEnd   = 0xA0761D6478BD642F
)

// mix folds a 128-bit product.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashBytes hashes a folded word, eight bytes at a time. hashWord does the same
// to a text while it folds.
func hashBytes(word []byte) uint64 {
	h, w, shift := uint64(hashSeed), uint64(0), uint(0)
	for _, c := range word {
		w |= uint64(c) << shift
		if shift += 8; shift == 64 {
			h, w, shift = mix(h^w, hashBlock), 0, 0
		}
	}
	return mix(h^w, hashEnd^uint64(shift))
}

// hashSigil makes the hash of #word or @word of the word's own.
func hashSigil(h uint64, sigil byte) uint64 { return mix(h^uint64(sigil), hashBlock) }

// A dict finds the number of a hash. Before its table stand bits that say of
// most hashes at once that they are not in it.
type dict struct {
	bits      []uint64
	bitShift  uint
	slots     []uint64 // hash<<idBits | id; 0 is empty
	slotShift uint
}

// idBits is what a slot keeps for the number: terms are numbered below 1<<idBits.
const idBits = 28

// newDict makes a dict of hashes and their numbers, which are not 0; numbers of
// nil count them from 1. A hash of 0 is left out.
func newDict(hashes []uint64, numbers []uint32) dict {
	size := uint(bits.Len(uint(len(hashes)*3/2 + 1))) // at most two thirds full
	d := dict{
		slots: make([]uint64, 1<<size), slotShift: 64 - size,
		bits: make([]uint64, max(1, 1<<size>>3)), bitShift: 64 - max(6, size+3),
	}
	for i, h := range hashes {
		switch {
		case h == 0:
		case numbers != nil:
			d.put(h, numbers[i])
		default:
			d.put(h, uint32(i+1))
		}
	}
	return d
}

func (d *dict) put(h uint64, id uint32) {
	bit := h >> d.bitShift
	d.bits[bit>>6] |= 1 << (bit & 63)
	i := h >> d.slotShift
	for d.slots[i] != 0 {
		i = (i + 1) & uint64(len(d.slots)-1)
	}
	d.slots[i] = h<<idBits | uint64(id)
}

// get returns the number of h, or 0.
func (d *dict) get(h uint64) uint32 {
	bit := h >> d.bitShift
	if d.bits[bit>>6]>>(bit&63)&1 == 0 {
		return 0
	}
	return d.find(h)
}

func (d *dict) find(h uint64) uint32 {
	i := h >> d.slotShift
	for {
		s := d.slots[i]
		if s>>idBits == h<<idBits>>idBits {
			return uint32(s & (1<<idBits - 1))
		}
		if s == 0 {
			return 0
		}
		i = (i + 1) & uint64(len(d.slots)-1)
	}
}
