package boundary

import (
	"testing"

	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/planar"
)

// FuzzReadBorders holds that no file breaks the reader, and that whatever it takes for a shape is one that can be drawn:
// closed rings with an area, at every zoom.
func FuzzReadBorders(f *testing.F) {
	for _, text := range []string{
		`{"type":"Topology","transform":{"scale":[0.01,0.01],"translate":[95,-5]},"arcs":[[[0,0],[100,0],[0,100],[-100,-100]],[[100,0],[100,50],[-100,50]]],"objects":{"a":{"type":"GeometryCollection","geometries":[{"type":"Polygon","id":"12.71","arcs":[[0]]},{"type":"MultiPolygon","properties":{"code":"12.72"},"arcs":[[[1,-1]]]}]}}}`,
		`{"type":"Topology","arcs":[[[98,3],[99,3],[99,4],[98,3]]],"objects":{"a":{"type":"Polygon","arcs":[[0,-1,0]]}}}`,
		`{"type":"FeatureCollection","features":[{"properties":{"kode":1271},"geometry":{"type":"Polygon","coordinates":[[[98,3],[99,3],[99,4],[98,3]],[[98.5,3.1],[98.6,3.1],[98.6,3.2]]]}}]}`,
		`{"type":"Topology","arcs":[],"objects":{"a":{"type":"Polygon","arcs":[[-9223372036854775808]]}}}`,
		`{"type":"FeatureCollection","features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[1e400,3]]]]}}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		borders, err := readBorders(content)
		if err != nil {
			return
		}
		for _, b := range borders {
			if b.wrong != "" {
				continue
			}
			m := meetings(nil)
			for zoom := firstZoom; zoom <= lastZoom; zoom++ {
				shape := m.coarser(b.shape, zoom)
				if len(shape) == 0 {
					t.Fatalf("nothing is left of %q at zoom %d", b.code, zoom)
				}
				for _, polygon := range shape {
					for _, ring := range polygon {
						if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
							t.Fatalf("a ring of %d points, closed: %v", len(ring), ring[0] == ring[len(ring)-1])
						}
					}
				}
			}
			if planar.Area(b.shape) < 0 {
				t.Fatalf("the area of %q is below zero", b.code)
			}
			if _, err := wkb.Marshal(b.shape); err != nil {
				t.Fatal(err)
			}
		}
	})
}
