package coverage_test

import (
	"errors"
	"strings"
	"testing"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/sheet"
)

func TestAReleaseIsImportedCorrectedAndUndone(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	take := func(who access.Actor, rows string) (sheet.Report, error) {
		return r.Import(t.Context(), who, "populations", "dkb.csv", strings.NewReader("region_code,period,people,male,female,eligible,children,source\n"+rows), sheet.Options{})
	}
	latest := func() coverage.Population {
		t.Helper()
		page, err := r.Populations(t.Context(), planner, coverage.PopulationFilter{Region: "12.71.01"})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%+v, %v; want one release", page, err)
		}
		return page.Items[0]
	}
	good := "12.71.01,2025-S1,1.000,490,510,735,280,DKB\n"
	report, err := take(planner, good+"12.71.02,2025-S1,1000,500,501,,,DKB\n"+"12.71.03,2025-S3,1000,,,,,DKB\n"+"12.71.04,2025-S1,1000,,,2000,,DKB\n")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range report.Errors {
		got[e.Column+" "+e.Code] = true
	}
	want(t, "errors", got, "people sexes-do-not-add-up", "period not-a-release", "eligible above-people")
	if p := latest(); report.Taken != 1 || p.People != 1000 || p.OfAge() != (coverage.Estimate{People: 735}) || p.Version != 1 {
		t.Errorf("%d taken, %+v; want one, of 1000 people and 735 eligible", report.Taken, p)
	}
	if again, err := take(planner, good); err != nil || again.Unchanged != 1 {
		t.Errorf("the same again: %+v, %v; want it unchanged", again, err)
	}
	second, err := take(planner, "12.71.01,2025-S1,1001,490,511,735,280,DKB\n")
	if err != nil {
		t.Fatal(err)
	}
	if p := latest(); p.Version != 2 || p.People != 1001 {
		t.Errorf("corrected: %+v, want version 2 of 1001 people", p)
	}
	if _, err := r.Undo(t.Context(), planner, second.ID); err != nil {
		t.Fatal(err)
	}
	if p := latest(); p.Version != 1 || p.People != 1000 {
		t.Errorf("undone: %+v, want version 1 again", p)
	}
	if _, err := take(medan, good); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer's release: %v, want %v", err, access.ErrForbidden)
	}
}
