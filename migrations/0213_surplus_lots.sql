-- What a count finds too many enters as the fund lot that the counter names, or that the place had last, with its version.

-- +goose Up

ALTER TABLE counts ADD COLUMN lot_id int REFERENCES lots;
COMMENT ON COLUMN counts.lot_id IS 'of what is too many: as the counter named it; when posted, as it entered';
