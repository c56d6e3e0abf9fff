-- Reconciliation asks for the spoiled lines of a few places, whatever region their move lies in.

-- +goose Up

DROP INDEX move_lines_spoiled;
CREATE INDEX move_lines_spoiled ON move_lines (source_place_id)
    WHERE source_place_id = target_place_id AND (target_condition = 'spoiled' OR source_condition = 'spoiled');
