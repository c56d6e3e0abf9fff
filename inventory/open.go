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

// ErrPlaceOpen is the fault of a service point that is open already.
var ErrPlaceOpen = fault.New(fault.Conflict, "place-already-open") // region

// NewPlace opens a service point in a kecamatan.
type NewPlace struct {
	Region   string `json:"region" maxLength:"13" doc:"code of the kecamatan"`
	Name     string `json:"name,omitempty" maxLength:"200" doc:"the kecamatan's when empty"`
	OpenedOn string `json:"opened_on,omitempty" format:"date" doc:"today when empty"`
}

// OpenServicePoint opens a place of kind service for a kecamatan in reach.
func (l *Ledger) OpenServicePoint(ctx context.Context, who access.Actor, in NewPlace) (Place, error) {
	if err := who.May(access.OpenPlaces); err != nil {
		return Place{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Place, error) {
		r, err := region.ByCode(ctx, tx, in.Region, region.Today(region.WIB, l.now()))
		if err != nil {
			return Place{}, err
		}
		if err := r.Expect(region.District); err != nil {
			return Place{}, err
		}
		opened := region.Today(r.Zone, l.now())
		if in.OpenedOn != "" {
			if opened, err = l.checkDate(r.Zone, in.OpenedOn); err != nil {
				return Place{}, err
			}
		}
		name := in.Name
		if name == "" {
			name = "Kecamatan " + r.Name
		}
		return l.open(ctx, tx, who, r.ID, ServicePoint, name, opened)
	})
}

// OpenServicePoints opens a service point in every kecamatan under a code that has none, and says how many it opened.
func (l *Ledger) OpenServicePoints(ctx context.Context, who access.Actor, code string, openedOn time.Time) (opened int, err error) {
	if err := who.May(access.OpenPlaces); err != nil {
		return 0, err
	}
	err = postgres.Write(ctx, l.db, who, func(tx *sqlx.Tx) error {
		opened = 0
		districts := region.District
		all, err := region.List(ctx, tx, region.Filter{Level: &districts, Parent: code}, region.Today(region.WIB, l.now()))
		if err != nil {
			return err
		}
		for _, r := range all {
			var there bool
			if err := tx.GetContext(ctx, &there, `SELECT EXISTS (SELECT FROM places WHERE region_id = $1 AND kind = 'service')`, r.ID); err != nil {
				return fmt.Errorf("look for a service point in %s: %w", r.Code, err)
			}
			if there {
				continue
			}
			if _, err := l.open(ctx, tx, who, r.ID, ServicePoint, "Kecamatan "+r.Name, openedOn); err != nil {
				return err
			}
			opened++
		}
		return nil
	})
	return opened, err
}

// OpenTeamPlace opens the place of an outreach team in a region: blanks are checked out to it and back in.
func (l *Ledger) OpenTeamPlace(ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int, name string, openedOn time.Time) (Place, error) {
	return l.open(ctx, tx, who, regionID, TeamPlace, name, openedOn)
}

func (l *Ledger) open(ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int, kind PlaceKind, name string, openedOn time.Time) (place Place, err error) {
	var id int
	err = tx.GetContext(ctx, &id, `
		INSERT INTO places (region_id, kind, name, opened_on)
		VALUES ($1, $2::place_kind, $3, $4::date)
		RETURNING id`, regionID, string(kind), name, openedOn)
	if postgres.Violates(err, "places_one_of_a_kind") {
		return place, ErrPlaceOpen.With("region_id", regionID, "kind", string(kind))
	}
	if err != nil {
		return place, fmt.Errorf("open place: %w", err)
	}
	if err := tx.GetContext(ctx, &place, selectPlaces+` WHERE p.id = $1`, id); err != nil {
		return place, fmt.Errorf("read place %d: %w", id, err)
	}
	return place, postgres.Audit(ctx, tx, who, regionID, "open", "place", int64(id), nil, place)
}
