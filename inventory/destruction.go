package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Destruction is spoiled blanks and surrendered old cards burnt before witnesses, with a berita acara however few they
// are. Usable blanks are never destroyed.
type Destruction struct {
	ID            int64      `json:"id" db:"id"`
	Region        string     `json:"region" db:"region"`
	Place         int        `json:"place" db:"place_id"`
	Item          string     `json:"item" db:"item"`
	Document      string     `json:"document" db:"document" doc:"number of the berita acara"`
	Date          string     `json:"date" db:"day" format:"date"`
	Spoiled       int64      `json:"spoiled" db:"spoiled"`
	Surrendered   int64      `json:"surrendered" db:"surrendered"`
	Witnesses     []Witness  `json:"witnesses" db:"-"`
	Note          string     `json:"note" db:"note"`
	State         string     `json:"state" db:"state" enum:"draft,witnessed,done,cancelled"`
	PreparedAt    time.Time  `json:"prepared_at" db:"prepared_at"`
	PreparedBy    string     `json:"prepared_by" db:"prepared_by"`
	DoneAt        *time.Time `json:"done_at" db:"done_at"`
	DoneBy        string     `json:"done_by" db:"done_by"`
	Move          string     `json:"move,omitempty" db:"move"`
	Synthetic     bool       `json:"synthetic" db:"synthetic"`
	Version       int64      `json:"version" db:"version"`
	RegionID      int        `json:"-" db:"region_id"`
	PreparerID    int64      `json:"-" db:"preparer_id"`
	WitnessesText string     `json:"-" db:"witnesses"`
	Chips         []Chips    `json:"chips" db:"-" doc:"spoiled chips that are named"`
	ChipsText     string     `json:"-" db:"chips"`
}

// CurrentVersion is the ETag of the destruction.
func (d Destruction) CurrentVersion() int64 { return d.Version }

// Witness is an official who saw a destruction.
type Witness struct {
	Name   string `json:"name" minLength:"1" maxLength:"200"`
	Office string `json:"office" minLength:"1" maxLength:"200" example:"Satpol PP"`
}

// NewDestruction prepares a destruction.
type NewDestruction struct {
	Region      string  `json:"region,omitempty" maxLength:"13" doc:"code of the place's region; your own when empty"`
	Place       int     `json:"place,omitempty" minimum:"1"`
	Item        string  `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia"`
	Document    string  `json:"document" minLength:"1" maxLength:"100" doc:"number of the berita acara"`
	Date        string  `json:"date" format:"date"`
	Spoiled     int64   `json:"spoiled,omitempty" minimum:"0" maximum:"100000000"`
	Surrendered int64   `json:"surrendered,omitempty" minimum:"0" maximum:"100000000"`
	Note        string  `json:"note,omitempty" maxLength:"500"`
	Chips       []Chips `json:"chips,omitempty" maxItems:"1000" doc:"spoiled chips that are destroyed, as far as they are named"`
}

// What a destruction refuses.
var (
	ErrDestructionUnknown = fault.New(fault.NotFound, "destruction-unknown")
	ErrDestructionState   = fault.New(fault.Conflict, "destruction-not-in-state") // destruction, state, wanted
)

const selectDestructions = `
	SELECT d.id, d.region_id, r.code AS region, d.place_id, i.code AS item, d.document, d.day::text, d.spoiled, d.surrendered, d.witnesses::text AS witnesses, d.chips::text, d.note, d.state,
	       d.preparer_id, d.prepared_at, d.prepared_by, d.done_at, d.done_by, d.move, d.synthetic, d.version
	FROM destructions d
	JOIN items i ON i.id = d.item_id
	JOIN regions_today r ON r.id = d.region_id`

// PrepareDestruction writes down what is to be destroyed. Nothing moves yet.
func (l *Ledger) PrepareDestruction(ctx context.Context, who access.Actor, in NewDestruction) (Destruction, error) {
	if err := who.May(access.PrepareDestructions); err != nil {
		return Destruction{}, err
	}
	item, err := itemID(in.Item)
	if err != nil {
		return Destruction{}, err
	}
	if in.Spoiled < 0 || in.Surrendered < 0 || in.Spoiled+in.Surrendered < 1 || in.Spoiled > mostPieces || in.Surrendered > mostPieces {
		return Destruction{}, fault.ErrInvalid.At("body.spoiled", "out-of-range", in.Spoiled, "surrendered", in.Surrendered, "least", 1, "most", mostPieces)
	}
	if err := wanted("body.document", in.Document); err != nil {
		return Destruction{}, err
	}
	if _, err := readNames(in.Chips, "body.chips"); err != nil {
		return Destruction{}, err
	}
	chips, err := jsonText(append([]Chips{}, in.Chips...))
	if err != nil {
		return Destruction{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Destruction, error) {
		place, err := l.placeNamed(ctx, tx, who, in.Place, in.Region)
		if err != nil {
			return Destruction{}, err
		}
		if err := keeps(ctx, tx, who, place.ID); err != nil {
			return Destruction{}, err
		}
		if _, err := l.checkDate(place.Zone, in.Date); err != nil {
			return Destruction{}, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO destructions (region_id, place_id, item_id, document, day, spoiled, surrendered, note, chips, state, preparer_id, prepared_at, prepared_by)
			VALUES ($1, $2, $3, $4, $5::date, $6, $7, $8, $9::jsonb, 'draft', $10, $11, $12)
			RETURNING id`, place.RegionID, place.ID, item, in.Document, in.Date, in.Spoiled, in.Surrendered, in.Note, chips, who.ID, l.now(), who.Name)
		if err != nil {
			return Destruction{}, fmt.Errorf("insert destruction: %w", err)
		}
		d, err := destructionByID(ctx, tx, id)
		if err != nil {
			return d, err
		}
		return d, postgres.Audit(ctx, tx, who, d.RegionID, "prepare", "destruction", id, nil, d)
	})
}

// WitnessDestruction names the officials who saw it; two at least.
func (l *Ledger) WitnessDestruction(ctx context.Context, who access.Actor, id, version int64, witnesses []Witness) (Destruction, error) {
	if len(witnesses) < 2 {
		return Destruction{}, fault.ErrInvalid.At("body.witnesses", "too-few", len(witnesses), "least", 2)
	}
	text, err := jsonText(witnesses)
	if err != nil {
		return Destruction{}, err
	}
	return l.destroy(ctx, who, access.PrepareDestructions, id, version, []string{"draft"}, func(tx *sqlx.Tx, d Destruction) (Destruction, error) {
		if err := keeps(ctx, tx, who, d.Place); err != nil {
			return d, err
		}
		return l.burn(ctx, tx, who, "witness", d, `state = 'witnessed', witnesses = $3::jsonb`, text)
	})
}

// CompleteDestruction moves what was destroyed: spoiled and surrendered → destroyed. Whoever prepared it does not
// complete it.
func (l *Ledger) CompleteDestruction(ctx context.Context, who access.Actor, id, version int64) (Destruction, error) {
	return l.destroy(ctx, who, access.CompleteDestructions, id, version, []string{"witnessed"}, func(tx *sqlx.Tx, d Destruction) (Destruction, error) {
		if d.PreparerID == who.ID {
			return d, ErrOwnWork.With("prepared_by", d.PreparedBy)
		}
		sink, err := around(ctx, tx, d.Place, Destroyed)
		if err != nil {
			return d, err
		}
		p := posting{Kind: Destruct, Document: d.Document, Date: d.Date, Reason: d.Note}
		chips, err := lotsOfBoxes(ctx, tx, d.Chips, "body.chips")
		if err != nil {
			return d, err
		}
		loose, err := looseSpoiled(ctx, tx, d.Place, itemIDs[d.Item])
		if err != nil {
			return d, err
		}
		named := map[Condition][]lotPieces{Spoiled: append(chips, loose...)}
		for condition, pieces := range map[Condition]int64{Spoiled: d.Spoiled, Surrendered: d.Surrendered} {
			lots, err := lotsIn(ctx, tx, d.Place, itemIDs[d.Item], condition, pieces, named[condition]...)
			if err != nil {
				return d, err
			}
			for _, lot := range lots {
				p.Lines = append(p.Lines, postingLine{Item: itemIDs[d.Item], Lot: lot.Lot, From: d.Place, FromCondition: condition, To: sink, ToCondition: condition, Pieces: lot.Pieces})
			}
		}
		done, err := post(ctx, l.db, tx, agreed, p)
		if err != nil {
			return d, err
		}
		if err := l.destroyBoxes(ctx, tx, who, d, sink, p.into(Spoiled)); err != nil {
			return d, err
		}
		return l.burn(ctx, tx, who, "complete", d, `state = 'done', done_at = $3, done_by = $4, move = $5`, l.now(), who.Name, moveID(done[0].RegionID, done[0].ID))
	})
}

// CancelDestruction ends a destruction that was not completed.
func (l *Ledger) CancelDestruction(ctx context.Context, who access.Actor, id, version int64, reason string) (Destruction, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Destruction{}, err
	}
	return l.destroy(ctx, who, access.PrepareDestructions, id, version, []string{"draft", "witnessed"}, func(tx *sqlx.Tx, d Destruction) (Destruction, error) {
		return l.burn(ctx, tx, who, "cancel", d, `state = 'cancelled', note = $3`, reason)
	})
}

func (l *Ledger) destroy(ctx context.Context, who access.Actor, action access.Action, id, version int64, from []string,
	do func(*sqlx.Tx, Destruction) (Destruction, error)) (Destruction, error) {
	if err := who.May(action); err != nil {
		return Destruction{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Destruction, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM destructions WHERE id = $1 FOR UPDATE`, id); err != nil {
			return Destruction{}, fmt.Errorf("lock destruction %d: %w", id, err)
		}
		d, err := destructionByID(ctx, tx, id)
		if err != nil {
			return d, err
		}
		if err := postgres.CheckVersion(version, d.Version); err != nil {
			return d, err
		}
		if !slices.Contains(from, d.State) {
			return d, ErrDestructionState.With("destruction", id, "state", d.State, "wanted", from)
		}
		return do(tx, d)
	})
}

func (l *Ledger) burn(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Destruction, set string, args ...any) (Destruction, error) {
	_, err := tx.ExecContext(ctx, `UPDATE destructions SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`, append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s destruction %d: %w", action, was.ID, err)
	}
	is, err := destructionByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, is.RegionID, action, "destruction", is.ID, was, is)
}

func destructionByID(ctx context.Context, tx *sqlx.Tx, id int64) (d Destruction, err error) {
	if err := tx.GetContext(ctx, &d, selectDestructions+` WHERE d.id = $1`, id); err != nil {
		return d, postgres.NotFound(err, ErrDestructionUnknown.With("destruction", id))
	}
	return d, d.decode()
}

func (d *Destruction) decode() error {
	if err := json.Unmarshal([]byte(d.WitnessesText), &d.Witnesses); err != nil {
		return fmt.Errorf("decode witnesses of destruction %d: %w", d.ID, err)
	}
	if err := json.Unmarshal([]byte(d.ChipsText), &d.Chips); err != nil {
		return fmt.Errorf("decode chips of destruction %d: %w", d.ID, err)
	}
	return nil
}

// Destruction returns one destruction in reach.
func (l *Ledger) Destruction(ctx context.Context, who access.Actor, id int64) (d Destruction, err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return d, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		d, err = destructionByID(ctx, tx, id)
		return err
	})
	return d, err
}

// Destructions lists destructions in reach, newest first.
func (l *Ledger) Destructions(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[Destruction], err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return page, err
	}
	type newestFirst struct {
		Destruction int64 `json:"destruction"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Destruction
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectDestructions+` WHERE d.id < $1 ORDER BY d.id DESC LIMIT $2`, before.Destruction, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list destructions: %w", err)
	}
	for i := range rows {
		if err := rows[i].decode(); err != nil {
			return page, err
		}
	}
	return postgres.NewPage(paging, rows, func(d Destruction) newestFirst { return newestFirst{d.ID} })
}
