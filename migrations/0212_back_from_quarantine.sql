-- Chips known by name leave quarantine as others do: lifted, found unfit, or sent back to who sent them.

-- +goose Up

ALTER TABLE shipments DROP CONSTRAINT shipments_cause;
ALTER TABLE shipments ADD CONSTRAINT shipments_cause CHECK (cause IN ('supply', 'transfer', 'loan', 'loan-return', 'return'));
COMMENT ON TABLE shipments IS 'Blanks on their way. prepared: reserved at the sender; dispatched: in transit at the receiver; cause_id is the allocation run or loan behind it, of a return the shipment that brought them.';
CREATE INDEX shipments_returns ON shipments (cause_id) WHERE cause = 'return';

ALTER TABLE custody DROP CONSTRAINT custody_kind;
ALTER TABLE custody ADD CONSTRAINT custody_kind CHECK (kind IN ('delivered', 'split', 'packed', 'unpacked', 'dispatched', 'returned',
    'received', 'rolled-back', 'opened', 'spoiled', 'frozen', 'unfrozen', 'lost', 'destroyed', 'transferred', 'set-aside', 'lifted'));
