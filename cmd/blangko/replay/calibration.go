package replay

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"blangko/cmd/blangko/demo"
	"blangko/forecasting"
	"blangko/forecasting/demand"
	"blangko/inventory"
)

// Options say on which nations something is tried.
type Options struct {
	Seeds int      // nations
	Only  []string // codes of regions; all when empty
	Days  []int    // Calibration: days before the end on which it is foreseen
}

// Record is how true the stated probabilities of running out were.
type Record struct {
	Bins      []demand.Bin
	Error     float64 // expected calibration error
	Low, High float64 // of it, 95 %, by resampling nights: regions of one night share their luck
	Brier     float64
	Base      float64 // share that happened
	Cases     int
	Nights    int
}

type night struct {
	stated   []float64
	happened []bool
}

// Calibrate foresees synthetic nations on some days of their last half year and compares what was stated of running out
// with what came.
func Calibrate(ctx context.Context, o Options, progress func(done, total int)) (r Record, err error) {
	var nights []night
	end := time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)
	for seed := range o.Seeds {
		n := newNation(demo.Judged(uint64(1000+seed)), end, o.Only)
		for _, back := range o.Days {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			one, err := n.state(len(n.used[0]) - back)
			if err != nil {
				return r, err
			}
			nights = append(nights, one)
			progress(len(nights), o.Seeds*len(o.Days))
		}
	}
	r.Bins, r.Error, r.Cases = reliability(nights)
	r.Nights = len(nights)
	var stated []float64
	var happened []bool
	for _, n := range nights {
		stated, happened = append(stated, n.stated...), append(happened, n.happened...)
	}
	r.Brier = demand.Brier(stated, happened)
	for _, h := range happened {
		if h {
			r.Base += 1 / float64(len(happened))
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	errs := make([]float64, 500)
	for k := range errs {
		sample := make([]night, len(nights))
		for i := range sample {
			sample[i] = nights[rng.IntN(len(nights))]
		}
		_, errs[k], _ = reliability(sample)
	}
	slices.Sort(errs)
	r.Low, r.High = errs[12], errs[487]
	return r, nil
}

// state foresees one night and says what came.
func (n *nation) state(day int) (one night, err error) {
	date := n.world.Date(day)
	outlooks, _, err := forecasting.Foresee(n.known(day), date, nil)
	if err != nil {
		return one, err
	}
	supplies := map[int][]inventory.LeadTime{}
	for _, l := range n.leads(len(n.used[0])) {
		supplies[l.RegionID] = append(supplies[l.RegionID], l)
	}
	for i, o := range outlooks {
		if o.Err != nil {
			return one, fmt.Errorf("foresee %s on %s: %w", n.facts[i].Code, date.Format(time.DateOnly), o.Err)
		}
		if day+o.Lead() > len(n.used[i]) {
			continue // it cannot be told yet
		}
		var days []inventory.DayOfUse
		for d := day; d < day+o.Lead(); d++ {
			if n.used[i][d] != 0 || n.other[i][d] != 0 {
				days = append(days, inventory.DayOfUse{RegionID: n.facts[i].ID, Day: n.world.Date(d), Used: n.used[i][d], Other: n.other[i][d], Closing: n.closing[i][d]})
			}
		}
		one.stated = append(one.stated, o.Need.RunOut)
		one.happened = append(one.happened, o.RanOut(date, days, supplies[n.facts[i].ID]))
	}
	return one, nil
}

func reliability(nights []night) ([]demand.Bin, float64, int) {
	var stated []float64
	var happened []bool
	for _, n := range nights {
		stated, happened = append(stated, n.stated...), append(happened, n.happened...)
	}
	bins, e := demand.Reliability(stated, happened, 10)
	return bins, e, len(stated)
}

// Print writes the record as a table.
func (r Record) Print(w io.Writer) error {
	text := fmt.Sprintf("%d statements of %d nights; ran out: %.1f %%; Brier score %.4f (%.4f by always stating that share)\n\n", r.Cases, r.Nights, 100*r.Base, r.Brier, r.Base*(1-r.Base))
	text += "stated, mean   happened   statements\n"
	for _, b := range r.Bins {
		if b.Cases > 0 {
			text += fmt.Sprintf("%11.3f %10.3f %12d\n", b.Stated, b.Happened, b.Cases)
		}
	}
	text += fmt.Sprintf("\nexpected calibration error %.4f (95 %%: %.4f to %.4f, by resampling nights)\n", r.Error, r.Low, r.High)
	_, err := io.WriteString(w, text)
	return err
}
