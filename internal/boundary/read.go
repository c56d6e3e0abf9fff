package boundary

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// border is a feature of a file: what it says of itself, and its shape or what is wrong with it.
type border struct {
	code, name string
	shape      orb.MultiPolygon
	wrong      string // code of what is wrong with the shape, "" for nothing
}

// mostPoints bounds what a file may hold: the borders of all kecamatan have about a million.
const mostPoints = 4_000_000

// readBorders reads a GeoJSON FeatureCollection or a TopoJSON topology. A file that is neither is ErrNotBorders; what
// is wrong with one shape stands in it.
func readBorders(content []byte) ([]border, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(content, &head); err != nil {
		return nil, ErrNotBorders.With("reason", "not JSON: "+err.Error())
	}
	var found []border
	var err error
	switch head.Type {
	case "Topology":
		found, err = readTopology(content)
	case "FeatureCollection":
		found, err = readCollection(content)
	default:
		return nil, ErrNotBorders.With("reason", fmt.Sprintf("type %q is neither FeatureCollection nor Topology", head.Type))
	}
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].wrong == "" {
			found[i].shape, found[i].wrong = sound(found[i].shape)
		}
	}
	return found, nil
}

// properties are those of a feature under any of the names in use.
type properties map[string]any

func (p properties) text(names ...string) string {
	for name, value := range p {
		for _, n := range names {
			if strings.EqualFold(n, name) && value != nil {
				return strings.TrimSpace(plainText(value))
			}
		}
	}
	return ""
}

// plainText writes a code that a program kept as a number without an exponent: 12.71, 1271.
func plainText(value any) string {
	if f, ok := value.(float64); ok {
		return strings.TrimSuffix(fmt.Sprintf("%.2f", f), ".00")
	}
	return fmt.Sprint(value)
}

// named takes code and name from a feature's properties, else its id.
func named(p properties, id any) border {
	b := border{code: p.text("code", "region_code", "kode", "kode_wilayah"), name: p.text("name", "region_name", "nama")}
	if b.code == "" && id != nil {
		b.code = strings.TrimSpace(plainText(id))
	}
	b.code = dotted(b.code)
	return b
}

// dotted writes the official code with its dots, where it came without: 1271031004 is 12.71.03.1004.
func dotted(code string) string {
	for _, c := range code {
		if c < '0' || c > '9' {
			return code
		}
	}
	switch len(code) {
	case 4:
		return code[:2] + "." + code[2:]
	case 6:
		return code[:2] + "." + code[2:4] + "." + code[4:]
	case 10:
		return code[:2] + "." + code[2:4] + "." + code[4:6] + "." + code[6:]
	}
	return code
}

func readCollection(content []byte) ([]border, error) {
	var file struct {
		Features []struct {
			ID         any        `json:"id"`
			Properties properties `json:"properties"`
			Geometry   *struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, ErrNotBorders.With("reason", err.Error())
	}
	var points int
	found := make([]border, 0, len(file.Features))
	for _, f := range file.Features {
		b := named(f.Properties, f.ID)
		switch {
		case f.Geometry == nil:
			b.wrong = "no-geometry"
		case f.Geometry.Type == "Polygon":
			var rings [][][]float64
			b.wrong = decoded(f.Geometry.Coordinates, &rings)
			b.shape = shapeOf([][][][]float64{rings}, &b.wrong)
		case f.Geometry.Type == "MultiPolygon":
			var polygons [][][][]float64
			b.wrong = decoded(f.Geometry.Coordinates, &polygons)
			b.shape = shapeOf(polygons, &b.wrong)
		default:
			b.wrong = "not-a-polygon"
		}
		if points += pointsOf(b.shape); points > mostPoints {
			return nil, ErrManyPoints.With("most", mostPoints)
		}
		found = append(found, b)
	}
	return found, nil
}

func decoded(text json.RawMessage, into any) string {
	if err := json.Unmarshal(text, into); err != nil {
		return "coordinates-unreadable"
	}
	return ""
}

// shapeOf takes positions of two numbers or more; a height is dropped.
func shapeOf(polygons [][][][]float64, wrong *string) orb.MultiPolygon {
	var shape orb.MultiPolygon
	for _, rings := range polygons {
		var polygon orb.Polygon
		for _, positions := range rings {
			ring := make(orb.Ring, 0, len(positions))
			for _, p := range positions {
				if len(p) < 2 {
					*wrong = "coordinates-unreadable"
					return nil
				}
				ring = append(ring, orb.Point{p[0], p[1]})
			}
			polygon = append(polygon, ring)
		}
		shape = append(shape, polygon)
	}
	return shape
}

func pointsOf(shape orb.MultiPolygon) (n int) {
	for _, polygon := range shape {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// farAround is a wide box around Indonesia: farther out lies no border of ours.
var farAround = orb.Bound{Min: orb.Point{92, -14}, Max: orb.Point{144, 9}}

// sound returns the shape with its rings closed, outer ones running against the clock and holes with it, without repeated
// points and without holes that are none: those that reach out of their polygon, or would leave nothing of it. Or it
// returns the code of what cannot be.
func sound(shape orb.MultiPolygon) (orb.MultiPolygon, string) {
	var kept orb.MultiPolygon
	for _, polygon := range shape {
		var rings orb.Polygon
		var left float64 // of the area, less its holes
		for i, ring := range polygon {
			if code := placed(ring); code != "" {
				return nil, code
			}
			ring = tidyRing(ring, i == 0)
			if len(ring) < 4 || planar.Area(ring) == 0 {
				if i == 0 {
					break // a sliver, and with it its holes
				}
				continue
			}
			area := math.Abs(planar.Area(ring))
			if i > 0 {
				if hole := ring.Bound(); area >= left || !rings[0].Bound().Contains(hole.Min) || !rings[0].Bound().Contains(hole.Max) {
					continue
				}
				area = -area
			}
			left += area
			rings = append(rings, ring)
		}
		if len(rings) > 0 {
			kept = append(kept, rings)
		}
	}
	if len(kept) == 0 {
		return nil, "shape-empty"
	}
	return kept, ""
}

// placed says what is wrong with where a ring lies.
func placed(ring orb.Ring) string {
	for _, p := range ring {
		switch {
		case math.IsNaN(p[0]) || math.IsNaN(p[1]) || math.Abs(p[0]) > 180 || math.Abs(p[1]) > 180:
			return "not-degrees"
		case farAround.Contains(p):
		case farAround.Contains(orb.Point{p[1], p[0]}):
			return "lon-lat-swapped"
		default:
			return "outside-indonesia"
		}
	}
	return ""
}

func tidyRing(ring orb.Ring, outer bool) orb.Ring {
	kept := make(orb.Ring, 0, len(ring)+1)
	for _, p := range ring {
		if len(kept) == 0 || kept[len(kept)-1] != p {
			kept = append(kept, p)
		}
	}
	if len(kept) > 0 && kept[0] != kept[len(kept)-1] {
		kept = append(kept, kept[0])
	}
	if left := len(kept) > 3 && kept.Orientation() == orb.CCW; left != outer {
		kept.Reverse()
	}
	return kept
}
