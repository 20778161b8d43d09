package store

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

func (t pgTx) many(ctx context.Context, q string, args [][]any) (affected int64, err error) {
	if text, columns, ok := insertBased(q, args); ok {
		return t.exec(ctx, text, columns...)
	}
	if text, columns, ok := setBased(q, args); ok {
		return t.exec(ctx, text, columns...)
	}
	var batch pgx.Batch
	for _, a := range args {
		batch.Queue(q, a...)
	}
	results := t.tx.SendBatch(ctx, &batch)
	for range args {
		tag, err := results.Exec()
		if err != nil {
			return 0, errors.Join(err, results.Close())
		}
		affected += tag.RowsAffected()
	}
	return affected, results.Close()
}

// insertBased turns an INSERT of one row of VALUES into one of many: whatever their
// number, the server plans the same short statement, and answers once.
func insertBased(q string, args [][]any) (text string, columns []any, ok bool) {
	head, after, found := strings.Cut(q, "VALUES (")
	row, tail, closed := strings.Cut(after, ")")
	if !found || !closed || len(args) < 2 || !strings.HasPrefix(q, "INSERT") || strings.Contains(row, "(") || strings.Contains(tail, "$") {
		return "", nil, false
	}
	if columns, ok = columnsOf(args); !ok {
		return "", nil, false
	}
	return head + "SELECT " + given(row) + " FROM " + unnested(args[0]) + tail, columns, true
}

// setBased turns an UPDATE of one row, by its company and id, $1 and $2, into one
// of many: the server starts it once, and $n is the n-th column of what it is given.
// It is not done where one row would be changed twice.
func setBased(q string, args [][]any) (text string, columns []any, ok bool) {
	head, where, found := strings.Cut(q, "WHERE company = $1 AND id = $2")
	if !found || len(args) < 2 || !strings.HasPrefix(q, "UPDATE") || strings.Contains(head, "WHERE") || strings.Contains(where, "WHERE") {
		return "", nil, false
	}
	rows := map[[2]any]bool{}
	for _, a := range args {
		rows[[2]any{a[0], a[1]}] = true
	}
	if len(rows) < len(args) {
		return "", nil, false
	}
	if columns, ok = columnsOf(args); !ok {
		return "", nil, false
	}
	table := strings.Fields(q)[1]
	return given(head) + "FROM " + unnested(args[0]) + `
		WHERE ` + table + ".company = given.p1 AND " + table + ".id = given.p2" + given(where), columns, true
}

// unnested are columns as rows, each of values like those of one row.
func unnested(row []any) string {
	from, names := make([]string, len(row)), make([]string, len(row))
	for i, v := range row {
		names[i] = "p" + strconv.Itoa(i+1)
		from[i] = "$" + strconv.Itoa(i+1) + pgArray(v)
	}
	return "unnest(" + strings.Join(from, ", ") + ") AS given (" + strings.Join(names, ", ") + ")"
}

// given names the columns of what is given in place of parameters.
func given(part string) string { return strings.ReplaceAll(part, "$", "given.p") }

// pgArray is the cast to an array of what a value is.
func pgArray(v any) string {
	switch v.(type) {
	case string:
		return "::text[]"
	case float64:
		return "::float8[]"
	case []byte:
		return "::bytea[]"
	}
	return "::bigint[]"
}

// columnsOf turns rows into columns, if each of them holds values of one of the
// types that pgArray knows.
func columnsOf(rows [][]any) ([]any, bool) {
	columns := make([]any, len(rows[0]))
	for i := range columns {
		var ok bool
		switch rows[0][i].(type) {
		case string:
			columns[i], ok = column[string](rows, i)
		case float64:
			columns[i], ok = column[float64](rows, i)
		case int64:
			columns[i], ok = column[int64](rows, i)
		case []byte:
			columns[i], ok = column[[]byte](rows, i)
		}
		if !ok {
			return nil, false
		}
	}
	return columns, true
}

func column[T any](rows [][]any, i int) ([]T, bool) {
	all := make([]T, len(rows))
	for n, row := range rows {
		v, ok := row[i].(T)
		if !ok {
			return nil, false
		}
		all[n] = v
	}
	return all, true
}
