-- A count closes the days before it for what was counted, no longer for the whole place: a count of ribbon on a Monday must not keep
-- anybody from reporting the cards of Friday. The mark stands on the balances of the account, which post has at hand anyhow.

-- +goose Up

ALTER TABLE balances ADD COLUMN counted_until date;
COMMENT ON COLUMN balances.counted_until IS 'no move of the account may be dated on or before this day, for a count has seen what came of them';

-- What counts have closed so far.
UPDATE balances b
SET counted_until = c.until
FROM (SELECT c.region_id, c.place_id, c.item_id, c.condition, max((c.counted_at AT TIME ZONE CASE r.zone WHEN 'WIT' THEN 'Asia/Jayapura' WHEN 'WITA' THEN 'Asia/Makassar' ELSE 'Asia/Jakarta' END)::date - 1) AS until
      FROM counts c
      JOIN regions r ON r.id = c.region_id
      WHERE c.state = 'posted'
      GROUP BY 1, 2, 3, 4) c
WHERE b.region_id = c.region_id AND b.place_id = c.place_id AND b.item_id = c.item_id AND b.condition = c.condition;

-- Places keep the lock of the last month that was closed, as far as that is known: a month ends with its last day.
UPDATE places p
SET locked_until = CASE WHEN locked_until = (date_trunc('month', locked_until + 1))::date - 1 THEN locked_until END
WHERE locked_until IS NOT NULL AND EXISTS (SELECT FROM counts c WHERE c.region_id = p.region_id AND c.place_id = p.id AND c.state = 'posted');

-- Called by inventory.PostCount alone, for a place that it has found in reach.
-- +goose StatementBegin
CREATE FUNCTION close_counted(place int, item smallint, held condition, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    home int := (SELECT p.region_id FROM places p WHERE p.id = place);
BEGIN
    IF current_setting('blangko.reach', true) <> '00' AND (home = ANY (reached())) IS NOT TRUE THEN
        RAISE EXCEPTION 'place % is out of reach', place;
    END IF;
    -- An account that never held anything is closed too.
    INSERT INTO balances (region_id, place_id, item_id, condition, lot_id, pieces, outside)
    SELECT home, place, item, held, 1, 0, false
    WHERE NOT EXISTS (SELECT FROM balances b WHERE b.region_id = home AND b.place_id = place AND b.item_id = item AND b.condition = held)
    ON CONFLICT DO NOTHING;
    UPDATE balances b
    SET counted_until = greatest(b.counted_until, day)
    WHERE b.region_id = home AND b.place_id = place AND b.item_id = item AND b.condition = held;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION close_counted IS 'Closes the days up to one for an account that was counted.';
REVOKE EXECUTE ON FUNCTION close_counted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION close_counted TO blangko_server, blangko_nation;

-- As before, and with what counts have closed.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION post(asks jsonb) RETURNS TABLE(ask integer, region_id integer, id bigint, at timestamp with time zone, refused text, facts jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
    barred     date[];   -- the last day that a count has closed
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
           coalesce(array_agg(b.pieces), '{}'), coalesce(array_agg(b.counted_until), '{}'), coalesce(array_agg(0::bigint), '{}'), count(*)
    INTO names, sites, items, conditions, lots, held, barred, changes, known
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
                    -- What a count has closed is closed for a lot that was not there then.
                    barred := barred || (SELECT max(u.until)
                                         FROM unnest(sites, items, conditions, barred) AS u (site, item_id, condition, until)
                                         WHERE u.site = k AND u.item_id = line.item AND u.condition = line.from_condition);
                    changes := changes || 0::bigint;
                    a := cardinality(names);
                END IF;
                IF head.date <= barred[a] THEN
                    refused := 'period-closed';
                    facts := jsonb_build_object('date', head.date, 'locked_until', barred[a], 'place', line."from",
                        'item', (SELECT t.code FROM items t WHERE t.id = line.item), 'condition', line.from_condition);
                    EXIT each_move;
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
                    -- What a count has closed is closed for a lot that was not there then.
                    barred := barred || (SELECT max(u.until)
                                         FROM unnest(sites, items, conditions, barred) AS u (site, item_id, condition, until)
                                         WHERE u.site = j AND u.item_id = line.item AND u.condition = line.to_condition);
                    changes := changes || 0::bigint;
                    a := cardinality(names);
                END IF;
                IF head.date <= barred[a] THEN
                    refused := 'period-closed';
                    facts := jsonb_build_object('date', head.date, 'locked_until', barred[a], 'place', line."to",
                        'item', (SELECT t.code FROM items t WHERE t.id = line.item), 'condition', line.to_condition);
                    EXIT each_move;
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
        INSERT INTO balances (region_id, place_id, item_id, condition, lot_id, pieces, outside, counted_until)
        SELECT homes[n.site], ids[n.site], n.item_id, n.condition, n.lot_id, n.change, kinds[n.site] IN ('supplier', 'public'), n.until
        FROM unnest(sites[known + 1:], items[known + 1:], conditions[known + 1:], lots[known + 1:], changes[known + 1:], barred[known + 1:])
            AS n (site, item_id, condition, lot_id, change, until)
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
