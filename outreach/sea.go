package outreach

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"io"
	"math"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// offShore is how far from the land of the coarse map, and from the point of any kecamatan, a site is perhaps in the sea.
// The map is true to a kilometre or two and lacks small islands: of 28,467 schools 110 are flagged, most on such.
const offShore = 5_000 // metres

// perhapsAtSea reports whether a point lies off the land of the map.
func perhapsAtSea(p orb.Point) bool {
	if _, metres := nearestDistrict(p); metres <= offShore {
		return false
	}
	for _, r := range land() {
		if !r.near.Contains(p) {
			continue
		}
		if planar.RingContains(r.ring, p) || metresTo(r.ring, p) <= offShore {
			return false
		}
	}
	return true
}

// shore is a ring of land, and the rectangle outside of which a point is surely off its shore.
type shore struct {
	ring orb.Ring
	near orb.Bound
}

// landFile is Natural Earth's land around Indonesia (1:50 million, public domain), as web/tools/land.js writes it.
//
//go:embed land.bin
var landFile []byte

var land = sync.OnceValue(func() (shores []shore) {
	z, err := gzip.NewReader(bytes.NewReader(landFile))
	if err != nil {
		panic("outreach: land.bin: " + err.Error())
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic("outreach: land.bin: " + err.Error())
	}
	next := func() (v float64) {
		v, text = float64(int16(binary.LittleEndian.Uint16(text)))/100, text[2:]
		return v
	}
	for len(text) > 0 {
		ring, at := make(orb.Ring, int(math.Round(next()*100))), orb.Point{}
		for i := range ring {
			at[0] += next()
			at[1] += next()
			ring[i] = at
		}
		shores = append(shores, shore{ring, ring.Bound().Pad(0.1)})
	}
	return shores
})

// metresTo is the distance from p to the line of a ring, on a plane that touches the globe at p.
func metresTo(ring orb.Ring, p orb.Point) float64 {
	const metresPerDegree = 111_320
	narrow := math.Cos(p[1] * math.Pi / 180)
	flat := func(q orb.Point) (x, y float64) {
		return (q[0] - p[0]) * narrow * metresPerDegree, (q[1] - p[1]) * metresPerDegree
	}
	nearest := math.Inf(1)
	for i := 1; i < len(ring); i++ {
		ax, ay := flat(ring[i-1])
		bx, by := flat(ring[i])
		dx, dy := bx-ax, by-ay
		along := 0.0
		if length := dx*dx + dy*dy; length > 0 {
			along = max(0, min(1, -(ax*dx+ay*dy)/length))
		}
		nearest = min(nearest, math.Hypot(ax+along*dx, ay+along*dy))
	}
	return nearest
}
