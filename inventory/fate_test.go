package inventory_test

import (
	"slices"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// What ends is told with what of it never came: nothing, a part, or all; what never left or has not ended is not told.
func TestTheFateOfShipments(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 2000)
	r := b.approved(t, 1000, 1000)
	whole := b.sent(t, r, 100)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: whole.ID, Lines: counts(100, 0)}))
	short := b.sent(t, r, 200)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: short.ID, Lines: counts(150, 20)}))
	for _, d := range must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, store, inventory.DiscrepancyFilter{Open: true})).Items {
		answer := map[string]string{"short": "lost", "damaged": "acknowledged"}[d.Kind]
		must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: answer, Note: "BA-7"}))
	}
	back := b.sent(t, r, 300)
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, store, back.ID, back.Version, "kapal batal"))
	prepared := must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 10}}}))
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, store, prepared.ID, prepared.Version, "salah alamat"))
	b.sent(t, r, 40)

	fates := must[[]inventory.Fate](t)(b.ledger.Fates(ctx, access.System, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	var told [][2]int64
	for _, f := range fates {
		if f.From != inventory.NationalStore || f.Sender != b.placeOf(t, "00", inventory.NationalStore) {
			t.Errorf("sent by %s %d, want the national store", f.From, f.Sender)
		}
		told = append(told, [2]int64{f.Pieces, f.Lost})
	}
	if want := [][2]int64{{100, 0}, {200, 50}, {300, 300}}; !slices.Equal(told, want) {
		t.Errorf("pieces and lost of them: %v, want %v", told, want)
	}
	if later := must[[]inventory.Fate](t)(b.ledger.Fates(ctx, access.System, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))); len(later) != 0 {
		t.Errorf("sent since next year: %+v", later)
	}
	if _, err := b.ledger.Fates(ctx, access.Actor{}, time.Time{}); err == nil {
		t.Error("nobody may see fates")
	}
}
