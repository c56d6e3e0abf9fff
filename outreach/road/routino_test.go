package road_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmxml"

	"blangko/outreach/road"
)

// TestRoutinoAgrees holds travel times against those of Routino, a router written by others, over the same file with the
// same speeds. Both start and end at junctions of the file, so that neither has to choose a road to snap to. Routino
// knows neither living streets nor links as classes of their own, so they are renamed for both.
func TestRoutinoAgrees(t *testing.T) {
	t.Parallel()
	router := newRoutino(t, strings.NewReplacer(`v="living_street"`, `v="service"`, `v="trunk_link"`, `v="trunk"`))
	g, err := road.Open(t.Context(), router.file)
	if err != nil {
		t.Fatal(err)
	}
	points := roadNodes(t, router.file)
	r := rand.New(rand.NewPCG(3, 4))
	r.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	points = points[:12]
	table, err := g.Table(t.Context(), points)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i := range points {
		for j := range points {
			ours := table.At(i, j)
			if i == j {
				continue
			}
			seconds, km, ok := router.route(t, points[i], points[j])
			if ok != (ours != road.Unreachable) {
				t.Errorf("%v to %v: Routino finds a way: %v; ours takes %d s", points[i], points[j], ok, ours)
				continue
			}
			if !ok {
				continue
			}
			compared++
			// Routino keeps lengths in whole metres and cuts times off.
			if math.Abs(seconds-float64(ours)) > 4+0.02*seconds {
				t.Errorf("%v to %v: %d s, Routino %.0f s", points[i], points[j], ours, seconds)
			}
			if ours := float64(table.Metres[i*table.Size+j]) / 1000; math.Abs(km-ours) > 0.05+0.02*km {
				t.Errorf("%v to %v: %.2f km, Routino %.2f km", points[i], points[j], ours, km)
			}
		}
	}
	if compared < 60 {
		t.Errorf("only %d ways were compared", compared)
	}
}

// cutOff is the mean of what Routino takes off the time of each segment, which it cuts down to a tenth of a second.
const cutOff = 0.05

type routino struct{ program, dir, file string }

// newRoutino prepares Routino's own form of the town.
func newRoutino(t *testing.T, rename *strings.Replacer) routino {
	t.Helper()
	splitter := program(t, "planetsplitter", "routino")
	r := routino{program: program(t, "routino-router", "routino"), dir: t.TempDir()}
	text, err := os.ReadFile(sharedTown(t))
	if err != nil {
		t.Fatal(err)
	}
	r.file = filepath.Join(r.dir, "town.osm")
	if err := os.WriteFile(r.file, []byte(rename.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, splitter, "--dir="+r.dir, "--prefix=t", "--prune-none", "--sort-ram-size=32", "--loggable", r.file)
	return r
}

// route is how long Routino takes, with our speeds, no likes or dislikes, and oneways kept.
func (r routino) route(t *testing.T, a, b orb.Point) (seconds, km float64, ok bool) {
	t.Helper()
	args := []string{"--dir=" + r.dir, "--prefix=t", "--transport=motorcar", "--quickest", "--exact-nodes-only", "--output-text-all", "--output-stdout", "--turns=0"}
	for class, kmh := range map[string]int{"trunk": 60, "primary": 45, "secondary": 40, "tertiary": 35, "unclassified": 30, "residential": 25, "service": 15} {
		args = append(args, "--highway-"+class+"=100", fmt.Sprintf("--speed-%s=%d", class, kmh))
	}
	for _, property := range []string{"paved", "multilane", "bridge", "tunnel", "footroute", "bicycleroute"} {
		args = append(args, "--property-"+property+"=50")
	}
	for i, p := range []orb.Point{a, b} {
		args = append(args, fmt.Sprintf("--lon%d=%.7f", i+1, p[0]), fmt.Sprintf("--lat%d=%.7f", i+1, p[1]))
	}
	out, err := exec.Command(r.program, args...).Output()
	if err != nil {
		return 0, 0, false
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || len(fields) < 6 {
			continue
		}
		way, bad := strconv.ParseFloat(strings.TrimSpace(fields[4]), 64)
		minutes, bad2 := strconv.ParseFloat(strings.TrimSpace(fields[5]), 64)
		if bad != nil || bad2 != nil {
			t.Fatalf("Routino's line %q", line)
		}
		km, seconds = km+way, seconds+minutes*60+cutOff
	}
	return seconds, km, true
}

// roadNodes are the ends of the roads of a file.
func roadNodes(t *testing.T, file string) (points []orb.Point) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at, ends := map[osm.NodeID]orb.Point{}, []osm.NodeID{}
	s := osmxml.New(t.Context(), f)
	defer s.Close()
	for s.Scan() {
		switch o := s.Object().(type) {
		case *osm.Node:
			at[o.ID] = orb.Point{o.Lon, o.Lat}
		case *osm.Way:
			ends = append(ends, o.Nodes[0].ID)
		}
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	for _, id := range ends {
		if p, ok := at[id]; ok {
			points = append(points, p)
		}
	}
	return points
}
