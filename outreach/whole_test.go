package outreach_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"blangko/outreach"
)

// wantYardstick holds a plan to what its days bring nearest-first: that stays, whatever becomes of the plan.
func wantYardstick(t testing.TB, what string, first, now outreach.Outcome) {
	t.Helper()
	y := now.Nearest
	ratio := now.PerTeamDay / y.PerTeamDay
	if y.Expected != first.Nearest.Expected || y.TeamDays != first.Nearest.TeamDays || y.Weighted != first.Nearest.Weighted || math.Abs(y.Ratio-ratio) > 1e-9 {
		t.Errorf("%s: the yardstick is %+v, want %+v at %.3f", what, y, first.Nearest, ratio)
	}
}

// A plan that is changed by hand is still held against its days planned nearest-first, not against itself.
func TestAHandChangeKeepsTheYardstick(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	team := b.team(t, "Satu", func(n *outreach.NewTeam) { n.Work = 300 })
	// The nearest are small, so the rule of the nearest brings less.
	for i := range 8 {
		b.village(t, fmt.Sprint("Kecil ", i), 12, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.3735+float64(i)/5000), at(0.7887) })
		b.village(t, fmt.Sprint("Besar ", i), 110, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.39+float64(i)/5000), at(0.80) })
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(3)))
	first := p.Outcome
	if first.Nearest.Ratio < 1.2 {
		t.Fatalf("the rule does as well, so the test shows nothing: %+v", first)
	}
	check := func(what string, id int64, tried, o outreach.Outcome) {
		t.Helper()
		wantYardstick(t, what, first, o)
		if tried.Iterations, tried.Cut = o.Iterations, o.Cut; tried != o { // how far the search came in its time is no promise
			t.Errorf("%s: tried %+v, saved %+v", what, tried, o)
		}
		if p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, id)); p.Outcome != o {
			t.Errorf("%s: stored %+v, answered %+v", what, p.Outcome, o)
		}
	}
	v := p.Visits[0]
	tried := must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, true))
	check("dropped", p.ID, tried, must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, false)))
	add := outreach.NewVisit{Site: v.Site, Shift: outreach.Shift{Team: team.ID, Day: v.Day, Try: true}}
	tried = must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, add))
	add.Try = false
	check("added", p.ID, tried, must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, add)))
	if math.Abs(p.Outcome.Nearest.Ratio-first.Nearest.Ratio) > 1e-9 || p.Outcome.Expected != first.Expected {
		t.Errorf("dropped and added again: %+v, was %+v", p.Outcome, first)
	}
	v = visitsTo(p, v.SiteName)[0]
	to := outreach.Shift{Team: team.ID, Day: v.Day, Try: true}
	tried = must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, to))
	to.Try = false
	check("moved", p.ID, tried, must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, to)))
	a := must[outreach.Achievement](t)(b.desk.AchievedInAll(ctx, field, "82.71", monday, monday))
	if a.Nearest.Planned == nil || math.Abs(*a.Nearest.Planned-first.Nearest.Ratio) > 1e-9 {
		t.Errorf("the achievement says %v", a.Nearest.Planned)
	}
}

// A plan that is planned anew in the middle of its week is told as a whole: what was done counts, promises broken before
// stay counted, and a try of the same day tells the same.
func TestAPlanIsToldAsAWhole(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	one, two := b.team(t, "Satu", func(n *outreach.NewTeam) { n.Work = 300 }), b.team(t, "Dua", func(n *outreach.NewTeam) { n.Work = 300 })
	for i := range 6 {
		b.village(t, fmt.Sprint("Desa ", i), 110+int64(i))
	}
	b.village(t, "Panti", 40, func(n *outreach.NewSite) { n.Kind = "panti_jompo" })
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(5)))
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))
	first := p.Outcome
	days := map[string]bool{}
	for _, v := range p.Visits {
		days[v.Day] = true
	}
	if len(days) < 3 {
		t.Fatalf("the visits are of %d days, so the test shows nothing", len(days))
	}
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{{Team: one.ID, Day: monday}}}))
	broken := p.Outcome.Moved + p.Outcome.Dropped
	if broken == 0 {
		t.Fatal("nobody was to go on Monday with the first team, so the test shows nothing")
	}
	wantYardstick(t, "a team lost", first, p.Outcome)
	was := p.Outcome

	b.now = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC) // Tuesday evening
	for i, v := range p.Visits {
		if v.State == outreach.Cancelled || v.Ends.After(b.now) || v.Day != monday {
			continue
		}
		v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, v.Blanks))
		v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks))
		must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: fmt.Sprint(i), Complete: true, Present: 120, Served: 120, Recorded: 120, // nobody is left there
			Printed: v.Blanks, Taken: v.Blanks, Used: v.Blanks}))
	}
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	now := p.Outcome
	if now.Visits != was.Visits || now.Expected != was.Expected || now.Vulnerable != was.Vulnerable || now.TeamDays != was.TeamDays || now.Weighted != was.Weighted ||
		now.Blanks.Needed != was.Blanks.Needed || now.Blanks.Reserved != was.Blanks.Reserved || now.Moved+now.Dropped != broken {
		t.Errorf("planned anew on Tuesday evening: %+v, was %+v", now, was)
	}
	if now.Travel > was.Travel || now.Travel < was.Travel*9/10 || now.Metres > was.Metres {
		t.Errorf("travel is %d s and %d m, was %d s and %d m", now.Travel, now.Metres, was.Travel, was.Metres)
	}
	wantYardstick(t, "on Tuesday evening", first, now)
	for _, v := range p.Visits {
		if v.Day <= "2026-11-24" || v.State != outreach.Proposed {
			continue
		}
		same := must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: v.Team, Day: v.Day, Try: true}))
		if same.Expected != now.Expected || same.Visits != now.Visits || same.TeamDays != now.TeamDays || same.Blanks.Needed != now.Blanks.Needed || same.Moved != now.Moved {
			t.Errorf("with a visit where it is: %+v, stored %+v", same, now)
		}
		return
	}
	t.Errorf("no visit is left to try; team %d", two.ID)
}
