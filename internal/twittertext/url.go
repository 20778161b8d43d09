package twittertext

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// span is text[start:end].
type span struct{ start, end int }

// What X links at most: bytes of an address, letters of the name of a short one,
// and characters of a label of the domain name system (RFC 1035 §2.3.4).
const (
	longestURL   = 4096
	longestShort = 40
	longestLabel = 63
)

// URLs finds the web addresses of a text in order, with http or https before
// them or without.
func URLs(text string) []Entity { return urls(text, true) }

// SchemedURLs finds those with http or https before them.
func SchemedURLs(text string) []Entity { return urls(text, false) }

// urls tries every place that an address may begin at. What looks like one and
// is none is passed over as a whole, as the published expression does.
func urls(text string, bare bool) []Entity {
	var found []Entity
	var c chain
	for i := 0; i < len(text); {
		before, n := utf8.DecodeRuneInString(text[i:])
		if !directional(before) && (asciiAlnum(before) || atSign(before) || hashSign(before) || before == '$' || invalid(before)) {
			before, n = -1, 0
		}
		if before < 0 && i > 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		a, ok := addressAt(text, i+n, &c)
		if !ok && i == 0 && n > 0 {
			before = -1
			a, ok = addressAt(text, 0, &c) // the start of a text may go before it too
		}
		if !ok {
			_, n = utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		found = append(found, a.entities(text, before, bare)...)
		i = a.end
	}
	return found
}

// An address is what looks like one: text[start:end].
type address struct {
	start, host, path, end int // host: where the domain begins; path: where the domain ends
	hasPath                bool
}

// addressAt reads the address that begins at i.
func addressAt(text string, i int, c *chain) (a address, ok bool) {
	if i >= len(text) {
		return a, false
	}
	a = address{start: i, host: i + schemeLength(text[i:])}
	if a.host >= len(text) {
		return a, false
	}
	if len(c.labels) == 0 || a.host < c.labels[0].start || a.host >= c.end {
		*c = readChain(text, a.host)
	}
	if a.path = c.domainEnd(text, a.host); a.path < 0 {
		return a, false
	}
	m := behindDomain().FindStringSubmatchIndex(text[a.path:])
	a.end, a.hasPath = a.path+m[1], m[2] >= 0
	return a, true
}

func schemeLength(s string) int {
	for _, scheme := range [2]string{"http://", "https://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	return 0
}

// entities are the web addresses that X makes of a: one with a scheme, the Latin
// domains without.
func (a address) entities(text string, before rune, bare bool) []Entity {
	domain := text[a.host:a.path]
	if !possible(domain) || a.end-a.start+max(a.host-a.start, len("https://")) > longestURL {
		return nil
	}
	if a.host > a.start {
		return shortened(text[a.start:a.end], a.start)
	}
	if !bare || before > 0 && strings.ContainsRune("-_./", before) {
		return nil
	}
	var found []Entity
	for _, d := range asciiDomains(domain) {
		found = append(found, Entity{Kind: URL, Start: a.host + d.start, End: a.host + d.end, Text: domain[d.start:d.end]})
	}
	if last := len(found) - 1; last >= 0 && a.hasPath {
		found[last].Text += text[a.path:a.end]
		found[last].End = a.end
	}
	return found
}

// possible reports whether the domain name system can hold the domain.
func possible(domain string) bool {
	if strings.HasPrefix(domain, "xn--") && len(asciiDomains(domain)) == 0 {
		return false
	}
	for l := range strings.SplitSeq(domain, ".") {
		if strings.ContainsFunc(l, func(r rune) bool { return r >= utf8.RuneSelf }) {
			// Only the length counts: what cannot be encoded is not shorter.
			if encoded, err := idna.Punycode.ToASCII(l); err == nil {
				l = encoded
			}
		}
		if l == "" || len(l) > longestLabel {
			return false
		}
	}
	return true
}

// shortened cuts an address of X's own shortener behind its name and query.
func shortened(url string, start int) []Entity {
	if m := shortURL().FindStringSubmatch(url); m != nil {
		if len(m[1]) > longestShort {
			return nil
		}
		url = m[0]
	}
	return []Entity{{Kind: URL, Start: start, End: start + len(url), Text: url}}
}

const (
	pathClass  = `[a-zA-Z\x{400}-\x{4FF}0-9!*';:=+,.$/%#\[\]\-\x{2013}_~@|&` + accentedClass + `]`
	closedPath = `\((?:` + pathClass + `+|` + pathClass + `*\(` + pathClass + `+\)` + pathClass + `*)\)`
	pathEnds   = `(?:[+\-a-zA-Z\x{400}-\x{4FF}0-9=_#/` + accentedClass + `]|` + closedPath + `)`
	path       = `(?:` + pathClass + `*(?:` + closedPath + pathClass + `*)*` + pathEnds + `|@` + pathClass + `+/)`
	query      = `\?[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-zA-Z0-9\-_&=#/]`
)

// behindDomain is what may follow a domain: a port, a path (the first group)
// that may hold parentheses in pairs, and a query.
var behindDomain = compiled(`^(?::[0-9]+)?(/` + path + `*)?(?:` + query + `)?`)

var shortURL = compiled(`^[hH][tT][tT][pP][sS]?://[tT]\.[cC][oO]/([a-zA-Z0-9]+)(?:` + query + `)?`)
