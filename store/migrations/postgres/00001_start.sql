-- +goose Up

-- Times are Unix milliseconds, 0 for never. Every table is keyed by company
-- first. Ids are made by the program; a voice's id rises with the time it was
-- said, so that newest first is a scan of the key.

CREATE TABLE company (
  id         BIGINT PRIMARY KEY,
  name       TEXT NOT NULL,
  names      TEXT NOT NULL DEFAULT '[]',  -- JSON array
  lang       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  rule       TEXT NOT NULL,
  minutes    BIGINT NOT NULL,
  public     TEXT NOT NULL DEFAULT '',
  made       BIGINT NOT NULL,
  pulse      BIGINT NOT NULL DEFAULT 0,  -- rises with every change worth showing live
  stamp      BIGINT NOT NULL DEFAULT 0,  -- rises with every change of a theme's model
  audit_seq  BIGINT NOT NULL DEFAULT 0,
  audit_head TEXT NOT NULL DEFAULT ''
);

CREATE TABLE member (
  company  BIGINT NOT NULL,
  id       BIGINT NOT NULL,
  name     TEXT NOT NULL,
  email    TEXT NOT NULL DEFAULT '',
  role     TEXT NOT NULL,
  lang     TEXT NOT NULL,
  password TEXT NOT NULL DEFAULT '',      -- argon2id, PHC form; empty: links only
  made     BIGINT NOT NULL,
  left_at  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
CREATE UNIQUE INDEX member_email ON member (company, email) WHERE email <> '';
CREATE INDEX member_sign_in ON member (email) WHERE email <> '';

-- One-time links: the first director, invitations, a forgotten password.
CREATE TABLE link (
  company BIGINT NOT NULL,
  digest  TEXT NOT NULL,                  -- SHA-256 of the secret in the link
  member  BIGINT NOT NULL,               -- 0: makes the first director
  until   BIGINT NOT NULL,
  used    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, digest)
);
CREATE INDEX link_digest ON link (digest);

CREATE TABLE session (
  token TEXT PRIMARY KEY,                 -- SHA-256 of the cookie
  data  BYTEA NOT NULL,
  until BIGINT NOT NULL
);

CREATE TABLE goal (
  company BIGINT NOT NULL,
  id      BIGINT NOT NULL,
  text    TEXT NOT NULL,
  made    BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

CREATE TABLE channel (
  company     BIGINT NOT NULL,
  id          BIGINT NOT NULL,
  connector   TEXT NOT NULL,
  name        TEXT NOT NULL,
  settings    TEXT NOT NULL DEFAULT '{}', -- JSON, no secrets
  secrets     BYTEA,                       -- sealed; the key lives outside the database
  cursor      TEXT NOT NULL DEFAULT '',
  takes_all   BIGINT NOT NULL DEFAULT 0,
  paused      BIGINT NOT NULL DEFAULT 0,
  state       TEXT NOT NULL DEFAULT 'waiting',
  why         TEXT NOT NULL DEFAULT '',
  last_try    BIGINT NOT NULL DEFAULT 0,
  last_new    BIGINT NOT NULL DEFAULT 0,
  next_try    BIGINT NOT NULL DEFAULT 0,
  heard       BIGINT NOT NULL DEFAULT 0,
  fails       BIGINT NOT NULL DEFAULT 0,
  dropped     TEXT NOT NULL DEFAULT '{}', -- JSON: reason → count
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until BIGINT NOT NULL DEFAULT 0,
  fence       BIGINT NOT NULL DEFAULT 0, -- rises with every change of the lease's owner
  made        BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

-- Items that a channel set aside because they could not be read.
CREATE TABLE refused (
  company BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  id      BIGINT NOT NULL,
  place   TEXT NOT NULL,                  -- line, guid, …
  reason  TEXT NOT NULL,
  PRIMARY KEY (company, channel, id)
);

CREATE TABLE query (
  company BIGINT NOT NULL,
  id      BIGINT NOT NULL,
  name    TEXT NOT NULL,
  text    TEXT NOT NULL,
  paused  BIGINT NOT NULL DEFAULT 0,
  hits    BIGINT NOT NULL DEFAULT 0,
  made    BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

CREATE TABLE person (
  company    BIGINT NOT NULL,
  id         BIGINT NOT NULL,
  name       TEXT NOT NULL,
  stage      TEXT NOT NULL DEFAULT '',
  weight     BIGINT NOT NULL DEFAULT 0,
  note       TEXT NOT NULL DEFAULT '',
  voices     BIGINT NOT NULL DEFAULT 0,
  last_heard BIGINT NOT NULL DEFAULT 0,
  objected   BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
CREATE INDEX person_heard ON person (company, last_heard, id);
CREATE INDEX person_weight ON person (company, weight, last_heard, id) WHERE weight > 0;
CREATE INDEX person_name ON person (company, (lower(name) COLLATE "C"));

CREATE TABLE identity (
  company BIGINT NOT NULL,
  id      BIGINT NOT NULL,
  person  BIGINT NOT NULL,
  network TEXT NOT NULL,
  key     TEXT NOT NULL,
  handle  TEXT NOT NULL DEFAULT '',
  name    TEXT NOT NULL DEFAULT '',
  url     TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (company, id)
);
CREATE UNIQUE INDEX identity_key ON identity (company, network, key);
CREATE INDEX identity_person ON identity (company, person);
CREATE INDEX identity_handle ON identity (company, (lower(handle) COLLATE "C"));

CREATE TABLE voice (
  company    BIGINT NOT NULL,
  id         BIGINT NOT NULL,
  channel    BIGINT NOT NULL,
  identity   BIGINT NOT NULL DEFAULT 0,
  network    TEXT NOT NULL,
  key        TEXT NOT NULL,
  url        TEXT NOT NULL DEFAULT '',
  title      TEXT NOT NULL DEFAULT '',
  text       TEXT NOT NULL,
  said_lang  TEXT NOT NULL DEFAULT '',
  said_at    BIGINT NOT NULL,
  heard_at   BIGINT NOT NULL,
  edited_at  BIGINT NOT NULL DEFAULT 0,
  gone_at    BIGINT NOT NULL DEFAULT 0,
  hidden     BIGINT NOT NULL DEFAULT 0,
  parent     TEXT NOT NULL DEFAULT '',
  root       TEXT NOT NULL DEFAULT '',
  ref        TEXT NOT NULL DEFAULT '',
  own        BIGINT NOT NULL DEFAULT 0,
  private    BIGINT NOT NULL DEFAULT 0,
  language   TEXT NOT NULL DEFAULT '',
  kinds      BIGINT NOT NULL DEFAULT 0,
  p_wish     DOUBLE PRECISION NOT NULL DEFAULT 0,
  p_problem  DOUBLE PRECISION NOT NULL DEFAULT 0,
  p_praise   DOUBLE PRECISION NOT NULL DEFAULT 0,
  p_question DOUBLE PRECISION NOT NULL DEFAULT 0,
  wish       TEXT NOT NULL DEFAULT '',
  feeling    BIGINT NOT NULL DEFAULT 0,
  p_feeling  DOUBLE PRECISION NOT NULL DEFAULT 0,
  about      DOUBLE PRECISION NOT NULL DEFAULT 1,
  kinds_by   BIGINT NOT NULL DEFAULT 0,
  version    BIGINT NOT NULL DEFAULT 0,
  copy_of    BIGINT NOT NULL DEFAULT 0,
  theme      BIGINT NOT NULL DEFAULT 0,
  fit        DOUBLE PRECISION NOT NULL DEFAULT 0,
  fit_by     BIGINT NOT NULL DEFAULT 0,
  circle     BIGINT NOT NULL DEFAULT 0,
  answer     BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
CREATE UNIQUE INDEX voice_key ON voice (company, network, key);
CREATE INDEX voice_theme ON voice (company, theme, id) WHERE theme <> 0;
CREATE INDEX voice_identity ON voice (company, identity, id) WHERE identity <> 0;
CREATE INDEX voice_thread ON voice (company, network, root) WHERE root <> '';

-- Full-text search.
ALTER TABLE voice ADD COLUMN words tsvector
  GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || text)) STORED;
CREATE INDEX voice_words ON voice USING gin (words);

CREATE TABLE hit (
  company BIGINT NOT NULL,
  query   BIGINT NOT NULL,
  voice   BIGINT NOT NULL,
  PRIMARY KEY (company, query, voice)
);

CREATE TABLE theme (
  company  BIGINT NOT NULL,
  id       BIGINT NOT NULL,
  name     TEXT NOT NULL,
  named_by BIGINT NOT NULL DEFAULT 0,
  kinds    BIGINT NOT NULL DEFAULT 0,
  lang     TEXT NOT NULL DEFAULT '',
  voices   BIGINT NOT NULL DEFAULT 0,
  copies   BIGINT NOT NULL DEFAULT 0,
  open     BIGINT NOT NULL DEFAULT 0,
  doubtful BIGINT NOT NULL DEFAULT 0,
  feeling  DOUBLE PRECISION NOT NULL DEFAULT 0,
  first_at BIGINT NOT NULL DEFAULT 0,
  last_at  BIGINT NOT NULL DEFAULT 0,
  verdict  TEXT NOT NULL DEFAULT '',
  decision BIGINT NOT NULL DEFAULT 0,
  into_id  BIGINT NOT NULL DEFAULT 0,
  model    BYTEA,
  changed  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
CREATE INDEX theme_open ON theme (company, open, id) WHERE into_id = 0;
CREATE INDEX theme_size ON theme (company, voices, id) WHERE into_id = 0;

-- Voices per theme, day (days since 1970 in UTC) and network, for trends. Theme 0
-- is everything the company heard that day.
CREATE TABLE theme_day (
  company BIGINT NOT NULL,
  theme   BIGINT NOT NULL,
  day     BIGINT NOT NULL,
  network TEXT NOT NULL,
  voices  BIGINT NOT NULL,
  PRIMARY KEY (company, theme, day, network)
);

-- Voices per theme and language.
CREATE TABLE theme_language (
  company  BIGINT NOT NULL,
  theme    BIGINT NOT NULL,
  language TEXT NOT NULL,
  voices   BIGINT NOT NULL,
  PRIMARY KEY (company, theme, language)
);

-- Who is behind a theme, with how many voices.
CREATE TABLE theme_identity (
  company  BIGINT NOT NULL,
  theme    BIGINT NOT NULL,
  identity BIGINT NOT NULL,
  voices   BIGINT NOT NULL,
  PRIMARY KEY (company, theme, identity)
);

-- What people corrected: it teaches, and can be listed and undone.
CREATE TABLE correction (
  company BIGINT NOT NULL,
  id      BIGINT NOT NULL,
  voice   BIGINT NOT NULL,
  what    TEXT NOT NULL,                  -- kinds, feeling, theme
  was     TEXT NOT NULL,
  now     TEXT NOT NULL,
  by      BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

CREATE TABLE decision (
  company       BIGINT NOT NULL,
  id            BIGINT NOT NULL,
  theme         BIGINT NOT NULL,
  verdict       TEXT NOT NULL,
  when_at       BIGINT NOT NULL DEFAULT 0,
  reason        TEXT NOT NULL,            -- JSON: language → sentence
  by            BIGINT NOT NULL,
  made          BIGINT NOT NULL,
  stands        BIGINT NOT NULL DEFAULT 0,
  supersedes    BIGINT NOT NULL DEFAULT 0,
  superseded_by BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
CREATE INDEX decision_theme ON decision (company, theme, id);

CREATE TABLE answer (
  company   BIGINT NOT NULL,
  id        BIGINT NOT NULL,
  voice     BIGINT NOT NULL,
  identity  BIGINT NOT NULL DEFAULT 0,
  theme     BIGINT NOT NULL,
  decision  BIGINT NOT NULL,
  channel   BIGINT NOT NULL DEFAULT 0,
  network   TEXT NOT NULL,
  lang      TEXT NOT NULL,
  text      TEXT NOT NULL,
  state     TEXT NOT NULL,
  edited_by BIGINT NOT NULL DEFAULT 0,
  why       TEXT NOT NULL DEFAULT '',
  token     TEXT NOT NULL,
  url       TEXT NOT NULL DEFAULT '',
  made      BIGINT NOT NULL,
  released  BIGINT NOT NULL DEFAULT 0,
  sent      BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
-- Nobody is answered twice: one answer to a voice for a decision, and one to a
-- person for a decision.
CREATE UNIQUE INDEX answer_voice ON answer (company, decision, voice);
CREATE UNIQUE INDEX answer_person ON answer (company, decision, identity) WHERE identity <> 0;
CREATE INDEX answer_token ON answer (token);
CREATE INDEX answer_state ON answer (company, state, id);
CREATE INDEX answer_theme ON answer (company, theme, id);
CREATE INDEX answer_draft ON answer (company, theme) WHERE state = 'draft';
CREATE INDEX answer_of_voice ON answer (company, voice);
CREATE INDEX answer_sent ON answer (company, sent) WHERE sent > 0;

CREATE TABLE release (
  company BIGINT NOT NULL,
  subject TEXT NOT NULL,
  id      BIGINT NOT NULL,
  digest  TEXT NOT NULL,
  by      BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (company, subject, id, digest, by)
);

-- Exactly the bytes that go out. Rows come only from a release.
CREATE TABLE outbox (
  company  BIGINT NOT NULL,
  id       BIGINT NOT NULL,              -- of the answer; the idempotency key
  channel  BIGINT NOT NULL,
  body     BYTEA NOT NULL,
  digest   TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  tried    BIGINT NOT NULL DEFAULT 0,
  done     BIGINT NOT NULL DEFAULT 0,
  native   TEXT NOT NULL DEFAULT '',      -- the network's id of what was sent
  PRIMARY KEY (company, id)
);

CREATE TABLE audit (
  company BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  by      BIGINT NOT NULL,
  act     TEXT NOT NULL,
  subject TEXT NOT NULL,
  id      BIGINT NOT NULL,
  detail  TEXT NOT NULL,
  prev    TEXT NOT NULL,
  hash    TEXT NOT NULL,
  PRIMARY KEY (company, seq)
);

-- Who asked not to be heard or written to, and what was erased: salted hashes,
-- so that nothing erased comes back.
CREATE TABLE tombstone (
  company BIGINT NOT NULL,
  digest  TEXT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (company, digest)
);

-- Voices that wait for a check.
CREATE INDEX voice_doubtful ON voice (company, theme, id)
  WHERE theme <> 0 AND fit < 0.93 AND fit_by = 0 AND circle < 2;

-- +goose Down
SELECT 1;
