package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// ErrNotYourEnd is the fault of a step that belongs to the other end of a record, or to another office.
var ErrNotYourEnd = fault.New(fault.Forbidden, "not-your-end")

// keepers says which places a role answers for: each end of a shipment takes only its own steps, however far the
// actor sees.
var keepers = map[access.Role][]PlaceKind{
	access.Store:    {NationalStore},
	access.Province: {ProvinceStore},
	access.Officer:  {RegencyOffice, ServicePoint, TeamPlace},
	access.Outreach: {TeamPlace},
}

// keeps returns nil when who answers for the place: it is in reach and of a kind that the role keeps.
func keeps(ctx context.Context, tx *sqlx.Tx, who access.Actor, placeID int) error {
	var kind []PlaceKind
	if err := tx.SelectContext(ctx, &kind, `SELECT kind FROM places WHERE id = $1`, placeID); err != nil {
		return fmt.Errorf("read place %d: %w", placeID, err)
	}
	if who == access.System && len(kind) == 1 || len(kind) == 1 && slices.Contains(keepers[who.Role], kind[0]) {
		return nil
	}
	return ErrNotYourEnd.With("place", placeID, "role", string(who.Role))
}

// placeNamed finds the place a person means: by its id, else the one store of the region (the national store for 00,
// a province's, a regency's office, a district's service point), else the store that the actor's own reach names.
func (l *Ledger) placeNamed(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int, code string) (place Place, err error) {
	if id != 0 {
		err = tx.GetContext(ctx, &place, selectPlaces+` WHERE p.id = $1`, id)
		return place, postgres.NotFound(err, ErrPlaceUnknown.With("place", id))
	}
	if code == "" {
		code = who.Reach
	}
	kind := RegencyOffice
	switch {
	case code == access.Nation:
		kind = NationalStore
	case !strings.Contains(code, "."):
		kind = ProvinceStore
	case strings.Count(code, ".") > 1:
		kind = ServicePoint
	}
	r, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, l.now()))
	if err != nil {
		return place, err
	}
	return placeIn(ctx, tx, r.ID, kind)
}

// around finds the public, lost or destroyed place that belongs to a place.
func around(ctx context.Context, tx *sqlx.Tx, placeID int, kind PlaceKind) (id int, err error) {
	var found *int
	if err := tx.GetContext(ctx, &found, `SELECT around($1, $2::place_kind)`, placeID, string(kind)); err != nil {
		return 0, fmt.Errorf("find %s of place %d: %w", kind, placeID, err)
	}
	if found == nil {
		return 0, ErrPlaceUnknown.With("place", placeID, "kind", string(kind))
	}
	return *found, nil
}

// lotPieces is a part of a quantity that comes from one fund lot.
type lotPieces struct {
	Lot    int   `db:"lot_id"`
	Pieces int64 `db:"pieces"`
}

// pickLots chooses from which fund lots pieces for a region are taken at a place: as many as are named of a lot from that
// one, then the lots earmarked for the region, then the oldest that are earmarked for nobody. Those of other regions are
// never touched. It holds the place until the transaction ends, so that two pickers do not choose the same pieces.
func pickLots(ctx context.Context, tx *sqlx.Tx, placeID, itemID, regionID int, pieces int64, named ...lotPieces) ([]lotPieces, error) {
	return picking{place: placeID, item: itemID, region: regionID}.lots(ctx, tx, pieces, named...)
}

// picking is from where pieces are taken, and for whom.
type picking struct {
	place, item, region int
	to                  int     // the place whose printers must take them; 0: none is asked
	version             *string // the one version that is taken; nil: any
}

func (p picking) lots(ctx context.Context, tx *sqlx.Tx, pieces int64, named ...lotPieces) ([]lotPieces, error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, pickLock, p.place); err != nil {
		return nil, fmt.Errorf("hold place %d: %w", p.place, err)
	}
	var all []struct {
		lotPieces
		Taken bool `db:"taken"`
	}
	err := tx.SelectContext(ctx, &all, `
		SELECT b.lot_id, b.pieces, ($4 = 0 OR takes_version($4, t.version)) AND ($5::text IS NULL OR t.version = $5) AS taken
		FROM balances b
		JOIN lots t ON t.id = b.lot_id
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.condition = 'usable' AND b.pieces > 0
		  AND (t.earmark_region_id IS NULL
		       OR region_code($3) = region_code(t.earmark_region_id)
		       OR region_code($3) LIKE region_code(t.earmark_region_id) || '.%')
		ORDER BY t.earmark_region_id IS NULL, b.lot_id`, p.place, p.item, p.region, p.to, p.version)
	if err != nil {
		return nil, fmt.Errorf("read lots of place %d: %w", p.place, err)
	}
	var there []lotPieces
	var other int64
	for _, lot := range all {
		if lot.Taken {
			there = append(there, lot.lotPieces)
		} else {
			other += lot.Pieces
		}
	}
	picked, left := takeLots(there, pieces, named)
	if left > 0 {
		short := ErrShort.With("place", p.place, "item", itemCodes[p.item], "condition", string(Usable), "requested", pieces, "available", pieces-left)
		if other > 0 {
			short = short.With("other_versions", other)
		}
		return nil, short
	}
	return picked, nil
}

// takeLots takes pieces from lots: first those that are named, then in their order. It returns what it could not take.
func takeLots(there []lotPieces, pieces int64, named []lotPieces) (picked []lotPieces, left int64) {
	left = pieces
	taken := make([]int64, len(there))
	take := func(i int, most int64) {
		n := min(left, most, there[i].Pieces-taken[i])
		taken[i] += n
		left -= n
	}
	for _, n := range named {
		if i := slices.IndexFunc(there, func(lot lotPieces) bool { return lot.Lot == n.Lot }); i >= 0 {
			take(i, n.Pieces)
		}
	}
	for i := range there {
		take(i, left)
		if taken[i] > 0 {
			picked = append(picked, lotPieces{there[i].Lot, taken[i]})
		}
	}
	return picked, left
}

// pickLock is the class of the advisory locks of pickLots.
const pickLock = 0x6c6f74 // "lot"

// unknownItem is the fault of an item that there is none of.
func itemID(code string) (int, error) {
	if code == "" {
		code = "ktp-el"
	}
	id, ok := itemIDs[code]
	if !ok {
		return 0, fault.ErrInvalid.At("body.item", "item-unknown", code)
	}
	return id, nil
}
