package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lastword"
)

// SaveHeard keeps the cursor and what was heard in one transaction; see
// listen.Hearing for the promise.
func (db *DB) SaveHeard(ctx context.Context, l lastword.Leased, cursor string, events []lastword.Event, hits [][]int64) (lastword.Saved, error) {
	var saved lastword.Saved
	err := db.write(ctx, func(t *tx) error {
		h := &hearing{tx: t, l: l, authors: map[postKey]lastword.Identity{}}
		if err := h.fence(ctx, cursor); err != nil {
			return err
		}
		for _, run := range runs(events) {
			if err := h.run(ctx, run.events, pick(hits, run.from, len(run.events))); err != nil {
				return err
			}
		}
		saved = h.saved
		return h.finish(ctx)
	})
	if err != nil {
		return saved, err
	}
	return saved, db.engine.grown(ctx, saved.New)
}

// A hearing is one call of SaveHeard.
type hearing struct {
	*tx
	l       lastword.Leased
	saved   lastword.Saved
	authors map[postKey]lastword.Identity // in this batch, by network and key
	fresh   []int64                       // voices to understand
	newest  time.Time
}

// A postKey is a network's own name for a post or an account.
type postKey struct{ network, key string }

func keyOf(p lastword.Post) postKey { return postKey{p.Network, p.Key} }

// A run is events of one Op that follow each other, each key once: what is
// said and deleted in the same batch must happen in that order.
type run struct {
	from   int
	events []lastword.Event
}

func runs(events []lastword.Event) []run {
	var all []run
	seen := map[postKey]bool{}
	for i, e := range events {
		last := len(all) - 1
		if last < 0 || all[last].events[0].Op != e.Op || seen[keyOf(e.Post)] || len(all[last].events) >= chunk {
			all = append(all, run{from: i})
			last++
			clear(seen)
		}
		all[last].events = append(all[last].events, e)
		seen[keyOf(e.Post)] = true
	}
	return all
}

// pick returns the hits of n events from the given one; missing ones are none.
func pick(hits [][]int64, from, n int) [][]int64 {
	picked := make([][]int64, n)
	for i := range picked {
		if from+i < len(hits) {
			picked[i] = hits[from+i]
		}
	}
	return picked
}

// fence moves the cursor, unless another process has the lease by now.
func (h *hearing) fence(ctx context.Context, cursor string) error {
	n, err := h.exec(ctx, `UPDATE channel SET cursor = $4 WHERE company = $1 AND id = $2 AND fence = $3`,
		h.l.Company, h.l.ID, h.l.Fence, cursor)
	if err == nil && n == 0 {
		err = fmt.Errorf("the lease of channel %d was lost: %w", h.l.ID, lastword.ErrConflict)
	}
	return err
}

func (h *hearing) run(ctx context.Context, events []lastword.Event, hits [][]int64) error {
	switch events[0].Op {
	case lastword.Said, lastword.Edited:
		return h.said(ctx, events, hits)
	case lastword.Deleted:
		return h.deleted(ctx, events)
	case lastword.AccountGone:
		return h.accounts(ctx, events, h.eraseIdentity)
	case lastword.AccountAway:
		return h.accounts(ctx, events, func(ctx context.Context, id int64) error { return h.hide(ctx, id, true) })
	case lastword.AccountBack:
		return h.accounts(ctx, events, func(ctx context.Context, id int64) error { return h.hide(ctx, id, false) })
	case lastword.Returned:
		return h.returned(ctx, events)
	}
	return fmt.Errorf("event of kind %d: %w", events[0].Op, lastword.ErrInvalid)
}

// A heard voice is one that is about to be stored.
type heardVoice struct {
	id   int64
	post lastword.Post
	who  lastword.Identity
	hits []int64
}

// said stores posts: new ones that somebody wants, and edits of known ones.
func (h *hearing) said(ctx context.Context, events []lastword.Event, hits [][]int64) error {
	known, err := h.known(ctx, events)
	if err != nil {
		return err
	}
	var fresh []heardVoice
	for i, e := range events {
		old, ok := known[keyOf(e.Post)]
		switch {
		case ok && !old.gone && (old.text != e.Post.Text || old.title != e.Post.Title):
			if err := h.edit(ctx, old, e.Post); err != nil {
				return err
			}
		case ok && !old.gone && e.Op == lastword.Edited && e.Post.Private && !old.private:
			if err := h.withdrawn(ctx, old.id); err != nil {
				return err
			}
			h.saved.Edited++
		case ok:
			h.saved.Known++
		case h.l.All && e.Op == lastword.Said || len(hits[i]) > 0:
			fresh = append(fresh, heardVoice{post: e.Post, hits: hits[i]})
		}
	}
	if fresh, err = h.refuse(ctx, fresh); err != nil || len(fresh) == 0 {
		return err
	}
	return h.keep(ctx, fresh)
}

type knownVoice struct {
	id          int64
	key         postKey
	text, title string
	gone        bool
	private     bool
}

// known finds the voices that are already stored under the events' keys.
func (h *hearing) known(ctx context.Context, events []lastword.Event) (map[postKey]knownVoice, error) {
	scan := func(r row) (v knownVoice, err error) {
		var gone, private int64
		err = r.Scan(&v.id, &v.key.network, &v.key.key, &v.text, &v.title, &gone, &private)
		v.gone, v.private = gone != 0, private != 0
		return v, err
	}
	found := map[postKey]knownVoice{}
	for network, keys := range byNetwork(events, keyOf) {
		args := []any{h.l.Company, network}
		in := inList(h, &args, keys)
		vs, err := collect(ctx, h, scan, `SELECT id, network, key, text, title, gone_at, private FROM voice
			WHERE company = $1 AND network = $2 AND key IN `+in, args...)
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			found[v.key] = v
		}
	}
	return found, nil
}

// byNetwork groups the keys of events by network.
func byNetwork(events []lastword.Event, key func(lastword.Post) postKey) map[string][]string {
	keys := map[string][]string{}
	for _, e := range events {
		if k := key(e.Post); k.key != "" {
			keys[k.network] = append(keys[k.network], k.key)
		}
	}
	return keys
}

// edit stores a changed text. What was understood of the old one is void; what
// a person said of the voice stays. A voice that was private once stays so: one
// channel may see a post as private that another sees as anybody does.
func (h *hearing) edit(ctx context.Context, old knownVoice, p lastword.Post) error {
	id := old.id
	if p.Private && !old.private {
		if err := h.withdrawn(ctx, id); err != nil {
			return err
		}
	}
	_, err := h.exec(ctx, `UPDATE voice SET text = $3, title = $4, url = $5, ref = $6, edited_at = $7, version = 0
		WHERE company = $1 AND id = $2`, h.l.Company, id, p.Text, p.Title, p.URL, p.Ref, ms(h.now))
	if err != nil {
		return err
	}
	if err := h.disown(ctx, h.l.Company, id); err != nil {
		return err
	}
	if err := h.teaches(ctx, h.l.Company, id); err != nil {
		return err
	}
	h.saved.Edited++
	h.fresh = append(h.fresh, id)
	return h.index(ctx, []heardVoice{{id: id, post: p}}, true)
}

// withdrawn makes a voice private that its author has withdrawn from the public.
// What was made of it by an endpoint goes; what is quoted where others see it is
// asked for each time, and is not found any more.
func (h *hearing) withdrawn(ctx context.Context, id int64) error {
	if _, err := h.exec(ctx, `UPDATE voice SET private = 1 WHERE company = $1 AND id = $2`, h.l.Company, id); err != nil {
		return err
	}
	return h.disown(ctx, h.l.Company, id)
}

// refuse leaves out what was erased before, and whose author objected.
func (h *hearing) refuse(ctx context.Context, vs []heardVoice) ([]heardVoice, error) {
	if len(vs) == 0 {
		return nil, nil
	}
	if none, err := h.empty(ctx, `SELECT 1 FROM tombstone WHERE company = $1 LIMIT 1`, h.l.Company); err != nil || none {
		return vs, err
	}
	digests := make([]string, 0, 2*len(vs))
	for _, v := range vs {
		digests = append(digests, h.graveOfPost(v.post), h.graveOfAuthor(v.post))
	}
	args := []any{h.l.Company}
	in := inList(h, &args, digests)
	found, err := collect(ctx, h, scanText, `SELECT digest FROM tombstone WHERE company = $1 AND digest IN `+in, args...)
	if err != nil || len(found) == 0 {
		return vs, err
	}
	kept := slices.DeleteFunc(vs, func(v heardVoice) bool {
		return slices.Contains(found, h.graveOfPost(v.post)) || slices.Contains(found, h.graveOfAuthor(v.post))
	})
	h.saved.Refused += len(digests)/2 - len(kept)
	return kept, nil
}

// empty reports whether a query finds nothing.
func (t *tx) empty(ctx context.Context, q string, args ...any) (bool, error) {
	found, err := collect(ctx, t, scanInt, q, args...)
	return len(found) == 0, err
}

func scanText(r row) (s string, err error) { return s, r.Scan(&s) }

// keep stores new voices with all that hangs on them.
func (h *hearing) keep(ctx context.Context, vs []heardVoice) error {
	for i := range vs {
		p := &vs[i].post
		if p.SaidAt.IsZero() || p.SaidAt.After(h.now) {
			p.SaidAt = h.now // a clock that runs ahead must not put a voice before all others for ever
		}
		if p.SaidAt.After(h.newest) {
			h.newest = p.SaidAt
		}
	}
	if err := h.number(ctx, vs); err != nil {
		return err
	}
	if err := h.identify(ctx, vs); err != nil {
		return err
	}
	if err := h.thread(ctx, vs); err != nil {
		return err
	}
	if err := h.insert(ctx, vs); err != nil {
		return err
	}
	if err := h.index(ctx, vs, false); err != nil {
		return err
	}
	if err := h.rejoin(ctx, vs); err != nil {
		return err
	}
	if err := h.countHits(ctx, vs); err != nil {
		return err
	}
	if err := h.countHeard(ctx, vs); err != nil {
		return err
	}
	if err := h.countHours(ctx, vs); err != nil {
		return err
	}
	if err := h.tickOff(ctx, vs); err != nil {
		return err
	}
	if err := h.tellHeard(ctx, vs); err != nil {
		return err
	}
	h.saved.New += len(vs)
	for _, v := range vs {
		h.fresh = append(h.fresh, v.id)
	}
	return nil
}

// insert writes the voices' rows. A unique key that exists by now means that
// another process was faster: the transaction is run again.
func (h *hearing) insert(ctx context.Context, vs []heardVoice) error {
	args := make([][]any, len(vs))
	for i, v := range vs {
		p := v.post
		args[i] = []any{h.l.Company, v.id, h.l.ID, v.who.ID, p.Network, p.Key, p.URL, p.Title, p.Text, p.Lang,
			ms(p.SaidAt), ms(h.now), p.Parent, p.Root, p.Ref, bit(p.Own), bit(p.Private)}
	}
	_, err := h.many(ctx, `INSERT INTO voice (company, id, channel, identity, network, key, url, title, text, said_lang,
		said_at, heard_at, parent, root, ref, own, private)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, args)
	return err
}

// index makes the voices searchable; with replace, those whose text has changed.
func (h *hearing) index(ctx context.Context, vs []heardVoice, replace bool) error {
	ids := make([]int64, len(vs))
	texts := make([][]any, len(vs))
	for i, v := range vs {
		if replace {
			if err := h.unindex(ctx, h.l.Company, v.id); err != nil {
				return err
			}
		}
		ids[i], texts[i] = v.id, []any{v.id, v.post.Title + "\n" + v.post.Text}
	}
	if h.dialect() == postgres {
		return h.indexStored(ctx, h.l.Company, ids)
	}
	_, err := h.many(ctx, indexText, texts)
	return err
}

// indexText makes a text searchable in SQLite.
const indexText = `INSERT INTO voice_fts (rowid, text) VALUES ($1, $2)`

// indexStored makes stored voices searchable in PostgreSQL.
func (t *tx) indexStored(ctx context.Context, company int64, ids []int64) error {
	args := []any{company}
	in := inList(t, &args, ids)
	_, err := t.exec(ctx, `INSERT INTO voice_search (company, voice, words)
		SELECT company, id, to_tsvector('simple', title || ' ' || text) FROM voice
		WHERE company = $1 AND gone_at = 0 AND id IN `+in, args...)
	return err
}

// unindex takes a voice out of the search.
func (t *tx) unindex(ctx context.Context, company, voice int64) error {
	if t.dialect() == postgres {
		_, err := t.exec(ctx, `DELETE FROM voice_search WHERE company = $1 AND voice = $2`, company, voice)
		return err
	}
	_, err := t.exec(ctx, `DELETE FROM voice_fts WHERE rowid = $1`, voice)
	return err
}

// countHits says which queries wanted the voices.
func (h *hearing) countHits(ctx context.Context, vs []heardVoice) error {
	var hit, count [][]any
	n := map[int64]int64{}
	for _, v := range vs {
		for _, q := range v.hits {
			hit = append(hit, []any{h.l.Company, q, v.id})
			n[q]++
		}
	}
	if _, err := h.many(ctx, `INSERT INTO hit (company, query, voice) VALUES ($1, $2, $3)
		ON CONFLICT (company, query, voice) DO NOTHING`, hit); err != nil {
		return err
	}
	for q, n := range n {
		count = append(count, []any{h.l.Company, q, n})
	}
	_, err := h.many(ctx, `UPDATE query SET hits = hits + $3 WHERE company = $1 AND id = $2`, count)
	return err
}

// countHeard keeps how many voices each day and each person brought. Theme 0
// stands for everything; the company's own posts are not heard.
func (h *hearing) countHeard(ctx context.Context, vs []heardVoice) error {
	days, people := map[themeDay]int64{}, map[int64]*[2]int64{}
	for _, v := range vs {
		if v.post.Own {
			continue
		}
		days[themeDay{day(v.post.SaidAt), v.post.Network}]++
		if v.who.Person == 0 {
			continue
		}
		p, ok := people[v.who.Person]
		if !ok {
			p = new([2]int64)
			people[v.who.Person] = p
		}
		p[0]++
		p[1] = max(p[1], ms(v.post.SaidAt))
	}
	var dayArgs, personArgs [][]any
	for d, n := range days {
		dayArgs = append(dayArgs, []any{h.l.Company, int64(0), d.day, d.network, n})
	}
	for id, p := range people {
		personArgs = append(personArgs, []any{h.l.Company, id, p[0], p[1]})
	}
	if _, err := h.many(ctx, addDays, dayArgs); err != nil {
		return err
	}
	_, err := h.many(ctx, `UPDATE person SET voices = voices + $3,
		last_heard = CASE WHEN last_heard < $4 THEN $4 ELSE last_heard END
		WHERE company = $1 AND id = $2`, personArgs)
	return err
}

// batch is how many voices one job takes.
const batch = 1000

// finish leaves the next jobs and says that the channel brought something.
func (h *hearing) finish(ctx context.Context) error {
	var next []lastword.Job
	for ids := range slices.Chunk(h.fresh, batch) {
		next = append(next, lastword.Job{Kind: lastword.Understand, Company: h.l.Company, IDs: ids})
	}
	if err := h.enqueue(ctx, next); err != nil {
		return err
	}
	if err := h.lagging(ctx); err != nil {
		return err
	}
	if h.saved.New > 0 {
		_, err := h.exec(ctx, `UPDATE channel SET heard = heard + $3, last_new = $4 WHERE company = $1 AND id = $2`,
			h.l.Company, h.l.ID, h.saved.New, ms(h.now))
		if err != nil {
			return err
		}
	}
	if h.saved.New+h.saved.Edited+h.saved.Deleted+h.saved.Returned == 0 {
		return nil
	}
	return h.pulse(ctx, h.l.Company)
}
