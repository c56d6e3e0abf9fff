// Package sheet takes tables in from CSV and XLSX files and gives them out.
//
// A file that comes from an office is never guessed at: what can be read in only one way is taken, whatever the
// separators and grouping of the computer it was made on; what can be read in two ways is refused, cell by cell, with
// the cell named. Good rows go in together in one transaction, and the bad ones come back as a file that can be mended
// and imported again.
package sheet

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"blangko/internal/fault"
	"blangko/internal/privacy"
)

// Bounds of a file that is taken in.
const (
	LargestFile = 64 << 20 // bytes
	longestLine = 1 << 20  // bytes without an end of line in CSV
	longestCell = 32_767   // characters, as Excel has it
	mostRows    = 1_000_000
	mostColumns = 200
	mostErrors  = 200_000 // wrong cells that are told; a file with more is not of the kind it is said to be
)

// Faults of a whole file. What is wrong with one cell is a CellError.
var (
	ErrTooLarge   = fault.New(fault.Invalid, "file-too-large")       // bytes
	ErrEmpty      = fault.New(fault.Invalid, "file-empty")           //
	ErrLongLine   = fault.New(fault.Invalid, "line-too-long")        // row, bytes
	ErrEncoding   = fault.New(fault.Invalid, "file-not-utf8")        // row
	ErrHeading    = fault.New(fault.Invalid, "heading-unknown")      // layout, missing, unknown, twice, known
	ErrManyRows   = fault.New(fault.Invalid, "too-many-rows")        // most
	ErrManyErrors = fault.New(fault.Invalid, "too-many-errors")      // most, row
	ErrNoFile     = fault.New(fault.Invalid, "file-not-a-table")     //
	ErrIdentity   = fault.New(fault.Invalid, "file-name-identifies") //
	ErrNoVisible  = fault.New(fault.Invalid, "no-visible-sheet")     //
)

// Column is one column of a layout.
type Column struct {
	Name     string   `json:"name"`
	Required bool     `json:"required" doc:"the heading must have it; a cell may still be empty where the kind allows"`
	Note     string   `json:"note" doc:"what goes into it, in Indonesian"`
	List     []string `json:"list,omitempty" doc:"the only words it takes"`
	Number   bool     `json:"number,omitempty" doc:"holds numbers; every other column is text, so that Excel leaves 12.10 and dates alone"`
}

// Layout is a heading that a kind of file may have.
type Layout struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// ErrorsColumn is the heading of the column that tells, in a file of bad rows, what was wrong with each. It is passed
// over when the file comes back.
const ErrorsColumn = "import_errors"

// File is a file under a layout that fits it. Its rows are read one after the other, so that a large one is never in
// memory as a whole.
type File struct {
	Layout Layout
	Digest [sha256.Size]byte // of the file as it came
	Size   int               // rows below the heading, empty ones too; of CSV, its lines
	at     map[string]int    // column → index of its cell
	head   []string
	from   reading
}

// reading is a file as the reader of its format gives it.
type reading struct {
	head  []string
	size  int
	rows  iter.Seq2[raw, error] // below the heading, from the first one each time
	close func() error
}

// raw is one row as its reader gives it.
type raw struct {
	number int // line of a CSV file, row of a sheet
	cells  []string
	broken string // what is wrong with the row as a whole
	beside any
}

// Open opens a CSV or XLSX file whose heading is one of the layouts. The file is to be closed.
func Open(r io.Reader, layouts ...Layout) (*File, error) {
	content, err := whole(r)
	if err != nil {
		return nil, err
	}
	from, err := openReading(content, layouts)
	if err != nil {
		return nil, err
	}
	f := &File{Digest: sha256.Sum256(content), Size: from.size, head: from.head, from: from}
	if err := f.fit(layouts); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// whole reads a file of bounded size.
func whole(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, LargestFile+1))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if len(content) > LargestFile {
		return nil, ErrTooLarge.With("bytes", LargestFile)
	}
	return content, nil
}

// Found is a row that a reader of another kind of file has found: its cells in the order of the layout, and what goes
// with it that is no cell.
type Found struct {
	Cells  []string
	Beside any
}

// NewFile makes a file of what another reader found in one, numbered from 1.
func NewFile(l Layout, content []byte, rows []Found) *File {
	f := &File{Layout: l, Digest: sha256.Sum256(content), Size: len(rows), head: l.names()}
	f.at, _, _, _ = l.match(f.head)
	f.from = reading{close: func() error { return nil }, rows: func(yield func(raw, error) bool) {
		for i, found := range rows {
			if !yield(raw{number: i + 1, cells: slices.Clone(found.Cells), beside: found.Beside}, nil) {
				return
			}
		}
	}}
	return f
}

func openReading(content []byte, layouts []Layout) (reading, error) {
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return openXLSX(content, layouts)
	}
	return openCSV(content)
}

// Close lets go of what a large workbook keeps on disk while it is read.
func (f *File) Close() error { return f.from.close() }

// Rows reads the rows from the first one, every time it is called. An error ends them.
func (f *File) Rows() iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		read := 0
		for from, err := range f.from.rows {
			switch read++; {
			case err != nil:
				yield(nil, err)
				return
			case read > mostRows:
				yield(nil, ErrManyRows.With("most", mostRows))
				return
			case read == 1 && f.Layout.explains(from.cells):
				continue
			}
			if !yield(f.row(from), nil) {
				return
			}
		}
	}
}

// fit finds the layout that has every column of the heading, and all whose required columns are there.
func (f *File) fit(layouts []Layout) error {
	var nearest *fault.Fault
	fewest := -1
	for _, l := range layouts {
		at, missing, unknown, twice := l.match(f.head)
		if len(missing)+len(unknown)+len(twice) == 0 {
			f.Layout, f.at = l, at
			return nil
		}
		if wrong := len(missing) + len(unknown) + len(twice); fewest < 0 || wrong < fewest {
			fewest = wrong
			nearest = ErrHeading.With("layout", l.Name, "missing", missing, "unknown", unknown, "twice", twice, "known", l.names())
		}
	}
	return nearest
}

func (l Layout) names() []string {
	names := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		names[i] = c.Name
	}
	return names
}

func (l Layout) match(head []string) (at map[string]int, missing, unknown, twice []string) {
	at = map[string]int{}
	missing, unknown, twice = []string{}, []string{}, []string{}
	names := l.names()
	for i, text := range head {
		name := heading(text)
		switch _, seen := at[name]; {
		case name == "" || name == ErrorsColumn:
		case seen:
			twice = append(twice, name)
		case !slices.Contains(names, name):
			unknown = append(unknown, shown(name))
		default:
			at[name] = i
		}
	}
	for _, c := range l.Columns {
		if _, ok := at[c.Name]; c.Required && !ok {
			missing = append(missing, c.Name)
		}
	}
	return at, missing, unknown, twice
}

// heading is the name of a column as layouts spell it: "Region code " and "region_code" are one.
func heading(text string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(text), " ")), " ", "_")
}

// shown is a text that a person may see again: not one that may name a resident, and not endless.
func shown(text string) string {
	if identifies(text) {
		return "••••••••••••••••"
	}
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}

// identifies also knows the form in which a sheet holds sixteen digits typed as a number: 3.27104010190001E+15.
func identifies(text string) bool {
	if privacy.Identifies(text) {
		return true
	}
	f, ok := scientific(text)
	return ok && (f >= 1e15 || f <= -1e15)
}
