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
	"blangko/internal/region"
)

// ShipmentState is how far a shipment has come.
type ShipmentState string

const (
	ShipmentPrepared       ShipmentState = "prepared"        // reserved at the sender
	ShipmentDispatched     ShipmentState = "dispatched"      // in transit at the receiver
	ShipmentPartlyReceived ShipmentState = "partly-received" // more is to come, or a shortage is not settled yet
	ShipmentReceived       ShipmentState = "received"
	ShipmentClosedShort    ShipmentState = "closed-short" // pieces were settled as never arrived
	ShipmentCancelled      ShipmentState = "cancelled"
)

// What a shipment refuses.
var (
	ErrShipmentUnknown = fault.New(fault.NotFound, "shipment-unknown")
	ErrShipmentState   = fault.New(fault.Conflict, "shipment-not-in-state") // shipment, state, wanted
	ErrNeedsRequest    = fault.New(fault.Invalid, "request-required")
)

// NewShipment sets blanks aside to be sent.
type NewShipment struct {
	From     string            `json:"from,omitempty" maxLength:"13" doc:"code of the region whose store sends; your own when empty"`
	To       string            `json:"to,omitempty" maxLength:"13" doc:"code of the region that receives; that of the request when one is named"`
	Mode     string            `json:"mode,omitempty" default:"courier" enum:"courier,pickup"`
	Carrier  string            `json:"carrier,omitempty" maxLength:"200" doc:"courier, or the office that collects"`
	Document string            `json:"document,omitempty" maxLength:"100" doc:"number of the delivery note; one is given when empty"`
	Note     string            `json:"note,omitempty" maxLength:"500"`
	Lines    []NewShipmentLine `json:"lines" minItems:"1" maxItems:"100"`
	Boxes    []Chips           `json:"boxes,omitempty" maxItems:"1000" doc:"boxes, or chips of them, that are packed; they may also be named until the dispatch"`
	Returns  int64             `json:"returns,omitempty" minimum:"1" doc:"the shipment of which pieces in quarantine go back to its sender: from, to and requests stay empty"`
}

// NewShipmentLine is one quantity of a shipment.
type NewShipmentLine struct {
	Request int64  `json:"request,omitempty" minimum:"1" doc:"the request it serves"`
	Item    string `json:"item,omitempty" enum:",ktp-el,kia,ribbon,film" doc:"that of the request when one is named; ktp-el when empty"`
	Pieces  int64  `json:"pieces" minimum:"1" maximum:"100000000"`
}

// Shipment is blanks on their way from one place to another.
type Shipment struct {
	ID             int64          `json:"id" db:"id"`
	Document       string         `json:"document" db:"document"`
	From           string         `json:"from" db:"sender" doc:"code of the sender's region"`
	FromName       string         `json:"from_name" db:"sender_name"`
	FromPlace      int            `json:"from_place" db:"sender_place_id"`
	To             string         `json:"to" db:"receiver" doc:"code of the receiver's region"`
	ToName         string         `json:"to_name" db:"receiver_name"`
	ToPlace        int            `json:"to_place" db:"receiver_place_id"`
	Cause          string         `json:"cause" db:"cause" enum:"supply,transfer,loan,loan-return,return"`
	CauseID        *int64         `json:"cause_id" db:"cause_id" doc:"the allocation run or the loan behind it; of a return the shipment that brought it"`
	Mode           string         `json:"mode" db:"mode" enum:"courier,pickup"`
	Carrier        string         `json:"carrier" db:"carrier"`
	State          ShipmentState  `json:"state" db:"state" enum:"prepared,dispatched,partly-received,received,closed-short,cancelled"`
	Note           string         `json:"note" db:"note"`
	PreparedAt     time.Time      `json:"prepared_at" db:"prepared_at"`
	PreparedBy     string         `json:"prepared_by" db:"prepared_by"`
	DispatchedOn   *string        `json:"dispatched_on" db:"dispatched_on"`
	ExpectedOn     *string        `json:"expected_on" db:"expected_on"`
	ReceivedOn     *string        `json:"received_on" db:"received_on"`
	Overdue        bool           `json:"overdue" db:"overdue" doc:"under way after the day it was expected"`
	Synthetic      bool           `json:"synthetic" db:"synthetic"`
	Version        int64          `json:"version" db:"version"`
	Lines          []ShipmentLine `json:"lines" db:"-"`
	Steps          []Step         `json:"history,omitempty" db:"-"`
	RegionID       int            `json:"-" db:"region_id"`
	SenderRegionID int            `json:"-" db:"sender_region_id"`
	LinesText      string         `json:"-" db:"lines"`
}

// CurrentVersion is the ETag of the shipment.
func (s Shipment) CurrentVersion() int64 { return s.Version }

// ShipmentLine is what a shipment holds of one item and lot, and what became of it.
type ShipmentLine struct {
	Line        int    `json:"line"`
	Item        string `json:"item"`
	Lot         int    `json:"lot"`
	Request     int64  `json:"request,omitempty"`
	Pieces      int64  `json:"pieces"`
	Good        int64  `json:"good" doc:"arrived usable"`
	Damaged     int64  `json:"damaged" doc:"arrived spoiled"`
	Quarantined int64  `json:"quarantined" doc:"arrived with the wrong version or chips"`
	Missing     int64  `json:"missing" doc:"settled as never arrived"`
	Over        int64  `json:"over" doc:"arrived on top of what was sent"`
}

// Outstanding is what is still in transit of a dispatched line.
func (l ShipmentLine) Outstanding() int64 {
	return l.Pieces - l.Good - l.Damaged - l.Quarantined - l.Missing
}

const selectShipments = `
	SELECT s.id, s.region_id, s.sender_region_id, s.document, region_code(s.sender_region_id) AS sender, region_code(s.region_id) AS receiver,
	       place_label(s.sender_place_id) AS sender_name, place_label(s.receiver_place_id) AS receiver_name, s.sender_place_id, s.receiver_place_id,
	       s.cause, s.cause_id, s.mode, s.carrier, s.state, s.note, s.prepared_at, s.prepared_by, s.dispatched_on::text, s.expected_on::text,
	       s.received_on::text, s.synthetic, s.version,
	       s.state IN ('dispatched', 'partly-received') AND coalesce(s.expected_on < business_date(), false) AS overdue,
	       (SELECT coalesce(json_agg(json_build_object('line', l.line, 'item', i.code, 'lot', l.lot_id, 'request', coalesce(l.request_id, 0), 'pieces', l.pieces,
	               'good', l.good, 'damaged', l.damaged, 'quarantined', l.quarantined, 'missing', l.missing, 'over', l.over) ORDER BY l.line), '[]')::text
	        FROM shipment_lines l
	        JOIN items i ON i.id = l.item_id
	        WHERE l.region_id = s.region_id AND l.shipment_id = s.id) AS lines
	FROM shipments s`

func (s *Shipment) decode() error {
	if err := json.Unmarshal([]byte(s.LinesText), &s.Lines); err != nil {
		return fmt.Errorf("decode lines of shipment %d: %w", s.ID, err)
	}
	return nil
}

// parcel is a shipment to be written: the pieces of each line are already known to be allowed.
type parcel struct {
	from, to      Place
	cause         string
	causeID       *int64
	mode, carrier string
	document      string
	note          string
	lines         []parcelLine
	lots          []lotPieces // taken from first: those of the boxes that are named
}

type parcelLine struct {
	item    int
	request int64
	pieces  int64
}

// Prepare sets blanks aside at the sender for one receiver: usable → reserved. A line that serves a request takes from
// what was approved of it and not shipped yet. Only the keeper of the sending store prepares. Errors:
// more-than-approved, request-not-in-state, insufficient-stock, not-your-end.
func (l *Ledger) Prepare(ctx context.Context, who access.Actor, in NewShipment) (Shipment, error) {
	if err := who.May(access.SendShipments); err != nil {
		return Shipment{}, err
	}
	if err := in.check(); err != nil {
		return Shipment{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Shipment, error) {
		consign := l.consignOn
		if in.Returns != 0 {
			consign = l.consignBack
		}
		p, err := consign(ctx, tx, who, in)
		if err != nil {
			return Shipment{}, err
		}
		p.mode, p.carrier, p.document, p.note = cmp.Or(in.Mode, "courier"), in.Carrier, in.Document, in.Note
		named, err := lotsOfBoxes(ctx, tx, in.Boxes, "body.boxes")
		if err != nil {
			return Shipment{}, err
		}
		p.lots = append(named, p.lots...)
		s, err := l.pack(ctx, tx, who, p)
		if err != nil {
			return s, err
		}
		if err := l.packBoxes(ctx, tx, who, s, p.from, in.Boxes); err != nil {
			return s, err
		}
		return s, s.backedLines(ctx, tx)
	})
}

// consignOn finds what goes from a store to one below it.
func (l *Ledger) consignOn(ctx context.Context, tx *sqlx.Tx, who access.Actor, in NewShipment) (p parcel, err error) {
	p.cause = "supply"
	if p.from, err = l.placeNamed(ctx, tx, who, 0, in.From); err != nil {
		return p, err
	}
	if err := keeps(ctx, tx, who, p.from.ID); err != nil {
		return p, err
	}
	if p.to, p.lines, err = l.consign(ctx, tx, who, in); err != nil {
		return p, err
	}
	return p, p.directed()
}

// shelf is where pieces of a shipment are taken from, and come back to: those that are returned lie in quarantine.
func (s Shipment) shelf() Condition { return shelfOf(s.Cause) }

func shelfOf(cause string) Condition {
	if cause == "return" {
		return Quarantine
	}
	return Usable
}

func (in NewShipment) check() error {
	var wrong fault.Fields
	if len(in.Lines) == 0 {
		wrong.Add("body.lines", "required", nil)
	}
	for i, line := range in.Lines {
		at := "body.lines[" + strconv.Itoa(i) + "]"
		if line.Pieces < 1 || line.Pieces > mostPieces {
			wrong.Add(at+".pieces", "out-of-range", line.Pieces, "least", 1, "most", mostPieces)
		}
		if line.Item != "" && itemIDs[line.Item] == 0 {
			wrong.Add(at+".item", "item-unknown", line.Item)
		}
		if line.Request == 0 && in.To == "" && in.Returns == 0 {
			wrong.Add("body.to", "required", nil)
		}
		if in.Returns != 0 && (line.Request != 0 || in.From != "" || in.To != "") {
			wrong.Add("body.returns", "says-from-and-to", in.Returns)
		}
	}
	if in.Mode != "" && in.Mode != "courier" && in.Mode != "pickup" {
		wrong.Add("body.mode", "mode-unknown", in.Mode)
	}
	checkText(&wrong, "body.note", in.Note, 500)
	checkText(&wrong, "body.carrier", in.Carrier, 200)
	checkText(&wrong, "body.document", in.Document, 100)
	return wrong.Err()
}

// consign finds the receiver and the lines, and takes the pieces from the requests that they serve.
func (l *Ledger) consign(ctx context.Context, tx *sqlx.Tx, who access.Actor, in NewShipment) (to Place, lines []parcelLine, err error) {
	if in.To != "" {
		if to, err = l.placeNamed(ctx, tx, who, 0, in.To); err != nil {
			return to, nil, err
		}
	}
	// Lock the requests in one order, so that two shipments of the same requests wait instead of deadlocking.
	ordered := slices.Clone(in.Lines)
	slices.SortStableFunc(ordered, func(a, b NewShipmentLine) int { return cmp.Compare(a.Request, b.Request) })
	for _, line := range ordered {
		p := parcelLine{request: line.Request, pieces: line.Pieces, item: itemIDs[cmp.Or(line.Item, "ktp-el")]}
		if line.Request != 0 {
			r, err := lockRequest(ctx, tx, line.Request)
			if err != nil {
				return to, nil, err
			}
			if to.ID != 0 && to.ID != r.PlaceID || line.Item != "" && line.Item != r.Item {
				return to, nil, fault.ErrInvalid.At("body.lines", "request-of-another", line.Request, "region", r.Region, "item", r.Item)
			}
			if to, err = l.placeNamed(ctx, tx, who, r.PlaceID, ""); err != nil {
				return to, nil, err
			}
			p.item = itemIDs[r.Item]
			if err := l.ship(ctx, tx, who, r, line.Pieces); err != nil {
				return to, nil, err
			}
		}
		lines = append(lines, p)
	}
	return to, lines, nil
}

// ship counts pieces of a locked request as set aside.
func (l *Ledger) ship(ctx context.Context, tx *sqlx.Tx, who access.Actor, r Request, pieces int64) error {
	if r.State != RequestApproved && r.State != RequestPartlyShipped {
		return ErrRequestState.With("request", r.ID, "state", r.State, "wanted", []RequestState{RequestApproved, RequestPartlyShipped})
	}
	if pieces > r.Approved-r.Shipped {
		return ErrBeyondApproved.With("request", r.ID, "approved", r.Approved, "shipped", r.Shipped, "pieces", pieces)
	}
	state := RequestPartlyShipped
	if r.Shipped+pieces == r.Asked-r.Declined {
		state = RequestShipped
	}
	_, err := l.write(ctx, tx, who, "ship", r, `shipped = shipped + $3, state = $4`, pieces, string(state))
	return err
}

// directed refuses a way that blanks do not go: from above to below, and from the national store only on request.
func (p parcel) directed() error {
	if p.from.ID == p.to.ID {
		return fault.ErrInvalid.At("body.to", "same-place", p.to.Region)
	}
	switch p.from.Kind {
	case NationalStore:
		if slices.ContainsFunc(p.lines, func(l parcelLine) bool { return l.request == 0 }) {
			return ErrNeedsRequest.With("advice", "the national store ships what was approved; name the request of each line")
		}
	case ProvinceStore, RegencyOffice:
		if !region.Under(p.to.Region, p.from.Region) {
			return fault.ErrInvalid.At("body.to", "not-below-sender", p.to.Region, "from", p.from.Region)
		}
	default:
		return fault.ErrInvalid.At("body.from", "does-not-ship", p.from.Region, "kind", p.from.Kind)
	}
	return nil
}

// pack writes a shipment and reserves its pieces. Everything that decides whether it may exist was decided before.
func (l *Ledger) pack(ctx context.Context, tx *sqlx.Tx, who access.Actor, p parcel) (Shipment, error) {
	var id int64
	err := tx.GetContext(ctx, &id, `
		INSERT INTO shipments (region_id, sender_region_id, sender_place_id, receiver_place_id, document, cause, cause_id, mode, carrier, state, note, prepared_at, prepared_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'prepared', $10, $11, $12)
		RETURNING id`, p.to.RegionID, p.from.RegionID, p.from.ID, p.to.ID, p.document, p.cause, p.causeID, p.mode, p.carrier, p.note, l.now(), who.Name)
	if err != nil {
		return Shipment{}, fmt.Errorf("insert shipment: %w", err)
	}
	var reserve []postingLine
	for _, line := range p.lines {
		picked, err := p.pick(ctx, tx, line.item, alreadyTaken(reserve, line.item)+line.pieces)
		if err != nil {
			return Shipment{}, err
		}
		for _, lot := range afterTaken(picked, reserve, line.item) {
			reserve = append(reserve, postingLine{Item: line.item, Lot: lot.Lot, From: p.from.ID, FromCondition: shelfOf(p.cause),
				To: p.from.ID, ToCondition: Reserved, Pieces: lot.Pieces})
			_, err := tx.ExecContext(ctx, `
				INSERT INTO shipment_lines (region_id, sender_region_id, shipment_id, line, item_id, lot_id, request_id, pieces)
				VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8)`,
				p.to.RegionID, p.from.RegionID, id, len(reserve), line.item, lot.Lot, line.request, lot.Pieces)
			if err != nil {
				return Shipment{}, fmt.Errorf("insert line of shipment: %w", err)
			}
		}
	}
	s, err := shipmentByID(ctx, tx, id)
	if err != nil {
		return s, err
	}
	_, err = post(ctx, l.db, tx, within, posting{Kind: Reserve, Document: s.Document, Date: l.today(p.from.Zone), Lines: reserve})
	if err != nil {
		return s, err
	}
	return s, postgres.Audit(ctx, tx, who, s.SenderRegionID, "prepare", "shipment", s.ID, nil, s)
}

// pick chooses the lots that a parcel takes pieces from.
func (p parcel) pick(ctx context.Context, tx *sqlx.Tx, item int, pieces int64) ([]lotPieces, error) {
	if shelfOf(p.cause) == Quarantine {
		return asideLots(ctx, tx, p.from.ID, item, pieces, p.lots)
	}
	return picking{place: p.from.ID, item: item, region: p.to.RegionID, to: p.to.ID}.lots(ctx, tx, pieces, p.lots...)
}

func alreadyTaken(lines []postingLine, item int) (pieces int64) {
	for _, l := range lines {
		if l.Item == item {
			pieces += l.Pieces
		}
	}
	return pieces
}

// afterTaken is what is left of the picked lots when earlier lines have taken theirs.
func afterTaken(picked []lotPieces, lines []postingLine, item int) []lotPieces {
	left := slices.Clone(picked)
	for _, l := range lines {
		for i := range left {
			if l.Item == item && left[i].Lot == l.Lot {
				left[i].Pieces -= l.Pieces
			}
		}
	}
	return slices.DeleteFunc(left, func(p lotPieces) bool { return p.Pieces == 0 })
}

func (l *Ledger) today(zone region.Zone) string {
	return region.Today(zone, l.now()).Format(time.DateOnly)
}

// Dispatching hands a prepared shipment over.
type Dispatching struct {
	Date       string `json:"date,omitempty" format:"date" doc:"today when empty"`
	ExpectedOn string `json:"expected_on,omitempty" format:"date" doc:"from the lead times of the route when empty"`
	Carrier    string `json:"carrier,omitempty" maxLength:"200"`
}

// Dispatch sends a prepared shipment: reserved at the sender → in transit at the receiver.
func (l *Ledger) Dispatch(ctx context.Context, who access.Actor, id, version int64, in Dispatching) (Shipment, error) {
	return l.move(ctx, who, id, version, []ShipmentState{ShipmentPrepared}, func(tx *sqlx.Tx, s Shipment) (Shipment, error) {
		from, err := l.placeNamed(ctx, tx, who, s.FromPlace, "")
		if err != nil {
			return s, err
		}
		day, err := l.checkDate(from.Zone, cmp.Or(in.Date, l.today(from.Zone)))
		if err != nil {
			return s, err
		}
		expected, err := l.expect(ctx, tx, s, day, in.ExpectedOn)
		if err != nil {
			return s, err
		}
		_, err = post(ctx, l.db, tx, across, posting{Kind: Dispatch, Document: s.Document, Date: day.Format(time.DateOnly),
			Lines: s.legs(Reserved, s.ToPlace, InTransit)})
		if err != nil {
			return s, err
		}
		if err := l.sendBoxes(ctx, tx, who, s, from, day.Format(time.DateOnly)); err != nil {
			return s, err
		}
		return l.mark(ctx, tx, who, "dispatch", s, `state = 'dispatched', dispatched_on = $3::date, dispatched_at = $4, expected_on = $5::date, carrier = coalesce(nullif($6, ''), carrier)`,
			day.Format(time.DateOnly), l.now(), expected, in.Carrier)
	})
}

// legs are the posting lines that take every piece of the shipment from the sender's account and give it on.
func (s Shipment) legs(from Condition, to int, in Condition) []postingLine {
	var lines []postingLine
	for _, line := range s.Lines {
		lines = append(lines, postingLine{Item: itemIDs[line.Item], Lot: line.Lot, From: s.FromPlace, FromCondition: from,
			To: to, ToCondition: in, Pieces: line.Pieces})
	}
	return lines
}

// defaultDays is how long a route takes that has no history: from dispatch to receipt, by the zone of the receiver.
var defaultDays = map[region.Zone]int{region.WIB: 4, region.WITA: 6, region.WIT: 9}

// historyDays is how far back the lead times of a route are looked at, and historyShipments how many at most.
const (
	historyDays      = 730
	historyShipments = 20
)

// expect returns the day a shipment should arrive: as given, else dispatch and the median of the route's last lead
// times, else the default of the receiver's zone.
func (l *Ledger) expect(ctx context.Context, tx *sqlx.Tx, s Shipment, dispatched time.Time, given string) (string, error) {
	if given != "" {
		day, err := time.Parse(time.DateOnly, given)
		if err != nil {
			return "", fault.ErrInvalid.At("body.expected_on", "not-a-date", given, "form", "YYYY-MM-DD")
		}
		if day.Before(dispatched) {
			return "", fault.ErrInvalid.At("body.expected_on", "before-dispatch", given, "date", dispatched.Format(time.DateOnly))
		}
		return given, nil
	}
	var days []int
	err := tx.SelectContext(ctx, &days, `
		SELECT received_on - dispatched_on
		FROM shipments
		WHERE sender_place_id = $1 AND receiver_place_id = $2 AND received_on > $3::date - $4::int
		ORDER BY received_on DESC
		LIMIT $5`, s.FromPlace, s.ToPlace, dispatched, historyDays, historyShipments)
	if err != nil {
		return "", fmt.Errorf("read lead times: %w", err)
	}
	lead := 0
	if len(days) > 0 {
		slices.Sort(days)
		lead = days[len(days)/2]
	} else {
		facts, err := l.facts(ctx, []int{s.ToPlace})
		if err != nil {
			return "", err
		}
		lead = defaultDays[facts[s.ToPlace].Zone]
	}
	return dispatched.AddDate(0, 0, lead).Format(time.DateOnly), nil
}

// CancelShipment takes a shipment back before anything of it was received. What is under way comes back to the sender.
func (l *Ledger) CancelShipment(ctx context.Context, who access.Actor, id, version int64, reason string) (Shipment, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Shipment{}, err
	}
	return l.move(ctx, who, id, version, []ShipmentState{ShipmentPrepared, ShipmentDispatched}, func(tx *sqlx.Tx, s Shipment) (Shipment, error) {
		from, err := l.placeNamed(ctx, tx, who, s.FromPlace, "")
		if err != nil {
			return s, err
		}
		p := posting{Kind: ReleaseReserve, Document: s.Document, Date: l.today(from.Zone), Reason: reason}
		if s.State == ShipmentPrepared {
			p.Lines = s.legs(Reserved, s.FromPlace, s.shelf())
		} else {
			p.Kind = Return
			for _, line := range s.legs(s.shelf(), s.ToPlace, InTransit) {
				line.From, line.FromCondition, line.To, line.ToCondition = line.To, line.ToCondition, line.From, line.FromCondition
				p.Lines = append(p.Lines, line)
			}
		}
		if _, err := post(ctx, l.db, tx, agreed, p); err != nil {
			return s, err
		}
		if err := l.takeBoxesBack(ctx, tx, who, s, from); err != nil {
			return s, err
		}
		if s, err = l.mark(ctx, tx, who, "cancel", s, `state = 'cancelled', note = $3`, reason); err != nil {
			return s, err
		}
		return s, l.unship(ctx, tx, who, s)
	})
}

// unship gives the pieces of a cancelled shipment back to the requests it served.
func (l *Ledger) unship(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment) error {
	shipped := s.byRequest(func(line ShipmentLine) int64 { return line.Pieces })
	for _, id := range slices.Sorted(maps.Keys(shipped)) {
		r, err := lockRequest(ctx, tx, id)
		if err != nil {
			return err
		}
		if r, err = l.write(ctx, tx, who, "unship", r, `shipped = shipped - $3`, shipped[id]); err != nil {
			return err
		}
		if _, err := l.settle(ctx, tx, who, r); err != nil {
			return err
		}
	}
	return nil
}

func (s Shipment) byRequest(count func(ShipmentLine) int64) map[int64]int64 {
	sums := map[int64]int64{}
	for _, line := range s.Lines {
		if line.Request != 0 {
			sums[line.Request] += count(line)
		}
	}
	return sums
}

// move locks a shipment of that version in one of the states for its sender and lets do take the step.
func (l *Ledger) move(ctx context.Context, who access.Actor, id, version int64, from []ShipmentState, do func(*sqlx.Tx, Shipment) (Shipment, error)) (Shipment, error) {
	if err := who.May(access.SendShipments); err != nil {
		return Shipment{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Shipment, error) {
		s, err := lockShipment(ctx, tx, id)
		if err != nil {
			return s, err
		}
		if err := keeps(ctx, tx, who, s.FromPlace); err != nil {
			return s, err
		}
		if err := postgres.CheckVersion(version, s.Version); err != nil {
			return s, err
		}
		if !slices.Contains(from, s.State) {
			return s, ErrShipmentState.With("shipment", id, "state", s.State, "wanted", from)
		}
		return do(tx, s)
	})
}

// mark changes a shipment and keeps the change in its history, under the end that took the step.
func (l *Ledger) mark(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Shipment, set string, args ...any) (Shipment, error) {
	_, err := tx.ExecContext(ctx, `UPDATE shipments SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`,
		append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s shipment %d: %w", action, was.ID, err)
	}
	is, err := shipmentByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	end, err := endOf(ctx, tx, was.RegionID, was.SenderRegionID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, end, action, "shipment", is.ID, was, is)
}

// endOf is the first of the regions that the transaction reaches: the trail of a step lies with the end that took it.
func endOf(ctx context.Context, tx *sqlx.Tx, regions ...int) (int, error) {
	for _, id := range regions {
		var reached bool
		if err := tx.GetContext(ctx, &reached, `SELECT EXISTS (SELECT FROM region_versions WHERE region_id = $1)`, id); err != nil {
			return 0, fmt.Errorf("look for region %d: %w", id, err)
		}
		if reached {
			return id, nil
		}
	}
	return 0, ErrNotYourEnd
}

func lockShipment(ctx context.Context, tx *sqlx.Tx, id int64) (s Shipment, err error) {
	if err := tx.GetContext(ctx, &s, selectShipments+` WHERE s.id = $1 FOR UPDATE OF s`, id); err != nil {
		return s, postgres.NotFound(err, ErrShipmentUnknown.With("shipment", id))
	}
	// The lines were read by the snapshot before the lock was granted; read them again behind it.
	return shipmentByID(ctx, tx, id)
}

func shipmentByID(ctx context.Context, tx *sqlx.Tx, id int64) (s Shipment, err error) {
	if err := tx.GetContext(ctx, &s, selectShipments+` WHERE s.id = $1`, id); err != nil {
		return s, postgres.NotFound(err, ErrShipmentUnknown.With("shipment", id))
	}
	return s, s.decode()
}

// Shipment returns one shipment with an end in reach, with its history as far as that lies in reach.
func (l *Ledger) Shipment(ctx context.Context, who access.Actor, id int64) (s Shipment, err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return s, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if s, err = shipmentByID(ctx, tx, id); err != nil {
			return err
		}
		s.Steps, err = history(ctx, tx, "shipment", id)
		return err
	})
	return s, err
}

// ShipmentFilter narrows a list of shipments; the zero filter takes all with an end in reach.
type ShipmentFilter struct {
	To      string // code of the receiver; with everything below it
	From    string // code of the sender's region
	State   ShipmentState
	Request int64 // those that serve this request
	Overdue bool  // only those under way after the day they were expected
	postgres.Paging
}

// Shipments lists shipments with an end in reach, newest first.
func (l *Ledger) Shipments(ctx context.Context, who access.Actor, f ShipmentFilter) (page postgres.Page[Shipment], err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return page, err
	}
	type newestFirst struct {
		Shipment int64 `json:"shipment"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Shipment
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectShipments+`
			WHERE s.id < $1
			  AND ($2 IN ('', '00') OR region_code(s.region_id) = $2 OR region_code(s.region_id) LIKE $2 || '.%')
			  AND ($3 = '' OR region_code(s.sender_region_id) = $3)
			  AND ($4 = '' OR s.state = $4)
			  AND ($5::bigint = 0 OR EXISTS (SELECT FROM shipment_lines l WHERE l.region_id = s.region_id AND l.shipment_id = s.id AND l.request_id = $5))
			  AND (NOT $6 OR s.state IN ('dispatched', 'partly-received') AND s.expected_on < business_date())
			ORDER BY s.id DESC
			LIMIT $7`, before.Shipment, f.To, f.From, string(f.State), f.Request, f.Overdue, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list shipments: %w", err)
	}
	if page, err = postgres.NewPage(f.Paging, rows, func(s Shipment) newestFirst { return newestFirst{s.ID} }); err != nil {
		return page, err
	}
	for i := range page.Items {
		if err := page.Items[i].decode(); err != nil {
			return page, err
		}
	}
	return page, nil
}
