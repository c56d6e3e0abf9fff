package inventory

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Discrepancy is a difference between what was sent and what arrived: a case that the sender owes an answer by a day.
// Until then every piece stays accounted for: what is short stays in transit, what is over or wrong in quarantine.
type Discrepancy struct {
	ID             int64      `json:"id" db:"id"`
	Shipment       int64      `json:"shipment" db:"shipment_id"`
	Document       string     `json:"document" db:"document" doc:"of the shipment"`
	Receipt        int64      `json:"receipt" db:"receipt_id"`
	Line           int        `json:"line" db:"line"`
	From           string     `json:"from" db:"sender"`
	FromName       string     `json:"from_name" db:"sender_name"`
	To             string     `json:"to" db:"receiver"`
	ToName         string     `json:"to_name" db:"receiver_name"`
	Kind           string     `json:"kind" db:"kind" enum:"short,over,damaged,wrong-version,wrong-chips"`
	Pieces         int64      `json:"pieces" db:"pieces"`
	State          string     `json:"state" db:"state" enum:"open,escalated,resolved,withdrawn"`
	DueOn          string     `json:"due_on" db:"due_on" format:"date"`
	Overdue        bool       `json:"overdue" db:"overdue"`
	Answer         string     `json:"answer" db:"answer" enum:",lost,found-here,sent-more,not-ours,acknowledged"`
	Note           string     `json:"note" db:"note"`
	OpenedAt       time.Time  `json:"opened_at" db:"opened_at"`
	OpenedBy       string     `json:"opened_by" db:"opened_by"`
	AnsweredAt     *time.Time `json:"answered_at" db:"answered_at"`
	AnsweredBy     string     `json:"answered_by" db:"answered_by"`
	Synthetic      bool       `json:"synthetic" db:"synthetic"`
	Version        int64      `json:"version" db:"version"`
	RegionID       int        `json:"-" db:"region_id"`
	SenderRegionID int        `json:"-" db:"sender_region_id"`
}

// CurrentVersion is the ETag of the case.
func (d Discrepancy) CurrentVersion() int64 { return d.Version }

// NewAnswer is what the sender says of a discrepancy.
type NewAnswer struct {
	Answer string `json:"answer" enum:"lost,found-here,sent-more,not-ours,acknowledged,dispute" doc:"short: lost or found-here (it never left); over: sent-more or not-ours; damaged and wrong: acknowledged; dispute hands the case to the planner"`
	Note   string `json:"note" minLength:"1" maxLength:"500" doc:"what was found, and the number of the paper that says so"`
}

// answers says which answers settle which kind of discrepancy.
var answers = map[string][]string{
	"short":         {"lost", "found-here"},
	"over":          {"sent-more", "not-ours"},
	"damaged":       {"acknowledged"},
	"wrong-version": {"acknowledged"},
	"wrong-chips":   {"acknowledged"},
}

// What a discrepancy refuses.
var (
	ErrDiscrepancyUnknown = fault.New(fault.NotFound, "discrepancy-unknown")
	ErrDiscrepancyState   = fault.New(fault.Conflict, "discrepancy-not-in-state") // discrepancy, state
)

const selectDiscrepancies = `
	SELECT d.id, d.region_id, d.sender_region_id, d.shipment_id, d.receipt_id, d.line, d.kind, d.pieces, d.state, d.due_on::text, d.answer, d.note,
	       d.opened_at, d.opened_by, d.answered_at, d.answered_by, d.synthetic, d.version, s.document,
	       region_code(d.sender_region_id) AS sender, place_label(s.sender_place_id) AS sender_name,
	       region_code(d.region_id) AS receiver, place_label(s.receiver_place_id) AS receiver_name,
	       d.state IN ('open', 'escalated') AND d.due_on < business_date() AS overdue
	FROM discrepancies d
	JOIN shipments s ON s.region_id = d.region_id AND s.id = d.shipment_id`

// openCases brings the cases of a shipment in line with what a receipt of it counted: one case per line for what is
// over, damaged or wrong in that receipt, and one for what is short of the whole shipment once a receipt has said that
// nothing more is to come.
func (l *Ledger) openCases(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, r Receipt) error {
	if r.State == ReceiptConfirmed {
		for _, line := range r.Lines {
			for kind, pieces := range map[string]int64{"over": line.Over, "damaged": line.Damaged, line.QuarantineReason: line.Quarantined} {
				if err := l.openCase(ctx, tx, who, s, r, line.Line, kind, pieces); err != nil {
					return err
				}
			}
		}
	}
	var complete bool
	err := tx.GetContext(ctx, &complete, `SELECT coalesce(bool_or(complete), false) FROM receipts WHERE region_id = $1 AND shipment_id = $2 AND state = 'confirmed'`,
		s.RegionID, s.ID)
	if err != nil {
		return fmt.Errorf("read receipts of shipment %d: %w", s.ID, err)
	}
	now, err := shipmentByID(ctx, tx, s.ID)
	if err != nil {
		return err
	}
	for _, line := range now.Lines {
		short := line.Outstanding()
		if !complete {
			short = 0
		}
		var stands int64
		err := tx.GetContext(ctx, &stands, `
			SELECT coalesce(sum(pieces), 0)
			FROM discrepancies
			WHERE region_id = $1 AND shipment_id = $2 AND line = $3 AND kind = 'short' AND state IN ('open', 'escalated')`, s.RegionID, s.ID, line.Line)
		if err != nil {
			return fmt.Errorf("read discrepancies of shipment %d: %w", s.ID, err)
		}
		if stands == short {
			continue
		}
		if err := l.withdraw(ctx, tx, who, `shipment_id = $2 AND line = $3 AND kind = 'short' AND state IN ('open', 'escalated')`, s.RegionID, s.ID, line.Line); err != nil {
			return err
		}
		if err := l.openCase(ctx, tx, who, s, r, line.Line, "short", short); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) openCase(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, r Receipt, line int, kind string, pieces int64) error {
	if pieces == 0 {
		return nil
	}
	days, err := discrepancyDays.Read(ctx, tx)
	if err != nil {
		return err
	}
	to, err := l.facts(ctx, []int{s.ToPlace})
	if err != nil {
		return err
	}
	// From the day it is recorded on: the sender cannot answer what nobody has told it.
	var id int64
	err = tx.GetContext(ctx, &id, `
		INSERT INTO discrepancies (region_id, sender_region_id, shipment_id, receipt_id, line, kind, pieces, state, due_on, opened_at, opened_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8::date + $9::int, $10, $11)
		RETURNING id`, s.RegionID, s.SenderRegionID, s.ID, r.ID, line, kind, pieces, l.today(to[s.ToPlace].Zone), days, l.now(), who.Name)
	if err != nil {
		return fmt.Errorf("open discrepancy: %w", err)
	}
	d, err := discrepancyByID(ctx, tx, id)
	if err != nil {
		return err
	}
	return postgres.Audit(ctx, tx, who, d.RegionID, "open", "discrepancy", id, nil, d)
}

// withdrawCases takes back the cases that a receipt opened; one that was answered keeps the receipt as it is.
func (l *Ledger) withdrawCases(ctx context.Context, tx *sqlx.Tx, who access.Actor, r Receipt) error {
	var answered []int64
	err := tx.SelectContext(ctx, &answered, `
		SELECT id
		FROM discrepancies
		WHERE region_id = $1 AND (receipt_id = $2 OR shipment_id = $3 AND kind = 'short') AND state = 'resolved'`, r.RegionID, r.ID, r.Shipment)
	if err != nil {
		return fmt.Errorf("read discrepancies of receipt %d: %w", r.ID, err)
	}
	if len(answered) > 0 {
		return ErrReceiptAnswered.With("receipt", r.ID, "discrepancy", answered[0])
	}
	return l.withdraw(ctx, tx, who, `receipt_id = $2 AND state IN ('open', 'escalated')`, r.RegionID, r.ID)
}

func (l *Ledger) withdraw(ctx context.Context, tx *sqlx.Tx, who access.Actor, which string, args ...any) error {
	var ids []int64
	err := tx.SelectContext(ctx, &ids, `UPDATE discrepancies SET state = 'withdrawn', version = version + 1 WHERE region_id = $1 AND `+which+` RETURNING id`, args...)
	if err != nil {
		return fmt.Errorf("withdraw discrepancies: %w", err)
	}
	for _, id := range ids {
		d, err := discrepancyByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := postgres.Audit(ctx, tx, who, d.RegionID, "withdraw", "discrepancy", id, nil, d); err != nil {
			return err
		}
	}
	return nil
}

// AnswerDiscrepancy settles a case, or disputes it. The sender answers; the planner answers what was escalated.
//
//	short     lost        in transit → lost, of the sender's region
//	short     found-here  in transit → usable at the sender, of a return its quarantine; the request may be served again
//	over      sent-more   usable at the sender → usable at the receiver, and the quarantine is lifted
//	over      not-ours    the pieces stay in quarantine
//	otherwise acknowledged
func (l *Ledger) AnswerDiscrepancy(ctx context.Context, who access.Actor, id, version int64, in NewAnswer) (Discrepancy, error) {
	if err := who.May(access.AnswerDiscrepancies); err != nil {
		return Discrepancy{}, err
	}
	if err := wanted("body.note", in.Note); err != nil {
		return Discrepancy{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Discrepancy, error) {
		d, err := discrepancyByID(ctx, tx, id)
		if err != nil {
			return d, err
		}
		s, err := lockShipment(ctx, tx, d.Shipment)
		if err != nil {
			return d, err
		}
		if d, err = discrepancyByID(ctx, tx, id); err != nil {
			return d, err
		}
		if !(d.State == "escalated" && who.Role == access.Planner) {
			if err := keeps(ctx, tx, who, s.FromPlace); err != nil {
				return d, err
			}
		}
		if err := postgres.CheckVersion(version, d.Version); err != nil {
			return d, err
		}
		if d.State != "open" && d.State != "escalated" {
			return d, ErrDiscrepancyState.With("discrepancy", id, "state", d.State)
		}
		if in.Answer == "dispute" {
			return l.put(ctx, tx, who, "dispute", d, `state = 'escalated', note = $3`, in.Note)
		}
		if !slices.Contains(answers[d.Kind], in.Answer) {
			return d, fault.ErrInvalid.At("body.answer", "answer-does-not-fit", in.Answer, "kind", d.Kind, "known", append(slices.Clone(answers[d.Kind]), "dispute"))
		}
		if err := l.settleCase(ctx, tx, who, s, d, in); err != nil {
			return d, err
		}
		if err := l.answerBoxes(ctx, tx, who, s, d, in.Answer); err != nil {
			return d, err
		}
		return l.put(ctx, tx, who, "answer", d, `state = 'resolved', answer = $3, note = $4, answered_at = $5, answered_by = $6`,
			in.Answer, in.Note, l.now(), who.Name)
	})
}

func (l *Ledger) settleCase(ctx context.Context, tx *sqlx.Tx, who access.Actor, s Shipment, d Discrepancy, in NewAnswer) error {
	line := s.Lines[d.Line-1]
	from, err := l.facts(ctx, []int{s.FromPlace})
	if err != nil {
		return err
	}
	p := posting{Kind: Return, Document: s.Document, Date: l.today(from[s.FromPlace].Zone), Reason: in.Note}
	switch in.Answer {
	case "lost":
		lost, err := around(ctx, tx, s.FromPlace, Lost)
		if err != nil {
			return err
		}
		p.Kind = LossMove
		p.add(line, s.ToPlace, InTransit, lost, Usable, d.Pieces)
	case "found-here":
		p.add(line, s.ToPlace, InTransit, s.FromPlace, s.shelf(), d.Pieces)
	case "sent-more":
		outside, err := outside(ctx, tx, s.ToPlace)
		if err != nil {
			return err
		}
		p.Kind = ReceiptMove
		p.add(line, s.FromPlace, s.shelf(), outside, Quarantine, d.Pieces)
		p.add(line, s.ToPlace, Quarantine, s.ToPlace, Usable, d.Pieces)
	default:
		return nil
	}
	if _, err := post(ctx, l.db, tx, agreed, p); err != nil {
		return err
	}
	if d.Kind != "short" {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE shipment_lines SET missing = missing + $4 WHERE region_id = $1 AND shipment_id = $2 AND line = $3`,
		s.RegionID, s.ID, d.Line, d.Pieces)
	if err != nil {
		return fmt.Errorf("count missing pieces: %w", err)
	}
	if in.Answer == "found-here" && line.Request != 0 {
		// The pieces never left, so they may be shipped again for the same request.
		_, err := tx.ExecContext(ctx, `UPDATE requests SET shipped = shipped - $3, version = version + 1 WHERE region_id = $1 AND id = $2`,
			s.RegionID, line.Request, d.Pieces)
		if err != nil {
			return fmt.Errorf("give pieces back to request: %w", err)
		}
	}
	return l.conclude(ctx, tx, who, s.ID)
}

func (l *Ledger) put(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Discrepancy, set string, args ...any) (Discrepancy, error) {
	_, err := tx.ExecContext(ctx, `UPDATE discrepancies SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`,
		append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s discrepancy %d: %w", action, was.ID, err)
	}
	is, err := discrepancyByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	end, err := endOf(ctx, tx, was.RegionID, was.SenderRegionID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, end, action, "discrepancy", is.ID, was, is)
}

// EscalateDiscrepancies hands every open case that is past its day to the planner, and returns them.
func (l *Ledger) EscalateDiscrepancies(ctx context.Context, who access.Actor) (late []Discrepancy, err error) {
	if err := who.May(access.EscalateDiscrepancies); err != nil {
		return nil, err
	}
	err = postgres.Write(ctx, l.db, who, func(tx *sqlx.Tx) error {
		late = nil
		var open []Discrepancy
		if err := tx.SelectContext(ctx, &open, selectDiscrepancies+` WHERE d.state = 'open' AND d.due_on < business_date() FOR UPDATE OF d`); err != nil {
			return fmt.Errorf("read overdue discrepancies: %w", err)
		}
		for _, d := range open {
			is, err := l.put(ctx, tx, who, "escalate", d, `state = 'escalated'`)
			if err != nil {
				return err
			}
			late = append(late, is)
		}
		return nil
	})
	return late, err
}

func discrepancyByID(ctx context.Context, tx *sqlx.Tx, id int64) (d Discrepancy, err error) {
	err = tx.GetContext(ctx, &d, selectDiscrepancies+` WHERE d.id = $1`, id)
	return d, postgres.NotFound(err, ErrDiscrepancyUnknown.With("discrepancy", id))
}

// Discrepancy returns one case with an end in reach.
func (l *Ledger) Discrepancy(ctx context.Context, who access.Actor, id int64) (d Discrepancy, err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return d, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		d, err = discrepancyByID(ctx, tx, id)
		return err
	})
	return d, err
}

// DiscrepancyFilter narrows a list of cases; the zero filter takes all with an end in reach.
type DiscrepancyFilter struct {
	Shipment int64
	Open     bool // only those that wait for an answer
	postgres.Paging
}

// Discrepancies lists cases with an end in reach, newest first.
func (l *Ledger) Discrepancies(ctx context.Context, who access.Actor, f DiscrepancyFilter) (page postgres.Page[Discrepancy], err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return page, err
	}
	type newestFirst struct {
		Discrepancy int64 `json:"discrepancy"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Discrepancy
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectDiscrepancies+`
			WHERE d.id < $1
			  AND ($2::bigint = 0 OR d.shipment_id = $2)
			  AND (NOT $3 OR d.state IN ('open', 'escalated'))
			ORDER BY d.id DESC
			LIMIT $4`, before.Discrepancy, f.Shipment, f.Open, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list discrepancies: %w", err)
	}
	return postgres.NewPage(f.Paging, rows, func(d Discrepancy) newestFirst { return newestFirst{d.ID} })
}
