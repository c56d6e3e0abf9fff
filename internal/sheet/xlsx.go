package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"io"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"blangko/internal/fault"
)

// headingWithin is how many rows a sheet may hold above its heading: a title, an address, notes.
const headingWithin = 20

// ErrMacDates is the fault of a workbook that counts its days from 1904, so that a date in it may be four years off.
var ErrMacDates = fault.New(fault.Invalid, "workbook-counts-from-1904")

// workbook is an XLSX file of which the parts are read straight from the archive, again each time they are asked for.
type workbook struct {
	archive *zip.Reader
	sheets  []tab
	shared  []string
}

// tab is one sheet of a workbook.
type tab struct {
	name   string
	hidden bool
	part   *zip.File
	found  inspected
}

// openXLSX reads the first visible sheet that has one of the layouts as its heading. It takes the values that the
// sheet holds and runs no formula. A row that touches merged cells is broken: which of them the value counts for, the
// file does not say.
func openXLSX(content []byte, layouts []Layout) (reading, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return reading{}, noFile(err)
	}
	found, err := inspect(archive)
	if err != nil {
		return reading{}, err
	}
	w := workbook{archive: archive}
	if err := w.open(found); err != nil {
		return reading{}, noFile(err)
	}
	return w.choose(layouts)
}

// open reads what the workbook says of its sheets, and the texts that they share.
func (w *workbook) open(found map[string]inspected) error {
	targets := map[string]string{} // id of a relation → part
	err := w.each("xl/_rels/workbook.xml.rels", func(m *markup) error {
		if m.name == "Relationship" {
			target := m.attribute("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			targets[m.attribute("Id")] = strings.TrimPrefix(target, "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = w.each("xl/workbook.xml", func(m *markup) error {
		switch {
		case m.end:
		case m.name == "workbookPr" && slices.Contains([]string{"1", "true", "on"}, m.attribute("date1904")):
			return ErrMacDates
		case m.name == "sheet":
			at := targets[cmp.Or(m.attribute("r:id"), m.attribute("d3p1:id"), m.attribute("ns1:id"))]
			part := w.part(at)
			if part == nil {
				return errXML
			}
			state := m.attribute("state")
			w.sheets = append(w.sheets, tab{m.attribute("name"), state != "" && state != "visible", part, found[at]})
		}
		return nil
	})
	if err != nil || w.part("xl/sharedStrings.xml") == nil {
		return err
	}
	return w.readShared()
}

func (w *workbook) part(name string) *zip.File {
	for _, f := range w.archive.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// each calls fn for every tag of a part.
func (w *workbook) each(name string, fn func(m *markup) error) (err error) {
	part := w.part(name)
	if part == nil {
		return errors.New("the archive has no " + name)
	}
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	m := newMarkup(io.LimitReader(r, largestUnzipped))
	for {
		if err := m.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := fn(m); err != nil {
			return err
		}
	}
}

// readShared reads the texts that cells name by their number; runs of formatted text are joined, readings of Asian
// characters are left out.
func (w *workbook) readShared() error {
	var text strings.Builder
	bytes, phonetic := 0, false
	return w.each("xl/sharedStrings.xml", func(m *markup) error {
		switch m.name {
		case "rPh":
			phonetic = !m.end && !m.bare
		case "t":
			if m.end && !phonetic {
				text.WriteString(unescape(m.text))
			}
		case "si":
			if !m.end && !m.bare {
				return nil
			}
			if bytes += text.Len(); bytes > largestShared || !utf8.ValidString(text.String()) {
				return ErrTooLarge.With("shared", largestShared)
			}
			w.shared = append(w.shared, text.String())
			text.Reset()
		}
		return nil
	})
}

func (w *workbook) choose(layouts []Layout) (nearest reading, err error) {
	visible := false
	for _, t := range w.sheets {
		if t.hidden {
			continue
		}
		visible = true
		r, fits, err := w.heading(t, layouts)
		if err != nil || fits {
			return r, err
		}
		if nearest.head == nil {
			nearest = r // so that the fault names what is wrong with the first sheet's heading
		}
	}
	switch {
	case !visible:
		return nearest, ErrNoVisible
	case nearest.head == nil:
		return nearest, ErrEmpty
	}
	return nearest, nil
}

// heading looks for the heading among the first rows of a sheet; when there is none, the first row stands for it.
func (w *workbook) heading(t tab, layouts []Layout) (r reading, fits bool, err error) {
	rows := w.rows(t)
	r.close = func() error { return nil }
	for row, err := range rows {
		switch {
		case err != nil:
			return r, false, err
		case row.number > headingWithin:
			return r, false, nil
		case fitsOne(row.cells, layouts):
			return reading{row.cells, t.found.rows, after(rows, row.number), r.close}, true, nil
		case r.head == nil:
			r.head, r.rows = row.cells, after(rows, row.number)
		}
	}
	return r, false, nil
}

func fitsOne(cells []string, layouts []Layout) bool {
	return slices.ContainsFunc(layouts, func(l Layout) bool {
		_, missing, unknown, twice := l.match(cells)
		return len(missing)+len(unknown)+len(twice) == 0
	})
}

// rows gives the rows of a sheet that hold something.
func (w *workbook) rows(t tab) iter.Seq2[raw, error] {
	return func(yield func(raw, error) bool) {
		r, err := t.part.Open()
		if err != nil {
			yield(raw{}, noFile(err))
			return
		}
		defer r.Close() // of what is only read
		s := sheetScanner{markup: newMarkup(io.LimitReader(r, largestUnzipped)), shared: w.shared}
		for {
			row, err := s.row()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(raw{}, noFile(err))
				return
			}
			if blank(row.cells) {
				continue
			}
			if touches(t.found.merged, row.number) {
				row.broken = "merged-cells"
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// sheetScanner reads the rows of a sheet.
type sheetScanner struct {
	*markup
	shared []string
	number int // of the last row
	wide   int // cells of the last row
	bytes  int // of all values so far: a text that is shared counts each time
}

// row returns the next row; io.EOF after the last.
func (s *sheetScanner) row() (raw, error) {
	for {
		if err := s.next(); err != nil {
			return raw{}, err
		}
		switch {
		case s.name == "sheetData" && (s.end || s.bare):
			return raw{}, io.EOF
		case s.name != "row" || s.end:
			continue
		}
		s.number++
		if text := s.attribute("r"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < s.number || n > excelize.TotalRows {
				return raw{}, errXML
			}
			s.number = n
		}
		if s.bare {
			continue
		}
		cells, err := s.cells()
		return raw{number: s.number, cells: cells}, err
	}
}

// cells reads up to the end of a row.
func (s *sheetScanner) cells() ([]string, error) {
	cells := make([]string, 0, s.wide)
	for {
		if err := s.next(); err != nil {
			return nil, errors.Join(errXML, err)
		}
		if s.name == "row" && s.end {
			s.wide = len(cells)
			return cells, nil
		}
		if s.name != "c" || s.end {
			continue
		}
		at := len(cells)
		if ref := s.attribute("r"); ref != "" {
			var err error
			if at, err = columnOf(ref); err != nil || at < min(len(cells), mostColumns) {
				return nil, errXML
			}
		}
		value, err := s.value()
		if err != nil {
			return nil, err
		}
		if s.bytes += len(value); s.bytes > largestUnzipped {
			return nil, ErrTooLarge.With("unzipped", largestUnzipped)
		}
		if value == "" {
			continue
		}
		if at > mostColumns {
			at = mostColumns // enough to see that it stands outside the heading
		}
		for len(cells) <= at {
			cells = append(cells, "")
		}
		cells[at] = value
	}
}

// value reads a cell to its end: the number, text or date as the sheet keeps it, and of a formula its last result.
func (s *sheetScanner) value() (value string, err error) {
	if s.bare {
		return "", nil
	}
	kind := s.attribute("t")
	phonetic := false
	for {
		if err := s.next(); err != nil {
			return "", errors.Join(errXML, err)
		}
		switch {
		case s.name == "rPh":
			phonetic = !s.end && !s.bare
		case !s.end:
		case s.name == "c":
			return value, nil
		case s.name == "v" && kind == "s":
			n, err := strconv.Atoi(strings.TrimSpace(string(s.text)))
			if err != nil || n < 0 || n >= len(s.shared) {
				return "", errXML
			}
			value = s.shared[n]
		case s.name == "v", s.name == "t" && kind == "inlineStr" && !phonetic:
			value += unescape(s.text)
			if !utf8.ValidString(value) || len(value) > longest {
				return "", errXML
			}
		}
	}
}

// columnOf is the column of a reference such as D50, counted from 0.
func columnOf(ref string) (column int, err error) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		column = column*26 + int(ref[i]-'A') + 1
		if column > excelize.MaxColumns {
			return 0, errXML
		}
	}
	if i == 0 {
		return 0, errXML
	}
	return column - 1, nil
}

// mergedSpan is some rows of a sheet that lie under merged cells.
type mergedSpan struct{ first, last int }

// touches reports whether a row lies in one of the spans, which are in order and apart.
func touches(spans []mergedSpan, row int) bool {
	_, found := slices.BinarySearchFunc(spans, row, func(s mergedSpan, row int) int {
		switch {
		case s.last < row:
			return -1
		case s.first > row:
			return 1
		}
		return 0
	})
	return found
}

// apart joins spans that meet, and puts them in order.
func apart(spans []mergedSpan) (joined []mergedSpan) {
	slices.SortFunc(spans, func(a, b mergedSpan) int { return cmp.Compare(a.first, b.first) })
	for _, s := range spans {
		if n := len(joined); n > 0 && s.first <= joined[n-1].last {
			joined[n-1].last = max(joined[n-1].last, s.last)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// mergedRows are the rows of an area such as A1:D3.
func mergedRows(ref string) (mergedSpan, error) {
	from, to, _ := strings.Cut(ref, ":")
	_, first, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		return mergedSpan{}, err
	}
	_, last, err := excelize.CellNameToCoordinates(cmp.Or(to, from))
	return mergedSpan{min(first, last), max(first, last)}, err
}
