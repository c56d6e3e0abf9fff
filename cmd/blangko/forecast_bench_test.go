package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// BenchmarkPublicSets forecasts the public series of ../shared with the built
// program and judges them with the scorer that lies beside them:
//
//	go test -run '^$' -bench PublicSets -benchtime 1x ./cmd/blangko
func BenchmarkPublicSets(b *testing.B) {
	sets, err := filepath.Abs("../../../shared/bench/forecasting")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(sets, "score.py")); err != nil {
		b.Skip("the public series are not here: ", err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		b.Skip("python3 is needed for the scorer: ", err)
	}
	program := filepath.Join(b.TempDir(), "blangko")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, set := range []string{"m1_monthly", "hospital_monthly36", "tourism_monthly", "auto_monthly24"} {
		b.Run(set, func(b *testing.B) {
			for b.Loop() {
				answer := filepath.Join(b.TempDir(), set+".csv")
				run := exec.Command(python, filepath.Join(sets, "run.py"), set, answer, "--", program, "forecast")
				said, err := run.CombinedOutput()
				if err != nil {
					b.Fatalf("%v\n%s", err, said)
				}
				reportScores(b, python, sets, set, answer)
				b.ReportMetric(cpuMillis(b, said), "cpu-ms/series")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reportScores reports what the scorer says of an answer.
func reportScores(b *testing.B, python, sets, set, answer string) {
	b.Helper()
	out, err := exec.Command(python, filepath.Join(sets, "score.py"), "--data", set, answer, "--json").Output()
	if err != nil {
		b.Fatal(err)
	}
	var rows []struct {
		MASE, MSIS95, PBLup, Cov95, Bias float64
	}
	if err := json.Unmarshal(out, &rows); err != nil || len(rows) != 1 {
		b.Fatalf("%v in %s", err, out)
	}
	b.ReportMetric(rows[0].MASE, "MASE")
	b.ReportMetric(rows[0].MSIS95, "MSIS95")
	b.ReportMetric(rows[0].PBLup, "PBLup")
	b.ReportMetric(rows[0].Cov95, "cov95")
	b.ReportMetric(rows[0].Bias, "bias")
}

var cpuLine = regexp.MustCompile(`([0-9.]+) CPU ms a series`)

func cpuMillis(b *testing.B, said []byte) float64 {
	b.Helper()
	found := cpuLine.FindSubmatch(said)
	if found == nil {
		b.Fatalf("no CPU time in %q", said)
	}
	v, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return v
}
