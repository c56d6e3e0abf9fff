-- Programs that ask at the same moment are found out by one query.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION actors_of_tokens(secrets bytea[], at timestamptz) RETURNS TABLE (number bigint, id bigint, username text, role text, reach text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.number, u.id, u.username, u.role, coalesce(v.code, '')
    FROM unnest(secrets) WITH ORDINALITY AS s (secret, number)
    JOIN tokens t ON t.digest = s.secret
    JOIN users u ON u.id = t.user_id
    LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
    WHERE t.revoked_at IS NULL
      AND t.expires_at > at
      AND u.disabled_at IS NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION actors_of_tokens IS 'Who the tokens with these digests act as; those that are not good are left out.';
DROP FUNCTION actor_of_token;
REVOKE EXECUTE ON FUNCTION actors_of_tokens FROM PUBLIC;
GRANT EXECUTE ON FUNCTION actors_of_tokens TO blangko_server;
