package theme

import (
	"encoding/binary"
	"math"
	"slices"

	"lastword"
)

// A savedCentre is a centre as a model keeps it: a byte a number. Nil is none.
type savedCentre struct {
	space  uint32
	weight float32
	scale  float32 // of the sum's largest number, in 127ths
	at     lastword.Direction
}

func (c *centre) saved() *savedCentre {
	if c.in == nil || c.weight <= 0 {
		return nil
	}
	most := float32(0)
	for _, x := range c.sum {
		most = max(most, abs(x))
	}
	s := &savedCentre{space: c.in.name, weight: c.weight, scale: max(most, 1e-9) / math.MaxInt8, at: make(lastword.Direction, len(c.sum))}
	for i, x := range c.sum {
		s.at[i] = int8(math.Round(float64(x / s.scale)))
	}
	return s
}

// revived is a centre in the machine's space; one of another space is none.
func (s *savedCentre) revived(in *Space) centre {
	if s == nil || in == nil || s.space != in.name || len(s.at) != in.dims {
		return centre{}
	}
	c := centre{in: in, sum: make([]float32, in.dims), weight: s.weight}
	addDirection(c.sum, s.at, s.scale)
	return c
}

// plus is the centre of the voices of both; of different spaces, the one of more.
func (s *savedCentre) plus(o *savedCentre) *savedCentre {
	switch {
	case o == nil:
		return s
	case s == nil:
		return o
	case s.space != o.space || len(s.at) != len(o.at):
		if o.weight > s.weight {
			return o
		}
		return s
	}
	in := &Space{name: s.space, dims: len(s.at)}
	c, more := s.revived(in), o.revived(in)
	for i, x := range more.sum {
		c.sum[i] += x
	}
	c.weight += more.weight
	return c.saved()
}

// append writes how many numbers there are, 0 for no centre, and then all of it.
func (s *savedCentre) append(b []byte) []byte {
	if s == nil {
		return binary.AppendUvarint(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(s.at)))
	b = binary.LittleEndian.AppendUint32(b, s.space)
	for _, f := range [2]float32{s.weight, s.scale} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	for _, x := range s.at {
		b = append(b, byte(x))
	}
	return b
}

// longestDirection is how many numbers a model's centre has at the most.
const longestDirection = 4096

func (r *reader) centre() *savedCentre {
	n := int(r.count(longestDirection))
	if r.bad || n == 0 {
		return nil
	}
	s := &savedCentre{space: r.word(), weight: math.Float32frombits(r.word()), scale: math.Float32frombits(r.word())}
	if sum := s.weight + s.scale; sum-sum != 0 || s.weight <= 0 || s.scale <= 0 { // not a number, or without end
		r.bad = true
		return nil
	}
	for _, x := range slices.Clone(r.take(n)) {
		s.at = append(s.at, int8(x))
	}
	return s
}
