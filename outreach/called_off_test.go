package outreach_test

import (
	"slices"
	"testing"
	"time"

	"blangko/inventory"
	"blangko/outreach"
)

// A visit under way that comes to nothing ends as missed or cancelled; what its team took is counted back in, by somebody
// else, and no blank is lost or doubled.
func TestAVisitUnderWayComesToNothing(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	team := b.team(t, "Satu")
	visits := b.underWay(t, b.village(t, "A", 60), b.village(t, "BB", 70), b.village(t, "CCC", 80))
	office, bag := b.placeOf(t, "82.71", inventory.RegencyOffice), *must[outreach.Team](t)(b.desk.Team(ctx, field, team.ID)).Place
	missed := must[outreach.Visit](t)(b.desk.Miss(ctx, field, visits[0].ID, visits[0].Version, "jembatan putus"))
	cancelled := must[outreach.Visit](t)(b.desk.Cancel(ctx, officer, visits[1].ID, visits[1].Version, "kendaraan rusak"))
	late := must[outreach.Visit](t)(b.desk.Miss(ctx, field, visits[2].ID, visits[2].Version, "belum ada kabar"))
	if missed.State != outreach.Missed || cancelled.State != outreach.Cancelled || missed.Blanks != 0 || *missed.Handed != visits[0].Blanks {
		t.Fatalf("missed %+v, cancelled %+v", missed, cancelled)
	}
	out := visits[0].Blanks + visits[1].Blanks + visits[2].Blanks
	if held := b.held(t, bag, inventory.Usable); held != out {
		t.Errorf("the team holds %d, want %d", held, out)
	}
	_, err := b.desk.CheckIn(ctx, officer, cancelled.ID, cancelled.Version, visits[1].Blanks, 0)
	wantFault(t, "who cancelled counts", err, outreach.ErrSamePerson)
	_, err = b.desk.CheckIn(ctx, officer, missed.ID, missed.Version, visits[0].Blanks+1, 0)
	wantFault(t, "more than was taken", err, inventory.ErrBeyondHeld)
	missed = must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, missed.ID, missed.Version, visits[0].Blanks-1, 0))
	missed = must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, missed.ID, missed.Version, 1, 0))
	_, err = b.desk.CheckIn(ctx, officer, missed.ID, missed.Version, 1, 0)
	wantFault(t, "when all is back", err, outreach.ErrNothingOut)

	// The third was made after all: its team's own blanks are used, none are set aside anew.
	r := must[outreach.Result](t)(b.desk.Report(ctx, field, late.ID, outreach.NewResult{Report: "r1", Complete: true, Present: 50, Served: 50, Recorded: 50, Printed: 20,
		Taken: visits[2].Blanks, Used: 20, Returned: visits[2].Blanks - 20}))
	if !slices.Equal(r.Flags, []string{"called-off"}) {
		t.Errorf("flags %v", r.Flags)
	}
	late = must[outreach.Visit](t)(b.desk.Visit(ctx, field, late.ID))
	if late.State != outreach.Done || late.Blanks != visits[2].Blanks {
		t.Errorf("reported after all: %+v", late)
	}
	must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, late.ID, late.Version, visits[2].Blanks-20, 0))
	if usable, with := b.held(t, office, inventory.Usable), b.held(t, bag, inventory.Usable); usable+with != 480 || with != visits[1].Blanks {
		t.Errorf("the office holds %d and the team %d of 480", usable, with)
	}
}

// A visit that never began has nothing to be counted in when it is called off.
func TestNothingIsOutOfAVisitThatNeverBegan(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	b.village(t, "Desa", 60)
	v := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1))).Visits[0]
	v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, v.Blanks))
	v = must[outreach.Visit](t)(b.desk.Miss(ctx, field, v.ID, v.Version, "hujan"))
	_, err := b.desk.CheckIn(ctx, officer, v.ID, v.Version, 1, 0)
	wantFault(t, "counted in", err, outreach.ErrNothingOut)
	if held := b.held(t, b.placeOf(t, "82.71", inventory.RegencyOffice), inventory.Usable); held != 500 {
		t.Errorf("the office holds %d of 500", held)
	}
}

// A team is lost at a visit that it has begun: another team goes instead, and the blanks are counted back in.
func TestATeamIsLostOnItsWay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	first, second := b.team(t, "Satu"), b.team(t, "Dua", func(n *outreach.NewTeam) { n.Weekdays = []int{2} })
	b.village(t, "Desa", 60, func(n *outreach.NewSite) { n.Gap = 3 })
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(2)))
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))
	v := p.Visits[0]
	if v.Team != first.ID {
		v = func() outreach.Visit {
			must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: first.ID, Day: monday}))
			return must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
		}()
	}
	day, blanks := v.Day, v.Blanks
	if day != monday {
		must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: first.ID, Day: monday}))
		v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
	}
	b.now = v.Starts.Add(30 * time.Minute)
	v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, blanks))
	v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, blanks))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	broken := p.Outcome.Moved
	if p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1})); one(t, p, "Desa").ID != v.ID {
		t.Errorf("planned anew with its team, a visit under way is replaced: %+v", p.Visits)
	}
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{{Team: first.ID}}}))
	instead := one(t, p, "Desa")
	if instead.ID == v.ID || instead.Team != second.ID || instead.Day != "2026-11-24" || instead.Expected != v.Expected || instead.Blanks != blanks {
		t.Errorf("instead of %+v: %+v, omitted %+v", v, instead, p.Omitted)
	}
	if o := p.Outcome; o.Visits != 1 || o.Moved != broken+1 || o.Dropped != 0 || o.Blanks.Needed != blanks {
		t.Errorf("outcome %+v", o)
	}
	v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
	if v.State != outreach.Cancelled || v.Handed == nil || *v.Handed != blanks {
		t.Fatalf("the visit that was begun: %+v", v)
	}
	must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, v.ID, v.Version, blanks, 0))
	if held := b.held(t, b.placeOf(t, "82.71", inventory.RegencyOffice), inventory.Usable); held != 500-blanks {
		t.Errorf("the office holds %d, want %d", held, 500-blanks)
	}

	// Without another team the plan is planned anew all the same, and says why nobody goes.
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{{Team: first.ID}, {Team: second.ID}}}))
	reasonIs(t, p, "Desa", "team-off")
	if len(visitsTo(p, "Desa")) != 0 || p.Outcome.Dropped != 1 || p.Outcome.Visits != 0 {
		t.Errorf("with both teams lost: %+v", p.Outcome)
	}
}
