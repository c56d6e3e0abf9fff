package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory/chip"
)

// naming is one thing that somebody named: a box as a whole, or chips.
type naming struct {
	box  string
	part chip.Set
	some bool // chips are named
}

// readNames checks what was named as far as that is possible without the boxes.
func readNames(in []Chips, at string) ([]naming, error) {
	var wrong fault.Fields
	names := make([]naming, len(in))
	var parts []chip.Set
	whole := map[string]bool{}
	for i, c := range in {
		where := at + "[" + strconv.Itoa(i) + "]"
		n := naming{box: c.Box}
		n.part, n.some = c.set(where, &wrong)
		switch {
		case !n.some && c.Box == "":
			wrong.Add(where+".box", "required", nil)
		case !n.some && whole[c.Box]:
			wrong.Add(where+".box", "twice", c.Box)
		case n.some:
			parts = append(parts, n.part)
		}
		whole[c.Box] = whole[c.Box] || !n.some
		names[i] = n
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	if u, _, _, twice := chip.Twice(parts); twice {
		return nil, ErrChipTwice.With("chip", u.String(), "field", at)
	}
	return names, nil
}

// named locks the boxes that somebody names at a place, and cuts out what is only a part of one: each box that is returned
// is wholly what was named. The boxes must be free: usable, in no shipment, in no loss; ok may allow more.
// Errors: box-unknown, chip-unknown, chip-in-another-box, chip-twice, box-elsewhere, box-opened, box-frozen.
func (l *Ledger) named(ctx context.Context, tx *sqlx.Tx, who access.Actor, p paper, in []Chips, at string, free func(Box) error) ([]*Box, error) {
	names, err := readNames(in, at)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	there, err := lockNamed(ctx, tx, names)
	if err != nil {
		return nil, err
	}
	cuts := map[int64][]chip.Set{}
	var wanted []*Box
	for _, n := range names {
		found, err := n.find(there)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if err := free(*f.box); err != nil {
				return nil, err
			}
			if !slices.Contains(wanted, f.box) {
				wanted = append(wanted, f.box)
			} else if len(cuts[f.box.ID]) == 0 {
				return nil, ErrChipTwice.With("box", f.box.Number)
			}
			switch {
			case n.some && f.part.Len() < f.box.Pieces:
				cuts[f.box.ID] = append(cuts[f.box.ID], f.part)
			case len(cuts[f.box.ID]) > 0:
				return nil, ErrChipTwice.With("box", f.box.Number)
			case !n.some && !f.box.Sealed:
				return nil, ErrBoxOpened.With("box", f.box.Number, "advice", "the box was opened; name the chips")
			}
		}
	}
	whole, err := l.cut(ctx, tx, who, p, wanted, cuts)
	for _, b := range whole {
		b.Sealed = true // every chip of it was named
	}
	return whole, err
}

// part is the chips of a box that a naming is about.
type part struct {
	box  *Box
	part chip.Set
}

// find says in which boxes the named chips are: all of them must be in one, and in the box that was named, if one was.
func (n naming) find(there []*Box) (found []part, err error) {
	if !n.some {
		for _, b := range there {
			if b.Number == n.box {
				return []part{{b, b.set()}}, nil
			}
		}
		return nil, ErrBoxUnknown.With("box", n.box)
	}
	left := []chip.Set{n.part}
	for _, b := range there {
		shared, ok := b.set().Shared(n.part)
		if !ok {
			continue
		}
		if n.box != "" && b.Number != n.box {
			return nil, ErrChipElsewhere.With("chip", shared.First.String(), "box", b.Number, "named", n.box)
		}
		found = append(found, part{b, shared})
		var rest []chip.Set
		for _, s := range left {
			if both, ok := s.Shared(shared); ok {
				more, _ := s.Without(both)
				rest = append(rest, more...)
			} else {
				rest = append(rest, s)
			}
		}
		left = rest
	}
	if len(left) > 0 {
		return nil, ErrChipUnknown.With("chip", left[0].First.String())
	}
	return found, nil
}

// lockNamed locks every box in reach that is named or holds a chip that is named, in one order.
func lockNamed(ctx context.Context, tx *sqlx.Tx, names []naming) ([]*Box, error) {
	var numbers []string
	var firsts, lasts, listed pq.Int64Array
	for _, n := range names {
		switch {
		case !n.some:
			numbers = append(numbers, n.box)
		case n.part.List == nil:
			firsts, lasts = append(firsts, int64(n.part.First)), append(lasts, int64(n.part.Last))
			if n.part.Len() <= mostChips {
				for u := range n.part.All() {
					listed = append(listed, int64(u))
				}
			}
		default:
			for u := range n.part.All() {
				firsts, lasts, listed = append(firsts, int64(u)), append(lasts, int64(u)), append(listed, int64(u))
			}
		}
	}
	var boxes []*Box
	err := tx.SelectContext(ctx, &boxes, selectBoxes+`
		WHERE b.id IN (
			SELECT id FROM boxes WHERE number = ANY ($1)
			UNION
			SELECT r.id FROM unnest($2::bigint[], $3::bigint[]) AS n (first, last)
			JOIN boxes r ON r.uids IS NULL AND int8range(r.first_uid, r.last_uid, '[]') && int8range(n.first, n.last, '[]')
			UNION
			SELECT id FROM boxes WHERE uids IS NOT NULL AND uids && $4::bigint[])
		ORDER BY b.id
		FOR UPDATE OF b`, pq.Array(numbers), firsts, lasts, listed)
	if err != nil {
		return nil, fmt.Errorf("lock boxes: %w", err)
	}
	for _, b := range boxes {
		b.derive()
	}
	return boxes, nil
}

// cut takes parts out of boxes, each into a box of its own, and returns the boxes that are wholly what was named. What is
// left stays in the box; where a run is cut in two, the upper part gets a box as well.
func (l *Ledger) cut(ctx context.Context, tx *sqlx.Tx, who access.Actor, p paper, boxes []*Box, cuts map[int64][]chip.Set) ([]*Box, error) {
	var whole, fresh []*Box
	var narrowed []*Box
	for _, b := range boxes {
		parts := cuts[b.ID]
		if len(parts) == 0 {
			whole = append(whole, b)
			continue
		}
		rest := []chip.Set{b.set()}
		for _, part := range parts {
			var next []chip.Set
			for _, s := range rest {
				both, ok := s.Shared(part)
				if !ok {
					next = append(next, s)
					continue
				}
				more, _ := s.Without(both)
				next = append(next, more...)
			}
			rest = next
		}
		if len(rest) == 0 { // the parts are all of it: the first stays in the box
			rest, parts = parts[:1], parts[1:]
			whole = append(whole, b)
		}
		step := b.Step + 1
		for i, s := range slices.Concat(parts, rest[1:]) {
			b.Parts++
			c := *b
			c.ID, c.Number, c.Parent, c.ParentID, c.ParentStep, c.Parts, c.Step, c.Version = 0, b.Number+"."+strconv.Itoa(b.Parts), b.Number, &b.ID, &step, 0, 0, 0
			c.hold(s)
			c.Sealed = b.Sealed || i < len(parts)
			fresh = append(fresh, &c)
			if i < len(parts) {
				whole = append(whole, &c)
			}
		}
		b.hold(rest[0])
		narrowed = append(narrowed, b)
	}
	if len(fresh) == 0 {
		return whole, nil
	}
	for _, b := range narrowed {
		if len(b.Number) > 56 {
			return nil, ErrBoxTaken.With("box", b.Number, "advice", "it was cut too often; name whole parts")
		}
		if err := narrow(ctx, tx, b); err != nil {
			return nil, err
		}
	}
	if err := insertBoxes(ctx, tx, fresh); err != nil {
		return nil, err
	}
	var steps []handing
	for _, b := range slices.Concat(narrowed, fresh) {
		steps = append(steps, handing{box: b, kind: "split", from: b.Place})
	}
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return nil, err
	}
	return whole, nil
}

// narrow writes the chips of a box from which some were cut.
func narrow(ctx context.Context, tx *sqlx.Tx, b *Box) error {
	_, err := tx.ExecContext(ctx, `UPDATE boxes SET pieces = $2, first_uid = $3, last_uid = $4, uids = $5, digest = $6 WHERE id = $1`,
		b.ID, b.Pieces, int64(b.FirstUID), int64(b.LastUID), b.UIDs, b.Root)
	if err != nil {
		return boxFault(err)
	}
	return nil
}

// free allows what may be packed, written off or opened at a place: usable, in no shipment, in no loss.
func (p Place) free(b Box) error {
	switch {
	case b.Loss != nil:
		return ErrBoxFrozen.With("box", b.Number, "loss", *b.Loss)
	case b.Place != p.ID || b.Condition != Usable:
		return b.elsewhere()
	}
	return nil
}

// elsewhere says where a box is that is not where it was looked for.
func (b Box) elsewhere() error {
	f := ErrBoxElsewhere.With("box", b.Number, "place", b.PlaceName, "condition", string(b.Condition))
	if b.Shipment != nil {
		f = f.With("shipment", *b.Shipment)
	}
	return f
}

// takenChip names the chip and the box that holds it.
func takenChip(detail string) error {
	var taken struct {
		Chip chip.UID `json:"chip"`
		Box  string   `json:"box"`
	}
	if err := json.Unmarshal([]byte(detail), &taken); err != nil {
		return ErrChipElsewhere.With("detail", detail)
	}
	return ErrChipElsewhere.With("chip", taken.Chip.String(), "box", taken.Box)
}

// settleBoxes opens the oldest sealed boxes of a place for as long as the ledger holds fewer usable and reserved pieces
// of their lot than they stand for: blanks were taken out of one of them without naming it, and it is taken to be the
// oldest. It must run before and after a step that relies on what is sealed.
func (l *Ledger) settleBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, place Place, item int) error {
	var over []struct {
		Lot    int   `db:"lot_id"`
		Pieces int64 `db:"over"`
	}
	err := tx.SelectContext(ctx, &over, `
		SELECT b.lot_id, sum(b.pieces)::bigint - coalesce((
			SELECT sum(x.pieces) FROM balances x
			WHERE x.place_id = $1 AND x.item_id = $2 AND x.lot_id = b.lot_id AND x.condition IN ('usable', 'reserved')), 0)::bigint AS over
		FROM boxes b
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.sealed AND b.condition IN ('usable', 'reserved')
		GROUP BY b.lot_id
		ORDER BY b.lot_id`, place.ID, item)
	if err != nil {
		return fmt.Errorf("compare boxes with the ledger: %w", err)
	}
	for _, o := range over {
		if o.Pieces <= 0 {
			continue
		}
		var boxes []*Box
		err := tx.SelectContext(ctx, &boxes, selectBoxes+`
			WHERE b.place_id = $1 AND b.item_id = $2 AND b.lot_id = $3 AND b.sealed AND b.condition = 'usable'
			ORDER BY b.since, b.id
			FOR UPDATE OF b`, place.ID, item, o.Lot)
		if err != nil {
			return fmt.Errorf("read sealed boxes of place %d: %w", place.ID, err)
		}
		var steps []handing
		for _, b := range boxes {
			if o.Pieces <= 0 {
				break
			}
			o.Pieces -= b.Pieces
			b.Sealed = false
			steps = append(steps, handing{box: b, kind: "opened", from: b.Place})
		}
		p := paper{place: place, noun: "box", document: "", date: l.today(place.Zone)}
		if err := l.hand(ctx, tx, who, p, steps); err != nil {
			return err
		}
	}
	return nil
}

// SettleAllBoxes settles the boxes of every place where the ledger holds fewer pieces than its sealed boxes stand for, and says
// how many boxes that opened.
func (l *Ledger) SettleAllBoxes(ctx context.Context, who access.Actor) (opened int64, err error) {
	if err := who.May(access.SettleBoxes); err != nil {
		return 0, err
	}
	err = postgres.Write(ctx, l.db, who, func(tx *sqlx.Tx) error {
		const sealed = `SELECT count(*) FROM boxes WHERE sealed`
		var before, after int64
		if err := tx.GetContext(ctx, &before, sealed); err != nil {
			return fmt.Errorf("count sealed boxes: %w", err)
		}
		var over []struct {
			Place int `db:"place_id"`
			Item  int `db:"item_id"`
		}
		err := tx.SelectContext(ctx, &over, `
			SELECT DISTINCT s.place_id, s.item_id
			FROM (SELECT place_id, item_id, lot_id, sum(pieces) AS pieces
			      FROM boxes
			      WHERE sealed AND condition IN ('usable', 'reserved')
			      GROUP BY place_id, item_id, lot_id) s
			JOIN places p ON p.id = s.place_id AND p.kind NOT IN ('lost', 'destroyed')
			WHERE s.pieces > coalesce((
				SELECT sum(b.pieces) FROM balances b
				WHERE b.place_id = s.place_id AND b.item_id = s.item_id AND b.lot_id = s.lot_id AND b.condition IN ('usable', 'reserved')), 0)
			ORDER BY 1, 2`)
		if err != nil {
			return fmt.Errorf("compare boxes with the ledger: %w", err)
		}
		for _, o := range over {
			place, err := l.placeNamed(ctx, tx, who, o.Place, "")
			if err != nil {
				return err
			}
			if err := l.settleBoxes(ctx, tx, who, place, o.Item); err != nil {
				return err
			}
		}
		if err := tx.GetContext(ctx, &after, sealed); err != nil {
			return fmt.Errorf("count sealed boxes: %w", err)
		}
		opened = before - after
		return nil
	})
	return opened, err
}
