package inventory

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/region"
	"blangko/inventory/fairshare"
)

// grant is what a store holds of a province's own grants, to be divided among its kabupaten/kota alone.
type grant struct {
	Code   string `db:"code"`
	Pieces int64  `db:"pieces"`
}

// provinceGrants are the grants of provinces that a run of the nation divides among kabupaten/kota.
func provinceGrants(ctx context.Context, tx *sqlx.Tx, a *Allocation) (grants []grant, err error) {
	if a.Level != "regency" || strings.Contains(a.From, ".") {
		return nil, nil
	}
	err = tx.SelectContext(ctx, &grants, `
		SELECT r.code, sum(b.pieces)::bigint AS pieces
		FROM balances b
		JOIN lots o ON o.id = b.lot_id AND o.version = $3
		JOIN regions_today r ON r.id = o.earmark_region_id AND r.level = 1
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.condition = 'usable' AND b.pieces > 0 AND o.earmark_region_id <> $4
		GROUP BY r.code
		ORDER BY r.code`, a.FromPlace, itemIDs[a.Item], a.Blank, a.RegionID)
	if err != nil {
		return nil, fmt.Errorf("read grants of provinces: %w", err)
	}
	return grants, nil
}

// divideGrants divides each province's grant among those of its kabupaten/kota that take part and have no grant of their
// own, by the rule of the run; they take no part in the common stock then. A grant of less than a box is divided by the
// piece, so that it ends.
func (a *Allocation) divideGrants(grants []grant) error {
	for _, g := range grants {
		var lines []*AllocationLine
		var claims []fairshare.Claim
		for i := range a.Lines {
			if line := &a.Lines[i]; region.Under(line.Region, g.Code) && !line.Barred && !line.OffAPBN {
				lines, claims = append(lines, line), append(claims, line.claim())
			}
		}
		terms := a.terms()
		terms.Available = g.Pieces
		if g.Pieces < terms.Box {
			terms.Box = 1
		}
		result, err := fairshare.Divide(terms, claims)
		if err != nil {
			return impossible(err, func(claim int) string { return lines[claim].Region })
		}
		why := Why(terms, claims, result)
		for i, line := range lines {
			line.OffAPBN, line.Granted = true, result.Lines[i].Given
			line.Why = "From the grant of its province while that lasts: " + strings.ToLower(why[i][:1]) + why[i][1:]
		}
	}
	return nil
}

// earmarked is a lot of grants that a store holds.
type earmarked struct {
	lotPieces
	Code string `db:"code"`
}

// grantLots says from which lots each line's grant is taken: its own first, then those of its province.
func (a Allocation) grantLots(ctx context.Context, tx *sqlx.Tx) (map[int][]lotPieces, error) {
	var there []earmarked
	err := tx.SelectContext(ctx, &there, `
		SELECT b.lot_id, b.pieces, region_code(o.earmark_region_id) AS code
		FROM balances b
		JOIN lots o ON o.id = b.lot_id AND o.earmark_region_id IS NOT NULL AND o.version = $3
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.condition = 'usable' AND b.pieces > 0
		ORDER BY b.lot_id`, a.FromPlace, itemIDs[a.Item], a.Blank)
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", err)
	}
	picked := map[int][]lotPieces{}
	for _, line := range a.Lines {
		left := line.Granted
		for _, code := range []string{line.Region, line.Region[:2]} {
			for i := range there {
				if n := min(left, there[i].Pieces); n > 0 && there[i].Code == code {
					picked[line.RegionID] = append(picked[line.RegionID], lotPieces{there[i].Lot, n})
					there[i].Pieces -= n
					left -= n
				}
			}
			if len(line.Region) == 2 {
				break
			}
		}
		if left > 0 {
			return nil, ErrShort.With("place", a.FromPlace, "item", a.Item, "condition", string(Usable), "region", line.Region,
				"requested", line.Granted, "available", line.Granted-left, "advice", "the grant went elsewhere since; void the run and compute a new one")
		}
	}
	return picked, nil
}
