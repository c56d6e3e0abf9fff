-- A plan that is planned anew in the middle of its days is told as a whole: the visits that stay are added to those that
-- are planned, with their way home, and a promise that was broken is counted once.

-- +goose Up

ALTER TABLE visits
    ADD COLUMN home_seconds int NOT NULL DEFAULT 0 CONSTRAINT visits_home_seconds CHECK (home_seconds >= 0),
    ADD COLUMN moved boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN visits.home_seconds IS 'the way home after the last visit of the day; 0 for the others';
COMMENT ON COLUMN visits.moved IS 'another team or day took it over after it was announced or agreed';
