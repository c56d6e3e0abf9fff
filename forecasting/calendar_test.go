package forecasting

import (
	"math"
	"testing"
	"time"
)

func on(year int, m time.Month, day int) time.Time {
	return time.Date(year, m, day, 0, 0, 0, 0, time.UTC)
}

// Idulfitri fell on these days; each has a second day, and leave days around it.
func lebarans() (holidays []Holiday) {
	for _, d := range []time.Time{on(2022, time.May, 2), on(2023, time.April, 22), on(2024, time.April, 10), on(2025, time.March, 31), on(2026, time.March, 20)} {
		holidays = append(holidays, Holiday{d.AddDate(0, 0, -2), "Cuti bersama Idulfitri", "collective-leave"},
			Holiday{d, "Hari Raya Idul Fitri", "national"}, Holiday{d.AddDate(0, 0, 1), "Hari Raya Idul Fitri", "national"})
	}
	return append(holidays, Holiday{on(2026, time.September, 9), "Pilkada serentak", "national"})
}

func TestTheCalendarFollowsTheHolidayTable(t *testing.T) {
	t.Parallel()
	c := newCalendar(lebarans(), nil)
	if len(c.lebaran) != 5 || !c.lebaran[1].Equal(on(2023, time.April, 22)) {
		t.Fatalf("first days of Syawal: %v", c.lebaran)
	}
	if c.work(on(2026, time.March, 18)) != 0 || c.work(on(2026, time.March, 21)) != 0 || c.work(on(2026, time.March, 17)) != 1 {
		t.Error("offices work on leave days, or not before")
	}
	w := window{afterLebaran: 14, beforeElection: 60}
	// Lebaran of 2025 is the last day of March: that month is Ramadan but for its first day, April holds the weeks after.
	march, april := c.signs(monthOf(on(2025, time.March, 1)), w), c.signs(monthOf(on(2025, time.April, 1)), w)
	if march[ramadan] < 0.9 || april[ramadan] != 0 || april[afterLebaran] < 0.3 || april[afterLebaran] > 0.6 {
		t.Errorf("March 2025 %v, April %v", march, april)
	}
	// Sixty days before 9 September 2026 begin on 11 July; the day itself and later are after it.
	july, august, october := c.signs(monthOf(on(2026, time.July, 1)), w), c.signs(monthOf(on(2026, time.August, 1)), w), c.signs(monthOf(on(2026, time.October, 1)), w)
	if july[beforeElection] < 0.5 || july[beforeElection] > 0.8 || math.Abs(august[beforeElection]-1) > 1e-9 || october[beforeElection] != 0 {
		t.Errorf("before an election: July %v, August %v, October %v", july, august, october)
	}
}

// What moves through the months is told from what comes back with them, with the window that the data were made with.
func TestTheSeasonTellsRamadanAndLebaranApart(t *testing.T) {
	t.Parallel()
	c := newCalendar(lebarans(), nil)
	first, n := monthOf(on(2022, time.January, 1)), 58
	truth := season{events: [events]float64{-0.25, 0.3, 0.2}, window: window{21, 90}}
	for j := range truth.months {
		truth.months[j] = 0.1 * math.Cos(float64(j)/6*math.Pi)
	}
	k := &common{calendar: c, signs: map[window]map[month][events]float64{}}
	for _, w := range windows {
		k.signs[w] = map[month][events]float64{}
		for t := range n + 12 {
			k.signs[w][first+month(t)] = c.signs(first+month(t), w)
		}
	}
	logs := make([]float64, n)
	for t := range logs {
		logs[t] = math.Log(truth.factor(first+month(t), k.signs[truth.window][first+month(t)])) + 0.002*float64(t)
	}
	logs[7] = math.NaN() // nobody is known
	got := k.learnSeason(logs, first)
	if got.window != truth.window {
		t.Errorf("window %v, want %v", got.window, truth.window)
	}
	for j := range events {
		if math.Abs(got.events[j]-truth.events[j]) > 0.06 {
			t.Errorf("%s %.3f, want %.3f", eventNames[j], got.events[j], truth.events[j])
		}
	}
	for j := range 12 {
		if math.Abs(got.months[j]-truth.months[j]) > 0.05 {
			t.Errorf("month %d: %.3f, want %.3f", j+1, got.months[j], truth.months[j])
		}
	}
}
