package inventory_test

import (
	"fmt"
	"slices"
	"testing"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// tenBoxes brings ten boxes of a hundred into the national store: B-0 holds the chips 1 to 100, and so on.
func (b bench) tenBoxes(t testing.TB) {
	t.Helper()
	var boxes []inventory.Chips
	for i := range 10 {
		boxes = append(boxes, run(fmt.Sprint("B-", i), i*100+1, i*100+100))
	}
	b.boxed(t, boxes...)
}

func whole(numbers ...string) (boxes []inventory.Chips) {
	for _, n := range numbers {
		boxes = append(boxes, inventory.Chips{Box: n})
	}
	return boxes
}

func arrived(boxes ...inventory.Chips) (r inventory.ReceivedChips) {
	for _, c := range boxes {
		r.Boxes = append(r.Boxes, inventory.ArrivedChips{Chips: c})
	}
	return r
}

// packed prepares a shipment of the national store to Ternate with boxes.
func (b bench) packed(t testing.TB, pieces int64, boxes ...inventory.Chips) inventory.Shipment {
	t.Helper()
	r := b.approved(t, pieces, pieces)
	return must[inventory.Shipment](t)(b.ledger.Prepare(t.Context(), store, inventory.NewShipment{
		Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: pieces}}, Boxes: boxes}))
}

func (b bench) dispatched(t testing.TB, pieces int64, boxes ...inventory.Chips) inventory.Shipment {
	t.Helper()
	s := b.packed(t, pieces, boxes...)
	return must[inventory.Shipment](t)(b.ledger.Dispatch(t.Context(), store, s.ID, s.Version, inventory.Dispatching{}))
}

// kinds are the steps of a chip's way, in short.
func kinds(tr inventory.Trace) (list []string) {
	for _, s := range tr.Steps {
		list = append(list, s.Kind)
	}
	return list
}

// A chip is found on a marketplace: which place had it, since when, by which documents, who signed.
func TestAChipThatIsFoundIsTraced(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	s := b.dispatched(t, 230, append(whole("B-0", "B-3"), run("B-5", 511, 540))...)
	if tr := b.trace(t, uid(301)); tr.Standing != "on-the-way" || tr.Name != b.box(t, "B-3").PlaceName {
		t.Errorf("under way: %+v", tr)
	}
	r := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(230, 0)}))
	tr := b.trace(t, uid(520))
	if want := []string{"delivered", "split", "split", "packed", "dispatched", "received"}; !slices.Equal(kinds(tr), want) {
		t.Errorf("steps %v, want %v", kinds(tr), want)
	}
	last := tr.Steps[len(tr.Steps)-1]
	if tr.Region != "82.71" || tr.Standing != "in-box" || tr.Box.Number != "B-5.1" || last.Document != r.Document || last.Actor != ternate.Name || !tr.Since.Equal(last.At) {
		t.Errorf("traced to %+v by %+v", tr, last)
	}
	if sent := tr.Steps[len(tr.Steps)-2]; sent.Document != s.Document || sent.Actor != store.Name || sent.Noun != "shipment" || sent.NounID != s.ID {
		t.Errorf("sent by %+v", sent)
	}
	proved(t, tr)
	// What was left of the box is in two parts at the store.
	for n, box := range map[int]string{501: "B-5", 510: "B-5", 541: "B-5.2", 600: "B-5.2"} {
		if tr := b.trace(t, uid(n)); tr.Box.Number != box || tr.Region != "00" || tr.Box.Pieces != map[string]int64{"B-5": 10, "B-5.2": 60}[box] {
			t.Errorf("chip %d is in %s of %d at %s, want %s", n, tr.Box.Number, tr.Box.Pieces, tr.Region, box)
		}
	}
	// The receiver sees the chip, and the steps of its own; another office does not.
	mine := must[inventory.Trace](t)(b.ledger.TraceChip(ctx, ternate, uid(301)))
	if mine.Region != "82.71" || !slices.Contains(kinds(mine), "dispatched") || slices.Contains(kinds(mine), "delivered") {
		t.Errorf("the receiver sees %v", kinds(mine))
	}
	_, err := b.ledger.TraceChip(ctx, medan, uid(301))
	wantFault(t, "another office traces", err, inventory.ErrChipUnknown)
	// Cards are handed out unnamed: the oldest box is taken to be the one that was opened.
	must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 40}}}))
	opened := b.trace(t, uid(1))
	if opened.Standing != "opened" || opened.Region != "82.71" || opened.Box.Sealed {
		t.Errorf("after a day's use %+v", opened)
	}
	if tr := b.trace(t, uid(301)); tr.Standing != "in-box" {
		t.Errorf("the second box is %s", tr.Standing)
	}
	b.sound(t)
}

// Ten boxes are sent: eight arrive, one of them with three cards damaged, one is missing, and in place of one came
// another. Everything stays accounted for, blank by blank and chip by chip.
func TestBoxesArriveShortDamagedAndWrong(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	b.boxed(t, run("X-1", 5001, 5100))
	office, national := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "00", inventory.NationalStore)
	all := whole("B-0", "B-1", "B-2", "B-3", "B-4", "B-5", "B-6", "B-7", "B-8", "B-9")
	s := b.dispatched(t, 1000, all...)
	in := inventory.NewReceipt{Shipment: s.ID, Draft: true, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 797, Damaged: 3, Quarantined: 100, QuarantineReason: "wrong-chips"}}}
	r := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, in))
	_, err := b.ledger.ConfirmReceipt(ctx, ternate, r.ID, r.Version)
	wantFault(t, "boxes that nobody named", err, inventory.ErrBoxesNotNamed)
	must[inventory.Receipt](t)(b.ledger.DiscardReceipt(ctx, ternate, r.ID, r.Version))
	in.ReceivedChips = arrived(all[:8]...)
	in.Boxes = append(in.Boxes, inventory.ArrivedChips{Chips: run("", 101, 103), As: "damaged"})
	in.WrongBoxes = whole("X-1")
	r = must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, in))
	r = must[inventory.Receipt](t)(b.ledger.ConfirmReceipt(ctx, ternate, r.ID, r.Version))
	for chip, want := range map[int]string{1: "in-box", 101: "spoiled", 103: "spoiled", 104: "in-box", 750: "in-box", 801: "on-the-way", 901: "on-the-way"} {
		if tr := b.trace(t, uid(chip)); tr.Standing != want {
			t.Errorf("chip %d is %s, want %s", chip, tr.Standing, want)
		}
	}
	// Rolled back and received anew: the same.
	r = must[inventory.Receipt](t)(b.ledger.RollBackReceipt(ctx, ternate, r.ID, r.Version, "salah hitung"))
	if tr := b.trace(t, uid(1)); tr.Standing != "on-the-way" {
		t.Errorf("after the rollback chip 1 is %s", tr.Standing)
	}
	in.Draft = false
	in.Boxes = slices.DeleteFunc(in.Boxes, func(c inventory.ArrivedChips) bool { return c.Box == "B-1" }) // it was cut in two
	in.Boxes = append(in.Boxes, inventory.ArrivedChips{Chips: run("", 104, 200)})
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, in))
	cases, err := b.ledger.Discrepancies(ctx, store, inventory.DiscrepancyFilter{Shipment: s.ID, Open: true})
	if err != nil || len(cases.Items) != 3 {
		t.Fatalf("cases %+v, %v", cases.Items, err)
	}
	for _, d := range cases.Items {
		answer := map[string]string{"short": "lost", "damaged": "acknowledged", "wrong-chips": "acknowledged"}[d.Kind]
		must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: answer, Note: "BA-9"}))
	}
	lost, back := b.trace(t, uid(801)), b.trace(t, uid(901))
	if lost.Box.Number == "B-9" {
		lost, back = back, lost
	}
	if lost.Standing != "lost" || back.Standing != "in-box" || back.Place != national {
		t.Errorf("of the two that did not come one is %s, the other %s at %s", lost.Standing, back.Standing, back.Name)
	}
	if tr := b.trace(t, uid(5001)); tr.Place != office || tr.Standing != "frozen" {
		t.Errorf("the box that came instead is %s at %s", tr.Standing, tr.Name)
	}
	if b.held(t, office, inventory.Usable) != 797 || b.held(t, office, inventory.Spoiled) != 3 || b.held(t, office, inventory.Quarantine) != 100 {
		t.Errorf("the office holds %d, %d and %d", b.held(t, office, inventory.Usable), b.held(t, office, inventory.Spoiled), b.held(t, office, inventory.Quarantine))
	}
	b.sound(t)
}

func TestNamingBoxesRefuses(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	b.boxed(t, inventory.Chips{Box: "L-1", UIDs: []string{uid(2001), uid(2005), uid(2009)}})
	other := b.dispatched(t, 100, whole("B-9")...)
	s := b.packed(t, 200)
	for _, c := range []struct {
		name  string
		boxes []inventory.Chips
		want  *fault.Fault
	}{
		{"a box that there is none of", whole("B-77"), inventory.ErrBoxUnknown},
		{"chips that there are none of", []inventory.Chips{run("", 8001, 8002)}, inventory.ErrChipUnknown},
		{"chips that go beyond a box", []inventory.Chips{run("", 3001, 3002)}, inventory.ErrChipUnknown},
		{"a listed chip that is not listed", []inventory.Chips{{UIDs: []string{uid(2001), uid(2002)}}}, inventory.ErrChipUnknown},
		{"a chip from another box", []inventory.Chips{run("B-1", 95, 105)}, inventory.ErrChipElsewhere},
		{"a box twice", whole("B-1", "B-1"), fault.ErrInvalid},
		{"a chip twice", []inventory.Chips{run("", 1, 10), run("B-0", 10, 20)}, inventory.ErrChipTwice},
		{"a box and a chip of it", append(whole("B-0"), run("", 10, 20)), inventory.ErrChipTwice},
		{"a chip and its box", append([]inventory.Chips{run("", 10, 20)}, whole("B-0")...), inventory.ErrChipTwice},
		{"a box of another shipment", whole("B-9"), inventory.ErrBoxElsewhere},
		{"more than the shipment", whole("B-0", "B-1", "B-2"), inventory.ErrBoxesDoNotFit},
		{"no UID", []inventory.Chips{{First: "x", Last: uid(3)}}, fault.ErrInvalid},
		{"nothing", []inventory.Chips{{}}, fault.ErrInvalid},
	} {
		_, err := b.ledger.PackShipment(ctx, store, s.ID, s.Version, inventory.Packing{Boxes: c.boxes})
		wantFault(t, c.name, err, c.want)
	}
	s = must[inventory.Shipment](t)(b.ledger.PackShipment(ctx, store, s.ID, s.Version, inventory.Packing{Boxes: append(whole("B-1"), run("", 201, 250))}))
	s = must[inventory.Shipment](t)(b.ledger.PackShipment(ctx, store, s.ID, s.Version, inventory.Packing{Boxes: whole("B-0", "B-1")})) // in its place
	_, err := b.ledger.OpenBox(ctx, store, "B-0", b.box(t, "B-0").Version)
	wantFault(t, "opening a packed box", err, inventory.ErrBoxElsewhere)
	s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{}))
	_, err = b.ledger.PackShipment(ctx, store, s.ID, s.Version, inventory.Packing{Boxes: whole("B-2")})
	wantFault(t, "packing what has left", err, inventory.ErrShipmentState)
	_, err = b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(100, 0), ReceivedChips: arrived(whole("B-9")...), More: true})
	wantFault(t, "receiving a box of another shipment", err, inventory.ErrBoxElsewhere)
	_, err = b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(100, 0), ReceivedChips: arrived(run("B-0", 101, 105)), More: true})
	wantFault(t, "receiving chips of another box", err, inventory.ErrChipElsewhere)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(100, 0), ReceivedChips: arrived(whole("B-1")...), More: true}))
	if one, rest := b.trace(t, uid(101)), b.trace(t, uid(1)); one.Standing != "in-box" || rest.Standing != "on-the-way" {
		t.Errorf("B-1 is %s, B-0 %s", one.Standing, rest.Standing)
	}
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, store, other.ID, other.Version, "batal"))
	if tr := b.trace(t, uid(950)); tr.Region != "00" || tr.Standing != "in-box" || tr.Steps[len(tr.Steps)-1].Kind != "returned" {
		t.Errorf("after the cancellation %+v", kinds(tr))
	}
	b.sound(t)
}

// A release packs whole boxes, the rest goes loose; what it packed arrives by name.
func TestAReleaseNamesTheBoxesThatGo(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	b.boxed(t, run("S-1", 2001, 2030), run("S-2", 2031, 2060))
	b.ask(t, "12.71", 260, false)
	b.ask(t, "82.71", 345, true)
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1}))
	a = b.approvedRun(t, a)
	a = must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))
	for code, want := range map[string][]string{"12.71": {"B-0", "B-1", "S-1", "S-2"}, "82.71": {"B-2", "B-3", "B-4"}} {
		line := a.Lines[slices.IndexFunc(a.Lines, func(l inventory.AllocationLine) bool { return l.Region == code })]
		var packed []string
		for _, box := range must[postgres.Page[inventory.Box]](t)(b.ledger.Boxes(ctx, store, inventory.BoxFilter{Shipment: *line.Shipment})).Items {
			packed = append(packed, box.Number)
		}
		if !slices.Equal(packed, want) {
			t.Errorf("%s gets %v, want %v", code, packed, want)
		}
	}
	s := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, store, *a.Lines[1].Shipment))
	if tr := b.trace(t, uid(250)); tr.Steps[1].Kind != "packed" || tr.Steps[1].Document != s.Document || tr.Steps[1].NounID != s.ID || tr.Steps[1].Actor != planner.Name {
		t.Errorf("packed by %+v", tr.Steps[1])
	}
	must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{}))
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(345, 0)}))
	if tr := b.trace(t, uid(250)); tr.Standing != "in-box" || tr.Region != "82.71" {
		t.Errorf("chip 250 is %s in %s", tr.Standing, tr.Region)
	}
	b.sound(t)
}

// Boxes that a loss names are frozen until somebody else has decided.
func TestALossFreezesItsBoxes(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	s := b.dispatched(t, 300, whole("B-0", "B-1", "B-2")...)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(300, 0)}))
	report := func(pieces int64, boxes ...inventory.Chips) (inventory.Loss, error) {
		return b.ledger.ReportLoss(ctx, ternate, inventory.NewLoss{Document: "BA-1", Police: "LP/1", HappenedOn: today, Pieces: pieces, Note: "pencurian", Boxes: boxes})
	}
	_, err := report(99, whole("B-0")...)
	wantFault(t, "more named than lost", err, inventory.ErrBoxesDoNotFit)
	_, err = report(100, whole("B-7")...)
	wantFault(t, "a box of another place", err, inventory.ErrBoxUnknown)
	stolen := must[inventory.Loss](t)(report(110, append(whole("B-0"), run("B-1", 101, 110))...))
	found := must[inventory.Loss](t)(report(20, run("", 201, 220)))
	if tr := b.trace(t, uid(101)); tr.Standing != "frozen" || *tr.Box.Loss != stolen.ID {
		t.Errorf("a stolen chip is %s", tr.Standing)
	}
	kecamatan := b.placeUnder(t, "82.71.01")
	prepare := func(boxes ...inventory.Chips) error {
		_, err := b.ledger.Prepare(ctx, ternate, inventory.NewShipment{From: "82.71", To: "82.71.01", Lines: []inventory.NewShipmentLine{{Pieces: 100}}, Boxes: boxes})
		return err
	}
	wantFault(t, "sending a frozen box", prepare(whole("B-0")...), inventory.ErrBoxFrozen)
	wantFault(t, "sending frozen chips", prepare(run("", 201, 205)), inventory.ErrBoxFrozen)
	_, err = b.ledger.OpenBox(ctx, ternate, "B-0", b.box(t, "B-0").Version)
	wantFault(t, "opening a frozen box", err, inventory.ErrBoxFrozen)
	_, err = report(10, run("", 101, 105))
	wantFault(t, "losing it twice", err, inventory.ErrBoxFrozen)
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, planner, stolen.ID, stolen.Version, true))
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, planner, found.ID, found.Version, false))
	if tr := b.trace(t, uid(5)); tr.Standing != "lost" || tr.Region != "82.71" {
		t.Errorf("a written-off chip is %s in %s", tr.Standing, tr.Region)
	}
	if tr := b.trace(t, uid(210)); tr.Standing != "in-box" {
		t.Errorf("a chip that was found is %s", tr.Standing)
	}
	if err := prepare(run("", 201, 220)); err != nil || kecamatan == 0 {
		t.Errorf("sending what was found: %v", err)
	}
	b.sound(t)
}

// placeUnder is the service point of a kecamatan, opened when there is none.
func (b bench) placeUnder(t testing.TB, code string) int {
	t.Helper()
	return must[inventory.Place](t)(b.ledger.OpenServicePoint(t.Context(), ternate, inventory.NewPlace{Region: code, OpenedOn: "2026-01-01"})).ID
}

// Chips are named when they are spoiled and when they are destroyed, and a correction takes the naming back.
func TestSpoiledChipsAreNamedUntilTheyAreDestroyed(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	s := b.dispatched(t, 100, whole("B-0")...)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(100, 0)}))
	day := inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 10}}, Spoiled: 2, Chips: []inventory.Chips{{UIDs: []string{uid(7), uid(12), uid(13)}}}}
	_, err := b.ledger.ReportUse(ctx, ternate, day)
	wantFault(t, "more named than spoiled", err, inventory.ErrBoxesDoNotFit)
	day.Chips[0].UIDs = []string{uid(7), uid(12)}
	u := must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, day))
	if a, c := b.trace(t, uid(7)), b.trace(t, uid(8)); a.Standing != "spoiled" || c.Standing != "opened" {
		t.Errorf("chip 7 is %s, chip 8 %s", a.Standing, c.Standing)
	}
	day.Chips, day.Reason = []inventory.Chips{{UIDs: []string{uid(7), uid(20)}}}, "salah baca"
	must[inventory.DailyUse](t)(b.ledger.CorrectUse(ctx, ternate, u.ID, day))
	for n, want := range map[int]string{7: "spoiled", 20: "spoiled", 12: "in-box"} {
		if tr := b.trace(t, uid(n)); tr.Standing != want {
			t.Errorf("chip %d is %s, want %s: %v", n, tr.Standing, want, kinds(tr))
		}
	}
	burn := func(chips ...string) inventory.Destruction {
		d := must[inventory.Destruction](t)(b.ledger.PrepareDestruction(ctx, ternate, inventory.NewDestruction{Document: "BA-2", Date: today, Spoiled: 2, Chips: []inventory.Chips{{UIDs: chips}}}))
		return must[inventory.Destruction](t)(b.ledger.WitnessDestruction(ctx, ternate, d.ID, d.Version, []inventory.Witness{{Name: "Saksi A", Office: "Satpol PP"}, {Name: "Saksi B", Office: "Polsek"}}))
	}
	wrong := burn(uid(7), uid(12))
	_, err = b.ledger.CompleteDestruction(ctx, ternate2, wrong.ID, wrong.Version)
	wantFault(t, "burning a usable chip", err, inventory.ErrBoxElsewhere)
	right := burn(uid(7), uid(20))
	must[inventory.Destruction](t)(b.ledger.CompleteDestruction(ctx, ternate2, right.ID, right.Version))
	if tr := b.trace(t, uid(20)); tr.Standing != "destroyed" || tr.Steps[len(tr.Steps)-1].Actor != ternate2.Name {
		t.Errorf("a burnt chip is %s", tr.Standing)
	}
	b.sound(t)
}

// An officer opens a box; whoever does not keep the place does not.
func TestABoxIsOpenedByItsKeeper(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.tenBoxes(t)
	version := b.box(t, "B-0").Version
	_, err := b.ledger.OpenBox(ctx, access.Actor{ID: 9, Name: "p", Role: access.Province, Reach: "00"}, "B-0", version)
	wantFault(t, "another role", err, inventory.ErrNotYourEnd)
	o := must[inventory.Box](t)(b.ledger.OpenBox(ctx, store, "B-0", version))
	if o.Sealed || b.trace(t, uid(50)).Standing != "opened" {
		t.Errorf("opened: %+v", o)
	}
	_, err = b.ledger.OpenBox(ctx, store, "B-0", o.Version)
	wantFault(t, "opening it twice", err, inventory.ErrBoxOpened)
	s := b.packed(t, 30)
	_, err = b.ledger.PackShipment(ctx, store, s.ID, s.Version, inventory.Packing{Boxes: whole("B-0")})
	wantFault(t, "packing an opened box as a whole", err, inventory.ErrBoxOpened)
	must[inventory.Shipment](t)(b.ledger.PackShipment(ctx, store, s.ID, s.Version, inventory.Packing{Boxes: []inventory.Chips{run("B-0", 11, 30)}}))
	b.sound(t)
}
