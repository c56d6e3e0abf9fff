-- A tile of gaps shows the points of regions without a border. To find them, every region of the country was read for every
-- tile.

-- +goose Up

CREATE INDEX regions_at ON regions (level, lon, lat) WHERE heir_id IS NULL;
