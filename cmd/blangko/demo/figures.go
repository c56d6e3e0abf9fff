package demo

import (
	"math"
	"math/rand/v2"
	"time"

	"blangko/internal/region"
)

// Coverage is how many people of a region have their papers.
type Coverage struct {
	NotEnrolled       float64    // of the id-card eligible, in the middle region at the end
	NotEnrolledPapua  float64    // likewise in the six provinces of Papua
	NoCertificate     float64    // children without birth certificate, in the middle region at the end
	NoCertificatePap  float64    //
	Spread            float64    // sigma of the log-normal between regions
	PerYear           float64    // of those who lacked a paper, the share that got it in a year
	Eligible, Child   float64    // of all people
	Growth            float64    // of the population a year
	PrintReadyDays    [2]float64 // working days of first cards that are always on their way to the printer
	Sent, Adjudicated float64    // of the enrolled
	Late, Silent      float64    // of the reports, those that come late; of the offices, those that stopped reporting of late
}

// Figure is what a region reports at the end of a month.
type Figure struct {
	RegionID   int
	Subject    string // recording or birth-certificate
	AsOf       time.Time
	People     int64
	Have       int64
	Sent       int64 // of recordings only, as are the next
	Held       int64
	PrintReady int64
	Submitted  time.Time // the day on which its office handed it in
}

// figures are monthly reports of recording, with the backlog that the month's printing left, and quarterly ones of
// birth certificates.
func (r *run) figures(facts []region.Fact) {
	p := r.p.Coverage
	released := region.Date(2024, time.December, 31) // the population that the facts hold
	for _, f := range facts {
		months, ok := r.truth[f.ID]
		if !ok {
			continue
		}
		rng := r.p.chance(3_000_000 + f.ID)
		handedIn := p.punctuality(r.p.chance(4_000_000+f.ID), r.w.End)
		lack := func(usual, papua float64) float64 {
			if f.Code[0] == '9' {
				usual = papua
			}
			return math.Min(0.7, usual*math.Exp(p.Spread*rng.NormFloat64()))
		}
		notEnrolled, noCertificate := lack(p.NotEnrolled, p.NotEnrolledPapua), lack(p.NoCertificate, p.NoCertificatePap)
		underWay := between(rng, p.PrintReadyDays)
		for m, truth := range *months {
			asOf := region.Date(r.w.Start.Year(), r.w.Start.Month()+time.Month(m)+1, 0)
			if asOf.After(r.w.End) {
				break
			}
			grown := math.Pow(1+p.Growth, asOf.Sub(released).Hours()/24/365.25)
			ago := math.Pow(1-p.PerYear, -r.w.End.Sub(asOf).Hours()/24/365.25)
			report := func(subject string, share, lacking float64) Figure {
				people := math.Round(float64(f.People()) * grown * share)
				without := math.Round(people * math.Min(0.9, lacking*ago*(1+0.01*rng.NormFloat64())))
				return Figure{RegionID: f.ID, Subject: subject, AsOf: asOf, People: int64(people), Have: int64(people - without)}
			}
			recording := report("recording", p.Eligible, notEnrolled)
			recording.Sent = int64(float64(recording.Have) * p.Sent * math.Exp(0.3*rng.NormFloat64()))
			recording.Held = int64(float64(recording.Have) * p.Adjudicated * math.Exp(0.2*rng.NormFloat64()))
			first := float64(truth.Demand) / 21 * r.p.Demand.Shares[firstTime]
			recording.PrintReady = truth.PrintReady + int64(first*underWay)
			recording.Submitted = handedIn(asOf)
			r.w.Figures = append(r.w.Figures, recording)
			if asOf.Month()%3 == 0 {
				certificates := report("birth-certificate", p.Child, noCertificate)
				certificates.Submitted = handedIn(asOf)
				r.w.Figures = append(r.w.Figures, certificates)
			}
		}
	}
}

// punctuality is how an office hands in its reports: within nine days, now and then two to five weeks late, and not at
// all once it has gone silent, which then lasts until the end.
func (p Coverage) punctuality(rng *rand.Rand, end time.Time) func(asOf time.Time) time.Time {
	never := end.AddDate(1, 0, 0)
	silentFrom := never
	if rng.Float64() < p.Silent {
		silentFrom = end.AddDate(0, -1-rng.IntN(4), 0)
	}
	return func(asOf time.Time) time.Time {
		days := 1 + rng.IntN(9)
		if rng.Float64() < p.Late {
			days += 14 + rng.IntN(21)
		}
		if asOf.After(silentFrom) {
			return never
		}
		return asOf.AddDate(0, 0, days)
	}
}

// release is the population release (DKB) that a figure of that day is made with: it comes out two months after its day.
func release(day time.Time) string {
	known := day.AddDate(0, -2, 0)
	if known.Month() > time.June {
		return known.Format("2006") + "-S1"
	}
	return known.AddDate(-1, 0, 0).Format("2006") + "-S2"
}
