-- The house: who may see which rows, what was already answered, what was changed by whom, which jobs ran.
--
-- Roles are made before the migrations run (migrations.Up): blangko_owner owns every table, blangko_server is what
-- the server logs in as and owns nothing, blangko_nation is what a transaction takes on for an actor who reaches the
-- whole nation. blangko_server does not inherit from blangko_nation, so that its policies do not leak.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION act_as(actor bigint, name text, reach text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('blangko.actor', actor::text, true),
            set_config('blangko.actor_name', name, true),
            set_config('blangko.reach', reach, true),
            set_config('blangko.regions', CASE WHEN reach IN ('', '00') THEN '' ELSE coalesce((
                SELECT string_agg(v.region_id::text, ',')
                FROM region_versions v
                -- The dot is the boundary: 12.7 does not reach 12.71. '/' is the character after the dot.
                WHERE (v.code = act_as.reach OR v.code >= act_as.reach || '.' AND v.code < act_as.reach || '/')
                  AND v.valid_from <= business_date()
                  AND (v.valid_to IS NULL OR v.valid_to > business_date())), '') END, true);
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION act_as IS 'Sets actor and reach for this transaction: the regions whose code of today is the reach or lies under it.';

CREATE FUNCTION business_date() RETURNS date LANGUAGE sql STABLE
AS $$ SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date $$;
COMMENT ON FUNCTION business_date IS 'Today in Jakarta, where a change of region codes takes effect.';

CREATE FUNCTION reached() RETURNS int[] LANGUAGE sql STABLE
AS $$ SELECT string_to_array(nullif(current_setting('blangko.regions', true), ''), ',')::int[] $$;
COMMENT ON FUNCTION reached IS 'The regions that the actor of this transaction reaches; NULL, which matches nothing, when none was set.';

-- +goose StatementBegin
CREATE PROCEDURE protect(relation text, privileges text, VARIADIC regions text[])
LANGUAGE plpgsql AS $$
DECLARE
    inside text;
BEGIN
    SELECT string_agg(format('%I = ANY ((SELECT reached())::int[])', r), ' OR ') INTO inside FROM unnest(regions) r;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
    EXECUTE format('CREATE POLICY owner ON %I TO blangko_owner USING (true)', relation);
    EXECUTE format('CREATE POLICY region ON %I TO blangko_server USING (%s)', relation, inside);
    -- Taking on this role is what reaching the nation means: no condition on the row, and no guess of the planner at one.
    EXECUTE format('CREATE POLICY nation ON %I TO blangko_nation USING (true)', relation);
    EXECUTE format('GRANT %s ON %I TO blangko_server, blangko_nation', privileges, relation);
END $$;
-- +goose StatementEnd
COMMENT ON PROCEDURE protect IS 'Puts a table behind forced row-level security by its region columns. One reached end is enough. Every table that holds a region calls it once.';

-- +goose StatementBegin
CREATE PROCEDURE open_to_all(relation text, privileges text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT %s ON %I TO blangko_server, blangko_nation', privileges, relation);
END $$;
-- +goose StatementEnd
COMMENT ON PROCEDURE open_to_all IS 'Grants privileges on a table that holds no region and so needs no reach.';

CREATE TABLE idempotency_keys (
    actor_id   bigint      NOT NULL,
    key        text        NOT NULL CONSTRAINT idempotency_keys_key_length CHECK (length(key) BETWEEN 1 AND 200),
    digest     bytea       NOT NULL,
    answer     text,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor_id, key)
) WITH (fillfactor = 80);
CREATE INDEX idempotency_keys_claimed_at ON idempotency_keys USING brin (claimed_at);
COMMENT ON TABLE idempotency_keys IS 'What was answered to a write, kept in that write''s own transaction, so that asking again acts once.';
CALL open_to_all('idempotency_keys', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE job_slots (
    job  text        NOT NULL,
    slot timestamptz NOT NULL,
    PRIMARY KEY (job, slot)
);
COMMENT ON TABLE job_slots IS 'One row per run that was due: whichever replica inserts it runs the job.';
CALL open_to_all('job_slots', 'SELECT, INSERT, DELETE');

CREATE TABLE job_runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job         text        NOT NULL,
    slot        timestamptz,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    outcome     text CONSTRAINT job_runs_outcome CHECK (outcome IN ('done', 'failed', 'abandoned')),
    done        bigint      NOT NULL DEFAULT 0,
    total       bigint      NOT NULL DEFAULT 0,
    message     text        NOT NULL DEFAULT '',
    CONSTRAINT job_runs_outcome_or_running CHECK ((finished_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX job_runs_job ON job_runs (job, started_at DESC);
COMMENT ON TABLE job_runs IS 'What each run of a job did; slot is null when a person started it.';
CALL open_to_all('job_runs', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE settings (
    name       text        PRIMARY KEY,
    value      jsonb       NOT NULL,
    version    bigint      NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE settings IS 'What an administrator may set; a setting without a row has the default of the code.';
CALL open_to_all('settings', 'SELECT, INSERT, UPDATE');

CREATE TABLE holidays (
    day     date   PRIMARY KEY,
    name    text   NOT NULL,
    kind    text   NOT NULL CONSTRAINT holidays_kind CHECK (kind IN ('national', 'collective-leave')),
    version bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE holidays IS 'Days on which offices are closed; editable, since some dates are set late each year.';
CALL open_to_all('holidays', 'SELECT, INSERT, UPDATE, DELETE');
