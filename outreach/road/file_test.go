package road_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"blangko/outreach/road"
)

// program is the path of a program of Debian that is used as a tool or an oracle, or skips the test.
func program(t testing.TB, name, pack string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not here: make test installs Debian's %s where it may", name, pack)
	}
	return path
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// asPBF rewrites a file of XML as protocol buffers.
func asPBF(t testing.TB, xml, format string) []byte {
	t.Helper()
	osmium := program(t, "osmium", "osmium-tool")
	out := filepath.Join(t.TempDir(), "out.osm.pbf")
	run(t, osmium, "cat", "--no-progress", "-f", format, "-o", out, xml)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The same town in both forms, compressed or not, is the same graph.
func TestProtocolBuffersGiveTheSameGraph(t *testing.T) {
	t.Parallel()
	xml := sharedTown(t)
	want, err := road.Open(t.Context(), xml)
	if err != nil {
		t.Fatal(err)
	}
	points := inTown(120)
	table, err := want.Table(t.Context(), points)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"pbf", "pbf,pbf_compression=none", "pbf,add_metadata=false", "pbf,pbf_dense_nodes=false"} {
		got, err := road.Read(t.Context(), bytes.NewReader(asPBF(t, xml, format)))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if got.Nodes() != want.Nodes() || got.Arcs() != want.Arcs() {
			t.Errorf("%s: %d nodes and %d arcs, want %d and %d", format, got.Nodes(), got.Arcs(), want.Nodes(), want.Arcs())
		}
		same, err := got.Table(t.Context(), points)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(same.Seconds, table.Seconds) || !slices.Equal(same.Metres, table.Metres) {
			t.Errorf("%s: the travel times differ", format)
		}
	}
}

// A file that was damaged on its way is an error or another town, and never the end of the program.
func TestADamagedFileIsNoCrash(t *testing.T) {
	t.Parallel()
	small := filepath.Join(t.TempDir(), "ladder.osm")
	if err := os.WriteFile(small, []byte(ladder), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := asPBF(t, small, "pbf,pbf_compression=none")
	bad := 0
	for i := range whole {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			damaged := bytes.Clone(whole)
			damaged[i] ^= flip
			if g, err := road.Read(t.Context(), bytes.NewReader(damaged)); err != nil {
				bad++
			} else if _, err := g.Table(t.Context(), []orb.Point{{107.6, -6.9}, {107.62, -6.91}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if bad < len(whole) {
		t.Errorf("of %d damaged files only %d are refused", 3*len(whole), bad)
	}
}

// A file cut anywhere is an error, not half a town.
func TestAFileCutAnywhereIsAnError(t *testing.T) {
	t.Parallel()
	small := filepath.Join(t.TempDir(), "ladder.osm")
	if err := os.WriteFile(small, []byte(ladder), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := asPBF(t, small, "pbf,pbf_compression=none")
	if _, err := road.Read(t.Context(), bytes.NewReader(whole)); err != nil {
		t.Fatalf("the whole file: %v", err)
	}
	for n := range whole {
		if g, err := road.Read(t.Context(), bytes.NewReader(whole[:n])); err == nil {
			t.Fatalf("cut after %d of %d bytes it is read as %d nodes", n, len(whole), g.Nodes())
		}
	}
	for n := range len(ladder) - len("</osm>") {
		if _, err := road.Read(t.Context(), strings.NewReader(ladder[:n])); err == nil {
			t.Fatalf("XML cut after %d of %d bytes is read", n, len(ladder))
		}
	}
	town := asPBF(t, sharedTown(t), "pbf")
	if _, err := road.Read(t.Context(), bytes.NewReader(town[:len(town)/2])); err == nil {
		t.Error("half a town is read as a whole one")
	}
}
