package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword"
)

// lookFields marks the fields that the post has, of those that are asked for.
func (m *matcher) lookFields(p *lastword.Post) {
	asks := &m.set.asks
	if asks[fieldAuthor] {
		m.lookField(fieldAuthor, strings.TrimPrefix(strings.TrimSpace(p.Author.Handle), "@"))
	}
	if asks[fieldNetwork] {
		m.lookField(fieldNetwork, strings.TrimSpace(p.Network))
	}
	if asks[fieldLang] {
		m.lookLang(strings.TrimSpace(p.Lang))
	}
	if asks[fieldSite] {
		m.lookSites(p)
	}
	if asks[fieldIs] {
		m.lookIs(p)
	}
}

// lookField marks one field's value, in lower case.
func (m *matcher) lookField(f field, value string) {
	m.fold = append(append(m.fold[:0], fieldNames[f]...), ':')
	for _, r := range value {
		if f == fieldLang && r == '_' {
			r = '-'
		}
		m.fold = utf8.AppendRune(m.fold, unicode.ToLower(r))
	}
	if id := m.set.words.get(hashBytes(m.fold)); id != 0 {
		m.mark(id)
	}
}

// lookLang marks a language tag and what it begins with: de-AT is de, too.
func (m *matcher) lookLang(tag string) {
	if len(tag) > maxLang {
		return
	}
	for i := range len(tag) {
		if tag[i] == '-' || tag[i] == '_' {
			m.lookField(fieldLang, tag[:i])
		}
	}
	m.lookField(fieldLang, tag)
}

func (m *matcher) lookSites(p *lastword.Post) {
	m.lookHost(hostOf(p.URL))
	for _, text := range [2]string{p.Title, p.Text} {
		for l, ok := nextLink(text, 0); ok; l, ok = nextLink(text, l.end) {
			m.lookHost(l.host)
		}
	}
}

// lookHost marks a host and every domain that it belongs to.
func (m *matcher) lookHost(host string) {
	for ok := true; ok; _, host, ok = strings.Cut(host, ".") {
		m.lookField(fieldSite, host)
	}
}

func (m *matcher) lookIs(p *lastword.Post) {
	if p.Parent != "" {
		m.lookField(fieldIs, isReply)
	}
	if p.Own {
		m.lookField(fieldIs, isOwn)
	}
	if p.Private {
		m.lookField(fieldIs, isPrivate)
	}
}

// index makes what finds a post's terms.
func (b *builder) index(s *Set) {
	hashes := make([]uint64, len(b.all))
	for id, t := range b.all {
		switch t.kind {
		case wordTerm:
			h := hashBytes([]byte(t.word.fold))
			if t.word.sigil != 0 {
				h = hashSigil(h, t.word.sigil)
				s.sigils = true
			}
			hashes[b.final[id]-1] = h
		case fieldTerm:
			hashes[b.final[id]-1] = hashBytes([]byte(t.key))
			s.asks[fieldOf(t.key)] = true
		}
	}
	s.words = newDict(hashes, nil)
	s.places = hasPlaces(b.forms)
	b.indexPhrases(s)
	b.indexWild(s)
}

// fieldOf returns the field of a key as terms.leaf spells it.
func fieldOf(key string) field {
	for f, name := range fieldNames {
		if strings.HasPrefix(key, name+":") {
			return field(f)
		}
	}
	return fieldIs
}

func hasPlaces(forms []form) bool {
	for _, f := range forms {
		if f.kind == rowForm || f.kind == nearForm {
			return true
		}
	}
	return false
}
