package api_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"blangko/api"
	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

func TestAFileHoldsWhatTheScreenShows(t *testing.T) {
	t.Parallel()
	o := open(t)
	officer := o.as("officer.12.71")
	people, have := int64(1000), int64(900)
	n := coverage.NewFigure{Region: "12.71.01", Subject: coverage.Recording, AsOf: "2024-06-30", Source: "=HYPERLINK(\"x\")",
		Numbers: coverage.Numbers{People: &people, Have: &have}}
	officer.call("POST", "/api/v1/coverage", n).into(t, new(coverage.Figure))
	var screen coverage.GapPage
	officer.get("/api/v1/gaps?level=district&region=12.71").into(t, &screen)

	got := officer.get("/api/v1/exports/gaps.csv?level=district&region=12.71&limit=5")
	if got.status != http.StatusOK || !strings.HasPrefix(string(got.body), "\ufeff") || !strings.Contains(got.header.Get("Content-Disposition"), "gaps.csv") {
		t.Fatalf("CSV: %d %v", got.status, got.header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(got.body), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+len(screen.Items)+1 {
		t.Errorf("%d rows, want a heading, %d items whatever the limit, and the totals", len(rows), len(screen.Items))
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	if c := rows[1][column("source")]; c != `'=HYPERLINK("x")` {
		t.Errorf("a source that is a formula is written as %s, want an apostrophe before it", c)
	}
	last := rows[len(rows)-1]
	if last[0] != "TOTAL" || last[column("lack")] != fmt.Sprint(screen.Totals.Lack) || last[column("people")] != "1000" {
		t.Errorf("totals %v, want those of the screen", last)
	}

	got = officer.get("/api/v1/exports/gaps.xlsx?level=district&region=12.71")
	f, err := excelize.OpenReader(bytes.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cells, err := f.GetRows("gaps")
	if err != nil || len(cells) != len(rows) || cells[1][column("source")] != `=HYPERLINK("x")` {
		t.Errorf("XLSX: %d rows, %v; want %d and the source as a text", len(cells), err, len(rows))
	}
	if formula, err := f.GetCellFormula("gaps", cell(t, column("source")+1, 2)); err != nil || formula != "" {
		t.Errorf("the source is the formula %q, %v; want none", formula, err)
	}

	if p := o.as("officer.82.71").get("/api/v1/exports/gaps.csv?region=12.71").problem(t); p.Status != http.StatusNotFound {
		t.Errorf("another city's region: %+v, want 404", p)
	}
	for path, want := range map[string]int{"gaps.pdf": 422, "nothing.csv": 404, "users.csv": 403, "gaps.csv?level=moon": 422} {
		if p := officer.get("/api/v1/exports/" + path).problem(t); p.Status != want {
			t.Errorf("%s: %d, want %d", path, p.Status, want)
		}
	}
	if p := o.as("").get("/api/v1/exports/gaps.csv").problem(t); p.Status != http.StatusUnauthorized {
		t.Errorf("nobody: %d, want 401", p.Status)
	}
	var users postgres.Page[any]
	o.as("admin").get("/api/v1/users?limit=1000").into(t, &users)
	if got := o.as("admin").get("/api/v1/exports/users.csv"); strings.Count(string(got.body), "\r\n") != 1+len(users.Items) {
		t.Errorf("users: %v, want %d rows", got, len(users.Items))
	}
}

// noExport tells why a table of the API has no file of its own: none is without one but for a reason.
var noExport = map[string]string{}

func TestEveryTableHasAFile(t *testing.T) {
	t.Parallel()
	o := open(t)
	server, err := api.New(domains(o.db), api.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names := server.Tables()
	for _, want := range []string{"gaps", "stock", "items", "places.{id}.card.rows", "allocations.{id}.lines", "uses.calendar", "visits.{id}.results", "accuracy.reliability"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is no table", want)
		}
	}
	for _, name := range names {
		if noExport[name] != "" {
			continue
		}
		for _, format := range []string{"csv", "xlsx"} {
			file := strings.NewReplacer("{id}", "999999", "{code}", "12").Replace(name) + "." + format
			_, _, err := server.Export(t.Context(), access.System, file, url.Values{})
			var p *api.Problem
			switch {
			case err == nil:
			case errors.As(err, &p) && p.Code != "list-unknown" && p.Status < 500: // there is none of that number, or the list asks for a filter
			default:
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestTablesInsideAnAnswerAndListsWithoutPages(t *testing.T) {
	t.Parallel()
	o := open(t)
	m := o.opening("12.71", 10)
	officer := o.as("officer.12.71")
	place := o.placeOf("12.71", inventory.RegencyOffice)
	got := officer.get(fmt.Sprintf("/api/v1/exports/places.%d.stock.csv", place))
	if got.status != http.StatusOK || !strings.Contains(string(got.body), "usable") {
		t.Errorf("the stock of a place: %v", got)
	}
	if got := officer.get("/api/v1/exports/moves." + m.ID + ".lines.csv"); strings.Count(string(got.body), "\r\n") != 1+len(m.Lines) {
		t.Errorf("the lines of a move: %v, want %d rows", got, len(m.Lines))
	}
	if got := officer.get("/api/v1/exports/items.csv?limit=1&cursor=x"); strings.Count(string(got.body), "\r\n") != 5 {
		t.Errorf("items: %v, want a heading and four rows", got)
	}
	if p := o.as("officer.82.71").get(fmt.Sprintf("/api/v1/exports/places.%d.stock.csv", place)).problem(t); p.Status != http.StatusNotFound {
		t.Errorf("another city's place: %+v, want 404", p)
	}
	for _, path := range []string{"places.x-y.stock.csv", "places..stock.csv", "exports.gaps.csv", "places.%2e%2e.stock.csv", "gaps.items.csv", ".csv", "me.csv", "sites.geojson.features.csv"} {
		if p := officer.get("/api/v1/exports/" + path).problem(t); p.Status != http.StatusNotFound && p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want it unknown", path, p.Status)
		}
	}
}

func cell(t *testing.T, column, row int) string {
	t.Helper()
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestATemplateIsTakenBackAsItWasGiven(t *testing.T) {
	t.Parallel()
	o := open(t)
	officer := o.as("officer.12.71")
	got := officer.get("/api/v1/imports/template/figures")
	f, err := excelize.OpenReader(bytes.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lists, err := f.GetDataValidations("figures")
	if err != nil || len(lists) == 0 {
		t.Errorf("%d lists, %v; want those of the columns", len(lists), err)
	}
	head, err := f.GetRows("figures")
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]any{"region_code": "12.71.01", "subject": "recording", "as_of": "2024-06-30", "people": 1000, "have": 900, "source": "laporan"}
	for i, name := range head[0] {
		if v, ok := set[name]; ok {
			if err := f.SetCellValue("figures", cell(t, i+1, 2), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	var report struct{ Taken, Bad int }
	officer.call("POST", "/api/v1/imports?kind=figures&file=isian.xlsx", b.String()).into(t, &report)
	if report.Taken != 1 || report.Bad != 0 {
		t.Errorf("%+v, want the one row taken", report)
	}
}

// asked is what lists want to be told before they answer.
var asked = map[string]string{
	"coverage.trend.points": "region=12.71", "stock.history": "from=2026-01-01&to=2026-01-31&region=12.71", "uses.calendar": "month=2026-11",
	"forecasts.total": "region=12", "loans.suggestion": "region=12", "uses.suggestion.lines": "date=2026-11-20",
}

// whoSees finds a user to whom a list answers, where and under which field it does, and whether by the page.
func (o *office) whoSees(name, query string) (user, path, field string, paging bool) {
	at := strings.LastIndexByte(name, '.')
	for _, user := range []string{"planner", "officer.12.71", "admin"} {
		for _, list := range [][2]string{{"items", name}, {name[at+1:], name[:max(at, 0)]}} {
			field, path := list[0], "/api/v1/"+strings.ReplaceAll(list[1], ".", "/")+"?"+query
			for _, paging := range []bool{true, false} {
				more := ""
				if paging {
					more = "&limit=1000"
				}
				if got := o.as(user).get(path + more); got.status == http.StatusOK && strings.Contains(string(got.body), strconv.Quote(field)+":") {
					return user, path, field, paging
				}
			}
		}
	}
	return "", "", "", false
}

// Every list of the API goes out with the rows and the totals that the screen shows.
func TestEveryListGoesOutAsItIsOnTheScreen(t *testing.T) {
	t.Parallel()
	o := open(t)
	server, err := api.New(domains(o.db), api.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.opening("12.71", 1000)
	o.usedOnce("12.71")
	for i, code := range []string{"12.71.01", "12.71.02", "12.71.03"} {
		people, have := int64(1000), int64(900-i)
		n := coverage.NewFigure{Region: code, Subject: coverage.Recording, AsOf: "2024-06-30", Source: "laporan", Numbers: coverage.Numbers{People: &people, Have: &have}}
		o.as("officer.12.71").call("POST", "/api/v1/coverage", n).into(t, new(coverage.Figure))
	}
	summed := 0
	for _, name := range server.Tables() {
		if strings.Contains(name, "{") {
			continue
		}
		query := asked[name]
		user, path, field, paging := o.whoSees(name, query)
		if user == "" {
			t.Errorf("%s answers nobody", name)
			continue
		}
		var screen map[string]json.RawMessage
		rows, cursor := 0, ""
		for {
			screen = nil
			at := path
			if paging {
				at += "&limit=1000&cursor=" + cursor
			}
			o.as(user).get(at).into(t, &screen)
			var items []json.RawMessage
			if err := json.Unmarshal([]byte(cmp.Or(string(screen[field]), "[]")), &items); err != nil {
				t.Fatal(name, err)
			}
			rows += len(items)
			if !paging || string(screen["next"]) == `""` {
				break
			}
			if err := json.Unmarshal(screen["next"], &cursor); err != nil {
				t.Fatal(err)
			}
		}
		got := o.as(user).get("/api/v1/exports/" + name + ".csv?" + query)
		if got.status != http.StatusOK {
			t.Errorf("%s: %v", name, got)
			continue
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(got.body), "\ufeff")))
		r.FieldsPerRecord = -1
		lines, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var totals map[string]any
		if text := screen["totals"]; text != nil && field == "items" {
			if err := json.Unmarshal(text, &totals); err != nil {
				t.Fatal(err)
			}
		}
		want := rows
		if len(totals) > 0 && rows > 0 {
			want++
		}
		if len(lines)-min(1, len(lines)) != want {
			t.Errorf("%s: %d rows below the heading, want %d", name, len(lines)-1, want)
			continue
		}
		for total, value := range totals {
			n, number := value.(float64)
			at := -1
			if rows > 0 {
				at = slices.Index(lines[0], total)
			}
			if !number || at < 0 {
				continue
			}
			summed++
			if last := lines[len(lines)-1]; last[at] != strconv.FormatFloat(n, 'f', -1, 64) {
				t.Errorf("%s: the total of %s is %s, the screen says %v", name, total, last[at], n)
			}
		}
	}
	if summed < 5 {
		t.Errorf("only %d totals were compared", summed)
	}
}
