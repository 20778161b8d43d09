// Package draw computes the shapes of the small pictures on the pages: numbers
// in, coordinates out. The pages set them into SVG.
package draw

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Spark is a sparkline.
type Spark struct {
	W, H   int
	Line   string  // the d of a path through all values
	Area   string  // the d of the surface below it
	X, Y   float64 // where the last value lies
	Most   int     // the largest value
	Total  int
	Recent int // the sum of the last seven values
}

// NewSpark lays values, oldest first, into w × h units. Values are drawn from
// zero, so that the height tells the amount.
func NewSpark(values []int, w, h int) Spark {
	s := Spark{W: w, H: h}
	for i, v := range values {
		s.Most, s.Total = max(s.Most, v), s.Total+v
		if i >= len(values)-7 {
			s.Recent += v
		}
	}
	if len(values) < 2 {
		return s
	}
	points := make([]string, len(values))
	for i, v := range values {
		s.X = across(i, len(values), w)
		s.Y = float64(h-2) - float64(v)/float64(max(s.Most, 1))*float64(h-4)
		points[i] = coord(s.X) + " " + coord(s.Y)
	}
	s.Line = "M" + strings.Join(points, "L")
	s.Area = s.Line + "V" + strconv.Itoa(h) + "H" + points[0][:strings.IndexByte(points[0], ' ')] + "Z"
	return s
}

// across places the i-th of n points with two units of margin for the mark at
// the end.
func across(i, n, w int) float64 { return 2 + float64(i)/float64(n-1)*float64(w-4) }

func coord(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// A Series is one layer of a stack: its values a step, oldest first.
type Series struct {
	Name   string
	Values []int
}

// A Stack is layers of columns upon one another.
type Stack struct {
	W, H   int
	Layers []Layer
	Most   int    // the highest column
	Top    string // the y of its hairline
}

// A Layer is one series in a stack, largest series first and lowest.
type Layer struct {
	Name  string
	Total int
	Tone  int   // 0 … 4, from the strongest to the faintest
	Bars  []Bar // columns that are not empty
	Label float64
}

// A Bar is a part of one column.
type Bar struct{ X, Y, W, H string }

// tones is how many shades a stack has; further series are added up in the last.
const tones = 5

// NewStack lays series of equal length into w × h units; sum of steps wide
// columns. The largest series lies at the bottom; beyond five the smallest are
// added together under the name rest.
func NewStack(series []Series, w, h int, rest string) Stack {
	layers := largest(series, rest)
	s := Stack{W: w, H: h}
	if len(layers) == 0 || len(layers[0].Values) == 0 {
		return s
	}
	n := len(layers[0].Values)
	for i := range n {
		s.Most = max(s.Most, column(layers, i))
	}
	base := make([]float64, n)
	scale, step := float64(h-2)/float64(max(s.Most, 1)), float64(w)/float64(n)
	for tone, l := range layers {
		s.Layers = append(s.Layers, stackLayer(l, tone, base, scale, step, float64(h)))
	}
	s.Top = coord(2)
	spread(s.Layers, float64(h))
	return s
}

func stackLayer(l Series, tone int, base []float64, scale, step, h float64) Layer {
	out := Layer{Name: l.Name, Tone: tone}
	for i, v := range l.Values {
		if v <= 0 {
			continue
		}
		tall := float64(v) * scale
		out.Total += v
		out.Bars = append(out.Bars, Bar{
			X: coord(float64(i) * step), W: coord(max(step-1, 1)),
			Y: coord(h - base[i] - tall), H: coord(tall),
		})
		base[i] += tall
	}
	return out
}

// largest sorts series by size and folds the smallest into one.
func largest(series []Series, rest string) []Series {
	s := slices.Clone(series)
	slices.SortStableFunc(s, func(a, b Series) int { return cmp.Compare(total(b.Values), total(a.Values)) })
	if len(s) <= tones {
		return s
	}
	folded := Series{Name: rest, Values: slices.Clone(s[tones-1].Values)}
	for _, more := range s[tones:] {
		for i, v := range more.Values {
			folded.Values[i] += v
		}
	}
	return append(s[:tones-1:tones-1], folded)
}

func total(values []int) (n int) {
	for _, v := range values {
		n += v
	}
	return n
}

func column(layers []Series, i int) (n int) {
	for _, l := range layers {
		n += l.Values[i]
	}
	return n
}

// spread gives each layer a height for its direct label, top layer first, far
// enough apart to be read.
func spread(layers []Layer, h float64) {
	const line = 18
	for i := range layers {
		layers[len(layers)-1-i].Label = h - 4 - line*float64(len(layers)-1-i)
	}
}
