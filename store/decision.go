package store

import (
	"context"
	"encoding/json"
	"fmt"

	"lastword"
)

const decisionColumns = `company, id, theme, verdict, when_at, reason, by, made, stands, supersedes, superseded_by`

func scanDecision(r row) (lastword.Decision, error) {
	var d lastword.Decision
	var when, made, stands int64
	var reason string
	err := r.Scan(&d.Company, &d.ID, &d.Theme, &d.Verdict, &when, &reason, &d.By, &made, &stands, &d.Supersedes, &d.SupersededBy)
	if err != nil {
		return d, err
	}
	d.When, d.Made, d.Stands = at(when), at(made), at(stands)
	return d, json.Unmarshal([]byte(reason), &d.Reason)
}

// Decision returns a decision.
func (db *DB) Decision(ctx context.Context, company, id int64) (lastword.Decision, error) {
	var d lastword.Decision
	err := db.engine.read(ctx, func(q querier) (err error) {
		d, err = decision(ctx, q, company, id)
		return err
	})
	return d, err
}

func decision(ctx context.Context, q querier, company, id int64) (lastword.Decision, error) {
	d, err := one(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM decision WHERE company = $1 AND id = $2`, company, id)
	if err != nil {
		return d, fmt.Errorf("decision %d: %w", id, err)
	}
	return d, nil
}

// Decisions lists those on a theme, or all where theme is 0, newest first.
func (db *DB) Decisions(ctx context.Context, company, theme int64, most int) ([]lastword.Decision, error) {
	w := &wanted{company: company}
	w.and("company = ?", company)
	if theme != 0 {
		w.and("theme = ?", theme)
	}
	w.args = append(w.args, limit(most))
	var ds []lastword.Decision
	err := db.engine.read(ctx, func(q querier) (err error) {
		ds, err = collect(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM decision`+w.where()+
			fmt.Sprintf(` ORDER BY id DESC LIMIT $%d`, len(w.args)), w.args...)
		return err
	})
	return ds, err
}

// DueDecisions lists the standing "later" decisions whose day has come.
func (db *DB) DueDecisions(ctx context.Context, company int64, most int) ([]lastword.Decision, error) {
	var ds []lastword.Decision
	err := db.engine.read(ctx, func(q querier) (err error) {
		ds, err = collect(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM decision
			WHERE company = $1 AND verdict = 'later' AND stands > 0 AND superseded_by = 0 AND when_at <= $2
			ORDER BY when_at LIMIT $3`, company, ms(db.now()), most)
		return err
	})
	return ds, err
}

// AddDecision keeps a new decision as a proposal.
func (db *DB) AddDecision(ctx context.Context, d lastword.Decision, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.addDecision(ctx, d); err != nil {
			return err
		}
		return t.audit(ctx, e)
	})
}

func (t *tx) addDecision(ctx context.Context, d lastword.Decision) error {
	if _, err := theme(ctx, t, d.Company, d.Theme); err != nil {
		return err
	}
	reason, err := json.Marshal(nonNil(d.Reason))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO decision (company, id, theme, verdict, when_at, reason, by, made)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		d.Company, d.ID, d.Theme, d.Verdict, ms(d.When), string(reason), d.By, ms(t.now))
	return err
}

// ConsentDecision records a director's release of a decision, and lets it stand
// once the company's rule is met; see decide.Store for the promise.
func (db *DB) ConsentDecision(ctx context.Context, d lastword.Decision, add bool, r lastword.Release, e lastword.Entry, next ...lastword.Job) (lastword.Decision, error) {
	err := db.write(ctx, func(t *tx) error {
		if add {
			if err := t.addDecision(ctx, d); err != nil {
				return err
			}
		}
		// The entry comes first: it locks the company, so that two directors who
		// consent at the same moment see each other's release.
		if err := t.audit(ctx, e); err != nil {
			return err
		}
		stored, err := decision(ctx, t, r.Company, r.ID)
		if err != nil {
			return err
		}
		if stored.Digest() != r.Digest || stored.SupersededBy != 0 {
			return fmt.Errorf("decision %d has changed: %w", r.ID, lastword.ErrConflict)
		}
		d = stored
		if err := t.release(ctx, r); err != nil || !d.Stands.IsZero() {
			return err
		}
		met, err := t.met(ctx, r)
		if err != nil || !met {
			return err
		}
		d, err = t.stand(ctx, d)
		if err != nil {
			return err
		}
		return t.enqueue(ctx, next)
	})
	return d, err
}

// release records a consent. The same one twice is one.
func (t *tx) release(ctx context.Context, r lastword.Release) error {
	_, err := t.exec(ctx, `INSERT INTO release (company, subject, id, digest, by, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (company, subject, id, digest, by) DO NOTHING`, r.Company, r.Subject, r.ID, r.Digest, r.By, ms(t.now))
	return err
}

// met asks the company's rule about the content that r releases.
func (t *tx) met(ctx context.Context, r lastword.Release) (bool, error) {
	c, err := company(ctx, t, r.Company)
	if err != nil {
		return false, err
	}
	who, err := members(ctx, t, r.Company)
	if err != nil {
		return false, err
	}
	given, err := consents(ctx, t, r.Company, r.Subject, r.ID, r.Digest)
	return c.Rule.Met(who, given, r.Digest), err
}

func scanRelease(r row) (lastword.Release, error) {
	var rel lastword.Release
	var when int64
	err := r.Scan(&rel.Company, &rel.Subject, &rel.ID, &rel.Digest, &rel.By, &when)
	rel.At = at(when)
	return rel, err
}

func consents(ctx context.Context, q querier, company int64, s lastword.Subject, id int64, digest string) ([]lastword.Release, error) {
	return collect(ctx, q, scanRelease, `SELECT company, subject, id, digest, by, at FROM release
		WHERE company = $1 AND subject = $2 AND id = $3 AND digest = $4 ORDER BY at`, company, s, id, digest)
}

// Consents lists who released exactly this content.
func (db *DB) Consents(ctx context.Context, company int64, s lastword.Subject, id int64, digest string) ([]lastword.Release, error) {
	var rs []lastword.Release
	err := db.engine.read(ctx, func(q querier) (err error) {
		rs, err = consents(ctx, q, company, s, id, digest)
		return err
	})
	return rs, err
}

// stand makes a decision the theme's own. What the former one drafted and did
// not send is withdrawn; its voices, and all others not yet answered, wait for
// this decision's answers.
func (t *tx) stand(ctx context.Context, d lastword.Decision) (lastword.Decision, error) {
	th, err := theme(ctx, t, d.Company, d.Theme)
	if err != nil {
		return d, err
	}
	d.Stands, d.Supersedes = t.now, th.Decision
	if err := t.touched(ctx, d.Company); err != nil {
		return d, err
	}
	if th.Decision != 0 {
		if err := t.endDecision(ctx, d.Company, th.Decision, d.ID); err != nil {
			return d, err
		}
	}
	_, err = t.exec(ctx, `UPDATE decision SET stands = $3, supersedes = $4 WHERE company = $1 AND id = $2`,
		d.Company, d.ID, ms(d.Stands), d.Supersedes)
	if err != nil {
		return d, err
	}
	_, err = t.exec(ctx, `UPDATE theme SET verdict = $3, decision = $4 WHERE company = $1 AND id = $2`,
		d.Company, d.Theme, d.Verdict, d.ID)
	if err != nil {
		return d, err
	}
	_, err = t.exec(ctx, `UPDATE voice SET circle = 1 WHERE company = $1 AND theme = $2 AND theme <> 0 AND circle = 0
		AND gone_at = 0`, d.Company, d.Theme)
	if err != nil {
		return d, err
	}
	return d, t.tellDecided(ctx, d)
}

// endDecision marks a decision as superseded and withdraws what it drafted.
func (t *tx) endDecision(ctx context.Context, company, id, by int64) error {
	_, err := t.exec(ctx, `UPDATE decision SET superseded_by = $3 WHERE company = $1 AND id = $2`, company, id, by)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM outbox WHERE company = $1 AND done = 0 AND attempts = 0 AND id IN (
		SELECT id FROM answer WHERE company = $1 AND decision = $2 AND state = 'released')`, company, id)
	if err != nil {
		return err
	}
	// One that an attempt was made for may already stand at the network: it is
	// left to the outbox to find out.
	_, err = t.exec(ctx, `UPDATE answer SET state = 'withdrawn', why = 'why.superseded' WHERE company = $1 AND decision = $2
		AND (state IN ('draft', 'failed', 'handed') OR (state = 'released' AND NOT EXISTS (
			SELECT 1 FROM outbox o WHERE o.company = answer.company AND o.id = answer.id)))`, company, id)
	return err
}

// ReopenTheme ends the standing decision of a theme.
func (db *DB) ReopenTheme(ctx context.Context, company, id int64, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		th, err := theme(ctx, t, company, id)
		if err != nil {
			return err
		}
		if th.Decision == 0 {
			return fmt.Errorf("theme %d is not decided: %w", id, lastword.ErrConflict)
		}
		if err := t.endDecision(ctx, company, th.Decision, -1); err != nil {
			return err
		}
		if err := t.touched(ctx, company); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE theme SET verdict = '', decision = 0 WHERE company = $1 AND id = $2`, company, id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE voice SET circle = 0 WHERE company = $1 AND theme = $2 AND theme <> 0 AND circle = 1`, company, id); err != nil {
			return err
		}
		return t.audit(ctx, e)
	})
}
