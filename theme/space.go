package theme

import (
	_ "embed"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"lastword"
)

// A Space is where an endpoint's model puts texts. Models differ in how near they
// put any two texts; so a Space is measured first, by texts of which we know which
// mean the same. Made by [NewSpace]; a [Clusterer] that has one changes it.
type Space struct {
	name   uint32
	dims   int
	ours   []float32 // the middle of the reference
	middle []float32 // what is taken off every direction
	square float32   // of its length
	apart  float32   // what 19 of 20 pairs stay below that mean something else
	same   float32   // middle of the pairs that mean the same
}

//go:embed reference.txt
var referenceTable string

// referenceTexts are pairs of texts that mean the same, one after the other.
var referenceTexts = sync.OnceValue(func() (texts []string) {
	for line := range strings.Lines(referenceTable) {
		if a, b, ok := strings.Cut(strings.TrimSpace(line), "|"); ok && line[0] != '#' {
			texts = append(texts, a, b)
		}
	}
	return texts
})

// Reference returns the texts by which a Space is measured, under Voices below 0.
func Reference() []lastword.Saying {
	texts := referenceTexts()
	said := make([]lastword.Saying, len(texts))
	for i, s := range texts {
		said[i] = lastword.Saying{Voice: int64(-1 - i), Text: s}
	}
	return said
}

const (
	farApart = 0.2  // likeness of texts that mean something else, 19 of 20 below it
	alikeAs  = 0.85 // likeness of texts that mean the same
	useful   = 0.1  // least difference of these in a space that is of any use
	ownPart  = 0.5  // share of a company's own middle that is taken off its voices
)

// NewSpace measures a space by where it puts the [Reference]. It returns nil where
// some of that is missing, or where the space does not tell apart what means
// something else: the Clusterer then goes on by itself.
func NewSpace(name string, reference map[int64]lastword.Direction) *Space {
	all := make([]lastword.Direction, len(referenceTexts()))
	for i := range all {
		all[i] = reference[int64(-1-i)]
		if len(all[i]) < 2 || len(all[i]) != len(all[0]) {
			return nil
		}
	}
	s := &Space{name: hash('m', name, ""), dims: len(all[0])}
	s.ours = make([]float32, s.dims)
	for _, d := range all {
		addDirection(s.ours, d, invLength(d)/float32(len(all)))
	}
	s.middle, s.square = slices.Clone(s.ours), dotFloats(s.ours, s.ours)
	s.measure(all)
	if s.same-s.apart < useful {
		return nil
	}
	return s
}

// measure finds how near pairs of the reference are.
func (s *Space) measure(all []lastword.Direction) {
	bearings := make([]*bearing, len(all))
	for i, d := range all {
		bearings[i] = s.bearing(d, "")
	}
	var same, other []float32
	for i, a := range bearings {
		for j := range i {
			if cos := a.cosine(bearings[j]); j/2 == i/2 {
				same = append(same, cos)
			} else {
				other = append(other, cos)
			}
		}
	}
	slices.Sort(same)
	slices.Sort(other)
	s.same, s.apart = same[len(same)/2], other[len(other)*19/20]
}

// likeness puts a cosine onto the scale of all likenesses, 0…1, on which themes
// begin and end.
func (s *Space) likeness(cos float32) float32 {
	l := farApart + (cos-s.apart)*(alikeAs-farApart)/(s.same-s.apart)
	return min(max(l, 0), 1)
}

// recentre takes half of what all of a company's voices have in common off each:
// it sets none apart.
func (s *Space) recentre(voices []*node) {
	own, n := make([]float32, s.dims), 0
	for _, v := range voices {
		if b := v.at.far; b != nil {
			addDirection(own, b.at, b.inv)
			n++
		}
	}
	copy(s.middle, s.ours)
	if n >= midVoices {
		for i := range own {
			s.middle[i] += ownPart * (own[i]/float32(n) - s.ours[i])
		}
	}
	s.square = dotFloats(s.middle, s.middle)
	parallel(len(voices), func(i int) { voices[i].at.far.aim() })
}

// A bearing is where a voice lies in a Space. A nil one is that of a voice of which
// the endpoint told nothing.
type bearing struct {
	in    *Space
	at    lastword.Direction
	lang  string
	inv   float32  // 1 / length of at
	along float32  // at, at length 1, · the middle
	rest  float32  // 1 / length of what the middle leaves of it
	signs []uint64 // of what it leaves, by which neighbours are found
}

// bearing is nil for a direction that is none of this space.
func (s *Space) bearing(d lastword.Direction, lang string) *bearing {
	if s == nil || len(d) != s.dims {
		return nil
	}
	b := &bearing{in: s, at: d, lang: lang, inv: invLength(d)}
	b.aim()
	return b
}

// aim works out what follows from the middle.
func (b *bearing) aim() {
	if b == nil {
		return
	}
	b.along = dotDirection(b.in.middle, b.at) * b.inv
	square := 1 - 2*b.along + b.in.square
	b.rest = 1 / float32(math.Sqrt(float64(max(square, 1e-6))))
	b.signs = b.signs[:0]
	for i := 0; i < len(b.at); i += 64 {
		word := uint64(0)
		for j, x := range b.at[i:min(i+64, len(b.at))] {
			if float32(x)*b.inv > b.in.middle[i+j] {
				word |= 1 << j
			}
		}
		b.signs = append(b.signs, word)
	}
}

// cosine between two voices as seen from the middle.
func (b *bearing) cosine(o *bearing) float32 {
	dot := int32(0)
	for i, x := range b.at {
		dot += int32(x) * int32(o.at[i])
	}
	return (float32(dot)*b.inv*o.inv - b.along - o.along + b.in.square) * b.rest * o.rest
}

// alike is how like two voices are by the endpoint; ok is false where it told
// nothing of one of them.
func (b *bearing) alike(o *bearing) (like float32, ok bool) {
	if b == nil || o == nil {
		return 0, false
	}
	return b.in.likeness(b.cosine(o)), true
}

// differ counts the signs in which two voices differ.
func (b *bearing) differ(o *bearing) (n int) {
	for i, w := range b.signs {
		n += bits.OnesCount64(w ^ o.signs[i])
	}
	return n
}

// A centre is the middle of those voices of a theme of which the endpoint told
// something: a sum of directions at length 1, by their weights.
type centre struct {
	in     *Space
	sum    []float32
	weight float32
}

func (c *centre) take(b *bearing, weight float32) {
	if b == nil {
		return
	}
	if c.in != b.in {
		*c = centre{in: b.in, sum: make([]float32, b.in.dims)}
	}
	addDirection(c.sum, b.at, b.inv*weight)
	c.weight += weight
}

// alike is how like a voice is to the centre. less is taken off the centre first
// where the voice is one of its own.
func (c *centre) alike(b *bearing, less float32) (like float32, ok bool) {
	w := c.weight - less
	if b == nil || c.in != b.in || w < 0.1 {
		return 0, false
	}
	toward := dotDirection(c.sum, b.at)*b.inv - less
	along := dotFloats(c.sum, b.in.middle) - less*b.along
	square := c.length() - 2*less*(toward+less) + less*less
	dot := toward/w - b.along - along/w + b.in.square
	rest := square/(w*w) - 2*along/w + b.in.square
	return b.in.likeness(dot * b.rest / float32(math.Sqrt(float64(max(rest, 1e-6))))), true
}

// length is the square of it.
func (c *centre) length() float32 { return dotFloats(c.sum, c.sum) }

func invLength(d lastword.Direction) float32 {
	square := 0
	for _, x := range d {
		square += int(x) * int(x)
	}
	return 1 / float32(math.Sqrt(max(float64(square), 1e-6)))
}

func addDirection(sum []float32, d lastword.Direction, by float32) {
	for i, x := range d {
		sum[i] += by * float32(x)
	}
}

func dotDirection(a []float32, d lastword.Direction) float32 {
	var x, y float32
	i := 0
	for ; i+1 < len(d); i += 2 {
		x += a[i] * float32(d[i])
		y += a[i+1] * float32(d[i+1])
	}
	if i < len(d) {
		x += a[i] * float32(d[i])
	}
	return x + y
}

func dotFloats(a, b []float32) float32 {
	var x float32
	for i := range a {
		x += a[i] * b[i]
	}
	return x
}
