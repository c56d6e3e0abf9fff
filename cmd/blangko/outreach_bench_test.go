package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"blangko/cmd/blangko/demo"
	"blangko/internal/access"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/sheet"
	"blangko/outreach"
)

// cities are those whose real sites are shared, with the office as depot and a number of teams.
var cities = []struct {
	name, region, file string
	lon, lat           float64
	teams              int
}{
	{"Ternate", "82.71", "sites_ternate.csv", 127.37345, 0.78864, 2},
	{"Medan", "12.71", "sites_medan.csv", 98.6696, 3.594, 4},
}

func sharedData(b *testing.B, name string) *os.File {
	b.Helper()
	f, err := os.Open("../../../shared/data/" + name)
	if err != nil {
		b.Skipf("the shared file %s is not here", name)
	}
	b.Cleanup(func() { f.Close() })
	return f
}

// monday is the first day of a week at least a week ahead.
func monday() string {
	day := time.Now().AddDate(0, 0, 7)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	return day.Format(time.DateOnly)
}

// points of the kecamatan that are the islands of Ternate, and how many had no recording there at the end of 2018.
var points = []struct {
	name, region string
	lon, lat     float64
	people       int64
}{
	{"Hiri", "82.71.07", 127.31754, 0.89640, 184}, {"Moti", "82.71.04", 127.40911, 0.45570, 343}, {"Batang Dua", "82.71.05", 126.38555, 1.32453, 504},
}

// island enters the islands of Ternate with a labelled site at the point of each.
func island(b *testing.B, desk *outreach.Desk, who access.Actor) {
	b.Helper()
	for _, n := range demo.Islands() {
		if _, err := desk.AddIsland(b.Context(), who, n); err != nil {
			b.Fatal(err)
		}
	}
	for _, p := range points {
		site, err := desk.AddSite(b.Context(), who, outreach.NewSite{Region: p.region, Kind: "island", Name: "Titik kecamatan " + p.name + " (label)", Lon: &p.lon, Lat: &p.lat,
			Precision: "kecamatan_centroid", Access: []string{"boat"}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := desk.AddHead(b.Context(), who, site.ID, outreach.NewHead{Group: "not-enrolled", People: p.people, AsOf: "2018-12-31", Basis: "counted"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVisitsBesideNearestFirst plans a week in two cities and holds the people reached a team-day against those of
// the same week planned by hand, each team going on to the nearest place it can serve in time. Both are measured by what
// the plan looks for: people, all alike; and people with those at sites of vulnerable people counted for two or three. The
// bar is for the teams named above; with one team fewer or more the ratio is told beside it.
func BenchmarkVisitsBesideNearestFirst(b *testing.B) {
	for _, city := range cities {
		b.Run(city.name, func(b *testing.B) {
			file := sharedData(b, city.file)
			s, err := newSystem(&database{DB: pgtest.New(b)}, time.Now)
			if err != nil {
				b.Fatal(err)
			}
			ctx, who := b.Context(), access.Actor{ID: 1, Name: "outreach." + city.region, Role: access.Outreach, Reach: city.region}
			if _, err := s.imports.Import(ctx, who, "sites", city.file, file, sheet.Options{Strict: true}); err != nil {
				b.Fatal(err)
			}
			if city.region == "82.71" {
				island(b, s.outreach, who)
			}
			var teams []int64
			for i := range city.teams + 1 {
				t, err := s.outreach.AddTeam(ctx, who, outreach.NewTeam{Region: city.region, Name: fmt.Sprint("Tim ", i+1), DepotLon: &city.lon, DepotLat: &city.lat,
					Members: 4, Sets: 2, Break: 45, Equipment: []string{"boat"}})
				if err != nil {
					b.Fatal(err)
				}
				teams = append(teams, t.ID)
			}
			outcome := func(n int, alike bool) outreach.Outcome {
				p, err := s.outreach.Propose(ctx, who, outreach.NewPlan{Region: city.region, From: monday(), Days: 5, Seconds: 20, Alike: alike, Teams: teams[:n]})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.outreach.CancelPlan(ctx, who, p.ID, p.Version, "bench"); err != nil {
					b.Fatal(err)
				}
				return p.Outcome
			}
			for b.Loop() {
				o := outcome(city.teams, true)
				b.ReportMetric(o.PerTeamDay, "people/team-day")
				b.ReportMetric(o.Nearest.PerTeamDay, "nearest-first/team-day")
				b.ReportMetric(o.Nearest.Ratio, "ratio")
				bar(b, o.Nearest.Ratio >= 1.3, "%s: %.1f people a team-day are %.2f times nearest-first's %.1f, bar 1.3", city.name, o.PerTeamDay, o.Nearest.Ratio, o.Nearest.PerTeamDay)
				b.ReportMetric(outcome(city.teams, false).Nearest.WeightedRatio, "weighted-ratio")
				b.ReportMetric(outcome(city.teams-1, true).Nearest.Ratio, "ratio-one-team-fewer")
				b.ReportMetric(outcome(city.teams+1, true).Nearest.Ratio, "ratio-one-team-more")
			}
		})
	}
}

// bar tells whether what was measured keeps its bar, and fails the benchmark where it does not. It prints by itself, since
// of the log of a benchmark only ten lines are shown.
func bar(b *testing.B, kept bool, what string, facts ...any) {
	b.Helper()
	if !kept {
		fmt.Printf("FAIL "+what+"\n", facts...)
		b.Errorf("FAIL "+what, facts...)
		return
	}
	fmt.Printf("PASS "+what+"\n", facts...)
}

// BenchmarkAWeekOfARegency plans a week of ten teams and 3,000 sites, from the tables to the reasons, and weighs what the
// program holds at most.
func BenchmarkAWeekOfARegency(b *testing.B) {
	s, err := newSystem(&database{DB: pgtest.New(b)}, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	ctx, who := b.Context(), access.Actor{ID: 1, Name: "outreach.12.07", Role: access.Outreach, Reach: "12.07"}
	var file strings.Builder
	file.WriteString("kind,name,regency_code,lon,lat,people,as_of\n")
	for i := range 3_000 {
		fmt.Fprintf(&file, "village,Dusun %d,12.07,%.5f,%.5f,%d,2026-01-01\n", i, 98.6+float64(i%60)/300, 3.4+float64(i/60)/300, 50+i%300)
	}
	if _, err := s.imports.Import(ctx, who, "sites", "dusun.csv", strings.NewReader(file.String()), sheet.Options{Strict: true}); err != nil {
		b.Fatal(err)
	}
	for i := range 10 {
		lon, lat := 98.7, 3.5
		if _, err := s.outreach.AddTeam(ctx, who, outreach.NewTeam{Region: "12.07", Name: fmt.Sprint("Tim ", i+1), DepotLon: &lon, DepotLat: &lat, Members: 4, Sets: 2, Break: 45}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		done, most := make(chan struct{}), make(chan uint64)
		runtime.GC()
		go func() { // the program's own memory, its heap with what is free in it
			var m runtime.MemStats
			held := uint64(0)
			for {
				runtime.ReadMemStats(&m)
				held = max(held, m.HeapInuse)
				select {
				case <-done:
					most <- held
					return
				case <-time.After(20 * time.Millisecond):
				}
			}
		}()
		began := time.Now()
		p, err := s.outreach.Propose(ctx, who, outreach.NewPlan{Region: "12.07", From: monday(), Days: 5, Seconds: 10})
		took := time.Since(began)
		close(done)
		held := float64(<-most) / 1e6
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(float64(p.Outcome.Visits), "visits")
		bar(b, held < 500, "a week of 3,000 sites and ten teams takes %.0f MB, bar 500", held)
		if _, err := s.outreach.CancelPlan(ctx, who, p.ID, p.Version, "bench"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportOfAllSchools takes in the 28,481 schools of the country.
func BenchmarkImportOfAllSchools(b *testing.B) {
	z, err := gzip.NewReader(sharedData(b, "schools.csv.gz"))
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	s, err := newSystem(&database{DB: pgtest.New(b)}, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	planner := access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: access.Nation}
	for b.Loop() {
		began := time.Now()
		r, err := s.imports.Import(b.Context(), planner, "sites", "schools.csv", bytes.NewReader(text), sheet.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Taken), "schools")
		took := time.Since(began)
		b.ReportMetric(took.Seconds(), "s")
		bar(b, took < 20*time.Second && r.Taken > 28_300, "%d schools taken in %v, bar 20 s", r.Taken, took)
		if _, err := s.imports.Undo(b.Context(), planner, r.ID); err != nil {
			b.Fatal(err)
		}
	}
}
