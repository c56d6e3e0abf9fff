package inventory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// PlaceKind is what a place is to the ledger.
type PlaceKind string

const (
	NationalStore PlaceKind = "national"
	ProvinceStore PlaceKind = "province"
	RegencyOffice PlaceKind = "regency"
	ServicePoint  PlaceKind = "service"
	TeamPlace     PlaceKind = "team"
	Supplier      PlaceKind = "supplier"
	Public        PlaceKind = "public"
	Destroyed     PlaceKind = "destroyed"
	Lost          PlaceKind = "lost"
)

// stores are the places that hold stock of ours.
var stores = []PlaceKind{NationalStore, ProvinceStore, RegencyOffice, ServicePoint, TeamPlace}

// offices are the places of a regency: cards are handed out there, and pieces go by hand between those of one regency.
var offices = []PlaceKind{RegencyOffice, ServicePoint, TeamPlace}

// Place is where pieces can be.
type Place struct {
	ID       int            `json:"id" db:"id"`
	Region   string         `json:"region" db:"region" doc:"official code of today"`
	RegionID int            `json:"-" db:"region_id"`
	Kind     PlaceKind      `json:"kind" db:"kind"`
	Name     string         `json:"name" db:"name"`
	Zone     region.Zone    `json:"zone" db:"zone" enum:"WIB,WITA,WIT"`
	Printers pq.StringArray `json:"printers" db:"printer_versions" doc:"versions of the blank that its printers take; null: as its office, and an office all"`
	Version  int64          `json:"version" db:"version"`
	Stock    []Balance      `json:"stock,omitempty" db:"-"`
}

// CurrentVersion is the ETag of the place.
func (p Place) CurrentVersion() int64 { return p.Version }

// Balance is how many pieces one account of a place holds.
type Balance struct {
	PlaceID   int       `json:"-" db:"place_id"`
	Item      string    `json:"item" db:"item"`
	Condition Condition `json:"condition" db:"condition"`
	Lot       int       `json:"lot" db:"lot_id"`
	Blank     string    `json:"blank_version,omitempty" db:"blank_version" doc:"version of the blank, where not every printer takes it"`
	Pieces    int64     `json:"pieces" db:"pieces"`
}

// ErrPlaceUnknown is the fault of a place that does not exist or is out of reach.
var ErrPlaceUnknown = fault.New(fault.NotFound, "place-unknown")

// PlaceFilter narrows a list of places; the zero filter takes all in reach.
type PlaceFilter struct {
	Region string    // code; with everything below it
	Kind   PlaceKind // one kind
	postgres.Paging
}

const selectPlaces = `
	SELECT p.id, p.region_id, r.code AS region, p.kind, p.name, r.zone, p.printer_versions, p.version
	FROM places p
	JOIN regions_today r ON r.id = p.region_id`

// Places lists the places in reach with what they hold, in order of id.
func (l *Ledger) Places(ctx context.Context, who access.Actor, f PlaceFilter) (page postgres.Page[Place], err error) {
	if err := who.May(access.ReadStock); err != nil {
		return page, err
	}
	type byID struct {
		Place int `json:"place"`
	}
	var after byID
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if f.Region != "" {
			if _, err := region.ByCode(ctx, tx, f.Region, region.Today("WIB", l.now())); err != nil {
				return err
			}
		}
		var places []Place
		err := tx.SelectContext(ctx, &places, selectPlaces+`
			WHERE p.id > $1
			  AND ($2 = '' OR r.code = $2 OR r.code LIKE $2 || '.%')
			  AND ($3 = '' OR p.kind::text = $3)
			ORDER BY p.id
			LIMIT $4`, after.Place, f.Region, string(f.Kind), limit)
		if err != nil {
			return fmt.Errorf("list places: %w", err)
		}
		if page, err = postgres.NewPage(f.Paging, places, func(p Place) byID { return byID{p.ID} }); err != nil {
			return err
		}
		return addStock(ctx, tx, page.Items)
	})
	return page, err
}

// Place returns one place with what it holds.
func (l *Ledger) Place(ctx context.Context, who access.Actor, id int) (place Place, err error) {
	if err := who.May(access.ReadStock); err != nil {
		return place, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &place, selectPlaces+` WHERE p.id = $1`, id)
		if err != nil {
			return postgres.NotFound(err, ErrPlaceUnknown.With("place", id))
		}
		places := []Place{place}
		if err := addStock(ctx, tx, places); err != nil {
			return err
		}
		place = places[0]
		return nil
	})
	return place, err
}

func addStock(ctx context.Context, tx *sqlx.Tx, places []Place) error {
	at := make(map[int]int, len(places))
	ids := make([]int64, len(places))
	for i := range places {
		at[places[i].ID], ids[i] = i, int64(places[i].ID)
		places[i].Stock = []Balance{}
	}
	var balances []Balance
	err := tx.SelectContext(ctx, &balances, `
		SELECT b.place_id, i.code AS item, b.condition, b.lot_id, t.version AS blank_version, b.pieces
		FROM balances b
		JOIN items i ON i.id = b.item_id
		JOIN lots t ON t.id = b.lot_id
		WHERE b.place_id = ANY ($1)
		ORDER BY b.place_id, b.item_id, b.condition, b.lot_id`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("read balances: %w", err)
	}
	for _, b := range balances {
		i := at[b.PlaceID]
		places[i].Stock = append(places[i].Stock, b)
	}
	return nil
}

// placeIn returns the place of that kind in a region, which must be in reach.
func placeIn(ctx context.Context, tx *sqlx.Tx, regionID int, kind PlaceKind) (place Place, err error) {
	err = tx.GetContext(ctx, &place, selectPlaces+` WHERE p.region_id = $1 AND p.kind = $2::place_kind`, regionID, string(kind))
	if err != nil {
		return place, postgres.NotFound(err, ErrPlaceUnknown.With("region_id", regionID, "kind", string(kind)))
	}
	return place, nil
}

// placeFacts are what never changes about a place, and its public, which only a change of regions changes.
type placeFacts struct {
	ID     int         `db:"id"`
	Region int         `db:"region_id"`
	Kind   PlaceKind   `db:"kind"`
	Zone   region.Zone `db:"zone"`
	Public int         `db:"public"` // 0 at the national store
}

func (p placeFacts) holdsStock() bool { return slices.Contains(stores, p.Kind) }

// placeCache keeps the facts of places already met, so that a posting asks the database once.
type placeCache struct {
	mu   sync.RWMutex
	byID map[int]placeFacts
}

func (c *placeCache) get(id int) (placeFacts, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	p, ok := c.byID[id]
	return p, ok
}

func (c *placeCache) add(places []placeFacts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[int]placeFacts{}
	}
	for _, p := range places {
		c.byID[p.ID] = p
	}
}

// facts returns what is known of the places, reading those not met before. Reach is not its matter: post refuses a
// place out of reach.
func (l *Ledger) facts(ctx context.Context, ids []int) (map[int]placeFacts, error) {
	known := make(map[int]placeFacts, len(ids))
	var missing []int64
	for _, id := range ids {
		if p, ok := l.places.get(id); ok {
			known[id] = p
		} else {
			missing = append(missing, int64(id))
		}
	}
	if len(missing) == 0 {
		return known, nil
	}
	var read []placeFacts
	err := postgres.Read(ctx, l.db, access.System, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &read, `
			SELECT p.id, p.region_id, p.kind, r.zone, coalesce(around(p.id, 'public'), 0) AS public
			FROM places p
			JOIN regions r ON r.id = p.region_id
			WHERE p.id = ANY ($1)`, pq.Array(missing))
	})
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	l.places.add(read)
	for _, p := range read {
		known[p.ID] = p
	}
	return known, nil
}

// checkDate refuses a business date after today in the zone of the place.
func (l *Ledger) checkDate(zone region.Zone, date string) (time.Time, error) {
	return checkDate(zone, date, l.now())
}

func checkDate(zone region.Zone, date string, now time.Time) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return day, fault.ErrInvalid.At("body.date", "not-a-date", date, "form", "YYYY-MM-DD")
	}
	if today := region.Today(zone, now); day.After(today) {
		return day, fault.ErrInvalid.At("body.date", "in-the-future", date, "today", today.Format(time.DateOnly), "zone", zone)
	}
	return day, nil
}
