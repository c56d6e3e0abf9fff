package inventory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// What a procurement refuses.
var (
	ErrProcurementUnknown = fault.New(fault.NotFound, "procurement-unknown")
	ErrDocumentTaken      = fault.New(fault.Conflict, "document-taken")     // document
	ErrBeyondContract     = fault.New(fault.Conflict, "more-than-contract") // contract, delivered, pieces
)

// NewProcurement is a contract with a printer.
type NewProcurement struct {
	Document string `json:"document" minLength:"1" maxLength:"100" doc:"number of the contract"`
	Supplier string `json:"supplier" minLength:"1" maxLength:"200"`
	Item     string `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Pieces   int64  `json:"pieces" minimum:"1" maximum:"100000000"`
	Fund     string `json:"fund" enum:"APBN,PNBP,HIBAH_APBD"`
	Earmark  string `json:"earmark,omitempty" maxLength:"13" doc:"code of the region whose grant pays; for HIBAH_APBD"`
	Blank    string `json:"blank_version,omitempty" maxLength:"10" doc:"version of the KTP-el blank, such as 4.8, where not every printer takes it"`
	SignedOn string `json:"signed_on" format:"date"`
	DueOn    string `json:"due_on,omitempty" format:"date"`
	Note     string `json:"note,omitempty" maxLength:"500"`
}

// Procurement is a contract and what was delivered under it.
type Procurement struct {
	ID         int64       `json:"id" db:"id"`
	RegionID   int         `json:"-" db:"region_id"`
	Document   string      `json:"document" db:"document"`
	Supplier   string      `json:"supplier" db:"supplier"`
	Item       string      `json:"item" db:"item"`
	Lot        int         `json:"lot" db:"lot_id"`
	Fund       string      `json:"fund" db:"fund"`
	Earmark    string      `json:"earmark" db:"earmark" doc:"code of the region for which a grant is earmarked"`
	Blank      string      `json:"blank_version" db:"blank_version" doc:"version of the blank; empty where every printer takes it"`
	Pieces     int64       `json:"pieces" db:"pieces"`
	Delivered  int64       `json:"delivered" db:"delivered"`
	SignedOn   string      `json:"signed_on" db:"signed_on"`
	DueOn      *string     `json:"due_on" db:"due_on"`
	Note       string      `json:"note" db:"note"`
	CreatedAt  time.Time   `json:"created_at" db:"created_at"`
	CreatedBy  string      `json:"created_by" db:"created_by"`
	Synthetic  bool        `json:"synthetic" db:"synthetic"`
	Version    int64       `json:"version" db:"version"`
	Deliveries []Delivered `json:"deliveries,omitempty" db:"-"`
}

// CurrentVersion is the ETag of the procurement.
func (p Procurement) CurrentVersion() int64 { return p.Version }

// NewDelivery is what the printer brought.
type NewDelivery struct {
	Document string `json:"document" minLength:"1" maxLength:"100" doc:"number of the printer's delivery note"`
	Batch    string `json:"batch,omitempty" maxLength:"100"`
	Date     string `json:"date" format:"date"`
	Pieces   int64  `json:"pieces" minimum:"1" maximum:"100000000"`
	// The chip manifest: every box with its number and chips. Without one the blanks are loose.
	Boxes []Chips `json:"boxes,omitempty" maxItems:"4000" doc:"the chip manifest: each box by its number with its first and last chip, or its chips one by one; together all the pieces"`
}

// Delivered is one delivery under a contract.
type Delivered struct {
	ID          int64     `json:"id" db:"id"`
	Procurement int64     `json:"procurement" db:"procurement_id"`
	Document    string    `json:"document" db:"document"`
	Batch       string    `json:"batch" db:"batch"`
	Date        string    `json:"date" db:"day"`
	Pieces      int64     `json:"pieces" db:"pieces"`
	Boxes       int64     `json:"boxes" db:"boxes" doc:"boxes of the chip manifest; GET /boxes?delivery= lists them"`
	Move        string    `json:"move" db:"move"`
	At          time.Time `json:"at" db:"at"`
	Actor       string    `json:"actor" db:"actor"`
	Reversed    bool      `json:"reversed" db:"reversed" doc:"its move was undone: it does not count"`
	Synthetic   bool      `json:"synthetic" db:"synthetic"`
}

const selectProcurements = `
	SELECT c.id, c.region_id, c.document, c.supplier, i.code AS item, c.lot_id, t.fund, coalesce(region_code(t.earmark_region_id), '') AS earmark, t.version AS blank_version, c.pieces, c.delivered,
	       c.signed_on::text, c.due_on::text, c.note, c.created_at, c.created_by, c.synthetic, c.version
	FROM procurements c
	JOIN items i ON i.id = c.item_id
	JOIN lots t ON t.id = c.lot_id`

// Contract writes a procurement down. Pieces of a grant (HIBAH_APBD) get a fund lot of their own, earmarked for the
// region that pays.
func (l *Ledger) Contract(ctx context.Context, who access.Actor, in NewProcurement) (Procurement, error) {
	if err := who.May(access.ManageProcurements); err != nil {
		return Procurement{}, err
	}
	item, err := itemID(in.Item)
	if err != nil {
		return Procurement{}, err
	}
	if err := in.check(); err != nil {
		return Procurement{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Procurement, error) {
		nation, err := l.placeNamed(ctx, tx, who, 0, access.Nation)
		if err != nil {
			return Procurement{}, err
		}
		lot, err := l.lot(ctx, tx, in)
		if err != nil {
			return Procurement{}, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO procurements (region_id, document, supplier, item_id, lot_id, pieces, signed_on, due_on, note, created_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7::date, nullif($8, '')::date, $9, $10)
			RETURNING id`, nation.RegionID, in.Document, in.Supplier, item, lot, in.Pieces, in.SignedOn, in.DueOn, in.Note, who.Name)
		if postgres.Violates(err, "procurements_document_unique") {
			return Procurement{}, ErrDocumentTaken.With("document", in.Document)
		}
		if err != nil {
			return Procurement{}, fmt.Errorf("insert procurement: %w", err)
		}
		p, err := procurementByID(ctx, tx, id)
		if err != nil {
			return p, err
		}
		return p, postgres.Audit(ctx, tx, who, p.RegionID, "contract", "procurement", id, nil, p)
	})
}

func (in NewProcurement) check() error {
	var wrong fault.Fields
	if in.Pieces < 1 || in.Pieces > mostPieces {
		wrong.Add("body.pieces", "out-of-range", in.Pieces, "least", 1, "most", mostPieces)
	}
	if (in.Fund == "HIBAH_APBD") != (in.Earmark != "") {
		wrong.Add("body.earmark", "goes-with-grant", in.Earmark, "fund", in.Fund)
	}
	if in.Blank != "" && !blankVersion.MatchString(in.Blank) {
		wrong.Add("body.blank_version", "not-a-version", in.Blank, "form", versionForm)
	}
	if in.Blank != "" && in.Item != "" && in.Item != "ktp-el" {
		wrong.Add("body.blank_version", "item-without-versions", in.Blank, "item", in.Item)
	}
	signed, err := time.Parse(time.DateOnly, in.SignedOn)
	if err != nil {
		wrong.Add("body.signed_on", "not-a-date", in.SignedOn, "form", "YYYY-MM-DD")
	}
	if in.DueOn != "" {
		if due, err := time.Parse(time.DateOnly, in.DueOn); err != nil {
			wrong.Add("body.due_on", "not-a-date", in.DueOn, "form", "YYYY-MM-DD")
		} else if due.Before(signed) {
			wrong.Add("body.due_on", "before-signed", in.DueOn, "signed_on", in.SignedOn)
		}
	}
	for at, text := range map[string]string{"body.document": in.Document, "body.supplier": in.Supplier} {
		if text == "" {
			wrong.Add(at, "required", nil)
		}
	}
	checkText(&wrong, "body.document", in.Document, 100)
	checkText(&wrong, "body.supplier", in.Supplier, 200)
	checkText(&wrong, "body.note", in.Note, 500)
	return wrong.Err()
}

// lot finds the fund lot of a contract, or opens the one of a grant.
func (l *Ledger) lot(ctx context.Context, tx *sqlx.Tx, in NewProcurement) (id int, err error) {
	switch {
	case in.Fund != "HIBAH_APBD" && in.Blank != "":
		return lotOfVersion(ctx, tx, in.Fund, in.Blank)
	case in.Fund == "APBN":
		return 1, nil
	case in.Fund == "PNBP":
		return 2, nil
	}
	r, err := region.ByCode(ctx, tx, in.Earmark, region.Today(region.WIB, l.now()))
	if err != nil {
		return 0, err
	}
	err = tx.GetContext(ctx, &id, `INSERT INTO lots (fund, earmark_region_id, name, version) VALUES ($1, $2, $3, $4) RETURNING id`, in.Fund, r.ID, in.Document, in.Blank)
	if postgres.Violates(err, "lots_name_unique") {
		return 0, ErrDocumentTaken.With("document", in.Document)
	}
	if err != nil {
		return 0, fmt.Errorf("open lot: %w", err)
	}
	return id, nil
}

// lotOfVersion finds the lot of a fund and a version, or opens it.
func lotOfVersion(ctx context.Context, tx *sqlx.Tx, fund, version string) (id int, err error) {
	if _, err := tx.ExecContext(ctx, `INSERT INTO lots (fund, name, version) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, fund, fund+" "+version, version); err != nil {
		return 0, fmt.Errorf("open lot: %w", err)
	}
	if err := tx.GetContext(ctx, &id, `SELECT id FROM lots WHERE fund = $1 AND version = $2 AND earmark_region_id IS NULL`, fund, version); err != nil {
		return 0, fmt.Errorf("find lot: %w", err)
	}
	return id, nil
}

// Deliver takes a delivery of the printer into the national store: supplier → usable, with its boxes where it comes with
// a chip manifest. Errors: more-than-contract; document-taken when the delivery note was taken in before;
// manifest-does-not-add-up, chip-twice, chip-in-another-box, box-number-taken.
func (l *Ledger) Deliver(ctx context.Context, who access.Actor, procurement int64, in NewDelivery) (Delivered, error) {
	if err := who.May(access.TakeDeliveries); err != nil {
		return Delivered{}, err
	}
	if in.Pieces < 1 || in.Pieces > mostPieces {
		return Delivered{}, fault.ErrInvalid.At("body.pieces", "out-of-range", in.Pieces, "least", 1, "most", mostPieces)
	}
	if err := wanted("body.document", in.Document); err != nil {
		return Delivered{}, err
	}
	boxes, err := in.manifest()
	if err != nil {
		return Delivered{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Delivered, error) {
		p, err := lockProcurement(ctx, tx, procurement)
		if err != nil {
			return Delivered{}, err
		}
		store, err := placeIn(ctx, tx, p.RegionID, NationalStore)
		if err != nil {
			return Delivered{}, err
		}
		supplier, err := placeIn(ctx, tx, p.RegionID, Supplier)
		if err != nil {
			return Delivered{}, err
		}
		day, err := l.checkDate(store.Zone, cmp.Or(in.Date, l.today(store.Zone)))
		if err != nil {
			return Delivered{}, err
		}
		if p.Delivered+in.Pieces > p.Pieces {
			return Delivered{}, ErrBeyondContract.With("contract", p.Pieces, "delivered", p.Delivered, "pieces", in.Pieces)
		}
		done, err := post(ctx, l.db, tx, within, posting{Kind: Delivery, Document: in.Document, Date: day.Format(time.DateOnly), Reason: p.Document,
			Lines: []postingLine{{Item: itemIDs[p.Item], Lot: p.Lot, From: supplier.ID, FromCondition: Usable, To: store.ID, ToCondition: Usable, Pieces: in.Pieces}}})
		if err != nil {
			return Delivered{}, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE procurements SET delivered = delivered + $3, version = version + 1 WHERE region_id = $1 AND id = $2`,
			p.RegionID, p.ID, in.Pieces); err != nil {
			return Delivered{}, fmt.Errorf("count delivery: %w", err)
		}
		d := Delivered{Procurement: p.ID, Document: in.Document, Batch: in.Batch, Date: day.Format(time.DateOnly), Pieces: in.Pieces,
			Move: moveID(done[0].RegionID, done[0].ID), At: done[0].At, Actor: who.Name}
		err = tx.GetContext(ctx, &d.ID, `
			INSERT INTO deliveries (region_id, procurement_id, place_id, document, batch, day, pieces, move_id, at, actor)
			VALUES ($1, $2, $3, $4, $5, $6::date, $7, $8, $9, $10)
			RETURNING id`, p.RegionID, p.ID, store.ID, in.Document, in.Batch, d.Date, in.Pieces, done[0].ID, d.At, who.Name)
		if postgres.Violates(err, "deliveries_document_once") {
			return d, ErrDocumentTaken.With("document", in.Document)
		}
		if err != nil {
			return d, fmt.Errorf("insert delivery: %w", err)
		}
		if d.Boxes, err = l.shelve(ctx, tx, who, p, d, store, boxes); err != nil {
			return d, err
		}
		return d, postgres.Audit(ctx, tx, who, p.RegionID, "deliver", "procurement", p.ID, nil, d)
	})
}

// undeliver counts a delivery whose move is undone as not delivered. One that came with boxes stays: its chips are known.
func undeliver(ctx context.Context, tx *sqlx.Tx, m Move, delivery int64) error {
	var boxes int64
	if err := tx.GetContext(ctx, &boxes, `SELECT count(*) FROM boxes WHERE delivery_id = $1`, delivery); err != nil {
		return fmt.Errorf("count boxes of delivery %d: %w", delivery, err)
	}
	if boxes > 0 {
		return ErrNotReversible.With("move", m.ID, "kind", string(m.Kind), "noun", "delivery", "id", delivery, "boxes", boxes, "advice", "the delivery came with boxes; report what is missing as a loss")
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE procurements c
		SET delivered = c.delivered - d.pieces, version = c.version + 1
		FROM deliveries d
		WHERE d.id = $1 AND c.region_id = d.region_id AND c.id = d.procurement_id`, delivery)
	if err != nil {
		return fmt.Errorf("take delivery %d off its contract: %w", delivery, err)
	}
	return nil
}

func lockProcurement(ctx context.Context, tx *sqlx.Tx, id int64) (p Procurement, err error) {
	err = tx.GetContext(ctx, &p, selectProcurements+` WHERE c.id = $1 FOR UPDATE OF c`, id)
	return p, postgres.NotFound(err, ErrProcurementUnknown.With("procurement", id))
}

func procurementByID(ctx context.Context, tx *sqlx.Tx, id int64) (p Procurement, err error) {
	err = tx.GetContext(ctx, &p, selectProcurements+` WHERE c.id = $1`, id)
	return p, postgres.NotFound(err, ErrProcurementUnknown.With("procurement", id))
}

// Procurement returns one contract with its deliveries.
func (l *Ledger) Procurement(ctx context.Context, who access.Actor, id int64) (p Procurement, err error) {
	if err := who.May(access.ReadProcurements); err != nil {
		return p, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if p, err = procurementByID(ctx, tx, id); err != nil {
			return err
		}
		p.Deliveries = []Delivered{}
		return tx.SelectContext(ctx, &p.Deliveries, `
			SELECT id, procurement_id, document, batch, day::text, pieces, concat_ws('-', region_id, move_id) AS move, at, actor, synthetic,
			       EXISTS (SELECT FROM moves m WHERE m.region_id = deliveries.region_id AND m.reverses = deliveries.move_id) AS reversed,
			       (SELECT count(*) FROM boxes b WHERE b.delivery_id = deliveries.id AND b.parent_id IS NULL) AS boxes
			FROM deliveries
			WHERE region_id = $1 AND procurement_id = $2
			ORDER BY id`, p.RegionID, p.ID)
	})
	return p, err
}

// Procurements lists contracts, newest first.
func (l *Ledger) Procurements(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[Procurement], err error) {
	if err := who.May(access.ReadProcurements); err != nil {
		return page, err
	}
	type newestFirst struct {
		Procurement int64 `json:"procurement"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Procurement
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectProcurements+` WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2`, before.Procurement, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list procurements: %w", err)
	}
	return postgres.NewPage(paging, rows, func(p Procurement) newestFirst { return newestFirst{p.ID} })
}
