package outreach_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"blangko/outreach"
)

// publish makes a plan of the days and announces it.
func (b *bench) publish(t testing.TB, n outreach.NewPlan) outreach.Plan {
	t.Helper()
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, n))
	return must[outreach.Plan](t)(b.desk.Publish(t.Context(), field, p.ID, p.Version))
}

// What comes onto a plan that was announced is announced with it: its team would never hear of it otherwise.
func TestWhatComesOntoAnAnnouncedPlanIsAnnounced(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 1_000)
	team := b.team(t, "Satu")
	b.village(t, "A", 40)
	p := b.publish(t, week(2))
	late := b.village(t, "BB", 40)
	must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: late.ID, Shift: outreach.Shift{Team: team.ID, Day: monday}}))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	if v := one(t, p, "BB"); !v.Published {
		t.Errorf("put on by hand: %+v", v)
	}
	b.village(t, "CCC", 40)
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if v := one(t, p, "CCC"); !v.Published {
		t.Errorf("found anew: %+v", v)
	}
}

// A team that has set out is on its way: neither a change of another day nor a replan touches the visit it goes to.
func TestATeamOnItsWayIsLeftAlone(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 1_000)
	team := b.team(t, "Satu", func(n *outreach.NewTeam) { n.Break = 0 })
	b.village(t, "Jauh", 40, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.31), at(0.83) })
	other := b.village(t, "BB", 40)
	p := b.publish(t, outreach.NewPlan{Region: "82.71", From: monday, Days: 3, Seconds: 1})
	v, w := one(t, p, "Jauh"), one(t, p, "BB")
	if v.Day == w.Day {
		must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, w.ID, w.Version, outreach.Shift{Team: team.ID, Day: "2026-11-25"}))
		p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
		v, w = one(t, p, "Jauh"), one(t, p, other.Name)
	}
	if v.Travel < 600 {
		t.Fatalf("it is only %d s away", v.Travel)
	}
	b.now = v.Starts.Add(-time.Duration(v.Travel/2) * time.Second)
	to := "2026-11-24"
	if w.Day == to {
		to = "2026-11-25"
	}
	must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, w.ID, w.Version, outreach.Shift{Team: team.ID, Day: to}))
	now := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	now = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, now.Version, outreach.Anew{Seconds: 1}))
	if after := one(t, now, "Jauh"); after.Version != v.Version || !after.Starts.Equal(v.Starts) || after.Day != v.Day {
		t.Errorf("the visit that its team goes to was %+v, is %+v", v, after)
	}
}

// A change by hand moves what a person moves. Visits whose team does not go out any more stay until somebody decides.
func TestAChangeMovesNothingElse(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 1_000)
	first, second := b.team(t, "Satu"), b.team(t, "Dua")
	a, c := b.village(t, "A", 40), b.village(t, "BB", 40)
	p := b.publish(t, week(4))
	put := func(name string, team int64, day string) {
		t.Helper()
		v := one(t, must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)), name)
		if v.Team != team || v.Day != day {
			must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: team, Day: day}))
		}
	}
	put(a.Name, first.ID, "2026-11-24")
	put(c.Name, second.ID, "2026-11-24")
	must[outreach.Team](t)(b.desk.ChangeTeam(ctx, field, first.ID, first.Version, outreach.NewTeam{Region: "82.71", Name: "Satu", DepotLon: at(127.3735), DepotLat: at(0.7886), Members: 4, Sets: 4, Status: "closed"}))
	was := one(t, must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)), a.Name)
	put(c.Name, second.ID, "2026-11-25")
	now := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	if v := one(t, now, a.Name); v.Version != was.Version || v.Team != first.ID || v.Day != was.Day {
		t.Errorf("the visit of the team that was closed was %+v, is %+v", was, v)
	}
	if now.Outcome.Visits != 2 {
		t.Errorf("outcome %+v", now.Outcome)
	}
	put(a.Name, second.ID, "2026-11-26") // and now it is decided
	v := one(t, must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)), a.Name)
	site := must[outreach.Site](t)(b.desk.Site(ctx, field, a.ID))
	must[outreach.Site](t)(b.desk.ChangeSite(ctx, field, a.ID, site.Version, outreach.NewSite{Region: "82.71", Kind: "village", Name: a.Name, Lon: a.Lon, Lat: a.Lat, Status: "closed"}))
	put(c.Name, second.ID, "2026-11-24") // a site that was closed hinders no other either
	must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, false))
	if after := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)); after.Outcome.Visits != 1 || len(visitsTo(after, a.Name)) != 0 {
		t.Errorf("dropped: %+v", after.Outcome)
	}
}

// A team that is lost stays lost for what is planned later, until somebody says otherwise.
func TestALostTeamStaysLost(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 1_000)
	first := b.team(t, "Satu")
	b.village(t, "A", 40)
	p := b.publish(t, week(2))
	v := one(t, p, "A")
	lost := []outreach.TeamOff{{Team: first.ID, Day: v.Day}}
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: lost}))
	if !slices.Equal(p.Asked.Losses, lost) {
		t.Fatalf("remembered: %+v", p.Asked.Losses)
	}
	b.village(t, "BB", 300)
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	for _, v := range p.Visits {
		if v.State == outreach.Proposed && v.Day == lost[0].Day {
			t.Errorf("the team goes to %s on the day it is lost", v.SiteName)
		}
	}
	v = p.Visits[slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.State == outreach.Proposed })]
	_, err := b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: first.ID, Day: lost[0].Day})
	wantFault(t, "moved onto the lost day", err, outreach.ErrDoesNotFit)
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{}}))
	if len(p.Asked.Losses) != 0 || !slices.ContainsFunc(p.Visits, func(v outreach.Visit) bool { return v.State == outreach.Proposed && v.Day == lost[0].Day }) {
		t.Errorf("it goes after all: %+v, asked %+v", p.Visits, p.Asked)
	}
}

// A share of a large site that was taken off comes back when its days are planned anew, and until then it stands among
// what is left out with its own people.
func TestAShareComesBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu")
	b.village(t, "Besar", 700)
	p := b.publish(t, week(4))
	shares := visitsTo(p, "Besar")
	if len(shares) < 2 {
		t.Fatalf("%d shares, omitted %+v", len(shares), p.Omitted)
	}
	expected := p.Outcome.Expected
	v := shares[1]
	must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, false))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	if o := reasonsOf(p)["Besar"]; !o.Partly || o.Expected != v.Expected {
		t.Errorf("left out: %+v, want the %d people of the share", o, v.Expected.People)
	}
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if got := visitsTo(p, "Besar"); len(got) != len(shares) || p.Outcome.Expected != expected {
		t.Errorf("%d shares for %d people, were %d for %d; omitted %+v", len(got), p.Outcome.Expected, len(shares), expected, p.Omitted)
	}
	seen := map[int]bool{}
	for _, v := range visitsTo(p, "Besar") {
		if seen[v.Share] {
			t.Errorf("share %d is there twice", v.Share)
		}
		seen[v.Share] = true
	}
}

// Places that no team can reach are left out with their reason, however many people they hold, and make no plan too large.
func TestManyPlacesOutOfReach(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 500)
	for i := range 10 {
		b.team(t, fmt.Sprint("Tim ", i))
	}
	b.village(t, "Dekat", 40)
	far := orb.Point{127.36, 0.80}
	b.desk.TravelBy(noBridge{far})
	for i := range 110 {
		b.village(t, fmt.Sprint("Terputus ", i), 300, func(n *outreach.NewSite) { n.Lon, n.Lat = &far[0], &far[1] })
	}
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(5)))
	if one(t, p, "Dekat"); p.Outcome.Visits != 1 {
		t.Errorf("%d visits", p.Outcome.Visits)
	}
	for _, o := range p.Omitted {
		if o.Reason != "no-way" || o.Expected.People == 0 {
			t.Fatalf("%+v", o)
		}
	}
}

// A site that is a must is visited whatever kinds were asked for.
func TestAMustOfAnotherKind(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	b.village(t, "Desa", 40)
	school := b.village(t, "Sekolah", 40, func(n *outreach.NewSite) { n.Kind = "pesantren" })
	n := week(1)
	n.Kinds, n.Mandatory = []outreach.SiteKind{"village"}, []int64{school.ID}
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, n))
	one(t, p, "Sekolah")
	one(t, p, "Desa")
}

// What the morning took from a team's bag is not in it after noon.
func TestTheMorningEmptiesTheBag(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Break, n.Blanks = 0, 60 })
	b.village(t, "A", 60)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	used := p.Visits[0].Cards.People
	b.village(t, "BB", 60)
	b.now = p.Visits[0].Starts.Add(10 * time.Minute)
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if used <= 30 || used > 60 {
		t.Fatalf("the morning takes %d of 60", used)
	}
	if o := reasonsOf(p)["BB"]; len(p.Visits) != 1 || o.Reason != "short" && o.Reason != "too-large" {
		t.Errorf("%d visits with a bag of 60, the first takes %d; omitted %+v", len(p.Visits), used, p.Omitted)
	}
}

// The place of a visit that was called off stands among those left out, and can be put back from there.
func TestAPlaceCalledOffIsLeftOut(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	b.village(t, "A", 40)
	b.village(t, "BB", 40)
	p := b.publish(t, week(2))
	v := one(t, p, "A")
	must[outreach.Visit](t)(b.desk.Cancel(ctx, officer, v.ID, v.Version, "ujian sekolah"))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	reasonIs(t, p, "A", "called-off")
	must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: v.Site, Shift: outreach.Shift{Team: v.Team, Day: "2026-11-24"}}))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	if _, out := reasonsOf(p)["A"]; out || p.Outcome.Visits != 2 {
		t.Errorf("back on: %+v, omitted %+v", p.Outcome, p.Omitted)
	}
}

// Blanks do not tell what a hidden count hides.
func TestBlanksDoNotTellWhatIsHidden(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	p := b.publish(t, func() outreach.NewPlan {
		b.village(t, "Panti", 4, func(n *outreach.NewSite) { n.Kind = "panti_jompo" })
		return week(1)
	}())
	own := one(t, p, "Panti")
	if own.Blanks < 1 || own.Blanks >= 5 {
		t.Fatalf("%d blanks for %d people", own.Blanks, own.Expected.People)
	}
	if v := must[outreach.Visit](t)(b.desk.Visit(ctx, planner, own.ID)); !v.Cards.Hidden || v.Blanks != 5 {
		t.Errorf("a planner sees %+v", v)
	}
	if p := must[outreach.Plan](t)(b.desk.Plan(ctx, planner, p.ID)); p.Outcome.Vulnerable != 5 || one(t, p, "Panti").Blanks != 5 {
		t.Errorf("a planner sees %+v", p.Outcome)
	}
	b.now = own.Ends.Add(time.Hour)
	v := must[outreach.Visit](t)(b.desk.Hand(ctx, officer, own.ID, own.Version, own.Blanks))
	v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, own.Blanks))
	must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: "r1", Complete: false, Present: 3, Served: 2, Recorded: 2, Printed: 2, Taken: own.Blanks, Used: 2,
		Returned: own.Blanks - 2, Failures: []outreach.Failure{{Reason: "refused", People: 1}}}))
	r := must[[]outreach.Result](t)(func() ([]outreach.Result, error) {
		page, err := b.desk.Results(ctx, planner, own.ID)
		return page.Items, err
	}())[0]
	if !r.Counts.Printed.Hidden || r.Counts.Used%5 != 0 || r.Counts.Taken%5 != 0 || r.Counts.Returned%5 != 0 || r.Failures[0].People != 5 {
		t.Errorf("a planner sees %+v, %+v", r.Counts, r.Failures)
	}
}
