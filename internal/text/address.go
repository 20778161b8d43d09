package text

import (
	"strings"
	"unicode/utf8"
)

// urlEnd returns the end of the web address that starts at i, or i. It ends
// before white space, quotes and angle brackets, and before marks that close
// the sentence around it.
func urlEnd(s string, i int) int {
	if !urlStart(s[i:]) {
		return i
	}
	end := i
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if isSpace(r) || r < ' ' || strings.ContainsRune("<>\"“”„…", r) {
			break
		}
		end += n
	}
	return i + len(strings.TrimRight(s[i:end], ".,;:!?)]}'*_"))
}

// urlStart reports whether s begins with http://, https:// or www. and more.
func urlStart(s string) bool {
	const longest = len("https://") + 1
	if len(s) < len("www.") || s[0]|0x20 != 'h' && s[0]|0x20 != 'w' {
		return false
	}
	head := strings.ToLower(s[:min(len(s), longest)])
	for _, scheme := range [3]string{"https://", "http://", "www."} {
		if rest, ok := strings.CutPrefix(head, scheme); ok {
			return rest != "" && rest[0] > ' '
		}
	}
	return false
}

// mailEnd returns the end of the mail address that starts at i, or i. The part
// before the '@' has at most 64 bytes (RFC 5321 §4.5.3.1.1), which also bounds
// the search.
func mailEnd(s string, i int) int {
	const longest = 64
	at := i
	for at < len(s) && at-i <= longest && (wordByte(s[at]) || strings.IndexByte("._%+-", s[at]) >= 0) {
		at++
	}
	if at >= len(s) || s[at] != '@' {
		return i
	}
	end := nameEnd(s, at+1)
	if !strings.Contains(s[at+1:end], ".") {
		return i
	}
	return end
}

// nameEnd returns the end of the account or server name at i: letters, digits
// and inner points, hyphens and underscores.
func nameEnd(s string, i int) int {
	end := i
	for j := i; j < len(s); {
		r, n := utf8.DecodeRuneInString(s[j:])
		if !wordRune(r) && r != '_' && r != '.' && r != '-' {
			break
		}
		j += n
		if wordRune(r) || r == '_' {
			end = j
		}
	}
	return end
}

func wordByte(c byte) bool {
	return c < utf8.RuneSelf && (wordRune(rune(c)) || c == '_')
}
