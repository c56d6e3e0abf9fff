package road

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/osm"
)

// ErrNoRoads is the error of a file without a road that cars may use.
var ErrNoRoads = errors.New("no roads in the file")

// Graph is the road network of an OpenStreetMap extract. It does not change once read.
type Graph struct {
	points []orb.Point
	first  []int32 // arcs of node i: first[i] to first[i+1]
	to     []int32
	millis []int32 // thousandths of a second
	metres []float32
	cells  map[[2]int32][]int32 // nodes that points may be snapped to
}

// km/h by class of highway; a road with a lower maxspeed is as slow as that. The classes are those of the
// OpenStreetMap wiki, the speeds choices of ours for Indonesian roads; other classes are not for cars.
var speeds = map[string]float64{
	"motorway": 80, "motorway_link": 50, "trunk": 60, "trunk_link": 40, "primary": 45, "primary_link": 35, "secondary": 40,
	"secondary_link": 30, "tertiary": 35, "tertiary_link": 30, "unclassified": 30, "residential": 25, "living_street": 10,
	"service": 15, "road": 25, "track": 15,
}

// Limits of snapping a point to a road.
const (
	snapMetres  = 5_000
	snapKmH     = 10.0 // off the road
	cellSize    = 0.01 // degrees, about 1.1 km
	leastIsland = 50   // nodes: smaller pieces that hang on nothing are drawing errors
)

// Open reads an OpenStreetMap file, as Read does.
func Open(ctx context.Context, name string) (*Graph, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g, err := Read(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("read roads of %s: %w", name, err)
	}
	return g, nil
}

// Read reads an OpenStreetMap extract, as XML (.osm) or as protocol buffers (.osm.pbf), which it tells apart by
// themselves. It reads it twice: the ways, then the nodes they need. A file that was cut off is an error, as is one
// without roads (ErrNoRoads).
func Read(ctx context.Context, r io.ReadSeeker) (*Graph, error) {
	scan := scannerOf(r)
	var b builder
	b.index = map[osm.NodeID]int32{}
	if err := scan(ctx, osm.TypeWay, b.way); err != nil {
		return nil, err
	}
	if len(b.ways) == 0 {
		return nil, ErrNoRoads
	}
	b.points = make([]orb.Point, len(b.index))
	b.there = make([]bool, len(b.index))
	if err := scan(ctx, osm.TypeNode, b.node); err != nil {
		return nil, err
	}
	return b.graph()
}

// carWay is a way that cars may use.
type carWay struct {
	nodes    []int32
	kmh      float64
	forward  bool
	backward bool
}

type builder struct {
	index  map[osm.NodeID]int32
	ways   []carWay
	points []orb.Point
	there  []bool
}

func (b *builder) way(o osm.Object) {
	w, ok := o.(*osm.Way)
	if !ok {
		return
	}
	kmh, ok := speeds[w.Tags.Find("highway")]
	if !ok || len(w.Nodes) < 2 || closed(w.Tags) {
		return
	}
	if most := maxSpeed(w.Tags.Find("maxspeed")); most > 0 {
		kmh = min(kmh, most)
	}
	c := carWay{kmh: kmh, forward: true, backward: true}
	switch w.Tags.Find("oneway") {
	case "yes", "true", "1":
		c.backward = false
	case "-1", "reverse":
		c.forward = false
	case "":
		class := w.Tags.Find("highway")
		c.backward = w.Tags.Find("junction") != "roundabout" && class != "motorway" && class != "motorway_link"
	}
	for _, n := range w.Nodes {
		i, ok := b.index[n.ID]
		if !ok {
			i = int32(len(b.index))
			b.index[n.ID] = i
		}
		c.nodes = append(c.nodes, i)
	}
	b.ways = append(b.ways, c)
}

// closed reports whether cars may not use the way; the tag that says most about cars counts.
func closed(tags osm.Tags) bool {
	for _, key := range []string{"motorcar", "motor_vehicle", "vehicle", "access"} {
		switch tags.Find(key) {
		case "no", "private":
			return true
		case "":
			continue
		default:
			return false
		}
	}
	return false
}

// maxSpeed reads 40, "40 km/h" or "25 mph"; 0 for what is no number.
func maxSpeed(text string) float64 {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	kmh, err := strconv.ParseFloat(number, 64)
	if err != nil || kmh <= 0 || math.IsInf(kmh, 0) {
		return 0
	}
	if unit == "mph" {
		kmh *= 1.609344
	}
	return kmh
}

func (b *builder) node(o osm.Object) {
	if n, ok := o.(*osm.Node); ok {
		if i, ok := b.index[n.ID]; ok {
			b.points[i], b.there[i] = orb.Point{n.Lon, n.Lat}, true
		}
	}
}

// arc leads from one node to another.
type arc struct {
	from, to, millis int32
	metres           float32
}

func (b *builder) graph() (*Graph, error) {
	var arcs []arc
	for _, w := range b.ways {
		for k := 1; k < len(w.nodes); k++ {
			i, j := w.nodes[k-1], w.nodes[k]
			if i == j || !b.there[i] || !b.there[j] { // an extract cuts ways at its border
				continue
			}
			metres := geo.DistanceHaversine(b.points[i], b.points[j])
			millis := int32(min(math.MaxInt32/4, math.Round(metres*3600/w.kmh)))
			if w.forward {
				arcs = append(arcs, arc{i, j, millis, float32(metres)})
			}
			if w.backward {
				arcs = append(arcs, arc{j, i, millis, float32(metres)})
			}
		}
	}
	if len(arcs) == 0 {
		return nil, ErrNoRoads
	}
	g := &Graph{points: b.points, first: make([]int32, len(b.points)+1), to: make([]int32, len(arcs)), millis: make([]int32, len(arcs)),
		metres: make([]float32, len(arcs))}
	for _, a := range arcs {
		g.first[a.from+1]++
	}
	for i := range b.points {
		g.first[i+1] += g.first[i]
	}
	next := append([]int32(nil), g.first...)
	for _, a := range arcs {
		at := next[a.from]
		g.to[at], g.millis[at], g.metres[at] = a.to, a.millis, a.metres
		next[a.from]++
	}
	g.place(arcs)
	return g, nil
}

// place sorts into cells the nodes of all pieces of the network that are large enough to be driven on.
func (g *Graph) place(arcs []arc) {
	root := make([]int32, len(g.points))
	for i := range root {
		root[i] = int32(i)
	}
	find := func(i int32) int32 {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, a := range arcs {
		root[find(a.from)] = find(a.to)
	}
	size := map[int32]int{}
	largest := 0
	for i := range g.points {
		if r := find(int32(i)); g.first[i] < g.first[i+1] || r != int32(i) {
			size[r]++
			largest = max(largest, size[r])
		}
	}
	g.cells = map[[2]int32][]int32{}
	for i, p := range g.points {
		if n := size[find(int32(i))]; n > 1 && n >= min(leastIsland, largest) {
			g.cells[cell(p)] = append(g.cells[cell(p)], int32(i))
		}
	}
}

func cell(p orb.Point) [2]int32 {
	return [2]int32{int32(math.Floor(p[0] / cellSize)), int32(math.Floor(p[1] / cellSize))}
}

// Nodes is how many points of roads the graph has.
func (g *Graph) Nodes() int { return len(g.points) }

// Arcs is how many ways lead from one point of a road straight to the next.
func (g *Graph) Arcs() int { return len(g.to) }

// snap finds the node nearest to p and how far away it is; ok is false beyond snapMetres.
func (g *Graph) snap(p orb.Point) (node int32, metres float64, ok bool) {
	at, metres := cell(p), math.Inf(1)
	for ring := int32(0); ring <= 6 && metres > float64(ring-1)*cellSize*110_000; ring++ {
		for x := at[0] - ring; x <= at[0]+ring; x++ {
			for y := at[1] - ring; y <= at[1]+ring; y++ {
				if max(abs32(x-at[0]), abs32(y-at[1])) != ring {
					continue
				}
				for _, i := range g.cells[[2]int32{x, y}] {
					if m := geo.DistanceHaversine(p, g.points[i]); m < metres {
						node, metres = i, m
					}
				}
			}
		}
	}
	return node, metres, metres <= snapMetres
}

func abs32(n int32) int32 { return max(n, -n) }

// Table gives the quickest ways between points, each by Dijkstra's algorithm (1959) from its nearest node. Off the road
// goes at walking pace; a point farther than 5 km from any road is Unreachable.
func (g *Graph) Table(ctx context.Context, points []orb.Point) (Table, error) {
	n := len(points)
	t := newTable(n, "roads")
	nodes, off, ok := make([]int32, n), make([]float64, n), make([]bool, n)
	for i, p := range points {
		nodes[i], off[i], ok[i] = g.snap(p)
	}
	var wait sync.WaitGroup
	workers := min(n, runtime.GOMAXPROCS(0))
	for w := range workers {
		wait.Go(func() {
			s := newSearch(g)
			for i := w; i < n && ctx.Err() == nil; i += workers {
				if ok[i] {
					s.from(nodes[i], nodes, ok)
				}
				for j := range points {
					at := i*n + j
					switch {
					case i == j || points[i] == points[j]:
					case !ok[i] || !ok[j] || s.cost[nodes[j]] == far:
						t.Seconds[at] = Unreachable
					default:
						away := off[i] + off[j]
						t.Seconds[at] = int32(math.Ceil(away*3.6/snapKmH + float64(s.cost[nodes[j]])/1000))
						t.Metres[at] = int32(math.Ceil(away + float64(s.metres[nodes[j]])))
					}
				}
			}
		})
	}
	wait.Wait()
	return t, ctx.Err()
}

const far = math.MaxInt32

// search is one Dijkstra after another over the same memory.
type search struct {
	g       *Graph
	cost    []int32
	metres  []float32 // of the quickest way
	touched []int32
	run     int32
	wanted  []int32 // the run that still looks for the node
	queue   frontier
}

func newSearch(g *Graph) *search {
	s := &search{g: g, cost: make([]int32, len(g.points)), metres: make([]float32, len(g.points)), wanted: make([]int32, len(g.points))}
	for i := range s.cost {
		s.cost[i] = far
	}
	return s
}

// from finds the cost of every wanted node, and of no more than it must.
func (s *search) from(start int32, wanted []int32, ok []bool) {
	for _, i := range s.touched {
		s.cost[i] = far
	}
	s.touched, s.queue = append(s.touched[:0], start), append(s.queue[:0], item{start, 0})
	s.cost[start], s.metres[start] = 0, 0
	s.run++
	open := 0
	for i, w := range wanted {
		if ok[i] && s.wanted[w] != s.run {
			s.wanted[w] = s.run
			open++
		}
	}
	for len(s.queue) > 0 && open > 0 {
		at := s.queue.pop()
		if at.cost > s.cost[at.node] {
			continue
		}
		if s.wanted[at.node] == s.run {
			s.wanted[at.node] = 0
			open--
		}
		for k := s.g.first[at.node]; k < s.g.first[at.node+1]; k++ {
			to, cost := s.g.to[k], at.cost+s.g.millis[k]
			if cost >= s.cost[to] || cost < 0 {
				continue
			}
			if s.cost[to] == far {
				s.touched = append(s.touched, to)
			}
			s.cost[to], s.metres[to] = cost, s.metres[at.node]+s.g.metres[k]
			s.queue.push(item{to, cost})
		}
	}
}

type item struct{ node, cost int32 }

// frontier is the queue of nodes to go on from, the nearest first: a binary heap (Williams 1964) without the calls that
// container/heap makes for each comparison.
type frontier []item

func (f *frontier) push(x item) {
	q := append(*f, x)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[up].cost <= x.cost {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = x
	*f = q
}

func (f *frontier) pop() item {
	q := *f
	top, x := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	for i := 0; len(q) > 0; {
		down := 2*i + 1
		if down+1 < len(q) && q[down+1].cost < q[down].cost {
			down++
		}
		if down >= len(q) || q[down].cost >= x.cost {
			q[i] = x
			break
		}
		q[i] = q[down]
		i = down
	}
	*f = q
	return top
}
