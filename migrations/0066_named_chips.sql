-- The boxes and chips that a receipt and a destruction name, kept with their drafts.

-- +goose Up

ALTER TABLE receipts ADD COLUMN chips jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN receipts.chips IS 'boxes and chips that arrived, and those that came though they were not sent';
ALTER TABLE destructions ADD COLUMN chips jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN destructions.chips IS 'spoiled chips that are destroyed, as far as they are named';
