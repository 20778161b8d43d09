package store

import (
	"context"

	"lastword"
)

// SavePicture keeps the bytes of a picture under their digest.
func (db *DB) SavePicture(ctx context.Context, company int64, p lastword.Picture, bytes []byte) error {
	return db.write(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO picture (company, digest, type, width, height, bytes, made) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (company, digest) DO UPDATE SET made = excluded.made`, company, p.Digest, p.Type, p.Width, p.Height, bytes, ms(t.now))
		return err
	})
}

// Picture returns a kept picture, without what it shows, and its bytes.
func (db *DB) Picture(ctx context.Context, company int64, digest string) (p lastword.Picture, bytes []byte, err error) {
	err = db.engine.read(ctx, func(q querier) error {
		return translate(q.queryRow(ctx, `SELECT digest, type, width, height, bytes FROM picture WHERE company = $1 AND digest = $2`,
			company, digest).Scan(&p.Digest, &p.Type, &p.Width, &p.Height, &bytes))
	})
	return p, bytes, err
}

// unused is how long a picture is kept that stands in no story, in milliseconds:
// it may have been brought a moment before the story is saved.
const unused = 24 * 60 * 60 * 1000

// sweepPictures forgets pictures that no story and no version shows. A digest is
// nothing that a text would hold by chance.
func (t *tx) sweepPictures(ctx context.Context, company int64) error {
	_, err := t.exec(ctx, `DELETE FROM picture WHERE company = $1 AND made < $2
		AND NOT EXISTS (SELECT 1 FROM story s WHERE s.company = picture.company AND (s.pictures LIKE '%' || picture.digest || '%' OR s.card LIKE '%' || picture.digest || '%'))
		AND NOT EXISTS (SELECT 1 FROM version v WHERE v.company = picture.company AND v.body LIKE '%' || picture.digest || '%')`,
		company, ms(t.now)-unused)
	return err
}
