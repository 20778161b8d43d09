package bluesky

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// A scanner walks over JSON (RFC 8259) without building it, because most of a
// stream is looked at only to be passed by. It reads more than the grammar
// allows, and never more than is there: what cannot be walked over sets bad,
// and every later answer is empty.
type scanner struct {
	b   []byte
	i   int
	bad bool
}

// peek returns the next byte that is not white space, or 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// enter goes into an object or array, by its opening byte, and reports whether
// it has a first member. A value of another type is skipped.
func (s *scanner) enter(opening byte) bool {
	if s.peek() != opening {
		s.skip()
		return false
	}
	s.i++
	if s.peek() == opening+2 { // '{' and '}', '[' and ']' are two apart in ASCII
		s.i++
		return false
	}
	return !s.bad
}

// next leaves a member and reports whether there is another one.
func (s *scanner) next(opening byte) bool {
	if s.bad {
		return false
	}
	switch s.peek() {
	case ',':
		s.i++
		return true
	case opening + 2:
		s.i++
		return false
	}
	s.bad = true
	return false
}

// key reads the name of a member.
func (s *scanner) key() []byte {
	if s.peek() != '"' {
		s.bad = true
		return nil
	}
	start := s.i
	k, escaped := s.quoted()
	if escaped {
		k = s.unquote(start)
	}
	if s.peek() != ':' {
		s.bad = true
		return nil
	}
	s.i++
	return k
}

// quoted walks over a string and reports whether it holds an escape.
func (s *scanner) quoted() (raw []byte, escaped bool) {
	start := s.i + 1
	for at := start; at <= len(s.b); {
		end := bytes.IndexByte(s.b[at:], '"')
		if end < 0 {
			break
		}
		back := bytes.IndexByte(s.b[at:at+end], '\\')
		if back < 0 {
			s.i = at + end + 1
			return s.b[start : at+end], escaped
		}
		at, escaped = at+back+2, true
	}
	s.i, s.bad = len(s.b), true
	return nil, false
}

// bytes reads a string; a value of another type is skipped. What comes back
// lives as long as the frame, unless the string had to be rewritten.
func (s *scanner) bytes() []byte {
	if s.peek() != '"' {
		s.skip()
		return nil
	}
	start := s.i
	raw, escaped := s.quoted()
	if s.bad || !escaped && utf8.Valid(raw) {
		return raw
	}
	return s.unquote(start)
}

// unquote rewrites the string that lies between start and here.
func (s *scanner) unquote(start int) []byte {
	var out string
	if s.bad || json.Unmarshal(s.b[start:s.i], &out) != nil {
		s.bad = true
		return nil
	}
	return []byte(out)
}

func (s *scanner) text() string { return string(s.bytes()) }

// integer reads a whole number that fits; any other value is skipped and 0.
func (s *scanner) integer() int64 {
	s.peek()
	digits := s.raw()
	var n int64
	for i, c := range digits {
		if c < '0' || c > '9' || i == 18 {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// is reads a value and reports whether it is spelled so.
func (s *scanner) is(word string) bool { return string(s.raw()) == word }

// raw walks over a value and returns its bytes.
func (s *scanner) raw() []byte {
	s.peek()
	start := s.i
	s.skip()
	if s.bad {
		return nil
	}
	return s.b[start:s.i]
}

// skip walks over a value of any type.
func (s *scanner) skip() {
	switch s.peek() {
	case '"':
		s.quoted()
	case '{', '[':
		s.skipNested()
	default:
		s.skipWord()
	}
}

// skipNested counts what is open instead of calling itself: depth costs a
// hostile sender bytes and us nothing.
func (s *scanner) skipNested() {
	depth := 0
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case '"':
			s.quoted()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.i++
		if depth == 0 {
			return
		}
	}
	s.bad = true
}

func (s *scanner) skipWord() {
	start := s.i
	for s.i < len(s.b) && (isLetterOrDigit(s.b[s.i]) || s.b[s.i] == '-' || s.b[s.i] == '+' || s.b[s.i] == '.') {
		s.i++
	}
	if s.i == start {
		s.bad = true
	}
}

// done reports whether everything was read and could be.
func (s *scanner) done() bool { return !s.bad && s.peek() == 0 && s.i == len(s.b) }
