package outreach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
	"blangko/outreach"
)

// On a holiday no team goes out: not in a new plan, not in one planned anew, and not by hand.
func TestNobodyGoesOnAHoliday(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 2_000)
	team := b.team(t, "Satu", func(n *outreach.NewTeam) { n.Work = 240 })
	holiday := func(day, kind string) {
		t.Helper()
		err := postgres.Write(ctx, b.db, access.System, func(tx *sqlx.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO holidays (day, name, kind) VALUES ($1, 'Libur uji', $2) ON CONFLICT (day) DO NOTHING`, day, kind)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	holiday(monday, "national")
	holiday("2026-11-24", "collective-leave")
	for i := range 6 {
		b.village(t, fmt.Sprint("Desa ", i), 90)
	}
	on := func(p outreach.Plan) (days []string) {
		for _, v := range p.Visits {
			if v.State != outreach.Cancelled && !slices.Contains(days, v.Day) {
				days = append(days, v.Day)
			}
		}
		slices.Sort(days)
		return days
	}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(5)))
	if got := on(p); !slices.Equal(got, []string{"2026-11-25", "2026-11-26", "2026-11-27"}) {
		t.Errorf("with holidays on Monday and Tuesday visits are on %v", got)
	}
	v := p.Visits[0]
	_, err := b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: team.ID, Day: monday})
	wantFault(t, "moved to a holiday", err, outreach.ErrDoesNotFit)
	if f, _ := fault.As(err); f == nil || f.Facts["reason"] != "team-off" {
		t.Errorf("moved to a holiday: %v", err)
	}
	holiday("2026-11-26", "national") // declared once the plan was made
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1}))
	if got := on(p); !slices.Equal(got, []string{"2026-11-25", "2026-11-27"}) {
		t.Errorf("after Thursday was declared a holiday visits are on %v", got)
	}
}

// A team that may be on the road so long a day goes no farther, and the place too far says by how much.
func TestATeamsTimeOnTheRoad(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 2_000)
	team := b.team(t, "Satu", func(n *outreach.NewTeam) { n.MaxTravel = 20 })
	b.village(t, "Dekat", 50)
	b.village(t, "Jauh", 200, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.345), at(0.84) }) // 18 minutes there
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(2)))
	o := reasonIs(t, p, "Jauh", "out-of-reach")
	way := must[outreach.Site](t)(b.desk.Site(ctx, field, o.Site))
	if len(visitsTo(p, "Dekat")) != 1 || o.Minutes < 10 || o.Minutes > 25 || o.Team != team.ID {
		t.Errorf("%+v at %v, %v; visits %+v", o, *way.Lon, *way.Lat, p.Visits)
	}
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	must[outreach.Team](t)(b.desk.ChangeTeam(ctx, field, team.ID, team.Version, outreach.NewTeam{Region: "82.71", Name: "Satu", DepotLon: at(127.3735), DepotLat: at(0.7886),
		Members: 4, Sets: 4, Break: 45, MaxTravel: 20 + int(o.Minutes)}))
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(2)))
	if len(visitsTo(p, "Jauh")) != 1 {
		t.Errorf("with so many minutes more it is still left out: %+v", p.Omitted)
	}
}

// A site that is open twice a day is served within one of its spans, and with more people in both.
func TestASiteIsOpenTwiceADay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 5_000)
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Break = 0 })
	twice := func(first, then string) func(n *outreach.NewSite) {
		return func(n *outreach.NewSite) {
			n.Openings = []outreach.Opening{{Opens: "08:00", Closes: first}, {Opens: then, Closes: "15:30"}}
		}
	}
	short := b.village(t, "Sebentar pagi", 60, twice("08:30", "13:00"))
	both := b.village(t, "Pagi dan sore", 130, twice("10:30", "13:00"))
	spans := map[int64][2]string{short.ID: {"08:00-08:30", "13:00-15:30"}, both.ID: {"08:00-10:30", "13:00-15:30"}}
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	if len(p.Visits) != 2 {
		t.Fatalf("visits %+v, omitted %+v", p.Visits, p.Omitted)
	}
	wit := time.FixedZone("WIT", 9*3600)
	for _, v := range p.Visits {
		from, to := v.Starts.In(wit).Format("15:04"), v.Ends.In(wit).Format("15:04")
		fits := false
		for _, s := range spans[v.Site] {
			opens, closes, _ := strings.Cut(s, "-")
			fits = fits || opens <= from && to <= closes
		}
		if !fits {
			t.Errorf("%s is served from %s to %s, it is open %v", v.SiteName, from, to, spans[v.Site])
		}
	}
	if v := one(t, p, "Sebentar pagi"); v.Starts.In(wit).Hour() < 13 {
		t.Errorf("half an hour in the morning is too short, it is served at %v", v.Starts)
	}
	// Too many for one span and enough for two: shares in both, or on two days.
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	b.village(t, "Ramai", 220, twice("10:30", "13:00"))
	if visits := visitsTo(must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(3))), "Ramai"); len(visits) < 2 {
		t.Errorf("220 on the list are served in %d visits", len(visits))
	}
}

// A visit that is pinned and not announced, and whose team's day is lost, goes elsewhere or says why it is gone.
func TestAPinnedVisitOfALostDay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	first := b.team(t, "Satu")
	second := b.team(t, "Dua", func(n *outreach.NewTeam) { n.Weekdays = []int{3} })
	site := b.village(t, "Desa", 60)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	v := p.Visits[0]
	must[outreach.Visit](t)(b.desk.Pin(ctx, field, v.ID, v.Version, true))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: []outreach.TeamOff{{Team: first.ID, Day: monday}}}))
	reasonIs(t, p, "Desa", "team-off")
	if v := p.Visits[0]; v.State != outreach.Cancelled || v.Reason != "replanned" || v.Blanks != 0 || p.Outcome.Dropped != 0 {
		t.Errorf("%+v of %+v", v, p.Outcome)
	}
	b.account(t, p)

	n := week(3)
	n.Sites = []int64{site.ID}
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, n))
	v = p.Visits[0]
	must[outreach.Visit](t)(b.desk.Pin(ctx, field, v.ID, v.Version, true))
	p = must[outreach.Plan](t)(b.desk.Plan(ctx, field, p.ID))
	var losses []outreach.TeamOff
	for _, day := range []string{monday, "2026-11-24"} {
		losses = append(losses, outreach.TeamOff{Team: first.ID, Day: day})
	}
	losses = append(losses, outreach.TeamOff{Team: v.Team, Day: v.Day})
	p = must[outreach.Plan](t)(b.desk.Replan(ctx, field, p.ID, p.Version, outreach.Anew{Seconds: 1, Losses: losses}))
	if now := one(t, p, "Desa"); now.ID != v.ID || now.Day != "2026-11-25" || now.Team == v.Team && now.Day == v.Day {
		t.Errorf("with another day free it is %+v; teams %d and %d", now, first.ID, second.ID)
	}
}

// FuzzSites holds that any list of sites is refused with a fault or read row by row, and that what is taken lies in
// Indonesia and bears no long number.
func FuzzSites(f *testing.F) {
	f.Add(siteHead + "1,village,Desa,82.71,,127.37,0.79,10,2026-11-01\n")
	f.Add(siteHead + "1,lapas,Lapas,82.71,82.71.01,\"127,37\",0.79,1.200,2026\n2,island,Pulau,82.71,,0,0,,\n")
	f.Add("npsn,name,level,status,regency_code,district,lon,lat,coord_check\n60201234,SMAN 1,sma,negeri,82.71,Kota Ternate Tengah,127.37,0.79,\n")
	f.Add("kind,name,regency_code,area_code,address,lon,lat,coord_precision,capacity,occupants,as_of,source_url,note\nlpka,LPKA,82.71,,,127.37,0.79,none,60,,,,\n")
	b := open(f)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := b.imports.Import(t.Context(), planner, "sites", "lokasi.csv", strings.NewReader(text), sheet.Options{})
		if err != nil {
			if _, told := fault.As(err); !told {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if r.Taken+r.Unchanged+r.Bad > r.Rows || r.Taken < 0 || r.Bad > 0 && len(r.Errors) == 0 {
			t.Fatalf("%q: %+v", text, r)
		}
		if r.Taken == 0 {
			return
		}
		for _, s := range must[postgres.Page[outreach.Site]](t)(b.desk.Sites(t.Context(), planner, outreach.SiteFilter{Paging: postgres.Paging{Limit: 1000}})).Items {
			if s.Name == "" || s.Lon != nil && (*s.Lon < 94 || *s.Lon > 142 || *s.Lat < -12 || *s.Lat > 7) {
				t.Fatalf("%q: took %+v", text, s)
			}
			for _, h := range s.Heads {
				if h.People.People < 0 || h.Basis == "" {
					t.Fatalf("%q: took %+v", text, s)
				}
			}
		}
		if _, err := b.imports.Undo(t.Context(), planner, r.ID); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
