package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lib/pq"
)

// fill copies into a table and tells how far the load is.
func (l *loader) fill(table, columns string, rows func(c *copier)) error {
	n, err := copyRows(l.ctx, l.conn, table, columns, rows)
	l.step(n)
	return err
}

// at is an hour of a day of the world, in the morning of Jakarta.
func (l *loader) at(day int, hour time.Duration) time.Time {
	return l.world.Date(day).Add(hour * time.Hour)
}

func (l *loader) region(place int) int64 { return int64(l.homes[place].region) }
func (l *loader) id(place int) int64     { return int64(l.homes[place].id) }

func (l *loader) moves() error {
	times := l.world.times()
	return l.fill("moves", "region_id, id, other_region_id, kind, document, business_date, reason, actor_id, actor, at, synthetic", func(c *copier) {
		for i, m := range l.world.Moves {
			from, other := l.book.regions(m)
			c.int(int64(from), int64(i+1))
			c.orNull(int64(other))
			c.text(m.Kind, m.Document)
			c.date(l.world.Date(m.Day))
			c.text("")
			c.int(0)
			c.text(actor)
			c.time(times[i])
			c.bool(true)
			c.end()
		}
	})
}

func (l *loader) moveLines() error {
	return l.fill("move_lines", "region_id, move_id, line, item_id, lot_id, source_place_id, source_condition, target_place_id, target_condition, other_region_id, purpose, pieces", func(c *copier) {
		for i, m := range l.world.Moves {
			from, other := l.book.regions(m)
			for n, line := range l.world.lines(m) {
				c.int(int64(from), int64(i+1), int64(n+1), int64(line.Item), int64(line.Lot), l.id(int(line.From)))
				c.text(conditions[line.FromIn])
				c.int(l.id(int(line.To)))
				c.text(conditions[line.ToIn])
				c.orNull(int64(other))
				if line.Purpose == noPurpose {
					c.null()
				} else {
					c.text(line.purpose())
				}
				c.int(line.Pieces)
				c.end()
			}
		}
	})
}

func (l *loader) entries() error {
	return l.fill("entries", "region_id, place_id, seq, move_id, move_region_id, item_id, condition, lot_id, pieces, hash", func(c *copier) {
		for i := range l.book.entries {
			e := &l.book.entries[i]
			from, _ := l.book.regions(l.world.Moves[e.move-1])
			c.int(l.region(int(e.place)), l.id(int(e.place)), e.seq, int64(e.move), int64(from), int64(e.item))
			c.text(conditions[e.condition])
			c.int(int64(e.lot), e.pieces)
			c.bytes(e.hash[:])
			c.end()
		}
	})
}

func (l *loader) balances() error {
	accounts := slices.SortedFunc(maps.Keys(l.book.balances), func(x, y account) int {
		return cmp.Or(cmp.Compare(x.place, y.place), cmp.Compare(x.item, y.item), cmp.Compare(x.condition, y.condition), cmp.Compare(x.lot, y.lot))
	})
	return l.fill("balances", "region_id, place_id, item_id, condition, lot_id, pieces, outside", func(c *copier) {
		for _, a := range accounts {
			c.int(l.region(int(a.place)), l.id(int(a.place)), int64(a.item))
			c.text(conditions[a.condition])
			c.int(int64(a.lot), l.book.balances[a])
			c.bool(l.homes[a.place].outside())
			c.end()
		}
	})
}

func (l *loader) flows() error {
	keys := slices.SortedFunc(maps.Keys(l.book.flows), func(x, y flowKey) int {
		return cmp.Or(cmp.Compare(x.place, y.place), cmp.Compare(x.item, y.item), cmp.Compare(x.day, y.day), cmp.Compare(x.kind, y.kind))
	})
	return l.fill("flows", "region_id, place_id, item_id, day, kind, pieces", func(c *copier) {
		for _, k := range keys {
			c.int(l.region(int(k.place)), l.id(int(k.place)), int64(k.item))
			c.date(l.world.Date(k.day))
			c.text(k.kind)
			c.int(l.book.flows[k])
			c.end()
		}
	})
}

// chains moves the heads on: each place has had its chain since it was opened.
func (l *loader) chains() error {
	var regions, places, seqs []int64
	var hashes [][]byte
	for _, place := range slices.Sorted(maps.Keys(l.book.heads)) {
		head := l.book.heads[place]
		regions, places = append(regions, l.region(int(place))), append(places, l.id(int(place)))
		seqs, hashes = append(seqs, head.seq), append(hashes, head.hash)
	}
	_, err := l.conn.ExecContext(l.ctx, `
		UPDATE chains c SET seq = h.seq, hash = h.hash
		FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bytea[]) AS h (region_id, place_id, seq, hash)
		WHERE c.region_id = h.region_id AND c.place_id = h.place_id`,
		pq.Array(regions), pq.Array(places), pq.Array(seqs), pq.Array(hashes))
	if err != nil {
		return fmt.Errorf("move the chains on: %w", err)
	}
	return nil
}

func (l *loader) procurements() error {
	return l.fill("procurements", "region_id, id, document, supplier, item_id, lot_id, pieces, delivered, signed_on, due_on, created_at, created_by, synthetic", func(c *copier) {
		for i, p := range l.world.Procurements {
			c.int(l.region(0), int64(i+1))
			c.text(p.Document, p.Supplier)
			c.int(int64(blank), int64(p.Lot), p.Pieces, p.Delivered)
			c.date(l.world.Date(p.Signed))
			c.date(l.world.Date(p.Due))
			c.time(l.at(p.Signed, 2))
			c.text(actor)
			c.bool(true)
			c.end()
		}
	})
}

func (l *loader) deliveries() error {
	return l.fill("deliveries", "region_id, id, procurement_id, place_id, document, batch, day, pieces, move_id, at, actor, synthetic", func(c *copier) {
		for i, d := range l.world.Deliveries {
			c.int(l.region(0), int64(i+1), int64(d.Procurement), l.id(0))
			c.text(d.Document, "")
			c.date(l.world.Date(d.Day))
			c.int(d.Pieces, int64(d.Move))
			c.time(l.at(d.Day, 2))
			c.text(actor)
			c.bool(true)
			c.end()
		}
	})
}

func (l *loader) requests() error {
	return l.fill("requests", "region_id, id, place_id, item_id, document, emergency, state, asked, approved, declined, shipped, received, created_at, created_by, submitted_at, decided_at, decided_by, synthetic", func(c *copier) {
		for i, q := range l.world.Requests {
			c.int(l.region(q.Place), int64(i+1), l.id(q.Place), int64(blank))
			c.text(document("PM", i+1))
			c.bool(q.Emergency)
			c.text(q.State)
			c.int(q.Asked, q.Approved, q.Declined, q.Shipped, q.Received)
			c.time(l.at(q.Submitted, 2))
			c.text(actor)
			c.time(l.at(q.Submitted, 3))
			if q.Decided < 0 {
				c.null()
				c.text("")
			} else {
				c.time(l.at(q.Decided, 4))
				c.text(actor)
			}
			c.bool(true)
			c.end()
		}
	})
}

func (l *loader) shipments() error {
	return l.fill("shipments", "region_id, sender_region_id, id, sender_place_id, receiver_place_id, document, mode, state, prepared_at, prepared_by, dispatched_on, dispatched_at, expected_on, received_on, synthetic", func(c *copier) {
		day := func(d int) {
			if d < 0 {
				c.null()
				return
			}
			c.date(l.world.Date(d))
		}
		for i, s := range l.world.Shipments {
			c.int(l.region(s.To), l.region(s.From), int64(i+1), l.id(s.From), l.id(s.To))
			mode := "courier"
			if s.Pickup {
				mode = "pickup"
			}
			c.text(s.Document, mode, s.State)
			c.time(l.at(s.Prepared, 5))
			c.text(actor)
			day(s.Dispatched)
			if s.Dispatched < 0 {
				c.null()
			} else {
				c.time(l.at(s.Dispatched, 3))
			}
			day(s.Expected)
			day(s.Received)
			c.bool(true)
			c.end()
		}
	})
}

// eachLine goes through the lines of a shipment: one for each lot that it holds.
func (s *Shipment) eachLine(fn func(line, lot int)) {
	line := 0
	for lot, n := range s.Pieces {
		if n > 0 {
			line++
			fn(line, lot)
		}
	}
}

// good is how many pieces of a lot arrived whole.
func (s *Shipment) good(lot int) int64 {
	if s.Received < 0 {
		return 0
	}
	return s.Pieces[lot] - s.Damaged[lot] - s.Missing[lot]
}

func (l *loader) shipmentLines() error {
	return l.fill("shipment_lines", "region_id, sender_region_id, shipment_id, line, item_id, lot_id, request_id, pieces, good, damaged, missing", func(c *copier) {
		for i := range l.world.Shipments {
			s := &l.world.Shipments[i]
			s.eachLine(func(line, lot int) {
				c.int(l.region(s.To), l.region(s.From), int64(i+1), int64(line), int64(blank), int64(lot+1), int64(s.Request), s.Pieces[lot], s.good(lot), s.Damaged[lot])
				if s.Settled {
					c.int(s.Missing[lot])
				} else {
					c.int(0)
				}
				c.end()
			})
		}
	})
}

func (l *loader) receipts() error {
	return l.fill("receipts", "region_id, sender_region_id, id, shipment_id, document, state, day, complete, move_id, created_at, created_by, confirmed_at, confirmed_by, synthetic", func(c *copier) {
		for i, r := range l.world.Receipts {
			s := &l.world.Shipments[r.Shipment-1]
			c.int(l.region(s.To), l.region(s.From), int64(i+1), int64(r.Shipment))
			c.text(document("BAST", i+1), "confirmed")
			c.date(l.world.Date(r.Day))
			c.bool(true)
			c.int(int64(r.Move))
			c.time(l.at(r.Day, 3))
			c.text(actor)
			c.time(l.at(r.Day, 3))
			c.text(actor)
			c.bool(true)
			c.end()
		}
	})
}

func (l *loader) receiptLines() error {
	return l.fill("receipt_lines", "region_id, sender_region_id, receipt_id, line, good, damaged", func(c *copier) {
		for i, r := range l.world.Receipts {
			s := &l.world.Shipments[r.Shipment-1]
			s.eachLine(func(line, lot int) {
				c.int(l.region(s.To), l.region(s.From), int64(i+1), int64(line), s.good(lot), s.Damaged[lot])
				c.end()
			})
		}
	})
}

func (l *loader) discrepancies() error {
	const answerWithin = 7 // days
	return l.fill("discrepancies", "region_id, sender_region_id, id, shipment_id, receipt_id, line, kind, pieces, state, due_on, answer, opened_at, opened_by, answered_at, answered_by, synthetic", func(c *copier) {
		for i, d := range l.world.Discrepancies {
			s := &l.world.Shipments[d.Shipment-1]
			c.int(l.region(s.To), l.region(s.From), int64(i+1), int64(d.Shipment), int64(d.Receipt), int64(d.Line))
			c.text(d.Kind)
			c.int(d.Pieces)
			state, answer, by := "open", "", ""
			if d.Answered >= 0 {
				state, answer, by = "resolved", d.Answer, actor
			}
			c.text(state)
			c.date(l.world.Date(d.Opened + answerWithin))
			c.text(answer)
			c.time(l.at(d.Opened, 3))
			c.text(actor)
			if d.Answered < 0 {
				c.null()
			} else {
				c.time(l.at(d.Answered, 4))
			}
			c.text(by)
			c.bool(true)
			c.end()
		}
	})
}

func (l *loader) figures() error {
	const provinces = 38 // that the codes are of
	scopes := map[string]string{"recording": "wajib_ktp", "birth-certificate": "dukcapil_admin"}
	return l.fill("figures", "region_id, id, subject, scope, as_of, precision, period, era, people, have, lack, sent, adjudication, print_ready, source, status, synthetic, recorded_id, recorded_by, recorded_at, submitted_at, verified_by, verified_at", func(c *copier) {
		for i, f := range l.world.Figures {
			if f.Submitted.After(l.world.End) {
				continue
			}
			c.int(int64(f.RegionID), int64(i+1))
			c.text(f.Subject, scopes[f.Subject])
			c.date(f.AsOf)
			c.text("day", release(f.AsOf))
			c.int(provinces, f.People, f.Have, f.People-f.Have)
			if f.Subject == "recording" {
				c.int(f.Sent, f.Held, f.PrintReady)
			} else {
				c.null()
				c.null()
				c.null()
			}
			c.text("simulasi", "verified")
			c.bool(true)
			c.int(0)
			c.text(actor)
			c.time(f.Submitted)
			c.time(f.Submitted)
			c.text(actor)
			c.time(f.Submitted)
			c.end()
		}
	})
}

func (l *loader) uses() error {
	return l.fill("uses", "region_id, id, place_id, item_id, day, document, pieces, spoiled, move_id, at, actor, synthetic", func(c *copier) {
		for i, r := range l.world.Reports {
			c.int(l.region(r.Place), int64(i+1), l.id(r.Place), int64(blank))
			c.date(l.world.Date(r.Day))
			c.text("SIM-LH/" + l.world.Date(r.Day).Format("060102"))
			c.int(r.Pieces, r.Spoiled)
			c.orNull(int64(r.Move))
			c.time(l.at(r.Day, 9))
			c.text(actor)
			c.bool(true)
			c.end()
		}
	})
}
