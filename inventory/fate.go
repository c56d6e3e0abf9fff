package inventory

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Fate is what became of one shipment of KTP-el blanks to a kabupaten/kota that was dispatched and has ended.
//
// Lost are the pieces that never came to the receiver's shelf: missing or damaged, or all of them when the shipment was
// called off on its way.
type Fate struct {
	RegionID int       `db:"region_id"` // of the receiver
	Sender   int       `db:"sender_place_id"`
	From     PlaceKind `db:"sender"`
	Pieces   int64     `db:"pieces"`
	Lost     int64     `db:"lost"`
}

// Fates lists the shipments to kabupaten/kota in reach that were dispatched since a day and have ended, oldest first.
func (l *Ledger) Fates(ctx context.Context, who access.Actor, since time.Time) (fates []Fate, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &fates, `
			SELECT s.region_id, s.sender_place_id, p.kind AS sender, sum(l.pieces)::bigint AS pieces,
			       sum(CASE WHEN s.state = 'cancelled' THEN l.pieces ELSE l.missing + l.damaged END)::bigint AS lost
			FROM shipments s
			JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
			JOIN items i ON i.id = l.item_id AND i.kind = 'ktp'
			JOIN places p ON p.id = s.sender_place_id
			JOIN regions r ON r.id = s.region_id AND r.level = 2
			WHERE s.dispatched_on >= $1::date AND s.cause <> 'return' AND s.state IN ('received', 'closed-short', 'cancelled')
			GROUP BY s.region_id, s.id, p.kind
			ORDER BY s.dispatched_on, s.id`, since)
	})
	return fates, err
}
