package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// StockThen is what a region held at the end of a day or month that is over or under way, and what moved it there:
// on_hand is the one before, less used, plus received, plus other.
type StockThen struct {
	Date     string `json:"date" db:"date" format:"date" doc:"the day, or the first of the month"`
	OnHand   int64  `json:"on_hand" db:"on_hand" doc:"usable pieces when it ended"`
	Used     int64  `json:"used" db:"used" doc:"handed out"`
	Received int64  `json:"received" db:"received" doc:"receipts, and deliveries from printers"`
	Other    int64  `json:"other" db:"other" doc:"change by anything else: set aside, returned, counted, lost"`
}

// longestHistory bounds what is asked for at once: a year of days, five years of months.
var longestHistory = map[string]int{"day": 366, "month": 60 * 31}

// StockHistory tells what a region with everything below it held, by day or by month, from one business date to
// another; none in it is left out. It goes back from today's balances over the flows, so a year costs what a year holds.
func (l *Ledger) StockHistory(ctx context.Context, who access.Actor, code, by, from, to string) (page postgres.Page[StockThen], err error) {
	if err := who.May(access.ReadStock); err != nil {
		return page, err
	}
	first, errFrom := time.Parse(time.DateOnly, from)
	last, errTo := time.Parse(time.DateOnly, to)
	days := longestHistory[by]
	if errFrom != nil || errTo != nil || last.Before(first) || last.Sub(first) >= time.Duration(days)*24*time.Hour {
		return page, fault.ErrInvalid.At("query.from", "not-a-span", from, "to", to, "most_days", days)
	}
	then := []StockThen{}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if _, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, l.now())); err != nil {
			return err
		}
		return tx.SelectContext(ctx, &then, `
			WITH ours AS MATERIALIZED (
				SELECT p.region_id, p.id
				FROM places p
				JOIN regions_today r ON r.id = p.region_id
				WHERE p.kind IN ('national', 'province', 'regency', 'service', 'team')
				  AND ($1 = '00' OR r.code = $1 OR r.code LIKE $1 || '.%')
			), ktp AS MATERIALIZED (
				SELECT id FROM items WHERE kind = 'ktp'
			), now AS (
				SELECT coalesce(sum(b.pieces), 0) AS pieces
				FROM ours o
				JOIN balances b ON b.region_id = o.region_id AND b.place_id = o.id
				WHERE b.condition = 'usable' AND b.item_id IN (SELECT id FROM ktp)
			), change AS (
				SELECT date_trunc($2, f.day)::date AS date, sum(f.pieces) AS pieces,
				       -coalesce(sum(f.pieces) FILTER (WHERE f.kind = 'use'), 0) AS used,
				       coalesce(sum(f.pieces) FILTER (WHERE f.kind IN ('receipt', 'delivery')), 0) AS received
				FROM ours o
				JOIN flows f ON f.region_id = o.region_id AND f.place_id = o.id
				WHERE f.day >= date_trunc($2, $3::date) AND f.item_id IN (SELECT id FROM ktp)
				GROUP BY 1
			), line AS (
				SELECT d::date AS date, c.pieces, c.used, c.received
				FROM generate_series(date_trunc($2, $3::date), greatest($4::date, (SELECT max(date) FROM change)), ('1 ' || $2)::interval) d
				LEFT JOIN change c ON c.date = d::date
			), back AS (
				SELECT date, coalesce(used, 0)::bigint AS used, coalesce(received, 0)::bigint AS received,
				       coalesce(pieces + used - received, 0)::bigint AS other,
				       ((SELECT pieces FROM now) - coalesce(sum(pieces) OVER (ORDER BY date DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))::bigint AS on_hand
				FROM line
			)
			SELECT date::text, on_hand, used, received, other
			FROM back
			WHERE date <= $4::date
			ORDER BY date`, code, by, from, to)
	})
	if err != nil {
		return page, fmt.Errorf("read history of stock: %w", err)
	}
	page.Items = then
	return page, nil
}
