package inventory_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/inventory/fairshare"
)

// walked is what the walks together must have done at least once, so that the test cannot pass by doing nothing.
var walked = []string{
	"deliver", "deliver a known chip refused", "undo a delivery", "undo a delivery with boxes refused", "ask", "approve", "prepare", "prepare with boxes", "pass on", "serve from a province", "pack", "dispatch", "cancel", "receive", "receive named", "roll back",
	"receive what is over refused", "answer lost", "answer found-here", "answer sent-more", "answer not-ours", "answer acknowledged", "acknowledge wrong chips",
	"allocate to province", "allocate to regency", "allocate from a province", "release", "release with boxes", "release to a province", "release from a province", "approve one's own run refused", "use", "reverse", "reverse a reversal refused", "reverse a report refused", "report", "correct", "spoil chips",
	"propose", "accept", "decline", "withdraw", "return", "return a part", "see a loan settled", "report a loss", "freeze chips", "write off", "find again", "destroy", "destroy chips",
	"count", "count a surplus", "count what is missing", "issue while counting", "open a box", "settle", "set aside", "lift", "find unfit", "set aside chips", "lift chips", "find unfit chips", "send back", "send chips back", "receive what was sent back",
}

// step does one thing at random.
func (w *world) step() string {
	w.n++
	steps := []struct {
		weight int
		name   string
		do     func()
	}{
		{8, "procure", w.procure}, {10, "request", w.ask}, {6, "ship", w.ship}, {5, "pass on", w.passOn}, {3, "allocate", w.allocate}, {36, "carry", w.carry}, {4, "roll back", w.rollBack},
		{8, "answer", w.answer}, {5, "use", w.use}, {3, "reverse", w.reverse}, {5, "report", w.report}, {12, "lend", w.lend}, {7, "lose", w.lose}, {7, "destroy", w.destroy},
		{3, "count", w.count}, {6, "set aside", w.setAside}, {4, "send back", w.sendBack}, {2, "open a box", w.openBox}, {3, "settle", w.settle},
	}
	var sum int
	for _, s := range steps {
		sum += s.weight
	}
	pick := w.rand.IntN(sum)
	for _, s := range steps {
		if pick -= s.weight; pick < 0 {
			s.do()
			return s.name
		}
	}
	return ""
}

// fresh makes a box of chips that nobody has seen, as a run or as a list with holes.
func (w *world) fresh() (inventory.Chips, []int) {
	c, n := inventory.Chips{Box: fmt.Sprint("K", w.n, "-", w.next)}, 4+w.rand.IntN(16)
	list := w.one(3)
	var chips []int
	for range n {
		w.next++
		if list {
			w.next += w.rand.IntN(3)
		}
		chips = append(chips, w.next)
	}
	if list {
		for _, i := range w.rand.Perm(n) {
			c.UIDs = append(c.UIDs, uid(chips[i]))
		}
	} else {
		c.First, c.Last = uid(chips[0]), uid(chips[n-1])
	}
	return c, chips
}

func (w *world) procure() {
	ctx, l := w.t.Context(), w.ledger
	c := inventory.NewProcurement{Document: fmt.Sprint("KTR-", w.n), Supplier: "Percetakan", Fund: []string{"APBN", "PNBP"}[w.rand.IntN(2)], SignedOn: "2026-01-05"}
	if w.one(5) {
		c.Fund, c.Earmark = "HIBAH_APBD", w.office().code
	}
	d := inventory.NewDelivery{Document: fmt.Sprint("DN-", w.n), Date: w.today}
	var chips []int
	if w.one(4) {
		d.Pieces = w.pieces(200)
	} else {
		for range 1 + w.rand.IntN(6) {
			box, some := w.fresh()
			d.Boxes, chips = append(d.Boxes, box), append(chips, some...)
		}
		d.Pieces = int64(len(chips))
	}
	known := len(w.boxes) > 0 && len(chips) > 0 && w.one(4)
	if known { // a chip that came before
		b := w.boxes[w.rand.IntN(len(w.boxes))]
		d.Boxes = append(d.Boxes, inventory.Chips{Box: fmt.Sprint("X", w.n), UIDs: []string{uid(b.chips[w.rand.IntN(len(b.chips))])}})
		d.Pieces++
	}
	c.Pieces = d.Pieces
	p, err := l.Contract(ctx, planner, c)
	if !w.may("contract", err) {
		return
	}
	done, err := l.Deliver(ctx, store, p.ID, d)
	if known {
		w.never("deliver a known chip", err, inventory.ErrChipElsewhere)
		return
	}
	if !w.may("deliver", err) {
		return
	}
	w.put(w.supplier, inventory.Usable, w.national.place, inventory.Usable, d.Pieces)
	w.place(chips, spot{place: w.national.place, condition: inventory.Usable})
	if len(chips) == 0 {
		w.loose = append(w.loose, loose{done.Move, d.Pieces})
	} else if w.one(8) {
		_, err = l.Reverse(ctx, store, done.Move, "salah")
		w.never("undo a delivery with boxes", err, inventory.ErrNotReversible)
	}
}

func (w *world) ask() {
	ctx, l := w.t.Context(), w.ledger
	r, err := l.Ask(ctx, w.asker().who, inventory.NewRequest{Pieces: 50 + w.pieces(150), Emergency: w.one(4)})
	if !w.may("ask", err) {
		return
	}
	if w.one(5) {
		return // an allocation finds it
	}
	w.requests = append(w.requests, r.ID)
	_, err = l.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: w.pieces(150), Later: w.one(2)})
	if w.may("approve", err) && !w.one(3) {
		w.shipFor(r.ID)
	}
}

// some names free boxes of a place, whole or in part, and says which chips that are.
func (w *world) some(place int, condition inventory.Condition, shipment int64, most int) (names []inventory.Chips, chips []int) {
	var there []boxRow
	for _, b := range w.boxes {
		if b.Place == place && b.Condition == condition && b.Shipment == shipment && b.Loss == 0 && (b.Sealed || condition != inventory.Usable) {
			there = append(there, b)
		}
	}
	w.rand.Shuffle(len(there), func(i, j int) { there[i], there[j] = there[j], there[i] })
	for _, b := range there {
		if len(names) == most {
			break
		}
		if b.Lot == there[0].Lot || w.one(20) {
			name, part := w.part(b)
			names, chips = append(names, name), append(chips, part...)
		}
	}
	return names, chips
}

// part names a box as a whole, a run of its chips, or some of them.
func (w *world) part(b boxRow) (inventory.Chips, []int) {
	n := len(b.chips)
	switch {
	case w.one(2):
		return inventory.Chips{Box: b.Number}, b.chips
	case b.UIDs == nil && w.one(2):
		from := w.rand.IntN(n)
		to := from + w.rand.IntN(n-from)
		return run("", b.chips[from], b.chips[to]), b.chips[from : to+1]
	}
	c, part := inventory.Chips{Box: b.Number}, []int(nil)
	for _, chip := range b.chips {
		if w.one(2) || len(part) == 0 {
			c.UIDs, part = append(c.UIDs, uid(chip)), append(part, chip)
		}
	}
	return c, part
}

func (w *world) ship() {
	if len(w.requests) == 0 {
		return
	}
	late := w.requests[max(0, len(w.requests)-5):]
	w.shipFor(late[w.rand.IntN(len(late))])
}

// shipFor serves a request from the national store, or from that of its province.
func (w *world) shipFor(request int64) {
	from := w.national
	if w.one(4) {
		from = w.provinces[w.rand.IntN(len(w.provinces))]
	}
	if w.prepare(from, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: request, Pieces: w.pieces(40)}}}) && from != w.national {
		w.did["serve from a province"]++
	}
}

// passOn sends what a province has to an office below it, which need not have asked.
func (w *world) passOn() {
	to := w.office()
	from := w.provinces[slices.IndexFunc(w.provinces, func(p *office) bool { return strings.HasPrefix(to.code, p.code+".") })]
	if w.prepare(from, inventory.NewShipment{To: to.code, Lines: []inventory.NewShipmentLine{{Pieces: w.pieces(20)}}}) {
		w.did["pass on"]++
	}
}

// prepare sets a shipment aside, mostly with boxes.
func (w *world) prepare(from *office, in inventory.NewShipment) bool {
	var chips []int
	if !w.one(5) {
		in.Boxes, chips = w.some(from.place, inventory.Usable, 0, 3)
		in.Lines[0].Pieces = max(in.Lines[0].Pieces, int64(len(chips)))
	}
	s, err := w.ledger.Prepare(w.t.Context(), from.who, in)
	if !w.may("prepare", err) {
		return false
	}
	w.packed(s, from)
	if len(chips) > 0 {
		w.did["prepare with boxes"]++
	}
	w.place(chips, spot{from.place, inventory.Reserved, s.ID, 0})
	return true
}

// packed takes a prepared shipment into the model.
func (w *world) packed(s inventory.Shipment, from *office) *parcel {
	p := &parcel{id: s.ID, from: from, back: s.Cause == "return", wrong: map[int64][]inventory.Chips{}}
	for _, o := range w.keepers() {
		if o.place == s.ToPlace {
			p.to = o
		}
	}
	for _, line := range s.Lines {
		p.pieces += line.Pieces
	}
	w.parcels = append(w.parcels, p)
	w.put(from.place, p.shelf(), from.place, inventory.Reserved, p.pieces)
	return p
}

// allocate divides what the national store has among provinces or kabupaten/kota, or what a province has among those below it.
func (w *world) allocate() {
	ctx, l := w.t.Context(), w.ledger
	rules := []fairshare.Rule{"together", "proportional", "gains", "losses"}
	in := inventory.NewAllocation{From: "00", Level: "regency", Rule: rules[w.rand.IntN(len(rules))], Box: w.pieces(20)}
	from, first, second, what := w.national, planner, planner2, " to regency"
	switch w.rand.IntN(3) {
	case 0:
		in.Level, what = "province", " to province"
	case 1:
		from, what = w.provinces[w.rand.IntN(len(w.provinces))], " from a province"
		in.From, first, second = from.code, from.who, from.second
	}
	a, err := l.Allocate(ctx, first, in)
	if !w.may("allocate"+what, err) {
		return
	}
	a = must[inventory.Allocation](w.t)(l.ReviewAllocation(ctx, first, a.ID, a.Version))
	_, err = l.ApproveAllocation(ctx, first, a.ID, a.Version)
	w.never("approve one's own run", err, inventory.ErrOwnWork)
	a = must[inventory.Allocation](w.t)(l.ApproveAllocation(ctx, second, a.ID, a.Version))
	if a, err = l.ReleaseAllocation(ctx, first, a.ID, a.Version); !w.may("release", err) {
		return
	}
	ids := map[int64]int64{}
	for _, line := range a.Lines {
		if line.Shipment != nil {
			ids[*line.Shipment] = line.Given + line.Granted
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		p := w.packed(must[inventory.Shipment](w.t)(l.Shipment(ctx, planner, id)), from)
		if p.pieces != ids[id] {
			w.t.Errorf("step %d: shipment %d of a run holds %d, its line gives %d", w.n, id, p.pieces, ids[id])
		}
		switch {
		case from != w.national:
			w.did["release from a province"]++
		case slices.Contains(w.provinces, p.to):
			w.did["release to a province"]++
		}
	}
	// Which boxes go is the store's business, as long as they are free and go with this run.
	free := spot{place: from.place, condition: inventory.Usable}
	w.maybe = func(was, is spot) bool {
		_, ours := ids[is.shipment]
		return was == free && ours && is == spot{from.place, inventory.Reserved, is.shipment, 0}
	}
	w.chipsAgree("release")
	if len(w.moved) > 0 {
		w.did["release with boxes"]++
	}
}

// carry takes a shipment one step on: packed, dispatched, cancelled, or received in full, in part, short or over.
func (w *world) carry() {
	if len(w.parcels) == 0 {
		return
	}
	ctx, l := w.t.Context(), w.ledger
	var open []*parcel
	for _, p := range w.parcels {
		switch p.state() {
		case inventory.ShipmentPrepared, inventory.ShipmentDispatched, inventory.ShipmentPartlyReceived:
			open = append(open, p)
		}
	}
	if len(open) == 0 || w.one(10) {
		open = w.parcels
	}
	p := open[w.rand.IntN(len(open))]
	s := must[inventory.Shipment](w.t)(l.Shipment(ctx, planner, p.id))
	switch state := p.state(); {
	case w.one(8):
		_, err := l.CancelShipment(ctx, p.from.who, s.ID, s.Version, "batal")
		if state != inventory.ShipmentPrepared && state != inventory.ShipmentDispatched {
			w.never("cancel what arrived", err, inventory.ErrShipmentState)
		} else if w.may("cancel", err) {
			w.recall(p)
		}
	case state == inventory.ShipmentPrepared && w.one(3):
		names, chips := w.some(p.from.place, p.shelf(), 0, 3)
		if _, err := l.PackShipment(ctx, p.from.who, s.ID, s.Version, inventory.Packing{Boxes: names}); w.may("pack", err) {
			w.place(w.inParcel(p), spot{place: p.from.place, condition: p.shelf()})
			w.place(chips, spot{p.from.place, inventory.Reserved, p.id, 0})
		}
	case state == inventory.ShipmentPrepared:
		if _, err := l.Dispatch(ctx, p.from.who, s.ID, s.Version, inventory.Dispatching{}); w.may("dispatch", err) {
			p.sent = true
			w.put(p.from.place, inventory.Reserved, p.to.place, inventory.InTransit, p.pieces)
			w.place(w.inParcel(p), spot{p.to.place, inventory.InTransit, p.id, 0})
		}
	case state == inventory.ShipmentDispatched, state == inventory.ShipmentPartlyReceived:
		w.receive(p, s)
	default:
		_, err := l.Receive(ctx, p.to.who, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1, 0), Reason: "x"})
		w.never("receive what is over", err, inventory.ErrShipmentState)
	}
}

// inParcel are the chips that are known to be in a shipment.
func (w *world) inParcel(p *parcel) (chips []int) {
	for c, at := range w.chips {
		if at.shipment == p.id {
			chips = append(chips, c)
		}
	}
	return chips
}

func (w *world) recall(p *parcel) {
	if p.sent {
		w.put(p.to.place, inventory.InTransit, p.from.place, p.shelf(), p.pieces)
	} else {
		w.put(p.from.place, inventory.Reserved, p.from.place, p.shelf(), p.pieces)
	}
	w.place(w.inParcel(p), spot{place: p.from.place, condition: p.shelf()})
	p.recalled = true
}

func (w *world) receive(p *parcel, s inventory.Shipment) {
	ctx, l := w.t.Context(), w.ledger
	in := inventory.NewReceipt{Shipment: s.ID, More: w.one(3), Reason: "dihitung dua kali", Draft: w.one(3)}
	exact := w.one(3)
	for _, line := range s.Lines {
		counted := inventory.NewReceiptLine{Line: line.Line, Good: line.Outstanding()}
		if !exact {
			counted.Good = max(0, line.Outstanding()-w.rand.Int64N(12)+w.rand.Int64N(3))
			counted.Damaged = w.rand.Int64N(2)
			if w.one(4) {
				counted.Quarantined, counted.QuarantineReason = 1, "wrong-version"
			}
		}
		in.Lines = append(in.Lines, counted)
	}
	as := map[int]inventory.Condition{}
	if w.one(2) {
		names, chips := w.some(p.to.place, inventory.InTransit, p.id, 3)
		for _, name := range names {
			in.Boxes = append(in.Boxes, inventory.ArrivedChips{Chips: name})
		}
		for _, c := range chips {
			as[c] = inventory.Usable
		}
	}
	// In place of a box came another, which the sender still has in its books.
	if w.one(3) {
		if names, instead := w.some(p.from.place, p.shelf(), 0, 1); len(instead) > 0 && s.Lines[0].Outstanding() > int64(len(instead)) {
			in.WrongBoxes = names
			in.Lines[0] = inventory.NewReceiptLine{Line: s.Lines[0].Line, Good: s.Lines[0].Outstanding() - int64(len(instead)), Quarantined: int64(len(instead)), QuarantineReason: "wrong-chips"}
		}
	}
	var total int64
	for _, line := range in.Lines {
		total += line.Good + line.Damaged + line.Quarantined
	}
	r, err := l.Receive(ctx, p.to.who, in)
	if !w.may("receive", err) {
		return
	}
	if in.Draft {
		if w.one(3) {
			_, err = l.DiscardReceipt(ctx, p.to.who, r.ID, r.Version)
			w.may("discard", err)
			return
		}
		if r, err = l.ConfirmReceipt(ctx, p.to.who, r.ID, r.Version); !w.may("confirm", err) {
			r = must[inventory.Receipt](w.t)(l.Receipt(ctx, p.to.who, r.ID))
			_, err = l.DiscardReceipt(ctx, p.to.who, r.ID, r.Version)
			w.may("discard", err)
			return
		}
	}
	a := &arrival{id: r.ID, parcel: p, lines: r.Lines, more: in.More}
	if p.back {
		w.did["receive what was sent back"]++
	}
	for _, line := range r.Lines {
		total -= line.Good + line.Damaged + line.Quarantined + line.Over
	}
	if total != 0 {
		w.t.Errorf("step %d: the receipt forgot %d pieces", w.n, total)
	}
	w.book(a, 1)
	w.receipts = append(w.receipts, a)
	p.wrong[r.ID] = in.WrongBoxes
	if len(as) > 0 {
		w.did["receive named"]++
	}
	for c, condition := range as {
		w.chips[c] = spot{place: p.to.place, condition: condition}
		a.chips = append(a.chips, c)
	}
	// Of those that nobody named, as many came as nothing else can have come.
	w.maybe = func(was, is spot) bool {
		return was == spot{p.to.place, inventory.InTransit, p.id, 0} && is == spot{place: p.to.place, condition: inventory.Usable}
	}
	w.chipsAgree("receive")
	a.chips = append(a.chips, w.moved...)
}

// book writes what a receipt counted into the clerk's book, or strikes it out.
func (w *world) book(a *arrival, sign int64) {
	p := a.parcel
	for _, line := range a.lines {
		w.put(p.to.place, inventory.InTransit, p.to.place, inventory.Usable, sign*line.Good)
		w.put(p.to.place, inventory.InTransit, p.to.place, inventory.Spoiled, sign*line.Damaged)
		w.put(p.to.place, inventory.InTransit, p.to.place, inventory.Quarantine, sign*line.Quarantined)
		w.put(p.to.public, inventory.Quarantine, p.to.place, inventory.Quarantine, sign*line.Over)
		p.got += sign * (line.Good + line.Damaged + line.Quarantined)
	}
	if !a.more {
		p.complete += int(sign)
	}
}

func (w *world) rollBack() {
	var standing []*arrival
	for _, a := range w.receipts {
		if !a.undone {
			standing = append(standing, a)
		}
	}
	if len(standing) == 0 {
		return
	}
	a := standing[w.rand.IntN(len(standing))]
	r := must[inventory.Receipt](w.t)(w.ledger.Receipt(w.t.Context(), planner, a.id))
	if _, err := w.ledger.RollBackReceipt(w.t.Context(), a.parcel.to.who, r.ID, r.Version, "dihitung lagi"); !w.may("roll back", err) {
		return
	}
	a.undone = true
	w.book(a, -1)
	w.place(a.chips, spot{a.parcel.to.place, inventory.InTransit, a.parcel.id, 0})
	delete(a.parcel.wrong, a.id)
}

// answer settles an open discrepancy as its sender.
func (w *world) answer() {
	ctx, l := w.t.Context(), w.ledger
	open := must[postgres.Page[inventory.Discrepancy]](w.t)(l.Discrepancies(ctx, planner, inventory.DiscrepancyFilter{Open: true})).Items
	if len(open) == 0 {
		return
	}
	slices.SortFunc(open, func(a, b inventory.Discrepancy) int {
		return cmp.Or(cmp.Compare(a.Shipment, b.Shipment), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Receipt, b.Receipt))
	})
	d := open[w.rand.IntN(len(open))]
	if i := slices.IndexFunc(open, func(d inventory.Discrepancy) bool { return d.Kind == "wrong-chips" || d.Kind == "over" }); i >= 0 && w.one(2) {
		d = open[i] // they are few
	}
	at := slices.IndexFunc(w.parcels, func(p *parcel) bool { return p.id == d.Shipment })
	p := w.parcels[at]
	fitting := map[string][]string{"short": {"lost", "found-here"}, "over": {"sent-more", "not-ours"}}[d.Kind]
	if fitting == nil {
		fitting = []string{"acknowledged"}
	}
	// What was answered least comes first.
	answer := slices.MinFunc(fitting, func(a, b string) int { return cmp.Compare(w.did["answer "+a], w.did["answer "+b]) })
	if _, err := l.AnswerDiscrepancy(ctx, p.from.who, d.ID, d.Version, inventory.NewAnswer{Answer: answer, Note: "BA"}); !w.may("answer "+answer, err) {
		return
	}
	back := func(to spot) {
		opened := spot{place: p.from.place, condition: p.shelf()} // where one box met two fates
		w.maybe = func(was, is spot) bool {
			return was == spot{p.to.place, inventory.InTransit, p.id, 0} && (is == to || is == opened)
		}
	}
	switch {
	case answer == "lost":
		w.put(p.to.place, inventory.InTransit, p.from.lost, inventory.Usable, d.Pieces)
		p.missing += d.Pieces
		back(spot{place: p.from.lost, condition: inventory.Usable})
	case answer == "found-here":
		w.put(p.to.place, inventory.InTransit, p.from.place, p.shelf(), d.Pieces)
		p.missing += d.Pieces
		p.kept += d.Pieces
		back(spot{place: p.from.place, condition: p.shelf()})
	case answer == "sent-more":
		w.put(p.from.place, p.shelf(), p.to.public, inventory.Quarantine, d.Pieces)
		w.put(p.to.place, inventory.Quarantine, p.to.place, inventory.Usable, d.Pieces)
	case d.Kind == "wrong-chips":
		if came := w.chipsOf(p.wrong[d.Receipt]); len(came) > 0 {
			w.did["acknowledge wrong chips"]++
			w.place(came, spot{place: p.to.place, condition: inventory.Quarantine})
		}
		back(spot{place: p.from.place, condition: p.shelf()})
	}
}

// chipsOf are the chips that are named today.
func (w *world) chipsOf(names []inventory.Chips) (chips []int) {
	for _, name := range names {
		for _, b := range w.boxes {
			if len(name.UIDs) == 0 && name.First == "" && b.Number == name.Box {
				chips = append(chips, b.chips...)
			}
			for _, c := range b.chips {
				if slices.Contains(name.UIDs, uid(c)) || name.First != "" && name.First <= uid(c) && uid(c) <= name.Last {
					chips = append(chips, c)
				}
			}
		}
	}
	return chips
}

func (w *world) use() {
	o := w.office()
	m := use(o.place, o.public, w.pieces(15))
	m.Date, m.Lines[0].Lot = w.today, 1+w.rand.IntN(2)
	if w.one(5) { // an old card is handed back
		m.Kind, m.Lines[0].Purpose = inventory.Surrender, ""
		m.Lines[0].From = inventory.Account{Place: o.public, Condition: inventory.Surrendered}
		m.Lines[0].To = inventory.Account{Place: o.place, Condition: inventory.Surrendered}
	}
	done, err := w.ledger.Post(w.t.Context(), o.who, m)
	if !w.may(string(m.Kind), err) {
		return
	}
	line := m.Lines[0]
	w.put(line.From.Place, line.From.Condition, line.To.Place, line.To.Condition, line.Pieces)
	if m.Kind == inventory.Use {
		w.uses = append(w.uses, done.ID)
	}
}

func (w *world) reverse() {
	ctx, l := w.t.Context(), w.ledger
	if len(w.reversals) > 0 && w.one(3) {
		_, err := l.Reverse(ctx, access.System, w.reversals[w.rand.IntN(len(w.reversals))], "salah lagi")
		w.never("reverse a reversal", err, inventory.ErrNotReversible)
		return
	}
	if o := w.office(); o.report != nil && w.one(4) {
		_, err := l.Reverse(ctx, access.System, o.report.move, "salah")
		w.never("reverse a report", err, inventory.ErrNotReversible)
	}
	if len(w.loose) > 0 && w.one(3) {
		i := w.rand.IntN(len(w.loose))
		d := w.loose[i]
		w.loose = slices.Delete(w.loose, i, i+1)
		if m, err := l.Reverse(ctx, store, d.move, "salah kirim"); w.may("undo a delivery", err) {
			w.put(w.national.place, inventory.Usable, w.supplier, inventory.Usable, d.pieces)
			w.reversals = append(w.reversals, m.ID)
		}
		return
	}
	if len(w.uses) == 0 {
		return
	}
	m, err := l.Reverse(ctx, access.System, w.uses[w.rand.IntN(len(w.uses))], "salah")
	if w.may("reverse", err) {
		line := m.Lines[0]
		w.put(line.From.Place, line.From.Condition, line.To.Place, line.To.Condition, line.Pieces)
		w.reversals = append(w.reversals, m.ID)
	}
}

// report writes the day's use of an office down, or corrects it, and names what was spoiled.
func (w *world) report() {
	ctx, l, o := w.t.Context(), w.ledger, w.office()
	in := inventory.NewUse{Date: w.today, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: w.pieces(8)}}, Spoiled: w.rand.Int64N(4), Reason: "salah hitung"}
	names, chips := w.some(o.place, inventory.Usable, 0, 1)
	for i := 0; i < len(w.offices) && len(chips) == 0; i++ {
		o = w.offices[i]
		names, chips = w.some(o.place, inventory.Usable, 0, 1)
	}
	if len(chips) > 3 {
		chips = chips[:3]
		names = []inventory.Chips{{UIDs: []string{uid(chips[0]), uid(chips[1]), uid(chips[2])}}}
	}
	in.Chips, in.Spoiled = names, max(in.Spoiled, int64(len(chips)))
	was, what := o.report, "report"
	var u inventory.DailyUse
	var err error
	if was == nil {
		u, err = l.ReportUse(ctx, o.who, in)
	} else {
		what = "correct"
		u, err = l.CorrectUse(ctx, o.who, was.id, in)
	}
	if !w.may(what, err) {
		return
	}
	if was != nil {
		w.put(o.public, inventory.Issued, o.place, inventory.Usable, was.issued)
		w.put(o.place, inventory.Spoiled, o.place, inventory.Usable, was.spoiled)
		w.place(was.chips, spot{place: o.place, condition: inventory.Usable})
	}
	w.put(o.place, inventory.Usable, o.public, inventory.Issued, in.Lines[0].Pieces)
	w.put(o.place, inventory.Usable, o.place, inventory.Spoiled, in.Spoiled)
	w.place(chips, spot{place: o.place, condition: inventory.Spoiled})
	if len(chips) > 0 {
		w.did["spoil chips"]++
	}
	o.report = &daily{u.ID, u.Move, in.Lines[0].Pieces, in.Spoiled, chips}
}

// lend proposes a loan between the two offices of one province, or takes one a step on.
func (w *world) lend() {
	ctx, l := w.t.Context(), w.ledger
	i := w.rand.IntN(2)
	from, to := w.offices[i], w.offices[1-i]
	var open []*lending
	for _, n := range w.loans {
		if s := n.state(); s == "proposed" || s == "received" || s == "settled" && w.one(4) {
			open = append(open, n)
		}
	}
	if len(open) == 0 || w.one(3) {
		due := "2099-12-31"
		n, err := l.ProposeLoan(ctx, to.who, inventory.NewLoan{From: from.code, Pieces: w.pieces(25), DueOn: due, Note: "habis"})
		if w.may("propose", err) {
			w.loans = append(w.loans, &lending{id: n.ID, from: from, to: to, said: "proposed"})
		}
		_, err = l.ProposeLoan(ctx, to.who, inventory.NewLoan{From: w.offices[2].code, Pieces: 1, DueOn: due})
		w.never("lend across provinces", err, inventory.ErrOtherProvince)
		return
	}
	n := open[w.rand.IntN(len(open))]
	is := must[inventory.Loan](w.t)(l.Loan(ctx, planner, n.id))
	switch n.state() {
	case "proposed":
		switch w.rand.IntN(6) {
		case 0:
			if _, err := l.DeclineLoan(ctx, n.from.who, n.id, is.Version, "stok tipis"); w.may("decline", err) {
				n.said = "declined"
			}
		case 1:
			if _, err := l.WithdrawLoan(ctx, n.to.who, n.id, is.Version, "sudah datang"); w.may("withdraw", err) {
				n.said = "cancelled"
			}
		case 2:
			_, err := l.AcceptLoan(ctx, n.to.who, n.id, is.Version)
			w.never("accept one's own loan", err, inventory.ErrNotYourEnd)
		default:
			if is, err := l.AcceptLoan(ctx, n.from.who, n.id, is.Version); w.may("accept", err) {
				n.said, n.away = "accepted", w.packed(must[inventory.Shipment](w.t)(l.Shipment(ctx, planner, *is.Shipment)), n.from)
			}
		}
	case "settled":
		_, err := l.ReturnLoan(ctx, n.to.who, n.id, is.Version, 0)
		w.never("return it twice", err, inventory.ErrLoanState)
	case "received":
		pieces := n.owed()
		if pieces > 1 && w.one(2) {
			pieces = 1 + w.rand.Int64N(pieces)
		}
		is, err := l.ReturnLoan(ctx, n.to.who, n.id, is.Version, pieces)
		if n.back != nil && n.back.state() == inventory.ShipmentPrepared || n.owed() == 0 {
			w.never("return it twice", err, inventory.ErrLoanState)
		} else if errors.Is(err, inventory.ErrLoanState) {
			w.t.Errorf("step %d: the loan is not under way back and cannot be returned: %v", w.n, err)
		} else if w.may("return", err) {
			if pieces < n.owed() {
				w.did["return a part"]++
			}
			n.before += n.back.gone()
			if n.back = w.packed(must[inventory.Shipment](w.t)(l.Shipment(ctx, planner, *is.ReturnShipment)), n.to); n.back.pieces != pieces {
				w.t.Errorf("step %d: %d go back, want %d", w.n, n.back.pieces, pieces)
			}
		}
	}
}

// lose reports a loss with the boxes that are gone, or decides one.
func (w *world) lose() {
	ctx, l := w.t.Context(), w.ledger
	if len(w.losses) > 0 && w.one(2) {
		i := w.rand.IntN(len(w.losses))
		o, gone := w.losses[i], w.one(2)
		if _, err := l.DecideLoss(ctx, planner, o.id, o.version, gone); !w.may(map[bool]string{true: "write off", false: "find again"}[gone], err) {
			return
		}
		to, at := o.at.place, spot{place: o.at.place, condition: inventory.Usable}
		if gone {
			to, at = o.at.lost, spot{place: o.at.lost, condition: inventory.Usable, loss: o.id}
		}
		w.put(o.at.place, inventory.Quarantine, to, inventory.Usable, o.pieces)
		w.place(o.chips, at)
		w.losses = slices.Delete(w.losses, i, i+1)
		return
	}
	o := w.keeper()
	in := inventory.NewLoss{Document: "BA", Police: "LP", HappenedOn: w.today, Pieces: w.pieces(8), Note: "hilang"}
	var chips []int
	if w.one(2) {
		in.Boxes, chips = w.some(o.place, inventory.Usable, 0, 2)
		in.Pieces = max(in.Pieces, int64(len(chips)))
	}
	loss, err := l.ReportLoss(ctx, o.who, in)
	if !w.may("report a loss", err) {
		return
	}
	if len(chips) > 0 {
		w.did["freeze chips"]++
	}
	w.put(o.place, inventory.Usable, o.place, inventory.Quarantine, in.Pieces)
	w.place(chips, spot{place: o.place, condition: inventory.Quarantine, loss: loss.ID})
	w.losses = append(w.losses, &losing{loss.ID, loss.Version, loss.Pieces, o, chips})
}

// destroy burns spoiled blanks, those whose chips are known by name, and old cards.
func (w *world) destroy() {
	ctx, l, o := w.t.Context(), w.ledger, w.keeper()
	names, chips := w.some(o.place, inventory.Spoiled, 0, 2)
	for i := 0; i < len(w.offices) && len(chips) == 0; i++ { // they are few
		o = w.offices[i]
		names, chips = w.some(o.place, inventory.Spoiled, 0, 2)
	}
	var known int64
	for _, at := range w.chips {
		if at == (spot{place: o.place, condition: inventory.Spoiled}) {
			known++
		}
	}
	// Spoiled blanks whose chips nobody knows are burnt unnamed.
	unnamed := w.rand.Int64N(max(0, w.held[account{o.place, inventory.Spoiled}]-known) + 1)
	in := inventory.NewDestruction{Document: "BA", Date: w.today, Spoiled: int64(len(chips)) + unnamed, Surrendered: w.rand.Int64N(w.held[account{o.place, inventory.Surrendered}] + 1), Chips: names}
	d, err := l.PrepareDestruction(ctx, o.who, in)
	if !w.may("prepare a destruction", err) {
		return
	}
	d = must[inventory.Destruction](w.t)(l.WitnessDestruction(ctx, o.who, d.ID, d.Version, []inventory.Witness{{Name: "Saksi A", Office: "Satpol PP"}, {Name: "Saksi B", Office: "Polsek"}}))
	if _, err = l.CompleteDestruction(ctx, o.second, d.ID, d.Version); !w.may("destroy", err) {
		d = must[inventory.Destruction](w.t)(l.CancelDestruction(ctx, o.who, d.ID, d.Version, "batal"))
		return
	}
	w.put(o.place, inventory.Spoiled, o.destroyed, inventory.Spoiled, in.Spoiled)
	w.put(o.place, inventory.Surrendered, o.destroyed, inventory.Surrendered, in.Surrendered)
	w.place(chips, spot{place: o.destroyed, condition: inventory.Spoiled})
	if len(chips) > 0 {
		w.did["destroy chips"]++
	}
}

// count takes stock while issuing goes on, and posts the difference.
func (w *world) count() {
	ctx, l, o := w.t.Context(), w.ledger, w.keeper()
	c, err := l.RequestCount(ctx, o.who, inventory.NewCount{})
	if !w.may("ask for a count", err) {
		return
	}
	if w.one(2) {
		c = must[inventory.Count](w.t)(l.StartCount(ctx, o.who, c.ID, c.Version))
	}
	found := max(0, w.held[account{o.place, inventory.Usable}]+w.rand.Int64N(7)-3)
	difference := found - w.held[account{o.place, inventory.Usable}]
	c = must[inventory.Count](w.t)(l.EnterCount(ctx, o.who, c.ID, c.Version, inventory.Counting{Counted: found}))
	if *c.Difference != difference {
		w.t.Errorf("step %d: the count differs by %d, the model says %d", w.n, *c.Difference, difference)
	}
	if m := use(o.place, o.public, w.pieces(3)); slices.Contains(w.offices, o) && w.one(2) {
		m.Date = w.today
		if _, err := l.Post(ctx, o.who, m); w.may("issue while counting", err) {
			w.put(o.place, inventory.Usable, o.public, inventory.Issued, m.Lines[0].Pieces)
		}
	}
	_, err = l.PostCount(ctx, o.who, c.ID, c.Version, "other", "")
	w.never("post one's own count", err, inventory.ErrOwnWork)
	reason := "other"
	if w.one(2) {
		c, reason = must[inventory.Count](w.t)(l.ReviewCount(ctx, o.second, c.ID, c.Version, reason, "")), ""
	}
	if c, err = l.PostCount(ctx, o.second, c.ID, c.Version, reason, ""); w.may("count", err) {
		if difference > 0 {
			w.did["count a surplus"]++
		} else if difference < 0 {
			w.did["count what is missing"]++
		}
		w.put(o.public, inventory.Quarantine, o.place, inventory.Usable, difference)
		return
	}
	c = must[inventory.Count](w.t)(l.Count(ctx, o.who, c.ID))
	must[inventory.Count](w.t)(l.CancelCount(ctx, o.who, c.ID, c.Version, "batal"))
}

// setAside puts blanks into quarantine, gives them back to use, or finds them unfit, with the chips that are known by name.
func (w *world) setAside() {
	o := w.keeper()
	for _, b := range w.boxes { // they are few
		for _, k := range w.keepers() {
			if b.Place == k.place && b.Condition == inventory.Quarantine && b.Loss == 0 && w.one(2) {
				o = k
			}
		}
	}
	name, from, to, pieces := "set aside", inventory.Usable, inventory.Quarantine, w.pieces(5)
	if w.held[account{o.place, inventory.Quarantine}] > 0 && !w.one(3) {
		if name, from, to = "lift", inventory.Quarantine, inventory.Usable; w.did["lift chips"] > w.did["find unfit chips"] {
			name, to = "find unfit", inventory.Spoiled
		}
	}
	m := inventory.NewMove{Kind: inventory.QuarantineMove, Document: "BA", Date: w.today, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: o.place, Condition: from}, To: inventory.Account{Place: o.place, Condition: to}, Lot: 1}}}
	var chips []int
	if from == inventory.Quarantine || !w.one(3) {
		m.Boxes, chips = w.some(o.place, from, 0, 1)
		pieces = max(pieces, int64(len(chips)))
	}
	if len(chips) > 0 {
		m.Lines[0].Lot = w.boxes[slices.IndexFunc(w.boxes, func(b boxRow) bool { return slices.Contains(b.chips, chips[0]) })].Lot
	}
	m.Lines[0].Pieces = pieces
	if _, err := w.ledger.Post(w.t.Context(), o.who, m); !w.may(name, err) {
		return
	}
	w.put(o.place, from, o.place, to, pieces)
	w.place(chips, spot{place: o.place, condition: to})
	if len(chips) > 0 {
		w.did[name+" chips"]++
	}
}

// sendBack returns some of what came wrong, or what came on top and was not ours, to its sender.
func (w *world) sendBack() {
	var wrong []*parcel
	for _, p := range w.parcels {
		if slices.ContainsFunc(w.receipts, func(a *arrival) bool {
			return a.parcel == p && !a.undone && slices.ContainsFunc(a.lines, func(l inventory.ReceiptLine) bool { return l.Quarantined+l.Over > 0 })
		}) {
			wrong = append(wrong, p)
		}
	}
	if len(wrong) == 0 {
		return
	}
	p := wrong[w.rand.IntN(len(wrong))]
	in := inventory.NewShipment{Returns: p.id, Lines: []inventory.NewShipmentLine{{Pieces: 1}}}
	names, chips := w.some(p.to.place, inventory.Quarantine, 0, 1)
	if len(chips) > 0 && !w.one(3) {
		in.Boxes, in.Lines[0].Pieces = names, int64(len(chips))
	} else {
		chips = nil
	}
	s, err := w.ledger.Prepare(w.t.Context(), p.to.who, in)
	if !w.may("send back", err) {
		return
	}
	w.packed(s, p.to)
	w.place(chips, spot{p.to.place, inventory.Reserved, s.ID, 0})
	if len(chips) > 0 {
		w.did["send chips back"]++
	}
}

func (w *world) openBox() {
	for _, o := range w.keepers() {
		for _, b := range w.boxes {
			if b.Place == o.place && b.Sealed && w.one(6) {
				_, err := w.ledger.OpenBox(w.t.Context(), o.who, b.Number, w.box(w.t, b.Number).Version)
				w.may("open a box", err)
				return
			}
		}
	}
}

// settle opens boxes until those that are sealed stand for no more than the ledger holds.
func (w *world) settle() {
	_, err := w.ledger.SettleAllBoxes(w.t.Context(), access.System)
	w.may("settle", err)
	var over []string
	w.read(func(tx *sqlx.Tx) error {
		return tx.Select(&over, `
			SELECT concat_ws(' ', 'sealed boxes at place', b.place_id, 'lot', b.lot_id, 'stand for', sum(b.pieces), 'of', x.pieces)
			FROM boxes b
			JOIN places p ON p.id = b.place_id AND p.kind NOT IN ('lost', 'destroyed')
			LEFT JOIN LATERAL (
				SELECT sum(x.pieces) AS pieces
				FROM balances x
				WHERE x.place_id = b.place_id AND x.item_id = b.item_id AND x.lot_id = b.lot_id AND x.condition IN ('usable', 'reserved')) x ON true
			WHERE b.sealed AND b.condition IN ('usable', 'reserved')
			GROUP BY b.place_id, b.lot_id, x.pieces
			HAVING sum(b.pieces) > coalesce(x.pieces, 0)`)
	})
	for _, o := range over {
		w.t.Errorf("step %d: %s", w.n, o)
	}
}
