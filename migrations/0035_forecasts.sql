-- What the nightly run foresaw, kept night by night, so that every statement can be held against what came.
--
-- A forecast is of one month as seen on one day (as_of); an outlook is of the shelf as seen on that day. What came is
-- written beside them when the month or the horizon has passed. Expected values are real numbers; nothing here is stock.

-- +goose Up

CREATE TABLE forecast_runs (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    as_of       date        NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    regions     int         NOT NULL,
    failed      int         NOT NULL,
    paths       int         NOT NULL,
    facts       jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX forecast_runs_as_of ON forecast_runs (as_of DESC, id DESC);
COMMENT ON TABLE forecast_runs IS 'Each run of the forecast: how many regions it covered and how many it could not.';
CALL open_to_all('forecast_runs', 'SELECT, INSERT');

CREATE TABLE forecast_failures (
    region_id int    NOT NULL REFERENCES regions,
    run_id    bigint NOT NULL REFERENCES forecast_runs,
    code      text   NOT NULL,
    detail    text   NOT NULL,
    PRIMARY KEY (region_id, run_id)
);
COMMENT ON TABLE forecast_failures IS 'Regions that a run could not forecast, and why; what was foreseen for them before still stands.';
CALL protect('forecast_failures', 'SELECT, INSERT', 'region_id');

CREATE TABLE forecasts (
    region_id  int      NOT NULL REFERENCES regions,
    item_id    smallint NOT NULL REFERENCES items,
    month      date     NOT NULL CONSTRAINT forecasts_month_begins CHECK (extract(day FROM month) = 1),
    as_of      date     NOT NULL,
    run_id     bigint   NOT NULL REFERENCES forecast_runs,
    method     text     NOT NULL,
    mean       double precision NOT NULL CONSTRAINT forecasts_mean_not_negative CHECK (mean >= 0),
    p025       double precision NOT NULL,
    p10        double precision NOT NULL,
    p50        double precision NOT NULL,
    p90        double precision NOT NULL,
    p975       double precision NOT NULL,
    naive      double precision,
    average    double precision,
    scale      double precision,
    components jsonb    NOT NULL DEFAULT '{}',
    actual     double precision,
    scored_on  date,
    PRIMARY KEY (region_id, item_id, month, as_of),
    CONSTRAINT forecasts_quantiles_ordered CHECK (p025 <= p10 AND p10 <= p50 AND p50 <= p90 AND p90 <= p975)
);
CREATE INDEX forecasts_unscored ON forecasts (month) WHERE scored_on IS NULL;
COMMENT ON TABLE forecasts IS 'Demand of a region in a month as foreseen on a day, pieces.';
COMMENT ON COLUMN forecasts.naive IS 'what seasonal naive said: the demand of the same month a year before';
COMMENT ON COLUMN forecasts.average IS 'what the mean of the last three months said';
COMMENT ON COLUMN forecasts.scale IS 'mean absolute seasonal difference of the history, the denominator of scaled errors';
COMMENT ON COLUMN forecasts.actual IS 'demand that came; null while the month lasts, and for ever when empty shelves hid it';
CALL protect('forecasts', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');

CREATE TABLE outlooks (
    region_id    int      NOT NULL REFERENCES regions,
    item_id      smallint NOT NULL REFERENCES items,
    as_of        date     NOT NULL,
    run_id       bigint   NOT NULL REFERENCES forecast_runs,
    on_hand      bigint   NOT NULL,
    incoming     bigint   NOT NULL,
    horizon_days int      NOT NULL CONSTRAINT outlooks_horizon_positive CHECK (horizon_days > 0),
    run_out      double precision NOT NULL CONSTRAINT outlooks_run_out_is_a_probability CHECK (run_out BETWEEN 0 AND 1),
    short        double precision NOT NULL,
    person_days  double precision NOT NULL,
    order_up_to  double precision NOT NULL,
    happened     boolean,
    scored_on    date,
    PRIMARY KEY (region_id, item_id, as_of)
);
CREATE INDEX outlooks_unscored ON outlooks (as_of) WHERE scored_on IS NULL;
COMMENT ON TABLE outlooks IS 'The shelf of a region as foreseen on a day: the chance that somebody has to wait within the horizon (the p90 lead time), and how many.';
COMMENT ON COLUMN outlooks.happened IS 'whether it came so: the demand of the horizon exceeded what was there and on its way; null while it lasts';
CALL protect('outlooks', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');
