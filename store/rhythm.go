package store

import (
	"context"
	"time"

	"lastword"
)

const hourMillis = 60 * 60 * 1000

// rhythmKept is how long the hours of a channel are kept.
const rhythmKept = 27 * 7 * 24 * time.Hour

// countHours keeps in which hours a channel's voices were said. The company's own
// posts are none.
func (h *hearing) countHours(ctx context.Context, vs []heardVoice) error {
	hours := map[int64]int64{}
	oldest := (ms(h.now) - rhythmKept.Milliseconds()) / hourMillis
	for _, v := range vs {
		if at := ms(v.post.SaidAt) / hourMillis; !v.post.Own && at > oldest {
			hours[at]++
		}
	}
	if len(hours) == 0 {
		return nil
	}
	var args [][]any
	for at, n := range hours {
		args = append(args, []any{h.l.Company, h.l.ID, at, n})
	}
	if _, err := h.many(ctx, `INSERT INTO channel_hour (company, channel, hour, voices) VALUES ($1, $2, $3, $4)
		ON CONFLICT (company, channel, hour) DO UPDATE SET voices = channel_hour.voices + excluded.voices`, args); err != nil {
		return err
	}
	_, err := h.exec(ctx, `DELETE FROM channel_hour WHERE company = $1 AND channel = $2 AND hour <= $3`, h.l.Company, h.l.ID, oldest)
	return err
}

// Rhythm returns the hours since the given time in which a channel brought
// voices; see listen.Rhythms for the promise.
func (db *DB) Rhythm(ctx context.Context, company, channel int64, since time.Time) (lastword.Rhythm, error) {
	scan := func(r row) (h lastword.Hour, err error) { return h, r.Scan(&h.At, &h.Voices) }
	head := func(r row) (found lastword.Rhythm, err error) {
		var lag, begun int64
		err = r.Scan(&found.Zone, &lag, &begun)
		found.Lag, found.From = time.Duration(lag)*time.Millisecond, at(begun)
		return found, err
	}
	var found lastword.Rhythm
	err := db.engine.read(ctx, func(q querier) (err error) {
		if found, err = one(ctx, q, head, `SELECT m.zone, c.lag, c.begun FROM channel c JOIN company m ON m.id = c.company
			WHERE c.company = $1 AND c.id = $2`, company, channel); err != nil {
			return err
		}
		found.Hours, err = collect(ctx, q, scan, `SELECT hour, voices FROM channel_hour
			WHERE company = $1 AND channel = $2 AND hour >= $3 ORDER BY hour`, company, channel, ms(since)/hourMillis)
		return err
	})
	return found, err
}

// lagMost bounds how late a place may tell of things and still be judged.
const lagMost = 4 * 24 * time.Hour

// lagging learns how late things are heard: the longest lag counts at once, a
// shorter one bit by bit.
func (h *hearing) lagging(ctx context.Context) error {
	if h.newest.IsZero() {
		return nil
	}
	lag := min(max(h.now.Sub(h.newest), 0), lagMost).Milliseconds()
	_, err := h.exec(ctx, `UPDATE channel SET lag = CASE WHEN lag < $3 THEN $3 ELSE (lag * 4 + $3) / 5 END
		WHERE company = $1 AND id = $2`, h.l.Company, h.l.ID, lag)
	return err
}

// newRhythm forgets how a company's channels have spoken by queries, which are
// others now.
func (t *tx) newRhythm(ctx context.Context, company int64) error {
	_, err := t.exec(ctx, `DELETE FROM channel_hour WHERE company = $1 AND channel IN (
		SELECT id FROM channel WHERE company = $1 AND takes_all = 0)`, company)
	return err
}
