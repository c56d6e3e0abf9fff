-- What the print system counted, place by place and day by day, held against what the ledger issued.

-- +goose Up

CREATE TABLE print_counts (
    region_id int      NOT NULL REFERENCES regions,
    place_id  int      NOT NULL REFERENCES places,
    item_id   smallint NOT NULL REFERENCES items,
    day       date     NOT NULL,
    import_id bigint   NOT NULL,
    purpose   text     NOT NULL DEFAULT '',
    printed   bigint   NOT NULL CONSTRAINT print_counts_printed CHECK (printed BETWEEN 0 AND 100000000),
    failed    bigint   NOT NULL DEFAULT 0 CONSTRAINT print_counts_failed CHECK (failed BETWEEN 0 AND 100000000),
    PRIMARY KEY (region_id, place_id, item_id, day, import_id, purpose)
);
CREATE INDEX print_counts_import ON print_counts (import_id);
COMMENT ON TABLE print_counts IS 'Cards that the print system says were printed, as imported: for a day the newest import holds, so that undoing it brings the one before back. A day inside the span of a file that it does not name counts as none.';
COMMENT ON COLUMN print_counts.purpose IS 'why the cards were printed; empty where the file does not say';
CALL protect('print_counts', 'SELECT, INSERT, DELETE', 'region_id');

CREATE TABLE reconciliations (
    region_id    int      NOT NULL REFERENCES regions,
    id           bigint   GENERATED ALWAYS AS IDENTITY,
    place_id     int      NOT NULL REFERENCES places,
    item_id      smallint NOT NULL REFERENCES items,
    day          date     NOT NULL,
    explained    bigint,
    reason       text     NOT NULL DEFAULT '',
    note         text     NOT NULL DEFAULT '' CONSTRAINT reconciliations_note_length CHECK (length(note) <= 500),
    explained_at timestamptz,
    explained_by text     NOT NULL DEFAULT '',
    version      bigint   NOT NULL DEFAULT 1,
    PRIMARY KEY (region_id, id),
    CONSTRAINT reconciliations_one_a_day UNIQUE (region_id, place_id, item_id, day),
    CONSTRAINT reconciliations_explained_by_somebody CHECK ((explained IS NULL) = (explained_at IS NULL) AND (explained IS NULL) = (reason = ''))
);
CREATE INDEX reconciliations_id ON reconciliations (id);
CREATE INDEX reconciliations_day ON reconciliations (day, id);
COMMENT ON TABLE reconciliations IS 'A day of a place of which prints were counted. explained is the difference that was explained: another one is open again.';
CALL protect('reconciliations', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');

-- Use is issuing and spoiling; the flows by day know their sum. Spoiled lines are rare, so an index of them alone costs
-- a posting nothing.
CREATE INDEX move_lines_spoiled ON move_lines (region_id, source_place_id)
    WHERE source_place_id = target_place_id AND (target_condition = 'spoiled' OR source_condition = 'spoiled');
