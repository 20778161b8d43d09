package store

import (
	"context"

	"lastword"
)

const identityColumns = `company, id, person, network, key, handle, name, url`

func scanIdentity(r row) (lastword.Identity, error) {
	var i lastword.Identity
	err := r.Scan(&i.Company, &i.ID, &i.Person, &i.Network, &i.Key, &i.Handle, &i.Name, &i.URL)
	return i, err
}

func authorOf(p lastword.Post) postKey { return postKey{p.Network, p.Author.Key} }

// identify finds who said the voices, and makes an identity and a person for
// everybody who is new.
func (h *hearing) identify(ctx context.Context, vs []heardVoice) error {
	if err := h.loadAuthors(ctx, vs); err != nil {
		return err
	}
	var people, identities [][]any
	for i := range vs {
		p := vs[i].post
		if p.Author.Key == "" {
			continue
		}
		who, ok := h.authors[authorOf(p)]
		if !ok {
			// Both are made together; they part when identities are joined.
			id := h.db.NewID()
			who = lastword.Identity{ID: id, Company: h.l.Company, Person: id, Network: p.Network, Author: p.Author}
			h.authors[authorOf(p)] = who
			people = append(people, []any{h.l.Company, id, displayName(p.Author)})
			identities = append(identities, []any{h.l.Company, id, id, p.Network, p.Author.Key, p.Author.Handle, p.Author.Name, p.Author.URL})
		}
		vs[i].who = who
	}
	if _, err := h.many(ctx, `INSERT INTO person (company, id, name) VALUES ($1, $2, $3)`, people); err != nil {
		return err
	}
	_, err := h.many(ctx, `INSERT INTO identity (`+identityColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, identities)
	return err
}

// loadAuthors finds the identities that are known, and takes over new names.
func (h *hearing) loadAuthors(ctx context.Context, vs []heardVoice) error {
	events := make([]lastword.Event, len(vs))
	for i, v := range vs {
		events[i].Post = v.post
	}
	for network, keys := range byNetwork(events, authorOf) {
		args := []any{h.l.Company, network}
		in := inList(h, &args, keys)
		found, err := collect(ctx, h, scanIdentity, `SELECT `+identityColumns+` FROM identity
			WHERE company = $1 AND network = $2 AND key IN `+in, args...)
		if err != nil {
			return err
		}
		for _, i := range found {
			h.authors[postKey{i.Network, i.Key}] = i
		}
	}
	var renamed [][]any
	for _, v := range vs {
		a := v.post.Author
		old, ok := h.authors[authorOf(v.post)]
		if ok && (a.Handle != "" && a.Handle != old.Handle || a.Name != "" && a.Name != old.Name) {
			renamed = append(renamed, []any{h.l.Company, old.ID, or(a.Handle, old.Handle), or(a.Name, old.Name), or(a.URL, old.URL)})
			old.Handle, old.Name = or(a.Handle, old.Handle), or(a.Name, old.Name)
			h.authors[authorOf(v.post)] = old
		}
	}
	_, err := h.many(ctx, `UPDATE identity SET handle = $3, name = $4, url = $5 WHERE company = $1 AND id = $2`, renamed)
	return err
}

// displayName is what a person is called until somebody says better.
func displayName(a lastword.Author) string { return or(a.Name, or(a.Handle, a.Key)) }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// thread finds the first post of each reply's thread.
func (h *hearing) thread(ctx context.Context, vs []heardVoice) error {
	roots := map[postKey]string{}
	events := make([]lastword.Event, len(vs))
	for i, v := range vs {
		events[i].Post = v.post
	}
	parentOf := func(p lastword.Post) postKey { return postKey{p.Network, p.Parent} }
	for network, keys := range byNetwork(events, parentOf) {
		args := []any{h.l.Company, network}
		in := inList(h, &args, keys)
		scan := func(r row) (kr [2]string, err error) { return kr, r.Scan(&kr[0], &kr[1]) }
		found, err := collect(ctx, h, scan, `SELECT key, root FROM voice
			WHERE company = $1 AND network = $2 AND key IN `+in, args...)
		if err != nil {
			return err
		}
		for _, kr := range found {
			roots[postKey{network, kr[0]}] = or(kr[1], kr[0])
		}
	}
	for i := range vs {
		p := &vs[i].post
		if p.Parent != "" && p.Root == "" {
			p.Root = or(roots[parentOf(*p)], p.Parent)
		}
		roots[keyOf(*p)] = or(p.Root, p.Key)
	}
	return nil
}

// rejoin moves replies that were heard before their parent into its thread.
func (h *hearing) rejoin(ctx context.Context, vs []heardVoice) error {
	var args [][]any
	for _, v := range vs {
		if v.post.Root != "" && v.post.Root != v.post.Key {
			args = append(args, []any{h.l.Company, v.post.Network, v.post.Key, v.post.Root})
		}
	}
	_, err := h.many(ctx, `UPDATE voice SET root = $4 WHERE company = $1 AND network = $2 AND root = $3 AND root <> ''`, args)
	return err
}
