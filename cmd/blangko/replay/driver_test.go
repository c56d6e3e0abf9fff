package replay

import (
	"strings"
	"testing"
	"time"

	"blangko/cmd/blangko/demo"
	"blangko/forecasting"
)

// A night knows birthdays a year ahead, what is announced, and of the rest what has been; and it makes use of it.
func TestANightKnowsWhatOfficesKnow(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)
	n := newNation(demo.Judged(1000), end, []string{"34"})
	all := len(n.used[0])
	for back, circulars := range map[int]int{170: 1, 150: 2} { // the second is announced three weeks before its day, 135 from the end
		day := all - back
		date, k := n.world.Date(day), n.known(day)
		if len(k.Circulars) != circulars {
			t.Errorf("%d days before the end %d circulars are known, want %d", back, len(k.Circulars), circulars)
		}
		ahead := false
		for _, b := range k.Birthdays {
			ahead = ahead || b.Month.After(date.AddDate(0, 11, 0))
			if !b.Month.Before(date.AddDate(1, 0, 0)) || b.People <= 0 {
				t.Errorf("on %s the register tells of %d birthdays in %s", date, b.People, b.Month)
			}
		}
		for _, v := range k.Visits {
			if v.Day.Before(date) || !v.Day.Before(date.AddDate(0, 0, 21)) || v.Blanks <= 0 || v.Held < 0.5 || v.Held > 1 {
				t.Errorf("on %s is known of %+v", date, v)
			}
		}
		for _, d := range k.DigitalIDs {
			if !d.Day.Before(date) {
				t.Errorf("on %s is known of %+v", date, d)
			}
		}
		if !ahead || len(k.Visits) == 0 || len(k.DigitalIDs) == 0 {
			t.Errorf("%v, %d visits, %d figures of the digital identity", ahead, len(k.Visits), len(k.DigitalIDs))
		}
		// Every blank of the last twelve full months was used for something.
		posted, outreach, used := int64(0), int64(0), int64(0)
		for _, u := range k.Purposes {
			posted += u.Used
			if u.Purpose == "outreach" {
				outreach += u.Used
			}
		}
		for i := range n.facts {
			for d := range day {
				if m := n.month(d); m >= n.month(day)-12 && m < n.month(day) {
					used += n.used[i][d]
				}
			}
		}
		if posted != used || outreach == 0 {
			t.Errorf("%d posted by purpose, %d at visits, %d used", posted, outreach, used)
		}
		outlooks, _, err := forecasting.Foresee(k, date, nil)
		if err != nil {
			t.Fatal(err)
		}
		cohorts, visits := 0, int64(0)
		for _, o := range outlooks {
			visits += o.Need.PlannedVisits
			if strings.HasPrefix(o.Need.Method, "cohorts") {
				cohorts++
			}
		}
		if cohorts == 0 || visits == 0 {
			t.Errorf("%d offices are forecast by their cohorts, %d blanks for visits", cohorts, visits)
		}
	}
	if w := demo.Simulate(demo.Calibration, n.facts[:0], end); len(w.Visits)+len(w.Birthdays)+len(w.Circulars) != 0 {
		t.Error("the demo has drivers")
	}
}
