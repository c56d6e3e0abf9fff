-- Versions of the blank, and which of them the printers of an office take.
--
-- A batch is bought in a version, so the version stands with the fund lot: pieces of different versions are kept apart in
-- every account, and what is sent, lent or divided is taken from lots that the receiver can print on.

-- +goose Up

ALTER TABLE lots ADD COLUMN version text NOT NULL DEFAULT '' CONSTRAINT lots_version_form CHECK (version ~ '^([0-9A-Za-z][0-9A-Za-z.]{0,9})?$');
COMMENT ON COLUMN lots.version IS 'of the blank, such as 4.8; empty where every printer takes it';
CREATE UNIQUE INDEX lots_one_of_a_version ON lots (fund, version) WHERE earmark_region_id IS NULL;

ALTER TABLE places ADD COLUMN printer_versions text[];
COMMENT ON COLUMN places.printer_versions IS 'versions of the blank that its printers take; null: as its office, and an office all';

ALTER TABLE allocations ADD COLUMN blank_version text NOT NULL DEFAULT '';
COMMENT ON COLUMN allocations.blank_version IS 'version of the blanks that it divides';

-- +goose StatementBegin
CREATE FUNCTION takes_version(place_id int, version text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT takes_version.version = '' OR coalesce(takes_version.version = ANY (coalesce(p.printer_versions, (
        SELECT o.printer_versions
        FROM places o
        WHERE p.kind IN ('service', 'team') AND o.kind = 'regency'
          AND (o.region_id = p.region_id
               OR o.region_id IN (SELECT v.parent_id FROM region_versions v WHERE v.region_id = p.region_id AND v.valid_to IS NULL))
        LIMIT 1))), true)
    FROM places p
    WHERE p.id = takes_version.place_id
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION takes_version IS 'Whether the printers of a place take a version of the blank; the place may be out of reach.';
