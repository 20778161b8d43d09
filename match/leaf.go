package match

import (
	"strings"
	"unicode/utf8"
)

// leaf makes a node of a term, a phrase or a field.
func leaf(p piece) (*node, *SyntaxError) {
	switch p.kind {
	case kindField:
		return fieldLeaf(p)
	case kindPhrase:
		return phraseLeaf(p)
	}
	words, err := patterns(p, p.text)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, failAt(p, ErrEmptyTerm, args{"Term": p.text})
	}
	return &node{op: opWords, words: words, text: p.text}, nil
}

func phraseLeaf(p piece) (*node, *SyntaxError) {
	n := &node{op: opWords, text: p.text, quoted: true}
	for chunk := range strings.SplitSeq(p.text, " ") {
		words, err := patterns(p, chunk)
		if err != nil {
			return nil, err
		}
		n.words = append(n.words, words...)
	}
	if len(n.words) == 0 {
		return nil, failAt(p, ErrEmptyPhrase, nil)
	}
	return n, nil
}

// patterns folds one chunk of a query, which may have wildcards at its ends.
func patterns(p piece, chunk string) ([]pattern, *SyntaxError) {
	sigil, inner := byte(0), chunk
	if strings.HasPrefix(chunk, "#*") || strings.HasPrefix(chunk, "@*") {
		sigil, inner = chunk[0], chunk[1:]
	}
	rest := strings.TrimLeft(inner, "*")
	head := len(rest) < len(inner)
	inner = strings.TrimRight(rest, "*")
	tail := len(inner) < len(rest)
	if strings.Contains(inner, "*") {
		return nil, failAt(p, ErrWildInside, args{"Term": chunk})
	}
	words := plainPatterns(inner, tail)
	if len(words) == 0 {
		if head || tail {
			return nil, failAt(p, ErrWildShort, args{"Term": chunk, "Min": MinWild})
		}
		return nil, nil
	}
	if sigil != 0 {
		words[0].sigil = sigil
	}
	words[0].head = head
	words[len(words)-1].tail = tail
	return words, checkWild(p, chunk, words)
}

func plainPatterns(text string, open bool) []pattern {
	var words []pattern
	for _, t := range split(text, open) {
		words = append(words, pattern{fold: t.fold, sigil: t.sigil})
	}
	return words
}

// checkWild refuses a wildcard beside too little. A character that is a word by
// itself needs no wildcard: more of it follows as the next word.
func checkWild(p piece, chunk string, words []pattern) *SyntaxError {
	for i := range words {
		w := &words[i]
		if first, _ := utf8.DecodeRuneInString(w.fold); classOf(first) == solo {
			w.head, w.tail = false, false
		}
		if w.wild() && utf8.RuneCountInString(w.fold) < MinWild {
			return failAt(p, ErrWildShort, args{"Term": chunk, "Min": MinWild})
		}
	}
	return nil
}

func fieldLeaf(p piece) (*node, *SyntaxError) {
	for f, name := range fieldNames {
		if p.name == name {
			return fieldNode(p, field(f))
		}
	}
	return nil, failAt(p, ErrField, args{"Field": p.name, "Known": strings.Join(fieldNames[:], ", ")})
}

func fieldNode(p piece, f field) (*node, *SyntaxError) {
	n := &node{op: opField, field: f, value: f.fold(p.text)}
	switch {
	case n.value == "", strings.Contains(n.value, "*"),
		f == fieldIs && n.value != isReply && n.value != isOwn && n.value != isPrivate:
		return nil, failAt(p, ErrValue, args{"Field": p.name, "Value": p.text, "Known": f.known()})
	}
	return n, nil
}

// known lists the values a field may have, where they are few.
func (f field) known() string {
	if f == fieldIs {
		return strings.Join([]string{isReply, isOwn, isPrivate}, ", ")
	}
	return ""
}

// maxLang is the longest language tag that is looked at, in bytes. RFC 5646
// §4.4.1 asks for room for 35.
const maxLang = 64

// fold brings a field's value into the form in which it is compared.
func (f field) fold(v string) string {
	v = strings.TrimSpace(v)
	switch f {
	case fieldAuthor:
		return strings.ToLower(strings.TrimPrefix(v, "@"))
	case fieldSite:
		return hostOf(v)
	case fieldLang:
		if len(v) > maxLang {
			return ""
		}
		return strings.ToLower(strings.ReplaceAll(v, "_", "-"))
	}
	return strings.ToLower(v)
}
