package forecasting

import (
	"testing"
	"time"

	"blangko/inventory"
	"blangko/notice"
)

func raised(signals []notice.Signal) map[string]notice.Level {
	out := map[string]notice.Level{}
	for _, s := range signals {
		if s.AtLeast != "" {
			out[s.Cause] = s.AtLeast
		}
	}
	return out
}

func TestForecastsThatAreTooNarrowOrTooWideAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		regions, above int
		told           bool
	}{
		{514, 51, false},  // a tenth, as stated
		{514, 100, true},  // too narrow
		{514, 10, true},   // too wide
		{514, 26, false},  // chance
		{99, 50, false},   // too few to tell
		{0, 0, false},     // nothing has closed
		{514, 514, true},  // all
		{100, 16, false},  // on the bound
		{100, 17, true},   // above it
		{1000, 49, true},  // below the other
		{1000, 50, false}, // on it
	} {
		var records []record
		for i := range c.regions {
			above := i < c.above
			records = append(records, record{RegionID: i + 2, Above: &above})
		}
		records = append(records, record{RegionID: 5000}) // its month is not known
		if _, told := raised(modelHealth(nil, records, 1))[ModelWidth]; told != c.told {
			t.Errorf("%d of %d above the 90 %% quantile: told %v, want %v", c.above, c.regions, told, c.told)
		}
	}
}

func TestForecastsThatErrToOneSideAreTold(t *testing.T) {
	t.Parallel()
	p := &place{position: inventory.Position{RegionID: 7}}
	for _, c := range []struct {
		r    record
		want notice.Level
	}{
		{record{Sum: 500, Size: 100, Months: 6}, notice.Warning}, // too low: shelves run empty
		{record{Sum: -500, Size: 100, Months: 6}, notice.Watch},
		{record{Sum: 399, Size: 100, Months: 12}, ""},
		{record{Sum: 500, Size: 100, Months: 5}, ""},
		{record{}, ""}, // nothing is known, and nothing is divided by
	} {
		c.r.RegionID = 7
		if got := raised(modelHealth([]*place{p}, []record{c.r}, 0))[ModelDrift]; got != c.want {
			t.Errorf("errors that sum to %g of %g in %d months: %q, want %q", c.r.Sum, c.r.Size, c.r.Months, got, c.want)
		}
	}
}

func TestAnOfficeThatFallsSilentIsTold(t *testing.T) {
	t.Parallel()
	calendar := newCalendar(nil, nil)
	now := time.Date(2026, time.June, 26, 0, 0, 0, 0, time.UTC) // a Friday
	day := func(ago int, used, closing int64) inventory.DayOfUse {
		return inventory.DayOfUse{Day: now.AddDate(0, 0, -ago), Used: used, Closing: closing}
	}
	for _, c := range []struct {
		name string
		days []inventory.DayOfUse
		want map[string]notice.Level
	}{
		{"posts each day", []inventory.DayOfUse{day(2, 10, 110), day(1, 10, 100)}, nil},
		{"silent over six business days", []inventory.DayOfUse{day(9, 10, 100)}, map[string]notice.Level{DataStale: notice.Watch}},
		{"silent over a month", []inventory.DayOfUse{day(30, 10, 100)}, map[string]notice.Level{DataStale: notice.Warning}},
		{"receives and uses nothing", []inventory.DayOfUse{day(30, 10, 50), day(1, 0, 100)}, map[string]notice.Level{DataUnused: notice.Watch}},
		{"posted something else than is held", []inventory.DayOfUse{day(1, 10, 90)}, map[string]notice.Level{DataMismatch: notice.Warning}},
	} {
		o := &outlook{place: &place{position: inventory.Position{RegionID: 7, Usable: 100}}, need: inventory.Need{DailyMean: 10}}
		got := raised(dataHealth(o, c.days, calendar, now))
		if len(got) != len(c.want) {
			t.Errorf("%s: told %v, want %v", c.name, got, c.want)
			continue
		}
		for cause, s := range c.want {
			if got[cause] != s {
				t.Errorf("%s: told %v, want %v", c.name, got, c.want)
			}
		}
	}
}
