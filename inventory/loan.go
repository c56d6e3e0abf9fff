package inventory

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Loan is blanks that one office lends to another of its province until a day. How far it has come follows from its
// shipments: accepted, shipped, received, returning, settled; overdue when it is not settled after its day. Owed is what arrived
// at the borrower, less what arrived back or was lost on the way: a loan is settled when nothing more is to arrive and nothing is owed.
type Loan struct {
	ID             int64      `json:"id" db:"id"`
	Document       string     `json:"document" db:"document"`
	From           string     `json:"from" db:"lender" doc:"code of the lender"`
	FromName       string     `json:"from_name" db:"lender_name"`
	To             string     `json:"to" db:"borrower" doc:"code of the borrower"`
	ToName         string     `json:"to_name" db:"borrower_name"`
	Item           string     `json:"item" db:"item"`
	Pieces         int64      `json:"pieces" db:"pieces"`
	DueOn          string     `json:"due_on" db:"due_on" format:"date"`
	Owed           int64      `json:"owed" db:"owed" doc:"what is still to be given back"`
	State          string     `json:"state" db:"state" enum:"proposed,accepted,declined,cancelled,shipped,received,returning,settled,overdue"`
	Note           string     `json:"note" db:"note"`
	Shipment       *int64     `json:"shipment" db:"shipment_id" doc:"the way there"`
	ReturnShipment *int64     `json:"return_shipment" db:"return_shipment_id" doc:"the way back, the latest of several"`
	ProposedAt     time.Time  `json:"proposed_at" db:"proposed_at"`
	ProposedBy     string     `json:"proposed_by" db:"proposed_by"`
	DecidedAt      *time.Time `json:"decided_at" db:"decided_at"`
	DecidedBy      string     `json:"decided_by" db:"decided_by"`
	Synthetic      bool       `json:"synthetic" db:"synthetic"`
	Version        int64      `json:"version" db:"version"`
	RegionID       int        `json:"-" db:"region_id"`
	SenderRegionID int        `json:"-" db:"sender_region_id"`
	LenderPlace    int        `json:"-" db:"lender_place_id"`
	BorrowerPlace  int        `json:"-" db:"borrower_place_id"`
}

// CurrentVersion is the ETag of the loan.
func (l Loan) CurrentVersion() int64 { return l.Version }

// NewLoan asks another office for a loan.
type NewLoan struct {
	From   string `json:"from" maxLength:"13" doc:"code of the kabupaten/kota that is to lend"`
	To     string `json:"to,omitempty" maxLength:"13" doc:"code of the borrower; your own when empty"`
	Item   string `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Pieces int64  `json:"pieces" minimum:"1" maximum:"100000000"`
	DueOn  string `json:"due_on" format:"date" doc:"day by which the pieces are back"`
	Note   string `json:"note,omitempty" maxLength:"500"`
}

// What a loan refuses.
var (
	ErrLoanUnknown   = fault.New(fault.NotFound, "loan-unknown")
	ErrLoanState     = fault.New(fault.Conflict, "loan-not-in-state") // loan, state, wanted
	ErrOtherProvince = fault.New(fault.Invalid, "other-province")     // from, to
)

const selectLoans = `
	SELECT n.id, n.region_id, n.sender_region_id, n.lender_place_id, n.borrower_place_id, n.document, region_code(n.sender_region_id) AS lender,
	       place_label(n.lender_place_id) AS lender_name, region_code(n.region_id) AS borrower, place_label(n.borrower_place_id) AS borrower_name,
	       i.code AS item, n.pieces, n.due_on::text, n.note, n.shipment_id, n.return_shipment_id, n.proposed_at, n.proposed_by, n.decided_at, n.decided_by,
	       n.synthetic, n.version, greatest(lent.owed, 0) AS owed,
	       CASE WHEN n.state <> 'accepted' THEN n.state
	            WHEN away.state = 'cancelled' THEN 'cancelled'
	            WHEN away.state IN ('received', 'closed-short') AND lent.owed <= 0 THEN 'settled'
	            WHEN n.due_on < business_date() THEN 'overdue'
	            WHEN back.state IN ('dispatched', 'partly-received') THEN 'returning'
	            WHEN away.state IN ('received', 'closed-short', 'partly-received') THEN 'received'
	            WHEN away.state = 'dispatched' THEN 'shipped'
	            ELSE 'accepted' END AS state
	FROM loans n
	JOIN items i ON i.id = n.item_id
	LEFT JOIN shipments away ON away.id = n.shipment_id
	LEFT JOIN shipments back ON back.id = n.return_shipment_id
	CROSS JOIN LATERAL (
		SELECT coalesce((SELECT sum(l.good + l.damaged + l.quarantined)
		                 FROM shipment_lines l
		                 WHERE l.region_id = n.region_id AND l.shipment_id = n.shipment_id), 0)
		     - coalesce((SELECT sum(l.good + l.damaged + l.quarantined + l.missing)
		                 FROM shipments s
		                 JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
		                 WHERE s.region_id = n.sender_region_id AND s.cause = 'loan-return' AND s.cause_id = n.id), 0)
		     + coalesce((SELECT sum(d.pieces) -- these never left the borrower
		                 FROM shipments s
		                 JOIN discrepancies d ON d.region_id = s.region_id AND d.shipment_id = s.id AND d.answer = 'found-here'
		                 WHERE s.region_id = n.sender_region_id AND s.cause = 'loan-return' AND s.cause_id = n.id), 0) AS owed
	) lent`

// office is an office in reach or not.
type office struct {
	Place  int         `db:"place_id"`
	Region int         `db:"region_id"`
	Code   string      `db:"region_code"`
	Zone   region.Zone `db:"zone"`
}

func officeOf(ctx context.Context, tx *sqlx.Tx, code string) (o office, err error) {
	err = tx.GetContext(ctx, &o, `SELECT place_id, region_id, region_code, zone FROM office_of($1)`, code)
	if errors.Is(err, sql.ErrNoRows) {
		return o, region.ErrUnknown.With("code", code)
	}
	return o, err
}

// ProposeLoan asks an office of the same province to lend. The borrower asks, or the province for it.
func (l *Ledger) ProposeLoan(ctx context.Context, who access.Actor, in NewLoan) (Loan, error) {
	if err := who.May(access.ProposeLoans); err != nil {
		return Loan{}, err
	}
	item, err := itemID(in.Item)
	if err != nil {
		return Loan{}, err
	}
	if in.Pieces < 1 || in.Pieces > mostPieces {
		return Loan{}, fault.ErrInvalid.At("body.pieces", "out-of-range", in.Pieces, "least", 1, "most", mostPieces)
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Loan, error) {
		to, err := l.placeNamed(ctx, tx, who, 0, in.To)
		if err != nil {
			return Loan{}, err
		}
		from, err := officeOf(ctx, tx, in.From)
		if err != nil {
			return Loan{}, err
		}
		if to.Kind != RegencyOffice || from.Place == to.ID || from.Code[:2] != to.Region[:2] {
			return Loan{}, ErrOtherProvince.With("from", in.From, "to", to.Region, "advice", "a loan goes from one kabupaten/kota to another of the same province")
		}
		due, err := time.Parse(time.DateOnly, in.DueOn)
		if err != nil || !due.After(region.Today(to.Zone, l.now())) {
			return Loan{}, fault.ErrInvalid.At("body.due_on", "not-in-the-future", in.DueOn)
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO loans (region_id, sender_region_id, document, lender_place_id, borrower_place_id, item_id, pieces, due_on, state, note, proposed_at, proposed_by)
			VALUES ($1, $2, '', $3, $4, $5, $6, $7::date, 'proposed', $8, $9, $10)
			RETURNING id`, to.RegionID, from.Region, from.Place, to.ID, item, in.Pieces, in.DueOn, in.Note, l.now(), who.Name)
		if err != nil {
			return Loan{}, fmt.Errorf("insert loan: %w", err)
		}
		n, err := loanByID(ctx, tx, id)
		if err != nil {
			return n, err
		}
		return n, postgres.Audit(ctx, tx, who, n.RegionID, "propose", "loan", id, nil, n)
	})
}

// AcceptLoan lends: the pieces are reserved at the lender for a shipment, which it then dispatches.
func (l *Ledger) AcceptLoan(ctx context.Context, who access.Actor, id, version int64) (Loan, error) {
	return l.lend(ctx, who, id, version, []string{"proposed"}, func(n Loan) int { return n.LenderPlace }, func(tx *sqlx.Tx, n Loan) (Loan, error) {
		s, err := l.pack(ctx, tx, who, n.parcel("loan", n.LenderPlace, n.SenderRegionID, n.BorrowerPlace, n.RegionID, l))
		if err != nil {
			return n, err
		}
		return l.note(ctx, tx, who, "accept", n, `state = 'accepted', shipment_id = $3, decided_at = $4, decided_by = $5`, s.ID, l.now(), who.Name)
	})
}

func (n Loan) parcel(cause string, from, fromRegion, to, toRegion int, l *Ledger) parcel {
	zone := region.WIB
	if p, ok := l.places.get(from); ok {
		zone = p.Zone
	}
	return parcel{from: Place{ID: from, RegionID: fromRegion, Zone: zone}, to: Place{ID: to, RegionID: toRegion}, cause: cause, causeID: &n.ID, mode: "courier",
		lines: []parcelLine{{item: itemIDs[n.Item], pieces: n.Pieces}}}
}

// DeclineLoan refuses to lend.
func (l *Ledger) DeclineLoan(ctx context.Context, who access.Actor, id, version int64, reason string) (Loan, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Loan{}, err
	}
	return l.lend(ctx, who, id, version, []string{"proposed"}, func(n Loan) int { return n.LenderPlace }, func(tx *sqlx.Tx, n Loan) (Loan, error) {
		return l.note(ctx, tx, who, "decline", n, `state = 'declined', note = $3, decided_at = $4, decided_by = $5`, reason, l.now(), who.Name)
	})
}

// WithdrawLoan takes back a proposal that the lender has not answered.
func (l *Ledger) WithdrawLoan(ctx context.Context, who access.Actor, id, version int64, reason string) (Loan, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Loan{}, err
	}
	return l.lend(ctx, who, id, version, []string{"proposed"}, func(n Loan) int { return n.BorrowerPlace }, func(tx *sqlx.Tx, n Loan) (Loan, error) {
		return l.note(ctx, tx, who, "withdraw", n, `state = 'cancelled', note = $3, decided_at = $4, decided_by = $5`, reason, l.now(), who.Name)
	})
}

// ReturnLoan sends pieces of a received loan back, all that is owed unless it says how many: they are reserved at the borrower for
// a shipment, which it dispatches and the lender receives. One way back is finished before the next begins.
func (l *Ledger) ReturnLoan(ctx context.Context, who access.Actor, id, version, pieces int64) (Loan, error) {
	return l.lend(ctx, who, id, version, []string{"received", "overdue"}, func(n Loan) int { return n.BorrowerPlace }, func(tx *sqlx.Tx, n Loan) (Loan, error) {
		if n.ReturnShipment != nil {
			back, err := shipmentByID(ctx, tx, *n.ReturnShipment)
			if err != nil {
				return n, err
			}
			if back.State == ShipmentPrepared || back.State == ShipmentDispatched || back.State == ShipmentPartlyReceived {
				return n, ErrLoanState.With("loan", id, "state", "returning", "return_shipment", back.ID)
			}
		}
		if n.Owed == 0 {
			return n, ErrLoanState.With("loan", id, "state", n.State, "owed", 0)
		}
		if pieces < 0 || pieces > n.Owed {
			return n, fault.ErrInvalid.At("body.pieces", "out-of-range", pieces, "least", 1, "most", n.Owed)
		}
		back := n
		back.Pieces = cmp.Or(pieces, n.Owed)
		s, err := l.pack(ctx, tx, who, back.parcel("loan-return", n.BorrowerPlace, n.RegionID, n.LenderPlace, n.SenderRegionID, l))
		if err != nil {
			return n, err
		}
		return l.note(ctx, tx, who, "return", n, `return_shipment_id = $3`, s.ID)
	})
}

// lend locks a loan of that version in one of the states for the keeper of one of its places.
func (l *Ledger) lend(ctx context.Context, who access.Actor, id, version int64, from []string, place func(Loan) int, do func(*sqlx.Tx, Loan) (Loan, error)) (Loan, error) {
	if err := who.May(access.DecideLoans); err != nil {
		return Loan{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Loan, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM loans WHERE id = $1 FOR UPDATE`, id); err != nil {
			return Loan{}, fmt.Errorf("lock loan %d: %w", id, err)
		}
		n, err := loanByID(ctx, tx, id)
		if err != nil {
			return n, err
		}
		if err := keeps(ctx, tx, who, place(n)); err != nil {
			return n, err
		}
		if err := postgres.CheckVersion(version, n.Version); err != nil {
			return n, err
		}
		if !slices.Contains(from, n.State) {
			return n, ErrLoanState.With("loan", id, "state", n.State, "wanted", from)
		}
		if _, err := l.facts(ctx, []int{n.LenderPlace, n.BorrowerPlace}); err != nil {
			return n, err
		}
		return do(tx, n)
	})
}

func (l *Ledger) note(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Loan, set string, args ...any) (Loan, error) {
	_, err := tx.ExecContext(ctx, `UPDATE loans SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`, append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s loan %d: %w", action, was.ID, err)
	}
	is, err := loanByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	end, err := endOf(ctx, tx, was.RegionID, was.SenderRegionID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, end, action, "loan", is.ID, was, is)
}

func loanByID(ctx context.Context, tx *sqlx.Tx, id int64) (n Loan, err error) {
	err = tx.GetContext(ctx, &n, selectLoans+` WHERE n.id = $1`, id)
	return n, postgres.NotFound(err, ErrLoanUnknown.With("loan", id))
}

// Loan returns one loan with an end in reach.
func (l *Ledger) Loan(ctx context.Context, who access.Actor, id int64) (n Loan, err error) {
	if err := who.May(access.ReadLoans); err != nil {
		return n, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		n, err = loanByID(ctx, tx, id)
		return err
	})
	return n, err
}

// LoanFilter narrows a list of loans; the zero filter takes all with an end in reach.
type LoanFilter struct {
	State string // overdue, for one
	postgres.Paging
}

// Loans lists loans with an end in reach, newest first.
func (l *Ledger) Loans(ctx context.Context, who access.Actor, f LoanFilter) (page postgres.Page[Loan], err error) {
	if err := who.May(access.ReadLoans); err != nil {
		return page, err
	}
	type newestFirst struct {
		Loan int64 `json:"loan"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Loan
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, `
			SELECT *
			FROM (`+selectLoans+` WHERE n.id < $1) l
			WHERE $2 = '' OR l.state = $2
			ORDER BY l.id DESC
			LIMIT $3`, before.Loan, f.State, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list loans: %w", err)
	}
	return postgres.NewPage(f.Paging, rows, func(n Loan) newestFirst { return newestFirst{n.ID} })
}

// SuggestedLoan is a loan that would bring two offices nearer to running out on the same day.
type SuggestedLoan struct {
	From     string  `json:"from"`
	FromName string  `json:"from_name"`
	To       string  `json:"to"`
	ToName   string  `json:"to_name"`
	Pieces   int64   `json:"pieces"`
	Days     float64 `json:"days_of_cover" doc:"what both come nearer to: the stock of the province over its daily need"`
}

// SuggestLoans says which loans would let a province run out together (sehingga satu provinsi habisnya bersama-sama).
func (l *Ledger) SuggestLoans(ctx context.Context, who access.Actor, province string) ([]SuggestedLoan, error) {
	if err := who.May(access.ReadLoans); err != nil {
		return nil, err
	}
	positions, err := l.Positions(ctx, who)
	if err != nil {
		return nil, err
	}
	needs, err := l.Needs(ctx, who, province)
	if err != nil {
		return nil, err
	}
	daily := map[int]float64{}
	for _, n := range needs {
		if n.Item == "ktp-el" {
			daily[n.RegionID] = n.DailyMean
		}
	}
	positions = slices.DeleteFunc(positions, func(p Position) bool { return !region.Under(p.Region, province) || daily[p.RegionID] <= 0 })
	return level(positions, daily), nil
}

// level moves pieces from offices above the common days of cover to those below, the largest surplus to the largest
// want, until every want is met as far as whole pieces go. What is in transit counts as stock.
func level(positions []Position, daily map[int]float64) []SuggestedLoan {
	loans := []SuggestedLoan{}
	var stock, need float64
	held := func(p Position) float64 {
		sum := p.Usable
		for _, in := range p.Incoming {
			sum += in.Pieces
		}
		return float64(sum)
	}
	for _, p := range positions {
		stock += held(p)
		need += daily[p.RegionID]
	}
	if need == 0 {
		return loans
	}
	days := stock / need
	type side struct {
		p      Position
		pieces int64
	}
	var lenders, borrowers []side
	for _, p := range positions {
		over := held(p) - days*daily[p.RegionID]
		switch {
		case over >= 1:
			// Only what is on the shelf can be lent.
			lenders = append(lenders, side{p, min(int64(over), p.Usable)})
		case over <= -1:
			borrowers = append(borrowers, side{p, int64(-over)})
		}
	}
	most := func(sides []side) int {
		at := 0
		for i := range sides {
			if sides[i].pieces > sides[at].pieces {
				at = i
			}
		}
		return at
	}
	for len(lenders) > 0 && len(borrowers) > 0 {
		a, b := &lenders[most(lenders)], &borrowers[most(borrowers)]
		n := min(a.pieces, b.pieces)
		if n == 0 {
			break
		}
		loans = append(loans, SuggestedLoan{From: a.p.Region, FromName: a.p.Name, To: b.p.Region, ToName: b.p.Name, Pieces: n, Days: days})
		a.pieces -= n
		b.pieces -= n
	}
	return loans
}
