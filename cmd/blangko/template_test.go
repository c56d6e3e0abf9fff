package main

import (
	"bytes"
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
