package outreach_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
	"blangko/outreach"
	"blangko/outreach/road"
)

// village enters a place with so many people without a card, in the town of Ternate.
func (b *bench) village(t testing.TB, name string, people int64, with ...func(*outreach.NewSite)) outreach.Site {
	t.Helper()
	n := outreach.NewSite{Region: "82.71", Kind: "village", Name: name, Lon: at(127.37 + float64(len(name)%7)/500), Lat: at(0.79 + float64(people%11)/1000)}
	for _, change := range with {
		change(&n)
	}
	s := must[outreach.Site](t)(b.desk.AddSite(t.Context(), field, n))
	if people == 0 {
		return s
	}
	return must[outreach.Site](t)(b.desk.AddHead(t.Context(), field, s.ID, outreach.NewHead{Group: "not-enrolled", People: people, AsOf: today, Basis: "counted"}))
}

func (b *bench) team(t testing.TB, name string, with ...func(*outreach.NewTeam)) outreach.Team {
	t.Helper()
	n := outreach.NewTeam{Region: "82.71", Name: name, DepotLon: at(127.3735), DepotLat: at(0.7886), Members: 4, Sets: 4, Break: 45}
	for _, change := range with {
		change(&n)
	}
	return must[outreach.Team](t)(b.desk.AddTeam(t.Context(), field, n))
}

func week(days int) outreach.NewPlan {
	return outreach.NewPlan{Region: "82.71", From: monday, Days: days, Seconds: 1}
}

func reasonsOf(p outreach.Plan) map[string]outreach.Omitted {
	reasons := map[string]outreach.Omitted{}
	for _, o := range p.Omitted {
		reasons[o.Name] = o
	}
	return reasons
}

// Nine visits need 1,240 blanks and there are 600: as few visits as can be go without, and the plan says which.
func TestNineVisitsNeedMoreThanThereIs(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 600)
	// 0.8 come, 0.8 of them get a card, 2 in 100 prints fail: 100 people need 66 blanks.
	for i, people := range []int64{100, 120, 140, 160, 170, 280, 300, 310, 314} {
		b.village(t, fmt.Sprintf("Desa %d", i), people)
	}
	for _, name := range []string{"Satu", "Dua"} {
		b.team(t, name, func(n *outreach.NewTeam) { n.Sets = 8 })
	}
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(5)))
	if p.Outcome.Visits != 9 {
		t.Fatalf("%d of 9 sites are visited: %+v", p.Outcome.Visits, p.Omitted)
	}
	o := p.Outcome.Blanks
	var needs []int64
	for _, v := range p.Visits {
		needs = append(needs, v.Cards.People)
	}
	slices.Sort(needs)
	fit, left := 0, int64(600)
	for _, n := range needs {
		if n > left {
			break
		}
		fit, left = fit+1, left-n
	}
	if o.Needed != 1240 || o.Visits != 9 || o.Available != 600 || o.RecordOnly != 9-fit || o.RecordOnly != 4 || o.Short != o.Needed-o.Reserved {
		t.Errorf("blanks %+v of needs %v; %d visits can have theirs", o, needs, fit)
	}
	without := 0
	for _, v := range p.Visits {
		if v.RecordOnly {
			without++
		}
	}
	if without != o.RecordOnly {
		t.Errorf("%d visits are record only, %d are told", without, o.RecordOnly)
	}
	b.account(t, p)
}

// What a team carries, how long it may work and how far apart visits must be is kept, and is the reason that is given.
func TestLimitsOfTeamsAndSitesAreReasons(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.village(t, "Dekat", 100)
	b.village(t, "Besar", 700)
	short := b.team(t, "Singkat", func(n *outreach.NewTeam) { n.Work, n.Ribbons = 240, 1 })
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	for _, v := range p.Visits {
		if hours := v.Ends.Sub(v.Starts); hours > 4*time.Hour {
			t.Errorf("%s takes %v of a day of 4 hours", v.SiteName, hours)
		}
	}
	if o := reasonsOf(p)["Besar"]; o.Reason == "" {
		t.Errorf("700 people in 4 hours: %+v", p.Omitted)
	}
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	must[outreach.Team](t)(b.desk.ChangeTeam(ctx, field, short.ID, short.Version, outreach.NewTeam{Region: "82.71", Name: "Satu", DepotLon: at(127.3735),
		DepotLat: at(0.7886), Members: 20, Sets: 40, Ribbons: 1}))
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	// 700 on the list need 457 cards; beside the other village's 66 that is 23 more than a ribbon prints.
	cards := int64(0)
	for _, v := range p.Visits {
		cards += v.Cards.People
	}
	if cards > 500 {
		t.Errorf("one ribbon prints %d cards", cards)
	}
	if o := reasonsOf(p)["Dekat"]; o.Reason != "short" || o.Of != "ribbon" || o.Short != 23 {
		t.Errorf("more cards than a ribbon prints: %+v", p.Omitted)
	}
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))

	apart := b.village(t, "Berjarak", 60, func(n *outreach.NewSite) { n.Gap = 7 })
	first := week(1)
	first.Sites = []int64{apart.ID}
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, first))
	v := p.Visits[0]
	b.now = v.Ends.Add(time.Hour)
	v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, v.Blanks))
	v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks))
	must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: "r1", Complete: true, Present: 20, Served: 20, Recorded: 20,
		Taken: v.Blanks, Returned: v.Blanks}))
	again := outreach.NewPlan{Region: "82.71", From: "2026-11-24", Days: 4, Seconds: 1}
	if o := reasonsOf(must[outreach.Plan](t)(b.desk.Propose(ctx, field, again)))["Berjarak"]; o.Reason != "too-soon" {
		t.Errorf("a second visit within a week of the first: %+v", o)
	}
}

// A plan is adjusted by hand: a site is put on it, tried first; a visit is dropped; a day that cannot hold it says why.
func TestAPlanIsAdjustedByHand(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 2_000)
	one, two := b.village(t, "Desa Satu", 60), b.village(t, "Desa Dua", 80)
	extra := b.village(t, "Desa Tiga", 70)
	huge, other := b.village(t, "Desa Raya", 200), b.village(t, "Desa Agung", 5_000)
	nobody := b.village(t, "Desa Sepi", 0)
	team := b.team(t, "Satu")
	n := week(3)
	n.Sites = []int64{one.ID, two.ID}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))
	wednesday := outreach.Shift{Team: team.ID, Day: "2026-11-25"}

	try := wednesday
	try.Try = true
	o := must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: extra.ID, Shift: try}))
	if o.Visits != 3 || o.Expected != p.Outcome.Expected+56 || o.Metres <= p.Outcome.Metres {
		t.Errorf("tried with a third village: %+v after %+v", o, p.Outcome)
	}
	if now := must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID)); now.Version != p.Version || len(now.Visits) != 2 {
		t.Errorf("a try changed the plan: %d visits", len(now.Visits))
	}
	must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: extra.ID, Shift: wednesday}))
	_, err := b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: extra.ID, Shift: wednesday})
	wantFault(t, "an old version", err, postgres.ErrStale)
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	i := slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.Site == extra.ID })
	if i < 0 || p.Visits[i].Day != wednesday.Day || p.Visits[i].Blanks == 0 {
		t.Fatalf("the village is not on the plan where it was put: %+v", p.Visits)
	}
	b.account(t, p)

	must[outreach.Outcome](t)(b.desk.AddVisit(ctx, field, p.ID, p.Version, outreach.NewVisit{Site: huge.ID, Shift: wednesday}))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	for name, c := range map[string]struct {
		visit  outreach.NewVisit
		reason string
	}{
		"twice":                {outreach.NewVisit{Site: extra.ID, Shift: wednesday}, "planned-already"},
		"a day of rest":        {outreach.NewVisit{Site: other.ID, Shift: outreach.Shift{Team: team.ID, Day: "2026-11-29"}}, ""},
		"nobody counted there": {outreach.NewVisit{Site: nobody.ID, Shift: wednesday}, outreach.NoHeads},
		"a full day":           {outreach.NewVisit{Site: other.ID, Shift: wednesday}, "full"},
	} {
		_, err := b.desk.AddVisit(ctx, field, p.ID, p.Version, c.visit)
		if c.reason == "" {
			wantFault(t, name, err, fault.ErrInvalid)
			continue
		}
		wantFault(t, name, err, outreach.ErrDoesNotFit)
		if f, _ := fault.As(err); f != nil && f.Facts["reason"] != c.reason {
			t.Errorf("%s: %v", name, f.Facts)
		}
	}

	i = slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.Site == extra.ID })
	dropped := p.Visits[i]
	o = must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, dropped.ID, dropped.Version, true))
	if o.Visits != 3 {
		t.Errorf("without it %d visits", o.Visits)
	}
	must[outreach.Outcome](t)(b.desk.DropVisit(ctx, field, dropped.ID, dropped.Version, false))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	if v := p.Visits[slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.ID == dropped.ID })]; v.State != outreach.Cancelled || v.Blanks != 0 {
		t.Errorf("dropped: %+v", v)
	}
	if o := reasonsOf(p)["Desa Tiga"]; o.Reason != "dropped" {
		t.Errorf("the plan does not say that it was dropped: %+v", p.Omitted)
	}
	b.account(t, p)
}

// Ten thousand sites are more than one plan holds: the answer says so and nothing is kept.
func TestTenThousandSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	var file strings.Builder
	file.WriteString("kind,name,regency_code,lon,lat,people,as_of\n")
	for i := range 10_000 {
		fmt.Fprintf(&file, "village,Dusun %d,82.71,%.5f,%.5f,100,2026-11-01\n", i, 127.35+float64(i%100)/2000, 0.76+float64(i/100)/2000)
	}
	if r := must[sheet.Report](t)(b.imports.Import(t.Context(), field, "sites", "dusun.csv", strings.NewReader(file.String()), sheet.Options{})); r.Taken != 10_000 {
		t.Fatalf("%+v", r)
	}
	b.team(t, "Satu")
	_, err := b.desk.Propose(t.Context(), field, week(5))
	wantFault(t, "ten thousand sites", err, outreach.ErrTooMany)
	if plans := must[postgres.Page[outreach.Plan]](t)(b.desk.Plans(t.Context(), field, outreach.PlanFilter{})); len(plans.Items) != 0 {
		t.Errorf("%d plans are kept", len(plans.Items))
	}
	clusters := must[outreach.FeatureCollection](t)(b.desk.SiteClusters(t.Context(), field, "82.71", "", 10))
	sites := 0
	for _, f := range clusters.Features {
		sites += f.Properties["sites"].(int)
	}
	if sites != 10_000 || len(clusters.Features) > 20 {
		t.Errorf("at zoom 10 %d sites in %d clusters", sites, len(clusters.Features))
	}
}

// noBridge is a road network on which one place is reached by nobody.
type noBridge struct{ to orb.Point }

func (r noBridge) Table(ctx context.Context, points []orb.Point) (road.Table, error) {
	t, err := road.GreatCircle{}.Table(ctx, points)
	for i, a := range points {
		for j, b := range points {
			if i != j && (a == r.to || b == r.to) {
				t.Seconds[i*t.Size+j] = road.Unreachable
			}
		}
	}
	return t, err
}

func TestAPlaceThatNoRoadReaches(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.village(t, "Terjangkau", 50)
	cut := b.village(t, "Terputus", 50, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.36), at(0.80) })
	b.team(t, "Satu")
	b.desk.TravelBy(noBridge{orb.Point{*cut.Lon, *cut.Lat}})
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(2)))
	if o := reasonsOf(p)["Terputus"]; o.Reason != "no-way" || p.Outcome.Visits != 1 {
		t.Errorf("%d visits, omitted %+v", p.Outcome.Visits, p.Omitted)
	}
}

// A village that nobody counted takes its share of the people of its district without a recording.
func TestTheGapOfADistrictIsExpectedThere(t *testing.T) {
	t.Parallel()
	b := open(t)
	register := coverage.NewRegister(b.db, func() time.Time { return b.now })
	eligible, lack := int64(9_000), int64(1_000)
	must[coverage.Figure](t)(register.Record(t.Context(), officer, coverage.NewFigure{Region: "82.71.05", Subject: coverage.Recording, AsOf: "2026-10-31",
		Source: "uji", Numbers: coverage.Numbers{People: &eligible, Lack: &lack}}))
	for _, name := range []string{"Desa A", "Desa B"} {
		b.village(t, name, 0, func(n *outreach.NewSite) { n.Region = "82.71.05" })
	}
	b.village(t, "Desa C", 0)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Sets = 8 })
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(5)))
	for _, v := range p.Visits {
		if v.Expected.People != 135 { // 500 each, of whom a village's visit records 27 in 100
			t.Errorf("%s expects %d", v.SiteName, v.Expected.People)
		}
	}
	if o := reasonsOf(p)["Desa C"]; len(p.Visits) != 2 || o.Reason != outreach.NoHeads {
		t.Errorf("%d visits; the village of a district without a figure: %+v", len(p.Visits), o)
	}
}

// What visits achieved is told beside the gap, the plan and the same days planned by hand.
func TestWhatVisitsAchieved(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	register := coverage.NewRegister(b.db, func() time.Time { return b.now })
	eligible, lack := int64(150_000), int64(400)
	must[coverage.Figure](t)(register.Record(ctx, officer, coverage.NewFigure{Region: "82.71", Subject: coverage.Recording, AsOf: "2026-10-31",
		Source: "uji", Numbers: coverage.Numbers{People: &eligible, Lack: &lack}}))
	b.village(t, "Desa", 100)
	b.village(t, "Panti", 40, func(n *outreach.NewSite) { n.Kind = "panti_jompo" })
	b.team(t, "Satu")
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	if len(p.Visits) != 2 {
		t.Fatalf("%d visits, %+v", len(p.Visits), p.Omitted)
	}
	b.now = p.Visits[1].Ends.Add(time.Hour)
	recorded := map[string]int64{"Desa": 60, "Panti": 3}
	for i, v := range p.Visits {
		v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, v.Blanks))
		v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks))
		must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: fmt.Sprint(i), Complete: true, Present: recorded[v.SiteName],
			Served: recorded[v.SiteName], Recorded: recorded[v.SiteName], Taken: v.Blanks, Returned: v.Blanks,
			Session: &outreach.Session{Topic: "Identitas Kependudukan Digital", Audience: 25, Material: "brosur"}}))
	}
	a := must[outreach.Achievement](t)(b.desk.AchievedInAll(ctx, field, "82.71", monday, monday))
	near := func(what string, got *float64, want float64) {
		if got == nil || *got < want*0.999 || *got > want*1.001 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	if a.Recorded.People != 63 || a.TeamDays != 1 || a.Done != 2 || a.Sessions != 2 || a.Audience != 50 || a.Gap == nil || *a.Gap != 337 {
		t.Errorf("achieved %+v", a)
	}
	near("people a team-day", a.PerTeamDay, 63)
	near("of the plan", a.OfPlanned, 63.0/112)
	near("of the gap", a.OfGap, 63.0/400)
	near("vulnerable", a.Share, 3.0/63)
	near("km a person", a.KmPerPerson, float64(p.Outcome.Metres)/1000/63)
	near("of nearest-first", a.Nearest.Achieved, 63/p.Outcome.Nearest.PerTeamDay)
	near("planned to nearest-first", a.Nearest.Planned, p.Outcome.Nearest.Ratio)
	if far := must[outreach.Achievement](t)(b.desk.AchievedInAll(ctx, planner, "82.71", "", "")); !far.Vulnerable.Hidden || !far.Recorded.Hidden || far.PerTeamDay != nil || far.Share != nil {
		t.Errorf("three people of a home are told to the planner, or can be reckoned: %+v", far)
	}
	if _, err := b.desk.AchievedInAll(ctx, medan, "82.71", "", ""); err == nil {
		t.Error("Medan reads what Ternate achieved")
	}
	// A prison with 40 beside the home with three: what the two add up to would tell the three.
	b.village(t, "Lapas", 60, func(n *outreach.NewSite) { n.Kind = "lapas" })
	next := week(1)
	next.From = "2026-11-24"
	next.Kinds = []outreach.SiteKind{"lapas"}
	v := must[outreach.Plan](t)(b.desk.Propose(ctx, field, next)).Visits[0]
	b.now = v.Ends.Add(time.Hour)
	must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: "lapas", Complete: true, Present: 40, Served: 40, Recorded: 40}))
	if far := must[outreach.Achievement](t)(b.desk.AchievedInAll(ctx, planner, "82.71", "", "")); !far.Vulnerable.Hidden || !far.Recorded.Hidden || far.Share != nil {
		t.Errorf("43 of whom 40 are shown elsewhere: %+v", far)
	}
	if own := must[outreach.Achievement](t)(b.desk.AchievedInAll(ctx, field, "82.71", "", "")); own.Vulnerable.People != 43 {
		t.Errorf("their own office sees %+v", own.Vulnerable)
	}
	for _, r := range must[postgres.Page[outreach.Achieved]](t)(b.desk.Achieved(ctx, planner, "82.71", "", "")).Items {
		if r.Recorded.Hidden != (r.Kind == "panti_jompo") {
			t.Errorf("%s: %+v", r.Kind, r.Recorded)
		}
	}
	rows := must[postgres.Page[outreach.Achieved]](t)(b.desk.Achieved(ctx, field, "82.71", monday, monday)).Items
	if len(rows) != 2 || rows[1].Kind != "village" || rows[1].Sessions != 1 || rows[1].KmPerPerson == nil {
		t.Errorf("by kind %+v", rows)
	}
}

// Sites are found by distance, and pairs that may be one by name and distance.
func TestNearAndTwice(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	place := func(name string, lon, lat float64) outreach.Site {
		return b.village(t, name, 0, func(n *outreach.NewSite) { n.Lon, n.Lat, n.Kind = at(lon), at(lat), "school_sma" })
	}
	a := place("SMA Negeri 1 Ternate", 127.3700, 0.7900)
	c := place("SMAN 1 TERNATE", 127.3760, 0.7900)
	place("SMAN 2 TERNATE", 127.3701, 0.7900)
	d := place("SMA Islam Al Khairaat", 127.3800, 0.8000)
	e := place("SMAS Islam Alkhairaat", 127.3801, 0.8001)
	place("SMAN 1 TERNATE", 127.3400, 0.8500) // the same name, 7 km away
	pairs := must[postgres.Page[outreach.Duplicate]](t)(b.desk.Duplicates(ctx, field, "82.71")).Items
	if len(pairs) != 2 || pairs[0].Site != a.ID || pairs[0].Other != c.ID || pairs[0].Likeness != 1 || pairs[1].Site != d.ID || pairs[1].Other != e.ID {
		t.Errorf("duplicates %+v", pairs)
	}
	near := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Near: &orb.Point{127.37, 0.79}, Metres: 1_000})).Items
	if len(near) != 3 || near[0].ID != a.ID || *near[2].Metres < *near[1].Metres || *near[2].Metres > 1_000 {
		t.Errorf("within a kilometre: %+v", near)
	}
	clusters := must[outreach.FeatureCollection](t)(b.desk.SiteClusters(ctx, field, "82.71", "school_sma", 3))
	if len(clusters.Features) != 1 || clusters.Features[0].Properties["sites"] != 6 {
		t.Errorf("at zoom 3: %+v", clusters.Features)
	}
	if close := must[outreach.FeatureCollection](t)(b.desk.SiteClusters(ctx, field, "82.71", "", 18)); len(close.Features) != 4 { // two pairs lie within 40 m
		t.Errorf("at zoom 18: %d clusters", len(close.Features))
	}
	if none := must[outreach.FeatureCollection](t)(b.desk.SiteClusters(ctx, medan, "82.71", "", 3)); len(none.Features) != 0 {
		t.Errorf("Medan sees %d clusters of Ternate", len(none.Features))
	}
}

// The list of prisons and homes comes in with its counts and dates; places without a point are kept and flagged.
func TestPrisonsAndHomesComeIn(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := must[sheet.Report](t)(b.imports.Import(t.Context(), access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}, "sites",
		"sites_institutions.csv", shared(t, "sites_institutions.csv"), sheet.Options{}))
	if r.Taken != 24 || r.Bad != 0 {
		t.Fatalf("%+v", r)
	}
	kinds, told := map[outreach.SiteKind]int{}, 0
	for _, s := range must[postgres.Page[outreach.Site]](t)(b.desk.Sites(t.Context(), planner, outreach.SiteFilter{Paging: postgres.Paging{Limit: 100}})).Items {
		kinds[s.Kind]++
		if s.Name == "Lapas Kelas I Medan" && (len(s.Heads) != 1 || s.Heads[0].People.People != 3282 || s.Heads[0].AsOf != "2018-07" || s.Heads[0].Basis != "counted") {
			t.Errorf("%+v", s.Heads)
		}
		if want, ok := map[string]string{"LPKA Kelas I Medan": "50 estimated", "Panti Asuhan Karya Kasih": "60 estimated",
			"UPT Pelayanan Sosial Lanjut Usia Binjai": "170 estimated", "Panti Wredha Dharma Bhakti Surakarta": "80 counted"}[s.Name]; ok {
			told++
			if len(s.Heads) != 1 || fmt.Sprint(s.Heads[0].People.People, " ", s.Heads[0].Basis) != want || slices.Contains(s.Flags, outreach.NoHeads) {
				t.Errorf("%s has %+v and is flagged %v, want %s", s.Name, s.Heads, s.Flags, want)
			}
		}
		if s.Lon == nil && !slices.Contains(s.Flags, outreach.NoPoint) {
			t.Errorf("%s has no point and no flag", s.Name)
		}
	}
	if told != 4 {
		t.Errorf("%d of 4 sites are found by name", told)
	}
	for _, k := range []outreach.SiteKind{"lapas", "rutan", "lpka", "panti_jompo", "panti_asuhan"} {
		if kinds[k] == 0 {
			t.Errorf("no %s among %v", k, kinds)
		}
	}
}

// A list of one regency says what a visit to each site may record: those on its list less one in five who does not come,
// and less those recorded there already. A small number of the old and ill is told to their own office alone.
func TestSitesSayWhatAVisitMayRecord(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.village(t, "Desa", 100)
	b.village(t, "Tak terhitung", 0)
	b.village(t, "Panti", 5, func(n *outreach.NewSite) { n.Kind = "panti_jompo" })
	b.team(t, "Satu")
	told := func(who access.Actor, code string) map[string]*outreach.Count {
		found := map[string]*outreach.Count{}
		for _, s := range must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, who, outreach.SiteFilter{Region: code})).Items {
			found[s.Name] = s.Expected
		}
		return found
	}
	own := told(field, "82.71")
	if own["Desa"].People != 80 || own["Panti"].People != 4 || own["Tak terhitung"] != nil {
		t.Errorf("the office sees %+v", own)
	}
	if seen := told(planner, "82.71"); !seen["Panti"].Hidden || seen["Desa"].People != 80 {
		t.Errorf("the planner sees %+v", seen)
	}
	if all := told(planner, ""); all["Desa"] != nil {
		t.Errorf("a list of all regencies says %+v", all)
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	for _, v := range p.Visits {
		if v.SiteName == "Desa" {
			must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: "1", Complete: true, Day: today, Present: 50, Served: 50, Recorded: 50}))
		}
	}
	if after := told(field, "82.71"); after["Desa"].People >= 80-50+20 {
		t.Errorf("after 50 were recorded %d more are expected", after["Desa"].People)
	}
}
