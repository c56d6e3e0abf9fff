package sheet

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"blangko/internal/fault"
)

// Format is how a table is written.
type Format string

// The formats of a table that is given out.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// ErrFormat is the fault of a format that is neither CSV nor XLSX.
var ErrFormat = fault.New(fault.Invalid, "format-unknown") // format, known

// Type is the media type of a file of the format.
func (f Format) Type() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Output is a table to be written. A cell is a string, a json.Number, a bool or nil. Notes stand on a second sheet;
// CSV has none.
type Output struct {
	Name    string
	Columns []string
	Rows    [][]any
	Notes   [][2]string
	layout  Layout // of a template
}

// Write writes the table. In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it, and
// the byte order mark makes Excel read UTF-8; in XLSX every text is a text cell.
func (o Output) Write(format Format) ([]byte, error) {
	switch format {
	case CSV:
		return o.csv()
	case XLSX:
		return o.xlsx()
	}
	return nil, ErrFormat.With("format", format, "known", []Format{CSV, XLSX})
}

func (o Output) csv() ([]byte, error) {
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true
	if err := w.Write(o.Columns); err != nil {
		return nil, fmt.Errorf("write heading: %w", err)
	}
	for i, row := range o.Rows {
		cells := make([]string, len(row))
		for j, cell := range row {
			cells[j] = csvCell(cell)
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("write row %d: %w", i+1, err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func csvCell(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return unarmed(v)
	default:
		return fmt.Sprint(v)
	}
}

// formula is how a text begins that a spreadsheet would run (OWASP, CSV Injection).
const formula = "=+-@\t\r\n＝＋－＠"

// signed is a number, which runs nothing.
var signed = regexp.MustCompile(`^[+-]?\d[\d.,]*%?$`)

// unarmed puts an apostrophe before a text that a spreadsheet would run.
func unarmed(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune(formula, first) && !signed.MatchString(text) {
		return "'" + text
	}
	return text
}

// armed takes the apostrophe off again, so that a file of ours comes back as it went.
func armed(text string) string {
	if rest, quoted := strings.CutPrefix(text, "'"); quoted && unarmed(rest) != rest {
		return rest
	}
	return text
}

func (o Output) xlsx() (content []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	name := sheetName(o.Name)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, fmt.Errorf("name sheet: %w", err)
	}
	// Before the rows: the stream closes the sheet.
	if err := o.layout.guide(f, name); err != nil {
		return nil, err
	}
	if err := o.fill(f, name); err != nil {
		return nil, err
	}
	if err := o.notes(f); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return b.Bytes(), nil
}

func (o Output) fill(f *excelize.File, name string) error {
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("make style: %w", err)
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("write sheet: %w", err)
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("freeze heading: %w", err)
	}
	if err := w.SetColWidth(1, max(1, len(o.Columns)), 16); err != nil {
		return fmt.Errorf("set widths: %w", err)
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return fmt.Errorf("make style: %w", err)
	}
	for i, c := range o.layout.Columns {
		if c.Number {
			continue
		}
		if err := w.SetColStyle(i+1, i+1, text); err != nil {
			return fmt.Errorf("style column %s: %w", c.Name, err)
		}
	}
	head := make([]any, len(o.Columns))
	for i, c := range o.Columns {
		head[i] = excelize.Cell{StyleID: bold, Value: c}
	}
	if err := w.SetRow("A1", head); err != nil {
		return fmt.Errorf("write heading: %w", err)
	}
	for i, row := range o.Rows {
		cells := make([]any, len(row))
		for j, cell := range row {
			if cells[j], err = xlsxCell(cell); err != nil {
				return fmt.Errorf("write row %d: %w", i+1, err)
			}
		}
		if err := w.SetRow(fmt.Sprint("A", i+2), cells); err != nil {
			return fmt.Errorf("write row %d: %w", i+1, err)
		}
	}
	return w.Flush()
}

func xlsxCell(cell any) (any, error) {
	number, ok := cell.(json.Number)
	if !ok {
		return cell, nil
	}
	if n, err := number.Int64(); err == nil {
		return n, nil
	}
	return number.Float64()
}

func (o Output) notes(f *excelize.File) error {
	if len(o.Notes) == 0 {
		return nil
	}
	const name = "Keterangan"
	if _, err := f.NewSheet(name); err != nil {
		return fmt.Errorf("add notes: %w", err)
	}
	if err := f.SetColWidth(name, "A", "B", 40); err != nil {
		return fmt.Errorf("set widths: %w", err)
	}
	for i, note := range o.Notes {
		if err := f.SetSheetRow(name, fmt.Sprint("A", i+1), &[]any{note[0], note[1]}); err != nil {
			return fmt.Errorf("write notes: %w", err)
		}
	}
	return nil
}

// sheetName is a name that Excel takes: up to 31 characters, none of []:*?/\.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 31 {
		name = string(r[:31])
	}
	if name == "" {
		return "Data"
	}
	return name
}
