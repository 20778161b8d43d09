package store

import (
	"context"
	"errors"

	"lastword"
)

const modelColumns = `address, secrets, embed, chat, budget, on_by`

// Model returns the endpoint of a company, with its key decrypted; one that was
// never set up has no address.
func (db *DB) Model(ctx context.Context, company int64) (lastword.Model, error) {
	m := lastword.Model{Company: company}
	err := db.engine.read(ctx, func(q querier) (err error) {
		m, err = db.model(ctx, q, company)
		return err
	})
	return m, err
}

func (db *DB) model(ctx context.Context, q querier, company int64) (lastword.Model, error) {
	scan := func(r row) (m lastword.Model, err error) {
		var sealed []byte
		var on int64
		if err := r.Scan(&m.Address, &sealed, &m.Embed, &m.Chat, &m.Budget, &on); err != nil {
			return m, err
		}
		secrets, err := db.seal.open(sealed)
		m.Company, m.Key, m.Keyed, m.On = company, secrets["key"], secrets["key"] != "", on != 0
		return m, err
	}
	m, err := one(ctx, q, scan, `SELECT `+modelColumns+` FROM model WHERE company = $1`, company)
	if errors.Is(err, lastword.ErrNotFound) {
		return lastword.Model{Company: company}, nil
	}
	return m, err
}

// SaveModel keeps where a company's endpoint is. An empty Key keeps the one
// stored, unless the address is another: a key is for one place. Whatever a
// director agreed to is agreed to anew once it changes: it is off then.
func (db *DB) SaveModel(ctx context.Context, by lastword.Member, m lastword.Model) error {
	m.Company = by.Company
	return db.write(ctx, func(t *tx) error {
		was, err := db.model(ctx, t, by.Company)
		if err != nil {
			return err
		}
		if m.Key == "" && was.Address == m.Address {
			m.Key = was.Key
		}
		var sealed []byte
		if m.Key != "" {
			if sealed, err = db.seal.close(map[string]string{"key": m.Key}); err != nil {
				return err
			}
		}
		_, err = t.exec(ctx, `INSERT INTO model (company, address, secrets, embed, chat, budget) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (company) DO UPDATE SET address = excluded.address, secrets = excluded.secrets,
			embed = excluded.embed, chat = excluded.chat, budget = excluded.budget,
			on_by = CASE WHEN CAST($7 AS BIGINT) <> 0 THEN model.on_by ELSE 0 END`,
			m.Company, m.Address, sealed, m.Embed, m.Chat, m.Budget, bit(was.Digest() == m.Digest()))
		if err != nil {
			return err
		}
		return t.audit(ctx, note(by, "model changed", lastword.OfCompany, by.Company, map[string]any{
			"address": m.Address, "embed": m.Embed, "chat": m.Chat, "budget": m.Budget}))
	})
}

// SwitchModel turns a company's endpoint on, by a director who saw what digest
// names, or off. On, the jobs are left. lastword.ErrConflict: what is set up is
// not what was seen.
func (db *DB) SwitchModel(ctx context.Context, by lastword.Member, on bool, digest string, next ...lastword.Job) error {
	if on && !by.MayRelease() {
		return lastword.ErrForbidden
	}
	return db.write(ctx, func(t *tx) error {
		m, err := db.model(ctx, t, by.Company)
		if err != nil {
			return err
		}
		act, who := "model off", int64(0)
		if on {
			act, who = "model on", by.ID
			if m.Address == "" || m.Digest() != digest {
				return lastword.ErrConflict
			}
		}
		if _, err := t.exec(ctx, `UPDATE model SET on_by = $2 WHERE company = $1`, by.Company, who); err != nil {
			return err
		}
		if err := t.audit(ctx, note(by, act, lastword.OfCompany, by.Company, map[string]any{
			"address": m.Address, "embed": m.Embed, "chat": m.Chat, "seen": digest})); err != nil {
			return err
		}
		if !on {
			return nil
		}
		return t.enqueue(ctx, next)
	})
}

// Spend takes tokens off a day's budget, and reports false, and takes none, where
// they are no longer there. Negative tokens are given back.
func (db *DB) Spend(ctx context.Context, company, day, tokens, budget int64) (bool, error) {
	done := false
	err := db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `INSERT INTO spent (company, day, tokens) VALUES ($1, $2, 0)
			ON CONFLICT (company, day) DO NOTHING`, company, day); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE spent SET tokens = CASE WHEN tokens + $3 < 0 THEN 0 ELSE tokens + $3 END
			WHERE company = $1 AND day = $2 AND (CAST($3 AS BIGINT) <= 0 OR tokens + $3 <= CAST($4 AS BIGINT))`, company, day, tokens, budget)
		if done = n > 0; err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM spent WHERE company = $1 AND day < $2`, company, day-31)
		return err
	})
	return done, err
}

// Spent returns the tokens that a company spent on a day.
func (db *DB) Spent(ctx context.Context, company, day int64) (int64, error) {
	var n int64
	err := db.engine.read(ctx, func(q querier) (err error) {
		n, err = one(ctx, q, scanInt, `SELECT coalesce(sum(tokens), 0) FROM spent WHERE company = $1 AND day = $2`, company, day)
		return err
	})
	return n, err
}

// An embedded text is one with its vector.
type embedded struct {
	digest string
	vector []byte
}

// Directions returns what is kept of where texts lie in a space, by the digests of
// the texts.
func (db *DB) Directions(ctx context.Context, company int64, space string, digests []string) (map[string]lastword.Direction, error) {
	found := make(map[string]lastword.Direction, len(digests))
	scan := func(r row) (e embedded, err error) { return e, r.Scan(&e.digest, &e.vector) }
	err := db.engine.read(ctx, func(q querier) error {
		for from := 0; from < len(digests); from += chunk {
			args := []any{company, space}
			in := inList(q, &args, digests[from:min(from+chunk, len(digests))])
			all, err := collect(ctx, q, scan, `SELECT digest, vector FROM embedding
				WHERE company = $1 AND space = $2 AND digest IN `+in, args...)
			if err != nil {
				return err
			}
			for _, e := range all {
				d := make(lastword.Direction, len(e.vector))
				for i, b := range e.vector {
					d[i] = int8(b)
				}
				found[e.digest] = d
			}
		}
		return nil
	})
	return found, err
}

// keptDirections is how many vectors of a company are kept: those of the latest
// voices, more than a machine looks at.
const keptDirections = 50_000

// SaveDirections keeps where texts lie. Each goes with the voice that brought it,
// but for texts of ours: voice 0. What a voice said that is gone meanwhile is not
// kept.
func (db *DB) SaveDirections(ctx context.Context, company int64, space string, voices []int64, digests []string, at []lastword.Direction) error {
	args := make([][]any, len(at))
	for i, d := range at {
		b := make([]byte, len(d))
		for j, x := range d {
			b[j] = byte(x)
		}
		args[i] = []any{company, space, digests[i], voices[i], b}
	}
	return db.write(ctx, func(t *tx) error {
		_, err := t.many(ctx, `INSERT INTO embedding (company, space, digest, voice, vector)
			SELECT $1, $2, $3, $4, $5 WHERE CAST($4 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM voice WHERE company = $1 AND id = $4 AND gone_at = 0 AND private = 0)
			ON CONFLICT (company, space, digest) DO NOTHING`, args)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM embedding WHERE company = $1 AND voice > 0 AND voice < coalesce((SELECT voice FROM embedding
			WHERE company = $1 ORDER BY voice DESC LIMIT 1 OFFSET $2), 0)`, company, keptDirections)
		return err
	})
}

// Leave leaves jobs that follow from no change.
func (db *DB) Leave(ctx context.Context, next ...lastword.Job) error {
	return db.write(ctx, func(t *tx) error { return t.enqueue(ctx, next) })
}
