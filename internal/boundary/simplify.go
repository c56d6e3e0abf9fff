package boundary

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"
)

// Zooms at which borders are drawn: each of its own coarseness from the first, the last as it came.
const (
	firstZoom = 3
	lastZoom  = 12
)

// pixel is the width of a dot of the screen at a zoom, in degrees at the equator: MapLibre's tiles are 512 dots wide.
func pixel(zoom int) float64 { return 360 / (512 * math.Exp2(float64(zoom))) }

// net knows in which points the lines of several rings part or meet. Between two of them a line is drawn coarser once,
// the same way for the shapes on both of its sides, so that no gap opens between neighbours.
type net map[orb.Point]bool

// meetings finds the points whose neighbours on the line differ from ring to ring.
func meetings(shapes []orb.MultiPolygon) net {
	type sides struct{ a, b orb.Point }
	seen := map[orb.Point]sides{}
	meet := net{}
	for _, shape := range shapes {
		for _, polygon := range shape {
			for _, ring := range polygon {
				n := len(ring) - 1 // the last point is the first
				for i := range n {
					s := sides{ring[(i+n-1)%n], ring[(i+1)%n]}
					if after(s.a, s.b) {
						s.a, s.b = s.b, s.a
					}
					if was, met := seen[ring[i]]; met && was != s {
						meet[ring[i]] = true
					}
					seen[ring[i]] = s
				}
			}
		}
	}
	return meet
}

func after(p, q orb.Point) bool { return p[0] > q[0] || p[0] == q[0] && p[1] > q[1] }

// coarser draws a shape for a zoom. Islands smaller than a dot go, but never the whole region.
func (m net) coarser(shape orb.MultiPolygon, zoom int) orb.MultiPolygon {
	var kept orb.MultiPolygon
	for _, polygon := range shape {
		if p := m.polygon(polygon, zoom); p != nil {
			kept = append(kept, p)
		}
	}
	if kept == nil {
		largest := slices.MaxFunc(shape, func(p, q orb.Polygon) int {
			return int(math.Copysign(1, planar.Area(p[0])-planar.Area(q[0])))
		})
		ring := simplify.VisvalingamKeep(4).Ring(largest[0].Clone())
		if len(ring) < 4 {
			ring = largest[0]
		}
		kept = orb.MultiPolygon{{ring}}
	}
	return kept
}

func (m net) polygon(polygon orb.Polygon, zoom int) orb.Polygon {
	var rings orb.Polygon
	for i, ring := range polygon {
		box := ring.Bound()
		coarse := orb.Ring(nil)
		if p := pixel(zoom); box.Right()-box.Left() > p || box.Top()-box.Bottom() > p {
			coarse = m.ring(ring, zoom)
		}
		if len(coarse) < 4 {
			if i == 0 {
				return nil
			}
			continue
		}
		rings = append(rings, coarse)
	}
	return rings
}

// ring cuts a ring where lines meet and draws each piece coarser (Douglas and Peucker, 1973, with half a dot).
func (m net) ring(ring orb.Ring, zoom int) orb.Ring {
	open := ring[:len(ring)-1]
	start := slices.IndexFunc(open, func(p orb.Point) bool { return m[p] })
	if start < 0 { // an island, or an enclave: begin where its neighbour begins too
		start = 0
		for i, p := range open {
			if after(open[start], p) {
				start = i
			}
		}
	}
	line := make(orb.LineString, 0, len(ring))
	line = append(append(append(line, open[start:]...), open[:start]...), open[start])
	var coarse orb.Ring
	for from := 0; from < len(line)-1; {
		to := from + 1
		for to < len(line)-1 && !m[line[to]] {
			to++
		}
		piece := drawn(line[from:to+1], pixel(zoom)/2)
		coarse = append(coarse, piece[:len(piece)-1]...)
		from = to
	}
	return append(coarse, coarse[0])
}

// drawn simplifies a line in one direction, whichever it came in.
func drawn(line orb.LineString, tolerance float64) orb.LineString {
	line = line.Clone()
	n := len(line)
	turn := after(line[0], line[n-1]) || line[0] == line[n-1] && after(line[1], line[n-2])
	if turn {
		line.Reverse()
	}
	line = simplify.DouglasPeucker(tolerance).LineString(line)
	if turn {
		line.Reverse()
	}
	return line
}
