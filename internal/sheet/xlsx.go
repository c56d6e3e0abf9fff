package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// headingWithin is how many rows a sheet may hold above its heading: a title, an address, notes.
const headingWithin = 20

// readXLSX reads the first visible sheet that has one of the layouts as its heading. It takes the values that the
// sheet holds and runs no formula. A row that touches merged cells is broken: which of them the value counts for, the
// file does not say.
func readXLSX(content []byte, layouts []Layout) ([]raw, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, ErrNoFile.Because(err)
	}
	sheets, err := inspect(archive)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: largestUnzipped, UnzipXMLSizeLimit: largestInMemory})
	if err != nil {
		return nil, ErrNoFile.Because(err)
	}
	rows, err := visibleRows(f, sheets, layouts)
	return rows, errors.Join(err, f.Close())
}

func visibleRows(f *excelize.File, sheets map[string][]merged, layouts []Layout) (nearest []raw, err error) {
	visible := false
	for _, name := range f.GetSheetList() {
		shown, err := f.GetSheetVisible(name)
		if err != nil {
			return nil, ErrNoFile.Because(err)
		}
		if !shown {
			continue
		}
		visible = true
		rows, fits, err := sheetRows(f, name, sheets[name], layouts)
		if err != nil {
			return nil, err
		}
		if fits {
			return rows, nil
		}
		if nearest == nil {
			nearest = rows // so that the fault names what is wrong with the first sheet's heading
		}
	}
	if !visible {
		return nil, ErrNoVisible
	}
	return nearest, nil
}

// sheetRows reads a sheet from its heading on, and only its first rows when none of them is one.
func sheetRows(f *excelize.File, name string, areas []merged, layouts []Layout) (rows []raw, fits bool, err error) {
	stream, err := f.Rows(name)
	if err != nil {
		return nil, false, ErrNoFile.Because(err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	for number := 1; stream.Next(); number++ {
		cells, err := stream.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, false, ErrNoFile.Because(err)
		}
		switch {
		case blank(cells):
			continue
		case len(rows) > mostRows:
			return nil, false, ErrManyRows.With("most", mostRows)
		case !fits && number > headingWithin:
			return rows, false, nil
		case !fits && fitsOne(cells, layouts):
			fits, rows = true, []raw{{number: number, cells: cells}}
			continue
		}
		row := raw{number: number, cells: cells}
		if fits && touches(areas, number) {
			row.broken = "merged-cells"
		}
		rows = append(rows, row)
	}
	if err := stream.Error(); err != nil {
		return nil, false, ErrNoFile.Because(err)
	}
	return rows, fits, nil
}

func fitsOne(cells []string, layouts []Layout) bool {
	return slices.ContainsFunc(layouts, func(l Layout) bool {
		_, missing, unknown, twice := l.match(cells)
		return len(missing)+len(unknown)+len(twice) == 0
	})
}

// merged is an area of merged cells, by its rows.
type merged struct{ first, last int }

func touches(areas []merged, row int) bool {
	return slices.ContainsFunc(areas, func(m merged) bool { return m.first <= row && row <= m.last })
}

func mergedArea(ref string) (merged, error) {
	from, to, _ := strings.Cut(ref, ":")
	if to == "" {
		to = from
	}
	_, first, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		return merged{}, fmt.Errorf("area %q: %w", ref, err)
	}
	_, last, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		return merged{}, fmt.Errorf("area %q: %w", ref, err)
	}
	return merged{min(first, last), max(first, last)}, nil
}
