package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"lastword"
)

// ReleaseVersions records a director's releases and moves what is cleared to the
// outbox, with the job that brings it out at its time, all together with the
// entry. Versions that are no longer drafts, or no longer of the digest that is
// released, count as Changed.
func (db *DB) ReleaseVersions(ctx context.Context, company int64, releases []lastword.Release, e lastword.Entry) (lastword.Outcome, error) {
	var out lastword.Outcome
	err := db.write(ctx, func(t *tx) error {
		out = lastword.Outcome{}
		// The entry comes first: it locks the company, so that two directors who
		// release at the same moment see each other's consent.
		if err := t.audit(ctx, e); err != nil {
			return err
		}
		for _, r := range releases {
			if err := t.releaseVersion(ctx, company, r, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (t *tx) releaseVersion(ctx context.Context, company int64, r lastword.Release, out *lastword.Outcome) error {
	found, err := collect(ctx, t, scanVersion, `SELECT `+versionColumns+` FROM version v
		WHERE v.company = $1 AND v.id = $2 AND v.state = 'draft'`, company, r.ID)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Digest() != r.Digest {
		out.Changed++
		return nil
	}
	r.Company, r.Subject, r.At = company, lastword.OfVersion, t.now
	if err := t.release(ctx, r); err != nil {
		return err
	}
	cleared, ok, err := t.clearVersion(ctx, found[0])
	if err != nil {
		return err
	}
	if !ok {
		out.Waiting++
		return nil
	}
	out.Released++
	return t.sendVersion(ctx, cleared)
}

// clearVersion asks for the last word on a version.
func (t *tx) clearVersion(ctx context.Context, v lastword.Version) (lastword.ClearedVersion, bool, error) {
	c, err := company(ctx, t, v.Company)
	if err != nil {
		return lastword.ClearedVersion{}, false, err
	}
	who, err := members(ctx, t, v.Company)
	if err != nil {
		return lastword.ClearedVersion{}, false, err
	}
	given, err := consents(ctx, t, v.Company, lastword.OfVersion, v.ID, v.Digest())
	if err != nil {
		return lastword.ClearedVersion{}, false, err
	}
	cleared, err := lastword.ClearVersion(c, who, given, v)
	return cleared, err == nil, nil
}

// sendVersion puts a cleared version into the outbox. A row that is there already
// keeps its count of attempts: the place is asked before another one is made.
func (t *tx) sendVersion(ctx context.Context, c lastword.ClearedVersion) error {
	v, ok := c.Version()
	if !ok {
		return nil
	}
	body, err := json.Marshal(v.Content)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `INSERT INTO outbox (company, id, channel, body, digest) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (company, id) DO UPDATE SET channel = excluded.channel, body = excluded.body, digest = excluded.digest, done = 0`,
		v.Company, v.ID, v.Channel, body, c.Digest()); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE version SET state = 'released', why = '', released = $3 WHERE company = $1 AND id = $2`,
		v.Company, v.ID, ms(t.now)); err != nil {
		return err
	}
	job := lastword.Job{Kind: lastword.Publish, Company: v.Company, IDs: []int64{v.ID}, NotBefore: v.Due}
	return t.enqueue(ctx, []lastword.Job{job})
}

// OutgoingVersion returns a released version on its way out, cleared anew from the
// releases that are stored, with exactly the content that is in the outbox.
// lastword.ErrNotFound: nothing waits there any more. lastword.ErrForbidden: it is
// not released as it stands there.
func (db *DB) OutgoingVersion(ctx context.Context, company, id int64) (lastword.OutgoingVersion, error) {
	var o lastword.OutgoingVersion
	err := db.write(ctx, func(t *tx) error {
		var body []byte
		var digest string
		var busy int64
		err := t.queryRow(ctx, `SELECT body, digest, attempts, busy FROM outbox WHERE company = $1 AND id = $2 AND done = 0`,
			company, id).Scan(&body, &digest, &o.Attempts, &busy)
		if err != nil {
			return translate(err)
		}
		o.Busy = at(busy)
		v, err := one(ctx, t, scanVersion, `SELECT `+versionColumns+` FROM version v
			WHERE v.company = $1 AND v.id = $2 AND v.state = 'released'`, company, id)
		if err != nil {
			return err
		}
		v.Content = lastword.Content{}
		if err := json.Unmarshal(body, &v.Content); err != nil {
			return fmt.Errorf("store: outbox of version %d: %w", id, err)
		}
		cleared, ok, err := t.clearVersion(ctx, v)
		if err != nil {
			return err
		}
		if !ok || cleared.Digest() != digest {
			return fmt.Errorf("version %d is not released as it stands in the outbox: %w", id, lastword.ErrForbidden)
		}
		o.Cleared = cleared
		return t.around(ctx, v, &o)
	})
	return o, err
}

// around tells what a delivery needs to know beside the version itself.
func (t *tx) around(ctx context.Context, v lastword.Version, o *lastword.OutgoingVersion) (err error) {
	if v.Cites != 0 {
		cited, err := version(ctx, t, v.Company, v.Cites)
		if err != nil {
			return err
		}
		o.Cited = cited.State
	}
	of := v.ID
	if v.Replaces != 0 {
		of = v.Replaces
	}
	o.Placed, err = partsOf(ctx, t, v.Company, of)
	return err
}

func scanPlaced(r row) (p lastword.Placed, err error) { return p, r.Scan(&p.Key, &p.URL) }

func partsOf(ctx context.Context, q querier, company, version int64) ([]lastword.Placed, error) {
	return collect(ctx, q, scanPlaced, `SELECT key, url FROM placed WHERE company = $1 AND version = $2 ORDER BY part`, company, version)
}

// Placed lists where the parts of a published version stand.
func (db *DB) Placed(ctx context.Context, company, version int64) (ps []lastword.Placed, err error) {
	err = db.engine.read(ctx, func(q querier) (err error) {
		ps, err = partsOf(ctx, q, company, version)
		return err
	})
	return ps, err
}

// ClaimVersion counts an attempt, before it is made, and keeps all others away
// until then. lastword.ErrConflict: somebody else has begun one since.
func (db *DB) ClaimVersion(ctx context.Context, company, id int64, attempts int, now, until time.Time) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET attempts = attempts + 1, tried = $4, busy = $5
			WHERE company = $1 AND id = $2 AND done = 0 AND attempts = $3 AND busy <= $4`, company, id, attempts, ms(now), ms(until))
		if err == nil && n == 0 {
			err = fmt.Errorf("version %d is on its way already: %w", id, lastword.ErrConflict)
		}
		return err
	})
}

// EndAttempt says that an attempt is over, and which parts it brought out: another
// one may begin.
func (db *DB) EndAttempt(ctx context.Context, company, id int64, got []lastword.Placed) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE outbox SET busy = 0 WHERE company = $1 AND id = $2`, company, id); err != nil {
			return err
		}
		return t.stands(ctx, company, id, got)
	})
}

func (t *tx) stands(ctx context.Context, company, id int64, got []lastword.Placed) error {
	args := make([][]any, len(got))
	for i, p := range got {
		args[i] = []any{company, id, i, p.Key, p.URL}
	}
	_, err := t.many(ctx, `INSERT INTO placed (company, version, part, network, key, url)
		SELECT $1, $2, $3, network, $4, $5 FROM version WHERE company = $1 AND id = $2
		ON CONFLICT (company, version, part) DO UPDATE SET key = excluded.key, url = excluded.url`, args)
	return err
}

// Published says that a version stands at its place, part by part. One that
// replaces another takes its place, and the other is told as removed.
func (db *DB) Published(ctx context.Context, company, id int64, got []lastword.Placed, when time.Time) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE outbox SET done = 1, busy = 0 WHERE company = $1 AND id = $2 AND done = 0`, company, id)
		if err != nil || n == 0 {
			return err // told before: nothing is left to do
		}
		if err := t.stands(ctx, company, id, got); err != nil {
			return err
		}
		url := ""
		if len(got) > 0 {
			url = got[0].URL
		}
		if _, err := t.exec(ctx, `UPDATE version SET state = 'sent', why = '', url = $3, sent = $4 WHERE company = $1 AND id = $2`,
			company, id, url, ms(when)); err != nil {
			return err
		}
		if err := t.supersede(ctx, company, id); err != nil {
			return err
		}
		return t.pulse(ctx, company)
	})
}

// supersede ends the version that another one has taken the place of. When it was
// first published is kept with the new one.
func (t *tx) supersede(ctx context.Context, company, id int64) error {
	v, err := version(ctx, t, company, id)
	if err != nil || v.Replaces == 0 {
		return err
	}
	old, err := version(ctx, t, company, v.Replaces)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE version SET sent = $3 WHERE company = $1 AND id = $2`, company, id, ms(old.Sent)); err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE version SET state = 'removed', why = 'why.replaced' WHERE company = $1 AND id = $2`, company, old.ID)
	return err
}

// Unpublished ends a delivery: the version failed, and why. The outbox keeps the
// row, so that a later attempt looks first.
func (db *DB) Unpublished(ctx context.Context, company, id int64, why string, got []lastword.Placed) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE outbox SET done = 1, busy = 0 WHERE company = $1 AND id = $2`, company, id); err != nil {
			return err
		}
		if err := t.stands(ctx, company, id, got); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE version SET state = 'failed', why = $3 WHERE company = $1 AND id = $2 AND state = 'released'`,
			company, id, why); err != nil {
			return err
		}
		return t.pulse(ctx, company)
	})
}

// DraftAgain makes drafts of failed versions of a story, and returns how many.
func (db *DB) DraftAgain(ctx context.Context, company, story int64, e lastword.Entry) (n int64, err error) {
	err = db.write(ctx, func(t *tx) (err error) {
		if n, err = t.exec(ctx, `UPDATE version SET state = 'draft', why = '' WHERE company = $1 AND story = $2 AND state = 'failed'`, company, story); err != nil || n == 0 {
			return err
		}
		return t.audit(ctx, e)
	})
	return n, err
}

// TakeDown says that a published version shall go, and leaves the job for it.
// lastword.ErrConflict: it is not published.
func (db *DB) TakeDown(ctx context.Context, company, id int64, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.audit(ctx, e); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE version SET state = 'taken', why = '' WHERE company = $1 AND id = $2 AND state = 'sent'`, company, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("version %d is not published: %w", id, lastword.ErrConflict)
		}
		return t.enqueue(ctx, []lastword.Job{{Kind: lastword.TakeDown, Company: company, IDs: []int64{id}}})
	})
}

// TakenDown says what became of it: the version is removed, or, with a reason
// why not, published as before.
func (db *DB) TakenDown(ctx context.Context, company, id int64, why string) error {
	to := lastword.Removed
	if why != "" {
		to = lastword.Sent
	}
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE version SET state = $3, why = $4 WHERE company = $1 AND id = $2 AND state = 'taken'`, company, id, to, why); err != nil {
			return err
		}
		return t.pulse(ctx, company)
	})
}

// AddVersion keeps one more draft of a story: the change of a published version.
// lastword.ErrConflict: one is under way already, or what it replaces is not
// published.
func (db *DB) AddVersion(ctx context.Context, v lastword.Version) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.pulse(ctx, v.Company); err != nil { // locks the company
			return err
		}
		body, err := json.Marshal(v.Content)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, `INSERT INTO version (company, id, story, channel, network, body, due, by_hand, replaces, state, made)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10 FROM version o WHERE o.company = $1 AND o.id = $9 AND o.state = 'sent'
			ON CONFLICT DO NOTHING`, v.Company, v.ID, v.Story, v.Channel, v.Network, string(body), ms(v.Due), v.ByHand, v.Replaces, ms(t.now))
		if err == nil && n == 0 {
			err = fmt.Errorf("version %d cannot be changed now: %w", v.Replaces, lastword.ErrConflict)
		}
		return err
	})
}
