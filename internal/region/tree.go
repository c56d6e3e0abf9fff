package region

import (
	"errors"
	"time"
)

// Tree resolves codes of any day in memory.
type Tree struct {
	bore  map[string][]Region // code → every region that bore it, in order of time
	today map[int]Region      // id → the region as it is now
}

func newTree(versions []Region) *Tree {
	t := &Tree{bore: make(map[string][]Region, len(versions)), today: make(map[int]Region, len(versions))}
	for _, v := range versions {
		t.bore[v.Code] = append(t.bore[v.Code], v)
		if v.Until == nil {
			t.today[v.ID] = v
		}
	}
	return t
}

// ByCode returns the region that bore the code on that day, as it was then. A code that no region bears any more is
// ErrOld, which names the region it meant and that region's code of today; one that none bore yet, or none in reach,
// is ErrUnknown; one of the wrong form is ErrMalformed.
func (t *Tree) ByCode(code string, on time.Time) (Region, error) {
	if _, err := LevelOf(code); err != nil {
		return Region{}, err
	}
	var last *Region // the last to bear the code before that day
	for i, r := range t.bore[code] {
		switch {
		case r.holds(on):
			return r, nil
		case r.From.Before(on):
			last = &t.bore[code][i]
		}
	}
	if last == nil {
		return Region{}, ErrUnknown.With("code", code, "on", on.Format(time.DateOnly))
	}
	return Region{}, ErrOld.With("code", code, "name", last.Name, "until", last.Until.Format(time.DateOnly),
		"today", t.today[last.ID].Code)
}

// ByID returns the region as it is now; ok is false when it is no more or out of reach.
func (t *Tree) ByID(id int) (r Region, ok bool) {
	r, ok = t.today[id]
	return r, ok
}

// eras are the spans between changes of the set of provinces, by their number.
var eras = []struct {
	provinces   int
	from, until time.Time // until is zero while the era lasts
}{
	{34, Beginning, Date(2022, time.July, 25)},                    // UU 20/2012
	{37, Date(2022, time.July, 25), Date(2022, time.December, 8)}, // UU 14, 15 and 16/2022
	{38, Date(2022, time.December, 8), time.Time{}},               // UU 29/2022
}

// ByCodeInEra resolves a code of a figure whose source counted so many provinces (34, 37 or 38), whatever the date of
// the figure: with 34 provinces 91 is the old Papua, and a figure of 2020 that was restated for 38 provinces hangs on
// today's Papua. Sources mix eras, so a code that nobody bore in the era is taken for a code of today: 94.07 among 34
// provinces is Kabupaten Intan Jaya, then 91.27. Another number of provinces is ErrEraUnknown.
func (t *Tree) ByCodeInEra(code string, provinces int, on time.Time) (Region, error) {
	numbers := []int{}
	for _, era := range eras {
		numbers = append(numbers, era.provinces)
		if era.provinces != provinces {
			continue
		}
		if on.Before(era.from) {
			on = era.from
		}
		if !era.until.IsZero() && !on.Before(era.until) {
			on = era.until.AddDate(0, 0, -1)
		}
		r, err := t.ByCode(code, on)
		if errors.Is(err, ErrUnknown) {
			return t.asOfToday(code, err)
		}
		return r, err
	}
	return Region{}, ErrEraUnknown.With("era", provinces, "known", numbers)
}

// asOfToday returns the region that bears the code now, or err when there is none.
func (t *Tree) asOfToday(code string, err error) (Region, error) {
	for _, r := range t.bore[code] {
		if r.Until == nil {
			return r, nil
		}
	}
	return Region{}, err
}
