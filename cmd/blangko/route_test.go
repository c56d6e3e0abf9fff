package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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
				out, err := exec.Command(python, filepath.Join(bench, "score.py"), plans, "--summary").CombinedOutput()
				b.Logf("\n%s", out)
				if err != nil {
					b.Fatalf("a plan is not feasible: %v", err)
				}
			}
		})
	}
}
