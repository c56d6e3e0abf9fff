package boundary_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"blangko/internal/boundary"
	"blangko/internal/region"
)

// A tile reads back as what the encoder of orb writes, which we do without for its time.
func TestTilesReadBackAsThoseOfAnotherEncoder(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(2, 1))
	for round := range 300 {
		tile := maptile.At(orb.Point{118 + chance.Float64(), -2 + chance.Float64()}, maptile.Zoom(chance.IntN(15)))
		in := tile.Bound()
		somewhere := func() (lon, lat float64) {
			wide, high := in.Right()-in.Left(), in.Top()-in.Bottom()
			return in.Left() + wide*(1.4*chance.Float64()-0.2), in.Bottom() + high*(1.4*chance.Float64()-0.2)
		}
		var shapes []boundary.Shape
		properties := map[int]geojson.Properties{}
		for id := 1; id <= chance.IntN(20); id++ {
			s := boundary.Shape{RegionID: id, Code: fmt.Sprint("c", id), Name: fmt.Sprint("name ", chance.IntN(5)), Level: region.District}
			s.Lon, s.Lat = somewhere()
			if chance.IntN(3) > 0 {
				border, err := wkb.Marshal(scrawl(chance, in, somewhere))
				if err != nil {
					t.Fatal(err)
				}
				s.Border = border
			}
			shapes = append(shapes, s)
			p := geojson.Properties{"code": s.Code, "name": s.Name}
			if chance.IntN(2) == 0 {
				p["basis"] = fmt.Sprint(chance.IntN(3))
			}
			if chance.IntN(2) == 0 {
				p["people"] = chance.Int64() >> chance.IntN(63) * (1 - 2*chance.Int64N(2))
			}
			if chance.IntN(2) == 0 {
				p["percent"] = float64(chance.IntN(10_000)) / 100
			}
			properties[id] = p
		}
		got, err := boundary.Draw("district", tile, shapes, func(s boundary.Shape, to *boundary.Layer) {
			p := properties[s.RegionID]
			late := chance.IntN(2) == 0 // their order must not matter
			percent := func() {
				if x, ok := p["percent"].(float64); ok {
					to.Number("percent", x)
				}
			}
			if !late {
				percent()
			}
			if text, ok := p["basis"].(string); ok {
				to.Text("basis", text)
			}
			if n, ok := p["people"].(int64); ok {
				to.Count("people", n)
			}
			if late {
				percent()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		want := drawnByOrb(t, tile, shapes, properties)
		if got := layersOf(t, got); !reflect.DeepEqual(got, want) {
			t.Fatalf("round %d, tile %v: %+v, want %+v", round, tile, got, want)
		}
	}
}

// scrawl is some polygons about a tile, with or without a hole.
func scrawl(chance *rand.Rand, in orb.Bound, somewhere func() (lon, lat float64)) orb.MultiPolygon {
	var all orb.MultiPolygon
	for range 1 + chance.IntN(3) {
		lon, lat := somewhere()
		size := (in.Right() - in.Left()) * chance.Float64()
		square := func(inset float64) orb.Ring {
			a, b := size*inset, size*(1-inset)
			return orb.Ring{{lon + a, lat + a}, {lon + b, lat + a}, {lon + b, lat + b}, {lon + a, lat + b}, {lon + a, lat + a}}
		}
		shape := orb.Polygon{square(0)}
		if chance.IntN(2) == 0 {
			shape = append(shape, square(0.3))
		}
		all = append(all, shape)
	}
	return all
}

func layersOf(t *testing.T, content []byte) map[string][]*geojson.Feature {
	t.Helper()
	layers, err := mvt.Unmarshal(content)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]*geojson.Feature{}
	for _, l := range layers {
		if l.Version != 2 || l.Extent != 4096 {
			t.Errorf("layer %s of version %d, %d steps wide", l.Name, l.Version, l.Extent)
		}
		all[l.Name] = append([]*geojson.Feature{}, l.Features...)
	}
	return all
}

func drawnByOrb(t *testing.T, tile maptile.Tile, shapes []boundary.Shape, properties map[int]geojson.Properties) map[string][]*geojson.Feature {
	t.Helper()
	areas, labels := geojson.NewFeatureCollection(), geojson.NewFeatureCollection()
	feature := func(s boundary.Shape, g orb.Geometry, p geojson.Properties) *geojson.Feature {
		f := geojson.NewFeature(g)
		f.ID, f.Properties = s.RegionID, p
		return f
	}
	for _, s := range shapes {
		label := geojson.Properties{"code": s.Code, "name": s.Name}
		if s.Border == nil {
			label = properties[s.RegionID]
		} else {
			g, err := wkb.Unmarshal(s.Border)
			if err != nil {
				t.Fatal(err)
			}
			areas.Append(feature(s, g, properties[s.RegionID]))
		}
		if at := (orb.Point{s.Lon, s.Lat}); tile.Bound().Contains(at) {
			labels.Append(feature(s, at, label))
		}
	}
	layers := mvt.Layers{mvt.NewLayer("district", areas), mvt.NewLayer("district-label", labels)}
	layers.Clip(tile.Bound(1.0 / 64))
	layers.ProjectToTile(tile)
	layers.RemoveEmpty(1, 1)
	for i, l := range layers {
		l.Version = 2
		if i == 0 {
			for _, f := range l.Features {
				windClockwise(f.Geometry)
			}
		}
	}
	content, err := mvt.Marshal(layers)
	if err != nil {
		t.Fatal(err)
	}
	return layersOf(t, content)
}

func windClockwise(g orb.Geometry) {
	all, ok := g.(orb.MultiPolygon)
	if p, one := g.(orb.Polygon); one {
		all, ok = orb.MultiPolygon{p}, true
	}
	if !ok {
		return
	}
	for _, p := range all {
		for i, ring := range p {
			if len(ring) > 3 && (ring.Orientation() == orb.CCW) != (i == 0) {
				ring.Reverse()
			}
		}
	}
}
