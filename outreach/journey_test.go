package outreach_test

import (
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/sheet"
	"blangko/inventory"
	"blangko/outreach"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}
	officer = access.Actor{ID: 5, Name: "officer.82.71", Role: access.Officer, Reach: "82.71"}
	field   = access.Actor{ID: 6, Name: "outreach.82.71", Role: access.Outreach, Reach: "82.71"}
	medan   = access.Actor{ID: 7, Name: "outreach.12.71", Role: access.Outreach, Reach: "12.71"}
)

// noon is midday in Jakarta on the Friday before the week that these tests plan.
func noon() time.Time { return time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC) }

const (
	today  = "2026-11-20"
	monday = "2026-11-23"
)

type bench struct {
	db      *postgres.DB
	ledger  *inventory.Ledger
	desk    *outreach.Desk
	imports *sheet.Imports
	now     time.Time
}

func open(t testing.TB) *bench {
	t.Helper()
	b := &bench{db: pgtest.New(t), now: noon()}
	clock := func() time.Time { return b.now }
	b.ledger = inventory.NewLedger(b.db, clock)
	b.desk = outreach.NewDesk(b.db, b.ledger, clock)
	b.imports = sheet.NewImports(b.db, clock, b.desk.Kinds()...)
	return b
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// shared opens a file of the shared data, or skips the test where there is none.
func shared(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open("../../shared/data/" + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the shared file %s is not here", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (b *bench) placeOf(t testing.TB, region string, kind inventory.PlaceKind) int {
	t.Helper()
	page := must[postgres.Page[inventory.Place]](t)(b.ledger.Places(t.Context(), planner, inventory.PlaceFilter{Region: region, Kind: kind}))
	for _, p := range page.Items {
		if p.Region == region {
			return p.ID
		}
	}
	t.Fatalf("no %s in %s", kind, region)
	return 0
}

// give brings stock to the office of a region, however often: past what a person may post.
func (b *bench) give(t testing.TB, region string, pieces int64) {
	t.Helper()
	var refused sql.NullString
	err := postgres.Write(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		return tx.QueryRowContext(t.Context(), `
			SELECT refused
			FROM post(jsonb_build_array(jsonb_build_object('moves', jsonb_build_array(jsonb_build_object(
				'kind', 'opening', 'document', 'BA-1', 'date', $1::text, 'lines', jsonb_build_array(jsonb_build_object('item', 1, 'lot', 1,
				'from', $2::int, 'from_condition', 'usable', 'to', $3::int, 'to_condition', 'usable', 'pieces', $4::bigint)))))))`,
			today, b.placeOf(t, "00", inventory.Supplier), b.placeOf(t, region, inventory.RegencyOffice), pieces).Scan(&refused)
	})
	if err != nil || refused.Valid {
		t.Fatalf("give %s %d: %v %v", region, pieces, err, refused)
	}
}

func (b *bench) held(t testing.TB, place int, condition inventory.Condition) (sum int64) {
	t.Helper()
	for _, s := range must[inventory.Place](t)(b.ledger.Place(t.Context(), planner, place)).Stock {
		if s.Condition == condition && s.Item == "ktp-el" {
			sum += s.Pieces
		}
	}
	return sum
}

func (b *bench) importSites(t testing.TB, who access.Actor, file string) sheet.Report {
	t.Helper()
	return must[sheet.Report](t)(b.imports.Import(t.Context(), who, "sites", file, shared(t, file), sheet.Options{}))
}

func at(v float64) *float64 { return &v }

// ternateTeam has its depot at the office in the town of Ternate.
func (b *bench) ternateTeam(t testing.TB, name string) outreach.Team {
	t.Helper()
	return must[outreach.Team](t)(b.desk.AddTeam(t.Context(), field, outreach.NewTeam{Region: "82.71", Name: name, DepotLon: at(127.3735), DepotLat: at(0.7886),
		Members: 4, Sets: 2, Break: 45, Equipment: []string{"boat"}}))
}

func wantFault(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// islands are the three of Ternate beside its own: crossing times as the field knows them (Hiri half an hour, Moti two
// hours, Batang Dua most of a day), with boats by daylight. Each is a kecamatan.
func (b *bench) ternateIslands(t testing.TB) map[string]int64 {
	t.Helper()
	ids := map[string]int64{}
	for _, i := range []outreach.NewIsland{
		{Region: "82.71.07", Name: "Hiri", PortLon: 127.345, PortLat: 0.852, LandingLon: 127.322, LandingLat: 0.886, Crossing: 30},
		{Region: "82.71.04", Name: "Moti", PortLon: 127.378, PortLat: 0.765, LandingLon: 127.425, LandingLat: 0.470, Crossing: 120},
		{Region: "82.71.05", Name: "Batang Dua", PortLon: 127.389, PortLat: 0.785, LandingLon: 126.390, LandingLat: 1.320, Crossing: 600},
	} {
		i.Openings = []outreach.Opening{{Opens: "07:00", Closes: "17:00"}}
		ids[i.Name] = must[outreach.Island](t)(b.desk.AddIsland(t.Context(), field, i)).ID
	}
	return ids
}

// TestAWeekInTernate tells the whole story of a week: real sites come in, three islands are labelled, a plan is made,
// blanks go out and come back to the piece.
func TestAWeekInTernate(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 400)
	report := b.importSites(t, field, "sites_ternate.csv")
	if report.Taken != 35 || report.Bad != 0 {
		t.Fatalf("import %+v", report)
	}

	sites := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{}))
	byName := map[string]outreach.Site{}
	estimated := 0
	for _, s := range sites.Items {
		byName[s.Name] = s
		for _, h := range s.Heads {
			if h.Basis == "estimated" {
				estimated++
			}
		}
	}
	if estimated != 32 {
		t.Errorf("%d head counts are estimated, want those of 32 schools", estimated)
	}
	for name, flag := range map[string]string{"SMA NEGERI 11 KOTA TERNATE": outreach.OutsideDistrict, "SMALB YPAC TERNATE": outreach.OutsideRegion} {
		if s, ok := byName[name]; !ok || !slices.Contains(s.Flags, flag) {
			t.Errorf("%s: %v, want %s", name, s.Flags, flag)
		}
	}

	islands := b.ternateIslands(t)
	for name, island := range map[string]string{"SMAN 7 KOTA TERNATE": "Moti", "SMAN 9 KOTA TERNATE": "Moti", "SMAN 1 KOTA TERNATE": "", "SMAN 6 KOTA TERNATE": ""} {
		s := must[outreach.Site](t)(b.desk.Site(ctx, field, byName[name].ID))
		if island == "" && s.Island != nil || island != "" && (s.Island == nil || *s.Island != islands[island]) {
			t.Errorf("%s lies on %v, want %q", name, s.Island, island)
		}
	}
	perhaps := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, field, outreach.SiteFilter{Flag: outreach.PerhapsOnIsland})).Items
	if len(perhaps) != 1 || perhaps[0].Name != "SMAS MAFAKATI KOTA TERNATE" { // north of the strait of Hiri, and said to be in Pulau Ternate
		t.Errorf("perhaps on an island: %+v", perhaps)
	}
	for name, at := range map[string][2]float64{"Hiri": {127.31754, 0.89640}, "Moti": {127.40911, 0.45570}, "Batang Dua": {126.38555, 1.32453}} {
		s := must[outreach.Site](t)(b.desk.AddSite(ctx, field, outreach.NewSite{Region: "82.71", Kind: "island", Name: "Titik kecamatan " + name + " (label)",
			Lon: &at[0], Lat: &at[1], Precision: "kecamatan_centroid", Island: islands[name], Access: []string{"boat"}}))
		must[outreach.Site](t)(b.desk.AddHead(ctx, field, s.ID, outreach.NewHead{Group: "not-enrolled", People: 184, AsOf: "2018-12-31", Basis: "counted"}))
	}

	b.ternateTeam(t, "Satu")
	b.ternateTeam(t, "Dua")
	began := time.Now()
	plan := must[outreach.Plan](t)(b.desk.Propose(ctx, field, outreach.NewPlan{Region: "82.71", From: monday, Days: 5, Seconds: 3}))
	t.Logf("planned in %v: %+v", time.Since(began), plan.Outcome)
	if plan.Outcome.Visits == 0 || plan.Outcome.Blanks.Reserved > 400 || len(plan.Visits) != plan.Outcome.Visits {
		t.Fatalf("outcome %+v with %d visits", plan.Outcome, len(plan.Visits))
	}
	b.account(t, plan)
	for _, o := range plan.Omitted {
		t.Logf("omitted %s: %s team %d day %s minutes %d gain %d loss %d %v", o.Name, o.Reason, o.Team, o.Day, o.Minutes, o.Gain, o.Loss, o.Displaces)
		if o.Reason == "" {
			t.Errorf("%s is left out without a reason", o.Name)
		}
	}
	i := slices.IndexFunc(plan.Omitted, func(o outreach.Omitted) bool { return strings.Contains(o.Name, "Batang Dua") })
	if i < 0 || plan.Omitted[i].Reason != "no-boat-in-time" {
		t.Errorf("Batang Dua, ten hours away: %+v", plan.Omitted)
	}
	if c := must[outreach.FeatureCollection](t)(b.desk.PlanMap(ctx, field, plan.ID)); len(c.Features) <= len(plan.Visits) {
		t.Errorf("%d features for %d visits: the teams' lines are missing", len(c.Features), len(plan.Visits))
	}

	b.visit(t, plan)
}

// account holds the reserved blanks of a plan against the ledger.
func (b *bench) account(t testing.TB, plan outreach.Plan) {
	t.Helper()
	var set int64
	for _, v := range plan.Visits {
		set += v.Blanks
		if v.Blanks != 0 && v.Blanks != v.Cards.People {
			t.Errorf("%s needs %d and got %d: all or nothing", v.SiteName, v.Cards.People, v.Blanks)
		}
	}
	if got := b.held(t, b.placeOf(t, "82.71", inventory.RegencyOffice), inventory.Reserved); got != set || set != plan.Outcome.Blanks.Reserved {
		t.Errorf("reserved %d in the ledger, %d for visits, %d by the plan", got, set, plan.Outcome.Blanks.Reserved)
	}
}

// visit makes the first visit of the plan that has blanks, from the hand-over to the check-in.
func (b *bench) visit(t testing.TB, plan outreach.Plan) {
	t.Helper()
	ctx := t.Context()
	i := slices.IndexFunc(plan.Visits, func(v outreach.Visit) bool { return v.Blanks >= 10 })
	v := plan.Visits[i]
	b.now = v.Ends.Add(time.Hour)
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	before := b.held(t, office, inventory.Usable)
	v = must[outreach.Visit](t)(b.desk.Confirm(ctx, field, v.ID, v.Version))
	_, err := b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks)
	wantFault(t, "start before the office has handed over", err, outreach.ErrNotHanded)
	v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, v.Blanks))
	_, err = b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks-1)
	wantFault(t, "another number", err, outreach.ErrCountDiffer)
	_, err = b.desk.Start(ctx, officer, v.ID, v.Version, v.Blanks)
	wantFault(t, "the same person", err, outreach.ErrSamePerson)
	v = must[outreach.Visit](t)(b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks))

	n := outreach.NewResult{Report: "hp-1", Complete: true, Present: 40, Served: 38, Recorded: 30, Printed: v.Blanks - 5, Akta: 3, Taken: v.Blanks,
		Used: v.Blanks - 5, Spoiled: 1, Returned: 4, Lon: v.Lon, Lat: v.Lat, Accuracy: at(12)}
	r := must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, n))
	if r.Standing != "kept" || r.Whereabouts != "at-the-site" || len(r.Flags) != 0 {
		t.Errorf("result %+v", r)
	}
	if again := must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, n)); again.ID != r.ID {
		t.Errorf("the same report again is %+v", again)
	}
	other := n
	other.Report, other.Recorded, other.Lon = "hp-2", 31, at(*v.Lon+0.2)
	c := must[outreach.Result](t)(b.desk.Report(ctx, officer, v.ID, other))
	if c.Standing != "conflict" || c.Whereabouts != "elsewhere" {
		t.Errorf("another report is %+v", c)
	}
	if same := must[outreach.Result](t)(b.desk.Choose(ctx, officer, v.ID, r.ID)); same.Standing != "kept" || same.Counts.Recorded != r.Counts.Recorded {
		t.Errorf("the first report chosen again is %+v", same)
	}
	for _, x := range must[postgres.Page[outreach.Result]](t)(b.desk.Results(ctx, officer, v.ID)).Items {
		if x.ID == c.ID && x.Standing != "set-aside" {
			t.Errorf("the report that was not chosen is %s", x.Standing)
		}
	}
	if _, err := b.desk.Choose(ctx, officer, v.ID, r.ID); !errors.Is(err, outreach.ErrResultKept) {
		t.Errorf("choosing where nothing is to be chosen: %v, want ErrResultKept", err)
	}
	chosen := must[outreach.Result](t)(b.desk.Choose(ctx, officer, v.ID, c.ID))
	if chosen.Standing != "kept" || chosen.Counts.Recorded.People != 31 {
		t.Errorf("chosen %+v", chosen)
	}
	must[outreach.Result](t)(b.desk.Choose(ctx, officer, v.ID, r.ID))
	v = must[outreach.Visit](t)(b.desk.Visit(ctx, officer, v.ID))
	if v.State != outreach.Done {
		t.Errorf("the visit is %s", v.State)
	}
	must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, v.ID, v.Version, 4, 1))
	if usable, spoiled, issued := b.held(t, office, inventory.Usable), b.held(t, office, inventory.Spoiled), b.held(t, public, inventory.Issued); usable != before+4 || spoiled != 1 || issued != v.Blanks-5 {
		t.Errorf("the office holds %d usable and %d spoiled, %d issued; want %d, 1 and %d", usable, spoiled, issued, before+4, v.Blanks-5)
	}
	team := must[outreach.Team](t)(b.desk.Team(ctx, field, v.Team))
	if left := b.held(t, *team.Place, inventory.Usable); left != 0 {
		t.Errorf("%d blanks are left with the team", left)
	}
}

func TestWhatCannotBeAPlace(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, c := range []struct {
		name, code string
		lon, lat   float64
	}{
		{"zero", "point-zero", 0, 0},
		{"swapped", "longitude-and-latitude-swapped", 0.79, 127.37},
		{"in the Indian Ocean", "in-the-sea", 95, -10},
		{"in Europe", "outside-indonesia", 12, 48},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := b.desk.AddSite(t.Context(), field, outreach.NewSite{Region: "82.71", Kind: "village", Name: "X", Lon: &c.lon, Lat: &c.lat})
			f, ok := fault.As(err)
			if !ok || len(f.Fields) != 1 || f.Fields[0].Code != c.code {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
	_, err := b.desk.AddSite(t.Context(), field, outreach.NewSite{Region: "82.71", Kind: "village", Name: "X", Openings: []outreach.Opening{{Opens: "14:00", Closes: "08:00"}}})
	if f, ok := fault.As(err); !ok || f.Fields[0].Code != "closes-before-it-opens" {
		t.Errorf("hours that close before they open: %v", err)
	}
	s := must[outreach.Site](t)(b.desk.AddSite(t.Context(), field, outreach.NewSite{Region: "82.71", Kind: "village", Name: "Di Manado", Lon: at(124.85), Lat: at(1.48)}))
	if !slices.Contains(s.Flags, outreach.OutsideRegion) {
		t.Errorf("a site of Ternate in Manado: %v", s.Flags)
	}
	if _, err := b.desk.Site(t.Context(), medan, s.ID); !errors.Is(err, outreach.ErrSiteUnknown) {
		t.Errorf("Medan sees a site of Ternate: %v", err)
	}
}

func TestWhatCannotBePlanned(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	week := outreach.NewPlan{Region: "82.71", From: monday, Days: 5, Seconds: 1}
	_, err := b.desk.Propose(ctx, field, week)
	wantFault(t, "without a team", err, outreach.ErrNoTeam)
	bare := must[outreach.Team](t)(b.desk.AddTeam(ctx, field, outreach.NewTeam{Region: "82.71", Name: "Tanpa pangkalan", Members: 2, Sets: 1}))
	_, err = b.desk.Propose(ctx, field, week)
	wantFault(t, "a team without a depot", err, outreach.ErrNoDepot)
	if f, _ := fault.As(err); f == nil || f.Facts["name"] != bare.Name {
		t.Errorf("the fault does not name the team: %v", err)
	}
	team := b.ternateTeam(t, "Satu")
	week.Teams = []int64{team.ID}
	must[outreach.Site](t)(b.desk.AddSite(ctx, field, outreach.NewSite{Region: "82.71", Kind: "village", Name: "Tanpa titik"}))
	_, err = b.desk.Propose(ctx, field, week)
	wantFault(t, "nothing to visit", err, outreach.ErrNothing)
	week.From = "2026-11-02"
	if _, err = b.desk.Propose(ctx, field, week); err == nil {
		t.Error("a plan for the past is made")
	}
	week.From = monday
	_, err = b.desk.Propose(ctx, medan, week)
	if err == nil {
		t.Error("Medan plans for Ternate")
	}
}

func TestSmallCountsAreForTheirOwnOffice(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	s := must[outreach.Site](t)(b.desk.AddSite(ctx, field, outreach.NewSite{Region: "82.71", Kind: "panti_jompo", Name: "Panti", Lon: at(127.37), Lat: at(0.79)}))
	for group, people := range map[string]int64{"all": 60, "disabled": 3, "elderly": 57} {
		must[outreach.Site](t)(b.desk.AddHead(ctx, field, s.ID, outreach.NewHead{Group: group, People: people, AsOf: today, Basis: "counted"}))
	}
	for _, c := range []struct {
		who  access.Actor
		want string
	}{{officer, "all=60 disabled=3 elderly=57"}, {planner, "all=60 disabled=hidden elderly=hidden"}} {
		var got []string
		for _, h := range must[outreach.Site](t)(b.desk.Site(ctx, c.who, s.ID)).Heads {
			text := fmt.Sprint(h.People.People)
			if h.People.Hidden {
				text = "hidden"
			}
			got = append(got, h.Group+"="+text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s sees %v, want %s", c.who.Name, got, c.want)
		}
	}
}

// TestATeamIsLostOnWednesday publishes a week of two teams and loses one of them for a day: only visits of that day and
// team may move, and nothing is left with the team that is gone.
func TestATeamIsLostOnWednesday(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 1_000)
	b.importSites(t, field, "sites_ternate.csv")
	first := b.ternateTeam(t, "Satu")
	b.ternateTeam(t, "Dua")
	was := must[outreach.Plan](t)(b.desk.Propose(ctx, field, outreach.NewPlan{Region: "82.71", From: monday, Days: 5, Seconds: 1}))
	was = must[outreach.Plan](t)(b.desk.Publish(ctx, field, was.ID, was.Version))
	_, err := b.desk.Publish(ctx, field, was.ID, was.Version)
	wantFault(t, "published twice", err, outreach.ErrPlanState)

	const wednesday = "2026-11-25"
	now := must[outreach.Plan](t)(b.desk.Replan(ctx, field, was.ID, was.Version, outreach.Anew{Losses: []outreach.TeamOff{{Team: first.ID, Day: wednesday}}, Seconds: 1}))
	before := map[int64]outreach.Visit{}
	lost := 0
	for _, v := range was.Visits {
		before[v.ID] = v
		if v.Team == first.ID && v.Day == wednesday {
			lost++
		}
	}
	if lost == 0 {
		t.Fatal("the team had no visit on Wednesday, so the test shows nothing")
	}
	touched := 0
	for _, v := range now.Visits {
		w, known := before[v.ID]
		if v.State != outreach.Cancelled && v.Team == first.ID && v.Day == wednesday {
			t.Errorf("%s is still with the lost team", v.SiteName)
		}
		if !known || v.Team == w.Team && v.Day == w.Day && v.State == w.State {
			continue
		}
		touched++
		if w.Team != first.ID || w.Day != wednesday {
			t.Errorf("%s of team %d on %s was published and is now %s with team %d on %s", w.SiteName, w.Team, w.Day, v.State, v.Team, v.Day)
		}
	}
	if touched != lost || now.Outcome.Moved+now.Outcome.Dropped != lost {
		t.Errorf("%d visits were touched, %d moved and %d dropped; want the %d of the lost day", touched, now.Outcome.Moved, now.Outcome.Dropped, lost)
	}
	b.account(t, now)

	i := slices.IndexFunc(now.Visits, func(v outreach.Visit) bool { return v.State == outreach.Proposed && v.Day == "2026-11-27" })
	v := now.Visits[i]
	_, err = b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: v.Team, Day: "2026-11-28"})
	if err == nil {
		t.Error("a visit is moved beyond the plan")
	}
	_, err = b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: v.Team, Day: "2026-11-24", Try: true})
	if err != nil && !errors.Is(err, outreach.ErrDoesNotFit) {
		t.Errorf("try another day: %v", err)
	}
	same := must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: v.Team, Day: v.Day, Try: true}))
	if same.Visits != len(slices.DeleteFunc(slices.Clone(now.Visits), func(v outreach.Visit) bool { return v.State == outreach.Cancelled })) {
		t.Errorf("with a visit where it is, %d are planned", same.Visits)
	}
	for what, get := range map[string]func() ([]byte, error){
		"%PDF-":           func() ([]byte, error) { return b.desk.Letter(ctx, field, v.ID) },
		"%PDF":            func() ([]byte, error) { return b.desk.TaskLetter(ctx, field, now.ID, v.Team) },
		"BEGIN:VCALENDAR": func() ([]byte, error) { return b.desk.Calendar(ctx, field, v.Team, 0) },
		"<?xml":           func() ([]byte, error) { return b.desk.GPX(ctx, field, now.ID) },
	} {
		if text := must[[]byte](t)(get()); !strings.HasPrefix(string(text), what) {
			t.Errorf("%.40q does not begin with %s", text, what)
		}
	}
	gone := must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, now.ID, now.Version, "tidak jadi"))
	if held := b.held(t, b.placeOf(t, "82.71", inventory.RegencyOffice), inventory.Usable); gone.State != "cancelled" || held != 1_000 {
		t.Errorf("the plan is %s and the office holds %d of 1,000", gone.State, held)
	}
}

// TestAWeekInMedan plans Medan's 396 real sites with four teams and holds it against the rule of the nearest place.
func TestAWeekInMedan(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "12.71", 600)
	if r := b.importSites(t, medan, "sites_medan.csv"); r.Taken != 396 || r.Bad != 0 {
		t.Fatalf("import %+v", r)
	}
	for _, name := range []string{"Satu", "Dua", "Tiga", "Empat"} {
		must[outreach.Team](t)(b.desk.AddTeam(ctx, medan, outreach.NewTeam{Region: "12.71", Name: name, DepotLon: at(98.6696), DepotLat: at(3.594), Members: 4, Sets: 2, Break: 45}))
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, medan, outreach.NewPlan{Region: "12.71", From: monday, Days: 5, Seconds: 10}))
	t.Logf("%+v", p.Outcome)
	if p.Outcome.Nearest.WeightedRatio < 1.3 {
		t.Errorf("%.1f weighted people are %.2f of nearest-first's %.1f, want 1.3", p.Outcome.Weighted, p.Outcome.Nearest.WeightedRatio, p.Outcome.Nearest.Weighted)
	}
	if p.Outcome.Blanks.Short == 0 || p.Outcome.Blanks.RecordOnly == 0 || p.Outcome.Blanks.Reserved > 600 {
		t.Errorf("with 600 blanks: %+v", p.Outcome.Blanks)
	}
	b.onTheMap(t, p)
	served := map[int64]bool{}
	for _, v := range p.Visits {
		served[v.Site] = true
	}
	for _, o := range p.Omitted {
		if o.Reason == "" || o.Reason == outreach.NoHeads || served[o.Site] != o.Partly {
			t.Errorf("omitted %+v", o)
		}
		served[o.Site] = true
	}
	for _, s := range must[postgres.Page[outreach.Site]](t)(b.desk.Sites(ctx, medan, outreach.SiteFilter{Paging: postgres.Paging{Limit: 1000}})).Items {
		if _, ok := served[s.ID]; !ok {
			t.Errorf("%+v is neither on the plan nor explained", s)
		}
	}
}

// onTheMap holds the GeoJSON of a plan of Medan against the plan: a point in Medan for each visit, and for each team's day a
// line from its depot through them and back.
func (b *bench) onTheMap(t testing.TB, p outreach.Plan) {
	t.Helper()
	text := must[[]byte](t)(json.Marshal(must[outreach.FeatureCollection](t)(b.desk.PlanMap(t.Context(), medan, p.ID))))
	var fc struct {
		Type     string
		Features []struct {
			Type, ID string
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties struct {
				Visit, Team   int64
				Day           string
				Order, Visits int
			}
		}
	}
	if err := json.Unmarshal(text, &fc); err != nil || fc.Type != "FeatureCollection" {
		t.Fatalf("%v in %.200s", err, text)
	}
	type key struct {
		team int64
		day  string
	}
	points, lines := map[key][][2]float64{}, map[key][][2]float64{}
	for _, f := range fc.Features {
		at := key{f.Properties.Team, f.Properties.Day}
		switch f.Geometry.Type {
		case "Point":
			var c [2]float64
			if err := json.Unmarshal(f.Geometry.Coordinates, &c); err != nil || c[0] < 98.5 || c[0] > 98.8 || c[1] < 3.4 || c[1] > 3.8 {
				t.Errorf("%s lies at %s, %v", f.ID, f.Geometry.Coordinates, err)
			}
			if points[at] = append(points[at], c); f.Properties.Order != len(points[at]) {
				t.Errorf("%s is number %d of its day, not %d", f.ID, f.Properties.Order, len(points[at]))
			}
		case "LineString":
			var line [][2]float64
			if err := json.Unmarshal(f.Geometry.Coordinates, &line); err != nil {
				t.Error(err)
			}
			lines[at] = line
		}
	}
	visits := 0
	for at, through := range points {
		visits += len(through)
		depot := [2]float64{98.6696, 3.594}
		if want := slices.Concat([][2]float64{depot}, through, [][2]float64{depot}); !slices.Equal(lines[at], want) {
			t.Errorf("the line of team %d on %s is %v, want %v", at.team, at.day, lines[at], want)
		}
	}
	if visits != len(p.Visits) || len(lines) != len(points) || len(lines) != p.Outcome.TeamDays {
		t.Errorf("%d points and %d lines for %d visits of %d team-days", visits, len(lines), len(p.Visits), p.Outcome.TeamDays)
	}
}

// TestAllSchoolsComeIn imports the schools of the whole country.
func TestAllSchoolsComeIn(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	t.Parallel()
	b := open(t)
	z := must[*gzip.Reader](t)(gzip.NewReader(shared(t, "schools.csv.gz")))
	began := time.Now()
	r := must[sheet.Report](t)(b.imports.Import(t.Context(), planner, "sites", "schools.csv", z, sheet.Options{}))
	codes := map[string]int{}
	for _, e := range r.Errors {
		codes[e.Code]++
	}
	t.Logf("%d of %d taken in %v; errors %v", r.Taken, r.Rows, time.Since(began), codes)
	if r.Rows != 28_481 || r.Taken < 28_300 {
		t.Errorf("%d of %d rows taken: %v", r.Taken, r.Rows, codes)
	}
	off := must[postgres.Page[outreach.Site]](t)(b.desk.Sites(t.Context(), planner, outreach.SiteFilter{Flag: outreach.PerhapsAtSea, Paging: postgres.Paging{Limit: 1000}})).Items
	if len(off) < 50 || len(off) > 300 { // most on islands that the coarse map lacks
		t.Errorf("%d schools are perhaps in the sea", len(off))
	}
	t.Logf("%d are perhaps in the sea", len(off))
}

func wantField(t testing.TB, what string, err error, field, code string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Location == field && x.Code == code }) {
		t.Errorf("%s: %v, want %s at %s", what, err, code, field)
	}
}
