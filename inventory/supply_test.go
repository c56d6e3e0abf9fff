package inventory_test

import (
	"errors"
	"reflect"
	"testing"

	"blangko/internal/access"
	"blangko/inventory"
)

// What the national store holds and has packed for nobody, and what contracts still owe it; the grant of a region by itself.
func TestWhatStoresHoldAndContractsOwe(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	read := func() inventory.Supply { return must[inventory.Supply](t)(b.ledger.Supply(ctx, planner)) }
	if s := read(); len(s.Held) != 0 || len(s.Owed) != 0 {
		t.Errorf("before anything was posted: %+v", s)
	}
	b.deliver(t, 1000)
	r := b.approved(t, 300, 300)
	must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 200}}}))
	contract := func(document string, pieces int64, fund, earmark, due string) inventory.Procurement {
		return must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{
			Document: document, Supplier: "Percetakan", Pieces: pieces, Fund: fund, Earmark: earmark, SignedOn: "2026-01-05", DueOn: due}))
	}
	contract("KTR-A", 700, "PNBP", "", "")
	late := contract("KTR-B", 900, "APBN", "", "2026-12-31")
	grant := contract("KTR-C", 400, "HIBAH_APBD", "12", "2026-12-01")
	must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, late.ID, inventory.NewDelivery{Document: "DN-2", Date: today, Pieces: 250}))
	must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, grant.ID, inventory.NewDelivery{Document: "DN-3", Date: today, Pieces: 150}))
	s := read()
	if want := []inventory.Held{{Region: "00", Pieces: 1050}, {Region: "00", Earmark: "12", Pieces: 150}}; !reflect.DeepEqual(s.Held, want) {
		t.Errorf("held %+v, want %+v", s.Held, want)
	}
	var owed []int64
	for _, o := range s.Owed {
		owed = append(owed, o.Pieces)
	}
	if !reflect.DeepEqual(owed, []int64{250, 650, 700}) || s.Owed[0].Earmark != "12" || s.Owed[2].DueOn != nil {
		t.Errorf("owed %+v, want 250 of the grant, 650 and 700 without a day", s.Owed)
	}
	if _, err := b.ledger.Supply(ctx, ternate); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer reads contracts: %v", err)
	}
}
