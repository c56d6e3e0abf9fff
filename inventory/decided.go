package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Decided is what was decided of a kabupaten/kota on a day: a request answered, or a line of an allocation released.
type Decided struct {
	RegionID  int       `json:"-" db:"region_id"`
	Kind      string    `json:"kind" db:"kind"` // request or allocation
	Document  string    `json:"document" db:"document"`
	Day       time.Time `json:"-" db:"day"`
	By        string    `json:"-" db:"by"`
	Asked     *int64    `json:"asked,omitempty" db:"asked"`
	Suggested *int64    `json:"suggested,omitempty" db:"suggested"` // by the request's own suggestion, or the rule
	Given     int64     `json:"given" db:"given"`
	Reason    string    `json:"reason,omitempty" db:"reason"`
}

// DecidedSince lists the decisions on KTP-el blanks since a day, by region and day.
func (l *Ledger) DecidedSince(ctx context.Context, who access.Actor, since time.Time) (decided []Decided, err error) {
	if err := who.May(access.ReadRequests); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &decided, `
			SELECT q.region_id, 'request' AS kind, q.document, (q.decided_at AT TIME ZONE 'Asia/Jakarta')::date AS day, q.decided_by AS by,
			       q.asked, q.suggested, q.approved AS given, q.reason
			FROM requests q
			JOIN items i ON i.id = q.item_id AND i.kind = 'ktp'
			JOIN regions_today r ON r.id = q.region_id AND r.level = 2
			WHERE q.decided_at >= $1::date
			UNION ALL
			SELECT l.region_id, 'allocation', a.document, (a.released_at AT TIME ZONE 'Asia/Jakarta')::date, a.released_by, NULL, l.computed, l.given + l.granted, l.override_reason
			FROM allocations a
			JOIN items i ON i.id = a.item_id AND i.kind = 'ktp'
			JOIN allocation_lines l ON l.sender_region_id = a.region_id AND l.allocation_id = a.id
			JOIN regions_today r ON r.id = l.region_id AND r.level = 2
			WHERE a.released_at >= $1::date
			ORDER BY 1, 4, 3`, since)
	})
	if err != nil {
		return nil, fmt.Errorf("read what was decided: %w", err)
	}
	return decided, nil
}
