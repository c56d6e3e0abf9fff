package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// ReceiptState is how far a receipt has come.
type ReceiptState string

const (
	ReceiptDraft      ReceiptState = "draft"
	ReceiptConfirmed  ReceiptState = "confirmed"
	ReceiptRolledBack ReceiptState = "rolled-back"
)

// What a receipt refuses.
var (
	ErrReceiptUnknown  = fault.New(fault.NotFound, "receipt-unknown")
	ErrReceiptState    = fault.New(fault.Conflict, "receipt-not-in-state") // receipt, state
	ErrReceiptOpen     = fault.New(fault.Conflict, "receipt-draft-exists") // shipment
	ErrReceiptNotLast  = fault.New(fault.Conflict, "receipt-not-the-last") // receipt, last
	ErrMoreThanSent    = fault.New(fault.Invalid, "more-than-sent")        // line, outstanding, counted
	ErrReceiptAnswered = fault.New(fault.Conflict, "discrepancy-answered") // discrepancy
)

// NewReceipt counts what arrived of a shipment.
type NewReceipt struct {
	Shipment int64            `json:"shipment" minimum:"1"`
	Date     string           `json:"date,omitempty" format:"date" doc:"today when empty"`
	Document string           `json:"document,omitempty" maxLength:"100" doc:"number of the handover record; one is given when empty"`
	More     bool             `json:"more,omitempty" doc:"more of the shipment is still to come: what is missing is not a shortage yet"`
	Reason   string           `json:"reason,omitempty" maxLength:"500" doc:"wanted when more arrived than was sent"`
	Draft    bool             `json:"draft,omitempty" doc:"keep it, do not confirm it yet"`
	Lines    []NewReceiptLine `json:"lines" minItems:"1" maxItems:"100" doc:"lines of the shipment; one that is not named arrived not at all"`
	ReceivedChips
}

// NewReceiptLine counts what arrived of one line.
type NewReceiptLine struct {
	Line             int    `json:"line" minimum:"1" maximum:"32767"`
	Good             int64  `json:"good" minimum:"0" maximum:"100000000"`
	Damaged          int64  `json:"damaged,omitempty" minimum:"0" maximum:"100000000"`
	Quarantined      int64  `json:"quarantined,omitempty" minimum:"0" maximum:"100000000" doc:"of the wrong version, or with chips that were not announced"`
	QuarantineReason string `json:"quarantine_reason,omitempty" enum:",wrong-version,wrong-chips"`
}

// Receipt is what arrived of a shipment at one handover.
type Receipt struct {
	ID             int64         `json:"id" db:"id"`
	Shipment       int64         `json:"shipment" db:"shipment_id"`
	Document       string        `json:"document" db:"document"`
	To             string        `json:"to" db:"receiver"`
	ToName         string        `json:"to_name" db:"receiver_name"`
	State          ReceiptState  `json:"state" db:"state" enum:"draft,confirmed,rolled-back"`
	Date           string        `json:"date" db:"day" format:"date"`
	Complete       bool          `json:"complete" db:"complete" doc:"nothing more is to come: what is missing is a discrepancy"`
	Reason         string        `json:"reason" db:"reason"`
	Move           string        `json:"move,omitempty" db:"move"`
	CreatedAt      time.Time     `json:"created_at" db:"created_at"`
	CreatedBy      string        `json:"created_by" db:"created_by"`
	ConfirmedAt    *time.Time    `json:"confirmed_at" db:"confirmed_at"`
	ConfirmedBy    string        `json:"confirmed_by" db:"confirmed_by"`
	Synthetic      bool          `json:"synthetic" db:"synthetic"`
	Version        int64         `json:"version" db:"version"`
	Lines          []ReceiptLine `json:"lines" db:"-"`
	Chips          ReceivedChips `json:"chips" db:"-" doc:"the boxes that were named"`
	RegionID       int           `json:"-" db:"region_id"`
	SenderRegionID int           `json:"-" db:"sender_region_id"`
	LinesText      string        `json:"-" db:"lines"`
	ChipsText      string        `json:"-" db:"chips"`
}

// CurrentVersion is the ETag of the receipt.
func (r Receipt) CurrentVersion() int64 { return r.Version }

// ReceiptLine is what arrived of one line of the shipment. Over is what came on top of what was sent; until the sender
// has answered it stands in quarantine.
type ReceiptLine struct {
	NewReceiptLine
	Over int64 `json:"over"`
}

const selectReceipts = `
	SELECT c.id, c.region_id, c.sender_region_id, c.shipment_id, c.document, region_code(c.region_id) AS receiver, region_label(c.region_id) AS receiver_name,
	       c.state, c.day::text, c.complete, c.chips::text, c.reason, c.created_at, c.created_by, c.confirmed_at, c.confirmed_by, c.synthetic, c.version,
	       coalesce((SELECT concat_ws('-', m.region_id, m.id) FROM moves m WHERE m.id = c.move_id), '') AS move,
	       (SELECT coalesce(json_agg(json_build_object('line', l.line, 'good', l.good, 'damaged', l.damaged, 'quarantined', l.quarantined,
	               'quarantine_reason', l.quarantine_reason, 'over', l.over) ORDER BY l.line), '[]')::text
	        FROM receipt_lines l WHERE l.region_id = c.region_id AND l.receipt_id = c.id) AS lines
	FROM receipts c`

func (r *Receipt) decode() error {
	if err := json.Unmarshal([]byte(r.LinesText), &r.Lines); err != nil {
		return fmt.Errorf("decode lines of receipt %d: %w", r.ID, err)
	}
	var err error
	r.Chips, err = decodeChips(r.ChipsText)
	return err
}

// Receive counts what arrived of a shipment and, unless it is a draft, confirms it. Only the keeper of the receiving
// place receives. Errors: shipment-not-in-state (cancelled, or received already), more-than-sent without a reason.
func (l *Ledger) Receive(ctx context.Context, who access.Actor, in NewReceipt) (Receipt, error) {
	if err := who.May(access.ReceiveShipments); err != nil {
		return Receipt{}, err
	}
	if err := in.check(); err != nil {
		return Receipt{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Receipt, error) {
		s, err := l.arriving(ctx, tx, who, in.Shipment)
		if err != nil {
			return Receipt{}, err
		}
		r, err := l.draft(ctx, tx, who, s, in)
		if err != nil || in.Draft {
			return r, err
		}
		return l.confirm(ctx, tx, who, s, r)
	})
}

func (in NewReceipt) check() error {
	var wrong fault.Fields
	wrongChips := 0
	seen := map[int]bool{}
	for i, line := range in.Lines {
		at := "body.lines[" + strconv.Itoa(i) + "]"
		for name, pieces := range map[string]int64{"good": line.Good, "damaged": line.Damaged, "quarantined": line.Quarantined} {
			if pieces < 0 || pieces > mostPieces {
				wrong.Add(at+"."+name, "out-of-range", pieces, "least", 0, "most", mostPieces)
			}
		}
		if seen[line.Line] {
			wrong.Add(at+".line", "twice", line.Line)
		}
		seen[line.Line] = true
		if line.QuarantineReason == "wrong-chips" {
			wrongChips++
		}
		if (line.Quarantined > 0) != (line.QuarantineReason != "") {
			wrong.Add(at+".quarantine_reason", "required-with-quarantined", line.QuarantineReason)
		}
	}
	if len(in.Lines) == 0 {
		wrong.Add("body.lines", "required", nil)
	}
	if len(in.WrongBoxes) > 0 && wrongChips != 1 {
		wrong.Add("body.wrong_boxes", "needs-one-line-of-wrong-chips", wrongChips)
	}
	checkText(&wrong, "body.reason", in.Reason, 500)
	checkText(&wrong, "body.document", in.Document, 100)
	if err := wrong.Err(); err != nil {
		return err
	}
	return in.ReceivedChips.check()
}

// arriving locks a shipment that is under way for the keeper of its receiving place.
func (l *Ledger) arriving(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) (Shipment, error) {
	s, err := lockShipment(ctx, tx, id)
	if err != nil {
		return s, err
	}
	if err := keeps(ctx, tx, who, s.ToPlace); err != nil {
		return s, err
	}
	if s.State != ShipmentDispatched && s.State != ShipmentPartlyReceived {
		return s, ErrShipmentState.With("shipment", id, "state", s.State, "wanted", []ShipmentState{ShipmentDispatched, ShipmentPartlyReceived})
	}
	return s, nil
}

// draft writes a receipt down; what exceeds the pieces in transit of a line counts as over.
func (l *Ledger) draft(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, in NewReceipt) (Receipt, error) {
	to, err := l.placeNamed(ctx, tx, who, s.ToPlace, "")
	if err != nil {
		return Receipt{}, err
	}
	day, err := l.checkDate(to.Zone, cmp.Or(in.Date, l.today(to.Zone)))
	if err != nil {
		return Receipt{}, err
	}
	if s.DispatchedOn != nil && day.Format(time.DateOnly) < *s.DispatchedOn {
		return Receipt{}, fault.ErrInvalid.At("body.date", "before-dispatch", in.Date, "dispatched_on", *s.DispatchedOn)
	}
	lines, err := s.counted(in)
	if err != nil {
		return Receipt{}, err
	}
	chips, err := in.ReceivedChips.text()
	if err != nil {
		return Receipt{}, err
	}
	var id int64
	err = tx.GetContext(ctx, &id, `
		INSERT INTO receipts (region_id, sender_region_id, shipment_id, document, state, day, complete, reason, chips, created_at, created_by)
		VALUES ($1, $2, $3, $4, 'draft', $5::date, $6, $7, $8::jsonb, $9, $10)
		RETURNING id`, s.RegionID, s.SenderRegionID, s.ID, in.Document, day, !in.More, in.Reason, chips, l.now(), who.Name)
	if postgres.Violates(err, "receipts_one_draft") {
		return Receipt{}, ErrReceiptOpen.With("shipment", s.ID)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("insert receipt: %w", err)
	}
	for _, line := range lines {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO receipt_lines (region_id, sender_region_id, receipt_id, line, good, damaged, quarantined, quarantine_reason, over)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			s.RegionID, s.SenderRegionID, id, line.Line, line.Good, line.Damaged, line.Quarantined, line.QuarantineReason, line.Over)
		if err != nil {
			return Receipt{}, fmt.Errorf("insert line of receipt: %w", err)
		}
	}
	return receiptByID(ctx, tx, id)
}

// counted checks the counted pieces against those in transit: each line once, and more than was sent only for a reason.
func (s Shipment) counted(in NewReceipt) ([]ReceiptLine, error) {
	var wrong fault.Fields
	var lines []ReceiptLine
	for i, counted := range in.Lines {
		at := slices.IndexFunc(s.Lines, func(l ShipmentLine) bool { return l.Line == counted.Line })
		if at < 0 {
			wrong.Add("body.lines["+strconv.Itoa(i)+"].line", "line-unknown", counted.Line, "lines", len(s.Lines))
			continue
		}
		line := ReceiptLine{NewReceiptLine: counted}
		outstanding := s.Lines[at].Outstanding()
		if total := counted.Good + counted.Damaged + counted.Quarantined; total > outstanding {
			if in.Reason == "" {
				return nil, ErrMoreThanSent.With("line", counted.Line, "outstanding", outstanding, "counted", total,
					"advice", "count again, or say in reason why more arrived than was sent")
			}
			line.Over = total - outstanding
			// What is on top is taken off the good ones first, then off the others.
			take := min(line.Over, line.Good)
			line.Good -= take
			rest := line.Over - take
			take = min(rest, line.Damaged)
			line.Damaged -= take
			line.Quarantined -= rest - take
		}
		lines = append(lines, line)
	}
	return lines, wrong.Err()
}

// ConfirmReceipt puts what a draft counted into stock.
func (l *Ledger) ConfirmReceipt(ctx context.Context, who access.Actor, id, version int64) (Receipt, error) {
	if err := who.May(access.ReceiveShipments); err != nil {
		return Receipt{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Receipt, error) {
		r, s, err := l.lockReceipt(ctx, tx, who, id, version, ReceiptDraft)
		if err != nil {
			return r, err
		}
		if s.State != ShipmentDispatched && s.State != ShipmentPartlyReceived {
			return r, ErrShipmentState.With("shipment", s.ID, "state", s.State)
		}
		return l.confirm(ctx, tx, who, s, r)
	})
}

// DiscardReceipt throws a draft away.
func (l *Ledger) DiscardReceipt(ctx context.Context, who access.Actor, id, version int64) (Receipt, error) {
	if err := who.May(access.ReceiveShipments); err != nil {
		return Receipt{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Receipt, error) {
		r, _, err := l.lockReceipt(ctx, tx, who, id, version, ReceiptDraft)
		if err != nil {
			return r, err
		}
		return l.seal(ctx, tx, who, "discard", r, `state = 'rolled-back'`)
	})
}

// lockReceipt locks a receipt of that version in that state, and its shipment before it, for the receiving keeper.
func (l *Ledger) lockReceipt(ctx context.Context, tx *sqlx.Tx, who access.Actor, id, version int64, state ReceiptState) (r Receipt, s Shipment, err error) {
	if r, err = receiptByID(ctx, tx, id); err != nil {
		return r, s, err
	}
	if s, err = lockShipment(ctx, tx, r.Shipment); err != nil {
		return r, s, err
	}
	if err := keeps(ctx, tx, who, s.ToPlace); err != nil {
		return r, s, err
	}
	if r, err = receiptByID(ctx, tx, id); err != nil {
		return r, s, err
	}
	if err := postgres.CheckVersion(version, r.Version); err != nil {
		return r, s, err
	}
	if r.State != state {
		return r, s, ErrReceiptState.With("receipt", id, "state", r.State, "wanted", state)
	}
	return r, s, nil
}

// confirm posts a draft: in transit → usable, spoiled or quarantine. What came on top enters quarantine against the
// public's account until the sender has said where it came from.
func (l *Ledger) confirm(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, r Receipt) (Receipt, error) {
	outside, err := outside(ctx, tx, s.ToPlace)
	if err != nil {
		return r, err
	}
	p := posting{Kind: ReceiptMove, Document: r.Document, Date: r.Date, Reason: r.Reason}
	for _, line := range r.Lines {
		sent := s.Lines[line.Line-1]
		if line.Good+line.Damaged+line.Quarantined > sent.Outstanding() {
			return r, ErrMoreThanSent.With("line", line.Line, "outstanding", sent.Outstanding(), "counted", line.Good+line.Damaged+line.Quarantined,
				"advice", "the shipment has changed since the draft; discard it and count again")
		}
		p.add(sent, s.ToPlace, InTransit, s.ToPlace, Usable, line.Good)
		p.add(sent, s.ToPlace, InTransit, s.ToPlace, Spoiled, line.Damaged)
		p.add(sent, s.ToPlace, InTransit, s.ToPlace, Quarantine, line.Quarantined)
		p.add(sent, outside, Quarantine, s.ToPlace, Quarantine, line.Over)
	}
	var number *int64
	if len(p.Lines) > 0 {
		done, err := post(ctx, l.db, tx, agreed, p)
		if err != nil {
			return r, err
		}
		number = &done[0].ID
	}
	if err := l.receiveBoxes(ctx, tx, who, s, r); err != nil {
		return r, err
	}
	if err := s.tally(ctx, tx, r, 1); err != nil {
		return r, err
	}
	if r, err = l.seal(ctx, tx, who, "confirm", r, `state = 'confirmed', move_id = $3, confirmed_at = $4, confirmed_by = $5`, number, l.now(), who.Name); err != nil {
		return r, err
	}
	if err := l.openCases(ctx, tx, who, s, r); err != nil {
		return r, err
	}
	return r, l.conclude(ctx, tx, who, s.ID)
}

// add appends a line to a posting unless it moves nothing.
func (p *posting) add(sent ShipmentLine, from int, fromIn Condition, to int, toIn Condition, pieces int64) {
	if pieces > 0 {
		p.Lines = append(p.Lines, postingLine{Item: itemIDs[sent.Item], Lot: sent.Lot, From: from, FromCondition: fromIn, To: to, ToCondition: toIn, Pieces: pieces})
	}
}

// tally adds what a receipt counted to the lines of its shipment and to the requests behind them, or takes it off.
func (s Shipment) tally(ctx context.Context, tx *sqlx.Tx, r Receipt, sign int64) error {
	for _, line := range r.Lines {
		_, err := tx.ExecContext(ctx, `
			UPDATE shipment_lines
			SET good = good + $4, damaged = damaged + $5, quarantined = quarantined + $6, over = over + $7
			WHERE region_id = $1 AND shipment_id = $2 AND line = $3`,
			s.RegionID, s.ID, line.Line, sign*line.Good, sign*line.Damaged, sign*line.Quarantined, sign*line.Over)
		if err != nil {
			return fmt.Errorf("count line of shipment: %w", err)
		}
		if request := s.Lines[line.Line-1].Request; request != 0 {
			_, err := tx.ExecContext(ctx, `UPDATE requests SET received = received + $3, version = version + 1 WHERE region_id = $1 AND id = $2`,
				s.RegionID, request, sign*line.Good)
			if err != nil {
				return fmt.Errorf("count received pieces of request: %w", err)
			}
		}
	}
	return nil
}

// seal changes a receipt and keeps the change in its history.
func (l *Ledger) seal(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Receipt, set string, args ...any) (Receipt, error) {
	_, err := tx.ExecContext(ctx, `UPDATE receipts SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`,
		append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s receipt %d: %w", action, was.ID, err)
	}
	is, err := receiptByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, is.RegionID, action, "receipt", is.ID, was, is)
}

// conclude sets the state of a shipment, and of the requests that it serves, by what is still in transit of it.
func (l *Ledger) conclude(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) error {
	s, err := shipmentByID(ctx, tx, id)
	if err != nil {
		return err
	}
	var arrived, outstanding, missing int64
	for _, line := range s.Lines {
		arrived += line.Good + line.Damaged + line.Quarantined
		outstanding += line.Outstanding()
		missing += line.Missing
	}
	var last *string
	err = tx.GetContext(ctx, &last, `SELECT max(day)::text FROM receipts WHERE region_id = $1 AND shipment_id = $2 AND state = 'confirmed' AND (complete OR $3)`,
		s.RegionID, s.ID, outstanding == 0)
	if err != nil {
		return fmt.Errorf("read receipts of shipment %d: %w", s.ID, err)
	}
	state := ShipmentPartlyReceived
	switch {
	case outstanding == 0 && missing == 0:
		state = ShipmentReceived
	case outstanding == 0:
		state = ShipmentClosedShort
	case arrived+missing == 0 && last == nil:
		state = ShipmentDispatched
	}
	if s, err = l.mark(ctx, tx, who, string(state), s, `state = $3, received_on = $4::date`, string(state), last); err != nil {
		return err
	}
	ids := s.byRequest(func(ShipmentLine) int64 { return 0 })
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		r, err := requestByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := l.settle(ctx, tx, who, r); err != nil {
			return err
		}
	}
	return nil
}

// RollBackReceipt undoes the last confirmed receipt of a shipment, as long as what it brought is still there and the
// sender has answered nothing about it.
func (l *Ledger) RollBackReceipt(ctx context.Context, who access.Actor, id, version int64, reason string) (Receipt, error) {
	if err := who.May(access.ReceiveShipments); err != nil {
		return Receipt{}, err
	}
	if err := wanted("body.reason", reason); err != nil {
		return Receipt{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Receipt, error) {
		r, s, err := l.lockReceipt(ctx, tx, who, id, version, ReceiptConfirmed)
		if err != nil {
			return r, err
		}
		var last int64
		err = tx.GetContext(ctx, &last, `SELECT max(id) FROM receipts WHERE region_id = $1 AND shipment_id = $2 AND state = 'confirmed'`, s.RegionID, s.ID)
		if err != nil {
			return r, fmt.Errorf("find the last receipt: %w", err)
		}
		if last != id {
			return r, ErrReceiptNotLast.With("receipt", id, "last", last)
		}
		if err := l.withdrawCases(ctx, tx, who, r); err != nil {
			return r, err
		}
		if r.Move != "" {
			if _, err := l.undo(ctx, tx, agreed, r.Move, reason); err != nil {
				return r, err
			}
		}
		if err := l.unreceiveBoxes(ctx, tx, who, s, r); err != nil {
			return r, err
		}
		for _, line := range s.Lines {
			if err := backed(ctx, tx, s.ToPlace, itemIDs[line.Item]); err != nil {
				return r, err
			}
		}
		if err := s.tally(ctx, tx, r, -1); err != nil {
			return r, err
		}
		if r, err = l.seal(ctx, tx, who, "roll-back", r, `state = 'rolled-back', reason = $3`, reason); err != nil {
			return r, err
		}
		if err := l.openCases(ctx, tx, who, s, r); err != nil {
			return r, err
		}
		return r, l.conclude(ctx, tx, who, s.ID)
	})
}

func receiptByID(ctx context.Context, tx *sqlx.Tx, id int64) (r Receipt, err error) {
	if err := tx.GetContext(ctx, &r, selectReceipts+` WHERE c.id = $1`, id); err != nil {
		return r, postgres.NotFound(err, ErrReceiptUnknown.With("receipt", id))
	}
	return r, r.decode()
}

// Receipt returns one receipt with an end in reach.
func (l *Ledger) Receipt(ctx context.Context, who access.Actor, id int64) (r Receipt, err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return r, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		r, err = receiptByID(ctx, tx, id)
		return err
	})
	return r, err
}

// ReceiptFilter narrows a list of receipts; the zero filter takes all with an end in reach.
type ReceiptFilter struct {
	Shipment int64
	State    ReceiptState
	postgres.Paging
}

// Receipts lists receipts with an end in reach, newest first.
func (l *Ledger) Receipts(ctx context.Context, who access.Actor, f ReceiptFilter) (page postgres.Page[Receipt], err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return page, err
	}
	type newestFirst struct {
		Receipt int64 `json:"receipt"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Receipt
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectReceipts+`
			WHERE c.id < $1
			  AND ($2::bigint = 0 OR c.shipment_id = $2)
			  AND ($3 = '' OR c.state = $3)
			ORDER BY c.id DESC
			LIMIT $4`, before.Receipt, f.Shipment, string(f.State), limit)
	})
	if err != nil {
		return page, fmt.Errorf("list receipts: %w", err)
	}
	if page, err = postgres.NewPage(f.Paging, rows, func(r Receipt) newestFirst { return newestFirst{r.ID} }); err != nil {
		return page, err
	}
	for i := range page.Items {
		if err := page.Items[i].decode(); err != nil {
			return page, err
		}
	}
	return page, nil
}
