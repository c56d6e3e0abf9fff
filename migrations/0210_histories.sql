-- The trail of what was changed is chained too, and so are the fund lots: a row that is edited or deleted in SQL is found by
-- `blangko ledger verify`.
--
-- Each document has a chain of its own in each region whose end took steps, since whoever changes a document has locked it
-- anyhow: no step waits for another document's. Moves by hand write no trail, so posting them costs nothing more.

-- +goose Up

CREATE TABLE histories (
    region_id int    NOT NULL,
    noun      text   NOT NULL,
    noun_id   text   NOT NULL,
    step      bigint NOT NULL,
    hash      bytea  NOT NULL,
    PRIMARY KEY (region_id, noun, noun_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE histories IS 'The newest step of the trail of each document: a step that was taken away at its end shows here.';
CALL protect('histories', 'SELECT', 'region_id');

ALTER TABLE audit
    ADD COLUMN step bigint,
    ADD COLUMN hash bytea,
    ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
COMMENT ON COLUMN audit.step IS 'of the document in this region, from 1 on without a gap';
COMMENT ON COLUMN audit.hash IS 'of the row and of the hash of the step before';
COMMENT ON COLUMN audit.written_in IS 'transaction that wrote it: a checkpoint leaves out what was under way';

-- The text that a step covers. Go's inventory.trailStep writes the same, byte for byte.
-- +goose StatementBegin
CREATE FUNCTION history_link(previous bytea, step bigint, a audit) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || convert_to(concat_ws(E'\x1f',
        step, a.region_id, a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.actor_id, a.actor, a.action, a.noun, a.noun_id,
        coalesce(a.before::text, ''), coalesce(a.after::text, ''), a.request_id), 'UTF8'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION chain_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO histories AS h (region_id, noun, noun_id, step, hash)
    VALUES (NEW.region_id, NEW.noun, NEW.noun_id, 1, history_link('', 1, NEW))
    ON CONFLICT (region_id, noun, noun_id) DO UPDATE SET step = h.step + 1, hash = history_link(h.hash, h.step + 1, NEW)
    RETURNING h.step, h.hash INTO NEW.step, NEW.hash;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION chain_history IS 'Links a row of the trail to the step before.';

-- What was written so far.
-- +goose StatementBegin
DO $$
DECLARE
    a audit;
    last histories;
BEGIN
    FOR a IN SELECT * FROM audit ORDER BY id LOOP
        INSERT INTO histories AS h (region_id, noun, noun_id, step, hash)
        VALUES (a.region_id, a.noun, a.noun_id, 1, history_link('', 1, a))
        ON CONFLICT (region_id, noun, noun_id) DO UPDATE SET step = h.step + 1, hash = history_link(h.hash, h.step + 1, a)
        RETURNING * INTO last;
        UPDATE audit SET step = last.step, hash = last.hash WHERE region_id = a.region_id AND id = a.id;
    END LOOP;
END $$;
-- +goose StatementEnd

ALTER TABLE audit ALTER COLUMN step SET NOT NULL, ALTER COLUMN hash SET NOT NULL;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain_history();

-- A lot is told once, when it is opened, and never changed.
CREATE FUNCTION lot_facts(l lots) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('fund', l.fund, 'earmark_region_id', l.earmark_region_id, 'name', l.name, 'blank_version', l.version)
$$;

-- +goose StatementBegin
CREATE FUNCTION tell_lot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id, after)
    VALUES ((SELECT id FROM regions WHERE level = 0), coalesce(nullif(current_setting('blangko.actor', true), '')::bigint, 0),
            coalesce(nullif(current_setting('blangko.actor_name', true), ''), 'system'), 'open', 'lot', NEW.id::text, lot_facts(NEW));
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION tell_lot IS 'Writes a lot that was opened into the trail, which is chained.';
CREATE TRIGGER lots_told AFTER INSERT ON lots FOR EACH ROW EXECUTE FUNCTION tell_lot();

INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id, after)
SELECT n.id, 0, 'system', 'open', 'lot', l.id::text, lot_facts(l)
FROM lots l
JOIN regions n ON n.level = 0
ORDER BY l.id;
