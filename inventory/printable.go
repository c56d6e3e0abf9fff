package inventory

import (
	"context"
	"fmt"
	"math"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/notice"
)

// Printable is how many cards a kabupaten/kota can print with what it holds: the least of its blanks and of what its
// ribbon and film serve. One that keeps no ribbon, or no film, in the ledger is not held back by it.
type Printable struct {
	RegionID  int      `json:"-" db:"region_id"`
	Region    string   `json:"region" db:"region"`
	Name      string   `json:"name" db:"name"`
	Blanks    int64    `json:"blanks" db:"blanks" doc:"usable blanks of the KTP-el: office, service points and teams"`
	Ribbon    *int64   `json:"ribbon" db:"ribbon" doc:"usable ribbons; null where none was ever kept in the ledger"`
	Film      *int64   `json:"film" db:"film" doc:"usable films; null where none was ever kept in the ledger"`
	Printable int64    `json:"printable" db:"-" doc:"min(blanks, ribbon x 500, film x 1500)"`
	LimitedBy string   `json:"limited_by" db:"-" enum:"blanks,ribbon,film" doc:"what runs out first"`
	Days      *float64 `json:"days" db:"-" doc:"printable / daily need; null when that is 0"`

	RibbonCards int64    `json:"-" db:"ribbon_cards"` // that one ribbon serves
	FilmCards   int64    `json:"-" db:"film_cards"`
	Daily       float64  `json:"-" db:"daily"`
	Mean        *float64 `json:"-" db:"mean"` // demand over the horizon of the need
	SD          *float64 `json:"-" db:"sd"`
}

// supplies are what is needed beside a blank, with how many cards the pieces on the shelf serve.
func (p Printable) supplies() map[string]int64 {
	cards := map[string]int64{}
	if p.Ribbon != nil {
		cards["ribbon"] = *p.Ribbon * p.RibbonCards
	}
	if p.Film != nil {
		cards["film"] = *p.Film * p.FilmCards
	}
	return cards
}

func (p *Printable) derive() {
	p.Printable, p.LimitedBy = p.Blanks, "blanks"
	cards := p.supplies()
	for _, item := range []string{"ribbon", "film"} {
		if n, kept := cards[item]; kept && n < p.Printable {
			p.Printable, p.LimitedBy = n, item
		}
	}
	if p.Daily > 0 {
		days := float64(p.Printable) / p.Daily
		p.Days = &days
	}
}

// shortOf is the probability that a supply runs out within the horizon of the need while blanks are still there: that
// demand exceeds what the supply serves (normal, as the need's own mean and deviation say). A region whose blanks run
// out first is warned of that instead.
func (p Printable) shortOf(item string) float64 {
	cards, kept := p.supplies()[item]
	switch {
	case !kept || cards >= p.Blanks:
		return 0
	case cards == 0:
		return 1
	}
	mean, sd := p.Daily*(defaultLeadDays+reviewDays), 0.0
	if p.Mean != nil && p.SD != nil {
		mean, sd = *p.Mean, *p.SD
	}
	sd = max(sd, math.Sqrt(mean)) // no demand is surer than Poisson's
	if sd == 0 {
		return 0
	}
	return 0.5 * math.Erfc((float64(cards)-mean)/sd/math.Sqrt2)
}

const selectPrintable = `
	WITH held AS (
		SELECT left(r.code, 5) AS code, i.kind, sum(b.pieces) FILTER (WHERE b.condition = 'usable') AS pieces
		FROM balances b
		JOIN places p ON p.id = b.place_id AND p.kind IN ('regency', 'service', 'team')
		JOIN items i ON i.id = b.item_id AND i.kind IN ('ktp', 'ribbon', 'film')
		JOIN regions_today r ON r.id = b.region_id
		GROUP BY 1, 2
	), used AS (
		SELECT left(r.code, 5) AS code, (-sum(f.pieces))::float8 / $2 AS daily
		FROM flows f
		JOIN items i ON i.id = f.item_id AND i.kind = 'ktp'
		JOIN regions_today r ON r.id = f.region_id
		WHERE f.kind = 'use' AND f.day > $3::date - $2::int AND f.day <= $3::date
		GROUP BY 1
	)
	SELECT r.id AS region_id, r.code AS region, r.name, coalesce(b.pieces, 0)::bigint AS blanks, n.pieces::bigint AS ribbon, m.pieces::bigint AS film,
	       (SELECT cards FROM items WHERE code = 'ribbon') AS ribbon_cards, (SELECT cards FROM items WHERE code = 'film') AS film_cards,
	       coalesce(d.daily_mean, u.daily, 0) AS daily, d.mean, d.sd
	FROM regions_today r
	LEFT JOIN held b ON b.code = r.code AND b.kind = 'ktp'
	LEFT JOIN held n ON n.code = r.code AND n.kind = 'ribbon'
	LEFT JOIN held m ON m.code = r.code AND m.kind = 'film'
	LEFT JOIN used u ON u.code = r.code
	LEFT JOIN needs d ON d.region_id = r.id AND d.item_id = 1
	WHERE r.level = 2 AND ($1 IN ('', '00') OR r.code = $1 OR r.code LIKE $1 || '.%')
	ORDER BY r.code`

func (l *Ledger) printable(ctx context.Context, tx *sqlx.Tx, code string) ([]Printable, error) {
	rows := []Printable{}
	if err := tx.SelectContext(ctx, &rows, selectPrintable, code, useWindowDays, l.today("WIB")); err != nil {
		return nil, fmt.Errorf("read what can be printed: %w", err)
	}
	for i := range rows {
		rows[i].derive()
	}
	return rows, nil
}

// Printable lists how many cards each kabupaten/kota in reach under a code ("" or 00 for all) can print, in order of code.
func (l *Ledger) Printable(ctx context.Context, who access.Actor, code string) (page postgres.Page[Printable], err error) {
	if err := who.May(access.ReadStock); err != nil {
		return page, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		page.Items, err = l.printable(ctx, tx, code)
		return err
	})
	return page, err
}

// supplySignals say where ribbon or film may stop the printing while blanks are there.
func supplySignals(rows []Printable) []notice.Signal {
	var signals []notice.Signal
	for _, p := range rows {
		for item, cards := range p.supplies() {
			if probability := p.shortOf(item); probability > 0 {
				signals = append(signals, notice.Signal{RegionID: p.RegionID, Cause: item + "-short", Probability: probability,
					Facts: map[string]any{"blanks": p.Blanks, "cards": cards, "daily_need": p.Daily}})
			}
		}
	}
	return signals
}
