-- +goose Up

-- What a place said when it was asked what a channel may do there.
CREATE TABLE probe (
  company   INTEGER NOT NULL,
  channel   INTEGER NOT NULL,
  at        INTEGER NOT NULL DEFAULT 0,   -- of the answer; 0: there is none yet
  why       TEXT NOT NULL DEFAULT '',
  refused   INTEGER NOT NULL DEFAULT 0,
  abilities TEXT NOT NULL DEFAULT '[]',   -- JSON
  next_at   INTEGER NOT NULL,             -- when it is asked again; names this asking until then
  PRIMARY KEY (company, channel)
) STRICT, WITHOUT ROWID;

-- Sign-ins at places that were begun and not ended yet.
CREATE TABLE signing_in (
  company  INTEGER NOT NULL,
  digest   TEXT NOT NULL,                 -- SHA-256 of the state that comes back
  session  TEXT NOT NULL,                 -- SHA-256 of the cookie of who began it
  channel  INTEGER NOT NULL,
  redirect TEXT NOT NULL,
  kept     BLOB,                          -- sealed; the key lives outside the database
  until    INTEGER NOT NULL,
  PRIMARY KEY (company, digest)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 1;
