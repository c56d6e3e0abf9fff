package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
	"blangko/inventory"
)

type loanFilter struct {
	State string `query:"state" enum:"proposed,accepted,declined,cancelled,shipped,received,returning,settled,overdue"`
	Paging
}

func (s *Server) loans(ctx context.Context, who access.Actor, in *loanFilter) (postgres.Page[inventory.Loan], error) {
	return s.Ledger.Loans(ctx, who, inventory.LoanFilter{State: in.State, Paging: in.domain()})
}

func (s *Server) loan(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Loan, error) {
	return s.Ledger.Loan(ctx, who, in.ID)
}

type provinceOf struct {
	Region string `query:"region" required:"true" pattern:"^\\d{2}$" doc:"official code of the province"`
}

func (s *Server) suggestLoans(ctx context.Context, who access.Actor, in *provinceOf) (postgres.Page[inventory.SuggestedLoan], error) {
	loans, err := s.Ledger.SuggestLoans(ctx, who, in.Region)
	return postgres.Page[inventory.SuggestedLoan]{Items: loans}, err
}

type newLoan struct{ Body inventory.NewLoan }

func (s *Server) proposeLoan(ctx context.Context, who access.Actor, in *newLoan) (inventory.Loan, error) {
	return s.Ledger.ProposeLoan(ctx, who, in.Body)
}

func (s *Server) acceptLoan(ctx context.Context, who access.Actor, in *Version) (inventory.Loan, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loan, error) { return s.Ledger.AcceptLoan(ctx, who, in.ID, version) })
}

func (s *Server) declineLoan(ctx context.Context, who access.Actor, in *withReason) (inventory.Loan, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loan, error) {
		return s.Ledger.DeclineLoan(ctx, who, in.ID, version, in.Body.Reason)
	})
}

func (s *Server) withdrawLoan(ctx context.Context, who access.Actor, in *withReason) (inventory.Loan, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loan, error) {
		return s.Ledger.WithdrawLoan(ctx, who, in.ID, version, in.Body.Reason)
	})
}

type loanReturn struct {
	Version
	Body *struct {
		Pieces int64 `json:"pieces,omitempty" minimum:"1" maximum:"100000000" doc:"all that is owed when absent"`
	}
}

func (s *Server) returnLoan(ctx context.Context, who access.Actor, in *loanReturn) (inventory.Loan, error) {
	var pieces int64
	if in.Body != nil {
		pieces = in.Body.Pieces
	}
	return versionOf(in.IfMatch, func(version int64) (inventory.Loan, error) {
		return s.Ledger.ReturnLoan(ctx, who, in.ID, version, pieces)
	})
}

func (s *Server) counts(ctx context.Context, who access.Actor, in *page) (postgres.Page[inventory.Count], error) {
	return s.Ledger.Counts(ctx, who, in.domain())
}

func (s *Server) count(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Count, error) {
	return s.Ledger.Count(ctx, who, in.ID)
}

type newCount struct{ Body inventory.NewCount }

func (s *Server) requestCount(ctx context.Context, who access.Actor, in *newCount) (inventory.Count, error) {
	return s.Ledger.RequestCount(ctx, who, in.Body)
}

type counting struct {
	Version
	Body inventory.Counting
}

func (s *Server) enterCount(ctx context.Context, who access.Actor, in *counting) (inventory.Count, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Count, error) {
		return s.Ledger.EnterCount(ctx, who, in.ID, version, in.Body)
	})
}

func (s *Server) askRecount(ctx context.Context, who access.Actor, in *withReason) (inventory.Count, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Count, error) {
		return s.Ledger.AskRecount(ctx, who, in.ID, version, in.Body.Reason)
	})
}

func (s *Server) startCount(ctx context.Context, who access.Actor, in *Version) (inventory.Count, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Count, error) {
		return s.Ledger.StartCount(ctx, who, in.ID, version)
	})
}

// CountReview is why a count differs from the ledger.
type CountReview struct {
	Reason string `json:"reason" enum:"none,miscounted-before,not-recorded,recorded-twice,damaged,missing,found,other"`
	Note   string `json:"note,omitempty" maxLength:"500"`
}

type countReview struct {
	Version
	Body CountReview
}

func (s *Server) reviewCount(ctx context.Context, who access.Actor, in *countReview) (inventory.Count, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Count, error) {
		return s.Ledger.ReviewCount(ctx, who, in.ID, version, in.Body.Reason, in.Body.Note)
	})
}

// CountPosting reviews a count that was not reviewed yet.
type CountPosting struct {
	Reason string `json:"reason,omitempty" enum:",none,miscounted-before,not-recorded,recorded-twice,damaged,missing,found,other" doc:"reviews and posts in one; absent for a count that was reviewed"`
	Note   string `json:"note,omitempty" maxLength:"500" doc:"with a reason"`
}

type countPosting struct {
	Version
	Body CountPosting
}

func (s *Server) postCount(ctx context.Context, who access.Actor, in *countPosting) (inventory.Count, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Count, error) {
		return s.Ledger.PostCount(ctx, who, in.ID, version, in.Body.Reason, in.Body.Note)
	})
}

func (s *Server) cancelCount(ctx context.Context, who access.Actor, in *withReason) (inventory.Count, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Count, error) {
		return s.Ledger.CancelCount(ctx, who, in.ID, version, in.Body.Reason)
	})
}

func (s *Server) losses(ctx context.Context, who access.Actor, in *page) (postgres.Page[inventory.Loss], error) {
	return s.Ledger.Losses(ctx, who, in.domain())
}

func (s *Server) loss(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Loss, error) {
	return s.Ledger.Loss(ctx, who, in.ID)
}

type newLoss struct{ Body inventory.NewLoss }

func (s *Server) reportLoss(ctx context.Context, who access.Actor, in *newLoss) (inventory.Loss, error) {
	return s.Ledger.ReportLoss(ctx, who, in.Body)
}

type editedLoss struct {
	Version
	Body inventory.NewLoss
}

func (s *Server) editLoss(ctx context.Context, who access.Actor, in *editedLoss) (inventory.Loss, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loss, error) {
		return s.Ledger.EditLoss(ctx, who, in.ID, version, in.Body)
	})
}

func (s *Server) reportDraftedLoss(ctx context.Context, who access.Actor, in *Version) (inventory.Loss, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loss, error) {
		return s.Ledger.ReportDraftedLoss(ctx, who, in.ID, version)
	})
}

func (s *Server) discardLoss(ctx context.Context, who access.Actor, in *Version) (inventory.Loss, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loss, error) {
		return s.Ledger.DiscardLoss(ctx, who, in.ID, version)
	})
}

func (s *Server) approveLoss(ctx context.Context, who access.Actor, in *Version) (inventory.Loss, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loss, error) {
		return s.Ledger.DecideLoss(ctx, who, in.ID, version, true)
	})
}

func (s *Server) rejectLoss(ctx context.Context, who access.Actor, in *Version) (inventory.Loss, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Loss, error) {
		return s.Ledger.DecideLoss(ctx, who, in.ID, version, false)
	})
}

func (s *Server) destructions(ctx context.Context, who access.Actor, in *page) (postgres.Page[inventory.Destruction], error) {
	return s.Ledger.Destructions(ctx, who, in.domain())
}

func (s *Server) destruction(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Destruction, error) {
	return s.Ledger.Destruction(ctx, who, in.ID)
}

type newDestruction struct{ Body inventory.NewDestruction }

func (s *Server) prepareDestruction(ctx context.Context, who access.Actor, in *newDestruction) (inventory.Destruction, error) {
	return s.Ledger.PrepareDestruction(ctx, who, in.Body)
}

// Witnesses are the officials who saw a destruction.
type Witnesses struct {
	Witnesses []inventory.Witness `json:"witnesses" minItems:"2" maxItems:"10"`
}

type witnessing struct {
	Version
	Body Witnesses
}

func (s *Server) witnessDestruction(ctx context.Context, who access.Actor, in *witnessing) (inventory.Destruction, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Destruction, error) {
		return s.Ledger.WitnessDestruction(ctx, who, in.ID, version, in.Body.Witnesses)
	})
}

func (s *Server) completeDestruction(ctx context.Context, who access.Actor, in *Version) (inventory.Destruction, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Destruction, error) {
		return s.Ledger.CompleteDestruction(ctx, who, in.ID, version)
	})
}

func (s *Server) cancelDestruction(ctx context.Context, who access.Actor, in *withReason) (inventory.Destruction, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Destruction, error) {
		return s.Ledger.CancelDestruction(ctx, who, in.ID, version, in.Body.Reason)
	})
}

// CardOf names one account of a place and the days of its card.
type CardOf struct {
	ID        int                 `path:"id" minimum:"1" maximum:"2147483647"`
	Item      string              `query:"item" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Condition inventory.Condition `query:"condition" default:"usable" enum:"usable,reserved,in-transit,spoiled,surrendered,quarantine"`
	From      string              `query:"from" format:"date" doc:"the first of the last day's month when empty"`
	To        string              `query:"to" format:"date" doc:"as of this day; today when empty"`
}

func (s *Server) stockCard(ctx context.Context, who access.Actor, in *CardOf) (inventory.StockCard, error) {
	return s.Ledger.StockCard(ctx, who, in.ID, in.Item, in.Condition, in.From, in.To)
}

type cardFile struct {
	CardOf
	Format sheet.Format `query:"format" default:"xlsx" enum:"xlsx,csv"`
}

// stockCardFile is a stock card as a file: what the card shows, with its balances before and after as rows.
func (s *Server) stockCardFile(ctx context.Context, who access.Actor, in *cardFile) (file, error) {
	card, err := s.stockCard(ctx, who, &in.CardOf)
	if err != nil {
		return file{}, err
	}
	number := func(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }
	out := sheet.Output{Name: "stock-card", Columns: []string{"date", "move", "kind", "document", "reason", "actor", "in", "out", "balance"},
		Notes: [][2]string{{"place", strconv.Itoa(card.Place)}, {"region", card.Region}, {"item", card.Item}, {"condition", string(card.Condition)}, {"from", card.From}, {"to", card.To}}}
	out.Rows = append(out.Rows, []any{card.From, nil, "opening", nil, nil, nil, nil, nil, number(card.Opening)})
	for _, r := range card.Rows {
		out.Rows = append(out.Rows, []any{r.Date, r.Move, string(r.Kind), r.Document, r.Reason, r.Actor, number(r.In), number(r.Out), number(r.Balance)})
	}
	out.Rows = append(out.Rows, []any{card.To, nil, "closing", nil, nil, nil, nil, nil, number(card.Closing)})
	content, err := out.Write(in.Format)
	return file{Name: fmt.Sprintf("stock-card-%d-%s.%s", card.Place, card.To, in.Format), Type: in.Format.Type(), Content: content}, err
}

type closedPeriods struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Paging
}

func (s *Server) closedPeriods(ctx context.Context, who access.Actor, in *closedPeriods) (postgres.Page[inventory.ClosedPeriod], error) {
	return s.Ledger.ClosedPeriods(ctx, who, in.Region, in.domain())
}

// Closing names a month whose books are closed.
type Closing struct {
	Region string `json:"region" maxLength:"13" doc:"official code; with everything below it"`
	Month  string `json:"month" pattern:"^\\d{4}-\\d{2}$" example:"2026-10"`
}

type closing struct{ Body Closing }

func (s *Server) closePeriod(ctx context.Context, who access.Actor, in *closing) (inventory.Closed, error) {
	return s.Ledger.ClosePeriod(ctx, who, in.Body.Region, in.Body.Month)
}
