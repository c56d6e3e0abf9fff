package region

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Seed loads the product's own regions into an empty table and leaves any other alone, so it may run at every start.
// Ids follow the order of All; the dissolved provinces come last. It needs the reach of the nation.
func Seed(ctx context.Context, tx *sqlx.Tx) error {
	// Two servers that start together seed one after the other, and the second finds the table full.
	if _, err := tx.ExecContext(ctx, `LOCK TABLE regions IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("lock regions: %w", err)
	}
	var full bool
	if err := tx.GetContext(ctx, &full, `SELECT EXISTS (SELECT FROM regions)`); err != nil || full {
		return err
	}
	regions, versions := seeds(known())
	if err := insert(ctx, tx, regions, versions); err != nil {
		return err
	}
	// Every query joins these tables, the first ones before autovacuum has looked at them.
	if _, err := tx.ExecContext(ctx, `ANALYZE regions, region_versions`); err != nil {
		return fmt.Errorf("analyze regions: %w", err)
	}
	return nil
}

func insert(ctx context.Context, tx *sqlx.Tx, regions regionColumns, versions versionColumns) error {
	// Not COPY, which row-level security does not allow.
	_, err := tx.ExecContext(ctx, `
		INSERT INTO regions (id, level, kind, zone, lon, lat)
		SELECT *
		FROM unnest($1::int[], $2::smallint[], $3::text[], $4::text[], $5::float8[], $6::float8[])`,
		pq.Array(regions.id), pq.Array(regions.level), pq.Array(regions.kind), pq.Array(regions.zone),
		pq.Array(regions.lon), pq.Array(regions.lat))
	if err != nil {
		return fmt.Errorf("add regions: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO region_versions (region_id, code, name, parent_id, valid_from, valid_to)
		SELECT region_id, code, name, nullif(parent_id, 0), valid_from, nullif(valid_to, '')::date
		FROM unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::date[], $6::text[])
			AS v (region_id, code, name, parent_id, valid_from, valid_to)`,
		pq.Array(versions.regionID), pq.Array(versions.code), pq.Array(versions.name), pq.Array(versions.parentID),
		pq.Array(versions.from), pq.Array(versions.to))
	if err != nil {
		return fmt.Errorf("add versions of regions: %w", err)
	}
	return nil
}

// regionColumns and versionColumns hold the tables column by column, as unnest takes them.
type regionColumns struct {
	id, level  []int64
	kind, zone []string
	lon, lat   []float64
}

type versionColumns struct {
	regionID, parentID []int64 // parentID 0 is none
	code, name         []string
	from, to           []string // to "" is open
}

// noDay is the end of what lasts.
var noDay time.Time

func seeds(k facts) (regions regionColumns, versions versionColumns) {
	today := map[string]Fact{}
	id := map[string]int{"": 0} // of today's codes
	for _, f := range k.today {
		today[f.Code], id[f.Code] = f, f.ID
	}
	for _, f := range k.today {
		regions.add(f.ID, f)
		versions.add(f.ID, f.Code, f.Name, id[f.Parent()], f.Since, noDay)
	}
	dissolved := map[string]int{} // id of provinces that are no more, by their code
	for _, e := range k.earlier {
		if e.today == "" {
			dissolved[e.code] = len(k.today) + len(dissolved) + 1
			// Shown at the point of the province that kept the code, which lies in the old one too.
			regions.add(dissolved[e.code], today[e.code])
			versions.add(dissolved[e.code], e.code, e.name, id[Root], Beginning, e.until)
			continue
		}
		versions.add(id[e.today], e.code, e.name, dissolved[Parent(e.code)], Beginning, e.until)
	}
	return regions, versions
}

func (c *regionColumns) add(id int, f Fact) {
	c.id, c.level = append(c.id, int64(id)), append(c.level, int64(f.Level))
	c.kind, c.zone = append(c.kind, f.Kind), append(c.zone, string(f.Zone))
	c.lon, c.lat = append(c.lon, f.Lon), append(c.lat, f.Lat)
}

func (c *versionColumns) add(id int, code, name string, parent int, from, until time.Time) {
	c.regionID, c.parentID = append(c.regionID, int64(id)), append(c.parentID, int64(parent))
	c.code, c.name = append(c.code, code), append(c.name, name)
	to := ""
	if !until.IsZero() {
		to = until.Format(time.DateOnly)
	}
	c.from, c.to = append(c.from, from.Format(time.DateOnly)), append(c.to, to)
}
