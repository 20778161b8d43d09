-- +goose Up

-- How likely it is that no customer speaks: an operator's notice, a headline, an
-- advertisement. 0 for what was understood before this was kept.
ALTER TABLE voice ADD COLUMN notice REAL NOT NULL DEFAULT 0;

-- Two themes of which the machine thinks that they may want the same, or of which a
-- person said whether they do. The first has the smaller id.
CREATE TABLE pair (
  company  INTEGER NOT NULL,
  first    INTEGER NOT NULL,
  second   INTEGER NOT NULL,
  likeness REAL NOT NULL,                 -- 0 where the machine did not ask
  same     INTEGER NOT NULL DEFAULT 0,    -- 1: a person said yes; -1: no; 0: nobody said
  by       INTEGER NOT NULL DEFAULT 0,
  at       INTEGER NOT NULL,
  words    BLOB,                          -- by what they differ, to learn from
  PRIMARY KEY (company, first, second)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_second ON pair (company, second);

-- +goose Down
SELECT 1;
