package forecasting

import (
	"math"
	"testing"
	"time"

	"blangko/coverage"
)

func TestWaitsAreLearnedFromWhatHasNotEndedToo(t *testing.T) {
	t.Parallel()
	learned := func(over map[int]int, under map[int]int) []float64 {
		var e ended
		for days, n := range over {
			for range n {
				e.add(days)
			}
		}
		var o []*open
		for days, n := range under {
			for range n {
				o = append(o, &open{days: days})
			}
		}
		return learn(uniform(1, 10), &e, o, strength)
	}
	sum := func(p []float64, from, until int) (s float64) {
		for k := from; k < until; k++ {
			s += p[k]
		}
		return s
	}
	if got := learned(nil, nil); math.Abs(got[1]-0.1) > 1e-12 || math.Abs(sum(got, 0, leadDays)-1) > 1e-9 {
		t.Errorf("without a record the belief changes: %v", got[:12])
	}
	// The product-limit estimate by hand: of 1,000 waits 400 end on day 3, 300 are open on day 5 and 300 end on day 8. Of
	// those still waiting after day 5 all end on day 8, so that day has .6; five records of belief hardly count.
	got := learned(map[int]int{3: 400, 8: 300}, map[int]int{5: 300})
	if math.Abs(got[3]-0.4) > 0.01 || math.Abs(got[8]-0.6) > 0.02 {
		t.Errorf("day 3 %.3f and day 8 %.3f, want .4 and .6", got[3], got[8])
	}
	// Shipments that are late already make waits longer than those that have ended say.
	over := learned(map[int]int{4: 20}, nil)
	late := learned(map[int]int{4: 20}, map[int]int{30: 20})
	if waitQuantile(late, 0.9) <= waitQuantile(over, 0.9) || math.Abs(sum(late, 0, leadDays)-1) > 1e-9 {
		t.Errorf("90 %% within %d days with late shipments, within %d without", waitQuantile(late, 0.9), waitQuantile(over, 0.9))
	}
	for _, odd := range [][2]map[int]int{{{-3: 2}, nil}, {{500: 2}, nil}, {nil, {500: 2}}} {
		for k, v := range learned(odd[0], odd[1]) {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("chance %v of %d days", v, k)
			}
		}
	}
	for zone := range roadDays {
		if p := road(zone); math.Abs(sum(p, 0, leadDays)-1) > 1e-12 || sum(p, roadDays[zone][1]+1, leadDays) > roadTail+1e-12 {
			t.Errorf("the assumption of %s sums to %v", zone, sum(p, 0, leadDays))
		}
	}
}

func TestTheBacklogAtMonthEndsIsFoundNearThem(t *testing.T) {
	t.Parallel()
	date := on(2026, time.November, 2)
	ends, last := monthEnds([]coverage.Backlog{
		{RegionID: 1, Day: on(2026, time.July, 28), PrintReady: 10}, {RegionID: 1, Day: on(2026, time.September, 3), PrintReady: 20},
		{RegionID: 1, Day: on(2026, time.September, 15), PrintReady: 99}, {RegionID: 1, Day: on(2026, time.September, 30), PrintReady: 30},
		{RegionID: 1, Day: on(2026, time.November, 20), PrintReady: 77}, // after the day
		{RegionID: 2, Day: on(2026, time.January, 31), PrintReady: 5},   // long ago
	}, date)
	m := monthOf(on(2026, time.July, 1))
	for at, want := range map[month]int64{m: 10, m + 1: 20, m + 2: 30} {
		if got, ok := ends[1][at]; !ok || got != want {
			t.Errorf("end of %s: %d, want %d", at, got, want)
		}
	}
	if len(ends[1]) != 3 || last[1] != 30 {
		t.Errorf("ends %v, last %v", ends[1], last)
	}
	if _, fresh := last[2]; fresh || ends[2][monthOf(on(2026, time.January, 1))] != 5 {
		t.Errorf("an old figure is fresh: %v, %v", last, ends[2])
	}
	if got := usualWaiting(ends[1], monthOf(date)); got != 20 {
		t.Errorf("usually %d wait, want the median 20", got)
	}
	if got := usualWaiting(nil, monthOf(date)); got != 0 {
		t.Errorf("usually %d wait where nothing is known", got)
	}
}
