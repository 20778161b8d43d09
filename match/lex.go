package match

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind is what one piece of a query's text is.
type kind uint8

const (
	kindEnd kind = iota
	kindOpen
	kindClose
	kindAnd
	kindOr
	kindNot
	kindNear
	kindTerm
	kindPhrase
	kindField
)

// A piece is one symbol of a query's text.
type piece struct {
	kind   kind
	at, to int    // bytes of the text
	text   string // of a term, a phrase or a field's value
	name   string // of a field
	near   int
}

// operators are the words that bind, in English and German.
var operators = map[string]kind{
	"AND": kindAnd, "UND": kindAnd,
	"OR": kindOr, "ODER": kindOr,
	"NOT": kindNot, "NICHT": kindNot,
}

// quotes are the marks that people, telephones and word processors put around a
// phrase. Any of them closes any.
const quotes = "\"“”„‟«»"

// lex takes the next piece of text, from byte i.
func lex(text string, i int) (piece, *SyntaxError) {
	i += len(text[i:]) - len(strings.TrimLeftFunc(text[i:], unicode.IsSpace))
	if i == len(text) {
		return piece{at: i, to: i}, nil
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	switch {
	case r == '(':
		return piece{kind: kindOpen, at: i, to: i + 1}, nil
	case r == ')':
		return piece{kind: kindClose, at: i, to: i + 1}, nil
	case isQuote(r):
		return lexPhrase(text, i, i+size)
	case r == '-' && bindsRight(text[i+1:]):
		return piece{kind: kindNot, at: i, to: i + 1}, nil
	}
	return lexChunk(text, i)
}

// bindsRight reports whether a minus before rest means NOT: something must stand
// right behind it.
func bindsRight(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && r != ')' && !unicode.IsSpace(r)
}

func isQuote(r rune) bool { return r != utf8.RuneError && strings.ContainsRune(quotes, r) }

func lexPhrase(text string, at, from int) (piece, *SyntaxError) {
	n := strings.IndexFunc(text[from:], isQuote)
	if n < 0 {
		return piece{}, &SyntaxError{Offset: at, Length: from - at, Key: ErrQuote}
	}
	_, size := utf8.DecodeRuneInString(text[from+n:])
	inner := strings.Join(strings.Fields(text[from:from+n]), " ")
	return piece{kind: kindPhrase, at: at, to: from + n + size, text: inner}, nil
}

// lexChunk takes what reaches to the next space, parenthesis or quotation mark.
func lexChunk(text string, at int) (piece, *SyntaxError) {
	to := len(text)
	if n := strings.IndexFunc(text[at:], endsChunk); n >= 0 {
		to = at + n
	}
	p := piece{kind: kindTerm, at: at, to: to, text: text[at:to]}
	if k, ok := operators[p.text]; ok {
		p.kind = k
		return p, nil
	}
	if p.text == "NEAR" || strings.HasPrefix(p.text, "NEAR/") {
		return lexNear(p)
	}
	if name, value, ok := cutField(p.text); ok {
		return lexField(text, p, name, value)
	}
	return p, nil
}

func endsChunk(r rune) bool { return r == '(' || r == ')' || unicode.IsSpace(r) || isQuote(r) }

func lexNear(p piece) (piece, *SyntaxError) {
	_, number, _ := strings.Cut(p.text, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n > MaxNear {
		return p, &SyntaxError{Offset: p.at, Length: p.to - p.at, Key: ErrNear, Args: args{"Max": MaxNear}}
	}
	p.kind, p.near = kindNear, int(n)
	return p, nil
}

// cutField parts name:value. A web address is no field, nor is 10:30.
func cutField(s string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(s, ":")
	if !ok || name == "" || strings.HasPrefix(value, "//") {
		return "", "", false
	}
	return name, value, !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
}

// lexField takes a field, whose value may be quoted.
func lexField(text string, p piece, name, value string) (piece, *SyntaxError) {
	p.kind, p.name, p.text = kindField, strings.ToLower(name), value
	r, size := utf8.DecodeRuneInString(text[p.to:])
	if value != "" || !isQuote(r) {
		return p, nil
	}
	q, err := lexPhrase(text, p.to, p.to+size)
	if err != nil {
		return p, err
	}
	p.to, p.text = q.to, q.text
	return p, nil
}
