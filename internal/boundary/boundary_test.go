package boundary_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/planar"

	"blangko/internal/access"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

var (
	planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}
	medan   = access.Actor{ID: 2, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	ternate = access.Actor{ID: 3, Name: "officer.82.71", Role: access.Officer, Reach: "82.71"}
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func noon() time.Time { return time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC) }

type desk struct {
	*boundary.Atlas
	*sheet.Imports
	db *postgres.DB
}

func open(t testing.TB) desk {
	db := pgtest.New(t)
	atlas := boundary.NewAtlas(db, noon)
	return desk{atlas, sheet.NewImports(db, noon, atlas.Kinds()...), db}
}

func (d desk) take(t testing.TB, kind, content string) sheet.Report {
	t.Helper()
	report, err := d.Import(t.Context(), planner, kind, kind+".json", strings.NewReader(content), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// square is a feature with a square of so many degrees.
func square(code string, lon, lat, side float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]]}}`,
		code, lon, lat, lon+side, lat, lon+side, lat+side, lon, lat+side, lon, lat)
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func (d desk) tile(t testing.TB, layer string, z, x, y int) map[string]*geojson.FeatureCollection {
	t.Helper()
	at, err := boundary.TileOf(z, x, y)
	if err != nil {
		t.Fatal(err)
	}
	content, err := d.Tile(t.Context(), layer, at)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return layers.ToFeatureCollections()
}

func TestABorderIsDrawnUndoneAndBackAgain(t *testing.T) {
	t.Parallel()
	d := open(t)
	first := d.take(t, "boundaries", collection(square("12.71", 98.6, 3.5, 0.2)))
	if first.Taken != 1 || first.Bad != 0 {
		t.Fatalf("report %+v, want one taken", first)
	}
	at := maptile.At(orb.Point{98.7, 3.6}, 8)
	drawn := d.tile(t, "regency", 8, int(at.X), int(at.Y))
	areas, labels := drawn["regency"].Features, drawn["regency-label"].Features
	if len(areas) != 1 || areas[0].Properties["code"] != "12.71" || areas[0].Properties["name"] != "Kota Medan" || areas[0].ID == nil {
		t.Fatalf("areas %+v", areas)
	}
	if len(labels) != 1 || labels[0].Geometry.GeoJSONType() != "Point" {
		t.Errorf("labels %+v, want one point", labels)
	}
	if ring := areas[0].Geometry.(orb.Polygon)[0]; ring.Orientation() != orb.CCW { // y runs down: with the clock as seen
		t.Errorf("the outer ring of a tile runs against the clock")
	}
	if again := d.take(t, "boundaries", collection(square("12.71", 98.6, 3.5, 0.2))); again.Unchanged != 1 {
		t.Errorf("the same again: %+v, want unchanged", again)
	}
	second := d.take(t, "boundaries", collection(square("1271", 98.6, 3.5, 0.3)))
	around := func(lon float64) string {
		codes, err := d.Around(t.Context(), region.Regency, orb.Point{lon, 3.6})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(codes)
	}
	if around(98.85) != "[12.71]" {
		t.Errorf("after the wider border: %v at 98.85", around(98.85))
	}
	if _, err := d.Undo(t.Context(), planner, second.ID); err != nil {
		t.Fatal(err)
	}
	if around(98.85) != "[]" || around(98.7) != "[12.71]" {
		t.Errorf("after the undo: %v and %v, want the narrower border back", around(98.85), around(98.7))
	}
	if _, err := d.Undo(t.Context(), planner, first.ID); err != nil {
		t.Fatal(err)
	}
	if around(98.7) != "[]" {
		t.Errorf("after both undos: %v", around(98.7))
	}
}

func TestWhatIsWrongWithAFileIsSaidByFeature(t *testing.T) {
	t.Parallel()
	d := open(t)
	report := d.take(t, "boundaries", collection(
		square("12.71", 98.6, 3.5, 0.2),
		square("99.71", 98.6, 3.5, 0.2), // no such region
		square("12.71", 98.6, 3.5, 0.3), // twice
		square("12.72", 3.5, 98.6, 0.2), // lon and lat swapped
		square("12.73", 0, 0, 0.2),
		square("12.74", 712345, 391234, 5), // metres
		`{"type":"Feature","properties":{"code":"12.75"},"geometry":{"type":"Point","coordinates":[98.6,3.5]}}`,
		`{"type":"Feature","properties":{"code":"12.76"},"geometry":null}`,
		`{"type":"Feature","properties":{"code":"12.77"},"geometry":{"type":"Polygon","coordinates":[[[98.6,3.5],[98.7,3.5],[98.6,3.5]]]}}`,
		`{"type":"Feature","properties":{"code":"12.78"},"geometry":{"type":"Polygon","coordinates":[[["98.6",3.5]]]}}`,
		`{"type":"Feature","properties":{},"geometry":null}`,
	))
	got := ""
	for _, e := range report.Errors {
		got += fmt.Sprintf("%d %s\n", e.Row, e.Code)
	}
	want := "2 region-unknown\n3 duplicate\n4 lon-lat-swapped\n5 outside-indonesia\n6 not-degrees\n7 not-a-polygon\n8 no-geometry\n9 shape-empty\n10 coordinates-unreadable\n11 region-code-malformed\n"
	if got != want || report.Taken != 1 {
		t.Errorf("taken %d, errors\n%swant 1 and\n%s", report.Taken, got, want)
	}
	for name, content := range map[string]string{"no JSON": "kode,nama", "another type": `{"type":"Feature"}`,
		"an arc without a number": `{"type":"Topology","arcs":[[[1]]],"objects":{}}`, "empty": ""} {
		_, err := d.Import(t.Context(), planner, "boundaries", "f", strings.NewReader(content), sheet.Options{})
		if !errors.Is(err, boundary.ErrNotBorders) {
			t.Errorf("%s: %v, want %v", name, err, boundary.ErrNotBorders)
		}
	}
	if _, err := d.Import(t.Context(), medan, "boundaries", "f", strings.NewReader(collection()), sheet.Options{}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer draws: %v, want forbidden", err)
	}
}

func TestATopologyWhoseArcsAreNotThereIsNoShape(t *testing.T) {
	t.Parallel()
	d := open(t)
	report := d.take(t, "boundaries", `{"type":"Topology","arcs":[[[98.6,3.5],[98.7,3.5],[98.7,3.6],[98.6,3.5]]],"objects":{"a":{"type":"GeometryCollection","geometries":[
		{"type":"Polygon","properties":{"code":"12.71"},"arcs":[[0]]},
		{"type":"Polygon","properties":{"code":"12.72"},"arcs":[[7]]},
		{"type":"Polygon","properties":{"code":"12.73"},"arcs":[[-9223372036854775808]]},
		{"type":"LineString","properties":{"code":"12.74"},"arcs":[0]},
		{"type":"MultiPolygon","properties":{"code":"12.75"},"arcs":[[[-1]]]}]}}}`)
	if report.Taken != 2 || report.Bad != 3 || report.Errors[0].Code != "arc-unknown" || report.Errors[1].Code != "arc-unknown" {
		t.Errorf("report %+v, want 12.71 and 12.75 taken", report)
	}
}

func TestOnlyOnesOwnBordersAreListedButTilesAreForAll(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.take(t, "boundaries", collection(square("12.71", 98.6, 3.5, 0.2), square("82.71", 127.3, 0.7, 0.2)))
	for who, want := range map[access.Actor]int{planner: 2, medan: 1, ternate: 1, {}: -1} {
		page, err := d.Boundaries(t.Context(), who, boundary.Filter{})
		if (err != nil) != (want < 0) || err == nil && len(page.Items) != want {
			t.Errorf("%s sees %d borders, %v; want %d", who.Name, len(page.Items), err, want)
		}
	}
	at := maptile.At(orb.Point{127.4, 0.8}, 9)
	if n := len(d.tile(t, "regency", 9, int(at.X), int(at.Y))["regency"].Features); n != 1 {
		t.Errorf("%d regencies in the tile of Ternate", n)
	}
	c, err := d.GeoJSON(t.Context(), medan, "12.71", region.Regency, 7)
	if err != nil || len(c.Features) != 1 || c.Features[0].Properties["code"] != "12.71" {
		t.Errorf("GeoJSON %+v, %v", c, err)
	}
	if c, err = d.GeoJSON(t.Context(), medan, "12.71", region.District, 7); err != nil || len(c.Features) != 21 || c.Features[0].Geometry.(*geojson.Geometry).Type != "Point" {
		t.Errorf("kecamatan without a border: %v, want 21 points", err)
	}
	for _, bad := range [][3]int{{-1, 0, 0}, {3, 8, 0}, {3, 0, -1}, {23, 0, 0}} {
		if _, err := boundary.TileOf(bad[0], bad[1], bad[2]); !errors.Is(err, boundary.ErrTile) {
			t.Errorf("tile %v: %v", bad, err)
		}
	}
}

func TestVillagesBecomeRegions(t *testing.T) {
	t.Parallel()
	d := open(t)
	report := d.take(t, "villages", "region_code,region_name,lon,lat\n"+
		"12.71.03.1004,Tanjung Gusta,98.61435,3.60937\n"+
		"1271031005,Helvetia,,\n"+
		"12.71.03,Medan Helvetia,,\n"+
		"12.71.99.1001,Tidak Ada,,\n"+
		"12.71.03.1006,Terbalik,3.6,98.6\n"+
		"12.71.03.1007,Separuh,98.6,\n"+
		"12.71.03.1004,Kembar,,\n")
	got := ""
	for _, e := range report.Errors {
		got += fmt.Sprintf("%d %s %s\n", e.Row, e.Column, e.Code)
	}
	if want := "4 region_code region-wrong-level\n5 region_code region-unknown\n6 lon lon-lat-swapped\n7 lat missing\n8  duplicate\n"; got != want || report.Taken != 2 {
		t.Errorf("taken %d, errors\n%swant 2 and\n%s", report.Taken, got, want)
	}
	if again := d.take(t, "villages", "region_code,region_name\n12.71.03.1004,Tanjung Gusta\n12.71.03.1005,Helvetia Baru\n"); again.Unchanged != 1 || again.Taken != 1 {
		t.Errorf("again: %+v, want one unchanged, one renamed", again)
	}
	err := postgres.Read(t.Context(), d.db, medan, func(tx *sqlx.Tx) error {
		found, err := region.List(t.Context(), tx, region.Filter{Parent: "12.71.03"}, region.Today(region.WIB, noon()))
		if err != nil {
			return err
		}
		if len(found) != 2 || found[0].Name != "Tanjung Gusta" || found[0].Lon != 98.61435 || found[1].Name != "Helvetia Baru" || found[1].Level != region.Village {
			t.Errorf("villages %+v", found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shared opens a reference file.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("../../../shared/data/" + name)
	if os.IsNotExist(err) {
		t.Skipf("reference data is not beside the repository: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// real imports the borders of all provinces and regencies.
func (d desk) real(t testing.TB) {
	t.Helper()
	for name, want := range map[string]int64{"boundaries_provinsi.topojson": 38, "boundaries_kabkota.topojson": 514} {
		report, err := d.Import(t.Context(), planner, "boundaries", name, bytes.NewReader(shared(t, name)), sheet.Options{Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		if report.Taken != want || report.Bad != 0 {
			t.Fatalf("%s: %+v, want %d taken", name, report, want)
		}
	}
}

func TestTheRealBordersAreDrawnAtEveryZoom(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.real(t)
	points := map[int]int{}
	areaAt := map[int]float64{}
	smallest := map[int]float64{}
	err := postgres.Read(t.Context(), d.db, access.System, func(tx *sqlx.Tx) error {
		var rows []struct {
			Zoom  int
			Shape []byte
		}
		if err := tx.SelectContext(t.Context(), &rows, `SELECT zoom, shape FROM boundary_shapes WHERE level = 2`); err != nil {
			return err
		}
		for _, r := range rows {
			g, err := wkb.Unmarshal(r.Shape)
			if err != nil {
				return err
			}
			for _, p := range g.(orb.MultiPolygon) {
				for _, ring := range p {
					points[r.Zoom] += len(ring)
				}
			}
			area := planar.Area(g)
			areaAt[r.Zoom] += area
			if area < smallest[r.Zoom] || smallest[r.Zoom] == 0 {
				smallest[r.Zoom] = area
			}
		}
		if len(rows) != 514*10 {
			t.Errorf("%d shapes, want 514 at each of ten zooms", len(rows))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for zoom := 4; zoom <= 12; zoom++ {
		if points[zoom] < points[zoom-1] {
			t.Errorf("zoom %d has %d points, fewer than zoom %d with %d", zoom, points[zoom], zoom-1, points[zoom-1])
		}
		if smallest[zoom] <= 0 {
			t.Errorf("a regency has no area at zoom %d", zoom)
		}
		// Shared lines are drawn once, so what one side loses the other wins; the rest is coast and small islands.
		if off := math.Abs(areaAt[zoom]/areaAt[12] - 1); zoom >= 5 && off > 0.02 {
			t.Errorf("zoom %d: the area is off by %.1f %%", zoom, 100*off)
		}
	}
	nation := d.tile(t, "province", 3, 6, 4)["province"].Features
	if len(nation) < 20 {
		t.Errorf("%d provinces in the tile of the west half", len(nation))
	}
	// Fact points lie in their own region's border where one knows it; 98 % is what the sources agree on.
	var inside, all int
	for _, f := range region.All() {
		if f.Level != region.Province {
			continue
		}
		all++
		codes, err := d.Around(t.Context(), region.Province, orb.Point{f.Lon, f.Lat})
		if err != nil {
			t.Fatal(err)
		}
		if len(codes) == 1 && codes[0] == f.Code {
			inside++
		}
	}
	if inside < all-2 {
		t.Errorf("%d of %d provinces have their point inside", inside, all)
	}
}

// BenchmarkTile draws tiles that were not drawn before: of every zoom around every province, with the borders of all 514
// kabupaten/kota. The slowest twentieth is what counts.
func BenchmarkTile(b *testing.B) {
	d := open(b)
	d.real(b)
	var tiles []maptile.Tile
	for zoom := maptile.Zoom(3); zoom <= 12; zoom++ {
		for _, f := range region.All() {
			if f.Level == region.Province {
				tiles = append(tiles, maptile.At(orb.Point{f.Lon, f.Lat}, zoom))
			}
		}
	}
	var took []time.Duration
	for b.Loop() {
		for _, tile := range tiles {
			begun := time.Now()
			if _, err := d.Tile(b.Context(), "regency", tile); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begun))
		}
	}
	b.ReportMetric(quantile(took, 0.5), "p50-ms")
	b.ReportMetric(quantile(took, 0.95), "p95-ms")
	b.ReportMetric(quantile(took, 1), "max-ms")
}

// quantile is in milliseconds.
func quantile(took []time.Duration, q float64) float64 {
	slices.Sort(took)
	return float64(took[min(len(took)-1, int(q*float64(len(took))))].Microseconds()) / 1000
}
