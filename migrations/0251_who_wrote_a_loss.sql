-- +goose Up

-- Who wrote anything of a draft is told by its trail.
ALTER TABLE losses
    DROP COLUMN drafter_id;
