-- When an office stood by a figure: a report is late by this day, not by the one its draft was begun on.

-- +goose Up

ALTER TABLE figures ADD COLUMN submitted_at timestamptz;
UPDATE figures SET submitted_at = recorded_at WHERE status <> 'draft';
ALTER TABLE figures ADD CONSTRAINT figures_submitted CHECK ((status = 'draft') = (submitted_at IS NULL));
COMMENT ON COLUMN figures.submitted_at IS 'when its office first stood by it; null for a draft';
