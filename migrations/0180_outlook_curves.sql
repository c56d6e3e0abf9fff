-- How the shelf of a region is foreseen to empty, day by day: the curve behind the one probability that outlooks keep. Only
-- the last night's is asked for, so there is one row a region and nothing grows.

-- +goose Up

CREATE TABLE outlook_curves (
    region_id int      NOT NULL REFERENCES regions,
    item_id   smallint NOT NULL REFERENCES items,
    as_of     date     NOT NULL,
    run_id    bigint   NOT NULL REFERENCES forecast_runs,
    run_out   real[]   NOT NULL CONSTRAINT outlook_curves_look_ahead CHECK (cardinality(run_out) > 0),
    p10       real[]   NOT NULL,
    mean      real[]   NOT NULL,
    p90       real[]   NOT NULL,
    days_p10  int,
    days_p50  int,
    days_p90  int,
    PRIMARY KEY (region_id, item_id),
    CONSTRAINT outlook_curves_one_shelf CHECK (cardinality(p10) = cardinality(mean) AND cardinality(mean) = cardinality(p90))
);
COMMENT ON TABLE outlook_curves IS 'The shelf of a region day by day from as_of on, as the last night foresaw it; overwritten by the next.';
COMMENT ON COLUMN outlook_curves.run_out IS 'chance that by the end of each day somebody has had to wait';
COMMENT ON COLUMN outlook_curves.mean IS 'pieces on the shelf at the end of each day; p10 and p90 likewise';
COMMENT ON COLUMN outlook_curves.days_p50 IS 'days of stock: in half of all futures the shelf fails somebody within so many; null when beyond the curve';
CALL protect('outlook_curves', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');
