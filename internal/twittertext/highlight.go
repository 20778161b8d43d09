package twittertext

import (
	"strings"
	"unicode/utf8"
)

// Highlight puts <em> around the hits in an HTML text. Hits are in order and
// count UTF-16 code units of the text without its tags; the end is not included.
// Where a tag lies at the border of a hit, the hit begins behind it, and ends
// before it unless it holds another tag.
func Highlight(text string, hits []Range) string {
	h := highlighter{left: hits}
	for text != "" {
		if n := strings.IndexByte(text, '>') + 1; text[0] == '<' && n > 0 {
			h.out.WriteString(text[:n])
			h.tagged = true
			text = text[n:]
			continue
		}
		h.mark()
		r, n := utf8.DecodeRuneInString(text)
		h.out.WriteString(text[:n])
		h.at += units(string(r))
		if h.open && !h.tagged {
			h.close()
		}
		text = text[n:]
	}
	h.mark()
	return h.out.String()
}

type highlighter struct {
	out    strings.Builder
	left   []Range
	at     int  // in the text without tags
	open   bool // within left[0]
	tagged bool // a tag came since it was opened
}

// mark writes the borders that lie here.
func (h *highlighter) mark() {
	if h.open {
		h.close()
	}
	if !h.open && len(h.left) > 0 && h.left[0].Start <= h.at {
		h.out.WriteString("<em>")
		h.open, h.tagged = true, false
	}
}

func (h *highlighter) close() {
	if h.left[0].End <= h.at {
		h.out.WriteString("</em>")
		h.open, h.left = false, h.left[1:]
	}
}
