package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"lastword"
)

const channelColumns = `company, id, connector, name, settings, secrets, cursor, takes_all, paused,
	state, why, last_try, last_new, next_try, heard, fails, dropped, quiet_since, usual, brought, ends, made, fence`

// scanChannel scans a channel and the fence of its lease. Secrets stay sealed
// unless the seal is given.
func scanChannel(open *seal) func(row) (lastword.Leased, error) {
	return func(r row) (lastword.Leased, error) {
		var c lastword.Leased
		var settings, dropped string
		var sealed []byte
		var takesAll, paused, lastTry, lastNew, nextTry, quiet, ends, made int64
		h := &c.Health
		err := r.Scan(&c.Company, &c.ID, &c.Connector, &c.Name, &settings, &sealed, &c.Cursor, &takesAll, &paused,
			&h.State, &h.Why, &lastTry, &lastNew, &nextTry, &h.Heard, &h.Fails, &dropped,
			&quiet, &h.Quiet.Usual, &h.Quiet.Brought, &ends, &made, &c.Fence)
		if err != nil {
			return c, err
		}
		c.All, c.Paused, c.Made = takesAll != 0, paused != 0, at(made)
		h.LastTry, h.LastNew, h.NextTry = at(lastTry), at(lastNew), at(nextTry)
		h.Quiet.Since, h.Ends = at(quiet), at(ends)
		if err := json.Unmarshal([]byte(settings), &c.Settings); err != nil {
			return c, fmt.Errorf("settings of channel %d: %w", c.ID, err)
		}
		if err := json.Unmarshal([]byte(dropped), &h.Dropped); err != nil {
			return c, fmt.Errorf("drops of channel %d: %w", c.ID, err)
		}
		if open != nil {
			c.Secrets, err = open.open(sealed)
		}
		return c, err
	}
}

// Channels lists a company's channels without their secrets.
func (db *DB) Channels(ctx context.Context, company int64) ([]lastword.Channel, error) {
	var ls []lastword.Leased
	err := db.engine.read(ctx, func(q querier) (err error) {
		ls, err = collect(ctx, q, scanChannel(nil), `SELECT `+channelColumns+` FROM channel WHERE company = $1 ORDER BY id`, company)
		return err
	})
	cs := make([]lastword.Channel, len(ls))
	for i, l := range ls {
		cs[i] = l.Channel
	}
	return cs, err
}

// Channel returns a channel without its secrets.
func (db *DB) Channel(ctx context.Context, company, id int64) (lastword.Channel, error) {
	return db.channel(ctx, company, id, nil)
}

// Secret returns a channel with its secrets decrypted.
func (db *DB) Secret(ctx context.Context, company, id int64) (lastword.Channel, error) {
	return db.channel(ctx, company, id, &db.seal)
}

func (db *DB) channel(ctx context.Context, company, id int64, open *seal) (lastword.Channel, error) {
	var l lastword.Leased
	err := db.engine.read(ctx, func(q querier) (err error) {
		l, err = one(ctx, q, scanChannel(open), `SELECT `+channelColumns+` FROM channel WHERE company = $1 AND id = $2`, company, id)
		return err
	})
	return l.Channel, err
}

// SaveChannel adds (ID 0) or changes a channel. Secrets are added to those
// stored, or replace those of the same name; all others stay. A changed channel is due at once, and whoever runs it loses the lease.
func (db *DB) SaveChannel(ctx context.Context, m lastword.Member, c lastword.Channel) (lastword.Channel, error) {
	c.Company = m.Company
	act := "channel changed"
	if c.ID == 0 {
		c.ID, c.Made, act = db.NewID(), db.now(), "channel added"
	}
	settings, err := json.Marshal(nonNil(c.Settings))
	if err != nil {
		return c, err
	}
	err = db.write(ctx, func(t *tx) error {
		sealed, err := db.sealed(ctx, t, c)
		if err != nil {
			return err
		}
		// What is heard otherwise from now on has another rhythm.
		_, err = t.exec(ctx, `DELETE FROM channel_hour WHERE company = $1 AND channel = $2 AND EXISTS (SELECT 1 FROM channel
			WHERE company = $1 AND id = $2 AND (settings <> $3 OR takes_all <> $4))`, c.Company, c.ID, string(settings), bit(c.All))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO channel (company, id, connector, name, settings, secrets, takes_all, paused, made, begun)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (company, id) DO UPDATE SET name = excluded.name, settings = excluded.settings,
			secrets = coalesce(excluded.secrets, channel.secrets), takes_all = excluded.takes_all,
			paused = excluded.paused, state = 'waiting', why = '', next_try = 0, fails = 0, quiet_since = 0,
			begun = CASE WHEN channel.paused <> excluded.paused OR channel.settings <> excluded.settings THEN excluded.begun ELSE channel.begun END,
			lease_owner = '', lease_until = 0, fence = channel.fence + 1`,
			c.Company, c.ID, c.Connector, c.Name, string(settings), sealed, bit(c.All), bit(c.Paused), ms(c.Made), ms(t.now))
		if err != nil {
			return err
		}
		if err := t.dropProbe(ctx, c.Company, c.ID); err != nil {
			return err
		}
		return t.audit(ctx, note(m, act, lastword.OfChannel, c.ID, map[string]any{
			"connector": c.Connector, "name": c.Name, "paused": c.Paused}))
	})
	c.Secrets = nil
	return c, err
}

// sealed are a channel's secrets with those that are stored; nil if it brings none.
func (db *DB) sealed(ctx context.Context, t *tx, c lastword.Channel) ([]byte, error) {
	if len(c.Secrets) == 0 {
		return nil, nil
	}
	former, err := collect(ctx, t, scanChannel(&db.seal), `SELECT `+channelColumns+` FROM channel WHERE company = $1 AND id = $2`, c.Company, c.ID)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, l := range former {
		maps.Copy(all, l.Secrets)
	}
	maps.Copy(all, c.Secrets)
	return db.seal.close(all)
}

// KeepSecrets adds to a channel's secrets; see listen.Keeping for the promise.
func (db *DB) KeepSecrets(ctx context.Context, company, id int64, secrets map[string]string) error {
	return db.write(ctx, func(t *tx) error {
		l, err := one(ctx, t, scanChannel(&db.seal), `SELECT `+channelColumns+` FROM channel WHERE company = $1 AND id = $2`, company, id)
		if err != nil {
			return err
		}
		all := nonNil(l.Secrets)
		maps.Copy(all, secrets)
		maps.DeleteFunc(all, func(_, secret string) bool { return secret == "" })
		sealed, err := db.seal.close(all)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE channel SET secrets = $3 WHERE company = $1 AND id = $2`, company, id, sealed)
		return err
	})
}

func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// DeleteChannel forgets a channel and its credentials. Its voices stay.
func (db *DB) DeleteChannel(ctx context.Context, m lastword.Member, id int64) error {
	return db.write(ctx, func(t *tx) error {
		for _, table := range []string{"refused", "channel_hour"} {
			if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE company = $1 AND channel = $2`, m.Company, id); err != nil {
				return err
			}
		}
		if err := t.dropProbe(ctx, m.Company, id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `INSERT INTO channel_gone (company, id, connector, removed)
			SELECT company, id, connector, $3 FROM channel WHERE company = $1 AND id = $2`, m.Company, id, ms(t.now)); err != nil {
			return err
		}
		n, err := t.exec(ctx, `DELETE FROM channel WHERE company = $1 AND id = $2`, m.Company, id)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return t.audit(ctx, note(m, "channel removed", lastword.OfChannel, id, nil))
	})
}

// PollSoon makes a channel due now.
func (db *DB) PollSoon(ctx context.Context, company, id int64) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE channel SET next_try = 0 WHERE company = $1 AND id = $2`, company, id)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return nil
	})
}

// Unreadable lists what a channel could not read, newest first.
func (db *DB) Unreadable(ctx context.Context, company, channel int64, most int) ([]lastword.Unreadable, error) {
	scan := func(r row) (u lastword.Unreadable, err error) { return u, r.Scan(&u.ID, &u.Place, &u.Reason) }
	var us []lastword.Unreadable
	err := db.engine.read(ctx, func(q querier) (err error) {
		us, err = collect(ctx, q, scan, `SELECT id, place, reason FROM refused
			WHERE company = $1 AND channel = $2 ORDER BY id DESC LIMIT $3`, company, channel, most)
		return err
	})
	return us, err
}

// PlacesAside lists what a channel set aside for one reason, newest first, with ids
// below before (0: the newest).
func (db *DB) PlacesAside(ctx context.Context, company, channel int64, reason string, before int64, most int) ([]lastword.Unreadable, error) {
	scan := func(r row) (u lastword.Unreadable, err error) { return u, r.Scan(&u.ID, &u.Place, &u.Reason) }
	var us []lastword.Unreadable
	err := db.engine.read(ctx, func(q querier) (err error) {
		us, err = collect(ctx, q, scan, `SELECT id, place, reason FROM refused
			WHERE company = $1 AND channel = $2 AND reason = $3 AND (CAST($4 AS BIGINT) = 0 OR id < $4) ORDER BY id DESC LIMIT $5`,
			company, channel, reason, before, most)
		return err
	})
	return us, err
}

// kept is how many unreadable items a channel shows; older ones give way.
const kept = 10_000

// SaveUnreadable keeps what a channel could not read, where people can see it.
// The same place and reason are kept once.
func (db *DB) SaveUnreadable(ctx context.Context, company, channel int64, items []lastword.Unreadable) error {
	if len(items) == 0 {
		return nil
	}
	args := make([][]any, len(items))
	for i, u := range items {
		args[i] = []any{company, channel, db.NewID(), u.Place, u.Reason}
	}
	return db.write(ctx, func(t *tx) error {
		_, err := t.many(ctx, `INSERT INTO refused (company, channel, id, place, reason)
			SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM refused
			WHERE company = $1 AND channel = $2 AND place = $4 AND reason = $5)`, args)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM refused WHERE company = $1 AND channel = $2 AND id IN (
			SELECT id FROM refused WHERE company = $1 AND channel = $2 ORDER BY id DESC LIMIT 1000 OFFSET $3)`,
			company, channel, kept)
		return err
	})
}

// Lease takes up to most channels that are due and that no other owner holds.
func (db *DB) Lease(ctx context.Context, owner string, now, until time.Time, most int) ([]lastword.Leased, error) {
	var ls []lastword.Leased
	due, err := db.due(ctx, now, most)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	err = db.write(ctx, func(t *tx) error {
		for _, d := range due {
			// Whoever was faster has moved the lease on: then this changes nothing.
			n, err := t.exec(ctx, `UPDATE channel SET lease_owner = $3, lease_until = $4, fence = fence + 1,
				begun = CASE WHEN next_try > 0 AND next_try < $7 AND lease_until < $7 THEN $5 ELSE begun END
				WHERE company = $1 AND id = $2 AND (lease_until <= $5 OR lease_until > $6) AND paused = 0`,
				d.Company, d.ID, owner, ms(until), ms(now), ms(now.Add(leaseMost)), ms(now.Add(-unheard)))
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			l, err := one(ctx, t, scanChannel(&db.seal), `SELECT `+channelColumns+` FROM channel
				WHERE company = $1 AND id = $2`, d.Company, d.ID)
			if err != nil {
				return err
			}
			l.Owner = owner
			ls = append(ls, l)
		}
		return nil
	})
	return ls, err
}

// unheard is how long nobody may have run a channel without its being a break.
const unheard = time.Hour

// due lists channels to take, those waiting longest first.
func (db *DB) due(ctx context.Context, now time.Time, most int) ([]lastword.Leased, error) {
	var ls []lastword.Leased
	err := db.engine.read(ctx, func(q querier) (err error) {
		ls, err = collect(ctx, q, scanChannel(nil), `SELECT `+channelColumns+` FROM channel
			WHERE paused = 0 AND state <> 'done' AND (next_try <= $1 OR last_try > $2)
			AND (lease_until <= $1 OR lease_until > $3)
			ORDER BY next_try, id LIMIT $4`, ms(now), ms(now.Add(clockSkew)), ms(now.Add(leaseMost)), most)
		return err
	})
	return ls, err
}

// LeaseOne takes one channel, due or not, for a command that runs it by itself.
func (db *DB) LeaseOne(ctx context.Context, owner string, company, id int64, until time.Time) (lastword.Leased, error) {
	var l lastword.Leased
	err := db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE channel SET lease_owner = $3, lease_until = $4, fence = fence + 1
			WHERE company = $1 AND id = $2 AND (lease_until <= $5 OR lease_until > $6)`,
			company, id, owner, ms(until), ms(t.now), ms(t.now.Add(leaseMost)))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("channel %d is run by another process: %w", id, lastword.ErrConflict)
		}
		l, err = one(ctx, t, scanChannel(&db.seal), `SELECT `+channelColumns+` FROM channel
			WHERE company = $1 AND id = $2`, company, id)
		l.Owner = owner
		return err
	})
	return l, err
}

// Renew prolongs a lease; lastword.ErrConflict if it was lost.
func (db *DB) Renew(ctx context.Context, l lastword.Leased, until time.Time) error {
	return db.holding(ctx, l, `UPDATE channel SET lease_until = $4
		WHERE company = $1 AND id = $2 AND fence = $3`, ms(until))
}

// Release gives a lease back and says how the channel fares.
func (db *DB) Release(ctx context.Context, l lastword.Leased, h lastword.Health) error {
	return db.report(ctx, l, h, `, lease_owner = '', lease_until = 0`)
}

// Report says how a channel fares while its lease is held.
func (db *DB) Report(ctx context.Context, l lastword.Leased, h lastword.Health) error {
	return db.report(ctx, l, h, ``)
}

// report keeps h. What was heard and when is counted by SaveHeard alone.
func (db *DB) report(ctx context.Context, l lastword.Leased, h lastword.Health, more string) error {
	if h.Dropped == nil {
		h.Dropped = map[string]int64{}
	}
	dropped, err := json.Marshal(h.Dropped)
	if err != nil {
		return err
	}
	err = db.holding(ctx, l, `UPDATE channel SET state = $4, why = $5, last_try = $6, next_try = $7,
		fails = $8, dropped = $9, quiet_since = $10, usual = $11, brought = $12, ends = $13`+more+`
		WHERE company = $1 AND id = $2 AND fence = $3`,
		h.State, h.Why, ms(h.LastTry), ms(h.NextTry), h.Fails, string(dropped),
		ms(h.Quiet.Since), h.Quiet.Usual, h.Quiet.Brought, ms(h.Ends))
	if err != nil || h.State == l.Health.State && h.Why == l.Health.Why {
		return err
	}
	return db.write(ctx, func(t *tx) error { return t.pulse(ctx, l.Company) }) // people may look at it
}

// holding runs a statement that holds only under the lease's fence.
func (db *DB) holding(ctx context.Context, l lastword.Leased, q string, args ...any) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, q, append([]any{l.Company, l.ID, l.Fence}, args...)...)
		if err == nil && n == 0 {
			return fmt.Errorf("the lease of channel %d was lost: %w", l.ID, lastword.ErrConflict)
		}
		return err
	})
}

// Leases lists the live leases: which process runs what, for the operator.
func (db *DB) Leases(ctx context.Context) ([]lastword.Leased, error) {
	var ls []lastword.Leased
	err := db.engine.read(ctx, func(q querier) (err error) {
		ls, err = collect(ctx, q, scanChannel(nil), `SELECT `+channelColumns+` FROM channel
			WHERE lease_until > $1 ORDER BY company, id`, ms(db.now()))
		return err
	})
	return ls, err
}
