// Package markdown sets what people write in Markdown: as HTML for a page of our
// own, and as plain text for places that know none. Both take any text. No HTML of
// the writer's own comes through, and no address but of the web and of mail.
package markdown

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// flavour is CommonMark with web addresses that become links, and lines through,
// and without HTML: somebody's own angle brackets are words to us. A line ends where
// its writer ended it.
var flavour = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
		parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)),
	goldmark.WithExtensions(extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), extension.Strikethrough),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame{}, 100))),
	goldmark.WithRendererOptions(html.WithHardWraps()),
)

// without leaves out one parser.
func without(all []util.PrioritizedValue, one any) []util.PrioritizedValue {
	return slices.DeleteFunc(all, func(p util.PrioritizedValue) bool { return p.Value == one })
}

// tame takes away what a text has no business to bring: pictures from elsewhere,
// which would tell another server who reads, become links; links lead to the web
// or to mail only; headings begin below the page's own.
type tame struct{}

// Transform implements parser.ASTTransformer.
func (tame) Transform(doc *ast.Document, source text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	var strange []*ast.AutoLink
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+1, 6)
		case *ast.Link:
			n.Destination = safe(n.Destination)
		case *ast.Image:
			pictures = append(pictures, n)
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL && safe(n.URL(source.Source())) == nil {
				strange = append(strange, n)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil { // the walker above returns none
		return
	}
	for _, a := range strange {
		a.Parent().ReplaceChild(a.Parent(), a, ast.NewString(a.Label(source.Source())))
	}
	for _, p := range pictures {
		link := ast.NewLink()
		link.Destination = safe(p.Destination)
		for c := p.FirstChild(); c != nil; {
			next := c.NextSibling()
			link.AppendChild(link, c)
			c = next
		}
		p.Parent().ReplaceChild(p.Parent(), p, link)
	}
}

// safe is an address that a reader may follow, or none.
func safe(address []byte) []byte {
	low := bytes.ToLower(bytes.TrimSpace(address))
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if bytes.HasPrefix(low, []byte(scheme)) {
			return address
		}
	}
	return nil
}

// HTML sets a text as HTML.
func HTML(s string) (string, error) {
	var b bytes.Buffer
	if err := flavour.Convert([]byte(s), &b); err != nil {
		return "", err
	}
	return broken(b.String()), nil
}

// broken leaves one sign where a line ends: some places make a second break of the
// other. Within code a mark is written out, and is none.
func broken(html string) string { return strings.ReplaceAll(html, "<br>\n", "<br>") }

// A Block is a part of a text that stands by itself.
type Block struct {
	HTML  string
	Level int      // of a heading, from 2; 0 for all else
	Words bool     // it is a paragraph
	Items []string // of a list of single lines: what each holds, as HTML; nil for all else
	Count bool     // the list is numbered
}

// Blocks sets a text as HTML, block by block.
func Blocks(s string) ([]Block, error) {
	source := []byte(s)
	doc := flavour.Parser().Parse(text.NewReader(source))
	var all []Block
	for c := doc.FirstChild(); c != nil; c = c.NextSibling() {
		var b bytes.Buffer
		if err := flavour.Renderer().Render(&b, source, c); err != nil {
			return nil, err
		}
		one := Block{HTML: strings.TrimSpace(broken(b.String()))}
		switch c := c.(type) {
		case *ast.Heading:
			one.Level = c.Level
		case *ast.Paragraph:
			one.Words = true
		case *ast.List:
			items, err := items(source, c)
			if err != nil {
				return nil, err
			}
			one.Items, one.Count = items, c.IsOrdered() && c.Start == 1
			if c.IsOrdered() && c.Start != 1 {
				one.Items = nil
			}
		}
		if one.HTML != "" {
			all = append(all, one)
		}
	}
	return all, nil
}

// items are those of a list in which each is one line; nil otherwise.
func items(source []byte, l *ast.List) (all []string, err error) {
	for c := l.FirstChild(); c != nil; c = c.NextSibling() {
		line, ok := c.FirstChild().(*ast.TextBlock)
		if !ok || line.NextSibling() != nil {
			return nil, nil
		}
		var b bytes.Buffer
		for in := line.FirstChild(); in != nil; in = in.NextSibling() {
			if err := flavour.Renderer().Render(&b, source, in); err != nil {
				return nil, err
			}
		}
		all = append(all, broken(b.String()))
	}
	return all, nil
}

// Plain sets a text without marks: paragraphs divided by an empty line, items with
// a point or their number, the address of a link behind its words.
func Plain(s string) string {
	p := plain{source: []byte(s)}
	doc := flavour.Parser().Parse(text.NewReader(p.source))
	return strings.TrimSpace(strings.Join(p.blocks(doc), "\n\n"))
}

type plain struct{ source []byte }

// blocks are the paragraphs below a node.
func (p plain) blocks(n ast.Node) []string {
	var all []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.List:
			all = append(all, p.list(c))
		case *ast.Blockquote:
			all = append(all, p.blocks(c)...)
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			all = append(all, strings.TrimRight(p.lines(c), "\n"))
		case *ast.ThematicBreak:
		default:
			all = append(all, p.inline(c))
		}
	}
	var kept []string
	for _, b := range all {
		if strings.TrimSpace(b) != "" {
			kept = append(kept, b)
		}
	}
	return kept
}

func (p plain) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(p.source))
	}
	return b.String()
}

func (p plain) list(l *ast.List) string {
	var items []string
	number := l.Start
	for c := l.FirstChild(); c != nil; c = c.NextSibling() {
		mark := "• "
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		items = append(items, mark+strings.Join(p.blocks(c), "\n"))
	}
	return strings.Join(items, "\n")
}

// inline is the text within a paragraph.
func (p plain) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(c.Segment.Value(p.source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(p.source))
		case *ast.Link:
			words, to := p.inline(c), string(c.Destination)
			b.WriteString(words)
			if to != "" && to != words {
				b.WriteString(" " + to)
			}
		default:
			b.WriteString(p.inline(c))
		}
	}
	return b.String()
}
