package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"blangko/internal/access"
	"blangko/internal/sheet"
	"blangko/inventory"
)

func (b bench) takeOpening(t testing.TB, who access.Actor, text string) sheet.Report {
	t.Helper()
	imports := sheet.NewImports(b.db, noon, b.ledger.Kinds()...)
	return must[sheet.Report](t)(imports.Import(t.Context(), who, "opening-stock", "awal.csv", strings.NewReader(text), sheet.Options{}))
}

func wrongCells(r sheet.Report) (list []string) {
	for _, e := range r.Errors {
		list = append(list, fmt.Sprint(e.Cell, " ", e.Column, " ", e.Code))
	}
	return list
}

func TestOpeningStockComesByFileOnceAndIsTakenBack(t *testing.T) {
	t.Parallel()
	b := open(t)
	const head = "region_code,item,condition,lot,pieces,date,document,note\n"
	good := head + "82.71,,,,\"1.200\",2026-01-02,BA-1,\n" + "82.71,ribbon,,PNBP,3,2026-01-02,BA-1,\n" +
		"82.71,ktp-el,spoiled,,7,2026-01-02,BA-1,\n" + "82.71,ktp-el,surrendered,,40,2026-01-02,BA-1,\n"
	first := b.takeOpening(t, ternate, good)
	if first.Taken != 4 || first.Bad != 0 {
		t.Fatalf("%d taken, %v; want 4", first.Taken, wrongCells(first))
	}
	if n := b.onHand(t, "82.71", inventory.Usable); n != 1200 {
		t.Errorf("usable: %d, want 1200", n)
	}
	if n := b.onHand(t, "82.71", inventory.Spoiled); n != 7 {
		t.Errorf("spoiled: %d, want 7", n)
	}
	b.sound(t)
	if again := b.takeOpening(t, ternate, good); again.Unchanged != 4 || again.Taken != 0 {
		t.Errorf("the same file again: %+v, want 4 unchanged", again)
	}

	bad := b.takeOpening(t, ternate, head+"82.71,,,,5,2026-01-02,BA-2,\n"+ // 2 another number than before
		"12.71,,,,5,2026-01-02,BA-2,\n"+ // 3 out of reach
		"82.71,kia,,,-5,2026-01-02,BA-2,\n"+ // 4
		"82.71,film,,,\"1,234\",2026-01-02,BA-2,\n"+ // 5
		"82.71,film,,,0,2999-01-02,,\n"+ // 6
		"82.71,film,used,DANA,5,2026-02-30,BA-2,\n"+ // 7
		"82,,,,5,2026-01-02,BA-2,\n"+ // 8 the province keeps it
		"82.71,kia,,,5,2026-01,BA-2,\n") // 9 a month is no day
	want := []string{"E2 pieces opening-already-posted", "A3 region_code region-unknown", "E4 pieces negative", "E5 pieces ambiguous-number",
		"E6 pieces out-of-range", "F6 date in-the-future", "G6 document missing", "C7 condition not-in-list", "D7 lot lot-unknown",
		"F7 date impossible-date", "A8 region_code region-unknown", "F9 date not-a-date"}
	got := wrongCells(bad)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("wrong cells\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	imports := sheet.NewImports(b.db, noon, b.ledger.Kinds()...)
	if undone := must[sheet.Report](t)(imports.Undo(t.Context(), ternate, first.ID)); undone.State != sheet.Undone {
		t.Errorf("%s, want undone", undone.State)
	}
	if n := b.onHand(t, "82.71", inventory.Usable); n != 0 {
		t.Errorf("usable after the undo: %d, want none", n)
	}
	second := b.takeOpening(t, ternate, good)
	if second.Taken != 4 {
		t.Errorf("after the undo: %d taken, %v; want 4", second.Taken, wrongCells(second))
	}
	must[inventory.DailyUse](t)(b.ledger.ReportUse(t.Context(), ternate, inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 1}}}))
	_, err := imports.Undo(t.Context(), ternate, second.ID)
	wantFault(t, "undo of what was used", err, inventory.ErrShort)
	b.sound(t)
}

// onHand sums what the office of a region holds of blanks in a condition.
func (b bench) onHand(t testing.TB, region string, c inventory.Condition) (pieces int64) {
	t.Helper()
	page, err := b.ledger.Places(t.Context(), planner, inventory.PlaceFilter{Region: region, Kind: inventory.RegencyOffice})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range page.Items {
		for _, s := range p.Stock {
			if s.Item == "ktp-el" && s.Condition == c {
				pieces += s.Pieces
			}
		}
	}
	return pieces
}
