package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"blangko/internal/access"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/sheet"
)

// Whatever can be handed in as a file has an empty one, that says what goes into each column and comes back as no rows.
func TestEveryKindOfImportHasATemplate(t *testing.T) {
	t.Parallel()
	s, err := newSystem(&database{DB: pgtest.New(t)}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := s.imports.Kinds(t.Context(), access.System)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"figures", "populations", "sites", "opening-stock", "prints", "users", "boundaries"}; slices.ContainsFunc(want, func(k string) bool { return !slices.Contains(s.imports.Names(), k) }) {
		t.Errorf("kinds %v, want among them %v", s.imports.Names(), want)
	}
	for _, kind := range kinds.Items {
		own := kind.Layouts[len(kind.Layouts)-1]
		for _, column := range own.Columns {
			if column.Note == "" {
				t.Errorf("%s: column %s has no note", kind.Kind, column.Name)
			}
		}
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			blank, err := s.imports.Template(kind.Kind, "", format)
			if err != nil {
				t.Fatal(err)
			}
			report, err := s.imports.Import(t.Context(), access.System, kind.Kind, blank.Name, bytes.NewReader(blank.Content), sheet.Options{DryRun: true})
			if err != nil || report.Rows != 0 || report.Layout != own.Name {
				t.Errorf("%s comes back as %+v, %v; want no rows of %s", blank.Name, report, err, own.Name)
			}
			if format == sheet.XLSX && blank.Type == sheet.XLSX.Type() {
				guided(t, blank, own)
			}
		}
	}
}

// filledIn is a good row of each kind of file that is a table.
var filledIn = map[string]map[string]any{
	"figures":       {"region_code": "12.71.01", "subject": "recording", "as_of": "2024-06-30", "people": 1000, "have": 900, "source": "laporan"},
	"populations":   {"region_code": "12.71.01", "period": "2024-S2", "people": 90_000, "eligible": 65_000, "children": 25_000, "source": "DKB"},
	"sites":         {"kind": "school_sma", "name": "SMA Negeri 1 Medan", "regency_code": "12.71", "lon": 98.67, "lat": 3.585, "people": 900, "as_of": "2024-06-30", "source": "Dapodik"},
	"opening-stock": {"region_code": "12.71", "item": "ktp-el", "pieces": 1500, "date": "2024-01-02", "document": "BA-1"},
	"prints":        {"date": "2024-06-03", "region_code": "12.71", "item": "ktp-el", "printed": 40, "failed": 1},
	"users":         {"username": "officer3.12.71", "name": "Petugas", "role": "officer", "region_code": "12.71"},
	"villages":      {"region_code": "12.71.03.1001", "region_name": "Kelurahan", "lon": 98.7, "lat": 3.6},
}

// What is written into a template is taken, whatever format it was given in.
func TestEveryTemplateIsTakenBackFilledIn(t *testing.T) {
	t.Parallel()
	s, err := newSystem(&database{DB: pgtest.New(t)}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := s.imports.Kinds(t.Context(), access.System)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds.Items {
		own := kind.Layouts[len(kind.Layouts)-1]
		if kind.Kind == "boundaries" { // a map and no table
			continue
		}
		row := make([]any, len(own.Columns))
		for i, column := range own.Columns {
			row[i] = filledIn[kind.Kind][column.Name]
		}
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			blank, err := s.imports.Template(kind.Kind, "", format)
			if err != nil {
				t.Fatal(err)
			}
			file := writtenInto(t, blank.Content, format, own.Name, row)
			report, err := s.imports.Import(t.Context(), access.System, kind.Kind, blank.Name, bytes.NewReader(file), sheet.Options{DryRun: format == sheet.CSV})
			if err != nil || report.Taken != 1 || report.Bad != 0 {
				t.Errorf("%s filled in: %+v, %v; want its one row taken", blank.Name, report, err)
			}
		}
	}
}

// writtenInto is a template with a row written into it.
func writtenInto(t *testing.T, content []byte, format sheet.Format, name string, row []any) []byte {
	t.Helper()
	var b bytes.Buffer
	if format == sheet.CSV {
		cells := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				cells[i] = fmt.Sprint(v)
			}
		}
		b.Write(content)
		w := csv.NewWriter(&b)
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		return b.Bytes()
	}
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := errors.Join(f.SetSheetRow(name, "A2", &row), f.Write(&b)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// guided checks that every column of a workbook has its word, and every list of words is one to choose from.
func guided(t *testing.T, blank sheet.Blank, own sheet.Layout) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(blank.Content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	guides, err := f.GetDataValidations(own.Name)
	if err != nil || len(guides) != len(own.Columns) {
		t.Errorf("%s guides %d of %d columns, %v", blank.Name, len(guides), len(own.Columns), err)
	}
	for i, column := range own.Columns {
		if i < len(guides) && (guides[i].Type == "list") != (len(column.List) > 0) {
			t.Errorf("%s: column %s is of type %q", blank.Name, column.Name, guides[i].Type)
		}
	}
	notes := f.GetSheetList()
	if len(notes) < 2 {
		t.Errorf("%s has no sheet of notes: %v", blank.Name, notes)
	}
}
