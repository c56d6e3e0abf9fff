-- The latest figure of a region is the first of this index as lists choose it: by day, the more exact date first. Without the
-- precision in it each list read and sorted every figure that there is.

-- +goose Up

DROP INDEX figures_latest;
CREATE INDEX figures_latest ON figures (region_id, subject, scope, people_group, as_of DESC, precision, id DESC) WHERE status <> 'draft';
