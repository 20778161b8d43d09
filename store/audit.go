package store

import (
	"context"
	"encoding/json"
	"fmt"

	"lastword"
)

const entryColumns = `company, seq, at, by, act, subject, id, detail, prev, hash`

func scanEntry(r row) (lastword.Entry, error) {
	var e lastword.Entry
	var when int64
	err := r.Scan(&e.Company, &e.Seq, &when, &e.By, &e.Act, &e.Subject, &e.ID, &e.Detail, &e.Prev, &e.Hash)
	e.At = at(when)
	return e, err
}

// audit appends an entry to the company's log. The company's row is locked from
// here to the commit, so that the chain has no forks.
func (t *tx) audit(ctx context.Context, e lastword.Entry) error {
	e.At = t.now
	err := t.queryRow(ctx, `UPDATE company SET audit_seq = audit_seq + 1 WHERE id = $1
		RETURNING audit_seq, audit_head`, e.Company).Scan(&e.Seq, &e.Prev)
	if err != nil {
		return fmt.Errorf("store: audit: %w", translate(err))
	}
	e = e.Seal()
	_, err = t.exec(ctx, `INSERT INTO audit (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.Company, e.Seq, ms(e.At), e.By, e.Act, e.Subject, e.ID, e.Detail, e.Prev, e.Hash)
	if err != nil {
		return fmt.Errorf("store: audit: %w", err)
	}
	_, err = t.exec(ctx, `UPDATE company SET audit_head = $2, pulse = pulse + 1 WHERE id = $1`, e.Company, e.Hash)
	return err
}

// note is an entry by a member about one thing.
func note(by lastword.Member, act string, of lastword.Subject, id int64, detail any) lastword.Entry {
	e := lastword.Entry{Company: by.Company, By: by.ID, Act: act, Subject: of, ID: id, Detail: "{}"}
	if detail != nil {
		// Details are our own small structs and maps of strings: they encode.
		if b, err := json.Marshal(detail); err == nil {
			e.Detail = string(b)
		}
	}
	return e
}

// AuditTail lists up to most entries with a Seq below before (0: the newest),
// newest first.
func (db *DB) AuditTail(ctx context.Context, company, before int64, most int) ([]lastword.Entry, error) {
	var es []lastword.Entry
	err := db.engine.read(ctx, func(q querier) (err error) {
		es, err = collect(ctx, q, scanEntry, `SELECT `+entryColumns+` FROM audit
			WHERE company = $1 AND (CAST($2 AS BIGINT) = 0 OR seq < $2) ORDER BY seq DESC LIMIT $3`, company, before, most)
		return err
	})
	return es, err
}

// A Broken error says where the chain of the audit log does not hold.
type Broken struct {
	Seq int64
	Why string
}

func (e *Broken) Error() string { return fmt.Sprintf("audit entry %d: %s", e.Seq, e.Why) }

// VerifyAudit reads a company's whole log and returns how many entries hold and
// the head of the chain, or a *Broken at the first that does not.
func (db *DB) VerifyAudit(ctx context.Context, company int64) (n int64, head string, err error) {
	err = db.engine.read(ctx, func(q querier) error {
		rs, err := q.query(ctx, `SELECT `+entryColumns+` FROM audit WHERE company = $1 ORDER BY seq`, company)
		if err != nil {
			return err
		}
		defer rs.Close()
		for rs.Next() {
			e, err := scanEntry(rs)
			if err != nil {
				return err
			}
			if why := fault(e, n+1, head); why != "" {
				return &Broken{Seq: e.Seq, Why: why}
			}
			n, head = e.Seq, e.Hash
		}
		return rs.Err()
	})
	if err != nil {
		return n, head, err
	}
	return n, head, db.verifyHead(ctx, company, n, head)
}

// fault says what is wrong with an entry that should be number seq after prev.
func fault(e lastword.Entry, seq int64, prev string) string {
	switch {
	case e.Seq != seq:
		return fmt.Sprintf("number %d is missing", seq)
	case e.Prev != prev:
		return "does not follow from the entry before it"
	case e.Seal().Hash != e.Hash:
		return "was changed after it was written"
	}
	return ""
}

// verifyHead compares the end of the chain with what the company remembers, so
// that entries cut off at the end show.
func (db *DB) verifyHead(ctx context.Context, company, n int64, head string) error {
	return db.engine.read(ctx, func(q querier) error {
		var seq int64
		var kept string
		err := q.queryRow(ctx, `SELECT audit_seq, audit_head FROM company WHERE id = $1`, company).Scan(&seq, &kept)
		if err == nil && (seq != n || kept != head) {
			return &Broken{Seq: n + 1, Why: "entries are missing at the end"}
		}
		return translate(err)
	})
}
