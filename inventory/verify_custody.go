package inventory

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
)

// lastStep is the newest step of a box that its chain of custody holds.
type lastStep struct {
	custodyLink
	steps int // how many there are
	code  string
}

// custody verifies the chains of custody: every link under its key, none missing, up to the head; every box where its last
// step left it, with the chips that it then had.
func (v *Verified) custody(ctx context.Context, tx *sqlx.Tx, key []byte) error {
	rows, err := tx.QueryxContext(ctx, `
		SELECT region_id, place_id, seq, other_region_id, box_id, step, kind, from_place_id, to_place_id, condition, sealed, pieces, encode(digest, 'hex') AS digest,
		       noun, noun_id, document, day::text, actor_id, actor, at, key, encode(hash, 'hex') AS hash, coalesce(region_code(region_id), '') AS code
		FROM custody
		ORDER BY region_id, place_id, seq`)
	if err != nil {
		return fmt.Errorf("read custody: %w", err)
	}
	defer rows.Close()
	boxes, heads := map[int64]*lastStep{}, map[int]custodyHead{}
	unknownKeys := map[string]bool{}
	for rows.Next() {
		var r struct {
			custodyLink
			Code string `db:"code"`
		}
		if err := rows.StructScan(&r); err != nil {
			return fmt.Errorf("scan custody: %w", err)
		}
		v.Links++
		before := heads[r.PlaceID]
		at := Breach{Region: r.Code, Place: r.PlaceID, Seq: r.Seq, Detail: fmt.Sprintf("%s of box %d by %s of %s", r.Kind, r.BoxID, r.Document, r.Date)}
		switch {
		case r.Key != keyName(key):
			if !unknownKeys[r.Key] {
				at.What, at.Detail = "custody-key-unknown", "sealed with key "+r.Key+"; bring that key back to verify it"
				v.add(at)
			}
			unknownKeys[r.Key] = true
		case r.Seq != before.Seq+1:
			v.add(Breach{What: "custody-missing", Region: r.Code, Place: r.PlaceID, Seq: before.Seq + 1, Detail: fmt.Sprintf("the next one kept is %d", r.Seq)})
		case r.seal(key, before.Hash) != r.Hash:
			at.What = "custody-broken"
			v.add(at)
		}
		heads[r.PlaceID] = custodyHead{r.Seq, r.Hash}
		last := boxes[r.BoxID]
		if last == nil {
			last = &lastStep{}
			boxes[r.BoxID] = last
		}
		last.steps++
		if r.Step > last.Step {
			last.custodyLink, last.code = r.custodyLink, r.Code
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read custody: %w", err)
	}
	if err := v.custodyHeads(ctx, tx, heads); err != nil {
		return err
	}
	return v.boxes(ctx, tx, boxes)
}

// custodyHeads finds chains whose newest links are gone.
func (v *Verified) custodyHeads(ctx context.Context, tx *sqlx.Tx, heads map[int]custodyHead) error {
	var kept []struct {
		Place int    `db:"place_id"`
		Code  string `db:"code"`
		custodyHead
	}
	err := tx.SelectContext(ctx, &kept, `
		SELECT place_id, coalesce(region_code(region_id), '') AS code, seq, encode(hash, 'hex') AS hash
		FROM custody_heads
		ORDER BY place_id`)
	if err != nil {
		return fmt.Errorf("read heads of custody: %w", err)
	}
	for _, k := range kept {
		if h := heads[k.Place]; h != k.custodyHead {
			v.add(Breach{What: "custody-head", Region: k.Code, Place: k.Place, Seq: k.Seq, Detail: fmt.Sprintf("the last link kept is %d", h.Seq)})
		}
		delete(heads, k.Place)
	}
	for place, h := range heads {
		v.add(Breach{What: "custody-head", Place: place, Seq: h.Seq, Detail: "the chain has no head"})
	}
	return nil
}

// boxes holds every box against its last step.
func (v *Verified) boxes(ctx context.Context, tx *sqlx.Tx, last map[int64]*lastStep) error {
	rows, err := tx.QueryxContext(ctx, selectBoxes+` ORDER BY b.id`)
	if err != nil {
		return fmt.Errorf("read boxes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var b Box
		if err := rows.StructScan(&b); err != nil {
			return fmt.Errorf("scan box: %w", err)
		}
		v.Boxes++
		is, at := last[b.ID], Breach{Region: b.Region, Place: b.Place, Detail: "box " + b.Number}
		delete(last, b.ID)
		if is == nil {
			at.What = "box-unknown"
			at.Detail += " has no step of custody"
			v.add(at)
			continue
		}
		root := b.set().Root()
		switch {
		case is.steps != is.Step:
			at.What = "box-step-missing"
			at.Detail += fmt.Sprintf(" has %d steps of %d", is.steps, is.Step)
		case !bytes.Equal(root[:], b.Root) || hex.EncodeToString(root[:]) != is.Digest:
			at.What = "box-edited"
			at.Detail += " holds other chips than its last step says"
		case b.Step != is.Step || b.Place != is.ToPlaceID || b.Condition != is.Condition || b.Sealed != is.Sealed || b.Pieces != is.Pieces:
			at.What = "box-edited"
			at.Detail += fmt.Sprintf(" is not where its last step, %s by %s, left it", is.Kind, is.Document)
		default:
			continue
		}
		v.add(at)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read boxes: %w", err)
	}
	var gone []int64
	for id := range last {
		gone = append(gone, id)
	}
	slices.Sort(gone)
	for _, id := range gone {
		v.add(Breach{What: "box-deleted", Region: last[id].code, Place: last[id].ToPlaceID, Detail: fmt.Sprintf("box %d, last %s by %s", id, last[id].Kind, last[id].Document)})
	}
	return nil
}
