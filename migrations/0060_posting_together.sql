-- Posting is load, decide, save: one call locks and reads every place that is touched, decides in memory, ask by ask,
-- and writes what was decided in a handful of statements, however many moves there are.
--
-- A call takes the asks of many people at once (postgres.Together). Each ask is all or nothing by itself: one that is
-- refused comes back as a row that says why, and leaves no trace; the others go on. So what a person may do and what an
-- account can bear is known before anything is written, and no sub-transaction is needed.

-- +goose Up

DROP FUNCTION post(jsonb, boolean, boolean);

-- +goose StatementBegin
CREATE FUNCTION regions_under(reach text) RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT array_agg(v.region_id)
            FROM region_versions v
            -- The dot is the boundary: 12.7 does not reach 12.71. '/' is the character after the dot.
            WHERE (v.code = reach OR v.code >= reach || '.' AND v.code < reach || '/')
              AND v.valid_from <= business_date()
              AND (v.valid_to IS NULL OR v.valid_to > business_date()));
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION regions_under IS 'The regions whose code of today is that code or lies under it; NULL when there is none.';
REVOKE EXECUTE ON FUNCTION regions_under FROM PUBLIC;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION act_as(actor bigint, name text, reach text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('blangko.actor', actor::text, true),
            set_config('blangko.actor_name', name, true),
            set_config('blangko.reach', reach, true),
            set_config('blangko.regions', CASE WHEN reach IN ('', '00') THEN ''
                ELSE coalesce(array_to_string(regions_under(reach), ','), '') END, true);
END $$;
-- +goose StatementEnd

CREATE TYPE posted_move AS (
    ask int, region_id int, id bigint, other_region_id int, kind move_kind, document text, business_date date, reason text,
    reverses bigint, actor_id bigint, actor text, at timestamptz, synthetic boolean);
CREATE TYPE posted_line AS (
    region_id int, move_id bigint, line smallint, item_id smallint, lot_id int, source_place_id int, source_condition condition,
    target_place_id int, target_condition condition, other_region_id int, purpose purpose, pieces bigint);
CREATE TYPE posted_entry AS (
    region_id int, place_id int, seq bigint, move_id bigint, move_region_id int, item_id smallint, condition condition, lot_id int,
    pieces bigint, hash bytea, day date, kind move_kind);
COMMENT ON TYPE posted_move IS 'A move that post has decided on and not yet written.';
COMMENT ON TYPE posted_line IS 'A line of such a move.';
COMMENT ON TYPE posted_entry IS 'An entry of such a move; day and kind where it counts in the flows.';

-- post is called by inventory.post alone. An ask is
--   {actor, name, reach, far, moves: [{kind, document, date, reason, reverses, synthetic,
--                                      lines: [{item, lot, from, from_condition, to, to_condition, purpose, pieces}]}]}
-- where actor, name and reach are those of the transaction when they are absent, and far says how far the moves may go:
--   within  both ends of a line lie within the reach (the default)
--   across  what is given may go to a place beyond it: a dispatch, a loan
--   agreed  one place of the move lies within it: a step of a document that both ends have signed
-- A row comes back for every move written, and one with refused and facts for every ask that was not.
-- +goose StatementBegin
CREATE FUNCTION post(asks jsonb) RETURNS TABLE (ask int, region_id int, id bigint, at timestamptz, refused text, facts jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    -- Every place of the asks, in order of id; the arrays beside it run along it.
    ids      int[];
    homes    int[];
    kinds    place_kind[];
    opened   date[];
    closed   date[];
    locked   date[];
    seqs     bigint[];
    hashes   bytea[];
    -- Every account of these places; those without a balance yet come in when they are met. The arrays run along it.
    names      text[]; -- by which an account is found
    sites      int[];  -- where its place stands above
    items      smallint[];
    conditions condition[];
    lots       int[];
    held       bigint[];
    changes    bigint[];
    known      int;    -- so many have a balance
    -- What is decided.
    new_moves   posted_move[]  := '{}';
    new_lines   posted_line[]  := '{}';
    new_entries posted_entry[] := '{}';
    -- What a refusal goes back to.
    seqs_before    bigint[];
    hashes_before  bytea[];
    changes_before bigint[];
    moves_before   int;
    lines_before   int;
    entries_before int;

    asked     record;
    head      record;
    line      record;
    reach_of  text;  -- whose regions mine are
    mine      int[];
    nation    boolean;
    stores    place_kind[] := '{national,province,regency,service,team}';
    home      int;
    other     int;
    partly    boolean;
    n         int;
    k         int;
    j         int;
    a         int;
    lines     text;  -- as the digest covers them
    touched   int[]; -- accounts of the move
    nets      bigint[];
    move      bigint;
    made      timestamptz;
    flow_kind move_kind;
    digest    bytea;
BEGIN
    -- Load. Chains are locked in order of place, so that opposite moves wait instead of deadlocking; who holds the chain
    -- of a place is the only one to change its balances.
    SELECT array_agg(p.id), array_agg(p.region_id), array_agg(p.kind), array_agg(p.opened_on), array_agg(p.closed_on),
           array_agg(p.locked_until), array_agg(p.seq), array_agg(p.hash)
    INTO ids, homes, kinds, opened, closed, locked, seqs, hashes
    FROM (SELECT p.id, p.region_id, p.kind, p.opened_on, p.closed_on, p.locked_until, c.seq, c.hash
          FROM places p
          JOIN chains c ON c.region_id = p.region_id AND c.place_id = p.id
          WHERE p.id = ANY (ARRAY(
              SELECT DISTINCT e.place
              FROM jsonb_path_query(asks, '$[*].moves[*].lines[*]') l, LATERAL (VALUES ((l->>'from')::int), ((l->>'to')::int)) AS e (place)))
          ORDER BY p.id
          FOR UPDATE OF c) p;
    SELECT coalesce(array_agg(concat_ws(' ', b.place_id, b.item_id, b.condition, b.lot_id)), '{}'), coalesce(array_agg(p.site::int), '{}'),
           coalesce(array_agg(b.item_id), '{}'), coalesce(array_agg(b.condition), '{}'), coalesce(array_agg(b.lot_id), '{}'),
           coalesce(array_agg(b.pieces), '{}'), coalesce(array_agg(0::bigint), '{}'), count(*)
    INTO names, sites, items, conditions, lots, held, changes, known
    FROM unnest(ids, homes) WITH ORDINALITY AS p (id, region_id, site)
    JOIN balances b ON b.region_id = p.region_id AND b.place_id = p.id;

    -- Decide.
    FOR asked IN
        SELECT coalesce(a.actor, current_setting('blangko.actor', true)::bigint) AS actor, coalesce(a.name, current_setting('blangko.actor_name', true)) AS name,
               coalesce(a.reach, current_setting('blangko.reach', true)) AS reach, coalesce(a.far, 'within') AS far, a.moves, a.number::int AS number
        FROM ROWS FROM (jsonb_to_recordset(asks) AS (actor bigint, name text, reach text, far text, moves jsonb))
            WITH ORDINALITY AS a (actor, name, reach, far, moves, number)
    LOOP
        seqs_before := seqs;
        hashes_before := hashes;
        changes_before := changes;
        moves_before := cardinality(new_moves);
        lines_before := cardinality(new_lines);
        entries_before := cardinality(new_entries);
        nation := asked.reach = '00';
        IF NOT nation AND asked.reach IS DISTINCT FROM reach_of THEN
            mine := regions_under(asked.reach);
            reach_of := asked.reach;
        END IF;
        refused := NULL;

        <<each_move>>
        FOR head IN
            SELECT m.kind, m.document, m.date, coalesce(m.reason, '') AS reason, m.reverses, coalesce(m.synthetic, false) AS synthetic, m.lines
            FROM jsonb_to_recordset(asked.moves) AS m (kind move_kind, document text, date date, reason text, reverses bigint, synthetic boolean, lines jsonb)
        LOOP
            move := nextval('moves_id_seq');
            lines := '';
            touched := '{}';
            nets := '{}';
            home := NULL;
            other := NULL;
            partly := nation;
            n := 0;
            FOR line IN
                SELECT l.*, concat_ws(' ', l."from", l.item, l.from_condition, l.lot) AS takes, concat_ws(' ', l."to", l.item, l.to_condition, l.lot) AS gives
                FROM jsonb_to_recordset(head.lines) AS l (item smallint, lot int, "from" int, from_condition condition,
                    "to" int, to_condition condition, purpose purpose, pieces bigint)
            LOOP
                n := n + 1;
                k := array_position(ids, line."from");
                j := array_position(ids, line."to");
                partly := partly OR coalesce(homes[k] = ANY (mine) OR homes[j] = ANY (mine), false);
                home := coalesce(home, homes[k]);
                IF k IS NULL OR NOT nation AND asked.far <> 'agreed' AND (homes[k] = ANY (mine)) IS NOT TRUE THEN
                    refused := 'place-unknown';
                    facts := jsonb_build_object('place', line."from");
                ELSIF j IS NULL OR NOT nation AND asked.far = 'within' AND (homes[j] = ANY (mine)) IS NOT TRUE THEN
                    refused := 'place-unknown';
                    facts := jsonb_build_object('place', line."to");
                ELSIF head.date < greatest(opened[k], opened[j]) THEN
                    refused := 'before-opening';
                    facts := jsonb_build_object('date', head.date, 'opened_on', greatest(opened[k], opened[j]));
                ELSIF head.date >= least(closed[k], closed[j]) THEN
                    refused := 'place-closed';
                    facts := jsonb_build_object('date', head.date, 'closed_on', least(closed[k], closed[j]));
                ELSIF head.date <= greatest(locked[k], locked[j]) THEN
                    refused := 'period-closed';
                    facts := jsonb_build_object('date', head.date, 'locked_until', greatest(locked[k], locked[j]));
                ELSIF homes[k] <> home AND homes[k] <> coalesce(other, homes[k])
                   OR homes[j] <> home AND homes[j] <> coalesce(other, nullif(homes[k], home), homes[j]) THEN
                    refused := 'move-spans-regions';
                    facts := jsonb_build_object('document', head.document);
                END IF;
                EXIT each_move WHEN refused IS NOT NULL;
                other := coalesce(other, nullif(homes[k], home), nullif(homes[j], home));

                lines := concat(lines, CASE WHEN n > 1 THEN E'\x1d' END, concat_ws(E'\x1e', n, line.item, line.lot, line."from", line.from_condition,
                    line."to", line.to_condition, coalesce(line.purpose::text, ''), line.pieces));
                new_lines := new_lines || ROW(home, move, n, line.item, line.lot, line."from", line.from_condition,
                    line."to", line.to_condition, NULL, line.purpose, line.pieces)::posted_line;

                a := array_position(names, line.takes);
                IF a IS NULL THEN
                    names := names || line.takes;
                    sites := sites || k;
                    items := items || line.item;
                    conditions := conditions || line.from_condition;
                    lots := lots || line.lot;
                    held := held || 0::bigint;
                    changes := changes || 0::bigint;
                    a := cardinality(names);
                END IF;
                k := array_position(touched, a);
                IF k IS NULL THEN
                    touched := touched || a;
                    nets := nets || -line.pieces;
                ELSE
                    nets[k] := nets[k] - line.pieces;
                END IF;

                a := array_position(names, line.gives);
                IF a IS NULL THEN
                    names := names || line.gives;
                    sites := sites || j;
                    items := items || line.item;
                    conditions := conditions || line.to_condition;
                    lots := lots || line.lot;
                    held := held || 0::bigint;
                    changes := changes || 0::bigint;
                    a := cardinality(names);
                END IF;
                k := array_position(touched, a);
                IF k IS NULL THEN
                    touched := touched || a;
                    nets := nets || line.pieces;
                ELSE
                    nets[k] := nets[k] + line.pieces;
                END IF;
            END LOOP;
            IF NOT partly THEN
                refused := 'place-unknown';
                facts := jsonb_build_object('place', (head.lines->0->>'from')::int);
                EXIT each_move;
            END IF;

            IF other IS NOT NULL THEN
                FOR i IN cardinality(new_lines) - n + 1 .. cardinality(new_lines) LOOP
                    new_lines[i].other_region_id := other;
                END LOOP;
            END IF;

            made := clock_timestamp();
            -- A reversal takes back from the flow of what it reverses, so that use less its corrections is use.
            flow_kind := head.kind;
            IF head.reverses IS NOT NULL THEN
                SELECT m.kind INTO flow_kind FROM moves m WHERE m.id = head.reverses;
            END IF;
            new_moves := new_moves || ROW(asked.number, home, move, other, head.kind, head.document, head.date, head.reason, head.reverses,
                asked.actor, asked.name, made, head.synthetic)::posted_move;
            -- The text is that of move_digest; Go's ledgerMove.digest writes the same, byte for byte.
            digest := sha256(convert_to(concat_ws(E'\x1f', home, move, coalesce(other, 0), head.kind, head.document, to_char(head.date, 'YYYY-MM-DD'),
                head.reason, coalesce(head.reverses, 0), asked.actor, asked.name, (extract(epoch FROM made) * 1000000)::bigint,
                CASE WHEN head.synthetic THEN 1 ELSE 0 END, lines), 'UTF8'));

            FOR i IN 1 .. cardinality(touched) LOOP
                CONTINUE WHEN nets[i] = 0;
                a := touched[i];
                k := sites[a];
                IF nets[i] < 0 AND held[a] + changes[a] + nets[i] < 0 AND kinds[k] NOT IN ('supplier', 'public') THEN
                    refused := 'insufficient-stock';
                    facts := jsonb_build_object('place', ids[k], 'item', (SELECT t.code FROM items t WHERE t.id = items[a]),
                        'condition', conditions[a], 'requested', -nets[i], 'available', held[a] + changes[a]);
                    EXIT each_move;
                END IF;
                changes[a] := changes[a] + nets[i];
                seqs[k] := seqs[k] + 1;
                -- The text is that of link.
                hashes[k] := sha256(hashes[k] || digest || convert_to(concat_ws(E'\x1f', homes[k], ids[k], seqs[k], items[a], conditions[a], lots[a], nets[i]), 'UTF8'));
                new_entries := new_entries || ROW(homes[k], ids[k], seqs[k], move, home, items[a], conditions[a], lots[a], nets[i], hashes[k],
                    CASE WHEN conditions[a] = 'usable' AND kinds[k] = ANY (stores) THEN head.date END, flow_kind)::posted_entry;
            END LOOP;
        END LOOP;

        IF refused IS NOT NULL THEN
            seqs := seqs_before;
            hashes := hashes_before;
            changes := changes_before || array_fill(0::bigint, ARRAY[cardinality(names) - cardinality(changes_before)]);
            new_moves := new_moves[1:moves_before];
            new_lines := new_lines[1:lines_before];
            new_entries := new_entries[1:entries_before];
            ask := asked.number;
            RETURN NEXT;
        END IF;
    END LOOP;

    -- Save.
    INSERT INTO moves (region_id, id, other_region_id, kind, document, business_date, reason, reverses, actor_id, actor, at, synthetic)
    OVERRIDING SYSTEM VALUE
    SELECT m.region_id, m.id, m.other_region_id, m.kind, m.document, m.business_date, m.reason, m.reverses, m.actor_id, m.actor, m.at, m.synthetic
    FROM unnest(new_moves) m;

    INSERT INTO move_lines (region_id, move_id, line, item_id, lot_id, source_place_id, source_condition,
                            target_place_id, target_condition, other_region_id, purpose, pieces)
    SELECT l.region_id, l.move_id, l.line, l.item_id, l.lot_id, l.source_place_id, l.source_condition,
           l.target_place_id, l.target_condition, l.other_region_id, l.purpose, l.pieces
    FROM unnest(new_lines) l;

    INSERT INTO entries (region_id, place_id, seq, move_id, move_region_id, item_id, condition, lot_id, pieces, hash)
    SELECT e.region_id, e.place_id, e.seq, e.move_id, e.move_region_id, e.item_id, e.condition, e.lot_id, e.pieces, e.hash
    FROM unnest(new_entries) e;

    -- The CHECK on balances has the last word.
    UPDATE balances b
    SET pieces = b.pieces + n.change
    FROM unnest(sites, items, conditions, lots, changes) AS n (site, item_id, condition, lot_id, change)
    WHERE b.region_id = homes[n.site] AND b.place_id = ids[n.site] AND b.item_id = n.item_id AND b.condition = n.condition AND b.lot_id = n.lot_id
      AND n.change <> 0;
    IF cardinality(names) > known THEN
        INSERT INTO balances (region_id, place_id, item_id, condition, lot_id, pieces, outside)
        SELECT homes[n.site], ids[n.site], n.item_id, n.condition, n.lot_id, n.change, kinds[n.site] IN ('supplier', 'public')
        FROM unnest(sites[known + 1:], items[known + 1:], conditions[known + 1:], lots[known + 1:], changes[known + 1:])
            AS n (site, item_id, condition, lot_id, change)
        WHERE n.change <> 0; -- what was only asked for gets no row
    END IF;

    INSERT INTO flows AS f (region_id, place_id, item_id, day, kind, pieces)
    SELECT e.region_id, e.place_id, e.item_id, e.day, e.kind, sum(e.pieces)
    FROM unnest(new_entries) e
    WHERE e.day IS NOT NULL
    GROUP BY e.region_id, e.place_id, e.item_id, e.day, e.kind
    ON CONFLICT (region_id, place_id, item_id, day, kind) DO UPDATE SET pieces = f.pieces + excluded.pieces;

    UPDATE chains c
    SET seq = n.seq, hash = n.hash
    FROM unnest(ids, homes, seqs, hashes) AS n (place_id, region_id, seq, hash)
    WHERE c.region_id = n.region_id AND c.place_id = n.place_id AND c.seq <> n.seq;

    RETURN QUERY SELECT m.ask, m.region_id, m.id, m.at, NULL::text, NULL::jsonb FROM unnest(new_moves) m;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION post IS 'The one writer of the ledger: each ask all or nothing.';
REVOKE EXECUTE ON FUNCTION post FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post TO blangko_server, blangko_nation;

-- What postgres.Together asks for its riders, as act_once does for one.
-- +goose StatementBegin
CREATE FUNCTION claim_all(actors bigint[], keys text[], asked bytea[]) RETURNS boolean[]
LANGUAGE plpgsql AS $$
DECLARE
    taken text[];
BEGIN
    -- In order of key, so that two transactions with the same keys wait instead of deadlocking.
    WITH claimed AS (
        INSERT INTO idempotency_keys (actor_id, key, digest)
        SELECT c.actor, c.key, c.digest
        FROM unnest(actors, keys, asked) AS c (actor, key, digest)
        ORDER BY c.actor, c.key
        ON CONFLICT (actor_id, key) DO NOTHING
        RETURNING idempotency_keys.actor_id, idempotency_keys.key
    )
    SELECT array_agg(c.actor_id || ' ' || c.key) INTO taken FROM claimed c;
    RETURN ARRAY(SELECT coalesce(c.actor || ' ' || c.key = ANY (taken), false)
                 FROM unnest(actors, keys) WITH ORDINALITY AS c (actor, key, n) ORDER BY c.n);
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION claim_all IS 'Claims Idempotency-Keys, each of its actor; false for one that was used before.';

-- +goose StatementBegin
CREATE FUNCTION keep_all(actors bigint[], keys text[], answers text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE idempotency_keys k
    SET answer = a.answer
    FROM unnest(actors, keys, answers) AS a (actor, key, answer)
    WHERE k.actor_id = a.actor AND k.key = a.key AND a.answer IS NOT NULL;
    IF array_position(answers, NULL) IS NOT NULL THEN
        DELETE FROM idempotency_keys k
        USING unnest(actors, keys, answers) AS a (actor, key, answer)
        WHERE k.actor_id = a.actor AND k.key = a.key AND a.answer IS NULL;
    END IF;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION keep_all IS 'Keeps answers under their keys; a key without one is free again.';

-- Who asks is found on every request: PL/pgSQL keeps the plan, which a function in SQL makes anew on every call.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION actor_of_token(secret bytea, at timestamptz) RETURNS TABLE (id bigint, username text, role text, reach text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT u.id, u.username, u.role, coalesce(v.code, '')
    FROM tokens t
    JOIN users u ON u.id = t.user_id
    LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
    WHERE t.digest = secret
      AND t.revoked_at IS NULL
      AND t.expires_at > at
      AND u.disabled_at IS NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION actor_of_session(user_id bigint, signed_in timestamptz) RETURNS TABLE (id bigint, username text, role text, reach text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT u.id, u.username, u.role, coalesce(v.code, '')
    FROM users u
    LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
    WHERE u.id = actor_of_session.user_id
      AND u.password_set_at <= signed_in
      AND u.disabled_at IS NULL;
END $$;
-- +goose StatementEnd
