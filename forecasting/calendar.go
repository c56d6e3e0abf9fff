package forecasting

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/inventory"
)

// calendar knows on which days offices work and what moves with the Hijri year.
type calendar struct {
	closed    map[time.Time]bool
	week      [7]float64  // how much of an ordinary day's work each day of the week sees, Sunday first
	lebaran   []time.Time // first days of Syawal
	elections []time.Time
}

// friday is how much of an ordinary day's work a Friday sees while the ledger says little of it (Rejang Lebong 2018:
// 60 of 150), and the least that a month can hold.
const friday = 0.4

// priorWeeks is how many weeks of the ledger it takes for the week as posted to count as much as the one assumed.
const priorWeeks = 8.0

var (
	lebaranName  = regexp.MustCompile(`(?i)idul ?fitri|lebaran`)
	electionName = regexp.MustCompile(`(?i)pemilu|pilkada|pemungutan suara`)

	// knownElections were days off by presidential decree and may be missing from the table of holidays.
	knownElections = []time.Time{
		time.Date(2024, time.February, 14, 0, 0, 0, 0, time.UTC),
		time.Date(2024, time.November, 27, 0, 0, 0, 0, time.UTC),
	}
)

// Holiday is a day on which offices are closed, of kind national or collective-leave.
type Holiday struct {
	Day  time.Time `db:"day"`
	Name string    `db:"name"`
	Kind string    `db:"kind"`
}

func loadHolidays(ctx context.Context, tx *sqlx.Tx) (holidays []Holiday, err error) {
	if err := tx.SelectContext(ctx, &holidays, `SELECT day, name, kind FROM holidays ORDER BY day`); err != nil {
		return nil, fmt.Errorf("read holidays: %w", err)
	}
	return holidays, nil
}

// newCalendar takes the holidays in order of day. The first national holiday called Idulfitri in a year is 1 Syawal.
func newCalendar(holidays []Holiday, week []inventory.WeekdayUse) *calendar {
	c := &calendar{closed: map[time.Time]bool{}, elections: knownElections, week: learnWeek(week)}
	for _, h := range holidays {
		c.closed[h.Day.UTC()] = true
		switch {
		case h.Kind != "national":
		case lebaranName.MatchString(h.Name):
			if n := len(c.lebaran); n == 0 || daysBetween(c.lebaran[n-1], h.Day) > 300 {
				c.lebaran = append(c.lebaran, h.Day.UTC())
			}
		case electionName.MatchString(h.Name):
			c.elections = append(c.elections, h.Day.UTC())
		}
	}
	return c
}

// learnWeek takes the week as posted, an assumed one counting as priorWeeks of it. Monday to Thursday average 1.
func learnWeek(posted []inventory.WeekdayUse) [7]float64 {
	week := [7]float64{1: 1, 2: 1, 3: 1, 4: 1, 5: friday}
	sum, n := 0.0, 0.0
	for _, d := range posted {
		if d.Weekday <= 4 {
			sum, n = sum+d.Mean, n+1
		}
	}
	if n < 4 || sum <= 0 {
		return week
	}
	for _, d := range posted {
		day, weeks := &week[d.Weekday%7], float64(d.Days)
		*day = (weeks*d.Mean/(sum/n) + priorWeeks**day) / (weeks + priorWeeks)
	}
	return week
}

// open reports whether a day is a business day as inventory counts them.
func (c *calendar) open(day time.Time) bool {
	w := day.Weekday()
	return w != time.Saturday && w != time.Sunday && !c.closed[day]
}

// work is how much of an ordinary working day a day is: 0 when offices are closed.
func (c *calendar) work(day time.Time) float64 {
	if c.closed[day] {
		return 0
	}
	return c.week[day.Weekday()]
}

// workIn is the work of a month, never 0.
func (c *calendar) workIn(m month) float64 {
	sum := 0.0
	for d := m.first(); monthOf(d) == m; d = d.AddDate(0, 0, 1) {
		sum += c.work(d)
	}
	return max(sum, friday)
}

// businessDays counts the days of a month on which offices work.
func (c *calendar) businessDays(m month) int {
	n := 0
	for d := m.first(); monthOf(d) == m; d = d.AddDate(0, 0, 1) {
		if c.open(d) {
			n++
		}
	}
	return n
}

// Events that move through the months: Ramadan slows the counter, the weeks after Lebaran fill it, and the months before
// an election bring first cards.
const (
	ramadan = iota
	afterLebaran
	beforeElection
	events
)

var eventNames = [events]string{"ramadan", "after_lebaran", "before_election"}

// ramadanDays is the length of the month of fasting, 29 or 30.
const ramadanDays = 29

// window says how long after Lebaran and before an election demand is another. How long is not assumed: of all windows
// the one is taken that explains the demand of all regions together best, from what was known on the day (see
// fitSeason). Reports speak of two weeks and of two to three months, so the choices reach from half to twice that.
type window struct {
	afterLebaran   int // days from 1 Syawal
	beforeElection int // days
}

var windows = func() (all []window) {
	for _, lebaran := range []int{7, 14, 21, 28} {
		for _, election := range []int{30, 60, 90, 120} {
			all = append(all, window{lebaran, election})
		}
	}
	return all
}()

// signs are the shares of a month's work that fall into each event.
func (c *calendar) signs(m month, w window) (s [events]float64) {
	total := c.workIn(m)
	for d := m.first(); monthOf(d) == m; d = d.AddDate(0, 0, 1) {
		work := c.work(d) / total
		for _, l := range c.lebaran {
			switch n := daysBetween(l, d); {
			case n < 0 && n >= -ramadanDays:
				s[ramadan] += work
			case n >= 0 && n < w.afterLebaran:
				s[afterLebaran] += work
			}
		}
		for _, e := range c.elections {
			if n := daysBetween(d, e); n > 0 && n <= w.beforeElection {
				s[beforeElection] += work
				break
			}
		}
	}
	return s
}
