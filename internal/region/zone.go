package region

import "time"

// Zone is one of the three time zones of Indonesia, none of which has summer time.
type Zone string

const (
	WIB  Zone = "WIB"  // western, UTC+7
	WITA Zone = "WITA" // central, UTC+8
	WIT  Zone = "WIT"  // eastern, UTC+9
)

var locations = map[Zone]*time.Location{
	WIB:  time.FixedZone("WIB", 7*60*60),
	WITA: time.FixedZone("WITA", 8*60*60),
	WIT:  time.FixedZone("WIT", 9*60*60),
}

// Location returns the zone for the time package. The zero Zone is WIB, the capital's.
func (z Zone) Location() *time.Location {
	if location, ok := locations[z]; ok {
		return location
	}
	return locations[WIB]
}

// Today returns the business date of now in the zone: midnight UTC of the day that the wall calendar there shows.
func Today(z Zone, now time.Time) time.Time {
	year, month, day := now.In(z.Location()).Date()
	return Date(year, month, day)
}

// Date returns a business date in the form this package takes and gives: midnight UTC.
func Date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
