package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// BatchApproval approves several requests at once, all of them or none.
type BatchApproval struct {
	Approvals []RequestApproval `json:"approvals" minItems:"1" maxItems:"600"`
}

// RequestApproval is the approval of one request of a batch.
type RequestApproval struct {
	Request int64  `json:"request" minimum:"1"`
	Version int64  `json:"version" minimum:"1" doc:"of the request as it was read"`
	Pieces  *int64 `json:"pieces,omitempty" minimum:"1" maximum:"100000000" doc:"all that is not decided yet when absent"`
	Later   bool   `json:"later,omitempty" doc:"leave the rest open for a later tranche instead of declining it"`
	Note    string `json:"note,omitempty" maxLength:"500"`
}

// ApproveRequests approves a batch. What is wrong with any of them is told of all, each at its place in the batch, and
// none is approved.
func (l *Ledger) ApproveRequests(ctx context.Context, who access.Actor, in BatchApproval) (page postgres.Page[Request], err error) {
	if err := who.May(access.DecideRequests); err != nil {
		return page, err
	}
	if err := in.check(); err != nil {
		return page, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (page postgres.Page[Request], err error) {
		approved := make([]Request, len(in.Approvals))
		problems := map[int]*fault.Fault{}
		for _, i := range in.inOrder() {
			r, err := l.approveOne(ctx, tx, who, in.Approvals[i])
			if f, ok := fault.As(err); ok {
				problems[i] = f
			} else if err != nil {
				return page, err
			}
			approved[i] = r
		}
		var wrong fault.Fields
		for i, a := range in.Approvals {
			if f := problems[i]; f != nil {
				facts := []any{}
				for name, value := range f.Facts {
					facts = append(facts, name, value)
				}
				wrong.Add(fmt.Sprintf("body.approvals[%d]", i), f.Code, a.Request, facts...)
			}
		}
		page.Items = approved
		return page, wrong.Err()
	})
}

func (in BatchApproval) check() error {
	var wrong fault.Fields
	if len(in.Approvals) == 0 {
		wrong.Add("body.approvals", "required", nil)
	}
	first := map[int64]int{}
	for i, a := range in.Approvals {
		at := fmt.Sprintf("body.approvals[%d]", i)
		if before, twice := first[a.Request]; twice {
			wrong.Add(at+".request", "twice", a.Request, "first", before)
			continue
		}
		first[a.Request] = i
		if a.Pieces != nil && (*a.Pieces < 1 || *a.Pieces > mostPieces) {
			wrong.Add(at+".pieces", "out-of-range", *a.Pieces, "least", 1, "most", mostPieces)
		}
		checkText(&wrong, at+".note", a.Note, 500)
	}
	return wrong.Err()
}

// inOrder lists the batch by number of request: two batches lock in one order and wait instead of deadlocking.
func (in BatchApproval) inOrder() []int {
	order := make([]int, len(in.Approvals))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(in.Approvals[a].Request, in.Approvals[b].Request) })
	return order
}

func (l *Ledger) approveOne(ctx context.Context, tx *sqlx.Tx, who access.Actor, a RequestApproval) (Request, error) {
	r, err := lockRequest(ctx, tx, a.Request)
	if err != nil {
		return r, err
	}
	if err := postgres.CheckVersion(a.Version, r.Version); err != nil {
		return r, err
	}
	if !slices.Contains(decidable, r.State) {
		return r, ErrRequestState.With("request", r.ID, "state", r.State, "wanted", decidable)
	}
	pieces := r.open()
	if a.Pieces != nil {
		pieces = *a.Pieces
	}
	if pieces == 0 {
		return r, ErrBeyondAsked.With("request", r.ID, "asked", r.Asked, "approved", r.Approved, "declined", r.Declined, "pieces", 0)
	}
	return l.approve(ctx, tx, who, r, Approval{Pieces: pieces, Later: a.Later, Note: a.Note})
}
