package inventory

import (
	"cmp"
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
	State      string     `json:"state" db:"state" enum:"draft,discarded,reported,approved,rejected"`
	Boxes      []Chips    `json:"boxes" db:"-" doc:"that are gone, as they were named"`
	ReportedAt time.Time  `json:"reported_at" db:"reported_at" doc:"of a draft, when it was written"`
	ReportedBy string     `json:"reported_by" db:"reported_by" doc:"of a draft, who wrote it"`
	DecidedAt  *time.Time `json:"decided_at" db:"decided_at"`
	DecidedBy  string     `json:"decided_by" db:"decided_by"`
	Synthetic  bool       `json:"synthetic" db:"synthetic"`
	Version    int64      `json:"version" db:"version"`
	RegionID   int        `json:"-" db:"region_id"`
	ReporterID int64      `json:"-" db:"reporter_id"`
	LotsText   string     `json:"-" db:"lots"`
	BoxesText  string     `json:"-" db:"boxes"`
}

// CurrentVersion is the ETag of the loss.
func (l Loss) CurrentVersion() int64 { return l.Version }

// NewLoss reports blanks lost or stolen.
type NewLoss struct {
	Region     string  `json:"region,omitempty" maxLength:"13" doc:"code of the place's region; your own when empty"`
	Place      int     `json:"place,omitempty" minimum:"1"`
	Item       string  `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Document   string  `json:"document,omitempty" maxLength:"100" doc:"number of the berita acara; a draft may be without it"`
	Police     string  `json:"police,omitempty" maxLength:"100" doc:"number of the report to the police; a draft may be without it"`
	HappenedOn string  `json:"happened_on" format:"date"`
	Pieces     int64   `json:"pieces" minimum:"1" maximum:"100000000"`
	Note       string  `json:"note" minLength:"1" maxLength:"500" doc:"what happened"`
	Boxes      []Chips `json:"boxes,omitempty" maxItems:"1000" doc:"boxes, or chips of them, that are gone: frozen from the report on; GET /boxes?loss= lists them"`
	Draft      bool    `json:"draft,omitempty" doc:"keep it, do not report it yet: nothing is frozen and nobody is told"`
}

// What a loss refuses.
var (
	ErrLossUnknown = fault.New(fault.NotFound, "loss-unknown")
	ErrLossState   = fault.New(fault.Conflict, "loss-not-in-state") // loss, state
)

const selectLosses = `
	SELECT o.id, o.region_id, r.code AS region, o.place_id, i.code AS item, o.document, o.police, o.happened_on::text, o.pieces, o.note, o.state, o.reporter_id,
	       o.reported_at, o.reported_by, o.decided_at, o.decided_by, o.synthetic, o.version, o.lots::text AS lots, o.boxes::text AS boxes
	FROM losses o
	JOIN items i ON i.id = o.item_id
	JOIN regions_today r ON r.id = o.region_id`

// ReportLoss takes blanks that are gone out of use: usable → quarantine, freezes the boxes that are named, and raises an
// alert; a draft is only kept. Only the keeper of the place reports. Errors: insufficient-stock, and those of naming boxes.
func (l *Ledger) ReportLoss(ctx context.Context, who access.Actor, in NewLoss) (Loss, error) {
	if err := who.May(access.ReportLosses); err != nil {
		return Loss{}, err
	}
	if err := in.check(); err != nil {
		return Loss{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Loss, error) {
		place, err := l.placeNamed(ctx, tx, who, in.Place, in.Region)
		if err != nil {
			return Loss{}, err
		}
		if err := keeps(ctx, tx, who, place.ID); err != nil {
			return Loss{}, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO losses (region_id, place_id, item_id, document, police, happened_on, pieces, lots, note, state, reporter_id, reported_at, reported_by)
			VALUES ($1, $2, $3, '', '', $4::date, $5, '[]', '', 'draft', $6, $7, $8)
			RETURNING id`, place.RegionID, place.ID, itemIDs[cmp.Or(in.Item, "ktp-el")], in.HappenedOn, in.Pieces, who.ID, l.now(), who.Name)
		if err != nil {
			return Loss{}, fmt.Errorf("insert loss: %w", err)
		}
		o, err := l.draftLoss(ctx, tx, place, id, in)
		if err != nil {
			return o, err
		}
		action := "draft"
		if !in.Draft {
			action = "report"
			if o, err = l.reportDraft(ctx, tx, who, o, place); err != nil {
				return o, err
			}
		}
		return o, postgres.Audit(ctx, tx, who, o.RegionID, action, "loss", id, nil, o)
	})
}

// check reads what is said of a loss. Only a draft may be without its papers.
func (in NewLoss) check() error {
	if _, err := itemID(in.Item); err != nil {
		return err
	}
	if in.Pieces < 1 || in.Pieces > mostPieces {
		return fault.ErrInvalid.At("body.pieces", "out-of-range", in.Pieces, "least", 1, "most", mostPieces)
	}
	if err := wanted("body.note", in.Note); err != nil {
		return err
	}
	var wrong fault.Fields
	checkText(&wrong, "body.document", in.Document, 100)
	checkText(&wrong, "body.police", in.Police, 100)
	if err := wrong.Err(); err != nil {
		return err
	}
	if !in.Draft {
		return papered(in.Document, in.Police)
	}
	return nil
}

// papered refuses a report without the numbers of its papers.
func papered(document, police string) error {
	for at, text := range map[string]string{"body.document": document, "body.police": police} {
		if err := wanted(at, text); err != nil {
			return err
		}
	}
	return nil
}

// draftLoss writes what is said of a loss into its draft.
func (l *Ledger) draftLoss(ctx context.Context, tx *sqlx.Tx, place Place, id int64, in NewLoss) (Loss, error) {
	if _, err := l.checkDate(place.Zone, in.HappenedOn); err != nil {
		return Loss{}, err
	}
	if _, err := readNames(in.Boxes, "body.boxes"); err != nil {
		return Loss{}, err
	}
	boxes, err := jsonText(append([]Chips{}, in.Boxes...))
	if err != nil {
		return Loss{}, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE losses
		SET item_id = $2, document = $3, police = $4, happened_on = $5::date, pieces = $6, note = $7, boxes = $8::jsonb
		WHERE id = $1`, id, itemIDs[cmp.Or(in.Item, "ktp-el")], in.Document, in.Police, in.HappenedOn, in.Pieces, in.Note, boxes)
	if err != nil {
		return Loss{}, fmt.Errorf("draft loss %d: %w", id, err)
	}
	return lossByID(ctx, tx, id, ``)
}

// reportDraft makes a draft a report: from here on its pieces are out of use.
func (l *Ledger) reportDraft(ctx context.Context, tx *sqlx.Tx, who access.Actor, o Loss, place Place) (Loss, error) {
	named, err := lotsOfBoxes(ctx, tx, o.Boxes, "body.boxes")
	if err != nil {
		return o, err
	}
	lots, err := pickLots(ctx, tx, place.ID, itemIDs[o.Item], place.RegionID, o.Pieces, named...)
	if err != nil {
		return o, err
	}
	text, err := jsonText(lots)
	if err != nil {
		return o, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE losses SET state = 'reported', lots = $2::jsonb, reporter_id = $3, reported_at = $4, reported_by = $5 WHERE id = $1`, o.ID, text, who.ID, l.now(), who.Name)
	if err != nil {
		return o, fmt.Errorf("report loss %d: %w", o.ID, err)
	}
	if o, err = lossByID(ctx, tx, o.ID, ``); err != nil {
		return o, err
	}
	if err := l.moveLots(ctx, tx, o, QuarantineMove, place.ID, Usable, place.ID, Quarantine, l.today(place.Zone)); err != nil {
		return o, err
	}
	if err := l.freezeBoxes(ctx, tx, who, o, place, lots, o.Boxes); err != nil {
		return o, err
	}
	return o, l.alertLoss(ctx, tx, who, o.RegionID)
}

// EditLoss changes a draft. Its place stays.
func (l *Ledger) EditLoss(ctx context.Context, who access.Actor, id, version int64, in NewLoss) (Loss, error) {
	in.Draft = true
	if err := in.check(); err != nil {
		return Loss{}, err
	}
	return l.onDraft(ctx, who, "edit", id, version, func(tx *sqlx.Tx, o Loss, place Place) (Loss, error) {
		return l.draftLoss(ctx, tx, place, o.ID, in)
	})
}

// ReportDraftedLoss reports a draft that has its papers. Errors: as ReportLoss.
func (l *Ledger) ReportDraftedLoss(ctx context.Context, who access.Actor, id, version int64) (Loss, error) {
	return l.onDraft(ctx, who, "report", id, version, func(tx *sqlx.Tx, o Loss, place Place) (Loss, error) {
		if err := papered(o.Document, o.Police); err != nil {
			return o, err
		}
		return l.reportDraft(ctx, tx, who, o, place)
	})
}

// DiscardLoss ends a draft.
func (l *Ledger) DiscardLoss(ctx context.Context, who access.Actor, id, version int64) (Loss, error) {
	return l.onDraft(ctx, who, "discard", id, version, func(tx *sqlx.Tx, o Loss, _ Place) (Loss, error) {
		if _, err := tx.ExecContext(ctx, `UPDATE losses SET state = 'discarded' WHERE id = $1`, o.ID); err != nil {
			return o, fmt.Errorf("discard loss %d: %w", o.ID, err)
		}
		return o, nil
	})
}

// onDraft locks a draft of that version for the keeper of its place and lets do take the step.
func (l *Ledger) onDraft(ctx context.Context, who access.Actor, action string, id, version int64, do func(*sqlx.Tx, Loss, Place) (Loss, error)) (Loss, error) {
	if err := who.May(access.ReportLosses); err != nil {
		return Loss{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Loss, error) {
		o, err := lossByID(ctx, tx, id, ` FOR UPDATE OF o`)
		if err != nil {
			return o, err
		}
		if err := keeps(ctx, tx, who, o.Place); err != nil {
			return o, err
		}
		if err := postgres.CheckVersion(version, o.Version); err != nil {
			return o, err
		}
		if o.State != "draft" {
			return o, ErrLossState.With("loss", id, "state", o.State, "wanted", "draft")
		}
		place, err := l.placeNamed(ctx, tx, who, o.Place, "")
		if err != nil {
			return o, err
		}
		if _, err := do(tx, o, place); err != nil {
			return o, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE losses SET version = version + 1 WHERE id = $1`, id); err != nil {
			return o, fmt.Errorf("%s loss %d: %w", action, id, err)
		}
		is, err := lossByID(ctx, tx, id, ``)
		if err != nil {
			return o, err
		}
		return is, postgres.Audit(ctx, tx, who, o.RegionID, action, "loss", id, o, is)
	})
}

// DecideLoss writes the blanks off (quarantine → lost), or finds them again (quarantine → usable). Whoever reported, or wrote
// anything of the draft, does not decide.
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
		var wrote bool // its draft, or a change of that
		err = tx.GetContext(ctx, &wrote, `SELECT EXISTS (SELECT FROM audit WHERE region_id = $1 AND noun = 'loss' AND noun_id = $2 AND actor_id = $3)`, o.RegionID, fmt.Sprint(id), who.ID)
		if err != nil {
			return o, fmt.Errorf("look who wrote loss %d: %w", id, err)
		}
		if wrote || o.ReporterID == who.ID {
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
	if err = tx.GetContext(ctx, &o, selectLosses+` WHERE o.id = $1`+lock, id); err != nil {
		return o, postgres.NotFound(err, ErrLossUnknown.With("loss", id))
	}
	return o, o.decode()
}

func (o *Loss) decode() error {
	if err := json.Unmarshal([]byte(o.BoxesText), &o.Boxes); err != nil {
		return fmt.Errorf("decode boxes of loss %d: %w", o.ID, err)
	}
	return nil
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
	for i := range rows {
		if err := rows[i].decode(); err != nil {
			return page, err
		}
	}
	return postgres.NewPage(paging, rows, func(o Loss) newestFirst { return newestFirst{o.ID} })
}
