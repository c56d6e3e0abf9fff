package region_test

import (
	"math"
	"strings"
	"testing"

	"blangko/internal/region"
)

// The totals are the official ones: Kepmendagri 300.2.2-2430 of 2025, DKB semester 2 of 2024, and BIG's letter
// B-16.10/DIGD-BIG/IGD.04.04/12/2024 for the area.
func TestFactsAddUpToTheOfficialTotals(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	people := map[region.Level]int{}
	men := map[region.Level]int{}
	area := map[region.Level]float64{}
	for _, f := range region.All() {
		count[f.Kind]++
		people[f.Level] += f.People()
		men[f.Level] += f.Male
		area[f.Level] += f.AreaKm2
	}
	for kind, want := range map[string]int{"nation": 1, "province": 38, "regency": 416, "city": 98, "district": 7285} {
		if count[kind] != want {
			t.Errorf("%d of kind %s, want %d", count[kind], kind, want)
		}
	}
	for _, level := range []region.Level{region.Nation, region.Province, region.Regency} {
		if people[level] != 284_973_643 {
			t.Errorf("%s: %d people, want 284,973,643", level, people[level])
		}
		if men[level] != men[region.Nation] {
			t.Errorf("%s: %d men, want %d", level, men[level], men[region.Nation])
		}
		if math.Abs(area[level]-1_890_179.784) > 0.001 {
			t.Errorf("%s: %f km2, want 1,890,179.784", level, area[level])
		}
	}
	if people[region.District] != 0 {
		t.Errorf("districts have %d people, want none: none are published", people[region.District])
	}
}

func TestRegenciesAddUpToTheirProvince(t *testing.T) {
	t.Parallel()
	men, women := map[string]int{}, map[string]int{}
	for _, f := range region.All() {
		if f.Level == region.Regency {
			men[f.Parent()] += f.Male
			women[f.Parent()] += f.Female
		}
	}
	for _, f := range region.All() {
		if f.Level == region.Province && (men[f.Code] != f.Male || women[f.Code] != f.Female) {
			t.Errorf("regencies of %s: %d men and %d women, want %d and %d", f.Name, men[f.Code], women[f.Code], f.Male, f.Female)
		}
	}
}

func TestEveryFactIsSound(t *testing.T) {
	t.Parallel()
	zone := map[string]region.Zone{}
	zones := map[region.Zone]int{}
	for i, f := range region.All() {
		if f.ID != i+1 {
			t.Fatalf("id of %s = %d, want %d", f.Code, f.ID, i+1)
		}
		if _, twice := zone[f.Code]; twice {
			t.Errorf("%s stands twice", f.Code)
		}
		zone[f.Code] = f.Zone
		if over, ok := zone[f.Parent()]; f.Level > region.Nation && !ok {
			t.Errorf("%s comes before its parent", f.Code)
		} else if f.Level > region.Province && f.Zone != over {
			t.Errorf("%s is in %s, its parent in %s", f.Code, f.Zone, over)
		}
		if f.Name == "" || strings.TrimSpace(f.Name) != f.Name || strings.Contains(f.Name, "  ") {
			t.Errorf("%s is named %q", f.Code, f.Name)
		}
		if city := f.Level == region.Regency && f.Code[3] >= '7'; city != (f.Kind == "city") || city != (f.Level == region.Regency && strings.HasPrefix(f.Name, "Kota ")) {
			t.Errorf("%s %s is of kind %s", f.Code, f.Name, f.Kind)
		}
		if f.Lon < 95 || f.Lon > 141.1 || f.Lat < -11.1 || f.Lat > 6.1 {
			t.Errorf("%s lies at %v, %v, outside Indonesia", f.Code, f.Lon, f.Lat)
		}
		if f.Level == region.Province {
			zones[f.Zone]++
		}
	}
	if zones[region.WIB] != 18 || zones[region.WITA] != 12 || zones[region.WIT] != 8 {
		t.Errorf("provinces by zone = %v, want 18 WIB, 12 WITA, 8 WIT", zones)
	}
}

func TestAllMayBeChanged(t *testing.T) {
	t.Parallel()
	region.All()[0].Name = "changed"
	if got := region.All()[0].Name; got != "INDONESIA" {
		t.Errorf("name = %q, want INDONESIA", got)
	}
}
