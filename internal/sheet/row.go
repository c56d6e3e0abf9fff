package sheet

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"blangko/internal/fault"
)

// CellError is one wrong cell. Of a cell that may identify a person nothing is told but dots.
type CellError struct {
	Row    int            `json:"row" doc:"line of a CSV file, row of a sheet"`
	Cell   string         `json:"cell" example:"D50" doc:"as Excel names it; empty when the row as a whole is wrong, or the file has no such column"`
	Column string         `json:"column" doc:"empty when the row as a whole is wrong"`
	Value  string         `json:"value"`
	Code   string         `json:"code"`
	Facts  map[string]any `json:"facts,omitempty"`
}

// Row is a row below the heading. Reading a cell notes what is wrong with it; a row with a note is not taken.
type Row struct {
	Number    int
	Beside    any // what Found came with
	cells     []string
	at        map[string]int
	broken    []CellError // found by the reader
	wrong     []CellError // found by whoever takes the row
	unchanged bool
}

func (f *File) row(from raw) *Row {
	r := &Row{Number: from.number, Beside: from.beside, cells: from.cells, at: f.at}
	if from.broken != "" {
		r.broken = append(r.broken, CellError{Row: r.Number, Code: from.broken})
	}
	for i, cell := range r.cells {
		code := ""
		switch {
		case i >= len(f.head) && strings.TrimSpace(cell) != "":
			code = "more-cells-than-headings"
		case utf8.RuneCountInString(cell) > longestCell:
			code = "cell-too-long"
		case identifies(cell):
			code = "sixteen-digits"
		}
		if code == "" {
			continue
		}
		column := ""
		if i < len(f.head) {
			column = heading(f.head[i])
		}
		r.broken = append(r.broken, CellError{Row: r.Number, Cell: cellName(i, r.Number), Column: column, Value: shown(cell), Code: code})
		if code == "sixteen-digits" {
			r.cells[i] = "" // it is kept nowhere
		}
	}
	return r
}

// Good reports whether nothing is wrong with the row so far.
func (r *Row) Good() bool { return len(r.broken)+len(r.wrong) == 0 }

// Errors lists what is wrong with the row.
func (r *Row) Errors() []CellError { return append(slices.Clone(r.broken), r.wrong...) }

// cellName is what Excel calls the cell of a column, counted from 0, and a row.
func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row)
	if err != nil {
		return "" // further out than any sheet goes
	}
	return name
}

// Unchanged notes that the row says what is known already.
func (r *Row) Unchanged() { r.unchanged = true }

// Wrong notes that a cell, or with an empty column the row, cannot be taken.
func (r *Row) Wrong(column, code string, facts ...any) {
	e := CellError{Row: r.Number, Column: column, Code: code}
	if column != "" {
		e.Value = shown(r.Text(column))
		if i, ok := r.at[column]; ok {
			e.Cell = cellName(i, r.Number)
		}
	}
	if len(facts) > 0 {
		e.Facts = (&fault.Fault{}).With(facts...).Facts
	}
	r.wrong = append(r.wrong, e)
}

// WrongBecause notes a fault as what is wrong with a cell, and returns any other error.
func (r *Row) WrongBecause(column string, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	r.Wrong(column, f.Code)
	r.wrong[len(r.wrong)-1].Facts = f.Facts
	return nil
}

// Text returns the cell without blanks around it, "" when the file has no such column.
func (r *Row) Text(column string) string {
	i, ok := r.at[column]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// Must returns the text of a cell and notes an empty one, or one longer than so many characters.
func (r *Row) Must(column string, longest int) string {
	text := r.Text(column)
	switch {
	case text == "":
		r.Wrong(column, "missing")
	case utf8.RuneCountInString(text) > longest:
		r.Wrong(column, "too-long", "most", longest)
	}
	return text
}

// Count returns a whole number that is not negative, nil for an empty cell or a wrong one, which is noted.
func (r *Row) Count(column string) *int64 {
	text := r.Text(column)
	if text == "" {
		return nil
	}
	n, code := ParseCount(text)
	if code != "" {
		r.Wrong(column, code)
		return nil
	}
	return &n
}

// Percent returns a number of percent, nil for an empty cell or a wrong one, which is noted.
func (r *Row) Percent(column string) *float64 {
	text := r.Text(column)
	if text == "" {
		return nil
	}
	p, code := ParsePercent(text)
	if code != "" {
		r.Wrong(column, code)
		return nil
	}
	return &p
}

// Degrees returns a longitude or latitude, nil for an empty cell or a wrong one, which is noted. A comma is taken for the
// point it can only be.
func (r *Row) Degrees(column string) *float64 {
	text := r.Text(column)
	if text == "" {
		return nil
	}
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		r.Wrong(column, "not-a-number")
		return nil
	}
	return &f
}

// Span returns the first day of what the cell says, and how much it says: a day, a month or a year. A wrong or empty
// cell is noted.
func (r *Row) Span(column string) (time.Time, Precision) {
	day, precision, code := ParseSpan(r.Text(column))
	if code != "" {
		r.Wrong(column, code)
	}
	return day, precision
}

// OneOf returns the word of the cell in lower case, and notes one that is not among the words. An empty cell is "".
func (r *Row) OneOf(column string, words ...string) string {
	text := strings.ToLower(r.Text(column))
	if text != "" && !slices.Contains(words, text) {
		r.Wrong(column, "not-in-list", "list", words)
	}
	return text
}

// kept is what of a bad row is written down for mending: nothing too long.
func (r *Row) kept() []string {
	cells := slices.Clone(r.cells)
	if cells == nil {
		cells = []string{}
	}
	for i, c := range cells {
		if utf8.RuneCountInString(c) > longestCell {
			cells[i] = ""
		}
	}
	return cells
}
