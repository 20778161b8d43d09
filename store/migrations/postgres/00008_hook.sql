-- +goose Up

-- An answer that came back is found by what its network calls it, and the voices
-- whose circles it had closed by the answer.
CREATE INDEX outbox_native ON outbox (company, native) WHERE native <> '';
CREATE INDEX voice_answer ON voice (company, answer) WHERE answer <> 0;

-- The address of another program of the company, that is told what happens here.
-- Off until a director has seen what leaves the house.
CREATE TABLE courier (
  company BIGINT PRIMARY KEY,
  address TEXT NOT NULL,
  secrets BYTEA,                           -- sealed; the key lives outside the database
  kinds   TEXT NOT NULL,                  -- separated by spaces
  query   BIGINT NOT NULL DEFAULT 0,        -- only voices that it wants; 0: all
  theme   BIGINT NOT NULL DEFAULT 0,        -- only its decision and answers; 0: all
  private BIGINT NOT NULL DEFAULT 0,
  on_by   BIGINT NOT NULL DEFAULT 0         -- the director who switched it on; 0: off
);

-- What it is told, or was. It says nothing by itself: what is told is read when it
-- goes out.
CREATE TABLE notice (
  company  BIGINT NOT NULL,
  id       BIGINT NOT NULL,
  kind     TEXT NOT NULL,
  subject  BIGINT NOT NULL,                 -- a voice, a decision, an answer: what kind says
  made     BIGINT NOT NULL,
  state    TEXT NOT NULL DEFAULT 'waiting',
  attempts BIGINT NOT NULL DEFAULT 0,
  tried    BIGINT NOT NULL DEFAULT 0,
  code     BIGINT NOT NULL DEFAULT 0,       -- how the other program answered last
  why      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (company, id)
);

-- +goose Down
SELECT 1;
