-- What was published or reported about how many people have a recording, a card, a birth certificate and so on, and
-- what in it cannot be right.
--
-- Figures contradict each other and exceed 100 %. They are kept as printed; what is wrong with them is a finding
-- beside them. No constraint here compares two numbers of one figure, on purpose.

-- +goose Up

CREATE TABLE imports (
    region_id  int         NOT NULL REFERENCES regions,
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    kind       text        NOT NULL,
    file       text        NOT NULL CONSTRAINT imports_file_length CHECK (length(file) <= 300),
    digest     bytea       NOT NULL,
    layout     text        NOT NULL DEFAULT '',
    strict     boolean     NOT NULL,
    state      text        NOT NULL CONSTRAINT imports_state CHECK (state IN ('done', 'refused', 'undone')),
    rows       bigint      NOT NULL,
    taken      bigint      NOT NULL,
    unchanged  bigint      NOT NULL,
    bad        bigint      NOT NULL,
    actor_id   bigint      NOT NULL,
    actor      text        NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (region_id, id),
    CONSTRAINT imports_rows_add_up CHECK (state = 'refused' OR rows = taken + unchanged + bad)
);
CREATE INDEX imports_newest ON imports (id DESC);
COMMENT ON TABLE imports IS 'Files that were taken in: the region is the top of what the importer reached.';
COMMENT ON COLUMN imports.digest IS 'SHA-256 of the file as it came';
CALL protect('imports', 'SELECT, INSERT, UPDATE', 'region_id');

CREATE TABLE import_errors (
    region_id int    NOT NULL,
    import_id bigint NOT NULL,
    id        int    NOT NULL,
    row       int    NOT NULL,
    "column"  text   NOT NULL,
    value     text   NOT NULL,
    code      text   NOT NULL,
    facts     jsonb,
    PRIMARY KEY (region_id, import_id, id),
    FOREIGN KEY (region_id, import_id) REFERENCES imports ON DELETE CASCADE
);
COMMENT ON TABLE import_errors IS 'Each wrong cell of a file. A cell that may identify a person is kept without its value.';
CALL protect('import_errors', 'SELECT, INSERT', 'region_id');

CREATE TABLE import_rows (
    region_id int    NOT NULL,
    import_id bigint NOT NULL,
    row       int    NOT NULL,
    cells     text[] NOT NULL,
    PRIMARY KEY (region_id, import_id, row),
    FOREIGN KEY (region_id, import_id) REFERENCES imports ON DELETE CASCADE
);
COMMENT ON TABLE import_rows IS 'The rows that were not taken, to be mended and imported again; row 0 is the heading.';
CALL protect('import_rows', 'SELECT, INSERT', 'region_id');

CREATE TABLE figures (
    region_id       int         NOT NULL REFERENCES regions,
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    subject         text        NOT NULL CONSTRAINT figures_subject CHECK (subject IN
        ('recording', 'card', 'birth-certificate', 'child-card', 'digital-id')),
    scope           text        NOT NULL CONSTRAINT figures_scope_form CHECK (scope ~ '^[a-z0-9_-]{1,60}$'),
    people_group    text        NOT NULL DEFAULT '' CONSTRAINT figures_group_form CHECK (people_group ~ '^[a-z0-9_-]{0,60}$'),
    as_of           date        NOT NULL,
    precision       text        NOT NULL CONSTRAINT figures_precision CHECK (precision IN ('day', 'month', 'year')),
    period          text        CONSTRAINT figures_period_form CHECK (period ~ '^\d{4}-S[12]$'),
    era             smallint    NOT NULL,
    people          bigint,
    have            bigint,
    lack            bigint,
    percent         numeric(9,4),
    sent            bigint,
    adjudication    bigint,
    duplicate       bigint,
    print_ready     bigint,
    interim_letters bigint,
    source          text        NOT NULL CONSTRAINT figures_source_length CHECK (length(source) BETWEEN 1 AND 500),
    note            text        NOT NULL DEFAULT '' CONSTRAINT figures_note_length CHECK (length(note) <= 1000),
    status          text        NOT NULL CONSTRAINT figures_status CHECK (status IN ('draft', 'submitted', 'verified')),
    synthetic       boolean     NOT NULL DEFAULT false,
    import_id       bigint,
    import_row      int         NOT NULL DEFAULT 0,
    recorded_id     bigint      NOT NULL,
    recorded_by     text        NOT NULL,
    recorded_at     timestamptz NOT NULL,
    verified_by     text,
    verified_at     timestamptz,
    version         bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (region_id, id),
    CONSTRAINT figures_not_negative CHECK (people >= 0 AND have >= 0 AND lack >= 0 AND percent >= 0 AND sent >= 0
        AND adjudication >= 0 AND duplicate >= 0 AND print_ready >= 0 AND interim_letters >= 0),
    CONSTRAINT figures_say_something CHECK (num_nonnulls(people, have, lack, percent, sent, adjudication, duplicate, print_ready, interim_letters) > 0),
    CONSTRAINT figures_verified_by_somebody CHECK ((status = 'verified') = (verified_by IS NOT NULL)),
    CONSTRAINT figures_said_once UNIQUE (region_id, subject, scope, people_group, as_of, precision, source)
);
CREATE INDEX figures_latest ON figures (region_id, subject, scope, people_group, as_of DESC, id DESC) WHERE status <> 'draft';
CREATE INDEX figures_id ON figures (id);
CREATE INDEX figures_import ON figures (import_id) WHERE import_id IS NOT NULL;
COMMENT ON TABLE figures IS 'How many of some people have a document: counts, or a bare percentage, as the source printed them.';
COMMENT ON COLUMN figures.scope IS 'which people: wajib_ktp, dp4 (voters), dukcapil_admin, bps_susenas_0_17 …';
COMMENT ON COLUMN figures.as_of IS 'the day, or the first day of the month or year when the source says no more (precision)';
COMMENT ON COLUMN figures.era IS 'how many provinces the source counted; it says which region a code meant';
COMMENT ON COLUMN figures.import_row IS 'row of the file it came with, 0 for none';
COMMENT ON COLUMN figures.percent IS 'as printed, not computed';
CALL protect('figures', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');

CREATE TABLE findings (
    region_id    int         NOT NULL REFERENCES regions,
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    figure_id    bigint      NOT NULL,
    rule         text        NOT NULL CONSTRAINT findings_rule CHECK (rule IN
        ('above-100', 'parts-do-not-add-up', 'percent-differs', 'stage-exceeds-recorded', 'parts-exceed-parent', 'parts-differ-from-parent', 'jump', 'exceeds-population', 'stale')),
    facts        jsonb       NOT NULL,
    state        text        NOT NULL DEFAULT 'open' CONSTRAINT findings_state CHECK (state IN ('open', 'acknowledged', 'corrected')),
    found_at     timestamptz NOT NULL DEFAULT now(),
    settled_by   text,
    settled_at   timestamptz,
    reason       text        NOT NULL DEFAULT '',
    version      bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (region_id, id),
    FOREIGN KEY (region_id, figure_id) REFERENCES figures (region_id, id) ON DELETE CASCADE,
    CONSTRAINT findings_once UNIQUE (region_id, figure_id, rule),
    CONSTRAINT findings_settled_by_somebody CHECK ((state = 'open') = (settled_by IS NULL))
);
CREATE INDEX findings_id ON findings (id);
COMMENT ON TABLE findings IS 'What cannot be right about a figure, with the numbers that say so. A finding is settled by whoever looked, or by a correction, never silently.';
CALL protect('findings', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');

CREATE TABLE targets (
    region_id int          NOT NULL REFERENCES regions,
    subject   text         NOT NULL,
    year      smallint     NOT NULL CONSTRAINT targets_year CHECK (year BETWEEN 2010 AND 2100),
    percent   numeric(9,4) NOT NULL CONSTRAINT targets_percent CHECK (percent BETWEEN 0 AND 100),
    source    text         NOT NULL DEFAULT '',
    version   bigint       NOT NULL DEFAULT 1,
    PRIMARY KEY (region_id, subject, year)
);
COMMENT ON TABLE targets IS 'What coverage a region shall have reached by the end of a year; a region without one has its parent''s.';
CALL protect('targets', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');
INSERT INTO targets (region_id, subject, year, percent, source)
SELECT r.id, t.subject, t.year, t.percent, 'Ditjen Dukcapil, target nasional'
FROM regions r, (VALUES ('recording', 2023, 99.4), ('birth-certificate', 2023, 98), ('child-card', 2023, 50), ('child-card', 2025, 62),
    ('digital-id', 2023, 25), ('digital-id', 2024, 30), ('digital-id', 2026, 30)) t (subject, year, percent)
WHERE r.level = 0;

CREATE TABLE visit_yields (
    region_id   int         NOT NULL REFERENCES regions,
    visit       text        NOT NULL CONSTRAINT visit_yields_visit_length CHECK (length(visit) BETWEEN 1 AND 100),
    subject     text        NOT NULL,
    day         date        NOT NULL,
    people      bigint      NOT NULL CONSTRAINT visit_yields_not_negative CHECK (people >= 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region_id, visit, subject)
);
CREATE INDEX visit_yields_day ON visit_yields (subject, day);
COMMENT ON TABLE visit_yields IS 'People whom a visit gave a document. They stand beside the official figures until a later figure counts them, and never change one.';
CALL protect('visit_yields', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');
