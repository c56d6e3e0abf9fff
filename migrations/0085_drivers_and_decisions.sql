-- What moves demand and is known beforehand, and what was made of what was foreseen.
--
-- Pupils of sixteen are recorded at school and come for their card on a known birthday; a circular switches classes of
-- service off for a while. A decision keeps what the forecast said on the day, what was decided, and later what came.

-- +goose Up

CREATE TABLE early_recordings (
    region_id   int         NOT NULL REFERENCES regions,
    month       date        NOT NULL CONSTRAINT early_recordings_month_begins CHECK (extract(day FROM month) = 1),
    people      bigint      NOT NULL CONSTRAINT early_recordings_people CHECK (people BETWEEN 0 AND 1000000),
    note        text        NOT NULL DEFAULT '' CONSTRAINT early_recordings_note_length CHECK (length(note) <= 500),
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (region_id, month)
);
COMMENT ON TABLE early_recordings IS 'How many people recorded at sixteen turn seventeen in a month: their cards can be printed from then on.';
CALL protect('early_recordings', 'SELECT, INSERT, UPDATE', 'region_id');

CREATE TABLE circulars (
    region_id   int         NOT NULL REFERENCES regions,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    document    text        NOT NULL CONSTRAINT circulars_document_length CHECK (length(document) BETWEEN 1 AND 100),
    classes     text[]      NOT NULL CONSTRAINT circulars_classes CHECK (cardinality(classes) BETWEEN 1 AND 6
        AND classes <@ ARRAY['first-time', 'moved', 'marital', 'damaged', 'lost', 'data-change']),
    from_day    date        NOT NULL,
    until_day   date        CONSTRAINT circulars_end_after_start CHECK (until_day > from_day),
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    version     bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (region_id, id),
    CONSTRAINT circulars_once UNIQUE (region_id, document)
);
COMMENT ON TABLE circulars IS 'Classes of service that a circular switches off in a region and everything below it, from a day until before another (null: until further notice).';
CALL protect('circulars', 'SELECT, INSERT, UPDATE', 'region_id');
-- A circular of the nation or a province holds for everybody below, whoever they are.
-- +goose StatementBegin
CREATE FUNCTION circulars_in_force() RETURNS TABLE (region_id int, id bigint, region text, document text, classes text[], from_day date, until_day date,
    recorded_by text, recorded_at timestamptz, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.region_id, c.id, r.code, c.document, c.classes, c.from_day, c.until_day, c.recorded_by, c.recorded_at, c.version
    FROM circulars c
    JOIN regions_ever r ON r.id = c.region_id
$$;
-- +goose StatementEnd

CREATE TABLE decisions (
    region_id   int         NOT NULL REFERENCES regions,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    item_id     smallint    NOT NULL REFERENCES items,
    kind        text        NOT NULL CONSTRAINT decisions_kind CHECK (kind IN ('request', 'allocation', 'note')),
    source      text        NOT NULL CONSTRAINT decisions_source_length CHECK (length(source) BETWEEN 1 AND 100),
    day         date        NOT NULL,
    forecast_on date,
    said        jsonb       NOT NULL DEFAULT '{}',
    decided     jsonb       NOT NULL,
    note        text        NOT NULL DEFAULT '' CONSTRAINT decisions_note_length CHECK (length(note) <= 500),
    decided_by  text        NOT NULL,
    closes_on   date        NOT NULL,
    happened    jsonb,
    closed_on   date,
    PRIMARY KEY (region_id, id),
    CONSTRAINT decisions_once UNIQUE (region_id, kind, source),
    CONSTRAINT decisions_closed_with_what_came CHECK ((happened IS NULL) = (closed_on IS NULL))
);
CREATE INDEX decisions_newest ON decisions (day DESC, id DESC);
CREATE INDEX decisions_open ON decisions (closes_on) WHERE closed_on IS NULL;
COMMENT ON TABLE decisions IS 'The journal: what the forecast said of a region on the day of a decision, what was decided, and what came until closes_on.';
COMMENT ON COLUMN decisions.source IS 'the document decided on, or the number of a note';
CALL protect('decisions', 'SELECT, INSERT, UPDATE', 'region_id');

-- Use by purpose is read for the last year; a BRIN costs the posting next to nothing.
CREATE INDEX moves_by_day ON moves USING brin (business_date);
