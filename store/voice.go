package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lastword"
)

var voiceColumns = columns("v", "company", "id", "channel", "identity", "network", "key", "url", "title", "text",
	"said_lang", "said_at", "heard_at", "edited_at", "gone_at", "hidden", "parent", "root", "ref", "own", "private",
	"language", "kinds", "p_wish", "p_problem", "p_praise", "p_question", "wish", "feeling", "p_feeling", "about", "notice",
	"kinds_by", "version", "copy_of", "theme", "fit", "fit_by", "circle", "answer")

// voiceFields are where a voice's columns go. Call the function after the scan.
func voiceFields(v *lastword.Voice) (fields []any, done func()) {
	var said, heard, edited, gone, hidden, own, private int64
	return []any{&v.Company, &v.ID, &v.Channel, &v.Identity, &v.Network, &v.Key, &v.URL, &v.Title, &v.Text,
			&v.Lang, &said, &heard, &edited, &gone, &hidden, &v.Parent, &v.Root, &v.Ref, &own, &private,
			&v.Language, &v.Kinds, &v.P[0], &v.P[1], &v.P[2], &v.P[3], &v.Wish, &v.Feeling, &v.PFeeling, &v.About, &v.Notice,
			&v.KindsBy, &v.Version, &v.CopyOf, &v.Theme, &v.Fit, &v.FitBy, &v.Circle, &v.Answer}, func() {
			v.SaidAt, v.HeardAt, v.EditedAt, v.GoneAt = at(said), at(heard), at(edited), at(gone)
			v.Hidden, v.Own, v.Private = hidden != 0, own != 0, private != 0
			v.Label.Voice = v.ID
		}
}

func scanVoice(r row) (v lastword.Voice, err error) {
	fields, done := voiceFields(&v)
	err = r.Scan(fields...)
	done()
	return v, err
}

// rowColumns and rowTables read a voice with who said it and where it went.
var rowColumns = voiceColumns + `,
	coalesce(i.person, 0), coalesce(i.key, ''), coalesce(i.handle, ''), coalesce(i.name, ''), coalesce(i.url, ''),
	coalesce(p.name, ''), coalesce(p.stage, ''), coalesce(p.weight, 0), coalesce(p.voices, 0), coalesce(p.objected, 0),
	coalesce(th.name, '')`

const rowJoins = `
	LEFT JOIN identity i ON i.company = v.company AND i.id = v.identity
	LEFT JOIN person p ON p.company = v.company AND p.id = i.person
	LEFT JOIN theme th ON th.company = v.company AND th.id = v.theme`

func rowFields(v *lastword.VoiceRow) (fields []any, done func()) {
	var objected int64
	fields, voiceDone := voiceFields(&v.Voice)
	fields = append(fields, &v.Person.ID, &v.Who.Key, &v.Who.Handle, &v.Who.Name, &v.Who.URL,
		&v.Person.Name, &v.Person.Stage, &v.Person.Weight, &v.Person.Voices, &objected, &v.ThemeName)
	return fields, func() {
		voiceDone()
		v.Who.Company, v.Who.ID, v.Who.Person, v.Who.Network = v.Company, v.Identity, v.Person.ID, v.Network
		v.Person.Company, v.Person.Objected = v.Company, at(objected)
		v.Author = v.Who.Author
	}
}

func scanVoiceRow(r row) (v lastword.VoiceRow, err error) {
	fields, done := rowFields(&v)
	err = r.Scan(fields...)
	done()
	return v, err
}

// Voices returns the voices with these ids that are there, in the order of ids.
func (db *DB) Voices(ctx context.Context, company int64, ids []int64) ([]lastword.Voice, error) {
	var all []lastword.Voice
	err := db.engine.read(ctx, func(q querier) error {
		for part := range slices.Chunk(ids, chunk) {
			args := []any{company}
			in := inList(q, &args, part)
			vs, err := collect(ctx, q, scanVoice, `SELECT `+voiceColumns+` FROM voice v
				WHERE v.company = $1 AND v.id IN `+in, args...)
			if err != nil {
				return err
			}
			all = append(all, vs...)
		}
		return nil
	})
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(all, func(a, b lastword.Voice) int { return place[a.ID] - place[b.ID] })
	return all, err
}

// VoiceRow returns one voice with who said it.
func (db *DB) VoiceRow(ctx context.Context, company, id int64) (lastword.VoiceRow, error) {
	var v lastword.VoiceRow
	err := db.engine.read(ctx, func(q querier) (err error) {
		v, err = voiceRow(ctx, q, company, id)
		return err
	})
	return v, err
}

func voiceRow(ctx context.Context, q querier, company, id int64) (lastword.VoiceRow, error) {
	v, err := one(ctx, q, scanVoiceRow, `SELECT `+rowColumns+` FROM voice v`+rowJoins+`
		WHERE v.company = $1 AND v.id = $2`, company, id)
	if err != nil {
		return v, fmt.Errorf("voice %d: %w", id, err)
	}
	return v, nil
}

// FindVoices lists the voices that the filter wants, newest first.
func (db *DB) FindVoices(ctx context.Context, company int64, f lastword.VoiceFilter) ([]lastword.VoiceRow, error) {
	var vs []lastword.VoiceRow
	err := db.engine.read(ctx, func(q querier) (err error) {
		w := voicesWanted(db.engine.dialect(), company, f)
		w.args = append(w.args, limit(f.Limit))
		text := `SELECT ` + rowColumns + ` FROM ` + w.from + rowJoins + w.where() +
			fmt.Sprintf(` ORDER BY %s DESC LIMIT $%d`, w.order, len(w.args))
		vs, err = collect(ctx, q, scanVoiceRow, text, w.args...)
		return err
	})
	return vs, err
}

// CountVoices counts the voices that the filter wants, up to most.
func (db *DB) CountVoices(ctx context.Context, company int64, f lastword.VoiceFilter, most int) (int, error) {
	var n int64
	err := db.engine.read(ctx, func(q querier) (err error) {
		w := voicesWanted(db.engine.dialect(), company, f)
		w.args = append(w.args, most)
		n, err = one(ctx, q, scanInt, `SELECT count(*) FROM (SELECT 1 FROM `+w.from+w.where()+
			fmt.Sprintf(` LIMIT $%d) n`, len(w.args)), w.args...)
		return err
	})
	return int(n), err
}

// VoiceKeys lists the keys of a network's voices that are not gone and come after
// the given key, rising, at most so many.
func (db *DB) VoiceKeys(ctx context.Context, company int64, network, after string, most int) (keys []string, err error) {
	err = db.engine.read(ctx, func(q querier) error {
		keys, err = collect(ctx, q, scanText, `SELECT key FROM voice
			WHERE company = $1 AND network = $2 AND key > $3 AND gone_at = 0 ORDER BY key LIMIT $4`, company, network, after, most)
		return err
	})
	return keys, err
}

// VoiceAuthors lists the keys of who said a network's voices, each once, rising;
// of voices that are not kept, or by nobody, none.
func (db *DB) VoiceAuthors(ctx context.Context, company int64, network string, voices []string) (keys []string, err error) {
	if len(voices) == 0 {
		return nil, nil
	}
	err = db.engine.read(ctx, func(q querier) error {
		args := []any{company, network}
		in := inList(q, &args, voices)
		keys, err = collect(ctx, q, scanText, `SELECT DISTINCT i.key FROM voice v
			JOIN identity i ON i.company = v.company AND i.id = v.identity
			WHERE v.company = $1 AND v.network = $2 AND i.key <> '' AND v.key IN `+in+` ORDER BY i.key`, args...)
		return err
	})
	return keys, err
}

// SampleVoices returns up to most stored voices, newest first.
func (db *DB) SampleVoices(ctx context.Context, company int64, most int) ([]lastword.Voice, error) {
	var vs []lastword.Voice
	err := db.engine.read(ctx, func(q querier) (err error) {
		vs, err = collect(ctx, q, scanVoice, `SELECT `+voiceColumns+` FROM voice v
			WHERE v.company = $1 AND v.gone_at = 0 AND v.hidden = 0 AND v.own = 0 ORDER BY v.id DESC LIMIT $2`, company, most)
		return err
	})
	return vs, err
}

// Thread returns the conversation that a voice belongs to, oldest first.
func (db *DB) Thread(ctx context.Context, company, voice int64) ([]lastword.VoiceRow, error) {
	var vs []lastword.VoiceRow
	err := db.engine.read(ctx, func(q querier) error {
		v, err := voiceRow(ctx, q, company, voice)
		if err != nil {
			return err
		}
		vs, err = collect(ctx, q, scanVoiceRow, `SELECT `+rowColumns+` FROM voice v`+rowJoins+`
			WHERE v.company = $1 AND v.network = $2 AND (v.key = $3 OR (v.root = $3 AND v.root <> '')) AND v.hidden = 0
			ORDER BY v.id LIMIT 200`, company, v.Network, or(v.Root, v.Key))
		return err
	})
	return vs, err
}

// limit is how many rows a list shows.
func limit(n int) int {
	if n <= 0 {
		return 25
	}
	return n
}

// A wanted is the FROM and WHERE of a list in the making.
type wanted struct {
	engine  dialect
	company int64
	from    string
	order   string
	conds   []string
	args    []any
}

func (w *wanted) dialect() dialect { return w.engine }

// and adds a condition; each ? in it stands for the next argument.
func (w *wanted) and(cond string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.conds = append(w.conds, cond)
}

// in adds a condition that a column is one of values.
func in[T ~int64 | ~string](w *wanted, column string, values []T) {
	if len(values) > 0 {
		w.conds = append(w.conds, column+" IN "+inList(w, &w.args, values))
	}
}

func (w *wanted) where() string { return " WHERE " + strings.Join(w.conds, " AND ") }

// voicesWanted turns a filter into SQL. Whatever it filters by, it walks the
// newest voices first along an index and stops at the limit.
func voicesWanted(d dialect, company int64, f lastword.VoiceFilter) *wanted {
	w := &wanted{engine: d, company: company, from: "voice v", order: "v.id"}
	searched(w, d, f.Search)
	w.and("v.company = ?", company)
	w.and("v.hidden = 0")
	if f.Query != 0 {
		w.from = "hit h CROSS JOIN voice v"
		w.order = "h.voice"
		w.and("h.company = ?", company)
		w.and("h.query = ?", f.Query)
		w.and("v.id = h.voice")
	}
	about(w, f)
	placed(w, f)
	if !f.Since.IsZero() {
		w.and("v.id >= ?", idAt(f.Since))
	}
	if !f.Until.IsZero() {
		w.and("v.id < ?", idAt(f.Until))
	}
	if f.Before != 0 {
		w.and(w.order+" < ?", f.Before)
	}
	return w
}

// about adds what a filter says of the voice itself.
func about(w *wanted, f lastword.VoiceFilter) {
	switch {
	case f.Kinds != 0 && f.Other:
		w.and("(v.kinds & ? <> 0 OR v.kinds = 0)", int64(f.Kinds))
	case f.Kinds != 0:
		w.and("v.kinds & ? <> 0", int64(f.Kinds))
	case f.Other:
		w.and("v.kinds = 0")
	}
	if f.Feeling != nil {
		w.and("v.feeling = ?", int64(*f.Feeling))
	}
	if !f.Own {
		w.and("v.own = 0")
	}
	if f.Network != "" {
		w.and("v.network = ?", f.Network)
	}
	if f.Language != "" {
		w.and("v.language = ?", f.Language)
	}
	if f.Channel != 0 {
		w.and("v.channel = ?", f.Channel)
	}
	if f.Person != 0 {
		w.and("v.identity <> 0") // the index holds only these
		w.and("v.identity IN (SELECT id FROM identity WHERE company = ? AND person = ?)", w.company, f.Person)
	}
}

// placed adds what a filter says of the voice's way round the circle.
func placed(w *wanted, f lastword.VoiceFilter) {
	circles := make([]int64, len(f.Circle))
	for i, c := range f.Circle {
		circles[i] = int64(c)
	}
	in(w, "v.circle", circles)
	if f.Theme != 0 {
		w.and("v.theme = ?", f.Theme)
		w.and("v.theme <> 0")
	}
	if f.NoTheme {
		w.and("v.theme = 0")
	}
	if f.Original {
		w.and("v.copy_of = 0")
	}
	if f.Alone() {
		w.and("v.circle = 0 AND v.own = 0") // said by heart: the index holds only these
	}
	if f.Doubtful {
		w.and("v.theme <> 0 AND v.fit < " + sure + " AND v.fit_by = 0 AND v.circle < 2")
	}
	if f.Surely {
		w.and("(v.fit >= " + sure + " OR v.fit_by <> 0)")
	}
}

// searched adds a full-text search.
func searched(w *wanted, d dialect, search string) {
	terms := searchTerms(search)
	switch {
	case len(terms) == 0:
		if strings.TrimSpace(search) != "" {
			w.and("1 = 0") // nothing that could be found
		}
	case d == sqlite:
		w.from, w.order = "voice_fts f CROSS JOIN voice v", "f.rowid"
		w.and("f.text MATCH ?", sqliteMatch(terms))
		w.and("v.id = f.rowid")
	default:
		w.and(`EXISTS (SELECT 1 FROM voice_search s WHERE s.company = v.company AND s.voice = v.id
			AND s.words @@ to_tsquery('simple', ?))`, tsQuery(terms))
	}
}
