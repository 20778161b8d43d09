-- +goose Up

-- Voices that a channel brought, by the hour in which they were said (hours since
-- 1970 in UTC): the rhythm by which silence is told. Half a year of it is kept.
CREATE TABLE channel_hour (
  company BIGINT NOT NULL,
  channel BIGINT NOT NULL,
  hour    BIGINT NOT NULL,
  voices  BIGINT NOT NULL,
  PRIMARY KEY (company, channel, hour)
);

INSERT INTO channel_hour (company, channel, hour, voices)
  SELECT company, channel, said_at / 3600000, count(*) FROM voice
  WHERE own = 0 AND said_at > 0 GROUP BY company, channel, said_at / 3600000;

-- Since when a channel brings less than its rhythm predicts, what would have been
-- usual since, and what came.
ALTER TABLE channel ADD COLUMN quiet_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN usual DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN brought BIGINT NOT NULL DEFAULT 0;
-- How late things are heard here after they were said, in milliseconds; and since
-- when the channel has been heard without a break.
ALTER TABLE channel ADD COLUMN lag BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN begun BIGINT NOT NULL DEFAULT 0;

-- When the place's interface will be no more.
ALTER TABLE channel ADD COLUMN ends BIGINT NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
