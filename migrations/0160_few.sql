-- Which figures may be small enough to be hidden. A list of a vulnerable group read the figures of everybody's neighbours,
-- of all times, to find the few families of regions in which one is small; this is now known when a figure is written.

-- +goose Up

ALTER TABLE figures ADD COLUMN few boolean NOT NULL GENERATED ALWAYS AS (
    (least(people, have, lack, sent, adjudication, duplicate, print_ready, interim_letters) < 5
        OR people - have < 5
        OR people - lack < 5
        OR people * (100 - percent) < 600) IS TRUE) STORED;
COMMENT ON COLUMN figures.few IS 'a count of it, or one that its counts tell, may be below 5: a little more often true than it is so, never less';
CREATE INDEX figures_few ON figures (people_group, subject, scope, region_id) WHERE few AND people_group <> '' AND status <> 'draft';
