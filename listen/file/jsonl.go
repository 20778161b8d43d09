package file

import (
	"bytes"
	"encoding/json"
	"strings"

	"lastword/internal/text"
)

// jsonDecoder reads one JSON object a line.
type jsonDecoder struct {
	lines
	row objects
}

func (d *jsonDecoder) next() (record, error) {
	for {
		line, whole, err := d.lines.next(maxLine)
		if err != nil {
			return record{}, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if !whole {
			return refused(LineTooLong, lineOf(d.line)), nil
		}
		return d.row.record(line, lineOf(d.line)), nil
	}
}

func refused(reason, place string) record {
	return record{reasons: []string{reason}, place: place}
}

// objects turns JSON objects into posts.
type objects struct {
	roles map[string]alias
	shape shape
}

func newObjects(f shape) objects { return objects{roles: aliases(), shape: f} }

func (o *objects) record(object []byte, place string) record {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text.UTF8(object), &members); err != nil || members == nil {
		return refused(notThat(object), place)
	}
	return o.shape.record(o.fields(members), place)
}

// fields picks the members that mean something, the best-named of each role.
func (o *objects) fields(members map[string]json.RawMessage) fields {
	row, rank := fields{}, map[Role]int{}
	var author json.RawMessage
	for name, value := range members {
		a, known := o.roles[fold(name)]
		if !known || rank[a.role] != 0 && rank[a.role] < a.rank {
			continue
		}
		if s := scalar(value); s != "" {
			row[a.role], rank[a.role] = s, a.rank
		} else if a.role == Author && bytes.HasPrefix(value, []byte("{")) {
			author, rank[a.role] = value, a.rank
		}
	}
	row.addAuthor(author)
	return row
}

// notThat says why something is not a JSON object.
func notThat(line []byte) string {
	if json.Valid(line) {
		return NotObject
	}
	return NotJSON
}

// addAuthor reads an author that is an object of its own; what the row says
// beside it comes first.
func (f fields) addAuthor(object json.RawMessage) {
	var members map[string]json.RawMessage
	if object == nil || json.Unmarshal(object, &members) != nil {
		return
	}
	folded := map[string]json.RawMessage{}
	for name, value := range members {
		folded[fold(name)] = value
	}
	for _, a := range authorMembers() {
		if f[a.role] == "" {
			f[a.role] = scalar(folded[a.name])
		}
	}
}

// scalar returns a string, number or truth value as text; a list's first.
func scalar(value json.RawMessage) string {
	value = bytes.TrimSpace(value)
	switch {
	case len(value) == 0 || string(value) == "null" || value[0] == '{':
		return ""
	case value[0] == '"':
		var s string
		if json.Unmarshal(value, &s) != nil {
			return ""
		}
		return strings.TrimSpace(s)
	case value[0] == '[':
		return firstOf(value)
	}
	return string(value)
}

func firstOf(list json.RawMessage) string {
	var values []json.RawMessage
	if json.Unmarshal(list, &values) != nil || len(values) == 0 || bytes.HasPrefix(values[0], []byte("[")) {
		return ""
	}
	return scalar(values[0])
}

// arrayDecoder reads the objects of one JSON array, however they are spread
// over lines.
type arrayDecoder struct {
	lines
	row objects
}

func (d *arrayDecoder) next() (record, error) {
	object, whole, err := d.value()
	switch {
	case err != nil:
		return record{}, err
	case !whole:
		return refused(LineTooLong, lineOf(d.line+1)), nil
	}
	return d.row.record(object, lineOf(d.line+1)), nil
}

// value returns the bytes from the next opening brace to the one that closes
// it; at most maxLine of them. What stands between objects is skipped.
func (d *arrayDecoder) value() (object []byte, whole bool, err error) {
	d.buf = d.buf[:0]
	var s nesting
	for size := 0; ; {
		c, err := d.r.ReadByte()
		if err != nil {
			return d.rest(err, size)
		}
		d.at++
		if c == '\n' {
			d.line++
		}
		if !s.take(c) {
			continue
		}
		if size++; size <= maxLine {
			d.buf = append(d.buf, c)
		}
		if s.depth == 0 {
			return d.buf, size <= maxLine, nil
		}
	}
}

// rest is an object that the end of the file cut, if there is one.
func (d *arrayDecoder) rest(err error, size int) ([]byte, bool, error) {
	if size == 0 || lineError(err) != err {
		return nil, false, lineError(err)
	}
	return d.buf, size <= maxLine, nil
}

// nesting follows braces outside of strings.
type nesting struct {
	depth           int
	quoted, escaped bool
}

// take reports whether c belongs to an object.
func (s *nesting) take(c byte) bool {
	switch {
	case s.escaped:
		s.escaped = false
	case s.quoted:
		s.quoted, s.escaped = c != '"', c == '\\'
	case c == '{':
		s.depth++
	case s.depth == 0:
		return false
	case c == '"':
		s.quoted = true
	case c == '}':
		s.depth--
	}
	return true
}
