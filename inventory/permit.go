package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// What a move by hand refuses, because a document of its own is the way.
var (
	ErrBegun       = fault.New(fault.Conflict, "ledger-already-begun")   // place, item, move
	ErrOtherOffice = fault.New(fault.Conflict, "transfer-leaves-office") // from, to
	ErrEarmarked   = fault.New(fault.Conflict, "earmarked-for-another")  // lot, earmark, place
	ErrHeldPieces  = fault.New(fault.Conflict, "quarantine-held")        // place, item, lot, requested, available, held
)

// postPermitted posts a move whose permission depends on what the ledger holds.
func (l *Ledger) postPermitted(ctx context.Context, who access.Actor, m NewMove, p posting) (Move, error) {
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Move, error) {
		if err := p.permit(ctx, tx); err != nil {
			return Move{}, err
		}
		done, err := post(ctx, l.db, tx, within, p)
		if err != nil {
			return Move{}, err
		}
		if err := l.setBoxesAside(ctx, tx, who, m, p, done[0]); err != nil {
			return Move{}, err
		}
		if m.Kind == QuarantineMove {
			if err := stillBacked(ctx, tx, m.Lines); err != nil {
				return Move{}, err
			}
		}
		return m.posted(who, moveID(done[0].RegionID, done[0].ID), done[0].At), nil
	})
}

// stillBacked refuses to leave fewer pieces at the places of a quarantine move, or of its reversal, than the boxes there that are
// known by name: what is not named stays.
func stillBacked(ctx context.Context, tx *sqlx.Tx, lines []MoveLine) error {
	for _, line := range lines {
		if err := backed(ctx, tx, line.From.Place, itemIDs[line.Item]); err != nil {
			return err
		}
	}
	return nil
}

// permit says whether each line of a move may go by hand. It takes turns with others who decide about the same places.
func (p posting) permit(ctx context.Context, tx *sqlx.Tx) error {
	lines, err := p.hold(ctx, tx)
	if err != nil {
		return err
	}
	for i, line := range lines {
		var err error
		switch {
		case p.Kind == Opening:
			err = line.opens(ctx, tx)
		case p.Kind == Transfer:
			err = line.stays(ctx, tx)
		case line.FromCondition == Quarantine:
			if err = line.with(lines[:i]).isFree(ctx, tx); err == nil { // another region's grant, which came in place of something else, only goes back
				err = line.fits(ctx, tx, false)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// areFree refuses to lift what something still holds.
func (p posting) areFree(ctx context.Context, tx *sqlx.Tx) error {
	lines, err := p.hold(ctx, tx)
	if err != nil {
		return err
	}
	for i, line := range lines {
		if err := line.with(lines[:i]).isFree(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// hold takes turns with others who decide about the places of the lines, and gives these in the order of their places.
func (p posting) hold(ctx context.Context, tx *sqlx.Tx) ([]postingLine, error) {
	lines := slices.Clone(p.Lines)
	slices.SortStableFunc(lines, func(a, b postingLine) int { return a.To - b.To })
	for _, line := range lines {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, pickLock, line.To); err != nil {
			return nil, fmt.Errorf("hold place %d: %w", line.To, err)
		}
	}
	return lines, nil
}

// with adds the pieces of earlier lines of the same account: they are released together.
func (line postingLine) with(before []postingLine) postingLine {
	for _, b := range before {
		if b.FromCondition == line.FromCondition && b.To == line.To && b.Item == line.Item && b.Lot == line.Lot {
			line.Pieces += b.Pieces
		}
	}
	return line
}

// opens refuses opening stock of an item that the place keeps in the ledger already: from then on it comes by shipment.
func (line postingLine) opens(ctx context.Context, tx *sqlx.Tx) error {
	var moves []string
	err := tx.SelectContext(ctx, &moves, `
		SELECT m.region_id || '-' || m.id
		FROM entries e
		JOIN moves m ON m.region_id = e.move_region_id AND m.id = e.move_id
		WHERE e.region_id = (SELECT region_id FROM places WHERE id = $1) AND e.place_id = $1 AND e.item_id = $2 AND m.reverses IS NULL
		  AND NOT EXISTS (SELECT FROM moves b WHERE b.region_id IN (m.region_id, m.other_region_id) AND b.reverses = m.id)
		ORDER BY e.seq
		LIMIT 1`, line.To, line.Item)
	if err != nil {
		return fmt.Errorf("read moves of place %d: %w", line.To, err)
	}
	if len(moves) > 0 {
		return ErrBegun.With("place", line.To, "item", itemCodes[line.Item], "move", moves[0], "advice", "opening stock is posted once; more comes by shipment")
	}
	return line.fits(ctx, tx, false)
}

// stays refuses a transfer that leaves its regency, or that the receiving place cannot use.
func (line postingLine) stays(ctx context.Context, tx *sqlx.Tx) error {
	var together bool
	err := tx.GetContext(ctx, &together, `SELECT coalesce(around($1, 'public') = around($2, 'public'), false)`, line.From, line.To)
	if err != nil {
		return fmt.Errorf("read offices of places %d and %d: %w", line.From, line.To, err)
	}
	if !together {
		return ErrOtherOffice.With("from", line.From, "to", line.To, "advice", "send a shipment or agree a loan, so that both ends sign")
	}
	return line.fits(ctx, tx, true)
}

// fits refuses pieces of a grant outside its region, and those that are to be printed on where no printer takes their version.
func (line postingLine) fits(ctx context.Context, tx *sqlx.Tx, printed bool) error {
	var lot struct {
		Earmark string
		Version string
		Own     bool
		Taken   bool
	}
	err := tx.GetContext(ctx, &lot, `
		SELECT coalesce(region_code(t.earmark_region_id), '') AS earmark, t.version, takes_version($2, t.version) AS taken,
		       t.earmark_region_id IS NULL OR region_code(p.region_id) = region_code(t.earmark_region_id)
		       OR region_code(p.region_id) LIKE region_code(t.earmark_region_id) || '.%' AS own
		FROM lots t
		JOIN places p ON p.id = $2
		WHERE t.id = $1`, line.Lot, line.To)
	switch {
	case err != nil:
		return postgres.NotFound(err, fault.ErrInvalid.At("body.lines", "lot-unknown", line.Lot))
	case !lot.Own:
		return ErrEarmarked.With("lot", line.Lot, "earmark", lot.Earmark, "place", line.To)
	case printed && !lot.Taken:
		return ErrVersionNotTaken.With("place", line.To, "blank_version", lot.Version, "advice", "its printers do not take this version")
	}
	return nil
}

// isFree refuses to lift the quarantine of pieces that an open discrepancy or a reported loss still holds there.
func (line postingLine) isFree(ctx context.Context, tx *sqlx.Tx) error {
	var held, there int64
	err := tx.QueryRowxContext(ctx, `
		SELECT coalesce((SELECT sum(d.pieces)
		                 FROM discrepancies d
		                 JOIN shipments s ON s.region_id = d.region_id AND s.id = d.shipment_id
		                 JOIN shipment_lines l ON l.region_id = d.region_id AND l.shipment_id = d.shipment_id AND l.line = d.line
		                 WHERE s.receiver_place_id = $1 AND l.item_id = $2 AND l.lot_id = $3
		                   AND d.kind IN ('over', 'wrong-version', 'wrong-chips') AND d.state IN ('open', 'escalated')), 0)
		     + coalesce((SELECT sum((n->>'Pieces')::bigint)
		                 FROM losses o, jsonb_array_elements(o.lots) n
		                 WHERE o.place_id = $1 AND o.item_id = $2 AND (n->>'Lot')::int = $3 AND o.state = 'reported'), 0),
		       coalesce((SELECT pieces FROM balances WHERE place_id = $1 AND item_id = $2 AND lot_id = $3 AND condition = 'quarantine'), 0)`,
		line.To, line.Item, line.Lot).Scan(&held, &there)
	if err != nil {
		return fmt.Errorf("read what is held at place %d: %w", line.To, err)
	}
	if free := max(0, there-held); held > 0 && line.Pieces > free {
		return ErrHeldPieces.With("place", line.To, "item", itemCodes[line.Item], "lot", line.Lot, "requested", line.Pieces, "available", free, "held", held,
			"advice", "an open discrepancy or a reported loss holds them; settle it first")
	}
	return nil
}
