-- Boxes of blanks, the chips in them, and the chain of who had them.
--
-- A box holds its chips as a run (first_uid to last_uid) or, where they do not follow one another, as a sorted list.
-- There is a row for a box, never one for a blank: 20 million blanks a year in boxes of 500 are 40,000 rows. A chip is
-- in one box: runs are kept apart by an exclusion constraint; a list, which no exclusion constraint can hold apart at a
-- bearable cost, by a trigger with an index over its chips.
--
-- Boxes and their chain are not spread by region as moves are: a chip must be in one box of the whole nation, and they
-- are few.

-- +goose Up

CREATE TABLE boxes (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region_id        int         NOT NULL REFERENCES regions,
    sender_region_id int         REFERENCES regions,
    number           text        NOT NULL CONSTRAINT boxes_number_unique UNIQUE
                                 CONSTRAINT boxes_number_form CHECK (number ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$'),
    item_id          smallint    NOT NULL REFERENCES items,
    lot_id           int         NOT NULL REFERENCES lots,
    delivery_id      bigint      NOT NULL,
    parent_id        bigint      REFERENCES boxes,
    parent_step      int,
    parts            int         NOT NULL DEFAULT 0,
    place_id         int         NOT NULL REFERENCES places,
    condition        condition   NOT NULL,
    sealed           boolean     NOT NULL,
    pieces           bigint      NOT NULL CONSTRAINT boxes_pieces_in_bounds CHECK (pieces BETWEEN 1 AND 10000),
    first_uid        bigint      NOT NULL CONSTRAINT boxes_first_uid_not_negative CHECK (first_uid >= 0),
    last_uid         bigint      NOT NULL,
    uids             bigint[],
    digest           bytea       NOT NULL CONSTRAINT boxes_digest_length CHECK (length(digest) = 32),
    shipment_id      bigint,
    loss_id          bigint,
    step             int         NOT NULL,
    since            timestamptz NOT NULL,
    synthetic        boolean     NOT NULL DEFAULT false,
    version          bigint      NOT NULL DEFAULT 1,
    CONSTRAINT boxes_pieces_are_its_chips CHECK (pieces = coalesce(cardinality(uids), last_uid - first_uid + 1)),
    CONSTRAINT boxes_list_within_ends CHECK (uids IS NULL OR uids[1] = first_uid AND uids[cardinality(uids)] = last_uid),
    CONSTRAINT boxes_part_names_its_step CHECK ((parent_id IS NULL) = (parent_step IS NULL)),
    CONSTRAINT boxes_chip_in_one_box EXCLUDE USING gist (int8range(first_uid, last_uid, '[]') WITH &&) WHERE (uids IS NULL)
);
CREATE INDEX boxes_chips_listed ON boxes USING gin (uids) WHERE uids IS NOT NULL;
CREATE INDEX boxes_list_span ON boxes USING gist (int8range(first_uid, last_uid, '[]')) WHERE uids IS NOT NULL;
CREATE INDEX boxes_place ON boxes (place_id, item_id, sealed, since, id);
CREATE INDEX boxes_shipment ON boxes (shipment_id) WHERE shipment_id IS NOT NULL;
CREATE INDEX boxes_loss ON boxes (loss_id) WHERE loss_id IS NOT NULL;
CREATE INDEX boxes_delivery ON boxes (delivery_id);
COMMENT ON TABLE boxes IS 'Boxes, and chips named singly, with where they are. sealed: its chips are all there, so that it stands for so many pieces of its account; of an opened one only where it was opened is known. A part cut out has a row of its own.';
COMMENT ON COLUMN boxes.region_id IS 'whose it is to answer for: where it is, or, under way, where it goes';
COMMENT ON COLUMN boxes.sender_region_id IS 'where it comes from, while it is under way';
COMMENT ON COLUMN boxes.digest IS 'Merkle root of its chips (RFC 6962)';
COMMENT ON COLUMN boxes.parts IS 'parts ever cut out of it, for their numbers';
CALL protect('boxes', 'SELECT, INSERT, UPDATE', 'region_id', 'sender_region_id');

-- +goose StatementBegin
CREATE FUNCTION chip_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
-- +goose StatementEnd
COMMENT ON FUNCTION chip_once IS 'Refuses a box with a chip that another box holds, and names both.';
CREATE TRIGGER boxes_chip_once BEFORE INSERT OR UPDATE OF first_uid, last_uid, uids ON boxes FOR EACH ROW EXECUTE FUNCTION chip_once();

CREATE TABLE custody_heads (
    region_id int    NOT NULL,
    place_id  int    NOT NULL REFERENCES places,
    seq       bigint NOT NULL,
    hash      bytea  NOT NULL,
    PRIMARY KEY (region_id, place_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE custody_heads IS 'The newest link of each place''s chain of custody; locking it makes the steps of one place take turns.';
CALL protect('custody_heads', 'SELECT, INSERT, UPDATE', 'region_id');

CREATE TABLE custody (
    region_id       int         NOT NULL,
    place_id        int         NOT NULL,
    seq             bigint      NOT NULL,
    other_region_id int,
    box_id          bigint      NOT NULL,
    step            int         NOT NULL,
    kind            text        NOT NULL CONSTRAINT custody_kind CHECK (kind IN ('delivered', 'split', 'packed', 'unpacked', 'dispatched', 'returned',
                        'received', 'rolled-back', 'opened', 'spoiled', 'frozen', 'unfrozen', 'lost', 'destroyed')),
    from_place_id   int         NOT NULL,
    to_place_id     int         NOT NULL,
    condition       condition   NOT NULL,
    sealed          boolean     NOT NULL,
    pieces          bigint      NOT NULL,
    digest          bytea       NOT NULL,
    noun            text        NOT NULL,
    noun_id         bigint      NOT NULL,
    document        text        NOT NULL CONSTRAINT custody_document_length CHECK (length(document) <= 100),
    day             date        NOT NULL,
    actor_id        bigint      NOT NULL,
    actor           text        NOT NULL,
    at              timestamptz NOT NULL,
    key             text        NOT NULL,
    hash            bytea       NOT NULL,
    PRIMARY KEY (region_id, place_id, seq),
    CONSTRAINT custody_box_step_once UNIQUE (box_id, step)
);
CREATE INDEX custody_noun ON custody (noun, noun_id);
COMMENT ON TABLE custody IS 'Append-only: every step of every box, under the place that took it. Each link is a keyed hash (HMAC-SHA256) over the one before it; the key is not in the database.';
COMMENT ON COLUMN custody.key IS 'the first digits of the SHA-256 of the key, to know which one it was';
CALL protect('custody', 'SELECT, INSERT', 'region_id', 'other_region_id');

CREATE TABLE checkpoints (
    day  date        PRIMARY KEY,
    at   timestamptz NOT NULL,
    body text        NOT NULL
);
COMMENT ON TABLE checkpoints IS 'The signed heads of all chains, one a day: also written to files, since who can delete the newest rows can delete this too.';
CALL open_to_all('checkpoints', 'SELECT, INSERT');

-- A chip lost or destroyed lies in a sink that may be out of the reach of who traces it.
-- +goose StatementBegin
CREATE FUNCTION place_kind_of(id int) RETURNS place_kind LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.kind FROM places p WHERE p.id = place_kind_of.id
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION place_kind_of IS 'Kind of a place, in reach or not.';
