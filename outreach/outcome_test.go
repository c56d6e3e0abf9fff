package outreach_test

import (
	"context"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"blangko/outreach"
	"blangko/outreach/road"
)

// A plan is worth what its visits are, as soon as one of them is called off, and again when that was made after all. The
// way leads past a place called off until hours are planned anew, and nobody travels on a day without visits.
func TestAPlanIsCountedAnewWhenAVisitComesToNothing(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	home := b.village(t, "A", 20, func(n *outreach.NewSite) { n.Kind = "panti_jompo" })
	visits := b.underWay(t, home, b.village(t, "BB", 50), b.village(t, "CCC", 60))
	plan := func() outreach.Outcome {
		t.Helper()
		return must[outreach.Plan](t)(b.desk.Plan(ctx, field, visits[0].Plan)).Outcome
	}
	was := plan()
	for i, at := range []int{1, 2, 0} {
		v := must[outreach.Visit](t)(b.desk.Visit(ctx, field, visits[at].ID))
		before := plan()
		must[outreach.Visit](t)(b.desk.Miss(ctx, field, v.ID, v.Version, "jembatan putus"))
		o := plan()
		if o.Visits != 2-i || o.Expected != before.Expected-int(v.Expected.People) || o.Blanks.Needed != before.Blanks.Needed-v.Cards.People || o.Blanks.Reserved != o.Blanks.Needed {
			t.Errorf("without %s: %+v, before %+v", v.SiteName, o, before)
		}
		days, travel, metres := 1, was.Travel, was.Metres
		if o.Visits == 0 {
			days, travel, metres = 0, 0, 0
		}
		if o.TeamDays != days || o.Travel != travel || o.Metres != metres {
			t.Errorf("with %d visits %d team-days, %d s and %d m on the way; want %d, %d, %d", o.Visits, o.TeamDays, o.Travel, o.Metres, days, travel, metres)
		}
	}
	if o := plan(); o.Vulnerable != 0 || o.Weighted != 0 || o.PerTeamDay != 0 || o.Nearest.Ratio != 0 {
		t.Errorf("with nothing left: %+v", o)
	}
	v := visits[0]
	must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: "r1", Complete: true, Present: 50, Served: 50, Recorded: 50}))
	if o := plan(); o.Visits != 1 || o.Expected != int(v.Expected.People) || o.TeamDays != 1 || o.PerTeamDay != float64(o.Expected) {
		t.Errorf("made after all: %+v", o)
	}
}

// meanwhile are roads during whose reading something happens.
type meanwhile func()

func (m meanwhile) Table(ctx context.Context, points []orb.Point) (road.Table, error) {
	m()
	return road.GreatCircle{}.Table(ctx, points)
}

// A team that begins a visit while its plan is planned anew is not sent elsewhere: the planner is told, and nothing is
// half written.
func TestAVisitBeginsWhileItIsPlannedAnew(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	b.village(t, "A", 60)
	b.village(t, "BB", 70)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	v := must[outreach.Visit](t)(b.desk.Hand(ctx, officer, p.Visits[0].ID, p.Visits[0].Version, p.Visits[0].Blanks))
	b.desk.TravelBy(meanwhile(func() {
		if v.State != outreach.UnderWay {
			v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks))
		}
	}))
	b.now = b.now.Add(time.Minute)
	_, err := b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1})
	wantFault(t, "begun meanwhile", err, outreach.ErrMeanwhile)
	if now := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)); now.Version != p.Version || now.Outcome != p.Outcome {
		t.Errorf("the plan is %+v, was %+v", now, p)
	}
	must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
}

// In the middle of its day a team goes on from where it is, not from its depot, and what it has worked and travelled
// counts against the rest of its day. When nothing is left for it, it goes home from there.
func TestATeamGoesOnFromWhereItIs(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Break = 0 })
	// One place in the south of the island and one beyond it: between them it is nearer than by the depot in the middle.
	south := func(lat float64) func(*outreach.NewSite) {
		return func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.335), at(lat) }
	}
	b.village(t, "Selatan", 30, south(0.758))
	b.village(t, "Lebih selatan", 30, south(0.752))
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	if len(p.Visits) != 2 {
		t.Fatalf("%d visits: %+v", len(p.Visits), p.Omitted)
	}
	first, second := p.Visits[0], p.Visits[1]
	b.now = first.Starts.Add(10 * time.Minute)
	again := must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if v := one(t, again, second.SiteName); v.Travel != second.Travel || !v.Starts.Equal(second.Starts) {
		t.Errorf("planned anew at the first place, the way to the second is %d s at %v, was %d s at %v", v.Travel, v.Starts, second.Travel, second.Starts)
	}
	if again.Outcome.Travel != p.Outcome.Travel || again.Outcome.Metres != p.Outcome.Metres {
		t.Errorf("the day is %d s and %d m, was %d and %d", again.Outcome.Travel, again.Outcome.Metres, p.Outcome.Travel, p.Outcome.Metres)
	}
	v := one(t, again, second.SiteName)
	must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, false))
	alone := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)).Outcome
	if there := int64(first.Travel); alone.Visits != 1 || alone.Travel < 2*there-60 || alone.Travel > 2*there+60 {
		t.Errorf("there and back is %d s and %d m; there alone %d s", alone.Travel, alone.Metres, there)
	}

	// And on again: the way home is counted once.
	must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)).Version,
		outreach.NewVisit{Site: second.Site, Shift: outreach.Shift{Team: first.Team, Day: monday}}))
	both := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)).Outcome
	if both.Travel != p.Outcome.Travel || both.Metres != p.Outcome.Metres {
		t.Errorf("with both again %d s and %d m, was %d and %d", both.Travel, both.Metres, p.Outcome.Travel, p.Outcome.Metres)
	}
}

// A team whose longest day is spent in the morning is sent nowhere else.
func TestTheMorningCountsAgainstTheDay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Break, n.Work = 0, 110 })
	b.village(t, "A", 30)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	b.village(t, "BB", 30)
	b.now = p.Visits[0].Starts.Add(10 * time.Minute)
	fits := must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	worked := func(p outreach.Plan) (work time.Duration) {
		var first, last time.Time
		for _, v := range p.Visits {
			if left := v.Starts.Add(-time.Duration(v.Travel) * time.Second); first.IsZero() || left.Before(first) {
				first = left
			}
			if v.Ends.After(last) {
				last = v.Ends
			}
		}
		return last.Sub(first)
	}
	if work := worked(fits); work > 110*time.Minute {
		t.Errorf("the day lasts %v", work)
	}
	if len(fits.Visits) == 1 && reasonsOf(fits)["BB"].Reason == "" {
		t.Errorf("nothing is said of the other place: %+v", fits.Omitted)
	}
}
