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
	t := newTable(n, "great-circle")
	for i := range points {
		if err := ctx.Err(); err != nil {
			return Table{}, err
		}
		for j := i + 1; j < n; j++ {
			s, m := g.Seconds(points[i], points[j]), int32(math.Ceil(g.metres(points[i], points[j])))
			t.Seconds[i*n+j], t.Seconds[j*n+i] = s, s
			t.Metres[i*n+j], t.Metres[j*n+i] = m, m
		}
	}
	return t, nil
}

// metres is the distance between two points by road, as it is supposed.
func (g GreatCircle) metres(a, b orb.Point) float64 {
	if g.Detour == 0 {
		g.Detour = 1.4
	}
	return geo.DistanceHaversine(a, b) * g.Detour
}

// Seconds is the travel time between two points, rounded up.
func (g GreatCircle) Seconds(a, b orb.Point) int32 {
	speed := g.KmPerHour
	if speed == 0 {
		speed = 30
	}
	if a == b {
		return 0
	}
	return max(g.MinimumSecs, int32(math.Ceil(g.metres(a, b)*3.6/speed)))
}
