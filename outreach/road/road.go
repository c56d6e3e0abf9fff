// Package road tells how long teams travel between places: as the crow flies with a detour, over the roads of an
// OpenStreetMap extract, or as an OSRM server says.
//
// A table always says what it was made of, so that nobody takes a guess for a road. Crossings to islands are not its
// matter: maps know no boats, and who plans enters them by hand.
package road

import (
	"context"

	"github.com/paulmach/orb"
)

// Unreachable is the travel time between two points that no way connects.
const Unreachable = int32(1<<31 - 1)

// Table holds travel seconds between points: from i to j at Seconds[i*Size+j], Unreachable where there is no way.
type Table struct {
	Size    int
	Seconds []int32
	Metres  []int32 // of the same ways, 0 where there is none
	Source  string  // what it was made of: great-circle, roads, osrm, or osrm-failed with what stood in for it
}

// At is the travel time from i to j.
func (t *Table) At(i, j int) int32 { return t.Seconds[i*t.Size+j] }

func newTable(n int, source string) Table {
	return Table{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n), Source: source}
}

// Roads gives the table of some points. GreatCircle, *Graph and *OSRM do.
type Roads interface {
	Table(ctx context.Context, points []orb.Point) (Table, error)
}
