package outreach

import (
	"encoding/json"
	"fmt"

	"blangko/internal/access"
)

// smallest is the least count of vulnerable people that is shown outside their own office.
const smallest = 5

// Count is a number of people that may be hidden: {"below": 5} then stands in its place.
type Count struct {
	People int64
	Hidden bool
}

type below struct {
	Below int64 `json:"below"`
}

// MarshalJSON writes the number, or that it is small.
func (c Count) MarshalJSON() ([]byte, error) {
	if c.Hidden {
		return json.Marshal(below{smallest})
	}
	return json.Marshal(c.People)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Count) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		*c = Count{Hidden: true}
		return nil
	}
	c.Hidden = false
	return json.Unmarshal(text, &c.People)
}

// Scan reads a number from the database.
func (c *Count) Scan(from any) error {
	n, ok := from.(int64)
	if !ok {
		return fmt.Errorf("a count holds %T", from)
	}
	*c = Count{People: n}
	return nil
}

// sees reports whether small counts are shown to who: to the offices of the regency, whose people they are, and to
// jobs.
func sees(who access.Actor) bool {
	return who.Role == access.Officer || who.Role == access.Outreach || who == access.System
}

// veil hides a small count from who.
func (c *Count) veil(who access.Actor) {
	if !sees(who) && c.People > 0 && c.People < smallest {
		*c = Count{Hidden: true}
	}
}

// coarse is a number of blanks beside a hidden count of people, rounded up so that it does not tell them.
func coarse(pieces int64) int64 { return (pieces + smallest - 1) / smallest * smallest }

// veilSum hides a small sum from who, and one of visits of which a single one is small: the others are shown, so that the
// small one could be reckoned.
func (c *Count) veilSum(who access.Actor, small int64) {
	if c.veil(who); small == 1 && !sees(who) {
		*c = Count{Hidden: true}
	}
}

// veilParts hides the small parts of a total from who, and the smallest of the others too when a single hidden part
// could be reckoned from the total.
func veilParts(who access.Actor, parts []*Count) {
	hidden := 0
	var next *Count
	for _, p := range parts {
		if p.veil(who); p.Hidden {
			hidden++
		} else if p.People > 0 && (next == nil || p.People < next.People) {
			next = p
		}
	}
	if hidden == 1 && next != nil {
		*next = Count{Hidden: true}
	}
}
