package store

import (
	"slices"
	"testing"
)

// TestSetBased makes one statement of many updates where that means the same.
func TestSetBased(t *testing.T) {
	const q = `UPDATE voice SET theme = $3, wish = $4 WHERE company = $1 AND id = $2 AND gone_at = 0`
	args := [][]any{{int64(1), int64(2), 0.5, "a"}, {int64(1), int64(3), 0.7, "b"}}
	text, columns, ok := setBased(q, args)
	want := `UPDATE voice SET theme = given.p3, wish = given.p4 FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::text[]) AS given (p1, p2, p3, p4)
		WHERE voice.company = given.p1 AND voice.id = given.p2 AND gone_at = 0`
	if !ok || text != want {
		t.Errorf("%v\n%s", ok, text)
	}
	if !ok || !slices.Equal(columns[1].([]int64), []int64{2, 3}) || !slices.Equal(columns[3].([]string), []string{"a", "b"}) {
		t.Errorf("%v %v", ok, columns)
	}
	for name, c := range map[string]struct {
		q    string
		args [][]any
	}{
		"the same row twice": {q, [][]any{args[0], args[0]}},
		"another key":        {`UPDATE voice SET root = $4 WHERE company = $1 AND root = $3`, args},
		"a question within":  {`UPDATE voice SET theme = (SELECT 1 FROM theme WHERE id = $3) WHERE company = $1 AND id = $2`, args},
		"two types":          {q, [][]any{args[0], {int64(1), int64(3), "x", "b"}}},
		"no update":          {`DELETE FROM voice WHERE company = $1 AND id = $2`, args},
	} {
		if text, _, ok := setBased(c.q, c.args); ok {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestInsertBased makes one statement of many inserts where that means the same.
func TestInsertBased(t *testing.T) {
	const q = `INSERT INTO version (company, state, body) VALUES ($1, 'draft', $2) ON CONFLICT DO NOTHING`
	args := [][]any{{int64(1), []byte("a")}, {int64(2), []byte(nil)}}
	text, columns, ok := insertBased(q, args)
	want := `INSERT INTO version (company, state, body) SELECT given.p1, 'draft', given.p2 FROM unnest($1::bigint[], $2::bytea[]) AS given (p1, p2) ON CONFLICT DO NOTHING`
	if !ok || text != want {
		t.Errorf("%v\n%s", ok, text)
	}
	if !ok || !slices.Equal(columns[0].([]int64), []int64{1, 2}) || len(columns[1].([][]byte)) != 2 {
		t.Errorf("%v %v", ok, columns)
	}
	for name, c := range map[string]struct {
		q    string
		args [][]any
	}{
		"a single row":     {q, args[:1]},
		"no values":        {`INSERT INTO version (company, body) SELECT $1, $2`, args},
		"a call":           {`INSERT INTO version (company, body) VALUES ($1, lower($2))`, args},
		"asked once more":  {`INSERT INTO version (company, body) VALUES ($1, $2) ON CONFLICT DO UPDATE SET body = $2`, args},
		"two types":        {q, [][]any{args[0], {int64(1), "b"}}},
		"an unknown type":  {q, [][]any{{int64(1), true}, {int64(2), false}}},
		"no insert at all": {`UPDATE version SET body = $2 WHERE company = $1`, args},
	} {
		if text, _, ok := insertBased(c.q, c.args); ok {
			t.Errorf("%s: %s", name, text)
		}
	}
}
