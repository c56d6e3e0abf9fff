package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"sync"
	"time"

	"blangko/internal/region"
)

// Holiday is a day on which offices are closed.
type Holiday struct {
	Day  time.Time
	Kind string // national or collective-leave
	Name string
}

//go:embed holidays.csv
var holidaysCSV []byte

// Holidays are the national holidays and collective leave of 2023 to 2027; names say which dates are expected ones.
// The file is part of the program, so a wrong one is a bug.
var Holidays = sync.OnceValue(func() []Holiday {
	rows, err := csv.NewReader(bytes.NewReader(holidaysCSV)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("demo: holidays: %v", err))
	}
	var all []Holiday
	for _, row := range rows[1:] {
		day, err := time.Parse(time.DateOnly, row[0])
		if err != nil {
			panic(fmt.Sprintf("demo: holidays: %v", err))
		}
		all = append(all, Holiday{Day: day, Kind: row[1], Name: row[2]})
	}
	return all
})

// ramadans are the first days of the fasting month and of Lebaran; the days after move with them.
var ramadans = []struct{ first, lebaran time.Time }{
	{region.Date(2023, 3, 23), region.Date(2023, 4, 22)},
	{region.Date(2024, 3, 12), region.Date(2024, 4, 10)},
	{region.Date(2025, 3, 1), region.Date(2025, 3, 31)},
	{region.Date(2026, 2, 19), region.Date(2026, 3, 21)},
	{region.Date(2027, 2, 8), region.Date(2027, 3, 10)},
}

var elections = []time.Time{region.Date(2024, 2, 14), region.Date(2024, 11, 27)}

// day is what the calendar says of one day.
type day struct {
	date    time.Time
	open    float64             // share of an ordinary working day; 0 is closed
	openSat float64             // the same for an office that works on Saturday
	factor  [causeCount]float64 // how much more or fewer people come, by cause
}

// calendar lays out the days from start; index is the day's number.
func calendar(start time.Time, days int, p Demand) []day {
	holidays := map[time.Time]bool{}
	for _, h := range Holidays() {
		holidays[h.Day] = true
	}
	all := make([]day, days)
	sinceLebaran := 0 // working days, counted from 1; 0 is not yet or long ago
	for i := range all {
		d := &all[i]
		d.date = start.AddDate(0, 0, i)
		if !holidays[d.date] {
			switch d.date.Weekday() {
			case time.Sunday:
			case time.Saturday:
				d.openSat = p.Saturday
			case time.Friday:
				d.open, d.openSat = p.Friday, p.Friday
			default:
				d.open, d.openSat = 1, 1
			}
		}
		for _, r := range ramadans {
			if d.date.Equal(r.lebaran) {
				sinceLebaran = 1
			}
		}
		if sinceLebaran > 0 && d.open > 0 {
			sinceLebaran++
		}
		if sinceLebaran > 11 {
			sinceLebaran = 0
		}
		d.factor = p.factors(d.date, sinceLebaran > 1)
	}
	return all
}

// factors are the season's, by cause.
func (p Demand) factors(date time.Time, afterLebaran bool) (f [causeCount]float64) {
	all, first, replacement := 1.0, 1.0, 1.0
	month, dayOfMonth := date.Month(), date.Day()
	if month >= time.November {
		all *= p.YearEnd
	}
	if afterLebaran {
		all *= p.AfterLebaran
	}
	for _, r := range ramadans {
		if !date.Before(r.first) && date.Before(r.lebaran) {
			all *= p.Ramadan
		}
	}
	midYear := month == time.June && dayOfMonth >= 15 || month == time.July && dayOfMonth <= 15
	newYear := month == time.December && dayOfMonth >= 20 || month == time.January && dayOfMonth <= 5
	if midYear || newYear {
		first *= p.SchoolHoliday
	}
	for _, e := range elections {
		if before := e.Sub(date).Hours() / 24; before > 0 && before <= 75 {
			first *= p.BeforeElection
		}
	}
	if month == time.September && dayOfMonth <= 28 {
		replacement *= p.Recruitment
	}
	for c := range f {
		f[c] = all
		switch cause(c) {
		case firstTime:
			f[c] *= first
		case damaged, lost, dataChange:
			f[c] *= replacement
		}
	}
	return f
}
