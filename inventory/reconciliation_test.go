package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
	"blangko/inventory"
)

// prints imports a file of print counts as somebody.
func (b bench) prints(t testing.TB, who access.Actor, lines ...string) sheet.Report {
	t.Helper()
	imports := sheet.NewImports(b.db, noon, b.ledger.Kinds()...)
	return must[sheet.Report](t)(imports.Import(t.Context(), who, "prints", "cetak.csv", strings.NewReader(strings.Join(lines, "\n")), sheet.Options{}))
}

// days lists what became of each day of Ternate: issued, printed, state.
func (b bench) days(t testing.TB) map[string]string {
	t.Helper()
	page := must[postgres.Page[inventory.Reconciliation]](t)(b.ledger.Reconciliations(t.Context(), ternate, inventory.ReconciliationFilter{}))
	days := map[string]string{}
	for _, r := range page.Items {
		days[fmt.Sprint(r.Region, " ", r.Date[8:])] = fmt.Sprintf("%d/%d %s", r.Issued, r.Printed, r.State)
	}
	return days
}

func wantDays(t testing.TB, got, want map[string]string) {
	t.Helper()
	for day, says := range want {
		if got[day] != says {
			t.Errorf("%s: %q, want %q", day, got[day], says)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestIssuedIsHeldAgainstPrintedUntilItIsExplained(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	b.give(t, office, 1000)
	on := func(day string, spoiled, pieces int64) inventory.DailyUse {
		t.Helper()
		return must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: "2026-11-" + day, Spoiled: spoiled,
			Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: pieces}}}))
	}
	on("16", 2, 40)
	wrong := on("17", 1, 50)
	on("19", 0, 5)
	byHand := use(office, public, 7) // without a report
	byHand.Date = "2026-11-16"
	must[inventory.Move](t)(b.ledger.Post(ctx, ternate, byHand))

	report := b.prints(t, ternate, "date,region_code,purpose,printed,failed", "2026-11-16,82.71,first-time,40,2", "2026-11-16,82.71,lost,7,0",
		"2026-11-17,82.71,,48,1", "2026-11-20,82.71,,12,0")
	if report.Taken != 4 || report.Bad != 0 {
		t.Fatalf("report %+v", report)
	}
	// The 18th and the 19th lie inside the file, which says nothing of them.
	wantDays(t, b.days(t), map[string]string{"82.71 16": "47/47 agrees", "82.71 17": "50/48 open", "82.71 18": "0/0 agrees", "82.71 19": "5/0 open", "82.71 20": "0/12 open"})

	// What was printed today begins today's report.
	s := must[inventory.SuggestedUse](t)(b.ledger.SuggestUse(ctx, ternate, "", 0, "", "2026-11-16"))
	if !s.Counted || s.Reported == nil || s.Spoiled != 2 || !slices.Equal(s.Lines, []inventory.UseLine{{Purpose: "first-time", Pieces: 40}, {Purpose: "lost", Pieces: 7}}) {
		t.Errorf("suggested %+v", s)
	}
	s = must[inventory.SuggestedUse](t)(b.ledger.SuggestUse(ctx, ternate, "82.71", 0, "", today))
	if s.Reported != nil || !slices.Equal(s.Lines, []inventory.UseLine{{Purpose: "other", Pieces: 12}}) {
		t.Errorf("suggested %+v", s)
	}
	must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Lines: s.Lines, Spoiled: s.Spoiled}))
	if got := b.days(t)["82.71 20"]; got != "12/12 agrees" {
		t.Errorf("the day that was reported as suggested: %s", got)
	}
	if s := must[inventory.SuggestedUse](t)(b.ledger.SuggestUse(ctx, ternate, "", 0, "", "2026-11-02")); s.Counted || len(s.Lines) > 0 {
		t.Errorf("a day that nobody counted: %+v", s)
	}

	open := must[postgres.Page[inventory.Reconciliation]](t)(b.ledger.Reconciliations(ctx, auditor, inventory.ReconciliationFilter{State: "open", Region: "82"})).Items
	if len(open) != 2 || open[1].Difference != 2 {
		t.Fatalf("open: %+v", open)
	}
	r := open[1]
	_, err := b.ledger.Explain(ctx, auditor, r.ID, r.Version, inventory.Explanation{Reason: "other", Note: "x"})
	wantFault(t, "the auditor explains", err, access.ErrForbidden)
	_, err = b.ledger.Explain(ctx, medan, r.ID, r.Version, inventory.Explanation{Reason: "other", Note: "x"})
	wantFault(t, "another region explains", err, inventory.ErrReconciliationUnknown)
	_, err = b.ledger.Explain(ctx, ternate, r.ID, r.Version, inventory.Explanation{Reason: "because", Note: "x"})
	wantFault(t, "for no known reason", err, fault.ErrInvalid)
	_, err = b.ledger.Explain(ctx, ternate, r.ID, r.Version+1, inventory.Explanation{Reason: "other", Note: "x"})
	wantFault(t, "a stale version", err, postgres.ErrStale)
	r = must[inventory.Reconciliation](t)(b.ledger.Explain(ctx, ternate, r.ID, r.Version, inventory.Explanation{Reason: "reprinted", Note: "dua kartu dicetak ulang"}))
	if r.State != "explained" || r.ExplainedBy != ternate.Name {
		t.Errorf("explained: %+v", r)
	}
	// The difference changes: what was explained is not this one.
	must[inventory.DailyUse](t)(b.ledger.CorrectUse(ctx, ternate, wrong.ID, inventory.NewUse{Reason: "salah hitung", Spoiled: 1, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 49}}}))
	if got := b.days(t)["82.71 17"]; got != "49/48 open" {
		t.Errorf("after the correction: %s", got)
	}
	agreed := must[postgres.Page[inventory.Reconciliation]](t)(b.ledger.Reconciliations(ctx, ternate, inventory.ReconciliationFilter{State: "agrees"})).Items[0]
	_, err = b.ledger.Explain(ctx, ternate, agreed.ID, agreed.Version, inventory.Explanation{Reason: "other", Note: "x"})
	wantFault(t, "nothing to explain", err, inventory.ErrAgrees)
	b.sound(t)
}

func TestTheNewestPrintCountHoldsAndUndoBringsTheOneBeforeBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	const head = "date,region_code,printed"
	b.prints(t, ternate, head, "2026-11-16,82.71,40", "2026-11-17,82.71,50")
	again := b.prints(t, planner, head, "2026-11-16,82.71,40", "2026-11-17,82.71,55")
	if again.Unchanged != 1 || again.Taken != 1 {
		t.Errorf("report %+v", again)
	}
	wantDays(t, b.days(t), map[string]string{"82.71 16": "0/40 open", "82.71 17": "0/55 open"})
	imports := sheet.NewImports(b.db, noon, b.ledger.Kinds()...)
	must[sheet.Report](t)(imports.Undo(ctx, planner, again.ID))
	wantDays(t, b.days(t), map[string]string{"82.71 16": "0/40 open", "82.71 17": "0/50 open"})

	more := b.prints(t, ternate, head, "2026-11-18,82.71,1")
	last := must[postgres.Page[inventory.Reconciliation]](t)(b.ledger.Reconciliations(ctx, ternate, inventory.ReconciliationFilter{})).Items[0]
	must[inventory.Reconciliation](t)(b.ledger.Explain(ctx, ternate, last.ID, last.Version, inventory.Explanation{Reason: "not-reported", Note: "menyusul"}))
	_, err := imports.Undo(ctx, ternate, more.ID)
	wantFault(t, "take back what somebody explained", err, inventory.ErrExplained)
}

func TestBadPrintCountsAreNamedCellByCell(t *testing.T) {
	t.Parallel()
	b := open(t)
	report := b.prints(t, ternate, "date,region_code,place,purpose,printed,failed",
		"2026-11-16,82.71,,first-time,40,1",
		"2026-11-21,82.71,,,1,",                // 3: tomorrow
		"2026-11,82.71,,,1,",                   // 4: a month
		"2026-11-16,12.71,,,1,",                // 5: out of reach
		"2026-11-16,99.99,,,1,",                // 6: nowhere
		"2026-11-16,82.71,,first-time,41,",     // 7: twice
		"2026-11-16,82.71,,spoiled,1,",         // 8: no reason to print
		"2026-11-16,82.71,,lost,-1,",           // 9: less than nothing
		"2026-11-16,82.71,,lost,100000001,",    // 10: more than there are
		"2026-11-16,82.71,,lost,,",             // 11: nothing said
		"2026-11-16,82.71,99999,lost,1,",       // 12: a place that is none
		"2024-11-16,82.71,,,1,",                // 13: two years before the others
		"kemarin,82.71,,,1,",                   // 14: no date
		"2026-11-17,82.71,,,1111111111111111,", // 15: what may be a NIK
	)
	want := map[int]string{3: "date in-the-future", 4: "date not-a-day", 5: "region_code place-unknown", 6: "region_code place-unknown", 7: " duplicate", 8: "purpose not-in-list",
		10: "printed out-of-range", 11: "printed missing", 12: "place place-unknown", 13: "date span-too-long", 15: "printed sixteen-digits"}
	got := map[int]string{}
	for _, e := range report.Errors {
		if got[e.Row] == "" {
			got[e.Row] = e.Column + " " + e.Code
		}
	}
	for row, says := range want {
		if got[row] != says {
			t.Errorf("row %d: %q, want %q", row, got[row], says)
		}
	}
	if report.Taken != 1 || report.Bad != 13 || got[9] == "" || got[14] == "" {
		t.Errorf("%d taken and %d bad: %v", report.Taken, report.Bad, got)
	}
	wantDays(t, b.days(t), map[string]string{"82.71 16": "0/40 open"})
	imports := sheet.NewImports(b.db, noon, b.ledger.Kinds()...)
	_, err := imports.Import(t.Context(), team, "prints", "cetak.csv", strings.NewReader("date,region_code,printed\n2026-11-16,82.71,1"), sheet.Options{})
	wantFault(t, "a team imports", err, access.ErrForbidden)
	for _, f := range []inventory.ReconciliationFilter{{From: "2026-13-01"}, {To: "x"}, {From: "2026-11-20", To: "2026-11-19"}, {From: "2024-01-01", To: "2026-01-01"}} {
		_, err := b.ledger.Reconciliations(t.Context(), ternate, f)
		wantFault(t, fmt.Sprint("a span ", f.From, " ", f.To), err, fault.ErrInvalid)
	}
}

// The correction of a service point's report begins at the public, which is its regency's; it counts for the point.
func TestACorrectionAtAServicePointCountsForIt(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "12.71", inventory.RegencyOffice)
	b.give(t, office, 100)
	point := must[inventory.Place](t)(b.ledger.OpenServicePoint(ctx, medan, inventory.NewPlace{Region: "12.71.03"}))
	must[inventory.Move](t)(b.ledger.Post(ctx, medan, inventory.NewMove{Kind: inventory.Transfer, Document: "BA-2", Date: today, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: office, Condition: inventory.Usable}, To: inventory.Account{Place: point.ID, Condition: inventory.Usable}, Pieces: 50}}}))
	u := must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, kota, inventory.NewUse{Date: today, Spoiled: 4, Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 20}}}))
	b.prints(t, medan, "date,region_code,printed", today+",12.71.03,18")
	read := func() inventory.Reconciliation {
		t.Helper()
		return must[postgres.Page[inventory.Reconciliation]](t)(b.ledger.Reconciliations(ctx, medan, inventory.ReconciliationFilter{Place: point.ID})).Items[0]
	}
	if r := read(); r.Issued != 20 || r.Difference != 2 {
		t.Errorf("reported %+v, want 20 issued", r)
	}
	must[inventory.DailyUse](t)(b.ledger.CorrectUse(ctx, kota, u.ID, inventory.NewUse{Reason: "salah hitung", Spoiled: 1, Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 18}}}))
	if r := read(); r.Issued != 18 || r.State != "agrees" {
		t.Errorf("corrected %+v, want 18 issued", r)
	}
	b.sound(t)
}
