package replay

import (
	"slices"
	"time"

	"blangko/cmd/blangko/demo"
	"blangko/coverage"
	"blangko/forecasting"
	"blangko/inventory"
)

// month numbers the months of the world from 0.
func (n *nation) month(day int) int {
	on := n.world.Date(day)
	return (on.Year()-n.world.Start.Year())*12 + int(on.Month()-n.world.Start.Month())
}

func (n *nation) first(month int) time.Time {
	return time.Date(n.world.Start.Year(), n.world.Start.Month()+time.Month(month), 1, 0, 0, 0, 0, time.UTC)
}

// drivers adds what offices know in the morning of a day of why people will come: the register of birthdays, which reaches a
// year ahead, figures of the digital identity until then, use by purpose, circulars and visits that are announced.
func (n *nation) drivers(k *forecasting.Known, day int) {
	date := n.world.Date(day)
	for _, b := range n.world.Birthdays {
		for m, people := range b.People {
			if month := b.First.AddDate(0, m, 0); month.Before(date.AddDate(1, 0, 0)) {
				k.Birthdays = append(k.Birthdays, coverage.Birthdays{RegionID: b.RegionID, Month: month, People: people})
			}
		}
	}
	for _, d := range n.world.DigitalIDs {
		if d.Day < day {
			k.DigitalIDs = append(k.DigitalIDs, coverage.Share{RegionID: d.RegionID, Day: n.world.Date(d.Day), Share: d.Share})
		}
	}
	k.Purposes, k.Circulars = n.purposes(day), n.circulars(day)
	k.Visits = n.visits(day)
	k.Settings.DigitalID = assumedSaved
}

// assumedSaved is what the settings assume of the digital identity while nobody sets another part.
const assumedSaved = 0.3

// purposes are the uses of the last twelve full months; what visits were posted for stands in their reports.
func (n *nation) purposes(day int) (uses []inventory.PurposeUse) {
	last := n.month(day)
	atVisits := make([]map[int]int64, len(n.facts))
	for i := range atVisits {
		atVisits[i] = map[int]int64{}
	}
	for _, v := range n.world.Visits {
		if v.Day < day {
			atVisits[n.at[v.RegionID]][n.month(v.Day)] += v.People
		}
	}
	for i, f := range n.facts {
		for m := max(0, last-12); m < last; m++ {
			outreach := int64(0)
			for _, purpose := range inventory.Purposes {
				used := n.causes[i][cause{m, string(purpose)}]
				if purpose == "first-time" {
					outreach = min(used, atVisits[i][m])
					used -= outreach
				}
				if purpose == "outreach" {
					used = outreach
				}
				if used > 0 {
					uses = append(uses, inventory.PurposeUse{RegionID: f.ID, Month: n.first(m), Purpose: purpose, Used: used})
				}
			}
		}
	}
	return uses
}

// circulars are those announced by a day.
func (n *nation) circulars(day int) (all []forecasting.Circular) {
	for _, c := range n.world.Circulars {
		if c.From-n.before < day {
			until := n.world.Date(c.Until).Format(time.DateOnly)
			all = append(all, forecasting.Circular{Region: "00", Classes: []forecasting.Class{forecasting.Class(c.Class)},
				From: n.world.Date(c.From).Format(time.DateOnly), Until: &until})
		}
	}
	return all
}

// visits are those announced by a day for it or later. What they take goes by the heads counted there and by what came of
// heads before, in the kabupaten/kota as far as it has experience; the chance that they are held by how many were.
func (n *nation) visits(day int) (planned []forecasting.Visit) {
	const experience = 200.0 // heads of the nation that count as much as as many of its own
	heads, people := make([]float64, len(n.facts)), make([]float64, len(n.facts))
	var allHeads, allPeople, held, past float64
	first := slices.IndexFunc(n.world.Visits, func(v demo.Visit) bool { return v.Day >= day })
	if first < 0 {
		return nil
	}
	for _, v := range n.world.Visits[:first] {
		past++
		if i := n.at[v.RegionID]; v.Held {
			held++
			heads[i], people[i] = heads[i]+float64(v.Heads), people[i]+float64(v.People)
			allHeads, allPeople = allHeads+float64(v.Heads), allPeople+float64(v.People)
		}
	}
	if allHeads == 0 {
		return nil
	}
	for _, v := range n.world.Visits[first:] {
		if v.Day >= day+n.before {
			break
		}
		i := n.at[v.RegionID]
		turnout := (people[i] + experience*allPeople/allHeads) / (heads[i] + experience)
		planned = append(planned, forecasting.Visit{RegionID: v.RegionID, Day: n.world.Date(v.Day), Blanks: float64(v.Heads) * turnout, Held: held / past})
	}
	return planned
}
