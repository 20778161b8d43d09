package store

import (
	"context"
	"time"

	"lastword"
)

// GoneChannels lists the channels of a company that were removed, by id and
// connector alone.
func (db *DB) GoneChannels(ctx context.Context, company int64) (all []lastword.Channel, err error) {
	scan := func(r row) (c lastword.Channel, err error) {
		return c, r.Scan(&c.Company, &c.ID, &c.Connector)
	}
	err = db.engine.read(ctx, func(q querier) error {
		all, err = collect(ctx, q, scan, `SELECT company, id, connector FROM channel_gone WHERE company = $1 ORDER BY id`, company)
		return err
	})
	return all, err
}

// expireOnce is how many voices are forgotten in one transaction.
const expireOnce = 200

// Expire forgets what was heard through a channel before a moment, as if it had
// been deleted at its source, and returns how many voices that were; what the
// company said itself stays.
func (db *DB) Expire(ctx context.Context, company, channel int64, network string, before time.Time) (n int, err error) {
	for {
		some := 0
		err := db.write(ctx, func(t *tx) error {
			ids, err := collect(ctx, t, scanInt, `SELECT id FROM voice WHERE company = $1 AND network = $2 AND channel = $3
				AND heard_at < $4 AND own = 0 AND gone_at = 0 ORDER BY id LIMIT $5`, company, network, channel, ms(before), expireOnce)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := t.forgetVoice(ctx, company, id); err != nil {
					return err
				}
			}
			some = len(ids)
			return nil
		})
		n += some
		if err != nil || some < expireOnce {
			return n, err
		}
	}
}

// ForgetGone forgets a removed channel through which nothing was heard that is
// still kept.
func (db *DB) ForgetGone(ctx context.Context, company, channel int64, network string) error {
	return db.write(ctx, func(t *tx) error {
		left, err := collect(ctx, t, scanInt, `SELECT id FROM voice WHERE company = $1 AND network = $2 AND channel = $3
			AND own = 0 AND gone_at = 0 LIMIT $4`, company, network, channel, 1)
		if err != nil || len(left) > 0 {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM channel_gone WHERE company = $1 AND id = $2`, company, channel)
		return err
	})
}
