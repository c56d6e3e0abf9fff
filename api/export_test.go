package api_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
