-- Regions: what a kabupaten is stays, what it is called and to whom it belongs changes.
--
-- Every other table holds regions.id, so that a new code, name or parent touches no row, no key and no hash chain.
-- Code, name and parent stand in dated rows, half open: valid_from is the first day, valid_to the first day after.
-- A change is entered on the day it takes effect, never ahead: the row without valid_to is today's.

-- +goose Up

-- Exclusion constraints over a number and a range of dates need equality in GiST. The extension is trusted: whoever may
-- create in the database may create it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE regions (
    id    int              PRIMARY KEY,
    level smallint         NOT NULL CONSTRAINT regions_level_known CHECK (level BETWEEN 0 AND 4),
    kind  text             NOT NULL,
    zone  text             NOT NULL CONSTRAINT regions_zone_known CHECK (zone IN ('WIB', 'WITA', 'WIT')),
    lon   double precision NOT NULL,
    lat   double precision NOT NULL,
    CONSTRAINT regions_kind_fits_level CHECK ((level, kind) IN (
        (0, 'nation'), (1, 'province'), (2, 'regency'), (2, 'city'), (3, 'district'), (4, 'village'))),
    CONSTRAINT regions_point_in_indonesia CHECK (lon BETWEEN 94 AND 142 AND lat BETWEEN -12 AND 7),
    CONSTRAINT regions_id_with_level UNIQUE (id, level)
);
COMMENT ON TABLE regions IS 'Indonesia''s regions, past and present. The id is never reused and no row is ever deleted.';
COMMENT ON COLUMN regions.level IS '0 nation, 1 province, 2 regency or city, 3 district (kecamatan), 4 village (desa, kelurahan)';
COMMENT ON COLUMN regions.lon IS 'WGS84 degrees of a representative point: where people live, where that is known';
CALL open_to_all('regions', 'SELECT');
GRANT INSERT, UPDATE ON regions TO blangko_nation;

CREATE TABLE region_versions (
    region_id  int              NOT NULL,
    -- COLLATE "C": codes under 12.7 are those between '12.7.' and '12.7/', found by the index.
    code       text COLLATE "C" NOT NULL
        CONSTRAINT region_versions_code_form CHECK (code ~ '^(00|[1-9]\d(\.\d{2}(\.\d{2}(\.\d{4})?)?)?)$'),
    level      smallint         GENERATED ALWAYS AS (
        CASE length(code) WHEN 2 THEN CASE code WHEN '00' THEN 0 ELSE 1 END WHEN 5 THEN 2 WHEN 8 THEN 3 ELSE 4 END) STORED,
    name       text             NOT NULL CONSTRAINT region_versions_name_given CHECK (name <> ''),
    parent_id  int              REFERENCES regions (id),
    valid_from date             NOT NULL,
    valid_to   date,
    PRIMARY KEY (region_id, valid_from),
    -- A code says its level; it must be the region's.
    CONSTRAINT region_versions_level_of_code FOREIGN KEY (region_id, level) REFERENCES regions (id, level),
    CONSTRAINT region_versions_parent_above CHECK ((code = '00') = (parent_id IS NULL) AND parent_id <> region_id),
    CONSTRAINT region_versions_lasts_a_day CHECK (valid_from < valid_to),
    -- Over numbers made of code and id: GiST is thrice as fast with them as with text, and no query on the columns
    -- themselves takes these indexes for the far cheaper ones below.
    CONSTRAINT region_versions_one_region_per_code
        EXCLUDE USING gist ((replace(code, '.', '')::bigint) WITH =, daterange(valid_from, valid_to) WITH &&),
    CONSTRAINT region_versions_one_version_per_region
        EXCLUDE USING gist ((region_id::bigint) WITH =, daterange(valid_from, valid_to) WITH &&)
);
CREATE INDEX region_versions_code ON region_versions (code, valid_from);
CREATE INDEX region_versions_parent ON region_versions (parent_id);
-- Today's code of a region and today's region of a code.
CREATE UNIQUE INDEX region_versions_region_today ON region_versions (region_id) INCLUDE (code) WHERE valid_to IS NULL;
COMMENT ON TABLE region_versions IS 'Code, name and parent of a region from one day until before another. The row without valid_to is today''s.';
CALL protect('region_versions', 'SELECT', 'region_id');
GRANT INSERT, UPDATE ON region_versions TO blangko_nation;
