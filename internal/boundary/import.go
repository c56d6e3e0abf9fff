package boundary

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"blangko/internal/access"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

var layout = sheet.Layout{Name: "boundaries", Columns: []sheet.Column{
	{Name: "code", Required: true, Note: "kode wilayah Kemendagri"}, {Name: "name", Note: "tidak dibaca"}}}

// Kinds are the files that the map is made of: borders and villages.
func (a *Atlas) Kinds() []sheet.Kind { return []sheet.Kind{a.borders(), a.villages()} }

// borders is a file of borders: GeoJSON or TopoJSON, whose features name their region by code, region_code, kode or id. A
// feature is a row. A border takes the place of the region's earlier one; the same one again is unchanged. Undo brings
// the earlier one back.
func (a *Atlas) borders() sheet.Kind {
	return sheet.Kind{Name: "boundaries", Action: access.DrawRegions, Layouts: []sheet.Layout{layout}, Read: readFile, Blank: blank, Whole: true, Take: a.take, Undo: undo}
}

// blank is a file of no borders that says how one is written.
var blank = sheet.Blank{Name: "boundaries.geojson", Type: "application/geo+json", Content: []byte(`{
  "type": "FeatureCollection",
  "about": "Tiap feature adalah batas satu wilayah. properties: code = kode wilayah Kemendagri, misalnya 12.71 (wajib ada); name tidak dibaca. geometry: Polygon atau MultiPolygon, derajat WGS84, bujur lebih dulu. TopoJSON juga diterima.",
  "features": []
}
`)}

func readFile(content []byte) (*sheet.File, error) {
	borders, err := readBorders(content)
	if err != nil {
		return nil, err
	}
	rows := make([]sheet.Found, len(borders))
	for i, b := range borders {
		rows[i] = sheet.Found{Cells: []string{b.code, b.name}, Beside: b}
	}
	return sheet.NewFile(layout, content, rows), nil
}

// drawing is a good border on its way into the tables.
type drawing struct {
	region region.Region
	shape  orb.MultiPolygon
	whole  []byte // the shape as it came, as WKB
	digest [sha256.Size]byte
	row    *sheet.Row
}

func (a *Atlas) take(ctx context.Context, tx *sqlx.Tx, _ access.Actor, _ string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	for rows := range batches {
		if err := a.draw(ctx, tx, id, rows); err != nil {
			return err
		}
	}
	// The tables grow from nothing; the first tile must not wait for autovacuum.
	if _, err := tx.ExecContext(ctx, `ANALYZE boundaries, boundary_shapes`); err != nil {
		return fmt.Errorf("analyze boundaries: %w", err)
	}
	return nil
}

func (a *Atlas) draw(ctx context.Context, tx *sqlx.Tx, id int64, rows []*sheet.Row) error {
	drawings, err := a.decode(ctx, tx, rows)
	if err != nil {
		return err
	}
	if drawings, err = passOver(ctx, tx, drawings); err != nil {
		return err
	}
	shapes := make([]orb.MultiPolygon, len(drawings))
	for i, d := range drawings {
		shapes[i] = d.shape
	}
	meet := meetings(shapes)
	const batch = 200
	for len(drawings) > 0 {
		n := min(batch, len(drawings))
		if err := a.save(ctx, tx, id, meet, drawings[:n]); err != nil {
			return err
		}
		drawings = drawings[n:]
	}
	return nil
}

func (a *Atlas) decode(ctx context.Context, tx *sqlx.Tx, rows []*sheet.Row) ([]drawing, error) {
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return nil, err
	}
	var drawings []drawing
	first := map[int]int{} // region → row
	for _, row := range rows {
		b, _ := row.Beside.(border)
		where, err := tree.ByCode(row.Text("code"), region.Today(region.WIB, a.now()))
		if err != nil {
			if err := row.WrongBecause("code", err); err != nil {
				return nil, err
			}
			continue
		}
		if before, twice := first[where.ID]; twice {
			row.Wrong("", "duplicate", "row", before)
			continue
		}
		first[where.ID] = row.Number
		if b.wrong != "" {
			row.Wrong("", b.wrong)
		}
		if !row.Good() {
			continue
		}
		whole, err := wkb.Marshal(b.shape)
		if err != nil {
			return nil, fmt.Errorf("encode the border of %s: %w", where.Code, err)
		}
		drawings = append(drawings, drawing{region: where, shape: b.shape, whole: whole, digest: sha256.Sum256(whole), row: row})
	}
	return drawings, nil
}

// passOver returns the drawings that differ from what is kept and notes the others as unchanged.
func passOver(ctx context.Context, tx *sqlx.Tx, drawings []drawing) ([]drawing, error) {
	var kept []struct {
		Region int `db:"region_id"`
		Digest []byte
	}
	if err := tx.SelectContext(ctx, &kept, `SELECT region_id, digest FROM boundaries WHERE current`); err != nil {
		return nil, fmt.Errorf("read boundaries: %w", err)
	}
	digest := map[int][]byte{}
	for _, k := range kept {
		digest[k.Region] = k.Digest
	}
	var fresh []drawing
	for _, d := range drawings {
		if bytes.Equal(digest[d.region.ID], d.digest[:]) {
			d.row.Unchanged()
			continue
		}
		fresh = append(fresh, d)
	}
	return fresh, nil
}

// columns are shapes column by column, as unnest takes them.
type columns struct {
	regions, levels, zooms []int64
	bounds                 []string
	shapes                 [][]byte
}

func (c *columns) add(r region.Region, zoom int, shape orb.MultiPolygon) error {
	text, err := wkb.Marshal(shape)
	if err != nil {
		return fmt.Errorf("encode the border of %s: %w", r.Code, err)
	}
	b := shape.Bound()
	c.regions, c.levels, c.zooms = append(c.regions, int64(r.ID)), append(c.levels, int64(r.Level)), append(c.zooms, int64(zoom))
	c.bounds, c.shapes = append(c.bounds, box(b)), append(c.shapes, text)
	return nil
}

// box writes a bound as PostgreSQL's box.
func box(b orb.Bound) string {
	return fmt.Sprintf("(%v,%v),(%v,%v)", b.Min[0], b.Min[1], b.Max[0], b.Max[1])
}

func (a *Atlas) save(ctx context.Context, tx *sqlx.Tx, id int64, meet net, drawings []drawing) error {
	var ids, levels, points []int64
	var digests [][]byte
	var c columns
	for _, d := range drawings {
		ids, levels, points = append(ids, int64(d.region.ID)), append(levels, int64(d.region.Level)), append(points, int64(pointsOf(d.shape)))
		digests = append(digests, d.digest[:])
		for zoom := firstZoom; zoom < lastZoom; zoom++ {
			if err := c.add(d.region, zoom, meet.coarser(d.shape, zoom)); err != nil {
				return err
			}
		}
		if err := c.add(d.region, lastZoom, d.shape); err != nil {
			return err
		}
	}
	if err := stand(ctx, tx, ids, false); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO boundaries (region_id, import_id, level, current, points, digest, changed_at)
		SELECT region_id, $5, level, true, points, digest, $6
		FROM unnest($1::int[], $2::smallint[], $3::int[], $4::bytea[]) AS n (region_id, level, points, digest)`,
		pq.Array(ids), pq.Array(levels), pq.Array(points), pq.Array(digests), id, a.now())
	if err != nil {
		return fmt.Errorf("keep boundaries: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO boundary_shapes (region_id, import_id, zoom, level, current, bounds, shape)
		SELECT region_id, $6, zoom, level, true, bounds::box, shape
		FROM unnest($1::int[], $2::smallint[], $3::smallint[], $4::text[], $5::bytea[]) AS n (region_id, zoom, level, bounds, shape)`,
		pq.Array(c.regions), pq.Array(c.zooms), pq.Array(c.levels), pq.Array(c.bounds), pq.Array(c.shapes), id)
	if err != nil {
		return fmt.Errorf("keep shapes: %w", err)
	}
	return nil
}

// stand makes the latest borders of regions current, or none.
func stand(ctx context.Context, tx *sqlx.Tx, regions []int64, latest bool) error {
	for _, table := range []string{"boundaries", "boundary_shapes"} {
		_, err := tx.ExecContext(ctx, `
			UPDATE `+table+` b
			SET current = $2 AND NOT EXISTS (SELECT FROM boundaries l WHERE l.region_id = b.region_id AND l.import_id > b.import_id)
			WHERE region_id = ANY ($1) AND (current OR $2)`, pq.Array(regions), latest)
		if err != nil {
			return fmt.Errorf("change which boundaries are current: %w", err)
		}
	}
	return nil
}

// undo takes back the borders of an import; the ones before them stand again.
func undo(ctx context.Context, tx *sqlx.Tx, _ access.Actor, id int64) error {
	var regions []int64
	err := tx.SelectContext(ctx, &regions, `
		DELETE FROM boundaries
		WHERE import_id = $1
		RETURNING region_id`, id)
	if err != nil {
		return fmt.Errorf("take back boundaries: %w", err)
	}
	return stand(ctx, tx, regions, true)
}
