-- +goose Up

-- Voices that wait for an answer and are in no theme.
CREATE INDEX voice_alone ON voice (company, copy_of) WHERE theme = 0 AND circle = 0 AND own = 0;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('voice', 'voice_alone', '20000 2000 1500');

-- +goose Down
SELECT 1;
