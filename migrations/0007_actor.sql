-- Who asks is found on every request, before any reach can be set: one call each, which sees past row-level security
-- and gives back nothing but the actor.

-- +goose Up

CREATE FUNCTION actor_of_token(secret bytea, at timestamptz) RETURNS TABLE (id bigint, username text, role text, reach text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.username, u.role, coalesce(v.code, '')
    FROM tokens t
    JOIN users u ON u.id = t.user_id
    LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
    WHERE t.digest = secret
      AND t.revoked_at IS NULL
      AND t.expires_at > at
      AND u.disabled_at IS NULL
$$;
COMMENT ON FUNCTION actor_of_token IS 'Who a bearer token stands for at an instant; no row when it is forged, expired, revoked, or its user disabled.';

CREATE FUNCTION actor_of_session(user_id bigint, signed_in timestamptz) RETURNS TABLE (id bigint, username text, role text, reach text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.username, u.role, coalesce(v.code, '')
    FROM users u
    LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
    WHERE u.id = user_id
      AND u.password_set_at <= signed_in
      AND u.disabled_at IS NULL
$$;
COMMENT ON FUNCTION actor_of_session IS 'Who a session stands for that began at an instant; no row when the user is disabled or has a later password.';

-- +goose StatementBegin
CREATE FUNCTION act_once(actor bigint, name text, reach text, claimed text, asked bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    fresh bigint;
BEGIN
    PERFORM act_as(actor, name, reach);
    INSERT INTO idempotency_keys (actor_id, key, digest)
    VALUES (actor, claimed, asked)
    ON CONFLICT (actor_id, key) DO NOTHING;
    GET DIAGNOSTICS fresh = ROW_COUNT;
    RETURN fresh = 1;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION act_once IS 'act_as, and the claim of an Idempotency-Key, in one call: false when the key was used before.';

REVOKE EXECUTE ON FUNCTION actor_of_token, actor_of_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION actor_of_token, actor_of_session TO blangko_server;
