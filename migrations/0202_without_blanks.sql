-- When there are not blanks enough, a planner may choose which visits record only; a new plan then leaves it at that.

-- +goose Up

ALTER TABLE visits
    ADD COLUMN goes_without boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN visits.goes_without IS 'a person chose that it records only, whatever there is';
