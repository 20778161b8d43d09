package file

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"lastword"
)

// A Format is a kind of file.
type Format string

// The formats. The empty one is told by the content.
const (
	JSONLines Format = "jsonl"
	JSONArray Format = "json"
	CSV       Format = "csv" // TSV too: the delimiter is told by the content
	Mbox      Format = "mbox"
	Feed      Format = "feed"
)

func (f Format) known() bool {
	switch f {
	case "", JSONLines, JSONArray, CSV, Mbox, Feed:
		return true
	}
	return false
}

// FormatOf tells a file's format by its beginning, decompressed and in UTF-8;
// its name is asked only where that tells nothing.
func FormatOf(name string, head []byte) Format {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	switch {
	case fromLine(head):
		return Mbox
	case bytes.HasPrefix(head, []byte("<")) && markup(head):
		return Feed
	case bytes.HasPrefix(head, []byte("{")):
		return objectFormat(head)
	case arrayOfObjects.Match(head):
		return JSONArray
	}
	return formatOfName(name)
}

var (
	arrayOfObjects = regexp.MustCompile(`^\[\s*(\{|\]\s*$)`)
	jsonFeed       = regexp.MustCompile(`"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/`)
)

func objectFormat(head []byte) Format {
	if jsonFeed.Match(head[:min(len(head), 4096)]) {
		return Feed
	}
	return JSONLines
}

// markup reports whether a document that begins with "<" is a feed.
func markup(head []byte) bool {
	start := bytes.ToLower(head[:min(len(head), 4096)])
	for _, root := range []string{"<?xml", "<rss", "<feed", "<rdf:rdf"} {
		if bytes.Contains(start, []byte(root)) {
			return true
		}
	}
	return false
}

func formatOfName(name string) Format {
	switch path.Ext(strings.ToLower(baseName(name))) {
	case ".jsonl", ".ndjson", ".json":
		return JSONLines
	case ".mbox", ".eml":
		return Mbox
	case ".rss", ".atom", ".xml":
		return Feed
	}
	return CSV
}

// A record is one row, mail or entry as read.
type record struct {
	post    lastword.Post
	ok      bool     // there is a post
	reasons []string // what was wrong with it
	place   string   // names it to a person
}

// A decoder reads records one after the other; io.EOF ends them. Nothing in a
// file makes it fail: what cannot be read is a record that is not ok.
type decoder interface {
	next() (record, error)
	position() position
}

// decoder makes the decoder that goes on at cur, and notes in cur what was
// found out about the file.
func (s *source) decoder(in *input, cur *cursor) (decoder, error) {
	if cur.Format == "" {
		cur.Format = FormatOf(s.file, in.head)
	}
	f := s.shape
	f.now = s.host.Now()
	l := lines{r: in.r, at: cur.At, line: cur.Line}
	switch cur.Format {
	case JSONArray:
		return &arrayDecoder{lines: l, row: newObjects(f)}, nil
	case CSV:
		return s.tableDecoder(in, cur, l, f)
	case Mbox:
		return newMbox(l, f), nil
	case Feed:
		return newFeed(in, l, f)
	}
	return &jsonDecoder{lines: l, row: newObjects(f)}, nil
}

// tableDecoder settles the mapping: the one in the cursor, the one asked for,
// or the guessed one.
func (s *source) tableDecoder(in *input, cur *cursor, l lines, f shape) (decoder, error) {
	t := Guess(in.head)
	if cur.Mapping != "" {
		m, err := ParseMapping(cur.Mapping)
		if err != nil {
			return nil, err
		}
		t.Mapping = m
	}
	columns, err := t.columns()
	if err != nil {
		return nil, fmt.Errorf("file: %s: %w", s.shape.file, err)
	}
	cur.Mapping = t.Mapping.String()
	f.monthFirst = t.MonthFirst
	return &tableDecoder{
		records: records{lines: l, comma: t.Delimiter, plain: cur.Plain},
		columns: columns, width: len(t.Columns), header: t.Header && cur.At == 0, shape: f,
	}, nil
}
