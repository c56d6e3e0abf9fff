package inventory

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory/chip"
)

// Box is a box of blanks, or some chips cut out of one, with where it is. While it is sealed its chips are all in it, and
// it stands for so many pieces of the ledger's account. Of an opened one only where it was opened is known: what
// becomes of each blank is not written down, unless it is spoiled, lost or destroyed by name.
type Box struct {
	ID             int64         `json:"-" db:"id"`
	Number         string        `json:"number" db:"number"`
	Item           string        `json:"item" db:"item"`
	Lot            int           `json:"lot" db:"lot_id"`
	Pieces         int64         `json:"pieces" db:"pieces"`
	Kind           string        `json:"kind" db:"-" enum:"run,list" doc:"run: every chip from first to last; list: the chips named"`
	First          string        `json:"first" db:"-" doc:"UID of its first chip, hexadecimal"`
	Last           string        `json:"last" db:"-" doc:"UID of its last chip"`
	Chips          []string      `json:"chips,omitempty" db:"-" doc:"UIDs of a list, where one box is asked for"`
	Digest         string        `json:"digest" db:"-" doc:"Merkle root of its chips (RFC 6962), hexadecimal"`
	Place          int           `json:"place" db:"place_id"`
	PlaceName      string        `json:"place_name" db:"place_name"`
	Region         string        `json:"region" db:"region" doc:"official code of whose it is to answer for"`
	Condition      Condition     `json:"condition" db:"condition"`
	Sealed         bool          `json:"sealed" db:"sealed"`
	Since          time.Time     `json:"since" db:"since" doc:"when it came to its place"`
	Shipment       *int64        `json:"shipment" db:"shipment_id" doc:"the shipment it is packed in"`
	Loss           *int64        `json:"loss" db:"loss_id" doc:"the loss that it is frozen by, or was written off with"`
	Delivery       int64         `json:"delivery" db:"delivery_id"`
	Parent         string        `json:"parent,omitempty" db:"parent" doc:"the box that it was cut out of"`
	Synthetic      bool          `json:"synthetic" db:"synthetic"`
	Version        int64         `json:"version" db:"version"`
	Steps          []CustodyStep `json:"history,omitempty" db:"-"`
	RegionID       int           `json:"-" db:"region_id"`
	SenderRegionID *int          `json:"-" db:"sender_region_id"`
	ParentID       *int64        `json:"-" db:"parent_id"`
	ParentStep     *int          `json:"-" db:"parent_step"`
	Parts          int           `json:"-" db:"parts"`
	Step           int           `json:"-" db:"step"`
	FirstUID       chip.UID      `json:"-" db:"first_uid"`
	LastUID        chip.UID      `json:"-" db:"last_uid"`
	UIDs           pq.Int64Array `json:"-" db:"uids"`
	Root           []byte        `json:"-" db:"digest"`
}

// CurrentVersion is the ETag of the box.
func (b Box) CurrentVersion() int64 { return b.Version }

// Chips names blanks: a box as a whole, or some chips of it from first to last or one by one. Without a box the chips
// say which it is.
type Chips struct {
	Box   string   `json:"box,omitempty" maxLength:"60" doc:"number of the box; all of it unless chips are named"`
	First string   `json:"first,omitempty" maxLength:"20" doc:"UID of the first chip, 8 or 14 hexadecimal digits" example:"04A1B2C3D40001"`
	Last  string   `json:"last,omitempty" maxLength:"20" doc:"UID of the last chip, where they follow one another" example:"04A1B2C3D401F4"`
	UIDs  []string `json:"uids,omitempty" maxItems:"10000" doc:"UIDs of the chips, where they do not"`
}

// What boxes and chips refuse.
var (
	ErrBoxUnknown     = fault.New(fault.NotFound, "box-unknown")             // box
	ErrChipUnknown    = fault.New(fault.NotFound, "chip-unknown")            // chip
	ErrChipElsewhere  = fault.New(fault.Conflict, "chip-in-another-box")     // chip, box
	ErrChipTwice      = fault.New(fault.Invalid, "chip-twice")               // chip
	ErrBoxTaken       = fault.New(fault.Conflict, "box-number-taken")        // box
	ErrBoxElsewhere   = fault.New(fault.Conflict, "box-elsewhere")           // box, place, condition
	ErrBoxOpened      = fault.New(fault.Conflict, "box-opened")              // box
	ErrBoxFrozen      = fault.New(fault.Conflict, "box-frozen")              // box, loss
	ErrManifestDiffer = fault.New(fault.Invalid, "manifest-does-not-add-up") // pieces, chips
)

const selectBoxes = `
	SELECT b.id, b.number, i.code AS item, b.lot_id, b.pieces, b.place_id, place_label(b.place_id) AS place_name, region_code(b.region_id) AS region, b.condition,
	       b.sealed, b.since, b.shipment_id, b.loss_id, b.delivery_id, coalesce(p.number, '') AS parent, b.synthetic, b.version, b.region_id, b.sender_region_id,
	       b.parent_id, b.parent_step, b.parts, b.step, b.first_uid, b.last_uid, b.uids, b.digest
	FROM boxes b
	JOIN items i ON i.id = b.item_id
	LEFT JOIN boxes p ON p.id = b.parent_id`

// set is the chips of the box.
func (b Box) set() chip.Set {
	s := chip.Set{First: b.FirstUID, Last: b.LastUID}
	for _, u := range b.UIDs {
		s.List = append(s.List, chip.UID(u))
	}
	return s
}

// hold makes the set the chips of the box.
func (b *Box) hold(s chip.Set) {
	b.FirstUID, b.LastUID, b.UIDs, b.Pieces = s.First, s.Last, nil, s.Len()
	for _, u := range s.List {
		b.UIDs = append(b.UIDs, int64(u))
	}
	root := s.Root()
	b.Root = root[:]
	b.derive()
}

// derive words what clients read.
func (b *Box) derive() {
	b.Kind, b.First, b.Last, b.Digest = "run", b.FirstUID.String(), b.LastUID.String(), hex.EncodeToString(b.Root)
	if b.UIDs != nil {
		b.Kind = "list"
	}
}

func boxByNumber(ctx context.Context, tx *sqlx.Tx, number string) (b Box, err error) {
	err = tx.GetContext(ctx, &b, selectBoxes+` WHERE b.number = $1`, number)
	b.derive()
	return b, postgres.NotFound(err, ErrBoxUnknown.With("box", number))
}

// Box returns one box in reach with its chips and its steps as far as those lie in reach.
func (l *Ledger) Box(ctx context.Context, who access.Actor, number string) (b Box, err error) {
	if err := who.May(access.ReadBoxes); err != nil {
		return b, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if b, err = boxByNumber(ctx, tx, number); err != nil {
			return err
		}
		if b.UIDs != nil {
			for u := range b.set().All() {
				b.Chips = append(b.Chips, u.String())
			}
		}
		b.Steps, err = stepsOf(ctx, tx, b)
		return err
	})
	return b, err
}

// BoxFilter narrows a list of boxes; the zero filter takes all in reach.
type BoxFilter struct {
	Place     int
	Region    string // code; with everything below it
	Condition Condition
	Sealed    bool // only sealed ones
	Shipment  int64
	Delivery  int64
	Loss      int64
	postgres.Paging
}

// Boxes lists boxes in reach in the order in which they came, without the chips of lists.
func (l *Ledger) Boxes(ctx context.Context, who access.Actor, f BoxFilter) (page postgres.Page[Box], err error) {
	if err := who.May(access.ReadBoxes); err != nil {
		return page, err
	}
	type oldestFirst struct {
		Box int64 `json:"box"`
	}
	var after oldestFirst
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []Box
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectBoxes+`
			WHERE b.id > $1
			  AND ($2 = 0 OR b.place_id = $2)
			  AND ($3 IN ('', '00') OR region_code(b.region_id) = $3 OR region_code(b.region_id) LIKE $3 || '.%')
			  AND ($4 = '' OR b.condition::text = $4)
			  AND (NOT $5 OR b.sealed)
			  AND ($6::bigint = 0 OR b.shipment_id = $6)
			  AND ($7::bigint = 0 OR b.delivery_id = $7)
			  AND ($8::bigint = 0 OR b.loss_id = $8)
			ORDER BY b.id
			LIMIT $9`, after.Box, f.Place, f.Region, string(f.Condition), f.Sealed, f.Shipment, f.Delivery, f.Loss, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list boxes: %w", err)
	}
	for i := range rows {
		rows[i].derive()
	}
	return postgres.NewPage(f.Paging, rows, func(b Box) oldestFirst { return oldestFirst{b.ID} })
}

// sets reads what a manifest or a naming says, field by field.
func (c Chips) set(at string, wrong *fault.Fields) (s chip.Set, named bool) {
	switch {
	case c.First == "" && c.Last == "" && len(c.UIDs) == 0:
		return s, false
	case len(c.UIDs) > 0 && c.First+c.Last != "":
		wrong.Add(at+".uids", "not-with-first-and-last", len(c.UIDs))
		return s, true
	case len(c.UIDs) == 0 && (c.First == "" || c.Last == ""):
		wrong.Add(at+".first", "first-and-last-go-together", c.First, "last", c.Last)
		return s, true
	}
	names, read := c.UIDs, make([]chip.UID, 0, 2)
	if len(names) == 0 {
		names = []string{c.First, c.Last}
	}
	for i, text := range names {
		u, err := chip.Parse(text)
		if err != nil {
			where := at + ".uids[" + strconv.Itoa(i) + "]"
			if len(c.UIDs) == 0 {
				where = at + [...]string{".first", ".last"}[i]
			}
			wrong.Add(where, "not-a-uid", text, "form", "8 or 14 hexadecimal digits")
			return s, true
		}
		read = append(read, u)
	}
	var err error
	if len(c.UIDs) > 0 {
		s, err = chip.Of(read...)
	} else {
		s, err = chip.Run(read[0], read[1])
	}
	if err == nil && s.Len() > mostChips {
		wrong.Add(at, "too-many-chips", s.Len(), "most", mostChips)
	}
	if err != nil {
		wrong.Add(at, chipFault(err), c.First+c.Last, "detail", err.Error())
	}
	return s, true
}

// mostChips is how many chips a box may hold.
const mostChips = 10_000

func chipFault(err error) string {
	switch err.(type) {
	case *chip.TwiceError:
		return "chip-twice"
	default:
		return "not-a-run"
	}
}
