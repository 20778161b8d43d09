-- +goose Up

-- How likely it is that no customer speaks: an operator's notice, a headline, an
-- advertisement. 0 for what was understood before this was kept.
ALTER TABLE voice ADD COLUMN notice DOUBLE PRECISION NOT NULL DEFAULT 0;

-- Two themes of which the machine thinks that they may want the same, or of which a
-- person said whether they do. The first has the smaller id.
CREATE TABLE pair (
  company  BIGINT NOT NULL,
  first    BIGINT NOT NULL,
  second   BIGINT NOT NULL,
  likeness DOUBLE PRECISION NOT NULL,                 -- 0 where the machine did not ask
  same     BIGINT NOT NULL DEFAULT 0,    -- 1: a person said yes; -1: no; 0: nobody said
  by       BIGINT NOT NULL DEFAULT 0,
  at       BIGINT NOT NULL,
  words    BYTEA,                          -- by what they differ, to learn from
  PRIMARY KEY (company, first, second)
);
CREATE INDEX pair_second ON pair (company, second);

-- +goose Down
SELECT 1;
