package postgres_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"testing"

	"blangko/internal/postgres"
)

type byID struct {
	ID int64 `json:"id"`
}

// list is what a query with WHERE id > $1 ORDER BY id LIMIT $2 does.
func list(all []int64, p postgres.Paging) (postgres.Page[int64], error) {
	key := byID{}
	rows, err := p.Resume(&key)
	if err != nil {
		return postgres.Page[int64]{}, err
	}
	var found []int64
	for _, id := range all {
		if id > key.ID && len(found) < rows {
			found = append(found, id)
		}
	}
	return postgres.NewPage(p, found, func(id int64) byID { return byID{id} })
}

func TestPagesJoinedAreTheWholeList(t *testing.T) {
	t.Parallel()
	for n := range 8 {
		for limit := 1; limit <= 8; limit++ {
			var all, joined []int64
			for i := range n {
				all = append(all, int64(i+1)<<53+1) // beyond what a float holds exactly
			}
			pages := 0
			for p := (postgres.Paging{Limit: limit}); ; pages++ {
				page, err := list(all, p)
				if err != nil {
					t.Fatal(err)
				}
				if page.Items == nil {
					t.Error("Items is nil, which JSON writes as null")
				}
				joined = append(joined, page.Items...)
				if p.Cursor = page.Next; p.Cursor == "" {
					break
				}
			}
			if !slices.Equal(joined, all) {
				t.Errorf("%d items by %d: %v, want %v", n, limit, joined, all)
			}
			if most := max(n-1, 0) / limit; pages != most {
				t.Errorf("%d items by %d: %d pages, want %d", n, limit, pages+1, most+1)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for limit, rows := range map[int]int{0: 101, 1: 2, 1000: 1001} {
		got, err := postgres.Paging{Limit: limit}.Resume(&byID{})
		if err != nil || got != rows {
			t.Errorf("limit %d: %d rows, %v; want %d", limit, got, err, rows)
		}
	}
	for _, limit := range []int{-1, 1001} {
		if _, err := (postgres.Paging{Limit: limit}).Resume(&byID{}); !errors.Is(err, postgres.ErrLimitOutOfRange) {
			t.Errorf("limit %d: %v, want ErrLimitOutOfRange", limit, err)
		}
	}
}

func TestACursorWeDidNotGiveOutIsMalformed(t *testing.T) {
	t.Parallel()
	for name, cursor := range map[string]string{
		"no base64":           "%%%",
		"no JSON":             encode("id"),
		"of another list":     encode(`{"code":"12.71"}`),
		"of another type":     encode(`{"id":"7"}`),
		"with something more": encode(`{"id":7}{"id":8}`),
		"with a NUL":          encode(`{"id":7,"id":"\u0000"}`),
		"with stray bits":     "eyJpZCI6N33", // a last character whose unused bits are set
	} {
		if _, err := (postgres.Paging{Cursor: cursor}).Resume(&byID{}); !errors.Is(err, postgres.ErrCursorMalformed) {
			t.Errorf("cursor %s: %v, want ErrCursorMalformed", name, err)
		}
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func FuzzResume(f *testing.F) {
	f.Add(encode(`{"id":7}`))
	f.Fuzz(func(t *testing.T, cursor string) {
		_, err := postgres.Paging{Cursor: cursor}.Resume(&byID{})
		if err != nil && !errors.Is(err, postgres.ErrCursorMalformed) {
			t.Errorf("Resume(%q): %v, want ErrCursorMalformed", cursor, err)
		}
	})
}

func TestCheckVersionNamesTheCurrentOne(t *testing.T) {
	t.Parallel()
	if err := postgres.CheckVersion(3, 3); err != nil {
		t.Errorf("same version: %v", err)
	}
	err := postgres.CheckVersion(2, 3)
	if !errors.Is(err, postgres.ErrStale) || err.Error() != "stale current=3" {
		t.Errorf("older version: %v, want stale current=3", err)
	}
}
