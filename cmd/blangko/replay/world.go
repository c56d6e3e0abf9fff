// Package replay puts forecasts and rules of division to the test on synthetic nations: how true stated probabilities
// are, and what becomes of a scarce year under one rule or another.
//
// It sees of a nation what offices see: postings, shipments, requests and print-ready records until a day. What people
// wanted in truth is used only to play the year and to judge it.
package replay

import (
	"slices"
	"strings"
	"time"

	"blangko/cmd/blangko/demo"
	"blangko/coverage"
	"blangko/forecasting"
	"blangko/internal/region"
	"blangko/inventory"
)

// nation is a simulated world as its ledger shows it, day by day.
type nation struct {
	world   *demo.World
	facts   []region.Fact   // kabupaten/kota, in order of code
	at      map[int]int     // place in facts by id of a region at or below it
	closed  map[string]bool // days that are no business days besides weekends
	used    [][]int64       // by kabupaten/kota and day
	other   [][]int64       // change by every other kind of move
	closing [][]int64       // usable pieces at the end of the day
	opened  []int           // first day with a posting
	causes  []map[cause]int64
	before  int // days that a visit or a circular is known beforehand
}

// cause is a month of the world and why blanks were used in it.
type cause struct {
	month   int
	purpose string
}

// newNation simulates a world and reads its ledger.
func newNation(p demo.Parameters, end time.Time, only []string) *nation {
	w := demo.Simulate(p, region.All(), end, only...)
	n := &nation{world: w, at: map[int]int{}, closed: map[string]bool{}, before: p.Drivers.Announced}
	for _, h := range demo.Holidays() {
		n.closed[h.Day.Format(time.DateOnly)] = true
	}
	codes := map[string]int{}
	seen := map[int]bool{}
	for _, p := range w.Places {
		seen[p.RegionID] = true
	}
	facts := region.All()
	slices.SortFunc(facts, func(a, b region.Fact) int { return strings.Compare(a.Code, b.Code) })
	for _, f := range facts {
		if f.Level == region.Regency && seen[f.ID] {
			codes[f.Code] = len(n.facts)
			n.facts = append(n.facts, f)
		}
	}
	for _, f := range facts {
		if len(f.Code) >= 5 {
			if i, ok := codes[f.Code[:5]]; ok {
				n.at[f.ID] = i
			}
		}
	}
	n.readLines()
	return n
}

// readLines sums what usable pieces came and went by region and day. Which number stands for usable is what pieces are
// opened as; which item is the blank is what is used.
func (n *nation) readLines() {
	w, days := n.world, int(n.world.End.Sub(n.world.Start).Hours()/24)+1
	for range n.facts {
		n.used, n.other = append(n.used, make([]int64, days)), append(n.other, make([]int64, days))
		n.closing, n.opened = append(n.closing, make([]int64, days)), append(n.opened, days)
		n.causes = append(n.causes, map[cause]int64{})
	}
	usable, item := int8(-1), int8(-1)
	for _, m := range w.Moves {
		if m.Kind == "opening" && usable < 0 && m.Count > 0 {
			usable = w.Lines[m.First].ToIn
		}
		if m.Kind == "use" && item < 0 && m.Count > 0 {
			item = w.Lines[m.First].Item
		}
	}
	for _, m := range w.Moves {
		if m.Day < 0 || m.Day >= days {
			continue
		}
		for _, l := range w.Lines[m.First : m.First+m.Count] {
			if l.Item != item {
				continue
			}
			if i, ok := n.holder(l.From); ok && l.FromIn == usable {
				n.add(i, m, -l.Pieces)
				if m.Kind == "use" {
					n.causes[i][cause{n.month(m.Day), l.For()}] += l.Pieces
				}
			}
			if i, ok := n.holder(l.To); ok && l.ToIn == usable {
				n.add(i, m, l.Pieces)
			}
		}
	}
	for i := range n.facts {
		held := int64(0)
		for d := range days {
			held += n.other[i][d] - n.used[i][d]
			n.closing[i][d] = held
		}
	}
}

// holder is the kabupaten/kota in whose hands a place is.
func (n *nation) holder(place int32) (int, bool) {
	p := n.world.Places[place]
	if p.Kind != "regency" && p.Kind != "service" && p.Kind != "team" {
		return 0, false
	}
	i, ok := n.at[p.RegionID]
	return i, ok
}

func (n *nation) add(i int, m demo.Move, pieces int64) {
	if m.Kind == "use" {
		n.used[i][m.Day] -= pieces
	} else {
		n.other[i][m.Day] += pieces
	}
	n.opened[i] = min(n.opened[i], m.Day)
}

// open reports whether a day is a business day.
func (n *nation) open(day int) bool {
	d := n.world.Date(day)
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday && !n.closed[d.Format(time.DateOnly)]
}

// known is what the offices know in the morning of a day.
func (n *nation) known(day int) forecasting.Known {
	k := forecasting.Known{Positions: n.positions(day), Leads: n.leads(day), Fates: n.fates(day), Settings: forecasting.Settings{}}
	for _, h := range demo.Holidays() {
		k.Holidays = append(k.Holidays, forecasting.Holiday{Day: h.Day, Name: h.Name, Kind: h.Kind})
	}
	for _, f := range region.All() {
		if f.Level < region.Regency {
			k.Regions = append(k.Regions, forecasting.Region{ID: f.ID, Code: f.Code, Name: f.Name})
		}
	}
	date := n.world.Date(day)
	for i := range n.facts {
		k.Uses = append(k.Uses, n.months(i, n.used[i], n.closing[i], day)...)
	}
	for _, f := range n.world.Figures {
		if _, ok := n.at[f.RegionID]; ok && f.Subject == "recording" && f.AsOf.Before(date) {
			k.Backlogs = append(k.Backlogs, coverage.Backlog{RegionID: f.RegionID, Day: f.AsOf, PrintReady: f.PrintReady})
		}
	}
	slices.SortStableFunc(k.Backlogs, func(a, b coverage.Backlog) int {
		if a.RegionID != b.RegionID {
			return a.RegionID - b.RegionID
		}
		return a.Day.Compare(b.Day)
	})
	k.Week = n.week(day)
	n.drivers(&k, day)
	return k
}

// months is the use of a kabupaten/kota by month, until the last full one before a day.
func (n *nation) months(i int, used, closing []int64, day int) (months []inventory.MonthUse) {
	if n.opened[i] >= day {
		return nil
	}
	date := n.world.Date(day)
	last := time.Date(date.Year(), date.Month(), 1, 0, 0, 0, 0, time.UTC)
	for d := n.opened[i]; d < day; d++ {
		on := n.world.Date(d)
		first := time.Date(on.Year(), on.Month(), 1, 0, 0, 0, 0, time.UTC)
		if !first.Before(last) {
			break
		}
		if len(months) == 0 || !months[len(months)-1].Month.Equal(first) {
			months = append(months, inventory.MonthUse{RegionID: n.facts[i].ID, Month: first})
		}
		m := &months[len(months)-1]
		m.Used += used[d]
		if n.open(d) {
			m.BusinessDays++
			if closing[d] <= 0 || d > n.opened[i] && closing[d-1] <= 0 {
				m.StockoutDays++
			}
		}
	}
	return months
}

// week is how use falls on the days of the week, over half a year before a day.
func (n *nation) week(day int) []inventory.WeekdayUse {
	sums, days := [8]float64{}, [8]int{}
	for d := max(0, day-182); d < day; d++ {
		on := n.world.Date(d)
		if n.closed[on.Format(time.DateOnly)] {
			continue
		}
		w := (int(on.Weekday())+6)%7 + 1
		days[w]++
		for i := range n.facts {
			sums[w] += float64(n.used[i][d])
		}
	}
	var week []inventory.WeekdayUse
	for w := 1; w <= 7; w++ {
		if days[w] > 0 {
			week = append(week, inventory.WeekdayUse{Weekday: w, Mean: sums[w] / float64(days[w]), Days: days[w]})
		}
	}
	return week
}

// positions is what each kabupaten/kota holds and what is under way to it or approved.
func (n *nation) positions(day int) []inventory.Position {
	out := make([]inventory.Position, len(n.facts))
	for i, f := range n.facts {
		out[i] = inventory.Position{RegionID: f.ID, Region: f.Code, Name: f.Name, Zone: string(f.Zone)}
		if day > 0 {
			out[i].Usable = n.closing[i][day-1]
		}
	}
	sent := map[int]int64{} // by request
	for k, s := range n.world.Shipments {
		i, ok := n.supplied(s)
		if !ok || s.Dispatched < 0 || s.Dispatched >= day {
			continue
		}
		sent[s.Request] += sum(s.Pieces[:])
		if s.Received < 0 || s.Received >= day {
			out[i].Incoming = append(out[i].Incoming, inventory.Incoming{RegionID: n.facts[i].ID, Sender: s.From, From: n.kind(s.From), Shipment: int64(k + 1), Pieces: sum(s.Pieces[:]),
				DispatchedOn: n.world.Date(s.Dispatched), ExpectedOn: n.world.Date(max(s.Dispatched, s.Expected))})
		}
	}
	for k, q := range n.world.Requests {
		i, ok := n.holder(int32(q.Place))
		// What is approved is promised; a promise of two months ago is no longer believed.
		if ok && n.world.Places[q.Place].Kind == "regency" && q.Decided >= 0 && q.Decided < day && q.Decided >= day-60 {
			out[i].OnOrder += max(0, q.Approved-sent[k+1])
		}
	}
	return out
}

// supplied is the kabupaten/kota that a shipment from a store above supplies.
func (n *nation) supplied(s demo.Shipment) (int, bool) {
	to := n.world.Places[s.To]
	if _, within := n.holder(int32(s.From)); within || to.Kind != "regency" {
		return 0, false
	}
	return n.holder(int32(s.To))
}

// kind is what kind of place a sender is.
func (n *nation) kind(place int) inventory.PlaceKind {
	return inventory.PlaceKind(n.world.Places[place].Kind)
}

// fates are the shipments that have ended before a day, with what of them never came to the shelf.
func (n *nation) fates(day int) (fates []inventory.Fate) {
	for _, s := range n.world.Shipments {
		if i, ok := n.supplied(s); ok && s.Received >= 0 && s.Received < day && s.Dispatched >= 0 {
			fates = append(fates, inventory.Fate{RegionID: n.facts[i].ID, Sender: s.From, From: n.kind(s.From), Pieces: sum(s.Pieces[:]),
				Lost: sum(s.Missing[:]) + sum(s.Damaged[:])})
		}
	}
	return fates
}

// leads are the supplies received before a day.
func (n *nation) leads(day int) (leads []inventory.LeadTime) {
	for _, s := range n.world.Shipments {
		i, ok := n.supplied(s)
		if !ok || s.Received < 0 || s.Received >= day || s.Dispatched < 0 {
			continue
		}
		l := inventory.LeadTime{RegionID: n.facts[i].ID, Sender: s.From, From: n.kind(s.From), Zone: string(n.facts[i].Zone), DispatchedOn: n.world.Date(s.Dispatched), ReceivedOn: n.world.Date(s.Received), Pieces: sum(s.Pieces[:])}
		if s.Request > 0 {
			q := n.world.Requests[s.Request-1]
			if q.Submitted >= 0 && q.Decided >= 0 {
				asked, decided := n.world.Date(q.Submitted), n.world.Date(q.Decided)
				l.AskedOn, l.DecidedOn, l.Emergency = &asked, &decided, q.Emergency
			}
		}
		leads = append(leads, l)
	}
	return leads
}

func sum(pieces []int64) (all int64) {
	for _, p := range pieces {
		all += p
	}
	return all
}
