package inventory

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// blankVersion is how a version of the blank is written, such as 4.8.
var blankVersion = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.]{0,9}$`)

const versionForm = "up to 10 letters, digits and dots"

// What versions of the blank refuse.
var (
	ErrVersionWanted   = fault.New(fault.Invalid, "blank-version-required")   // place, versions
	ErrVersionNotTaken = fault.New(fault.Conflict, "blank-version-not-taken") // region, blank_version
)

// Printers says which versions of the blank the printers of a place take.
type Printers struct {
	Versions *[]string `json:"versions" required:"true" maxItems:"20" doc:"such as 4.8 and 5; null: as its office, and an office all"`
}

func (in Printers) check() error {
	if in.Versions == nil {
		return nil
	}
	var wrong fault.Fields
	if len(*in.Versions) == 0 {
		wrong.Add("body.versions", "too-few", 0, "least", 1)
	}
	seen := map[string]bool{}
	for i, v := range *in.Versions {
		at := fmt.Sprintf("body.versions[%d]", i)
		switch {
		case !blankVersion.MatchString(v):
			wrong.Add(at, "not-a-version", v, "form", versionForm)
		case seen[v]:
			wrong.Add(at, "twice", v)
		}
		seen[v] = true
	}
	return wrong.Err()
}

// SetPrinters says which versions of the blank the printers of a place take: nothing else is sent to it from then on. Its
// keeper says so, or the planner.
func (l *Ledger) SetPrinters(ctx context.Context, who access.Actor, id int, version int64, in Printers) (Place, error) {
	if err := who.May(access.SetPrinters); err != nil {
		return Place{}, err
	}
	if err := in.check(); err != nil {
		return Place{}, err
	}
	var versions any
	if in.Versions != nil {
		sorted := slices.Sorted(slices.Values(*in.Versions))
		versions = pq.Array(sorted)
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Place, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM places WHERE id = $1 FOR UPDATE`, id); err != nil {
			return Place{}, fmt.Errorf("lock place %d: %w", id, err)
		}
		was, err := l.placeNamed(ctx, tx, who, id, "")
		if err != nil {
			return was, err
		}
		if who.Role != access.Planner {
			if err := keeps(ctx, tx, who, id); err != nil {
				return was, err
			}
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return was, err
		}
		if was.Kind != ProvinceStore && was.Kind != RegencyOffice && was.Kind != ServicePoint {
			return was, fault.ErrInvalid.At("path.id", "has-no-printers", id, "kind", was.Kind)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE places SET printer_versions = $2, version = version + 1 WHERE id = $1`, id, versions); err != nil {
			return was, fmt.Errorf("write printers of place %d: %w", id, err)
		}
		is, err := l.placeNamed(ctx, tx, who, id, "")
		if err != nil {
			return was, err
		}
		return is, postgres.Audit(ctx, tx, who, is.RegionID, "printers", "place", int64(id), was, is)
	})
}

// versionsAt are the versions of an item that a place has usable pieces of, in order.
func versionsAt(ctx context.Context, tx *sqlx.Tx, placeID, item int) (versions []string, err error) {
	err = tx.SelectContext(ctx, &versions, `
		SELECT DISTINCT t.version
		FROM balances b
		JOIN lots t ON t.id = b.lot_id
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.condition = 'usable' AND b.pieces > 0
		ORDER BY 1`, placeID, item)
	if err != nil {
		return nil, fmt.Errorf("read versions at place %d: %w", placeID, err)
	}
	return versions, nil
}

// oneVersion is the version that a division is of: the one that was asked for, or the only one there is.
func oneVersion(ctx context.Context, tx *sqlx.Tx, placeID, item int, asked *string) (string, error) {
	if asked != nil {
		return *asked, nil
	}
	versions, err := versionsAt(ctx, tx, placeID, item)
	if err != nil || len(versions) == 0 {
		return "", err
	}
	if len(versions) > 1 {
		return "", ErrVersionWanted.With("place", placeID, "versions", versions, "advice", "the store holds several versions; say which one is divided")
	}
	return versions[0], nil
}

// printable refuses a run that gives to a place whose printers do not take its version, as they are now.
func (a Allocation) printable(ctx context.Context, tx *sqlx.Tx) error {
	var places []int64
	for _, line := range a.Lines {
		if line.Given+line.Granted > 0 {
			places = append(places, int64(line.Place))
		}
	}
	var barred []int
	err := tx.SelectContext(ctx, &barred, `SELECT p FROM unnest($1::int[]) AS p WHERE NOT takes_version(p, $2) ORDER BY p`, pq.Array(places), a.Blank)
	if err != nil {
		return fmt.Errorf("read printers: %w", err)
	}
	for _, line := range a.Lines {
		if slices.Contains(barred, line.Place) {
			return a.notTaken(line)
		}
	}
	return nil
}

func (a Allocation) notTaken(line AllocationLine) error {
	return ErrVersionNotTaken.With("region", line.Region, "blank_version", a.Blank, "advice", "its printers do not take this version")
}
