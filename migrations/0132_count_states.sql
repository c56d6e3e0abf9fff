-- A count is under way before it is counted, and reviewed before it is posted.

-- +goose Up

ALTER TABLE counts DROP CONSTRAINT counts_state;
ALTER TABLE counts ADD CONSTRAINT counts_state CHECK (state IN ('requested', 'counting', 'counted', 'recount', 'reviewed', 'posted', 'cancelled'));
ALTER TABLE counts ADD COLUMN started_at timestamptz;
ALTER TABLE counts ADD COLUMN started_by text NOT NULL DEFAULT '';
ALTER TABLE counts ADD COLUMN reviewed_at timestamptz;
ALTER TABLE counts ADD COLUMN reviewed_by text NOT NULL DEFAULT '';
DROP INDEX counts_one_at_a_time;
CREATE UNIQUE INDEX counts_one_at_a_time ON counts (region_id, place_id, item_id, condition) WHERE state NOT IN ('posted', 'cancelled');
COMMENT ON TABLE counts IS 'Stock opname of one account of a place. ledger is what the ledger held at the instant of the count; whoever counted neither reviews nor posts.';
