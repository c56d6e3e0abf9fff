package coverage_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
)

func TestALargeFileTellsHowFarItIsAndStandsInTheListAfterwards(t *testing.T) {
	t.Parallel()
	_, db := open(t)
	half, goOn := make(chan struct{}, 2), make(chan struct{})
	layout := sheet.Layout{Name: "slow", Columns: []sheet.Column{{Name: "n", Required: true}}}
	slow := func(ctx context.Context, _ *sqlx.Tx, _ access.Actor, _ string, _ int64, batches iter.Seq[[]*sheet.Row]) error {
		first := true
		for range batches {
			if !first {
				continue
			}
			first = false
			half <- struct{}{}
			select {
			case <-goOn:
			case <-ctx.Done():
			}
		}
		return nil
	}
	undone := func(context.Context, *sqlx.Tx, access.Actor, int64) error { return nil }
	imports := sheet.NewImports(db, noon, sheet.Kind{Name: "slow", Action: access.RecordFigures, Layouts: []sheet.Layout{layout}, Take: slow, Undo: undone})
	type outcome struct {
		report sheet.Report
		err    error
	}
	ended := make(chan outcome, 1)
	go func() {
		report, err := imports.Import(t.Context(), medan, "slow", "besar.csv", strings.NewReader("n\n"+strings.Repeat("1\n", 12_000)), sheet.Options{})
		ended <- outcome{report, err}
	}()
	<-half
	running := func(who access.Actor) []sheet.Running {
		t.Helper()
		page, err := imports.Running(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		return page.Items
	}
	var seen []sheet.Running
	for deadline := time.Now().Add(20 * time.Second); len(seen) == 0 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		seen = running(medan)
	}
	if len(seen) != 1 || seen[0].File != "besar.csv" || seen[0].Total != 12_001 || seen[0].By != medan.Name {
		t.Errorf("while it runs: %+v, want the file of about 12,000 rows", seen)
	}
	if others := running(ternate); len(others) != 0 {
		t.Errorf("another city sees %+v", others)
	}
	close(goOn)
	done := <-ended
	if done.err != nil || done.report.Taken != 12_000 {
		t.Fatalf("%+v, %v; want 12,000 taken", done.report, done.err)
	}
	if left := running(medan); len(left) != 0 {
		t.Errorf("after its end: %+v", left)
	}

	// The list of what was taken in goes on where the last page ended, and says what was undone.
	if _, err := imports.Import(t.Context(), medan, "slow", "kecil.csv", strings.NewReader("n\n1\n"), sheet.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := imports.Undo(t.Context(), medan, done.report.ID); err != nil {
		t.Fatal(err)
	}
	var files []string
	paging := postgres.Paging{Limit: 1}
	for {
		page, err := imports.List(t.Context(), medan, "slow", paging)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			files = append(files, r.File+" "+r.State)
		}
		if paging.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	if got := strings.Join(files, ", "); got != "kecil.csv done, besar.csv undone" {
		t.Errorf("listed %s", got)
	}
}
