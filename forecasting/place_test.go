package forecasting

import (
	"math"
	"testing"
	"time"
)

// Whatever the backlog did, what is taken for demand lies between the identity and exposure, exposure is a share, and of
// a shelf that was hardly ever full nothing is known.
func TestDemandBehindEmptyShelvesLiesBetweenIdentityAndExposure(t *testing.T) {
	t.Parallel()
	for _, used := range []float64{0, 1, 100, 1000} {
		for _, exposure := range []float64{0, 0.1, 0.3, 0.7, 1} {
			for _, grown := range []float64{-2000, -500, -10, 0, 10, 500} {
				months := []monthKnown{{used: used, demand: used, exposure: exposure, work: 120}}
				stretch(months, 2000, 2000+grown)
				got, share := months[0].demand, months[0].exposure
				if exposure < 0.25 {
					if share != 0 {
						t.Fatalf("used %g, exposed %g, backlog grown by %g: exposure %g, want nothing known", used, exposure, grown, share)
					}
					continue
				}
				if !(share > 0 && share <= 1) {
					t.Fatalf("used %g, exposed %g, backlog grown by %g: exposure %g", used, exposure, grown, share)
				}
				identity := math.Max(0, used+grown)
				least, most := math.Min(identity, used/exposure), math.Max(identity, used/exposure)
				if d := got / share; d < least-1e-9 || d > most+1e-9 {
					t.Errorf("used %g, exposed %g, backlog grown by %g: demand %g, want between %g and %g", used, exposure, grown, d, least, most)
				}
			}
		}
	}
}

// An office serves 100 people on each working day and is empty for the whole of March and half of April. A third of those
// who come in vain are written down; of the others half come again. Neither the empty months nor the crowd that follows
// is taken for demand: no month is a third off.
func TestAnEmptyShelfAndTheCrowdAfterItAreTakenTogether(t *testing.T) {
	t.Parallel()
	demand, work := 2000.0, 120.0
	p := &place{first: monthOf(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))}
	for _, m := range []monthKnown{
		{used: demand, exposure: 1}, {used: demand, exposure: 1},
		{used: 0, exposure: 0}, {used: demand / 2, exposure: 0.5}, {used: demand + demand*2/3*1.5, exposure: 1},
		{used: demand, exposure: 1},
	} {
		m.demand, m.work = m.used, work
		p.months = append(p.months, m)
	}
	waiting := map[month]int64{p.first - 1: 50, p.first: 50, p.first + 1: 50, p.first + 2: 50 + 667, p.first + 3: 50 + 1000, p.first + 4: 50, p.first + 5: 50}
	p.uncover(waiting)
	for i, k := range p.months {
		if k.exposure == 0 || math.Abs(k.demand/k.exposure-demand) > demand/3 {
			t.Errorf("month %d: demand %.0f with exposure %.2f, want about %.0f", i+1, k.demand, k.exposure, demand)
		}
	}
}

// The yardsticks are held to the same demand as the forecast: a month behind empty shelves does not make them low.
func TestTheYardsticksSpeakOfDemand(t *testing.T) {
	t.Parallel()
	p := &place{first: monthOf(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC))}
	for range 24 {
		p.months = append(p.months, monthKnown{used: 900, demand: 1000, exposure: 1})
	}
	p.months[13] = monthKnown{used: 100, demand: 100, exposure: 0.1}  // February 2025: hardly anything is known
	p.months[14] = monthKnown{used: 500, demand: 500, exposure: 0.5}  // March 2025: half of it was seen
	p.months[23] = monthKnown{used: 0, demand: 0, exposure: 0}        // December 2025: empty
	p.months[22] = monthKnown{used: 250, demand: 250, exposure: 0.25} // November 2025: a quarter was seen
	for m := range 12 {
		naive, average := p.baselines(p.first + 24 + month(m))
		if naive == nil || *naive != 1000 {
			t.Errorf("month %d: seasonal naive %v, want 1000", m+1, naive)
		}
		if average == nil || *average != 1000 {
			t.Errorf("month %d: mean of three months %v, want 1000", m+1, average)
		}
	}
	p.months = p.months[:2]
	if naive, average := p.baselines(p.first + 2); naive != nil || average != nil {
		t.Error("a yardstick without a history")
	}
}
