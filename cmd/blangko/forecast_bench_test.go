package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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
				scores := reportScores(b, python, sets, set, answer)
				scores["cpu-ms/series"] = cpuMillis(b, said)
				b.ReportMetric(scores["cpu-ms/series"], "cpu-ms/series")
				b.Log(judged(scores, bars[set]))
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reportScores reports what the scorer says of an answer.
func reportScores(b *testing.B, python, sets, set, answer string) map[string]float64 {
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
	r := rows[0]
	scores := map[string]float64{"MASE": r.MASE, "MSIS95": r.MSIS95, "PBLup": r.PBLup, "cov95": r.Cov95, "bias": r.Bias}
	for name, v := range scores {
		b.ReportMetric(v, name)
	}
	return scores
}

// bound is between what a figure must lie.
type bound struct {
	of          string
	least, most float64
}

// bars are what each set must reach.
var bars = map[string][]bound{
	"m1_monthly":         {{"MASE", 0, 1.045}, {"MSIS95", 0, 8.80}, {"PBLup", 0, 0.380}, {"cov95", 0.90, 0.97}, {"cpu-ms/series", 0, 20}},
	"hospital_monthly36": {{"MASE", 0, 0.868}, {"MSIS95", 0, 5.90}, {"PBLup", 0, 0.295}, {"cov95", 0.93, 0.97}, {"cpu-ms/series", 0, 20}},
	"tourism_monthly":    {{"MASE", 0, 1.52}, {"MSIS95", 0, 11.8}, {"PBLup", 0, 0.600}, {"cov95", 0.92, 0.97}, {"cpu-ms/series", 0, 20}},
	"auto_monthly24":     {{"PBLup", 0, 0.405}, {"bias", -0.03, 0.03}, {"cpu-ms/series", 0, 2}},
}

// judged says of each figure whether it lies where it must.
func judged(scores map[string]float64, bars []bound) string {
	var text strings.Builder
	for _, bar := range bars {
		verdict := "PASS"
		if v := scores[bar.of]; v < bar.least || v > bar.most {
			verdict = "FAIL"
		}
		fmt.Fprintf(&text, "\n%s %-13s %8.4f, must be within %g and %g", verdict, bar.of, scores[bar.of], bar.least, bar.most)
	}
	return text.String()
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
