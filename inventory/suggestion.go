package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Suggestion is what an office should ask for, with every term:
//
//	pieces = max(0, ceil(need) + print_ready + planned_visits - usable - reserved - in_transit - on_order)
//
// need is the demand over the lead time and the review period at the chosen quantile; print_ready are recorded people
// who wait for a card; planned_visits are blanks that plans of the period take beyond the ordinary demand; reserved
// are blanks set aside at the office itself, for those visits; on_order are pieces approved or packed and not yet dispatched.
//
// Of ribbon and film the need is what the KTP-el of the period take, those of print_ready and planned_visits among them: cards / per_piece.
// Of the KIA it is the use of the last 90 days going on.
type Suggestion struct {
	Pieces        *int64  `json:"pieces" doc:"null before the first forecast"`
	AsOf          string  `json:"as_of" doc:"day of the forecast"`
	Quantile      float64 `json:"quantile" doc:"of demand: 0.9 is enough in nine cases of ten"`
	HorizonDays   int     `json:"horizon_days" doc:"lead time and review period"`
	Need          float64 `json:"need" doc:"demand over the horizon at the quantile"`
	Source        string  `json:"source,omitempty" enum:"forecast,ktp-el,use" doc:"where the need comes from: its own forecast, the cards of the KTP-el, or the use of the last 90 days"`
	Cards         int64   `json:"cards,omitempty" doc:"KTP-el over the horizon at the quantile, of those who wait and of planned visits, where the need follows from them"`
	PerPiece      int64   `json:"per_piece,omitempty" doc:"KTP-el that one piece serves, likewise"`
	PrintReady    int64   `json:"print_ready"`
	PlannedVisits int64   `json:"planned_visits"`
	Usable        int64   `json:"usable"`
	Reserved      int64   `json:"reserved"`
	InTransit     int64   `json:"in_transit"`
	OnOrder       int64   `json:"on_order" doc:"approved or packed for it, and not yet dispatched"`
	Tolerance     float64 `json:"tolerance" doc:"part by which a request may depart from it without a reason"`
}

// DepartureReasons are why a request may depart from its suggestion.
var DepartureReasons = []string{"backlog", "outreach", "event", "school-term", "stock-lost", "higher-use", "lower-use", "storage-limit", "other"}

// ErrUnexplained is the fault of a request that departs from the suggestion by more than the tolerance, without a
// reason.
var ErrUnexplained = fault.New(fault.Invalid, "reason-required") // asked, suggested, tolerance, reasons

// quantiles maps the setting to the column that holds it.
var quantiles = map[float64]string{0.5: "p50", 0.8: "p80", 0.9: "p90", 0.95: "p95"}

// Suggest says what a region should ask for now.
func (l *Ledger) Suggest(ctx context.Context, who access.Actor, code, item string) (s Suggestion, err error) {
	if err := who.May(access.ReadRequests); err != nil {
		return s, err
	}
	id, err := itemID(item)
	if err != nil {
		return s, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		place, err := l.placeNamed(ctx, tx, who, 0, code)
		if err != nil {
			return err
		}
		s, err = l.suggestion(ctx, tx, place.RegionID, id)
		return err
	})
	return s, err
}

func (l *Ledger) suggestion(ctx context.Context, tx *sqlx.Tx, regionID, item int) (s Suggestion, err error) {
	if s.Tolerance, err = requestTolerance.Read(ctx, tx); err != nil {
		return s, err
	}
	if s.Quantile, err = requestQuantile.Read(ctx, tx); err != nil {
		return s, err
	}
	column, ok := quantiles[s.Quantile]
	if !ok {
		return s, fmt.Errorf("setting %s: no quantile %g is kept", requestQuantile.Name, s.Quantile)
	}
	var row struct {
		AsOf          *string  `db:"as_of"`
		HorizonDays   *int     `db:"horizon_days"`
		Need          *float64 `db:"need"`
		Source        *string  `db:"source"`
		PerPiece      *int64   `db:"per_piece"`
		PrintReady    *int64   `db:"print_ready"`
		PlannedVisits *int64   `db:"planned_visits"`
		Usable        int64    `db:"usable"`
		Reserved      int64    `db:"reserved"`
		InTransit     int64    `db:"in_transit"`
		OnOrder       int64    `db:"on_order"`
	}
	err = tx.GetContext(ctx, &row, `
		WITH held AS (
			SELECT coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'usable'), 0)::bigint AS usable,
			       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'reserved'), 0)::bigint AS reserved,
			       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'in-transit'), 0)::bigint AS in_transit
			FROM balances b
			JOIN places p ON p.id = b.place_id AND p.kind IN ('province', 'regency', 'service', 'team')
			JOIN regions_today r ON r.id = b.region_id
			JOIN regions_today top ON top.id = $1
			WHERE b.item_id = $2 AND (r.id = top.id OR top.level = 2 AND r.code LIKE top.code || '.%')
		), ordered AS (
			SELECT coalesce(sum(approved - shipped), 0)::bigint + (
				SELECT coalesce(sum(l.pieces), 0)
				FROM shipments s
				JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
				WHERE s.region_id = $1 AND l.item_id = $2 AND s.state = 'prepared')::bigint AS on_order
			FROM requests
			WHERE region_id = $1 AND item_id = $2 AND state IN ('approved', 'partly-shipped')
		)
		SELECT n.as_of::text, n.horizon_days, n.`+column+` AS need, n.source, n.per_piece, n.print_ready, n.planned_visits, h.usable, h.reserved, h.in_transit, o.on_order
		FROM held h CROSS JOIN ordered o
		LEFT JOIN needs_of($2::smallint, $3::date, $1::int) n ON true`, regionID, item, l.today(region.WIB))
	if err != nil {
		return s, fmt.Errorf("read terms of the suggestion: %w", err)
	}
	s.Usable, s.Reserved, s.InTransit, s.OnOrder = row.Usable, row.Reserved, row.InTransit, row.OnOrder
	if row.Need == nil {
		return s, nil
	}
	s.AsOf, s.HorizonDays, s.Need, s.PrintReady, s.PlannedVisits = *row.AsOf, *row.HorizonDays, *row.Need, *row.PrintReady, *row.PlannedVisits
	if s.Source = *row.Source; s.Source == "ktp-el" {
		s.PerPiece, s.Cards = *row.PerPiece, int64(math.Ceil(s.Need*float64(*row.PerPiece)))
	}
	pieces := max(0, int64(math.Ceil(s.Need))+s.PrintReady+s.PlannedVisits-s.Usable-s.Reserved-s.InTransit-s.OnOrder)
	s.Pieces = &pieces
	return s, nil
}

// explains returns ErrUnexplained when the request departs too far from the suggestion and does not say why.
func (s Suggestion) explains(r Request) error {
	if s.Pieces == nil || r.Reason != "" {
		return nil
	}
	if away := math.Abs(float64(r.Asked - *s.Pieces)); away > s.Tolerance*float64(*s.Pieces) {
		return ErrUnexplained.With("asked", r.Asked, "suggested", *s.Pieces, "tolerance", s.Tolerance, "reasons", DepartureReasons)
	}
	return nil
}

func (s Suggestion) text() (string, error) {
	text, err := json.Marshal(s)
	return string(text), err
}

func keptSuggestion(text *string) (*Suggestion, error) {
	if text == nil {
		return nil, nil
	}
	var s Suggestion
	if err := json.Unmarshal([]byte(*text), &s); err != nil {
		return nil, fmt.Errorf("decode suggestion: %w", err)
	}
	return &s, nil
}
