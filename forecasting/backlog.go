package forecasting

import (
	"slices"
	"time"

	"blangko/coverage"
)

// Days within which a figure of print-ready records counts as that of a month's end, and for which it is fresh.
const (
	nearMonthEnd = 4
	freshDays    = 60
)

// monthEnds takes, for each region, the figures that stand near the end of a month, and the last one that is fresh.
func monthEnds(backlogs []coverage.Backlog, date time.Time) (ends map[int]map[month]int64, last map[int]int64) {
	ends, last = map[int]map[month]int64{}, map[int]int64{}
	for _, b := range backlogs { // by region and day
		day := b.Day.UTC()
		if day.After(date) {
			continue
		}
		if daysBetween(day, date) <= freshDays {
			last[b.RegionID] = b.PrintReady
		}
		for _, m := range []month{monthOf(day) - 1, monthOf(day)} {
			end := (m + 1).first().AddDate(0, 0, -1)
			if gap := daysBetween(day, end); gap >= -nearMonthEnd && gap <= nearMonthEnd {
				if ends[b.RegionID] == nil {
					ends[b.RegionID] = map[month]int64{}
				}
				ends[b.RegionID][m] = b.PrintReady
			}
		}
	}
	return ends, last
}

// usualWaiting is how many records wait for the printer in a region when all is well: the median of the month-ends of the
// last year. They are people on their way, whom the demand of the coming days already holds; only what waits beyond is owed.
func usualWaiting(ends map[month]int64, now month) int64 {
	var all []int64
	for m := now - 12; m < now; m++ {
		if n, ok := ends[m]; ok {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}
