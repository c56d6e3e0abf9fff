package road_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"blangko/outreach/road"
)

// ladder is two streets with two rungs; the eastern rung may only be driven south.
const ladder = `<osm version="0.6">
 <node id="1" lat="-6.90" lon="107.60"/><node id="2" lat="-6.90" lon="107.62"/>
 <node id="3" lat="-6.91" lon="107.60"/><node id="4" lat="-6.91" lon="107.62"/>
 <node id="5" lat="-6.90" lon="107.64"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>
 <way id="11"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/></way>
 <way id="12"><nd ref="1"/><nd ref="3"/><tag k="highway" v="primary"/></way>
 <way id="13"><nd ref="2"/><nd ref="4"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way>
 <way id="14"><nd ref="2"/><nd ref="5"/><tag k="highway" v="primary"/><tag k="motor_vehicle" v="no"/></way>
 <way id="15"><nd ref="2"/><nd ref="5"/><tag k="highway" v="footway"/></way>
</osm>`

func TestAOnewayIsDrivenOneWay(t *testing.T) {
	t.Parallel()
	g, err := road.Read(t.Context(), strings.NewReader(ladder))
	if err != nil {
		t.Fatal(err)
	}
	points := []orb.Point{{107.62, -6.90}, {107.62, -6.91}, {107.60, -6.90}, {110, -7}}
	got, err := g.Table(t.Context(), points)
	if err != nil {
		t.Fatal(err)
	}
	// 0.01 degrees of latitude are 1,113.2 m on a globe of 6,378 km: at 45 km/h 89.1 s.
	if s := got.At(0, 1); s != 90 {
		t.Errorf("down the oneway takes %d s, want 90", s)
	}
	// Back it goes round: 2,210 m at 25 km/h, 1,113 m and 2,210 m at 45 km/h.
	if s := got.At(1, 0); s < 582 || s > 588 {
		t.Errorf("back round takes %d s, want about 585", s)
	}
	if got.At(0, 3) != road.Unreachable || got.At(3, 0) != road.Unreachable {
		t.Error("a point far from any road is reached")
	}
	if got.Source != "roads" || got.At(2, 2) != 0 {
		t.Errorf("source %s, home %d", got.Source, got.At(2, 2))
	}
}

func TestAFileCutInHalfIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := road.Read(t.Context(), strings.NewReader(ladder[:len(ladder)/2])); err == nil {
		t.Error("half a file is read as a whole one")
	}
	if _, err := road.Read(t.Context(), strings.NewReader(`<osm version="0.6"></osm>`)); !errors.Is(err, road.ErrNoRoads) {
		t.Errorf("a file without roads: %v", err)
	}
}

// TestATownInTwoSeconds makes the matrix of 500 places in a real town.
func TestATownInTwoSeconds(t *testing.T) {
	t.Parallel()
	const file = "../../../shared/bench/roads/balikpapan.osm"
	if _, err := os.Stat(file); err != nil {
		t.Skip("the shared road file is not here")
	}
	g, err := road.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var points []orb.Point
	for range 500 {
		points = append(points, orb.Point{116.82 + r.Float64()*0.06, -1.28 + r.Float64()*0.06})
	}
	began := time.Now()
	got, err := g.Table(t.Context(), points)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d nodes, 500 x 500 in %v", g.Nodes(), time.Since(began))
	crow := road.GreatCircle{Detour: 1, KmPerHour: 80}
	reached := 0
	for i := range points {
		for j := range points {
			if s := got.At(i, j); s != road.Unreachable {
				reached++
				if s+2 < crow.Seconds(points[i], points[j]) {
					t.Fatalf("%v to %v in %d s is faster than any road", points[i], points[j], s)
				}
			}
		}
	}
	if reached < 200_000 {
		t.Errorf("only %d of 250,000 ways are found", reached)
	}
}

// osrmDouble stands in for a server of the table service: it speaks its protocol and is none.
func osrmDouble(t *testing.T, answer http.HandlerFunc) *road.OSRM {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return &road.OSRM{Address: s.URL, Timeout: 300 * time.Millisecond}
}

func TestARoadServerIsAskedAndMayFail(t *testing.T) {
	t.Parallel()
	var points []orb.Point
	for i := range 70 {
		points = append(points, orb.Point{107 + float64(i)/100, -6.9})
	}
	whole := func(w http.ResponseWriter, r *http.Request) {
		// OSRM separates by semicolons, which the query parser of Go refuses.
		_, sources, _ := strings.Cut(r.URL.RawQuery, "sources=")
		sources, destinations, _ := strings.Cut(sources, "&destinations=")
		rows, columns := strings.Count(sources, ";")+1, strings.Count(destinations, ";")+1
		row := "[" + strings.TrimSuffix(strings.Repeat("12.2,", columns-1)+"null,", ",") + "]"
		fmt.Fprintf(w, `{"code":"Ok","durations":[%s]}`, strings.TrimSuffix(strings.Repeat(row+",", rows), ","))
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		source string
	}{
		{"a server that answers", whole, "osrm"},
		{"one that hangs", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(3 * time.Second):
			}
		}, "osrm-failed, great-circle"},
		{"one that answers another size", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"code":"Ok","durations":[[0,1]]}`) }, "osrm-failed, great-circle"},
		{"one that dies midway", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"code":"Ok","dur`)
		}, "osrm-failed, great-circle"},
		{"one that refuses", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"code":"TooBig","message":"Too many table coordinates"}`)
		}, "osrm-failed, great-circle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := osrmDouble(t, c.answer).Table(context.Background(), points)
			if err != nil || got.Source != c.source || got.Size != 70 {
				t.Fatalf("%s of %d points, %v; want %s", got.Source, got.Size, err, c.source)
			}
			if c.source == "osrm" && (got.At(0, 1) != 13 || got.At(3, 69) != road.Unreachable || got.At(5, 5) != 0) {
				t.Errorf("0-1 %d, 3-69 %d", got.At(0, 1), got.At(3, 69))
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(ladder))
	f.Add([]byte(ladder[:300]))
	f.Fuzz(func(t *testing.T, file []byte) {
		g, err := road.Read(t.Context(), strings.NewReader(string(file)))
		if err != nil {
			return
		}
		if _, err := g.Table(t.Context(), []orb.Point{{107.6, -6.9}, {107.62, -6.91}}); err != nil {
			t.Error(err)
		}
	})
}
