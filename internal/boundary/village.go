package boundary

import (
	"context"
	"iter"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

var villageLayout = sheet.Layout{Name: "villages", Columns: []sheet.Column{
	{Name: "region_code", Required: true, Note: "kode desa/kelurahan Kemendagri, misalnya 12.71.03.1004"},
	{Name: "region_name", Required: true, Note: "nama desa/kelurahan"},
	{Name: "lon", Note: "bujur; kosong = titik kecamatan"}, {Name: "lat", Note: "lintang"}}}

// villages is a file of desa and kelurahan: the product's own table of regions ends at the kecamatan. A village cannot
// be taken back, since figures and sites may hang on it; a wrong name is mended by importing the right one.
func (a *Atlas) villages() sheet.Kind {
	return sheet.Kind{Name: "villages", Action: access.DrawRegions, Layouts: []sheet.Layout{villageLayout}, Take: a.takeVillages}
}

func (a *Atlas) takeVillages(ctx context.Context, tx *sqlx.Tx, _ access.Actor, _ string, _ int64, batches iter.Seq[[]*sheet.Row]) error {
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return err
	}
	first := map[string]int{}
	for rows := range batches {
		if err := a.takeVillageRows(ctx, tx, tree, first, rows); err != nil {
			return err
		}
	}
	return nil
}

// takeVillageRows takes some of the rows of a file; first knows the row of each code before them.
func (a *Atlas) takeVillageRows(ctx context.Context, tx *sqlx.Tx, tree *region.Tree, first map[string]int, rows []*sheet.Row) error {
	today := region.Today(region.WIB, a.now())
	var fresh []region.NewVillage
	renamed := map[int]string{}
	for _, row := range rows {
		v, err := decodeVillage(tree, row, a)
		if err != nil {
			return err
		}
		if before, twice := first[v.Code]; twice && row.Good() {
			row.Wrong("", "duplicate", "row", before)
		}
		if !row.Good() {
			continue
		}
		first[v.Code] = row.Number
		switch known, err := tree.ByCode(v.Code, today); {
		case err != nil:
			fresh = append(fresh, v)
		case known.Name == v.Name:
			row.Unchanged()
		default:
			renamed[known.ID] = v.Name
		}
	}
	if err := region.AddVillages(ctx, tx, fresh); err != nil {
		return err
	}
	return region.Rename(ctx, tx, renamed)
}

func decodeVillage(tree *region.Tree, row *sheet.Row, a *Atlas) (v region.NewVillage, err error) {
	v.Code, v.Name = dotted(row.Must("region_code", 13)), row.Must("region_name", 200)
	if !row.Good() {
		return v, nil
	}
	level, err := region.LevelOf(v.Code)
	if err == nil && level != region.Village {
		err = region.ErrWrongLevel.With("code", v.Code, "level", level, "wanted", region.Village)
	}
	if err != nil {
		return v, row.WrongBecause("region_code", err)
	}
	over, err := tree.ByCode(region.Parent(v.Code), region.Today(region.WIB, a.now()))
	if err != nil {
		return v, row.WrongBecause("region_code", err)
	}
	v.Over, v.Lon, v.Lat = over, over.Lon, over.Lat
	if row.Text("lon") == "" && row.Text("lat") == "" {
		return v, nil
	}
	lon, lat, ok := degrees(row)
	if !ok {
		return v, nil
	}
	switch {
	case farAround.Contains([2]float64{lon, lat}):
		v.Lon, v.Lat = lon, lat
	case farAround.Contains([2]float64{lat, lon}):
		row.Wrong("lon", "lon-lat-swapped")
	default:
		row.Wrong("lon", "outside-indonesia")
	}
	return v, nil
}

// degrees reads a point; half a point is wrong.
func degrees(row *sheet.Row) (lon, lat float64, ok bool) {
	x, y := row.Degrees("lon"), row.Degrees("lat")
	switch {
	case x != nil && y != nil:
		return *x, *y, true
	case !row.Good():
	case x == nil:
		row.Wrong("lon", "missing")
	default:
		row.Wrong("lat", "missing")
	}
	return 0, 0, false
}
