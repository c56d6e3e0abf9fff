-- People as of a date, release by release: the denominators of every ratio of coverage.
--
-- A release (DKB) is cut on 30 June and 31 December and is corrected later: a correction is a new version beside the
-- old one, so that a ratio can still be explained by the numbers it was made of. What a release does not say stays
-- null; the product estimates it when it is read and says so, and never writes an estimate here.

-- +goose Up

CREATE VIEW regions_ever WITH (security_invoker = true) AS
    SELECT r.id, v.code, v.name, v.parent_id, r.level, r.kind, r.zone, r.lon, r.lat, v.valid_to AS ended
    FROM regions r
    CROSS JOIN LATERAL (
        SELECT code, name, parent_id, valid_to
        FROM region_versions
        WHERE region_id = r.id
        ORDER BY valid_from DESC
        LIMIT 1) v;
COMMENT ON VIEW regions_ever IS 'Regions under their last code, name and parent, those that are no more among them; runs with the reach of whoever asks.';
GRANT SELECT ON regions_ever TO blangko_server, blangko_nation;

CREATE TABLE populations (
    region_id   int         NOT NULL REFERENCES regions,
    period      text        NOT NULL CONSTRAINT populations_period_form CHECK (period ~ '^\d{4}-S[12]$'),
    version     int         NOT NULL DEFAULT 1,
    as_of       date        NOT NULL,
    people      bigint      NOT NULL,
    male        bigint,
    female      bigint,
    eligible    bigint,
    children    bigint,
    turning_17  bigint[],
    source      text        NOT NULL,
    note        text        NOT NULL DEFAULT '',
    synthetic   boolean     NOT NULL DEFAULT false,
    import_id   bigint,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region_id, period, version),
    CONSTRAINT populations_not_negative CHECK (people >= 0 AND male >= 0 AND female >= 0 AND eligible >= 0 AND children >= 0),
    CONSTRAINT populations_sexes_add_up CHECK (male + female = people),
    CONSTRAINT populations_months CHECK (cardinality(turning_17) = 12 AND 0 <= ALL (turning_17))
);
CREATE INDEX populations_latest ON populations (region_id, as_of DESC, version DESC);
CREATE INDEX populations_import ON populations (import_id) WHERE import_id IS NOT NULL;
COMMENT ON TABLE populations IS 'People of a region in a release (DKB), every version of it; null is what the release does not say.';
COMMENT ON COLUMN populations.eligible IS 'wajib KTP: 17 and over, or married';
COMMENT ON COLUMN populations.children IS 'people of 0 to 17 years';
COMMENT ON COLUMN populations.turning_17 IS 'who turn 17 in each of the twelve months after as_of';
CALL protect('populations', 'SELECT, INSERT, DELETE', 'region_id');
