-- Photographs that go with a discrepancy, seen by its two parties, and how long they are kept.

-- +goose Up

CREATE TABLE photos (
    region_id        int         NOT NULL,
    sender_region_id int         NOT NULL,
    id               bigint      GENERATED ALWAYS AS IDENTITY,
    discrepancy_id   bigint      NOT NULL,
    image            bytea       NOT NULL,
    width            int         NOT NULL CONSTRAINT photos_width CHECK (width BETWEEN 1 AND 2048),
    height           int         NOT NULL CONSTRAINT photos_height CHECK (height BETWEEN 1 AND 2048),
    added_at         timestamptz NOT NULL,
    added_by         text        NOT NULL,
    kept_until       date        NOT NULL,
    PRIMARY KEY (region_id, id),
    CONSTRAINT photos_of_a_discrepancy FOREIGN KEY (region_id, discrepancy_id) REFERENCES discrepancies (region_id, id)
);
ALTER TABLE photos ALTER COLUMN image SET STORAGE EXTERNAL; -- JPEG does not get smaller
CREATE INDEX photos_discrepancy ON photos (region_id, discrepancy_id);
CREATE INDEX photos_kept_until ON photos (kept_until);
COMMENT ON TABLE photos IS 'Evidence of a discrepancy: a JPEG written anew, without metadata. Dropped after kept_until once the case is settled.';
CALL protect('photos', 'SELECT, INSERT, DELETE', 'region_id', 'sender_region_id');
