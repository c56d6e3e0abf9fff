package inventory

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory/chip"
)

// Trace answers for one chip: which place had it, since when, by which documents, who signed.
type Trace struct {
	UID      string        `json:"uid"`
	Standing string        `json:"standing" enum:"in-box,on-the-way,opened,frozen,spoiled,lost,destroyed" doc:"in-box: in a sealed box of the place. opened: its box was opened there, so it is still there, was handed out there, or left loose by one of the documents of loose"`
	Place    int           `json:"place" doc:"the place that has it, or was the last to have it by name; on the way, the one it goes to"`
	Name     string        `json:"place_name"`
	Region   string        `json:"region" doc:"official code of the region that answers for it"`
	Since    time.Time     `json:"since" doc:"since when that place has it"`
	Box      Box           `json:"box"`
	Steps    []CustodyStep `json:"steps" doc:"every step in reach, oldest first, with the document and who signed"`
	Loose    []LooseMove   `json:"loose" doc:"where blanks of that lot went from the place without being named, since the box was opened; at most 100"`
	Proof    Proof         `json:"proof"`
}

// Proof shows that the chip is one of those under the digest of its box, by the audit path of RFC 6962.
type Proof struct {
	Index  int64    `json:"index" doc:"place of the chip among those of the box, from 0"`
	Length int64    `json:"length" doc:"chips of the box"`
	Path   []string `json:"path" doc:"hashes of the siblings from the leaf up, hexadecimal; a leaf is SHA-256 of 00 and the UID, a node of 01, left and right"`
}

// LooseMove is blanks that left a place without their boxes being named.
type LooseMove struct {
	Move     string `json:"move" db:"move"`
	Kind     string `json:"kind" db:"kind"`
	Document string `json:"document" db:"document"`
	Date     string `json:"date" db:"day" format:"date"`
	To       int    `json:"to" db:"to_place_id"`
	ToName   string `json:"to_name" db:"to_name"`
	Pieces   int64  `json:"pieces" db:"pieces"`
	Actor    string `json:"actor" db:"actor"`
}

// TraceChip follows a chip that was found. Errors: not-a-uid, chip-unknown, which it also is out of reach.
func (l *Ledger) TraceChip(ctx context.Context, who access.Actor, text string) (t Trace, err error) {
	if err := who.May(access.ReadBoxes); err != nil {
		return t, err
	}
	u, err := chip.Parse(text)
	if err != nil {
		return t, fault.ErrInvalid.At("path.uid", "not-a-uid", text, "form", "8 or 14 hexadecimal digits")
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &t.Box, selectBoxes+`
			WHERE b.id IN (
				SELECT id FROM boxes WHERE uids IS NULL AND int8range(first_uid, last_uid, '[]') @> $1::bigint
				UNION
				SELECT id FROM boxes WHERE uids IS NOT NULL AND uids @> ARRAY[$1::bigint])`, int64(u))
		if err != nil {
			return postgres.NotFound(err, ErrChipUnknown.With("chip", u.String()))
		}
		t.Box.derive()
		var kind PlaceKind
		if err := tx.GetContext(ctx, &kind, `SELECT place_kind_of($1)`, t.Box.Place); err != nil {
			return fmt.Errorf("read kind of place %d: %w", t.Box.Place, err)
		}
		t.Standing = t.Box.standing(kind)
		if t.Steps, err = stepsOf(ctx, tx, t.Box); err != nil {
			return err
		}
		t.Loose, err = t.Box.loose(ctx, tx, t.Steps)
		return err
	})
	if err != nil {
		return t, err
	}
	t.UID, t.Place, t.Name, t.Region, t.Since = u.String(), t.Box.Place, t.Box.PlaceName, t.Box.Region, t.Box.Since
	t.Proof = t.Box.proof(u)
	return t, nil
}

func (b Box) proof(u chip.UID) Proof {
	p := Proof{Length: b.Pieces, Path: []string{}}
	index, path, _ := b.set().Proof(u)
	p.Index = index
	for _, h := range path {
		p.Path = append(p.Path, hex.EncodeToString(h[:]))
	}
	return p
}

func (b Box) standing(kind PlaceKind) string {
	switch {
	case kind == Lost:
		return "lost"
	case kind == Destroyed:
		return "destroyed"
	case b.Condition == Quarantine:
		return "frozen"
	case b.Condition == Spoiled:
		return "spoiled"
	case b.Condition == InTransit:
		return "on-the-way"
	case !b.Sealed:
		return "opened"
	}
	return "in-box"
}

// loose lists by which documents blanks of the lot left the place unnamed since the box was opened there.
func (b Box) loose(ctx context.Context, tx *sqlx.Tx, steps []CustodyStep) ([]LooseMove, error) {
	moves := []LooseMove{}
	if b.Sealed {
		return moves, nil
	}
	since := b.Since // what was taken before the opening was noticed counts too
	err := tx.SelectContext(ctx, &moves, `
		SELECT concat_ws('-', m.region_id, m.id) AS move, m.kind, m.document, m.business_date::text AS day, t.target_place_id AS to_place_id,
		       coalesce(place_label(t.target_place_id), '') AS to_name, t.pieces, m.actor
		FROM moves m
		JOIN move_lines t ON t.region_id = m.region_id AND t.move_id = m.id
		WHERE m.region_id = (SELECT p.region_id FROM places p WHERE p.id = $1) AND m.at >= $2
		  AND m.kind IN ('dispatch', 'checkout', 'transfer', 'loss')
		  AND t.source_place_id = $1 AND t.item_id = $3 AND t.lot_id = $4
		ORDER BY m.id
		LIMIT 100`, b.Place, since, itemIDs[b.Item], b.Lot)
	if err != nil {
		return nil, fmt.Errorf("read what left place %d loose: %w", b.Place, err)
	}
	return moves, nil
}

// OpenBox notes that the seal of a box was broken: from then on its blanks are handed out without being named.
func (l *Ledger) OpenBox(ctx context.Context, who access.Actor, number string, version int64) (Box, error) {
	if err := who.May(access.OpenBoxes); err != nil {
		return Box{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Box, error) {
		var b Box
		err := tx.GetContext(ctx, &b, selectBoxes+` WHERE b.number = $1 FOR UPDATE OF b`, number)
		if err != nil {
			return b, postgres.NotFound(err, ErrBoxUnknown.With("box", number))
		}
		b.derive()
		if err := keeps(ctx, tx, who, b.Place); err != nil {
			return b, err
		}
		if err := postgres.CheckVersion(version, b.Version); err != nil {
			return b, err
		}
		place, err := l.placeNamed(ctx, tx, who, b.Place, "")
		if err != nil {
			return b, err
		}
		if err := place.free(b); err != nil {
			return b, err
		}
		if !b.Sealed {
			return b, ErrBoxOpened.With("box", number)
		}
		b.Sealed = false
		err = l.hand(ctx, tx, who, paper{place: place, noun: "box", document: "", date: l.today(place.Zone)}, []handing{{box: &b, kind: "opened", from: b.Place}})
		return b, err
	})
}
