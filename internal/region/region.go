// Package region knows Indonesia's regions: official codes, names, time zones, points and populations, and the tree
// they form on any day.
//
// A region keeps its id for ever; its code, name and parent hold from one day until before another. A code therefore
// means nothing without a day: 91 was the old Papua until 25 July 2022 and is a smaller province of that name since,
// and Kabupaten Merauke, once 91.01, is 93.01. The package never takes the one for the other.
package region

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/fault"
)

// Faults that a person who writes a code can act on.
var (
	ErrMalformed    = fault.New(fault.Invalid, "region-code-malformed") // code
	ErrUnknown      = fault.New(fault.NotFound, "region-unknown")       // code, on
	ErrOld          = fault.New(fault.NotFound, "region-code-old")      // code, name, until, today: its code now, or ""
	ErrWrongLevel   = fault.New(fault.Invalid, "region-wrong-level")    // code, level, wanted
	ErrLevelUnknown = fault.New(fault.Invalid, "region-level-unknown")  // level, known
	ErrEraUnknown   = fault.New(fault.Invalid, "region-era-unknown")    // era, known
)

// Region is a region as it was on a day.
type Region struct {
	ID     int     `db:"id" json:"-"`
	Code   string  `db:"code" json:"code" example:"12.71" doc:"official code"`
	Name   string  `db:"name" json:"name" example:"Kota Medan"`
	Level  Level   `db:"level" json:"level" enum:"nation,province,regency,district,village"`
	Kind   string  `db:"kind" json:"kind" enum:"nation,province,regency,city,district,village"`
	Parent string  `db:"-" json:"parent" example:"12" doc:"code of the region over it, empty for the nation"`
	Zone   Zone    `db:"zone" json:"zone" enum:"WIB,WITA,WIT"`
	Lon    float64 `db:"lon" json:"lon" doc:"WGS84 degrees of a representative point"`
	Lat    float64 `db:"lat" json:"lat"`

	From  time.Time  `db:"valid_from" json:"-"` // first day of this code, name and parent
	Until *time.Time `db:"valid_to" json:"-"`   // first day after, nil while they hold
}

// Expect returns ErrWrongLevel unless the region is of one of the levels.
func (r Region) Expect(levels ...Level) error {
	for _, l := range levels {
		if r.Level == l {
			return nil
		}
	}
	return ErrWrongLevel.With("code", r.Code, "level", r.Level, "wanted", levels)
}

// Today returns the business date of now at the region.
func (r Region) Today(now time.Time) time.Time { return Today(r.Zone, now) }

func (r Region) holds(on time.Time) bool {
	return !on.Before(r.From) && (r.Until == nil || on.Before(*r.Until))
}

// ByCode returns the region that bore the code on that day, as Tree.ByCode does.
func ByCode(ctx context.Context, tx *sqlx.Tx, code string, on time.Time) (Region, error) {
	if _, err := LevelOf(code); err != nil {
		return Region{}, err
	}
	tree, err := Load(ctx, tx, code)
	if err != nil {
		return Region{}, err
	}
	return tree.ByCode(code, on)
}

// ByID returns a region as it was on that day, or ErrUnknown when it was not, or is out of reach.
func ByID(ctx context.Context, tx *sqlx.Tx, id int, on time.Time) (Region, error) {
	found, err := list(ctx, tx, `
		WHERE r.id = $1
		  AND v.valid_from <= $2::date
		  AND (v.valid_to IS NULL OR v.valid_to > $2::date)`, id, on)
	if err != nil {
		return Region{}, err
	}
	if len(found) == 0 {
		return Region{}, ErrUnknown.With("id", id, "on", on.Format(time.DateOnly))
	}
	return found[0], nil
}

// Filter chooses regions for List; its zero value chooses all that are reached.
type Filter struct {
	Level  *Level // only this level
	Parent string // only below this code: its children, or, with a Level, all of that level under it
	After  string // only codes after this one: the last code of the page before
	Limit  int    // at most so many, 0 for no bound
}

// List returns the regions of that day in order of code.
func List(ctx context.Context, tx *sqlx.Tx, f Filter, on time.Time) ([]Region, error) {
	after, before := f.After, ":" // ':' comes after every digit and the dot
	level := f.Level
	if f.Parent != "" {
		parent, err := LevelOf(f.Parent)
		if err != nil {
			return nil, err
		}
		if level == nil {
			child := parent + 1
			level = &child
		}
		if parent != Nation {
			after, before = max(after, f.Parent+"."), f.Parent+"/" // '/' comes after the dot
		} else {
			after = max(after, Root)
		}
	}
	return list(ctx, tx, `
		WHERE v.code > $1 AND v.code < $2
		  AND v.valid_from <= $3::date
		  AND (v.valid_to IS NULL OR v.valid_to > $3::date)
		  AND ($4::smallint IS NULL OR r.level = $4)
		ORDER BY v.code
		LIMIT nullif($5, 0)`, after, before, on, level, f.Limit)
}

func list(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Region, error) {
	found := []Region{}
	err := tx.SelectContext(ctx, &found, `
		SELECT r.id, v.code, v.name, r.level, r.kind, r.zone, r.lon, r.lat, v.valid_from, v.valid_to
		FROM regions r
		JOIN region_versions v ON v.region_id = r.id`+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read regions: %w", err)
	}
	for i := range found {
		found[i].Parent = Parent(found[i].Code)
	}
	return found, nil
}

// Load reads the tree of the regions that the actor of tx reaches: those that ever bore one of the codes, or, when
// none is named, all. Load it once where many codes are to be resolved.
func Load(ctx context.Context, tx *sqlx.Tx, codes ...string) (*Tree, error) {
	where, args := ``, []any{}
	if len(codes) > 0 {
		where, args = ` WHERE v.region_id IN (SELECT region_id FROM region_versions WHERE code = ANY ($1))`, []any{pq.Array(codes)}
	}
	versions, err := list(ctx, tx, where+` ORDER BY v.valid_from`, args...)
	if err != nil {
		return nil, err
	}
	return newTree(versions), nil
}
