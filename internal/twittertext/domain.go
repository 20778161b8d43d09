package twittertext

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// topLevel are the top-level domains, and the runes of the longest.
var topLevel = sync.OnceValue(func() (t struct {
	names   map[string]bool
	longest int
}) {
	t.names = map[string]bool{}
	for name := range strings.SplitSeq(topLevelNames, "\n") {
		t.names[name] = true
		t.longest = max(t.longest, utf8.RuneCountInString(name))
	}
	return t
})

// topLevelEnd returns the end of the top-level domain at i, or -1: one of the
// list that is not followed by a letter or digit of ASCII, "@", "+" or "-", or
// else any name in Punycode.
func topLevelEnd(text string, i int) int {
	top := topLevel()
	found, at, n := -1, i, 0
	for at < len(text) && n < top.longest {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == '.' || space(r) {
			break
		}
		at += size
		n++
		if bordered(text, at) && top.names[strings.ToLower(text[i:at])] {
			found = at
		}
	}
	if found < 0 {
		found = punycodeEnd(text, i)
	}
	return found
}

func bordered(text string, i int) bool {
	return i == len(text) || !asciiAlnum(rune(text[i])) && strings.IndexByte("@+-", text[i]) < 0
}

func punycodeEnd(text string, i int) int {
	const prefix = "xn--"
	if len(text)-i <= len(prefix) || !strings.EqualFold(text[i:i+len(prefix)], prefix) {
		return -1
	}
	end := i + len(prefix)
	for end < len(text) && (asciiAlnum(rune(text[end])) || text[end] == '-') {
		end++
	}
	if end == i+len(prefix) {
		return -1
	}
	return end
}

// domainRune may begin, fill and end a label.
func domainRune(r rune) bool { return !punct(r) && !space(r) && !invalid(r) && !directional(r) }

// A label is a stretch of a text without a point: text[start:end].
type label struct {
	start, end int
	begins     bool // with what a label may begin with
	ends       bool // as a label may, before a point
	under      int  // the place of its last "_", or -1
	top        int  // end of the top-level domain behind its point, or -1
}

// A chain is a stretch of a text that could be a domain: labels and points, read
// once however many places in it are tried.
type chain struct {
	labels []label
	end    int
}

func readChain(text string, i int) chain {
	var c chain
	for {
		l := readLabel(text, i)
		c.labels = append(c.labels, l)
		c.end = l.end
		if l.end == len(text) || text[l.end] != '.' || l.end == l.start {
			return c
		}
		i = l.end + 1
	}
}

func readLabel(text string, i int) label {
	l := label{start: i, end: i, under: -1, top: -1}
	for l.end < len(text) {
		r, n := utf8.DecodeRuneInString(text[l.end:])
		filler := r == '-' || r == '_'
		if !filler && !domainRune(r) {
			break
		}
		if l.end == i {
			l.begins = !filler
		}
		if r == '_' {
			l.under = l.end
		}
		l.ends = !filler
		l.end += n
	}
	if l.end < len(text) && text[l.end] == '.' && l.ends {
		l.top = topLevelEnd(text, l.end+1)
	}
	return l
}

// domainEnd returns the end of the longest domain that begins at i within the
// chain, or -1: labels, the last of them without "_", and a top-level domain.
func (c chain) domainEnd(text string, i int) int {
	first := 0
	for c.labels[first].end <= i {
		if first++; first == len(c.labels) {
			return -1
		}
	}
	if r, _ := utf8.DecodeRuneInString(text[i:]); !domainRune(r) {
		return -1
	}
	last := first
	for last < len(c.labels)-1 && c.labels[last].ends && (last == first || c.labels[last].begins) {
		last++
	}
	for k := last; k >= first; k-- {
		l := c.labels[k]
		if l.top > 0 && l.under < max(l.start, i) && (k == first || l.begins) {
			return l.top
		}
	}
	return -1
}

// asciiDomains returns where, within a domain, others lie whose labels are Latin
// only: what X links without a scheme.
func asciiDomains(domain string) []span {
	var found []span
	for i := 0; i < len(domain); {
		end, next := asciiDomain(domain, i)
		if end > 0 {
			found = append(found, span{i, end})
			next = end
		}
		i = next
	}
	return found
}

// asciiDomain returns the end of the one at i, or -1 and where to look next.
func asciiDomain(domain string, i int) (end, next int) {
	end = -1
	for at := i; ; {
		stop := at
		for stop < len(domain) {
			r, n := utf8.DecodeRuneInString(domain[stop:])
			if !asciiAlnum(r) && !accented(r) && r != '-' {
				break
			}
			stop += n
		}
		if next == 0 {
			_, n := utf8.DecodeRuneInString(domain[stop:])
			next = stop + n
		}
		if stop == at || stop == len(domain) || domain[stop] != '.' {
			return end, next
		}
		at = stop + 1
		if top := topLevelEnd(domain, at); top > 0 {
			end = top
		}
	}
}
