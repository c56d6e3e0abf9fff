package inventory_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/inventory"
)

var (
	tidore   = access.Actor{ID: 31, Name: "officer.82.72", Role: access.Officer, Reach: "82.72"}
	ternate2 = access.Actor{ID: 32, Name: "officer2.82.71", Role: access.Officer, Reach: "82.71"}
)

func TestALoanGoesThereAndBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	lender, borrower := b.placeOf(t, "82.72", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.RegencyOffice)
	b.give(t, lender, 100)
	_, err := b.ledger.ProposeLoan(ctx, ternate, inventory.NewLoan{From: "12.71", Pieces: 40, DueOn: "2026-12-20"})
	wantFault(t, "a loan from another province", err, inventory.ErrOtherProvince)
	n := must[inventory.Loan](t)(b.ledger.ProposeLoan(ctx, ternate, inventory.NewLoan{From: "82.72", Pieces: 40, DueOn: "2026-12-20"}))
	_, err = b.ledger.AcceptLoan(ctx, ternate, n.ID, n.Version)
	wantFault(t, "the borrower accepts", err, inventory.ErrNotYourEnd)
	_, err = b.ledger.Loan(ctx, medan, n.ID)
	wantFault(t, "a third office reads it", err, inventory.ErrLoanUnknown)
	other := must[inventory.Loan](t)(b.ledger.ProposeLoan(ctx, ternate, inventory.NewLoan{From: "82.72", Pieces: 5, DueOn: "2026-12-20"}))
	_, err = b.ledger.WithdrawLoan(ctx, tidore, other.ID, other.Version, "tidak jadi")
	wantFault(t, "the lender withdraws", err, inventory.ErrNotYourEnd)
	other = must[inventory.Loan](t)(b.ledger.WithdrawLoan(ctx, ternate, other.ID, other.Version, "tidak jadi"))
	_, err = b.ledger.AcceptLoan(ctx, tidore, other.ID, other.Version)
	wantFault(t, "accept what was withdrawn", err, inventory.ErrLoanState)
	n = must[inventory.Loan](t)(b.ledger.AcceptLoan(ctx, tidore, n.ID, n.Version))
	carry := func(id int64, from, to access.Actor, good int64) {
		t.Helper()
		s := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, from, id))
		s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, from, s.ID, s.Version, inventory.Dispatching{}))
		must[inventory.Receipt](t)(b.ledger.Receive(ctx, to, inventory.NewReceipt{Shipment: s.ID, Lines: counts(good, 0)}))
	}
	carry(*n.Shipment, tidore, ternate, 38)
	// The borrower misses two; the lender, who does not reach the borrower's place, answers that they never left.
	d := must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, tidore, inventory.DiscrepancyFilter{Open: true})).Items[0]
	must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, tidore, d.ID, d.Version, inventory.NewAnswer{Answer: "found-here", Note: "tertinggal"}))
	n = must[inventory.Loan](t)(b.ledger.Loan(ctx, tidore, n.ID))
	if n.State != "received" {
		t.Errorf("loan is %s, want received", n.State)
	}
	n = must[inventory.Loan](t)(b.ledger.ReturnLoan(ctx, ternate, n.ID, n.Version, 0))
	carry(*n.ReturnShipment, ternate, tidore, 38)
	n = must[inventory.Loan](t)(b.ledger.Loan(ctx, ternate, n.ID))
	if n.State != "settled" || b.held(t, lender, inventory.Usable) != 100 || b.held(t, borrower, inventory.Usable) != 0 {
		t.Errorf("loan is %s, lender holds %d", n.State, b.held(t, lender, inventory.Usable))
	}
	b.sound(t)
}

// TestALoanIsOwedUntilItIsBack: what never left is still owed, a part may go back first, and where nothing arrived nothing is owed.
func TestALoanIsOwedUntilItIsBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, b.placeOf(t, "82.72", inventory.RegencyOffice), 100)
	lent := func(pieces int64) inventory.Loan {
		t.Helper()
		n := must[inventory.Loan](t)(b.ledger.ProposeLoan(ctx, ternate, inventory.NewLoan{From: "82.72", Pieces: pieces, DueOn: "2026-12-20"}))
		return must[inventory.Loan](t)(b.ledger.AcceptLoan(ctx, tidore, n.ID, n.Version))
	}
	// carry sends a shipment of which only some arrive; the sender answers for the rest.
	carry := func(id int64, from, to access.Actor, good int64, answer string) {
		t.Helper()
		s := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, from, id))
		s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, from, s.ID, s.Version, inventory.Dispatching{}))
		must[inventory.Receipt](t)(b.ledger.Receive(ctx, to, inventory.NewReceipt{Shipment: s.ID, Lines: counts(good, 0)}))
		for _, d := range must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, from, inventory.DiscrepancyFilter{Shipment: id, Open: true})).Items {
			must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, from, d.ID, d.Version, inventory.NewAnswer{Answer: answer, Note: "dihitung ulang"}))
		}
	}
	is := func(n inventory.Loan, state string, owed int64) inventory.Loan {
		t.Helper()
		n = must[inventory.Loan](t)(b.ledger.Loan(ctx, tidore, n.ID))
		if n.State != state || n.Owed != owed {
			t.Errorf("the loan is %s and %d are owed, want %s and %d", n.State, n.Owed, state, owed)
		}
		return n
	}
	n := lent(40)
	carry(*n.Shipment, tidore, ternate, 40, "")
	n = is(n, "received", 40)
	_, err := b.ledger.ReturnLoan(ctx, ternate, n.ID, n.Version, 41)
	wantFault(t, "more than is owed", err, fault.ErrInvalid)
	n = must[inventory.Loan](t)(b.ledger.ReturnLoan(ctx, ternate, n.ID, n.Version, 15))
	carry(*n.ReturnShipment, ternate, tidore, 0, "found-here") // none of them had left
	n = is(n, "received", 40)
	n = must[inventory.Loan](t)(b.ledger.ReturnLoan(ctx, ternate, n.ID, n.Version, 15))
	carry(*n.ReturnShipment, ternate, tidore, 15, "")
	n = is(n, "received", 25)
	n = must[inventory.Loan](t)(b.ledger.ReturnLoan(ctx, ternate, n.ID, n.Version, 0))
	carry(*n.ReturnShipment, ternate, tidore, 24, "lost")
	n = is(n, "settled", 0)
	_, err = b.ledger.ReturnLoan(ctx, ternate, n.ID, n.Version, 0)
	wantFault(t, "when nothing is owed", err, inventory.ErrLoanState)

	nothing := lent(30)
	carry(*nothing.Shipment, tidore, ternate, 0, "found-here")
	b.inTheDatabase(t, `UPDATE loans SET due_on = business_date() - 1`)
	is(nothing, "settled", 0)
	b.sound(t)
}

func TestTheSuggestedLoansLetAProvinceRunOutTogether(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, b.placeOf(t, "82.72", inventory.RegencyOffice), 700)
	b.give(t, b.placeOf(t, "82.71", inventory.RegencyOffice), 50)
	b.need(t, map[string]float64{"82.71": 20, "82.72": 10, "12.71": 100})
	loans := must[[]inventory.SuggestedLoan](t)(b.ledger.SuggestLoans(ctx, maluku, "82"))
	// 750 pieces over 30 a day are 25 days: Ternate wants 450 more, Tidore can spare 450.
	if len(loans) != 1 || loans[0].From != "82.72" || loans[0].To != "82.71" || loans[0].Pieces != 450 || loans[0].Days != 25 {
		t.Errorf("loans %+v", loans)
	}
}

func TestACountIsBlindWhileIssuingGoesOn(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	b.give(t, office, 100)
	c := must[inventory.Count](t)(b.ledger.RequestCount(ctx, ternate, inventory.NewCount{}))
	if c.Ledger != nil || c.Difference != nil {
		t.Errorf("a blind count tells the ledger: %+v", c)
	}
	_, err := b.ledger.RequestCount(ctx, ternate, inventory.NewCount{})
	wantFault(t, "two counts at once", err, inventory.ErrCountOpen)
	future := noon().Add(time.Hour)
	_, err = b.ledger.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 93, CountedAt: &future})
	if f, ok := fault.As(err); !ok || len(f.Fields) == 0 || f.Fields[0].Code != "in-the-future" {
		t.Errorf("a count in the future: %v", err)
	}
	// The clock of the ledger is the database's: let the count be taken now, by it.
	live := inventory.NewLedger(b.db, time.Now)
	c = must[inventory.Count](t)(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 93}))
	must[inventory.Move](t)(b.ledger.Post(ctx, ternate, use(office, public, 10))) // issued after the count
	if *c.Ledger != 100 || *c.Difference != -7 {
		t.Errorf("count %+v, want 7 too few", c)
	}
	_, err = live.PostCount(ctx, ternate, c.ID, c.Version, "missing", "")
	wantFault(t, "post one's own count", err, inventory.ErrOwnWork)
	_, err = live.PostCount(ctx, ternate2, c.ID, c.Version, "none", "")
	if f, ok := fault.As(err); !ok || len(f.Fields) == 0 {
		t.Errorf("a difference without a reason: %v", err)
	}
	c = must[inventory.Count](t)(live.AskRecount(ctx, ternate2, c.ID, c.Version, "hitung ulang"))
	c = must[inventory.Count](t)(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 83}))
	c = must[inventory.Count](t)(live.PostCount(ctx, ternate2, c.ID, c.Version, "missing", "BA-SO"))
	if got := b.held(t, office, inventory.Usable); got != 83 || c.Move == "" {
		t.Errorf("office holds %d, want the 83 counted", got)
	}
	// What was counted stays as it was.
	late := use(office, public, 1)
	late.Date = "2020-01-02" // before any day on which the test can run
	_, err = b.ledger.Post(ctx, ternate, late)
	wantFault(t, "a move before the count", err, inventory.ErrPeriodClosed)
	b.sound(t)
}

// Stores have no public around them at the nation; what nobody can explain still leaves and comes.
func TestEveryStoreCanBeCounted(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	live := inventory.NewLedger(b.db, time.Now)
	store2 := access.Actor{ID: 22, Name: "store2", Role: access.Store, Reach: "00"}
	province2 := access.Actor{ID: 23, Name: "province2.12", Role: access.Province, Reach: "12"}
	for _, c := range []struct {
		region      string
		kind        inventory.PlaceKind
		who, second access.Actor
	}{{"00", inventory.NationalStore, store, store2}, {"12", inventory.ProvinceStore, sumut, province2}} {
		place := b.placeOf(t, c.region, c.kind)
		b.give(t, place, 100)
		for _, counted := range []int64{93, 95} { // too few, then too many
			n := must[inventory.Count](t)(live.RequestCount(ctx, c.who, inventory.NewCount{Place: place}))
			n = must[inventory.Count](t)(live.EnterCount(ctx, c.who, n.ID, n.Version, inventory.Counting{Counted: counted}))
			must[inventory.Count](t)(live.PostCount(ctx, c.second, n.ID, n.Version, "missing", "BA-SO"))
			if got := b.held(t, place, inventory.Usable); got != counted {
				t.Errorf("%s holds %d, want the %d counted", c.kind, got, counted)
			}
		}
	}
	b.sound(t)
}

// What is too many has no papers: it enters as the lot that the counter names, else as the last that came of those that are there.
func TestASurplusEntersAsTheLotThatThePlaceHasOrTheCounterNames(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	live := inventory.NewLedger(b.db, time.Now)
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	newer := b.brought(t, inventory.NewProcurement{Fund: "APBN", Blank: "6", Pieces: 100}).Lot
	others := b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12.71", Pieces: 10}).Lot
	b.give(t, office, 10)
	s := b.sent(t, b.approved(t, 20, 20), 20)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(20, 0)}))
	held := func(lot int, condition inventory.Condition) (pieces int64) {
		for _, s := range must[inventory.Place](t)(b.ledger.Place(ctx, planner, office)).Stock {
			if s.Lot == lot && s.Condition == condition {
				pieces += s.Pieces
			}
		}
		return pieces
	}
	count := func(condition inventory.Condition, in inventory.Counting) (inventory.Count, error) {
		n := must[inventory.Count](t)(live.RequestCount(ctx, ternate, inventory.NewCount{Condition: condition}))
		n, err := live.EnterCount(ctx, ternate, n.ID, n.Version, in)
		if err != nil {
			n = must[inventory.Count](t)(live.Count(ctx, ternate, n.ID))
			must[inventory.Count](t)(live.CancelCount(ctx, ternate, n.ID, n.Version, "batal"))
			return n, err
		}
		return live.PostCount(ctx, ternate2, n.ID, n.Version, "found", "")
	}
	version := func(v string) *string { return &v }
	total := int64(30)
	for _, c := range []struct {
		name      string
		condition inventory.Condition
		in        inventory.Counting
		lot       int
	}{
		{"the last that came", inventory.Usable, inventory.Counting{}, newer},
		{"those without a version", inventory.Usable, inventory.Counting{Blank: version("")}, 1},
		{"a lot by name", inventory.Usable, inventory.Counting{Lot: 2}, 2},
		{"a version", inventory.Usable, inventory.Counting{Blank: version("6")}, newer},
	} {
		total++
		c.in.Counted = total
		before := held(c.lot, c.condition)
		n, err := count(c.condition, c.in)
		if err != nil || n.Lot == nil || *n.Lot != c.lot || held(c.lot, c.condition) != before+1 {
			t.Errorf("%s: %+v, %v; %d of lot %d, want %d", c.name, n, err, held(c.lot, c.condition), c.lot, before+1)
		}
	}
	if n := must[inventory.Count](t)(count(inventory.Spoiled, inventory.Counting{Counted: 1})); *n.Lot != newer || held(newer, inventory.Spoiled) != 1 {
		t.Errorf("spoiled where nothing was: %+v", n)
	}
	if n := must[inventory.Count](t)(count(inventory.Usable, inventory.Counting{Counted: total - 1, Lot: 2})); n.Lot != nil {
		t.Errorf("too few are of a lot: %+v", n)
	}
	_, err := count(inventory.Usable, inventory.Counting{Counted: 99, Lot: others})
	wantFault(t, "the grant of another", err, inventory.ErrEarmarked)
	for field, in := range map[string]inventory.Counting{"lot-unknown": {Lot: 99}, "version-never-here": {Blank: version("5")}, "lot-says-version": {Lot: 1, Blank: version("6")}} {
		_, err := count(inventory.Usable, in)
		if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != field {
			t.Errorf("%+v: %v, want %s", in, err, field)
		}
	}
	b.sound(t)
}

func TestACountGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	live := inventory.NewLedger(b.db, time.Now)
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	b.give(t, office, 100)
	count := must[inventory.Count](t)
	c := count(live.RequestCount(ctx, auditor, inventory.NewCount{Region: "82.71"}))
	_, err := live.ReviewCount(ctx, ternate2, c.ID, c.Version, "missing", "")
	wantFault(t, "review what nobody counted", err, inventory.ErrCountState)
	_, err = live.StartCount(ctx, maluku, c.ID, c.Version)
	wantFault(t, "the province at the shelf", err, inventory.ErrNotYourEnd)
	c = count(live.StartCount(ctx, ternate, c.ID, c.Version))
	if c.State != "counting" || c.StartedBy != ternate.Name || c.Ledger != nil {
		t.Errorf("started: %+v", c)
	}
	_, err = live.StartCount(ctx, ternate2, c.ID, c.Version)
	wantFault(t, "start it twice", err, inventory.ErrCountState)
	c = count(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 95}))
	_, err = live.PostCount(ctx, ternate2, c.ID, c.Version, "", "")
	wantFault(t, "post what nobody reviewed", err, inventory.ErrCountState)
	_, err = live.ReviewCount(ctx, ternate, c.ID, c.Version, "missing", "")
	wantFault(t, "review one's own count", err, inventory.ErrOwnWork)
	_, err = live.ReviewCount(ctx, ternate2, c.ID, c.Version, "lenyap", "")
	if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != "reason-unknown" {
		t.Errorf("a reason of one's own: %v", err)
	}
	c = count(live.ReviewCount(ctx, ternate2, c.ID, c.Version, "missing", "dicari"))
	if c.State != "reviewed" || c.Reason != "missing" || c.ReviewedBy != ternate2.Name || b.held(t, office, inventory.Usable) != 100 {
		t.Errorf("reviewed: %+v", c)
	}
	// The province has it counted once more, by somebody who is told nothing.
	c = count(live.AskRecount(ctx, maluku, c.ID, c.Version, "selisih besar"))
	if c.State != "recount" || c.Counted != nil || c.Ledger != nil || c.Reason != "" || c.ReviewedBy != "" {
		t.Errorf("to be counted again: %+v", c)
	}
	c = count(live.StartCount(ctx, ternate2, c.ID, c.Version))
	c = count(live.EnterCount(ctx, ternate2, c.ID, c.Version, inventory.Counting{Counted: 98}))
	_, err = live.ReviewCount(ctx, ternate, c.ID, c.Version, "missing", "")
	wantFault(t, "review by who counted first", err, inventory.ErrOwnWork)
	c = count(live.ReviewCount(ctx, maluku, c.ID, c.Version, "missing", "BA-1"))
	_, err = live.PostCount(ctx, ternate, c.ID, c.Version, "", "")
	wantFault(t, "posting by who counted", err, inventory.ErrOwnWork)
	_, err = live.RequestCount(ctx, ternate, inventory.NewCount{})
	wantFault(t, "another count meanwhile", err, inventory.ErrCountOpen)
	c = count(live.PostCount(ctx, maluku, c.ID, c.Version, "", ""))
	if c.State != "posted" || c.Reason != "missing" || c.Note != "BA-1" || c.Move == "" || b.held(t, office, inventory.Usable) != 98 {
		t.Errorf("posted: %+v", c)
	}
	_, err = live.CancelCount(ctx, ternate, c.ID, c.Version, "batal")
	wantFault(t, "cancel what is posted", err, inventory.ErrCountState)
	b.sound(t)
}

// TestACountClosesWhatWasCounted: yesterday's cards can still be reported after a count of ribbon, and of nothing else twice.
func TestACountClosesWhatWasCounted(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	yesterday := noon().AddDate(0, 0, -1).Format(time.DateOnly)
	b.inTheDatabase(t, `UPDATE places SET opened_on = '2026-01-01' WHERE id = $1`, office)
	live := inventory.NewLedger(b.db, time.Now)
	b.give(t, office, 100)
	counted := func(item string, c inventory.Condition, at *time.Time) (inventory.Count, error) {
		t.Helper()
		n := must[inventory.Count](t)(live.RequestCount(ctx, ternate, inventory.NewCount{Item: item, Condition: c}))
		n, err := live.EnterCount(ctx, ternate, n.ID, n.Version, inventory.Counting{CountedAt: at})
		if err != nil {
			return n, err
		}
		return must[inventory.Count](t)(live.PostCount(ctx, ternate2, n.ID, n.Version, "none", "")), nil
	}
	report := func(in inventory.NewUse) error {
		in.Date = yesterday
		_, err := b.ledger.ReportUse(ctx, ternate, in)
		return err
	}
	first := must[inventory.Count](t)(counted("ribbon", inventory.Usable, nil))
	if err := report(inventory.NewUse{Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 1}}}); err != nil {
		t.Errorf("cards of the day before a count of ribbon: %v", err)
	}
	wantFault(t, "ribbon of the day before, of which there was none", report(inventory.NewUse{Item: "ribbon", Lines: []inventory.UseLine{{Purpose: "other", Pieces: 1}}}), inventory.ErrShort)
	early := first.CountedAt.Add(-time.Second)
	_, err := counted("ribbon", inventory.Usable, &early)
	if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != "before-last-count" {
		t.Errorf("a count before the last: %v", err)
	}
	must[inventory.Count](t)(counted("ktp-el", inventory.Spoiled, nil))
	_, err = b.ledger.Post(ctx, ternate, inventory.NewMove{Kind: inventory.Use, Document: "LH-2", Date: yesterday, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: office, Condition: inventory.Usable}, To: inventory.Account{Place: office, Condition: inventory.Spoiled}, Pieces: 1}}})
	wantFault(t, "spoiled before the count of what is spoiled", err, inventory.ErrPeriodClosed)
	if f, _ := fault.As(err); f.Facts["condition"] != "spoiled" || f.Facts["item"] != "ktp-el" {
		t.Errorf("it says %v", f.Facts)
	}
	b.sound(t)
}

// TestAMistakeOfAClosedMonthIsCorrectedOnTheFirstOpenDay, and one that was counted since is not: the count has settled it.
func TestAMistakeOfAClosedMonthIsCorrectedOnTheFirstOpenDay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	live := inventory.NewLedger(b.db, time.Now)
	opening := inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: "2026-10-01", Lines: []inventory.MoveLine{{Pieces: 100,
		From: inventory.Account{Place: b.supplier(t), Condition: inventory.Usable}, To: inventory.Account{Place: office, Condition: inventory.Usable}}}}
	must[inventory.Move](t)(b.ledger.Post(ctx, store, opening))
	u := must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: "2026-10-30", Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 20}}}))
	byHand := use(office, public, 3)
	byHand.Date = "2026-10-30"
	m := must[inventory.Move](t)(b.ledger.Post(ctx, ternate, byHand))
	must[inventory.Closed](t)(b.ledger.ClosePeriod(ctx, maluku, "82", "2026-10"))
	fixed := must[inventory.DailyUse](t)(b.ledger.CorrectUse(ctx, ternate, u.ID, inventory.NewUse{Reason: "salah ketik", Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 2}}}))
	if is := must[inventory.Move](t)(b.ledger.Move(ctx, ternate, fixed.Move)); fixed.Date != "2026-10-30" || is.Date != "2026-11-01" {
		t.Errorf("the report of %s is posted on %s, want the first of November", fixed.Date, is.Date)
	}
	if back := must[inventory.Move](t)(b.ledger.Reverse(ctx, ternate, m.ID, "salah ketik")); back.Date != "2026-11-01" {
		t.Errorf("reversed on %s, want the first of November", back.Date)
	}
	if got := b.held(t, office, inventory.Usable); got != 98 {
		t.Errorf("office holds %d, want 98", got)
	}

	m = must[inventory.Move](t)(b.ledger.Post(ctx, ternate, use(office, public, 8)))
	c := must[inventory.Count](t)(live.RequestCount(ctx, ternate, inventory.NewCount{}))
	c = must[inventory.Count](t)(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 98}))
	must[inventory.Count](t)(live.PostCount(ctx, ternate2, c.ID, c.Version, "recorded-twice", ""))
	_, err := b.ledger.Reverse(ctx, ternate, m.ID, "salah ketik")
	wantFault(t, "undo what the count has found", err, inventory.ErrCountedSince)
	_, err = b.ledger.CorrectUse(ctx, ternate, fixed.ID, inventory.NewUse{Reason: "salah ketik"})
	wantFault(t, "correct what the count has found", err, inventory.ErrCountedSince)
	b.sound(t)
}

func TestACountIsNotPostedAcrossAMoveOfAnEarlierDay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	live := inventory.NewLedger(b.db, time.Now)
	b.give(t, office, 100)
	c := must[inventory.Count](t)(b.ledger.RequestCount(ctx, ternate, inventory.NewCount{}))
	c = must[inventory.Count](t)(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 90}))
	late := use(office, public, 10) // yesterday's, reported after the shelf was counted
	late.Date = time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	b.inTheDatabase(t, `UPDATE places SET opened_on = '2020-01-01'`)
	must[inventory.Move](t)(live.Post(ctx, ternate, late))
	_, err := live.PostCount(ctx, ternate2, c.ID, c.Version, "missing", "")
	wantFault(t, "a count across a move", err, inventory.ErrOvertaken)
	c = must[inventory.Count](t)(live.AskRecount(ctx, ternate2, c.ID, c.Version, "ada laporan susulan"))
	c = must[inventory.Count](t)(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 90}))
	must[inventory.Count](t)(live.PostCount(ctx, ternate2, c.ID, c.Version, "none", ""))
	if got := b.held(t, office, inventory.Usable); got != 90 {
		t.Errorf("office holds %d, want the 90 counted once", got)
	}
	_, err = live.Post(ctx, ternate, late)
	wantFault(t, "backdated across the posted count", err, inventory.ErrPeriodClosed)
	b.sound(t)
}

func TestALossIsWrittenOffBySomebodyElse(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	b.give(t, office, 100)
	report := func(pieces int64) inventory.Loss {
		return must[inventory.Loss](t)(b.ledger.ReportLoss(ctx, ternate, inventory.NewLoss{Document: "BA-1", Police: "LP/1/XI/2026", HappenedOn: today, Pieces: pieces, Note: "pencurian"}))
	}
	o := report(30)
	if usable, frozen := b.held(t, office, inventory.Usable), b.held(t, office, inventory.Quarantine); usable != 70 || frozen != 30 {
		t.Errorf("%d usable and %d frozen, want 70 and 30", usable, frozen)
	}
	_, err := b.ledger.DecideLoss(ctx, ternate, o.ID, o.Version, true)
	wantFault(t, "the reporter decides", err, access.ErrForbidden)
	o = must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, maluku, o.ID, o.Version, true))
	_, err = b.ledger.DecideLoss(ctx, maluku, o.ID, o.Version, false)
	wantFault(t, "decide twice", err, inventory.ErrLossState)
	found := report(10)
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, planner, found.ID, found.Version, false))
	if usable, lost := b.held(t, office, inventory.Usable), b.held(t, b.placeOf(t, "82.71", inventory.Lost), inventory.Usable); usable != 70 || lost != 30 {
		t.Errorf("%d usable and %d lost, want 70 and 30", usable, lost)
	}
	b.sound(t)
}

// A draft of a loss freezes nothing and tells nobody until its papers are there; whoever wrote it does not decide it either.
func TestALossBeginsAsADraft(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.boxed(t, run("B-1", 1, 100))
	s := b.dispatched(t, 100, whole("B-1")...)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(100, 0)}))
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	in := inventory.NewLoss{HappenedOn: today, Pieces: 5, Note: "dus terbuka", Draft: true}
	_, err := b.ledger.ReportLoss(ctx, store, inventory.NewLoss{Region: "82.71", HappenedOn: today, Pieces: 5, Note: "x", Draft: true})
	wantFault(t, "a draft for another's place", err, inventory.ErrNotYourEnd)
	o := must[inventory.Loss](t)(b.ledger.ReportLoss(ctx, ternate, in))
	if o.State != "draft" || b.held(t, office, inventory.Usable) != 100 {
		t.Errorf("draft %+v, %d usable", o, b.held(t, office, inventory.Usable))
	}
	_, err = b.ledger.DecideLoss(ctx, planner, o.ID, o.Version, true)
	wantFault(t, "decide a draft", err, inventory.ErrLossState)
	_, err = b.ledger.LossRecord(ctx, ternate, o.ID)
	wantFault(t, "the record of a draft", err, inventory.ErrNoPaper)
	_, err = b.ledger.ReportDraftedLoss(ctx, ternate, o.ID, o.Version)
	wantFault(t, "report without papers", err, fault.ErrInvalid)
	was := o.Version
	in.Document, in.Police, in.Pieces, in.Boxes = "BA-1", "LP-1", 8, []inventory.Chips{run("", 1, 8)}
	o = must[inventory.Loss](t)(b.ledger.EditLoss(ctx, ternate2, o.ID, o.Version, in))
	_, err = b.ledger.EditLoss(ctx, ternate, o.ID, was, in)
	wantFault(t, "edit an older version", err, postgres.ErrStale)
	if o.Pieces != 8 || len(o.Boxes) != 1 || b.trace(t, uid(1)).Box.Condition != inventory.Usable {
		t.Errorf("edited %+v; chip 1 is %s", o, b.trace(t, uid(1)).Box.Condition)
	}
	o = must[inventory.Loss](t)(b.ledger.ReportDraftedLoss(ctx, ternate2, o.ID, o.Version))
	if o.State != "reported" || b.held(t, office, inventory.Quarantine) != 8 || b.trace(t, uid(1)).Box.Condition != inventory.Quarantine {
		t.Errorf("reported %+v, %d in quarantine", o, b.held(t, office, inventory.Quarantine))
	}
	_, err = b.ledger.EditLoss(ctx, ternate, o.ID, o.Version, in)
	wantFault(t, "edit what was reported", err, inventory.ErrLossState)
	moved := maluku
	moved.ID = ternate.ID // who wrote it works for the province now
	_, err = b.ledger.DecideLoss(ctx, moved, o.ID, o.Version, true)
	wantFault(t, "decide one's own draft", err, inventory.ErrOwnWork)
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, planner, o.ID, o.Version, true))

	other := must[inventory.Loss](t)(b.ledger.ReportLoss(ctx, ternate, inventory.NewLoss{HappenedOn: today, Pieces: 500, Note: "ternyata ada", Draft: true})) // more than there is: nothing is taken
	other = must[inventory.Loss](t)(b.ledger.DiscardLoss(ctx, ternate, other.ID, other.Version))
	_, err = b.ledger.ReportDraftedLoss(ctx, ternate, other.ID, other.Version)
	wantFault(t, "report what was discarded", err, inventory.ErrLossState)
	b.sound(t)
	owner, err := sql.Open("postgres", b.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if _, err := owner.Exec(fmt.Sprintf(`UPDATE losses SET police = 'LP-9' WHERE id = %d; DELETE FROM losses WHERE id = %d`, o.ID, other.ID)); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, breach := range must[inventory.Verified](t)(b.ledger.Verify(ctx, nil)).Breaches {
		found = append(found, breach.What)
	}
	if slices.Sort(found); !slices.Equal(found, []string{"loss-deleted", "loss-edited"}) {
		t.Errorf("verify finds %v", found)
	}
}

func TestOnlySpoiledAndSurrenderedCardsAreDestroyed(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	b.give(t, office, 100)
	must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Spoiled: 5}))
	must[inventory.Move](t)(b.ledger.Post(ctx, ternate, inventory.NewMove{Kind: inventory.Surrender, Document: "TT-1", Date: today, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: b.placeOf(t, "82.71", inventory.Public), Condition: inventory.Surrendered},
		To:   inventory.Account{Place: office, Condition: inventory.Surrendered}, Pieces: 20}}}))
	prepare := func(spoiled int64) inventory.Destruction {
		d := must[inventory.Destruction](t)(b.ledger.PrepareDestruction(ctx, ternate, inventory.NewDestruction{Document: "BA-9", Date: today, Spoiled: spoiled, Surrendered: 20}))
		_, err := b.ledger.CompleteDestruction(ctx, ternate2, d.ID, d.Version)
		wantFault(t, "without witnesses", err, inventory.ErrDestructionState)
		return must[inventory.Destruction](t)(b.ledger.WitnessDestruction(ctx, ternate, d.ID, d.Version,
			[]inventory.Witness{{Name: "Saksi A", Office: "Satpol PP"}, {Name: "Saksi B", Office: "Inspektorat"}}))
	}
	tooMany := prepare(6)
	_, err := b.ledger.CompleteDestruction(ctx, ternate2, tooMany.ID, tooMany.Version)
	wantFault(t, "more than is spoiled", err, inventory.ErrShort)
	d := prepare(5)
	_, err = b.ledger.CompleteDestruction(ctx, ternate, d.ID, d.Version)
	wantFault(t, "whoever prepared completes", err, inventory.ErrOwnWork)
	d = must[inventory.Destruction](t)(b.ledger.CompleteDestruction(ctx, ternate2, d.ID, d.Version))
	if b.held(t, office, inventory.Spoiled)+b.held(t, office, inventory.Surrendered) != 0 || b.held(t, office, inventory.Usable) != 95 || len(d.Witnesses) != 2 {
		t.Errorf("destruction %+v", d)
	}
	b.sound(t)
}

func TestTheHistoryOfARegionEndsAtItsBalance(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	b.give(t, office, 100)
	for day, pieces := range map[string]int64{"2026-11-18": 30, "2026-11-20": 5} {
		m := use(office, public, pieces)
		m.Date = day
		if _, err := b.ledger.Post(ctx, access.System, m); err != nil {
			t.Fatal(err)
		}
	}
	history := func(who access.Actor, by, from, to string) []inventory.StockThen {
		return must[postgres.Page[inventory.StockThen]](t)(b.ledger.StockHistory(ctx, who, "82.71", by, from, to)).Items
	}
	days := history(ternate, "day", "2026-11-17", "2026-11-21")
	if len(days) != 5 {
		t.Fatalf("%d days, want 5: %+v", len(days), days)
	}
	before := days[0]
	for _, d := range days[1:] {
		if d.OnHand != before.OnHand-d.Used+d.Received+d.Other {
			t.Errorf("%s does not follow from %s: %+v", d.Date, before.Date, d)
		}
		before = d
	}
	if days[1].Used != 30 || days[3].Used != 5 || days[2].Used != 0 {
		t.Errorf("used %+v", days)
	}
	months := history(ternate, "month", "2026-10-15", "2026-11-30")
	if len(months) != 2 || months[1].OnHand != 65 || months[1].Used != 35 {
		t.Errorf("months %+v, want November to end with 65", months)
	}
	_, err := b.ledger.StockHistory(ctx, medan, "82.71", "day", "2026-11-01", "2026-11-30")
	wantFault(t, "another office asks", err, region.ErrUnknown)
	for _, span := range [][2]string{{"2026-11-02", "2026-11-01"}, {"2020-01-01", "2026-01-01"}, {"soon", "2026-01-01"}} {
		if _, err := b.ledger.StockHistory(ctx, ternate, "82.71", "day", span[0], span[1]); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("from %s to %s: %v, want invalid", span[0], span[1], err)
		}
	}
}

func TestTheStockCardAddsUpAndAClosedMonthStays(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	on := func(day string, m inventory.NewMove) error {
		m.Date = day
		_, err := b.ledger.Post(ctx, access.System, m)
		return err
	}
	b.give(t, office, 0+100)
	opening := use(office, public, 30)
	if err := on("2026-11-20", opening); err != nil {
		t.Fatal(err)
	}
	card := must[inventory.StockCard](t)(b.ledger.StockCard(ctx, ternate, office, "", "", "2026-11-01", "2026-11-30"))
	if card.Opening != 0 || card.Closing != 70 || len(card.Rows) != 2 || card.Rows[1].Out != 30 {
		t.Errorf("card %+v", card)
	}
	if asOf := must[inventory.StockCard](t)(b.ledger.StockCard(ctx, ternate, office, "", "", "", "2026-11-20")); asOf.From != "2026-11-01" || asOf.Closing != 70 {
		t.Errorf("card as of a day %+v", asOf)
	}
	later := must[inventory.StockCard](t)(b.ledger.StockCard(ctx, ternate, office, "", "", "2026-12-01", "2026-12-31"))
	if later.Opening != 70 || later.Closing != 70 {
		t.Errorf("later card %+v", later)
	}
	_, err := b.ledger.StockCard(ctx, medan, office, "", "", "2026-11-01", "2026-11-30")
	wantFault(t, "another office reads the card", err, inventory.ErrPlaceUnknown)
	c := must[inventory.Closed](t)(b.ledger.ClosePeriod(ctx, maluku, "82", "2026-10"))
	if c.Places < 11 {
		t.Errorf("%d places closed", c.Places)
	}
	if closed := must[postgres.Page[inventory.ClosedPeriod]](t)(b.ledger.ClosedPeriods(ctx, ternate, "", postgres.Paging{})).Items; len(closed) != 1 || closed[0].Until != "2026-10-31" {
		t.Errorf("closed: %+v", closed)
	}
	wantFault(t, "a move in a closed month", on("2026-10-31", opening), inventory.ErrPeriodClosed)
	if err := on("2026-11-01", opening); err != nil {
		t.Errorf("a move in the open month: %v", err)
	}
	_, err = b.ledger.ClosePeriod(ctx, planner, "00", "2026-11")
	if f, ok := fault.As(err); !ok || len(f.Fields) == 0 || f.Fields[0].Code != "not-over" {
		t.Errorf("close the running month: %v", err)
	}
	b.sound(t)
}
