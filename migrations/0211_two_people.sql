-- Who submitted a request does not verify it, who verified it does not approve it: the two are remembered by id, not by name.

-- +goose Up

ALTER TABLE requests ADD COLUMN submitter_id bigint, ADD COLUMN verifier_id bigint;
COMMENT ON COLUMN requests.submitter_id IS 'who handed it in last; null in those of before';
COMMENT ON COLUMN requests.verifier_id IS 'who verified it since';
