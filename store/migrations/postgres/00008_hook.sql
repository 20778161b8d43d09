-- +goose Up

-- An answer that came back is found by what its network calls it, and the voices
-- whose circles it had closed by the answer.
CREATE INDEX outbox_native ON outbox (company, native) WHERE native <> '';
CREATE INDEX voice_answer ON voice (company, answer) WHERE answer <> 0;

-- +goose Down
SELECT 1;
