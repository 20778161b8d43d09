package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"lastword"
)

var personColumns = columns("p", "company", "id", "name", "stage", "weight", "note", "voices", "last_heard", "objected")

func scanPerson(r row) (lastword.Person, error) {
	var p lastword.Person
	var heard, objected int64
	err := r.Scan(&p.Company, &p.ID, &p.Name, &p.Stage, &p.Weight, &p.Note, &p.Voices, &heard, &objected)
	p.LastHeard, p.Objected = at(heard), at(objected)
	return p, err
}

// likeLiteral makes a text stand for itself in LIKE … ESCAPE '!'.
func likeLiteral(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(s))
}

// People lists people, the most recently heard first, or the heaviest first.
func (db *DB) People(ctx context.Context, company int64, f lastword.PersonFilter) ([]lastword.Person, error) {
	w := &wanted{company: company}
	order := "p.last_heard DESC, p.id DESC"
	w.and("p.company = ?", company)
	w.and("p.voices > 0")
	if f.Important {
		w.and("p.weight > 0")
		order = "p.weight DESC, " + order
	}
	if f.Stage != "" {
		w.and("p.stage = ?", f.Stage)
	}
	if f.Search != "" {
		named(w, db.engine.dialect(), f)
	}
	if f.Theme != 0 {
		w.and(`p.id IN (SELECT i.person FROM theme_identity b JOIN identity i ON i.company = b.company AND i.id = b.identity
			WHERE b.company = ? AND b.theme = ? AND b.voices > 0)`, company, f.Theme)
	}
	w.args = append(w.args, limit(f.Limit), f.Offset)
	var ps []lastword.Person
	err := db.engine.read(ctx, func(q querier) (err error) {
		ps, err = collect(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p`+w.where()+
			fmt.Sprintf(` ORDER BY %s LIMIT $%d OFFSET $%d`, order, len(w.args)-1, len(w.args)), w.args...)
		return err
	})
	return ps, err
}

// mostLookedAt is how many people a search looks at for what stands within a
// name: each costs some microseconds.
const mostLookedAt = 2000

// named adds a search by name or handle: what a name begins with is found for
// everybody, what stands within it for important people and those heard last.
// Where the filter names a few people anyway, all of these are looked at.
func named(w *wanted, d dialect, f lastword.PersonFilter) {
	like := "%" + likeLiteral(f.Search) + "%"
	w.and(`(lower(p.name) LIKE ? ESCAPE '!' OR EXISTS (SELECT 1 FROM identity i WHERE i.company = p.company
		AND i.person = p.id AND lower(i.handle) LIKE ? ESCAPE '!'))`, like, like)
	if f.Important || f.Theme != 0 {
		return
	}
	binary := "" // the order of the indexes: by bytes
	if d == postgres {
		binary = ` COLLATE "C"`
	}
	from := strings.ToLower(f.Search)
	until := from + string(utf8.MaxRune)
	w.and(`p.id IN (
		SELECT id FROM (SELECT id FROM person WHERE company = ? AND voices > 0 ORDER BY last_heard DESC, id DESC LIMIT ?) heard
		UNION SELECT id FROM (SELECT id FROM person WHERE company = ? AND weight > 0 ORDER BY weight DESC LIMIT ?) important
		UNION SELECT id FROM (SELECT id FROM person WHERE company = ? AND lower(name)`+binary+` >= ? AND lower(name)`+binary+` < ? LIMIT ?) named
		UNION SELECT person FROM (SELECT person FROM identity WHERE company = ? AND lower(handle)`+binary+` >= ? AND lower(handle)`+binary+` < ? LIMIT ?) known)`,
		w.company, mostLookedAt, w.company, mostLookedAt, w.company, from, until, mostLookedAt, w.company, from, until, mostLookedAt)
}

// Person returns a person with all identities.
func (db *DB) Person(ctx context.Context, company, id int64) (lastword.Person, []lastword.Identity, error) {
	var p lastword.Person
	var is []lastword.Identity
	err := db.engine.read(ctx, func(q querier) (err error) {
		if p, err = person(ctx, q, company, id); err != nil {
			return err
		}
		is, err = collect(ctx, q, scanIdentity, `SELECT `+identityColumns+` FROM identity
			WHERE company = $1 AND person = $2 ORDER BY id`, company, id)
		return err
	})
	return p, is, err
}

func person(ctx context.Context, q querier, company, id int64) (lastword.Person, error) {
	p, err := one(ctx, q, scanPerson, `SELECT `+personColumns+` FROM person p WHERE p.company = $1 AND p.id = $2`, company, id)
	if err != nil {
		return p, fmt.Errorf("person %d: %w", id, err)
	}
	return p, nil
}

// SavePerson changes what is known of a person. An objection holds for all
// identities: their voices are set aside, answers not sent are withdrawn, and
// nothing of theirs is taken again.
func (db *DB) SavePerson(ctx context.Context, m lastword.Member, p lastword.Person) error {
	return db.write(ctx, func(t *tx) error {
		old, err := person(ctx, t, m.Company, p.ID)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `UPDATE person SET name = $3, stage = $4, weight = $5, note = $6, objected = $7
			WHERE company = $1 AND id = $2`, m.Company, p.ID, p.Name, p.Stage, p.Weight, p.Note, ms(p.Objected))
		if err != nil {
			return err
		}
		if !p.Objected.IsZero() && old.Objected.IsZero() {
			if err := t.object(ctx, m.Company, p.ID); err != nil {
				return err
			}
		}
		return t.audit(ctx, note(m, "person changed", lastword.OfPerson, p.ID, map[string]any{
			"stage": p.Stage, "weight": p.Weight, "objected": !p.Objected.IsZero()}))
	})
}

// object makes an objection hold.
func (t *tx) object(ctx context.Context, company, person int64) error {
	is, err := collect(ctx, t, scanIdentity, `SELECT `+identityColumns+` FROM identity
		WHERE company = $1 AND person = $2`, company, person)
	if err != nil {
		return err
	}
	for _, i := range is {
		if _, err := t.exec(ctx, `INSERT INTO tombstone (company, digest, at) VALUES ($1, $2, $3)
			ON CONFLICT (company, digest) DO NOTHING`, company, grave(company, "author", i.Network, i.Key), ms(t.now)); err != nil {
			return err
		}
		voices, err := collect(ctx, t, scanInt, `SELECT id FROM voice
			WHERE company = $1 AND identity = $2 AND identity <> 0 AND circle < 2`, company, i.ID)
		if err != nil {
			return err
		}
		if err := t.silence(ctx, company, voices); err != nil {
			return err
		}
	}
	return nil
}

// silence sets voices aside and withdraws their answers.
func (t *tx) silence(ctx context.Context, company int64, voices []int64) error {
	return t.changing(ctx, company, voices, func() error {
		for _, id := range voices {
			if err := t.withdrawFor(ctx, company, id, "why.objected"); err != nil {
				return err
			}
			if _, err := t.exec(ctx, `UPDATE voice SET circle = 3 WHERE company = $1 AND id = $2`, company, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// MergePeople makes two people one: the identities of from belong to into.
func (db *DB) MergePeople(ctx context.Context, m lastword.Member, from, into int64) error {
	if from == into {
		return lastword.ErrInvalid
	}
	return db.write(ctx, func(t *tx) error {
		a, err := person(ctx, t, m.Company, from)
		if err != nil {
			return err
		}
		b, err := person(ctx, t, m.Company, into)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE identity SET person = $3 WHERE company = $1 AND person = $2`, m.Company, from, into); err != nil {
			return err
		}
		heard := max(ms(a.LastHeard), ms(b.LastHeard))
		_, err = t.exec(ctx, `UPDATE person SET voices = $3, last_heard = $4, weight = $5, stage = $6, note = $7 WHERE company = $1 AND id = $2`,
			m.Company, into, a.Voices+b.Voices, heard, max(a.Weight, b.Weight), or(b.Stage, a.Stage), joinNotes(b.Note, a.Note))
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM person WHERE company = $1 AND id = $2`, m.Company, from); err != nil {
			return err
		}
		return t.audit(ctx, note(m, "people joined", lastword.OfPerson, into, map[string]any{"from": fmt.Sprint(from)}))
	})
}

func joinNotes(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

// PersonOf finds the person behind an account or address.
func (db *DB) PersonOf(ctx context.Context, company int64, network, key string) (lastword.Person, error) {
	var p lastword.Person
	err := db.engine.read(ctx, func(q querier) error {
		id, err := one(ctx, q, scanInt, `SELECT person FROM identity WHERE company = $1 AND network = $2 AND key = $3`, company, network, key)
		if err != nil {
			return err
		}
		p, err = person(ctx, q, company, id)
		return err
	})
	return p, err
}
