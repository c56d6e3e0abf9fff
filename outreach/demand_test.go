package outreach_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"blangko/internal/postgres"
	"blangko/outreach"
)

// heads enters a site with its counts by group.
func (b *bench) heads(t testing.TB, name string, kind outreach.SiteKind, heads map[string]int64) outreach.Site {
	t.Helper()
	s := b.village(t, name, 0, func(n *outreach.NewSite) { n.Kind = kind })
	for group, people := range heads {
		s = must[outreach.Site](t)(b.desk.AddHead(t.Context(), field, s.ID, outreach.NewHead{Group: group, People: people, AsOf: today, Basis: "counted"}))
	}
	return s
}

func one(t testing.TB, p outreach.Plan, name string) outreach.Visit {
	t.Helper()
	visits := visitsTo(p, name)
	if len(visits) != 1 {
		t.Fatalf("%s has %d visits, omitted %+v", name, len(visits), p.Omitted)
	}
	return visits[0]
}

// Pupils of 16 are recorded now and printed at 17: they are people of the visit, and need no blanks yet.
func TestSixteenNowSeventeenLater(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	for name, heads := range map[string]map[string]int64{"Enam belas": {"age-16": 50}, "Keduanya": {"age-16": 50, "age-17": 50}, "Tujuh belas": {"age-17": 50}} {
		b.heads(t, name, "school_sma", heads)
	}
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(3)))
	// Four of five come; 2 in 100 prints fail.
	for name, want := range map[string][2]int64{"Enam belas": {40, 0}, "Keduanya": {80, 41}, "Tujuh belas": {40, 41}} {
		v := one(t, p, name)
		if v.Expected.People != want[0] || v.Cards.People != want[1] || v.Blanks != want[1] || v.RecordOnly {
			t.Errorf("%s: %d people, %d cards, %d blanks, record only %v; want %d and %d", name, v.Expected.People, v.Cards.People, v.Blanks, v.RecordOnly, want[0], want[1])
		}
	}
	b.account(t, p)
}

// Where only groups were counted, they are the heads of their kind, and teach its yield.
func TestGroupsAreHeads(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Sets = 8 })
	b.heads(t, "Lapas", "lapas", map[string]int64{"inmates": 500, "elderly": 40})
	b.heads(t, "Panti", "panti_jompo", map[string]int64{"elderly": 60, "disabled": 50, "children": 10})
	b.heads(t, "Asuhan", "panti_asuhan", map[string]int64{"children": 80})
	b.heads(t, "Kosong", "panti_asuhan", map[string]int64{"children": 0})
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	for name, want := range map[string]int64{"Lapas": 30, "Panti": 21, "Asuhan": 12} { // 6, 30 and 15 in 100
		if v := one(t, p, name); v.Expected.People != want {
			t.Errorf("%s: %d people, want %d", name, v.Expected.People, want)
		}
	}
	reasonIs(t, p, "Kosong", "nobody-left")
	b.now = p.Visits[2].Ends.Add(time.Hour)
	v := one(t, p, "Lapas")
	must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, outreach.NewResult{Report: "1", Complete: true, Present: 190, Served: 190, Recorded: 190}))
	b.heads(t, "Lapas Dua", "lapas", map[string]int64{"inmates": 1_000})
	next := week(3)
	next.From = "2026-11-24"
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, next))
	if v := one(t, p, "Lapas Dua"); v.Expected.People != 124 { // (6 % of 2,000 + 190) / (2,000 + 500)
		t.Errorf("after 190 of 500: %d people", v.Expected.People)
	}
}

// What visits bring moves what the next ones are expected to: the yield of a kind, those who do not come, the share of
// cards; and who was recorded is not expected twice, unless counted anew since.
func TestVisitsTeach(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Sets = 12 })
	visited := b.heads(t, "SMA Satu", "school_sma", map[string]int64{"all": 2_000})
	listed := b.heads(t, "Desa Satu", "village", map[string]int64{"not-enrolled": 100})
	first := week(1)
	first.Sites = []int64{visited.ID, listed.ID}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, first))
	if v := one(t, p, "SMA Satu"); v.Expected.People != 160 || v.Cards.People != 110 { // 8 in 100; 67 of 100 cards, 2 in 100 fail
		t.Errorf("before any visit %+v", v)
	}
	b.now = p.Visits[1].Ends.Add(time.Hour)
	for i, v := range p.Visits {
		n := outreach.NewResult{Report: fmt.Sprint(i), Complete: true, Present: 100, Served: 100, Recorded: 40, Printed: 40, Taken: 40, Used: 40}
		if v.SiteName == "SMA Satu" {
			n.Present, n.Served, n.Recorded, n.Printed, n.Taken, n.Used = 400, 400, 400, 90, 90, 90
		}
		must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, n))
	}

	b.heads(t, "SMA Dua", "school_sma", map[string]int64{"all": 1_000})
	b.heads(t, "Desa Dua", "village", map[string]int64{"not-enrolled": 100})
	again := week(4)
	again.From = "2026-11-24"
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, again))
	// (8 % of 2,000 + 400) / (2,000 + 2,000) = 14 %; (67 % of 50 + 90) / (50 + 400) = 27.4 % get a card.
	if v := one(t, p, "SMA Dua"); v.Expected.People != 140 || v.Cards.People != 40 {
		t.Errorf("after 400 of 2,000 and 90 cards: %d people, %d cards", v.Expected.People, v.Cards.People)
	}
	// (20 of 100 + 60 of 100) do not come: 40 in 100.
	if v := one(t, p, "Desa Dua"); v.Expected.People != 60 {
		t.Errorf("after 60 of 100 did not come: %d people", v.Expected.People)
	}
	// 60 of 100 come, less the 40 who have been recorded.
	if v := one(t, p, "Desa Satu"); v.Expected.People != 20 {
		t.Errorf("the village again: %d people", v.Expected.People)
	}
	reasonIs(t, p, "SMA Satu", "nobody-left") // 14 % of 2,000 are 280, and 400 were recorded
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))

	b.now = b.now.AddDate(0, 0, 1)
	must[outreach.Site](t)(b.desk.AddHead(ctx, field, listed.ID, outreach.NewHead{Group: "not-enrolled", People: 50, AsOf: "2026-11-24", Basis: "counted"}))
	again.From, again.Days = "2026-11-25", 3
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, again))
	if v := one(t, p, "Desa Satu"); v.Expected.People != 30 { // 60 % of 50; the count knows who has been recorded
		t.Errorf("counted anew after the visit: %d people", v.Expected.People)
	}
	for _, s := range must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Region: "82.71", Text: "Desa Satu"})).Items {
		if s.Expected == nil || s.Expected.People != 30 {
			t.Errorf("the list of sites says %v", s.Expected)
		}
	}
}

// What a planner asks of a plan holds: a site that must be on it is, teams work alike, a pinned visit stays, and people
// count alike when they are to.
func TestWhatIsAskedOfAPlan(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	one := b.team(t, "Satu", func(n *outreach.NewTeam) { n.Work = 240 })
	b.village(t, "Besar", 150)
	small := b.village(t, "Kecil", 20, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.34), at(0.85) })
	n := week(1)
	n.Teams = []int64{one.ID}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
	if len(visitsTo(p, "Kecil")) > 0 && len(visitsTo(p, "Besar")) > 0 {
		t.Fatalf("both fit, so the test shows nothing: %+v", p.Visits)
	}
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	n.Mandatory = []int64{small.ID}
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
	if len(visitsTo(p, "Kecil")) != 1 {
		t.Errorf("a site that must be visited is not: %+v", p.Omitted)
	}
	if o := reasonsOf(p)["Besar"]; o.Reason == "" || slices.Contains(o.Displaces, "Kecil") {
		t.Errorf("the large one is left out for %+v: the small one must stay", o)
	}
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	n.Mandatory = []int64{999_999}
	_, err := b.desk.Propose(ctx, field, n)
	wantFault(t, "a site that is not there must be visited", err, outreach.ErrSiteUnknown)

	// A home of 30 against a school of 60 for the same hours.
	home := b.heads(t, "Panti", "panti_jompo", map[string]int64{"not-enrolled": 45})
	school := b.heads(t, "Sekolah", "school_sma", map[string]int64{"not-enrolled": 75})
	n = week(1)
	n.Teams, n.Sites = []int64{one.ID}, []int64{home.ID, school.ID}
	for alike, want := range map[bool]string{false: "Panti", true: "Sekolah"} {
		n.Alike = alike
		p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
		if len(p.Visits) != 1 || p.Visits[0].SiteName != want {
			t.Errorf("alike %v: %+v", alike, p.Visits)
		}
		must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	}
}

// Teams that should work alike do; without that they need not.
func TestTeamsWorkAlike(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu")
	b.team(t, "Dua", func(n *outreach.NewTeam) { n.DepotLon, n.DepotLat = at(127.33), at(0.77) }) // farther from all
	for i := range 4 {
		b.village(t, fmt.Sprint("Desa ", i), 60)
	}
	n := week(1)
	spread := func(p outreach.Plan) (most time.Duration) {
		hours := map[int64]time.Duration{}
		for _, v := range p.Visits {
			hours[v.Team] += v.Ends.Sub(v.Starts)
		}
		var all []time.Duration
		for _, h := range hours {
			all = append(all, h)
		}
		if len(all) < 2 {
			all = append(all, 0)
		}
		return slices.Max(all) - slices.Min(all)
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
	without := spread(p)
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	n.Fair = true
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
	if with := spread(p); with >= without || with > time.Hour || len(p.Visits) != 4 {
		t.Errorf("%d visits; the teams' hours differ by %v, without a wish for it by %v", len(p.Visits), with, without)
	}
}

// A pinned visit stays with its team and day when the plan is planned anew, whatever else would be better.
func TestAPinnedVisitStays(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Work = 300 })
	b.village(t, "Kecil", 20)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	v := p.Visits[0]
	must[outreach.Visit](t)(b.desk.Pin(ctx, field, v.ID, v.Version, true))
	b.village(t, "Besar", 210, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.34), at(0.85) })
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if kept := visitsTo(p, "Kecil"); len(kept) != 1 || kept[0].ID != v.ID {
		t.Errorf("a pinned visit is gone: %+v", p.Visits)
	}
	v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
	must[outreach.Visit](t)(b.desk.Pin(ctx, field, v.ID, v.Version, false))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if len(visitsTo(p, "Besar")) != 1 {
		t.Errorf("once it is let go, the larger site is visited: %+v, %+v", p.Visits, p.Omitted)
	}
}

// A site too large for a day is divided over days and teams, each person once.
func TestALargeSiteIsDivided(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu")
	b.team(t, "Dua")
	b.village(t, "Besar", 1_000)
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, week(2)))
	visits := visitsTo(p, "Besar")
	people, cards, shares, days, teams := int64(0), int64(0), map[int]bool{}, map[string]bool{}, map[int64]bool{}
	for _, v := range visits {
		people, cards = people+v.Expected.People, cards+v.Cards.People
		days[v.Day], teams[v.Team], shares[v.Share] = true, true, true
		if v.Shares != len(visits) {
			t.Errorf("share %d of %d, there are %d", v.Share, v.Shares, len(visits))
		}
	}
	if people != 800 || cards != 653 || len(shares) != len(visits) || len(days) < 2 || len(teams) != 2 || len(p.Omitted) != 0 {
		t.Errorf("%d people and %d cards in %d visits of %d days and %d teams; omitted %+v", people, cards, len(visits), len(days), len(teams), p.Omitted)
	}
}
