package understand

import (
	"math"
	"slices"
	"sync"

	"lastword/internal/text"
)

// maxPieces is how many sentences of a text are looked at one by one.
const maxPieces = 12

// A reading is one text on its way through a head. It may be used again for
// the next one, but not by two goroutines.
type reading struct {
	s      string
	lang   string // as it was told, for what depends on it
	tokens []text.Token
	pieces []text.Span // its first sentences
	f      features
}

// readings are those that are not in use: what one needed, the next one needs, too.
var readings = sync.Pool{New: func() any { return new(reading) }}

// A verdict is what a scorer says of a text.
type verdict struct {
	whole [outputs]float32
	best  [judged]float32 // per kind, the highest score of any piece
	wish  text.Span       // the piece with the highest score for a wish
	tone  tone            // of the whole text
	size  float64         // logarithm of one more than the number of pieces
}

// take replaces what r reads.
func (r *reading) take(s string) {
	r.s, r.f.ours = s, r.f.ours[:0]
	r.tokens = text.Tokens(s)
	r.tokens = r.tokens[:min(len(r.tokens), maxTokens)]
	r.pieces = text.Sentences(s)
	r.pieces = r.pieces[:min(len(r.pieces), maxPieces)]
	r.speaks("")
}

// speaks tells r which language it reads.
func (r *reading) speaks(lang string) { r.lang, r.f.lex = lang, lexicons()[lang] }

// address lets r read what speaks to nobody as spoken to the company. A mail, a
// comment or a review begins without a handle, and where all posts are from
// strangers to each other, "Where do I find it?" is chat. What hands on a link
// speaks to all.
func (r *reading) address() {
	for _, t := range r.tokens {
		if t.Kind == text.Mention || t.Kind == text.URL {
			return
		}
	}
	if len(r.tokens) > 0 {
		r.tokens = slices.Insert(r.tokens, 0, text.Token{Text: "@", Kind: text.Mention})
		r.f.ours = append(r.f.ours, 0)
	}
}

// judge asks score about the whole text and about each of its pieces. Only
// pieces from offset from on may carry the wish.
func (r *reading) judge(score scorer, from int) verdict {
	r.f.read(r.s, r.tokens)
	v := verdict{whole: score(&r.f), tone: r.f.tone, size: math.Log1p(float64(len(r.pieces)))}
	copy(v.best[:], v.whole[:])
	if len(r.pieces) == 1 && from == 0 {
		v.wish = r.pieces[0]
		return v
	}
	r.judgePieces(&v, score, from)
	return v
}

func (r *reading) judgePieces(v *verdict, score scorer, from int) {
	rest, heard, most := r.tokens, false, float32(0)
	for n, piece := range r.pieces {
		var inside []text.Token
		inside, rest = cutTokens(rest, piece)
		r.f.read(r.s, inside)
		s := score(&r.f)
		for k := range v.best {
			if n == 0 || s[k] > v.best[k] {
				v.best[k] = s[k]
			}
		}
		if piece.Start >= from && (!heard || s[outWish] > most) {
			v.wish, most, heard = piece, s[outWish], true
		}
	}
}

// cutTokens returns the tokens that lie within span, and those after it.
func cutTokens(tokens []text.Token, span text.Span) (inside, after []text.Token) {
	lo := 0
	for lo < len(tokens) && tokens[lo].Start < span.Start {
		lo++
	}
	hi := lo
	for hi < len(tokens) && tokens[hi].End <= span.End {
		hi++
	}
	return tokens[lo:hi], tokens[hi:]
}
