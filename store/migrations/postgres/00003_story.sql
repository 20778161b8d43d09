-- +goose Up

-- What the company says by itself.
CREATE TABLE story (
  company  BIGINT NOT NULL,
  id       BIGINT NOT NULL,
  title    TEXT NOT NULL DEFAULT '',
  text     TEXT NOT NULL,
  lang     TEXT NOT NULL,
  card     TEXT NOT NULL DEFAULT '{}',     -- JSON: url, title, description, picture
  pictures TEXT NOT NULL DEFAULT '[]',     -- JSON: digest, type, width, height, alt
  due      BIGINT NOT NULL DEFAULT 0,
  by       BIGINT NOT NULL,
  made     BIGINT NOT NULL,
  changed  BIGINT NOT NULL,
  PRIMARY KEY (company, id)
);

-- What a story becomes in one channel.
CREATE TABLE version (
  company  BIGINT NOT NULL,
  id       BIGINT NOT NULL,
  story    BIGINT NOT NULL,
  channel  BIGINT NOT NULL,
  network  TEXT NOT NULL,
  body     TEXT NOT NULL,                  -- JSON: exactly what goes out
  due      BIGINT NOT NULL DEFAULT 0,     -- as in body
  by_hand  BIGINT NOT NULL DEFAULT 0,
  replaces BIGINT NOT NULL DEFAULT 0,
  state    TEXT NOT NULL,
  why      TEXT NOT NULL DEFAULT '',
  url      TEXT NOT NULL DEFAULT '',
  made     BIGINT NOT NULL,
  released BIGINT NOT NULL DEFAULT 0,
  sent     BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (company, id)
);
-- Nothing is published twice in one place: one version of a story for a channel,
-- and one change of a published version at a time.
CREATE UNIQUE INDEX version_channel ON version (company, story, channel) WHERE replaces = 0;
CREATE UNIQUE INDEX version_change ON version (company, replaces) WHERE replaces <> 0 AND state IN ('draft', 'released', 'failed');
CREATE INDEX version_state ON version (company, state, due);
CREATE INDEX version_sent ON version (company, channel, sent) WHERE sent > 0;

-- Where each part of a published version stands.
CREATE TABLE placed (
  company BIGINT NOT NULL,
  version BIGINT NOT NULL,
  part    BIGINT NOT NULL,
  network TEXT NOT NULL,
  key     TEXT NOT NULL,
  url     TEXT NOT NULL,
  PRIMARY KEY (company, version, part)
);

-- Images, under the digest of their bytes, without what a camera wrote into them.
CREATE TABLE picture (
  company BIGINT NOT NULL,
  digest  TEXT NOT NULL,
  type    TEXT NOT NULL,
  width   BIGINT NOT NULL,
  height  BIGINT NOT NULL,
  bytes   BYTEA NOT NULL,
  made    BIGINT NOT NULL,
  PRIMARY KEY (company, digest)
);

-- A company's own page for what it says.
CREATE TABLE blog (
  company BIGINT PRIMARY KEY,
  name    TEXT NOT NULL,
  title   TEXT NOT NULL,
  about   TEXT NOT NULL DEFAULT '',
  imprint TEXT NOT NULL DEFAULT '',
  accent  TEXT NOT NULL DEFAULT '',
  is_on   BIGINT NOT NULL DEFAULT 0,
  channel BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX blog_name ON blog (name);

-- Until when an attempt may still be under way, so that none is made beside it.
ALTER TABLE outbox ADD COLUMN busy BIGINT NOT NULL DEFAULT 0;

-- Voices in reply to a post are found by what they reply to.
CREATE INDEX voice_parent ON voice (company, network, parent) WHERE parent <> '';


-- +goose Down
SELECT 1;
