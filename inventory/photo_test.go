package inventory_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/photo"
	"blangko/internal/postgres"
	"blangko/inventory"
)

func snapshot(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// disputed is an open case of three blanks that are short, between the national store and Ternate.
func (b bench) disputed(t testing.TB) inventory.Discrepancy {
	t.Helper()
	b.deliver(t, 1000)
	s := b.sent(t, b.approved(t, 400, 400), 400)
	must[inventory.Receipt](t)(b.ledger.Receive(t.Context(), ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(397, 0)}))
	return must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(t.Context(), store, inventory.DiscrepancyFilter{Shipment: s.ID})).Items[0]
}

func TestEvidenceIsSeenByTheTwoPartiesAlone(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	d := b.disputed(t)
	p := must[inventory.Photo](t)(b.ledger.AddPhoto(ctx, ternate, d.ID, snapshot(t)))
	if p.Width != 64 || p.Height != 48 || p.KeptUntil != "2027-11-20" {
		t.Errorf("photo %+v", p)
	}
	must[inventory.Photo](t)(b.ledger.AddPhoto(ctx, store, d.ID, snapshot(t)))
	for _, who := range []access.Actor{ternate, store} {
		if page := must[postgres.Page[inventory.Photo]](t)(b.ledger.Photos(ctx, who, d.ID)); len(page.Items) != 2 {
			t.Errorf("%s sees %d photos, want 2", who.Name, len(page.Items))
		}
		kept := must[[]byte](t)(b.ledger.PhotoImage(ctx, who, d.ID, p.ID))
		if _, err := jpeg.Decode(bytes.NewReader(kept)); err != nil {
			t.Errorf("%s gets no picture: %v", who.Name, err)
		}
	}
	for _, who := range []access.Actor{planner, auditor, maluku, team} {
		_, err := b.ledger.Photos(ctx, who, d.ID)
		wantFault(t, who.Name+" looks", err, inventory.ErrNotYourEnd)
		_, err = b.ledger.PhotoImage(ctx, who, d.ID, p.ID)
		wantFault(t, who.Name+" looks at one", err, inventory.ErrNotYourEnd)
	}
	_, err := b.ledger.PhotoImage(ctx, medan, d.ID, p.ID)
	wantFault(t, "another region looks", err, inventory.ErrDiscrepancyUnknown)
	_, err = b.ledger.AddPhoto(ctx, planner, d.ID, snapshot(t))
	wantFault(t, "the planner adds", err, access.ErrForbidden)
	_, err = b.ledger.AddPhoto(ctx, ternate, d.ID, []byte("bukan foto"))
	wantFault(t, "no photo", err, photo.ErrNoPhoto)
	_, err = b.ledger.AddPhoto(ctx, ternate, d.ID, make([]byte, 50<<20))
	wantFault(t, "50 MB", err, photo.ErrTooLarge)
	for range 10 {
		must[inventory.Photo](t)(b.ledger.AddPhoto(ctx, ternate, d.ID, snapshot(t)))
	}
	_, err = b.ledger.AddPhoto(ctx, ternate, d.ID, snapshot(t))
	wantFault(t, "a thirteenth", err, inventory.ErrManyPhotos)

	// What is escalated is the planner's to answer, so they see what it is about; a case that is settled takes no more.
	d = must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: "dispute", Note: "segel utuh"}))
	must[[]byte](t)(b.ledger.PhotoImage(ctx, planner, d.ID, p.ID))
	d = must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, planner, d.ID, d.Version, inventory.NewAnswer{Answer: "lost", Note: "BA-3"}))
	_, err = b.ledger.AddPhoto(ctx, ternate, d.ID, snapshot(t))
	wantFault(t, "a photo of a settled case", err, inventory.ErrDiscrepancyState)
	_, err = b.ledger.PhotoImage(ctx, planner, d.ID, p.ID)
	wantFault(t, "the planner looks afterwards", err, inventory.ErrNotYourEnd)
}

func TestEvidenceIsDroppedWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.set(t, "discrepancies.photos", "30")
	d := b.disputed(t)
	must[inventory.Photo](t)(b.ledger.AddPhoto(ctx, ternate, d.ID, snapshot(t)))
	late := inventory.NewLedger(b.db, func() time.Time { return noon().AddDate(0, 0, 31) })
	if n := must[int64](t)(late.DropPhotos(ctx, access.System)); n != 0 {
		t.Errorf("%d photos of an open case dropped", n)
	}
	must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: "lost", Note: "BA-3"}))
	if n := must[int64](t)(b.ledger.DropPhotos(ctx, access.System)); n != 0 {
		t.Errorf("%d photos dropped before their time", n)
	}
	if n := must[int64](t)(late.DropPhotos(ctx, access.System)); n != 1 {
		t.Errorf("%d photos dropped, want 1", n)
	}
	_, err := b.ledger.DropPhotos(ctx, planner)
	wantFault(t, "a person drops evidence", err, access.ErrForbidden)
}
