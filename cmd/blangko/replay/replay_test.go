package replay_test

import (
	"reflect"
	"strings"
	"testing"

	"blangko/cmd/blangko/replay"
)

// One small province is enough to see that a year is played the same twice, and that hoarding 500 a region starves the large.
func TestAYearIsTheSameTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates a province twice")
	}
	t.Parallel()
	o := replay.Options{Seeds: 1, Only: []string{"34"}}
	first, err := replay.Replay(t.Context(), o, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	second, err := replay.Replay(t.Context(), o, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("%v\n%v", first, second)
	}
	for policy, years := range first {
		if years[0].PersonDays <= 0 || years[0].StockOut <= 0 {
			t.Errorf("a scarce year without anybody waiting under %q: %+v", replay.Policies[policy], years[0])
		}
	}
	if first[0][0].PersonDays < first[3][0].PersonDays {
		t.Errorf("flat quotas, %.0f person-days, do better than least shortage, %.0f", first[0][0].PersonDays, first[3][0].PersonDays)
	}
	var table strings.Builder
	if err := first.Print(&table); err != nil || !strings.Contains(table.String(), "least expected shortage") {
		t.Errorf("%v\n%s", err, table.String())
	}
}

func TestStatementsAreHeldAgainstWhatCame(t *testing.T) {
	t.Parallel()
	r, err := replay.Calibrate(t.Context(), replay.Options{Seeds: 1, Only: []string{"34"}, Days: []int{60}}, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Cases != 5 || r.Nights != 1 || r.Brier > 0.5 {
		t.Errorf("five regions of one night: %+v", r)
	}
}
