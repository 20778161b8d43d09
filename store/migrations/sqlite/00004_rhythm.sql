-- +goose Up

-- Voices that a channel brought, by the hour in which they were said (hours since
-- 1970 in UTC): the rhythm by which silence is told. Half a year of it is kept.
CREATE TABLE channel_hour (
  company INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  hour    INTEGER NOT NULL,
  voices  INTEGER NOT NULL,
  PRIMARY KEY (company, channel, hour)
) STRICT, WITHOUT ROWID;

INSERT INTO channel_hour (company, channel, hour, voices)
  SELECT company, channel, said_at / 3600000, count(*) FROM voice
  WHERE own = 0 AND said_at > 0 GROUP BY company, channel, said_at / 3600000;

-- Since when a channel brings less than its rhythm predicts, what would have been
-- usual since, and what came.
ALTER TABLE channel ADD COLUMN quiet_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN usual REAL NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN brought INTEGER NOT NULL DEFAULT 0;
-- How late things are heard here after they were said, in milliseconds; and since
-- when the channel has been heard without a break.
ALTER TABLE channel ADD COLUMN lag INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

-- When the place's interface will be no more.
ALTER TABLE channel ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
