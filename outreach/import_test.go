package outreach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
	"blangko/outreach"
)

const siteHead = "site_id,kind,name,regency_code,district_code,lon,lat,people,as_of\n"

func (b *bench) takeSites(t testing.TB, rows ...string) sheet.Report {
	t.Helper()
	return must[sheet.Report](t)(b.imports.Import(t.Context(), field, "sites", "lokasi.csv", strings.NewReader(siteHead+strings.Join(rows, "\n")+"\n"), sheet.Options{}))
}

// A bad row of a list is named with its line, cell and reason; the good ones beside it are taken.
func TestBadRowsOfAListAreNamed(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, c := range []struct{ row, column, code string }{
		{"1,village,Desa,82.71,,0.79,127.37,10,2026-11-01", "lon", "longitude-and-latitude-swapped"},
		{"2,village,Desa,82.71,,0,0,10,2026-11-01", "lon", "point-zero"},
		{"3,village,Desa,82.71,,95,-10,10,2026-11-01", "lon", "in-the-sea"},
		{"4,village,Desa,82.71,,12,48,10,2026-11-01", "lon", "outside-indonesia"},
		{"5,village,Desa,82.71,,127.37,,10,2026-11-01", "lon", "half-a-point"},
		{"6,village,Desa,82.71,,127.37,utara,10,2026-11-01", "lat", "not-a-number"},
		{"7,castle,Desa,82.71,,127.37,0.79,10,2026-11-01", "kind", "not-in-list"},
		{"8,village,,82.71,,127.37,0.79,10,2026-11-01", "name", "missing"},
		{"9,village,Desa,82.79,,127.37,0.79,10,2026-11-01", "regency_code", "region-unknown"},
		{"10,village,Desa,82.71,12.71.01,127.37,0.79,10,2026-11-01", "district_code", "not-in-regency"},
		{"11,village,Desa,82.71,,127.37,0.79,-5,2026-11-01", "people", "negative"},
		{"12,village,Desa,82.71,,127.37,0.79,10,kemarin", "as_of", "not-a-date"},
		{"13,village,Ibu 3271 0401 0190 0001,82.71,,127.37,0.79,10,2026-11-01", "name", "sixteen-digits"},
	} {
		number, _, _ := strings.Cut(c.row, ",")
		r := b.takeSites(t, c.row, "baik-"+number+",village,Baik "+number+",82.71,,127.37,0.79,10,2026-11-01")
		if r.Taken != 1 || r.Bad != 1 || len(r.Errors) == 0 || r.Errors[0].Row != 2 || r.Errors[0].Column != c.column || r.Errors[0].Code != c.code {
			t.Errorf("%s: %+v, want %s at %s", c.row, r, c.code, c.column)
		}
	}
}

// A list that comes again with new counts adds them, says what is as it was, and takes no site twice; taking it back takes
// the counts off.
func TestAListComesAgain(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	school := "10101,school_sma,SMAN 1,82.71,,127.37,0.79,,"
	prison := "L1,lapas,Lapas,82.71,,127.32,0.76,356,2026-06"
	if r := b.takeSites(t, school, prison); r.Taken != 2 {
		t.Fatalf("%+v", r)
	}
	count := func(name string) string {
		for _, s := range must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Text: name})).Items {
			if len(s.Heads) == 1 {
				return fmt.Sprint(s.Heads[0].People.People, " ", s.Heads[0].Basis, " ", s.Heads[0].AsOf)
			}
		}
		return "none"
	}
	if got := count("SMAN 1"); got != "1109 estimated 2026-11-20" {
		t.Errorf("a state school that nobody counted has %s", got)
	}
	if r := b.takeSites(t, school, prison); r.Taken != 0 || r.Unchanged != 2 || r.Bad != 0 {
		t.Errorf("the same list again: %+v", r)
	}
	again := b.takeSites(t, "10101,school_sma,SMAN 1,82.71,,127.37,0.79,640,2026-07", "L1,lapas,Lapas,82.71,,127.32,0.76,371,2026-11")
	if again.Taken != 2 || again.Bad != 0 {
		t.Errorf("new counts: %+v", again)
	}
	// A count beats the guess, though the guess is of a later day.
	if a, z := count("SMAN 1"), count("Lapas"); a != "640 counted 2026-07" || z != "371 counted 2026-11" {
		t.Errorf("the school has %s, the prison %s", a, z)
	}
	for _, c := range []struct{ row, column, code string }{
		{"L1,lapas,Lapas,82.71,,127.32,0.76,999,2026-11", "people", "counted-otherwise"},
		{"L1,rutan,Lapas,82.71,,127.32,0.76,371,2026-11", "site_id", "reference-taken"},
	} {
		if r := b.takeSites(t, c.row); r.Bad != 1 || r.Errors[0].Column != c.column || r.Errors[0].Code != c.code {
			t.Errorf("%s: %+v", c.row, r)
		}
	}
	must[sheet.Report](t)(b.imports.Undo(ctx, field, again.ID))
	if a, z := count("SMAN 1"), count("Lapas"); a != "1109 estimated 2026-11-20" || z != "356 counted 2026-06" {
		t.Errorf("taken back, the school has %s, the prison %s", a, z)
	}
	// A place without a count that gets one loses its flag, and has it again when that is taken back.
	bare := "P1,village,Panti,82.71,,127.36,0.78,,"
	b.takeSites(t, bare)
	flagged := func() bool {
		s := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Text: "Panti"})).Items[0]
		return slices.Contains(s.Flags, outreach.NoHeads)
	}
	before := flagged()
	counted := b.takeSites(t, "P1,village,Panti,82.71,,127.36,0.78,40,2026-11-01")
	during := flagged()
	must[sheet.Report](t)(b.imports.Undo(ctx, field, counted.ID))
	if !before || during || !flagged() {
		t.Errorf("flagged before %v, with a count %v, without it %v", before, during, flagged())
	}
}

// Once the border of a region is known it decides whether a point lies outside; before, only what is far out is seen.
func TestBordersDecideWhereAPointLies(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	atlas := boundary.NewAtlas(b.db, func() time.Time { return b.now })
	b.imports = sheet.NewImports(b.db, func() time.Time { return b.now }, append(b.desk.Kinds(), atlas.Kinds()...)...)
	points := map[string][2]float64{"Di kota": {127.380, 0.790}, "Di laut": {127.30, 0.70}} // 7 km off the shore
	enter := func(suffix string) map[string][]string {
		flags := map[string][]string{}
		for name, p := range points {
			s := must[outreach.Site](t)(b.desk.AddSite(ctx, field, outreach.NewSite{Region: "82.71.06", Kind: "village", Name: name + suffix, Lon: &p[0], Lat: &p[1]}))
			flags[name] = s.Flags
			r := b.takeSites(t, fmt.Sprintf("%s%s,village,Daftar %s%s,82.71,82.71.06,%v,%v,10,2026-11-01", name, suffix, name, suffix, p[0], p[1]))
			listed := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Text: "Daftar " + name + suffix})).Items
			if r.Taken != 1 || len(listed) != 1 || slices.Contains(listed[0].Flags, outreach.OutsideRegion) != slices.Contains(s.Flags, outreach.OutsideRegion) {
				t.Errorf("%s: by hand %v, by a list %+v", name, s.Flags, listed)
			}
		}
		return flags
	}
	before := enter(" satu")
	if !slices.Contains(before["Di laut"], outreach.PerhapsAtSea) || slices.Contains(before["Di kota"], outreach.PerhapsAtSea) {
		t.Errorf("7 km off the shore %v, in the town %v", before["Di laut"], before["Di kota"])
	}
	if slices.Contains(before["Di laut"], outreach.OutsideRegion) || slices.Contains(before["Di kota"], outreach.OutsideRegion) {
		t.Errorf("without borders %v", before)
	}
	border := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"82.71"},"geometry":{"type":"Polygon","coordinates":[[[127.31,0.75],[127.40,0.75],[127.40,0.87],[127.31,0.87],[127.31,0.75]]]}},
		{"type":"Feature","properties":{"code":"82.71.06"},"geometry":{"type":"Polygon","coordinates":[[[127.31,0.75],[127.35,0.75],[127.35,0.87],[127.31,0.87],[127.31,0.75]]]}}]}`
	if r := must[sheet.Report](t)(b.imports.Import(ctx, planner, "boundaries", "batas.json", strings.NewReader(border), sheet.Options{})); r.Taken != 2 {
		t.Fatalf("%+v", r)
	}
	after := enter(" dua")
	if slices.Contains(after["Di laut"], outreach.PerhapsAtSea) || slices.Contains(after["Di kota"], outreach.PerhapsAtSea) {
		t.Errorf("a border says where the region is, and still %v", after)
	}
	if !slices.Contains(after["Di laut"], outreach.OutsideRegion) || slices.Contains(after["Di kota"], outreach.OutsideRegion) || !slices.Contains(after["Di kota"], outreach.OutsideDistrict) {
		t.Errorf("with borders %v", after)
	}
}
