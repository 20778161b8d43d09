-- +goose Up

-- Voices that wait for an answer and are in no theme.
CREATE INDEX voice_alone ON voice (company, copy_of, id) WHERE theme = 0 AND circle = 0 AND own = 0;

-- +goose Down
SELECT 1;
