-- +goose Up

-- A correction that is undone stays in the list, and teaches no more.
ALTER TABLE correction ADD COLUMN undone BIGINT NOT NULL DEFAULT 0;
ALTER TABLE correction ADD COLUMN undone_by BIGINT NOT NULL DEFAULT 0;
CREATE INDEX correction_voice ON correction (company, voice);

-- Rises with every change of what the corrections teach.
ALTER TABLE company ADD COLUMN taught BIGINT NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
