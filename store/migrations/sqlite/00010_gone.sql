-- +goose Up

-- Channels that were removed, for as long as something is kept that was heard
-- through them: what its place lets nobody keep for long has to go all the same.
CREATE TABLE channel_gone (
  company   INTEGER NOT NULL,
  id        INTEGER NOT NULL,
  connector TEXT NOT NULL,
  removed   INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 1;
