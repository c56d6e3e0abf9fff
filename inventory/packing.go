package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
)

// What the boxes of a shipment refuse.
var (
	ErrBoxesDoNotFit  = fault.New(fault.Conflict, "boxes-do-not-fit") // lot, named, pieces
	ErrBoxesNotNamed  = fault.New(fault.Conflict, "boxes-not-named")  // boxes, missing
	ErrBoxMoved       = fault.New(fault.Conflict, "box-moved")        // box
	largestNamedBoxes = 20                                            // how many an error lists
)

// Packing names the boxes and chips of a prepared shipment.
type Packing struct {
	Boxes []Chips `json:"boxes" maxItems:"1000" doc:"boxes, or chips of them, in place of those named before; what is not named goes loose"`
}

// PackShipment says which boxes are in a prepared shipment, in place of those said before. Part of a box is cut out and
// gets a number of its own. Errors: box-unknown, chip-unknown, box-elsewhere, box-opened, box-frozen, boxes-do-not-fit.
func (l *Ledger) PackShipment(ctx context.Context, who access.Actor, id, version int64, in Packing) (Shipment, error) {
	return l.move(ctx, who, id, version, []ShipmentState{ShipmentPrepared}, func(tx *sqlx.Tx, s Shipment) (Shipment, error) {
		from, err := l.placeNamed(ctx, tx, who, s.FromPlace, "")
		if err != nil {
			return s, err
		}
		if err := l.unpack(ctx, tx, who, s, from); err != nil {
			return s, err
		}
		if err := l.packBoxes(ctx, tx, who, s, from, in.Boxes); err != nil {
			return s, err
		}
		if err := s.backedLines(ctx, tx); err != nil {
			return s, err
		}
		return l.mark(ctx, tx, who, "pack", s, `state = state`)
	})
}

// paper is the delivery note as the document of a step at one of its ends.
func (s Shipment) paper(l *Ledger, at Place) paper {
	return paper{place: at, noun: "shipment", id: s.ID, document: s.Document, date: l.today(at.Zone)}
}

// packBoxes puts named boxes into a shipment: they must be of its items and lots, and no more than it holds of them.
func (l *Ledger) packBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, from Place, in []Chips) error {
	if len(in) == 0 {
		return nil
	}
	boxes, err := l.named(ctx, tx, who, s.paper(l, from), in, "body.boxes", s.packable(from))
	if err != nil {
		return err
	}
	holds := map[itemLot]int64{}
	for _, line := range s.Lines {
		holds[itemLot{line.Item, line.Lot}] += line.Pieces
	}
	if err := fit(boxes, holds); err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		b.Condition, b.Shipment = Reserved, &s.ID
		steps = append(steps, handing{box: b, kind: "packed", from: b.Place})
	}
	return l.hand(ctx, tx, who, s.paper(l, from), steps)
}

// packable says which boxes may go with a shipment: those on its shelf.
func (s Shipment) packable(from Place) func(Box) error {
	if s.shelf() == Quarantine {
		return from.aside
	}
	return from.free
}

// itemLot is what pieces are of.
type itemLot struct {
	item string
	lot  int
}

// into is what a posting puts into a condition, by lot.
func (p posting) into(condition Condition) map[itemLot]int64 {
	holds := map[itemLot]int64{}
	for _, line := range p.Lines {
		if line.ToCondition == condition {
			holds[itemLot{itemCodes[line.Item], line.Lot}] += line.Pieces
		}
	}
	return holds
}

// fit refuses boxes that hold more of a lot than there is to fill.
func fit(boxes []*Box, holds map[itemLot]int64) error {
	named := map[itemLot]int64{}
	for _, b := range boxes {
		key := itemLot{b.Item, b.Lot}
		if named[key] += b.Pieces; named[key] > holds[key] {
			return ErrBoxesDoNotFit.With("box", b.Number, "item", b.Item, "lot", b.Lot, "named", named[key], "pieces", holds[key])
		}
	}
	return nil
}

// lotsOfBoxes says how many pieces of which lots are named, so that a document takes its pieces from them.
func lotsOfBoxes(ctx context.Context, tx *sqlx.Tx, in []Chips, at string) (lots []lotPieces, err error) {
	names, err := readNames(in, at)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	boxes, err := lockNamed(ctx, tx, names)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		found, err := n.find(boxes)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			lots = append(lots, lotPieces{f.box.Lot, f.part.Len()})
		}
	}
	return lots, nil
}

// lockBoxes locks the boxes that a condition selects, in one order.
func lockBoxes(ctx context.Context, tx *sqlx.Tx, which string, args ...any) ([]*Box, error) {
	var boxes []*Box
	if err := tx.SelectContext(ctx, &boxes, selectBoxes+` WHERE `+which+` ORDER BY b.id FOR UPDATE OF b`, args...); err != nil {
		return nil, fmt.Errorf("lock boxes: %w", err)
	}
	for _, b := range boxes {
		b.derive()
	}
	return boxes, nil
}

// unpack takes the boxes of a prepared shipment out again.
func (l *Ledger) unpack(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, from Place) error {
	boxes, err := lockBoxes(ctx, tx, `b.shipment_id = $1`, s.ID)
	if err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		b.Condition, b.Shipment = s.shelf(), nil
		steps = append(steps, handing{box: b, kind: "unpacked", from: b.Place})
	}
	return l.hand(ctx, tx, who, s.paper(l, from), steps)
}

// sendBoxes hands the boxes of a shipment over with it. What went without being named came out of a box, which counts as
// opened from then on.
func (l *Ledger) sendBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, from Place, date string) error {
	boxes, err := lockBoxes(ctx, tx, `b.shipment_id = $1`, s.ID)
	if err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		b.Place, b.RegionID, b.Condition = s.ToPlace, s.RegionID, InTransit
		b.SenderRegionID = &s.SenderRegionID
		steps = append(steps, handing{box: b, kind: "dispatched", from: s.FromPlace})
	}
	p := s.paper(l, from)
	p.date = date
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return err
	}
	return l.settleLines(ctx, tx, who, s, from)
}

// settleLines settles the boxes of a place for the items of a shipment.
func (l *Ledger) settleLines(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, at Place) error {
	done := map[string]bool{}
	for _, line := range s.Lines {
		if done[line.Item] {
			continue
		}
		done[line.Item] = true
		if err := l.settleBoxes(ctx, tx, who, at, itemIDs[line.Item]); err != nil {
			return err
		}
	}
	return nil
}

// back puts boxes that were on their way on the shelf of the sender again.
func (l *Ledger) back(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, p paper, boxes []*Box) error {
	var steps []handing
	for _, b := range boxes {
		was := b.Place
		b.Place, b.RegionID, b.SenderRegionID, b.Condition, b.Shipment = s.FromPlace, s.SenderRegionID, nil, s.shelf(), nil
		steps = append(steps, handing{box: b, kind: "returned", from: was})
	}
	return l.hand(ctx, tx, who, p, steps)
}

// takeBoxesBack takes the boxes of a cancelled shipment back: unpacked, or returned from the way.
func (l *Ledger) takeBoxesBack(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, from Place) error {
	if s.State == ShipmentPrepared {
		return l.unpack(ctx, tx, who, s, from)
	}
	boxes, err := lockBoxes(ctx, tx, `b.shipment_id = $1`, s.ID)
	if err != nil {
		return err
	}
	return l.back(ctx, tx, who, s, s.paper(l, from), boxes)
}

// ArrivedChips are boxes or chips that arrived, and how.
type ArrivedChips struct {
	Chips
	As string `json:"as,omitempty" enum:",good,damaged,quarantined" doc:"good when empty"`
}

// ReceivedChips are the boxes that a receipt names.
type ReceivedChips struct {
	Boxes      []ArrivedChips `json:"boxes,omitempty" maxItems:"1000" doc:"boxes of the shipment, or chips of them, that arrived; wanted where what is missing may be a whole box"`
	WrongBoxes []Chips        `json:"wrong_boxes,omitempty" maxItems:"100" doc:"boxes or chips that came though they were not in the shipment: they are counted as quarantined for wrong-chips, and change hands when the sender has acknowledged it"`
}

// check reads what is named, so that a draft holds nothing that cannot be confirmed for its form.
func (r ReceivedChips) check() error {
	for _, names := range [][]Chips{r.chips(), r.WrongBoxes} {
		if _, err := readNames(names, "body.boxes"); err != nil {
			return err
		}
	}
	return nil
}

func (r ReceivedChips) chips() (all []Chips) {
	for _, c := range r.Boxes {
		all = append(all, c.Chips)
	}
	return all
}

func (r ReceivedChips) text() (string, error) { return jsonText(r) }

func decodeChips(text string) (r ReceivedChips, err error) {
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fmt.Errorf("decode boxes: %w", err)
	}
	return r, nil
}

var arrivedAs = map[string]Condition{"": Usable, "good": Usable, "damaged": Spoiled, "quarantined": Quarantine}

// receiveBoxes brings the boxes of a shipment in line with what a receipt counted and named: lines are as they were before
// the receipt. Boxes that were not named arrive as far as nothing else can be: where what is missing may be a whole box,
// boxes-not-named. A box that arrived with fewer good blanks than it should hold counts as opened.
func (l *Ledger) receiveBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, r Receipt) error {
	boxes, err := lockBoxes(ctx, tx, `b.shipment_id = $1 AND b.condition = 'in-transit'`, s.ID)
	if err != nil || len(boxes)+len(r.Chips.Boxes) == 0 {
		return err
	}
	to, err := l.placeNamed(ctx, tx, who, s.ToPlace, "")
	if err != nil {
		return err
	}
	p := paper{place: to, noun: "receipt", id: r.ID, document: r.Document, date: r.Date}
	counted, missing := r.counts(s)
	arrived, err := l.namedArrivals(ctx, tx, who, s, r, p, counted)
	if err != nil {
		return err
	}
	if len(r.Chips.Boxes) > 0 { // naming may have cut boxes in parts
		if boxes, err = lockBoxes(ctx, tx, `b.shipment_id = $1 AND b.condition = 'in-transit'`, s.ID); err != nil {
			return err
		}
	}
	for key := range counted {
		var rest []*Box
		for _, b := range boxes {
			if (itemLot{b.Item, b.Lot}) == key && !slices.ContainsFunc(arrived, func(a *Box) bool { return a.ID == b.ID }) {
				rest = append(rest, b)
			}
		}
		if len(r.Chips.Boxes) == 0 {
			if err := ambiguous(rest, missing[key]); err != nil {
				return err
			}
		}
		var under int64
		for _, b := range rest {
			under += b.Pieces
		}
		for _, b := range rest {
			if under <= missing[key] {
				break
			}
			under -= b.Pieces
			b.Condition = Usable
			arrived = append(arrived, b)
		}
	}
	return l.shelveArrived(ctx, tx, who, s, p, arrived, counted)
}

// counts are what a receipt counted as good of each lot, and what is missing of it afterwards. What came with the wrong
// chips is missing until the sender has acknowledged it.
func (r Receipt) counts(s Shipment) (counted map[itemLot]map[Condition]int64, missing map[itemLot]int64) {
	counted, missing = map[itemLot]map[Condition]int64{}, map[itemLot]int64{}
	for _, line := range s.Lines {
		key := itemLot{line.Item, line.Lot}
		if counted[key] == nil {
			counted[key] = map[Condition]int64{}
		}
		missing[key] += line.Outstanding()
	}
	for _, line := range r.Lines {
		sent := s.Lines[line.Line-1]
		key := itemLot{sent.Item, sent.Lot}
		counted[key][Usable] += line.Good
		counted[key][Spoiled] += line.Damaged
		missing[key] -= line.Good + line.Damaged
		if line.QuarantineReason != "wrong-chips" {
			counted[key][Quarantine] += line.Quarantined
			missing[key] -= line.Quarantined
		}
	}
	return counted, missing
}

// namedArrivals are the boxes that a receipt names, as they arrived.
func (l *Ledger) namedArrivals(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, r Receipt, p paper, counted map[itemLot]map[Condition]int64) ([]*Box, error) {
	ours := func(b Box) error {
		if b.Shipment == nil || *b.Shipment != s.ID || b.Condition != InTransit {
			return b.elsewhere()
		}
		return nil
	}
	var arrived []*Box
	for _, as := range []string{"damaged", "quarantined", "good"} { // parts first: a whole box that is named is what is left of it
		var names []Chips
		for _, c := range r.Chips.Boxes {
			if arrivedAs[c.As] == arrivedAs[as] {
				names = append(names, c.Chips)
			}
		}
		boxes, err := l.named(ctx, tx, who, p, names, "body.boxes", ours)
		if err != nil {
			return nil, err
		}
		holds := map[itemLot]int64{}
		for key, by := range counted {
			holds[key] = by[arrivedAs[as]]
			if as == "good" { // a box may arrive short
				holds[key] = 1 << 60
			}
		}
		if err := fit(boxes, holds); err != nil {
			return nil, err
		}
		for _, b := range boxes {
			b.Condition = arrivedAs[as]
			arrived = append(arrived, b)
		}
	}
	return arrived, nil
}

// ambiguous refuses a receipt of which nobody can say which boxes arrived.
func ambiguous(boxes []*Box, missing int64) error {
	if len(boxes) == 0 {
		return nil
	}
	smallest := slices.MinFunc(boxes, func(a, b *Box) int { return int(a.Pieces - b.Pieces) }).Pieces
	if missing < smallest {
		return nil
	}
	return ErrBoxesNotNamed.With("boxes", numbers(boxes), "missing", missing, "advice", "name the boxes that arrived, since what is missing may be a whole box")
}

// shelveArrived puts arrived boxes on the receiver's shelf.
func (l *Ledger) shelveArrived(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, p paper, arrived []*Box, counted map[itemLot]map[Condition]int64) error {
	over := map[itemLot]int64{}
	for key, by := range counted {
		over[key] = -by[Usable]
	}
	for _, b := range arrived {
		if b.Condition == Usable {
			over[itemLot{b.Item, b.Lot}] += b.Pieces
		}
	}
	var steps []handing
	for _, b := range slices.Backward(arrived) {
		if key := (itemLot{b.Item, b.Lot}); b.Condition == Usable && over[key] > 0 {
			over[key] -= b.Pieces
			b.Sealed = false
		}
		b.SenderRegionID, b.Shipment = nil, nil
		b.Since = l.now()
		steps = append(steps, handing{box: b, kind: "received", from: s.FromPlace})
	}
	slices.Reverse(steps)
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return err
	}
	return l.settleLines(ctx, tx, who, s, p.place)
}

// takeBack undoes the last step of boxes that a document made; a box that has moved since keeps it.
func (l *Ledger) takeBack(ctx context.Context, tx *sqlx.Tx, who access.Actor, p paper, kind, undone string, restore func(*Box)) error {
	boxes, err := lockBoxes(ctx, tx, `b.id IN (SELECT c.box_id FROM custody c WHERE c.noun = $1 AND c.noun_id = $2 AND c.kind = $3)`, p.noun, p.id, kind)
	if err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		var last bool
		err := tx.GetContext(ctx, &last, `SELECT EXISTS (SELECT FROM custody WHERE box_id = $1 AND step = $2 AND noun = $3 AND noun_id = $4 AND kind = $5)`,
			b.ID, b.Step, p.noun, p.id, kind)
		if err != nil {
			return fmt.Errorf("read last step of box %s: %w", b.Number, err)
		}
		if !last {
			return ErrBoxMoved.With("box", b.Number, "place", b.PlaceName)
		}
		restore(b)
		steps = append(steps, handing{box: b, kind: undone, from: b.Place})
	}
	return l.hand(ctx, tx, who, p, steps)
}

// unreceiveBoxes puts the boxes that a receipt brought back on their way.
func (l *Ledger) unreceiveBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, r Receipt) error {
	to, err := l.placeNamed(ctx, tx, who, s.ToPlace, "")
	if err != nil {
		return err
	}
	p := paper{place: to, noun: "receipt", id: r.ID, document: r.Document, date: r.Date}
	return l.takeBack(ctx, tx, who, p, "received", "rolled-back", func(b *Box) {
		b.Condition, b.Sealed, b.Shipment, b.SenderRegionID = InTransit, true, &s.ID, &s.SenderRegionID
	})
}

// answerBoxes moves boxes as the answer to a discrepancy says. Short: those still on the way are lost or back on the
// sender's shelf. Wrong chips: what came instead changes hands, and what should have come never left.
func (l *Ledger) answerBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, d Discrepancy, answer string) error {
	if d.Kind != "short" && d.Kind != "wrong-chips" {
		return nil
	}
	from, err := l.placeNamed(ctx, tx, who, s.FromPlace, "")
	if err != nil {
		return err
	}
	p := paper{place: from, noun: "discrepancy", id: d.ID, document: s.Document, date: l.today(from.Zone)}
	line := s.Lines[d.Line-1]
	var wrong []*Box
	if d.Kind == "wrong-chips" {
		if wrong, err = l.wrongBoxes(ctx, tx, who, p, d, s.packable(from)); err != nil {
			return err
		}
	}
	boxes, err := lockBoxes(ctx, tx, `b.shipment_id = $1 AND b.condition = 'in-transit' AND b.item_id = $2 AND b.lot_id = $3`, s.ID, itemIDs[line.Item], line.Lot)
	if err != nil {
		return err
	}
	gone, opened, err := fates(ctx, tx, s, d, answer, boxes)
	if err != nil {
		return err
	}
	if answer == "lost" {
		if err := l.loseBoxes(ctx, tx, who, p, gone); err != nil {
			return err
		}
		gone = nil
	}
	if err := l.back(ctx, tx, who, s, p, append(gone, opened...)); err != nil {
		return err
	}
	if err := l.swapLots(ctx, tx, s, line, wrong, p); err != nil {
		return err
	}
	var steps []handing
	for _, b := range wrong {
		was := b.Place
		// The sender writes it, and keeps it in sight until the receiver has done something with it.
		b.Place, b.RegionID, b.SenderRegionID, b.Condition = s.ToPlace, s.RegionID, &s.SenderRegionID, Quarantine
		steps = append(steps, handing{box: b, kind: "received", from: was})
	}
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return err
	}
	return l.settleLines(ctx, tx, who, s, from)
}

// fates says which boxes that are still on the way an answer is about: as many as all cases of that lot together settled in
// this way, since a box may be short of two lines. What cannot be under way any more, and met no such fate as a whole, was
// opened before it left.
func fates(ctx context.Context, tx *sqlx.Tx, s Shipment, d Discrepancy, answer string, boxes []*Box) (gone, opened []*Box, err error) {
	if len(boxes) == 0 {
		return nil, nil, nil
	}
	var may struct {
		Go   int64 `db:"go"`
		Stay int64 `db:"stay"`
	}
	err = tx.GetContext(ctx, &may, `
		WITH line AS (
			SELECT line, pieces - good - damaged - quarantined - missing AS outstanding
			FROM shipment_lines
			WHERE region_id = $1 AND shipment_id = $2 AND item_id = $3 AND lot_id = $4
		), cases AS (
			SELECT d.id, d.pieces, d.kind, d.id = $5 OR d.state = 'resolved' AS settled, CASE d.id WHEN $5 THEN $6 ELSE d.answer END = 'lost' AS lost
			FROM discrepancies d
			JOIN line USING (line)
			WHERE d.region_id = $1 AND d.shipment_id = $2 AND d.kind IN ('short', 'wrong-chips') AND d.state <> 'withdrawn'
		)
		SELECT (coalesce((SELECT sum(pieces) FROM cases WHERE settled AND lost = ($6 = 'lost')), 0)
		        - coalesce((SELECT sum(c.pieces) FROM custody c JOIN cases ON cases.id = c.noun_id
		                    WHERE c.noun = 'discrepancy' AND c.sealed AND c.kind = CASE $6 WHEN 'lost' THEN 'lost' ELSE 'returned' END), 0))::bigint AS go,
		       (coalesce((SELECT sum(outstanding) FROM line), 0)
		        + coalesce((SELECT sum(pieces) FROM cases WHERE NOT settled AND kind = 'wrong-chips'), 0))::bigint AS stay`,
		s.RegionID, s.ID, itemIDs[boxes[0].Item], boxes[0].Lot, d.ID, answer)
	if err != nil {
		return nil, nil, fmt.Errorf("read what became of shipment %d: %w", s.ID, err)
	}
	var rest []*Box
	for _, b := range boxes {
		if b.Pieces <= may.Go {
			may.Go -= b.Pieces
			gone = append(gone, b)
		} else {
			may.Stay -= b.Pieces
			rest = append(rest, b)
		}
	}
	for _, b := range rest {
		if may.Stay >= 0 {
			break
		}
		may.Stay += b.Pieces
		b.Sealed = false
		opened = append(opened, b)
	}
	return gone, opened, nil
}

// wrongBoxes are those that the receipt behind a case says came instead, if the sender still had them on the shelf.
func (l *Ledger) wrongBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, p paper, d Discrepancy, free func(Box) error) ([]*Box, error) {
	r, err := receiptByID(ctx, tx, d.Receipt)
	if err != nil {
		return nil, err
	}
	boxes, err := l.named(ctx, tx, who, p, r.Chips.WrongBoxes, "receipt.wrong_boxes", free)
	if err != nil {
		return nil, err
	}
	var pieces int64
	for _, b := range boxes {
		if pieces += b.Pieces; pieces > d.Pieces {
			return nil, ErrBoxesDoNotFit.With("box", b.Number, "item", b.Item, "lot", b.Lot, "named", pieces, "pieces", d.Pieces)
		}
	}
	return boxes, nil
}

// swapLots lets the ledger follow boxes of another lot that came instead: their pieces change hands, and as many of the lot
// that should have come never left.
func (l *Ledger) swapLots(ctx context.Context, tx *sqlx.Tx, s Shipment, line ShipmentLine, came []*Box, p paper) error {
	swap := posting{Kind: Return, Document: s.Document, Date: p.date, Reason: "wrong-chips"}
	for _, b := range came {
		if b.Lot != line.Lot {
			other := line
			other.Lot = b.Lot
			swap.add(other, s.FromPlace, s.shelf(), s.ToPlace, Quarantine, b.Pieces)
			swap.add(line, s.ToPlace, Quarantine, s.FromPlace, s.shelf(), b.Pieces)
		}
	}
	if len(swap.Lines) == 0 {
		return nil
	}
	_, err := post(ctx, l.db, tx, agreed, swap)
	return err
}

// freezeBoxes takes the boxes that a loss names out of use; they can be neither packed nor opened until it is decided.
func (l *Ledger) freezeBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, o Loss, place Place, lots []lotPieces, in []Chips) error {
	p := paper{place: place, noun: "loss", id: o.ID, document: o.Document, date: l.today(place.Zone)}
	boxes, err := l.named(ctx, tx, who, p, in, "body.boxes", place.free)
	if err != nil {
		return err
	}
	holds := map[itemLot]int64{}
	for _, lot := range lots {
		holds[itemLot{o.Item, lot.Lot}] += lot.Pieces
	}
	if err := fit(boxes, holds); err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		b.Condition, b.Loss = Quarantine, &o.ID
		steps = append(steps, handing{box: b, kind: "frozen", from: b.Place})
	}
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return err
	}
	return l.settleBoxes(ctx, tx, who, place, itemIDs[o.Item])
}

// decideBoxes writes the boxes of a loss off, or gives them back to use.
func (l *Ledger) decideBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, o Loss, approve bool) error {
	boxes, err := lockBoxes(ctx, tx, `b.loss_id = $1`, o.ID)
	if err != nil {
		return err
	}
	place, err := l.placeNamed(ctx, tx, who, o.Place, "")
	if err != nil {
		return err
	}
	p := paper{place: place, noun: "loss", id: o.ID, document: o.Document, date: l.today(place.Zone)}
	if approve {
		return l.loseBoxes(ctx, tx, who, p, boxes)
	}
	var steps []handing
	for _, b := range boxes {
		b.Condition, b.Loss = Usable, nil
		steps = append(steps, handing{box: b, kind: "unfrozen", from: b.Place})
	}
	return l.hand(ctx, tx, who, p, steps)
}

// destroyBoxes hands the spoiled chips that a destruction names over to the destroyed, and those that can be nowhere else.
func (l *Ledger) destroyBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, d Destruction, sink int, holds map[itemLot]int64) error {
	place, err := l.placeNamed(ctx, tx, who, d.Place, "")
	if err != nil {
		return err
	}
	p := paper{place: place, noun: "destruction", id: d.ID, document: d.Document, date: d.Date}
	boxes, err := l.named(ctx, tx, who, p, d.Chips, "body.chips", func(b Box) error {
		if b.Place != place.ID || b.Condition != Spoiled {
			return b.elsewhere()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := fit(boxes, holds); err != nil {
		return err
	}
	burn := func(boxes []*Box) error {
		var steps []handing
		for _, b := range boxes {
			b.Place = sink
			steps = append(steps, handing{box: b, kind: "destroyed", from: place.ID})
		}
		return l.hand(ctx, tx, who, p, steps)
	}
	if err := burn(boxes); err != nil {
		return err
	}
	if boxes, err = surelyDestroyed(ctx, tx, place.ID, itemIDs[d.Item]); err != nil {
		return err
	}
	return burn(boxes)
}

// unbacked is a lot of which a place holds fewer pieces of a condition than the boxes known by name stand for.
type unbacked struct {
	Lot    int   `db:"lot_id"`
	Boxes  int64 `db:"boxes"`
	Pieces int64 `db:"pieces"`
}

func findUnbacked(ctx context.Context, tx *sqlx.Tx, placeID, item int, condition Condition) (lots []unbacked, err error) {
	err = tx.SelectContext(ctx, &lots, `
		SELECT b.lot_id, sum(b.pieces)::bigint AS boxes, coalesce(x.pieces, 0) AS pieces
		FROM boxes b
		LEFT JOIN balances x ON x.place_id = b.place_id AND x.item_id = b.item_id AND x.lot_id = b.lot_id AND x.condition = b.condition
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.condition = $3::condition
		GROUP BY b.lot_id, x.pieces
		HAVING sum(b.pieces) > coalesce(x.pieces, 0)
		ORDER BY b.lot_id`, placeID, item, string(condition))
	if err != nil {
		return nil, fmt.Errorf("compare %s boxes with the ledger: %w", condition, err)
	}
	return lots, nil
}

// backed refuses to undo what brought pieces that are gone since: those that are left are of boxes known by name, which
// something else brought.
func backed(ctx context.Context, tx *sqlx.Tx, placeID, item int) error {
	for _, condition := range []Condition{Spoiled, Quarantine} {
		lots, err := findUnbacked(ctx, tx, placeID, item, condition)
		if err != nil {
			return err
		}
		if len(lots) > 0 {
			return ErrShort.With("place", placeID, "item", itemCodes[item], "condition", string(condition), "lot", lots[0].Lot,
				"requested", lots[0].Boxes, "available", lots[0].Pieces, "advice", "what is left are chips known by name, which came otherwise")
		}
	}
	return nil
}

// surelyDestroyed are the spoiled chips known by name that a destruction took without naming them: those of a lot of which
// nothing is left. Where some are left, somebody must say which.
func surelyDestroyed(ctx context.Context, tx *sqlx.Tx, placeID, item int) (gone []*Box, err error) {
	lots, err := findUnbacked(ctx, tx, placeID, item, Spoiled)
	if err != nil {
		return nil, err
	}
	for _, lot := range lots {
		boxes, err := lockBoxes(ctx, tx, `b.place_id = $1 AND b.item_id = $2 AND b.lot_id = $3 AND b.condition = 'spoiled'`, placeID, item, lot.Lot)
		if err != nil {
			return nil, err
		}
		if lot.Pieces > 0 {
			return nil, ErrBoxesNotNamed.With("boxes", numbers(boxes), "missing", lot.Boxes-lot.Pieces, "advice", "name the spoiled chips that were destroyed, since others of their lot are left")
		}
		gone = append(gone, boxes...)
	}
	return gone, nil
}

// looseSpoiled are the spoiled pieces of a place whose chips nobody knows by name: a destruction takes them before others.
func looseSpoiled(ctx context.Context, tx *sqlx.Tx, placeID, item int) (lots []lotPieces, err error) {
	err = tx.SelectContext(ctx, &lots, `
		SELECT x.lot_id, x.pieces - coalesce(sum(b.pieces), 0)::bigint AS pieces
		FROM balances x
		LEFT JOIN boxes b ON b.place_id = x.place_id AND b.item_id = x.item_id AND b.lot_id = x.lot_id AND b.condition = x.condition
		WHERE x.place_id = $1 AND x.item_id = $2 AND x.condition = 'spoiled'
		GROUP BY x.lot_id, x.pieces
		HAVING x.pieces > coalesce(sum(b.pieces), 0)
		ORDER BY x.lot_id`, placeID, item)
	if err != nil {
		return nil, fmt.Errorf("read spoiled pieces of place %d: %w", placeID, err)
	}
	return lots, nil
}

// numbers are those of the first boxes, for an error.
func numbers(boxes []*Box) (list []string) {
	for _, b := range boxes[:min(len(boxes), largestNamedBoxes)] {
		list = append(list, b.Number)
	}
	return list
}

// spoilChips notes by name which blanks a daily report counts as spoiled.
func (l *Ledger) spoilChips(ctx context.Context, tx *sqlx.Tx, who access.Actor, u DailyUse, place Place, in []Chips, holds map[itemLot]int64) error {
	p := paper{place: place, noun: "use", id: u.ID, document: u.Document, date: u.Date}
	boxes, err := l.named(ctx, tx, who, p, in, "body.spoiled_chips", place.free)
	if err != nil {
		return err
	}
	if err := fit(boxes, holds); err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		b.Condition = Spoiled
		steps = append(steps, handing{box: b, kind: "spoiled", from: b.Place})
	}
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return err
	}
	return l.settleBoxes(ctx, tx, who, place, itemIDs[u.Item])
}

// unspoilChips takes back what a corrected report named as spoiled.
func (l *Ledger) unspoilChips(ctx context.Context, tx *sqlx.Tx, who access.Actor, was DailyUse, place Place) error {
	p := paper{place: place, noun: "use", id: was.ID, document: was.Document, date: was.Date}
	return l.takeBack(ctx, tx, who, p, "spoiled", "rolled-back", func(b *Box) { b.Condition = Usable })
}

// loseBoxes writes boxes off: they lie in the lost of the place that lost them.
func (l *Ledger) loseBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, p paper, boxes []*Box) error {
	if len(boxes) == 0 {
		return nil
	}
	sink, err := around(ctx, tx, p.place.ID, Lost)
	if err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		was := b.Place
		b.Place, b.RegionID, b.SenderRegionID, b.Condition, b.Shipment = sink, p.place.RegionID, nil, Usable, nil
		steps = append(steps, handing{box: b, kind: "lost", from: was})
	}
	return l.hand(ctx, tx, who, p, steps)
}
