package file

import (
	"bytes"
	"io"

	"lastword/internal/text"
)

// records splits a table into rows of cells (RFC 4180 §2), forgiving what real
// files do: a quote within a bare cell is a letter, a closing quote may be
// followed by text, rows may be ragged.
type records struct {
	lines
	comma   byte
	plain   int64      // up to this offset a quoted cell ends with its line
	pos     position   // after the row read last
	pending []physical // lines read in vain while looking for a closing quote
}

// physical is one line of the file.
type physical struct {
	text  []byte
	whole bool
	end   position
}

// A row is one record of a table.
type row struct {
	cells  []string
	line   int    // where it begins
	reason string // why it cannot be used
}

// next returns the next row that is not blank.
func (r *records) next() (row, error) {
	for {
		p, err := r.take()
		if err != nil {
			return row{}, err
		}
		switch {
		case len(bytes.TrimSpace(p.text)) == 0:
			continue
		case !p.whole:
			return row{line: p.end.line, reason: LineTooLong}, nil
		}
		return r.row(p)
	}
}

func (r *records) position() position {
	p := r.pos
	p.plain = r.plain
	return p
}

// take returns the next line, one that was given back first.
func (r *records) take() (physical, error) {
	if len(r.pending) > 0 {
		p := r.pending[0]
		r.pending, r.pos = r.pending[1:], p.end
		return p, nil
	}
	line, whole, err := r.lines.next(maxLine)
	if err != nil {
		return physical{}, err
	}
	r.pos = r.lines.position()
	return physical{text: bytes.Clone(line), whole: whole, end: r.pos}, nil
}

func (r *records) row(first physical) (row, error) {
	s := splitter{comma: r.comma}
	s.add(first.text)
	if s.quoted && first.end.at > r.plain {
		return r.longer(first, &s)
	}
	return s.row(first.end.line), nil
}

// longer adds lines until the quoted cell is closed. If it never is, the first
// line alone is refused and the others are read again, each by itself: one
// stray quote costs one row, and the time stays linear.
func (r *records) longer(first physical, s *splitter) (row, error) {
	var taken []physical
	for size := len(first.text); ; {
		p, err := r.take()
		if err != nil && err != io.EOF {
			return row{}, err
		}
		if err == nil {
			taken = append(taken, p)
			size += len(p.text)
		}
		if err == io.EOF || !p.whole || size > maxLine {
			r.giveBack(first.end, taken)
			return row{line: first.end.line, reason: OpenQuote}, nil
		}
		if s.add(p.text); !s.quoted {
			return s.row(first.end.line), nil
		}
	}
}

func (r *records) giveBack(to position, taken []physical) {
	r.pending = append(taken, r.pending...)
	r.pos, r.plain = to, to.at
	if n := len(taken); n > 0 {
		r.plain = taken[n-1].end.at
	}
}

// A splitter makes cells of lines.
type splitter struct {
	comma  byte
	cells  []string
	cell   []byte
	quoted bool // within a quoted cell
	closed bool // behind one
}

// add takes one line with its line break.
func (s *splitter) add(line []byte) {
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case s.quoted && c == '"' && i+1 < len(line) && line[i+1] == '"':
			s.cell = append(s.cell, '"')
			i++
		case s.quoted && c == '"':
			s.quoted, s.closed = false, true
		case s.quoted:
			s.cell = append(s.cell, c)
		default:
			s.bare(c)
		}
	}
}

// bare takes a byte outside of quotes.
func (s *splitter) bare(c byte) {
	switch {
	case c == s.comma:
		s.end()
	case c == '"' && len(s.cell) == 0 && !s.closed:
		s.quoted = true
	case c == '\r', c == '\n': // the end of the line
	default:
		s.cell = append(s.cell, c)
	}
}

func (s *splitter) end() {
	s.cells = append(s.cells, string(text.UTF8(s.cell)))
	s.cell, s.closed = s.cell[:0], false
}

// row ends the last cell.
func (s *splitter) row(line int) row {
	s.end()
	r := row{cells: s.cells, line: line}
	for _, cell := range s.cells {
		if len(cell) > maxCell {
			r.reason = CellTooLong
		}
	}
	return r
}

// tableDecoder reads the rows of a table by their columns.
type tableDecoder struct {
	records
	columns map[Role]int
	width   int
	header  bool // the next row holds the names of the columns
	shape   shape
}

func (d *tableDecoder) next() (record, error) {
	r, err := d.records.next()
	if err == nil && d.header {
		d.header = false
		r, err = d.records.next()
	}
	if err != nil {
		return record{}, err
	}
	if r.reason != "" {
		return refused(r.reason, lineOf(r.line)), nil
	}
	rec := d.shape.record(d.fields(r.cells), lineOf(r.line))
	if len(r.cells) != d.width && rec.ok {
		rec.reasons = append(rec.reasons, Ragged)
	}
	return rec, nil
}

func (d *tableDecoder) fields(cells []string) fields {
	f := fields{}
	for role, i := range d.columns {
		if i < len(cells) {
			f[role] = cells[i]
		}
	}
	return f
}
