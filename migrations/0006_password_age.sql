-- A session ends when the password it was opened with is no longer the user's: whoever had learnt the old one is out.

-- +goose Up

ALTER TABLE users ADD COLUMN password_set_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN users.password_set_at IS 'Sessions opened before this instant are over.';
