package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Loss is usable blanks lost or stolen. They stand in quarantine from the report on, so that nobody issues what is not
// there, and are written off when somebody else approves.
type Loss struct {
	ID         int64      `json:"id" db:"id"`
	Region     string     `json:"region" db:"region"`
	Place      int        `json:"place" db:"place_id"`
	Item       string     `json:"item" db:"item"`
	Document   string     `json:"document" db:"document" doc:"number of the berita acara"`
	Police     string     `json:"police" db:"police" doc:"number of the report to the police"`
	HappenedOn string     `json:"happened_on" db:"happened_on" format:"date"`
	Pieces     int64      `json:"pieces" db:"pieces"`
	Note       string     `json:"note" db:"note"`
	State      string     `json:"state" db:"state" enum:"reported,approved,rejected"`
	ReportedAt time.Time  `json:"reported_at" db:"reported_at"`
	ReportedBy string     `json:"reported_by" db:"reported_by"`
	DecidedAt  *time.Time `json:"decided_at" db:"decided_at"`
	DecidedBy  string     `json:"decided_by" db:"decided_by"`
	Synthetic  bool       `json:"synthetic" db:"synthetic"`
	Version    int64      `json:"version" db:"version"`
	RegionID   int        `json:"-" db:"region_id"`
	ReporterID int64      `json:"-" db:"reporter_id"`
	LotsText   string     `json:"-" db:"lots"`
}

// CurrentVersion is the ETag of the loss.
func (l Loss) CurrentVersion() int64 { return l.Version }

// NewLoss reports blanks lost or stolen.
type NewLoss struct {
	Region     string  `json:"region,omitempty" maxLength:"13" doc:"code of the place's region; your own when empty"`
	Place      int     `json:"place,omitempty" minimum:"1"`
	Item       string  `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Document   string  `json:"document" minLength:"1" maxLength:"100" doc:"number of the berita acara"`
	Police     string  `json:"police" minLength:"1" maxLength:"100" doc:"number of the report to the police"`
	HappenedOn string  `json:"happened_on" format:"date"`
	Pieces     int64   `json:"pieces" minimum:"1" maximum:"100000000"`
	Note       string  `json:"note" minLength:"1" maxLength:"500" doc:"what happened"`
	Boxes      []Chips `json:"boxes,omitempty" maxItems:"1000" doc:"boxes, or chips of them, that are gone: frozen from the report on; GET /boxes?loss= lists them"`
}

// What a loss refuses.
var (
	ErrLossUnknown = fault.New(fault.NotFound, "loss-unknown")
	ErrLossState   = fault.New(fault.Conflict, "loss-not-in-state") // loss, state
)

const selectLosses = `
	SELECT o.id, o.region_id, r.code AS region, o.place_id, i.code AS item, o.document, o.police, o.happened_on::text, o.pieces, o.note, o.state, o.reporter_id,
	       o.reported_at, o.reported_by, o.decided_at, o.decided_by, o.synthetic, o.version, o.lots::text AS lots
	FROM losses o
	JOIN items i ON i.id = o.item_id
	JOIN regions_today r ON r.id = o.region_id`

// ReportLoss takes blanks that are gone out of use: usable → quarantine, freezes the boxes that are named, and raises an
// alert. Only the keeper of the place reports. Errors: insufficient-stock, and those of naming boxes.
func (l *Ledger) ReportLoss(ctx context.Context, who access.Actor, in NewLoss) (Loss, error) {
	if err := who.May(access.ReportLosses); err != nil {
		return Loss{}, err
	}
	item, err := itemID(in.Item)
	if err != nil {
		return Loss{}, err
	}
	if in.Pieces < 1 || in.Pieces > mostPieces {
		return Loss{}, fault.ErrInvalid.At("body.pieces", "out-of-range", in.Pieces, "least", 1, "most", mostPieces)
	}
	for at, text := range map[string]string{"body.note": in.Note, "body.document": in.Document, "body.police": in.Police} {
		if err := wanted(at, text); err != nil {
			return Loss{}, err
		}
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Loss, error) {
		place, err := l.placeNamed(ctx, tx, who, in.Place, in.Region)
		if err != nil {
			return Loss{}, err
		}
		if err := keeps(ctx, tx, who, place.ID); err != nil {
			return Loss{}, err
		}
		if _, err := l.checkDate(place.Zone, in.HappenedOn); err != nil {
			return Loss{}, err
		}
		named, err := lotsOfBoxes(ctx, tx, in.Boxes, "body.boxes")
		if err != nil {
			return Loss{}, err
		}
		lots, err := pickLots(ctx, tx, place.ID, item, place.RegionID, in.Pieces, named...)
		if err != nil {
			return Loss{}, err
		}
		text, err := jsonText(lots)
		if err != nil {
			return Loss{}, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO losses (region_id, place_id, item_id, document, police, happened_on, pieces, lots, note, state, reporter_id, reported_at, reported_by)
			VALUES ($1, $2, $3, $4, $5, $6::date, $7, $8::jsonb, $9, 'reported', $10, $11, $12)
			RETURNING id`, place.RegionID, place.ID, item, in.Document, in.Police, in.HappenedOn, in.Pieces, text, in.Note, who.ID, l.now(), who.Name)
		if err != nil {
			return Loss{}, fmt.Errorf("insert loss: %w", err)
		}
		o, err := lossByID(ctx, tx, id, ``)
		if err != nil {
			return o, err
		}
		if err := l.moveLots(ctx, tx, o, QuarantineMove, place.ID, Usable, place.ID, Quarantine, l.today(place.Zone)); err != nil {
			return o, err
		}
		if err := l.freezeBoxes(ctx, tx, who, o, place, lots, in.Boxes); err != nil {
			return o, err
		}
		if err := l.alertLoss(ctx, tx, who, o.RegionID); err != nil {
			return o, err
		}
		return o, postgres.Audit(ctx, tx, who, o.RegionID, "report", "loss", id, nil, o)
	})
}

// DecideLoss writes the blanks off (quarantine → lost), or finds them again (quarantine → usable). Whoever reported
// does not decide.
func (l *Ledger) DecideLoss(ctx context.Context, who access.Actor, id, version int64, approve bool) (Loss, error) {
	if err := who.May(access.DecideLosses); err != nil {
		return Loss{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Loss, error) {
		o, err := lossByID(ctx, tx, id, ` FOR UPDATE OF o`)
		if err != nil {
			return o, err
		}
		if err := postgres.CheckVersion(version, o.Version); err != nil {
			return o, err
		}
		if o.State != "reported" {
			return o, ErrLossState.With("loss", id, "state", o.State)
		}
		if o.ReporterID == who.ID {
			return o, ErrOwnWork.With("reported_by", o.ReportedBy)
		}
		facts, err := l.facts(ctx, []int{o.Place})
		if err != nil {
			return o, err
		}
		state, to, in, kind := "rejected", o.Place, Usable, QuarantineMove
		if approve {
			state, kind = "approved", LossMove
			if to, err = around(ctx, tx, o.Place, Lost); err != nil {
				return o, err
			}
		}
		if err := l.moveLots(ctx, tx, o, kind, o.Place, Quarantine, to, in, l.today(facts[o.Place].Zone)); err != nil {
			return o, err
		}
		if err := l.decideBoxes(ctx, tx, who, o, approve); err != nil {
			return o, err
		}
		_, err = tx.ExecContext(ctx, `UPDATE losses SET version = version + 1, state = $3, decided_at = $4, decided_by = $5 WHERE region_id = $1 AND id = $2`,
			o.RegionID, id, state, l.now(), who.Name)
		if err != nil {
			return o, fmt.Errorf("decide loss %d: %w", id, err)
		}
		is, err := lossByID(ctx, tx, id, ``)
		if err != nil {
			return o, err
		}
		return is, postgres.Audit(ctx, tx, who, o.RegionID, state, "loss", id, o, is)
	})
}

// moveLots moves the lots of a loss from one account to another.
func (l *Ledger) moveLots(ctx context.Context, tx *sqlx.Tx, o Loss, kind MoveKind, from int, fromIn Condition, to int, toIn Condition, date string) error {
	var lots []lotPieces
	if err := json.Unmarshal([]byte(o.LotsText), &lots); err != nil {
		return fmt.Errorf("decode lots of loss %d: %w", o.ID, err)
	}
	p := posting{Kind: kind, Document: o.Document, Date: date, Reason: o.Police}
	for _, lot := range lots {
		p.Lines = append(p.Lines, postingLine{Item: itemIDs[o.Item], Lot: lot.Lot, From: from, FromCondition: fromIn, To: to, ToCondition: toIn, Pieces: lot.Pieces})
	}
	_, err := post(ctx, l.db, tx, agreed, p)
	return err
}

func lossByID(ctx context.Context, tx *sqlx.Tx, id int64, lock string) (o Loss, err error) {
	err = tx.GetContext(ctx, &o, selectLosses+` WHERE o.id = $1`+lock, id)
	return o, postgres.NotFound(err, ErrLossUnknown.With("loss", id))
}

// Loss returns one loss in reach.
func (l *Ledger) Loss(ctx context.Context, who access.Actor, id int64) (o Loss, err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return o, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		o, err = lossByID(ctx, tx, id, ``)
		return err
	})
	return o, err
}

// Losses lists losses in reach, newest first.
func (l *Ledger) Losses(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[Loss], err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return page, err
	}
	type newestFirst struct {
		Loss int64 `json:"loss"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Loss
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectLosses+` WHERE o.id < $1 ORDER BY o.id DESC LIMIT $2`, before.Loss, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list losses: %w", err)
	}
	return postgres.NewPage(paging, rows, func(o Loss) newestFirst { return newestFirst{o.ID} })
}
