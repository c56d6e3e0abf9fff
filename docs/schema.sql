-- The whole schema as the migrations make it; written by make schema.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE TYPE public.condition AS ENUM (
    'usable',
    'reserved',
    'in-transit',
    'spoiled',
    'surrendered',
    'quarantine',
    'issued'
);

CREATE TYPE public.move_kind AS ENUM (
    'opening',
    'delivery',
    'reserve',
    'release',
    'dispatch',
    'receipt',
    'return',
    'use',
    'surrender',
    'checkout',
    'checkin',
    'transfer',
    'count',
    'loss',
    'destruction',
    'quarantine',
    'reversal'
);

CREATE TYPE public.place_kind AS ENUM (
    'national',
    'province',
    'regency',
    'service',
    'team',
    'supplier',
    'public',
    'destroyed',
    'lost'
);

CREATE TYPE public.posted_entry AS (
	region_id integer,
	place_id integer,
	seq bigint,
	move_id bigint,
	move_region_id integer,
	item_id smallint,
	condition public.condition,
	lot_id integer,
	pieces bigint,
	hash bytea,
	day date,
	kind public.move_kind
);

COMMENT ON TYPE public.posted_entry IS 'An entry of such a move; day and kind where it counts in the flows.';

CREATE TYPE public.purpose AS ENUM (
    'first-time',
    'moved',
    'marital',
    'damaged',
    'lost',
    'data-change',
    'outreach',
    'other',
    'spoiled'
);

CREATE TYPE public.posted_line AS (
	region_id integer,
	move_id bigint,
	line smallint,
	item_id smallint,
	lot_id integer,
	source_place_id integer,
	source_condition public.condition,
	target_place_id integer,
	target_condition public.condition,
	other_region_id integer,
	purpose public.purpose,
	pieces bigint
);

COMMENT ON TYPE public.posted_line IS 'A line of such a move.';

CREATE TYPE public.posted_move AS (
	ask integer,
	region_id integer,
	id bigint,
	other_region_id integer,
	kind public.move_kind,
	document text,
	business_date date,
	reason text,
	reverses bigint,
	actor_id bigint,
	actor text,
	at timestamp with time zone,
	synthetic boolean
);

COMMENT ON TYPE public.posted_move IS 'A move that post has decided on and not yet written.';

CREATE FUNCTION public.act_as(actor bigint, name text, reach text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    PERFORM set_config('blangko.actor', actor::text, true),
            set_config('blangko.actor_name', name, true),
            set_config('blangko.reach', reach, true),
            set_config('blangko.regions', CASE WHEN reach IN ('', '00') THEN '' ELSE coalesce((
                SELECT string_agg(u.region_id::text, ',')
                FROM (
                    -- The dot is the boundary: 12.7 does not reach 12.71. '/' is the character after the dot.
                    SELECT v.region_id
                    FROM region_versions v
                    WHERE (v.code = act_as.reach OR v.code >= act_as.reach || '.' AND v.code < act_as.reach || '/')
                      AND v.valid_from <= business_date()
                      AND (v.valid_to IS NULL OR v.valid_to > business_date())
                    UNION ALL
                    -- Those that merged into one of them.
                    SELECT m.id
                    FROM regions m
                    JOIN region_versions v ON v.region_id = m.heir_id
                    WHERE m.heir_id IS NOT NULL
                      AND (v.code = act_as.reach OR v.code >= act_as.reach || '.' AND v.code < act_as.reach || '/')
                      AND v.valid_from <= business_date()
                      AND (v.valid_to IS NULL OR v.valid_to > business_date())) u), '') END, true);
END $$;

COMMENT ON FUNCTION public.act_as(actor bigint, name text, reach text) IS 'Sets actor and reach for this transaction: the regions whose code of today is the reach or lies under it, and those that merged into them.';

CREATE FUNCTION public.act_once(actor bigint, name text, reach text, claimed text, asked bytea) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

COMMENT ON FUNCTION public.act_once(actor bigint, name text, reach text, claimed text, asked bytea) IS 'act_as, and the claim of an Idempotency-Key, in one call: false when the key was used before.';

CREATE FUNCTION public.actor_of_session(user_id bigint, signed_in timestamp with time zone) RETURNS TABLE(id bigint, username text, role text, reach text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.actor_of_session(user_id bigint, signed_in timestamp with time zone) IS 'Who a session stands for that began at an instant; no row when the user is disabled or has a later password.';

CREATE FUNCTION public.actors_of_tokens(secrets bytea[], at timestamp with time zone) RETURNS TABLE(number bigint, id bigint, username text, role text, reach text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

COMMENT ON FUNCTION public.actors_of_tokens(secrets bytea[], at timestamp with time zone) IS 'Who the tokens with these digests act as; those that are not good are left out.';

CREATE FUNCTION public.around(place_id integer, kind public.place_kind) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH RECURSIVE up AS (
        SELECT p.region_id, 0 AS steps FROM places p WHERE p.id = around.place_id
        UNION ALL
        SELECT v.parent_id, up.steps + 1
        FROM up
        JOIN region_versions v ON v.region_id = up.region_id AND v.valid_to IS NULL
        WHERE v.parent_id IS NOT NULL
    )
    SELECT p.id FROM up JOIN places p ON p.region_id = up.region_id AND p.kind = around.kind ORDER BY up.steps LIMIT 1
$$;

COMMENT ON FUNCTION public.around(place_id integer, kind public.place_kind) IS 'The nearest public, lost or destroyed place of a place, in reach or not.';

CREATE FUNCTION public.business_date() RETURNS date
    LANGUAGE sql STABLE
    AS $$ SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date $$;

COMMENT ON FUNCTION public.business_date() IS 'Today in Jakarta, where a change of region codes takes effect.';

CREATE FUNCTION public.chain_history() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO histories AS h (region_id, noun, noun_id, step, hash)
    VALUES (NEW.region_id, NEW.noun, NEW.noun_id, 1, history_link('', 1, NEW))
    ON CONFLICT (region_id, noun, noun_id) DO UPDATE SET step = h.step + 1, hash = history_link(h.hash, h.step + 1, NEW)
    RETURNING h.step, h.hash INTO NEW.step, NEW.hash;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.chain_history() IS 'Links a row of the trail to the step before.';

CREATE FUNCTION public.chip_once() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    other text;
    chip  bigint;
BEGIN
    -- Runs need not wait for one another: the constraint keeps them apart. A list waits for all.
    IF NEW.uids IS NULL THEN
        PERFORM pg_advisory_xact_lock_shared(hashtext('chips'));
    ELSE
        PERFORM pg_advisory_xact_lock(hashtext('chips'));
    END IF;
    SELECT b.number, greatest(b.first_uid, NEW.first_uid) INTO other, chip
    FROM boxes b
    WHERE b.uids IS NULL AND NEW.uids IS NULL AND b.id <> NEW.id
      AND int8range(b.first_uid, b.last_uid, '[]') && int8range(NEW.first_uid, NEW.last_uid, '[]')
    LIMIT 1;
    IF other IS NULL AND NEW.uids IS NOT NULL
       AND EXISTS (SELECT FROM boxes b WHERE b.uids IS NULL AND b.id <> NEW.id
                   AND int8range(b.first_uid, b.last_uid, '[]') && int8range(NEW.first_uid, NEW.last_uid, '[]')) THEN
        SELECT b.number, u INTO other, chip
        FROM unnest(NEW.uids) u
        JOIN boxes b ON b.uids IS NULL AND b.id <> NEW.id AND int8range(b.first_uid, b.last_uid, '[]') @> u
        LIMIT 1;
    END IF;
    IF other IS NULL
       AND EXISTS (SELECT FROM boxes b WHERE b.uids IS NOT NULL AND b.id <> NEW.id
                   AND int8range(b.first_uid, b.last_uid, '[]') && int8range(NEW.first_uid, NEW.last_uid, '[]')) THEN
        SELECT b.number, (SELECT min(u) FROM unnest(b.uids) u WHERE u BETWEEN NEW.first_uid AND NEW.last_uid AND (NEW.uids IS NULL OR u = ANY (NEW.uids)))
        INTO other, chip
        FROM boxes b
        WHERE b.uids IS NOT NULL AND b.id <> NEW.id
          AND b.uids && coalesce(NEW.uids, ARRAY(SELECT generate_series(NEW.first_uid, NEW.last_uid)))
        LIMIT 1;
    END IF;
    IF other IS NOT NULL THEN
        PERFORM refuse('chip-in-another-box', jsonb_build_object('chip', chip, 'box', other));
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.chip_once() IS 'Refuses a box with a chip that another box holds, and names both.';

CREATE FUNCTION public.circulars_in_force() RETURNS TABLE(region_id integer, id bigint, region text, document text, classes text[], from_day date, until_day date, recorded_by text, recorded_at timestamp with time zone, version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
    SELECT c.region_id, c.id, r.code, c.document, c.classes, c.from_day, c.until_day, c.recorded_by, c.recorded_at, c.version
    FROM circulars c
    JOIN regions_ever r ON r.id = c.region_id
$$;

CREATE FUNCTION public.close_counted(place integer, item smallint, held public.condition, day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

COMMENT ON FUNCTION public.close_counted(place integer, item smallint, held public.condition, day date) IS 'Closes the days up to one for an account that was counted.';

CREATE TABLE public.audit (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_id bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    noun text NOT NULL,
    noun_id text NOT NULL,
    before jsonb,
    after jsonb,
    request_id text DEFAULT ''::text NOT NULL,
    step bigint NOT NULL,
    hash bytea NOT NULL,
    written_in xid8 DEFAULT pg_current_xact_id() NOT NULL
);

ALTER TABLE ONLY public.audit FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.audit IS 'What was changed by whom, before and after. Moves of blanks are their own trail, in the ledger.';

COMMENT ON COLUMN public.audit.step IS 'of the document in this region, from 1 on without a gap';

COMMENT ON COLUMN public.audit.hash IS 'of the row and of the hash of the step before';

COMMENT ON COLUMN public.audit.written_in IS 'transaction that wrote it: a checkpoint leaves out what was under way';

CREATE FUNCTION public.history_link(previous bytea, step bigint, a public.audit) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(previous || convert_to(concat_ws(E'\x1f',
        step, a.region_id, a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.actor_id, a.actor, a.action, a.noun, a.noun_id,
        coalesce(a.before::text, ''), coalesce(a.after::text, ''), a.request_id), 'UTF8'))
$$;

CREATE FUNCTION public.link(previous bytea, region_id integer, place_id integer, seq bigint, move bytea, item_id smallint, condition public.condition, lot_id integer, pieces bigint) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(previous || move || convert_to(concat_ws(E'\x1f', region_id, place_id, seq, item_id, condition, lot_id, pieces), 'UTF8'))
$$;

CREATE TABLE public.lots (
    id integer NOT NULL,
    fund text NOT NULL,
    earmark_region_id integer,
    name text NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    CONSTRAINT lots_earmark_of_grants CHECK (((fund = 'HIBAH_APBD'::text) = (earmark_region_id IS NOT NULL))),
    CONSTRAINT lots_fund CHECK ((fund = ANY (ARRAY['APBN'::text, 'PNBP'::text, 'HIBAH_APBD'::text]))),
    CONSTRAINT lots_version_form CHECK ((version ~ '^([0-9A-Za-z][0-9A-Za-z.]{0,9})?$'::text))
);

COMMENT ON TABLE public.lots IS 'Whose money bought the pieces; a grant from a region is earmarked for it.';

COMMENT ON COLUMN public.lots.version IS 'of the blank, such as 4.8; empty where every printer takes it';

CREATE FUNCTION public.lot_facts(l public.lots) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT jsonb_build_object('fund', l.fund, 'earmark_region_id', l.earmark_region_id, 'name', l.name, 'blank_version', l.version)
$$;

CREATE TABLE public.moves (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    other_region_id integer,
    kind public.move_kind NOT NULL,
    document text NOT NULL,
    business_date date NOT NULL,
    reason text NOT NULL,
    reverses bigint,
    actor_id bigint NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT moves_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT moves_reason_length CHECK ((length(reason) <= 500)),
    CONSTRAINT moves_reversal_names_its_move CHECK (((kind = 'reversal'::public.move_kind) = (reverses IS NOT NULL)))
);

ALTER TABLE ONLY public.moves FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.moves IS 'Append-only. The region is that of the place the pieces leave; other_region that of the place they go to, where it differs.';

CREATE FUNCTION public.move_digest(m public.moves) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(convert_to(concat_ws(E'\x1f',
        m.region_id, m.id, coalesce(m.other_region_id, 0), m.kind, m.document, to_char(m.business_date, 'YYYY-MM-DD'), m.reason,
        coalesce(m.reverses, 0), m.actor_id, m.actor, (extract(epoch FROM m.at) * 1000000)::bigint, CASE WHEN m.synthetic THEN 1 ELSE 0 END,
        (SELECT string_agg(concat_ws(E'\x1e', l.line, l.item_id, l.lot_id, l.source_place_id, l.source_condition,
                l.target_place_id, l.target_condition, coalesce(l.purpose::text, ''), l.pieces), E'\x1d' ORDER BY l.line)
         FROM move_lines l WHERE l.region_id = m.region_id AND l.move_id = m.id)), 'UTF8'))
$$;

CREATE FUNCTION public.needs_of(item smallint, today date, region integer DEFAULT NULL::integer) RETURNS TABLE(region_id integer, as_of date, horizon_days integer, daily_mean double precision, sd double precision, p50 double precision, p80 double precision, p90 double precision, p95 double precision, print_ready bigint, planned_visits bigint, source text, per_piece integer)
    LANGUAGE sql STABLE
    AS $$
    SELECT n.region_id, n.as_of, n.horizon_days, n.daily_mean, n.sd, n.p50, n.p80, n.p90, n.p95, n.print_ready, n.planned_visits, 'forecast', 1
    FROM needs n
    WHERE n.item_id = item AND (region IS NULL OR n.region_id = region)
    UNION ALL
    -- Whoever waits for a card, and whoever visits will serve, needs ribbon and film as well.
    SELECT n.region_id, n.as_of, n.horizon_days, n.daily_mean / i.cards, n.sd / i.cards, (n.p50 + w.cards) / i.cards, (n.p80 + w.cards) / i.cards,
           (n.p90 + w.cards) / i.cards, (n.p95 + w.cards) / i.cards, 0, 0, 'ktp-el', i.cards
    FROM items i
    JOIN items k ON k.kind = 'ktp'
    JOIN needs n ON n.item_id = k.id
    CROSS JOIN LATERAL (SELECT (n.print_ready + n.planned_visits)::double precision AS cards) w
    WHERE i.id = item AND i.kind IN ('ribbon', 'film') AND (region IS NULL OR n.region_id = region)
      AND NOT EXISTS (SELECT FROM needs o WHERE o.region_id = n.region_id AND o.item_id = item)
    UNION ALL
    SELECT u.region_id, today, h.days, u.mean, sqrt(u.variance * h.days), u.mean * h.days, u.mean * h.days + 0.8416 * sqrt(u.variance * h.days),
           u.mean * h.days + 1.2816 * sqrt(u.variance * h.days), u.mean * h.days + 1.6449 * sqrt(u.variance * h.days), 0, 0, 'use', 1
    FROM (
        WITH change AS (
            SELECT t.id AS region_id, f.day, sum(f.pieces) AS pieces, coalesce(-sum(f.pieces) FILTER (WHERE f.kind = 'use'), 0) AS used
            FROM regions_today t
            JOIN regions_today r ON r.level >= 2 AND left(r.code, 5) = t.code
            JOIN flows_inherited f ON f.region_id = r.id AND f.item_id = item AND f.day <= today
            WHERE t.level = 2 AND (region IS NULL OR t.id = region) AND EXISTS (SELECT FROM items i WHERE i.id = item AND i.kind = 'kia')
            GROUP BY 1, 2
        ), closing AS (
            SELECT region_id, day, used, sum(pieces) OVER w AS held, lead(day, 1, today + 1) OVER w AS next
            FROM change
            WINDOW w AS (PARTITION BY region_id ORDER BY day)
        ), exposed AS (
            -- Days without a piece on the shelf say nothing of demand.
            SELECT region_id, today + 1 - greatest(min(day), today - 89)
                   - coalesce(sum(greatest(0, next - greatest(day + 1, today - 89))) FILTER (WHERE held <= 0), 0) AS days,
                   sum(used) FILTER (WHERE day > today - 90) AS used, sum(used * used) FILTER (WHERE day > today - 90) AS squares
            FROM closing
            GROUP BY 1
        )
        SELECT region_id, (used / days)::double precision AS mean,
               greatest(used / days, (squares - used * used / days) / (days - 1))::double precision AS variance -- no demand is surer than Poisson's
        FROM exposed
        WHERE days >= 14 AND used > 0
    ) u
    LEFT JOIN needs n ON n.region_id = u.region_id AND n.item_id = (SELECT k.id FROM items k WHERE k.kind = 'ktp')
    CROSS JOIN LATERAL (SELECT coalesce(n.horizon_days, 21) AS days) h -- lead time and review period
    WHERE NOT EXISTS (SELECT FROM needs o WHERE o.region_id = u.region_id AND o.item_id = item)
$$;

COMMENT ON FUNCTION public.needs_of(item smallint, today date, region integer) IS 'Needs of an item by kabupaten/kota on a day, in pieces: source forecast as kept in needs; ktp-el as many ribbons or films as its cards take; use from the last 90 days.';

CREATE FUNCTION public.number_document() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.document = '' THEN
        NEW.document := concat_ws('/', TG_ARGV[0], to_char(business_date(), 'YYYY'), lpad(NEW.id::text, 6, '0'));
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.office_of(code text) RETURNS TABLE(place_id integer, region_id integer, region_code text, zone text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.id, p.region_id, v.code, r.zone
    FROM region_versions v
    JOIN regions r ON r.id = v.region_id
    JOIN places p ON p.region_id = v.region_id AND p.kind = 'regency'
    WHERE v.code = office_of.code AND v.valid_to IS NULL
$$;

COMMENT ON FUNCTION public.office_of(code text) IS 'The office of a kabupaten/kota by its code of today, in reach or not.';

CREATE FUNCTION public.open_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO chains (region_id, place_id) VALUES (NEW.region_id, NEW.id);
    RETURN NEW;
END $$;

CREATE PROCEDURE public.open_to_all(IN relation text, IN privileges text)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('GRANT %s ON %I TO blangko_server, blangko_nation', privileges, relation);
END $$;

COMMENT ON PROCEDURE public.open_to_all(IN relation text, IN privileges text) IS 'Grants privileges on a table that holds no region and so needs no reach.';

CREATE FUNCTION public.place_kind_of(id integer) RETURNS public.place_kind
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.kind FROM places p WHERE p.id = place_kind_of.id
$$;

COMMENT ON FUNCTION public.place_kind_of(id integer) IS 'Kind of a place, in reach or not.';

CREATE FUNCTION public.place_label(id integer) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.name FROM places p WHERE p.id = place_label.id
$$;

COMMENT ON FUNCTION public.place_label(id integer) IS 'Name of a place, in reach or not.';

CREATE FUNCTION public.post(asks jsonb) RETURNS TABLE(ask integer, region_id integer, id bigint, at timestamp with time zone, refused text, facts jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $_$
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
END $_$;

COMMENT ON FUNCTION public.post(asks jsonb) IS 'The one writer of the ledger: each ask all or nothing.';

CREATE FUNCTION public.post_once(actors bigint[], keys text[], digests bytea[], asks jsonb) RETURNS TABLE(ask integer, id text, at timestamp with time zone, refused text, facts jsonb, replayed boolean)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

COMMENT ON FUNCTION public.post_once(actors bigint[], keys text[], digests bytea[], asks jsonb) IS 'Posts what is asked by hand, each ask once for its Idempotency-Key.';

CREATE PROCEDURE public.protect(IN relation text, IN privileges text, VARIADIC regions text[])
    LANGUAGE plpgsql
    AS $$
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

COMMENT ON PROCEDURE public.protect(IN relation text, IN privileges text, VARIADIC regions text[]) IS 'Puts a table behind forced row-level security by its region columns. One reached end is enough. Every table that holds a region calls it once.';

CREATE FUNCTION public.reached() RETURNS integer[]
    LANGUAGE sql STABLE
    AS $$ SELECT string_to_array(nullif(current_setting('blangko.regions', true), ''), ',')::int[] $$;

COMMENT ON FUNCTION public.reached() IS 'The regions that the actor of this transaction reaches; NULL, which matches nothing, when none was set.';

CREATE FUNCTION public.refuse(code text, facts jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- BL001 is our own class: inventory.post turns it into the fault of that code.
    RAISE EXCEPTION USING ERRCODE = 'BL001', MESSAGE = code, CONSTRAINT = code, DETAIL = facts::text;
END $$;

CREATE FUNCTION public.region_code(id integer) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT v.code
    FROM regions r
    JOIN region_versions v ON v.region_id = coalesce(r.heir_id, r.id) AND v.valid_to IS NULL
    WHERE r.id = region_code.id
$$;

COMMENT ON FUNCTION public.region_code(id integer) IS 'Official code of today of a region, or of the one it has merged into, in reach or not.';

CREATE FUNCTION public.region_label(id integer) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT v.name
    FROM regions r
    JOIN region_versions v ON v.region_id = coalesce(r.heir_id, r.id) AND v.valid_to IS NULL
    WHERE r.id = region_label.id
$$;

COMMENT ON FUNCTION public.region_label(id integer) IS 'Name of today of a region, or of the one it has merged into, in reach or not.';

CREATE FUNCTION public.regions_under(reach text) RETURNS integer[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    RETURN (SELECT array_agg(v.region_id)
            FROM region_versions v
            -- The dot is the boundary: 12.7 does not reach 12.71. '/' is the character after the dot.
            WHERE (v.code = reach OR v.code >= reach || '.' AND v.code < reach || '/')
              AND v.valid_from <= business_date()
              AND (v.valid_to IS NULL OR v.valid_to > business_date()));
END $$;

COMMENT ON FUNCTION public.regions_under(reach text) IS 'The regions whose code of today is that code or lies under it; NULL when there is none.';

CREATE FUNCTION public.takes_version(place_id integer, version text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT takes_version.version = '' OR coalesce(takes_version.version = ANY (coalesce(p.printer_versions, (
        SELECT o.printer_versions
        FROM places o
        WHERE p.kind IN ('service', 'team') AND o.kind = 'regency'
          AND (o.region_id = p.region_id
               OR o.region_id IN (SELECT v.parent_id FROM region_versions v WHERE v.region_id = p.region_id AND v.valid_to IS NULL))
        LIMIT 1))), true)
    FROM places p
    WHERE p.id = takes_version.place_id
$$;

COMMENT ON FUNCTION public.takes_version(place_id integer, version text) IS 'Whether the printers of a place take a version of the blank; the place may be out of reach.';

CREATE FUNCTION public.targets_set(about text) RETURNS TABLE(code text, year smallint, percent numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT v.code, t.year, t.percent
    FROM targets t
    JOIN region_versions v ON v.region_id = t.region_id AND v.valid_to IS NULL
    WHERE t.subject = about
$$;

COMMENT ON FUNCTION public.targets_set(about text) IS 'Every target of a subject with today''s code of its region; targets are policy and known to all.';

CREATE FUNCTION public.tell_lot() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id, after)
    VALUES ((SELECT id FROM regions WHERE level = 0), coalesce(nullif(current_setting('blangko.actor', true), '')::bigint, 0),
            coalesce(nullif(current_setting('blangko.actor_name', true), ''), 'system'), 'open', 'lot', NEW.id::text, lot_facts(NEW));
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.tell_lot() IS 'Writes a lot that was opened into the trail, which is chained.';

CREATE TABLE public.alert_events (
    region_id integer NOT NULL,
    alert_id bigint NOT NULL,
    id bigint NOT NULL,
    event text NOT NULL,
    level text NOT NULL,
    probability double precision NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT alert_events_event CHECK ((event = ANY (ARRAY['opened'::text, 'raised'::text, 'lowered'::text, 'escalated'::text, 'acknowledged'::text, 'snoozed'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.alert_events FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.alert_events IS 'What became of an alert, step by step.';

ALTER TABLE public.alert_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alert_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    cause text NOT NULL,
    level text NOT NULL,
    state text NOT NULL,
    probability double precision NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    calm smallint DEFAULT 0 NOT NULL,
    escalation smallint DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    opened_by text NOT NULL,
    critical_since timestamp with time zone,
    settled_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    snoozed_until date,
    closed_at timestamp with time zone,
    closed_by text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT alerts_acknowledged_by_somebody CHECK (((state <> 'acknowledged'::text) OR (acknowledged_at IS NOT NULL))),
    CONSTRAINT alerts_cause_form CHECK ((cause ~ '^[a-z]+(-[a-z]+)*$'::text)),
    CONSTRAINT alerts_closed_at_some_time CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT alerts_escalation CHECK (((escalation >= 0) AND (escalation <= 2))),
    CONSTRAINT alerts_level CHECK ((level = ANY (ARRAY['watch'::text, 'warning'::text, 'critical'::text]))),
    CONSTRAINT alerts_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT alerts_probability CHECK (((probability >= (0)::double precision) AND (probability <= (1)::double precision))),
    CONSTRAINT alerts_state CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.alerts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.alerts IS 'One alert per region and cause that is not closed, with the probability of what it warns of.';

COMMENT ON COLUMN public.alerts.calm IS 'runs in a row in which the probability lay clearly below the level; two of them lower or close it';

COMMENT ON COLUMN public.alerts.escalation IS 'who should see it: 0 the region, 1 its province, 2 the nation';

ALTER TABLE public.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.allocation_lines (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    allocation_id bigint NOT NULL,
    place_id integer NOT NULL,
    request bigint,
    emergency boolean NOT NULL,
    usable bigint NOT NULL,
    in_transit bigint NOT NULL,
    daily_need double precision NOT NULL,
    sd double precision,
    weight double precision DEFAULT 1 NOT NULL,
    "least" bigint DEFAULT 0 NOT NULL,
    most bigint,
    granted bigint DEFAULT 0 NOT NULL,
    computed bigint NOT NULL,
    given bigint NOT NULL,
    reason text NOT NULL,
    why text NOT NULL,
    override_reason text DEFAULT ''::text NOT NULL,
    shipment_id bigint,
    CONSTRAINT allocation_lines_computed_not_negative CHECK ((computed >= 0)),
    CONSTRAINT allocation_lines_given_not_negative CHECK ((given >= 0)),
    CONSTRAINT allocation_lines_override_reason_length CHECK ((length(override_reason) <= 500))
);

ALTER TABLE ONLY public.allocation_lines FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.allocation_lines IS 'What a run knew of a region and what it gives it. given is of the common stock, granted of the region''s own grant; given departs from computed only for a reason.';

CREATE TABLE public.allocations (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    document text NOT NULL,
    level text NOT NULL,
    rule text NOT NULL,
    available bigint NOT NULL,
    box bigint NOT NULL,
    days integer NOT NULL,
    push boolean NOT NULL,
    state text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    prepared_by_ids bigint[] NOT NULL,
    prepared_by text NOT NULL,
    computed_at timestamp with time zone NOT NULL,
    approved_at timestamp with time zone,
    approved_by text DEFAULT ''::text NOT NULL,
    released_at timestamp with time zone,
    released_by text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    blank_version text DEFAULT ''::text NOT NULL,
    draft jsonb,
    CONSTRAINT allocations_available_not_negative CHECK ((available >= 0)),
    CONSTRAINT allocations_box_positive CHECK ((box >= 1)),
    CONSTRAINT allocations_days_positive CHECK ((days >= 1)),
    CONSTRAINT allocations_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT allocations_level CHECK ((level = ANY (ARRAY['province'::text, 'regency'::text]))),
    CONSTRAINT allocations_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT allocations_rule CHECK ((rule = ANY (ARRAY['together'::text, 'proportional'::text, 'gains'::text, 'losses'::text, 'shortage'::text]))),
    CONSTRAINT allocations_state CHECK ((state = ANY (ARRAY['draft'::text, 'computed'::text, 'reviewed'::text, 'approved'::text, 'released'::text, 'void'::text])))
);

ALTER TABLE ONLY public.allocations FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.allocations IS 'A division of a store''s stock by one rule; prepared_by_ids are all who prepared or changed it, none of whom may approve it.';

COMMENT ON COLUMN public.allocations.blank_version IS 'version of the blanks that it divides';

COMMENT ON COLUMN public.allocations.draft IS 'what is to be computed, where the run began as a draft';

ALTER TABLE public.allocations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.allocations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.balances (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    condition public.condition NOT NULL,
    lot_id integer NOT NULL,
    pieces bigint NOT NULL,
    outside boolean NOT NULL,
    counted_until date,
    CONSTRAINT balances_blanks_not_negative CHECK (((pieces >= 0) OR outside))
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.balances FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.balances IS 'Pieces in each account: always the sum of its entries. Only places outside may be negative.';

COMMENT ON COLUMN public.balances.counted_until IS 'no move of the account may be dated on or before this day, for a count has seen what came of them';

CREATE TABLE public.boundaries (
    region_id integer NOT NULL,
    import_id bigint NOT NULL,
    level smallint NOT NULL,
    current boolean NOT NULL,
    points integer NOT NULL,
    digest bytea NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT boundaries_points CHECK ((points >= 4))
);

ALTER TABLE ONLY public.boundaries FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.boundaries IS 'A border of a region as one import brought it; the latest that was not undone is current.';

COMMENT ON COLUMN public.boundaries.digest IS 'SHA-256 of the shape, so that the same one again is known';

CREATE TABLE public.boundary_shapes (
    region_id integer NOT NULL,
    import_id bigint NOT NULL,
    zoom smallint NOT NULL,
    level smallint NOT NULL,
    current boolean NOT NULL,
    bounds box NOT NULL,
    shape bytea NOT NULL
);

ALTER TABLE ONLY public.boundary_shapes FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.boundary_shapes IS 'The border as it is drawn at a zoom of a map, the last zoom as it came; bounds in WGS84 degrees, shape as WKB.';

CREATE TABLE public.boxes (
    id bigint NOT NULL,
    region_id integer NOT NULL,
    sender_region_id integer,
    number text NOT NULL,
    item_id smallint NOT NULL,
    lot_id integer NOT NULL,
    delivery_id bigint NOT NULL,
    parent_id bigint,
    parent_step integer,
    parts integer DEFAULT 0 NOT NULL,
    place_id integer NOT NULL,
    condition public.condition NOT NULL,
    sealed boolean NOT NULL,
    pieces bigint NOT NULL,
    first_uid bigint NOT NULL,
    last_uid bigint NOT NULL,
    uids bigint[],
    digest bytea NOT NULL,
    shipment_id bigint,
    loss_id bigint,
    step integer NOT NULL,
    since timestamp with time zone NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT boxes_digest_length CHECK ((length(digest) = 32)),
    CONSTRAINT boxes_first_uid_not_negative CHECK ((first_uid >= 0)),
    CONSTRAINT boxes_list_within_ends CHECK (((uids IS NULL) OR ((uids[1] = first_uid) AND (uids[cardinality(uids)] = last_uid)))),
    CONSTRAINT boxes_number_form CHECK ((number ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$'::text)),
    CONSTRAINT boxes_part_names_its_step CHECK (((parent_id IS NULL) = (parent_step IS NULL))),
    CONSTRAINT boxes_pieces_are_its_chips CHECK ((pieces = COALESCE((cardinality(uids))::bigint, ((last_uid - first_uid) + 1)))),
    CONSTRAINT boxes_pieces_in_bounds CHECK (((pieces >= 1) AND (pieces <= 10000)))
);

ALTER TABLE ONLY public.boxes FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.boxes IS 'Boxes, and chips named singly, with where they are. sealed: its chips are all there, so that it stands for so many pieces of its account; of an opened one only where it was opened is known. A part cut out has a row of its own.';

COMMENT ON COLUMN public.boxes.region_id IS 'whose it is to answer for: where it is, or, under way, where it goes';

COMMENT ON COLUMN public.boxes.sender_region_id IS 'where it comes from, while it is under way';

COMMENT ON COLUMN public.boxes.parts IS 'parts ever cut out of it, for their numbers';

COMMENT ON COLUMN public.boxes.digest IS 'Merkle root of its chips (RFC 6962)';

ALTER TABLE public.boxes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.boxes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.calendar_links (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    team_id bigint,
    site_id bigint,
    digest bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT calendar_links_of_one CHECK (((team_id IS NULL) <> (site_id IS NULL)))
);

ALTER TABLE ONLY public.calendar_links FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.calendar_links IS 'Secret links under which calendar programs follow a team or a site; a new one ends the one before.';

ALTER TABLE public.calendar_links ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.calendar_links_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.chains (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.chains FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.chains IS 'The newest link of each place''s chain; locking it is what makes postings of one place take turns.';

CREATE TABLE public.checkpoints (
    day date NOT NULL,
    at timestamp with time zone NOT NULL,
    body text NOT NULL
);

COMMENT ON TABLE public.checkpoints IS 'The signed heads of all chains, one a day: also written to files, since who can delete the newest rows can delete this too.';

CREATE TABLE public.circulars (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    document text NOT NULL,
    classes text[] NOT NULL,
    from_day date NOT NULL,
    until_day date,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT circulars_classes CHECK ((((cardinality(classes) >= 1) AND (cardinality(classes) <= 6)) AND (classes <@ ARRAY['first-time'::text, 'moved'::text, 'marital'::text, 'damaged'::text, 'lost'::text, 'data-change'::text]))),
    CONSTRAINT circulars_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT circulars_end_after_start CHECK ((until_day > from_day))
);

ALTER TABLE ONLY public.circulars FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.circulars IS 'Classes of service that a circular switches off in a region and everything below it, from a day until before another (null: until further notice).';

ALTER TABLE public.circulars ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.circulars_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.counts (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    condition public.condition NOT NULL,
    document text NOT NULL,
    state text NOT NULL,
    counted bigint,
    counted_at timestamp with time zone,
    ledger bigint,
    reason text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    counter_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    requested_by text NOT NULL,
    counted_by text DEFAULT ''::text NOT NULL,
    posted_at timestamp with time zone,
    posted_by text DEFAULT ''::text NOT NULL,
    move text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    started_at timestamp with time zone,
    started_by text DEFAULT ''::text NOT NULL,
    reviewed_at timestamp with time zone,
    reviewed_by text DEFAULT ''::text NOT NULL,
    lot_id integer,
    CONSTRAINT counts_counted_not_negative CHECK ((counted >= 0)),
    CONSTRAINT counts_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT counts_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT counts_state CHECK ((state = ANY (ARRAY['requested'::text, 'counting'::text, 'counted'::text, 'recount'::text, 'reviewed'::text, 'posted'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.counts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.counts IS 'Stock opname of one account of a place. ledger is what the ledger held at the instant of the count; whoever counted neither reviews nor posts.';

COMMENT ON COLUMN public.counts.lot_id IS 'of what is too many: as the counter named it; when posted, as it entered';

ALTER TABLE public.counts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.counts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.custody (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    seq bigint NOT NULL,
    other_region_id integer,
    box_id bigint NOT NULL,
    step integer NOT NULL,
    kind text NOT NULL,
    from_place_id integer NOT NULL,
    to_place_id integer NOT NULL,
    condition public.condition NOT NULL,
    sealed boolean NOT NULL,
    pieces bigint NOT NULL,
    digest bytea NOT NULL,
    noun text NOT NULL,
    noun_id bigint NOT NULL,
    document text NOT NULL,
    day date NOT NULL,
    actor_id bigint NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    key text NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT custody_document_length CHECK ((length(document) <= 100)),
    CONSTRAINT custody_kind CHECK ((kind = ANY (ARRAY['delivered'::text, 'split'::text, 'packed'::text, 'unpacked'::text, 'dispatched'::text, 'returned'::text, 'received'::text, 'rolled-back'::text, 'opened'::text, 'spoiled'::text, 'frozen'::text, 'unfrozen'::text, 'lost'::text, 'destroyed'::text, 'transferred'::text, 'set-aside'::text, 'lifted'::text])))
);

ALTER TABLE ONLY public.custody FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.custody IS 'Append-only: every step of every box, under the place that took it. Each link is a keyed hash (HMAC-SHA256) over the one before it; the key is not in the database.';

COMMENT ON COLUMN public.custody.key IS 'the first digits of the SHA-256 of the key, to know which one it was';

CREATE TABLE public.custody_heads (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.custody_heads FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.custody_heads IS 'The newest link of each place''s chain of custody; locking it makes the steps of one place take turns.';

CREATE TABLE public.decisions (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    item_id smallint NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    day date NOT NULL,
    forecast_on date,
    said jsonb DEFAULT '{}'::jsonb NOT NULL,
    decided jsonb NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    decided_by text NOT NULL,
    closes_on date NOT NULL,
    happened jsonb,
    closed_on date,
    CONSTRAINT decisions_closed_with_what_came CHECK (((happened IS NULL) = (closed_on IS NULL))),
    CONSTRAINT decisions_kind CHECK ((kind = ANY (ARRAY['request'::text, 'allocation'::text, 'note'::text]))),
    CONSTRAINT decisions_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT decisions_source_length CHECK (((length(source) >= 1) AND (length(source) <= 100)))
);

ALTER TABLE ONLY public.decisions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.decisions IS 'The journal: what the forecast said of a region on the day of a decision, what was decided, and what came until closes_on.';

COMMENT ON COLUMN public.decisions.source IS 'the document decided on, or the number of a note';

ALTER TABLE public.decisions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.decisions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.deliveries (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    procurement_id bigint NOT NULL,
    place_id integer NOT NULL,
    document text NOT NULL,
    batch text DEFAULT ''::text NOT NULL,
    day date NOT NULL,
    pieces bigint NOT NULL,
    move_id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT deliveries_batch_length CHECK ((length(batch) <= 100)),
    CONSTRAINT deliveries_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT deliveries_pieces_positive CHECK (((pieces >= 1) AND (pieces <= 100000000)))
);

ALTER TABLE ONLY public.deliveries FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.deliveries IS 'What the printer brought under a contract; the move of the region is the one that put it into the store.';

ALTER TABLE public.deliveries ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.destructions (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    document text NOT NULL,
    day date NOT NULL,
    spoiled bigint NOT NULL,
    surrendered bigint NOT NULL,
    witnesses jsonb DEFAULT '[]'::jsonb NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    preparer_id bigint NOT NULL,
    prepared_at timestamp with time zone NOT NULL,
    prepared_by text NOT NULL,
    done_at timestamp with time zone,
    done_by text DEFAULT ''::text NOT NULL,
    move text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    chips jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT destructions_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT destructions_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT destructions_of_something CHECK (((spoiled + surrendered) > 0)),
    CONSTRAINT destructions_spoiled_not_negative CHECK ((spoiled >= 0)),
    CONSTRAINT destructions_state CHECK ((state = ANY (ARRAY['draft'::text, 'witnessed'::text, 'done'::text, 'cancelled'::text]))),
    CONSTRAINT destructions_surrendered_not_negative CHECK ((surrendered >= 0))
);

ALTER TABLE ONLY public.destructions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.destructions IS 'Spoiled blanks and surrendered cards burnt before witnesses (officials, by name and office); document is the number of the berita acara.';

COMMENT ON COLUMN public.destructions.chips IS 'spoiled chips that are destroyed, as far as they are named';

ALTER TABLE public.destructions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.destructions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.discrepancies (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    id bigint NOT NULL,
    shipment_id bigint NOT NULL,
    receipt_id bigint NOT NULL,
    line smallint NOT NULL,
    kind text NOT NULL,
    pieces bigint NOT NULL,
    state text NOT NULL,
    due_on date NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    opened_by text NOT NULL,
    answered_at timestamp with time zone,
    answered_by text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT discrepancies_answer CHECK ((answer = ANY (ARRAY[''::text, 'lost'::text, 'found-here'::text, 'sent-more'::text, 'not-ours'::text, 'acknowledged'::text]))),
    CONSTRAINT discrepancies_kind CHECK ((kind = ANY (ARRAY['short'::text, 'over'::text, 'damaged'::text, 'wrong-version'::text, 'wrong-chips'::text]))),
    CONSTRAINT discrepancies_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT discrepancies_pieces_positive CHECK ((pieces > 0)),
    CONSTRAINT discrepancies_resolved_is_answered CHECK (((state = 'resolved'::text) = (answer <> ''::text))),
    CONSTRAINT discrepancies_state CHECK ((state = ANY (ARRAY['open'::text, 'escalated'::text, 'resolved'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.discrepancies FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.discrepancies IS 'A difference between what was sent and what arrived: a case that the sender owes an answer by due_on.';

ALTER TABLE public.discrepancies ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.discrepancies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.early_recordings (
    region_id integer NOT NULL,
    month date NOT NULL,
    people bigint NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT early_recordings_month_begins CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT early_recordings_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT early_recordings_people CHECK (((people >= 0) AND (people <= 1000000)))
);

ALTER TABLE ONLY public.early_recordings FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.early_recordings IS 'How many people recorded at sixteen turn seventeen in a month: their cards can be printed from then on.';

CREATE TABLE public.entries (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    seq bigint NOT NULL,
    move_id bigint NOT NULL,
    move_region_id integer NOT NULL,
    item_id smallint NOT NULL,
    condition public.condition NOT NULL,
    lot_id integer NOT NULL,
    pieces bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT entries_pieces_not_zero CHECK ((pieces <> 0))
);

ALTER TABLE ONLY public.entries FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.entries IS 'What a move did to one account; the chain of a place runs by seq.';

CREATE TABLE public.figures (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    subject text NOT NULL,
    scope text NOT NULL,
    people_group text DEFAULT ''::text NOT NULL,
    as_of date NOT NULL,
    "precision" text NOT NULL,
    period text,
    era smallint NOT NULL,
    people bigint,
    have bigint,
    lack bigint,
    percent numeric(9,4),
    sent bigint,
    adjudication bigint,
    duplicate bigint,
    print_ready bigint,
    interim_letters bigint,
    source text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    status text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    import_id bigint,
    import_row integer DEFAULT 0 NOT NULL,
    recorded_id bigint NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    verified_by text,
    verified_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    part_of bigint,
    submitted_at timestamp with time zone,
    few boolean GENERATED ALWAYS AS ((((LEAST(people, have, lack, sent, adjudication, duplicate, print_ready, interim_letters) < 5) OR ((people - have) < 5) OR ((people - lack) < 5) OR (((people)::numeric * ((100)::numeric - percent)) < (600)::numeric)) IS TRUE)) STORED NOT NULL,
    CONSTRAINT figures_group_form CHECK ((people_group ~ '^[a-z0-9_-]{0,60}$'::text)),
    CONSTRAINT figures_not_negative CHECK (((people >= 0) AND (have >= 0) AND (lack >= 0) AND (percent >= (0)::numeric) AND (sent >= 0) AND (adjudication >= 0) AND (duplicate >= 0) AND (print_ready >= 0) AND (interim_letters >= 0))),
    CONSTRAINT figures_note_length CHECK ((length(note) <= 1000)),
    CONSTRAINT figures_period_form CHECK ((period ~ '^\d{4}-S[12]$'::text)),
    CONSTRAINT figures_precision CHECK (("precision" = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT figures_say_something CHECK ((num_nonnulls(people, have, lack, percent, sent, adjudication, duplicate, print_ready, interim_letters) > 0)),
    CONSTRAINT figures_scope_form CHECK ((scope ~ '^[a-z0-9_-]{1,60}$'::text)),
    CONSTRAINT figures_source_length CHECK (((length(source) >= 1) AND (length(source) <= 500))),
    CONSTRAINT figures_status CHECK ((status = ANY (ARRAY['draft'::text, 'submitted'::text, 'verified'::text]))),
    CONSTRAINT figures_subject CHECK ((subject = ANY (ARRAY['recording'::text, 'card'::text, 'birth-certificate'::text, 'child-card'::text, 'digital-id'::text]))),
    CONSTRAINT figures_submitted CHECK (((status = 'draft'::text) = (submitted_at IS NULL))),
    CONSTRAINT figures_verified_by_somebody CHECK (((status = 'verified'::text) = (verified_by IS NOT NULL)))
);

ALTER TABLE ONLY public.figures FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.figures IS 'How many of some people have a document: counts, or a bare percentage, as the source printed them.';

COMMENT ON COLUMN public.figures.scope IS 'which people: wajib_ktp, dp4 (voters), dukcapil_admin, bps_susenas_0_17 …';

COMMENT ON COLUMN public.figures.as_of IS 'the day, or the first day of the month or year when the source says no more (precision)';

COMMENT ON COLUMN public.figures.era IS 'how many provinces the source counted; it says which region a code meant';

COMMENT ON COLUMN public.figures.percent IS 'as printed, not computed';

COMMENT ON COLUMN public.figures.import_row IS 'row of the file it came with, 0 for none';

COMMENT ON COLUMN public.figures.part_of IS 'the figure that a split or merge of regions made this one of, by share';

COMMENT ON COLUMN public.figures.submitted_at IS 'when its office first stood by it; null for a draft';

COMMENT ON COLUMN public.figures.few IS 'a count of it, or one that its counts tell, may be below 5: a little more often true than it is so, never less';

ALTER TABLE public.figures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.figures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.findings (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    figure_id bigint NOT NULL,
    rule text NOT NULL,
    facts jsonb NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_by text,
    settled_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT findings_rule CHECK ((rule = ANY (ARRAY['above-100'::text, 'parts-do-not-add-up'::text, 'percent-differs'::text, 'stage-exceeds-recorded'::text, 'parts-exceed-parent'::text, 'parts-differ-from-parent'::text, 'jump'::text, 'exceeds-population'::text, 'stale'::text]))),
    CONSTRAINT findings_settled_by_somebody CHECK (((state = 'open'::text) = (settled_by IS NULL))),
    CONSTRAINT findings_state CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'corrected'::text])))
);

ALTER TABLE ONLY public.findings FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.findings IS 'What cannot be right about a figure, with the numbers that say so. A finding is settled by whoever looked, or by a correction, never silently.';

ALTER TABLE public.findings ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.findings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.flow_offsets (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    day date NOT NULL,
    pieces bigint NOT NULL,
    change_into integer NOT NULL
);

ALTER TABLE ONLY public.flow_offsets FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.flow_offsets IS 'What an inherited history held on the day of a split, taken off again where the pieces themselves moved, so that the shelf of each part is the real one from then on.';

CREATE TABLE public.flows (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    day date NOT NULL,
    kind public.move_kind NOT NULL,
    pieces bigint NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.flows FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.flows IS 'Change of usable pieces by place, business date and kind of move (a reversal counts with what it reverses): the sum of the usable entries. Days of stock-out and use by month come from here.';

CREATE TABLE public.region_shares (
    region_id integer NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    to_region_id integer NOT NULL,
    share double precision NOT NULL,
    CONSTRAINT region_shares_last_a_day CHECK ((since < until)),
    CONSTRAINT region_shares_share CHECK (((share >= (0)::double precision) AND (share <= (1)::double precision)))
);

ALTER TABLE ONLY public.region_shares FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.region_shares IS 'What was recorded of a region in a span of days speaks of these regions of today, with these shares; they add up to one.';

CREATE VIEW public.flows_inherited WITH (security_invoker='true') AS
 SELECT COALESCE(s.to_region_id, f.region_id) AS region_id,
    f.place_id,
    f.item_id,
    f.day,
    f.kind,
    (
        CASE
            WHEN (s.share IS NULL) THEN (f.pieces)::double precision
            WHEN (s.to_region_id = s.region_id) THEN ((f.pieces)::double precision - ( SELECT COALESCE(sum(round(((f.pieces)::double precision * o.share))), (0)::double precision) AS "coalesce"
               FROM public.region_shares o
              WHERE ((o.region_id = s.region_id) AND (o.since = s.since) AND (o.to_region_id <> o.region_id))))
            ELSE round(((f.pieces)::double precision * s.share))
        END)::bigint AS pieces
   FROM (public.flows f
     LEFT JOIN public.region_shares s ON (((s.region_id = f.region_id) AND (f.day >= s.since) AND (f.day < s.until))))
UNION ALL
 SELECT flow_offsets.region_id,
    flow_offsets.place_id,
    flow_offsets.item_id,
    flow_offsets.day,
    'transfer'::public.move_kind AS kind,
    flow_offsets.pieces
   FROM public.flow_offsets;

COMMENT ON VIEW public.flows_inherited IS 'Flows with those before a split shared among the parts, for whoever looks at a part''s past: expected, not counted. The sums over all parts are those of flows.';

CREATE TABLE public.forecast_failures (
    region_id integer NOT NULL,
    run_id bigint NOT NULL,
    code text NOT NULL,
    detail text NOT NULL
);

ALTER TABLE ONLY public.forecast_failures FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.forecast_failures IS 'Regions that a run could not forecast, and why; what was foreseen for them before still stands.';

CREATE TABLE public.forecast_runs (
    id bigint NOT NULL,
    as_of date NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    regions integer NOT NULL,
    failed integer NOT NULL,
    paths integer NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE public.forecast_runs IS 'Each run of the forecast: how many regions it covered and how many it could not.';

ALTER TABLE public.forecast_runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.forecast_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.forecasts (
    region_id integer NOT NULL,
    item_id smallint NOT NULL,
    month date NOT NULL,
    as_of date NOT NULL,
    run_id bigint NOT NULL,
    method text NOT NULL,
    mean double precision NOT NULL,
    p025 double precision NOT NULL,
    p10 double precision NOT NULL,
    p50 double precision NOT NULL,
    p90 double precision NOT NULL,
    p975 double precision NOT NULL,
    naive double precision,
    average double precision,
    scale double precision,
    components jsonb DEFAULT '{}'::jsonb NOT NULL,
    actual double precision,
    scored_on date,
    CONSTRAINT forecasts_mean_not_negative CHECK ((mean >= (0)::double precision)),
    CONSTRAINT forecasts_month_begins CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT forecasts_quantiles_ordered CHECK (((p025 <= p10) AND (p10 <= p50) AND (p50 <= p90) AND (p90 <= p975)))
);

ALTER TABLE ONLY public.forecasts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.forecasts IS 'Demand of a region in a month as foreseen on a day, pieces.';

COMMENT ON COLUMN public.forecasts.naive IS 'what seasonal naive said: the demand of the same month a year before';

COMMENT ON COLUMN public.forecasts.average IS 'what the mean of the last three months said';

COMMENT ON COLUMN public.forecasts.scale IS 'mean absolute seasonal difference of the history, the denominator of scaled errors';

COMMENT ON COLUMN public.forecasts.actual IS 'demand that came; null while the month lasts, and for ever when empty shelves hid it';

CREATE TABLE public.goose_db_version (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.goose_db_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_db_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.histories (
    region_id integer NOT NULL,
    noun text NOT NULL,
    noun_id text NOT NULL,
    step bigint NOT NULL,
    hash bytea NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.histories FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.histories IS 'The newest step of the trail of each document: a step that was taken away at its end shows here.';

CREATE TABLE public.hold_lots (
    region_id integer NOT NULL,
    hold_id bigint NOT NULL,
    lot_id integer NOT NULL,
    reserved bigint NOT NULL,
    checked_out bigint DEFAULT 0 NOT NULL,
    used bigint DEFAULT 0 NOT NULL,
    spoiled bigint DEFAULT 0 NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    CONSTRAINT hold_lots_not_negative CHECK (((reserved >= 0) AND (used >= 0) AND (spoiled >= 0) AND (returned >= 0))),
    CONSTRAINT hold_lots_spent_within_checked_out CHECK ((((used + spoiled) + returned) <= checked_out))
);

ALTER TABLE ONLY public.hold_lots FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.hold_lots IS 'reserved: still set aside at the office. checked_out: ever given to the team, of which used, spoiled and returned are accounted for; the rest is in the team''s place.';

CREATE TABLE public.holds (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    team_place_id integer,
    item_id smallint NOT NULL,
    document text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT holds_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100)))
);

ALTER TABLE ONLY public.holds FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.holds IS 'Blanks of an office held for a visit of a team: reserved, checked out to the team''s place, used, spoiled, returned.';

ALTER TABLE public.holds ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.holds_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.holidays (
    day date NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT holidays_kind CHECK ((kind = ANY (ARRAY['national'::text, 'collective-leave'::text])))
);

COMMENT ON TABLE public.holidays IS 'Days on which offices are closed; editable, since some dates are set late each year.';

CREATE TABLE public.idempotency_keys (
    actor_id bigint NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    answer text,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_key_length CHECK (((length(key) >= 1) AND (length(key) <= 200)))
)
WITH (fillfactor='80');

COMMENT ON TABLE public.idempotency_keys IS 'What was answered to a write, kept in that write''s own transaction, so that asking again acts once.';

CREATE TABLE public.import_errors (
    region_id integer NOT NULL,
    import_id bigint NOT NULL,
    id integer NOT NULL,
    "row" integer NOT NULL,
    "column" text NOT NULL,
    value text NOT NULL,
    code text NOT NULL,
    facts jsonb,
    cell text DEFAULT ''::text NOT NULL,
    CONSTRAINT import_errors_value_length CHECK ((length(value) <= 100))
);

ALTER TABLE ONLY public.import_errors FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.import_errors IS 'Each wrong cell of a file. A cell that may identify a person is kept without its value.';

COMMENT ON COLUMN public.import_errors.cell IS 'as Excel names it, such as D50';

CREATE TABLE public.import_moves (
    region_id integer NOT NULL,
    import_id bigint NOT NULL,
    move_region_id integer NOT NULL,
    move_id bigint NOT NULL
);

ALTER TABLE ONLY public.import_moves FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.import_moves IS 'Moves that an import posted; the region is that of the place they went to.';

CREATE TABLE public.import_progress (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    file text NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    actor text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.import_progress FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.import_progress IS 'Files that are being taken in and how far they are; what was not seen for a minute belongs to a process that died.';

ALTER TABLE public.import_progress ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.import_progress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.import_rows (
    region_id integer NOT NULL,
    import_id bigint NOT NULL,
    "row" integer NOT NULL,
    cells text[] NOT NULL
);

ALTER TABLE ONLY public.import_rows FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.import_rows IS 'The rows that were not taken, to be mended and imported again; row 0 is the heading.';

CREATE TABLE public.imports (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    file text NOT NULL,
    digest bytea NOT NULL,
    layout text DEFAULT ''::text NOT NULL,
    strict boolean NOT NULL,
    state text NOT NULL,
    rows bigint NOT NULL,
    taken bigint NOT NULL,
    unchanged bigint NOT NULL,
    bad bigint NOT NULL,
    actor_id bigint NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT imports_file_length CHECK ((length(file) <= 300)),
    CONSTRAINT imports_rows_add_up CHECK (((state = 'refused'::text) OR (rows = ((taken + unchanged) + bad)))),
    CONSTRAINT imports_state CHECK ((state = ANY (ARRAY['done'::text, 'refused'::text, 'undone'::text])))
);

ALTER TABLE ONLY public.imports FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.imports IS 'Files that were taken in: the region is the top of what the importer reached.';

COMMENT ON COLUMN public.imports.digest IS 'SHA-256 of the file as it came';

ALTER TABLE public.imports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.imports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.islands (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    port_lon double precision NOT NULL,
    port_lat double precision NOT NULL,
    landing_lon double precision NOT NULL,
    landing_lat double precision NOT NULL,
    crossing_minutes integer NOT NULL,
    openings jsonb DEFAULT '[]'::jsonb NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT islands_crossing_positive CHECK (((crossing_minutes >= 1) AND (crossing_minutes <= 10080))),
    CONSTRAINT islands_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT islands_note_length CHECK ((length(note) <= 500))
);

ALTER TABLE ONLY public.islands FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.islands IS 'Places behind a crossing: the port on this side, the landing on that side, the minutes between, and when boats go (openings). Entered by hand, since maps know no boats.';

ALTER TABLE public.islands ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.islands_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.items (
    id smallint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    cards integer NOT NULL,
    CONSTRAINT items_cards_positive CHECK ((cards > 0)),
    CONSTRAINT items_kind CHECK ((kind = ANY (ARRAY['ktp'::text, 'kia'::text, 'ribbon'::text, 'film'::text])))
);

COMMENT ON TABLE public.items IS 'What is kept in stock; cards is how many cards one piece serves.';

CREATE TABLE public.job_runs (
    id bigint NOT NULL,
    job text NOT NULL,
    slot timestamp with time zone,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    outcome text,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT job_runs_outcome CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text, 'abandoned'::text]))),
    CONSTRAINT job_runs_outcome_or_running CHECK (((finished_at IS NULL) = (outcome IS NULL)))
);

COMMENT ON TABLE public.job_runs IS 'What each run of a job did; slot is null when a person started it.';

COMMENT ON COLUMN public.job_runs.heartbeat_at IS 'Last sign of life of the run, by the database''s clock.';

ALTER TABLE public.job_runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.job_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.job_slots (
    job text NOT NULL,
    slot timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.job_slots IS 'One row per run that was due: whichever replica inserts it runs the job.';

CREATE TABLE public.loans (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    id bigint NOT NULL,
    document text NOT NULL,
    lender_place_id integer NOT NULL,
    borrower_place_id integer NOT NULL,
    item_id smallint NOT NULL,
    pieces bigint NOT NULL,
    due_on date NOT NULL,
    state text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    shipment_id bigint,
    return_shipment_id bigint,
    proposed_at timestamp with time zone NOT NULL,
    proposed_by text NOT NULL,
    decided_at timestamp with time zone,
    decided_by text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT loans_between_two_regions CHECK ((region_id <> sender_region_id)),
    CONSTRAINT loans_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT loans_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT loans_pieces_positive CHECK (((pieces >= 1) AND (pieces <= 100000000))),
    CONSTRAINT loans_state CHECK ((state = ANY (ARRAY['proposed'::text, 'accepted'::text, 'declined'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.loans FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.loans IS 'Blanks lent inside a province; region_id is the borrower''s. How far one has come follows from its shipments, there and back.';

ALTER TABLE public.loans ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loans_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.losses (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    document text NOT NULL,
    police text NOT NULL,
    happened_on date NOT NULL,
    pieces bigint NOT NULL,
    lots jsonb NOT NULL,
    note text NOT NULL,
    state text NOT NULL,
    reporter_id bigint NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    reported_by text NOT NULL,
    decided_at timestamp with time zone,
    decided_by text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    boxes jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT losses_document_length CHECK (((length(document) <= 100) AND ((document <> ''::text) OR (state = ANY (ARRAY['draft'::text, 'discarded'::text]))))),
    CONSTRAINT losses_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT losses_pieces_positive CHECK (((pieces >= 1) AND (pieces <= 100000000))),
    CONSTRAINT losses_police_length CHECK (((length(police) <= 100) AND ((police <> ''::text) OR (state = ANY (ARRAY['draft'::text, 'discarded'::text]))))),
    CONSTRAINT losses_state CHECK ((state = ANY (ARRAY['draft'::text, 'discarded'::text, 'reported'::text, 'approved'::text, 'rejected'::text])))
);

ALTER TABLE ONLY public.losses FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.losses IS 'Blanks lost or stolen: in quarantine from the report on, written off when somebody else approves. document is the number of the berita acara, police that of the report to the police.';

COMMENT ON COLUMN public.losses.boxes IS 'that are gone, as they were named; frozen from the report on';

ALTER TABLE public.losses ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.losses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.lots ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lots_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.move_lines (
    region_id integer NOT NULL,
    move_id bigint NOT NULL,
    line smallint NOT NULL,
    item_id smallint NOT NULL,
    lot_id integer NOT NULL,
    source_place_id integer NOT NULL,
    source_condition public.condition NOT NULL,
    target_place_id integer NOT NULL,
    target_condition public.condition NOT NULL,
    other_region_id integer,
    purpose public.purpose,
    pieces bigint NOT NULL,
    CONSTRAINT move_lines_between_two_accounts CHECK (((source_place_id <> target_place_id) OR (source_condition <> target_condition))),
    CONSTRAINT move_lines_pieces_positive CHECK (((pieces >= 1) AND (pieces <= 100000000)))
);

ALTER TABLE ONLY public.move_lines FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.move_lines IS 'What a move takes and gives, a line per account pair and purpose.';

ALTER TABLE public.moves ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.moves_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.needs (
    region_id integer NOT NULL,
    item_id smallint NOT NULL,
    as_of date NOT NULL,
    method text NOT NULL,
    daily_mean double precision NOT NULL,
    horizon_days integer NOT NULL,
    mean double precision NOT NULL,
    sd double precision NOT NULL,
    p10 double precision NOT NULL,
    p50 double precision NOT NULL,
    p80 double precision NOT NULL,
    p90 double precision NOT NULL,
    p95 double precision NOT NULL,
    print_ready bigint DEFAULT 0 NOT NULL,
    planned_visits bigint DEFAULT 0 NOT NULL,
    lead_p50 double precision NOT NULL,
    lead_p90 double precision NOT NULL,
    run_out double precision NOT NULL,
    run_out_p10 date,
    run_out_p50 date,
    run_out_p90 date,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT needs_daily_mean_not_negative CHECK ((daily_mean >= (0)::double precision)),
    CONSTRAINT needs_horizon_positive CHECK ((horizon_days > 0)),
    CONSTRAINT needs_quantiles_ordered CHECK (((p10 <= p50) AND (p50 <= p80) AND (p80 <= p90) AND (p90 <= p95))),
    CONSTRAINT needs_run_out_is_a_probability CHECK (((run_out >= (0)::double precision) AND (run_out <= (1)::double precision)))
);

ALTER TABLE ONLY public.needs FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.needs IS 'Demand of a region over the horizon (lead time and review period): mean, spread and quantiles in pieces; run_out is the probability of an empty shelf before a new delivery can arrive.';

CREATE TABLE public.outlook_curves (
    region_id integer NOT NULL,
    item_id smallint NOT NULL,
    as_of date NOT NULL,
    run_id bigint NOT NULL,
    run_out real[] NOT NULL,
    p10 real[] NOT NULL,
    mean real[] NOT NULL,
    p90 real[] NOT NULL,
    days_p10 integer,
    days_p50 integer,
    days_p90 integer,
    CONSTRAINT outlook_curves_look_ahead CHECK ((cardinality(run_out) > 0)),
    CONSTRAINT outlook_curves_one_shelf CHECK (((cardinality(p10) = cardinality(mean)) AND (cardinality(mean) = cardinality(p90))))
);

ALTER TABLE ONLY public.outlook_curves FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.outlook_curves IS 'The shelf of a region day by day from as_of on, as the last night foresaw it; overwritten by the next.';

COMMENT ON COLUMN public.outlook_curves.run_out IS 'chance that by the end of each day somebody has had to wait';

COMMENT ON COLUMN public.outlook_curves.mean IS 'pieces on the shelf at the end of each day; p10 and p90 likewise';

COMMENT ON COLUMN public.outlook_curves.days_p50 IS 'days of stock: in half of all futures the shelf fails somebody within so many; null when beyond the curve';

CREATE TABLE public.outlooks (
    region_id integer NOT NULL,
    item_id smallint NOT NULL,
    as_of date NOT NULL,
    run_id bigint NOT NULL,
    on_hand bigint NOT NULL,
    incoming bigint NOT NULL,
    horizon_days integer NOT NULL,
    run_out double precision NOT NULL,
    short double precision NOT NULL,
    person_days double precision NOT NULL,
    order_up_to double precision NOT NULL,
    happened boolean,
    scored_on date,
    CONSTRAINT outlooks_horizon_positive CHECK ((horizon_days > 0)),
    CONSTRAINT outlooks_run_out_is_a_probability CHECK (((run_out >= (0)::double precision) AND (run_out <= (1)::double precision)))
);

ALTER TABLE ONLY public.outlooks FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.outlooks IS 'The shelf of a region as foreseen on a day: the chance that somebody has to wait within the horizon (the p90 lead time), and how many.';

COMMENT ON COLUMN public.outlooks.happened IS 'whether it came so: the demand of the horizon exceeded what was there and on its way; null while it lasts';

CREATE TABLE public.paper_secret (
    one boolean DEFAULT true NOT NULL,
    secret bytea NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT paper_secret_is_one CHECK (one),
    CONSTRAINT paper_secret_length CHECK ((length(secret) = 32))
);

COMMENT ON TABLE public.paper_secret IS 'The key under which seals of papers are signed; it goes with a backup, so that a restored server still knows its papers.';

CREATE TABLE public.receipt_lines (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    receipt_id bigint NOT NULL,
    line smallint NOT NULL,
    good bigint NOT NULL,
    damaged bigint DEFAULT 0 NOT NULL,
    quarantined bigint DEFAULT 0 NOT NULL,
    over bigint DEFAULT 0 NOT NULL,
    quarantine_reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT receipt_lines_not_negative CHECK (((good >= 0) AND (damaged >= 0) AND (quarantined >= 0) AND (over >= 0))),
    CONSTRAINT receipt_lines_quarantine_reason CHECK ((quarantine_reason = ANY (ARRAY[''::text, 'wrong-version'::text, 'wrong-chips'::text])))
);

ALTER TABLE ONLY public.receipt_lines FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.receipt_lines IS 'Counts by line of the shipment.';

CREATE TABLE public.receipts (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    id bigint NOT NULL,
    shipment_id bigint NOT NULL,
    document text NOT NULL,
    state text NOT NULL,
    day date NOT NULL,
    complete boolean NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    move_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_by text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    chips jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT receipts_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT receipts_reason_length CHECK ((length(reason) <= 500)),
    CONSTRAINT receipts_state CHECK ((state = ANY (ARRAY['draft'::text, 'confirmed'::text, 'rolled-back'::text])))
);

ALTER TABLE ONLY public.receipts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.receipts IS 'What arrived of a shipment, one row per handover. complete: nothing more is to come, so what is missing is a discrepancy.';

COMMENT ON COLUMN public.receipts.chips IS 'boxes and chips that arrived, and those that came though they were not sent';

CREATE TABLE public.shipment_lines (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    shipment_id bigint NOT NULL,
    line smallint NOT NULL,
    item_id smallint NOT NULL,
    lot_id integer NOT NULL,
    request_id bigint,
    pieces bigint NOT NULL,
    good bigint DEFAULT 0 NOT NULL,
    damaged bigint DEFAULT 0 NOT NULL,
    quarantined bigint DEFAULT 0 NOT NULL,
    missing bigint DEFAULT 0 NOT NULL,
    over bigint DEFAULT 0 NOT NULL,
    CONSTRAINT shipment_lines_pieces_positive CHECK (((pieces >= 1) AND (pieces <= 100000000))),
    CONSTRAINT shipment_lines_received_within_sent CHECK (((good >= 0) AND (damaged >= 0) AND (quarantined >= 0) AND (missing >= 0) AND (over >= 0) AND ((((good + damaged) + quarantined) + missing) <= pieces)))
);

ALTER TABLE ONLY public.shipment_lines FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.shipment_lines IS 'What a shipment holds, and what became of it: good + damaged + quarantined arrived, missing was settled as never arrived, the rest is in transit. over came on top.';

CREATE TABLE public.shipments (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    id bigint NOT NULL,
    sender_place_id integer NOT NULL,
    receiver_place_id integer NOT NULL,
    document text NOT NULL,
    cause text DEFAULT 'supply'::text NOT NULL,
    cause_id bigint,
    mode text NOT NULL,
    carrier text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    prepared_at timestamp with time zone DEFAULT now() NOT NULL,
    prepared_by text NOT NULL,
    dispatched_on date,
    dispatched_at timestamp with time zone,
    expected_on date,
    received_on date,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT shipments_between_two_places CHECK ((sender_place_id <> receiver_place_id)),
    CONSTRAINT shipments_carrier_length CHECK ((length(carrier) <= 200)),
    CONSTRAINT shipments_cause CHECK ((cause = ANY (ARRAY['supply'::text, 'transfer'::text, 'loan'::text, 'loan-return'::text, 'return'::text]))),
    CONSTRAINT shipments_dispatched_has_its_day CHECK (((state = ANY (ARRAY['prepared'::text, 'cancelled'::text])) OR (dispatched_on IS NOT NULL))),
    CONSTRAINT shipments_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT shipments_mode CHECK ((mode = ANY (ARRAY['courier'::text, 'pickup'::text]))),
    CONSTRAINT shipments_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT shipments_received_after_dispatched CHECK ((received_on >= dispatched_on)),
    CONSTRAINT shipments_state CHECK ((state = ANY (ARRAY['prepared'::text, 'dispatched'::text, 'partly-received'::text, 'received'::text, 'closed-short'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.shipments FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.shipments IS 'Blanks on their way. prepared: reserved at the sender; dispatched: in transit at the receiver; cause_id is the allocation run or loan behind it, of a return the shipment that brought them.';

CREATE VIEW public.papers WITH (security_invoker='true') AS
 SELECT 'shipment'::text AS kind,
    s.region_id,
    s.id,
    s.document,
    s.state,
    (( SELECT COALESCE(sum(l.pieces), (0)::numeric) AS "coalesce"
           FROM public.shipment_lines l
          WHERE ((l.region_id = s.region_id) AND (l.shipment_id = s.id))))::bigint AS pieces
   FROM public.shipments s
UNION ALL
 SELECT 'receipt'::text AS kind,
    c.region_id,
    c.id,
    c.document,
    c.state,
    (( SELECT COALESCE(sum((((l.good + l.damaged) + l.quarantined) + l.over)), (0)::numeric) AS "coalesce"
           FROM public.receipt_lines l
          WHERE ((l.region_id = c.region_id) AND (l.receipt_id = c.id))))::bigint AS pieces
   FROM public.receipts c
UNION ALL
 SELECT 'count'::text AS kind,
    counts.region_id,
    counts.id,
    counts.document,
    counts.state,
    COALESCE(counts.counted, (0)::bigint) AS pieces
   FROM public.counts
UNION ALL
 SELECT 'loss'::text AS kind,
    losses.region_id,
    losses.id,
    losses.document,
    losses.state,
    losses.pieces
   FROM public.losses
UNION ALL
 SELECT 'destruction'::text AS kind,
    destructions.region_id,
    destructions.id,
    destructions.document,
    destructions.state,
    (destructions.spoiled + destructions.surrendered) AS pieces
   FROM public.destructions;

COMMENT ON VIEW public.papers IS 'Number, total and state of every record that is printed with a seal.';

CREATE TABLE public.photos (
    region_id integer NOT NULL,
    sender_region_id integer NOT NULL,
    id bigint NOT NULL,
    discrepancy_id bigint NOT NULL,
    image bytea NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by text NOT NULL,
    kept_until date NOT NULL,
    CONSTRAINT photos_height CHECK (((height >= 1) AND (height <= 2048))),
    CONSTRAINT photos_width CHECK (((width >= 1) AND (width <= 2048)))
);
ALTER TABLE ONLY public.photos ALTER COLUMN image SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.photos FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.photos IS 'Evidence of a discrepancy: a JPEG written anew, without metadata. Dropped after kept_until once the case is settled.';

ALTER TABLE public.photos ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.photos_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.places (
    id integer NOT NULL,
    region_id integer NOT NULL,
    kind public.place_kind NOT NULL,
    name text NOT NULL,
    opened_on date DEFAULT '2020-01-01'::date NOT NULL,
    closed_on date,
    version bigint DEFAULT 1 NOT NULL,
    locked_until date,
    printer_versions text[],
    CONSTRAINT places_closed_after_opened CHECK ((closed_on > opened_on)),
    CONSTRAINT places_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.places FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.places IS 'Where pieces can be. Supplier and public lie outside and may go negative; destroyed and lost are sinks.';

COMMENT ON COLUMN public.places.locked_until IS 'no move may be dated on or before this day';

COMMENT ON COLUMN public.places.printer_versions IS 'versions of the blank that its printers take; null: as its office, and an office all';

ALTER TABLE public.places ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.places_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.plans (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    first_day date NOT NULL,
    days integer NOT NULL,
    asked jsonb NOT NULL,
    outcome jsonb NOT NULL,
    omitted jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    published_at timestamp with time zone,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT plans_days CHECK (((days >= 1) AND (days <= 31))),
    CONSTRAINT plans_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT plans_state CHECK ((state = ANY (ARRAY['proposed'::text, 'published'::text, 'done'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.plans FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.plans IS 'Days of visits by some teams. asked is what the planner chose, outcome how the plan was found and what it is worth, omitted why each place left out is left out.';

ALTER TABLE public.plans ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.plans_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.populations (
    region_id integer NOT NULL,
    period text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    as_of date NOT NULL,
    people bigint NOT NULL,
    male bigint,
    female bigint,
    eligible bigint,
    children bigint,
    turning_17 bigint[],
    source text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    import_id bigint,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT populations_months CHECK (((cardinality(turning_17) = 12) AND (0 <= ALL (turning_17)))),
    CONSTRAINT populations_not_negative CHECK (((people >= 0) AND (male >= 0) AND (female >= 0) AND (eligible >= 0) AND (children >= 0))),
    CONSTRAINT populations_period_form CHECK ((period ~ '^\d{4}-S[12]$'::text)),
    CONSTRAINT populations_sexes_add_up CHECK (((male + female) = people))
);

ALTER TABLE ONLY public.populations FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.populations IS 'People of a region in a release (DKB), every version of it; null is what the release does not say.';

COMMENT ON COLUMN public.populations.eligible IS 'wajib KTP: 17 and over, or married';

COMMENT ON COLUMN public.populations.children IS 'people of 0 to 17 years';

COMMENT ON COLUMN public.populations.turning_17 IS 'who turn 17 in each of the twelve months after as_of';

CREATE TABLE public.print_counts (
    region_id integer NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    day date NOT NULL,
    import_id bigint NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    printed bigint NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    CONSTRAINT print_counts_failed CHECK (((failed >= 0) AND (failed <= 100000000))),
    CONSTRAINT print_counts_printed CHECK (((printed >= 0) AND (printed <= 100000000)))
);

ALTER TABLE ONLY public.print_counts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.print_counts IS 'Cards that the print system says were printed, as imported: for a day the newest import holds, so that undoing it brings the one before back. A day inside the span of a file that it does not name counts as none.';

COMMENT ON COLUMN public.print_counts.purpose IS 'why the cards were printed; empty where the file does not say';

CREATE TABLE public.procurements (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    document text NOT NULL,
    supplier text NOT NULL,
    item_id smallint NOT NULL,
    lot_id integer NOT NULL,
    pieces bigint NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL,
    signed_on date NOT NULL,
    due_on date,
    note text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT procurements_delivered_within_contract CHECK (((delivered >= 0) AND (delivered <= pieces))),
    CONSTRAINT procurements_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT procurements_due_after_signed CHECK ((due_on >= signed_on)),
    CONSTRAINT procurements_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT procurements_pieces_positive CHECK (((pieces >= 1) AND (pieces <= 100000000))),
    CONSTRAINT procurements_supplier_length CHECK (((length(supplier) >= 1) AND (length(supplier) <= 200)))
);

ALTER TABLE ONLY public.procurements FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.procurements IS 'Contracts with printers; document is the number of the contract, the lot whose money pays.';

ALTER TABLE public.procurements ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.procurements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.receipts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.receipts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliations (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    day date NOT NULL,
    explained bigint,
    reason text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    explained_at timestamp with time zone,
    explained_by text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT reconciliations_explained_by_somebody CHECK ((((explained IS NULL) = (explained_at IS NULL)) AND ((explained IS NULL) = (reason = ''::text)))),
    CONSTRAINT reconciliations_note_length CHECK ((length(note) <= 500))
);

ALTER TABLE ONLY public.reconciliations FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.reconciliations IS 'A day of a place of which prints were counted. explained is the difference that was explained: another one is open again.';

ALTER TABLE public.reconciliations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reconciliations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.region_changes (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    into_region_id integer NOT NULL,
    kind text NOT NULL,
    effective date NOT NULL,
    document text NOT NULL,
    asked jsonb NOT NULL,
    moved jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id bigint NOT NULL,
    actor text NOT NULL,
    CONSTRAINT region_changes_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT region_changes_kind CHECK ((kind = ANY (ARRAY['split'::text, 'merge'::text])))
);

ALTER TABLE ONLY public.region_changes FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.region_changes IS 'Each split and merge: what was asked, and all that moved by it.';

ALTER TABLE public.region_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.region_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.region_versions (
    region_id integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    level smallint GENERATED ALWAYS AS (
CASE length(code)
    WHEN 2 THEN
    CASE code
        WHEN '00'::text THEN 0
        ELSE 1
    END
    WHEN 5 THEN 2
    WHEN 8 THEN 3
    ELSE 4
END) STORED,
    name text NOT NULL,
    parent_id integer,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT region_versions_code_form CHECK ((code ~ '^(00|[1-9]\d(\.\d{2}(\.\d{2}(\.\d{4})?)?)?)$'::text)),
    CONSTRAINT region_versions_lasts_a_day CHECK ((valid_from < valid_to)),
    CONSTRAINT region_versions_name_given CHECK ((name <> ''::text)),
    CONSTRAINT region_versions_parent_above CHECK ((((code = '00'::text) = (parent_id IS NULL)) AND (parent_id <> region_id)))
);

ALTER TABLE ONLY public.region_versions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.region_versions IS 'Code, name and parent of a region from one day until before another. The row without valid_to is today''s.';

CREATE TABLE public.regions (
    id integer NOT NULL,
    level smallint NOT NULL,
    kind text NOT NULL,
    zone text NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    heir_id integer,
    CONSTRAINT regions_kind_fits_level CHECK ((((((((level = 0) AND (kind = 'nation'::text)) OR ((level = 1) AND (kind = 'province'::text))) OR ((level = 2) AND (kind = 'regency'::text))) OR ((level = 2) AND (kind = 'city'::text))) OR ((level = 3) AND (kind = 'district'::text))) OR ((level = 4) AND (kind = 'village'::text)))),
    CONSTRAINT regions_level_known CHECK (((level >= 0) AND (level <= 4))),
    CONSTRAINT regions_point_in_indonesia CHECK ((((lon >= (94)::double precision) AND (lon <= (142)::double precision)) AND ((lat >= ('-12'::integer)::double precision) AND (lat <= (7)::double precision)))),
    CONSTRAINT regions_zone_known CHECK ((zone = ANY (ARRAY['WIB'::text, 'WITA'::text, 'WIT'::text])))
);

COMMENT ON TABLE public.regions IS 'Indonesia''s regions, past and present. The id is never reused and no row is ever deleted.';

COMMENT ON COLUMN public.regions.level IS '0 nation, 1 province, 2 regency or city, 3 district (kecamatan), 4 village (desa, kelurahan)';

COMMENT ON COLUMN public.regions.lon IS 'WGS84 degrees of a representative point: where people live, where that is known';

COMMENT ON COLUMN public.regions.heir_id IS 'the region of today that this one merged into, itself or through others';

CREATE VIEW public.regions_ever WITH (security_invoker='true') AS
 SELECT r.id,
    v.code,
    v.name,
    v.parent_id,
    r.level,
    r.kind,
    r.zone,
    r.lon,
    r.lat,
    v.valid_to AS ended
   FROM (public.regions r
     CROSS JOIN LATERAL ( SELECT region_versions.code,
            region_versions.name,
            region_versions.parent_id,
            region_versions.valid_to
           FROM public.region_versions
          WHERE (region_versions.region_id = r.id)
          ORDER BY region_versions.valid_from DESC
         LIMIT 1) v);

COMMENT ON VIEW public.regions_ever IS 'Regions under their last code, name and parent, those that are no more among them; runs with the reach of whoever asks.';

CREATE VIEW public.regions_today WITH (security_invoker='true') AS
 SELECT r.id,
    v.code,
    v.name,
    v.parent_id,
    (
        CASE
            WHEN (r.heir_id IS NULL) THEN (r.level)::integer
            ELSE 9
        END)::smallint AS level,
    r.kind,
    r.zone,
    r.lon,
    r.lat
   FROM (public.region_versions v
     JOIN public.regions r ON ((COALESCE(r.heir_id, r.id) = v.region_id)))
  WHERE (v.valid_to IS NULL);

COMMENT ON VIEW public.regions_today IS 'Regions under the code, name and parent they have today; runs with the reach of whoever asks. One that has merged stands here under its heir''s code at level 9, which no list of regions of a level holds: what carries its id is counted with the heir.';

CREATE TABLE public.requests (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    document text NOT NULL,
    emergency boolean DEFAULT false NOT NULL,
    state text NOT NULL,
    asked bigint NOT NULL,
    suggested bigint,
    suggestion jsonb,
    reason text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    approved bigint DEFAULT 0 NOT NULL,
    declined bigint DEFAULT 0 NOT NULL,
    shipped bigint DEFAULT 0 NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    submitted_at timestamp with time zone,
    decided_at timestamp with time zone,
    decided_by text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    submitter_id bigint,
    verifier_id bigint,
    CONSTRAINT requests_answer_length CHECK ((length(answer) <= 500)),
    CONSTRAINT requests_approved_within_asked CHECK (((approved >= 0) AND (declined >= 0) AND ((approved + declined) <= asked))),
    CONSTRAINT requests_asked_positive CHECK (((asked >= 1) AND (asked <= 100000000))),
    CONSTRAINT requests_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT requests_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT requests_received_not_negative CHECK ((received >= 0)),
    CONSTRAINT requests_shipped_within_approved CHECK (((shipped >= 0) AND (shipped <= approved))),
    CONSTRAINT requests_state CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'returned'::text, 'verified'::text, 'approved'::text, 'rejected'::text, 'partly-shipped'::text, 'shipped'::text, 'closed'::text, 'cancelled'::text]))),
    CONSTRAINT requests_submitted_has_its_time CHECK (((state = ANY (ARRAY['draft'::text, 'cancelled'::text])) OR (submitted_at IS NOT NULL))),
    CONSTRAINT requests_suggested_not_negative CHECK ((suggested >= 0))
);

ALTER TABLE ONLY public.requests FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.requests IS 'Who asks for what. approved may still ship, declined never will; asked - approved - declined waits for a later tranche.';

COMMENT ON COLUMN public.requests.shipped IS 'pieces set aside in shipments that were not cancelled';

COMMENT ON COLUMN public.requests.submitter_id IS 'who handed it in last; null in those of before';

COMMENT ON COLUMN public.requests.verifier_id IS 'who verified it since';

ALTER TABLE public.requests ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.requests_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sessions (
    token text NOT NULL,
    data bytea NOT NULL,
    expiry timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.sessions IS 'Signed-in browsers; the token is a digest of the cookie.';

CREATE TABLE public.settings (
    name text NOT NULL,
    value jsonb NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.settings IS 'What an administrator may set; a setting without a row has the default of the code.';

ALTER TABLE public.shipments ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.shipments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.site_heads (
    region_id integer NOT NULL,
    site_id bigint NOT NULL,
    people_group text NOT NULL,
    as_of date NOT NULL,
    "precision" text DEFAULT 'day'::text NOT NULL,
    people bigint NOT NULL,
    basis text NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    import_id bigint,
    CONSTRAINT site_heads_basis CHECK ((basis = ANY (ARRAY['counted'::text, 'estimated'::text]))),
    CONSTRAINT site_heads_people CHECK (((people >= 0) AND (people <= 10000000))),
    CONSTRAINT site_heads_precision CHECK (("precision" = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT site_heads_source_length CHECK ((length(source) <= 500))
);

ALTER TABLE ONLY public.site_heads FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.site_heads IS 'How many people a site holds, by group and date, counted there or estimated from like places.';

COMMENT ON COLUMN public.site_heads.import_id IS 'the import that counted a site which was known already; null otherwise';

CREATE TABLE public.sites (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    lon double precision,
    lat double precision,
    "precision" text DEFAULT ''::text NOT NULL,
    openings jsonb DEFAULT '[]'::jsonb NOT NULL,
    access text[] DEFAULT '{}'::text[] NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    island_id bigint,
    status text DEFAULT 'active'::text NOT NULL,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    import_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    gap_days integer DEFAULT 0 NOT NULL,
    checked text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT sites_contact_length CHECK ((length(contact) <= 50)),
    CONSTRAINT sites_gap_days CHECK (((gap_days >= 0) AND (gap_days <= 365))),
    CONSTRAINT sites_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT sites_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT sites_point_in_indonesia CHECK ((((lon >= (94)::double precision) AND (lon <= (142)::double precision)) AND ((lat >= ('-12'::integer)::double precision) AND (lat <= (7)::double precision)))),
    CONSTRAINT sites_point_whole CHECK (((lon IS NULL) = (lat IS NULL))),
    CONSTRAINT sites_precision_length CHECK ((length("precision") <= 50)),
    CONSTRAINT sites_reference_length CHECK ((length(reference) <= 100)),
    CONSTRAINT sites_source_length CHECK ((length(source) <= 500)),
    CONSTRAINT sites_status CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.sites FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.sites IS 'Places where people without a card can be reached. flags are what a person should look at: outside-region, near-duplicate and the like; they never keep a site out.';

COMMENT ON COLUMN public.sites.openings IS 'when visits are welcome; empty for the usual hours of the kind';

COMMENT ON COLUMN public.sites.gap_days IS 'days that must lie between two visits; 0 for none, so that two teams may come at once';

COMMENT ON COLUMN public.sites.checked IS 'flags that a person looked at and found nothing wrong with';

ALTER TABLE public.sites ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sites_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.targets (
    region_id integer NOT NULL,
    subject text NOT NULL,
    year smallint NOT NULL,
    percent numeric(9,4) NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT targets_percent CHECK (((percent >= (0)::numeric) AND (percent <= (100)::numeric))),
    CONSTRAINT targets_year CHECK (((year >= 2010) AND (year <= 2100)))
);

ALTER TABLE ONLY public.targets FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.targets IS 'What coverage a region shall have reached by the end of a year; a region without one has its parent''s.';

CREATE TABLE public.teams (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    depot_lon double precision,
    depot_lat double precision,
    island_id bigint,
    members integer NOT NULL,
    sets integer NOT NULL,
    pace integer DEFAULT 10 NOT NULL,
    shift_opens text NOT NULL,
    shift_closes text NOT NULL,
    weekdays integer[] NOT NULL,
    break_minutes integer DEFAULT 0 NOT NULL,
    travel_minutes integer DEFAULT 0 NOT NULL,
    blanks integer DEFAULT 0 NOT NULL,
    equipment text[] DEFAULT '{}'::text[] NOT NULL,
    place_id integer,
    status text DEFAULT 'active'::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    work_minutes integer DEFAULT 0 NOT NULL,
    ribbons integer DEFAULT 0 NOT NULL,
    CONSTRAINT teams_blanks CHECK (((blanks >= 0) AND (blanks <= 100000))),
    CONSTRAINT teams_break CHECK (((break_minutes >= 0) AND (break_minutes <= 180))),
    CONSTRAINT teams_depot_whole CHECK (((depot_lon IS NULL) = (depot_lat IS NULL))),
    CONSTRAINT teams_members CHECK (((members >= 1) AND (members <= 100))),
    CONSTRAINT teams_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT teams_pace CHECK (((pace >= 1) AND (pace <= 60))),
    CONSTRAINT teams_ribbons CHECK (((ribbons >= 0) AND (ribbons <= 1000))),
    CONSTRAINT teams_sets CHECK (((sets >= 1) AND (sets <= 50))),
    CONSTRAINT teams_status CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text]))),
    CONSTRAINT teams_travel CHECK (((travel_minutes >= 0) AND (travel_minutes <= 1440))),
    CONSTRAINT teams_work CHECK (((work_minutes >= 0) AND (work_minutes <= 1440)))
);

ALTER TABLE ONLY public.teams FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.teams IS 'Who goes out: enrolment sets, people a set serves in an hour (pace), hours and equipment. place_id is where the blanks in its hands are booked; blanks, travel_minutes 0 mean no limit.';

COMMENT ON COLUMN public.teams.work_minutes IS 'from leaving the depot to being back, at most; 0 for no limit but the shift';

COMMENT ON COLUMN public.teams.ribbons IS 'carried a day, 500 cards each; 0 for no limit';

ALTER TABLE public.teams ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.teams_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tokens (
    id bigint NOT NULL,
    region_id integer NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT tokens_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY public.tokens FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.tokens IS 'Bearer tokens of programs, as SHA-256 of the secret; the secret is shown once.';

ALTER TABLE public.tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    region_id integer NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    disabled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    password_set_at timestamp with time zone DEFAULT now() NOT NULL,
    import_id bigint,
    CONSTRAINT users_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT users_role CHECK ((role = ANY (ARRAY['planner'::text, 'store'::text, 'province'::text, 'officer'::text, 'outreach'::text, 'auditor'::text, 'admin'::text]))),
    CONSTRAINT users_username_form CHECK ((username ~ '^[a-z0-9][a-z0-9._-]{1,63}$'::text))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.users IS 'Officers, by work name. The region is the top of what they reach.';

COMMENT ON COLUMN public.users.password_set_at IS 'Sessions opened before this instant are over.';

COMMENT ON COLUMN public.users.import_id IS 'the import that made the user; null when somebody entered it';

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.uses (
    region_id integer NOT NULL,
    id bigint NOT NULL,
    place_id integer NOT NULL,
    item_id smallint NOT NULL,
    day date NOT NULL,
    document text NOT NULL,
    pieces bigint NOT NULL,
    spoiled bigint NOT NULL,
    move_id bigint,
    corrected boolean DEFAULT false NOT NULL,
    corrects bigint,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT uses_document_length CHECK (((length(document) >= 1) AND (length(document) <= 100))),
    CONSTRAINT uses_nothing_moves_nothing CHECK ((((pieces + spoiled) > 0) = (move_id IS NOT NULL))),
    CONSTRAINT uses_pieces_not_negative CHECK ((pieces >= 0)),
    CONSTRAINT uses_spoiled_not_negative CHECK ((spoiled >= 0))
);

ALTER TABLE ONLY public.uses FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.uses IS 'The daily report of a place: cards handed out (by purpose, in the lines of the move) and blanks spoiled. A correction reverses the move and is a new row.';

ALTER TABLE public.uses ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.uses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.visit_results (
    region_id integer NOT NULL,
    site_region_id integer NOT NULL,
    id bigint NOT NULL,
    visit_id bigint NOT NULL,
    report text NOT NULL,
    standing text NOT NULL,
    state text NOT NULL,
    day date NOT NULL,
    counts jsonb NOT NULL,
    failures jsonb DEFAULT '[]'::jsonb NOT NULL,
    lon double precision,
    lat double precision,
    accuracy_m double precision,
    taken_at timestamp with time zone NOT NULL,
    whereabouts text NOT NULL,
    distance_m double precision,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    reported_at timestamp with time zone DEFAULT now() NOT NULL,
    reported_by text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT visit_results_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT visit_results_report_length CHECK (((length(report) >= 1) AND (length(report) <= 100))),
    CONSTRAINT visit_results_standing CHECK ((standing = ANY (ARRAY['kept'::text, 'conflict'::text, 'set-aside'::text]))),
    CONSTRAINT visit_results_state CHECK ((state = ANY (ARRAY['done'::text, 'partial'::text]))),
    CONSTRAINT visit_results_whereabouts CHECK ((whereabouts = ANY (ARRAY['at-the-site'::text, 'elsewhere'::text, 'none'::text])))
);

ALTER TABLE ONLY public.visit_results FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.visit_results IS 'What teams reported of a visit. One report is kept; another that says otherwise is a conflict beside it, until a person chooses. report is the number the sending device gave it.';

ALTER TABLE public.visit_results ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.visit_results_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.visit_yields (
    region_id integer NOT NULL,
    visit text NOT NULL,
    subject text NOT NULL,
    day date NOT NULL,
    people bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT visit_yields_not_negative CHECK ((people >= 0)),
    CONSTRAINT visit_yields_visit_length CHECK (((length(visit) >= 1) AND (length(visit) <= 100)))
);

ALTER TABLE ONLY public.visit_yields FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.visit_yields IS 'People whom a visit gave a document. They stand beside the official figures until a later figure counts them, and never change one.';

CREATE TABLE public.visits (
    region_id integer NOT NULL,
    site_region_id integer NOT NULL,
    id bigint NOT NULL,
    plan_id bigint NOT NULL,
    site_id bigint NOT NULL,
    team_id bigint NOT NULL,
    share integer DEFAULT 1 NOT NULL,
    shares integer DEFAULT 1 NOT NULL,
    state text NOT NULL,
    day date NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    travel_seconds integer DEFAULT 0 NOT NULL,
    expected integer NOT NULL,
    cards integer NOT NULL,
    blanks integer DEFAULT 0 NOT NULL,
    record_only boolean DEFAULT false NOT NULL,
    hold_id bigint,
    handed integer,
    handed_by_id bigint,
    handed_by text DEFAULT ''::text NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    published boolean DEFAULT false NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    travel_metres integer DEFAULT 0 NOT NULL,
    home_seconds integer DEFAULT 0 NOT NULL,
    moved boolean DEFAULT false NOT NULL,
    ended_by_id bigint,
    goes_without boolean DEFAULT false NOT NULL,
    CONSTRAINT visits_blanks CHECK ((blanks >= 0)),
    CONSTRAINT visits_cards CHECK ((cards >= 0)),
    CONSTRAINT visits_end_after_start CHECK ((ends_at >= starts_at)),
    CONSTRAINT visits_expected CHECK ((expected >= 0)),
    CONSTRAINT visits_handed CHECK ((handed >= 0)),
    CONSTRAINT visits_home_seconds CHECK ((home_seconds >= 0)),
    CONSTRAINT visits_reason_length CHECK ((length(reason) <= 500)),
    CONSTRAINT visits_share CHECK (((share >= 1) AND (share <= shares))),
    CONSTRAINT visits_state CHECK ((state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'under-way'::text, 'done'::text, 'partial'::text, 'missed'::text, 'cancelled'::text]))),
    CONSTRAINT visits_travel CHECK ((travel_seconds >= 0)),
    CONSTRAINT visits_travel_metres CHECK ((travel_metres >= 0))
);

ALTER TABLE ONLY public.visits FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.visits IS 'A team at a site on a day. blanks are set aside for it in the ledger (hold_id); handed is what the office says it gave to the team; cards is how many it is expected to print; record_only when there were not blanks enough.';

COMMENT ON COLUMN public.visits.travel_metres IS 'the way to the site, and after the last visit of the day the way home too';

COMMENT ON COLUMN public.visits.home_seconds IS 'the way home after the last visit of the day; 0 for the others';

COMMENT ON COLUMN public.visits.moved IS 'another team or day took it over after it was announced or agreed';

COMMENT ON COLUMN public.visits.ended_by_id IS 'who said that the visit was missed or cancelled';

COMMENT ON COLUMN public.visits.goes_without IS 'a person chose that it records only, whatever there is';

ALTER TABLE public.visits ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.visits_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.alert_events
    ADD CONSTRAINT alert_events_pkey PRIMARY KEY (region_id, alert_id, id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.allocation_lines
    ADD CONSTRAINT allocation_lines_pkey PRIMARY KEY (region_id, allocation_id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (region_id, place_id, item_id, condition, lot_id);

ALTER TABLE ONLY public.boundaries
    ADD CONSTRAINT boundaries_pkey PRIMARY KEY (region_id, import_id);

ALTER TABLE ONLY public.boundary_shapes
    ADD CONSTRAINT boundary_shapes_pkey PRIMARY KEY (region_id, import_id, zoom);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_chip_in_one_box EXCLUDE USING gist (int8range(first_uid, last_uid, '[]'::text) WITH &&) WHERE ((uids IS NULL));

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_number_unique UNIQUE (number);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_digest UNIQUE (digest);

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.chains
    ADD CONSTRAINT chains_pkey PRIMARY KEY (region_id, place_id);

ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.circulars
    ADD CONSTRAINT circulars_once UNIQUE (region_id, document);

ALTER TABLE ONLY public.circulars
    ADD CONSTRAINT circulars_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.counts
    ADD CONSTRAINT counts_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.custody
    ADD CONSTRAINT custody_box_step_once UNIQUE (box_id, step);

ALTER TABLE ONLY public.custody_heads
    ADD CONSTRAINT custody_heads_pkey PRIMARY KEY (region_id, place_id);

ALTER TABLE ONLY public.custody
    ADD CONSTRAINT custody_pkey PRIMARY KEY (region_id, place_id, seq);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_once UNIQUE (region_id, kind, source);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_document_once UNIQUE (region_id, procurement_id, document);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.destructions
    ADD CONSTRAINT destructions_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.discrepancies
    ADD CONSTRAINT discrepancies_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.early_recordings
    ADD CONSTRAINT early_recordings_pkey PRIMARY KEY (region_id, month);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (region_id, place_id, seq);

ALTER TABLE ONLY public.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.figures
    ADD CONSTRAINT figures_said_once UNIQUE (region_id, subject, scope, people_group, as_of, "precision", source);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_once UNIQUE (region_id, figure_id, rule);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.flow_offsets
    ADD CONSTRAINT flow_offsets_pkey PRIMARY KEY (region_id, place_id, item_id, day, change_into);

ALTER TABLE ONLY public.flows
    ADD CONSTRAINT flows_pkey PRIMARY KEY (region_id, place_id, item_id, day, kind);

ALTER TABLE ONLY public.forecast_failures
    ADD CONSTRAINT forecast_failures_pkey PRIMARY KEY (region_id, run_id);

ALTER TABLE ONLY public.forecast_runs
    ADD CONSTRAINT forecast_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.forecasts
    ADD CONSTRAINT forecasts_pkey PRIMARY KEY (region_id, item_id, month, as_of);

ALTER TABLE ONLY public.goose_db_version
    ADD CONSTRAINT goose_db_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.histories
    ADD CONSTRAINT histories_pkey PRIMARY KEY (region_id, noun, noun_id);

ALTER TABLE ONLY public.hold_lots
    ADD CONSTRAINT hold_lots_pkey PRIMARY KEY (region_id, hold_id, lot_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.holidays
    ADD CONSTRAINT holidays_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (actor_id, key);

ALTER TABLE ONLY public.import_errors
    ADD CONSTRAINT import_errors_pkey PRIMARY KEY (region_id, import_id, id);

ALTER TABLE ONLY public.import_moves
    ADD CONSTRAINT import_moves_pkey PRIMARY KEY (region_id, import_id, move_region_id, move_id);

ALTER TABLE ONLY public.import_progress
    ADD CONSTRAINT import_progress_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.import_rows
    ADD CONSTRAINT import_rows_pkey PRIMARY KEY (region_id, import_id, "row");

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.islands
    ADD CONSTRAINT islands_name_unique UNIQUE (region_id, name);

ALTER TABLE ONLY public.islands
    ADD CONSTRAINT islands_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_code_unique UNIQUE (code);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_runs
    ADD CONSTRAINT job_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_slots
    ADD CONSTRAINT job_slots_pkey PRIMARY KEY (job, slot);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.losses
    ADD CONSTRAINT losses_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_name_unique UNIQUE (name);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.move_lines
    ADD CONSTRAINT move_lines_pkey PRIMARY KEY (region_id, move_id, line);

ALTER TABLE ONLY public.moves
    ADD CONSTRAINT moves_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.needs
    ADD CONSTRAINT needs_pkey PRIMARY KEY (region_id, item_id);

ALTER TABLE ONLY public.outlook_curves
    ADD CONSTRAINT outlook_curves_pkey PRIMARY KEY (region_id, item_id);

ALTER TABLE ONLY public.outlooks
    ADD CONSTRAINT outlooks_pkey PRIMARY KEY (region_id, item_id, as_of);

ALTER TABLE ONLY public.paper_secret
    ADD CONSTRAINT paper_secret_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.photos
    ADD CONSTRAINT photos_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.populations
    ADD CONSTRAINT populations_pkey PRIMARY KEY (region_id, period, version);

ALTER TABLE ONLY public.print_counts
    ADD CONSTRAINT print_counts_pkey PRIMARY KEY (region_id, place_id, item_id, day, import_id, purpose);

ALTER TABLE ONLY public.procurements
    ADD CONSTRAINT procurements_document_unique UNIQUE (region_id, document);

ALTER TABLE ONLY public.procurements
    ADD CONSTRAINT procurements_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_pkey PRIMARY KEY (region_id, receipt_id, line);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_one_a_day UNIQUE (region_id, place_id, item_id, day);

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.region_changes
    ADD CONSTRAINT region_changes_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.region_shares
    ADD CONSTRAINT region_shares_pkey PRIMARY KEY (region_id, since, to_region_id);

ALTER TABLE ONLY public.region_versions
    ADD CONSTRAINT region_versions_one_region_per_code EXCLUDE USING gist (((replace(code, '.'::text, ''::text))::bigint) WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.region_versions
    ADD CONSTRAINT region_versions_one_version_per_region EXCLUDE USING gist (((region_id)::bigint) WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.region_versions
    ADD CONSTRAINT region_versions_pkey PRIMARY KEY (region_id, valid_from);

ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_id_with_level UNIQUE (id, level);

ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.shipment_lines
    ADD CONSTRAINT shipment_lines_pkey PRIMARY KEY (region_id, shipment_id, line);

ALTER TABLE ONLY public.shipments
    ADD CONSTRAINT shipments_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.site_heads
    ADD CONSTRAINT site_heads_pkey PRIMARY KEY (region_id, site_id, people_group, as_of);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_pkey PRIMARY KEY (region_id, subject, year);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_name_unique UNIQUE (region_id, name);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_digest_unique UNIQUE (digest);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_username_unique UNIQUE (username);

ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.visit_results
    ADD CONSTRAINT visit_results_pkey PRIMARY KEY (region_id, id);

ALTER TABLE ONLY public.visit_results
    ADD CONSTRAINT visit_results_report_once UNIQUE (region_id, visit_id, report);

ALTER TABLE ONLY public.visit_yields
    ADD CONSTRAINT visit_yields_pkey PRIMARY KEY (region_id, visit, subject);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (region_id, id);

CREATE INDEX alerts_id ON public.alerts USING btree (id);

CREATE UNIQUE INDEX alerts_one_per_cause ON public.alerts USING btree (region_id, cause) WHERE (state <> 'closed'::text);

CREATE INDEX allocation_lines_run ON public.allocation_lines USING btree (allocation_id);

CREATE INDEX allocations_id ON public.allocations USING btree (id);

CREATE INDEX audit_at ON public.audit USING btree (at DESC);

CREATE INDEX audit_noun ON public.audit USING btree (noun, noun_id);

CREATE INDEX boundaries_import ON public.boundaries USING btree (import_id);

CREATE UNIQUE INDEX boundaries_one_is_current ON public.boundaries USING btree (region_id) WHERE current;

CREATE INDEX boundary_shapes_met ON public.boundary_shapes USING gist (level, zoom, bounds) WHERE current;

CREATE INDEX boxes_chips_listed ON public.boxes USING gin (uids) WHERE (uids IS NOT NULL);

CREATE INDEX boxes_delivery ON public.boxes USING btree (delivery_id);

CREATE INDEX boxes_list_span ON public.boxes USING gist (int8range(first_uid, last_uid, '[]'::text)) WHERE (uids IS NOT NULL);

CREATE INDEX boxes_loss ON public.boxes USING btree (loss_id) WHERE (loss_id IS NOT NULL);

CREATE INDEX boxes_place ON public.boxes USING btree (place_id, item_id, sealed, since, id);

CREATE INDEX boxes_shipment ON public.boxes USING btree (shipment_id) WHERE (shipment_id IS NOT NULL);

CREATE UNIQUE INDEX calendar_links_site ON public.calendar_links USING btree (site_id) WHERE (site_id IS NOT NULL);

CREATE UNIQUE INDEX calendar_links_team ON public.calendar_links USING btree (team_id) WHERE (team_id IS NOT NULL);

CREATE INDEX counts_id ON public.counts USING btree (id);

CREATE UNIQUE INDEX counts_one_at_a_time ON public.counts USING btree (region_id, place_id, item_id, condition) WHERE (state <> ALL (ARRAY['posted'::text, 'cancelled'::text]));

CREATE INDEX custody_noun ON public.custody USING btree (noun, noun_id);

CREATE INDEX decisions_newest ON public.decisions USING btree (day DESC, id DESC);

CREATE INDEX decisions_open ON public.decisions USING btree (closes_on) WHERE (closed_on IS NULL);

CREATE INDEX deliveries_procurement ON public.deliveries USING btree (procurement_id);

CREATE INDEX destructions_id ON public.destructions USING btree (id);

CREATE INDEX discrepancies_id ON public.discrepancies USING btree (id);

CREATE INDEX discrepancies_open ON public.discrepancies USING btree (due_on) WHERE (state = ANY (ARRAY['open'::text, 'escalated'::text]));

CREATE INDEX discrepancies_shipment ON public.discrepancies USING btree (region_id, shipment_id);

CREATE INDEX figures_few ON public.figures USING btree (people_group, subject, scope, region_id) WHERE (few AND (people_group <> ''::text) AND (status <> 'draft'::text));

CREATE INDEX figures_id ON public.figures USING btree (id);

CREATE INDEX figures_import ON public.figures USING btree (import_id) WHERE (import_id IS NOT NULL);

CREATE INDEX figures_latest ON public.figures USING btree (region_id, subject, scope, people_group, as_of DESC, "precision", id DESC) WHERE (status <> 'draft'::text);

CREATE INDEX findings_id ON public.findings USING btree (id);

CREATE INDEX flows_use_by_day ON public.flows USING btree (day) WHERE (kind = 'use'::public.move_kind);

CREATE INDEX forecast_runs_as_of ON public.forecast_runs USING btree (as_of DESC, id DESC);

CREATE INDEX forecasts_unscored ON public.forecasts USING btree (month) WHERE (scored_on IS NULL);

CREATE INDEX holds_id ON public.holds USING btree (id);

CREATE INDEX idempotency_keys_claimed_at ON public.idempotency_keys USING brin (claimed_at);

CREATE INDEX imports_newest ON public.imports USING btree (id DESC);

CREATE UNIQUE INDEX islands_id ON public.islands USING btree (id);

CREATE INDEX job_runs_job ON public.job_runs USING btree (job, started_at DESC);

CREATE UNIQUE INDEX job_runs_one_at_a_time ON public.job_runs USING btree (job) WHERE (finished_at IS NULL);

CREATE INDEX loans_id ON public.loans USING btree (id);

CREATE INDEX losses_id ON public.losses USING btree (id);

CREATE UNIQUE INDEX lots_one_of_a_version ON public.lots USING btree (fund, version) WHERE (earmark_region_id IS NULL);

CREATE INDEX move_lines_spoiled ON public.move_lines USING btree (source_place_id) WHERE ((source_place_id = target_place_id) AND ((target_condition = 'spoiled'::public.condition) OR (source_condition = 'spoiled'::public.condition)));

CREATE INDEX moves_by_day ON public.moves USING brin (business_date);

CREATE INDEX moves_newest ON public.moves USING btree (id DESC);

CREATE INDEX moves_other_region ON public.moves USING btree (other_region_id, id) WHERE (other_region_id IS NOT NULL);

CREATE UNIQUE INDEX moves_reversed_once ON public.moves USING btree (region_id, reverses) WHERE (reverses IS NOT NULL);

CREATE INDEX outlooks_unscored ON public.outlooks USING btree (as_of) WHERE (scored_on IS NULL);

CREATE INDEX photos_discrepancy ON public.photos USING btree (region_id, discrepancy_id);

CREATE INDEX photos_kept_until ON public.photos USING btree (kept_until);

CREATE UNIQUE INDEX places_one_of_a_kind ON public.places USING btree (region_id, kind) WHERE (kind <> 'team'::public.place_kind);

CREATE UNIQUE INDEX plans_id ON public.plans USING btree (id);

CREATE INDEX populations_import ON public.populations USING btree (import_id) WHERE (import_id IS NOT NULL);

CREATE INDEX populations_latest ON public.populations USING btree (region_id, as_of DESC, version DESC);

CREATE INDEX print_counts_import ON public.print_counts USING btree (import_id);

CREATE INDEX procurements_id ON public.procurements USING btree (id);

CREATE INDEX receipts_document ON public.receipts USING btree (document);

CREATE INDEX receipts_id ON public.receipts USING btree (id);

CREATE UNIQUE INDEX receipts_one_draft ON public.receipts USING btree (region_id, shipment_id) WHERE (state = 'draft'::text);

CREATE INDEX receipts_shipment ON public.receipts USING btree (region_id, shipment_id);

CREATE INDEX reconciliations_day ON public.reconciliations USING btree (day, id);

CREATE INDEX reconciliations_id ON public.reconciliations USING btree (id);

CREATE INDEX region_changes_id ON public.region_changes USING btree (id);

CREATE INDEX region_versions_code ON public.region_versions USING btree (code, valid_from);

CREATE INDEX region_versions_parent ON public.region_versions USING btree (parent_id);

CREATE UNIQUE INDEX region_versions_region_today ON public.region_versions USING btree (region_id) INCLUDE (code) WHERE (valid_to IS NULL);

CREATE INDEX regions_at ON public.regions USING btree (level, lon, lat) WHERE (heir_id IS NULL);

CREATE INDEX regions_merged ON public.regions USING btree (heir_id) WHERE (heir_id IS NOT NULL);

CREATE INDEX regions_standing ON public.regions USING btree (COALESCE(heir_id, id));

CREATE INDEX requests_id ON public.requests USING btree (id);

CREATE INDEX requests_open ON public.requests USING btree (emergency DESC, submitted_at) WHERE (state = ANY (ARRAY['submitted'::text, 'verified'::text, 'approved'::text, 'partly-shipped'::text]));

CREATE INDEX sessions_expiry ON public.sessions USING btree (expiry);

CREATE INDEX shipment_lines_request ON public.shipment_lines USING btree (region_id, request_id) WHERE (request_id IS NOT NULL);

CREATE INDEX shipments_document ON public.shipments USING btree (document);

CREATE INDEX shipments_id ON public.shipments USING btree (id);

CREATE INDEX shipments_packed ON public.shipments USING btree (region_id) WHERE (state = 'prepared'::text);

CREATE INDEX shipments_returns ON public.shipments USING btree (cause_id) WHERE (cause = 'return'::text);

CREATE INDEX shipments_route ON public.shipments USING btree (sender_place_id, receiver_place_id, received_on) WHERE (received_on IS NOT NULL);

CREATE INDEX shipments_sender ON public.shipments USING btree (sender_region_id, id);

CREATE INDEX shipments_under_way ON public.shipments USING btree (region_id, expected_on) WHERE (state = ANY (ARRAY['dispatched'::text, 'partly-received'::text]));

CREATE INDEX site_heads_import ON public.site_heads USING btree (import_id) WHERE (import_id IS NOT NULL);

CREATE UNIQUE INDEX sites_id ON public.sites USING btree (id);

CREATE INDEX sites_point ON public.sites USING btree (lat, lon);

CREATE UNIQUE INDEX sites_reference ON public.sites USING btree (region_id, reference) WHERE (reference <> ''::text);

CREATE UNIQUE INDEX teams_id ON public.teams USING btree (id);

CREATE INDEX tokens_user ON public.tokens USING btree (user_id);

CREATE INDEX users_import ON public.users USING btree (import_id) WHERE (import_id IS NOT NULL);

CREATE INDEX users_region ON public.users USING btree (region_id);

CREATE INDEX uses_id ON public.uses USING btree (id);

CREATE UNIQUE INDEX uses_one_a_day ON public.uses USING btree (region_id, place_id, item_id, day) WHERE (NOT corrected);

CREATE UNIQUE INDEX visit_results_one_kept ON public.visit_results USING btree (region_id, visit_id) WHERE (standing = 'kept'::text);

CREATE INDEX visit_yields_day ON public.visit_yields USING btree (subject, day);

CREATE UNIQUE INDEX visits_id ON public.visits USING btree (id);

CREATE INDEX visits_plan ON public.visits USING btree (region_id, plan_id, day, starts_at);

CREATE INDEX visits_site ON public.visits USING btree (site_id, day);

CREATE INDEX visits_team ON public.visits USING btree (region_id, team_id, day);

CREATE TRIGGER allocations_number BEFORE INSERT ON public.allocations FOR EACH ROW EXECUTE FUNCTION public.number_document('AL');

CREATE TRIGGER audit_chain BEFORE INSERT ON public.audit FOR EACH ROW EXECUTE FUNCTION public.chain_history();

CREATE TRIGGER boxes_chip_once BEFORE INSERT OR UPDATE OF first_uid, last_uid, uids ON public.boxes FOR EACH ROW EXECUTE FUNCTION public.chip_once();

CREATE TRIGGER counts_number BEFORE INSERT ON public.counts FOR EACH ROW EXECUTE FUNCTION public.number_document('SO');

CREATE TRIGGER loans_number BEFORE INSERT ON public.loans FOR EACH ROW EXECUTE FUNCTION public.number_document('PJ');

CREATE TRIGGER lots_told AFTER INSERT ON public.lots FOR EACH ROW EXECUTE FUNCTION public.tell_lot();

CREATE TRIGGER places_open_chain AFTER INSERT ON public.places FOR EACH ROW EXECUTE FUNCTION public.open_chain();

CREATE TRIGGER receipts_number BEFORE INSERT ON public.receipts FOR EACH ROW EXECUTE FUNCTION public.number_document('BAST');

CREATE TRIGGER requests_number BEFORE INSERT ON public.requests FOR EACH ROW EXECUTE FUNCTION public.number_document('PM');

CREATE TRIGGER shipments_number BEFORE INSERT ON public.shipments FOR EACH ROW EXECUTE FUNCTION public.number_document('SJ');

CREATE TRIGGER uses_number BEFORE INSERT ON public.uses FOR EACH ROW EXECUTE FUNCTION public.number_document('LH');

ALTER TABLE ONLY public.alert_events
    ADD CONSTRAINT alert_events_of_an_alert FOREIGN KEY (region_id, alert_id) REFERENCES public.alerts(region_id, id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.allocation_lines
    ADD CONSTRAINT allocation_lines_of_a_run FOREIGN KEY (sender_region_id, allocation_id) REFERENCES public.allocations(region_id, id);

ALTER TABLE ONLY public.allocation_lines
    ADD CONSTRAINT allocation_lines_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.allocation_lines
    ADD CONSTRAINT allocation_lines_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.boundaries
    ADD CONSTRAINT boundaries_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.boundary_shapes
    ADD CONSTRAINT boundary_shapes_of_a_boundary FOREIGN KEY (region_id, import_id) REFERENCES public.boundaries(region_id, import_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.boxes(id);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.boxes
    ADD CONSTRAINT boxes_sender_region_id_fkey FOREIGN KEY (sender_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.calendar_links
    ADD CONSTRAINT calendar_links_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.chains
    ADD CONSTRAINT chains_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.circulars
    ADD CONSTRAINT circulars_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.counts
    ADD CONSTRAINT counts_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.counts
    ADD CONSTRAINT counts_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.counts
    ADD CONSTRAINT counts_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.counts
    ADD CONSTRAINT counts_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.custody_heads
    ADD CONSTRAINT custody_heads_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_of_a_procurement FOREIGN KEY (region_id, procurement_id) REFERENCES public.procurements(region_id, id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.destructions
    ADD CONSTRAINT destructions_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.destructions
    ADD CONSTRAINT destructions_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.destructions
    ADD CONSTRAINT destructions_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.discrepancies
    ADD CONSTRAINT discrepancies_of_a_shipment FOREIGN KEY (region_id, shipment_id) REFERENCES public.shipments(region_id, id);

ALTER TABLE ONLY public.discrepancies
    ADD CONSTRAINT discrepancies_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.discrepancies
    ADD CONSTRAINT discrepancies_sender_region_id_fkey FOREIGN KEY (sender_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.early_recordings
    ADD CONSTRAINT early_recordings_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.figures
    ADD CONSTRAINT figures_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_region_id_figure_id_fkey FOREIGN KEY (region_id, figure_id) REFERENCES public.figures(region_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.forecast_failures
    ADD CONSTRAINT forecast_failures_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.forecast_failures
    ADD CONSTRAINT forecast_failures_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.forecast_runs(id);

ALTER TABLE ONLY public.forecasts
    ADD CONSTRAINT forecasts_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.forecasts
    ADD CONSTRAINT forecasts_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.forecasts
    ADD CONSTRAINT forecasts_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.forecast_runs(id);

ALTER TABLE ONLY public.hold_lots
    ADD CONSTRAINT hold_lots_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.hold_lots
    ADD CONSTRAINT hold_lots_of_a_hold FOREIGN KEY (region_id, hold_id) REFERENCES public.holds(region_id, id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_team_place_id_fkey FOREIGN KEY (team_place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.import_errors
    ADD CONSTRAINT import_errors_region_id_import_id_fkey FOREIGN KEY (region_id, import_id) REFERENCES public.imports(region_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_moves
    ADD CONSTRAINT import_moves_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.import_progress
    ADD CONSTRAINT import_progress_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.import_rows
    ADD CONSTRAINT import_rows_region_id_import_id_fkey FOREIGN KEY (region_id, import_id) REFERENCES public.imports(region_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.islands
    ADD CONSTRAINT islands_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_borrower_place_id_fkey FOREIGN KEY (borrower_place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_lender_place_id_fkey FOREIGN KEY (lender_place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.loans
    ADD CONSTRAINT loans_sender_region_id_fkey FOREIGN KEY (sender_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.losses
    ADD CONSTRAINT losses_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.losses
    ADD CONSTRAINT losses_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.losses
    ADD CONSTRAINT losses_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.lots
    ADD CONSTRAINT lots_earmark_region_id_fkey FOREIGN KEY (earmark_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.needs
    ADD CONSTRAINT needs_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.needs
    ADD CONSTRAINT needs_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.outlook_curves
    ADD CONSTRAINT outlook_curves_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.outlook_curves
    ADD CONSTRAINT outlook_curves_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.outlook_curves
    ADD CONSTRAINT outlook_curves_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.forecast_runs(id);

ALTER TABLE ONLY public.outlooks
    ADD CONSTRAINT outlooks_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.outlooks
    ADD CONSTRAINT outlooks_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.outlooks
    ADD CONSTRAINT outlooks_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.forecast_runs(id);

ALTER TABLE ONLY public.photos
    ADD CONSTRAINT photos_of_a_discrepancy FOREIGN KEY (region_id, discrepancy_id) REFERENCES public.discrepancies(region_id, id);

ALTER TABLE ONLY public.places
    ADD CONSTRAINT places_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.populations
    ADD CONSTRAINT populations_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.print_counts
    ADD CONSTRAINT print_counts_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.print_counts
    ADD CONSTRAINT print_counts_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.print_counts
    ADD CONSTRAINT print_counts_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.procurements
    ADD CONSTRAINT procurements_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.procurements
    ADD CONSTRAINT procurements_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.procurements
    ADD CONSTRAINT procurements_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.receipt_lines
    ADD CONSTRAINT receipt_lines_of_a_receipt FOREIGN KEY (region_id, receipt_id) REFERENCES public.receipts(region_id, id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_of_a_shipment FOREIGN KEY (region_id, shipment_id) REFERENCES public.shipments(region_id, id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_sender_region_id_fkey FOREIGN KEY (sender_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.region_changes
    ADD CONSTRAINT region_changes_into_region_id_fkey FOREIGN KEY (into_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.region_changes
    ADD CONSTRAINT region_changes_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.region_shares
    ADD CONSTRAINT region_shares_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.region_shares
    ADD CONSTRAINT region_shares_to_region_id_fkey FOREIGN KEY (to_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.region_versions
    ADD CONSTRAINT region_versions_level_of_code FOREIGN KEY (region_id, level) REFERENCES public.regions(id, level);

ALTER TABLE ONLY public.region_versions
    ADD CONSTRAINT region_versions_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.regions
    ADD CONSTRAINT regions_heir_id_fkey FOREIGN KEY (heir_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.shipment_lines
    ADD CONSTRAINT shipment_lines_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.shipment_lines
    ADD CONSTRAINT shipment_lines_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES public.lots(id);

ALTER TABLE ONLY public.shipment_lines
    ADD CONSTRAINT shipment_lines_of_a_shipment FOREIGN KEY (region_id, shipment_id) REFERENCES public.shipments(region_id, id);

ALTER TABLE ONLY public.shipments
    ADD CONSTRAINT shipments_receiver_place_id_fkey FOREIGN KEY (receiver_place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.shipments
    ADD CONSTRAINT shipments_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.shipments
    ADD CONSTRAINT shipments_sender_place_id_fkey FOREIGN KEY (sender_place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.shipments
    ADD CONSTRAINT shipments_sender_region_id_fkey FOREIGN KEY (sender_region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.site_heads
    ADD CONSTRAINT site_heads_of_a_site FOREIGN KEY (region_id, site_id) REFERENCES public.sites(region_id, id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.targets
    ADD CONSTRAINT targets_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.items(id);

ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.places(id);

ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.visit_results
    ADD CONSTRAINT visit_results_of_a_visit FOREIGN KEY (region_id, visit_id) REFERENCES public.visits(region_id, id);

ALTER TABLE ONLY public.visit_yields
    ADD CONSTRAINT visit_yields_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_of_a_plan FOREIGN KEY (region_id, plan_id) REFERENCES public.plans(region_id, id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_region_id_fkey FOREIGN KEY (region_id) REFERENCES public.regions(id);

ALTER TABLE ONLY public.visits
    ADD CONSTRAINT visits_site_region_id_fkey FOREIGN KEY (site_region_id) REFERENCES public.regions(id);

ALTER TABLE public.alert_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alerts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.allocation_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.allocations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.balances ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.boundaries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.boundary_shapes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.boxes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.calendar_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chains ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.circulars ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.counts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.custody ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.custody_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.destructions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.discrepancies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.early_recordings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.entries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.figures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.findings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.flow_offsets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.flows ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.forecast_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.forecasts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.histories ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hold_lots ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.holds ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_errors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_moves ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_progress ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.import_rows ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.islands ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.loans ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.losses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.move_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.moves ENABLE ROW LEVEL SECURITY;

CREATE POLICY nation ON public.alert_events TO blangko_nation USING (true);

CREATE POLICY nation ON public.alerts TO blangko_nation USING (true);

CREATE POLICY nation ON public.allocation_lines TO blangko_nation USING (true);

CREATE POLICY nation ON public.allocations TO blangko_nation USING (true);

CREATE POLICY nation ON public.audit TO blangko_nation USING (true);

CREATE POLICY nation ON public.balances TO blangko_nation USING (true);

CREATE POLICY nation ON public.boundaries TO blangko_nation USING (true);

CREATE POLICY nation ON public.boundary_shapes TO blangko_nation USING (true);

CREATE POLICY nation ON public.boxes TO blangko_nation USING (true);

CREATE POLICY nation ON public.calendar_links TO blangko_nation USING (true);

CREATE POLICY nation ON public.chains TO blangko_nation USING (true);

CREATE POLICY nation ON public.circulars TO blangko_nation USING (true);

CREATE POLICY nation ON public.counts TO blangko_nation USING (true);

CREATE POLICY nation ON public.custody TO blangko_nation USING (true);

CREATE POLICY nation ON public.custody_heads TO blangko_nation USING (true);

CREATE POLICY nation ON public.decisions TO blangko_nation USING (true);

CREATE POLICY nation ON public.deliveries TO blangko_nation USING (true);

CREATE POLICY nation ON public.destructions TO blangko_nation USING (true);

CREATE POLICY nation ON public.discrepancies TO blangko_nation USING (true);

CREATE POLICY nation ON public.early_recordings TO blangko_nation USING (true);

CREATE POLICY nation ON public.entries TO blangko_nation USING (true);

CREATE POLICY nation ON public.figures TO blangko_nation USING (true);

CREATE POLICY nation ON public.findings TO blangko_nation USING (true);

CREATE POLICY nation ON public.flow_offsets TO blangko_nation USING (true);

CREATE POLICY nation ON public.flows TO blangko_nation USING (true);

CREATE POLICY nation ON public.forecast_failures TO blangko_nation USING (true);

CREATE POLICY nation ON public.forecasts TO blangko_nation USING (true);

CREATE POLICY nation ON public.histories TO blangko_nation USING (true);

CREATE POLICY nation ON public.hold_lots TO blangko_nation USING (true);

CREATE POLICY nation ON public.holds TO blangko_nation USING (true);

CREATE POLICY nation ON public.import_errors TO blangko_nation USING (true);

CREATE POLICY nation ON public.import_moves TO blangko_nation USING (true);

CREATE POLICY nation ON public.import_progress TO blangko_nation USING (true);

CREATE POLICY nation ON public.import_rows TO blangko_nation USING (true);

CREATE POLICY nation ON public.imports TO blangko_nation USING (true);

CREATE POLICY nation ON public.islands TO blangko_nation USING (true);

CREATE POLICY nation ON public.loans TO blangko_nation USING (true);

CREATE POLICY nation ON public.losses TO blangko_nation USING (true);

CREATE POLICY nation ON public.move_lines TO blangko_nation USING (true);

CREATE POLICY nation ON public.moves TO blangko_nation USING (true);

CREATE POLICY nation ON public.needs TO blangko_nation USING (true);

CREATE POLICY nation ON public.outlook_curves TO blangko_nation USING (true);

CREATE POLICY nation ON public.outlooks TO blangko_nation USING (true);

CREATE POLICY nation ON public.photos TO blangko_nation USING (true);

CREATE POLICY nation ON public.places TO blangko_nation USING (true);

CREATE POLICY nation ON public.plans TO blangko_nation USING (true);

CREATE POLICY nation ON public.populations TO blangko_nation USING (true);

CREATE POLICY nation ON public.print_counts TO blangko_nation USING (true);

CREATE POLICY nation ON public.procurements TO blangko_nation USING (true);

CREATE POLICY nation ON public.receipt_lines TO blangko_nation USING (true);

CREATE POLICY nation ON public.receipts TO blangko_nation USING (true);

CREATE POLICY nation ON public.reconciliations TO blangko_nation USING (true);

CREATE POLICY nation ON public.region_changes TO blangko_nation USING (true);

CREATE POLICY nation ON public.region_shares TO blangko_nation USING (true);

CREATE POLICY nation ON public.region_versions TO blangko_nation USING (true);

CREATE POLICY nation ON public.requests TO blangko_nation USING (true);

CREATE POLICY nation ON public.shipment_lines TO blangko_nation USING (true);

CREATE POLICY nation ON public.shipments TO blangko_nation USING (true);

CREATE POLICY nation ON public.site_heads TO blangko_nation USING (true);

CREATE POLICY nation ON public.sites TO blangko_nation USING (true);

CREATE POLICY nation ON public.targets TO blangko_nation USING (true);

CREATE POLICY nation ON public.teams TO blangko_nation USING (true);

CREATE POLICY nation ON public.tokens TO blangko_nation USING (true);

CREATE POLICY nation ON public.users TO blangko_nation USING (true);

CREATE POLICY nation ON public.uses TO blangko_nation USING (true);

CREATE POLICY nation ON public.visit_results TO blangko_nation USING (true);

CREATE POLICY nation ON public.visit_yields TO blangko_nation USING (true);

CREATE POLICY nation ON public.visits TO blangko_nation USING (true);

ALTER TABLE public.needs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outlook_curves ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outlooks ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner ON public.alert_events TO blangko_owner USING (true);

CREATE POLICY owner ON public.alerts TO blangko_owner USING (true);

CREATE POLICY owner ON public.allocation_lines TO blangko_owner USING (true);

CREATE POLICY owner ON public.allocations TO blangko_owner USING (true);

CREATE POLICY owner ON public.audit TO blangko_owner USING (true);

CREATE POLICY owner ON public.balances TO blangko_owner USING (true);

CREATE POLICY owner ON public.boundaries TO blangko_owner USING (true);

CREATE POLICY owner ON public.boundary_shapes TO blangko_owner USING (true);

CREATE POLICY owner ON public.boxes TO blangko_owner USING (true);

CREATE POLICY owner ON public.calendar_links TO blangko_owner USING (true);

CREATE POLICY owner ON public.chains TO blangko_owner USING (true);

CREATE POLICY owner ON public.circulars TO blangko_owner USING (true);

CREATE POLICY owner ON public.counts TO blangko_owner USING (true);

CREATE POLICY owner ON public.custody TO blangko_owner USING (true);

CREATE POLICY owner ON public.custody_heads TO blangko_owner USING (true);

CREATE POLICY owner ON public.decisions TO blangko_owner USING (true);

CREATE POLICY owner ON public.deliveries TO blangko_owner USING (true);

CREATE POLICY owner ON public.destructions TO blangko_owner USING (true);

CREATE POLICY owner ON public.discrepancies TO blangko_owner USING (true);

CREATE POLICY owner ON public.early_recordings TO blangko_owner USING (true);

CREATE POLICY owner ON public.entries TO blangko_owner USING (true);

CREATE POLICY owner ON public.figures TO blangko_owner USING (true);

CREATE POLICY owner ON public.findings TO blangko_owner USING (true);

CREATE POLICY owner ON public.flow_offsets TO blangko_owner USING (true);

CREATE POLICY owner ON public.flows TO blangko_owner USING (true);

CREATE POLICY owner ON public.forecast_failures TO blangko_owner USING (true);

CREATE POLICY owner ON public.forecasts TO blangko_owner USING (true);

CREATE POLICY owner ON public.histories TO blangko_owner USING (true);

CREATE POLICY owner ON public.hold_lots TO blangko_owner USING (true);

CREATE POLICY owner ON public.holds TO blangko_owner USING (true);

CREATE POLICY owner ON public.import_errors TO blangko_owner USING (true);

CREATE POLICY owner ON public.import_moves TO blangko_owner USING (true);

CREATE POLICY owner ON public.import_progress TO blangko_owner USING (true);

CREATE POLICY owner ON public.import_rows TO blangko_owner USING (true);

CREATE POLICY owner ON public.imports TO blangko_owner USING (true);

CREATE POLICY owner ON public.islands TO blangko_owner USING (true);

CREATE POLICY owner ON public.loans TO blangko_owner USING (true);

CREATE POLICY owner ON public.losses TO blangko_owner USING (true);

CREATE POLICY owner ON public.move_lines TO blangko_owner USING (true);

CREATE POLICY owner ON public.moves TO blangko_owner USING (true);

CREATE POLICY owner ON public.needs TO blangko_owner USING (true);

CREATE POLICY owner ON public.outlook_curves TO blangko_owner USING (true);

CREATE POLICY owner ON public.outlooks TO blangko_owner USING (true);

CREATE POLICY owner ON public.photos TO blangko_owner USING (true);

CREATE POLICY owner ON public.places TO blangko_owner USING (true);

CREATE POLICY owner ON public.plans TO blangko_owner USING (true);

CREATE POLICY owner ON public.populations TO blangko_owner USING (true);

CREATE POLICY owner ON public.print_counts TO blangko_owner USING (true);

CREATE POLICY owner ON public.procurements TO blangko_owner USING (true);

CREATE POLICY owner ON public.receipt_lines TO blangko_owner USING (true);

CREATE POLICY owner ON public.receipts TO blangko_owner USING (true);

CREATE POLICY owner ON public.reconciliations TO blangko_owner USING (true);

CREATE POLICY owner ON public.region_changes TO blangko_owner USING (true);

CREATE POLICY owner ON public.region_shares TO blangko_owner USING (true);

CREATE POLICY owner ON public.region_versions TO blangko_owner USING (true);

CREATE POLICY owner ON public.requests TO blangko_owner USING (true);

CREATE POLICY owner ON public.shipment_lines TO blangko_owner USING (true);

CREATE POLICY owner ON public.shipments TO blangko_owner USING (true);

CREATE POLICY owner ON public.site_heads TO blangko_owner USING (true);

CREATE POLICY owner ON public.sites TO blangko_owner USING (true);

CREATE POLICY owner ON public.targets TO blangko_owner USING (true);

CREATE POLICY owner ON public.teams TO blangko_owner USING (true);

CREATE POLICY owner ON public.tokens TO blangko_owner USING (true);

CREATE POLICY owner ON public.users TO blangko_owner USING (true);

CREATE POLICY owner ON public.uses TO blangko_owner USING (true);

CREATE POLICY owner ON public.visit_results TO blangko_owner USING (true);

CREATE POLICY owner ON public.visit_yields TO blangko_owner USING (true);

CREATE POLICY owner ON public.visits TO blangko_owner USING (true);

ALTER TABLE public.photos ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.places ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.plans ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.populations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.print_counts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.procurements ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.receipt_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.receipts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reconciliations ENABLE ROW LEVEL SECURITY;

CREATE POLICY region ON public.alert_events TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.alerts TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.allocation_lines TO blangko_server USING (((sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.allocations TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.audit TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.balances TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.boundaries TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.boundary_shapes TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.boxes TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.calendar_links TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.chains TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.circulars TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.counts TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.custody TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (other_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.custody_heads TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.decisions TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.deliveries TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.destructions TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.discrepancies TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.early_recordings TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.entries TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.figures TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.findings TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.flow_offsets TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.flows TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.forecast_failures TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.forecasts TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.histories TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.hold_lots TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.holds TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.import_errors TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.import_moves TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.import_progress TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.import_rows TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.imports TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.islands TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.loans TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.losses TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.move_lines TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (other_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.moves TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (other_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.needs TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.outlook_curves TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.outlooks TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.photos TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.places TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.plans TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.populations TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.print_counts TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.procurements TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.receipt_lines TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.receipts TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.reconciliations TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.region_changes TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (into_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.region_shares TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (to_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.region_versions TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.requests TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.shipment_lines TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.shipments TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (sender_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.site_heads TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.sites TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.targets TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.teams TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.tokens TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.users TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.uses TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.visit_results TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (site_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

CREATE POLICY region ON public.visit_yields TO blangko_server USING ((region_id = ANY (( SELECT public.reached() AS reached)::integer[])));

CREATE POLICY region ON public.visits TO blangko_server USING (((region_id = ANY (( SELECT public.reached() AS reached)::integer[])) OR (site_region_id = ANY (( SELECT public.reached() AS reached)::integer[]))));

ALTER TABLE public.region_changes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.region_shares ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.region_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shipment_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shipments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.site_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.targets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.uses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.visit_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.visit_yields ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.visits ENABLE ROW LEVEL SECURITY;

