package syndication

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
)

// What the parser may be made to copy, by tricks that a feed does not need.
const (
	maxBindings = 20_000_000 // namespace bindings, summed over all elements
	maxGlued    = 1 << 30    // bytes, summed over every addition to an element's text
	maxBase     = 256        // bytes of the xml:base in force
	maxNode     = 1 << 20    // bytes of text directly in one element
	maxDamaged  = 100        // faults
	maxWalks    = 4          // times the document's length that faults may make us walk
)

// A survey walks the markup once, before the parser does: it counts what the
// parser would cost, and finds the items that are whole. The parser recurses
// and copies without a bound of its own, and gives a document up at its first
// fault.
type survey struct {
	doc      []byte
	at       int // offset in doc of the decoder's first byte
	dec      *xml.Decoder
	open     []element
	items    []span
	strays   []span   // end tags that close nothing
	head     []byte   // what stands before the first item
	outer    []string // the elements around the items
	inItem   int      // offset of the item that is open, or -1
	ended    bool
	damaged  int
	walked   int // bytes, by decoders before this one
	elements int
	bindings int
	glued    int
}

type element struct {
	name     string // as written, with its prefix
	bindings int
	base     int
	text     int
}

type span struct{ from, to int }

// look surveys doc. Its only error is ErrTooComplex.
func look(doc []byte) (*survey, error) {
	s := &survey{doc: doc, inItem: -1}
	s.restart(0)
	for !s.ended {
		from := s.at + int(s.dec.InputOffset())
		t, err := s.dec.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			s.ended = true
		case err != nil:
			s.skip(from)
		default:
			if err := s.take(t, from); err != nil {
				return nil, err
			}
		}
	}
	if s.inItem >= 0 {
		s.damaged++
	}
	return s, nil
}

func (s *survey) restart(at int) {
	s.at = at
	s.dec = xml.NewDecoder(bytes.NewReader(s.doc[at:]))
	s.dec.Strict = false
}

var itemTag = regexp.MustCompile(`<(?:[A-Za-z][\w.-]*:)?(?:item|entry)[\s>]`)

// skip goes on at the next item after a place that is no markup.
func (s *survey) skip(bad int) {
	s.damaged++
	s.surround(bad)
	from := min(bad+1, len(s.doc))
	loc := itemTag.FindIndex(s.doc[from:])
	s.walked += int(s.dec.InputOffset())
	s.ended = loc == nil || s.damaged >= maxDamaged || s.walked > maxWalks*len(s.doc)
	s.inItem = -1
	if !s.ended {
		s.open = s.open[:min(len(s.open), len(s.outer))]
		s.restart(from + loc[0])
	}
}

// surround notes, at the first item or the first fault, what the items stand
// in. An element that a fault left open before any item is closed.
func (s *survey) surround(at int) {
	if s.head != nil {
		return
	}
	n := len(s.open)
	for n > 0 && !holds(local(s.open[n-1].name)) {
		n--
	}
	s.outer = names(s.open[:n])
	s.head = closed(bytes.Clone(s.doc[:at]), names(s.open[n:]))
}

func closed(doc []byte, open []string) []byte {
	for i := len(open) - 1; i >= 0; i-- {
		doc = append(append(append(doc, "</"...), open[i]...), '>')
	}
	return doc
}

func holds(name string) bool {
	switch strings.ToLower(name) {
	case "channel", "feed", "rdf", "rss":
		return true
	}
	return false
}

func (s *survey) take(t xml.Token, from int) error {
	switch t := t.(type) {
	case xml.StartElement:
		return s.start(t, from)
	case xml.EndElement:
		s.end(written(t.Name), from)
	case xml.CharData:
		return s.say(len(t))
	}
	return nil
}

// say adds n bytes of text. An item with more of it than anybody writes is left
// out, for the parser makes trees of some texts.
func (s *survey) say(n int) error {
	if len(s.open) == 0 {
		return nil
	}
	e := &s.open[len(s.open)-1]
	e.text += n
	s.glued += e.text
	if e.text > maxNode && s.inItem >= 0 {
		s.inItem = -1
		s.damaged++
	}
	if s.glued > maxGlued || e.text > maxNode && len(s.open) <= len(s.outer) {
		return ErrTooComplex
	}
	return nil
}

func (s *survey) start(t xml.StartElement, from int) error {
	e := element{name: written(t.Name)}
	if n := len(s.open); n > 0 {
		e.bindings, e.base = s.open[n-1].bindings, s.open[n-1].base
	}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns", a.Name.Space == "" && a.Name.Local == "xmlns":
			e.bindings++
		case a.Name.Space == "xml" && a.Name.Local == "base":
			e.base += len(a.Value)
		}
	}
	s.elements++
	s.bindings += e.bindings
	if len(s.open) >= MaxDepth || s.elements > MaxElements || s.bindings > maxBindings || e.base > maxBase {
		return ErrTooComplex
	}
	if s.inItem < 0 && isItem(t.Name.Local) {
		s.startItem(from)
	}
	s.open = append(s.open, e)
	return nil
}

// startItem closes what was left open before the item and would swallow it.
func (s *survey) startItem(from int) {
	s.inItem = from
	s.surround(from)
	if len(s.open) > len(s.outer) {
		s.open = s.open[:len(s.outer)]
		s.damaged++
	}
}

// end closes name and all that stands open in it, as the parser does. An end
// tag that closes nothing would close everything for the parser.
func (s *survey) end(name string, from int) {
	to := s.at + int(s.dec.InputOffset())
	n := len(s.open) - 1
	for n >= 0 && s.open[n].name != name {
		n--
	}
	if n < 0 {
		s.strays = append(s.strays, span{from, to})
		return
	}
	if s.inItem >= 0 && n <= len(s.outer) {
		if n == len(s.outer) && isItem(local(name)) && len(s.items) < MaxItems {
			s.items = append(s.items, span{s.inItem, to})
		}
		s.inItem = -1
	}
	s.open = s.open[:n]
	s.ended = n == 0
}

// repaired returns the document without its strays and, if it is damaged or too
// long, with its whole items only.
func (s *survey) repaired() []byte {
	for _, stray := range s.strays {
		for i := stray.from; i < stray.to; i++ {
			s.doc[i] = ' '
		}
	}
	if s.damaged == 0 && len(s.open) == 0 && len(s.items) < MaxItems || len(s.items) == 0 {
		return s.doc
	}
	out := s.head
	for _, item := range s.items {
		out = append(out, s.doc[item.from:item.to]...)
	}
	return closed(out, s.outer)
}

func isItem(local string) bool { return local == "item" || local == "entry" }

func written(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func local(name string) string {
	return name[strings.IndexByte(name, ':')+1:]
}

func names(open []element) []string {
	all := make([]string, len(open))
	for i, e := range open {
		all[i] = e.name
	}
	return all
}
