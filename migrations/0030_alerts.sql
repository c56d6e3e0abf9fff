-- What should be looked at: one alert per region and cause while the cause lasts. Who asks whether it still lasts
-- (the nightly forecast, a check of the data) settles it; a person only acknowledges or snoozes.

-- +goose Up

CREATE TABLE alerts (
    region_id       int         NOT NULL REFERENCES regions,
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    cause           text        NOT NULL CONSTRAINT alerts_cause_form CHECK (cause ~ '^[a-z]+(-[a-z]+)*$'),
    level           text        NOT NULL CONSTRAINT alerts_level CHECK (level IN ('watch', 'warning', 'critical')),
    state           text        NOT NULL CONSTRAINT alerts_state CHECK (state IN ('open', 'acknowledged', 'closed')),
    probability     double precision NOT NULL CONSTRAINT alerts_probability CHECK (probability BETWEEN 0 AND 1),
    facts           jsonb       NOT NULL DEFAULT '{}',
    calm            smallint    NOT NULL DEFAULT 0,
    escalation      smallint    NOT NULL DEFAULT 0 CONSTRAINT alerts_escalation CHECK (escalation BETWEEN 0 AND 2),
    opened_at       timestamptz NOT NULL,
    opened_by       text        NOT NULL,
    critical_since  timestamptz,
    settled_at      timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by text        NOT NULL DEFAULT '',
    note            text        NOT NULL DEFAULT '' CONSTRAINT alerts_note_length CHECK (length(note) <= 500),
    snoozed_until   date,
    closed_at       timestamptz,
    closed_by       text        NOT NULL DEFAULT '',
    version         bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (region_id, id),
    CONSTRAINT alerts_acknowledged_by_somebody CHECK (state <> 'acknowledged' OR acknowledged_at IS NOT NULL),
    CONSTRAINT alerts_closed_at_some_time CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX alerts_one_per_cause ON alerts (region_id, cause) WHERE state <> 'closed';
CREATE INDEX alerts_id ON alerts (id);
COMMENT ON TABLE alerts IS 'One alert per region and cause that is not closed, with the probability of what it warns of.';
COMMENT ON COLUMN alerts.calm IS 'runs in a row in which the probability lay clearly below the level; two of them lower or close it';
COMMENT ON COLUMN alerts.escalation IS 'who should see it: 0 the region, 1 its province, 2 the nation';
CALL protect('alerts', 'SELECT, INSERT, UPDATE', 'region_id');

CREATE TABLE alert_events (
    region_id   int         NOT NULL,
    alert_id    bigint      NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    event       text        NOT NULL CONSTRAINT alert_events_event CHECK (event IN
        ('opened', 'raised', 'lowered', 'escalated', 'acknowledged', 'snoozed', 'closed')),
    level       text        NOT NULL,
    probability double precision NOT NULL,
    at          timestamptz NOT NULL,
    actor       text        NOT NULL,
    note        text        NOT NULL DEFAULT '',
    PRIMARY KEY (region_id, alert_id, id),
    CONSTRAINT alert_events_of_an_alert FOREIGN KEY (region_id, alert_id) REFERENCES alerts (region_id, id)
);
COMMENT ON TABLE alert_events IS 'What became of an alert, step by step.';
CALL protect('alert_events', 'SELECT, INSERT', 'region_id');
