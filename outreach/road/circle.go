package road

import (
	"context"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// GreatCircle takes the distance over the globe times a detour factor at an even speed. The zero value is ready: it
// takes 1.4 and 30 km/h.
//
// Ballou, Rahardja and Sakai (2002, Transportation Research A 36, 843-848) measured factors from 1.1 to 2.1 by country;
// 1.4, and 30 km/h for towns and the country roads around them, are choices of ours.
type GreatCircle struct {
	Detour      float64
	KmPerHour   float64
	MinimumSecs int32 // between two points that are not the same: parking and walking
}

// Table never fails but by the end of ctx.
func (g GreatCircle) Table(ctx context.Context, points []orb.Point) (Table, error) {
	n := len(points)
	t := Table{Size: n, Seconds: make([]int32, n*n), Source: "great-circle"}
	for i := range points {
		if err := ctx.Err(); err != nil {
			return Table{}, err
		}
		for j := i + 1; j < n; j++ {
			s := g.Seconds(points[i], points[j])
			t.Seconds[i*n+j], t.Seconds[j*n+i] = s, s
		}
	}
	return t, nil
}

// Seconds is the travel time between two points, rounded up.
func (g GreatCircle) Seconds(a, b orb.Point) int32 {
	detour, speed := g.Detour, g.KmPerHour
	if detour == 0 {
		detour = 1.4
	}
	if speed == 0 {
		speed = 30
	}
	if a == b {
		return 0
	}
	metres := geo.DistanceHaversine(a, b) * detour
	return max(g.MinimumSecs, int32(math.Ceil(metres*3.6/speed)))
}
