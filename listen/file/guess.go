package file

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Table is what the beginning of a table tells about it.
type Table struct {
	Delimiter  byte // , ; | or a tab
	Header     bool // the first row names the columns
	Columns    []string
	Sample     [][]string // the first rows below the header, at most 200
	Mapping    Mapping
	Confidence map[Role]float64 // how sure each guess is, 0…1
	MonthFirst bool             // dates with slashes are month first
}

const sampleRows = 200

// Guess tells delimiter, header and mapping of a table from its beginning,
// decompressed. A column means what its name says, in German or English, if
// its cells agree; what no name says is guessed from the cells.
func Guess(head []byte) Table {
	t := Table{Delimiter: delimiterOf(head), Mapping: Mapping{}, Confidence: map[Role]float64{}}
	rows := headRows(head, t.Delimiter)
	if len(rows) == 0 {
		return t
	}
	t.Header = isHeader(rows)
	width := len(rows[0])
	for _, r := range rows {
		if !t.Header {
			width = max(width, len(r))
		}
	}
	t.Columns = columnNames(rows[0], width, t.Header)
	if t.Sample = rows; t.Header {
		t.Sample = rows[1:]
	}
	t.byName()
	t.byContent()
	t.MonthFirst = t.monthFirst()
	return t
}

// headRows splits the beginning of a table; the row that its end cuts is left
// out if there are others.
func headRows(head []byte, comma byte) [][]string {
	r := records{lines: lines{r: bufio.NewReader(bytes.NewReader(head))}, comma: comma}
	var rows [][]string
	for len(rows) <= sampleRows {
		next, err := r.next()
		if err != nil {
			break
		}
		if next.reason == "" {
			rows = append(rows, next.cells)
		}
	}
	if len(head) >= headSize && len(rows) > 1 && len(rows) <= sampleRows {
		rows = rows[:len(rows)-1]
	}
	return rows
}

// delimiterOf chooses the delimiter that makes the most cells of rows that are
// equally wide.
func delimiterOf(head []byte) byte {
	best, most := byte(','), 0.0
	for _, comma := range []byte{',', ';', '\t', '|'} {
		if score := evenness(headRows(head, comma)); score > most {
			best, most = comma, score
		}
	}
	return best
}

// evenness is the share of rows as wide as the first, times their width.
func evenness(rows [][]string) float64 {
	if len(rows) == 0 || len(rows[0]) < 2 {
		return 0
	}
	even := 0
	for _, r := range rows {
		if len(r) == len(rows[0]) {
			even++
		}
	}
	share := float64(even) / float64(len(rows))
	return share * share * float64(min(len(rows[0]), 12))
}

// isHeader reports whether the first row names columns: a name that is known,
// or words above cells that are all dates or numbers.
func isHeader(rows [][]string) bool {
	known := aliases()
	for _, name := range rows[0] {
		if _, ok := known[fold(name)]; ok {
			return true
		}
	}
	for i, name := range rows[0] {
		if c := columnOf(rows[1:], i); name != "" && !looksData(name) && c.filled > 0 && (c.times == c.filled || c.numbers == c.filled) {
			return true
		}
	}
	return false
}

func looksData(s string) bool {
	_, isTime := ParseTime(s, time.UTC, false)
	return isTime || number(s) || utf8.RuneCountInString(s) > 60
}

// columnNames are those of the header; "#3" where it has none.
func columnNames(first []string, width int, header bool) []string {
	names := make([]string, width)
	for i := range names {
		if header && i < len(first) {
			names[i] = strings.TrimSpace(first[i])
		}
		if names[i] == "" || slices.Contains(names[:i], names[i]) {
			names[i] = fmt.Sprintf("#%d", i+1)
		}
	}
	return names
}

// A column is what the cells of one column are like.
type column struct {
	filled, times, numbers, spaced, distinct, letters int
	runes                                             int // in all
}

func columnOf(rows [][]string, i int) (c column) {
	seen := map[string]bool{}
	for _, r := range rows {
		if i >= len(r) || strings.TrimSpace(r[i]) == "" {
			continue
		}
		c.add(strings.TrimSpace(r[i]))
		seen[r[i]] = true
	}
	c.distinct = len(seen)
	return c
}

func (c *column) add(cell string) {
	c.filled++
	c.runes += utf8.RuneCountInString(cell)
	if _, ok := ParseTime(cell, time.UTC, false); ok {
		c.times++
	}
	if number(cell) {
		c.numbers++
	} else if strings.IndexFunc(strings.ToLower(cell), isLetter) >= 0 {
		c.letters++
	}
	if strings.Contains(cell, " ") {
		c.spaced++
	}
}

// number reports whether s is one, as a table writes it.
func number(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.,+-%€$ ") == ""
}

func (c column) mean() float64 { return float64(c.runes) / float64(max(1, c.filled)) }

// share is n of the filled cells.
func (c column) share(n int) float64 { return float64(n) / float64(max(1, c.filled)) }

// speaks is how well the column's cells fit a role, 0…1; 0.5 says nothing.
func (c column) speaks(role Role) float64 {
	switch role {
	case Time:
		return c.share(c.times)
	case Text:
		return c.share(c.letters) * min(1, c.mean()/8)
	case Author, AuthorName:
		return 1 - min(1, c.mean()/80)
	case ID:
		return c.share(c.distinct)
	}
	return 0.5
}

// byName gives each role the column that its names know best, unless the cells
// speak against it: a "Bewertung" of 1 to 5 is not what somebody wrote.
func (t *Table) byName() {
	known := aliases()
	rank := map[Role]int{}
	for i, name := range t.Columns {
		a, ok := known[fold(name)]
		fits := columnOf(t.Sample, i).speaks(a.role)
		if !ok || !t.Header || fits < 0.2 || rank[a.role] != 0 && rank[a.role] <= a.rank {
			continue
		}
		t.Mapping[a.role], rank[a.role] = name, a.rank
		t.Confidence[a.role] = 0.6 + 0.4*fits
	}
}

// byContent finds text, time and author where no name told them.
func (t *Table) byContent() {
	for _, role := range []Role{Time, Text, AuthorHandle} {
		best, most := -1, 0.0
		for i := range t.Columns {
			if c := columnOf(t.Sample, i); !t.taken(i) && c.filled > 0 && t.evidence(role, i, c) > most {
				best, most = i, t.evidence(role, i, c)
			}
		}
		if best >= 0 && t.Mapping[role] == "" {
			t.Mapping[role], t.Confidence[role] = t.Columns[best], 0.7*min(1, most)
		}
	}
}

func (t *Table) taken(i int) bool {
	for _, name := range t.Mapping {
		if name == t.Columns[i] {
			return true
		}
	}
	return false
}

// evidence is how much a column looks like what a role holds; 0 is not at all.
func (t *Table) evidence(role Role, i int, c column) float64 {
	switch role {
	case Time:
		if s := c.share(c.times); s >= 0.8 {
			return s
		}
	case Text:
		if c.mean() >= 12 && c.share(c.spaced) >= 0.5 && c.share(c.times) < 0.5 {
			return c.share(c.letters) * c.mean() / (c.mean() + 20)
		}
	case AuthorHandle:
		return t.handles(i, c)
	}
	return 0
}

// handles is the share of cells that are one word after an "@".
func (t *Table) handles(i int, c column) float64 {
	n := 0
	for _, r := range t.Sample {
		if i < len(r) && strings.HasPrefix(strings.TrimSpace(r[i]), "@") && !strings.Contains(strings.TrimSpace(r[i]), " ") {
			n++
		}
	}
	if s := c.share(n); s >= 0.8 {
		return s
	}
	return 0
}

// monthFirst reports whether a date such as 3/31/2026 proves that months come
// first in the column of times.
func (t *Table) monthFirst() bool {
	i := t.column(t.Mapping[Time])
	if i < 0 {
		return false
	}
	for _, r := range t.Sample {
		var a, b, year int
		if i < len(r) {
			if n, err := fmt.Sscanf(strings.TrimSpace(r[i]), "%d/%d/%d", &a, &b, &year); err == nil && n == 3 && b > 12 && a <= 12 {
				return true
			}
		}
	}
	return false
}

// A Look is what the beginning of a file tells, before it is imported.
type Look struct {
	Format  Format
	Charset string // "utf-8", "windows-1252", "utf-16le" or "utf-16be"
	Packed  string // "", "gzip" or "zstd"
	Size    int64  // bytes of the file itself
	Table   Table  // of a CSV
}

// Inspect looks at a file, which it leaves at any place. An error wraps
// lastword.ErrDenied if the file is damaged.
func Inspect(ctx context.Context, name string, f io.ReadSeeker) (Look, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return Look{}, fmt.Errorf("file: look at %s: %w", baseName(name), err)
	}
	in, err := openAt(ctx, f, 0)
	if err != nil {
		return Look{}, fmt.Errorf("file: look at %s: %w", baseName(name), err)
	}
	defer in.close()
	l := Look{Format: FormatOf(name, in.head), Charset: in.charset, Packed: in.packed, Size: size}
	if l.Format == CSV {
		l.Table = Guess(in.head)
	}
	return l, nil
}

// String lists the mapping for a person: role, column, how sure, an example.
func (t Table) String() string {
	var b strings.Builder
	for _, known := range Roles() {
		name := t.Mapping[known.Role]
		if name == "" {
			continue
		}
		fmt.Fprintf(&b, "%-13s = %-24s %3.0f %%   %s\n", known.Role, name, 100*t.Confidence[known.Role], t.example(name))
	}
	for i, name := range t.Columns {
		if !t.taken(i) {
			fmt.Fprintf(&b, "%-13s   %-24s         %s\n", "-", name, t.example(name))
		}
	}
	return b.String()
}

// example is the first filled cell of a column, cut to a line.
func (t Table) example(name string) string {
	i := t.column(name)
	for _, r := range t.Sample {
		if i >= 0 && i < len(r) && strings.TrimSpace(r[i]) != "" {
			return shorten(strings.Join(strings.Fields(r[i]), " "), 48)
		}
	}
	return ""
}

func shorten(s string, runes int) string {
	for i := range s {
		if runes == 0 {
			return s[:i] + "…"
		}
		runes--
	}
	return s
}
