package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Held is what the store of the nation or of a province holds of the KTP-el blank and has packed for nobody, of one purse: what
// is nobody's in particular, or the grant of a region. A store that has ever posted is listed, also when it is empty.
type Held struct {
	Region  string `db:"region"`  // of the store
	Earmark string `db:"earmark"` // code of the region whose grant it is; empty for what may go anywhere
	Pieces  int64  `db:"pieces"`
}

// Owed is what a contract still owes the national store. Nobody writes down when each delivery is to come, only when the
// last is due.
type Owed struct {
	Procurement int64      `db:"id"`
	Earmark     string     `db:"earmark"`
	Pieces      int64      `db:"pieces"`
	DueOn       *time.Time `db:"due_on"` // nil when the contract names no day
}

// Coming is what is packed for the store of a province, or under way to it.
type Coming struct {
	Region     string     `db:"region"` // of the store
	Earmark    string     `db:"earmark"`
	Pieces     int64      `db:"pieces"`
	ExpectedOn *time.Time `db:"expected_on"` // nil while it is packed
}

// Supply is where the blanks of offices come from.
type Supply struct {
	Held   []Held
	Coming []Coming
	Owed   []Owed
}

// Supply reads what stores hold and what contracts still owe.
func (l *Ledger) Supply(ctx context.Context, who access.Actor) (s Supply, err error) {
	if err := who.May(access.ReadProcurements); err != nil {
		return s, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		err := tx.SelectContext(ctx, &s.Held, `
			SELECT r.code AS region, coalesce(region_code(t.earmark_region_id), '') AS earmark,
			       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'usable'), 0)::bigint AS pieces
			FROM balances b
			JOIN places p ON p.id = b.place_id AND p.kind IN ('national', 'province')
			JOIN items i ON i.id = b.item_id AND i.kind = 'ktp'
			JOIN lots t ON t.id = b.lot_id
			JOIN regions_today r ON r.id = p.region_id
			GROUP BY 1, 2
			ORDER BY 1, 2`)
		if err != nil {
			return fmt.Errorf("read what stores hold: %w", err)
		}
		err = tx.SelectContext(ctx, &s.Coming, `
			SELECT r.code AS region, coalesce(region_code(t.earmark_region_id), '') AS earmark, s.expected_on,
			       sum(l.pieces - l.good - l.damaged - l.quarantined - l.missing)::bigint AS pieces
			FROM shipments s
			JOIN places p ON p.id = s.receiver_place_id AND p.kind = 'province'
			JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
			JOIN items i ON i.id = l.item_id AND i.kind = 'ktp'
			JOIN lots t ON t.id = l.lot_id
			JOIN regions_today r ON r.id = p.region_id
			WHERE s.state IN ('prepared', 'dispatched', 'partly-received') AND s.cause <> 'return'
			GROUP BY 1, 2, 3
			HAVING sum(l.pieces - l.good - l.damaged - l.quarantined - l.missing) > 0
			ORDER BY 1, 2, 3`)
		if err != nil {
			return fmt.Errorf("read what is under way to stores: %w", err)
		}
		err = tx.SelectContext(ctx, &s.Owed, `
			SELECT c.id, coalesce(region_code(t.earmark_region_id), '') AS earmark, c.pieces - c.delivered AS pieces, c.due_on
			FROM procurements c
			JOIN items i ON i.id = c.item_id AND i.kind = 'ktp'
			JOIN lots t ON t.id = c.lot_id
			WHERE c.delivered < c.pieces
			ORDER BY c.due_on NULLS LAST, c.id`)
		if err != nil {
			return fmt.Errorf("read what contracts owe: %w", err)
		}
		return nil
	})
	return s, err
}
