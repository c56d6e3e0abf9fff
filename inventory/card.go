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

// StockCard is what came into and left one account of a place between two business dates, with the balance after each
// move. Opening is the balance before the first day, as the ledger knows it now.
type StockCard struct {
	Place     int       `json:"place"`
	Region    string    `json:"region"`
	Item      string    `json:"item"`
	Condition Condition `json:"condition"`
	From      string    `json:"from" format:"date"`
	To        string    `json:"to" format:"date"`
	Opening   int64     `json:"opening"`
	Closing   int64     `json:"closing"`
	Rows      []CardRow `json:"rows"`
}

// CardRow is one move on a stock card.
type CardRow struct {
	Date     string    `json:"date" db:"day" format:"date"`
	Move     string    `json:"move" db:"move"`
	Kind     MoveKind  `json:"kind" db:"kind"`
	Document string    `json:"document" db:"document"`
	Reason   string    `json:"reason" db:"reason"`
	Actor    string    `json:"actor" db:"actor"`
	At       time.Time `json:"at" db:"at"`
	In       int64     `json:"in" db:"in"`
	Out      int64     `json:"out" db:"out"`
	Balance  int64     `json:"balance" db:"balance"`
}

// cardDays bounds a stock card; a year is what an auditor asks for at once.
const cardDays = 366

// StockCard returns the card of one account of a place in reach between two days, both included: as of the last day,
// today when empty, from the first of that month when none is named.
func (l *Ledger) StockCard(ctx context.Context, who access.Actor, placeID int, item string, condition Condition, from, to string) (card StockCard, err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return card, err
	}
	id, err := itemID(item)
	if err != nil {
		return card, err
	}
	if to == "" {
		to = l.today(region.WIT)
	}
	if from == "" && len(to) == len(time.DateOnly) {
		from = to[:len("2006-01-")] + "01"
	}
	first, errFrom := time.Parse(time.DateOnly, from)
	last, errTo := time.Parse(time.DateOnly, to)
	if errFrom != nil || errTo != nil || last.Before(first) || last.Sub(first) > cardDays*24*time.Hour {
		return card, fault.ErrInvalid.At("query.from", "not-a-span", from, "to", to, "most_days", cardDays)
	}
	if condition == "" {
		condition = Usable
	}
	card = StockCard{Place: placeID, Item: itemCodes[id], Condition: condition, From: from, To: to, Rows: []CardRow{}}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		place, err := l.placeNamed(ctx, tx, who, placeID, "")
		if err != nil {
			return err
		}
		card.Region = place.Region
		err = tx.GetContext(ctx, &card.Opening, cardEntries+`
			SELECT coalesce(sum(pieces), 0)::bigint FROM e WHERE business_date < $5::date`, place.RegionID, place.ID, id, string(condition), from)
		if err != nil {
			return fmt.Errorf("read opening balance: %w", err)
		}
		return tx.SelectContext(ctx, &card.Rows, cardEntries+`
			SELECT business_date::text AS day, concat_ws('-', region_id, id) AS move, kind, document, reason, actor, at,
			       greatest(pieces, 0) AS "in", greatest(-pieces, 0) AS out,
			       ($7 + sum(pieces) OVER (ORDER BY business_date, seq))::bigint AS balance
			FROM e
			WHERE business_date BETWEEN $5::date AND $6::date
			ORDER BY business_date, seq`, place.RegionID, place.ID, id, string(condition), from, to, card.Opening)
	})
	card.Closing = card.Opening
	if n := len(card.Rows); n > 0 {
		card.Closing = card.Rows[n-1].Balance
	}
	return card, err
}

// cardEntries are the entries of an account by move; a move touches an account once.
const cardEntries = `
	WITH e AS (
		SELECT e.seq, e.pieces, m.region_id, m.id, m.kind, m.document, m.reason, m.actor, m.at, m.business_date
		FROM entries e
		JOIN moves m ON m.region_id = e.move_region_id AND m.id = e.move_id
		WHERE e.region_id = $1 AND e.place_id = $2 AND e.item_id = $3 AND e.condition = $4::condition
	)`

// Closed says until when the books of the places under a region are closed.
type Closed struct {
	Region string `json:"region"`
	Until  string `json:"until" format:"date"`
	Places int    `json:"places" doc:"places that were open for longer before"`
}

// ClosePeriod closes the books of every place under a region through the last day of a month (YYYY-MM), which must be
// over: no move may be dated in there any more.
func (l *Ledger) ClosePeriod(ctx context.Context, who access.Actor, code, month string) (Closed, error) {
	if err := who.May(access.ClosePeriods); err != nil {
		return Closed{}, err
	}
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return Closed{}, fault.ErrInvalid.At("body.month", "not-a-month", month, "form", "YYYY-MM")
	}
	last := first.AddDate(0, 1, -1)
	if !last.Before(region.Today(region.WIB, l.now())) {
		return Closed{}, fault.ErrInvalid.At("body.month", "not-over", month, "today", l.today(region.WIB))
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Closed, error) {
		r, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, l.now()))
		if err != nil {
			return Closed{}, err
		}
		c := Closed{Region: code, Until: last.Format(time.DateOnly)}
		result, err := tx.ExecContext(ctx, `
			UPDATE places p
			SET locked_until = $2::date, version = p.version + 1
			FROM regions_today r
			WHERE r.id = p.region_id AND ($1 = '00' OR r.code = $1 OR r.code LIKE $1 || '.%') AND coalesce(p.locked_until < $2::date, true)
			  AND p.kind IN ('national', 'province', 'regency', 'service', 'team')`, code, c.Until)
		if err != nil {
			return c, fmt.Errorf("close period: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return c, err
		}
		c.Places = int(n)
		return c, postgres.Audit(ctx, tx, who, r.ID, "close", "period", month, nil, c)
	})
}

// ClosedPeriod says until when the books of a place are closed, by a closed month or by a count.
type ClosedPeriod struct {
	Region string `json:"region" db:"region"`
	Place  int    `json:"place" db:"place_id"`
	Name   string `json:"name" db:"name"`
	Until  string `json:"until" db:"until" format:"date" doc:"no move may be dated on or before this day"`
}

// ClosedPeriods lists the places in reach under a code whose books are closed until some day, in order of code.
func (l *Ledger) ClosedPeriods(ctx context.Context, who access.Actor, code string, paging postgres.Paging) (page postgres.Page[ClosedPeriod], err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return page, err
	}
	type byPlace struct {
		Region string `json:"region"`
		Place  int    `json:"place"`
	}
	var after byPlace
	limit, err := paging.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []ClosedPeriod
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, `
			SELECT r.code AS region, p.id AS place_id, p.name, p.locked_until::text AS until
			FROM places p
			JOIN regions_today r ON r.id = p.region_id
			WHERE p.locked_until IS NOT NULL AND (r.code, p.id) > ($1, $2)
			  AND ($3 IN ('', '00') OR r.code = $3 OR r.code LIKE $3 || '.%')
			ORDER BY r.code, p.id
			LIMIT $4`, after.Region, after.Place, code, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list closed periods: %w", err)
	}
	return postgres.NewPage(paging, rows, func(c ClosedPeriod) byPlace { return byPlace{c.Region, c.Place} })
}
