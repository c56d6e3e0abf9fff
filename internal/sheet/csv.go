package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// openCSV reads rows separated by comma, semicolon or tab, with or without a byte order mark, in UTF-8 or the UTF-16
// of Excel's "Unicode text". Empty lines are passed over. A row with a broken quote is kept as broken and the others
// go on.
func openCSV(content []byte) (reading, error) {
	content, err := utf8Of(content)
	if err != nil {
		return reading{}, err
	}
	if err := checkLines(content); err != nil {
		return reading{}, err
	}
	separator, content, skipped := separatorOf(content)
	all := func(yield func(raw, error) bool) {
		r := csv.NewReader(bytes.NewReader(content))
		r.Comma, r.FieldsPerRecord = separator, -1
		for {
			row, err := nextLine(r)
			if errors.Is(err, io.EOF) {
				return
			}
			row.number += skipped
			if err == nil && row.broken == "" && blank(row.cells) {
				continue
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
	for head, err := range all {
		return reading{head: head.cells, size: bytes.Count(content, []byte("\n")), rows: after(all, head.number), close: func() error { return nil }}, err
	}
	return reading{}, ErrEmpty
}

func nextLine(r *csv.Reader) (raw, error) {
	cells, err := r.Read()
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		return raw{number: broken.StartLine, broken: "broken-quotes"}, nil
	case errors.Is(err, io.EOF):
		return raw{}, err
	case err != nil:
		return raw{}, fmt.Errorf("read CSV: %w", err)
	}
	line, _ := r.FieldPos(0)
	if len(cells) > mostColumns+1 { // enough to see that some stand outside the heading
		cells = slices.Clone(cells[:mostColumns+1])
		cells[mostColumns] = "…"
	}
	for i, cell := range cells {
		cells[i] = armed(cell)
	}
	return raw{number: line, cells: cells}, nil
}

// after gives the rows below the heading.
func after(rows iter.Seq2[raw, error], heading int) iter.Seq2[raw, error] {
	return func(yield func(raw, error) bool) {
		for row, err := range rows {
			if err == nil && row.number <= heading {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func utf8Of(content []byte) ([]byte, error) {
	if bytes.HasPrefix(content, []byte{0xff, 0xfe}) || bytes.HasPrefix(content, []byte{0xfe, 0xff}) {
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(content)
		if err != nil {
			return nil, ErrEncoding.Because(err)
		}
		content = decoded
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if utf8.Valid(content) && bytes.IndexByte(content, 0) < 0 {
		return content, nil
	}
	for i, line := range bytes.Split(content, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return nil, ErrEncoding.With("row", i+1, "advice", "save the file as CSV UTF-8")
		}
	}
	return nil, ErrEncoding
}

func checkLines(content []byte) error {
	for line := 1; len(content) > 0; line++ {
		end := bytes.IndexByte(content, '\n')
		if end < 0 {
			end = len(content) - 1
		}
		if end > longestLine {
			return ErrLongLine.With("row", line, "bytes", end, "most", longestLine)
		}
		content = content[end+1:]
	}
	return nil
}

// separatorOf takes the separator that occurs most often outside quotes in the heading, or the one that Excel's first
// line "sep=;" names. skipped is how many lines that took.
func separatorOf(content []byte) (separator rune, rest []byte, skipped int) {
	head, rest, _ := bytes.Cut(content, []byte("\n"))
	if text := strings.TrimRight(string(head), "\r"); len(text) == 5 && strings.HasPrefix(strings.ToLower(text), "sep=") {
		if strings.ContainsAny(text[4:], ",;\t|") {
			return rune(text[4]), rest, 1
		}
	}
	// The heading is the first line that is not empty.
	for _, line := range bytes.Split(content, []byte("\n")) {
		if len(bytes.Trim(line, " \t\r,;|")) > 0 {
			head = line
			break
		}
	}
	separator, most := ',', 0
	for _, s := range []rune{',', ';', '\t', '|'} {
		if n := countOutsideQuotes(head, byte(s)); n > most {
			separator, most = s, n
		}
	}
	return separator, content, 0
}

func countOutsideQuotes(line []byte, separator byte) (n int) {
	quoted := false
	for _, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == separator && !quoted:
			n++
		}
	}
	return n
}
