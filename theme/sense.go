package theme

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A Sense knows what words mean, as far as people's wishes go: each feature that
// it knows is a place among senses numbers, so that "my card has not come" is
// near "still waiting for the new card" although they share few words. A text
// lies where the sum of its features does. Made by [Learn]; never changed.
type Sense struct {
	ids   []uint32 // rising
	rows  []int8   // senses for each id
	scale []float32
	words int // ids of words; those of letter sequences follow
}

// senses is how many numbers say what a text means.
const senses = 64

// A meaning is the direction in which a text lies, of length 1, or zero where
// no feature is known.
type meaning [senses]float32

//go:embed model/sense.zst
var shippedSense []byte

// LoadSense returns the Sense that is part of the program, read once.
var LoadSense = sync.OnceValue(func() *Sense {
	s, err := decodeSense(shippedSense)
	if err != nil {
		return &Sense{} // without it words count as they stand; a test reads the file
	}
	return s
})

// find returns where a feature's meaning is, or -1. Ids are hashes, spread
// evenly over each half of their numbers, so the search begins near its end.
func (s *Sense) find(id uint32) int32 {
	const reach = 64 // places on either side where it nearly always is
	low, high := 0, s.words
	if id >= letters {
		low, high = s.words, len(s.ids)
	}
	guess := low + int(uint64(high-low)*uint64(id&^letters)>>31)
	for step := reach; ; step *= 8 {
		from, to := max(guess-step, low), min(guess+step, high)
		if at, ok := slices.BinarySearch(s.ids[from:to], id); ok {
			return int32(from + at)
		} else if at > 0 && at < to-from || from == low && to == high {
			return -1
		}
	}
}

// parted notes where the letter sequences begin among the ids.
func (s *Sense) parted() *Sense {
	s.words, _ = slices.BinarySearch(s.ids, letters)
	return s
}

// add puts the meaning that is there, times w, onto m.
func (s *Sense) add(m *meaning, at int32, w float32) {
	row := (*[senses]int8)(s.rows[int(at)*senses:])
	w *= s.scale[at]
	for i, x := range row {
		m[i] += w * float32(x)
	}
}

// unit scales a meaning to length 1.
func (m *meaning) unit() {
	square := float32(0)
	for _, x := range m {
		square += x * x
	}
	if square == 0 {
		return
	}
	by := 1 / float32(math.Sqrt(float64(square)))
	for i := range m {
		m[i] *= by
	}
}

func (m *meaning) dot(o *meaning) float32 {
	var a, b, c, d float32 // four sums at once: one waits for no other
	for i := 0; i < len(m); i += 4 {
		a += m[i] * o[i]
		b += m[i+1] * o[i+1]
		c += m[i+2] * o[i+2]
		d += m[i+3] * o[i+3]
	}
	return (a + b) + (c + d)
}

const senseVersion = 1

var errSense = errors.New("theme: damaged file of meanings")

// encode writes version, count, the ids, a scale for each and the rows,
// little-endian, compressed with Zstandard.
func (s *Sense) encode() ([]byte, error) {
	b := binary.LittleEndian.AppendUint32([]byte{senseVersion, senses}, uint32(len(s.ids)))
	for _, id := range s.ids {
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	for _, f := range s.scale {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	for _, x := range s.rows {
		b = append(b, byte(x))
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("theme: pack meanings: %w", err)
	}
	return w.EncodeAll(b, nil), w.Close()
}

func decodeSense(packed []byte) (*Sense, error) {
	r, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("theme: unpack meanings: %w", err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil || len(b) < 6 || b[0] != senseVersion || b[1] != senses {
		return nil, errSense
	}
	n := int(binary.LittleEndian.Uint32(b[2:]))
	if b = b[6:]; len(b) != n*(8+senses) {
		return nil, errSense
	}
	s := &Sense{ids: make([]uint32, n), scale: make([]float32, n), rows: make([]int8, n*senses)}
	for i := range n {
		s.ids[i] = binary.LittleEndian.Uint32(b[4*i:])
		s.scale[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*(n+i):]))
	}
	for i, x := range b[8*n:] {
		s.rows[i] = int8(x)
	}
	if !slices.IsSorted(s.ids) {
		return nil, errSense
	}
	return s.parted(), nil
}
