package demo

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// shelf is the usable blanks of a place, by lot.
type shelf struct {
	place  int
	pieces [lots]int64
}

func (s *shelf) total() (sum int64) {
	for _, n := range s.pieces {
		sum += n
	}
	return sum
}

// take removes pieces, the first lot first. There must be enough.
func (s *shelf) take(pieces int64) (taken [lots]int64) {
	for lot := range s.pieces {
		taken[lot] = min(pieces, s.pieces[lot])
		s.pieces[lot] -= taken[lot]
		pieces -= taken[lot]
	}
	if pieces != 0 {
		panic("demo: more was taken from a shelf than it holds")
	}
	return taken
}

func (s *shelf) add(pieces [lots]int64) {
	for lot, n := range pieces {
		s.pieces[lot] += n
	}
}

// counter is a place where people come and cards are printed.
type counter struct {
	shelf
	regency  int // id of the kabupaten/kota whose truth it is part of
	public   int // place
	saturday bool
	mean     float64 // people on an ordinary working day
	shares   [causeCount]float64
	rng      *rand.Rand

	drift      float64                        // of this week
	waiting    [causeCount]int64              // came and have no card yet
	stopped    int                            // day on which printing goes on again
	unreported [lots][causeCount + 1]int64    // printed since the last report; the last column is spoiled
	old        int64                          // cards handed back since the end of the month
	printed    int64                          // cards since the end of the month, for ribbon and film
	scrap      [lots]int64                    // spoiled blanks in the store
	oldStored  int64                          // surrendered cards in the store
	supplies   struct{ ribbon, film int64 }   // in the store
	consumed   struct{ ribbon, film float64 } // not yet posted
}

// come draws who comes on a day, by cause.
func (c *counter) come(d day, p Demand) (people [causeCount]int64) {
	open := c.open(d)
	swing := math.Exp(c.drift + p.DayNoise*c.rng.NormFloat64() - p.DayNoise*p.DayNoise/2)
	for i := range people {
		if mean := c.mean * open * c.shares[i] * d.factor[i] * swing; mean > 0 {
			people[i] = int64(distuv.Poisson{Lambda: mean, Src: c.rng}.Rand())
		}
	}
	return people
}

func (c *counter) open(d day) float64 {
	if c.saturday {
		return d.openSat
	}
	return d.open
}

// newWeek moves the drift on.
func (c *counter) newWeek(p Demand) {
	const memory = 0.8
	c.drift = memory*c.drift + math.Sqrt(1-memory*memory)*p.WeekNoise*c.rng.NormFloat64()
}

// serve prints for those who wait, first cards first, as far as the day, the printer and the shelf allow.
func (c *counter) serve(d day, p Demand) (good [causeCount]int64, bad int64) {
	var queue int64
	for _, n := range c.waiting {
		queue += n
	}
	able := min(queue, int64(math.Ceil(p.Capacity*c.mean*c.open(d))), c.total())
	if able > 0 {
		bad = int64(distuv.Poisson{Lambda: float64(able) * p.Spoiled / (1 - p.Spoiled), Src: c.rng}.Rand())
		able = min(able, max(0, c.total()-bad))
		bad = min(bad, c.total()-able)
	}
	left := able
	for i := range good {
		good[i] = min(left, c.waiting[i])
		left -= good[i]
		c.waiting[i] -= good[i]
	}
	c.book(good, bad)
	return good, bad
}

// book takes from the shelf what was printed and notes it for the next report.
func (c *counter) book(good [causeCount]int64, bad int64) {
	for i, n := range append(good[:], bad) {
		for lot, taken := range c.take(n) {
			c.unreported[lot][i] += taken
		}
		switch cause(i) {
		case moved, marital, damaged, dataChange:
			c.old += n
		}
		c.printed += n
	}
}

// giveUp is how many turn away after a day in vain.
func (c *counter) giveUp(p Demand) (gone int64) {
	for i := range c.waiting {
		if cause(i) != firstTime && c.waiting[i] > 0 {
			n := min(c.waiting[i], int64(distuv.Poisson{Lambda: float64(c.waiting[i]) * p.GiveUp, Src: c.rng}.Rand()))
			c.waiting[i] -= n
			gone += n
		}
	}
	return gone
}
