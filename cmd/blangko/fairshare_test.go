package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blangko/inventory/fairshare"
)

const claimsHeader = "region,request,on_hand,in_transit,daily_need,weight,floor,cap\n"

// threeClaims is the worked example: part of the stock of B is still under way.
const threeClaims = claimsHeader + "A,3000,200,0,50,1,0,\nB,4000,100,200,120,1,0,\nC,2000,400,,20,,,\n"

// fairshareCSV runs `blangko fairshare` on the text and returns what it writes.
func fairshareCSV(t testing.TB, input string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := root(&config{})
	var out, told bytes.Buffer
	cmd.SetIn(strings.NewReader(input))
	cmd.SetOut(&out)
	cmd.SetErr(&told)
	cmd.SetArgs(append([]string{"fairshare"}, args...))
	err = cmd.Execute()
	return out.String(), told.String(), err
}

func flags(available, rule string, more ...string) []string {
	return append([]string{"--available", available, "--rule", rule}, more...)
}

// column is one column of the output, without its header.
func column(t *testing.T, text, name string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for k, head := range rows[0] {
		for _, row := range rows[1:] {
			if head == name {
				cells = append(cells, row[k])
			}
		}
	}
	return strings.Join(cells, " ")
}

func TestFairshareWorkedExample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, box, given, days, fill string }{
		{"together", "1", "1353 3426 221", "31.06 31.05 31.05", "0.451 0.8565 0.1105"},
		{"proportional", "1", "1667 2222 1111", "37.34 21.0167 75.55", "0.5557 0.5555 0.5555"},
		{"gains", "1", "1667 1667 1666", "37.34 16.3917 103.3", "0.5557 0.4168 0.833"},
		{"losses", "1", "1667 2667 666", "37.34 24.725 53.3", "0.5557 0.6668 0.333"},
		{"together", "100", "1400 3400 200", "32 30.8333 30", "0.4667 0.85 0.1"},
		{"proportional", "100", "1700 2200 1100", "38 20.8333 75", "0.5667 0.55 0.55"},
		{"gains", "100", "1700 1700 1600", "38 16.6667 100", "0.5667 0.425 0.8"},
		{"losses", "100", "1700 2700 600", "38 25 50", "0.5667 0.675 0.3"},
	} {
		out, told, err := fairshareCSV(t, threeClaims, flags("5000", c.rule, "--box", c.box)...)
		if err != nil || told != "" {
			t.Fatalf("%s: %v, %q", c.rule, err, told)
		}
		if given := column(t, out, "given"); given != c.given {
			t.Errorf("%s in boxes of %s gives %s, want %s", c.rule, c.box, given, c.given)
		}
		if days, fill := column(t, out, "days_of_cover"), column(t, out, "fill"); days != c.days || fill != c.fill {
			t.Errorf("%s in boxes of %s: days %s, fill %s, want %s, %s", c.rule, c.box, days, fill, c.days, c.fill)
		}
	}
}

func TestFairshareOutputIsWholeAndSaysWhy(t *testing.T) {
	t.Parallel()
	input := "\ufeffsd,cap,floor,weight,daily_need,in_transit,on_hand,request,region\r\n" +
		",,,,10,0,900,500,\"Ternate, \"\"Hiri\"\"\"\r\n,180,,2,10,0,0,,Tidore\r\n,,130,1.0,10,0,800,400,Morotai\r\n,,,,0,0,5,,Sula\r\n,,,,1e1,0,0,650.0,Taliabu\r\n"
	want := `region,given,days_of_cover,fill,why
"Ternate, ""Hiri""",0,90,0,Gets nothing: it stands at 90 days of cover by weight and the blanks ran out at 90 days of cover by weight.
Tidore,100,10,,Held at its cap of 180 in whole boxes of 100.
Morotai,200,100,0.5,Gets its floor of 130 in whole boxes of 100 and no more: it stands at 100 days of cover by weight and the blanks ran out at 90 days of cover by weight.
Sula,0,,,Comes after all others because it has no daily need.
Taliabu,600,60,0.9231,Gets its request of 650 as far as whole boxes of 100 go.
`
	out, told, err := fairshareCSV(t, input, flags("950", "together", "--box", "100")...)
	if err != nil {
		t.Fatal(err)
	}
	if out != want {
		t.Errorf("wrote\n%swant\n%s", out, want)
	}
	if want := "blangko: 50 of 950 blanks left over: less than a box of 100\n"; told != want {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestFairshareTellsWhatCapsLeave(t *testing.T) {
	t.Parallel()
	out, told, err := fairshareCSV(t, threeClaims, flags("10000", "gains")...)
	if err != nil || column(t, out, "given") != "3000 4000 2000" {
		t.Errorf("wrote %s, %v", out, err)
	}
	if want := "blangko: 1000 of 10000 blanks left over: every place is at its cap or request\n"; told != want {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestFairshareRefusesBadInput(t *testing.T) {
	t.Parallel()
	fine := flags("5000", "together")
	row := func(cells string) string { return threeClaims + cells + "\n" }
	for _, c := range []struct {
		name, input string
		args        []string
		want        []string
	}{
		{"empty", "", fine, []string{"empty"}},
		{"only a header", claimsHeader, fine, []string{"no rows"}},
		{"column missing", "region,request\nA,1\n", fine, []string{`"on_hand" is missing`}},
		{"column unknown", "region,colour\nA,1\n", fine, []string{`unknown column "colour"`}},
		{"column twice", "region,region\nA,1\n", fine, []string{`"region" is there twice`}},
		{"semicolons", strings.ReplaceAll(threeClaims, ",", ";"), fine, []string{"commas"}},
		{"UTF-16", "\xff\xfer\x00e\x00", fine, []string{"UTF-8"}},
		{"short row", row("D,1,2"), fine, []string{"row 5", "3 cells"}},
		{"broken quote", row(`D,1,2,3,4,5,"6,7`), fine, []string{"row 5", "quot"}},
		{"region empty", row(" ,1,2,3,4,1,0,"), fine, []string{"row 5, column region"}},
		{"region twice", row("B,1,2,3,4,1,0,"), fine, []string{`row 5, column region: "B"`, "row 3"}},
		{"negative stock", row("D,1,-2,3,4,1,0,"), fine, []string{`row 5, column on_hand: "-2" is negative`}},
		{"negative need", row("D,1,2,3,-0.5,1,0,"), fine, []string{`row 5, column daily_need: "-0.5" is negative`}},
		{"half a blank", row("D,1.5,2,3,4,1,0,"), fine, []string{`row 5, column request: "1.5" is not a whole number`}},
		{"thousands", row("D,1.000,2,3,4,1,0,"), fine, []string{`row 5, column request: "1.000"`}},
		{"decimal comma", row(`D,1,2,3,"4,5",1,0,`), fine, []string{`row 5, column daily_need: "4,5"`}},
		{"NaN", row("D,1,2,3,NaN,1,0,"), fine, []string{`row 5, column daily_need: "NaN"`}},
		{"infinite", row("D,1,2,3,4,Inf,0,"), fine, []string{`row 5, column weight: "Inf"`}},
		{"hexadecimal", row("D,0x10,2,3,4,1,0,"), fine, []string{`row 5, column request: "0x10"`}},
		{"fraction", row("D,1,2,3,1/3,1,0,"), fine, []string{`row 5, column daily_need: "1/3"`}},
		{"signs", row("D,1,2,3,1-2,1,0,"), fine, []string{`row 5, column daily_need: "1-2"`}},
		{"only an exponent", row("D,1,2,3,e5,1,0,"), fine, []string{`row 5, column daily_need: "e5"`}},
		{"underscores", row("D,1_0,2,3,1,1,0,"), fine, []string{`row 5, column request: "1_0"`}},
		{"endless exponent", row("D,1,2,3,1e999999999,1,0,"), fine, []string{`row 5, column daily_need: "1e999999999"`}},
		{"endless number", row("D,1,2,3,1e99,1,0,"), fine, []string{`row 5, column daily_need: "1e99"`}},
		{"endless decimals", row("D,1,2,3,1e-99,1,0,"), fine, []string{`row 5, column daily_need: "1e-99"`}},
		{"beyond int64", row("D,9223372036854775808,2,3,4,1,0,"), fine, []string{"row 5, column request", "9223372036854775808", "too large"}},
		{"sum beyond int64", row("D,1,9223372036854775807,1,4,1,0,"), fine, []string{"row 5, column in_transit", "too many"}},
		{"stock unknown", row("D,1,,1,4,1,0,"), fine, []string{"row 5, column on_hand"}},
		{"need unknown", row("D,1,0,1,,1,0,"), fine, []string{"row 5, column daily_need"}},
		{"floor above cap", row("D,,0,0,4,1,12,11"), fine, []string{`row 5, column floor: "12" is above the cap of 11`}},
		{"floor above request", row("D,9,0,0,4,1,12,"), fine, []string{`row 5, column floor: "12" is above the request of 9`}},
		{"floor above cap in boxes", row("D,,0,0,4,1,12,15"), flags("5000", "gains", "--box", "10"), []string{`"12" is above the cap of 15 in whole boxes of 10`}},
		{"floors above available", row("D,,0,0,4,1,5001,"), fine, []string{"column floor", "5001", "5000"}},
		{"nothing available", threeClaims, []string{"--rule", "gains"}, []string{"--available"}},
		{"available negative", threeClaims, flags("-1", "gains"), []string{"--available", `"-1"`}},
		{"available huge", threeClaims, flags("9223372036854775808", "gains"), []string{"--available"}},
		{"no rule", threeClaims, []string{"--available", "5"}, []string{"--rule"}},
		{"other rule", threeClaims, flags("5", "fair"), []string{`--rule: "fair" is none of together`}},
		{"box 0", threeClaims, flags("5", "gains", "--box", "0"), []string{"--box", `"0"`}},
		{"box empty", threeClaims, flags("5", "gains", "--box", ""), []string{"--box"}},
		{"days 0", threeClaims, flags("5", "gains", "--days", "0"), []string{"--days"}},
		{"stray argument", threeClaims, flags("5", "gains", "x.csv"), []string{"x.csv"}},
		{"no such file", "", flags("5", "gains", "--input", "nowhere.csv"), []string{"nowhere.csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, told, err := fairshareCSV(t, c.input, c.args...)
			if err == nil || out != "" || told != "" {
				t.Fatalf("error %v, wrote %q, told %q", err, out, told)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

func TestFairshareReadsAndWritesFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	if err := os.WriteFile(in, []byte(threeClaims), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _, err := fairshareCSV(t, "", flags("5000", "losses", "--input", in, "--output", out)...)
	if err != nil || stdout != "" {
		t.Fatalf("%v, wrote %q", err, stdout)
	}
	text, err := os.ReadFile(out)
	if err != nil || column(t, string(text), "given") != "1667 2667 666" {
		t.Errorf("%v, file %q", err, text)
	}
}

// Leading zeros, signs and exponents say in a cell and in a flag what they say on paper.
func TestFairshareNumbersAreDecimal(t *testing.T) {
	t.Parallel()
	input := claimsHeader + "A,+0500,0,0,010,1.,00,\nB,500.0,0,0,.1e2,1e0,0,\nC,500,0,0,1000e-2,1.000,0.0,\n"
	out, _, err := fairshareCSV(t, input, flags("0030", "together", "--box", "010")...)
	if err != nil || column(t, out, "given") != "10 10 10" {
		t.Errorf("wrote %s, %v", out, err)
	}
}

// A pipe that breaks is an error, not a short table.
func TestFairshareTellsThatWritingFailed(t *testing.T) {
	t.Parallel()
	cmd := root(&config{})
	cmd.SetIn(strings.NewReader(threeClaims))
	cmd.SetOut(brokenPipe{})
	cmd.SetArgs(append([]string{"fairshare"}, flags("5000", "gains")...))
	if err := cmd.Execute(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

// Every reason has its sentence, which spreadsheets and awk take as one cell.
func TestFairshareSentences(t *testing.T) {
	t.Parallel()
	input := claimsHeader + "full,10,0,0,1,1,0,\nnone,0,0,0,1,1,0,\nheld,90,0,0,1,1,0,20\nfloor,90,700,0,1,1,5,\nwait,90,700,0,1,1,0,\n" +
		"zero,90,0,0,0,0,0,\nlevel,90,0,0,1,1,0,\npush,,0,0,1,1,0,\n"
	for _, rule := range fairshare.Rules() {
		out, _, err := fairshareCSV(t, input, flags("80", string(rule))...)
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(out), "\n")
		for _, row := range rows[1:] {
			why := row[strings.LastIndex(row, ",")+1:]
			if strings.Count(row, ",") != 4 || !strings.HasSuffix(why, ".") || strings.Contains(why, "no level") || strings.Contains(why, "NaN") {
				t.Errorf("%s: %q", rule, row)
			}
		}
	}
}

// BenchmarkFairshare is the whole command on the 7,285 kecamatan and a million blanks: read, divide, word, write.
func BenchmarkFairshare(b *testing.B) {
	rng := rand.New(rand.NewPCG(7285, 1))
	var input strings.Builder
	input.WriteString(claimsHeader)
	for i := range 7285 {
		need := math.Exp(rng.NormFloat64()*0.9 + 1.6)
		fmt.Fprintf(&input, "%d,%d,%d,0,%.4f,%.1f,0,\n", i, int(need*30), int(need*20*rng.Float64()), need, 1+rng.Float64()/2)
	}
	for _, rule := range fairshare.Rules() {
		b.Run(string(rule), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := fairshareCSV(b, input.String(), flags("1000000", string(rule))...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzFairshare holds that any input is divided in full or refused in full.
func FuzzFairshare(f *testing.F) {
	f.Add(threeClaims)
	f.Add("\ufeffregion;request\n")
	f.Add(claimsHeader[:len(claimsHeader)-1] + ",sd\nA,,1,2,3.5,1e1,0,7,0.0\n\"B\n,\",0,0,0,.5,,,,\n")
	f.Fuzz(func(t *testing.T, input string) {
		for _, rule := range fairshare.Rules() {
			out, _, err := fairshareCSV(t, input, flags("1000", string(rule), "--box", "3")...)
			if err != nil {
				if out != "" {
					t.Fatalf("error %v after %q", err, out)
				}
				continue
			}
			table, err := readClaims(strings.NewReader(input))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
			if err != nil || len(rows) != len(table.claims)+1 {
				t.Fatalf("%v: %q", err, out)
			}
			total := 0
			for _, row := range rows[1:] {
				given := 0
				if _, err := fmt.Sscan(row[1], &given); err != nil || given%3 != 0 {
					t.Fatalf("%v: %q", err, row)
				}
				total += given
			}
			if total > 1000 {
				t.Fatalf("gave %d of 1000", total)
			}
		}
	})
}
