package match

import (
	"strings"

	"golang.org/x/net/idna"
)

// A link is a web address in a text.
type link struct {
	start, end int    // bytes of the text
	host       string // lower case, without port; a name of its own script in ASCII form
}

// nextLink finds the first web address in text at or after byte from: one with a
// scheme, or one that begins with "www.".
func nextLink(text string, from int) (link, bool) {
	for i := from; i < len(text); i++ {
		if !startsLink(text, i) {
			continue
		}
		start := schemeStart(text, from, i)
		address, rest := cutAddress(text[start:])
		end := len(text) - len(rest)
		if h := hostOf(address); strings.Contains(h, ".") {
			end = start + len(strings.TrimRight(address, endMarks)) // they end a sentence, not the link
			return link{start: start, end: end, host: h}, true
		}
		i = end
	}
	return link{}, false
}

const endMarks = ".,:;!?…"

// startsLink reports whether "://" stands at text[i], or a word that begins with
// "www.".
func startsLink(text string, i int) bool {
	switch text[i] {
	case ':':
		return strings.HasPrefix(text[i:], "://")
	case 'w', 'W':
		return len(text)-i > 4 && strings.EqualFold(text[i:i+4], "www.") &&
			(i == 0 || classOfASCII(text[i-1]) == gap)
	}
	return false
}

// schemeStart steps back from a colon at text[i] over the scheme, no further
// than from.
func schemeStart(text string, from, i int) int {
	if text[i] != ':' {
		return i
	}
	for i > from && classOfASCII(text[i-1]) == letter {
		i--
	}
	return i
}

// cutAddress parts text, which starts with a web address, behind that address.
func cutAddress(text string) (address, rest string) {
	n := strings.IndexFunc(text, endsLink)
	if n < 0 {
		n = len(text)
	}
	return text[:n], text[n:]
}

func endsLink(r rune) bool {
	return r <= ' ' || strings.ContainsRune("\"<>()[]{}“”„«»\u00a0", r)
}

// hostOf returns the host of a web address, or of a bare host name, in the form
// in which hosts are compared.
func hostOf(address string) string {
	if _, after, ok := strings.Cut(address, "://"); ok {
		address = after
	}
	if n := strings.IndexAny(address, "/?#\\"); n >= 0 {
		address = address[:n]
	}
	if n := strings.LastIndexByte(address, '@'); n >= 0 {
		address = address[n+1:]
	}
	if n := strings.IndexByte(address, ':'); n >= 0 {
		address = address[:n]
	}
	return asciiHost(strings.TrimRight(address, endMarks))
}

// maxHost is the longest name the DNS knows, in bytes (RFC 1035 §2.3.4).
const maxHost = 255

// asciiHost lower-cases a host and writes one of another script as the DNS does
// (RFC 5891 §5). What cannot be a host at all comes back empty.
func asciiHost(host string) string {
	if len(host) > maxHost {
		return ""
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			h, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return ""
			}
			return h
		}
	}
	return strings.ToLower(host)
}
