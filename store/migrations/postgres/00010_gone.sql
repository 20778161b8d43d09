-- +goose Up

-- Channels that were removed, for as long as something is kept that was heard
-- through them: what its place lets nobody keep for long has to go all the same.
CREATE TABLE channel_gone (
  company   BIGINT NOT NULL,
  id        BIGINT NOT NULL,
  connector TEXT NOT NULL,
  removed   BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

-- +goose Down
SELECT 1;
