package inventory

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// CustodyStep is one step of a box: who took it, by which document, and how the box was after it.
type CustodyStep struct {
	Box       string    `json:"box" db:"number"`
	Step      int       `json:"step" db:"step"`
	Kind      string    `json:"kind" db:"kind" enum:"delivered,split,packed,unpacked,dispatched,returned,received,rolled-back,opened,spoiled,frozen,unfrozen,lost,destroyed,transferred,set-aside,lifted"`
	From      int       `json:"from" db:"from_place_id" doc:"place"`
	FromName  string    `json:"from_name" db:"from_name"`
	To        int       `json:"to" db:"to_place_id" doc:"place where the box is after the step"`
	ToName    string    `json:"to_name" db:"to_name"`
	Condition Condition `json:"condition" db:"condition"`
	Sealed    bool      `json:"sealed" db:"sealed"`
	Pieces    int64     `json:"pieces" db:"pieces"`
	Digest    string    `json:"digest" db:"digest" doc:"Merkle root of its chips then"`
	Noun      string    `json:"noun" db:"noun" enum:"procurement,shipment,receipt,discrepancy,loss,destruction,use,box,move"`
	NounID    int64     `json:"noun_id" db:"noun_id" doc:"its number under /api/v1; 0 for a box that was opened"`
	Document  string    `json:"document" db:"document"`
	Date      string    `json:"date" db:"day" format:"date"`
	Actor     string    `json:"actor" db:"actor" doc:"who signed"`
	At        time.Time `json:"at" db:"at"`
	Link      string    `json:"link" db:"link" doc:"place and number of the link in its chain"`
	Hash      string    `json:"hash" db:"hash"`
}

// paper is the document by which a step is taken, under the place that takes it.
type paper struct {
	place    Place
	noun     string
	id       int64
	document string
	date     string
}

// handing is one box as it is to be after a step.
type handing struct {
	box  *Box
	kind string
	from int    // where it was
	by   *paper // the document of this box, where each has its own
}

// SealWith sets the key of the chain of custody. Whoever can write to the database but has not the key cannot make a
// link that verifies. Without one the chain is only as good as the database's own guard.
func (l *Ledger) SealWith(key []byte) { l.custodyKey = key }

// keyName tells keys apart without telling them.
func keyName(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:4])
}

// custodyLink is what a link covers.
type custodyLink struct {
	RegionID      int       `json:"region_id" db:"region_id"`
	PlaceID       int       `json:"place_id" db:"place_id"`
	Seq           int64     `json:"seq" db:"seq"`
	OtherRegionID *int      `json:"other_region_id" db:"other_region_id"`
	BoxID         int64     `json:"box_id" db:"box_id"`
	Step          int       `json:"step" db:"step"`
	Kind          string    `json:"kind" db:"kind"`
	FromPlaceID   int       `json:"from_place_id" db:"from_place_id"`
	ToPlaceID     int       `json:"to_place_id" db:"to_place_id"`
	Condition     Condition `json:"condition" db:"condition"`
	Sealed        bool      `json:"sealed" db:"sealed"`
	Pieces        int64     `json:"pieces" db:"pieces"`
	Digest        string    `json:"digest" db:"digest"`
	Noun          string    `json:"noun" db:"noun"`
	NounID        int64     `json:"noun_id" db:"noun_id"`
	Document      string    `json:"document" db:"document"`
	Date          string    `json:"day" db:"day"`
	ActorID       int64     `json:"actor_id" db:"actor_id"`
	Actor         string    `json:"actor" db:"actor"`
	At            time.Time `json:"at" db:"at"`
	Key           string    `json:"key" db:"key"`
	Hash          string    `json:"hash" db:"hash"`
}

// seal is the hash of a link: HMAC-SHA256 (RFC 2104) over the link before it and all that this one says.
func (c custodyLink) seal(key []byte, before string) string {
	other, sealed := 0, 0
	if c.OtherRegionID != nil {
		other = *c.OtherRegionID
	}
	if c.Sealed {
		sealed = 1
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(join("\x1f", before, c.RegionID, c.PlaceID, c.Seq, other, c.BoxID, c.Step, c.Kind, c.FromPlaceID, c.ToPlaceID, string(c.Condition), sealed,
		c.Pieces, c.Digest, c.Noun, c.NounID, c.Document, c.Date, c.ActorID, c.Actor, c.At.UnixMicro(), c.Key)))
	return hex.EncodeToString(mac.Sum(nil))
}

// hand writes the boxes as they are after a step, and a link of the place's chain for each, in a few statements however
// many boxes there are.
func (l *Ledger) hand(ctx context.Context, tx *sqlx.Tx, who access.Actor, p paper, steps []handing) error {
	if len(steps) == 0 {
		return nil
	}
	head, err := lockCustody(ctx, tx, p.place)
	if err != nil {
		return err
	}
	at := l.now().UTC().Truncate(time.Microsecond)
	links, boxes := make([]custodyLink, len(steps)), make([]boxState, len(steps))
	for i, s := range steps {
		b := s.box
		b.Step++
		b.Version++
		if s.from != b.Place || b.Since.IsZero() { // a part cut out has been where its box was
			b.Since = at
		}
		head.Seq++
		by := p
		if s.by != nil {
			by = *s.by
		}
		c := custodyLink{RegionID: p.place.RegionID, PlaceID: p.place.ID, Seq: head.Seq, OtherRegionID: b.otherThan(p.place.RegionID), BoxID: b.ID, Step: b.Step,
			Kind: s.kind, FromPlaceID: s.from, ToPlaceID: b.Place, Condition: b.Condition, Sealed: b.Sealed, Pieces: b.Pieces, Digest: hex.EncodeToString(b.Root),
			Noun: by.noun, NounID: by.id, Document: by.document, Date: by.date, ActorID: who.ID, Actor: who.Name, At: at, Key: keyName(l.custodyKey)}
		c.Hash = c.seal(l.custodyKey, head.Hash)
		head.Hash = c.Hash
		links[i], boxes[i] = c, b.state()
	}
	text, err := jsonText(links)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO custody (region_id, place_id, seq, other_region_id, box_id, step, kind, from_place_id, to_place_id, condition, sealed, pieces, digest,
		                     noun, noun_id, document, day, actor_id, actor, at, key, hash)
		SELECT region_id, place_id, seq, other_region_id, box_id, step, kind, from_place_id, to_place_id, condition, sealed, pieces, decode(digest, 'hex'),
		       noun, noun_id, document, day, actor_id, actor, at, key, decode(hash, 'hex')
		FROM jsonb_to_recordset($1::jsonb) AS c (region_id int, place_id int, seq bigint, other_region_id int, box_id bigint, step int, kind text,
		     from_place_id int, to_place_id int, condition condition, sealed boolean, pieces bigint, digest text, noun text, noun_id bigint, document text,
		     day date, actor_id bigint, actor text, at timestamptz, key text, hash text)`, text)
	if err != nil {
		return fmt.Errorf("insert links of custody: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE custody_heads SET seq = $3, hash = decode($4, 'hex') WHERE region_id = $1 AND place_id = $2`,
		p.place.RegionID, p.place.ID, head.Seq, head.Hash)
	if err != nil {
		return fmt.Errorf("write head of custody: %w", err)
	}
	return writeBoxes(ctx, tx, boxes)
}

// otherThan is the region of the box's other end, where that is not the given one.
func (b *Box) otherThan(regionID int) *int {
	if b.SenderRegionID != nil && *b.SenderRegionID != regionID {
		return b.SenderRegionID
	}
	if b.RegionID != regionID {
		return &b.RegionID
	}
	return nil
}

// boxState is what a step changes of a box.
type boxState struct {
	ID        int64     `json:"id"`
	Region    int       `json:"region_id"`
	Sender    *int      `json:"sender_region_id"`
	Place     int       `json:"place_id"`
	Condition Condition `json:"condition"`
	Sealed    bool      `json:"sealed"`
	Shipment  *int64    `json:"shipment_id"`
	Loss      *int64    `json:"loss_id"`
	Step      int       `json:"step"`
	Parts     int       `json:"parts"`
	Since     time.Time `json:"since"`
	Version   int64     `json:"version"`
}

func (b *Box) state() boxState {
	return boxState{b.ID, b.RegionID, b.SenderRegionID, b.Place, b.Condition, b.Sealed, b.Shipment, b.Loss, b.Step, b.Parts, b.Since, b.Version}
}

func writeBoxes(ctx context.Context, tx *sqlx.Tx, boxes []boxState) error {
	text, err := jsonText(boxes)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE boxes b
		SET region_id = n.region_id, sender_region_id = n.sender_region_id, place_id = n.place_id, condition = n.condition, sealed = n.sealed,
		    shipment_id = n.shipment_id, loss_id = n.loss_id, step = n.step, parts = n.parts, since = n.since, version = n.version
		FROM jsonb_to_recordset($1::jsonb) AS n (id bigint, region_id int, sender_region_id int, place_id int, condition condition, sealed boolean,
		     shipment_id bigint, loss_id bigint, step int, parts int, since timestamptz, version bigint)
		WHERE b.id = n.id`, text)
	if err != nil {
		return fmt.Errorf("write boxes: %w", err)
	}
	return nil
}

// custodyHead is the newest link of a place's chain of custody.
type custodyHead struct {
	Seq  int64  `db:"seq"`
	Hash string `db:"hash"`
}

// lockCustody takes turns with all who take a step under the same place.
func lockCustody(ctx context.Context, tx *sqlx.Tx, place Place) (head custodyHead, err error) {
	_, err = tx.ExecContext(ctx, `INSERT INTO custody_heads (region_id, place_id, seq, hash) VALUES ($1, $2, 0, '') ON CONFLICT DO NOTHING`, place.RegionID, place.ID)
	if err != nil {
		return head, fmt.Errorf("begin chain of custody: %w", err)
	}
	err = tx.GetContext(ctx, &head, `SELECT seq, encode(hash, 'hex') AS hash FROM custody_heads WHERE region_id = $1 AND place_id = $2 FOR UPDATE`, place.RegionID, place.ID)
	if err != nil {
		return head, fmt.Errorf("lock chain of custody of place %d: %w", place.ID, err)
	}
	return head, nil
}

// insertBoxes writes new boxes, before their first step, and gives them their ids.
func insertBoxes(ctx context.Context, tx *sqlx.Tx, boxes []*Box) error {
	if len(boxes) == 0 {
		return nil
	}
	type row struct {
		Number     string    `json:"number"`
		Region     int       `json:"region_id"`
		Sender     *int      `json:"sender_region_id"`
		Item       int       `json:"item_id"`
		Lot        int       `json:"lot_id"`
		Delivery   int64     `json:"delivery_id"`
		Parent     *int64    `json:"parent_id"`
		ParentStep *int      `json:"parent_step"`
		Place      int       `json:"place_id"`
		Condition  Condition `json:"condition"`
		Sealed     bool      `json:"sealed"`
		Pieces     int64     `json:"pieces"`
		First      int64     `json:"first_uid"`
		Last       int64     `json:"last_uid"`
		UIDs       []int64   `json:"uids"`
		Digest     string    `json:"digest"`
		Shipment   *int64    `json:"shipment_id"`
		Loss       *int64    `json:"loss_id"`
		Since      time.Time `json:"since"`
	}
	rows := make([]row, len(boxes))
	byNumber := make(map[string]*Box, len(boxes))
	for i, b := range boxes {
		rows[i] = row{b.Number, b.RegionID, b.SenderRegionID, itemIDs[b.Item], b.Lot, b.Delivery, b.ParentID, b.ParentStep, b.Place, b.Condition, b.Sealed, b.Pieces,
			int64(b.FirstUID), int64(b.LastUID), b.UIDs, hex.EncodeToString(b.Root), b.Shipment, b.Loss, b.Since}
		byNumber[b.Number] = b
	}
	text, err := jsonText(rows)
	if err != nil {
		return err
	}
	var made []struct {
		ID     int64  `db:"id"`
		Number string `db:"number"`
	}
	err = tx.SelectContext(ctx, &made, `
		INSERT INTO boxes (region_id, sender_region_id, number, item_id, lot_id, delivery_id, parent_id, parent_step, place_id, condition, sealed, pieces,
		                   first_uid, last_uid, uids, digest, shipment_id, loss_id, step, since)
		SELECT region_id, sender_region_id, number, item_id, lot_id, delivery_id, parent_id, parent_step, place_id, condition, sealed, pieces,
		       first_uid, last_uid, uids, decode(digest, 'hex'), shipment_id, loss_id, 0, since
		FROM jsonb_to_recordset($1::jsonb) AS n (region_id int, sender_region_id int, number text, item_id smallint, lot_id int, delivery_id bigint,
		     parent_id bigint, parent_step int, place_id int, condition condition, sealed boolean, pieces bigint, first_uid bigint, last_uid bigint,
		     uids bigint[], digest text, shipment_id bigint, loss_id bigint, since timestamptz)
		RETURNING id, number`, text)
	if err != nil {
		return boxFault(err)
	}
	for _, m := range made {
		byNumber[m.Number].ID = m.ID
	}
	return nil
}

// stepsOf reads what led a box to where it is: its own steps, and those of the box it was cut out of until then.
func stepsOf(ctx context.Context, tx *sqlx.Tx, b Box) ([]CustodyStep, error) {
	steps := []CustodyStep{}
	err := tx.SelectContext(ctx, &steps, `
		WITH RECURSIVE line (id, until, depth) AS (
			SELECT $1::bigint, $2::int, 0
			UNION ALL
			SELECT b.parent_id, b.parent_step, line.depth + 1
			FROM line
			JOIN boxes b ON b.id = line.id
			WHERE b.parent_id IS NOT NULL
		)
		SELECT coalesce(b.number, '') AS number, c.step, c.kind, c.from_place_id, coalesce(place_label(c.from_place_id), '') AS from_name, c.to_place_id,
		       coalesce(place_label(c.to_place_id), '') AS to_name, c.condition, c.sealed, c.pieces, encode(c.digest, 'hex') AS digest, c.noun, c.noun_id, c.document,
		       c.day::text, c.actor, c.at, concat_ws('-', c.place_id, c.seq) AS link, encode(c.hash, 'hex') AS hash
		FROM line
		JOIN custody c ON c.box_id = line.id AND c.step <= line.until
		LEFT JOIN boxes b ON b.id = line.id
		ORDER BY line.depth DESC, c.step`, b.ID, b.Step)
	if err != nil {
		return nil, fmt.Errorf("read steps of box %s: %w", b.Number, err)
	}
	return steps, nil
}

// boxFault turns what the database refuses of boxes into the fault that names the box or the chip.
func boxFault(err error) error {
	switch {
	case postgres.Violates(err, "boxes_number_unique"):
		return ErrBoxTaken.With("box", betweenParentheses(postgres.Detail(err)))
	case postgres.Violates(err, "chip-in-another-box"):
		return takenChip(postgres.Detail(err))
	case postgres.Violates(err, "boxes_chip_in_one_box"):
		return ErrChipElsewhere.With("detail", postgres.Detail(err))
	}
	return fmt.Errorf("write boxes: %w", err)
}

// betweenParentheses is the value in what PostgreSQL says of a key that is taken: Key (number)=(B-1) already exists.
func betweenParentheses(detail string) string {
	_, rest, _ := strings.Cut(detail, "=(")
	value, _, _ := strings.Cut(rest, ")")
	return value
}
