package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// span is text[start:end].
type span struct{ start, end int }

const longestAddress = 4096 // bytes; twitter-text links none that is longer

// addresses finds what X takes for a web address, in order: with http or https
// before it or without, by the rules of twitter-text's extractor, version 3.
func addresses(text string) []span {
	var found []span
	before := rune(-1)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if mayPrecede(before) && startsHost(r) {
			if end, ok := addressEnd(text, i, before); end > i {
				if ok {
					found = append(found, span{i, end})
				}
				before, _ = utf8.DecodeLastRuneInString(text[:end])
				i = end
				continue
			}
		}
		before = r
		i += n
	}
	return found
}

func mayPrecede(r rune) bool {
	return !asciiAlnum(r) && !strings.ContainsRune("@＠$#＃\ufffe\ufeff\uffff", r)
}

func startsHost(r rune) bool { return hostRune(r) && r != '-' && r != '_' && r != '.' }

// addressEnd returns where the address at i ends, or i if there is none, and
// whether it counts: one with an impossible host does not, as a whole.
func addressEnd(text string, i int, before rune) (end int, ok bool) {
	host := i + schemeLength(text[i:])
	if host == i {
		if strings.ContainsRune("-_./", before) {
			return i, false
		}
		end = hostEnd(text, i, latinRune)
	} else {
		end = hostEnd(text, host, hostRune)
	}
	if end == host {
		return i, false
	}
	name := text[host:end]
	end = portEnd(text, end)
	if host > i && strings.EqualFold(name, "t.co") {
		return shortened(text, end)
	}
	end = queryEnd(text, pathEnd(text, end))
	return end, possible(name) && end-i <= longestAddress
}

func schemeLength(s string) int {
	for _, scheme := range [2]string{"http://", "https://"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return len(scheme)
		}
	}
	return 0
}

// possible reports whether name has labels that the domain name system can hold
// (RFC 1035 §2.3.4: 63 bytes each, 253 in all), in Punycode where needed.
func possible(name string) bool {
	_, err := idna.New(idna.VerifyDNSLength(true)).ToASCII(strings.ToLower(name))
	return err == nil
}

// shortened is the end of X's own short address: a name of at most 40 letters
// and digits, and a query.
func shortened(text string, end int) (int, bool) {
	const longest = 40
	if !strings.HasPrefix(text[end:], "/") {
		return end, true
	}
	name := end + 1
	for end = name; end < len(text) && asciiAlnum(rune(text[end])); {
		end++
	}
	return queryEnd(text, end), end-name <= longest
}

// hostEnd returns where the host at i ends, or i: labels joined by points, the
// last of them a top-level domain. It takes the longest that is one.
func hostEnd(text string, i int, may func(rune) bool) int {
	end, start, label := i, i, 0
	for {
		stop := start + run(text[start:], may)
		if label > 0 {
			if n := topLevel(text, start); n > start && domainLabel(text[:start-1]) {
				end = n
			}
		}
		name := text[start:stop]
		if !subdomain(name) || stop >= len(text) || text[stop] != '.' {
			return end
		}
		start = stop + 1
		label++
	}
}

// run is the length of the label at the start of s.
func run(s string, may func(rune) bool) int {
	for i, r := range s {
		if r == '.' || !may(r) {
			return i
		}
	}
	return len(s)
}

func subdomain(label string) bool {
	return label != "" && !strings.ContainsAny(label[:1]+label[len(label)-1:], "-_")
}

// domainLabel reports whether the last label of name has no underscore, as the
// one before a top-level domain must.
func domainLabel(name string) bool {
	label := name[strings.LastIndexAny(name, "./")+1:]
	return !strings.Contains(label, "_")
}

// topLevel returns the end of the top-level domain at i, or i. It must not be
// followed by a letter or digit of ASCII, "@", "+" or "-".
func topLevel(text string, i int) int {
	end := i
	for end < len(text) && (asciiAlnum(rune(text[end])) || text[end] == '-') {
		end++
	}
	if end = judged(text, i, strings.TrimRight(text[i:end], "-")); end > i {
		return end
	}
	const longest = 64 // bytes: more than any top-level domain in its own script
	for n, r := range text[i:min(len(text), i+longest)] {
		if r == '.' || r == '_' || !hostRune(r) {
			break
		}
		end = max(end, judged(text, i, text[i:i+n+utf8.RuneLen(r)]))
	}
	return end
}

func judged(text string, i int, name string) int {
	end := i + len(name)
	if name == "" || end < len(text) && (asciiAlnum(rune(text[end])) || strings.IndexByte("@+-", text[end]) >= 0) {
		return i
	}
	ascii, err := idna.Punycode.ToASCII(strings.ToLower(name))
	if err != nil {
		return i
	}
	// Asked with a name before it, since some domains have only a rule "*.xy".
	if _, official := publicsuffix.PublicSuffix("a." + ascii); !official {
		return i
	}
	return end
}

func portEnd(text string, i int) int {
	end := i + 1
	for end < len(text) && '0' <= text[end] && text[end] <= '9' {
		end++
	}
	if i < len(text) && text[i] == ':' && end > i+1 {
		return end
	}
	return i
}

// pathEnd returns the end of the path at i: it may hold balanced parentheses and
// ends before marks that more likely belong to the sentence around it.
func pathEnd(text string, i int) int {
	if i >= len(text) || text[i] != '/' {
		return i
	}
	end := i + 1
	for at := end; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		if closed := parentheses(text, at, 2); r == '(' && closed > at {
			at, end = closed, closed
			continue
		}
		if !pathRune(r) {
			break
		}
		at += n
		if letterOfPath(r) || strings.ContainsRune("+-=_#/", r) {
			end = at
		}
	}
	return end
}

// parentheses returns the end of a balanced group at i, depth levels at most, or i.
func parentheses(text string, i, depth int) int {
	if depth == 0 || i >= len(text) || text[i] != '(' {
		return i
	}
	for at := i + 1; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		switch inner := parentheses(text, at, depth-1); {
		case r == ')' && at > i+1:
			return at + n
		case r == '(' && inner > at:
			at = inner
		case pathRune(r):
			at += n
		default:
			return i
		}
	}
	return i
}

func queryEnd(text string, i int) int {
	if i >= len(text) || text[i] != '?' {
		return i
	}
	end := i
	for at := i + 1; at < len(text); at++ {
		c := rune(text[at])
		if !asciiAlnum(c) && !strings.ContainsRune("!?*'@();:&=+$/%#[]-_.,~|", c) {
			break
		}
		if asciiAlnum(c) || strings.ContainsRune("-_&=#/", c) {
			end = at + 1
		}
	}
	return end
}

func pathRune(r rune) bool {
	return letterOfPath(r) || strings.ContainsRune("!*';:=+,.$/%#[]-–_~@|&", r)
}

func letterOfPath(r rune) bool { return asciiAlnum(r) || accented(r) || 0x0400 <= r && r <= 0x04FF }

func asciiAlnum(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func accented(r rune) bool {
	return r >= 0xC0 && r <= 0x1EFF && r != '×' && r != '÷' && unicode.Is(unicode.Latin, r)
}

// latinRune may stand in a host that has no scheme before it.
func latinRune(r rune) bool {
	return asciiAlnum(r) || accented(r) || r == '-' || r == '_' || r == '.'
}

// hostRune may stand in a host after a scheme: all but punctuation, space and
// marks of direction.
func hostRune(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiAlnum(r) || r == '-' || r == '_' || r == '.'
	}
	return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsPunct(r) && (r < 0xFFF0 || r > 0xFFFF)
}
