package forecasting

import (
	"math"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// parts are what the mean of a month is made of, in pieces; without Calendar, AtOffice and ServicePoints they sum to it.
type parts struct {
	Purposes      map[string]float64 `json:"purposes"`       // of those who come of themselves, as if nobody had a digital identity
	EarlyRecorded float64            `json:"early_recorded"` // first cards of people recorded at sixteen
	DigitalID     float64            `json:"digital_id"`     // no longer asked for, at most 0
	SwitchedOff   float64            `json:"switched_off"`   // by circulars, at most 0
	Visits        float64            `json:"visits"`         // planned, by the chance that they are held
	BesideVisits  float64            `json:"beside_visits"`  // of usual visits in whose place the planned ones stand, at most 0
	Calendar      map[string]float64 `json:"calendar"`       // factors: month of the year, Ramadan, Lebaran, elections, working days, birthdays
	ServicePoints float64            `json:"service_points"` // of it, at kecamatan that print
}

// explain says what the mean of each month is made of.
func (o *outlook) explain(k *common, visits taken, ordinary demand.Forecast, day today) []parts {
	d := &o.place.drivers
	out := make([]parts, len(o.demand.Mean))
	for h := range out {
		m := day.month + month(h)
		ratio, early := d.firstCards(m)
		kept := d.kept(m)
		first := d.shares["first-time"]
		whole := first*ratio + (1-first)*kept // the base, in units of what is usual
		unit := o.base.Mean[h] / math.Max(whole, 1e-9)
		s := &out[h]
		s.Purposes = map[string]float64{}
		for _, purpose := range inventory.Purposes {
			share := unit * d.shares[purpose]
			if purpose == "first-time" {
				s.EarlyRecorded = share * ratio * early
				share *= ratio * (1 - early)
			}
			if share > 0 {
				s.Purposes[string(purpose)] = share
			}
		}
		s.DigitalID = -unit * (1 - first) * (1 - kept)
		s.SwitchedOff = o.base.Mean[h] * (d.left(m, k.calendar) - 1)
		s.BesideVisits = ordinary.Mean[h] - o.base.Mean[h] - s.SwitchedOff
		s.Visits = visits.means[h]
		s.Calendar = k.told(m, day.month, o.place)
		s.Calendar["birthdays"] = ratio
		for _, b := range o.below {
			if b.region.ID != 0 {
				s.ServicePoints += b.mean[h]
			}
		}
	}
	return out
}

// told are the factors that all regions share in a month.
func (k *common) told(m, now month, p *place) map[string]float64 {
	factors := map[string]float64{}
	if !p.normal() {
		return factors
	}
	s := k.at[now]
	factors["working_days"] = k.calendar.workIn(m) / ordinary
	factors["month"] = math.Exp(s.months[m.season()])
	for j, share := range k.signs[s.window][m] {
		if share > 0 {
			factors[eventNames[j]] = math.Exp(s.events[j] * share)
		}
	}
	return factors
}

// sumOfParts is what the mean of a month is made of in several places together. A factor of the calendar is the mean of
// theirs, by demand.
func sumOfParts(members []*outlook, h int) parts {
	all := parts{Purposes: map[string]float64{}, Calendar: map[string]float64{}}
	demand := map[string]float64{}
	for _, o := range members {
		p := o.parts[h]
		for purpose, n := range p.Purposes {
			all.Purposes[purpose] += n
		}
		all.EarlyRecorded += p.EarlyRecorded
		all.DigitalID += p.DigitalID
		all.SwitchedOff += p.SwitchedOff
		all.Visits += p.Visits
		all.BesideVisits += p.BesideVisits
		all.ServicePoints += p.ServicePoints
		for name, factor := range p.Calendar {
			all.Calendar[name] += factor * o.demand.Mean[h]
			demand[name] += o.demand.Mean[h]
		}
	}
	for name := range all.Calendar {
		all.Calendar[name] /= math.Max(demand[name], 1e-9)
	}
	return all
}
