package coverage_test

import (
	"errors"
	"math"
	"testing"

	"blangko/coverage"
	"blangko/internal/region"
)

func TestAChangeIsSplitIntoPeopleAndDenominator(t *testing.T) {
	t.Parallel()
	point := func(people, have int64) coverage.TrendPoint { return coverage.TrendPoint{People: &people, Have: &have} }
	for name, c := range map[string]struct {
		before, after       coverage.TrendPoint
		people, denominator float64
	}{
		"only people":            {point(1000, 900), point(1000, 950), 5, 0},
		"only the denominator":   {point(1000, 900), point(1200, 900), 0, -15},
		"both, a cleaned figure": {point(1000, 900), point(900, 880), -2.11, 9.89},
	} {
		got := coverage.Split(c.before, c.after)
		if got == nil || math.Abs(got.People-c.people) > 0.011 || math.Abs(got.Denominator-c.denominator) > 0.011 {
			t.Errorf("%s: %+v, want %v and %v", name, got, c.people, c.denominator)
			continue
		}
		if math.Abs(got.People+got.Denominator-got.Points) > 0.011 {
			t.Errorf("%s: %v and %v do not add up to %v", name, got.People, got.Denominator, got.Points)
		}
	}
	if got := coverage.Split(coverage.TrendPoint{}, point(1, 1)); got != nil {
		t.Errorf("a change from nothing is %+v, want none", got)
	}
}

func TestATrendTellsWhenTheTargetIsReachedAndHowManyVisitsThatTakes(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	record(t, r, medan, recording("12.71.01", "2023-06-30", counts(1000, 900, 100)))
	record(t, r, medan, recording("12.71.01", "2024-06-29", counts(1000, 930, 70))) // 365 days: 3 points a year
	got, err := r.Trend(t.Context(), medan, "12.71.01", coverage.Recording, "", 32)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Points) != 2 || got.Points[1].Change == nil || got.Points[1].Change.People != 3 {
		t.Fatalf("points %+v, want two and 3 points from people", got.Points)
	}
	// 99.4 - 93 = 6.4 points at 3 a year: 779 days after 29 June 2024; 64 people at 32 a visit.
	if *got.Pace != 3 || got.Reaches == nil || *got.Reaches != "2026-08-17" || *got.Missing != 64 || *got.VisitsLeft != 2 {
		t.Errorf("pace %v, reaches %v, missing %v, visits %v; want 3, 2026-08-17, 64, 2", deref(got.Pace), deref(got.Reaches), deref(got.Missing), deref(got.VisitsLeft))
	}
	record(t, r, medan, recording("12.71.01", "2025-06-30", counts(1000, 900, 100)))
	if got, err = r.Trend(t.Context(), medan, "12.71.01", coverage.Recording, "", 0); err != nil || got.Reaches != nil || got.VisitsLeft != nil {
		t.Errorf("a falling trend reaches %v with %v visits, %v; want never, and no visits known", deref(got.Reaches), deref(got.VisitsLeft), err)
	}
	if _, err := r.Trend(t.Context(), ternate, "12.71.01", coverage.Recording, "", 0); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("another city: %v, want %v", err, region.ErrUnknown)
	}
}
