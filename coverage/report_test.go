package coverage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/setting"
	"blangko/internal/sheet"
)

// at is the same office seen on another day.
func (o office) at(db *postgres.DB, day string) office {
	noon := func() time.Time {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err)
		}
		return at.Add(5 * time.Hour)
	}
	r := coverage.NewRegister(db, noon)
	return office{r, sheet.NewImports(db, noon, r.Kinds()...)}
}

// monthly is a report of a month on its last day.
func monthly(code, asOf string) coverage.NewFigure {
	return recording(code, asOf, counts(1000, 900, 100))
}

func reports(t *testing.T, r office, who access.Actor, f coverage.ReportFilter) coverage.ReportPage {
	t.Helper()
	page, err := r.Reports(t.Context(), who, f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func describe(r coverage.OfficeReport) string {
	missed := "never"
	if r.Missed != nil {
		missed = fmt.Sprint(*r.Missed)
	}
	return fmt.Sprintf("%s %s %s due %s: %s, %d days, missed %s, since %v, last %v", r.Region, r.Subject, r.Period, r.Due, r.State, r.DaysLate, missed, deref(r.Since), deref(r.LastAsOf))
}

func TestReportsTellWhoIsLateAndWhoIsSilent(t *testing.T) {
	t.Parallel()
	_, db := open(t)
	o := office{}
	record(t, o.at(db, "2026-11-05"), medan, monthly("12.71", "2026-10-31"))
	record(t, o.at(db, "2026-11-15"), sumut, monthly("12.72", "2026-10"))
	record(t, o.at(db, "2026-08-05"), sumut, monthly("12.73", "2026-07-31"))
	begun := monthly("12.74", "2026-10-31")
	begun.Draft = true
	draft := record(t, o.at(db, "2026-11-06"), sumut, begun)
	today := o.at(db, "2026-11-20")
	record(t, today, sumut, monthly("12.71.01", "2026-10-31")) // of a kecamatan, which is not the city's

	f := coverage.ReportFilter{Region: "12", Level: region.Regency, Subject: coverage.Recording}
	page := reports(t, today, sumut, f)
	got := map[string]string{}
	for _, r := range page.Items {
		got[r.Region] = describe(r)
	}
	for _, want := range []string{
		"12.71 recording 2026-10 due 2026-11-10: on-time, 0 days, missed 0, since 2026-11-05, last 2026-10-31",
		"12.72 recording 2026-10 due 2026-11-10: late, 5 days, missed 0, since 2026-11-15, last 2026-10-31",
		"12.73 recording 2026-10 due 2026-11-10: missing, 10 days, missed 3, since 2026-09-11, last 2026-07-31",
		"12.74 recording 2026-10 due 2026-11-10: draft, 10 days, missed never, since 2026-11-06, last <nil>",
		"12.75 recording 2026-10 due 2026-11-10: missing, 10 days, missed never, since <nil>, last <nil>",
	} {
		if got[want[:5]] != want {
			t.Errorf("%s\nwant %s", got[want[:5]], want)
		}
	}
	n := int64(len(page.Items))
	if want := (coverage.ReportTotals{Asked: n, OnTime: 1, Late: 1, Draft: 1, Missing: n - 3}); page.Totals != want || n != 33 {
		t.Errorf("totals %+v, want %+v of the 33 of Sumatera Utara", page.Totals, want)
	}
	order := []string{page.Items[n-4].Region, page.Items[n-3].Region, page.Items[n-2].Region, page.Items[n-1].Region}
	if fmt.Sprint(order) != "[12.73 12.74 12.72 12.71]" {
		t.Errorf("the list ends with %v, want whoever was silent, the draft, the late and the punctual one", order)
	}

	if _, err := today.Submit(t.Context(), sumut, draft.ID, draft.Version); err != nil {
		t.Fatal(err)
	}
	f.State = coverage.Late
	if page = reports(t, today, sumut, f); len(page.Items) != 2 || describe(page.Items[0]) != "12.74 recording 2026-10 due 2026-11-10: late, 10 days, missed 0, since 2026-11-20, last 2026-10-31" {
		t.Errorf("late: %+v, want the draft that was submitted today first", page.Items)
	}
	if page = reports(t, today, medan, coverage.ReportFilter{Level: region.Regency, Subject: coverage.Recording}); len(page.Items) != 1 || page.Items[0].Region != "12.71" {
		t.Errorf("Medan sees %d offices, want its own", len(page.Items))
	}
	if _, err := today.Reports(t.Context(), medan, coverage.ReportFilter{Level: region.Regency, Region: "82.71"}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("another city: %v, want %v", err, region.ErrUnknown)
	}
	if _, err := today.Reports(t.Context(), medan, coverage.ReportFilter{AsOf: "kemarin"}); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("a day that is none: %v", err)
	}

	// Seen on the tenth, what is missing is still awaited; two months before, 12.73 had just gone silent.
	f = coverage.ReportFilter{Region: "12.73", Level: region.Regency, Subject: coverage.Recording}
	if got := describe(reports(t, o.at(db, "2026-11-10"), sumut, f).Items[0]); got != "12.73 recording 2026-10 due 2026-11-10: awaited, 0 days, missed 3, since 2026-11-01, last 2026-07-31" {
		t.Errorf("on the due date: %s", got)
	}
	f.AsOf = "2026-08-31"
	if got := describe(reports(t, today, sumut, f).Items[0]); got != "12.73 recording 2026-08 due 2026-09-10: missing, 71 days, missed 1, since 2026-09-11, last 2026-07-31" {
		t.Errorf("of August: %s", got)
	}
}

func TestRhythmAndDueDateAreSettings(t *testing.T) {
	t.Parallel()
	r, db := open(t)
	ask := func() map[coverage.Subject]string {
		all := map[coverage.Subject]string{}
		for _, r := range reports(t, r, medan, coverage.ReportFilter{Level: region.Regency}).Items {
			all[r.Subject] = r.Period + " " + r.Due
		}
		return all
	}
	if got := fmt.Sprint(ask()); got != "map[birth-certificate:2026-Q3 2026-10-10 recording:2026-10 2026-11-10]" {
		t.Errorf("asked for %s", got)
	}
	settings := setting.New(db, noon, coverage.Settings()...)
	admin := access.Actor{ID: 9, Name: "admin", Role: access.Admin, Reach: "00"}
	for name, value := range map[string]float64{"reports.days": 31, "reports.recording": 6, "reports.birth-certificate": 0, "reports.digital-id": 1} {
		if _, err := settings.Set(t.Context(), admin, name, 0, value); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(ask()); got != "map[digital-id:2026-10 2026-12-01 recording:2026-S1 2026-07-31]" {
		t.Errorf("asked for %s", got)
	}
}

func TestReportsComeByThePageInOrder(t *testing.T) {
	t.Parallel()
	r, db := open(t)
	record(t, r.at(db, "2026-08-05"), sumut, monthly("12.73", "2026-07-31"))
	record(t, r.at(db, "2026-08-05"), sumut, monthly("12.09", "2026-06-30"))
	record(t, r.at(db, "2026-11-15"), sumut, monthly("12.72", "2026-10"))
	record(t, r.at(db, "2026-11-17"), sumut, monthly("12.01", "2026-10"))
	whole := reports(t, r, sumut, coverage.ReportFilter{Level: region.Regency, Paging: postgres.Paging{Limit: 1000}})
	var joined []string
	f := coverage.ReportFilter{Level: region.Regency, Paging: postgres.Paging{Limit: 7}}
	for {
		page := reports(t, r, sumut, f)
		for _, r := range page.Items {
			joined = append(joined, describe(r))
		}
		if f.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	if len(joined) != 66 || len(whole.Items) != 66 {
		t.Fatalf("%d reports by the page, %d at once; want 66", len(joined), len(whole.Items))
	}
	for i, r := range whole.Items {
		if joined[i] != describe(r) {
			t.Errorf("place %d: %s, want %s", i, joined[i], describe(r))
		}
	}
}

func TestWhatNothingNewerFollowsIsFoundStale(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	old := record(t, r, medan, recording("12.71.01", "2024", counts(1000, 900, 100)))
	earlier := record(t, r, medan, recording("12.71.01", "2023-06-30", counts(1000, 890, 110)))
	fresh := record(t, r, medan, recording("12.71.02", "2026-01-31", counts(1000, 900, 100)))
	review := func(wantOpened, wantClosed int64) {
		t.Helper()
		if opened, closed, err := r.Review(t.Context(), access.System); err != nil || opened != wantOpened || closed != wantClosed {
			t.Errorf("review: %d opened, %d closed, %v; want %d and %d", opened, closed, err, wantOpened, wantClosed)
		}
	}
	found := func(id int64) coverage.Figure {
		t.Helper()
		f, err := r.Figure(t.Context(), medan, id)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	review(1, 0)
	review(0, 0)
	f := found(old.ID)
	if rules(f) != "[stale]" || string(f.Findings[0].Facts) != `{"days": 400, "as_of": "2024"}` || f.Findings[0].State != "open" {
		t.Fatalf("findings of 2024: %+v, want stale", f.Findings)
	}
	if rules(found(earlier.ID)) != "[]" || rules(found(fresh.ID)) != "[]" {
		t.Error("what was followed, or is new enough, is found stale")
	}
	if _, err := r.Acknowledge(t.Context(), medan, f.Findings[0].ID, f.Findings[0].Version, "tidak ada rilis baru"); err != nil {
		t.Fatal(err)
	}
	review(0, 0)
	if got := found(old.ID).Findings[0].State; got != "acknowledged" {
		t.Errorf("after another night it is %s, want it left acknowledged", got)
	}
	record(t, r, medan, recording("12.71.01", "2026-06-30", counts(1000, 910, 90)))
	if got := found(old.ID).Findings[0].State; got != "corrected" {
		t.Errorf("after a newer figure it is %s, want corrected", got)
	}
	review(0, 0)
	if _, _, err := r.Review(t.Context(), auditor); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an auditor reviews: %v", err)
	}
}
