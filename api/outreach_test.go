package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"blangko/internal/fault"
	"blangko/inventory"
	"blangko/outreach"
)

// noVersion is the If-Match of somebody who has not read: what is allowed answers 412 and changes nothing.
var noVersion = []string{"If-Match", `"999"`}

// fieldOf is what a region has for its outreach, made once.
type fieldOf struct{ site, island, team, plan, visit int64 }

var depots = map[string][2]float64{"12.71": {98.6696, 3.594}, "82.71": {127.37345, 0.78864}}

func (o *office) field(region string) fieldOf {
	o.t.Helper()
	if f, ok := o.fields[region]; ok {
		return f
	}
	var f fieldOf
	var site outreach.Site
	var team outreach.Team
	var island outreach.Island
	var plan outreach.Plan
	p, at := o.as("outreach."+region), depots[region]
	o.opening(region, 50)
	p.call("POST", "/api/v1/sites", newSite(o, region)).into(o.t, &site)
	p.call("POST", fmt.Sprintf("/api/v1/sites/%d/heads", site.ID), outreach.NewHead{Group: "all", People: 400, AsOf: today, Basis: "counted"}).into(o.t, &site)
	p.call("POST", "/api/v1/islands", newIsland(o, region)).into(o.t, &island)
	p.call("POST", "/api/v1/teams", outreach.NewTeam{Region: region, Name: "Tim A", DepotLon: &at[0], DepotLat: &at[1], Members: 4, Sets: 2}).into(o.t, &team)
	p.call("POST", "/api/v1/plans", outreach.NewPlan{Region: region, From: "2026-11-23", Days: 2, Seconds: 1}).into(o.t, &plan)
	f = fieldOf{site.ID, island.ID, team.ID, plan.ID, plan.Visits[0].ID}
	if o.fields == nil {
		o.fields = map[string]fieldOf{}
	}
	o.fields[region] = f
	return f
}

func fieldPath(form string, id func(fieldOf) int64) func(*office, string) string {
	return func(o *office, region string) string { return fmt.Sprintf(form, id(o.field(region))) }
}

func siteOf(f fieldOf) int64   { return f.site }
func islandOf(f fieldOf) int64 { return f.island }
func teamOf(f fieldOf) int64   { return f.team }
func planOf(f fieldOf) int64   { return f.plan }
func visitOf(f fieldOf) int64  { return f.visit }

var newNames int

func newName(word string) string { newNames++; return fmt.Sprintf("%s %d", word, newNames) }

func newSite(_ *office, region string) any {
	at := depots[region]
	return outreach.NewSite{Region: region, Kind: "school_sma", Name: newName("SMAN"), Lon: &at[0], Lat: &at[1]}
}

func newHead(*office, string) any {
	return outreach.NewHead{Group: "all", People: 410, AsOf: today, Basis: "counted"}
}

func newIsland(_ *office, region string) any {
	at := depots[region]
	return outreach.NewIsland{Region: region, Name: newName("Pulau"), PortLon: at[0], PortLat: at[1], LandingLon: at[0], LandingLat: at[1], Crossing: 30,
		Openings: []outreach.Opening{{Opens: "07:00", Closes: "16:00"}}}
}

func newTeam(_ *office, region string) any {
	return outreach.NewTeam{Region: region, Name: newName("Tim"), Members: 2, Sets: 1}
}

func planForThePast(_ *office, region string) any {
	return outreach.NewPlan{Region: region, From: "2026-11-02", Days: 2, Seconds: 1}
}

func earlyResult(*office, string) any { return outreach.NewResult{Report: "hp-1", Complete: true} }

func anew(*office, string) any { return outreach.Anew{Seconds: 1} }
func tomorrow(o *office, r string) any {
	return outreach.Shift{Team: o.field(r).team, Day: "2026-11-24", Try: true}
}
func pinned(*office, string) any      { return map[string]bool{"pinned": true} }
func noFlags(*office, string) any     { return map[string][]string{"flags": {}} }
func supplied(*office, string) any    { return map[string]bool{"with": false} }
func noBlanks(*office, string) any    { return map[string]int{"blanks": 0} }
func nothingBack(*office, string) any { return map[string]int{"blanks": 0, "spoiled": 0} }

func tinyProblem(*office, string) any {
	return `{"vehicles":[{"id":1,"start_index":0,"end_index":0}],"jobs":[{"id":1,"location_index":1}],"matrices":{"car":{"durations":[[0,60],[60,0]]}}}`
}

// TestABoatloadOfBlanksComesBack walks one visit over HTTP, from the plan to the blanks that come back.
func TestABoatloadOfBlanksComesBack(t *testing.T) {
	t.Parallel()
	o := open(t)
	team, office := o.as("outreach.82.71"), o.as("officer.82.71")
	id := o.field("82.71").visit
	at := func(rest string) string { return fmt.Sprintf("/api/v1/visits/%d%s", id, rest) }
	var v outreach.Visit
	team.get(at("")).into(t, &v)
	tag := func() []string { return []string{"If-Match", fmt.Sprintf("%q", fmt.Sprint(v.Version))} }
	if v.Blanks == 0 || v.Blanks != v.Cards.People {
		t.Fatalf("visit %+v", v)
	}
	team.call("POST", at("/confirmation"), nil, tag()...).into(t, &v)
	if got := team.call("POST", at("/handover"), map[string]int64{"blanks": v.Blanks}, tag()...); got.status != http.StatusForbidden {
		t.Errorf("the team hands itself blanks: %v", got)
	}
	office.call("POST", at("/handover"), map[string]int64{"blanks": v.Blanks}, tag()...).into(t, &v)
	if p := team.call("POST", at("/start"), map[string]int64{"blanks": v.Blanks - 1}, tag()...).problem(t); p.Code != "counts-differ" {
		t.Errorf("another number: %+v", p)
	}
	team.call("POST", at("/start"), map[string]int64{"blanks": v.Blanks}, tag()...).into(t, &v)
	if p := team.call("POST", at("/results"), outreach.NewResult{Report: "hp-1", Used: v.Blanks, Taken: v.Blanks}).problem(t); p.Code != "invalid-input" {
		t.Errorf("a result of a day to come: %+v", p)
	}
	n := outreach.NewResult{Report: "hp-1", Complete: true, Day: today, Present: 30, Served: 28, Recorded: 25, Printed: 20, Taken: v.Blanks, Used: 20,
		Returned: v.Blanks - 20}
	var r outreach.Result
	team.call("POST", at("/results"), n).into(t, &r)
	if r.Standing != "kept" || r.Whereabouts != "none" {
		t.Errorf("result %+v", r)
	}
	office.get(at("")).into(t, &v)
	office.call("POST", at("/checkin"), map[string]int64{"blanks": v.Blanks - 20, "spoiled": 0}, tag()...).into(t, &v)
	var place inventory.Place
	office.get(fmt.Sprint("/api/v1/places/", o.placeOf("82.71", inventory.RegencyOffice))).into(t, &place)
	if i := slices.IndexFunc(place.Stock, func(b inventory.Balance) bool { return b.Condition == inventory.Usable }); i < 0 || place.Stock[i].Pieces != 30 {
		t.Errorf("the office of 50, with 20 printed, holds %+v", place.Stock)
	}
}

func TestARoutingProblemIsAnsweredOrExplained(t *testing.T) {
	t.Parallel()
	o := open(t)
	var answer struct {
		Code   int `json:"code"`
		Routes []struct{}
	}
	o.as("planner").call("POST", "/api/v1/route", tinyProblem(o, "")).into(t, &answer)
	if answer.Code != 0 || len(answer.Routes) != 1 {
		t.Errorf("answer %+v", answer)
	}
	for bad, want := range map[string]int{`{"vehicles":[],`: http.StatusBadRequest, `{"vehicles":[{"id":1,"wheels":2}],"jobs":[]}`: http.StatusUnprocessableEntity} {
		if got := o.as("planner").call("POST", "/api/v1/route", bad); got.status != want {
			t.Errorf("%s: %v", bad, got)
		}
	}
}

func untried(*office, string) any { return map[string]any{} }

func oneMore(o *office, r string) any {
	return outreach.NewVisit{Site: o.field(r).site, Shift: outreach.Shift{Team: o.field(r).team, Day: "2026-11-24"}}
}

// What a careless or a hostile hand enters is refused with the field that is wrong; a resident's name has no place to go.
func TestOutreachRefusesByField(t *testing.T) {
	t.Parallel()
	o := open(t)
	team := o.as("outreach.82.71")
	site := func(more string) string {
		return `{"region":"82.71","kind":"village","name":"Desa","lon":127.37,"lat":0.79` + more + `}`
	}
	crew := func(more string) string {
		return `{"region":"82.71","name":"Tim","members":2,"sets":1` + more + `}`
	}
	for _, c := range []struct{ name, path, body, code, location, field string }{
		{"a person as contact", "/sites", site(`,"contact":"Ibu Sri 0812"`), "invalid-input", "body.contact", ""},
		{"a NIK as contact", "/sites", site(`,"contact":"3271 0401 0190 0001"`), "sixteen-digits", "body.contact", ""},
		{"a NIK in a note", "/sites", site(`,"note":"anak dari 3271-0401-0190-0001"`), "sixteen-digits", "body.note", ""},
		{"a latitude of 127", "/sites", `{"region":"82.71","kind":"village","name":"Desa","lon":0.79,"lat":127.37}`, "invalid-input", "body.point", "longitude-and-latitude-swapped"},
		{"nobody served an hour", "/teams", crew(`,"pace":0`), "invalid-input", "body.pace", ""},
		{"no set", "/teams", `{"region":"82.71","name":"Tim","members":2,"sets":0}`, "invalid-input", "body.sets", ""},
		{"a shift that ends before it begins", "/teams", crew(`,"shift_opens":"16:00","shift_closes":"07:30"`), "invalid-input", "body.shift[0].closes", "closes-before-it-opens"},
		{"half a depot", "/teams", crew(`,"depot_lon":127.37`), "invalid-input", "body.depot", "half-a-point"},
		{"a plan of no days", "/plans", `{"region":"82.71","from":"2026-11-23","days":0}`, "invalid-input", "body.days", ""},
		{"a plan from nowhere in time", "/plans", `{"region":"82.71","from":"2026-02-30","days":2}`, "invalid-input", "body.from", ""},
		{"a site that is no number", "/plans", `{"region":"82.71","from":"2026-11-23","days":2,"sites":["semua"]}`, "invalid-input", "body.sites[0]", ""},
	} {
		p := team.call("POST", "/api/v1"+c.path, c.body).problem(t)
		i := slices.IndexFunc(p.Errors, func(e fault.Field) bool { return e.Location == c.location })
		if p.Code != c.code || c.code == "invalid-input" && (i < 0 || c.field != "" && p.Errors[i].Code != c.field) {
			t.Errorf("%s: %+v, want %s at %s", c.name, p, c.code, c.location)
		}
	}
	for name, body := range map[string]string{
		"no matrices":        `{"vehicles":[{"id":1,"start_index":0}],"jobs":[]}`,
		"a matrix that gaps": `{"vehicles":[{"id":1,"start_index":0}],"jobs":[],"matrices":{"car":{"durations":[[0,1],[1]]}}}`,
		"a way back in time": `{"vehicles":[{"id":1,"start_index":0}],"jobs":[],"matrices":{"car":{"durations":[[0,-1],[1,0]]}}}`,
		"an endless service": `{"vehicles":[{"id":1,"start_index":0}],"jobs":[{"id":1,"location_index":1,"service":99999999999999}],"matrices":{"car":{"durations":[[0,1],[1,0]]}}}`,
		"a field of another": `{"vehicles":[{"id":1,"start_index":0,"costs":{"fixed":1}}],"jobs":[],"matrices":{"car":{"durations":[[0]]}}}`,
	} {
		p := o.as("planner").call("POST", "/api/v1/route", body).problem(t)
		if advice, _ := p.Facts["advice"].(string); p.Code != outreach.ErrRouting.Code || p.Facts["code"] != 2.0 || advice == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// A calendar program follows a team or a site by a link, without signing in; a new link ends the one before, and nobody
// else's office can make one.
func TestACalendarIsFollowedByItsLink(t *testing.T) {
	t.Parallel()
	o := open(t)
	f, team := o.field("82.71"), o.as("outreach.82.71")
	read := func(l outreach.Link) reply { return o.as("").get(l.Path) }
	for _, path := range []string{fmt.Sprintf("/api/v1/teams/%d/calendar/link", f.team), fmt.Sprintf("/api/v1/sites/%d/calendar/link", f.site)} {
		var first, again, second outreach.Link
		key := []string{"Idempotency-Key", "link-" + path}
		team.call("POST", path, nil, key...).into(t, &first)
		if got := read(first); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/calendar") || !strings.Contains(string(got.body), "BEGIN:VEVENT\r\n") {
			t.Errorf("%s: %.300v", path, got)
		}
		if team.call("POST", path, nil, key...).into(t, &again); again.Path != "" {
			t.Errorf("%s: the secret is told twice", path)
		}
		team.call("POST", path, nil).into(t, &second)
		if old, now := read(first), read(second); old.status != http.StatusNotFound || now.status != http.StatusOK {
			t.Errorf("%s: after a new link the old one answers %d, the new one %d", path, old.status, now.status)
		}
		if got := o.as("outreach.12.71").call("POST", path, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: Medan shares a calendar of Ternate: %v", path, got)
		}
		if got := team.call("DELETE", path, nil); got.status != http.StatusOK {
			t.Errorf("%s: %v", path, got)
		}
		if got := read(second); got.status != http.StatusNotFound {
			t.Errorf("%s: once ended, the link answers %d", path, got.status)
		}
	}
}
