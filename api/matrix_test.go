package api_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"blangko/api"
	"blangko/coverage"
	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/inventory"
)

var update = flag.Bool("update", false, "write what is kept in files from what is")

// walk tells how to ask for one route about something in a region.
type walk struct {
	path    func(o *office, region string) string // nil: the route's own path
	body    func(o *office, region string) any
	headers []string
}

func holidayPath(*office, string) string { return "/api/v1/holidays/2001-01-01" }

// walks has a row for every route; one without fails TestWhoMayDoWhatWhere.
var walks = map[string]walk{
	"POST /api/v1/session":   {body: func(*office, string) any { return account.Credentials{Username: "nobody", Password: "nothing"} }},
	"DELETE /api/v1/session": {},
	"GET /api/v1/me":         {},
	"POST /api/v1/me/password": {body: func(*office, string) any {
		return map[string]string{"current": "wrong-password", "password": "another-one-1"}
	}},
	"GET /api/v1/users":                {},
	"POST /api/v1/users":               {body: newUser},
	"GET /api/v1/users/{id}":           {path: userPath("")},
	"PUT /api/v1/users/{id}":           {path: userPath(""), body: func(*office, string) any { return map[string]string{"name": "Petugas (demo)"} }, headers: []string{"If-Match", `"999"`}},
	"POST /api/v1/users/{id}/password": {path: userPath("/password"), body: func(*office, string) any { return map[string]string{"password": "short"} }},
	"GET /api/v1/tokens":               {},
	"POST /api/v1/tokens":              {body: func(*office, string) any { return account.NewToken{Name: "program"} }},
	"DELETE /api/v1/tokens/{id}":       {path: func(*office, string) string { return "/api/v1/tokens/999999" }},
	"GET /api/v1/audit":                {},
	"GET /api/v1/jobs":                 {},
	"GET /api/v1/settings":             {},
	"PUT /api/v1/settings/{name}":      {path: func(*office, string) string { return "/api/v1/settings/requests.tolerance" }, body: func(*office, string) any { return map[string]any{"value": 7} }, headers: noVersion},
	"GET /api/v1/holidays":             {},
	"POST /api/v1/holidays": {body: func(*office, string) any {
		return map[string]string{"day": "0001-01-01", "name": " ", "kind": "national"}
	}},
	"PUT /api/v1/holidays/{day}":            {path: holidayPath, body: func(*office, string) any { return map[string]string{"name": "Libur", "kind": "national"} }, headers: noVersion},
	"DELETE /api/v1/holidays/{day}":         {path: holidayPath},
	"GET /api/v1/regions":                   {path: func(_ *office, r string) string { return "/api/v1/regions?parent=" + r }},
	"GET /api/v1/regions/{code}":            {path: func(_ *office, r string) string { return "/api/v1/regions/" + r }},
	"GET /api/v1/boundaries":                {path: inRegion("/api/v1/boundaries")},
	"GET /api/v1/boundaries/geojson":        {path: inRegion("/api/v1/boundaries/geojson")},
	"GET /api/v1/tiles/{layer}/{z}/{x}/{y}": {path: func(*office, string) string { return "/api/v1/tiles/regency/5/25/16" }},
	"GET /api/v1/items":                     {},
	"GET /api/v1/places":                    {path: func(_ *office, r string) string { return "/api/v1/places?region=" + r }},
	"GET /api/v1/places/{id}": {path: func(o *office, r string) string {
		return fmt.Sprint("/api/v1/places/", o.placeOf(r, inventory.RegencyOffice))
	}},
	"PUT /api/v1/places/{id}/printers": {path: func(o *office, r string) string {
		return fmt.Sprintf("/api/v1/places/%d/printers", o.placeOf(r, inventory.RegencyOffice))
	}, body: func(*office, string) any { return map[string]any{"versions": []string{"5"}} }, headers: noVersion},
	"GET /api/v1/stock": {path: func(_ *office, r string) string { return "/api/v1/stock?region=" + r }},
	"GET /api/v1/stock/history": {path: func(_ *office, r string) string {
		return "/api/v1/stock/history?from=2026-01-01&to=2026-01-31&region=" + r
	}},
	"GET /api/v1/moves":                {},
	"GET /api/v1/moves/{id}":           {path: func(o *office, r string) string { return "/api/v1/moves/" + o.opening(r, 10).ID }},
	"POST /api/v1/moves":               {body: func(o *office, r string) any { o.opening(r, 10); return o.use(r, 1) }},
	"POST /api/v1/moves/{id}/reversal": {path: func(o *office, r string) string { return "/api/v1/moves/" + o.usedOnce(r).ID + "/reversal" }, body: reason},
	"GET /api/v1/public/stock":         {},
	"GET /api/v1/public/calendar":      {path: func(*office, string) string { return "/api/v1/public/calendar?key=none" }},

	"GET /api/v1/populations":                    {path: inRegion("/api/v1/populations")},
	"POST /api/v1/populations":                   {body: newPopulation},
	"GET /api/v1/coverage":                       {path: inRegion("/api/v1/coverage")},
	"POST /api/v1/coverage":                      {body: newFigure},
	"GET /api/v1/coverage/trend":                 {path: inRegion("/api/v1/coverage/trend")},
	"GET /api/v1/coverage/reports":               {path: inRegion("/api/v1/coverage/reports")},
	"GET /api/v1/coverage/{id}":                  {path: figurePath("")},
	"PUT /api/v1/coverage/{id}":                  {path: figurePath(""), body: correction, headers: firstVersion},
	"POST /api/v1/coverage/{id}/submission":      {path: figurePath("/submission"), headers: firstVersion},
	"POST /api/v1/coverage/{id}/verification":    {path: figurePath("/verification"), headers: firstVersion},
	"POST /api/v1/coverage/{id}/return":          {path: figurePath("/return"), body: reason, headers: firstVersion},
	"GET /api/v1/findings":                       {path: inRegion("/api/v1/findings")},
	"POST /api/v1/findings/{id}/acknowledgement": {path: findingPath, body: reason, headers: firstVersion},
	"GET /api/v1/gaps":                           {path: inRegion("/api/v1/gaps")},
	"GET /api/v1/gaps/geojson":                   {path: inRegion("/api/v1/gaps/geojson")},
	"GET /api/v1/tiles/gaps/{level}/{z}/{x}/{y}": {path: inRegion("/api/v1/tiles/gaps/regency/5/25/16")},
	"GET /api/v1/regions/changes":                {},
	"GET /api/v1/regions/changes/{id}":           {path: func(*office, string) string { return "/api/v1/regions/changes/999999" }},
	"POST /api/v1/regions/changes":               {path: func(*office, string) string { return "/api/v1/regions/changes?dry_run=true" }, body: trySplit},
	"GET /api/v1/targets":                        {},
	"POST /api/v1/targets": {body: func(_ *office, r string) any {
		return coverage.Target{Region: r, Subject: coverage.Recording, Year: 2026, Percent: 99}
	}},

	"GET /api/v1/sites":                                {path: inRegion("/api/v1/sites")},
	"GET /api/v1/sites/geojson":                        {path: inRegion("/api/v1/sites/geojson")},
	"GET /api/v1/sites/{id}":                           {path: fieldPath("/api/v1/sites/%d", siteOf)},
	"POST /api/v1/sites":                               {body: newSite},
	"PUT /api/v1/sites/{id}":                           {path: fieldPath("/api/v1/sites/%d", siteOf), body: newSite, headers: noVersion},
	"POST /api/v1/sites/{id}/heads":                    {path: fieldPath("/api/v1/sites/%d/heads", siteOf), body: newHead},
	"POST /api/v1/sites/{id}/check":                    {path: fieldPath("/api/v1/sites/%d/check", siteOf), body: noFlags, headers: noVersion},
	"GET /api/v1/islands":                              {},
	"POST /api/v1/islands":                             {body: newIsland},
	"PUT /api/v1/islands/{id}":                         {path: fieldPath("/api/v1/islands/%d", islandOf), body: newIsland, headers: noVersion},
	"GET /api/v1/teams":                                {path: inRegion("/api/v1/teams")},
	"GET /api/v1/teams/{id}":                           {path: fieldPath("/api/v1/teams/%d", teamOf)},
	"POST /api/v1/teams":                               {body: newTeam},
	"PUT /api/v1/teams/{id}":                           {path: fieldPath("/api/v1/teams/%d", teamOf), body: newTeam, headers: noVersion},
	"POST /api/v1/teams/{id}/calendar/link":            {path: fieldPath("/api/v1/teams/%d/calendar/link", teamOf)},
	"DELETE /api/v1/teams/{id}/calendar/link":          {path: fieldPath("/api/v1/teams/%d/calendar/link", teamOf)},
	"POST /api/v1/sites/{id}/calendar/link":            {path: fieldPath("/api/v1/sites/%d/calendar/link", siteOf)},
	"DELETE /api/v1/sites/{id}/calendar/link":          {path: fieldPath("/api/v1/sites/%d/calendar/link", siteOf)},
	"GET /api/v1/plans":                                {path: inRegion("/api/v1/plans")},
	"GET /api/v1/plans/{id}":                           {path: fieldPath("/api/v1/plans/%d", planOf)},
	"GET /api/v1/plans/{id}/geojson":                   {path: fieldPath("/api/v1/plans/%d/geojson", planOf)},
	"POST /api/v1/plans":                               {body: planForThePast},
	"GET /api/v1/visits":                               {path: inRegion("/api/v1/visits")},
	"GET /api/v1/visits/{id}":                          {path: fieldPath("/api/v1/visits/%d", visitOf)},
	"POST /api/v1/visits/{id}/confirmation":            {path: fieldPath("/api/v1/visits/%d/confirmation", visitOf), headers: noVersion},
	"POST /api/v1/visits/{id}/pin":                     {path: fieldPath("/api/v1/visits/%d/pin", visitOf), body: pinned, headers: noVersion},
	"POST /api/v1/visits/{id}/blanks":                  {path: fieldPath("/api/v1/visits/%d/blanks", visitOf), body: supplied, headers: noVersion},
	"POST /api/v1/visits/{id}/cancellation":            {path: fieldPath("/api/v1/visits/%d/cancellation", visitOf), body: reason, headers: noVersion},
	"POST /api/v1/visits/{id}/handover":                {path: fieldPath("/api/v1/visits/%d/handover", visitOf), body: noBlanks, headers: noVersion},
	"POST /api/v1/visits/{id}/start":                   {path: fieldPath("/api/v1/visits/%d/start", visitOf), body: noBlanks, headers: noVersion},
	"POST /api/v1/visits/{id}/miss":                    {path: fieldPath("/api/v1/visits/%d/miss", visitOf), body: reason, headers: noVersion},
	"GET /api/v1/visits/{id}/results":                  {path: fieldPath("/api/v1/visits/%d/results", visitOf)},
	"POST /api/v1/visits/{id}/results":                 {path: fieldPath("/api/v1/visits/%d/results", visitOf), body: earlyResult},
	"POST /api/v1/visits/{id}/results/{result}/choice": {path: fieldPath("/api/v1/visits/%d/results/999999/choice", visitOf)},
	"POST /api/v1/visits/{id}/checkin":                 {path: fieldPath("/api/v1/visits/%d/checkin", visitOf), body: nothingBack, headers: noVersion},
	"GET /api/v1/imports":                              {},
	"POST /api/v1/imports":                             {path: func(*office, string) string { return "/api/v1/imports?kind=figures" }, body: figuresFile},
	"GET /api/v1/imports/kinds":                        {},
	"GET /api/v1/imports/running":                      {},
	"GET /api/v1/imports/{id}":                         {path: importPath("")},
	"GET /api/v1/imports/{id}/rows":                    {path: importPath("/rows")},
	"GET /api/v1/imports/template/{kind}":              {path: func(*office, string) string { return "/api/v1/imports/template/figures" }},
	"GET /api/v1/exports/{file}":                       {path: inRegion("/api/v1/exports/gaps.csv")},
	"POST /api/v1/imports/{id}/undo":                   {path: importPath("/undo")},
	"POST /api/v1/plans/{id}/publication":              {path: fieldPath("/api/v1/plans/%d/publication", planOf), headers: noVersion},
	"POST /api/v1/plans/{id}/replanning":               {path: fieldPath("/api/v1/plans/%d/replanning", planOf), body: anew, headers: noVersion},
	"POST /api/v1/plans/{id}/cancellation":             {path: fieldPath("/api/v1/plans/%d/cancellation", planOf), body: reason, headers: noVersion},
	"GET /api/v1/plans/{id}/gpx":                       {path: fieldPath("/api/v1/plans/%d/gpx", planOf)},
	"GET /api/v1/plans/{id}/letters/{team}": {path: func(o *office, r string) string {
		return fmt.Sprintf("/api/v1/plans/%d/letters/%d", o.field(r).plan, o.field(r).team)
	}},
	"GET /api/v1/teams/{id}/calendar": {path: fieldPath("/api/v1/teams/%d/calendar", teamOf)},
	"GET /api/v1/sites/{id}/calendar": {path: fieldPath("/api/v1/sites/%d/calendar", siteOf)},
	"GET /api/v1/visits/achieved":     {path: inRegion("/api/v1/visits/achieved")},
	"GET /api/v1/visits/{id}/letter":  {path: fieldPath("/api/v1/visits/%d/letter", visitOf)},
	"POST /api/v1/visits/{id}/move":   {path: fieldPath("/api/v1/visits/%d/move", visitOf), body: tomorrow, headers: noVersion},
	"POST /api/v1/visits/{id}/drop":   {path: fieldPath("/api/v1/visits/%d/drop", visitOf), body: untried, headers: noVersion},
	"POST /api/v1/plans/{id}/visits":  {path: fieldPath("/api/v1/plans/%d/visits", planOf), body: oneMore, headers: noVersion},
	"GET /api/v1/visits/achievement":  {path: inRegion("/api/v1/visits/achievement")},
	"GET /api/v1/sites/clusters":      {path: inRegion("/api/v1/sites/clusters")},
	"GET /api/v1/sites/duplicates":    {path: inRegion("/api/v1/sites/duplicates")},
	"POST /api/v1/route":              {body: tinyProblem},
}

// trySplit splits one kecamatan off, and keeps nothing.
func trySplit(_ *office, r string) any {
	return region.NewChange{Kind: "split", Region: r, Into: r[:3] + "99", Name: "Kota Baru (uji)", On: "2026-11-19", Document: "uji", Share: 0.1,
		Children: []region.NewCode{{Region: r + ".01", Code: r[:3] + "99.01"}}}
}

func reason(*office, string) any { return map[string]string{"reason": "salah tulis"} }

func newUser(_ *office, region string) any {
	newUsers++
	return account.NewUser{Username: fmt.Sprintf("new.%d", newUsers), Name: "Petugas baru (demo)", Role: "officer", Region: region, Password: "long-enough-1"}
}

var newUsers int

func userPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		var page postgres.Page[account.User]
		o.as("admin").get("/api/v1/users?limit=1000").into(o.t, &page)
		for _, u := range page.Items {
			if u.Username == "officer."+region {
				return fmt.Sprint("/api/v1/users/", u.ID, rest)
			}
		}
		o.t.Fatalf("no officer in %s", region)
		return ""
	}
}

// usedOnce is a use in a region, made by whoever reaches all.
func (o *office) usedOnce(region string) (m inventory.Move) {
	o.opening(region, 10)
	o.as("store").call("POST", "/api/v1/moves", o.use(region, 1)).into(o.t, &m)
	return m
}

// walkers ask once about their own region and once about another; those of the nation have no other.
var walkers = []string{"", "planner", "store", "auditor", "admin", "province.12", "officer.12.71", "outreach.12.71"}

const (
	ownRegion   = "12.71"
	otherRegion = "82.71"
)

// TestWhoMayDoWhatWhere walks every route as every role, in the own region and in another, and holds the answers
// against testdata/matrix.txt: a reviewer reads there what a change of the policy changes. Run with -update to write it.
func TestWhoMayDoWhatWhere(t *testing.T) {
	t.Parallel()
	o := open(t)
	var b strings.Builder
	fmt.Fprintf(&b, "%-44s", "own region/other region")
	for _, name := range walkers {
		fmt.Fprintf(&b, " %-15s", or(name, "nobody"))
	}
	for _, r := range api.Routes() {
		w, ok := walks[r]
		if !ok {
			t.Errorf("%s has no row in walks: say how to ask for it, so that who may do it is known", r)
			continue
		}
		method, path, _ := strings.Cut(r, " ")
		fmt.Fprintf(&b, "\n%-44s", strings.Replace(r, "/api/v1", "", 1))
		for _, name := range walkers {
			var got [2]int
			for i, region := range []string{ownRegion, otherRegion} {
				at := path
				if w.path != nil {
					at = w.path(o, region)
				}
				var body any
				if w.body != nil {
					body = w.body(o, region)
				}
				p := o.as(name)
				if r == "DELETE /api/v1/session" && name != "" {
					p = o.afresh(name)
				}
				answer := p.call(method, at, body, w.headers...)
				if answer.status >= 500 {
					t.Errorf("%s as %s in %s: %v", r, name, region, answer)
				}
				got[i] = answer.status
			}
			fmt.Fprintf(&b, " %-15s", fmt.Sprintf("%d/%d", got[0], got[1]))
		}
	}
	compare(t, "testdata/matrix.txt", trimLines(b.String()))
}

// afresh signs in anew, for those who sign out.
func (o *office) afresh(name string) *person {
	delete(o.people, name)
	p := o.as(name)
	delete(o.people, name)
	return p
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// compare holds text against a kept file, or writes the file with -update.
func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		var a, b string
		if i < len(wantLines) {
			a = wantLines[i]
		}
		if i < len(gotLines) {
			b = gotLines[i]
		}
		if a != b {
			t.Errorf("%s line %d (go test ./api -update writes it, then read the difference):\n was %s\n  is %s", file, i+1, a, b)
		}
	}
}

func TestTheDescriptionIsWrittenDown(t *testing.T) {
	t.Parallel()
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "openapi.yaml", string(text))
}
