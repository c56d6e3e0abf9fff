package region_test

import (
	"testing"
	"time"

	"blangko/internal/region"
)

func TestTodayIsTheDateOnTheWallThere(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 22, 15, 30, 0, 0, time.UTC) // 22.30 WIB, 23.30 WITA, 00.30 WIT
	for zone, want := range map[region.Zone]time.Time{
		region.WIB:  region.Date(2026, time.November, 22),
		region.WITA: region.Date(2026, time.November, 22),
		region.WIT:  region.Date(2026, time.November, 23),
		"":          region.Date(2026, time.November, 22),
	} {
		if got := region.Today(zone, now); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("Today(%q) = %v, want %v", zone, got, want)
		}
	}
}
