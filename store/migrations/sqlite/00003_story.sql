-- +goose Up

-- What the company says by itself.
CREATE TABLE story (
  company  INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  title    TEXT NOT NULL DEFAULT '',
  text     TEXT NOT NULL,
  lang     TEXT NOT NULL,
  card     TEXT NOT NULL DEFAULT '{}',     -- JSON: url, title, description, picture
  pictures TEXT NOT NULL DEFAULT '[]',     -- JSON: digest, type, width, height, alt
  due      INTEGER NOT NULL DEFAULT 0,
  by       INTEGER NOT NULL,
  made     INTEGER NOT NULL,
  changed  INTEGER NOT NULL,
  PRIMARY KEY (company, id)
) STRICT;

-- What a story becomes in one channel.
CREATE TABLE version (
  company  INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  story    INTEGER NOT NULL,
  channel  INTEGER NOT NULL,
  network  TEXT NOT NULL,
  body     TEXT NOT NULL,                  -- JSON: exactly what goes out
  due      INTEGER NOT NULL DEFAULT 0,     -- as in body
  by_hand  INTEGER NOT NULL DEFAULT 0,
  replaces INTEGER NOT NULL DEFAULT 0,
  state    TEXT NOT NULL,
  why      TEXT NOT NULL DEFAULT '',
  url      TEXT NOT NULL DEFAULT '',
  made     INTEGER NOT NULL,
  released INTEGER NOT NULL DEFAULT 0,
  sent     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
) STRICT;
-- Nothing is published twice in one place: one version of a story for a channel,
-- and one change of a published version at a time.
CREATE UNIQUE INDEX version_channel ON version (company, story, channel) WHERE replaces = 0;
CREATE UNIQUE INDEX version_change ON version (company, replaces) WHERE replaces <> 0 AND state IN ('draft', 'released', 'failed');
CREATE INDEX version_state ON version (company, state, due);
CREATE INDEX version_sent ON version (company, channel, sent) WHERE sent > 0;

-- Where each part of a published version stands.
CREATE TABLE placed (
  company INTEGER NOT NULL,
  version INTEGER NOT NULL,
  part    INTEGER NOT NULL,
  network TEXT NOT NULL,
  key     TEXT NOT NULL,
  url     TEXT NOT NULL,
  PRIMARY KEY (company, version, part)
) STRICT, WITHOUT ROWID;

-- Images, under the digest of their bytes, without what a camera wrote into them.
CREATE TABLE picture (
  company INTEGER NOT NULL,
  digest  TEXT NOT NULL,
  type    TEXT NOT NULL,
  width   INTEGER NOT NULL,
  height  INTEGER NOT NULL,
  bytes   BLOB NOT NULL,
  made    INTEGER NOT NULL,
  PRIMARY KEY (company, digest)
) STRICT;

-- A company's own page for what it says.
CREATE TABLE blog (
  company INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  title   TEXT NOT NULL,
  about   TEXT NOT NULL DEFAULT '',
  imprint TEXT NOT NULL DEFAULT '',
  accent  TEXT NOT NULL DEFAULT '',
  is_on   INTEGER NOT NULL DEFAULT 0,
  channel INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX blog_name ON blog (name);

-- Until when an attempt may still be under way, so that none is made beside it.
ALTER TABLE outbox ADD COLUMN busy INTEGER NOT NULL DEFAULT 0;

-- Voices in reply to a post are found by what they reply to.
CREATE INDEX voice_parent ON voice (company, network, parent) WHERE parent <> '';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('voice', 'voice_parent', '500000 50000 12500 2'),
  ('version', 'version_state', '20000 2000 400 1'),
  ('placed', 'placed', '20000 2000 2 1');
ANALYZE sqlite_schema;

-- +goose Down
SELECT 1;
