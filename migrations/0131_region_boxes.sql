-- When regions split or merge, sealed boxes go with their pieces: a step of custody of its own. What was noted of pupils
-- recorded early is added to the heir's.

-- +goose Up

ALTER TABLE custody DROP CONSTRAINT custody_kind;
ALTER TABLE custody ADD CONSTRAINT custody_kind CHECK (kind IN ('delivered', 'split', 'packed', 'unpacked', 'dispatched', 'returned',
    'received', 'rolled-back', 'opened', 'spoiled', 'frozen', 'unfrozen', 'lost', 'destroyed', 'transferred'));
GRANT DELETE ON early_recordings TO blangko_server, blangko_nation;

-- A region that has merged is called as its heir, as regions_today does: papers that name it have an end with a code still.
CREATE OR REPLACE FUNCTION region_code(id int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT v.code
    FROM regions r
    JOIN region_versions v ON v.region_id = coalesce(r.heir_id, r.id) AND v.valid_to IS NULL
    WHERE r.id = region_code.id
$$;
COMMENT ON FUNCTION region_code IS 'Official code of today of a region, or of the one it has merged into, in reach or not.';
CREATE OR REPLACE FUNCTION region_label(id int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT v.name
    FROM regions r
    JOIN region_versions v ON v.region_id = coalesce(r.heir_id, r.id) AND v.valid_to IS NULL
    WHERE r.id = region_label.id
$$;
COMMENT ON FUNCTION region_label IS 'Name of today of a region, or of the one it has merged into, in reach or not.';
