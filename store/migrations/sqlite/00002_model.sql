-- +goose Up

-- The endpoint by which a company lets texts be compared and worded better. Off
-- until a director has seen what leaves the house.
CREATE TABLE model (
  company INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  secrets BLOB,                           -- sealed; the key lives outside the database
  embed   TEXT NOT NULL DEFAULT '',
  chat    TEXT NOT NULL DEFAULT '',
  budget  INTEGER NOT NULL,               -- tokens a day
  on_by   INTEGER NOT NULL DEFAULT 0      -- the director who switched it on; 0: off
) STRICT;

-- Tokens that were spent on a day (days since 1970 in the company's zone).
CREATE TABLE spent (
  company INTEGER NOT NULL,
  day     INTEGER NOT NULL,
  tokens  INTEGER NOT NULL,
  PRIMARY KEY (company, day)
) STRICT, WITHOUT ROWID;

-- Where texts lie, as a model for embeddings said: kept so that nothing is asked
-- twice, and gone with the voice that brought the text.
CREATE TABLE embedding (
  company INTEGER NOT NULL,
  space   TEXT NOT NULL,                  -- the model
  digest  TEXT NOT NULL,                  -- SHA-256 of the text
  voice   INTEGER NOT NULL,
  vector  BLOB NOT NULL,                  -- a signed byte a number
  PRIMARY KEY (company, space, digest)
) STRICT;
CREATE INDEX embedding_voice ON embedding (company, voice);

-- How a language model worded a theme: a name to propose, and a summary.
CREATE TABLE wording (
  company   INTEGER NOT NULL,
  theme     INTEGER NOT NULL,
  name      TEXT NOT NULL,
  lang      TEXT NOT NULL,
  sentences TEXT NOT NULL,                -- JSON: text, voices, quotes
  voices    INTEGER NOT NULL,             -- how many the theme had
  made      INTEGER NOT NULL,
  PRIMARY KEY (company, theme)
) STRICT, WITHOUT ROWID;

-- The voices that the model was shown for it: it goes with any of them.
CREATE TABLE wording_voice (
  company INTEGER NOT NULL,
  voice   INTEGER NOT NULL,
  theme   INTEGER NOT NULL,
  PRIMARY KEY (company, voice, theme)
) STRICT, WITHOUT ROWID;

-- Sentences by which answers open and end, in the company's own tone.
CREATE TABLE phrase (
  company INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  lang    TEXT NOT NULL,
  kinds   INTEGER NOT NULL,
  ends    INTEGER NOT NULL,
  text    TEXT NOT NULL,
  made    INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 1;
