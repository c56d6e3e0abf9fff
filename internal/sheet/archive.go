package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"blangko/internal/fault"
)

// An XLSX file is a zip of XML. These bounds hold whatever the zip says of itself.
const (
	largestUnzipped = 256 << 20 // bytes of all parts together
	largestShared   = 64 << 20  // bytes of the texts that cells share, which are kept in memory
	mostParts       = 2000
	mostMerged      = 100_000
)

// inspected is what one look at a sheet tells.
type inspected struct {
	rows   int
	merged []mergedSpan
}

// inspect unzips every part once without keeping it, refuses what is too large, and returns what it saw of the sheets
// by their part.
func inspect(archive *zip.Reader) (map[string]inspected, error) {
	if len(archive.File) > mostParts {
		return nil, ErrTooLarge.With("parts", len(archive.File), "most", mostParts)
	}
	found := map[string]inspected{}
	left := int64(largestUnzipped)
	for _, part := range archive.File {
		var err error
		if found[part.Name], err = inspectPart(part, &left); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func inspectPart(part *zip.File, left *int64) (found inspected, err error) {
	r, err := part.Open()
	if err != nil {
		return found, noFile(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	limited := &io.LimitedReader{R: r, N: *left + 1}
	if strings.HasPrefix(part.Name, "xl/worksheets/") && strings.HasSuffix(part.Name, ".xml") {
		found, err = look(limited)
	} else {
		_, err = io.Copy(io.Discard, limited)
	}
	if limited.N == 0 {
		return found, ErrTooLarge.With("unzipped", largestUnzipped)
	}
	*left = limited.N - 1
	return found, noFile(err)
}

// noFile says of whatever went wrong with an archive that it is not a table, unless it says more already.
func noFile(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	if err != nil {
		return ErrNoFile.Because(err)
	}
	return nil
}

// look counts the rows of a sheet and finds what of them is merged.
func look(r io.Reader) (found inspected, err error) {
	m := newMarkup(r)
	for {
		if err := m.next(); errors.Is(err, io.EOF) {
			found.merged = apart(found.merged)
			return found, nil
		} else if err != nil {
			return found, err
		}
		switch {
		case m.end:
		case m.name == "row":
			found.rows++
		case m.name == "mergeCell":
			rows, err := mergedRows(m.attribute("ref"))
			if err != nil {
				return found, fmt.Errorf("merged cells: %w", err)
			}
			if found.merged = append(found.merged, rows); len(found.merged) > mostMerged {
				return found, ErrTooLarge.With("merged", mostMerged)
			}
		}
	}
}
