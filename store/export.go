package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

// An exported table, with the columns that leave the house. Credentials,
// passwords, sessions and the machine's own models are not among them.
type exported struct{ kind, table, columns string }

// exports are the tables of an export, in the order in which they refer to each
// other.
var exports = []exported{
	{"company", "company", companyColumns},
	{"member", "member", memberColumns},
	{"goal", "goal", "company, id, text, made"},
	{"channel", "channel", "company, id, connector, name, settings, takes_all, paused, heard, made"},
	{"query", "query", queryColumns},
	{"person", "person", "company, id, name, stage, weight, note, voices, last_heard, objected"},
	{"identity", "identity", identityColumns},
	{"theme", "theme", "company, id, name, named_by, kinds, lang, voices, copies, open, doubtful, feeling, first_at, last_at, verdict, decision, into_id"},
	{"voice", "voice", `company, id, channel, identity, network, key, url, title, text, said_lang, said_at, heard_at, edited_at,
		gone_at, parent, root, own, private, language, kinds, p_wish, p_problem, p_praise, p_question, wish, feeling,
		about, kinds_by, copy_of, theme, fit, fit_by, circle, answer`},
	{"hit", "hit", "company, query, voice"},
	{"correction", "correction", "company, id, voice, what, was, now, by, at"},
	{"decision", "decision", decisionColumns},
	{"answer", "answer", `company, id, voice, identity, theme, decision, channel, network, lang, text, state, edited_by, why, url, made, released, sent`},
	{"story", "story", storyColumns},
	{"version", "version", "company, id, story, channel, network, body, by_hand, replaces, state, why, url, made, released, sent"},
	{"placed", "placed", "company, version, part, network, key, url"},
	{"picture", "picture", "company, digest, type, width, height, bytes, made"},
	{"blog", "blog", blogColumns},
	{"release", "release", "company, subject, id, digest, by, at"},
	{"audit", "audit", entryColumns},
}

// Export writes everything of a company as JSON Lines: one object a row, with
// "kind" first, ids as strings, and times in Unix milliseconds.
func (db *DB) Export(ctx context.Context, company int64, w io.Writer) error {
	return db.engine.read(ctx, func(q querier) error {
		for _, e := range exports {
			if err := exportTable(ctx, q, e, company, w); err != nil {
				return fmt.Errorf("store: export %s: %w", e.kind, err)
			}
		}
		return nil
	})
}

func exportTable(ctx context.Context, q querier, e exported, company int64, w io.Writer) error {
	names := fields(e.columns)
	key := "company"
	if e.table == "company" {
		key = "id"
	}
	rs, err := q.query(ctx, `SELECT `+e.columns+` FROM `+e.table+` WHERE `+key+` = $1`, company)
	if err != nil {
		return err
	}
	defer rs.Close()
	values := make([]any, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rs.Next() {
		if err := rs.Scan(into...); err != nil {
			return err
		}
		if err := exportRow(w, e.kind, names, values); err != nil {
			return err
		}
	}
	return rs.Err()
}

// exportRow writes one object with its columns in order.
func exportRow(w io.Writer, kind string, names []string, values []any) error {
	line := fmt.Appendf(nil, `{"kind":%q`, kind)
	for i, name := range names {
		v, err := json.Marshal(plain(values[i]))
		if err != nil {
			return err
		}
		line = fmt.Appendf(line, ",%q:%s", name, v)
	}
	_, err := w.Write(append(line, "}\n"...))
	return err
}

// plain is a column's value for JSON: numbers that may be ids as strings, since
// many readers of JSON keep only 53 bits.
func plain(v any) any {
	switch v := v.(type) {
	case int64:
		if v > 1<<53 {
			return fmt.Sprint(v)
		}
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	}
	return v
}
