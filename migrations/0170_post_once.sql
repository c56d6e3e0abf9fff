-- Claim, post and keep in one statement, which is a transaction of its own: one round trip for all who post by hand at the same moment. Kept under a
-- key is what the ledger added, id and instant; the rest of the answer is what was asked, which the digest of the key vouches for.

-- +goose Up

-- Called by inventory.Ledger.postOnce alone, outside any transaction. The arrays run along asks, each of one move, with its actor in it; an ask without
-- a key has a NULL there. No key may stand twice. A row comes back for every ask: a move written, one written before, or why it was refused.
-- +goose StatementBegin
CREATE FUNCTION post_once(actors bigint[], keys text[], digests bytea[], asks jsonb)
    RETURNS TABLE(ask int, id text, at timestamptz, refused text, facts jsonb, replayed boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    fresh int[]; -- the asks that are not answered yet
BEGIN
    -- As the system: post keeps to the reach of each ask.
    PERFORM act_as(0, 'system', '00'), set_config('role', 'blangko_nation', true);

    -- In order of key, so that two transactions with the same keys wait instead of deadlocking.
    WITH claimed AS (
        INSERT INTO idempotency_keys (actor_id, key, digest)
        SELECT c.actor, c.key, c.digest
        FROM unnest(actors, keys, digests) AS c (actor, key, digest)
        WHERE c.key IS NOT NULL
        ORDER BY c.actor, c.key
        ON CONFLICT (actor_id, key) DO NOTHING
        RETURNING idempotency_keys.actor_id, idempotency_keys.key
    )
    SELECT coalesce(array_agg(c.n ORDER BY c.n), '{}')
    INTO fresh
    FROM unnest(actors, keys) WITH ORDINALITY AS c (actor, key, n)
    WHERE c.key IS NULL OR (c.actor, c.key) IN (SELECT o.actor_id, o.key FROM claimed o);

    IF cardinality(fresh) < cardinality(keys) THEN
        RETURN QUERY
        SELECT c.n::int, k.answer::jsonb->>'id', (k.answer::jsonb->>'at')::timestamptz,
               CASE WHEN k.digest <> c.digest THEN 'idempotency-key-reused' END, jsonb_build_object('key', c.key), true
        FROM unnest(actors, keys, digests) WITH ORDINALITY AS c (actor, key, digest, n)
        JOIN idempotency_keys k ON k.actor_id = c.actor AND k.key = c.key
        WHERE c.n <> ALL (fresh);
        asks := (SELECT coalesce(jsonb_agg(asks->(f.n - 1) ORDER BY f.place), '[]') FROM unnest(fresh) WITH ORDINALITY AS f (n, place));
    END IF;

    -- What was refused has not happened: its key is free again.
    RETURN QUERY
    WITH done AS MATERIALIZED (
        SELECT fresh[p.ask] AS ask, p.region_id || '-' || p.id AS id, p.at, p.refused, p.facts
        FROM post(asks) p
    ), kept AS (
        UPDATE idempotency_keys k
        SET answer = jsonb_build_object('id', d.id, 'at', d.at)::text
        FROM done d
        WHERE k.actor_id = actors[d.ask] AND k.key = keys[d.ask] AND d.refused IS NULL
    ), freed AS (
        DELETE FROM idempotency_keys k
        USING done d
        WHERE k.actor_id = actors[d.ask] AND k.key = keys[d.ask] AND d.refused IS NOT NULL
    )
    SELECT d.ask, d.id, d.at, d.refused, d.facts, false
    FROM done d;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION post_once IS 'Posts what is asked by hand, each ask once for its Idempotency-Key.';

DROP FUNCTION claim_all(bigint[], text[], bytea[]);
DROP FUNCTION keep_all(bigint[], text[], text[]);
