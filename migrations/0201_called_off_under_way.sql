-- A visit that is under way may come to nothing too: a bridge is gone, a team is lost. Its blanks are then with the team,
-- and the office counts them in; who said that the visit came to nothing does not count.

-- +goose Up

ALTER TABLE visits
    ADD COLUMN ended_by_id bigint;
COMMENT ON COLUMN visits.ended_by_id IS 'who said that the visit was missed or cancelled';
