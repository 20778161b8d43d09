package twittertext

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Kind says what a part of a text is to X.
type Kind uint8

// The kinds.
const (
	URL Kind = iota
	Mention
	Hashtag
	Cashtag
)

// An Entity is a part of a text that X links: text[Start:End], in bytes.
type Entity struct {
	Kind       Kind
	Start, End int
	Text       string // the address, or the name without its sign
	List       string // of a Mention of somebody's list: "/name"
}

// Entities finds all of them, in order; of two that overlap, the first.
func Entities(text string) []Entity { return entities(text, true) }

func entities(text string, bare bool) []Entity {
	return apart(slices.Concat(urls(text, bare), Mentions(text), hashtags(text), Cashtags(text)))
}

// apart sorts entities and leaves out what begins within another.
func apart(all []Entity) []Entity {
	slices.SortStableFunc(all, func(a, b Entity) int { return a.Start - b.Start })
	end := 0
	return slices.DeleteFunc(all, func(e Entity) bool {
		if e.Start < end {
			return true
		}
		end = e.End
		return false
	})
}

const handle = `([a-zA-Z0-9_]{1,20})`

var mention = compiled(`(?:^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.\-])(?:rt|RT|rT|Rt):?)` +
	`([@＠]` + handle + `(/[a-zA-Z][a-zA-Z0-9_-]{0,24})?)`)

// Mentions finds accounts and lists of accounts.
func Mentions(text string) []Entity {
	var found []Entity
	if !strings.ContainsFunc(text, atSign) {
		return nil
	}
	for _, m := range mention().FindAllStringSubmatchIndex(text, -1) {
		if continued(text[m[1]:]) {
			continue
		}
		e := Entity{Kind: Mention, Start: m[2], End: m[3], Text: text[m[4]:m[5]]}
		if m[6] >= 0 {
			e.List = text[m[6]:m[7]]
		}
		found = append(found, e)
	}
	return found
}

// continued reports that what stands before is no mention because of what
// follows it.
func continued(after string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return after != "" && (atSign(r) || accented(r)) || strings.HasPrefix(after, "://")
}

// ReplyTo returns the account that a text is addressed to by its first word.
func ReplyTo(text string) (name string, ok bool) {
	text = strings.TrimLeftFunc(text, space)
	if m := replyTo().FindStringSubmatch(text); m != nil && !continued(text[len(m[0]):]) {
		return m[1], true
	}
	return "", false
}

var replyTo = compiled(`^[@＠]` + handle)

// Hashtags finds hashtags, but for those that are parts of web addresses.
func Hashtags(text string) []Entity {
	found := hashtags(text)
	if len(found) == 0 {
		return nil
	}
	return slices.DeleteFunc(apart(append(found, URLs(text)...)), func(e Entity) bool { return e.Kind != Hashtag })
}

func hashtags(text string) []Entity {
	var found []Entity
	before, free := rune(-1), true // free: before was not used up by the tag before
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		end := i
		if hashSign(r) && free && (before < 0 || opens(before)) {
			end = tagEnd(text, i+n)
		}
		if end <= i+n {
			before, free = r, true
			i += n
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[end:])
		if !hashSign(next) && !strings.HasPrefix(text[end:], "://") {
			found = append(found, Entity{Kind: Hashtag, Start: i, End: end, Text: text[i+n : end]})
		}
		before, free, i = ' ', false, end
	}
	return found
}

// opens reports whether a hashtag may follow r.
func opens(r rune) bool { return r == 0xFE0E || r == 0xFE0F || r != '&' && !tagRune(r) }

// tagEnd returns the end of the name of the hashtag at i, or i: it has a letter,
// and does not begin with what makes an emoji of the sign before it.
func tagEnd(text string, i int) int {
	end, letter := i, false
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if end == i && (r == variation || r == keycap) || !tagRune(r) {
			break
		}
		letter = letter || tagLetter(r)
		end += n
	}
	if !letter {
		return i
	}
	return end
}

// Cashtags finds the signs of shares: at most six letters, and two behind a
// point or "_", of which the shorter is taken where more follows.
func Cashtags(text string) []Entity {
	var found []Entity
	before := ' '
	for i, r := range text {
		if r == '$' && space(before) {
			if end := cashtagEnd(text, i+1); end > i+1 {
				found = append(found, Entity{Kind: Cashtag, Start: i, End: end, Text: text[i+1 : end]})
			}
		}
		before = r
	}
	return found
}

func cashtagEnd(text string, i int) int {
	end := i + letters(text[i:], 7)
	if end-i < 1 || end-i > 6 {
		return i
	}
	if end < len(text) && (text[end] == '.' || text[end] == '_') {
		n := letters(text[end+1:], 3)
		if n == 1 || n == 2 {
			if at := end + 1 + n; closes(text[at:]) {
				return at
			}
		}
	}
	if closes(text[end:]) {
		return end
	}
	return i
}

func letters(s string, most int) int {
	n := 0
	for n < len(s) && n < most && asciiLetter(rune(s[n])) {
		n++
	}
	return n
}

// closes reports whether a cashtag may end before s.
func closes(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || space(r) || r == 0xFEFF || punct(r)
}
