package demo

import (
	"math"
	"time"
)

// open puts blanks, ribbons and films where the history begins.
func (r *run) open() {
	supplier := r.place[placeKey{r.w.Places[r.nation.place].RegionID, "supplier"}]
	give := func(s *shelf, pieces float64) {
		n := [lots]int64{int64(math.Round(pieces/50)) * 50}
		if n[0] > 0 {
			r.post("opening", "SIM-BA/awal", 0, blanks(n, supplier, usable, s.place, usable, noPurpose)...)
			s.add(n)
		}
	}
	give(&r.nation.shelf, r.nation.daily*r.p.Supply.NationDays)
	for _, s := range r.stores[1:] {
		give(&s.shelf, s.daily*r.p.Supply.RegionDays)
	}
	for _, b := range r.buyers {
		if r.storeAt[b.place] == nil {
			give(b.shelf, b.daily*r.p.Supply.RegionDays*(0.5+b.rng.Float64()))
		}
	}
	for _, c := range r.counters {
		r.bringSupplies(c, 0, "opening")
	}
}

// print lets people come to every counter that is open, prints, and reports.
func (r *run) print(t int) {
	d := r.days[t]
	month := r.w.month(t)
	for _, c := range r.counters {
		if d.date.Weekday() == time.Monday {
			c.newWeek(r.p.Demand)
		}
		if c.open(d) == 0 {
			continue
		}
		truth := &(*r.truth[c.regency])[month]
		people := c.come(r.today(c, d, t), r.p.Demand)
		people[firstTime] += r.visited(c, t)
		for i, n := range people {
			c.waiting[i] += n
			truth.Demand += n
		}
		r.stop(c, t)
		if c.total() == 0 {
			truth.OutDays++
		}
		if t >= c.stopped {
			good, bad := c.serve(d, r.p.Demand)
			for _, n := range good {
				truth.Printed += n
			}
			truth.Spoiled += bad
		}
		truth.GaveUp += c.giveUp(r.p.Demand)
		r.report(c, t)
	}
}

// stop lets the network or the ribbon fail now and then.
func (r *run) stop(c *counter, t int) {
	const workdays = 245 // a year
	if c.rng.Float64() < r.p.Rare.NetworkYear/workdays {
		c.stopped = max(c.stopped, t+1+c.rng.IntN(3))
	}
	switch r.days[t].date.Month() {
	case time.January, time.February, time.March, time.August, time.September:
		if c.rng.Float64() < r.p.Rare.RibbonYear/(workdays*5/12) {
			c.stopped = max(c.stopped, t+7*(1+c.rng.IntN(8)))
		}
	}
}

// report posts what was printed: each day of the last year, at the end of the week before.
func (r *run) report(c *counter, t int) {
	due := r.reportDay[0][t]
	if c.saturday {
		due = r.reportDay[1][t]
	}
	if t < r.daily && !due {
		return
	}
	var lines []Line
	var good, bad int64
	for lot := range c.unreported {
		for i, n := range c.unreported[lot] {
			if n == 0 {
				continue
			}
			line := Line{From: int32(c.place), To: int32(c.public), Item: blank, Lot: int8(lot + 1), FromIn: usable, ToIn: issued, Purpose: int8(i), Pieces: n}
			if line.Purpose == spoiledPurpose {
				line.To, line.ToIn = int32(c.place), spoiled
				c.scrap[lot] += n
				bad += n
			} else {
				good += n
			}
			lines = append(lines, line)
		}
		clear(c.unreported[lot][:])
	}
	report := Report{Place: c.place, Day: t, Pieces: good, Spoiled: bad}
	if len(lines) > 0 {
		report.Move = r.post("use", "SIM-LH/"+r.days[t].date.Format("060102"), t, lines...)
	}
	// What was posted by the week stands for books brought over from before: there are no daily reports of it.
	if t >= r.daily {
		r.w.Reports = append(r.w.Reports, report)
	}
}

// replenish carries blanks from an office to its service points each Monday, or on the week's first working day.
func (r *run) replenish(t int) {
	const coverDays = 10
	if !r.isOpen(t) || t > 0 && monday(r.w.Date(r.lastOpen(t))).Equal(monday(r.w.Date(t))) {
		return
	}
	for _, b := range r.buyers {
		var wanted int64
		need := make([]int64, len(b.elsewhere))
		for i, c := range b.elsewhere {
			need[i] = max(0, int64(c.mean*coverDays)-c.total())
			wanted += need[i]
		}
		// The office keeps its own part when there is not enough for all.
		spare := b.total() * 4 / 5
		for i, c := range b.elsewhere {
			n := need[i]
			if wanted > spare {
				n = n * spare / wanted
			}
			if n == 0 {
				continue
			}
			pieces := b.take(n)
			r.post("transfer", "SIM-ST/"+r.days[t].date.Format("060102"), t, blanks(pieces, b.place, usable, c.place, usable, noPurpose)...)
			c.add(pieces)
		}
	}
}

// lastOpen is the working day before t, -1 for none.
func (r *run) lastOpen(t int) int {
	for t--; t >= 0 && !r.isOpen(t); t-- {
	}
	return t
}
