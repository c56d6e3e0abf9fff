-- +goose Up

ALTER TABLE sites
    ADD COLUMN checked text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN sites.checked IS 'flags that a person looked at and found nothing wrong with';
