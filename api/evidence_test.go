package api_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"

	"blangko/internal/postgres"
	"blangko/inventory"
)

// wide is the head of a PNG file that says it is 40,000 pixels wide.
func wide() string {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), 40_000), 10)
	body = append(body, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return string(binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body)))
}

// TestWhatIsNoEvidenceIsRefused and leaves nothing behind.
func TestWhatIsNoEvidenceIsRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	path := discrepancyPath("/photos")(o, "12.71")
	officer := o.as("officer.12.71")
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"a text", "bukan foto", 422, "photo-unreadable"},
		{"half a photo", snapshot[:len(snapshot)/2], 422, "photo-unreadable"},
		{"40,000 pixels wide", wide(), 422, "photo-too-large"},
		{"50 MB", strings.Repeat("x", 50<<20), 413, "body-too-large"},
	} {
		got := officer.call("POST", path, c.body, "Content-Type", "application/octet-stream")
		if p := got.problem(t); got.status != c.status || p.Code != c.code {
			t.Errorf("%s: %v, want %d %s", c.name, got, c.status, c.code)
		}
	}
	var page postgres.Page[inventory.Photo]
	if officer.get(path).into(t, &page); len(page.Items) != 0 {
		t.Errorf("%d photos after nothing but refusals", len(page.Items))
	}
	officer.call("POST", path, snapshot, "Content-Type", "image/jpeg").into(t, &inventory.Photo{})
	if officer.get(path).into(t, &page); len(page.Items) != 1 {
		t.Fatalf("%d photos, want the one that is one", len(page.Items))
	}
	got := officer.get(fmt.Sprint(path, "/", page.Items[0].ID))
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(string(got.body), "\xff\xd8") {
		t.Errorf("the photo comes as %d %s", got.status, got.header.Get("Content-Type"))
	}
}

func TestAHundredThousandLinesAreRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	const many = 100_000
	line := o.move()[strings.Index(o.move(), "[")+1 : strings.LastIndex(o.move(), "]")]
	approval := `{"request":1,"version":1}`
	for name, got := range map[string]reply{
		"lines of a move":     o.as("officer.12.71").call("POST", "/api/v1/moves", strings.Replace(o.move(), line, strings.Repeat(line+",", many)+line, 1)),
		"lines of a shipment": o.as("store").call("POST", "/api/v1/shipments", `{"lines":[`+strings.Repeat(`{"request":1,"pieces":1},`, many)+`{"request":1,"pieces":1}]}`),
		"a batch":             o.as("planner").call("POST", "/api/v1/requests/approvals", `{"approvals":[`+strings.Repeat(approval+",", many)+approval+`]}`),
	} {
		if p := got.problem(t); got.status != http.StatusRequestEntityTooLarge || p.Code != "body-too-large" {
			t.Errorf("%s: %.200v, want 413", name, got)
		}
	}
	// As many as fit into a body, and more than a list may have.
	got := o.as("planner").call("POST", "/api/v1/requests/approvals", `{"approvals":[`+strings.Repeat(approval+",", 600)+approval+`]}`)
	if p := got.problem(t); got.status != http.StatusUnprocessableEntity || len(p.Errors) == 0 || p.Errors[0].Location != "body.approvals" {
		t.Errorf("601 approvals: %.300v", got)
	}
}

func TestACancelledShipmentTakesNoReceipt(t *testing.T) {
	t.Parallel()
	o := open(t)
	s := o.sent("12.71")
	o.as("store").call("POST", fmt.Sprintf("/api/v1/shipments/%d/cancellation", s.ID), map[string]string{"reason": "salah alamat"}, ifMatch(s.Version)...).into(t, &s)
	got := o.as("officer.12.71").call("POST", "/api/v1/receipts", inventory.NewReceipt{Shipment: s.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 5}}})
	if p := got.problem(t); got.status != http.StatusConflict || p.Code != "shipment-not-in-state" {
		t.Errorf("a receipt for a cancelled shipment: %v", got)
	}
}
