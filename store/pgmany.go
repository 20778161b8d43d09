package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

func (t pgTx) many(ctx context.Context, q string, args [][]any) (affected int64, err error) {
	if row, ok := singleRow(q); ok && len(args) > 1 {
		return t.insertMany(ctx, q, row, args)
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

// singleRow finds the one row of an INSERT … VALUES statement.
func singleRow(q string) (row string, ok bool) {
	_, after, found := strings.Cut(q, "VALUES (")
	row, _, closed := strings.Cut(after, ")")
	return "(" + row + ")", found && closed && strings.HasPrefix(q, "INSERT")
}

// mostParams is how many parameters PostgreSQL takes in one statement.
const mostParams = 65535

// insertMany inserts many rows with one statement: the server plans, and
// answers, once.
func (t pgTx) insertMany(ctx context.Context, q, row string, args [][]any) (affected int64, err error) {
	for part := range slices.Chunk(args, mostParams/len(args[0])) {
		var list strings.Builder
		flat := make([]any, 0, len(part)*len(part[0]))
		for i, a := range part {
			if i > 0 {
				list.WriteByte(',')
			}
			list.WriteString(shifted(row, len(flat)))
			flat = append(flat, a...)
		}
		n, err := t.exec(ctx, strings.Replace(q, row, list.String(), 1), flat...)
		if err != nil {
			return 0, err
		}
		affected += n
	}
	return affected, nil
}

// shifted raises the numbers of a row's parameters.
func shifted(row string, by int) string {
	var b strings.Builder
	parts := strings.Split(row, "$")
	b.WriteString(parts[0])
	for _, p := range parts[1:] {
		digits := len(p) - len(strings.TrimLeft(p, "0123456789"))
		n, err := strconv.Atoi(p[:digits])
		if err != nil {
			n = 0 // no parameter: PostgreSQL will say what is wrong
		}
		writeParam(&b, n+by)
		b.WriteString(p[digits:])
	}
	return b.String()
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
	from, names := make([]string, len(args[0])), make([]string, len(args[0]))
	for i, v := range args[0] {
		names[i] = "p" + strconv.Itoa(i+1)
		from[i] = "$" + strconv.Itoa(i+1) + pgArray(v)
	}
	table := strings.Fields(q)[1]
	return given(head) + "FROM unnest(" + strings.Join(from, ", ") + ") AS given (" + strings.Join(names, ", ") + `)
		WHERE ` + table + ".company = given.p1 AND " + table + ".id = given.p2" + given(where), columns, true
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
