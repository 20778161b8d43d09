package syndication

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// scrub takes out what no XML 1.0 document may hold (§2.2) and what would make
// the parser decode it a second time.
func scrub(doc []byte) []byte {
	doc = bytes.ReplaceAll(doc, []byte("<?xml "), []byte("<?was "))
	doc = reference.ReplaceAllFunc(doc, func(ref []byte) []byte {
		if isChar(refers(ref)) {
			return ref
		}
		return nil
	})
	if bytes.IndexFunc(doc, func(r rune) bool { return !isChar(r) }) < 0 {
		return doc
	}
	return bytes.Map(func(r rune) rune {
		if isChar(r) {
			return r
		}
		return -1
	}, doc)
}

var reference = regexp.MustCompile(`&#(?:[0-9]+|[xX][0-9a-fA-F]+);`)

func refers(ref []byte) rune {
	digits, base := string(ref[2:len(ref)-1]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil {
		return -1
	}
	return rune(n)
}

// isChar is the production Char of XML 1.0 §2.2.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= utf8.MaxRune
}

var (
	rootTag = regexp.MustCompile(`<(?:[A-Za-z][\w.-]*:)?(?:rss|feed|RDF|rdf|RSS)[\s>]`)
	pageTag = regexp.MustCompile(`(?i)<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]`)
)

// headRoom is how far from its beginning a document may show what it is:
// warnings of a broken server are found before it.
const headRoom = 64 << 10

// root returns the document from its root element on, or nil. What stands
// before (declarations, comments, warnings) says nothing that counts.
func root(doc []byte) []byte {
	at := 0
	for {
		rest := doc[at:]
		n := prolog(rest)
		if n == 0 {
			break
		}
		at += n
	}
	doc = doc[at:]
	head := doc[:min(len(doc), headRoom)]
	if loc := rootTag.FindIndex(head); loc != nil && (loc[0] == 0 || !page(doc[:loc[0]])) {
		return doc[loc[0]:]
	}
	if loc := wrapped.FindIndex(head); loc != nil {
		return doc[loc[0]:]
	}
	return nil
}

// wrapped is a feed that some software put into a page.
var wrapped = regexp.MustCompile(`<feed\s[^>]*xmlns\s*=\s*["']http://www\.w3\.org/2005/Atom`)

// page reports whether doc begins as HTML does.
func page(doc []byte) bool { return pageTag.Match(doc[:min(len(doc), headRoom)]) }

// prolog returns the length of the white space, processing instruction, comment
// or document type at the beginning of doc (XML 1.0 §2.8).
func prolog(doc []byte) int {
	if n := len(doc) - len(bytes.TrimLeft(doc, " \t\r\n\uFEFF")); n > 0 {
		return n
	}
	for _, part := range [...][2]string{{"<?", "?>"}, {"<!--", "-->"}} {
		if bytes.HasPrefix(doc, []byte(part[0])) {
			if end := bytes.Index(doc, []byte(part[1])); end >= 0 {
				return end + len(part[1])
			}
		}
	}
	if bytes.HasPrefix(doc, []byte("<!DOCTYPE")) && !page(doc[:min(len(doc), 32)]) {
		return doctype(doc)
	}
	return 0
}

// doctype returns the length of a document type declaration with its internal
// subset.
func doctype(doc []byte) int {
	deep := 0
	for i, c := range doc[:min(len(doc), headRoom)] {
		switch c {
		case '[':
			deep++
		case ']':
			deep--
		case '>':
			if deep <= 0 {
				return i + 1
			}
		}
	}
	return 0
}
