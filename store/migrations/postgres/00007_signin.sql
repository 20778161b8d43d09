-- +goose Up

-- What a place said when it was asked what a channel may do there.
CREATE TABLE probe (
  company   BIGINT NOT NULL,
  channel   BIGINT NOT NULL,
  at        BIGINT NOT NULL DEFAULT 0,   -- of the answer; 0: there is none yet
  why       TEXT NOT NULL DEFAULT '',
  refused   BIGINT NOT NULL DEFAULT 0,
  abilities TEXT NOT NULL DEFAULT '[]',   -- JSON
  next_at   BIGINT NOT NULL,             -- when it is asked again; names this asking until then
  PRIMARY KEY (company, channel)
);

-- Sign-ins at places that were begun and not ended yet.
CREATE TABLE signing_in (
  company  BIGINT NOT NULL,
  digest   TEXT NOT NULL,                 -- SHA-256 of the state that comes back
  session  TEXT NOT NULL,                 -- SHA-256 of the cookie of who began it
  channel  BIGINT NOT NULL,
  redirect TEXT NOT NULL,
  kept     BYTEA,                         -- sealed; the key lives outside the database
  until    BIGINT NOT NULL,
  PRIMARY KEY (company, digest)
);

-- +goose Down
SELECT 1;
