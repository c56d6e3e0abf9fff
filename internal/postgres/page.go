package postgres

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"blangko/internal/fault"
)

// Bounds of a page.
const (
	DefaultLimit = 100
	LargestLimit = 1000
)

var (
	ErrCursorMalformed = fault.New(fault.Invalid, "cursor-malformed")
	ErrLimitOutOfRange = fault.New(fault.Invalid, "limit-out-of-range") // limit, least, most
)

// Page is one part of a list. Next is the cursor of the page after it, empty on the last.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// Paging is the part of a list that is asked for. Its zero value is the first DefaultLimit items.
type Paging struct {
	Limit  int    // at most so many items, 1 to LargestLimit; 0 for DefaultLimit
	Cursor string // Next of the page before, empty for the first page
}

// Resume sets key, a pointer to a struct, to the sort key of the last item of the page before and leaves it as it is
// on the first page. It returns how many rows the query should read: one more than the page holds, which tells
// NewPage whether more follow. Let the names of the key's JSON fields say the order it belongs to, so that the cursor
// of another list or order is ErrCursorMalformed rather than a wrong page.
//
//	type byCode struct { Code string `json:"code"` }
//
//	var last byCode
//	rows, err := paging.Resume(&last)
//	... WHERE code > $1 ORDER BY code LIMIT $2 ... last.Code, rows
//	return postgres.NewPage(paging, found, func(r Region) byCode { return byCode{r.Code} })
func (p Paging) Resume(key any) (rows int, err error) {
	if p.Limit < 0 || p.Limit > LargestLimit {
		return 0, ErrLimitOutOfRange.With("limit", p.Limit, "least", 1, "most", LargestLimit)
	}
	if p.Cursor == "" {
		return p.size() + 1, nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(p.Cursor)
	if err != nil {
		return 0, ErrCursorMalformed.Because(err)
	}
	// PostgreSQL holds no NUL in a text; no key that we gave out has one.
	if bytes.Contains(text, []byte(`\u0000`)) {
		return 0, ErrCursorMalformed.Because(errors.New("NUL in the key"))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(key); err != nil {
		return 0, ErrCursorMalformed.Because(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return 0, ErrCursorMalformed.Because(errors.New("more after the key"))
	}
	return p.size() + 1, nil
}

func (p Paging) size() int {
	if p.Limit == 0 {
		return DefaultLimit
	}
	return p.Limit
}

// NewPage makes a page of the rows that a query bounded by Resume has read. key gives the sort key of an item as
// Resume takes it.
func NewPage[T, K any](p Paging, rows []T, key func(T) K) (Page[T], error) {
	if rows == nil {
		rows = []T{}
	}
	if len(rows) <= p.size() {
		return Page[T]{Items: rows}, nil
	}
	rows = rows[:p.size()]
	text, err := json.Marshal(key(rows[len(rows)-1]))
	if err != nil {
		return Page[T]{}, fmt.Errorf("encode cursor: %w", err)
	}
	return Page[T]{Items: rows, Next: base64.RawURLEncoding.EncodeToString(text)}, nil
}
