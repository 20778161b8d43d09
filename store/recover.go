package store

import (
	"context"
	"time"
)

// recover puts right what a process left in the SQLite database that ended
// without a word: it had leased channels and was doing jobs. Leases are given
// back where gone knows that their owner has ended; jobs where this process is
// the only one that runs any. On PostgreSQL leases run out by themselves, and
// the queue rescues its jobs.
func (db *DB) recover(ctx context.Context, gone func(owner string) bool) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.giveBack(ctx, gone); err != nil || !db.Alone() {
			return err
		}
		// Nor need anybody wait until the dead process is no longer the queue's leader.
		if _, err := t.exec(ctx, `DELETE FROM river_leader`); err != nil {
			return err
		}
		// Nobody is bringing anything out any more.
		if _, err := t.exec(ctx, `UPDATE outbox SET busy = 0 WHERE busy > 0`); err != nil {
			return err
		}
		// An attempt that was cut off is none: it must not make the next pause longer.
		_, err := t.exec(ctx, `UPDATE river_job SET state = 'available', attempt = max(attempt - 1, 0) WHERE state = 'running'`)
		return err
	})
}

// giveBack ends the leases of owners that have gone. What one of them might
// still write is refused by the fence.
func (t *tx) giveBack(ctx context.Context, gone func(owner string) bool) error {
	if gone == nil {
		return nil
	}
	owners, err := collect(ctx, t, scanText, `SELECT DISTINCT lease_owner FROM channel WHERE lease_owner <> ''`)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		if !gone(owner) {
			continue
		}
		_, err := t.exec(ctx, `UPDATE channel SET lease_owner = '', lease_until = 0, fence = fence + 1 WHERE lease_owner = $1`, owner)
		if err != nil {
			return err
		}
	}
	return nil
}

// Writable returns lastword.ErrUnavailable where the store takes nothing that is
// written to it now: the disk is full, or the database away or locked.
func (db *DB) Writable(ctx context.Context) error {
	return db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE company SET pulse = pulse`)
		return err
	})
}

// What lies further ahead than this was written under a clock that ran ahead:
// it must not hold a channel until that clock's time has come.
const (
	leaseMost = 2 * time.Hour // no lease is taken for longer
	clockSkew = time.Minute   // between machines that share a store
)
