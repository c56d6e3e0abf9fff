package inventory_test

import (
	"testing"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// TestMovesByHandLeaveTheDocumentsTheirWork posts by hand what only a contract, a shipment, a discrepancy or a loss may bring about.
func TestMovesByHandLeaveTheDocumentsTheirWork(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	national, province, supplier := b.placeOf(t, "00", inventory.NationalStore), b.placeOf(t, "12", inventory.ProvinceStore), b.supplier(t)
	office, public, other := b.placeOf(t, "12.71", inventory.RegencyOffice), b.placeOf(t, "12.71", inventory.Public), b.placeOf(t, "12.75", inventory.RegencyOffice)
	point := must[inventory.Place](t)(b.ledger.OpenServicePoint(ctx, medan, inventory.NewPlace{Region: "12.71.03", OpenedOn: "2026-01-01"})).ID
	grant := b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12.75", Pieces: 10}).Lot
	newer := b.brought(t, inventory.NewProcurement{Fund: "APBN", Blank: "6", Pieces: 10}).Lot
	must[inventory.Place](t)(b.printers(t, medan, point, "5"))
	post := func(who access.Actor, kind inventory.MoveKind, from int, fromIn inventory.Condition, to int, toIn inventory.Condition, lot int, pieces int64) error {
		_, err := b.ledger.Post(ctx, who, inventory.NewMove{Kind: kind, Document: "BA-9", Date: today, Lines: []inventory.MoveLine{{Lot: lot,
			From: inventory.Account{Place: from, Condition: fromIn}, To: inventory.Account{Place: to, Condition: toIn}, Pieces: pieces}}})
		return err
	}
	const usable, aside = inventory.Usable, inventory.Quarantine
	wantFault(t, "a delivery without a contract", post(store, inventory.Delivery, supplier, usable, national, usable, 1, 5), fault.ErrInvalid)
	wantFault(t, "a grant that opens another region's ledger", post(store, inventory.Opening, supplier, usable, office, usable, grant, 5), inventory.ErrEarmarked)
	if err := post(store, inventory.Opening, supplier, usable, office, usable, newer, 100); err != nil {
		t.Fatalf("what stands on the shelf when the ledger begins: %v", err)
	}
	wantFault(t, "a second opening", post(store, inventory.Opening, supplier, usable, office, usable, 1, 100), inventory.ErrBegun)
	wantFault(t, "an opening of a store with deliveries", post(store, inventory.Opening, supplier, usable, national, usable, 1, 100), inventory.ErrBegun)

	wantFault(t, "a transfer by another keeper", post(store, inventory.Transfer, national, usable, office, usable, grant, 5), fault.ErrInvalid)
	wantFault(t, "a transfer between two offices", post(access.System, inventory.Transfer, office, usable, other, usable, newer, 5), inventory.ErrOtherOffice)
	wantFault(t, "a transfer by the province", post(sumut, inventory.Transfer, office, usable, other, usable, newer, 5), inventory.ErrNotYourEnd)
	wantFault(t, "a version that the printers there do not take", post(medan, inventory.Transfer, office, usable, point, usable, newer, 5), inventory.ErrVersionNotTaken)
	must[inventory.Place](t)(b.ledger.SetPrinters(ctx, medan, point, 2, inventory.Printers{}))
	if err := post(medan, inventory.Transfer, office, usable, point, usable, newer, 5); err != nil {
		t.Errorf("an office and its service point: %v", err)
	}
	if err := post(medan, inventory.Transfer, point, usable, office, usable, newer, 5); err != nil {
		t.Errorf("and back: %v", err)
	}
	m := use(office, b.placeOf(t, "12.75", inventory.Public), 1)
	m.Lines[0].Lot = newer
	_, err := b.ledger.Post(ctx, sumut, m)
	wantFault(t, "cards of one office in another's hands", err, fault.ErrInvalid)
	m = use(province, b.placeOf(t, "12", inventory.Public), 1)
	_, err = b.ledger.Post(ctx, sumut, m)
	wantFault(t, "cards from a province's store", err, fault.ErrInvalid)
	m = use(office, public, 1)
	m.Lines[0].Lot = newer
	must[inventory.Move](t)(b.ledger.Post(ctx, sumut, m))

	// What a reported loss holds in quarantine is not taken out of it by hand; what was put there by hand is.
	wantFault(t, "quarantine by another keeper", post(store, inventory.QuarantineMove, office, usable, office, aside, newer, 5), inventory.ErrNotYourEnd)
	if err := post(medan, inventory.QuarantineMove, office, usable, office, aside, newer, 5); err != nil {
		t.Errorf("into quarantine: %v", err)
	}
	loss := must[inventory.Loss](t)(b.ledger.ReportLoss(ctx, medan, inventory.NewLoss{Document: "BA-7", Police: "LP-1", HappenedOn: today, Pieces: 30, Note: "hilang"}))
	free := func(pieces int64) error {
		return post(medan, inventory.QuarantineMove, office, aside, office, usable, newer, pieces)
	}
	wantFault(t, "what a loss holds", free(6), inventory.ErrHeldPieces)
	if err := free(5); err != nil {
		t.Errorf("what nothing holds: %v", err)
	}
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, planner, loss.ID, loss.Version, true))
	b.sound(t)
}

// TestADiscrepancyHoldsItsPiecesInQuarantine: until the sender has answered, nobody lifts it by hand.
func TestADiscrepancyHoldsItsPiecesInQuarantine(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 100)
	s := b.sent(t, b.approved(t, 20, 20), 20)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 15, Quarantined: 5, QuarantineReason: "wrong-version"}}}))
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	lift := func(to inventory.Condition, pieces int64) error {
		_, err := b.ledger.Post(ctx, ternate, inventory.NewMove{Kind: inventory.QuarantineMove, Document: "BA-9", Date: today, Lines: []inventory.MoveLine{{Lot: s.Lines[0].Lot,
			From: inventory.Account{Place: office, Condition: inventory.Quarantine}, To: inventory.Account{Place: office, Condition: to}, Pieces: pieces}}})
		return err
	}
	wantFault(t, "before the answer", lift(inventory.Usable, 5), inventory.ErrHeldPieces)
	wantFault(t, "unfit before the answer", lift(inventory.Spoiled, 5), inventory.ErrHeldPieces)
	d := must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, store, inventory.DiscrepancyFilter{Shipment: s.ID})).Items[0]
	must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: "acknowledged", Note: "salah kirim"}))
	if err := lift(inventory.Usable, 2); err != nil {
		t.Errorf("after the answer: %v", err)
	}
	if err := lift(inventory.Spoiled, 3); err != nil {
		t.Errorf("what is unfit: %v", err)
	}
	burn := must[inventory.Destruction](t)(b.ledger.PrepareDestruction(ctx, ternate, inventory.NewDestruction{Document: "BA-10", Date: today, Spoiled: 3}))
	burn = must[inventory.Destruction](t)(b.ledger.WitnessDestruction(ctx, ternate, burn.ID, burn.Version, []inventory.Witness{{Name: "A", Office: "Satpol PP"}, {Name: "B", Office: "Polri"}}))
	must[inventory.Destruction](t)(b.ledger.CompleteDestruction(ctx, ternate2, burn.ID, burn.Version))
	if usable, aside := b.held(t, office, inventory.Usable), b.held(t, office, inventory.Quarantine); usable != 17 || aside != 0 {
		t.Errorf("office holds %d usable and %d in quarantine, want 17 and none", usable, aside)
	}
	b.sound(t)
}
