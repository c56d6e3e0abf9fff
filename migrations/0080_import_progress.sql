-- How far a file is that is being taken in. The import's own transaction would hide it until its end, so it is said
-- beside it, once a second; and each wrong cell is named as Excel names it.

-- +goose Up

CREATE TABLE import_progress (
    region_id int         NOT NULL REFERENCES regions,
    id        bigint      GENERATED ALWAYS AS IDENTITY,
    kind      text        NOT NULL,
    file      text        NOT NULL,
    done      bigint      NOT NULL,
    total     bigint      NOT NULL,
    actor     text        NOT NULL,
    began_at  timestamptz NOT NULL DEFAULT now(),
    seen_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region_id, id)
);
COMMENT ON TABLE import_progress IS 'Files that are being taken in and how far they are; what was not seen for a minute belongs to a process that died.';
CALL protect('import_progress', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');

ALTER TABLE import_errors ADD COLUMN cell text NOT NULL DEFAULT '';
COMMENT ON COLUMN import_errors.cell IS 'as Excel names it, such as D50';
