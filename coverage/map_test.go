package coverage_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// mapped is an office that also takes in villages and borders.
func mapped(t testing.TB) (office, *postgres.DB) {
	t.Helper()
	r, db := open(t)
	atlas := boundary.NewAtlas(db, noon)
	return office{r.Register, sheet.NewImports(db, noon, append(r.Register.Kinds(), atlas.Kinds()...)...)}, db
}

func (o office) bring(t testing.TB, kind, name, content string, want int64) {
	t.Helper()
	report, err := o.Import(t.Context(), planner, kind, name, strings.NewReader(content), sheet.Options{Strict: true})
	if err != nil || report.Taken != want || report.Bad != 0 {
		t.Fatalf("%s: %+v, %v; want %d taken", kind, report, err, want)
	}
}

func border(code string, lon, lat, side float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]]}}`,
		code, lon, lat, lon+side, lat, lon+side, lat+side, lon, lat+side, lon, lat)
}

func tile(t testing.TB, r office, who access.Actor, f coverage.GapFilter, lon, lat float64, zoom int) map[string]*geojson.FeatureCollection {
	t.Helper()
	content, err := r.GapTile(t.Context(), who, f, maptile.At(orb.Point{lon, lat}, maptile.Zoom(zoom)))
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return layers.ToFeatureCollections()
}

func TestALevelIsDrawnFromWhereItCanBeToldApart(t *testing.T) {
	t.Parallel()
	r, _ := mapped(t)
	drawn := func(level region.Level, zoom int) (points int) {
		for _, layer := range tile(t, r, planner, coverage.GapFilter{Subject: coverage.Recording, Level: level}, 98.7, 3.6, zoom) {
			points += len(layer.Features)
		}
		return points
	}
	if far, near := drawn(region.District, 4), drawn(region.District, 5); far != 0 || near < 100 {
		t.Errorf("%d kecamatan at zoom 4, %d at zoom 5", far, near)
	}
	if drawn(region.Regency, 0) != 514 {
		t.Error("the kabupaten and kota are not all on the tile of the world")
	}
}

// The whole way down: a kelurahan comes by file, then its border, its people and what it reports, and a visit.
func TestKelurahanHaveGapsOnListsAndMaps(t *testing.T) {
	t.Parallel()
	r, db := mapped(t)
	months := ""
	for i := range 12 {
		months += fmt.Sprintf("turning_17_%02d,", i+1)
	}
	r.bring(t, "villages", "desa.csv", "region_code,region_name,lon,lat\n12.71.03.1001,Satu,98.70,3.60\n12.71.03.1002,Dua,98.72,3.60\n12.71.03.1003,Tiga,98.74,3.60\n", 3)
	r.bring(t, "boundaries", "desa.json", `{"type":"FeatureCollection","features":[`+border("12.71.03.1001", 98.69, 3.59, 0.02)+`]}`, 1)
	r.bring(t, "populations", "dkb.csv", "region_code,period,people,eligible,children,"+months+"source\n"+
		"12.71.03.1001,2026-S1,5000,3700,1400,1,2,3,4,5,6,7,8,9,10,11,12,DKB\n12.71.03.1002,2026-S1,4000,2900,1100,,,,,,,,,,,,,DKB\n", 2)
	r.bring(t, "figures", "kelurahan.csv", "region_code,subject,as_of,people,have,lack,source\n"+
		"12.71.03.1001,recording,2026-10-31,3600,3400,200,laporan\n12.71.03.1002,recording,2026-10-31,2900,2600,300,laporan\n"+
		"12.71.03.1001,birth-certificate,2026-10-31,1400,1300,100,laporan\n", 3)
	err := postgres.Write(t.Context(), db, medan, func(tx *sqlx.Tx) error {
		where, err := region.ByCode(t.Context(), tx, "12.71.03.1002", noon())
		if err != nil {
			return err
		}
		return coverage.AddRecorded(t.Context(), tx, coverage.Yield{RegionID: where.ID, Visit: "1", Subject: coverage.Recording, Day: region.Date(2026, 11, 2), People: 150})
	})
	if err != nil {
		t.Fatal(err)
	}

	f := coverage.GapFilter{Subject: coverage.Recording, Level: region.Village, Region: "12.71"}
	list := gaps(t, r, f)
	var order []string
	for _, g := range list.Items {
		order = append(order, g.Region)
	}
	if fmt.Sprint(order) != "[12.71.03.1001 12.71.03.1002 12.71.03.1003]" || *list.Items[0].Remaining != 200 || list.Items[1].Since != 150 || *list.Items[1].Remaining != 150 {
		t.Fatalf("the list is %v with %+v; want 200, then 300 less the visit's 150, then the one that nobody knows of", order, list.Items)
	}
	first := list.Items[0]
	if *first.Percent != 94.44 || *first.Live != 91.89 || first.Population.Period != "2026-S1" || first.Population.People != 3700 {
		t.Errorf("frozen %v %%, live %v %% of %+v; want 94.44 of its own 3,600 and 91.89 of the 3,700 of the release", *first.Percent, *first.Live, first.Population)
	}
	// November is the fifth month after 30 June; after June 2027 no release speaks, and a twelfth of a year of age is taken.
	if got := first.Turning; got == nil || got.From != "2026-11" || got.Estimated != true || fmt.Sprint(got.Months[:8]) != "[5 6 7 8 9 10 11 12]" || got.Months[8] != 6 || got.People != 92 {
		t.Errorf("17th birthdays %+v, want those of the release, then 6 a month, and 92 in all", got)
	}
	if list.Totals.Turning == nil || list.Totals.Turning.People != first.Turning.People+list.Items[1].Turning.People {
		t.Errorf("17th birthdays in all %+v", list.Totals.Turning)
	}
	children := gaps(t, r, coverage.GapFilter{Subject: coverage.Certificate, Level: region.Village, Region: "12.71"})
	if g := children.Items[0]; *g.Lack != 100 || g.Turning != nil || g.Population.People != 1400 {
		t.Errorf("children without a birth certificate: %+v, want 100 and no 17th birthdays", g)
	}
	over := gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71.03"})
	if over.Items[0].Since != 150 {
		t.Errorf("the kecamatan has %d since, want the visit to its kelurahan counted", over.Items[0].Since)
	}

	drawn, err := r.GapMap(t.Context(), medan, f, 12)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(drawn)
	if err != nil {
		t.Fatal(err)
	}
	back, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil || len(back.Features) != 3 {
		t.Fatalf("GeoJSON: %v of %s", err, text)
	}
	kinds := []string{back.Features[0].Geometry.GeoJSONType(), back.Features[1].Geometry.GeoJSONType()}
	if fmt.Sprint(kinds) != "[Polygon Point]" || back.Features[0].Properties["lack"] != 200.0 || drawn.Totals.Lack != 500 {
		t.Errorf("drawn as %v with %v; want a border, a point where there is none, and the numbers", kinds, back.Features[0].Properties)
	}

	f.Region = ""
	layers := tile(t, r, medan, f, 98.7, 3.6, 9)
	areas, points := layers["village"], layers["village-label"]
	if areas == nil || len(areas.Features) != 1 || areas.Features[0].Properties["lack"] != 200.0 || areas.Features[0].Properties["turning_17"] != 92.0 {
		t.Errorf("borders of the tile: %+v", areas)
	}
	if points == nil || len(points.Features) != 3 {
		t.Errorf("points of the tile: %+v, want all three", points)
	}
	f.Region = "12.71.04"
	if layers := tile(t, r, medan, f, 98.7, 3.6, 9); len(layers["village"].Features)+len(layers["village-label"].Features) != 0 {
		t.Errorf("a tile of another kecamatan holds %v", layers)
	}
	f.Region = ""
	if layers := tile(t, r, ternate, f, 98.7, 3.6, 9); len(layers["village"].Features)+len(layers["village-label"].Features) != 0 {
		t.Errorf("another city sees %v", layers)
	}
	if _, err := r.GapMap(t.Context(), ternate, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71"}, 8); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("another city's map: %v", err)
	}
}

func TestMapsHideWhatListsHide(t *testing.T) {
	t.Parallel()
	r, _ := mapped(t)
	for code, n := range map[string]coverage.Numbers{"12.71.01": counts(40, 37, 3), "12.71.02": counts(50, 40, 10), "12.71.03": counts(90, 60, 30)} {
		f := recording(code, "2024-06-30", n)
		f.Group = "odgj"
		record(t, r, medan, f)
	}
	f := coverage.GapFilter{Subject: coverage.Recording, Group: "odgj", Level: region.District, Region: "12.71"}
	shown := func(who access.Actor) string {
		t.Helper()
		m, err := r.GapMap(t.Context(), who, f, 8)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range tile(t, r, who, f, 98.67, 3.59, 5)["district-label"].Features {
			line, err := json.Marshal(f.Properties)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, line...)
		}
		return string(text)
	}
	if text := shown(medan); !strings.Contains(text, `"lack":3`) || strings.Contains(text, "below") {
		t.Errorf("the own office sees %s, want every count", text)
	}
	text := shown(planner)
	for _, told := range []string{`"lack":3`, `"have":37`, `"people":40`, `"lack":10`, `"have":40`, `"people":50`} {
		if strings.Contains(text, told+",") || strings.Contains(text, told+"}") {
			t.Errorf("the nation sees %s in %s", told, text)
		}
	}
	if strings.Count(text, `"lack":{"below":5}`) != 1 || strings.Count(text, `"lack_below":5`) != 1 || strings.Count(text, `"lack":30`) != 2 {
		t.Errorf("the nation sees %s, want one count below 5 and the large one, on the map and in the tile", text)
	}
}

// The border of a regency that has merged is drawn until a new one comes, with what is known of the one it merged into.
func TestTheBorderOfARegionThatMergedSaysWhatItsHeirSays(t *testing.T) {
	t.Parallel()
	r, db := mapped(t)
	r.bring(t, "boundaries", "dua.json", `{"type":"FeatureCollection","features":[`+border("12.71", 98.6, 3.5, 0.05)+","+border("12.72", 98.7, 3.5, 0.05)+`]}`, 2)
	record(t, r, medan, recording("12.71", "2026-10-31", counts(1000, 900, 100)))
	merge := region.NewChange{Kind: "merge", Region: "12.72", Into: "12.71", On: "2026-11-20", Document: "UU 1/2026"}
	if _, err := region.NewChanges(db, noon, r.MoveRegion).Do(t.Context(), planner, merge, false); err != nil {
		t.Fatal(err)
	}
	f := coverage.GapFilter{Subject: coverage.Recording, Level: region.Regency}
	of := gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.Regency, Region: "12.71"}).Items[0]
	for _, f.Region = range []string{"", "12.71"} {
		drawn := tile(t, r, planner, f, 98.68, 3.52, 9)["regency"].Features
		if len(drawn) != 2 {
			t.Fatalf("%d borders under %q, want both", len(drawn), f.Region)
		}
		for _, d := range drawn {
			if d.Properties["code"] != "12.71" || d.Properties["lack"] != float64(*of.Lack) {
				t.Errorf("a border says %v, want 12.71 with %d without a recording", d.Properties, *of.Lack)
			}
		}
	}
}

func TestGapsAreSortedAsAsked(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	record(t, r, medan, recording("12.71.01", "2024", counts(1000, 990, 10)))
	record(t, r, medan, recording("12.71.02", "2024", counts(100, 80, 20)))
	record(t, r, medan, recording("12.71.03", "2024", counts(5000, 4900, 100)))
	for order, want := range map[coverage.GapOrder]string{
		"":                   "[12.71.03 12.71.02 12.71.01]",
		coverage.ByRemaining: "[12.71.03 12.71.02 12.71.01]",
		coverage.ByPercent:   "[12.71.02 12.71.03 12.71.01]",
		coverage.ByRegion:    "[12.71.01 12.71.02 12.71.03]",
	} {
		f := coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71", Sort: order, Paging: postgres.Paging{Limit: 2}}
		var got []string
		for {
			p := gaps(t, r, f)
			for _, g := range p.Items {
				got = append(got, g.Region)
			}
			if f.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		if fmt.Sprint(got[:3]) != want || len(got) != 21 {
			t.Errorf("sorted by %q: %v of %d, want %s of 21", order, got[:3], len(got), want)
		}
	}
	young := gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.Regency, Region: "12", Sort: coverage.ByTurning})
	if !slices.IsSortedFunc(young.Items, func(a, b coverage.Gap) int { return int(b.Turning.People - a.Turning.People) }) || young.Items[0].Region != "12.71" {
		t.Errorf("most 17th birthdays: %s first", young.Items[0].Region)
	}
	f := coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71", Paging: postgres.Paging{Limit: 2}}
	f.Cursor = gaps(t, r, f).Next
	f.Sort = coverage.ByPercent
	if _, err := r.Gaps(t.Context(), planner, f); !errors.Is(err, postgres.ErrCursorMalformed) {
		t.Errorf("the cursor of another order: %v", err)
	}
}

// BenchmarkGapTile draws tiles that were not drawn before: of every zoom around every province, with the real borders of
// all 514 kabupaten/kota and two years of figures, and with the points of all 7,285 kecamatan. The slowest twentieth is
// what counts.
func BenchmarkGapTile(b *testing.B) {
	r, db := mapped(b)
	real, err := os.ReadFile("../../shared/data/boundaries_kabkota.topojson")
	if os.IsNotExist(err) {
		b.Skipf("the borders are not here: %v", err)
	}
	if err != nil {
		b.Fatal(err)
	}
	r.bring(b, "boundaries", "kabkota.topojson", string(real), 514)
	reportEverywhere(b, db)
	for _, level := range []region.Level{region.Regency, region.District} {
		b.Run(level.String(), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for zoom := maptile.Zoom(3); zoom <= 12; zoom++ {
					for _, f := range region.All() {
						if f.Level != region.Province {
							continue
						}
						begun := time.Now()
						_, err := r.GapTile(b.Context(), planner, coverage.GapFilter{Subject: coverage.Recording, Level: level}, maptile.At(orb.Point{f.Lon, f.Lat}, zoom))
						if err != nil {
							b.Fatal(err)
						}
						took = append(took, time.Since(begun))
					}
				}
			}
			slices.Sort(took)
			quantile := func(q float64) float64 {
				return float64(took[min(len(took)-1, int(q*float64(len(took))))].Microseconds()) / 1000
			}
			b.ReportMetric(quantile(0.5), "p50-ms")
			b.ReportMetric(quantile(0.95), "p95-ms")
			b.ReportMetric(quantile(1), "max-ms")
		})
	}
}
