package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// forecastCSV runs `blangko forecast` on the text and returns what it writes.
func forecastCSV(t testing.TB, input string, args ...string) (string, error) {
	t.Helper()
	cmd := root(&config{})
	var out bytes.Buffer
	cmd.SetIn(strings.NewReader(input))
	cmd.SetOut(&out)
	cmd.SetArgs(append([]string{"forecast"}, args...))
	err := cmd.Execute()
	return out.String(), err
}

// sample is the CSV rows of a made-up series over n months from January 2020.
func sample(id string, n int, level float64) []string {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(level)))
	rows := make([]string, n)
	for t := range rows {
		rows[t] = fmt.Sprintf("%s,%04d-%02d-01,%.1f", id, 2020+t/12, t%12+1, level*(1+0.1*rng.NormFloat64()))
	}
	return rows
}

func csvOf(rows ...string) string { return "unique_id,ds,y\n" + strings.Join(rows, "\n") + "\n" }

func TestForecastColumnsAndDates(t *testing.T) {
	t.Parallel()
	out, err := forecastCSV(t, csvOf(sample("12.71", 36, 900)...), "--freq", "MS", "--season", "12", "--horizon", "14", "--level", "80,95")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if want := "unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95"; lines[0] != want {
		t.Errorf("header %s, want %s", lines[0], want)
	}
	if len(lines) != 15 || !strings.HasPrefix(lines[1], "12.71,2023-01-01,") || !strings.HasPrefix(lines[14], "12.71,2024-02-01,") {
		t.Errorf("%d lines, from %q to %q", len(lines), lines[1], lines[len(lines)-1])
	}
	for _, line := range lines[1:] {
		var v [5]float64
		for i, f := range strings.Split(line, ",")[2:] {
			if v[i], err = strconv.ParseFloat(f, 64); err != nil {
				t.Fatal(err)
			}
		}
		if !(v[3] <= v[1] && v[1] <= v[0] && v[0] <= v[2] && v[2] <= v[4]) {
			t.Errorf("not in order: %s", line)
		}
	}
}

// A series' forecast depends on no other series in the file, nor on the order of its rows.
func TestForecastOfASeriesDependsOnNoOther(t *testing.T) {
	t.Parallel()
	a, b, c := sample("a", 36, 100), sample("b", 40, 2000), sample("c", 7, 3)
	alone, err := forecastCSV(t, csvOf(a...))
	if err != nil {
		t.Fatal(err)
	}
	rows := append(append(append([]string(nil), b...), c...), a...)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	together, err := forecastCSV(t, csvOf(rows...))
	if err != nil {
		t.Fatal(err)
	}
	var ofA []string
	for _, line := range strings.SplitAfter(together, "\n") {
		if strings.HasPrefix(line, "a,") {
			ofA = append(ofA, line)
		}
	}
	if got := strings.Join(ofA, ""); got != alone[strings.Index(alone, "\n")+1:] {
		t.Errorf("alone:\n%s\ntogether:\n%s", alone, got)
	}
}

func TestForecastRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		input string
		args  []string
		want  []string
	}{
		"nothing":               {"", nil, []string{"no header"}},
		"only a header":         {"unique_id,ds,y\n", nil, []string{"no rows"}},
		"a column missing":      {"unique_id,ds\na,2020-01-01\n", nil, []string{"no column y"}},
		"a ragged row":          {csvOf("a,2020-01-01"), nil, []string{"line 2"}},
		"a word for a number":   {csvOf("a,2020-01-01,1", "b,2020-01-01,many"), nil, []string{"row 3", `"b"`, "many"}},
		"infinity":              {csvOf("b,2020-01-01,inf"), nil, []string{"row 2", `"b"`}},
		"a number out of range": {csvOf("b,2020-01-01,1e999"), nil, []string{"row 2", `"b"`}},
		"a huge number":         {csvOf("b,2020-01-01,1e200"), nil, []string{`"b"`}},
		"a date that is none":   {csvOf("b,2020-02-30,1"), nil, []string{"row 2", "2020-02-30"}},
		"a day within a month":  {csvOf("b,2020-02-15,1"), nil, []string{"row 2", `"b"`, "first of a month"}},
		"the wrong frequency":   {csvOf("b,2020-01-01,1", "b,2020-02-01,1"), []string{"--freq", "QS"}, []string{"row 3", `"b"`}},
		"months as days":        {csvOf(sample("b", 24, 10)...), []string{"--freq", "D"}, []string{`"b"`, "--freq D", "28 days"}},
		"quarters as months":    {csvOf("a,2020-01-01,1", "b,2020-01-01,1", "b,2020-04-01,1", "b,2020-07-01,2", "b,2021-01-01,2"), nil, []string{`"b"`, "--freq MS", "3 months"}},
		"weeks as days":         {csvOf("b,2020-01-06,1", "b,2020-01-13,1", "b,2020-01-27,2"), []string{"--freq", "D"}, []string{`"b"`, "7 days"}},
		"years as quarters":     {csvOf("b,2020-01-01,1", "b,2021-01-01,1", "b,2022-01-01,2"), []string{"--freq", "QS"}, []string{`"b"`, "12 months"}},
		"a month given twice":   {csvOf("b,2020-01-01,1", "c,2020-01-01,1", "b,2020-01-01,2"), nil, []string{`"b"`, "row 4", "row 2"}},
		"a wrong century":       {csvOf("b,0020-01-01,1", "b,9020-01-01,2"), nil, []string{`"b"`, "more than"}},
		"only unknown values":   {csvOf("a,2020-01-01,1", "b,2020-01-01,", "b,2020-02-01,NaN"), nil, []string{`"b"`, "no known value"}},
		"a horizon of zero":     {csvOf("a,2020-01-01,1"), []string{"--horizon", "0"}, []string{"--horizon"}},
		"a frequency unknown":   {csvOf("a,2020-01-01,1"), []string{"--freq", "X"}, []string{"--freq"}},
		"a level of 100":        {csvOf("a,2020-01-01,1"), []string{"--level", "80,100"}, []string{"--level"}},
		"a level twice":         {csvOf("a,2020-01-01,1"), []string{"--level", "80,80"}, []string{"twice"}},
		"a season of zero":      {csvOf("a,2020-01-01,1"), []string{"--season", "0"}, []string{"--season"}},
		"a word for a season":   {csvOf("a,2020-01-01,1"), []string{"--season", "7,year"}, []string{"--season", `"year"`}},
		"a season left empty":   {csvOf("a,2020-01-01,1"), []string{"--season", "7,"}, []string{"--season", `""`}},
		"a season of ages":      {csvOf("a,2020-01-01,1"), []string{"--season", "7,401"}, []string{"--season", `"401"`}},
		"half a season":         {csvOf("a,2020-01-01,1"), []string{"--season", "365.25"}, []string{"--season", `"365.25"`}},
		"a season twice":        {csvOf("a,2020-01-01,1"), []string{"--season", "7,365,7"}, []string{"--season 7", "twice"}},
		"none and a season":     {csvOf("a,2020-01-01,1"), []string{"--season", "1,7"}, []string{"--season 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out.csv")
			if err := os.WriteFile(out, []byte("kept"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := forecastCSV(t, c.input, append(c.args, "--output", out)...)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			files, readErr := filepath.Glob(filepath.Join(filepath.Dir(out), "*"))
			if kept, _ := os.ReadFile(out); readErr != nil || string(kept) != "kept" || len(files) != 1 {
				t.Errorf("the output was touched: %q, %v", kept, files)
			}
		})
	}
}

func TestForecastTakesGapsForUnknown(t *testing.T) {
	t.Parallel()
	rows := sample("a", 48, 500)
	gap := append(append([]string(nil), rows[:20]...), rows[23:]...)
	gap[5] = gap[5][:strings.LastIndex(gap[5], ",")] + ","
	out, err := forecastCSV(t, csvOf(gap...), "--horizon", "6")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n")[1:] {
		mean, err := strconv.ParseFloat(strings.Split(line, ",")[2], 64)
		if err != nil || math.Abs(mean-500) > 50 {
			t.Errorf("mean %v (%v), want about 500: gaps were taken for zeros", mean, err)
		}
	}
}

// Three years of days with a week and a year in them: the command sees both without being told, and so it does when told; told
// of the week alone it misses the year. Below two years the week alone is used.
func TestForecastSeesTheWeekAndTheYearOfDays(t *testing.T) {
	t.Parallel()
	start := time.Date(2022, time.January, 1, 0, 0, 0, 0, time.UTC)
	value := func(i int) float64 {
		return 200 + []float64{20, 20, 20, 20, 0, -30, -50}[i%7] + 60*math.Sin(2*math.Pi*float64(i)/365)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	days := func(n int) string {
		var rows []string
		for i := range n {
			rows = append(rows, fmt.Sprintf("a,%s,%.3f", start.AddDate(0, 0, i).Format(time.DateOnly), value(i)+5*rng.NormFloat64()))
		}
		return csvOf(rows...)
	}
	off := func(text string, n int, args ...string) (mean float64, out string) {
		out, err := forecastCSV(t, text, append(args, "--freq", "D", "--horizon", "90")...)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != 91 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for h, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			mean += math.Abs(v-value(n+h)) / 90
		}
		return mean, out
	}
	const n = 3*365 + 100
	text := days(n)
	untold, one := off(text, n)
	told, two := off(text, n, "--season", "365,7")
	week, _ := off(text, n, "--season", "7")
	if untold > 8 || one != two || told != untold || week < 2*untold {
		t.Errorf("off by %.1f a day untold, %.1f told of both seasons, %.1f told of the week", untold, told, week)
	}
	short := days(500)
	_, auto := off(short, 500)
	if _, seven := off(short, 500, "--season", "7"); auto != seven {
		t.Error("below two years a year is looked for")
	}
}

func TestForecastQuotesNamesAndWritesTheWholeFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	text := "\ufeffy,ds,unique_id,note\n5,2020-01-01 00:00:00,\"Ternate, \"\"Hiri\"\"\",x\n"
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := forecastCSV(t, "", "--input", in, "--output", out, "--horizon", "2", "--level", "97.5"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(got), "\n")
	if lines[0] != "unique_id,ds,mean,lo-97.5,hi-97.5" || !strings.HasPrefix(lines[2], `"Ternate, ""Hiri""",2020-03-01,`) {
		t.Errorf("wrote\n%s", got)
	}
}

func FuzzReadSeries(f *testing.F) {
	f.Add("unique_id,ds,y\na,2020-01-01,1\na,2020-03-01,2\n", "MS")
	f.Add("ds,y,unique_id\n2020-01-01,,a\n2020-01-08,5,a\n", "W")
	f.Fuzz(func(t *testing.T, text, name string) {
		freq, err := parseFrequency(name)
		if err != nil {
			return
		}
		all, err := readSeries(strings.NewReader(text), freq)
		if err != nil {
			return
		}
		for _, s := range all {
			if len(s.values) == 0 || len(s.values) > maxPeriods || math.IsNaN(s.values[0]) && len(s.values) == 1 {
				t.Errorf("series %q holds %v", s.id, s.values)
			}
			if again, err := freq.tick(freq.date(s.first)); err != nil || again != s.first {
				t.Errorf("date %s reads back as %d, want %d (%v)", freq.date(s.first), again, s.first, err)
			}
		}
	})
}

// Whatever is in the file, the command ends with an error or with finite numbers.
func FuzzForecastCommand(f *testing.F) {
	f.Add(csvOf("a,2020-01-01,-5", "a,2020-02-01,1e149", "a,2020-03-01,0"), "MS", uint16(12), uint16(80))
	f.Add(csvOf("a,2020-01-06,NaN", "b,2020-01-06,3", "a,2020-01-13,-1e-300"), "W", uint16(52), uint16(600))
	f.Add(csvOf("a,2020-01-01,0", "a,2020-01-02,1", "a,2020-01-20,5"), "D", uint16(60*7+3), uint16(20))
	f.Add(csvOf("a,2020-01-01,1e-310", "a,2020-01-02,1e100", "a,2020-01-03,-1e100", "a,2020-01-05,2"), "D", uint16(7), uint16(1))
	f.Fuzz(func(t *testing.T, text, freq string, season, horizon uint16) {
		if len(text) > 2000 {
			return
		}
		list := fmt.Sprint(season % 60)
		if second := season / 60 % 400; second > 0 {
			list += fmt.Sprintf(",%d", second)
		}
		out, err := forecastCSV(t, text, "--freq", freq, "--season", list, "--horizon", fmt.Sprint(horizon%200))
		if err != nil {
			return
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for _, field := range row[2:] {
				if v, err := strconv.ParseFloat(field, 64); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%v", row)
				}
			}
		}
	})
}

// BenchmarkManySeries forecasts 100,000 series of a few months each.
func BenchmarkManySeries(b *testing.B) {
	const n = 100_000
	var text strings.Builder
	text.WriteString("unique_id,ds,y\n")
	for i := range n {
		for m := 1; m <= 4; m++ {
			fmt.Fprintf(&text, "s%d,2026-%02d-01,%d\n", i, m, (i*m)%97)
		}
	}
	for b.Loop() {
		out, err := forecastCSV(b, text.String(), "--horizon", "3")
		if err != nil {
			b.Fatal(err)
		}
		if got := strings.Count(out, "\n"); got != 1+3*n {
			b.Fatalf("%d lines, want %d", got, 1+3*n)
		}
	}
}
