-- What an import made, so that it can be taken back: moves of the ledger by their number, users by a mark of their own.

-- +goose Up

CREATE TABLE import_moves (
    region_id      int    NOT NULL REFERENCES regions,
    import_id      bigint NOT NULL,
    move_region_id int    NOT NULL,
    move_id        bigint NOT NULL,
    PRIMARY KEY (region_id, import_id, move_region_id, move_id)
);
COMMENT ON TABLE import_moves IS 'Moves that an import posted; the region is that of the place they went to.';
CALL protect('import_moves', 'SELECT, INSERT', 'region_id');

ALTER TABLE users ADD COLUMN import_id bigint;
CREATE INDEX users_import ON users (import_id) WHERE import_id IS NOT NULL;
COMMENT ON COLUMN users.import_id IS 'the import that made the user; null when somebody entered it';
GRANT DELETE ON users TO blangko_server, blangko_nation;
