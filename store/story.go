package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"lastword"
)

const storyColumns = `company, id, title, text, lang, card, pictures, due, by, made, changed`

func scanStory(r row) (s lastword.Story, err error) {
	var card, pictures string
	var due, made, changed int64
	if err = r.Scan(&s.Company, &s.ID, &s.Title, &s.Text, &s.Lang, &card, &pictures, &due, &s.By, &made, &changed); err != nil {
		return s, err
	}
	s.Due, s.Made, s.Changed = at(due), at(made), at(changed)
	if err = json.Unmarshal([]byte(card), &s.Card); err != nil {
		return s, fmt.Errorf("store: card of story %d: %w", s.ID, err)
	}
	if err = json.Unmarshal([]byte(pictures), &s.Pictures); err != nil {
		return s, fmt.Errorf("store: pictures of story %d: %w", s.ID, err)
	}
	return s, nil
}

var versionColumns = columns("v", "company", "id", "story", "channel", "network", "body", "by_hand", "replaces", "state", "why", "url",
	"made", "released", "sent")

func scanVersion(r row) (v lastword.Version, err error) {
	var body string
	var made, released, sent int64
	err = r.Scan(&v.Company, &v.ID, &v.Story, &v.Channel, &v.Network, &body, &v.ByHand, &v.Replaces, &v.State, &v.Why, &v.URL,
		&made, &released, &sent)
	if err != nil {
		return v, err
	}
	v.Made, v.Released, v.Sent = at(made), at(released), at(sent)
	if err = json.Unmarshal([]byte(body), &v.Content); err != nil {
		return v, fmt.Errorf("store: content of version %d: %w", v.ID, err)
	}
	return v, nil
}

// Story returns a story with its versions, in the order in which they were made.
func (db *DB) Story(ctx context.Context, company, id int64) (lastword.StoryRow, error) {
	var s lastword.StoryRow
	err := db.engine.read(ctx, func(q querier) (err error) {
		if s.Story, err = one(ctx, q, scanStory, `SELECT `+storyColumns+` FROM story WHERE company = $1 AND id = $2`, company, id); err != nil {
			return err
		}
		s.Versions, err = versions(ctx, q, company, id)
		return err
	})
	return s, err
}

func versions(ctx context.Context, q querier, company, story int64) ([]lastword.Version, error) {
	return collect(ctx, q, scanVersion, `SELECT `+versionColumns+` FROM version v WHERE v.company = $1 AND v.story = $2 ORDER BY v.id`, company, story)
}

// Version returns one version.
func (db *DB) Version(ctx context.Context, company, id int64) (lastword.Version, error) {
	var v lastword.Version
	err := db.engine.read(ctx, func(q querier) (err error) {
		v, err = version(ctx, q, company, id)
		return err
	})
	return v, err
}

func version(ctx context.Context, q querier, company, id int64) (lastword.Version, error) {
	return one(ctx, q, scanVersion, `SELECT `+versionColumns+` FROM version v WHERE v.company = $1 AND v.id = $2`, company, id)
}

// Stories lists stories with their versions and how many voices replied, newest
// first.
func (db *DB) Stories(ctx context.Context, company int64, f lastword.StoryFilter) ([]lastword.StoryRow, error) {
	text, args := `SELECT `+storyColumns+` FROM story WHERE company = $1`, []any{company}
	and := func(cond string, value int64) {
		args = append(args, value)
		text += fmt.Sprintf(cond, len(args))
	}
	if !f.From.IsZero() {
		and(` AND (due >= $%[1]d OR EXISTS (SELECT 1 FROM version v WHERE v.company = story.company AND v.story = story.id AND v.sent >= $%[1]d))`, ms(f.From))
	}
	if !f.Until.IsZero() {
		and(` AND ((due > 0 AND due < $%[1]d) OR EXISTS (SELECT 1 FROM version v WHERE v.company = story.company AND v.story = story.id AND v.sent > 0 AND v.sent < $%[1]d))`, ms(f.Until))
	}
	if f.Before != 0 {
		and(` AND id < $%d`, f.Before)
	}
	and(` ORDER BY id DESC LIMIT $%d`, int64(limit(f.Limit)))
	var rows []lastword.StoryRow
	err := db.engine.read(ctx, func(q querier) error {
		found, err := collect(ctx, q, scanStory, text, args...)
		if err != nil {
			return err
		}
		for _, s := range found {
			row := lastword.StoryRow{Story: s}
			if row.Versions, err = versions(ctx, q, company, s.ID); err != nil {
				return err
			}
			if row.Replies, err = replyCount(ctx, q, company, s.ID); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

// replyTo holds for a voice v that replies to a part p of a published version,
// whether straight to it or further down, where the network says so.
const (
	replyJoin  = ` FROM placed p JOIN version s ON s.company = p.company AND s.id = p.version JOIN voice v ON v.company = p.company AND v.network = p.network AND v.`
	replyWhere = ` = p.key AND v.own = 0 AND v.hidden = 0 AND v.gone_at = 0 WHERE p.company = $1 AND s.story = $2`
)

func replyCount(ctx context.Context, q querier, company, story int64) (int, error) {
	n, err := one(ctx, q, scanInt, `SELECT count(*) FROM (SELECT v.id`+replyJoin+`parent <> '' AND v.parent`+replyWhere+`
		UNION SELECT v.id`+replyJoin+`root <> '' AND v.root`+replyWhere+`) found`, company, story)
	return int(n), err
}

// RepliesTo lists the voices that were heard in reply to what was published of a
// story, oldest first.
func (db *DB) RepliesTo(ctx context.Context, company, story int64, most int) ([]lastword.VoiceRow, error) {
	var vs []lastword.VoiceRow
	err := db.engine.read(ctx, func(q querier) error {
		ids, err := collect(ctx, q, scanInt, `SELECT v.id`+replyJoin+`parent <> '' AND v.parent`+replyWhere+`
			UNION SELECT v.id`+replyJoin+`root <> '' AND v.root`+replyWhere+` ORDER BY 1 LIMIT $3`, company, story, limit(most))
		if err != nil || len(ids) == 0 {
			return err
		}
		args := []any{company}
		in := inList(q, &args, ids)
		vs, err = collect(ctx, q, scanVoiceRow, `SELECT `+rowColumns+` FROM voice v`+rowJoins+` WHERE v.company = $1 AND v.id IN `+in+` ORDER BY v.id`, args...)
		return err
	})
	return vs, err
}

// AddStory keeps a new story without versions.
func (db *DB) AddStory(ctx context.Context, s lastword.Story, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		card, pictures, err := drawn(s)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO story (`+storyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
			s.Company, s.ID, s.Title, s.Text, s.Lang, card, pictures, ms(s.Due), s.By, ms(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, e)
	})
}

func drawn(s lastword.Story) (card, pictures string, err error) {
	c, err := json.Marshal(s.Card)
	if err != nil {
		return "", "", err
	}
	p, err := json.Marshal(append([]lastword.Picture{}, s.Pictures...)) // never null
	return string(c), string(p), err
}

// SaveStory keeps a changed draft with the versions that follow from it: new
// ones are added, and those drafts and failures that are not among them go. What
// is released stays as it is: then, or where the story is no longer as it was at
// s.Changed, it returns lastword.ErrConflict.
func (db *DB) SaveStory(ctx context.Context, s lastword.Story, vs []lastword.Version, next ...lastword.Job) error {
	return db.saveStory(ctx, s, vs, next, true)
}

// SaveCard keeps what became known of a story's link, with the versions that follow
// from it, as SaveStory does; to who edits the story it is no change.
func (db *DB) SaveCard(ctx context.Context, s lastword.Story, vs []lastword.Version) error {
	return db.saveStory(ctx, s, vs, nil, false)
}

func (db *DB) saveStory(ctx context.Context, s lastword.Story, vs []lastword.Version, next []lastword.Job, byPerson bool) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.unreleased(ctx, s.Company, s.ID); err != nil {
			return err
		}
		card, pictures, err := drawn(s)
		if err != nil {
			return err
		}
		changed := ms(s.Changed)
		if byPerson {
			changed = max(ms(t.now), changed+1)
		}
		n, err := t.exec(ctx, `UPDATE story SET title = $4, text = $5, lang = $6, card = $7, pictures = $8, due = $9, changed = $10
			WHERE company = $1 AND id = $2 AND changed = $3`, s.Company, s.ID, ms(s.Changed), s.Title, s.Text, s.Lang, card, pictures, ms(s.Due), changed)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("story %d was changed meanwhile, or is gone: %w", s.ID, lastword.ErrConflict)
		}
		if err := t.saveVersions(ctx, s, vs); err != nil {
			return err
		}
		if err := t.sweepPictures(ctx, s.Company); err != nil {
			return err
		}
		if err := t.enqueue(ctx, next); err != nil {
			return err
		}
		return t.pulse(ctx, s.Company)
	})
}

// unreleased locks the company, and returns lastword.ErrConflict where something
// of the story is on its way out.
func (t *tx) unreleased(ctx context.Context, company, story int64) error {
	if err := t.pulse(ctx, company); err != nil {
		return err
	}
	on, err := one(ctx, t, scanInt, `SELECT count(*) FROM version WHERE company = $1 AND story = $2 AND state IN ('released', 'taken')`, company, story)
	if err == nil && on > 0 {
		err = fmt.Errorf("story %d is released: take it back first: %w", story, lastword.ErrConflict)
	}
	return err
}

// saveVersions puts versions in the place of the story's drafts.
func (t *tx) saveVersions(ctx context.Context, s lastword.Story, vs []lastword.Version) error {
	kept := make([]int64, 0, len(vs))
	var args [][]any
	for _, v := range vs {
		body, err := json.Marshal(v.Content)
		if err != nil {
			return err
		}
		kept = append(kept, v.ID)
		args = append(args, []any{s.Company, v.ID, s.ID, v.Channel, v.Network, string(body), ms(v.Due), v.ByHand, v.Replaces, ms(t.now)})
	}
	// A version that an attempt was made for keeps its row: what may stand at the
	// place must be looked for before it is said again.
	drop := []any{s.Company, s.ID}
	list := inList(t, &drop, kept)
	if len(kept) == 0 {
		list = "(-1)"
	}
	if _, err := t.exec(ctx, `DELETE FROM version WHERE company = $1 AND story = $2 AND state IN ('draft', 'failed') AND id NOT IN `+list+`
		AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.company = version.company AND o.id = version.id AND o.attempts > 0)`, drop...); err != nil {
		return err
	}
	_, err := t.many(ctx, `INSERT INTO version (company, id, story, channel, network, body, due, by_hand, replaces, state, made)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10)
		ON CONFLICT (company, id) DO UPDATE SET body = excluded.body, due = excluded.due, by_hand = excluded.by_hand, state = 'draft', why = ''
		WHERE version.state IN ('draft', 'failed')`, args)
	return err
}

// DeleteStory forgets a story of which nothing was published and nothing is on
// its way; otherwise it returns lastword.ErrConflict.
func (db *DB) DeleteStory(ctx context.Context, company, id int64, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.audit(ctx, e); err != nil {
			return err
		}
		left, err := one(ctx, t, scanInt, `SELECT count(*) FROM version v WHERE v.company = $1 AND v.story = $2 AND (v.state NOT IN ('draft', 'failed')
			OR EXISTS (SELECT 1 FROM outbox o WHERE o.company = v.company AND o.id = v.id AND o.attempts > 0))`, company, id)
		if err != nil {
			return err
		}
		if left > 0 {
			return fmt.Errorf("something of story %d has left the house, or is about to: %w", id, lastword.ErrConflict)
		}
		for _, text := range []string{`DELETE FROM version WHERE company = $1 AND story = $2`, `DELETE FROM story WHERE company = $1 AND id = $2`} {
			if _, err := t.exec(ctx, text, company, id); err != nil {
				return err
			}
		}
		return t.sweepPictures(ctx, company)
	})
}

// MoveStory sets when a story goes out; what is drafted of it moves along. What is
// released becomes a draft again and needs a new release, for its time is part
// of it; of what an attempt was made for nothing can be moved any more: then it
// returns lastword.ErrConflict.
func (db *DB) MoveStory(ctx context.Context, company, id int64, due time.Time, e lastword.Entry) error {
	return db.write(ctx, func(t *tx) error {
		if err := t.audit(ctx, e); err != nil {
			return err
		}
		if _, err := t.takeBack(ctx, company, id); err != nil {
			return err
		}
		if err := t.unreleased(ctx, company, id); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE story SET due = $3, changed = CASE WHEN changed >= $4 THEN changed + 1 ELSE $4 END
			WHERE company = $1 AND id = $2`, company, id, ms(due), ms(t.now))
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		vs, err := versions(ctx, t, company, id)
		if err != nil {
			return err
		}
		for _, v := range vs {
			if !slices.Contains([]lastword.AnswerState{lastword.Draft, lastword.Failed}, v.State) {
				continue
			}
			v.Due = due
			body, err := json.Marshal(v.Content)
			if err != nil {
				return err
			}
			if _, err := t.exec(ctx, `UPDATE version SET body = $3, due = $4, state = 'draft' WHERE company = $1 AND id = $2`,
				company, v.ID, string(body), ms(due)); err != nil {
				return err
			}
		}
		return nil
	})
}

// TakeBackStory makes drafts of what is released of a story, unless an attempt was
// made, and forgets its releases; it returns how many versions that were.
func (db *DB) TakeBackStory(ctx context.Context, company, id int64, e lastword.Entry) (n int, err error) {
	err = db.write(ctx, func(t *tx) (err error) {
		if n, err = t.takeBack(ctx, company, id); err != nil || n == 0 {
			return err
		}
		return t.audit(ctx, e)
	})
	return n, err
}

func (t *tx) takeBack(ctx context.Context, company, story int64) (int, error) {
	ids, err := collect(ctx, t, scanInt, `SELECT v.id FROM version v WHERE v.company = $1 AND v.story = $2 AND v.state = 'released'
		AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.company = v.company AND o.id = v.id AND o.attempts > 0)`, company, story)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		// An attempt may have begun since: then the row is no longer as it was read.
		free, err := t.exec(ctx, `DELETE FROM outbox WHERE company = $1 AND id = $2 AND attempts = 0`, company, id)
		if err != nil {
			return 0, err
		}
		if free == 0 {
			continue
		}
		n++
		for _, text := range []string{
			`DELETE FROM release WHERE company = $1 AND subject = 'version' AND id = $2`, // a consent that was taken back must not count later
			`UPDATE version SET state = 'draft', why = '' WHERE company = $1 AND id = $2`,
		} {
			if _, err := t.exec(ctx, text, company, id); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}
