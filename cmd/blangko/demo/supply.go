package demo

import "math"

// signedBefore is how many days before its first delivery a contract is signed.
const signedBefore = 45

// deliver signs contracts and takes what printers bring into the national store.
func (r *run) deliver(t int) {
	last := len(r.days) - 1
	for _, p := range r.p.Supply.Purchases {
		if t == max(0, last-p.From-signedBefore) {
			r.sign(p, t)
		}
	}
	supplier := r.place[placeKey{r.w.Places[r.nation.place].RegionID, "supplier"}]
	for i := range r.w.Procurements {
		c := &r.w.Procurements[i]
		for n, day := range c.deliveryDays {
			if day != t {
				continue
			}
			share := c.Pieces / int64(len(c.deliveryDays)) / r.p.Supply.Lot * r.p.Supply.Lot
			if n == len(c.deliveryDays)-1 {
				share = c.Pieces - c.Delivered
			}
			if share == 0 {
				continue
			}
			var pieces [lots]int64
			pieces[c.Lot-1] = share
			document := document("SJP", len(r.w.Deliveries)+1)
			move := r.post("delivery", document, t, blanks(pieces, supplier, usable, r.nation.place, usable, noPurpose)...)
			r.w.Deliveries = append(r.w.Deliveries, Delivery{Procurement: i + 1, Move: move, Document: document, Day: t, Pieces: share})
			c.Delivered += share
			r.nation.add(pieces)
		}
	}
}

// sign orders what is thought to last until the day that the purchase is for: the use of those days, what offices
// lack by then, less what will be left.
func (r *run) sign(p Purchase, t int) {
	last := len(r.days) - 1
	from := last - p.From
	left := float64(r.nation.total())
	for _, c := range r.w.Procurements {
		left += float64(c.Pieces - c.Delivered)
	}
	var waiting, held float64
	for _, c := range r.counters {
		held += float64(c.total())
		for _, n := range c.waiting {
			waiting += float64(n)
		}
	}
	lack := max(0, r.nation.daily*r.p.Supply.RegionDays-held) + waiting/2
	left = max(0, left-r.nation.daily*float64(from-t))
	pieces := max(r.nation.daily*float64(p.From-p.Until)+lack-left, r.nation.daily*5)
	lot := float64(r.p.Supply.Lot)
	c := Procurement{Document: document("KTR", len(r.w.Procurements)+1), Supplier: printers[len(r.w.Procurements)%len(printers)],
		Lot: p.Fund, Pieces: int64(math.Round(pieces/lot)) * r.p.Supply.Lot, Signed: t, Due: from + 7*p.Weeks + 14}
	for week := range p.Weeks {
		c.deliveryDays = append(c.deliveryDays, r.workday(max(t, from-1)+7*week, 1))
	}
	r.w.Procurements = append(r.w.Procurements, c)
}

// printers are made up.
var printers = []string{"Percetakan A (simulasi)", "Percetakan B (simulasi)", "Percetakan C (simulasi)"}

// send sets aside what was approved and hands to the carrier what was set aside the working day before.
func (r *run) send(t int) {
	for _, n := range r.dispatch[t] {
		s := &r.w.Shipments[n-1]
		s.State, s.Dispatched = "dispatched", t
		b := r.buyerAt[s.To]
		s.Expected = t + max(1, int(math.Ceil(b.road.promised())))
		if !r.isOpen(s.Expected) {
			s.Expected = r.workday(s.Expected, 1)
		}
		from := reserved
		if s.Prepared < r.daily {
			from = usable
		}
		r.post("dispatch", s.Document, t, blanks(s.Pieces, s.From, from, s.To, inTransit, noPurpose)...)
		at := t + int(math.Round(b.road.travel(b.rng, r.p.Supply, r.days[t].date)))
		if !r.isOpen(at) || at == t {
			at = r.workday(at, 1)
		}
		r.arrive[at] = append(r.arrive[at], n)
	}
	delete(r.dispatch, t)
	for _, n := range r.prepare[t] {
		q := &r.w.Requests[n-1]
		b := r.buyerAt[q.Place]
		pieces := b.from.take(q.Approved)
		b.from.committed -= q.Approved
		q.State, q.Shipped = "shipped", q.Approved
		r.w.Shipments = append(r.w.Shipments, Shipment{From: b.from.place, To: q.Place, Request: n, Document: document("SJ", len(r.w.Shipments)+1),
			Pickup: b.road.pickup, State: "prepared", Prepared: t, Dispatched: -1, Expected: -1, Received: -1, Pieces: pieces})
		number := len(r.w.Shipments)
		// The books brought over from before know no reserve.
		if t >= r.daily {
			r.post("reserve", r.w.Shipments[number-1].Document, t, blanks(pieces, b.from.place, usable, b.from.place, reserved, noPurpose)...)
		}
		next := r.workday(t, 1)
		r.dispatch[next] = append(r.dispatch[next], number)
	}
	delete(r.prepare, t)
}

// receive takes what arrived onto the shelves.
func (r *run) receive(t int) {
	for _, n := range r.arrive[t] {
		s := &r.w.Shipments[n-1]
		b := r.buyerAt[s.To]
		lot := 0
		for s.Pieces[lot] == 0 {
			lot++
		}
		some := func() int64 { return min(s.Pieces[lot], int64(1+b.rng.IntN(r.p.Rare.PiecesMost))) }
		switch chance := b.rng.Float64(); {
		case chance < r.p.Rare.ReceiptShort:
			s.Missing[lot] = some()
		case chance < r.p.Rare.ReceiptShort+r.p.Rare.ReceiptDamaged:
			s.Damaged[lot] = some()
		}
		var good [lots]int64
		for i := range good {
			good[i] = s.Pieces[i] - s.Missing[i] - s.Damaged[i]
		}
		s.State, s.Received = "received", t
		lines := append(blanks(good, s.To, inTransit, s.To, usable, noPurpose), blanks(s.Damaged, s.To, inTransit, s.To, spoiled, noPurpose)...)
		move := r.post("receipt", s.Document, t, lines...)
		r.w.Receipts = append(r.w.Receipts, Receipt{Shipment: n, Move: move, Day: t})
		b.add(good)
		if c := r.counterAt[s.To]; c != nil {
			for i, k := range s.Damaged {
				c.scrap[i] += k
			}
		}
		q := &r.w.Requests[s.Request-1]
		q.State, q.Received = "closed", good[0]+good[1]
		b.expected -= q.Approved
		r.dispute(n, lot, t)
	}
	delete(r.arrive, t)
}

// dispute opens a case for what is missing or damaged; the sender answers it within a fortnight.
func (r *run) dispute(shipment, lot, t int) {
	s := &r.w.Shipments[shipment-1]
	d := Discrepancy{Shipment: shipment, Receipt: len(r.w.Receipts), Line: 1, Opened: t, Answered: -1}
	switch {
	case s.Missing[lot] > 0:
		d.Kind, d.Pieces, d.Answer = "short", s.Missing[lot], "lost"
		s.State = "partly-received"
	case s.Damaged[lot] > 0:
		d.Kind, d.Pieces, d.Answer = "damaged", s.Damaged[lot], "acknowledged"
	default:
		return
	}
	r.w.Discrepancies = append(r.w.Discrepancies, d)
	day := r.workday(t, 3+r.rng.IntN(7))
	r.answer[day] = append(r.answer[day], len(r.w.Discrepancies))
}

// settleDiscrepancies answers the cases of the day: what is missing is written off.
func (r *run) settleDiscrepancies(t int) {
	for _, n := range r.answer[t] {
		d := &r.w.Discrepancies[n-1]
		d.Answered = t
		s := &r.w.Shipments[d.Shipment-1]
		s.Settled = true
		if d.Kind == "short" {
			s.State = "closed-short"
			lost := r.at(r.w.Places[s.To].RegionID, "lost")
			r.post("loss", s.Document, t, blanks(s.Missing, s.To, inTransit, lost, inTransit, noPurpose)...)
		}
	}
	delete(r.answer, t)
}

// decide lets offices ask and stores answer.
func (r *run) decide(t int) {
	if !r.isOpen(t) {
		return
	}
	for _, s := range r.stores {
		kept := s.open[:0]
		for _, n := range s.open {
			if !r.decided(s, n, t) {
				kept = append(kept, n)
			}
		}
		s.open = kept
	}
	quiet := len(r.days) - r.p.Supply.StoryDays
	for _, b := range r.buyers {
		if b.code == r.p.Supply.Story && t >= quiet {
			continue
		}
		asked := b.wants(r.p.Supply)
		if asked == 0 {
			continue
		}
		r.w.Requests = append(r.w.Requests, Request{Place: b.place, Emergency: b.onHand() == 0 || b.rng.Float64() < r.p.Rare.Emergency,
			State: "submitted", Asked: asked, Submitted: t, Decided: -1})
		b.request = len(r.w.Requests)
		b.from.open = append(b.from.open, b.request)
	}
}

// decided answers one request, from the second working day on and at the store's pace, and reports whether it did.
func (r *run) decided(s *store, n, t int) bool {
	q := &r.w.Requests[n-1]
	b := r.buyerAt[q.Place]
	if t < r.workday(q.Submitted, 1) || !q.Emergency && r.rng.Float64() < 0.5 {
		return false
	}
	given, known := s.decide(q.Asked, t-q.Submitted, r.p.Supply, r.rng)
	if b.code == r.p.Supply.Story && t >= len(r.days)-2*r.p.Supply.StoryDays {
		given = min(q.Asked, s.total()-s.committed) // so that the story's office still has some at its beginning
	}
	if !known {
		return false
	}
	q.State, q.Approved, q.Declined, q.Decided = "approved", given, q.Asked-given, t
	b.request, b.fill = 0, float64(given)/float64(q.Asked)
	if given == 0 {
		q.State = "rejected"
		return true
	}
	b.expected += given
	s.committed += given
	next := r.workday(t, 1)
	r.prepare[next] = append(r.prepare[next], n)
	return true
}
