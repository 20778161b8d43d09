package syndication

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
	"golang.org/x/text/language"

	"lastword/internal/text"
)

var (
	entity = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});`)
	tag    = regexp.MustCompile(`</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>`)
)

// plain returns the text of a construct whose type feeds do not tell reliably:
// as HTML if it has an entity or an element of HTML in it, else as it stands,
// with its line breaks.
func plain(s string) string {
	if looksHTML(s) {
		return fromHTML(s)
	}
	return text.CleanTo(s, MaxText)
}

func fromHTML(s string) string { return text.CleanTo(text.PlainHTML(s), MaxText) }

func looksHTML(s string) bool {
	if entity.MatchString(s) {
		return true
	}
	for _, m := range tag.FindAllStringSubmatch(s, 50) {
		if atom.Lookup([]byte(strings.ToLower(m[1]))) != 0 {
			return true
		}
	}
	return false
}

// line is plain on one line, of at most limit bytes.
func line(s string, limit int) string {
	return text.CleanTo(strings.Join(strings.Fields(plain(s)), " "), limit)
}

func title(s string) string { return line(s, MaxTitle) }

// short returns s if it is short enough to be an id, without white space.
func short(s string) string {
	if s = strings.TrimSpace(s); len(s) > maxShort {
		return digest(s)
	}
	return text.CleanTo(s, maxShort)
}

// tongue returns s as a BCP 47 tag, or empty.
func tongue(s string) string {
	t, err := language.Parse(strings.TrimSpace(s))
	if err != nil || t == language.Und {
		return ""
	}
	return t.String()
}

// person reads the forms in which one field holds a name and an address:
// "mail (name)", "name (mail)", "name <mail>", or one of the two.
func person(s string) Author {
	s = line(s, MaxTitle)
	left, right, _ := strings.Cut(strings.TrimRight(s, ")> "), "(")
	if i := strings.IndexByte(s, '<'); i >= 0 {
		left, right = s[:i], strings.Trim(s[i:], "<> ")
	}
	left, right = strings.TrimSpace(left), strings.TrimSpace(right)
	switch {
	case isMail(left):
		return Author{Name: right, Email: left}
	case isMail(right):
		return Author{Name: left, Email: right}
	}
	return Author{Name: s}
}

func isMail(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " \t\n")
}
