package sheet

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"blangko/internal/fault"
)

// ErrLayout is the fault of a layout that the kind has not.
var ErrLayout = fault.New(fault.NotFound, "layout-unknown") // layout, known

const (
	textFormat  = 49 // of Excel: what is typed stays as it was typed
	longestList = 255
	longestTip  = 255
	lastRow     = 1_048_576
)

// Blank is an empty file of a kind.
type Blank struct {
	Name    string
	Type    string // of its content
	Content []byte
}

// Template is an empty file of a kind in the layout of that name, our own when the name is empty. A kind that is neither
// CSV nor XLSX has one of its own, whatever the format.
func (s *Imports) Template(kindName, layout string, format Format) (Blank, error) {
	kind, err := s.kind(kindName)
	if err != nil {
		return Blank{}, err
	}
	if kind.Read != nil {
		return kind.Blank, nil
	}
	names := []string{}
	for i, l := range kind.Layouts {
		if l.Name == layout || layout == "" && i == len(kind.Layouts)-1 {
			content, err := l.Template(format)
			return Blank{kind.Name + "." + string(format), format.Type(), content}, err
		}
		names = append(names, l.Name)
	}
	return Blank{}, ErrLayout.With("layout", layout, "known", names)
}

// Template is an empty file of a layout that says what goes into each column: in XLSX by lists to choose from, a word
// on every cell and a sheet of notes; in CSV by one row below the heading, which is passed over when it comes back.
func (l Layout) Template(format Format) ([]byte, error) {
	o := Output{Name: l.Name, Columns: l.names(), layout: l}
	explained := make([]any, len(l.Columns))
	for i, c := range l.Columns {
		o.Notes = append(o.Notes, [2]string{c.Name, c.explained()})
		explained[i] = mark + c.explained()
	}
	if format == CSV {
		o.Rows = append(o.Rows, explained)
	}
	return o.Write(format)
}

// explained is all that is known of a column.
func (c Column) explained() string {
	note := c.Note
	if len(c.List) > 0 {
		note += " (" + strings.Join(c.List, ", ") + ")"
	}
	if c.Required {
		note += " — wajib ada"
	}
	return strings.TrimPrefix(strings.TrimSpace(note), "— ")
}

// mark begins every cell of the row that explains the columns.
const mark = "# "

// explains reports whether a row is that of a template which explains the columns.
func (l Layout) explains(cells []string) bool {
	if blank(cells) {
		return false
	}
	for _, c := range cells {
		if c != "" && !strings.HasPrefix(c, mark) {
			return false
		}
	}
	return true
}

// guide gives the cells of every column their list of words, and a word on what goes into them.
func (l Layout) guide(f *excelize.File, name string) error {
	for i, c := range l.Columns {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return fmt.Errorf("name column %d: %w", i+1, err)
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = fmt.Sprintf("%s2:%s%d", column, column, lastRow)
		v.SetInput(cut(c.Name, 32), cut(c.explained(), longestTip))
		switch {
		case len(strings.Join(c.List, ",")) > longestList:
			if err := l.listSheet(f, column, c, v); err != nil {
				return err
			}
		case len(c.List) > 0:
			if err := v.SetDropList(c.List); err != nil {
				return fmt.Errorf("list of column %s: %w", c.Name, err)
			}
		}
		if err := f.AddDataValidation(name, v); err != nil {
			return fmt.Errorf("guide to column %s: %w", c.Name, err)
		}
	}
	return nil
}

// listSheet writes a list that is too long for a cell on a sheet of lists, in the column's own column.
func (l Layout) listSheet(f *excelize.File, column string, c Column, v *excelize.DataValidation) error {
	const lists = "Daftar"
	if _, err := f.NewSheet(lists); err != nil {
		return fmt.Errorf("add lists: %w", err)
	}
	words := append([]string{c.Name}, c.List...)
	if err := f.SetSheetCol(lists, column+"1", &words); err != nil {
		return fmt.Errorf("list of column %s: %w", c.Name, err)
	}
	v.SetSqrefDropList(fmt.Sprintf("%s!$%s$2:$%s$%d", lists, column, column, len(words)))
	return nil
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
