package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"lastword"
)

const companyColumns = `id, name, names, lang, zone, rule, minutes, public, made`

func scanCompany(r row) (lastword.Company, error) {
	var c lastword.Company
	var names string
	var made int64
	if err := r.Scan(&c.ID, &c.Name, &names, &c.Lang, &c.Zone, &c.Rule, &c.Minutes, &c.Public, &made); err != nil {
		return c, err
	}
	c.Made = at(made)
	return c, json.Unmarshal([]byte(names), &c.Names)
}

// Company returns a company.
func (db *DB) Company(ctx context.Context, id int64) (lastword.Company, error) {
	var c lastword.Company
	err := db.engine.read(ctx, func(q querier) (err error) {
		c, err = company(ctx, q, id)
		return err
	})
	return c, err
}

func company(ctx context.Context, q querier, id int64) (lastword.Company, error) {
	c, err := one(ctx, q, scanCompany, `SELECT `+companyColumns+` FROM company WHERE id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("company %d: %w", id, err)
	}
	return c, nil
}

// Companies lists every company, oldest first.
func (db *DB) Companies(ctx context.Context) ([]lastword.Company, error) {
	var cs []lastword.Company
	err := db.engine.read(ctx, func(q querier) (err error) {
		cs, err = collect(ctx, q, scanCompany, `SELECT `+companyColumns+` FROM company ORDER BY id`)
		return err
	})
	return cs, err
}

// AddCompany makes a company.
func (db *DB) AddCompany(ctx context.Context, c lastword.Company) (lastword.Company, error) {
	c.ID, c.Made = db.NewID(), db.now()
	names, err := json.Marshal(append([]string{}, c.Names...))
	if err != nil {
		return c, err
	}
	return c, db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO company (`+companyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			c.ID, c.Name, string(names), c.Lang, c.Zone, c.Rule, c.Minutes, c.Public, ms(c.Made))
		if err != nil {
			return err
		}
		return t.audit(ctx, note(lastword.Member{Company: c.ID}, "company made", lastword.OfCompany, c.ID, nil))
	})
}

// SaveCompany changes what a company says of itself.
func (db *DB) SaveCompany(ctx context.Context, m lastword.Member, c lastword.Company) error {
	names, err := json.Marshal(append([]string{}, c.Names...))
	if err != nil {
		return err
	}
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE company SET name = $2, names = $3, lang = $4, zone = $5, rule = $6,
			minutes = $7, public = $8 WHERE id = $1`,
			m.Company, c.Name, string(names), c.Lang, c.Zone, c.Rule, c.Minutes, c.Public)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return t.audit(ctx, note(m, "company changed", lastword.OfCompany, m.Company, map[string]any{
			"name": c.Name, "rule": c.Rule, "minutes": c.Minutes, "zone": c.Zone}))
	})
}

// orNotFound is the error of a statement that changed no row.
func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return lastword.ErrNotFound
}

// Pulse rises with every change worth showing live.
func (db *DB) Pulse(ctx context.Context, company int64) (int64, error) {
	var n int64
	err := db.engine.read(ctx, func(q querier) (err error) {
		n, err = one(ctx, q, scanInt, `SELECT pulse FROM company WHERE id = $1`, company)
		return err
	})
	return n, err
}

const memberColumns = `company, id, name, email, role, lang, made, left_at`

func scanMember(r row) (lastword.Member, error) {
	var m lastword.Member
	var made, left int64
	err := r.Scan(&m.Company, &m.ID, &m.Name, &m.Email, &m.Role, &m.Lang, &made, &left)
	m.Made, m.Left = at(made), at(left)
	return m, err
}

// Members lists everybody who works or worked in the company.
func (db *DB) Members(ctx context.Context, company int64) ([]lastword.Member, error) {
	var ms []lastword.Member
	err := db.engine.read(ctx, func(q querier) (err error) {
		ms, err = members(ctx, q, company)
		return err
	})
	return ms, err
}

func members(ctx context.Context, q querier, company int64) ([]lastword.Member, error) {
	return collect(ctx, q, scanMember, `SELECT `+memberColumns+` FROM member WHERE company = $1 ORDER BY id`, company)
}

// Member returns a member of a company.
func (db *DB) Member(ctx context.Context, company, id int64) (lastword.Member, error) {
	var m lastword.Member
	err := db.engine.read(ctx, func(q querier) (err error) {
		m, err = one(ctx, q, scanMember, `SELECT `+memberColumns+` FROM member WHERE company = $1 AND id = $2`, company, id)
		return err
	})
	return m, err
}

// SaveMember adds (ID 0) or changes a member.
func (db *DB) SaveMember(ctx context.Context, by, m lastword.Member) (lastword.Member, error) {
	m.Company = by.Company
	act := "member changed"
	if m.ID == 0 {
		m.ID, m.Made, act = db.NewID(), db.now(), "member added"
	}
	err := db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO member (`+memberColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (company, id) DO UPDATE SET name = excluded.name, email = excluded.email,
			role = excluded.role, lang = excluded.lang, left_at = excluded.left_at`,
			m.Company, m.ID, m.Name, m.Email, m.Role, m.Lang, ms(m.Made), ms(m.Left))
		if err != nil {
			return err
		}
		if by.ID == 0 {
			by.ID = m.ID // the first director makes themselves
		}
		return t.audit(ctx, note(by, act, lastword.OfMember, m.ID, map[string]any{"role": m.Role, "left": !m.Left.IsZero()}))
	})
	return m, err
}

// MemberByEmail lists the active members with this address, one a company.
func (db *DB) MemberByEmail(ctx context.Context, email string) ([]lastword.Credential, error) {
	scan := func(r row) (c lastword.Credential, err error) {
		var made, left int64
		err = r.Scan(&c.Company, &c.ID, &c.Name, &c.Email, &c.Role, &c.Lang, &made, &left, &c.Hash)
		c.Made, c.Left = at(made), at(left)
		return c, err
	}
	var cs []lastword.Credential
	err := db.engine.read(ctx, func(q querier) (err error) {
		cs, err = collect(ctx, q, scan, `SELECT `+memberColumns+`, password FROM member
			WHERE email = $1 AND email <> '' AND left_at = 0 ORDER BY company`, email)
		return err
	})
	return cs, err
}

// SetPassword keeps the argon2id hash of a member's password.
func (db *DB) SetPassword(ctx context.Context, company, member int64, hash string) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE member SET password = $3 WHERE company = $1 AND id = $2`, company, member, hash)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return t.audit(ctx, note(lastword.Member{Company: company, ID: member}, "password set", lastword.OfMember, member, nil))
	})
}

// secretDigest is what is kept of a secret that a visitor brings.
func secretDigest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewLink makes a one-time link for a member, or for the first director
// (member 0).
func (db *DB) NewLink(ctx context.Context, company, member int64, secret string, until time.Time) error {
	return db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO link (company, digest, member, until) VALUES ($1, $2, $3, $4)`,
			company, secretDigest(secret), member, ms(until))
		return err
	})
}

// FindLink returns the member whom a link is for, without using it up. ID 0
// stands for the first director.
func (db *DB) FindLink(ctx context.Context, secret string, now time.Time) (lastword.Member, error) {
	var m lastword.Member
	err := db.engine.read(ctx, func(q querier) (err error) {
		m, err = findLink(ctx, q, secret, now)
		return err
	})
	return m, err
}

func findLink(ctx context.Context, q querier, secret string, now time.Time) (lastword.Member, error) {
	var m lastword.Member
	err := q.queryRow(ctx, `SELECT company, member FROM link WHERE digest = $1 AND used = 0 AND until > $2`,
		secretDigest(secret), ms(now)).Scan(&m.Company, &m.ID)
	if err != nil || m.ID == 0 {
		return m, translate(err)
	}
	return one(ctx, q, scanMember, `SELECT `+memberColumns+` FROM member
		WHERE company = $1 AND id = $2 AND left_at = 0`, m.Company, m.ID)
}

// UseLink uses a link up. A second use is lastword.ErrNotFound.
func (db *DB) UseLink(ctx context.Context, secret string, now time.Time) (lastword.Member, error) {
	var m lastword.Member
	err := db.write(ctx, func(t *tx) (err error) {
		if m, err = findLink(ctx, t, secret, now); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE link SET used = $3 WHERE company = $1 AND digest = $2 AND used = 0`,
			m.Company, secretDigest(secret), ms(now))
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return nil
	})
	return m, err
}

// SaveSession keeps a session under the digest of its cookie.
func (db *DB) SaveSession(ctx context.Context, token string, data []byte, until time.Time) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM session WHERE until < $1`, ms(t.now)); err != nil {
			return err
		}
		_, err := t.exec(ctx, `INSERT INTO session (token, data, until) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, until = excluded.until`, token, data, ms(until))
		return err
	})
}

// Session returns a session that has not ended.
func (db *DB) Session(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error) {
	scan := func(r row) (b []byte, err error) { return b, r.Scan(&b) }
	var all [][]byte
	err = db.engine.read(ctx, func(q querier) (err error) {
		all, err = collect(ctx, q, scan, `SELECT data FROM session WHERE token = $1 AND until > $2`, token, ms(now))
		return err
	})
	if err != nil || len(all) == 0 {
		return nil, false, err
	}
	return all[0], true, nil
}

// DropSession ends a session.
func (db *DB) DropSession(ctx context.Context, token string) error {
	return db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM session WHERE token = $1`, token)
		return err
	})
}
