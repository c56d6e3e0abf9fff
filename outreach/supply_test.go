package outreach_test

import (
	"testing"

	"blangko/inventory"
	"blangko/outreach"
)

// withBlanks names the visits of a plan that have blanks, and those that record only.
func withBlanks(p outreach.Plan) (with, without map[string]bool) {
	with, without = map[string]bool{}, map[string]bool{}
	for _, v := range p.Visits {
		if v.State != outreach.Cancelled && v.RecordOnly {
			without[v.SiteName] = true
		} else if v.State != outreach.Cancelled {
			with[v.SiteName] = true
		}
	}
	return with, without
}

// A visit that had to go without blanks gets them when stock has come and the plan is planned anew; one that a person sent
// without stays so.
func TestStockArrivesForVisitsWithout(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 100)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Sets = 12 })
	for name, people := range map[string]int64{"Kecil": 100, "Besar": 150, "Terbesar": 200} { // 66, 98 and 131 blanks
		b.village(t, name, people)
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(3)))
	if with, without := withBlanks(p); len(p.Visits) != 3 || !with["Kecil"] || len(without) != 2 {
		t.Fatalf("with 100 blanks: %v have theirs, %v do not; omitted %+v", with, without, p.Omitted)
	}

	// The planner sends the small one without, and gives the blanks to another.
	small, large := one(t, p, "Kecil"), one(t, p, "Besar")
	_, err := b.desk.Supply(ctx, field, large.ID, large.Version, true)
	wantFault(t, "more than there are", err, inventory.ErrShort)
	small = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, small.ID, small.Version, small.Blanks))
	small = must[outreach.Visit](t)(b.desk.Supply(ctx, field, small.ID, small.Version, false))
	large = must[outreach.Visit](t)(b.desk.Supply(ctx, field, large.ID, large.Version, true))
	if small.Blanks != 0 || !small.RecordOnly || small.Handed != nil || large.Blanks != 98 || large.RecordOnly {
		t.Errorf("without %+v, with %+v", small, large)
	}
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	b.account(t, p)
	if o := p.Outcome.Blanks; o.Reserved != 98 || o.RecordOnly != 2 || o.Short != o.Needed-98 || o.Visits != 3 {
		t.Errorf("the plan says %+v", o)
	}
	_, err = b.desk.Supply(ctx, medan, large.ID, large.Version, false)
	wantFault(t, "Medan takes the blanks of Ternate", err, outreach.ErrVisitUnknown)

	b.give(t, "82.71", 500)
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if with, without := withBlanks(p); !with["Terbesar"] || !with["Besar"] || !without["Kecil"] || len(without) != 1 {
		t.Errorf("with stock enough %v have theirs, %v do not", with, without)
	}
	if o := p.Outcome.Blanks; o.RecordOnly != 1 || o.Reserved != 98+131 {
		t.Errorf("the plan says %+v", o)
	}
	b.account(t, p)
	small = one(t, p, "Kecil")
	must[outreach.Visit](t)(b.desk.Supply(ctx, field, small.ID, small.Version, true))
	b.account(t, must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)))
}
