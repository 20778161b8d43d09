package store

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
)

// Courier returns the company's courier with its keys decrypted; one that was
// never set up has no address.
func (db *DB) Courier(ctx context.Context, company int64) (lastword.Courier, error) {
	var c lastword.Courier
	err := db.engine.read(ctx, func(q querier) (err error) {
		c, err = db.courier(ctx, q, company)
		return err
	})
	return c, err
}

func (db *DB) courier(ctx context.Context, q querier, company int64) (lastword.Courier, error) {
	scan := func(r row) (c lastword.Courier, err error) {
		var sealed []byte
		var kinds string
		var private, on int64
		if err := r.Scan(&c.Address, &sealed, &kinds, &c.Query, &c.Theme, &private, &on); err != nil {
			return c, err
		}
		for kind := range strings.FieldsSeq(kinds) {
			c.Kinds = append(c.Kinds, lastword.NoticeKind(kind))
		}
		secrets, err := db.seal.open(sealed)
		c.Company, c.Private, c.On = company, private != 0, on != 0
		c.Key, c.Keyed = secrets["key"], secrets["key"] != ""
		if until, bad := strconv.ParseInt(secrets["until"], 10, 64); bad == nil && db.now().Before(at(until)) {
			c.Former = secrets["former"]
		}
		return c, err
	}
	c, err := one(ctx, q, scan, `SELECT address, secrets, kinds, query, theme, private, on_by FROM courier WHERE company = $1`, company)
	if errors.Is(err, lastword.ErrNotFound) {
		return lastword.Courier{Company: company}, nil
	}
	return c, err
}

// SaveCourier keeps where notices go and which. Its key stays as it is, unless the
// address is another: a key is for one place. Whatever a director agreed to is
// agreed to anew once it changes: it is off then.
func (db *DB) SaveCourier(ctx context.Context, by lastword.Member, c lastword.Courier) error {
	c.Company = by.Company
	kinds := make([]string, len(c.Kinds))
	for i, k := range c.Kinds {
		kinds[i] = string(k)
	}
	return db.write(ctx, func(t *tx) error {
		was, err := db.courier(ctx, t, by.Company)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO courier (company, address, kinds, query, theme, private) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (company) DO UPDATE SET address = excluded.address, kinds = excluded.kinds, query = excluded.query,
			theme = excluded.theme, private = excluded.private,
			secrets = CASE WHEN courier.address = excluded.address THEN courier.secrets ELSE NULL END,
			on_by = CASE WHEN CAST($7 AS BIGINT) <> 0 THEN courier.on_by ELSE 0 END`,
			c.Company, c.Address, strings.Join(kinds, " "), c.Query, c.Theme, bit(c.Private), bit(was.Digest() == c.Digest()))
		if err != nil {
			return err
		}
		return t.audit(ctx, note(by, "courier changed", lastword.OfCompany, by.Company, map[string]any{
			"host": hostOf(c.Address), "kinds": kinds, "query": c.Query, "theme": c.Theme, "private": c.Private}))
	})
}

// keyOverlap is how long a former key signs beside the new one.
const keyOverlap = 24 * time.Hour

// RenewCourierKey gives the courier a new key. The former one signs too for a day.
// lastword.ErrNotFound where none is set up.
func (db *DB) RenewCourierKey(ctx context.Context, by lastword.Member, key string) error {
	return db.write(ctx, func(t *tx) error {
		was, err := db.courier(ctx, t, by.Company)
		if err != nil {
			return err
		}
		secrets := map[string]string{"key": key}
		if was.Key != "" {
			secrets["former"], secrets["until"] = was.Key, strconv.FormatInt(ms(t.now.Add(keyOverlap)), 10)
		}
		sealed, err := db.seal.close(secrets)
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE courier SET secrets = $2 WHERE company = $1`, by.Company, sealed)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return t.audit(ctx, note(by, "courier key", lastword.OfCompany, by.Company, nil))
	})
}

// SwitchCourier turns the courier on, by a director who saw what digest names, or
// off. lastword.ErrConflict: what is set up is not what was seen.
func (db *DB) SwitchCourier(ctx context.Context, by lastword.Member, on bool, digest string) error {
	if on && !by.MayRelease() {
		return lastword.ErrForbidden
	}
	return db.write(ctx, func(t *tx) error {
		c, err := db.courier(ctx, t, by.Company)
		if err != nil {
			return err
		}
		act, who := "courier off", int64(0)
		if on {
			act, who = "courier on", by.ID
			if c.Address == "" || !c.Keyed || c.Digest() != digest {
				return lastword.ErrConflict
			}
		}
		if _, err := t.exec(ctx, `UPDATE courier SET on_by = $2 WHERE company = $1`, by.Company, who); err != nil {
			return err
		}
		return t.audit(ctx, note(by, act, lastword.OfCompany, by.Company, map[string]any{"host": hostOf(c.Address), "seen": digest}))
	})
}

// hostOf is as much of an address as an entry keeps: the rest may be as good as a
// key.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// CourierGone switches a courier off whose address says that it is no more.
func (db *DB) CourierGone(ctx context.Context, company int64) error {
	return db.write(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE courier SET on_by = 0 WHERE company = $1 AND on_by <> 0`, company)
		if err != nil || n == 0 {
			return err
		}
		return t.audit(ctx, note(lastword.Member{Company: company}, "courier gone", lastword.OfCompany, company, nil))
	})
}

var noticeColumns = columns("n", "company", "id", "kind", "subject", "made", "state", "attempts", "tried", "code", "why")

func scanNotice(r row) (n lastword.Notice, err error) {
	var made, tried int64
	err = r.Scan(&n.Company, &n.ID, &n.Kind, &n.Subject, &made, &n.State, &n.Attempts, &tried, &n.Code, &n.Why)
	n.Made, n.Tried = at(made), at(tried)
	return n, err
}

// Notices lists the latest, newest first.
func (db *DB) Notices(ctx context.Context, company int64, most int) ([]lastword.Notice, error) {
	var ns []lastword.Notice
	err := db.engine.read(ctx, func(q querier) (err error) {
		ns, err = collect(ctx, q, scanNotice, `SELECT `+noticeColumns+` FROM notice n WHERE n.company = $1 ORDER BY n.id DESC LIMIT $2`, company, most)
		return err
	})
	return ns, err
}

// Telling returns a notice that waits, with what it says now; lastword.ErrNotFound
// where it waits no more.
func (db *DB) Telling(ctx context.Context, company, id int64) (lastword.Telling, error) {
	var n lastword.Telling
	err := db.engine.read(ctx, func(q querier) (err error) {
		n.Notice, err = one(ctx, q, scanNotice, `SELECT `+noticeColumns+` FROM notice n WHERE n.company = $1 AND n.id = $2 AND n.state = 'waiting'`, company, id)
		if err != nil {
			return err
		}
		n, err = db.telling(ctx, q, n.Notice)
		return err
	})
	return n, err
}

// Tellable is what a notice of that kind about that subject would say now.
func (db *DB) Tellable(ctx context.Context, company int64, kind lastword.NoticeKind, subject int64) (lastword.Telling, error) {
	var n lastword.Telling
	err := db.engine.read(ctx, func(q querier) (err error) {
		n, err = db.telling(ctx, q, lastword.Notice{Company: company, Kind: kind, Subject: subject})
		return err
	})
	return n, err
}

func (db *DB) telling(ctx context.Context, q querier, what lastword.Notice) (n lastword.Telling, err error) {
	n.Notice = what
	if n.Courier, err = db.courier(ctx, q, what.Company); err != nil {
		return n, err
	}
	voice := what.Subject
	switch what.Kind {
	case lastword.ThemeDecided:
		if n.Decision, err = decision(ctx, q, what.Company, what.Subject); err != nil {
			return n, err
		}
		n.Theme, err = theme(ctx, q, what.Company, n.Decision.Theme)
		return n, err
	case lastword.AnswerDelivered, lastword.AnswerFailed:
		if n.Answer, err = one(ctx, q, scanAnswer, `SELECT `+answerColumns+` FROM answer a WHERE a.company = $1 AND a.id = $2`, what.Company, what.Subject); err != nil {
			return n, err
		}
		if n.Answer.Theme != 0 {
			if n.Theme, err = theme(ctx, q, what.Company, n.Answer.Theme); err != nil {
				return n, err
			}
		}
		voice = n.Answer.Voice
	case lastword.VoiceHeard:
		scanString := func(r row) (s string, err error) { return s, r.Scan(&s) }
		n.Queries, err = collect(ctx, q, scanString, `SELECT y.name FROM hit h JOIN query y ON y.company = h.company AND y.id = h.query
			WHERE h.company = $1 AND h.voice = $2 ORDER BY y.id`, what.Company, voice)
		if err != nil {
			return n, err
		}
	}
	n.Voice, err = voiceRow(ctx, q, what.Company, voice)
	return n, err
}

// noticesFor is how long what was told is listed.
const noticesFor = 30 * 24 * time.Hour

// Told says how an attempt to tell ended: a notice that waits was not told.
func (db *DB) Told(ctx context.Context, company, id int64, to lastword.NoticeState, code int, why string) error {
	return db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE notice SET state = $3, code = $4, why = $5, attempts = attempts + 1, tried = $6
			WHERE company = $1 AND id = $2 AND state = 'waiting'`, company, id, to, code, why, ms(t.now))
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM notice WHERE company = $1 AND id < $2 AND state <> 'waiting'`, company, idAt(t.now.Add(-noticesFor)))
		return err
	})
}

// toldAtOnce is how many notices one job tells.
const toldAtOnce = 50

// tell leaves notices of one kind, one for each subject, and the jobs that bring
// them out, in the transaction of what they tell.
func (t *tx) tell(ctx context.Context, company int64, kind lastword.NoticeKind, subjects ...int64) error {
	var args [][]any
	var next []lastword.Job
	for part := range slices.Chunk(subjects, toldAtOnce) {
		job := lastword.Job{Kind: lastword.Tell, Company: company}
		for _, subject := range part {
			id := t.db.NewID()
			job.IDs = append(job.IDs, id)
			args = append(args, []any{company, id, string(kind), subject, ms(t.now)})
		}
		next = append(next, job)
	}
	if len(args) == 0 {
		return nil
	}
	if _, err := t.many(ctx, `INSERT INTO notice (company, id, kind, subject, made) VALUES ($1, $2, $3, $4, $5)`, args); err != nil {
		return err
	}
	return t.enqueue(ctx, next)
}

// tellHeard tells of voices that are new, of others, and no older than news.
func (h *hearing) tellHeard(ctx context.Context, vs []heardVoice) error {
	c, err := h.db.courier(ctx, h.tx, h.l.Company)
	if err != nil || !c.Wants(lastword.VoiceHeard) {
		return err
	}
	var ids []int64
	for _, v := range vs {
		switch {
		case v.post.Own, v.post.Private && !c.Private, h.now.Sub(v.post.SaidAt) > lastword.NoticeFresh:
		case c.Query != 0 && !slices.Contains(v.hits, c.Query):
		default:
			ids = append(ids, v.id)
		}
	}
	return h.tell(ctx, h.l.Company, lastword.VoiceHeard, ids...)
}

// tellGone tells that a voice is to be forgotten, whoever keeps it: more often than
// it was told of, rather than too seldom.
func (t *tx) tellGone(ctx context.Context, company, voice int64) error {
	c, err := t.db.courier(ctx, t, company)
	if err != nil || !c.Wants(lastword.VoiceGone) {
		return err
	}
	known, err := one(ctx, t, scanInt, `SELECT count(*) FROM voice WHERE company = $1 AND id = $2 AND gone_at = 0 AND own = 0
		AND private <= $3`, company, voice, bit(c.Private))
	if err != nil || known == 0 {
		return err
	}
	return t.tell(ctx, company, lastword.VoiceGone, voice)
}

// tellDecided tells of a decision that stands.
func (t *tx) tellDecided(ctx context.Context, d lastword.Decision) error {
	c, err := t.db.courier(ctx, t, d.Company)
	if err != nil || !c.Wants(lastword.ThemeDecided) || c.Theme != 0 && c.Theme != d.Theme {
		return err
	}
	return t.tell(ctx, d.Company, lastword.ThemeDecided, d.ID)
}

// tellAnswer tells how an answer fared. One to a private voice is as private.
func (t *tx) tellAnswer(ctx context.Context, kind lastword.NoticeKind, a lastword.Answer) error {
	c, err := t.db.courier(ctx, t, a.Company)
	if err != nil || !c.Wants(kind) || c.Theme != 0 && c.Theme != a.Theme {
		return err
	}
	private, err := one(ctx, t, scanInt, `SELECT private FROM voice WHERE company = $1 AND id = $2`, a.Company, a.Voice)
	if err != nil || private != 0 && !c.Private {
		return err
	}
	return t.tell(ctx, a.Company, kind, a.ID)
}
