package file

import (
	"slices"
	"strconv"
	"strings"

	"lastword"
)

// A Mapping says which column of a table is which role, by the column's name in
// the header or by its number as "#3".
type Mapping map[Role]string

// ParseMapping reads "text=Kommentar,time=Datum,author=Name". A column whose
// name holds a comma, a quote or an equals sign stands in double quotes, with a
// backslash before a quote within. An unknown role, or one named twice, is a
// *lastword.Mistake of the field "mapping".
func ParseMapping(s string) (Mapping, error) {
	m := Mapping{}
	for rest := strings.TrimSpace(s); rest != ""; {
		name, after, found := strings.Cut(rest, "=")
		role := Role(strings.ToLower(strings.TrimSpace(name)))
		if !found || !isRole(role) || m[role] != "" {
			return nil, mappingMistake("connector.file.bad_mapping", map[string]any{"Part": rest})
		}
		column, tail, ok := columnName(after)
		if !ok {
			return nil, mappingMistake("connector.file.bad_mapping", map[string]any{"Part": rest})
		}
		m[role], rest = column, tail
	}
	return m, nil
}

func mappingMistake(key string, args map[string]any) error {
	return &lastword.Mistake{Key: key, Field: fieldMapping, Args: args}
}

// columnName takes a column's name and the comma after it from s.
func columnName(s string) (name, rest string, ok bool) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `"`) {
		name, rest, _ = strings.Cut(s, ",")
		name = strings.TrimSpace(name)
		return name, strings.TrimSpace(rest), name != ""
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", false
	}
	name, err = strconv.Unquote(quoted)
	rest = strings.TrimSpace(s[len(quoted):])
	rest, comma := strings.CutPrefix(rest, ",")
	return name, strings.TrimSpace(rest), err == nil && name != "" && (comma || rest == "")
}

// String returns the mapping as [ParseMapping] reads it, in the order of [Roles].
func (m Mapping) String() string {
	var parts []string
	for _, known := range Roles() {
		if column := m[known.Role]; column != "" {
			parts = append(parts, string(known.Role)+"="+quoteColumn(column))
		}
	}
	return strings.Join(parts, ",")
}

func quoteColumn(name string) string {
	if strings.ContainsAny(name, ",=\"\\\r\n") || strings.TrimSpace(name) != name {
		return strconv.Quote(name)
	}
	if q := strconv.Quote(name); q != `"`+name+`"` { // control characters, broken UTF-8
		return q
	}
	return name
}

// columns resolves the mapping to places in a row.
func (t Table) columns() (map[Role]int, error) {
	out := map[Role]int{}
	for role, name := range t.Mapping {
		i := t.column(name)
		if i < 0 {
			return nil, needsPerson("connector.file.unknown_column", map[string]any{"Column": name, "Columns": strings.Join(t.Columns, ", ")})
		}
		out[role] = i
	}
	if _, ok := out[Text]; !ok {
		return nil, needsPerson("connector.file.no_text_column", map[string]any{"Columns": strings.Join(t.Columns, ", ")})
	}
	return out, nil
}

func needsPerson(key string, args map[string]any) error {
	return &lastword.Mistake{Key: key, Field: fieldMapping, Args: args, Kind: lastword.ErrDenied}
}

// column finds a column by name, exactly first, or by number.
func (t Table) column(name string) int {
	if i := slices.Index(t.Columns, name); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(t.Columns, func(c string) bool { return fold(c) == fold(name) && fold(c) != "" }); i >= 0 {
		return i
	}
	number, isNumber := strings.CutPrefix(name, "#")
	if n, err := strconv.Atoi(number); isNumber && err == nil && 0 < n && n <= len(t.Columns) {
		return n - 1
	}
	return -1
}
