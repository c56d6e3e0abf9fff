package inventory

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// RequestState is how far a request has come.
type RequestState string

const (
	RequestDraft         RequestState = "draft"
	RequestSubmitted     RequestState = "submitted"
	RequestReturned      RequestState = "returned"
	RequestVerified      RequestState = "verified"
	RequestApproved      RequestState = "approved"
	RequestRejected      RequestState = "rejected"
	RequestPartlyShipped RequestState = "partly-shipped"
	RequestShipped       RequestState = "shipped"
	RequestClosed        RequestState = "closed"
	RequestCancelled     RequestState = "cancelled"
)

// What a request refuses.
var (
	ErrRequestUnknown = fault.New(fault.NotFound, "request-unknown")
	ErrRequestState   = fault.New(fault.Conflict, "request-not-in-state") // request, state, wanted
	ErrBeyondAsked    = fault.New(fault.Conflict, "more-than-asked")      // asked, approved, declined, pieces
	ErrNotVerified    = fault.New(fault.Conflict, "province-must-verify") // request, state
	ErrBeyondApproved = fault.New(fault.Conflict, "more-than-approved")   // request, approved, shipped, pieces
)

// NewRequest asks for blanks.
type NewRequest struct {
	Region    string `json:"region,omitempty" maxLength:"13" doc:"code of the kabupaten/kota or province that asks; your own when empty"`
	Item      string `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Pieces    int64  `json:"pieces" minimum:"1" maximum:"100000000"`
	Emergency bool   `json:"emergency,omitempty" doc:"jumps the queue and is counted apart"`
	Document  string `json:"document,omitempty" maxLength:"100" doc:"number of the letter; one is given when empty"`
	Reason    string `json:"reason,omitempty" enum:",backlog,outreach,event,school-term,stock-lost,higher-use,lower-use,storage-limit,other" doc:"why it departs from the suggestion"`
	Note      string `json:"note,omitempty" maxLength:"500"`
	Draft     bool   `json:"draft,omitempty" doc:"keep it, do not submit it yet"`
}

// Request is what an office asks for, and what became of it.
type Request struct {
	ID          int64        `json:"id" db:"id"`
	Region      string       `json:"region" db:"region"`
	Name        string       `json:"name" db:"name"`
	RegionID    int          `json:"-" db:"region_id"`
	PlaceID     int          `json:"place" db:"place_id"`
	Item        string       `json:"item" db:"item"`
	Document    string       `json:"document" db:"document"`
	Emergency   bool         `json:"emergency" db:"emergency"`
	State       RequestState `json:"state" db:"state" enum:"draft,submitted,returned,verified,approved,rejected,partly-shipped,shipped,closed,cancelled"`
	Asked       int64        `json:"asked" db:"asked"`
	Suggested   *int64       `json:"suggested" db:"suggested" doc:"what the suggestion was when it was submitted; null without a forecast"`
	Reason      string       `json:"reason" db:"reason"`
	Note        string       `json:"note" db:"note"`
	Approved    int64        `json:"approved" db:"approved" doc:"pieces that may ship"`
	Declined    int64        `json:"declined" db:"declined" doc:"pieces that never will; asked - approved - declined waits for a later tranche"`
	Shipped     int64        `json:"shipped" db:"shipped" doc:"pieces set aside in shipments that were not cancelled"`
	Received    int64        `json:"received" db:"received" doc:"pieces that arrived usable"`
	Answer      string       `json:"answer" db:"answer" doc:"what whoever decided wrote"`
	CreatedAt   time.Time    `json:"created_at" db:"created_at"`
	CreatedBy   string       `json:"created_by" db:"created_by"`
	SubmittedAt *time.Time   `json:"submitted_at" db:"submitted_at"`
	DecidedAt   *time.Time   `json:"decided_at" db:"decided_at"`
	DecidedBy   string       `json:"decided_by" db:"decided_by"`
	Synthetic   bool         `json:"synthetic" db:"synthetic"`
	Version     int64        `json:"version" db:"version"`
	Suggestion  *Suggestion  `json:"suggestion,omitempty" db:"-" doc:"every term of the suggestion as it was at submission"`
	Steps       []Step       `json:"history,omitempty" db:"-"`

	SuggestionText *string `json:"-" db:"suggestion"`
	SubmitterID    *int64  `json:"-" db:"submitter_id"`
	VerifierID     *int64  `json:"-" db:"verifier_id"`
}

// CurrentVersion is the ETag of the request.
func (r Request) CurrentVersion() int64 { return r.Version }

// open is what is neither approved nor declined yet.
func (r Request) open() int64 { return r.Asked - r.Approved - r.Declined }

const selectRequests = `
	SELECT q.id, q.region_id, r.code AS region, r.name, q.place_id, i.code AS item, q.document, q.emergency, q.state, q.asked, q.suggested,
	       q.suggestion::text AS suggestion, q.reason, q.note, q.approved, q.declined, q.shipped, q.received, q.answer, q.created_at, q.created_by,
	       q.submitted_at, q.decided_at, q.decided_by, q.synthetic, q.version, q.submitter_id, q.verifier_id
	FROM requests q
	JOIN items i ON i.id = q.item_id
	JOIN regions_today r ON r.id = q.region_id`

func (r NewRequest) check() error {
	var wrong fault.Fields
	if r.Pieces < 1 || r.Pieces > mostPieces {
		wrong.Add("body.pieces", "out-of-range", r.Pieces, "least", 1, "most", mostPieces)
	}
	if itemIDs[r.Item] == 0 {
		wrong.Add("body.item", "item-unknown", r.Item)
	}
	if r.Reason != "" && !slices.Contains(DepartureReasons, r.Reason) {
		wrong.Add("body.reason", "reason-unknown", r.Reason, "known", DepartureReasons)
	}
	checkText(&wrong, "body.note", r.Note, 500)
	checkText(&wrong, "body.document", r.Document, 100)
	return wrong.Err()
}

// mostPieces bounds one quantity; a year's national use is a fifth of it.
const mostPieces = 100_000_000

func checkText(wrong *fault.Fields, at, text string, most int) {
	if n := len([]rune(text)); n > most {
		wrong.Add(at, "too-long", nil, "length", n, "most", most)
	}
}

// Ask writes a request for a region in reach and, unless it is a draft, submits it. Errors: invalid-input with the
// fields at fault, reason-required when it departs from the suggestion by more than the tolerance.
func (l *Ledger) Ask(ctx context.Context, who access.Actor, in NewRequest) (Request, error) {
	if err := who.May(access.AskRequests); err != nil {
		return Request{}, err
	}
	if in.Item == "" {
		in.Item = "ktp-el"
	}
	if err := in.check(); err != nil {
		return Request{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Request, error) {
		place, err := l.placeNamed(ctx, tx, who, 0, in.Region)
		if err != nil {
			return Request{}, err
		}
		if place.Kind != RegencyOffice && place.Kind != ProvinceStore {
			return Request{}, fault.ErrInvalid.At("body.region", "cannot-ask", in.Region, "kind", place.Kind)
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO requests (region_id, place_id, item_id, document, emergency, state, asked, reason, note, created_by)
			VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9)
			RETURNING id`, place.RegionID, place.ID, itemIDs[in.Item], in.Document, in.Emergency, in.Pieces, in.Reason, in.Note, who.Name)
		if err != nil {
			return Request{}, fmt.Errorf("insert request: %w", err)
		}
		r, err := requestByID(ctx, tx, id)
		if err != nil {
			return Request{}, err
		}
		if err := postgres.Audit(ctx, tx, who, r.RegionID, "ask", "request", id, nil, r); err != nil || in.Draft {
			return r, err
		}
		return l.submit(ctx, tx, who, r)
	})
}

// submit hands a request to whoever decides, with the suggestion of this moment beside it.
func (l *Ledger) submit(ctx context.Context, tx *sqlx.Tx, who access.Actor, r Request) (Request, error) {
	s, err := l.suggestion(ctx, tx, r.RegionID, itemIDs[r.Item])
	if err != nil {
		return r, err
	}
	if err := s.explains(r); err != nil {
		return r, err
	}
	text, err := s.text()
	if err != nil {
		return r, err
	}
	return l.write(ctx, tx, who, "submit", r, `state = 'submitted', submitted_at = $3, suggested = $4, suggestion = $5::jsonb, submitter_id = $6, verifier_id = NULL`,
		l.now(), s.Pieces, text, who.ID)
}

// write changes a request, whose row the caller has locked, and keeps how it was before and after in its history.
func (l *Ledger) write(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Request, set string, args ...any) (Request, error) {
	_, err := tx.ExecContext(ctx, `UPDATE requests SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`,
		append([]any{was.RegionID, was.ID}, args...)...)
	switch {
	case postgres.Violates(err, "requests_approved_within_asked"):
		return was, ErrBeyondAsked.With("request", was.ID, "asked", was.Asked, "approved", was.Approved, "declined", was.Declined)
	case postgres.Violates(err, "requests_shipped_within_approved"):
		return was, ErrBeyondApproved.With("request", was.ID, "approved", was.Approved, "shipped", was.Shipped)
	case err != nil:
		return was, fmt.Errorf("%s request %d: %w", action, was.ID, err)
	}
	is, err := requestByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, is.RegionID, action, "request", is.ID, was, is)
}

// change locks a request of that version in one of the states and lets do write it.
func (l *Ledger) change(ctx context.Context, who access.Actor, action access.Action, id, version int64, from []RequestState,
	do func(*sqlx.Tx, Request) (Request, error)) (Request, error) {
	if err := who.May(action); err != nil {
		return Request{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Request, error) {
		r, err := lockRequest(ctx, tx, id)
		if err != nil {
			return r, err
		}
		if err := postgres.CheckVersion(version, r.Version); err != nil {
			return r, err
		}
		if !slices.Contains(from, r.State) {
			return r, ErrRequestState.With("request", id, "state", r.State, "wanted", from)
		}
		return do(tx, r)
	})
}

// EditRequest changes what a draft or returned request asks for.
func (l *Ledger) EditRequest(ctx context.Context, who access.Actor, id, version int64, in NewRequest) (Request, error) {
	if in.Item == "" {
		in.Item = "ktp-el"
	}
	if err := in.check(); err != nil {
		return Request{}, err
	}
	return l.change(ctx, who, access.AskRequests, id, version, []RequestState{RequestDraft, RequestReturned}, func(tx *sqlx.Tx, r Request) (Request, error) {
		return l.write(ctx, tx, who, "edit", r, `item_id = $3, asked = $4, emergency = $5, reason = $6, note = $7, document = coalesce(nullif($8, ''), document)`,
			itemIDs[in.Item], in.Pieces, in.Emergency, in.Reason, in.Note, in.Document)
	})
}

// SubmitRequest hands in a draft, or again what was returned.
func (l *Ledger) SubmitRequest(ctx context.Context, who access.Actor, id, version int64) (Request, error) {
	return l.change(ctx, who, access.AskRequests, id, version, []RequestState{RequestDraft, RequestReturned}, func(tx *sqlx.Tx, r Request) (Request, error) {
		return l.submit(ctx, tx, who, r)
	})
}

// ReturnRequest sends a request back to who asked, to be changed and submitted again.
func (l *Ledger) ReturnRequest(ctx context.Context, who access.Actor, id, version int64, reason string) (Request, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Request{}, err
	}
	return l.change(ctx, who, access.VerifyRequests, id, version, []RequestState{RequestSubmitted, RequestVerified}, func(tx *sqlx.Tx, r Request) (Request, error) {
		return l.write(ctx, tx, who, "return", r, `state = 'returned', answer = $3`, reason)
	})
}

// VerifyRequest says that the province stands behind a request. Whoever submitted it may not: a province with one user has its
// own requests verified by the nation.
func (l *Ledger) VerifyRequest(ctx context.Context, who access.Actor, id, version int64, note string) (Request, error) {
	return l.change(ctx, who, access.VerifyRequests, id, version, []RequestState{RequestSubmitted}, func(tx *sqlx.Tx, r Request) (Request, error) {
		if err := r.byAnother(who); err != nil {
			return r, err
		}
		return l.write(ctx, tx, who, "verify", r, `state = 'verified', answer = $3, verifier_id = $4`, note, who.ID)
	})
}

// byAnother refuses whoever submitted or verified the request.
func (r Request) byAnother(who access.Actor) error {
	switch {
	case r.SubmitterID != nil && *r.SubmitterID == who.ID:
		return ErrOwnWork.With("request", r.ID, "submitted_by", who.Name, "advice", "somebody else of the province, or a planner, goes on with it")
	case r.VerifierID != nil && *r.VerifierID == who.ID:
		return ErrOwnWork.With("request", r.ID, "verified_by", who.Name, "advice", "whoever verified a request does not approve it; another planner does")
	}
	return nil
}

// Approval is how much of a request may ship.
type Approval struct {
	Pieces int64  `json:"pieces" minimum:"1" maximum:"100000000" doc:"at most what was asked and is not decided yet; the rest is declined"`
	Later  bool   `json:"later,omitempty" doc:"leave the rest open for a later tranche instead of declining it"`
	Note   string `json:"note,omitempty" maxLength:"500"`
}

// decidable are the states in which a request can be approved: what is left open by an earlier tranche counts.
var decidable = []RequestState{RequestSubmitted, RequestVerified, RequestApproved, RequestPartlyShipped}

// ApproveRequest allows any quantity up to what was asked. The rest is declined and can never ship, or stays open. Whoever
// submitted or verified it may not. Errors: own-work, more-than-asked, province-must-verify, request-not-in-state, stale.
func (l *Ledger) ApproveRequest(ctx context.Context, who access.Actor, id, version int64, in Approval) (Request, error) {
	if in.Pieces < 1 || in.Pieces > mostPieces {
		return Request{}, fault.ErrInvalid.At("body.pieces", "out-of-range", in.Pieces, "least", 1, "most", mostPieces)
	}
	return l.change(ctx, who, access.DecideRequests, id, version, decidable, func(tx *sqlx.Tx, r Request) (Request, error) {
		return l.approve(ctx, tx, who, r, in)
	})
}

func (l *Ledger) approve(ctx context.Context, tx *sqlx.Tx, who access.Actor, r Request, in Approval) (Request, error) {
	if err := r.byAnother(who); err != nil {
		return r, err
	}
	verify, err := verifyFirst.Read(ctx, tx)
	if err != nil {
		return r, err
	}
	if verify && r.State == RequestSubmitted && !r.Emergency {
		return r, ErrNotVerified.With("request", r.ID, "state", r.State)
	}
	if in.Pieces > r.open() {
		return r, ErrBeyondAsked.With("request", r.ID, "asked", r.Asked, "approved", r.Approved, "declined", r.Declined, "pieces", in.Pieces)
	}
	declined := r.open() - in.Pieces
	if in.Later {
		declined = 0
	}
	state := RequestApproved
	if r.Shipped > 0 {
		state = RequestPartlyShipped
	}
	return l.write(ctx, tx, who, "approve", r, `state = $3, approved = approved + $4, declined = declined + $5, answer = $6, decided_at = $7, decided_by = $8`,
		string(state), in.Pieces, declined, in.Note, l.now(), who.Name)
}

// RejectRequest declines a request as a whole, or what is left open of one that was approved in part.
func (l *Ledger) RejectRequest(ctx context.Context, who access.Actor, id, version int64, reason string) (Request, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Request{}, err
	}
	return l.change(ctx, who, access.DecideRequests, id, version, decidable, func(tx *sqlx.Tx, r Request) (Request, error) {
		if r.Asked == r.Approved+r.Declined {
			return r, ErrRequestState.With("request", id, "state", r.State, "asked", r.Asked, "approved", r.Approved, "advice", "nothing of it is left to decide; the asker may cancel it while nothing was shipped")
		}
		state := r.State
		if r.Approved == 0 {
			state = RequestRejected
		}
		is, err := l.write(ctx, tx, who, "reject", r, `state = $3, declined = asked - approved, answer = $4, decided_at = $5, decided_by = $6`,
			string(state), reason, l.now(), who.Name)
		if err != nil {
			return is, err
		}
		return l.settle(ctx, tx, who, is)
	})
}

// CancelRequest takes back a request of which nothing was shipped yet.
func (l *Ledger) CancelRequest(ctx context.Context, who access.Actor, id, version int64, reason string) (Request, error) {
	from := []RequestState{RequestDraft, RequestSubmitted, RequestReturned, RequestVerified, RequestApproved}
	return l.change(ctx, who, access.AskRequests, id, version, from, func(tx *sqlx.Tx, r Request) (Request, error) {
		if r.Shipped > 0 {
			return r, ErrRequestState.With("request", id, "state", r.State, "shipped", r.Shipped)
		}
		return l.write(ctx, tx, who, "cancel", r, `state = 'cancelled', declined = asked - approved, answer = $3`, reason)
	})
}

// settle moves a request on according to its counts and what is still under way for it.
func (l *Ledger) settle(ctx context.Context, tx *sqlx.Tx, who access.Actor, r Request) (Request, error) {
	var underWay bool
	err := tx.GetContext(ctx, &underWay, `
		SELECT EXISTS (
			SELECT FROM shipment_lines l
			JOIN shipments s ON s.region_id = l.region_id AND s.id = l.shipment_id
			WHERE l.region_id = $1 AND l.request_id = $2 AND s.state IN ('prepared', 'dispatched', 'partly-received'))`, r.RegionID, r.ID)
	if err != nil {
		return r, fmt.Errorf("look for shipments of request %d: %w", r.ID, err)
	}
	state := r.State
	switch {
	case r.Approved == 0:
	case r.Shipped == 0:
		state = RequestApproved
	case r.Shipped < r.Asked-r.Declined:
		state = RequestPartlyShipped
	case underWay:
		state = RequestShipped
	default:
		state = RequestClosed
	}
	if state == r.State {
		return r, nil
	}
	return l.write(ctx, tx, who, string(state), r, `state = $3`, string(state))
}

// lockRequest reads a request in reach and holds it until the transaction ends.
func lockRequest(ctx context.Context, tx *sqlx.Tx, id int64) (r Request, err error) {
	err = tx.GetContext(ctx, &r, selectRequests+` WHERE q.id = $1 FOR UPDATE OF q`, id)
	return r, postgres.NotFound(err, ErrRequestUnknown.With("request", id))
}

func requestByID(ctx context.Context, tx *sqlx.Tx, id int64) (r Request, err error) {
	err = tx.GetContext(ctx, &r, selectRequests+` WHERE q.id = $1`, id)
	return r, postgres.NotFound(err, ErrRequestUnknown.With("request", id))
}

// wanted refuses an empty or overlong text where a person must say why.
func wanted(at, text string) error {
	var wrong fault.Fields
	if strings.TrimSpace(text) == "" {
		wrong.Add(at, "required", nil)
	}
	checkText(&wrong, at, text, 500)
	return wrong.Err()
}

// Request returns one request in reach with its suggestion and history.
func (l *Ledger) Request(ctx context.Context, who access.Actor, id int64) (r Request, err error) {
	if err := who.May(access.ReadRequests); err != nil {
		return r, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if r, err = requestByID(ctx, tx, id); err != nil {
			return err
		}
		if r.Suggestion, err = keptSuggestion(r.SuggestionText); err != nil {
			return err
		}
		r.Steps, err = history(ctx, tx, "request", id)
		return err
	})
	return r, err
}

// RequestFilter narrows a list of requests; the zero filter takes all in reach.
type RequestFilter struct {
	Region    string // code; with everything below it
	State     RequestState
	Open      bool // only those that wait for a decision or a shipment
	Emergency bool // only emergencies
	postgres.Paging
}

// RequestPage is a page of requests with what waits in all of them.
type RequestPage struct {
	postgres.Page[Request]
	Waiting Waiting `json:"waiting" doc:"requests of the region that wait for a decision"`
}

// Waiting counts emergencies and the others apart.
type Waiting struct {
	Emergency Queue `json:"emergency"`
	Routine   Queue `json:"routine"`
}

// Queue is how many requests wait, and for how much.
type Queue struct {
	Requests int64 `json:"requests"`
	Pieces   int64 `json:"pieces" doc:"asked and neither approved nor declined"`
}

// Requests lists requests in reach, newest first. Open ones come in the order in which they are served: emergencies
// first, then the oldest.
func (l *Ledger) Requests(ctx context.Context, who access.Actor, f RequestFilter) (page RequestPage, err error) {
	if err := who.May(access.ReadRequests); err != nil {
		return page, err
	}
	list := newestRequests
	if f.Open {
		list = requestQueue
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if page.Page, err = list(ctx, tx, f); err != nil {
			return err
		}
		page.Waiting, err = waiting(ctx, tx, f.Region)
		return err
	})
	return page, err
}

func waiting(ctx context.Context, tx *sqlx.Tx, code string) (w Waiting, err error) {
	err = tx.QueryRowxContext(ctx, `
		SELECT count(*) FILTER (WHERE q.emergency), coalesce(sum(q.asked - q.approved - q.declined) FILTER (WHERE q.emergency), 0)::bigint,
		       count(*) FILTER (WHERE NOT q.emergency), coalesce(sum(q.asked - q.approved - q.declined) FILTER (WHERE NOT q.emergency), 0)::bigint
		FROM requests q
		JOIN regions_today r ON r.id = q.region_id
		WHERE q.state IN ('submitted', 'verified', 'approved', 'partly-shipped') AND q.asked > q.approved + q.declined
		  AND ($1 IN ('', '00') OR r.code = $1 OR r.code LIKE $1 || '.%')`, code).Scan(
		&w.Emergency.Requests, &w.Emergency.Pieces, &w.Routine.Requests, &w.Routine.Pieces)
	if err != nil {
		return w, fmt.Errorf("count what waits: %w", err)
	}
	return w, nil
}

// requestQueue lists requests that wait for a decision or a shipment, in the order in which they are served.
func requestQueue(ctx context.Context, tx *sqlx.Tx, f RequestFilter) (page postgres.Page[Request], err error) {
	type inTurn struct {
		Class     int       `json:"class"` // 0 for emergencies
		Submitted time.Time `json:"submitted"`
		Request   int64     `json:"request"`
	}
	var after inTurn
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	var rows []Request
	err = tx.SelectContext(ctx, &rows, selectRequests+`
		WHERE (CASE WHEN q.emergency THEN 0 ELSE 1 END, q.submitted_at, q.id) > ($1::int, $2::timestamptz, $3::bigint)
		  AND q.state IN ('submitted', 'verified', 'approved', 'partly-shipped')
		  AND ($4 IN ('', '00') OR r.code = $4 OR r.code LIKE $4 || '.%')
		  AND ($5 = '' OR q.state = $5)
		  AND (NOT $6 OR q.emergency)
		ORDER BY q.emergency DESC, q.submitted_at, q.id
		LIMIT $7`, after.Class, after.Submitted, after.Request, f.Region, string(f.State), f.Emergency, limit)
	if err != nil {
		return page, fmt.Errorf("list the queue of requests: %w", err)
	}
	return postgres.NewPage(f.Paging, rows, func(r Request) inTurn { return inTurn{1 - number(r.Emergency), *r.SubmittedAt, r.ID} })
}

func newestRequests(ctx context.Context, tx *sqlx.Tx, f RequestFilter) (page postgres.Page[Request], err error) {
	type newestFirst struct {
		Request int64 `json:"request"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Request
	err = tx.SelectContext(ctx, &rows, selectRequests+`
		WHERE q.id < $1
		  AND ($2 IN ('', '00') OR r.code = $2 OR r.code LIKE $2 || '.%')
		  AND ($3 = '' OR q.state = $3)
		  AND (NOT $4 OR q.emergency)
		ORDER BY q.id DESC
		LIMIT $5`, before.Request, f.Region, string(f.State), f.Emergency, limit)
	if err != nil {
		return page, fmt.Errorf("list requests: %w", err)
	}
	return postgres.NewPage(f.Paging, rows, func(r Request) newestFirst { return newestFirst{r.ID} })
}
