-- A loss and an allocation begin as a draft, which freezes nothing and moves nothing: it is edited, then reported or computed, or discarded.

-- +goose Up

ALTER TABLE losses DROP CONSTRAINT losses_state, DROP CONSTRAINT losses_document_length, DROP CONSTRAINT losses_police_length;
ALTER TABLE losses
    ADD COLUMN boxes jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN drafter_id bigint,
    ADD CONSTRAINT losses_state CHECK (state IN ('draft', 'discarded', 'reported', 'approved', 'rejected')),
    ADD CONSTRAINT losses_document_length CHECK (length(document) <= 100 AND (document <> '' OR state IN ('draft', 'discarded'))),
    ADD CONSTRAINT losses_police_length CHECK (length(police) <= 100 AND (police <> '' OR state IN ('draft', 'discarded')));
COMMENT ON COLUMN losses.boxes IS 'that are gone, as they were named; frozen from the report on';
COMMENT ON COLUMN losses.drafter_id IS 'who wrote the draft last, where it began as one';

ALTER TABLE allocations DROP CONSTRAINT allocations_state;
ALTER TABLE allocations
    ADD COLUMN draft jsonb,
    ADD CONSTRAINT allocations_state CHECK (state IN ('draft', 'computed', 'reviewed', 'approved', 'released', 'void'));
COMMENT ON COLUMN allocations.draft IS 'what is to be computed, where the run began as a draft';
