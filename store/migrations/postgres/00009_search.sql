-- +goose Up

-- What is searched lies beside the voices: a voice is changed when it is understood,
-- gathered and answered, and each time its words would be indexed anew.
ALTER TABLE voice DROP COLUMN words;
CREATE TABLE voice_search (
  company BIGINT NOT NULL,
  voice   BIGINT NOT NULL,
  words   tsvector NOT NULL,
  PRIMARY KEY (company, voice)
);
INSERT INTO voice_search (company, voice, words)
  SELECT company, id, to_tsvector('simple', title || ' ' || text) FROM voice WHERE gone_at = 0;
CREATE INDEX voice_search_words ON voice_search USING gin (words);

-- Room for what is changed soon after it was stored.
ALTER TABLE voice SET (fillfactor = 75);

-- +goose Down
SELECT 1;
