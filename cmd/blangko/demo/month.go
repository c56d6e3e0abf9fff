package demo

import "time"

// Cards that one ribbon and one film serve, as the table of items says.
const (
	cardsPerRibbon = 500
	cardsPerFilm   = 1500
)

// closeMonth books, on the month's last working day, the old cards handed back and what was lost, at the end of a
// quarter ribbon and film; in December the scrap is destroyed.
func (r *run) closeMonth(t int) {
	if !r.isOpen(t) || r.workday(t, 1) < len(r.days) && r.w.Date(r.workday(t, 1)).Month() == r.w.Date(t).Month() {
		return
	}
	month := r.w.Date(t).Month()
	for _, c := range r.counters {
		r.note(c, t)
		if t >= r.daily || month%3 == 0 {
			r.handBack(c, t)
		}
		if month%3 == 0 {
			r.consume(c, t)
		}
		if month == time.March || month == time.September {
			r.bringSupplies(c, t, "delivery")
		}
		if month == time.December {
			r.destroy(c, t)
		}
		r.lose(c, t)
	}
}

// handBack books the old cards that people gave for their new ones.
func (r *run) handBack(c *counter, t int) {
	if c.old == 0 {
		return
	}
	r.post("surrender", "SIM-KL/"+r.days[t].date.Format("0601"), t, Line{From: int32(c.public), To: int32(c.place), Item: blank, Lot: 1,
		FromIn: surrendered, ToIn: surrendered, Purpose: noPurpose, Pieces: c.old})
	c.oldStored += c.old
	c.old = 0
}

// note keeps the end of the month of the truth.
func (r *run) note(c *counter, t int) {
	truth := &(*r.truth[c.regency])[r.w.month(t)]
	for i, n := range c.waiting {
		truth.Waiting += n
		if cause(i) == firstTime {
			truth.PrintReady += n
		}
	}
}

// consume posts ribbons and films used up by the month's cards.
func (r *run) consume(c *counter, t int) {
	c.consumed.ribbon += float64(c.printed) / cardsPerRibbon
	c.consumed.film += float64(c.printed) / cardsPerFilm
	c.printed = 0
	var lines []Line
	use := func(item int8, stock *int64, due *float64) {
		n := min(int64(*due), *stock)
		*stock -= n
		*due -= float64(n)
		if n > 0 {
			lines = append(lines, Line{From: int32(c.place), To: int32(c.public), Item: item, Lot: 1, FromIn: usable, ToIn: issued, Purpose: otherPurpose, Pieces: n})
		}
	}
	use(ribbon, &c.supplies.ribbon, &c.consumed.ribbon)
	use(film, &c.supplies.film, &c.consumed.film)
	if len(lines) > 0 {
		r.post("use", "SIM-BP/"+r.days[t].date.Format("0601"), t, lines...)
	}
}

// bringSupplies gives an office ribbons and films for seven months: regions buy them twice a year.
func (r *run) bringSupplies(c *counter, t int, kind string) {
	supplier := r.place[placeKey{r.w.Places[r.nation.place].RegionID, "supplier"}]
	cards := c.mean * 21 * 7
	var lines []Line
	bring := func(item int8, stock *int64, most int64) {
		n := most - *stock
		if n <= 0 {
			return
		}
		*stock += n
		lines = append(lines, Line{From: int32(supplier), To: int32(c.place), Item: item, Lot: 1, FromIn: usable, ToIn: usable, Purpose: noPurpose, Pieces: n})
	}
	bring(ribbon, &c.supplies.ribbon, int64(cards/cardsPerRibbon)+2)
	bring(film, &c.supplies.film, int64(cards/cardsPerFilm)+1)
	if len(lines) > 0 {
		r.post(kind, "SIM-BP/masuk", t, lines...)
	}
}

// destroy burns spoiled blanks and surrendered cards before witnesses.
func (r *run) destroy(c *counter, t int) {
	to := r.place[placeKey{c.regency, "destroyed"}]
	lines := blanks(c.scrap, c.place, spoiled, to, spoiled, noPurpose)
	lines = append(lines, blanks([lots]int64{c.oldStored}, c.place, surrendered, to, surrendered, noPurpose)...)
	if len(lines) > 0 {
		r.post("destruction", "SIM-BAP/"+r.days[t].date.Format("2006"), t, lines...)
	}
	c.scrap, c.oldStored = [lots]int64{}, 0
}

// lose lets a few pieces go missing, rarely.
func (r *run) lose(c *counter, t int) {
	if c.rng.Float64() >= r.p.Rare.LostYear/12 || c.total() == 0 {
		return
	}
	pieces := c.take(min(c.total(), int64(1+c.rng.IntN(r.p.Rare.PiecesMost))))
	r.post("loss", "SIM-BAK/"+r.days[t].date.Format("0601"), t, blanks(pieces, c.place, usable, r.place[placeKey{c.regency, "lost"}], usable, noPurpose)...)
}
