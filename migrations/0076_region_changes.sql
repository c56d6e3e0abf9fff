-- Regions split and merge. Nothing that was written changes its region: a region that has merged keeps its id and all that
-- carries it, and is reached and shown as the one it has become part of (its heir). What was recorded of a region before a
-- split speaks of both parts; region_shares says with which share, so that each part has a history of its own.

-- +goose Up

ALTER TABLE regions ADD COLUMN heir_id int REFERENCES regions;
CREATE INDEX regions_merged ON regions (heir_id) WHERE heir_id IS NOT NULL;
CREATE INDEX regions_standing ON regions ((coalesce(heir_id, id)));
COMMENT ON COLUMN regions.heir_id IS 'the region of today that this one merged into, itself or through others';

CREATE OR REPLACE VIEW regions_today WITH (security_invoker = true) AS
    SELECT r.id, v.code, v.name, v.parent_id, (CASE WHEN r.heir_id IS NULL THEN r.level ELSE 9 END)::smallint AS level, r.kind, r.zone, r.lon, r.lat
    FROM region_versions v
    JOIN regions r ON coalesce(r.heir_id, r.id) = v.region_id
    WHERE v.valid_to IS NULL; -- a change is entered on its day, so this row is today's
COMMENT ON VIEW regions_today IS 'Regions under the code, name and parent they have today; runs with the reach of whoever asks. One that has merged stands here under its heir''s code at level 9, which no list of regions of a level holds: what carries its id is counted with the heir.';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION act_as(actor bigint, name text, reach text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
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
-- +goose StatementEnd
COMMENT ON FUNCTION act_as IS 'Sets actor and reach for this transaction: the regions whose code of today is the reach or lies under it, and those that merged into them.';

CREATE TABLE region_changes (
    region_id   int         NOT NULL REFERENCES regions,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    into_region_id int      NOT NULL REFERENCES regions,
    kind        text        NOT NULL CONSTRAINT region_changes_kind CHECK (kind IN ('split', 'merge')),
    effective   date        NOT NULL,
    document    text        NOT NULL CONSTRAINT region_changes_document_length CHECK (length(document) BETWEEN 1 AND 100),
    asked       jsonb       NOT NULL,
    moved       jsonb       NOT NULL,
    at          timestamptz NOT NULL,
    actor_id    bigint      NOT NULL,
    actor       text        NOT NULL,
    PRIMARY KEY (region_id, id)
);
CREATE INDEX region_changes_id ON region_changes (id);
COMMENT ON TABLE region_changes IS 'Each split and merge: what was asked, and all that moved by it.';
CALL protect('region_changes', 'SELECT, INSERT', 'region_id', 'into_region_id');

CREATE TABLE region_shares (
    region_id  int  NOT NULL REFERENCES regions,
    since      date NOT NULL,
    until      date NOT NULL,
    to_region_id int NOT NULL REFERENCES regions,
    share      double precision NOT NULL CONSTRAINT region_shares_share CHECK (share BETWEEN 0 AND 1),
    PRIMARY KEY (region_id, since, to_region_id),
    CONSTRAINT region_shares_last_a_day CHECK (since < until)
);
COMMENT ON TABLE region_shares IS 'What was recorded of a region in a span of days speaks of these regions of today, with these shares; they add up to one.';
CALL protect('region_shares', 'SELECT, INSERT, UPDATE', 'region_id', 'to_region_id');

CREATE TABLE flow_offsets (
    region_id int      NOT NULL,
    place_id  int      NOT NULL,
    item_id   smallint NOT NULL,
    day       date     NOT NULL,
    pieces    bigint   NOT NULL,
    change_into int    NOT NULL,
    PRIMARY KEY (region_id, place_id, item_id, day, change_into)
);
COMMENT ON TABLE flow_offsets IS 'What an inherited history held on the day of a split, taken off again where the pieces themselves moved, so that the shelf of each part is the real one from then on.';
CALL protect('flow_offsets', 'SELECT, INSERT', 'region_id');

CREATE VIEW flows_inherited WITH (security_invoker = true) AS
    SELECT coalesce(s.to_region_id, f.region_id) AS region_id, f.place_id, f.item_id, f.day, f.kind,
           (CASE WHEN s.share IS NULL THEN f.pieces
                 WHEN s.to_region_id = s.region_id THEN f.pieces - (
                     SELECT coalesce(sum(round(f.pieces * o.share)), 0)
                     FROM region_shares o
                     WHERE o.region_id = s.region_id AND o.since = s.since AND o.to_region_id <> o.region_id)
                 ELSE round(f.pieces * s.share) END)::bigint AS pieces
    FROM flows f
    LEFT JOIN region_shares s ON s.region_id = f.region_id AND f.day >= s.since AND f.day < s.until
    UNION ALL
    SELECT region_id, place_id, item_id, day, 'transfer', pieces
    FROM flow_offsets;
COMMENT ON VIEW flows_inherited IS 'Flows with those before a split shared among the parts, for whoever looks at a part''s past: expected, not counted. The sums over all parts are those of flows.';
GRANT SELECT ON flows_inherited TO blangko_server, blangko_nation;

ALTER TABLE figures ADD COLUMN part_of bigint;
COMMENT ON COLUMN figures.part_of IS 'the figure that a split or merge of regions made this one of, by share';
