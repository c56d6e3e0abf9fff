-- Who may sign in, and the trail of what they changed. Passwords are argon2id, tokens are kept as digests only.

-- +goose Up

CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region_id     int         NOT NULL REFERENCES regions,
    username      text        NOT NULL CONSTRAINT users_username_form CHECK (username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    name          text        NOT NULL CONSTRAINT users_name_length CHECK (length(name) BETWEEN 1 AND 200),
    role          text        NOT NULL CONSTRAINT users_role CHECK (role IN ('planner', 'store', 'province', 'officer', 'outreach', 'auditor', 'admin')),
    password_hash text        NOT NULL,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    version       bigint      NOT NULL DEFAULT 1,
    CONSTRAINT users_username_unique UNIQUE (username)
);
CREATE INDEX users_region ON users (region_id);
COMMENT ON TABLE users IS 'Officers, by work name. The region is the top of what they reach.';
CALL protect('users', 'SELECT, INSERT, UPDATE', 'region_id');

CREATE TABLE tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region_id  int         NOT NULL REFERENCES regions,
    user_id    bigint      NOT NULL REFERENCES users,
    name       text        NOT NULL CONSTRAINT tokens_name_length CHECK (length(name) BETWEEN 1 AND 200),
    digest     bytea       NOT NULL CONSTRAINT tokens_digest_unique UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX tokens_user ON tokens (user_id);
COMMENT ON TABLE tokens IS 'Bearer tokens of programs, as SHA-256 of the secret; the secret is shown once.';
CALL protect('tokens', 'SELECT, INSERT, UPDATE', 'region_id');

CREATE TABLE sessions (
    token  text        PRIMARY KEY,
    data   bytea       NOT NULL,
    expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);
COMMENT ON TABLE sessions IS 'Signed-in browsers; the token is a digest of the cookie.';
CALL open_to_all('sessions', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE audit (
    region_id  int         NOT NULL,
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    actor_id   bigint      NOT NULL,
    actor      text        NOT NULL,
    action     text        NOT NULL,
    noun       text        NOT NULL,
    noun_id    text        NOT NULL,
    before     jsonb,
    after      jsonb,
    request_id text        NOT NULL DEFAULT '',
    PRIMARY KEY (region_id, id)
);
CREATE INDEX audit_noun ON audit (noun, noun_id);
CREATE INDEX audit_at ON audit (at DESC);
COMMENT ON TABLE audit IS 'What was changed by whom, before and after. Moves of blanks are their own trail, in the ledger.';
CALL protect('audit', 'SELECT, INSERT', 'region_id');
