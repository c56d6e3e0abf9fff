package inventory

import (
	"context"
	"regexp"
	"strconv"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/inventory/chip"
)

// boxNumber is how a printer may number boxes: parts cut out of one get its number with a dot and their own.
var boxNumber = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

// manifest reads the boxes of a delivery: every box with a number of its own and its chips, no chip in two, together all
// the pieces.
func (in NewDelivery) manifest() ([]*Box, error) {
	if len(in.Boxes) == 0 {
		return nil, nil
	}
	var wrong fault.Fields
	var boxes []*Box
	var sets []chip.Set
	seen := map[string]bool{}
	var pieces int64
	for i, c := range in.Boxes {
		at := "body.boxes[" + strconv.Itoa(i) + "]"
		s, named := c.set(at, &wrong)
		switch {
		case !boxNumber.MatchString(c.Box):
			wrong.Add(at+".box", "not-a-box-number", c.Box, "form", "up to 40 letters, digits, _ and -")
		case seen[c.Box]:
			wrong.Add(at+".box", "twice", c.Box)
		case !named:
			wrong.Add(at+".first", "required", nil)
		}
		seen[c.Box] = true
		if wrong.Err() != nil {
			continue
		}
		b := &Box{Number: c.Box}
		b.hold(s)
		boxes, sets, pieces = append(boxes, b), append(sets, s), pieces+b.Pieces
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	if u, one, other, twice := chip.Twice(sets); twice {
		return nil, ErrChipTwice.With("chip", u.String(), "boxes", []string{boxes[one].Number, boxes[other].Number})
	}
	if pieces != in.Pieces {
		return nil, ErrManifestDiffer.With("pieces", in.Pieces, "chips", pieces, "advice", "the boxes of a manifest hold all that is delivered, or leave the manifest out")
	}
	return boxes, nil
}

// shelve puts the boxes of a delivery into the national store.
func (l *Ledger) shelve(ctx context.Context, tx *sqlx.Tx, who access.Actor, c Procurement, d Delivered, store Place, boxes []*Box) (int64, error) {
	if len(boxes) == 0 {
		return 0, nil
	}
	if c.Item != "ktp-el" {
		return 0, fault.ErrInvalid.At("body.boxes", "item-without-chips", c.Item)
	}
	supplier, err := placeIn(ctx, tx, c.RegionID, Supplier)
	if err != nil {
		return 0, err
	}
	steps := make([]handing, len(boxes))
	for i, b := range boxes {
		// Made afresh, since the transaction may be tried again.
		n := &Box{Number: b.Number, Item: c.Item, Lot: c.Lot, Delivery: d.ID, RegionID: store.RegionID, Place: store.ID, Condition: Usable, Sealed: true,
			FirstUID: b.FirstUID, LastUID: b.LastUID, UIDs: b.UIDs, Pieces: b.Pieces, Root: b.Root}
		steps[i] = handing{box: n, kind: "delivered", from: supplier.ID}
	}
	fresh := make([]*Box, len(steps))
	for i := range steps {
		fresh[i] = steps[i].box
	}
	if err := insertBoxes(ctx, tx, fresh); err != nil {
		return 0, err
	}
	p := paper{place: store, noun: "procurement", id: c.ID, document: d.Document, date: d.Date}
	return int64(len(boxes)), l.hand(ctx, tx, who, p, steps)
}
