package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// routeJSON runs `blangko route` on the input.
func routeJSON(input string, args ...string) (string, error) {
	cmd := root(&config{})
	var out bytes.Buffer
	cmd.SetIn(strings.NewReader(input))
	cmd.SetOut(&out)
	cmd.SetArgs(append([]string{"route"}, args...))
	err := cmd.ExecuteContext(context.Background())
	return out.String(), err
}

const twoPlaces = `{"vehicles": [{"id": 1, "start_index": 0, "end_index": 0}],
	"jobs": [{"id": 5, "location_index": 1}, {"id": 6, "location_index": 2}],
	"matrices": {"car": {"durations": [[0, 3, 9], [3, 0, 4], [2, 4, 0]]}}}`

func TestRouteWritesASolution(t *testing.T) {
	out, err := routeJSON(twoPlaces, "--iterations", "50")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Code    int
		Summary struct{ Cost, Unassigned int }
	}
	// Out by the first place and back by the second: 3 + 4 + 2.
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Code != 0 || got.Summary.Cost != 9 || got.Summary.Unassigned != 0 {
		t.Errorf("answer %s, %v", out, err)
	}
}

// The answer is the same whatever the threads, and another seed is another search.
func TestRouteIsDeterministic(t *testing.T) {
	one, err := routeJSON(twoPlaces, "--seed", "4", "--iterations", "100", "--threads", "1")
	if err != nil {
		t.Fatal(err)
	}
	two, err := routeJSON(twoPlaces, "--seed", "4", "--iterations", "100", "--threads", "2")
	if err != nil || one != two {
		t.Errorf("one thread %s, two %s, %v", one, two, err)
	}
}

// An error is an answer as well: on standard output, with a status that is not 0.
func TestRouteAnswersErrors(t *testing.T) {
	out, err := routeJSON(strings.Replace(twoPlaces, `"jobs"`, `"shipments": [], "jobs"`, 1))
	if want := `{"code":2,"error":"shipments is not supported: remove it"}` + "\n"; err == nil || out != want {
		t.Errorf("answer %s, %v, want %s", out, err, want)
	}
}

// BenchmarkRoute runs the public instances through the built command and prints the judge's table. The figures are CPU
// seconds of the whole process and gaps to the best known plans.
func BenchmarkRoute(b *testing.B) {
	bench, err := filepath.Abs("../../../shared/bench/routing")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(bench); err != nil {
		b.Skipf("the routing instances are not there: %v", err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Skip("python3 runs the instances and judges the plans; it is not installed")
	}
	binary := filepath.Join(b.TempDir(), "blangko")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	for _, set := range []string{"toptw", "vrptw"} {
		b.Run(set, func(b *testing.B) {
			for b.Loop() {
				plans := filepath.Join(b.TempDir(), set+".jsonl")
				if out, err := exec.Command(python, filepath.Join(bench, "run.py"), plans, "--set", set, "--", binary, "route", "--seed", "1").CombinedOutput(); err != nil {
					b.Fatalf("run: %v\n%s", err, out)
				}
				table := filepath.Join(b.TempDir(), set+".csv")
				out, err := exec.Command(python, filepath.Join(bench, "score.py"), plans, "--summary", "--csv", table).CombinedOutput()
				fmt.Printf("\n%s\n", out)
				if err != nil {
					b.Fatalf("FAIL a plan is not feasible: %v", err)
				}
				holdBars(b, set, table)
			}
		})
	}
}

// vroomGaps are VROOM's mean gaps in percent by family and teams, of the benchmark's own table.
var vroomGaps = map[string]float64{"c1xx m=1": 0.60, "c1xx m=2": 1.21, "c1xx m=3": 1.97, "c1xx m=4": 1.50, "r1xx m=1": 0.57, "r1xx m=2": 1.93, "r1xx m=3": 1.83,
	"r1xx m=4": 1.61, "rc1xx m=1": 2.47, "rc1xx m=2": 3.00, "rc1xx m=3": 2.47, "rc1xx m=4": 2.37}

// holdBars holds the judge's rows against what the plans must reach.
func holdBars(b *testing.B, set, table string) {
	file, err := os.Open(table)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 2 {
		b.Fatalf("%d rows of the judge, %v", len(rows), err)
	}
	column := func(row []string, name string) float64 {
		v, err := strconv.ParseFloat(row[slices.Index(rows[0], name)], 64)
		if err != nil {
			b.Fatalf("%s of %v: %v", name, row, err)
		}
		return v
	}
	gap, cpu, slowest := 0.0, 0.0, 0.0
	cells := map[string][]float64{}
	for _, row := range rows[1:] {
		g, s := column(row, "gap"), column(row, "cpu")
		family := row[slices.Index(rows[0], "fam")]
		gap, cpu, slowest, cells[family] = gap+g, cpu+s, max(slowest, s), append(cells[family], g)
	}
	n := float64(len(rows) - 1)
	mostGap, mostCPU := 0.30, 1.5
	if set == "vrptw" {
		mostGap, mostCPU = 1.0, 5.0
	}
	bar(b, gap/n <= mostGap, "%s: mean gap %.3f %%, bar %.2f", set, gap/n, mostGap)
	bar(b, cpu/n <= mostCPU, "%s: %.2f CPU s a run, %.2f at most, bar %.1f", set, cpu/n, slowest, mostCPU)
	if set != "toptw" {
		return
	}
	for family, vroom := range vroomGaps {
		sum := 0.0
		for _, g := range cells[family] {
			sum += g
		}
		mean := sum / float64(len(cells[family])) // not a number, hence no pass, where nothing was run
		bar(b, mean < vroom, "%s: mean gap %.3f %%, VROOM's %.2f", family, mean, vroom)
	}
}
