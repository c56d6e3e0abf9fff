package forecasting

import (
	"time"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// Outlook is what is foreseen of one kabupaten/kota.
type Outlook struct {
	Need     inventory.Need
	OnHand   int64           // usable pieces
	Incoming int64           // under way or approved
	Demand   demand.Forecast // pieces a month, from the current one on
	Err      error           // why it could not be forecast
}

// Lead is the number of days within which a run-out is foreseen: nine new deliveries of ten have come by then.
func (o Outlook) Lead() int { return max(1, int(o.Need.LeadP90)) }

// Kept is which method each kabupaten/kota was found to fare best with, and how wide forecasts should be.
type Kept struct {
	widths calibrations
	chosen []method
}

// Foresee forecasts from what is known on a day, as a night does, without a database: the same knowledge gives the same
// outlooks, in the order of the positions. What was kept of an earlier day spares testing the methods again; nil tests them.
func Foresee(known Known, date time.Time, kept *Kept) ([]Outlook, *Kept, error) {
	v := prepare(known, date)
	if kept == nil {
		kept = &Kept{chosen: v.test(func() {})}
		kept.widths = v.widths
	}
	v.widths = kept.widths
	if err := v.foresee(kept.chosen, func() {}); err != nil {
		return nil, nil, err
	}
	out := make([]Outlook, len(v.outlooks))
	for i, o := range v.outlooks {
		out[i] = Outlook{Need: o.need, OnHand: o.place.position.Usable, Incoming: o.incoming, Demand: o.demand, Err: o.err}
	}
	return out, kept, nil
}

// RanOut says whether the shelf of an outlook made on a day ran empty within its lead time, or would have without
// deliveries that were neither under way nor approved on that day, by what was used and what was received.
func (o Outlook) RanOut(asOf time.Time, days []inventory.DayOfUse, supplies []inventory.LeadTime) bool {
	return past{AsOf: asOf, OnHand: o.OnHand, Incoming: o.Incoming, HorizonDays: o.Lead()}.ranOut(days, supplies)
}
