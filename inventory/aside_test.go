package inventory_test

import (
	"slices"
	"testing"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// quarantine posts a move of that kind by hand at the office of Ternate.
func (b bench) quarantine(t testing.TB, from, to inventory.Condition, pieces int64, boxes ...inventory.Chips) (inventory.Move, error) {
	t.Helper()
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	return b.ledger.Post(t.Context(), ternate, inventory.NewMove{Kind: inventory.QuarantineMove, Document: "BA-9", Date: today, Boxes: boxes, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: office, Condition: from}, To: inventory.Account{Place: office, Condition: to}, Pieces: pieces}}})
}

// cameWrong is a shipment to Ternate of the chips 1 to 100, of which the last five came with the wrong version.
func (b bench) cameWrong(t testing.TB) inventory.Shipment {
	t.Helper()
	b.boxed(t, run("B-1", 1, 100))
	s := b.dispatched(t, 100, whole("B-1")...)
	in := inventory.NewReceipt{Shipment: s.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 95, Quarantined: 5, QuarantineReason: "wrong-version"}}}
	in.Boxes = []inventory.ArrivedChips{{Chips: run("", 1, 95)}, {Chips: run("", 96, 100), As: "quarantined"}}
	must[inventory.Receipt](t)(b.ledger.Receive(t.Context(), ternate, in))
	return s
}

func (b bench) acknowledged(t testing.TB, s inventory.Shipment) {
	t.Helper()
	d := must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(t.Context(), store, inventory.DiscrepancyFilter{Shipment: s.ID})).Items[0]
	must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(t.Context(), store, d.ID, d.Version, inventory.NewAnswer{Answer: "acknowledged", Note: "salah kirim"}))
}

// Chips known by name leave quarantine by name, as soon as the case about them is settled, and come back with a reversal.
func TestChipsAreLiftedOutOfQuarantineByName(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	const usable, aside, spoiled = inventory.Usable, inventory.Quarantine, inventory.Spoiled
	s := b.cameWrong(t)
	_, err := b.quarantine(t, aside, usable, 2, run("", 96, 97))
	wantFault(t, "before the sender has answered", err, inventory.ErrHeldPieces)
	b.acknowledged(t, s)

	_, err = b.quarantine(t, aside, usable, 2)
	wantFault(t, "without naming them", err, inventory.ErrShort)
	_, err = b.quarantine(t, aside, usable, 2, run("", 96, 98))
	wantFault(t, "more chips than pieces", err, inventory.ErrBoxesDoNotFit)
	_, err = b.quarantine(t, aside, usable, 2, run("", 94, 95))
	wantFault(t, "chips on the shelf", err, inventory.ErrBoxElsewhere)
	m := use(b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public), 2)
	m.Boxes = []inventory.Chips{run("", 1, 2)}
	_, err = b.ledger.Post(ctx, ternate, m)
	if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != "boxes-of-one-way" {
		t.Errorf("a use that names boxes: %v", err)
	}

	lifted := must[inventory.Move](t)(b.quarantine(t, aside, usable, 2, run("", 96, 97)))
	must[inventory.Move](t)(b.quarantine(t, aside, spoiled, 1, run("", 98, 98)))
	must[inventory.Move](t)(b.quarantine(t, usable, aside, 3, run("", 1, 2))) // and one that nobody names
	where := func(chip int) inventory.Condition { return b.trace(t, uid(chip)).Box.Condition }
	if where(96) != usable || where(98) != spoiled || where(1) != aside || where(99) != aside || where(3) != usable {
		t.Errorf("chips 96 %s, 98 %s, 1 %s, 99 %s, 3 %s", where(96), where(98), where(1), where(99), where(3))
	}
	if k := kinds(b.trace(t, uid(96))); k[len(k)-1] != "lifted" {
		t.Errorf("chip 96 went %v", k)
	}
	b.sound(t)

	must[inventory.Move](t)(b.ledger.Reverse(ctx, ternate, lifted.ID, "belum boleh"))
	if where(96) != aside {
		t.Errorf("chip 96 is %s after the reversal", where(96))
	}
	one := must[inventory.Move](t)(b.quarantine(t, usable, aside, 1))
	must[inventory.Move](t)(b.quarantine(t, aside, usable, 2))
	_, err = b.ledger.Reverse(ctx, ternate, one.ID, "salah")
	wantFault(t, "a reversal that would take chips known by name", err, inventory.ErrShort)
	must[inventory.Move](t)(b.quarantine(t, aside, usable, 2, run("", 96, 97)))
	_, err = b.ledger.Reverse(ctx, ternate, lifted.ID, "lagi")
	wantFault(t, "a second reversal", err, inventory.ErrReversed)
	b.sound(t)
}

// What came wrong goes back to who sent it, out of quarantine and with its chips; called off, it is in quarantine again.
func TestWhatCameWrongGoesBackToItsSender(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	s := b.cameWrong(t)
	back := func(who access.Actor, pieces int64, boxes ...inventory.Chips) (inventory.Shipment, error) {
		return b.ledger.Prepare(ctx, who, inventory.NewShipment{Returns: s.ID, Boxes: boxes, Lines: []inventory.NewShipmentLine{{Pieces: pieces}}})
	}
	_, err := back(ternate, 2, run("", 99, 100))
	wantFault(t, "before the sender has answered", err, inventory.ErrHeldPieces)
	b.acknowledged(t, s)
	_, err = back(ternate, 6)
	wantFault(t, "more than came wrong", err, inventory.ErrBeyondAside)
	_, err = back(ternate, 2)
	wantFault(t, "chips known by name, unnamed", err, inventory.ErrShort)
	_, err = back(ternate, 2, run("", 1, 2))
	wantFault(t, "chips on the shelf", err, inventory.ErrBoxElsewhere)
	_, err = back(store, 2)
	wantFault(t, "by the sender", err, inventory.ErrNotYourEnd)
	_, err = back(medan, 2)
	wantFault(t, "by another office", err, inventory.ErrShipmentUnknown)
	_, err = b.ledger.Prepare(ctx, ternate, inventory.NewShipment{Returns: s.ID, To: "12", Lines: []inventory.NewShipmentLine{{Pieces: 2}}})
	wantFault(t, "to somebody else", err, fault.ErrInvalid)

	office, national := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "00", inventory.NationalStore)
	first := must[inventory.Shipment](t)(back(ternate, 3, run("", 98, 100)))
	if first.Cause != "return" || *first.CauseID != s.ID || first.ToPlace != national || b.held(t, office, inventory.Quarantine) != 2 {
		t.Errorf("prepared %+v, %d left in quarantine", first, b.held(t, office, inventory.Quarantine))
	}
	_, err = back(ternate, 3, run("", 96, 97))
	wantFault(t, "more than is left", err, inventory.ErrBeyondAside)
	first = must[inventory.Shipment](t)(b.ledger.PackShipment(ctx, ternate, first.ID, first.Version, inventory.Packing{Boxes: []inventory.Chips{run("", 96, 98)}}))
	_, err = b.ledger.PackShipment(ctx, ternate, first.ID, first.Version, inventory.Packing{})
	wantFault(t, "unnamed after all", err, inventory.ErrShort)
	first = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, ternate, first.ID, first.Version, inventory.Dispatching{}))
	b.sound(t)
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, ternate, first.ID, first.Version, "kurir tidak datang"))
	if c := b.trace(t, uid(96)).Box; c.Condition != inventory.Quarantine || c.Place != office || b.held(t, office, inventory.Quarantine) != 5 {
		t.Errorf("called off, chip 96 is %s at %d and %d lie in quarantine", c.Condition, c.Place, b.held(t, office, inventory.Quarantine))
	}

	// Four arrive, one of them damaged; the fifth never left.
	second := must[inventory.Shipment](t)(back(ternate, 5, run("", 96, 100)))
	second = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, ternate, second.ID, second.Version, inventory.Dispatching{}))
	in := inventory.NewReceipt{Shipment: second.ID, Lines: counts(3, 1)}
	in.Boxes = []inventory.ArrivedChips{{Chips: run("", 96, 98)}, {Chips: run("", 99, 99), As: "damaged"}}
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, store, in))
	open := must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, ternate, inventory.DiscrepancyFilter{Shipment: second.ID})).Items
	short := open[slices.IndexFunc(open, func(d inventory.Discrepancy) bool { return d.Kind == "short" })]
	must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, ternate, short.ID, short.Version, inventory.NewAnswer{Answer: "found-here", Note: "tertinggal"}))
	for chip, want := range map[int]struct {
		place int
		in    inventory.Condition
	}{96: {national, inventory.Usable}, 99: {national, inventory.Spoiled}, 100: {office, inventory.Quarantine}} {
		if c := b.trace(t, uid(chip)).Box; c.Place != want.place || c.Condition != want.in {
			t.Errorf("chip %d is %s at %d, want %+v", chip, c.Condition, c.Place, want)
		}
	}
	if there := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, planner, second.ID)); there.State != inventory.ShipmentClosedShort {
		t.Errorf("the return is %s", there.State)
	}
	b.sound(t)
}

// A box of another region's grant that came in place of one is not used where it came by mistake: it only goes back.
func TestAnothersGrantOnlyGoesBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.boxed(t, run("B-1", 1, 10), run("B-2", 11, 20))
	p := must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{Document: "NPHD-1", Supplier: "Percetakan", Pieces: 10, Fund: "HIBAH_APBD", Earmark: "12.71", SignedOn: "2026-01-05"}))
	must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: "DN-G", Date: today, Pieces: 10, Boxes: []inventory.Chips{run("G-1", 101, 110)}}))
	s := b.dispatched(t, 20, whole("B-1", "B-2")...)
	in := inventory.NewReceipt{Shipment: s.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 10, Quarantined: 10, QuarantineReason: "wrong-chips"}}, ReceivedChips: arrived(whole("B-1")...)}
	in.WrongBoxes = whole("G-1")
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, in))
	b.acknowledged(t, s)
	office, national := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "00", inventory.NationalStore)
	for _, to := range []inventory.Condition{inventory.Usable, inventory.Spoiled} {
		_, err := b.ledger.Post(ctx, ternate, inventory.NewMove{Kind: inventory.QuarantineMove, Document: "BA-9", Date: today, Boxes: whole("G-1"), Lines: []inventory.MoveLine{{Lot: p.Lot,
			From: inventory.Account{Place: office, Condition: inventory.Quarantine}, To: inventory.Account{Place: office, Condition: to}, Pieces: 10}}})
		wantFault(t, "into "+string(to), err, inventory.ErrEarmarked)
	}
	back := must[inventory.Shipment](t)(b.ledger.Prepare(ctx, ternate, inventory.NewShipment{Returns: s.ID, Boxes: whole("G-1"), Lines: []inventory.NewShipmentLine{{Pieces: 10}}}))
	back = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, ternate, back.ID, back.Version, inventory.Dispatching{}))
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, store, inventory.NewReceipt{Shipment: back.ID, Lines: counts(10, 0)}))
	if c := b.trace(t, uid(101)).Box; back.Lines[0].Lot != p.Lot || c.Place != national || c.Condition != inventory.Usable || b.held(t, office, inventory.Quarantine) != 0 {
		t.Errorf("chip 101 is %s at %d, of lot %d", c.Condition, c.Place, back.Lines[0].Lot)
	}
	b.sound(t)
}
