package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Need is what a region is expected to need over its horizon, the lead time and the review period. Forecasting writes
// it; stock states, suggestions and allocations read it.
type Need struct {
	RegionID      int     `json:"-" db:"region_id"`
	Region        string  `json:"region" db:"region"`
	Item          string  `json:"item" db:"item"`
	AsOf          string  `json:"as_of" db:"as_of" format:"date"`
	Method        string  `json:"method" db:"method"`
	DailyMean     float64 `json:"daily_mean" db:"daily_mean" doc:"pieces a calendar day over the next 30 days"`
	HorizonDays   int     `json:"horizon_days" db:"horizon_days"`
	Mean          float64 `json:"mean" db:"mean" doc:"pieces over the horizon"`
	SD            float64 `json:"sd" db:"sd"`
	P10           float64 `json:"p10" db:"p10"`
	P50           float64 `json:"p50" db:"p50"`
	P80           float64 `json:"p80" db:"p80"`
	P90           float64 `json:"p90" db:"p90"`
	P95           float64 `json:"p95" db:"p95"`
	PrintReady    int64   `json:"print_ready" db:"print_ready" doc:"recorded people who wait for a card"`
	PlannedVisits int64   `json:"planned_visits" db:"planned_visits" doc:"blanks that planned visits take"`
	LeadP50       float64 `json:"lead_p50" db:"lead_p50" doc:"days from asking to receiving"`
	LeadP90       float64 `json:"lead_p90" db:"lead_p90"`
	RunOut        float64 `json:"run_out" db:"run_out" doc:"probability of an empty shelf before a new delivery can arrive"`
	RunOutP10     *string `json:"run_out_p10" db:"run_out_p10"`
	RunOutP50     *string `json:"run_out_p50" db:"run_out_p50"`
	RunOutP90     *string `json:"run_out_p90" db:"run_out_p90"`
}

// SetNeeds writes the needs of regions, each in place of the one before. It belongs in the transaction of the
// forecast that made them.
func SetNeeds(ctx context.Context, tx *sqlx.Tx, needs ...Need) error {
	type row struct {
		Need
		RegionID int `json:"region_id"`
		ItemID   int `json:"item_id"`
	}
	rows := make([]row, len(needs))
	for i, n := range needs {
		item, err := itemID(n.Item)
		if err != nil {
			return err
		}
		rows[i] = row{n, n.RegionID, item}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode needs: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO needs (region_id, item_id, as_of, method, daily_mean, horizon_days, mean, sd, p10, p50, p80, p90, p95, print_ready, planned_visits,
		                   lead_p50, lead_p90, run_out, run_out_p10, run_out_p50, run_out_p90)
		SELECT region_id, item_id, as_of, method, daily_mean, horizon_days, mean, sd, p10, p50, p80, p90, p95, print_ready, planned_visits,
		       lead_p50, lead_p90, run_out, run_out_p10, run_out_p50, run_out_p90
		FROM json_populate_recordset(NULL::needs, $1::json)
		ON CONFLICT (region_id, item_id) DO UPDATE SET
			as_of = excluded.as_of, method = excluded.method, daily_mean = excluded.daily_mean, horizon_days = excluded.horizon_days,
			mean = excluded.mean, sd = excluded.sd, p10 = excluded.p10, p50 = excluded.p50, p80 = excluded.p80, p90 = excluded.p90, p95 = excluded.p95,
			print_ready = excluded.print_ready, planned_visits = excluded.planned_visits, lead_p50 = excluded.lead_p50, lead_p90 = excluded.lead_p90,
			run_out = excluded.run_out, run_out_p10 = excluded.run_out_p10, run_out_p50 = excluded.run_out_p50, run_out_p90 = excluded.run_out_p90,
			made_at = now()`, string(text))
	if err != nil {
		return fmt.Errorf("write needs: %w", err)
	}
	return nil
}

// Needs lists the needs of regions in reach under a code ("" or 00 for all), in order of code.
func (l *Ledger) Needs(ctx context.Context, who access.Actor, code string) (needs []Need, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	needs = []Need{}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &needs, `
			SELECT n.region_id, r.code AS region, i.code AS item, n.as_of::text, n.method, n.daily_mean, n.horizon_days, n.mean, n.sd, n.p10, n.p50, n.p80, n.p90, n.p95,
			       n.print_ready, n.planned_visits, n.lead_p50, n.lead_p90, n.run_out, n.run_out_p10::text, n.run_out_p50::text, n.run_out_p90::text
			FROM needs n
			JOIN items i ON i.id = n.item_id
			JOIN regions_today r ON r.id = n.region_id
			WHERE $1 IN ('', '00') OR r.code = $1 OR r.code LIKE $1 || '.%'
			ORDER BY r.code, n.item_id`, code)
	})
	return needs, err
}

// Position is where a kabupaten/kota stands: what it holds of the KTP-el blank and what is on its way there.
type Position struct {
	RegionID int        `json:"-" db:"region_id"`
	Region   string     `json:"region" db:"region"`
	Name     string     `json:"name" db:"name"`
	Zone     string     `json:"zone" db:"zone"`
	Lon      float64    `json:"lon" db:"lon"`
	Lat      float64    `json:"lat" db:"lat"`
	Usable   int64      `json:"usable" db:"usable" doc:"office, service points and teams together"`
	Reserved int64      `json:"reserved" db:"reserved"`
	OnOrder  int64      `json:"on_order" db:"on_order" doc:"approved and not yet dispatched to it"`
	Packed   int64      `json:"packed" db:"packed" doc:"of that what lies packed for it at its sender"`
	Incoming []Incoming `json:"incoming" db:"-"`
}

// Incoming is a shipment under way to a region. Days are business dates; the age of the shipment is today less
// DispatchedOn.
type Incoming struct {
	RegionID     int       `json:"-" db:"region_id"`
	Sender       int       `json:"-" db:"sender_place_id"` // place
	From         PlaceKind `json:"-" db:"sender"`          // what kind of place that is
	Shipment     int64     `json:"shipment" db:"id"`
	Pieces       int64     `json:"pieces" db:"pieces" doc:"still in transit"`
	DispatchedOn time.Time `json:"dispatched_on" db:"dispatched_on"`
	ExpectedOn   time.Time `json:"expected_on" db:"expected_on"`
}

// Positions lists where every kabupaten/kota in reach stands, in order of code.
func (l *Ledger) Positions(ctx context.Context, who access.Actor) (positions []Position, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		err := tx.SelectContext(ctx, &positions, `
			WITH held AS (
				SELECT left(r.code, 5) AS code,
				       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'usable'), 0)::bigint AS usable,
				       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'reserved'), 0)::bigint AS reserved
				FROM balances b
				JOIN places p ON p.id = b.place_id AND p.kind IN ('regency', 'service', 'team')
				JOIN items i ON i.id = b.item_id AND i.kind = 'ktp'
				JOIN regions_today r ON r.id = b.region_id
				GROUP BY 1
			), ordered AS (
				SELECT o.region_id, sum(o.pieces)::bigint AS on_order, sum(o.packed)::bigint AS packed
				FROM (
					SELECT region_id, item_id, approved - shipped AS pieces, 0 AS packed FROM requests WHERE state IN ('approved', 'partly-shipped')
					UNION ALL
					SELECT s.region_id, l.item_id, l.pieces, l.pieces
					FROM shipments s
					JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
					WHERE s.state = 'prepared' AND s.cause <> 'return'
				) o
				JOIN items i ON i.id = o.item_id AND i.kind = 'ktp'
				GROUP BY 1
			)
			SELECT r.id AS region_id, r.code AS region, r.name, r.zone, r.lon, r.lat, coalesce(h.usable, 0) AS usable, coalesce(h.reserved, 0) AS reserved,
			       coalesce(o.on_order, 0) AS on_order, coalesce(o.packed, 0) AS packed
			FROM regions_today r
			LEFT JOIN held h ON h.code = r.code
			LEFT JOIN ordered o ON o.region_id = r.id
			WHERE r.level = 2
			ORDER BY r.code`)
		if err != nil {
			return fmt.Errorf("read positions: %w", err)
		}
		var incoming []Incoming
		err = tx.SelectContext(ctx, &incoming, `
			SELECT s.region_id, s.sender_place_id, coalesce(p.kind::text, '') AS sender, s.id, sum(l.pieces - l.good - l.damaged - l.quarantined - l.missing)::bigint AS pieces,
			       s.dispatched_on, s.expected_on
			FROM shipments s
			LEFT JOIN places p ON p.id = s.sender_place_id -- of a sender out of reach
			JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
			JOIN items i ON i.id = l.item_id AND i.kind = 'ktp'
			WHERE s.state IN ('dispatched', 'partly-received') AND s.cause <> 'return'
			GROUP BY s.region_id, s.id, p.kind
			HAVING sum(l.pieces - l.good - l.damaged - l.quarantined - l.missing) > 0
			ORDER BY s.expected_on, s.id`)
		if err != nil {
			return fmt.Errorf("read what is under way: %w", err)
		}
		at := map[int]int{}
		for i := range positions {
			at[positions[i].RegionID] = i
			positions[i].Incoming = []Incoming{}
		}
		for _, in := range incoming {
			if i, ok := at[in.RegionID]; ok {
				positions[i].Incoming = append(positions[i].Incoming, in)
			}
		}
		return nil
	})
	return positions, err
}

// LeadTime is one shipment that has arrived, from the asking on. Days are business dates.
type LeadTime struct {
	RegionID     int        `db:"region_id"`       // of the receiver
	Sender       int        `db:"sender_place_id"` // place
	From         PlaceKind  `db:"sender"`          // what kind of place that is
	Zone         string     `db:"zone"`            // of the receiver
	AskedOn      *time.Time `db:"asked_on"`        // nil when it served no request
	DecidedOn    *time.Time `db:"decided_on"`      // nil likewise
	DispatchedOn time.Time  `db:"dispatched_on"`
	ReceivedOn   time.Time  `db:"received_on"`
	Emergency    bool       `db:"emergency"`
	Pieces       int64      `db:"pieces"`
}

// LeadTimes lists the supplies of KTP-el blanks received by kabupaten/kota in reach since a day, oldest first; what was
// settled without a piece having come is none.
func (l *Ledger) LeadTimes(ctx context.Context, who access.Actor, since time.Time) (times []LeadTime, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &times, `
			SELECT s.region_id, s.sender_place_id, p.kind AS sender, r.zone, s.dispatched_on, s.received_on,
			       (min(q.submitted_at) AT TIME ZONE 'Asia/Jakarta')::date AS asked_on, (min(q.decided_at) AT TIME ZONE 'Asia/Jakarta')::date AS decided_on,
			       coalesce(bool_or(q.emergency), false) AS emergency, sum(l.pieces)::bigint AS pieces
			FROM shipments s
			JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
			JOIN items i ON i.id = l.item_id AND i.kind = 'ktp'
			JOIN places p ON p.id = s.sender_place_id
			JOIN regions r ON r.id = s.region_id AND r.level = 2
			LEFT JOIN requests q ON q.region_id = l.region_id AND q.id = l.request_id
			WHERE s.received_on >= $1::date AND s.cause = 'supply'
			GROUP BY s.region_id, s.id, p.kind, r.zone, s.dispatched_on, s.received_on
			HAVING sum(l.missing) < sum(l.pieces)
			ORDER BY s.received_on, s.id`, since)
	})
	return times, err
}

// MonthUse is what a kabupaten/kota used of the KTP-el blank in a month.
//
// Used counts every usable piece that left by a move of kind use on a business date of the month, handed out or
// spoiled, at the office, its service points and its teams, less what was reversed. A business day is Monday to
// Friday and no holiday. A stock-out day is a business day on which the region began or ended with no usable piece in
// all of these places together: on such a day use says nothing of demand. Days before the first posting of the region
// are neither; the month in which it lies counts from there.
type MonthUse struct {
	RegionID     int       `db:"region_id"`
	Month        time.Time `db:"month"` // its first day
	Used         int64     `db:"used"`
	BusinessDays int       `db:"business_days"`
	StockoutDays int       `db:"stockout_days"`
}

// MonthlyUse lists, by region and month, the months from the first posting of each region through the last full month
// before a day. It loads all of the nation for a forecast.
func (l *Ledger) MonthlyUse(ctx context.Context, who access.Actor, before time.Time) ([]MonthUse, error) {
	return l.monthlyUse(ctx, who, before, 2)
}

// MonthlyUseBelow lists the same of every kecamatan with a service point, what its own places used.
func (l *Ledger) MonthlyUseBelow(ctx context.Context, who access.Actor, before time.Time) ([]MonthUse, error) {
	return l.monthlyUse(ctx, who, before, 3)
}

func (l *Ledger) monthlyUse(ctx context.Context, who access.Actor, before time.Time, level int) (months []MonthUse, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return nil, err
	}
	first := time.Date(before.Year(), before.Month(), 1, 0, 0, 0, 0, time.UTC)
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if first.Before(time.Date(1, 2, 1, 0, 0, 0, 0, time.UTC)) {
			return fault.ErrInvalid.At("before", "out-of-range", before)
		}
		return tx.SelectContext(ctx, &months, monthlyUse, first, level)
	})
	return months, err
}

const monthlyUse = `
	WITH top AS MATERIALIZED (
		SELECT r.id, t.id AS region_id
		FROM regions_today r
		JOIN regions_today t ON t.level = $2 AND t.code = left(r.code, $2 * 3 - 1)
		WHERE r.level >= $2
	), change AS (
		SELECT t.region_id, f.day, sum(f.pieces) AS pieces, coalesce(-sum(f.pieces) FILTER (WHERE f.kind = 'use'), 0) AS used
		FROM flows_inherited f
		JOIN top t ON t.id = f.region_id
		JOIN items i ON i.id = f.item_id AND i.kind = 'ktp'
		WHERE f.day < $1::date
		GROUP BY 1, 2
	), closing AS (
		SELECT region_id, day, used, sum(pieces) OVER w AS held, lead(day, 1, $1::date) OVER w AS next
		FROM change
		WINDOW w AS (PARTITION BY region_id ORDER BY day)
	), business AS (
		SELECT d::date AS day
		FROM generate_series((SELECT min(day) FROM change), $1::date - 1, interval '1 day') d
		WHERE extract(isodow FROM d) < 6 AND NOT EXISTS (SELECT FROM holidays h WHERE h.day = d::date)
	), empty AS (
		-- From the day that ended empty through the day on which something came in; that day began empty.
		SELECT DISTINCT c.region_id, b.day
		FROM closing c
		JOIN business b ON b.day >= c.day AND b.day <= c.next
		WHERE c.held <= 0
	), since AS (
		SELECT region_id, min(day) AS day FROM change GROUP BY 1
	)
	SELECT s.region_id, m.month::date AS month, coalesce(u.used, 0)::bigint AS used,
	       CASE WHEN m.month >= s.day THEN coalesce(w.days, 0)
	            ELSE (SELECT count(*) FROM business b WHERE b.day >= s.day AND b.day < m.month + interval '1 month') END::int AS business_days,
	       coalesce(e.days, 0)::int AS stockout_days
	FROM since s
	CROSS JOIN LATERAL generate_series(date_trunc('month', s.day)::date, $1::date - 1, interval '1 month') AS m (month)
	LEFT JOIN (SELECT region_id, date_trunc('month', day)::date AS month, sum(used) AS used FROM change GROUP BY 1, 2) u
	       ON u.region_id = s.region_id AND u.month = m.month::date
	LEFT JOIN (SELECT region_id, date_trunc('month', day)::date AS month, count(*) AS days FROM empty GROUP BY 1, 2) e
	       ON e.region_id = s.region_id AND e.month = m.month::date
	LEFT JOIN (SELECT date_trunc('month', day)::date AS month, count(*) AS days FROM business GROUP BY 1) w ON w.month = m.month::date
	ORDER BY 1, 2`
