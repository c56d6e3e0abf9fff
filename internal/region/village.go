package region

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// NewVillage is a desa or kelurahan that the tree is to know.
type NewVillage struct {
	Code, Name string
	Over       Region // its kecamatan
	Lon, Lat   float64
}

// AddVillages grows the tree by villages, each from the first day of its kecamatan. It needs the reach of the nation.
func AddVillages(ctx context.Context, tx *sqlx.Tx, villages []NewVillage) error {
	if len(villages) == 0 {
		return nil
	}
	next, err := nextID(ctx, tx)
	if err != nil {
		return err
	}
	var regions regionColumns
	var versions versionColumns
	for i, v := range villages {
		f := Fact{Level: Village, Kind: "village", Zone: v.Over.Zone, Lon: v.Lon, Lat: v.Lat}
		regions.add(next+i, f)
		versions.add(next+i, v.Code, v.Name, v.Over.ID, v.Over.From, noDay)
	}
	return insert(ctx, tx, regions, versions)
}

// nextID is the first id that no region has; until the end of the transaction nobody else takes it.
func nextID(ctx context.Context, tx *sqlx.Tx) (next int, err error) {
	if _, err := tx.ExecContext(ctx, `LOCK TABLE regions IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return 0, fmt.Errorf("lock regions: %w", err)
	}
	if err := tx.GetContext(ctx, &next, `SELECT max(id) + 1 FROM regions`); err != nil {
		return 0, fmt.Errorf("read the last id of a region: %w", err)
	}
	return next, nil
}

// Rename gives regions another name, under the same code, as if they had always borne it: to mend how it was spelt.
func Rename(ctx context.Context, tx *sqlx.Tx, names map[int]string) error {
	var ids []int64
	var to []string
	for id, name := range names {
		ids, to = append(ids, int64(id)), append(to, name)
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE region_versions v
		SET name = n.name
		FROM unnest($1::int[], $2::text[]) AS n (id, name)
		WHERE v.region_id = n.id AND v.valid_to IS NULL`, pq.Array(ids), pq.Array(to))
	if err != nil {
		return fmt.Errorf("rename regions: %w", err)
	}
	return nil
}
