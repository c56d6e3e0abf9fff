package outreach_test

import (
	"slices"
	"testing"
	"time"

	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/outreach"
)

// On an island people are served between the first boat's landing and the last boat's leaving, and the crossing is part of
// the way.
func TestVisitsKeepToTheBoats(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 2_000)
	b.ternateIslands(t)
	for name, at := range map[string][3]any{"Hiri": {127.31754, 0.89640, "82.71.07"}, "Moti": {127.40911, 0.45570, "82.71.04"}, "Batang Dua": {126.38555, 1.32453, "82.71.05"}} {
		lon, lat := at[0].(float64), at[1].(float64)
		b.village(t, name, 100, func(n *outreach.NewSite) {
			n.Region, n.Lon, n.Lat, n.Openings = at[2].(string), &lon, &lat, []outreach.Opening{{Opens: "00:00", Closes: "24:00"}}
		})
	}
	b.team(t, "Satu", func(n *outreach.NewTeam) { n.Opens, n.Closes = "04:00", "21:00" })
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(3)))
	wit := time.FixedZone("WIT", 9*3600)
	for name, crossing := range map[string]time.Duration{"Hiri": 30 * time.Minute, "Moti": 2 * time.Hour} {
		visits := visitsTo(p, name)
		if len(visits) != 1 {
			t.Errorf("%s has %d visits, omitted %+v", name, len(visits), p.Omitted)
			continue
		}
		v := visits[0]
		day := v.Starts.In(wit).Truncate(0)
		first := time.Date(day.Year(), day.Month(), day.Day(), 7, 0, 0, 0, wit).Add(crossing)
		last := time.Date(day.Year(), day.Month(), day.Day(), 17, 0, 0, 0, wit)
		if v.Starts.Before(first) || v.Ends.After(last) {
			t.Errorf("%s is served from %v to %v; boats land from %v and leave until %v", name, v.Starts.In(wit), v.Ends.In(wit), first, last)
		}
		if time.Duration(v.Travel)*time.Second < crossing {
			t.Errorf("the way to %s takes %d s, the crossing alone %v", name, v.Travel, crossing)
		}
	}
	reasonIs(t, p, "Batang Dua", "no-boat-in-time")
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))

	// An expedition: a team stays there, and nobody else goes.
	var island int64
	for _, i := range must[postgres.Page[outreach.Island]](t)(b.desk.Islands(ctx, field)).Items {
		if i.Name == "Batang Dua" {
			island = i.ID
		}
	}
	there := b.team(t, "Ekspedisi", func(n *outreach.NewTeam) { n.Island, n.DepotLon, n.DepotLat = island, at(126.390), at(1.320) })
	p = must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(3)))
	if visits := visitsTo(p, "Batang Dua"); len(visits) != 1 || visits[0].Team != there.ID {
		t.Errorf("Batang Dua with a team on it: %+v, omitted %+v", visits, p.Omitted)
	}
	must[outreach.Plan](t)(b.desk.CancelPlan(ctx, field, p.ID, p.Version, "uji"))
	sunday := week(7) // that team rests on Saturday and Sunday
	sunday.From, sunday.Days = "2026-11-28", 2
	_, err := b.desk.Propose(ctx, field, sunday)
	wantFault(t, "a weekend", err, outreach.ErrNothing)
}

// What is said of an island cannot be turned around.
func TestWhatCannotBeAnIsland(t *testing.T) {
	t.Parallel()
	b := open(t)
	good := outreach.NewIsland{Region: "82.71", Name: "Hiri", PortLon: 127.345, PortLat: 0.852, LandingLon: 127.322, LandingLat: 0.886, Crossing: 30,
		Openings: []outreach.Opening{{Opens: "07:00", Closes: "17:00"}}}
	for name, c := range map[string]struct {
		spoil       func(*outreach.NewIsland)
		field, code string
	}{
		"a port swapped":      {func(n *outreach.NewIsland) { n.PortLon, n.PortLat = n.PortLat, n.PortLon }, "body.port", "longitude-and-latitude-swapped"},
		"a landing at zero":   {func(n *outreach.NewIsland) { n.LandingLon, n.LandingLat = 0, 0 }, "body.landing", "point-zero"},
		"boats that turn":     {func(n *outreach.NewIsland) { n.Openings[0].Opens, n.Openings[0].Closes = "17:00", "07:00" }, "body.openings[0].closes", "closes-before-it-opens"},
		"an hour that is not": {func(n *outreach.NewIsland) { n.Openings[0].Opens = "25:00" }, "body.openings[0].opens", "not-a-time"},
	} {
		n := good
		n.Openings = slices.Clone(good.Openings)
		c.spoil(&n)
		_, err := b.desk.AddIsland(t.Context(), field, n)
		wantField(t, name, err, c.field, c.code)
	}
	bad := outreach.NewTeam{Region: "82.71", Name: "Malam", DepotLon: at(0.79), DepotLat: at(127.37), Opens: "20:00", Closes: "04:00", Members: 2, Sets: 1, Equipment: []string{"wings"}}
	_, err := b.desk.AddTeam(t.Context(), field, bad)
	wantField(t, "a team of the night", err, "body.shift[0].closes", "closes-before-it-opens")
	wantField(t, "a team with its depot swapped", err, "body.depot", "longitude-and-latitude-swapped")
	wantField(t, "a team with wings", err, "body.equipment[0]", "not-in-list")
	for sets, pace := range map[int]int{0: 10, 2: -1} { // nobody served an hour
		_, err := b.desk.AddTeam(t.Context(), field, outreach.NewTeam{Region: "82.71", Name: "Nol", Members: 2, Sets: sets, Pace: pace})
		if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != "too-small" {
			t.Errorf("%d sets that serve %d an hour: %v", sets, pace, err)
		}
	}
}
