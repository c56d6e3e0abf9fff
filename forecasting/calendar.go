package forecasting

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/jmoiron/sqlx"
)

// calendar knows on which days offices work and what moves with the Hijri year.
type calendar struct {
	closed    map[time.Time]bool
	lebaran   []time.Time // first days of Syawal
	elections []time.Time
}

// friday is how much of an ordinary day's work a Friday sees (Rejang Lebong 2018: 60 of 150).
const friday = 0.4

var (
	lebaranName  = regexp.MustCompile(`(?i)idul ?fitri|lebaran`)
	electionName = regexp.MustCompile(`(?i)pemilu|pilkada|pemungutan suara`)

	// knownElections were days off by presidential decree and may be missing from the table of holidays.
	knownElections = []time.Time{
		time.Date(2024, time.February, 14, 0, 0, 0, 0, time.UTC),
		time.Date(2024, time.November, 27, 0, 0, 0, 0, time.UTC),
	}
)

type holiday struct {
	Day  time.Time `db:"day"`
	Name string    `db:"name"`
	Kind string    `db:"kind"`
}

func loadCalendar(ctx context.Context, tx *sqlx.Tx) (*calendar, error) {
	var holidays []holiday
	if err := tx.SelectContext(ctx, &holidays, `SELECT day, name, kind FROM holidays ORDER BY day`); err != nil {
		return nil, fmt.Errorf("read holidays: %w", err)
	}
	return newCalendar(holidays), nil
}

// newCalendar takes the holidays in order of day. The first national holiday called Idulfitri in a year is 1 Syawal.
func newCalendar(holidays []holiday) *calendar {
	c := &calendar{closed: map[time.Time]bool{}, elections: knownElections}
	for _, h := range holidays {
		c.closed[h.Day] = true
		switch {
		case h.Kind != "national":
		case lebaranName.MatchString(h.Name):
			if n := len(c.lebaran); n == 0 || daysBetween(c.lebaran[n-1], h.Day) > 300 {
				c.lebaran = append(c.lebaran, h.Day)
			}
		case electionName.MatchString(h.Name):
			c.elections = append(c.elections, h.Day)
		}
	}
	return c
}

// work is how much of an ordinary working day a day is: 0 when offices are closed.
func (c *calendar) work(day time.Time) float64 {
	switch w := day.Weekday(); {
	case w == time.Saturday, w == time.Sunday, c.closed[day]:
		return 0
	case w == time.Friday:
		return friday
	}
	return 1
}

// workIn is the work of a month, never 0.
func (c *calendar) workIn(m month) float64 {
	sum := 0.0
	for d := m.first(); monthOf(d) == m; d = d.AddDate(0, 0, 1) {
		sum += c.work(d)
	}
	return max(sum, friday)
}

// businessDays counts the days of a month on which offices work, as inventory counts them.
func (c *calendar) businessDays(m month) int {
	n := 0
	for d := m.first(); monthOf(d) == m; d = d.AddDate(0, 0, 1) {
		if c.work(d) > 0 {
			n++
		}
	}
	return n
}

// Events that move through the months, and how they show (domain notes, calendar factors): Ramadan slows the counter,
// the fortnight after Lebaran fills it, and the ten weeks before an election bring first cards.
const (
	ramadan = iota
	afterLebaran
	beforeElection
	events
)

var eventNames = [events]string{"ramadan", "after_lebaran", "before_election"}

const (
	ramadanDays      = 29
	afterLebaranDays = 21 // of the calendar, from 1 Syawal: the holiday and about ten working days
	electionDays     = 75
)

// signs are the shares of a month's work that fall into each event.
func (c *calendar) signs(m month) (s [events]float64) {
	total := c.workIn(m)
	for d := m.first(); monthOf(d) == m; d = d.AddDate(0, 0, 1) {
		w := c.work(d) / total
		for _, l := range c.lebaran {
			switch n := daysBetween(l, d); {
			case n < 0 && n >= -ramadanDays:
				s[ramadan] += w
			case n >= 0 && n < afterLebaranDays:
				s[afterLebaran] += w
			}
		}
		for _, e := range c.elections {
			if n := daysBetween(d, e); n > 0 && n <= electionDays {
				s[beforeElection] += w
				break
			}
		}
	}
	return s
}
