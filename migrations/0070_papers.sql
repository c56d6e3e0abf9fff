-- Papers that leave the house: each has a number, a total and a state, whatever its kind, and bears a short signature.

-- +goose Up

-- What every paper with a seal says of itself today, kind by kind. A view of the reader's own reach.
CREATE VIEW papers WITH (security_invoker = true) AS
    SELECT 'shipment' AS kind, s.region_id, s.id, s.document, s.state,
           (SELECT coalesce(sum(l.pieces), 0) FROM shipment_lines l WHERE l.region_id = s.region_id AND l.shipment_id = s.id)::bigint AS pieces
    FROM shipments s
    UNION ALL
    SELECT 'receipt', c.region_id, c.id, c.document, c.state,
           (SELECT coalesce(sum(l.good + l.damaged + l.quarantined + l.over), 0) FROM receipt_lines l WHERE l.region_id = c.region_id AND l.receipt_id = c.id)::bigint
    FROM receipts c
    UNION ALL
    SELECT 'count', region_id, id, document, state, coalesce(counted, 0) FROM counts
    UNION ALL
    SELECT 'loss', region_id, id, document, state, pieces FROM losses
    UNION ALL
    SELECT 'destruction', region_id, id, document, state, spoiled + surrendered FROM destructions;
COMMENT ON VIEW papers IS 'Number, total and state of every record that is printed with a seal.';
GRANT SELECT ON papers TO blangko_server, blangko_nation;
CREATE INDEX shipments_document ON shipments (document);
CREATE INDEX receipts_document ON receipts (document);

CREATE TABLE paper_secret (
    one     boolean     PRIMARY KEY DEFAULT true CONSTRAINT paper_secret_is_one CHECK (one),
    secret  bytea       NOT NULL CONSTRAINT paper_secret_length CHECK (length(secret) = 32),
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE paper_secret IS 'The key under which seals of papers are signed; it goes with a backup, so that a restored server still knows its papers.';
CALL open_to_all('paper_secret', 'SELECT');
INSERT INTO paper_secret (secret) VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
