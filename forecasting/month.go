package forecasting

import "time"

// month counts months since the year 0, so that they can be subtracted.
type month int

func monthOf(day time.Time) month { return month(day.Year()*12 + int(day.Month()) - 1) }

// first is the first day of the month.
func (m month) first() time.Time {
	return time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, time.UTC)
}

// season is 0 for January.
func (m month) season() int { return int(m) % 12 }

func (m month) String() string { return m.first().Format("2006-01") }

// daysBetween counts the days from a to b, both midnight UTC.
func daysBetween(a, b time.Time) int { return int(b.Sub(a).Hours() / 24) }
