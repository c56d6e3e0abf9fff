package inventory_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/inventory"
)

// drawn is all the text that a PDF draws.
func drawn(t testing.TB, pdf []byte) string {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("no PDF but %.20q", pdf)
	}
	var all strings.Builder
	for _, found := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(found[1]))
		if err != nil {
			continue // not a page
		}
		page, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range regexp.MustCompile(`\((.*)\)Tj`).FindAllSubmatch(page, -1) {
			fmt.Fprintln(&all, string(text[1]))
		}
	}
	return all.String()
}

// sealOf is the code in the seal of a paper, put together from what stands beside it.
func sealOf(t testing.TB, kind string, id int64, document string, pieces int64, pdf []byte) string {
	t.Helper()
	found := regexp.MustCompile(`Tanda periksa: ([A-Z2-7]{16})`).FindStringSubmatch(drawn(t, pdf))
	if found == nil {
		t.Fatalf("no seal on the paper:\n%s", drawn(t, pdf))
	}
	return fmt.Sprintf("blangko:%s:%d:%s:%d:%s", kind, id, document, pieces, found[1])
}

func wantText(t testing.TB, pdf []byte, words ...string) {
	t.Helper()
	text := drawn(t, pdf)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the paper does not say %q:\n%s", w, text)
		}
	}
}

func TestADeliveryNoteIsCheckedByAnybody(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 10_000)
	s := b.sent(t, b.approved(t, 1500, 1500), 1500)
	note := must[[]byte](t)(b.ledger.DeliveryNote(ctx, ternate, s.ID))
	wantText(t, note, "Surat Jalan", s.Document, "1.500", "seribu lima ratus", "Direktorat Jenderal Kependudukan", "29 November 2026")
	code := sealOf(t, "shipment", s.ID, s.Document, 1500, note)
	admin := access.Actor{ID: 41, Name: "admin", Role: access.Admin, Reach: "00"}
	for _, who := range []access.Actor{ternate, store, medan, team, admin} {
		got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, who, " "+code+"\r"))
		if !got.Sealed || !got.Stands || got.Pieces != 1500 || got.Document != s.Document || got.State != "dispatched" {
			t.Errorf("%s scans %+v", who.Name, got)
		}
		if reached := who.Reach != "12.71"; (got.Path != "") != reached {
			t.Errorf("%s is shown the way to %q", who.Name, got.Path)
		}
	}
	_, err := b.ledger.Scan(ctx, access.Actor{}, code)
	wantFault(t, "nobody scans", err, access.ErrSignIn)
	for what, forged := range map[string]string{
		"another total":     strings.Replace(code, ":1500:", ":15000:", 1),
		"another number":    strings.Replace(code, s.Document, "SJ/2026/999999", 1),
		"another record":    strings.Replace(code, fmt.Sprintf(":%d:", s.ID), ":999:", 1),
		"another kind":      strings.Replace(code, ":shipment:", ":receipt:", 1),
		"another signature": code[:len(code)-16] + "AAAAAAAAAAAAAAAA",
		"half a code":       code[:len(code)-20],
		"no numbers":        "blangko:shipment:x:SJ:y:" + code[len(code)-16:],
	} {
		_, err := b.ledger.Scan(ctx, ternate, forged)
		wantFault(t, what, err, inventory.ErrForged)
	}

	// A number that is typed finds the record in reach, and claims no signature.
	typed := must[inventory.Scanned](t)(b.ledger.Scan(ctx, ternate, s.Document))
	if typed.Sealed || typed.ID != s.ID || typed.Path != fmt.Sprintf("/api/v1/shipments/%d", s.ID) {
		t.Errorf("typed: %+v", typed)
	}
	_, err = b.ledger.Scan(ctx, medan, s.Document)
	wantFault(t, "a number out of reach", err, inventory.ErrCodeUnknown)
	_, err = b.ledger.Scan(ctx, ternate, "SJ/1999/000001")
	wantFault(t, "a number of nothing", err, inventory.ErrCodeUnknown)

	// A paper that was printed before its record fell is genuine and no longer stands.
	s = must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, store, s.ID, s.Version, "salah alamat"))
	if got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, medan, code)); !got.Sealed || got.Stands || got.State != "cancelled" {
		t.Errorf("after the shipment was cancelled: %+v", got)
	}
	_, err = b.ledger.DeliveryNote(ctx, store, s.ID)
	wantFault(t, "a note of a cancelled shipment", err, inventory.ErrNoPaper)
	_, err = b.ledger.DeliveryNote(ctx, medan, s.ID)
	wantFault(t, "a note of others", err, inventory.ErrShipmentUnknown)
}

func TestAHandoverRecordFallsWithItsReceipt(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	s := b.sent(t, b.approved(t, 400, 400), 400)
	draft := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Draft: true, Lines: counts(395, 2)}))
	_, err := b.ledger.HandoverRecord(ctx, ternate, draft.ID)
	wantFault(t, "a record of a draft", err, inventory.ErrNoPaper)
	r := must[inventory.Receipt](t)(b.ledger.ConfirmReceipt(ctx, ternate, draft.ID, draft.Version))
	record := must[[]byte](t)(b.ledger.HandoverRecord(ctx, store, r.ID))
	wantText(t, record, "Berita Acara Serah Terima", r.Document, s.Document, "395", "tiga ratus sembilan puluh tujuh", "Jumat, 20 November 2026")
	code := sealOf(t, "receipt", r.ID, r.Document, 397, record)
	if got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, planner, code)); !got.Stands {
		t.Errorf("scanned %+v", got)
	}
	must[inventory.Receipt](t)(b.ledger.RollBackReceipt(ctx, ternate, r.ID, r.Version, "salah hitung"))
	if got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, planner, code)); !got.Sealed || got.Stands {
		t.Errorf("after the receipt was rolled back: %+v", got)
	}
}

func TestLossesCountsAndDestructionsHaveTheirRecords(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	b.give(t, office, 100)

	o := must[inventory.Loss](t)(b.ledger.ReportLoss(ctx, ternate, inventory.NewLoss{Document: "BA:1:2", Police: "LP/1/XI/2026", HappenedOn: today, Pieces: 30, Note: "pencurian"}))
	record := must[[]byte](t)(b.ledger.LossRecord(ctx, ternate, o.ID))
	wantText(t, record, "Berita Acara Kehilangan", "LP/1/XI/2026", "tiga puluh", "pencurian")
	if got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, medan, sealOf(t, "loss", o.ID, "BA:1:2", 30, record))); got.Document != "BA:1:2" || !got.Stands {
		t.Errorf("a number with colons in it: %+v", got)
	}
	_, err := b.ledger.LossRecord(ctx, medan, o.ID)
	wantFault(t, "a loss of others", err, inventory.ErrLossUnknown)
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, maluku, o.ID, o.Version, false))
	_, err = b.ledger.LossRecord(ctx, ternate, o.ID)
	wantFault(t, "a loss that was found again", err, inventory.ErrNoPaper)

	must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Spoiled: 5}))
	d := must[inventory.Destruction](t)(b.ledger.PrepareDestruction(ctx, ternate, inventory.NewDestruction{Document: "BA-9", Date: today, Spoiled: 5}))
	_, err = b.ledger.DestructionRecord(ctx, ternate, d.ID)
	wantFault(t, "no witness yet", err, inventory.ErrNoPaper)
	d = must[inventory.Destruction](t)(b.ledger.WitnessDestruction(ctx, ternate, d.ID, d.Version,
		[]inventory.Witness{{Name: "Saksi A", Office: "Satpol PP"}, {Name: "Saksi B", Office: "Inspektorat"}}))
	wantText(t, must[[]byte](t)(b.ledger.DestructionRecord(ctx, ternate, d.ID)), "Berita Acara Pemusnahan", "Saksi A", "Inspektorat", "dimusnahkan dengan cara dibakar")

	live := inventory.NewLedger(b.db, time.Now)
	c := must[inventory.Count](t)(b.ledger.RequestCount(ctx, ternate, inventory.NewCount{}))
	c = must[inventory.Count](t)(live.EnterCount(ctx, ternate, c.ID, c.Version, inventory.Counting{Counted: 93}))
	_, err = b.ledger.CountRecord(ctx, ternate, c.ID)
	wantFault(t, "a count that nobody has reviewed", err, inventory.ErrNoPaper)
	c = must[inventory.Count](t)(live.PostCount(ctx, ternate2, c.ID, c.Version, "missing", "BA-SO"))
	wantText(t, must[[]byte](t)(b.ledger.CountRecord(ctx, ternate, c.ID)), "Berita Acara Stock Opname", "Fisik", "-2", "hilang", "sembilan puluh tiga")
}

func TestABoxIsFoundByItsLabel(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.boxed(t, run("K-1", 1, 10), run("K-2", 11, 15))
	labels := must[[]byte](t)(b.ledger.BoxLabels(ctx, store, inventory.BoxFilter{}))
	wantText(t, labels, "K-1", "K-2", "10 keping", "Blangko KTP-el", "Chip "+uid(1))
	for _, code := range []string{"blangko:box:K-1", "K-1", "K-1\n"} {
		got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, store, code))
		if got.Kind != "box" || got.Document != "K-1" || got.Pieces != 10 || !got.Stands || got.Sealed || got.Path != "/api/v1/boxes/K-1" {
			t.Errorf("%q is %+v", code, got)
		}
	}
	for who, code := range map[*access.Actor]string{&store: "blangko:box:K-9", &ternate: "blangko:box:K-2"} {
		_, err := b.ledger.Scan(ctx, *who, code)
		wantFault(t, who.Name+" scans "+code, err, inventory.ErrCodeUnknown)
	}
	k2 := b.box(t, "K-2")
	must[inventory.Box](t)(b.ledger.OpenBox(ctx, store, "K-2", k2.Version))
	if got := must[inventory.Scanned](t)(b.ledger.Scan(ctx, store, "K-2")); got.Stands {
		t.Errorf("an opened box: %+v", got)
	}
	if empty := must[[]byte](t)(b.ledger.BoxLabels(ctx, ternate, inventory.BoxFilter{})); strings.Contains(drawn(t, empty), "K-2") {
		t.Error("labels of boxes out of reach")
	}
	_, err := b.ledger.BoxLabels(ctx, team, inventory.BoxFilter{})
	wantFault(t, "a team asks for labels", err, access.ErrForbidden)
	_, err = b.ledger.Scan(ctx, team, "blangko:box:K-1")
	wantFault(t, "a team scans a box", err, inventory.ErrCodeUnknown)
}
