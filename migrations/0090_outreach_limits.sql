-- What planners asked for besides: days that must lie between two visits to a site, the longest day of a team and the
-- ribbons it carries, and how far the way to a visit is, for kilometres a person.

-- +goose Up

ALTER TABLE sites
    ADD COLUMN gap_days int NOT NULL DEFAULT 0 CONSTRAINT sites_gap_days CHECK (gap_days BETWEEN 0 AND 365);
COMMENT ON COLUMN sites.gap_days IS 'days that must lie between two visits; 0 for none, so that two teams may come at once';

ALTER TABLE teams
    ADD COLUMN work_minutes int NOT NULL DEFAULT 0 CONSTRAINT teams_work CHECK (work_minutes BETWEEN 0 AND 1440),
    ADD COLUMN ribbons int NOT NULL DEFAULT 0 CONSTRAINT teams_ribbons CHECK (ribbons BETWEEN 0 AND 1000);
COMMENT ON COLUMN teams.work_minutes IS 'from leaving the depot to being back, at most; 0 for no limit but the shift';
COMMENT ON COLUMN teams.ribbons IS 'carried a day, 500 cards each; 0 for no limit';

ALTER TABLE visits
    ADD COLUMN travel_metres int NOT NULL DEFAULT 0 CONSTRAINT visits_travel_metres CHECK (travel_metres >= 0);
COMMENT ON COLUMN visits.travel_metres IS 'the way to the site, and after the last visit of the day the way home too';
