package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/sheet"
	"blangko/outreach"
)

// cities are those whose real sites are shared, with the office as depot and a number of teams.
var cities = []struct {
	name, region, file string
	lon, lat           float64
	teams              []string
}{
	{"Ternate", "82.71", "sites_ternate.csv", 127.37345, 0.78864, []string{"Satu", "Dua"}},
	{"Medan", "12.71", "sites_medan.csv", 98.6696, 3.594, []string{"Satu", "Dua", "Tiga", "Empat"}},
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

// BenchmarkVisitsBesideNearestFirst plans a week in two cities and holds the people reached a team-day against those of
// the same week planned by hand, each team going on to the nearest place it can serve in time. Both are measured by what
// the plan looks for: people, all alike; and people with those at sites of vulnerable people counted for two or three.
func BenchmarkVisitsBesideNearestFirst(b *testing.B) {
	for _, city := range cities {
		b.Run(city.name, func(b *testing.B) {
			file := sharedData(b, city.file)
			db := pgtest.New(b)
			s, err := newSystem(&database{DB: db}, time.Now)
			if err != nil {
				b.Fatal(err)
			}
			ctx, who := b.Context(), access.Actor{ID: 1, Name: "outreach." + city.region, Role: access.Outreach, Reach: city.region}
			if _, err := s.imports.Import(ctx, who, "sites", city.file, file, sheet.Options{Strict: true}); err != nil {
				b.Fatal(err)
			}
			for _, name := range city.teams {
				_, err := s.outreach.AddTeam(ctx, who, outreach.NewTeam{Region: city.region, Name: name, DepotLon: &city.lon, DepotLat: &city.lat, Members: 4, Sets: 2, Break: 45})
				if err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				for _, alike := range []bool{true, false} {
					p, err := s.outreach.Propose(ctx, who, outreach.NewPlan{Region: city.region, From: monday(), Days: 5, Seconds: 20, Alike: alike})
					if err != nil {
						b.Fatal(err)
					}
					o, hand := p.Outcome, p.Outcome.Nearest
					if alike {
						b.ReportMetric(o.PerTeamDay, "people/team-day")
						b.ReportMetric(hand.PerTeamDay, "nearest-first/team-day")
						b.ReportMetric(hand.Ratio, "ratio")
						if hand.Ratio < 1.3 {
							b.Errorf("%s: %.1f people a team-day are %.2f of nearest-first's %.1f, not 1.3", city.name, o.PerTeamDay, hand.Ratio, hand.PerTeamDay)
						}
					} else {
						b.ReportMetric(hand.WeightedRatio, "weighted-ratio")
					}
					if _, err := s.outreach.CancelPlan(ctx, who, p.ID, p.Version, "bench"); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
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
		b.ReportMetric(time.Since(began).Seconds(), "s")
		if _, err := s.imports.Undo(b.Context(), planner, r.ID); err != nil {
			b.Fatal(err)
		}
	}
}
