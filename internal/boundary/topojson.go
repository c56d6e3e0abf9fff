package boundary

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/paulmach/orb"
)

// topology is a TopoJSON file (Bostock and Metcalf, The TopoJSON Format Specification, 2013): lines that shapes share.
type topology struct {
	Transform *struct {
		Scale     [2]float64 `json:"scale"`
		Translate [2]float64 `json:"translate"`
	} `json:"transform"`
	Arcs    [][][]float64           `json:"arcs"`
	Objects map[string]topoGeometry `json:"objects"`
}

type topoGeometry struct {
	Type       string          `json:"type"`
	ID         any             `json:"id"`
	Properties properties      `json:"properties"`
	Arcs       json.RawMessage `json:"arcs"`
	Geometries []topoGeometry  `json:"geometries"`
}

func readTopology(content []byte) ([]border, error) {
	var t topology
	if err := json.Unmarshal(content, &t); err != nil {
		return nil, ErrNotBorders.With("reason", err.Error())
	}
	arcs, err := t.lines()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(t.Objects))
	for name := range t.Objects {
		names = append(names, name)
	}
	slices.Sort(names)
	r := topoReader{arcs: arcs}
	for _, name := range names {
		if err := r.take(t.Objects[name]); err != nil {
			return nil, err
		}
	}
	return r.found, nil
}

// lines decodes the arcs: differences of whole numbers where there is a transform, plain positions where not.
func (t topology) lines() ([]orb.LineString, error) {
	lines := make([]orb.LineString, len(t.Arcs))
	points := 0
	for i, arc := range t.Arcs {
		if points += len(arc); points > mostPoints {
			return nil, ErrManyPoints.With("most", mostPoints)
		}
		line := make(orb.LineString, len(arc))
		var x, y float64
		for j, p := range arc {
			if len(p) < 2 {
				return nil, ErrNotBorders.With("reason", fmt.Sprintf("arc %d: position %d has %d numbers", i, j, len(p)))
			}
			if t.Transform == nil {
				line[j] = orb.Point{p[0], p[1]}
				continue
			}
			x, y = x+p[0], y+p[1]
			line[j] = orb.Point{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]}
		}
		lines[i] = line
	}
	return lines, nil
}

// topoReader puts shapes together; an arc may be used twice, and a hostile file may use it more often.
type topoReader struct {
	arcs   []orb.LineString
	points int
	found  []border
}

func (r *topoReader) take(g topoGeometry) error {
	if g.Type == "GeometryCollection" && g.Geometries != nil {
		for _, inner := range g.Geometries {
			if err := r.take(inner); err != nil {
				return err
			}
		}
		return nil
	}
	b := named(g.Properties, g.ID)
	var polygons [][][]int
	switch g.Type {
	case "Polygon":
		var rings [][]int
		b.wrong = decoded(g.Arcs, &rings)
		polygons = [][][]int{rings}
	case "MultiPolygon":
		b.wrong = decoded(g.Arcs, &polygons)
	case "":
		b.wrong = "no-geometry"
	default:
		b.wrong = "not-a-polygon"
	}
	if b.wrong == "" {
		var err error
		if b.shape, b.wrong, err = r.shape(polygons); err != nil {
			return err
		}
	}
	r.found = append(r.found, b)
	return nil
}

func (r *topoReader) shape(polygons [][][]int) (shape orb.MultiPolygon, wrong string, err error) {
	for _, rings := range polygons {
		var polygon orb.Polygon
		for _, indices := range rings {
			ring, ok := r.ring(indices)
			if !ok {
				return nil, "arc-unknown", nil
			}
			if r.points > mostPoints {
				return nil, "", ErrManyPoints.With("most", mostPoints)
			}
			polygon = append(polygon, ring)
		}
		shape = append(shape, polygon)
	}
	return shape, "", nil
}

// ring joins arcs end to end; ~i is arc i backwards, and the point where two arcs meet is said by both.
func (r *topoReader) ring(indices []int) (orb.Ring, bool) {
	var ring orb.Ring
	for _, i := range indices {
		backwards := i < 0
		if backwards {
			i = ^i
		}
		if i < 0 || i >= len(r.arcs) {
			return nil, false
		}
		arc := r.arcs[i]
		if r.points += len(arc); r.points > mostPoints {
			return nil, true // the caller looks at the sum
		}
		if backwards {
			arc = slices.Clone(arc)
			arc.Reverse()
		}
		if len(ring) > 0 && len(arc) > 0 && ring[len(ring)-1] == arc[0] {
			arc = arc[1:]
		}
		ring = append(ring, arc...)
	}
	return ring, true
}
