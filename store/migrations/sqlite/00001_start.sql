-- +goose Up

-- Times are Unix milliseconds, 0 for never. Every table is keyed by company
-- first. Ids are made by the program; a voice's id rises with the time it was
-- said, so that newest first is a scan of the key.
--
-- A table WITHOUT ROWID is a B-tree of whole rows: right for short rows, and for
-- long ones deep. Voices have a rowid, which is the id, and short indexes.

CREATE TABLE company (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  names      TEXT NOT NULL DEFAULT '[]',  -- JSON array
  lang       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  rule       TEXT NOT NULL,
  minutes    INTEGER NOT NULL,
  public     TEXT NOT NULL DEFAULT '',
  made       INTEGER NOT NULL,
  pulse      INTEGER NOT NULL DEFAULT 0,  -- rises with every change worth showing live
  stamp      INTEGER NOT NULL DEFAULT 0,  -- rises with every change of a theme's model
  audit_seq  INTEGER NOT NULL DEFAULT 0,
  audit_head TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE member (
  company  INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  name     TEXT NOT NULL,
  email    TEXT NOT NULL DEFAULT '',
  role     TEXT NOT NULL,
  lang     TEXT NOT NULL,
  password TEXT NOT NULL DEFAULT '',      -- argon2id, PHC form; empty: links only
  made     INTEGER NOT NULL,
  left_at  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX member_email ON member (company, email) WHERE email <> '';
CREATE INDEX member_sign_in ON member (email) WHERE email <> '';

-- One-time links: the first director, invitations, a forgotten password.
CREATE TABLE link (
  company INTEGER NOT NULL,
  digest  TEXT NOT NULL,                  -- SHA-256 of the secret in the link
  member  INTEGER NOT NULL,               -- 0: makes the first director
  until   INTEGER NOT NULL,
  used    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_digest ON link (digest);

CREATE TABLE session (
  token TEXT PRIMARY KEY,                 -- SHA-256 of the cookie
  data  BLOB NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE goal (
  company INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  text    TEXT NOT NULL,
  made    INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (
  company     INTEGER NOT NULL,
  id          INTEGER NOT NULL,
  connector   TEXT NOT NULL,
  name        TEXT NOT NULL,
  settings    TEXT NOT NULL DEFAULT '{}', -- JSON, no secrets
  secrets     BLOB,                       -- sealed; the key lives outside the database
  cursor      TEXT NOT NULL DEFAULT '',
  takes_all   INTEGER NOT NULL DEFAULT 0,
  paused      INTEGER NOT NULL DEFAULT 0,
  state       TEXT NOT NULL DEFAULT 'waiting',
  why         TEXT NOT NULL DEFAULT '',
  last_try    INTEGER NOT NULL DEFAULT 0,
  last_new    INTEGER NOT NULL DEFAULT 0,
  next_try    INTEGER NOT NULL DEFAULT 0,
  heard       INTEGER NOT NULL DEFAULT 0,
  fails       INTEGER NOT NULL DEFAULT 0,
  dropped     TEXT NOT NULL DEFAULT '{}', -- JSON: reason → count
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0,
  fence       INTEGER NOT NULL DEFAULT 0, -- rises with every change of the lease's owner
  made        INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

-- Items that a channel set aside because they could not be read.
CREATE TABLE refused (
  company INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  place   TEXT NOT NULL,                  -- line, guid, …
  reason  TEXT NOT NULL,
  PRIMARY KEY (company, channel, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE query (
  company INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  name    TEXT NOT NULL,
  text    TEXT NOT NULL,
  paused  INTEGER NOT NULL DEFAULT 0,
  hits    INTEGER NOT NULL DEFAULT 0,
  made    INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  company    INTEGER NOT NULL,
  id         INTEGER NOT NULL,
  name       TEXT NOT NULL,
  stage      TEXT NOT NULL DEFAULT '',
  weight     INTEGER NOT NULL DEFAULT 0,
  note       TEXT NOT NULL DEFAULT '',
  voices     INTEGER NOT NULL DEFAULT 0,
  last_heard INTEGER NOT NULL DEFAULT 0,
  objected   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_heard ON person (company, last_heard, id);
CREATE INDEX person_weight ON person (company, weight, last_heard, id) WHERE weight > 0;
CREATE INDEX person_name ON person (company, lower(name));

CREATE TABLE identity (
  company INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  person  INTEGER NOT NULL,
  network TEXT NOT NULL,
  key     TEXT NOT NULL,
  handle  TEXT NOT NULL DEFAULT '',
  name    TEXT NOT NULL DEFAULT '',
  url     TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_key ON identity (company, network, key);
CREATE INDEX identity_person ON identity (company, person);
CREATE INDEX identity_handle ON identity (company, lower(handle));

CREATE TABLE voice (
  company    INTEGER NOT NULL,
  id         INTEGER PRIMARY KEY,         -- unique over companies
  channel    INTEGER NOT NULL,
  identity   INTEGER NOT NULL DEFAULT 0,
  network    TEXT NOT NULL,
  key        TEXT NOT NULL,
  url        TEXT NOT NULL DEFAULT '',
  title      TEXT NOT NULL DEFAULT '',
  text       TEXT NOT NULL,
  said_lang  TEXT NOT NULL DEFAULT '',
  said_at    INTEGER NOT NULL,
  heard_at   INTEGER NOT NULL,
  edited_at  INTEGER NOT NULL DEFAULT 0,
  gone_at    INTEGER NOT NULL DEFAULT 0,
  hidden     INTEGER NOT NULL DEFAULT 0,
  parent     TEXT NOT NULL DEFAULT '',
  root       TEXT NOT NULL DEFAULT '',
  ref        TEXT NOT NULL DEFAULT '',
  own        INTEGER NOT NULL DEFAULT 0,
  private    INTEGER NOT NULL DEFAULT 0,
  language   TEXT NOT NULL DEFAULT '',
  kinds      INTEGER NOT NULL DEFAULT 0,
  p_wish     REAL NOT NULL DEFAULT 0,
  p_problem  REAL NOT NULL DEFAULT 0,
  p_praise   REAL NOT NULL DEFAULT 0,
  p_question REAL NOT NULL DEFAULT 0,
  wish       TEXT NOT NULL DEFAULT '',
  feeling    INTEGER NOT NULL DEFAULT 0,
  p_feeling  REAL NOT NULL DEFAULT 0,
  about      REAL NOT NULL DEFAULT 1,
  kinds_by   INTEGER NOT NULL DEFAULT 0,
  version    INTEGER NOT NULL DEFAULT 0,
  copy_of    INTEGER NOT NULL DEFAULT 0,
  theme      INTEGER NOT NULL DEFAULT 0,
  fit        REAL NOT NULL DEFAULT 0,
  fit_by     INTEGER NOT NULL DEFAULT 0,
  circle     INTEGER NOT NULL DEFAULT 0,
  answer     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX voice_company ON voice (company);
CREATE UNIQUE INDEX voice_key ON voice (company, network, key);
CREATE INDEX voice_theme ON voice (company, theme) WHERE theme <> 0;
CREATE INDEX voice_identity ON voice (company, identity) WHERE identity <> 0;
CREATE INDEX voice_thread ON voice (company, network, root) WHERE root <> '';

-- Full-text search. The rowid is the voice's id; the text is not kept twice.
-- Ids are unique over companies; a search joins voice, which is scoped.
CREATE VIRTUAL TABLE voice_fts USING fts5 (
  text, content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE hit (
  company INTEGER NOT NULL,
  query   INTEGER NOT NULL,
  voice   INTEGER NOT NULL,
  PRIMARY KEY (company, query, voice)
) STRICT, WITHOUT ROWID;

CREATE TABLE theme (
  company  INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  name     TEXT NOT NULL,
  named_by INTEGER NOT NULL DEFAULT 0,
  kinds    INTEGER NOT NULL DEFAULT 0,
  lang     TEXT NOT NULL DEFAULT '',
  voices   INTEGER NOT NULL DEFAULT 0,
  copies   INTEGER NOT NULL DEFAULT 0,
  open     INTEGER NOT NULL DEFAULT 0,
  doubtful INTEGER NOT NULL DEFAULT 0,
  feeling  REAL NOT NULL DEFAULT 0,
  first_at INTEGER NOT NULL DEFAULT 0,
  last_at  INTEGER NOT NULL DEFAULT 0,
  verdict  TEXT NOT NULL DEFAULT '',
  decision INTEGER NOT NULL DEFAULT 0,
  into_id  INTEGER NOT NULL DEFAULT 0,
  model    BLOB,
  changed  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX theme_open ON theme (company, open, id) WHERE into_id = 0;
CREATE INDEX theme_size ON theme (company, voices, id) WHERE into_id = 0;

-- Voices per theme, day (days since 1970 in UTC) and network, for trends. Theme 0
-- is everything the company heard that day.
CREATE TABLE theme_day (
  company INTEGER NOT NULL,
  theme   INTEGER NOT NULL,
  day     INTEGER NOT NULL,
  network TEXT NOT NULL,
  voices  INTEGER NOT NULL,
  PRIMARY KEY (company, theme, day, network)
) STRICT, WITHOUT ROWID;

-- Voices per theme and language.
CREATE TABLE theme_language (
  company  INTEGER NOT NULL,
  theme    INTEGER NOT NULL,
  language TEXT NOT NULL,
  voices   INTEGER NOT NULL,
  PRIMARY KEY (company, theme, language)
) STRICT, WITHOUT ROWID;

-- Who is behind a theme, with how many voices.
CREATE TABLE theme_identity (
  company  INTEGER NOT NULL,
  theme    INTEGER NOT NULL,
  identity INTEGER NOT NULL,
  voices   INTEGER NOT NULL,
  PRIMARY KEY (company, theme, identity)
) STRICT, WITHOUT ROWID;

-- What people corrected: it teaches, and can be listed and undone.
CREATE TABLE correction (
  company INTEGER NOT NULL,
  id      INTEGER NOT NULL,
  voice   INTEGER NOT NULL,
  what    TEXT NOT NULL,                  -- kinds, feeling, theme
  was     TEXT NOT NULL,
  now     TEXT NOT NULL,
  by      INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
  company       INTEGER NOT NULL,
  id            INTEGER NOT NULL,
  theme         INTEGER NOT NULL,
  verdict       TEXT NOT NULL,
  when_at       INTEGER NOT NULL DEFAULT 0,
  reason        TEXT NOT NULL,            -- JSON: language → sentence
  by            INTEGER NOT NULL,
  made          INTEGER NOT NULL,
  stands        INTEGER NOT NULL DEFAULT 0,
  supersedes    INTEGER NOT NULL DEFAULT 0,
  superseded_by INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_theme ON decision (company, theme, id);

CREATE TABLE answer (
  company   INTEGER NOT NULL,
  id        INTEGER NOT NULL,
  voice     INTEGER NOT NULL,
  identity  INTEGER NOT NULL DEFAULT 0,
  theme     INTEGER NOT NULL,
  decision  INTEGER NOT NULL,
  channel   INTEGER NOT NULL DEFAULT 0,
  network   TEXT NOT NULL,
  lang      TEXT NOT NULL,
  text      TEXT NOT NULL,
  state     TEXT NOT NULL,
  edited_by INTEGER NOT NULL DEFAULT 0,
  why       TEXT NOT NULL DEFAULT '',
  token     TEXT NOT NULL,
  url       TEXT NOT NULL DEFAULT '',
  made      INTEGER NOT NULL,
  released  INTEGER NOT NULL DEFAULT 0,
  sent      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
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
  company INTEGER NOT NULL,
  subject TEXT NOT NULL,
  id      INTEGER NOT NULL,
  digest  TEXT NOT NULL,
  by      INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (company, subject, id, digest, by)
) STRICT, WITHOUT ROWID;

-- Exactly the bytes that go out. Rows come only from a release.
CREATE TABLE outbox (
  company  INTEGER NOT NULL,
  id       INTEGER NOT NULL,              -- of the answer; the idempotency key
  channel  INTEGER NOT NULL,
  body     BLOB NOT NULL,
  digest   TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  tried    INTEGER NOT NULL DEFAULT 0,
  done     INTEGER NOT NULL DEFAULT 0,
  native   TEXT NOT NULL DEFAULT '',      -- the network's id of what was sent
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  company INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  by      INTEGER NOT NULL,
  act     TEXT NOT NULL,
  subject TEXT NOT NULL,
  id      INTEGER NOT NULL,
  detail  TEXT NOT NULL,
  prev    TEXT NOT NULL,
  hash    TEXT NOT NULL,
  PRIMARY KEY (company, seq)
) STRICT, WITHOUT ROWID;

-- Who asked not to be heard or written to, and what was erased: salted hashes,
-- so that nothing erased comes back.
CREATE TABLE tombstone (
  company INTEGER NOT NULL,
  digest  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (company, digest)
) STRICT, WITHOUT ROWID;

-- Voices that wait for a check.
CREATE INDEX voice_doubtful ON voice (company, theme)
  WHERE theme <> 0 AND fit < 0.93 AND fit_by = 0 AND circle < 2;

-- What SQLite shall expect of the tables: some companies, a million voices. Left
-- to itself it takes ten rows for a company and reads all of them; and figures
-- gathered from one day's rows would make its plans change from day to day.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('company', NULL, '10'),
  ('person', 'person', '250000 25000 1'),
  ('person', 'person_heard', '250000 25000 1 1'),
  ('person', 'person_weight', '1000 100 10 1 1'),
  ('person', 'person_name', '250000 25000 1 1'),
  ('identity', 'identity', '250000 25000 1'),
  ('identity', 'identity_handle', '250000 25000 1 1'),
  ('identity', 'identity_key', '250000 25000 6000 1'),
  ('identity', 'identity_person', '250000 25000 1'),
  ('voice', 'voice_company', '1000000 100000'),
  ('voice', 'voice_key', '1000000 100000 25000 1'),
  ('voice', 'voice_theme', '750000 75000 250'),
  ('voice', 'voice_identity', '1000000 100000 8'),
  ('voice', 'voice_thread', '500000 50000 12500 4'),
  ('voice', 'voice_doubtful', '100000 10000 50'),
  ('hit', 'hit', '1000000 100000 1000 1'),
  ('theme', 'theme', '4000 400 1'),
  ('theme', 'theme_open', '4000 400 4 1'),
  ('theme', 'theme_size', '4000 400 4 1'),
  ('theme_day', 'theme_day', '1000000 100000 250 4 1'),
  ('theme_language', 'theme_language', '20000 2000 5 1'),
  ('theme_identity', 'theme_identity', '700000 70000 180 1'),
  ('decision', 'decision', '2000 200 1'),
  ('decision', 'decision_theme', '2000 200 2 1'),
  ('answer', 'answer', '100000 10000 1'),
  ('answer', 'answer_voice', '100000 10000 50 1'),
  ('answer', 'answer_person', '100000 10000 50 1'),
  ('answer', 'answer_token', '100000 1'),
  ('answer', 'answer_state', '100000 10000 2000 1'),
  ('answer', 'answer_theme', '100000 10000 50 1'),
  ('answer', 'answer_draft', '20000 2000 20'),
  ('answer', 'answer_of_voice', '100000 10000 1'),
  ('answer', 'answer_sent', '50000 5000 1'),
  ('audit', 'audit', '100000 10000 1'),
  ('tombstone', 'tombstone', '10000 1000 1');
ANALYZE sqlite_schema;

-- +goose Down
SELECT 1;
