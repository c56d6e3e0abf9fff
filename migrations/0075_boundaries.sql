-- Borders of regions as they were handed in, and drawn coarser for each zoom of a map.
--
-- A later import of a region's border stands in front of the earlier one, which holds again when the later is undone.
-- Borders are public facts: tiles of them are for everybody and read as the system.

-- +goose Up

CREATE TABLE boundaries (
    region_id  int         NOT NULL REFERENCES regions,
    import_id  bigint      NOT NULL,
    level      smallint    NOT NULL,
    current    boolean     NOT NULL,
    points     int         NOT NULL CONSTRAINT boundaries_points CHECK (points >= 4),
    digest     bytea       NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (region_id, import_id)
);
CREATE UNIQUE INDEX boundaries_one_is_current ON boundaries (region_id) WHERE current;
CREATE INDEX boundaries_import ON boundaries (import_id);
COMMENT ON TABLE boundaries IS 'A border of a region as one import brought it; the latest that was not undone is current.';
COMMENT ON COLUMN boundaries.digest IS 'SHA-256 of the shape, so that the same one again is known';
CALL protect('boundaries', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');

CREATE TABLE boundary_shapes (
    region_id  int         NOT NULL,
    import_id  bigint      NOT NULL,
    zoom       smallint    NOT NULL,
    level      smallint    NOT NULL,
    current    boolean     NOT NULL,
    bounds     box         NOT NULL,
    shape      bytea       NOT NULL,
    PRIMARY KEY (region_id, import_id, zoom),
    CONSTRAINT boundary_shapes_of_a_boundary FOREIGN KEY (region_id, import_id) REFERENCES boundaries ON DELETE CASCADE
);
CREATE INDEX boundary_shapes_met ON boundary_shapes USING gist (level, zoom, bounds) WHERE current;
COMMENT ON TABLE boundary_shapes IS 'The border as it is drawn at a zoom of a map, the last zoom as it came; bounds in WGS84 degrees, shape as WKB.';
CALL protect('boundary_shapes', 'SELECT, INSERT, UPDATE, DELETE', 'region_id');
