-- A list that comes again with new counts adds them to the sites that are known, and taking it back takes them off.

-- +goose Up

ALTER TABLE site_heads ADD COLUMN import_id bigint;
COMMENT ON COLUMN site_heads.import_id IS 'the import that counted a site which was known already; null otherwise';
CREATE INDEX site_heads_import ON site_heads (import_id) WHERE import_id IS NOT NULL;
