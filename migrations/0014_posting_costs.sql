-- The same post, at a fraction of the cost: facts of places and heads of chains are read and locked once, by index;
-- digests and links are computed in place (a function in SQL would be planned anew in every transaction); a chain is
-- written once however many links it gets. What is written is the same, byte for byte.

-- +goose Up

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION post(batch jsonb, across boolean, agreed boolean DEFAULT false) RETURNS TABLE (region_id int, id bigint, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    nation    boolean := current_setting('blangko.reach', true) = '00';
    mine      int[]   := string_to_array(nullif(current_setting('blangko.regions', true), ''), ',')::int[];
    who       bigint  := current_setting('blangko.actor')::bigint;
    who_name  text    := current_setting('blangko.actor_name');
    ids       int[];          -- every place of the batch, in order; the arrays below run along it
    homes     int[]         := '{}';
    kinds     place_kind[]  := '{}';
    opened    date[]        := '{}';
    closed    date[]        := '{}';
    seqs      bigint[]      := '{}';
    hashes    bytea[]       := '{}';
    fact      record;
    body      jsonb;
    lines     jsonb;
    line      jsonb;
    touched   record;
    day       date;
    text_     text;           -- the lines as the digest covers them
    k         int;
    j         int;
    home      int;
    far       int;
    partly    boolean;
    move      bigint;
    made      timestamptz;
    reversed  bigint;
    flow_kind move_kind;
    digest    bytea;
BEGIN
    SELECT array_agg(DISTINCT p ORDER BY p) INTO ids
    FROM jsonb_array_elements(batch) m, jsonb_array_elements(m->'lines') l, LATERAL (VALUES ((l->>'from')::int), ((l->>'to')::int)) AS e (p);

    -- Lock the chains of all places in one order, so that opposite moves wait instead of deadlocking.
    FOR fact IN
        SELECT p.id, p.region_id, p.kind, p.opened_on, p.closed_on, c.seq, c.hash
        FROM places p
        JOIN chains c ON c.region_id = p.region_id AND c.place_id = p.id
        WHERE p.id = ANY (ids)
        ORDER BY p.id
        FOR UPDATE OF c
    LOOP
        homes := homes || fact.region_id;
        kinds := kinds || fact.kind;
        opened := opened || fact.opened_on;
        closed := closed || fact.closed_on;
        seqs := seqs || fact.seq;
        hashes := hashes || fact.hash;
        -- A place that there is none of leaves a gap, found here.
        IF ids[cardinality(homes)] <> fact.id THEN
            PERFORM refuse('place-unknown', jsonb_build_object('place', ids[cardinality(homes)]));
        END IF;
    END LOOP;
    IF cardinality(homes) < cardinality(ids) THEN
        PERFORM refuse('place-unknown', jsonb_build_object('place', ids[cardinality(homes) + 1]));
    END IF;

    FOR body IN SELECT value FROM jsonb_array_elements(batch) LOOP
        lines := body->'lines';
        day := (body->>'date')::date;
        text_ := '';
        home := NULL;
        far := NULL;
        partly := nation;
        FOR i IN 0 .. jsonb_array_length(lines) - 1 LOOP
            line := lines->i;
            k := array_position(ids, (line->>'from')::int);
            j := array_position(ids, (line->>'to')::int);
            IF NOT nation THEN
                partly := partly OR coalesce(homes[k] = ANY (mine) OR homes[j] = ANY (mine), false);
                IF NOT agreed AND (homes[k] = ANY (mine)) IS NOT TRUE THEN
                    PERFORM refuse('place-unknown', jsonb_build_object('place', ids[k]));
                ELSIF NOT agreed AND NOT across AND (homes[j] = ANY (mine)) IS NOT TRUE THEN
                    PERFORM refuse('place-unknown', jsonb_build_object('place', ids[j]));
                END IF;
            END IF;
            IF day < greatest(opened[k], opened[j]) THEN
                PERFORM refuse('before-opening', jsonb_build_object('date', day, 'opened_on', greatest(opened[k], opened[j])));
            ELSIF day >= least(closed[k], closed[j]) THEN
                PERFORM refuse('place-closed', jsonb_build_object('date', day, 'closed_on', least(closed[k], closed[j])));
            END IF;
            IF i = 0 THEN
                home := homes[k];
            ELSE
                text_ := text_ || E'\x1d';
            END IF;
            IF homes[k] <> home THEN
                IF far <> homes[k] THEN PERFORM refuse('move-spans-regions', jsonb_build_object('document', body->>'document')); END IF;
                far := homes[k];
            END IF;
            IF homes[j] <> home THEN
                IF far <> homes[j] THEN PERFORM refuse('move-spans-regions', jsonb_build_object('document', body->>'document')); END IF;
                far := homes[j];
            END IF;
            text_ := text_ || concat_ws(E'\x1e', i + 1, line->>'item', line->>'lot', line->>'from', line->>'from_condition',
                line->>'to', line->>'to_condition', coalesce(line->>'purpose', ''), line->>'pieces');
        END LOOP;
        IF NOT partly THEN
            PERFORM refuse('place-unknown', jsonb_build_object('place', (lines->0->>'from')::int));
        END IF;

        made := clock_timestamp();
        reversed := (body->>'reverses')::bigint;
        flow_kind := (body->>'kind')::move_kind;
        INSERT INTO moves (region_id, other_region_id, kind, document, business_date, reason, reverses, actor_id, actor, at, synthetic)
        VALUES (home, far, flow_kind, body->>'document', day, coalesce(body->>'reason', ''), reversed, who, who_name, made,
                coalesce((body->>'synthetic')::boolean, false))
        RETURNING moves.id INTO move;
        digest := sha256(convert_to(concat_ws(E'\x1f', home, move, coalesce(far, 0), flow_kind, body->>'document', to_char(day, 'YYYY-MM-DD'),
            coalesce(body->>'reason', ''), coalesce(reversed, 0), who, who_name, (extract(epoch FROM made) * 1000000)::bigint,
            CASE WHEN (body->>'synthetic')::boolean THEN 1 ELSE 0 END, text_), 'UTF8'));
        -- A reversal takes back from the flow of what it reverses, so that use less its corrections is use.
        IF reversed IS NOT NULL THEN
            SELECT m.kind INTO flow_kind FROM moves m WHERE m.id = reversed;
        END IF;

        INSERT INTO move_lines (region_id, move_id, line, item_id, lot_id, source_place_id, source_condition,
                                target_place_id, target_condition, other_region_id, purpose, pieces)
        SELECT home, move, l.ordinality, (l.value->>'item')::smallint, (l.value->>'lot')::int,
               (l.value->>'from')::int, (l.value->>'from_condition')::condition,
               (l.value->>'to')::int, (l.value->>'to_condition')::condition,
               far, (l.value->>'purpose')::purpose, (l.value->>'pieces')::bigint
        FROM jsonb_array_elements(lines) WITH ORDINALITY l;

        FOR touched IN
            SELECT e.place_id, e.item_id, e.condition, e.lot_id, sum(e.pieces)::bigint AS pieces
            FROM jsonb_array_elements(lines) l,
            LATERAL (VALUES ((l->>'from')::int, (l->>'item')::smallint, (l->>'from_condition')::condition, (l->>'lot')::int, -(l->>'pieces')::bigint),
                            ((l->>'to')::int, (l->>'item')::smallint, (l->>'to_condition')::condition, (l->>'lot')::int, (l->>'pieces')::bigint))
                AS e (place_id, item_id, condition, lot_id, pieces)
            GROUP BY e.place_id, e.item_id, e.condition, e.lot_id
            HAVING sum(e.pieces) <> 0
            ORDER BY e.place_id, e.item_id, e.condition, e.lot_id
        LOOP
            k := array_position(ids, touched.place_id);
            -- A taking from an account that does not hold enough is refused with the facts; the CHECK has the last word.
            UPDATE balances b SET pieces = b.pieces + touched.pieces
            WHERE b.region_id = homes[k] AND b.place_id = touched.place_id AND b.item_id = touched.item_id
              AND b.condition = touched.condition AND b.lot_id = touched.lot_id
              AND (b.outside OR b.pieces + touched.pieces >= 0);
            IF NOT FOUND THEN
                IF touched.pieces < 0 AND kinds[k] NOT IN ('supplier', 'public') THEN
                    PERFORM refuse('insufficient-stock', jsonb_build_object(
                        'place', touched.place_id, 'item', (SELECT i.code FROM items i WHERE i.id = touched.item_id),
                        'condition', touched.condition, 'requested', -touched.pieces,
                        'available', coalesce((SELECT b.pieces FROM balances b
                            WHERE b.region_id = homes[k] AND b.place_id = touched.place_id AND b.item_id = touched.item_id
                              AND b.condition = touched.condition AND b.lot_id = touched.lot_id), 0)));
                END IF;
                INSERT INTO balances (region_id, place_id, item_id, condition, lot_id, pieces, outside)
                VALUES (homes[k], touched.place_id, touched.item_id, touched.condition, touched.lot_id, touched.pieces, kinds[k] IN ('supplier', 'public'));
            END IF;

            seqs[k] := seqs[k] + 1;
            hashes[k] := sha256(hashes[k] || digest || convert_to(concat_ws(E'\x1f', homes[k], touched.place_id, seqs[k], touched.item_id,
                touched.condition, touched.lot_id, touched.pieces), 'UTF8'));
            INSERT INTO entries (region_id, place_id, seq, move_id, move_region_id, item_id, condition, lot_id, pieces, hash)
            VALUES (homes[k], touched.place_id, seqs[k], move, home, touched.item_id, touched.condition, touched.lot_id, touched.pieces, hashes[k]);

            IF touched.condition = 'usable' AND kinds[k] IN ('national', 'province', 'regency', 'service', 'team') THEN
                INSERT INTO flows AS f (region_id, place_id, item_id, day, kind, pieces)
                VALUES (homes[k], touched.place_id, touched.item_id, day, flow_kind, touched.pieces)
                ON CONFLICT (region_id, place_id, item_id, day, kind) DO UPDATE SET pieces = f.pieces + excluded.pieces;
            END IF;
        END LOOP;
        region_id := home;
        id := move;
        at := made;
        RETURN NEXT;
    END LOOP;

    UPDATE chains c
    SET seq = n.seq, hash = n.hash
    FROM unnest(ids, homes, seqs, hashes) AS n (place_id, region_id, seq, hash)
    WHERE c.region_id = n.region_id AND c.place_id = n.place_id AND c.seq <> n.seq;
END $$;
-- +goose StatementEnd

-- Its plan does not depend on the values either; planned anew, it would cost more than the posting.
ALTER FUNCTION act_as SET plan_cache_mode = force_generic_plan;
