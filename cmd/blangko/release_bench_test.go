package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/inventory/chip"
)

// hotRounds is how often what hits the national store is measured by turns.
const hotRounds = 3

// BenchmarkHotPlace measures what hits the one place that all others draw on. A naive single row is the minimal posting of
// ../shared/bench/posting with every client taking from the same place, pgbench's own clients and no audit, chain, reach or
// fund lots; beside it stand clients of the API that write off blanks at the national store, pgbench with the same statements one
// by one, and a release of 514 lines as one call.
func BenchmarkHotPlace(b *testing.B) {
	h := openDurable(b)
	s, err := newSystem(h.database, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	server, err := s.api(serving{})
	if err != nil {
		b.Fatal(err)
	}
	store := h.stock(b, 1_000_000_000, 0)
	out := func(int) inventory.NewMove {
		return inventory.NewMove{Kind: inventory.Use, Document: "LH-1", Date: yesterday(), Lines: []inventory.MoveLine{{
			From: inventory.Account{Place: store, Condition: inventory.Usable}, To: inventory.Account{Place: store, Condition: inventory.Spoiled}, Pieces: 1}}}
	}
	one := strings.NewReplacer(fmt.Sprintf(`\set o %d + :i * `, h.offices[0][0]), fmt.Sprintf(`\set o %d + 0 * `, store), `'issued'`, `'spoiled'`,
		fmt.Sprintf(`\set p %d + :i * `, h.offices[0][1]), fmt.Sprintf(`\set p %d + 0 * `, store), `, 'purpose', 'damaged'`, ``).Replace(h.sameStatements())
	const yardstick = "../../../shared/bench/posting/"
	for b.Loop() {
		var through, same, naive, released pace
		for range hotRounds {
			through.add(h.throughAPI(b, server.Handler, out))
			same.add(h.pgbench(b, postgres.Server, one, ""))
			released.add(h.release(b, 514*100, false))
			if _, err := os.Stat(yardstick); err != nil {
				b.Logf("the yardstick is not there, so its figure is left out: %v", err)
				continue
			}
			text, err := os.ReadFile(yardstick + "minimal.pgbench")
			if err != nil {
				b.Fatal(err)
			}
			hot := strings.Replace(string(text), `\set f random(1,2570)`, `\set f 0`, 1)
			if hot == string(text) {
				b.Fatal("the yardstick does not take from a place at random any more")
			}
			naive.add(h.pgbench(b, "", hot, yardstick+"minimal.sql"))
		}
		h.report(b, "hot-api", through, nil)
		h.report(b, "hot-same", same, nil)
		b.ReportMetric(through.perSecond()/same.perSecond(), "api-of-same")
		b.ReportMetric(released.perSecond(), "release-lines/s")
		if naive.done > 0 {
			h.report(b, "naive", naive, nil)
			b.ReportMetric(through.perSecond()/naive.perSecond(), "api-of-naive")
			b.ReportMetric(released.perSecond()/naive.perSecond(), "release-of-naive")
		}
	}
}

// BenchmarkRelease releases a run of 514 lines in one transaction, out of loose blanks and out of boxes of 500; each line settles
// the open requests of its office.
func BenchmarkRelease(b *testing.B) {
	for _, boxed := range []bool{false, true} {
		b.Run(fmt.Sprintf("boxes=%t", boxed), func(b *testing.B) {
			h := openDurable(b)
			var slowest float64
			for b.Loop() {
				b.StopTimer()
				if boxed {
					h.stock(b, 0, 800)
				} else {
					h.stock(b, 400_000, 0)
				}
				b.StartTimer()
				slowest = max(slowest, h.release(b, 400_000, true).seconds)
			}
			b.ReportMetric(slowest*1000, "slowest-ms")
		})
	}
}

// stock brings blanks into the national store, loose or in boxes of 500.
func (h *durable) stock(b *testing.B, loose int64, boxes int) (store int) {
	b.Helper()
	page, err := h.ledger.Places(b.Context(), access.System, inventory.PlaceFilter{Kind: inventory.NationalStore})
	if err != nil {
		b.Fatal(err)
	}
	d := inventory.NewDelivery{Document: "DN-1", Date: yesterday(), Pieces: loose}
	for range boxes {
		next := chip.UID(0x04000000000000 + 500*h.boxes)
		h.boxes++
		d.Boxes = append(d.Boxes, inventory.Chips{Box: fmt.Sprint("K-", h.boxes), First: next.String(), Last: (next + 499).String()})
		d.Pieces += 500
	}
	for d.Pieces > 0 { // a contract holds a hundred million
		one := d
		one.Pieces = min(d.Pieces, 100_000_000)
		d.Pieces -= one.Pieces
		h.contracts++
		p, err := h.ledger.Contract(b.Context(), access.System, inventory.NewProcurement{Document: fmt.Sprint("KTR-", h.contracts), Supplier: "Percetakan", Pieces: one.Pieces, Fund: "APBN", SignedOn: "2026-01-05"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := h.ledger.Deliver(b.Context(), access.System, p.ID, one); err != nil {
			b.Fatal(err)
		}
	}
	return page.Items[0].ID
}

// release divides pieces among all 514 offices, which have asked for their part or are given it unasked, and measures the release
// alone.
func (h *durable) release(b *testing.B, pieces int64, asked bool) pace {
	b.Helper()
	ctx := b.Context()
	planner := func(id int64) access.Actor {
		return access.Actor{ID: id, Name: "planner", Role: access.Planner, Reach: access.Nation}
	}
	offices, err := h.ledger.Places(ctx, access.System, inventory.PlaceFilter{Kind: inventory.RegencyOffice, Paging: postgres.Paging{Limit: 1000}})
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range offices.Items {
		if !asked {
			break
		}
		if _, err := h.ledger.Ask(ctx, access.System, inventory.NewRequest{Region: o.Region, Pieces: (pieces/514 + 99) / 100 * 100}); err != nil {
			b.Fatal(err)
		}
	}
	// What is packed counts as on its way, so that each run finds all offices alike.
	a, err := h.ledger.Allocate(ctx, planner(1), inventory.NewAllocation{Rule: "gains", Box: 100, Push: !asked, Available: &pieces})
	if err != nil {
		b.Fatal(err)
	}
	if a, err = h.ledger.ReviewAllocation(ctx, planner(1), a.ID, a.Version); err != nil {
		b.Fatal(err)
	}
	if a, err = h.ledger.ApproveAllocation(ctx, planner(2), a.ID, a.Version); err != nil {
		b.Fatal(err)
	}
	before, began := h.cpu(b), time.Now()
	if a, err = h.ledger.ReleaseAllocation(ctx, planner(1), a.ID, a.Version); err != nil {
		b.Fatal(err)
	}
	p := pace{float64(len(a.Lines)), time.Since(began).Seconds(), h.cpu(b) - before}
	var packed, settled int64
	err = postgres.Read(ctx, h.DB, access.System, func(tx *sqlx.Tx) error {
		return tx.QueryRow(`
			SELECT coalesce((SELECT sum(pieces) FROM boxes WHERE condition = 'reserved'), 0)::bigint,
			       (SELECT count(DISTINCT l.request_id) FROM shipment_lines l JOIN shipments s ON s.region_id = l.region_id AND s.id = l.shipment_id WHERE s.cause_id = $1)`,
			a.ID).Scan(&packed, &settled)
	})
	if err != nil {
		b.Fatal(err)
	}
	if len(a.Lines) != 514 || a.Given != pieces || asked && settled < 514 {
		b.Fatalf("%d lines give %d and settle %d requests", len(a.Lines), a.Given, settled)
	}
	b.Logf("%d lines of %d pieces released in %.0f ms, %d requests settled, %d pieces in boxes so far", len(a.Lines), a.Given, p.seconds*1000, settled, packed)
	return p
}
