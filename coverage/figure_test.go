package coverage_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

func counts(people, have, lack int64) coverage.Numbers {
	return coverage.Numbers{People: &people, Have: &have, Lack: &lack}
}

func recording(code, asOf string, n coverage.Numbers) coverage.NewFigure {
	return coverage.NewFigure{Region: code, Subject: coverage.Recording, AsOf: asOf, Source: "laporan bulanan", Numbers: n}
}

func record(t testing.TB, r office, who access.Actor, n coverage.NewFigure) coverage.Figure {
	t.Helper()
	f, err := r.Record(t.Context(), who, n)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func rules(f coverage.Figure) string {
	var all []coverage.Rule
	for _, d := range f.Findings {
		all = append(all, d.Rule)
	}
	return fmt.Sprint(all)
}

func TestWhatCannotBeRightIsKeptAndFound(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	percent := 120.0
	f := record(t, r, medan, recording("12.71.01", "2024-06-30", coverage.Numbers{Percent: &percent}))
	if rules(f) != "[above-100]" || *f.Percent != 120 {
		t.Errorf("120 %%: findings %v of %v, want above-100 and 120 kept", rules(f), *f.Percent)
	}
	f = record(t, r, medan, recording("12.71.02", "2024-06-30", counts(1000, 900, 90)))
	if rules(f) != "[parts-do-not-add-up]" {
		t.Errorf("900 + 90 of 1000: findings %v, want parts-do-not-add-up", rules(f))
	}
	ready := int64(950)
	n := counts(1000, 900, 100)
	n.PrintReady = &ready
	if f = record(t, r, medan, recording("12.71.03", "2024-06", n)); rules(f) != "[stage-exceeds-recorded]" {
		t.Errorf("950 print-ready of 900 recorded: findings %v, want stage-exceeds-recorded", rules(f))
	}
	record(t, r, medan, recording("12.71.04", "2024-01-31", counts(1000, 900, 100)))
	if f = record(t, r, medan, recording("12.71.04", "2024-06-30", counts(1000, 700, 300))); rules(f) != "[jump]" {
		t.Errorf("from 90 %% to 70 %% in five months: findings %v, want jump", rules(f))
	}
	if f = record(t, r, medan, recording("12.71", "2024-06-30", counts(2_000_000_000, 1_900_000_000, 100_000_000))); rules(f) != "[exceeds-population]" {
		t.Errorf("two thousand million eligible: findings %v, want exceeds-population", rules(f))
	}
}

func TestAFigureEnteredLateMakesItsSuccessorAJump(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	later := record(t, r, medan, recording("12.71.04", "2024-06-30", counts(1000, 700, 300)))
	record(t, r, medan, recording("12.71.04", "2024-01-31", counts(1000, 900, 100)))
	f, err := r.Figure(t.Context(), medan, later.ID)
	if err != nil || rules(f) != "[jump]" {
		t.Errorf("findings %v, %v; want jump", rules(f), err)
	}
}

func TestPartsAreComparedWithTheirParent(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	city := record(t, r, medan, recording("12.71", "2024-06-30", counts(1000, 900, 100)))
	record(t, r, medan, recording("12.71.01", "2024-06-30", counts(600, 580, 20)))
	if f, _ := r.Figure(t.Context(), medan, city.ID); rules(f) != "[]" {
		t.Errorf("one district below its city: findings %v, want none", rules(f))
	}
	record(t, r, medan, recording("12.71.02", "2024-06-30", counts(600, 500, 100)))
	if f, _ := r.Figure(t.Context(), medan, city.ID); rules(f) != "[parts-exceed-parent]" {
		t.Errorf("districts of 1,200 in a city of 1,000: findings %v, want parts-exceed-parent", rules(f))
	}
}

func TestOnlyWhatCannotBeAFigureIsRefused(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	negative := int64(-1)
	bad := coverage.NewFigure{Region: "12.71", Subject: "tax", AsOf: "2024-02-30", Source: "", Numbers: coverage.Numbers{Lack: &negative}}
	_, err := r.Record(t.Context(), medan, bad)
	f, ok := fault.As(err)
	if !ok || len(f.Fields) != 4 {
		t.Fatalf("%v, want faults of subject, as_of, source and lack at once", err)
	}
	for name, c := range map[string]struct {
		who  access.Actor
		n    coverage.NewFigure
		want error
	}{
		"a region out of reach":   {medan, recording("82.71", "2024", counts(1, 1, 0)), region.ErrUnknown},
		"a day to come":           {medan, recording("12.71", "2026-11-21", counts(1, 1, 0)), fault.ErrInvalid},
		"nothing said":            {medan, recording("12.71", "2024", coverage.Numbers{}), fault.ErrInvalid},
		"an auditor who records":  {auditor, recording("12.71", "2024", counts(1, 1, 0)), access.ErrForbidden},
		"nobody":                  {access.Actor{}, recording("12.71", "2024", counts(1, 1, 0)), access.ErrSignIn},
		"a code of another shape": {medan, recording("1271", "2024", counts(1, 1, 0)), region.ErrMalformed},
	} {
		if _, err := r.Record(t.Context(), c.who, c.n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	first := record(t, r, medan, recording("12.71", "2024", counts(10, 9, 1)))
	_, err = r.Record(t.Context(), medan, recording("12.71", "2024", counts(11, 9, 2)))
	if f, ok := fault.As(err); !ok || !errors.Is(err, coverage.ErrSaidBefore) || f.Facts["figure"] != first.ID {
		t.Errorf("the same source and date again: %v, want %v of figure %d", err, coverage.ErrSaidBefore, first.ID)
	}
	if _, err := r.Figure(t.Context(), ternate, first.ID); !errors.Is(err, coverage.ErrFigureUnknown) {
		t.Errorf("another city's figure: %v, want %v", err, coverage.ErrFigureUnknown)
	}
}

func TestAVisitReachesTheGapAndNoFigureIsTouched(t *testing.T) {
	t.Parallel()
	r, db := open(t)
	record(t, r, medan, recording("12.71.01", "2024-06-30", counts(1000, 900, 100)))
	add := func(visit string, day int, people int64) {
		t.Helper()
		err := postgres.Write(t.Context(), db, medan, func(tx *sqlx.Tx) error {
			where, err := region.ByCode(t.Context(), tx, "12.71.01", noon())
			if err != nil {
				return err
			}
			return coverage.AddRecorded(t.Context(), tx, coverage.Yield{RegionID: where.ID, Visit: visit, Subject: coverage.Recording,
				Day: region.Date(2024, 6, day), People: people})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	first := func() coverage.Gap {
		t.Helper()
		return gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71"}).Items[0]
	}
	add("visit 1", 30, 7) // the figure of that day counts it
	if g := first(); g.Since != 0 || *g.Remaining != 100 {
		t.Errorf("a visit on the day of the figure: %d since, %d remain; want 0 and 100", g.Since, *g.Remaining)
	}
	add("visit 2", 31, 30)
	add("visit 2", 31, 40) // a corrected result
	if g := first(); g.Since != 40 || *g.Lack != 100 || *g.Remaining != 60 {
		t.Errorf("a visit of 40 the day after: %d since, %d lack, %d remain; want 40, 100, 60", g.Since, *g.Lack, *g.Remaining)
	}
	record(t, r, medan, recording("12.71.01", "2024-07", counts(1000, 945, 55)))
	if g := first(); g.Since != 0 || *g.Remaining != 55 {
		t.Errorf("after a later figure: %d since, %d remain; want 0 and 55", g.Since, *g.Remaining)
	}
	regency := gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.Regency, Region: "12"})
	for _, g := range regency.Items {
		if g.Region == "12.71" && g.Since != 47 {
			t.Errorf("the city without a figure: %d since, want 47", g.Since)
		}
	}
}

func TestGapsComeByThePageInOrder(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	for i, code := range []string{"12.71.01", "12.71.02", "12.71.03", "12.71.04"} {
		lack := []int64{5, 50, 50, 7}[i]
		record(t, r, medan, recording(code, "2024", coverage.Numbers{Lack: &lack}))
	}
	f := coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71", Paging: postgres.Paging{Limit: 3}}
	var got []string
	for {
		p := gaps(t, r, f)
		for _, g := range p.Items {
			got = append(got, g.Region)
		}
		if p.Totals.Regions != 21 || p.Totals.Lack != 112 {
			t.Errorf("totals of %d regions, %d; want 21 and 112 on every page", p.Totals.Regions, p.Totals.Lack)
		}
		if f.Cursor = p.Next; p.Next == "" {
			break
		}
	}
	if len(got) != 21 || fmt.Sprint(got[:5]) != "[12.71.02 12.71.03 12.71.04 12.71.01 12.71.05]" {
		t.Errorf("%d regions, first %v", len(got), got[:5])
	}
}

func TestEveryDatabaseKnowsThePeopleOf2024(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	page, err := r.Populations(t.Context(), planner, coverage.PopulationFilter{Region: "12.71"})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v; want the one release of 12.71", page, err)
	}
	p := page.Items[0]
	if e := p.OfAge(); p.Eligible != nil || !e.Estimated || e.People != int64(float64(p.People)*0.735+0.5) {
		t.Errorf("eligible %v of %d, want an estimate of 73.5 %%", e, p.People)
	}
	eligible := int64(1_800_000)
	again, err := r.RecordPopulation(t.Context(), planner, coverage.NewPopulation{Region: "12.71", Period: "2024-S2", People: p.People,
		Eligible: &eligible, Source: "DKB bersih"})
	if err != nil || again.Version != 2 || again.OfAge() != (coverage.Estimate{People: eligible}) {
		t.Errorf("a corrected release: %+v, %v; want version 2 with its own eligible", again, err)
	}
	all, err := r.Populations(t.Context(), planner, coverage.PopulationFilter{Region: "12.71", All: true})
	if err != nil || len(all.Items) != 2 {
		t.Errorf("%d versions, %v; want both", len(all.Items), err)
	}
	if _, err := r.RecordPopulation(t.Context(), medan, coverage.NewPopulation{Region: "12.71", Period: "2024-S2", People: 1, Source: "x"}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer's release: %v, want %v", err, access.ErrForbidden)
	}
}

// All that an office reports of, by age and by vulnerable group, from draft to verified.
func TestEverySubjectIsReportedByAgeAndGroup(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	number := func(n int64) *int64 { return &n }
	other := access.Actor{ID: 8, Name: "province2.12", Role: access.Province, Reach: "12"}
	for i, subject := range coverage.Subjects {
		for _, group := range []string{"", "age-16", "age-60-up", "disabled"} {
			n := coverage.NewFigure{Region: "12.71.01", Subject: subject, Group: group, AsOf: "2026-09-30", Period: "2026-S1", Source: "laporan", Draft: true,
				Numbers: counts(1000, 900+int64(i), 100-int64(i))}
			if subject == coverage.Recording {
				n.Sent, n.Adjudication, n.Duplicate, n.PrintReady, n.InterimLetters = number(30), number(20), number(10), number(40), number(50)
			}
			draft := record(t, r, medan, n)
			f := coverage.GapFilter{Subject: subject, Group: group, Level: region.District, Region: "12.71.01"}
			if got := gaps(t, r, f).Totals.Reported; draft.Status != coverage.Draft || got != 0 {
				t.Errorf("%s %s: a draft is %s and counted %d times", subject, group, draft.Status, got)
			}
			sent, err := r.Submit(t.Context(), medan, draft.ID, draft.Version)
			if err != nil || sent.Status != coverage.Submitted || sent.SentAt == nil {
				t.Fatalf("%s %s: %+v, %v", subject, group, sent, err)
			}
			if _, err := r.Verify(t.Context(), medan, sent.ID, sent.Version); !errors.Is(err, access.ErrForbidden) {
				t.Errorf("its own office verifies: %v", err)
			}
			if done, err := r.Verify(t.Context(), other, sent.ID, sent.Version); err != nil || done.Status != coverage.Verified || *done.VerifiedBy != other.Name {
				t.Errorf("%s %s: %+v, %v", subject, group, done, err)
			}
			g := gaps(t, r, f).Items[0]
			if *g.Lack != 100-int64(i) || *g.Status != coverage.Verified || *g.Period != "2026-S1" {
				t.Errorf("%s %s: %+v", subject, group, g)
			}
		}
	}
	record(t, r, medan, recording("12.71.01", "2025-09-30", counts(1000, 890, 110)))
	everybody, level := "", region.District
	list, err := r.Figures(t.Context(), medan, coverage.FigureFilter{Subject: coverage.Recording, Group: &everybody, Level: &level, Latest: true})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("the last figures: %+v, %v; want one", list.Items, err)
	}
	if f := list.Items[0]; *f.Sent != 30 || *f.Adjudication != 20 || *f.Duplicate != 10 || *f.PrintReady != 40 || *f.InterimLetters != 50 || f.AsOf != "2026-09-30" {
		t.Errorf("the last figure is %+v", f)
	}
}

func TestOnlyAgeAloneIsNoVulnerableGroup(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	for group, want := range map[string]bool{"age-16": false, "age-17-20": false, "age-60-up": false, "aged": true, "age-60-disabled": true, "agender": true, "age_5": true} {
		n := recording("12.71.01", "2026-09-30", counts(40, 37, 3))
		n.Group = group
		f, err := r.Figure(t.Context(), planner, record(t, r, medan, n).ID)
		if err != nil || (f.People == nil) != want {
			t.Errorf("%s: %v people, %v; hidden should be %v", group, deref(f.People), err, want)
		}
	}
}
