package store

import (
	"context"
	"time"

	"lastword"
)

// keepEnded is how long a sign-in is kept after its time, so that whoever comes
// back late is told so.
const keepEnded = 24 * time.Hour

// SaveSigningIn keeps a sign-in that was begun. Of its state only the digest is
// kept, and what its connector needs only under seal.
func (db *DB) SaveSigningIn(ctx context.Context, s lastword.SigningIn) error {
	sealed, err := db.seal.close(s.Kept)
	if err != nil {
		return err
	}
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM signing_in WHERE until < $1`, ms(t.now.Add(-keepEnded))); err != nil {
			return err
		}
		_, err := t.exec(ctx, `INSERT INTO signing_in (company, digest, session, channel, redirect, kept, until)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			s.Company, secretDigest(s.State), s.Session, s.Channel, s.Redirect, sealed, ms(s.Until))
		return err
	})
}

// TakeSigningIn ends a sign-in by the state that came back to the browser that
// began it. A second time, or another browser, is lastword.ErrNotFound. One whose
// Until has passed is returned, for the caller to say so.
func (db *DB) TakeSigningIn(ctx context.Context, company int64, session, state string) (lastword.SigningIn, error) {
	s := lastword.SigningIn{Company: company, Session: session, State: state}
	digest := secretDigest(state)
	var sealed []byte
	err := db.write(ctx, func(t *tx) error {
		var until int64
		err := t.queryRow(ctx, `SELECT channel, redirect, kept, until FROM signing_in WHERE company = $1 AND digest = $2 AND session = $3`,
			company, digest, session).Scan(&s.Channel, &s.Redirect, &sealed, &until)
		if err != nil {
			return translate(err)
		}
		s.Until = at(until)
		n, err := t.exec(ctx, `DELETE FROM signing_in WHERE company = $1 AND digest = $2`, company, digest)
		if err != nil || n == 0 {
			return orNotFound(err)
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	s.Kept, err = db.seal.open(sealed)
	return s, err
}
