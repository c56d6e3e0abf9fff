-- A run is alive as long as its heart beats. A process that was killed says nothing more, so its run is given up when
-- the last beat is too long ago by the clock of the database, the only one that all replicas share.

-- +goose Up

ALTER TABLE job_runs ADD COLUMN heartbeat_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN job_runs.heartbeat_at IS 'Last sign of life of the run, by the database''s clock.';

-- No two runs of a job at once, on whatever replica.
CREATE UNIQUE INDEX job_runs_one_at_a_time ON job_runs (job) WHERE finished_at IS NULL;
