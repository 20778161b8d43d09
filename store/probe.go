package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"lastword"
)

func scanProbe(r row) (lastword.Probe, error) {
	var p lastword.Probe
	var told, refused, next int64
	var abilities string
	err := r.Scan(&p.Channel, &told, &p.Why, &refused, &abilities, &next)
	if err != nil {
		return p, err
	}
	p.At, p.Refused, p.Next = at(told), refused != 0, at(next)
	if err := json.Unmarshal([]byte(abilities), &p.Abilities); err != nil {
		return p, fmt.Errorf("abilities of channel %d: %w", p.Channel, err)
	}
	return p, nil
}

// Probes returns what the places of a company's channels said last, by channel.
// A channel that was not asked, or changed since, is not among them.
func (db *DB) Probes(ctx context.Context, company int64) (map[int64]lastword.Probe, error) {
	var ps []lastword.Probe
	err := db.engine.read(ctx, func(q querier) (err error) {
		ps, err = collect(ctx, q, scanProbe, `SELECT channel, at, why, refused, abilities, next_at FROM probe
			WHERE company = $1 AND at > 0`, company)
		return err
	})
	by := make(map[int64]lastword.Probe, len(ps))
	for _, p := range ps {
		by[p.Channel] = p
	}
	return by, err
}

// DueProbe takes the next channel, of any company, whose place is to be asked
// what it may do there, and says until when nobody else will ask; 0 channels are
// due where ID is 0. Paused channels and files are left alone.
func (db *DB) DueProbe(ctx context.Context, now, next time.Time) (c lastword.Channel, err error) {
	err = db.write(ctx, func(t *tx) error {
		ls, err := collect(ctx, t, scanChannel(&db.seal), `SELECT `+channelColumns+` FROM channel
			WHERE paused = 0 AND state <> 'done' AND NOT EXISTS (SELECT 1 FROM probe
			WHERE probe.company = channel.company AND probe.channel = channel.id AND probe.next_at > $1)
			ORDER BY id LIMIT 1`, ms(now))
		if err != nil || len(ls) == 0 {
			return err
		}
		n, err := t.exec(ctx, beginProbe+` WHERE probe.next_at <= $4`, ls[0].Company, ls[0].ID, ms(next), ms(now))
		if n > 0 { // else somebody was faster
			c = ls[0].Channel
		}
		return err
	})
	return c, err
}

const beginProbe = `INSERT INTO probe (company, channel, next_at) VALUES ($1, $2, $3)
	ON CONFLICT (company, channel) DO UPDATE SET next_at = excluded.next_at`

// BeginProbe says that a channel's place is asked now, by a person's wish.
func (db *DB) BeginProbe(ctx context.Context, company, channel int64, next time.Time) error {
	return db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, beginProbe, company, channel, ms(next))
		return err
	})
}

// SaveProbe keeps what a place said, unless the channel was changed, or its
// place asked anew, since the asking that Next names.
func (db *DB) SaveProbe(ctx context.Context, company int64, p lastword.Probe) error {
	if p.Abilities == nil {
		p.Abilities = []lastword.Ability{}
	}
	abilities, err := json.Marshal(p.Abilities)
	if err != nil {
		return err
	}
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE probe SET at = $4, why = $5, refused = $6, abilities = $7
			WHERE company = $1 AND channel = $2 AND next_at = $3`,
			company, p.Channel, ms(p.Next), ms(p.At), p.Why, bit(p.Refused), string(abilities))
		if err != nil || n == 0 {
			return err
		}
		return t.pulse(ctx, company)
	})
}

// dropProbe forgets what is no longer true of a changed channel.
func (t *tx) dropProbe(ctx context.Context, company, channel int64) error {
	_, err := t.exec(ctx, `DELETE FROM probe WHERE company = $1 AND channel = $2`, company, channel)
	return err
}
