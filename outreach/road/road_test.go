package road_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

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

const townFile = "../../../shared/bench/roads/balikpapan.osm"

func sharedTown(t testing.TB) string {
	t.Helper()
	if _, err := os.Stat(townFile); err != nil {
		t.Skip("the shared road file is not here")
	}
	return townFile
}

// inTown are places in the town of that file.
func inTown(n int) (points []orb.Point) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		points = append(points, orb.Point{116.82 + r.Float64()*0.06, -1.28 + r.Float64()*0.06})
	}
	return points
}

// TestATownInTwoSeconds makes the matrix of 500 places in a real town.
func TestATownInTwoSeconds(t *testing.T) {
	t.Parallel()
	g, err := road.Open(t.Context(), sharedTown(t))
	if err != nil {
		t.Fatal(err)
	}
	points := inTown(500)
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
				if m := float64(got.Metres[i*got.Size+j]); m+2 < geo.DistanceHaversine(points[i], points[j]) {
					t.Fatalf("%v to %v in %.0f m is shorter than the crow flies", points[i], points[j], m)
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
		all := strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
		fmt.Fprintf(w, `{"code":"Ok","durations":[%s],"distances":[%s]}`, all, all)
	}
	var asked atomic.Int32
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
		{"one that dies after its first answer", func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) > 1 {
				panic(http.ErrAbortHandler)
			}
			whole(w, r)
		}, "osrm-failed, great-circle"},
		{"one that never stops answering", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, strings.Repeat(" ", 1<<16))
			}
		}, "osrm-failed, great-circle"},
		{"one that answers times below zero", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"code":"Ok","durations":[[-1]]}`) }, "osrm-failed, great-circle"},
		{"one that answers words", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Bad gateway</html>") }, "osrm-failed, great-circle"},
		{"one that tells no distances", func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			whole(answer, r)
			text, _, _ := strings.Cut(answer.Body.String(), `,"distances"`)
			fmt.Fprint(w, text+"}")
		}, "osrm"},
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
			if got.Metres[1] == 0 || got.Metres[0] != 0 {
				t.Errorf("the way from 0 to 1 is %d m, from 0 to 0 %d", got.Metres[1], got.Metres[0])
			}
			if c.source == "osrm" && (got.At(0, 1) != 13 || got.At(3, 69) != road.Unreachable || got.At(5, 5) != 0) {
				t.Errorf("0-1 %d, 3-69 %d", got.At(0, 1), got.At(3, 69))
			}
		})
	}
}

// A server that hung is waited for once a minute: whoever tries a change after that has the fallback at once, and its note.
func TestAServerThatHungIsLeftAlone(t *testing.T) {
	t.Parallel()
	var asked, hangs atomic.Int32
	hangs.Store(1)
	o := osrmDouble(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if hangs.Load() == 1 {
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, `{"code":"Ok","durations":[[0,9],[9,0]],"distances":[[0,50],[50,0]]}`)
	})
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
	points := []orb.Point{{107, -6.9}, {107.1, -6.9}}
	table := func(want string) {
		t.Helper()
		if got, err := o.Table(t.Context(), points); err != nil || got.Source != want {
			t.Errorf("%s, %v; want %s", got.Source, err, want)
		}
	}
	table("osrm-failed, great-circle")
	for range 20 { // that would be six seconds
		table("osrm-failed, great-circle")
	}
	if asked.Load() != 1 {
		t.Errorf("a server that hangs was asked %d times within a minute", asked.Load())
	}
	hangs.Store(0)
	now = now.Add(59 * time.Second)
	table("osrm-failed, great-circle")
	now = now.Add(2 * time.Second)
	table("osrm")
}

// A server is asked a few questions side by side.
func TestBlocksAreAskedSideBySide(t *testing.T) {
	t.Parallel()
	var going, most atomic.Int32
	o := osrmDouble(t, func(w http.ResponseWriter, r *http.Request) {
		for n := going.Add(1); ; {
			was := most.Load()
			if n <= was || most.CompareAndSwap(was, n) {
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
		going.Add(-1)
		row := "[" + strings.TrimSuffix(strings.Repeat("7,", 50), ",") + "]"
		fmt.Fprintf(w, `{"code":"Ok","durations":[%s]}`, strings.TrimSuffix(strings.Repeat(row+",", 50), ","))
	})
	o.Timeout = time.Minute
	var points []orb.Point
	for i := range 200 {
		points = append(points, orb.Point{107 + float64(i)/1000, -6.9})
	}
	if got, err := o.Table(t.Context(), points); err != nil || got.Source != "osrm" || got.At(3, 199) != 7 {
		t.Errorf("%s, %v", got.Source, err)
	}
	if n := most.Load(); n < 2 || n > 4 {
		t.Errorf("%d questions at once", n)
	}
}

// Whatever a server answers, there is a table of the right size.
func FuzzServerAnswer(f *testing.F) {
	f.Add(`{"code":"Ok","durations":[[0,12.5],[null,0]],"distances":[[0,100],[null,0]]}`)
	f.Add(`{"code":"Ok","durations":[[0,1e300],[1,0]]}`)
	f.Add(`{"code":"InvalidQuery","message":"Query string malformed"}`)
	var answer string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, text string) {
		answer = text
		got, err := (&road.OSRM{Address: server.URL}).Table(t.Context(), []orb.Point{{107.6, -6.9}, {107.7, -6.8}})
		if err != nil || got.Size != 2 || len(got.Seconds) != 4 || len(got.Metres) != 4 || got.Source == "" {
			t.Fatalf("%+v, %v", got, err)
		}
		for i, s := range got.Seconds {
			if s < 0 || got.Metres[i] < 0 {
				t.Fatalf("%+v", got)
			}
		}
	})
}

func BenchmarkTable500(b *testing.B) {
	g, err := road.Open(b.Context(), sharedTown(b))
	if err != nil {
		b.Fatal(err)
	}
	points := inTown(500)
	for b.Loop() {
		began := time.Now()
		if _, err := g.Table(b.Context(), points); err != nil {
			b.Fatal(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			b.Errorf("FAIL a matrix of 500 sites took %v, bar 2 s", took)
		} else {
			b.Logf("PASS a matrix of 500 sites took %v, bar 2 s", took)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(ladder))
	f.Add([]byte(ladder[:300]))
	if _, err := exec.LookPath("osmium"); err == nil {
		small := filepath.Join(f.TempDir(), "ladder.osm")
		if err := os.WriteFile(small, []byte(ladder), 0o600); err != nil {
			f.Fatal(err)
		}
		f.Add(asPBF(f, small, "pbf,pbf_compression=none"))
		f.Add(asPBF(f, small, "pbf"))
	}
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
