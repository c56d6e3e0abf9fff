package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"blangko/internal/fault"
	"blangko/internal/sheet"
)

var stockLayout = sheet.Layout{Name: "stock", Columns: []sheet.Column{
	{Name: "region_code", Required: true}, {Name: "day", Required: true}, {Name: "pieces", Required: true}, {Name: "note"}}}

// book makes a workbook; fill may do what a person does to one.
func book(t testing.TB, fill func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// activate puts a sheet in front; the one in front cannot be hidden.
func activate(f *excelize.File, name string) error {
	i, err := f.GetSheetIndex(name)
	f.SetActiveSheet(i)
	return err
}

func row(f *excelize.File, name string, number int, cells ...any) error {
	return f.SetSheetRow(name, fmt.Sprint("A", number), &cells)
}

// all reads every row of a file.
func all(t testing.TB, content []byte) (rows []*sheet.Row) {
	t.Helper()
	rows, err := read(content)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func read(content []byte) (rows []*sheet.Row, err error) {
	f, err := sheet.Open(bytes.NewReader(content), stockLayout)
	if err != nil {
		return nil, err
	}
	for r, err := range f.Rows() {
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		rows = append(rows, r)
	}
	return rows, f.Close()
}

func TestAWorkbookAsAnOfficeMakesIt(t *testing.T) {
	t.Parallel()
	content := book(t, func(f *excelize.File) error {
		if _, err := f.NewSheet("Data"); err != nil {
			return err
		}
		date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			return err
		}
		return errors.Join(
			row(f, "Sheet1", 1, "region_code", "day", "pieces"), row(f, "Sheet1", 2, "12.71", "2024-01-01", 999),
			activate(f, "Data"),
			row(f, "Data", 1, "LAPORAN STOK"),
			f.MergeCell("Data", "A1", "D1"),
			row(f, "Data", 3, "Region code", "Day", "Pieces", "Note"),
			row(f, "Data", 4, "12.71.01", time.Date(2024, 2, 7, 0, 0, 0, 0, time.UTC), 1234, ""),
			f.SetCellStyle("Data", "B4", "B4", date),
			row(f, "Data", 5, "12.71.02", "7 Februari 2024", "1.234", "teks"),
			row(f, "Data", 7, "12.71.03", "2024-02-07", 42, "rumus"),
			f.SetCellFormula("Data", "C7", "=1+1"), // its last result stays beside it: nothing is computed here
			row(f, "Data", 8, "12.71.04", "2024-02-07", 5),
			f.MergeCell("Data", "C8", "C9"),
			row(f, "Data", 9, "12.71.05", "2024-02-07"),
			row(f, "Data", 10, "12.71.06", "2024-02-07", 3, 32710465e8+4930002),
			f.SetSheetVisible("Sheet1", false),
		)
	})
	var got []string
	for _, r := range all(t, content) {
		day, p := r.Span("day")
		n := r.Count("pieces")
		text := fmt.Sprint(r.Number, " ", r.Text("region_code"), " ", p.Format(day), " ", "-")
		if n != nil {
			text = fmt.Sprint(r.Number, " ", r.Text("region_code"), " ", p.Format(day), " ", *n)
		}
		for _, e := range r.Errors() {
			text += " " + e.Column + ":" + e.Code + "=" + e.Value
		}
		got = append(got, text)
	}
	want := []string{"4 12.71.01 2024-02-07 1234", "5 12.71.02 2024-02-07 1234", "7 12.71.03 2024-02-07 42", "8 12.71.04 2024-02-07 5 :merged-cells=",
		"9 12.71.05 2024-02-07 - :merged-cells=", "10 12.71.06 2024-02-07 3 note:sixteen-digits=••••••••••••••••"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A table that we give out runs nothing in whatever opens it, and comes back as it went.
func TestWhatIsGivenOutRunsNothingAndComesBackAsItWent(t *testing.T) {
	t.Parallel()
	plain := []string{"laporan", "-12", "+1.234,5", "'kutip'", "Désa Ōé", "satu, dua; \"tiga\""}
	armed := []string{`=HYPERLINK("http://x","y")`, "+1+cmd|' /C calc'!A0", "-2+3", "-7 %x", "@SUM(A1)", "＝1", "＋1", "－1+1", "＠A1"}
	out := sheet.Output{Name: "stock", Columns: []string{"region_code", "day", "pieces", "note"}}
	for i, text := range append(slices.Clone(plain), armed...) {
		out.Rows = append(out.Rows, []any{"12.71", "2024-02-07", json.Number(strconv.Itoa(i)), text})
	}
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		content, err := out.Write(format)
		if err != nil {
			t.Fatal(err)
		}
		if format == sheet.CSV {
			cells, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff")))).ReadAll()
			if err != nil || !bytes.HasPrefix(content, []byte("\ufeff")) {
				t.Fatalf("no CSV that Excel reads as UTF-8: %v", err)
			}
			for i, text := range armed {
				if got := cells[1+len(plain)+i][3]; got != "'"+text {
					t.Errorf("written as %s, want an apostrophe before %s", got, text)
				}
			}
		} else {
			f, err := excelize.OpenReader(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			for i := range out.Rows {
				if formula, err := f.GetCellFormula("stock", fmt.Sprint("D", i+2)); err != nil || formula != "" {
					t.Errorf("row %d holds the formula %s, %v", i+2, formula, err)
				}
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for i, r := range all(t, content) {
			if got, want := r.Text("note"), out.Rows[i][3]; got != want || *r.Count("pieces") != int64(i) || len(r.Errors()) > 0 {
				t.Errorf("%s: row %d comes back as %s, %v; want %s", format, i, got, r.Errors(), want)
			}
		}
	}
}

func TestOnlyVisibleSheetsAreRead(t *testing.T) {
	t.Parallel()
	content := book(t, func(f *excelize.File) error {
		if _, err := f.NewSheet("Tersembunyi"); err != nil {
			return err
		}
		return errors.Join(activate(f, "Sheet1"), row(f, "Sheet1", 1, "catatan"), row(f, "Tersembunyi", 1, "region_code", "day", "pieces"),
			f.SetSheetVisible("Tersembunyi", false))
	})
	if _, err := read(content); !errors.Is(err, sheet.ErrHeading) {
		t.Errorf("%v, want %v", err, sheet.ErrHeading)
	}
}

func TestAZipBombIsRefusedWithoutUnpackingIt(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		rows := bytes.Repeat([]byte("<row/>\n"), 1<<17)
		for range 160 { // 280 MB in all
			if _, err := w.Write(rows); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 4<<20 {
		t.Fatalf("the bomb has %d bytes, want a small file", b.Len())
	}
	if _, err := read(b.Bytes()); !errors.Is(err, sheet.ErrTooLarge) {
		t.Errorf("%v, want %v", err, sheet.ErrTooLarge)
	}
}

// FuzzRead holds that any file is either refused with a fault or read into rows that can be asked for every column.
func FuzzRead(f *testing.F) {
	f.Add([]byte("region_code,day,pieces\n12.71,2024-02-07,1.234\n"))
	f.Add([]byte("\xef\xbb\xbfregion_code;day;pieces\r\n12.71;07/02/2024;\"1,234\"\r\n"))
	f.Add([]byte("sep=;\nregion_code;day;pieces;note\n\"12.71\n"))
	f.Add([]byte("\xff\xfer\x00e\x00"))
	var b bytes.Buffer
	x := excelize.NewFile()
	if err := errors.Join(row(x, "Sheet1", 1, "region_code", "day", "pieces"), row(x, "Sheet1", 2, "12.71", 45329, 7),
		x.MergeCell("Sheet1", "A3", "B4"), x.Write(&b), x.Close()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := read(content)
		if err != nil {
			if _, ok := fault.As(err); !ok {
				t.Errorf("%v, want a fault", err)
			}
			return
		}
		for _, r := range rows {
			r.Count("pieces")
			r.Percent("pieces")
			r.Span("day")
			r.Must("note", 10)
			r.OneOf("region_code", "a")
			if len(r.Errors()) == 0 != r.Good() {
				t.Errorf("row %d has %d errors and is good: %v", r.Number, len(r.Errors()), r.Good())
			}
		}
	})
}

func BenchmarkReadXLSX(b *testing.B) {
	content := book(b, func(f *excelize.File) error {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			return err
		}
		if err := w.SetRow("A1", []any{"region_code", "day", "pieces", "note"}); err != nil {
			return err
		}
		for i := range 100_000 {
			if err := w.SetRow(fmt.Sprint("A", i+2), []any{"12.71.01", "2024-02-07", i, "catatan"}); err != nil {
				return err
			}
		}
		return w.Flush()
	})
	for b.Loop() {
		if rows, err := read(content); err != nil || len(rows) != 100_000 {
			b.Fatal(len(rows), err)
		}
	}
}
