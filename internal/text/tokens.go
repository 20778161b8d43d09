package text

import (
	"unicode"
	"unicode/utf8"
)

// A Token is one unit of a text. Text is folded; the original stands between
// the byte offsets Start and End.
type Token struct {
	Text       string
	Start, End int
	Kind       Kind
}

// A Kind says what a token is.
type Kind uint8

// The kinds of token.
const (
	Word    Kind = iota
	Number       // digits, with inner points, commas and colons: 3.5, 12:30
	Hashtag      // Text is without the '#'
	Emoji        // without skin tone and variation selector; emoticons without nose: :)
	Mention      // @name, @name@server, or a mail address
	URL
	Punct // one mark; a run of the same mark is one token
)

// Tokens returns the units of s in order. White space and control characters
// belong to none.
func Tokens(s string) []Token {
	tokens := make([]Token, 0, len(s)/5+1)
	for i := 0; i < len(s); {
		t := next(s, i)
		if t.End > t.Start {
			tokens = append(tokens, t)
		}
		i = max(t.End, i+1)
	}
	return tokens
}

// Words returns the folded words, numbers, hashtags (without '#') and emoji of
// s in order, without web addresses, @names and punctuation.
func Words(s string) []string {
	words := make([]string, 0, len(s)/6+1)
	for i := 0; i < len(s); {
		t := next(s, i)
		if t.End > t.Start && t.Kind <= Emoji {
			words = append(words, t.Text)
		}
		i = max(t.End, i+1)
	}
	return words
}

// next reads the token at i. An empty token means that nothing starts there;
// its End is where to go on.
func next(s string, i int) Token {
	r, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case isSpace(r) || invisible(r) || r == utf8.RuneError && n == 1:
		return Token{Start: i + n, End: i + n}
	case r == '@':
		return mention(s, i)
	case r == '#':
		return hashtag(s, i)
	case wordRune(r):
		return word(s, i)
	case isEmoji(r):
		end := emojiEnd(s, i)
		return Token{foldEmoji(s[i:end]), i, end, Emoji}
	}
	return mark(s, i)
}

// word reads a word, a number, or an address that begins like a word.
func word(s string, i int) Token {
	if end := urlEnd(s, i); end > i {
		return Token{Fold(s[i:end]), i, end, URL}
	}
	if end := mailEnd(s, i); end > i {
		return Token{Fold(s[i:end]), i, end, Mention}
	}
	end, digits := wordEnd(s, i)
	kind := Word
	if digits {
		kind = Number
	}
	return Token{Fold(s[i:end]), i, end, kind}
}

// wordEnd returns the end of the word at i and whether it holds only digits.
// A letter of a script that writes no spaces is a word by itself.
func wordEnd(s string, i int) (end int, digits bool) {
	digits = true
	for end = i; end < len(s); {
		r, n := utf8.DecodeRuneInString(s[end:])
		switch {
		case ideograph(r):
			if end == i {
				end = marksEnd(s, end+n)
			}
			return end, false
		case wordRune(r):
			digits = digits && (unicode.IsDigit(r) || end > i && unicode.IsMark(r))
		case end > i && joins(s, end, n, digits):
		default:
			return end, digits
		}
		end += n
	}
	return end, digits
}

// joins reports whether the mark of n bytes at i holds what stands on its two
// sides together: an apostrophe between letters, a point within a number.
func joins(s string, i, n int, digits bool) bool {
	after, _ := utf8.DecodeRuneInString(s[i+n:])
	switch s[i : i+n] {
	case "'", "’":
		return !digits && unicode.IsLetter(after)
	case ".", ",", ":":
		return digits && unicode.IsDigit(after)
	}
	return false
}

// mention reads "@name" and "@name@server". A lone '@' is a mark.
func mention(s string, i int) Token {
	end := nameEnd(s, i+1)
	if end == i+1 {
		return Token{"@", i, end, Punct}
	}
	if end < len(s) && s[end] == '@' {
		if e := nameEnd(s, end+1); e > end+1 {
			end = e
		}
	}
	return Token{Fold(s[i:end]), i, end, Mention}
}

// hashtag reads "#word". Without a word behind it, '#' is a mark; "#1" is a
// number.
func hashtag(s string, i int) Token {
	end, digits := i+1, true
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !wordRune(r) && r != '_' {
			break
		}
		digits = digits && unicode.IsDigit(r)
		end += n
	}
	switch {
	case end == i+1:
		return Token{"#", i, end, Punct}
	case digits:
		return Token{Fold(s[i+1 : end]), i, end, Number}
	}
	return Token{Fold(s[i+1 : end]), i, end, Hashtag}
}

// mark reads an emoticon, or a run of one punctuation mark.
func mark(s string, i int) Token {
	if end, folded := emoticon(s, i); end > i {
		return Token{folded, i, end, Emoji}
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	end := i + n
	for end < len(s) {
		again, n := utf8.DecodeRuneInString(s[end:])
		if again != r {
			break
		}
		end += n
	}
	return Token{s[i : i+n], i, end, Punct}
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r > 0x7f && unicode.IsSpace(r)
}

func invisible(r rune) bool {
	return r < ' ' || r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || selector(r))
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) && !selector(r) || unicode.Is(unicode.Mc, r)
}

func ideograph(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func marksEnd(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsMark(r) {
			break
		}
		i += n
	}
	return i
}
