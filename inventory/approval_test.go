package inventory_test

import (
	"testing"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

func TestABatchIsApprovedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	first, second, third := b.ask(t, "12.71", 100, false), b.ask(t, "82.71", 200, false), b.ask(t, "31.71", 300, true)
	one := func(r inventory.Request) inventory.RequestApproval {
		return inventory.RequestApproval{Request: r.ID, Version: r.Version}
	}
	stale, beyond := one(first), one(second)
	stale.Version++
	beyond.Pieces = ptr(int64(201))
	_, err := b.ledger.ApproveRequests(ctx, planner, inventory.BatchApproval{Approvals: []inventory.RequestApproval{one(third), beyond, stale, {Request: 9999, Version: 1}}})
	f, ok := fault.As(err)
	if !ok || len(f.Fields) != 3 {
		t.Fatalf("a batch with three faults: %v", err)
	}
	for i, want := range []struct{ at, code string }{{"body.approvals[1]", "more-than-asked"}, {"body.approvals[2]", "stale"}, {"body.approvals[3]", "request-unknown"}} {
		if f.Fields[i].Location != want.at || f.Fields[i].Code != want.code {
			t.Errorf("fault %d is %+v, want %+v", i, f.Fields[i], want)
		}
	}
	for _, in := range [][]inventory.RequestApproval{nil, {one(first), one(first)}} {
		_, err := b.ledger.ApproveRequests(ctx, planner, inventory.BatchApproval{Approvals: in})
		wantFault(t, "none, or one twice", err, fault.ErrInvalid)
	}
	_, err = b.ledger.ApproveRequests(ctx, sumut, inventory.BatchApproval{Approvals: []inventory.RequestApproval{one(first)}})
	wantFault(t, "a province approves", err, access.ErrForbidden)

	// Nothing of that was approved: all wait, the emergency first.
	queue := must[inventory.RequestPage](t)(b.ledger.Requests(ctx, planner, inventory.RequestFilter{Open: true, Paging: postgres.Paging{Limit: 2}}))
	if w := queue.Waiting; w.Emergency != (inventory.Queue{Requests: 1, Pieces: 300}) || w.Routine != (inventory.Queue{Requests: 2, Pieces: 300}) {
		t.Errorf("waiting %+v", w)
	}
	rest := must[inventory.RequestPage](t)(b.ledger.Requests(ctx, planner, inventory.RequestFilter{Open: true, Paging: postgres.Paging{Limit: 2, Cursor: queue.Next}}))
	if len(queue.Items) != 2 || queue.Items[0].ID != third.ID || queue.Items[1].ID != first.ID || len(rest.Items) != 1 || rest.Items[0].ID != second.ID || rest.Next != "" {
		t.Errorf("queue %+v then %+v", queue.Items, rest.Items)
	}

	part := one(second)
	part.Pieces = ptr(int64(50))
	part.Later = true
	page := must[postgres.Page[inventory.Request]](t)(b.ledger.ApproveRequests(ctx, planner, inventory.BatchApproval{Approvals: []inventory.RequestApproval{one(third), part, one(first)}}))
	if p := page.Items; p[0].ID != third.ID || p[0].Approved != 300 || p[1].Approved != 50 || p[1].Declined != 0 || p[2].Approved != 100 {
		t.Errorf("approved %+v", p)
	}
	if w := must[inventory.RequestPage](t)(b.ledger.Requests(ctx, planner, inventory.RequestFilter{})).Waiting; w.Emergency.Requests != 0 || w.Routine != (inventory.Queue{Requests: 1, Pieces: 150}) {
		t.Errorf("still waiting %+v", w)
	}
}
