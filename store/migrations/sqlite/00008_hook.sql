-- +goose Up

-- An answer that came back is found by what its network calls it, and the voices
-- whose circles it had closed by the answer.
CREATE INDEX outbox_native ON outbox (company, native) WHERE native <> '';
CREATE INDEX voice_answer ON voice (company, answer) WHERE answer <> 0;

-- The address of another program of the company, that is told what happens here.
-- Off until a director has seen what leaves the house.
CREATE TABLE courier (
  company INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  secrets BLOB,                           -- sealed; the key lives outside the database
  kinds   TEXT NOT NULL,                  -- separated by spaces
  query   INTEGER NOT NULL DEFAULT 0,        -- only voices that it wants; 0: all
  theme   INTEGER NOT NULL DEFAULT 0,        -- only its decision and answers; 0: all
  private INTEGER NOT NULL DEFAULT 0,
  on_by   INTEGER NOT NULL DEFAULT 0         -- the director who switched it on; 0: off
) STRICT;

-- What it is told, or was. It says nothing by itself: what is told is read when it
-- goes out.
CREATE TABLE notice (
  company  INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  subject  INTEGER NOT NULL,                 -- a voice, a decision, an answer: what kind says
  made     INTEGER NOT NULL,
  state    TEXT NOT NULL DEFAULT 'waiting',
  attempts INTEGER NOT NULL DEFAULT 0,
  tried    INTEGER NOT NULL DEFAULT 0,
  code     INTEGER NOT NULL DEFAULT 0,       -- how the other program answered last
  why      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

-- +goose Down
SELECT 1;
