package text

import (
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PlainHTML returns what a reader of the markup sees, as clean plain text:
// paragraphs apart, <br> and list items on lines of their own, pictures by
// their alternative text, neither scripts nor styles nor comments. It never
// builds a tree, so deep nesting costs nothing.
func PlainHTML(s string) string {
	var p plain
	z := html.NewTokenizer(strings.NewReader(s))
	for p.take(z, z.Next()) {
	}
	return Clean(p.out.String())
}

type plain struct {
	out  strings.Builder
	skip atom.Atom // the element whose text nobody sees, or 0
}

// take handles one token; it returns false at the end.
func (p *plain) take(z *html.Tokenizer, kind html.TokenType) bool {
	switch kind {
	case html.ErrorToken:
		if z.Err() != io.EOF { // an overlong token: keep what it holds
			p.text(string(z.Raw()))
		}
		return false
	case html.TextToken:
		p.text(string(z.Text()))
	case html.StartTagToken, html.SelfClosingTagToken:
		p.open(z, kind)
	case html.EndTagToken:
		name, _ := z.TagName()
		p.close(atom.Lookup(name))
	}
	return true
}

// text writes a text node. Line breaks within it are only white space.
func (p *plain) text(s string) {
	if p.skip == 0 {
		p.out.WriteString(strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, s))
	}
}

func (p *plain) open(z *html.Tokenizer, kind html.TokenType) {
	name, attributes := z.TagName()
	tag := atom.Lookup(name)
	switch {
	case p.skip != 0:
	case unseen(tag) && kind == html.StartTagToken:
		p.skip = tag
	case tag == atom.Img && attributes:
		p.text(alt(z))
	case tag == atom.Li:
		p.out.WriteString("\n- ")
	default:
		p.out.WriteString(gapOf(tag))
	}
}

func (p *plain) close(tag atom.Atom) {
	switch {
	case p.skip != 0:
		if tag == p.skip {
			p.skip = 0
		}
	case tag != atom.Li && tag != atom.Br:
		p.out.WriteString(gapOf(tag))
	}
}

func alt(z *html.Tokenizer) string {
	for {
		key, value, more := z.TagAttr()
		if string(key) == "alt" {
			return string(value)
		}
		if !more {
			return ""
		}
	}
}

// unseen lists the elements whose content a tokenizer hands over as raw text
// and a browser does not show (HTML §13.2.5).
func unseen(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Iframe, atom.Noembed, atom.Noframes:
		return true
	}
	return false
}

// gapOf returns the white space that an element's border makes.
func gapOf(tag atom.Atom) string {
	switch tag {
	case atom.Br, atom.Tr, atom.Dt, atom.Dd, atom.Div, atom.Li, atom.Figcaption:
		return "\n"
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table,
		atom.Blockquote, atom.Pre, atom.Hr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Figure:
		return "\n\n"
	case atom.Td, atom.Th:
		return " "
	}
	return ""
}
