-- +goose Up

-- The endpoint by which a company lets texts be compared and worded better. Off
-- until a director has seen what leaves the house.
CREATE TABLE model (
  company BIGINT PRIMARY KEY,
  address TEXT NOT NULL,
  secrets BYTEA,                           -- sealed; the key lives outside the database
  embed   TEXT NOT NULL DEFAULT '',
  chat    TEXT NOT NULL DEFAULT '',
  budget  BIGINT NOT NULL,               -- tokens a day
  on_by   BIGINT NOT NULL DEFAULT 0      -- the director who switched it on; 0: off
);

-- Tokens that were spent on a day (days since 1970 in the company's zone).
CREATE TABLE spent (
  company BIGINT NOT NULL,
  day     BIGINT NOT NULL,
  tokens  BIGINT NOT NULL,
  PRIMARY KEY (company, day)
);

-- Where texts lie, as a model for embeddings said: kept so that nothing is asked
-- twice, and gone with the voice that brought the text.
CREATE TABLE embedding (
  company BIGINT NOT NULL,
  space   TEXT NOT NULL,                  -- the model
  digest  TEXT NOT NULL,                  -- SHA-256 of the text
  voice   BIGINT NOT NULL,
  vector  BYTEA NOT NULL,                  -- a signed byte a number
  PRIMARY KEY (company, space, digest)
);
CREATE INDEX embedding_voice ON embedding (company, voice);

-- How a language model worded a theme: a name to propose, and a summary.
CREATE TABLE wording (
  company   BIGINT NOT NULL,
  theme     BIGINT NOT NULL,
  name      TEXT NOT NULL,
  lang      TEXT NOT NULL,
  sentences TEXT NOT NULL,                -- JSON: text, voices, quotes
  voices    BIGINT NOT NULL,             -- how many the theme had
  made      BIGINT NOT NULL,
  PRIMARY KEY (company, theme)
);

-- The voices that the model was shown for it: it goes with any of them.
CREATE TABLE wording_voice (
  company BIGINT NOT NULL,
  voice   BIGINT NOT NULL,
  theme   BIGINT NOT NULL,
  PRIMARY KEY (company, voice, theme)
);

-- Sentences by which answers open and end, in the company's own tone.
CREATE TABLE phrase (
  company BIGINT NOT NULL,
  id      BIGINT NOT NULL,
  lang    TEXT NOT NULL,
  kinds   BIGINT NOT NULL,
  ends    BIGINT NOT NULL,
  text    TEXT NOT NULL,
  made    BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

-- +goose Down
SELECT 1;
