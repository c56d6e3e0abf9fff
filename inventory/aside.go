package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
)

// ErrBeyondAside is the fault of sending more back than came wrong.
var ErrBeyondAside = fault.New(fault.Conflict, "more-than-quarantined") // shipment, item, quarantined, returned, pieces

// aside allows what may be lifted, found unfit or sent back at a place: in its quarantine, of no loss.
func (p Place) aside(b Box) error {
	switch {
	case b.Loss != nil:
		return ErrBoxFrozen.With("box", b.Number, "loss", *b.Loss)
	case b.Place != p.ID || b.Condition != Quarantine:
		return b.elsewhere()
	}
	return nil
}

// asideKinds says what a step of custody is called that puts a box into a condition by hand.
var asideKinds = map[Condition]string{Quarantine: "set-aside", Usable: "lifted", Spoiled: "spoiled"}

// setBoxesAside lets the boxes that a quarantine move by hand names follow its pieces, all of one place and one way.
func (l *Ledger) setBoxesAside(ctx context.Context, tx *sqlx.Tx, who access.Actor, m NewMove, p posting, done posted) error {
	if len(m.Boxes) == 0 {
		return nil
	}
	place, err := l.placeNamed(ctx, tx, who, p.Lines[0].To, "")
	if err != nil {
		return err
	}
	by := paper{place: place, noun: "move", id: done.ID, document: m.Document, date: m.Date}
	to, may := p.Lines[0].ToCondition, place.aside
	if to == Quarantine {
		may = place.free
	}
	boxes, err := l.named(ctx, tx, who, by, m.Boxes, "body.boxes", may)
	if err != nil {
		return err
	}
	if err := fit(boxes, p.into(to)); err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		b.Condition, b.SenderRegionID = to, nil
		steps = append(steps, handing{box: b, kind: asideKinds[to], from: b.Place})
	}
	if err := l.hand(ctx, tx, who, by, steps); err != nil {
		return err
	}
	return l.settleBoxes(ctx, tx, who, place, p.Lines[0].Item)
}

// checkAside refuses boxes beside a move that they cannot follow.
func (m NewMove) checkAside(wrong *fault.Fields) {
	one := slices.ContainsFunc(m.Lines, func(line MoveLine) bool {
		return line.From != m.Lines[0].From || line.To != m.Lines[0].To || line.Item != m.Lines[0].Item
	})
	if len(m.Boxes) > 0 && (m.Kind != QuarantineMove || one) {
		wrong.Add("body.boxes", "boxes-of-one-way", nil, "kind", m.Kind)
	}
}

// asideIsFree refuses to undo what put pieces into quarantine that something holds there by now.
func (m Move) asideIsFree(ctx context.Context, tx *sqlx.Tx) error {
	back := posting{Kind: QuarantineMove}
	for _, line := range m.Lines {
		if m.Kind == QuarantineMove && line.To.Condition == Quarantine {
			back.Lines = append(back.Lines, postingLine{Item: itemIDs[line.Item], Lot: line.Lot, FromCondition: Quarantine, To: line.To.Place, Pieces: line.Pieces})
		}
	}
	return back.areFree(ctx, tx)
}

// unsetAside lets the boxes of a quarantine move that was reversed follow its pieces back.
func (l *Ledger) unsetAside(ctx context.Context, tx *sqlx.Tx, who access.Actor, m Move) error {
	_, number, err := parseMoveID(m.ID)
	if err != nil {
		return err
	}
	line := m.Lines[0]
	place, err := l.placeNamed(ctx, tx, who, line.To.Place, "")
	if err != nil {
		return err
	}
	by := paper{place: place, noun: "move", id: number, document: m.Document, date: l.today(place.Zone)}
	err = l.takeBack(ctx, tx, who, by, asideKinds[line.To.Condition], "rolled-back", func(b *Box) { b.Condition = line.From.Condition })
	if err != nil {
		return err
	}
	return stillBacked(ctx, tx, m.Lines)
}

// consignBack finds what goes back to the sender of a shipment: no more than came wrong or on top of it and has not gone back
// yet. The pieces lie in quarantine, held by no discrepancy any more.
func (l *Ledger) consignBack(ctx context.Context, tx *sqlx.Tx, who access.Actor, in NewShipment) (p parcel, err error) {
	came, err := lockShipment(ctx, tx, in.Returns)
	if err != nil {
		return p, err
	}
	if err := keeps(ctx, tx, who, came.ToPlace); err != nil {
		return p, err
	}
	p = parcel{to: Place{ID: came.FromPlace, RegionID: came.SenderRegionID}, cause: "return", causeID: &came.ID}
	if p.from, err = l.placeNamed(ctx, tx, who, came.ToPlace, ""); err != nil {
		return p, err
	}
	wrong := map[int]int64{}
	for _, line := range came.Lines {
		wrong[itemIDs[line.Item]] += line.Quarantined + line.Over
		if line.Quarantined+line.Over > 0 {
			p.lots = append(p.lots, lotPieces{line.Lot, line.Quarantined + line.Over})
		}
	}
	var kept []struct {
		Line   int16
		Pieces int64
	}
	err = tx.SelectContext(ctx, &kept, `SELECT line, pieces FROM discrepancies WHERE region_id = $1 AND shipment_id = $2 AND answer = 'sent-more'`, came.RegionID, came.ID)
	if err != nil {
		return p, fmt.Errorf("read what was sent on top of shipment %d: %w", came.ID, err)
	}
	for _, k := range kept { // it lies on the receiver's shelf by now
		wrong[itemIDs[came.Lines[k.Line-1].Item]] -= k.Pieces
	}
	for _, line := range in.Lines {
		item, err := itemID(line.Item)
		if err != nil {
			return p, err
		}
		p.lines = append(p.lines, parcelLine{item: item, pieces: line.Pieces})
	}
	for item := range itemCodes[1:] {
		item++
		var pieces, returned int64
		for _, line := range p.lines {
			if line.item == item {
				pieces += line.pieces
			}
		}
		err := tx.GetContext(ctx, &returned, `
			SELECT coalesce(sum(l.pieces), 0)::bigint
			FROM shipments s
			JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
			WHERE s.cause = 'return' AND s.cause_id = $1 AND s.state <> 'cancelled' AND l.item_id = $2`, came.ID, item)
		if err != nil {
			return p, fmt.Errorf("read what went back of shipment %d: %w", came.ID, err)
		}
		if pieces > wrong[item]-returned {
			return p, ErrBeyondAside.With("shipment", came.ID, "item", itemCodes[item], "quarantined", wrong[item], "returned", returned, "pieces", pieces)
		}
	}
	return p, nil
}

// asideLots takes pieces from the named lots in quarantine at a place, as far as nothing holds them.
func asideLots(ctx context.Context, tx *sqlx.Tx, placeID, item int, pieces int64, named []lotPieces) ([]lotPieces, error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, pickLock, placeID); err != nil {
		return nil, fmt.Errorf("hold place %d: %w", placeID, err)
	}
	lots, err := lotsIn(ctx, tx, placeID, item, Quarantine, pieces, named...)
	if err != nil {
		return nil, err
	}
	for _, lot := range lots {
		if !slices.ContainsFunc(named, func(n lotPieces) bool { return n.Lot == lot.Lot }) { // it came with another shipment
			return nil, ErrBeyondAside.With("item", itemCodes[item], "lot", lot.Lot, "pieces", pieces)
		}
		if err := (postingLine{Item: item, Lot: lot.Lot, To: placeID, Pieces: lot.Pieces}).isFree(ctx, tx); err != nil {
			return nil, err
		}
	}
	return lots, nil
}

// backedLines refuses a shipment that leaves fewer pieces in quarantine than the boxes there that are known by name.
func (s Shipment) backedLines(ctx context.Context, tx *sqlx.Tx) error {
	if s.shelf() != Quarantine {
		return nil
	}
	for _, line := range s.Lines {
		if err := backed(ctx, tx, s.FromPlace, itemIDs[line.Item]); err != nil {
			return err
		}
	}
	return nil
}

// outside is where pieces come from that nobody can explain: the public of a place, of the nation's store its supplier.
func outside(ctx context.Context, tx *sqlx.Tx, placeID int) (id int, err error) {
	err = tx.GetContext(ctx, &id, `SELECT coalesce(around($1, 'public'), around($1, 'supplier'))`, placeID)
	if err != nil {
		return 0, fmt.Errorf("find what lies outside of place %d: %w", placeID, err)
	}
	return id, nil
}
