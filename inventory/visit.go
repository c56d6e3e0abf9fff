package inventory

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// What blanks held for a visit refuse.
var (
	ErrHoldUnknown = fault.New(fault.NotFound, "hold-unknown")
	ErrBeyondHeld  = fault.New(fault.Conflict, "more-than-held") // asked, held
)

// Hold is blanks of an office for one visit of a team. Reserved are still set aside at the office; of CheckedOut, those
// neither used nor spoiled nor returned are with the team.
type Hold struct {
	ID         int64 `json:"id"`
	Place      int   `json:"place" doc:"the office they come from"`
	Team       int   `json:"team" doc:"place of the team, 0 before the check-out"`
	Reserved   int64 `json:"reserved"`
	CheckedOut int64 `json:"checked_out"`
	Used       int64 `json:"used"`
	Spoiled    int64 `json:"spoiled"`
	Returned   int64 `json:"returned"`

	regionID int
	document string
	lots     []holdLot
}

// WithTeam is what the team still has: every blank of it must be used, spoiled or returned.
func (h Hold) WithTeam() int64 { return h.CheckedOut - h.Used - h.Spoiled - h.Returned }

type holdLot struct {
	Lot        int   `db:"lot_id"`
	Reserved   int64 `db:"reserved"`
	CheckedOut int64 `db:"checked_out"`
	Used       int64 `db:"used"`
	Spoiled    int64 `db:"spoiled"`
	Returned   int64 `db:"returned"`
}

func (h *holdLot) withTeam() int64 { return h.CheckedOut - h.Used - h.Spoiled - h.Returned }

// ReserveForVisit sets KTP-el blanks of a region's office aside: usable → reserved. The methods of a visit run in the
// transaction of the plan or visit that calls them, which has asked whether who may; date is a business date.
func (l *Ledger) ReserveForVisit(ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int, pieces int64, document, date string) (Hold, error) {
	if pieces < 1 || pieces > mostPieces {
		return Hold{}, fault.ErrInvalid.At("body.blanks", "out-of-range", pieces, "least", 1, "most", mostPieces)
	}
	office, err := placeIn(ctx, tx, regionID, RegencyOffice)
	if err != nil {
		return Hold{}, err
	}
	lots, err := pickLots(ctx, tx, office.ID, itemIDs["ktp-el"], regionID, pieces)
	if err != nil {
		return Hold{}, err
	}
	var id int64
	err = tx.GetContext(ctx, &id, `INSERT INTO holds (region_id, place_id, item_id, document, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		regionID, office.ID, itemIDs["ktp-el"], document, l.now())
	if err != nil {
		return Hold{}, fmt.Errorf("insert hold: %w", err)
	}
	p := posting{Kind: Reserve, Document: document, Date: date}
	for _, lot := range lots {
		_, err := tx.ExecContext(ctx, `INSERT INTO hold_lots (region_id, hold_id, lot_id, reserved) VALUES ($1, $2, $3, $4)`, regionID, id, lot.Lot, lot.Pieces)
		if err != nil {
			return Hold{}, fmt.Errorf("insert lot of hold: %w", err)
		}
		p.line(lot.Lot, office.ID, Usable, office.ID, Reserved, lot.Pieces)
	}
	if _, err := post(ctx, l.db, tx, within, p); err != nil {
		return Hold{}, err
	}
	return lockHold(ctx, tx, id)
}

// line appends a line of KTP-el blanks to a posting unless it moves nothing.
func (p *posting) line(lot, from int, fromIn Condition, to int, toIn Condition, pieces int64) {
	if pieces > 0 {
		p.Lines = append(p.Lines, postingLine{Item: itemIDs["ktp-el"], Lot: lot, From: from, FromCondition: fromIn, To: to, ToCondition: toIn, Pieces: pieces})
	}
}

// ReleaseVisit gives what is still reserved back to the office: reserved → usable.
func (l *Ledger) ReleaseVisit(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, date string) (Hold, error) {
	return l.step(ctx, tx, id, ReleaseReserve, date, func(h Hold, p *posting) error {
		for i := range h.lots {
			lot := &h.lots[i]
			p.line(lot.Lot, h.Place, Reserved, h.Place, Usable, lot.Reserved)
			lot.Reserved = 0
		}
		return nil
	})
}

// CheckOut hands reserved blanks to the team: reserved at the office → usable at the team's place.
func (l *Ledger) CheckOut(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, team int, pieces int64, date string) (Hold, error) {
	if _, err := tx.ExecContext(ctx, `UPDATE holds SET team_place_id = $2 WHERE id = $1 AND team_place_id IS NULL`, id, team); err != nil {
		return Hold{}, fmt.Errorf("name the team of hold %d: %w", id, err)
	}
	return l.step(ctx, tx, id, CheckOutMove, date, func(h Hold, p *posting) error {
		if h.Team != team {
			return ErrHoldUnknown.With("hold", id, "team", team)
		}
		return h.take(pieces, h.Reserved, func(lot *holdLot) int64 { return lot.Reserved }, func(lot *holdLot, n int64) {
			p.line(lot.Lot, h.Place, Reserved, team, Usable, n)
			lot.Reserved -= n
			lot.CheckedOut += n
		})
	})
}

// UseAtVisit posts what the team used: usable at its place → issued by purpose, and → spoiled at its place.
func (l *Ledger) UseAtVisit(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, lines []UseLine, spoiled int64, date string) (Hold, error) {
	if _, err := (NewUse{Item: "ktp-el", Lines: lines, Spoiled: spoiled}).check(); err != nil {
		return Hold{}, err
	}
	return l.step(ctx, tx, id, Use, date, func(h Hold, p *posting) error {
		public, err := around(ctx, tx, h.Team, Public)
		if err != nil {
			return err
		}
		for _, line := range lines {
			err := h.take(line.Pieces, h.WithTeam(), (*holdLot).withTeam, func(lot *holdLot, n int64) {
				p.line(lot.Lot, h.Team, Usable, public, Issued, n)
				p.Lines[len(p.Lines)-1].Purpose = line.Purpose
				lot.Used += n
			})
			if err != nil {
				return err
			}
		}
		return h.take(spoiled, h.WithTeam(), (*holdLot).withTeam, func(lot *holdLot, n int64) {
			p.line(lot.Lot, h.Team, Usable, h.Team, Spoiled, n)
			p.Lines[len(p.Lines)-1].Purpose = "spoiled"
			lot.Spoiled += n
		})
	})
}

// CheckIn takes blanks back from the team: usable at its place → usable at the office, and the spoiled ones of the
// visit with them, as spoiled.
func (l *Ledger) CheckIn(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, good, spoiled int64, date string) (Hold, error) {
	if good < 0 || spoiled < 0 {
		return Hold{}, fault.ErrInvalid.At("body.returned", "out-of-range", min(good, spoiled), "least", 0)
	}
	return l.step(ctx, tx, id, CheckInMove, date, func(h Hold, p *posting) error {
		if spoiled > h.Spoiled {
			return ErrBeyondHeld.With("hold", id, "asked", spoiled, "held", h.Spoiled, "condition", string(Spoiled))
		}
		left := spoiled
		for _, lot := range h.lots {
			n := min(left, lot.Spoiled)
			p.line(lot.Lot, h.Team, Spoiled, h.Place, Spoiled, n)
			left -= n
		}
		return h.take(good, h.WithTeam(), (*holdLot).withTeam, func(lot *holdLot, n int64) {
			p.line(lot.Lot, h.Team, Usable, h.Place, Usable, n)
			lot.Returned += n
		})
	})
}

// take spreads pieces over the lots in their order; more than is held is ErrBeyondHeld.
func (h *Hold) take(pieces, held int64, have func(*holdLot) int64, do func(*holdLot, int64)) error {
	if pieces < 0 {
		return fault.ErrInvalid.At("body.pieces", "out-of-range", pieces, "least", 0)
	}
	if pieces > held {
		return ErrBeyondHeld.With("hold", h.ID, "asked", pieces, "held", held)
	}
	for i := range h.lots {
		if n := min(pieces, have(&h.lots[i])); n > 0 {
			do(&h.lots[i], n)
			pieces -= n
		}
	}
	h.sum()
	return nil
}

// sum derives the counts of the hold from those of its lots.
func (h *Hold) sum() {
	h.Reserved, h.CheckedOut, h.Used, h.Spoiled, h.Returned = 0, 0, 0, 0, 0
	for _, lot := range h.lots {
		h.Reserved += lot.Reserved
		h.CheckedOut += lot.CheckedOut
		h.Used += lot.Used
		h.Spoiled += lot.Spoiled
		h.Returned += lot.Returned
	}
}

// step locks a hold, lets do say what moves and how the counts change, and writes both.
func (l *Ledger) step(ctx context.Context, tx *sqlx.Tx, id int64, kind MoveKind, date string, do func(Hold, *posting) error) (Hold, error) {
	h, err := lockHold(ctx, tx, id)
	if err != nil {
		return h, err
	}
	p := posting{Kind: kind, Document: h.document, Date: date}
	if err := do(h, &p); err != nil {
		return h, err
	}
	if len(p.Lines) > 0 {
		// The public of a team's region may lie above the reach of a kecamatan's officer.
		if _, err := post(ctx, l.db, tx, across, p); err != nil {
			return h, err
		}
	}
	for _, lot := range h.lots {
		_, err := tx.ExecContext(ctx, `
			UPDATE hold_lots
			SET reserved = $4, checked_out = $5, used = $6, spoiled = $7, returned = $8
			WHERE region_id = $1 AND hold_id = $2 AND lot_id = $3`,
			h.regionID, h.ID, lot.Lot, lot.Reserved, lot.CheckedOut, lot.Used, lot.Spoiled, lot.Returned)
		if err != nil {
			return h, fmt.Errorf("write lot of hold %d: %w", id, err)
		}
	}
	h.sum()
	return h, nil
}

// VisitBlanks returns what is held for a visit.
func (l *Ledger) VisitBlanks(ctx context.Context, tx *sqlx.Tx, id int64) (Hold, error) {
	return readHold(ctx, tx, id, ``)
}

// WithTeam lists what is held for visits of which a team still has blanks in its hands, the oldest first.
func (l *Ledger) WithTeam(ctx context.Context, tx *sqlx.Tx, team int) ([]Hold, error) {
	var ids []int64
	err := tx.SelectContext(ctx, &ids, `
		SELECT h.id
		FROM holds h
		JOIN hold_lots t ON t.region_id = h.region_id AND t.hold_id = h.id
		WHERE h.team_place_id = $1
		GROUP BY h.id
		HAVING sum(t.checked_out - t.used - t.spoiled - t.returned) > 0
		ORDER BY h.id`, team)
	if err != nil {
		return nil, fmt.Errorf("look for what team %d has: %w", team, err)
	}
	holds := make([]Hold, len(ids))
	for i, id := range ids {
		if holds[i], err = lockHold(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return holds, nil
}

func lockHold(ctx context.Context, tx *sqlx.Tx, id int64) (Hold, error) {
	return readHold(ctx, tx, id, ` FOR UPDATE`)
}

func readHold(ctx context.Context, tx *sqlx.Tx, id int64, lock string) (h Hold, err error) {
	h.ID = id
	err = tx.QueryRowxContext(ctx, `SELECT region_id, place_id, coalesce(team_place_id, 0), document FROM holds WHERE id = $1`+lock, id).
		Scan(&h.regionID, &h.Place, &h.Team, &h.document)
	if err != nil {
		return h, postgres.NotFound(err, ErrHoldUnknown.With("hold", id))
	}
	err = tx.SelectContext(ctx, &h.lots, `
		SELECT lot_id, reserved, checked_out, used, spoiled, returned
		FROM hold_lots
		WHERE region_id = $1 AND hold_id = $2
		ORDER BY lot_id`, h.regionID, id)
	if err != nil {
		return h, fmt.Errorf("read lots of hold %d: %w", id, err)
	}
	h.sum()
	return h, nil
}
