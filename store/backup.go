package store

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"lastword"
)

// tables are all of ours, in an order in which they can be filled.
var tables = []string{"company", "member", "link", "session", "goal", "channel", "channel_gone", "channel_hour", "refused", "probe", "signing_in", "query", "person", "identity",
	"voice", "hit", "theme", "theme_day", "theme_language", "theme_identity", "correction", "decision", "answer", "release", "outbox", "audit", "tombstone",
	"model", "spent", "embedding", "wording", "wording_voice", "phrase", "courier", "notice",
	"story", "version", "placed", "picture", "blog", "pair"}

// backupFormat is raised when a reader of the former one would go wrong.
const backupFormat = 1

// A backupHead is the first line of a backup.
type backupHead struct {
	Lastword int // the format
	Made     time.Time
	Key      []byte `json:",omitempty"` // seals the credentials; absent where it was left out
}

// A backupRow is every other line.
type backupRow struct {
	Table   string   `json:"t"`
	Columns []string `json:"c,omitempty"` // given with the first row of a table
	Values  []any    `json:"v"`
}

// binary marks a value that is bytes.
type binary struct {
	Base64 string `json:"b"`
}

// Backup writes everything, as it is at one moment, in a form that either
// database can be restored from. With the key it holds all that is needed to
// send in the company's name: keep it as safe as the data folder.
func (db *DB) Backup(ctx context.Context, w io.Writer, withKey bool) error {
	z, err := zstd.NewWriter(w)
	if err != nil {
		return err
	}
	head := backupHead{Lastword: backupFormat, Made: db.now().UTC()}
	if withKey {
		head.Key = db.seal.key
	}
	out := json.NewEncoder(z)
	err = out.Encode(head)
	if err == nil {
		err = db.engine.read(ctx, func(q querier) error {
			for _, table := range tables {
				if err := backupTable(ctx, q, table, out); err != nil {
					return fmt.Errorf("store: back up %s: %w", table, err)
				}
			}
			return nil
		})
	}
	return errors.Join(err, z.Close())
}

func backupTable(ctx context.Context, q querier, table string, out *json.Encoder) error {
	rs, err := q.query(ctx, `SELECT * FROM `+table)
	if err != nil {
		return err
	}
	defer rs.Close()
	names := rs.columns()
	row := backupRow{Table: table, Columns: names}
	for rs.Next() {
		values := make([]any, len(rs.columns()))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rs.Scan(into...); err != nil {
			return err
		}
		row.Values = values
		for i, v := range row.Values {
			if b, ok := v.([]byte); ok {
				row.Values[i] = binary{base64.StdEncoding.EncodeToString(b)}
			}
		}
		if err := out.Encode(row); err != nil {
			return err
		}
		row.Columns = nil
	}
	return rs.Err()
}

// ErrNotEmpty says that a backup would be restored over something.
var ErrNotEmpty = fmt.Errorf("the store holds a company already: restore into an empty folder or database: %w", lastword.ErrConflict)

// Restore fills an empty store from a backup, and leaves the jobs that were
// open. The key of the credentials is taken over if the backup holds it.
func Restore(ctx context.Context, o Options, r io.Reader) error {
	z, err := zstd.NewReader(r)
	if err != nil {
		return err
	}
	defer z.Close()
	in := json.NewDecoder(bufio.NewReaderSize(z, 1<<20))
	in.UseNumber()
	var head backupHead
	if err := in.Decode(&head); err != nil || head.Lastword == 0 {
		return fmt.Errorf("this is not a backup of Lastword: %w", errors.Join(lastword.ErrInvalid, err))
	}
	if head.Lastword > backupFormat {
		return fmt.Errorf("the backup was made by a newer Lastword (format %d): %w", head.Lastword, lastword.ErrInvalid)
	}
	if err := restoreKey(o.Folder, head.Key); err != nil {
		return err
	}
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(db.restore(ctx, in), db.Close())
}

// restoreKey writes the key of the credentials where there is none.
func restoreKey(folder string, key []byte) error {
	if key == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(folder, "lastword.key"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return ErrNotEmpty
	}
	if err != nil {
		return err
	}
	_, err = f.Write(key)
	return errors.Join(err, f.Close())
}

// restore fills the tables in one transaction: a backup that is cut short leaves
// nothing behind.
func (db *DB) restore(ctx context.Context, in *json.Decoder) error {
	if cs, err := db.Companies(ctx); err != nil || len(cs) > 0 {
		return errors.Join(err, ErrNotEmpty)
	}
	return db.write(ctx, func(t *tx) error {
		fill := filling{tx: t}
		for {
			var row backupRow
			if err := in.Decode(&row); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return fmt.Errorf("the backup is damaged or cut short: %w: %w", lastword.ErrInvalid, err)
			}
			if err := fill.add(ctx, row); err != nil {
				return err
			}
		}
		if err := fill.flush(ctx); err != nil {
			return err
		}
		return t.requeue(ctx)
	})
}

// A filling inserts rows table by table, many at a time.
type filling struct {
	*tx
	table   string
	columns []string
	rows    [][]any
}

func (f *filling) add(ctx context.Context, row backupRow) error {
	if row.Columns != nil {
		if err := f.flush(ctx); err != nil {
			return err
		}
		f.table, f.columns = row.Table, row.Columns
	}
	if !slices.Contains(tables, f.table) || row.Table != f.table || len(row.Values) != len(f.columns) {
		return fmt.Errorf("the backup is damaged at table %q: %w", row.Table, lastword.ErrInvalid)
	}
	for i, v := range row.Values {
		value, err := restored(v)
		if err != nil {
			return err
		}
		row.Values[i] = value
	}
	f.rows = append(f.rows, row.Values)
	if len(f.rows) < chunk {
		return nil
	}
	return f.flush(ctx)
}

// restored turns a value of JSON back into a column's.
func restored(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case map[string]any:
		s, _ := v["b"].(string) // anything else decodes to nothing, and fails as damage would
		return base64.StdEncoding.DecodeString(s)
	}
	return v, nil
}

func (f *filling) flush(ctx context.Context) error {
	if len(f.rows) == 0 {
		return nil
	}
	var params []any
	for _, c := range f.columns {
		if strings.Trim(c, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return fmt.Errorf("the backup is damaged at column %q: %w", c, lastword.ErrInvalid)
		}
	}
	text := `INSERT INTO ` + f.table + ` (` + strings.Join(f.columns, ", ") + `) VALUES ` + paramList(&params, len(f.columns))
	if f.dialect() == postgres {
		f.rows = wholeNumbers(f.table, f.columns, f.rows)
	}
	if _, err := f.many(ctx, text, f.rows); err != nil {
		return fmt.Errorf("restore %s: %w", f.table, err)
	}
	if f.table == "voice" {
		if err := f.indexRows(ctx); err != nil {
			return err
		}
	}
	f.rows = f.rows[:0]
	return nil
}

// paramList is "($1,$2,…)" with n parameters.
func paramList(args *[]any, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte("(,"[min(i, 1)])
		*args = append(*args, nil)
		writeParam(&b, i+1)
	}
	return b.String() + ")"
}

// fractions are the columns that hold fractions: a whole value of theirs comes
// from JSON as a whole number, which PostgreSQL does not take.
var fractions = []string{"p_wish", "p_problem", "p_praise", "p_question", "p_feeling", "about", "notice", "likeness", "fit"}

func wholeNumbers(table string, columns []string, rows [][]any) [][]any {
	for i, c := range columns {
		if !slices.Contains(fractions, c) && !(table == "theme" && c == "feeling") {
			continue
		}
		for _, row := range rows {
			if n, ok := row[i].(int64); ok {
				row[i] = float64(n)
			}
		}
	}
	return rows
}

// indexRows makes restored voices searchable.
func (f *filling) indexRows(ctx context.Context) error {
	id, title, text := slices.Index(f.columns, "id"), slices.Index(f.columns, "title"), slices.Index(f.columns, "text")
	if f.dialect() == postgres {
		return f.indexCompanies(ctx, slices.Index(f.columns, "company"), id)
	}
	args := make([][]any, len(f.rows))
	for i, row := range f.rows {
		args[i] = []any{row[id], fmt.Sprint(row[title], "\n", row[text])}
	}
	_, err := f.many(ctx, indexText, args)
	return err
}

// indexCompanies makes restored voices searchable, company by company.
func (f *filling) indexCompanies(ctx context.Context, company, id int) error {
	ids := map[int64][]int64{}
	for _, row := range f.rows {
		c, known := row[company].(int64)
		v, ok := row[id].(int64)
		if !known || !ok {
			return fmt.Errorf("the backup is damaged at a voice without a number: %w", lastword.ErrInvalid)
		}
		ids[c] = append(ids[c], v)
	}
	for c, vs := range ids {
		if err := f.indexStored(ctx, c, vs); err != nil {
			return err
		}
	}
	return nil
}

// requeue leaves the jobs that the tables say are open: to understand, to draft,
// to deliver. A job that is there already is done twice, which harms nothing.
func (t *tx) requeue(ctx context.Context) error {
	scan := func(r row) (j lastword.Job, err error) {
		j.IDs = make([]int64, 1)
		return j, r.Scan(&j.Company, &j.IDs[0])
	}
	for kind, text := range map[lastword.JobKind]string{
		lastword.Deliver:  `SELECT o.company, o.id FROM outbox o JOIN answer a ON a.company = o.company AND a.id = o.id WHERE o.done = 0`,
		lastword.Tell:     `SELECT company, id FROM notice WHERE state = 'waiting'`,
		lastword.Publish:  `SELECT company, id FROM version WHERE state = 'released'`,
		lastword.TakeDown: `SELECT company, id FROM version WHERE state = 'taken'`,
		lastword.DraftJob: `SELECT company, decision FROM theme WHERE decision <> 0 AND open > 0`,
	} {
		js, err := collect(ctx, t, scan, text)
		if err != nil {
			return err
		}
		for i := range js {
			js[i].Kind = kind
		}
		if err := t.enqueue(ctx, js); err != nil {
			return err
		}
	}
	js, err := collect(ctx, t, scan, `SELECT company, id FROM voice WHERE version = 0 AND gone_at = 0 ORDER BY company, id`)
	if err != nil {
		return err
	}
	return t.enqueue(ctx, gathered(js))
}

// gathered joins jobs on single voices of one company into batches.
func gathered(js []lastword.Job) []lastword.Job {
	var all []lastword.Job
	for _, j := range js {
		last := len(all) - 1
		if last < 0 || all[last].Company != j.Company || len(all[last].IDs) >= batch {
			all = append(all, lastword.Job{Kind: lastword.Understand, Company: j.Company})
			last++
		}
		all[last].IDs = append(all[last].IDs, j.IDs...)
	}
	return all
}
