-- What each region is expected to need: written by the nightly forecast through inventory.SetNeeds, read by stock
-- states, suggestions and allocations. Expected values are real numbers; nothing here is stock.

-- +goose Up

CREATE TABLE needs (
    region_id     int              NOT NULL REFERENCES regions,
    item_id       smallint         NOT NULL REFERENCES items,
    as_of         date             NOT NULL,
    method        text             NOT NULL,
    daily_mean    double precision NOT NULL CONSTRAINT needs_daily_mean_not_negative CHECK (daily_mean >= 0),
    horizon_days  int              NOT NULL CONSTRAINT needs_horizon_positive CHECK (horizon_days > 0),
    mean          double precision NOT NULL,
    sd            double precision NOT NULL,
    p10           double precision NOT NULL,
    p50           double precision NOT NULL,
    p80           double precision NOT NULL,
    p90           double precision NOT NULL,
    p95           double precision NOT NULL,
    print_ready   bigint           NOT NULL DEFAULT 0,
    planned_visits bigint          NOT NULL DEFAULT 0,
    lead_p50      double precision NOT NULL,
    lead_p90      double precision NOT NULL,
    run_out       double precision NOT NULL CONSTRAINT needs_run_out_is_a_probability CHECK (run_out BETWEEN 0 AND 1),
    run_out_p10   date,
    run_out_p50   date,
    run_out_p90   date,
    made_at       timestamptz      NOT NULL DEFAULT now(),
    PRIMARY KEY (region_id, item_id),
    CONSTRAINT needs_quantiles_ordered CHECK (p10 <= p50 AND p50 <= p80 AND p80 <= p90 AND p90 <= p95)
);
COMMENT ON TABLE needs IS 'Demand of a region over the horizon (lead time and review period): mean, spread and quantiles in pieces; run_out is the probability of an empty shelf before a new delivery can arrive.';
CALL protect('needs', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');
