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

// State is how well a region is stocked.
type State string

const (
	Out        State = "out"        // no usable piece
	Low        State = "low"        // covers less than the p90 lead time and the review period
	Sufficient State = "sufficient" // neither low nor over
	Over       State = "over"       // covers more than the set maximum
)

// Defaults of the stock states where no forecast or setting says otherwise.
const (
	reviewDays      = 14 // a region is looked at every other week
	maxCoverDays    = 120
	defaultLeadDays = 7 // p90 of the lead time where no need is kept yet
	useWindowDays   = 30
)

// Stock is what a region holds: its office, service points and teams together, all versions of the KTP-el blank.
type Stock struct {
	Region      string   `json:"region" db:"region"`
	Name        string   `json:"name" db:"name"`
	Level       string   `json:"level" db:"-" enum:"nation,province,regency,district"`
	OnHand      int64    `json:"on_hand" db:"on_hand" doc:"usable pieces"`
	Reserved    int64    `json:"reserved" db:"reserved" doc:"set aside for shipments and visits"`
	InTransit   int64    `json:"in_transit" db:"in_transit" doc:"sent here and not yet received"`
	Spoiled     int64    `json:"spoiled" db:"spoiled"`
	DailyUse    float64  `json:"daily_use" db:"daily_use" doc:"pieces a calendar day over the last 30 days"`
	DailyNeed   *float64 `json:"daily_need" db:"daily_need" doc:"mean demand a day over the next 30 days; null before the first forecast"`
	DaysOfCover *float64 `json:"days_of_cover" db:"-" doc:"on_hand / daily_need (daily_use before the first forecast); null when that is 0"`
	State       State    `json:"state" db:"-" enum:"out,low,sufficient,over"`
	RunOut      *float64 `json:"run_out" db:"run_out" doc:"probability of an empty shelf before a new delivery can arrive; null before the first forecast"`
	RunOutP50   *string  `json:"run_out_p50" db:"run_out_p50" doc:"day by which the shelf is as likely empty as not; null when beyond the horizon"`

	LeadP90 *float64 `json:"-" db:"lead_p90"`
}

// StockPage is a page of stock with what holds for all of it.
type StockPage struct {
	postgres.Page[Stock]
	AsOf      time.Time `json:"as_of"`
	Synthetic bool      `json:"synthetic" doc:"the demo's figures, not those of real offices"`
}

// StockFilter narrows a list of stock.
type StockFilter struct {
	Level  string // nation, province, regency or district
	Region string // code; only this region and below
	State  State
	postgres.Paging
}

var levels = map[string]struct{ level, codeLength int }{"nation": {0, 0}, "province": {1, 2}, "regency": {2, 5}, "district": {3, 8}}

// ErrLevel is the fault of a level that is none.
var ErrLevel = fault.New(fault.Invalid, "level-unknown")

// Stock lists what regions of a level hold, in order of code.
func (l *Ledger) Stock(ctx context.Context, who access.Actor, f StockFilter) (page StockPage, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return page, err
	}
	level, ok := levels[f.Level]
	if !ok {
		return page, ErrLevel.With("level", f.Level)
	}
	type byCode struct {
		Region string `json:"region"`
	}
	var after byCode
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []Stock
	now := l.now()
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if f.Region != "" {
			if _, err := region.ByCode(ctx, tx, f.Region, region.Today("WIB", now)); err != nil {
				return err
			}
		}
		var err error
		if page.Synthetic, err = synthetic(ctx, tx); err != nil {
			return err
		}
		return tx.SelectContext(ctx, &rows, `
			WITH ours AS MATERIALIZED (
				SELECT r.id, r.code, r.name, r.level, left(r.code, $2) AS top
				FROM regions_today r
			), held AS (
				SELECT o.top,
				       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'usable'), 0)::bigint AS on_hand,
				       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'reserved'), 0)::bigint AS reserved,
				       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'in-transit'), 0)::bigint AS in_transit,
				       coalesce(sum(b.pieces) FILTER (WHERE b.condition = 'spoiled'), 0)::bigint AS spoiled
				FROM balances b
				JOIN places p ON p.id = b.place_id AND p.kind IN ('national', 'province', 'regency', 'service', 'team')
				JOIN ours o ON o.id = b.region_id
				WHERE b.item_id = ANY (ARRAY(SELECT i.id FROM items i WHERE i.kind = 'ktp'))
				GROUP BY o.top
			), used AS (
				SELECT o.top, (-sum(f.pieces))::float8 / $3 AS daily_use
				FROM (SELECT region_id, sum(pieces) AS pieces
				      FROM flows
				      WHERE kind = 'use' AND day > $4::date - $3::int AND day <= $4::date
				        AND item_id = ANY (ARRAY(SELECT i.id FROM items i WHERE i.kind = 'ktp'))
				      GROUP BY region_id) f
				JOIN ours o ON o.id = f.region_id
				GROUP BY o.top
			), needed AS (
				SELECT o.top, sum(n.daily_mean) AS daily_need, max(n.lead_p90) AS lead_p90,
				       max(n.run_out) AS run_out, min(n.run_out_p50)::text AS run_out_p50
				FROM needs n
				JOIN ours o ON o.id = n.region_id AND o.level = greatest(2, $1)
				WHERE n.item_id = ANY (ARRAY(SELECT i.id FROM items i WHERE i.kind = 'ktp'))
				GROUP BY o.top
			)
			SELECT r.code AS region, r.name, coalesce(h.on_hand, 0) AS on_hand, coalesce(h.reserved, 0) AS reserved,
			       coalesce(h.in_transit, 0) AS in_transit, coalesce(h.spoiled, 0) AS spoiled, coalesce(u.daily_use, 0) AS daily_use,
			       n.daily_need, n.lead_p90, n.run_out, n.run_out_p50
			FROM ours r
			LEFT JOIN held h ON h.top = r.top
			LEFT JOIN used u ON u.top = r.top
			LEFT JOIN needed n ON n.top = r.top
			WHERE r.level = $1
			  AND r.code > $5
			  AND ($6 = '' OR $6 = '00' OR r.code = $6 OR r.code LIKE $6 || '.%')
			ORDER BY r.code`,
			level.level, level.codeLength, useWindowDays, region.Today("WIB", now), after.Region, f.Region)
	})
	if err != nil {
		return page, fmt.Errorf("list stock: %w", err)
	}
	kept := rows[:0]
	for _, s := range rows {
		s.judge()
		s.Level = f.Level
		if f.State == "" || f.State == s.State {
			kept = append(kept, s)
		}
	}
	page.AsOf = now
	page.Page, err = postgres.NewPage(f.Paging, kept[:min(len(kept), limit)], func(s Stock) byCode { return byCode{s.Region} })
	return page, err
}

// Synthetic tells whether the database holds the demo's figures rather than those of real offices.
func (l *Ledger) Synthetic(ctx context.Context) (yes bool, err error) {
	err = postgres.Read(ctx, l.db, access.System, func(tx *sqlx.Tx) error {
		yes, err = synthetic(ctx, tx)
		return err
	})
	return yes, err
}

func synthetic(ctx context.Context, tx *sqlx.Tx) (yes bool, err error) {
	err = tx.GetContext(ctx, &yes, `SELECT coalesce((SELECT value = 'true' FROM settings WHERE name = 'synthetic'), false)`)
	if err != nil {
		return false, fmt.Errorf("read setting: %w", err)
	}
	return yes, nil
}

// judge derives days of cover and state (DESIGN: stock state of a region).
func (s *Stock) judge() {
	daily := s.DailyUse
	if s.DailyNeed != nil {
		daily = *s.DailyNeed
	}
	if daily > 0 {
		cover := float64(s.OnHand) / daily
		s.DaysOfCover = &cover
	}
	lead := float64(defaultLeadDays)
	if s.LeadP90 != nil {
		lead = *s.LeadP90
	}
	switch {
	case s.OnHand == 0:
		s.State = Out
	case s.DaysOfCover != nil && *s.DaysOfCover < lead+reviewDays:
		s.State = Low
	case s.DaysOfCover != nil && *s.DaysOfCover > maxCoverDays:
		s.State = Over
	default:
		s.State = Sufficient
	}
}

// PublicStock is what anybody may see of a kabupaten/kota: enough to know whether a trip to the office is worth it.
type PublicStock struct {
	Region       string    `json:"region"`
	Name         string    `json:"name"`
	AsOf         time.Time `json:"as_of"`
	State        State     `json:"state" enum:"out,low,sufficient,over"`
	NextDelivery *string   `json:"next_delivery" doc:"expected day of the next delivery under way; null when none is"`
}

// PublicStockPage is the whole nation's public stock.
type PublicStockPage struct {
	postgres.Page[PublicStock]
	Synthetic bool `json:"synthetic"`
}

// Public lists the state of all kabupaten/kota for everybody.
func (l *Ledger) Public(ctx context.Context) (PublicStockPage, error) {
	all, err := l.Stock(ctx, access.System, StockFilter{Level: "regency", Paging: postgres.Paging{Limit: postgres.LargestLimit}})
	if err != nil {
		return PublicStockPage{}, err
	}
	due, err := l.nextDeliveries(ctx)
	if err != nil {
		return PublicStockPage{}, err
	}
	page := PublicStockPage{Synthetic: all.Synthetic}
	page.Items = []PublicStock{}
	for _, s := range all.Items {
		p := PublicStock{Region: s.Region, Name: s.Name, AsOf: all.AsOf, State: s.State}
		if day, ok := due[s.Region]; ok {
			p.NextDelivery = &day
		}
		page.Items = append(page.Items, p)
	}
	return page, nil
}

// nextDeliveries says, by code of the kabupaten/kota, on which day the next delivery under way is expected; one that is
// late is expected today.
func (l *Ledger) nextDeliveries(ctx context.Context) (map[string]string, error) {
	due := map[string]string{}
	err := postgres.Read(ctx, l.db, access.System, func(tx *sqlx.Tx) error {
		var next []struct {
			Code string `db:"code"`
			Day  string `db:"day"`
		}
		err := tx.SelectContext(ctx, &next, `
			SELECT r.code, greatest(min(s.expected_on), $1::date)::text AS day
			FROM shipments s
			JOIN regions_today r ON r.id = s.region_id
			WHERE s.state IN ('dispatched', 'partly-received')
			GROUP BY r.code`, region.Today(region.WIB, l.now()))
		for _, n := range next {
			due[n.Code] = n.Day
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is under way: %w", err)
	}
	return due, nil
}
