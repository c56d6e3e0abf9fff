package outreach_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"blangko/internal/fault"
	"blangko/outreach"
)

func reasonIs(t testing.TB, p outreach.Plan, name, want string) outreach.Omitted {
	t.Helper()
	o := reasonsOf(p)[name]
	if o.Reason != want {
		t.Errorf("%s is left out for %q, want %q: %+v", name, o.Reason, want, o)
	}
	return o
}

func visitsTo(p outreach.Plan, name string) (visits []outreach.Visit) {
	for _, v := range p.Visits {
		if v.SiteName == name && v.State != outreach.Cancelled {
			visits = append(visits, v)
		}
	}
	return visits
}

// Every place left out has a reason of its own, and the facts that go with it.
func TestEachPlaceHasItsOwnReason(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Blanks, n.Sets = 100, 10 })
	b.village(t, "Perlu izin", 50, func(n *outreach.NewSite) { n.Access = []string{"stairs", "permit"} })
	b.village(t, "Akhir pekan", 50, func(n *outreach.NewSite) {
		n.Openings = []outreach.Opening{{Weekdays: []int{6, 7}, Opens: "08:00", Closes: "14:00"}}
	})
	b.village(t, "Setengah jam", 50, func(n *outreach.NewSite) { n.Openings = []outreach.Opening{{Opens: "08:00", Closes: "08:20"}} })
	b.village(t, "Jauh", 50, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.60), at(-0.60) }) // 157 km away
	b.village(t, "Tanpa titik", 50, func(n *outreach.NewSite) { n.Lon, n.Lat = nil, nil })
	b.village(t, "Tanpa jumlah", 0)
	b.village(t, "Besar sekali", 2_000)
	b.village(t, "Satu-satunya", 100)
	n := week(1)
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, n))
	if o := reasonIs(t, p, "Perlu izin", "no-skill"); o.Skill != "stairs" {
		t.Errorf("the skill that no team has is %q", o.Skill)
	}
	reasonIs(t, p, "Akhir pekan", "closed")
	reasonIs(t, p, "Setengah jam", "off-hours")
	if o := reasonIs(t, p, "Jauh", "out-of-reach"); o.Minutes < 200 || o.Minutes > 1_000 {
		t.Errorf("it is %d minutes too far", o.Minutes)
	}
	reasonIs(t, p, "Tanpa titik", outreach.NoPoint)
	reasonIs(t, p, "Tanpa jumlah", outreach.NoHeads)
	// One bag of 100 blanks a day: a share of the large village takes 93, so the small one's 66 do not fit beside it, or
	// the other way round.
	large := reasonsOf(p)["Besar sekali"]
	if len(visitsTo(p, "Besar sekali")) == 1 {
		if small := reasonIs(t, p, "Satu-satunya", "short"); small.Of != "blanks" || small.Short == 0 || !slices.Equal(small.Displaces, []string{"Besar sekali"}) || small.Gain != 80 {
			t.Errorf("the small village: %+v", small)
		}
	}
	if large.Reason != "more-days" || !large.Partly || large.Expected.People < 1_400 {
		t.Errorf("1,600 people in a day: %+v", large)
	}
}

// On days on which no team goes out, that is the reason.
func TestNoTeamGoesOut(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Weekdays = []int{1} })
	b.village(t, "Desa", 50)
	tuesday := week(1)
	tuesday.From = "2026-11-24"
	_, err := b.desk.Propose(ctx, field, tuesday)
	if f, _ := fault.As(err); f == nil || !errors.Is(err, outreach.ErrNothing) || !reflect.DeepEqual(f.Facts["reasons"], map[string]int{"team-off": 1}) {
		t.Errorf("on the team's day off: %v", err)
	}
}

// Every reason that the package gives is in the contract, so that each client can word it.
func TestReasonsAreInTheContract(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[outreach.Omitted]().FieldByName("Reason")
	contract := strings.Split(field.Tag.Get("enum"), ",")
	said := regexp.MustCompile(`(?:Cause\s+= |\.omit\(|Reason = |closed = |closed = make\(.*\), |"reason", |teamOff = |NoPoint +\S+ |NoHeads +\S+ )"([a-z-]+)"`)
	files := append(must[[]string](t)(filepath.Glob("*.go")), "route/whynot.go")
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, reason := range said.FindAllStringSubmatch(string(must[[]byte](t)(os.ReadFile(name))), -1) {
			if found++; !slices.Contains(contract, reason[1]) {
				t.Errorf("%s gives the reason %q, which the contract does not hold: %q", name, reason[1], contract)
			}
		}
	}
	if found < len(contract) {
		t.Errorf("%d reasons were found in the code, %d stand in the contract", found, len(contract))
	}
}

// A quick team may go where a slow one cannot finish before the place closes.
func TestTeamsOfDifferentPace(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 5_000)
	slow := b.team(t, "Lambat", func(n *outreach.NewTeam) { n.Sets, n.Pace, n.Weekdays = 1, 10, []int{1, 2} })
	quick := b.team(t, "Cepat", func(n *outreach.NewTeam) { n.Sets, n.Weekdays = 10, []int{2} })
	// 80 people take the one eight and a half hours, the other 78 minutes.
	b.village(t, "Pagi saja", 100, func(n *outreach.NewSite) {
		n.Openings = []outreach.Opening{{Weekdays: []int{1}, Opens: "08:00", Closes: "16:00"}, {Weekdays: []int{2}, Opens: "08:00", Closes: "10:00"}}
	})
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(2)))
	visits := visitsTo(p, "Pagi saja")
	if len(visits) != 1 || visits[0].Team != quick.ID || visits[0].Day != "2026-11-24" || visits[0].Ends.After(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("visits %+v, omitted %+v", visits, p.Omitted)
	}
	alone := week(2)
	alone.Teams = []int64{slow.ID}
	must[outreach.Plan](t)(b.desk.CancelPlan(t.Context(), field, p.ID, p.Version, "uji"))
	if p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, alone)); len(visitsTo(p, "Pagi saja")) == 0 {
		t.Errorf("the slow team divides it: %+v", p.Omitted)
	}
}

// What an announced visit costs to give up is no people: reasons count people alone, and say what was announced.
func TestReasonsCountPeople(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.village(t, "Desa Satu", 130)
	b.village(t, "Desa Dua", 140)
	var teams []outreach.Team
	for _, name := range []string{"Satu", "Dua"} {
		teams = append(teams, b.team(t, name, func(n *outreach.NewTeam) { n.Work = 300 }))
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	if len(p.Visits) != 2 {
		t.Fatalf("%d visits, %+v", len(p.Visits), p.Omitted)
	}
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))
	lost := p.Visits[0].Team
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Losses: []outreach.TeamOff{{Team: lost}}, Seconds: 1}))
	if len(p.Omitted) != 1 || len(teams) != 2 {
		t.Fatalf("omitted %+v", p.Omitted)
	}
	o := p.Omitted[0]
	if o.Reason != "competes" || len(o.Displaces) != 1 || !o.Announced || o.Gain+o.Loss != 104+112 {
		t.Errorf("the visit of the lost team: %+v", o)
	}
}

// Days between visits to a site hold against visits made as well, when a plan is planned anew or a visit moved.
func TestTheGapHoldsAgainstVisitsMade(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	team := b.team(t, "Satu")
	b.village(t, "Dua kali", 400, func(n *outreach.NewSite) { n.Gap = 3 })
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(5)))
	visits := visitsTo(p, "Dua kali")
	if len(visits) != 2 || visits[1].Day < "2026-11-26" {
		t.Fatalf("visits %+v", visits)
	}
	first := visits[0]
	b.now = first.Ends.Add(time.Hour)
	must[outreach.Result](t)(b.desk.Report(ctx, field, first.ID, outreach.NewResult{Report: "r1", Complete: true, Present: 90, Served: 90, Recorded: 90}))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	second := p.Visits[slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.ID == visits[1].ID })]
	_, err := b.desk.MoveVisit(ctx, field, second.ID, second.Version, outreach.Shift{Team: team.ID, Day: "2026-11-24"})
	wantFault(t, "the day after", err, outreach.ErrDoesNotFit)
	if f, _ := fault.As(err); f == nil || f.Facts["reason"] != "too-soon" {
		t.Errorf("the day after: %v", err)
	}
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{{Team: team.ID, Day: second.Day}}}))
	for _, v := range visitsTo(p, "Dua kali") {
		if v.ID == second.ID && v.Day < "2026-11-26" {
			t.Errorf("the second visit is on %s, the first was on %s", v.Day, first.Day)
		}
	}
}

// A team's break lies in its day, may be longer than the hours it is usually taken in, and is none for a team of the evening.
func TestBreaksOfOddTeams(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.village(t, "Desa", 60, func(n *outreach.NewSite) { n.Openings = []outreach.Opening{{Opens: "00:00", Closes: "24:00"}} })
	for name, change := range map[string]func(*outreach.NewTeam){
		"three hours": func(n *outreach.NewTeam) { n.Break = 180 },
		"evening":     func(n *outreach.NewTeam) { n.Opens, n.Closes = "16:00", "21:00" },
		"early":       func(n *outreach.NewTeam) { n.Opens, n.Closes = "05:00", "11:00" },
	} {
		team := b.team(t, name, change)
		n := week(2)
		n.Teams = []int64{team.ID}
		p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
		if len(p.Visits) != 1 {
			t.Errorf("%s: %+v", name, p.Omitted)
		}
		must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	}
}

// More team-days than a plan holds are refused with the number.
func TestTooManyTeamDays(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.village(t, "Desa", 60)
	for i := range 34 {
		b.team(t, "Tim "+strings.Repeat("I", i), func(n *outreach.NewTeam) { n.Weekdays = []int{1, 2, 3, 4, 5, 6, 7} })
	}
	n := week(31)
	_, err := b.desk.Propose(t.Context(), field, n)
	wantFault(t, "a month of 34 teams", err, outreach.ErrTooMany)
	if f, _ := fault.As(err); f == nil || f.Facts["most"] != 1_000 {
		t.Errorf("the fault is %v", err)
	}
	n.From, n.Days = "9999-12-29", 5
	_, err = b.desk.Propose(t.Context(), field, n)
	wantFault(t, "a plan for the year 9999", err, fault.ErrInvalid)
}

// Two people who plan the same teams at once do not send them to two places: one of them is told.
func TestTwoPlansAtOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu")
	for _, name := range []string{"Desa A", "Desa B", "Desa C"} {
		b.village(t, name, 90)
	}
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wait.Go(func() { _, errs[i] = b.desk.Propose(t.Context(), field, week(2)) })
	}
	wait.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
			continue
		}
		// Who came after the first had saved finds the team's days gone; who had read before is told at the end.
		f, ok := fault.As(err)
		if !ok || f.Code != outreach.ErrMeanwhile.Code && f.Code != outreach.ErrNothing.Code {
			t.Errorf("the other is told %v", err)
		}
	}
	if good != 1 {
		t.Errorf("%d of 4 plans for the same days are saved: %v", good, errs)
	}
}

// At noon of a day the plan of its morning is not made again: what has begun stays, and what comes begins after now.
func TestPlannedAnewAtNoon(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	first := b.team(t, "Satu")
	second := b.team(t, "Dua")
	for _, name := range []string{"A", "BB", "CCC", "DDDD", "EEEEE", "FFFFFF"} {
		b.village(t, name, 40)
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	if len(p.Visits) != 6 {
		t.Fatalf("%d visits, %+v", len(p.Visits), p.Omitted)
	}
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))
	before := map[int64]outreach.Visit{}
	starts := []time.Time{}
	for _, v := range p.Visits {
		before[v.ID] = v
		starts = append(starts, v.Starts)
	}
	slices.SortFunc(starts, time.Time.Compare)
	b.now = starts[1].Add(time.Minute) // each team is at its first place
	now := must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	for _, v := range now.Visits {
		was := before[v.ID]
		switch {
		case !was.Starts.After(b.now):
			if v.State != outreach.Proposed || !v.Starts.Equal(was.Starts) || v.Team != was.Team {
				t.Errorf("%s has begun at %v and is now %s at %v", v.SiteName, was.Starts, v.State, v.Starts)
			}
		case v.State == outreach.Proposed && v.Starts.Before(b.now):
			t.Errorf("%s is to be visited at %v, it is %v", v.SiteName, v.Starts, b.now)
		}
	}
	for _, v := range now.Visits {
		for _, w := range now.Visits {
			if v.ID < w.ID && v.Team == w.Team && v.State == outreach.Proposed && w.State == outreach.Proposed && v.Starts.Before(w.Ends) && w.Starts.Before(v.Ends) {
				t.Errorf("team %d is at %s and %s at once", v.Team, v.SiteName, w.SiteName)
			}
		}
	}
	// The first team breaks down: also what it may have begun goes to the other, or is left out.
	now = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, now.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{{Team: first.ID, Day: monday}}}))
	for _, v := range now.Visits {
		if v.Team == first.ID && v.State == outreach.Proposed {
			t.Errorf("%s is still with the team that is lost", v.SiteName)
		}
	}
	if len(slices.DeleteFunc(slices.Clone(now.Visits), func(v outreach.Visit) bool { return v.Team != second.ID })) == 0 {
		t.Error("the other team has nothing left")
	}
	// In the evening yesterday's unreported visit can still be moved to another plan day by hand.
	b.now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	open := now.Visits[slices.IndexFunc(now.Visits, func(v outreach.Visit) bool { return v.State == outreach.Proposed })]
	_, err := b.desk.MoveVisit(ctx, field, open.ID, open.Version, outreach.Shift{Team: second.ID, Day: monday})
	wantFault(t, "a day that is over", err, outreach.ErrDoesNotFit)
}

// The last visit of a plan can be dropped, and one that cannot be moved says why.
func TestAPlanOfOneVisit(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	team := b.team(t, "Satu")
	b.village(t, "Senin", 60, func(n *outreach.NewSite) {
		n.Openings = []outreach.Opening{{Weekdays: []int{1, 3}, Opens: "08:00", Closes: "15:00"}}
	})
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(3)))
	v := p.Visits[0]
	_, err := b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: team.ID, Day: "2026-11-24"})
	wantFault(t, "a day on which it is closed", err, outreach.ErrDoesNotFit)
	if f, _ := fault.As(err); f == nil || f.Facts["reason"] != "closed" {
		t.Errorf("a day on which it is closed: %v", err)
	}
	// What was not made on Monday is moved to Wednesday on Tuesday.
	b.now = b.now.AddDate(0, 0, 4)
	must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: team.ID, Day: "2026-11-25"}))
	v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
	if v.Day != "2026-11-25" {
		t.Errorf("it is on %s", v.Day)
	}
	must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, false))
	if v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID)); v.State != outreach.Cancelled {
		t.Errorf("dropped, it is %s", v.State)
	}
}

// A visit that its site has agreed to is kept like an announced one; on another day, or at quite another hour, it is to
// agree anew. A site that was closed is said to be, and a plan of which nothing is left is done.
func TestWhatASiteHasAgreedTo(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	team := b.team(t, "Satu", func(n *outreach.NewTeam) { n.Work = 300 })
	b.village(t, "Kecil", 40)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(2)))
	v := must[outreach.Visit](t)(b.desk.Confirm(ctx, field, p.Visits[0].ID, p.Visits[0].Version))
	b.village(t, "Besar", 190, func(n *outreach.NewSite) { // on that day or never
		n.Openings = []outreach.Opening{{From: v.Day, Until: v.Day, Opens: "07:30", Closes: "16:00"}}
	})
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	kept := one(t, p, "Kecil")
	if kept.ID != v.ID || kept.Day != v.Day || kept.State != outreach.Confirmed || p.Outcome.Moved != 0 {
		t.Errorf("what was agreed is now %+v, %d moved", kept, p.Outcome.Moved)
	}
	other := "2026-11-24"
	if kept.Day == other {
		other = monday
	}
	must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, kept.ID, kept.Version, outreach.Shift{Team: team.ID, Day: other}))
	if moved := must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID)); moved.Day != other || moved.State != outreach.Proposed {
		t.Errorf("moved to %s it is %s", moved.Day, moved.State)
	}

	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))
	s := must[outreach.Site](t)(b.desk.Site(ctx, field, v.Site))
	must[outreach.Site](t)(b.desk.ChangeSite(ctx, field, s.ID, s.Version, outreach.NewSite{Region: s.Region, Kind: s.Kind, Name: s.Name, Lon: s.Lon, Lat: s.Lat, Status: "closed"}))
	b.village(t, "Lain", 30)
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	reasonIs(t, p, "Kecil", "site-closed")
	if p.Outcome.Dropped != 1 || len(visitsTo(p, "Kecil")) != 0 {
		t.Errorf("of a closed site %d are dropped: %+v", p.Outcome.Dropped, p.Visits)
	}
	_, err := b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: s.ID, Shift: outreach.Shift{Team: team.ID, Day: monday}})
	wantFault(t, "a closed site by hand", err, outreach.ErrDoesNotFit)
	for _, v := range p.Visits {
		if v.State == outreach.Proposed {
			v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
			must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, v.ID, v.Version, false))
		}
	}
	if p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)); p.State != "done" {
		t.Errorf("with nothing left the plan is %s", p.State)
	}
}

// A team takes its break in the middle of a visit where that lets it stay: the visit is longer by the break, and the break
// falls between half past eleven and half past one.
func TestABreakInTheMiddleOfAVisit(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Sets, n.Break = 2, 45 })
	b.heads(t, "Sekolah", "school_sma", map[string]int64{"age-17": 155}) // 124 come: 30 minutes and 5 h 10 at 24 an hour
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(1)))
	v := one(t, p, "Sekolah")
	if v.Shares != 1 || v.Ends.Sub(v.Starts) != 30*time.Minute+310*time.Minute+45*time.Minute {
		t.Errorf("the visit of %d shares takes %v", v.Shares, v.Ends.Sub(v.Starts))
	}
	if wit := v.Ends.In(time.FixedZone("WIT", 9*3600)); wit.Hour() >= 14 && wit.Minute() > 0 {
		t.Errorf("it ends at %v, the school at two", wit)
	}
}
