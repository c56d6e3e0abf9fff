package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"blangko/coverage"
	"blangko/internal/sheet"
)

var firstVersion = []string{"If-Match", `"1"`}

func inRegion(path string) func(*office, string) string {
	return func(_ *office, r string) string { return path + "?region=" + r }
}

var newSources int

// newFigure has one source of its own, so that it is said once; it is above 100 %, so that there is a finding.
func newFigure(_ *office, region string) any {
	newSources++
	people, have := int64(100), int64(120)
	return coverage.NewFigure{Region: region, Subject: coverage.Recording, AsOf: "2024-06-30", Source: fmt.Sprint("laporan ", newSources),
		Numbers: coverage.Numbers{People: &people, Have: &have}}
}

func correction(*office, string) any {
	have := int64(90)
	return coverage.Correction{Note: "salah ketik", Numbers: coverage.Numbers{Have: &have}}
}

func newPopulation(_ *office, region string) any {
	return coverage.NewPopulation{Region: region, Period: "2025-S1", People: 1000, Source: "DKB"}
}

// figureOf is a fresh figure of the region, with a finding; a draft when it is to be submitted.
func (o *office) figureOf(region string, draft bool) (f coverage.Figure) {
	n := newFigure(o, region).(coverage.NewFigure)
	n.Draft = draft
	o.as("planner2").call("POST", "/api/v1/coverage", n).into(o.t, &f)
	return f
}

func figurePath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		return fmt.Sprint("/api/v1/coverage/", o.figureOf(region, rest == "/submission").ID, rest)
	}
}

func findingPath(o *office, region string) string {
	return fmt.Sprint("/api/v1/findings/", o.figureOf(region, false).Findings[0].ID, "/acknowledgement")
}

const figuresHeading = "region_code,subject,as_of,people,have,lack,percent,source\n"

func figuresFile(_ *office, region string) any {
	newSources++
	return figuresHeading + fmt.Sprintf("%s,recording,2024-06-30,100,90,10,90,berkas %d\n", region, newSources)
}

func importPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		var report sheet.Report
		// The officer of the region imports, so that it is seen there.
		o.as("officer."+region).call("POST", "/api/v1/imports?kind=figures", figuresFile(o, region)).into(o.t, &report)
		return fmt.Sprint("/api/v1/imports/", report.ID, rest)
	}
}

func TestAFileIsImportedMendedAndSeenInTheGaps(t *testing.T) {
	t.Parallel()
	o := open(t)
	officer := o.as("officer.12.71")
	text := figuresHeading + "12.71.01,recording,2024-06-30,1000,900,100,90,laporan\n" + "12.71.02,recording,2024-06-30,\"1,000\",900,100,90,laporan\n" +
		"12.71.03,recording,2024-06-30,1000,1100,0,110,laporan\n"
	var report sheet.Report
	officer.call("POST", "/api/v1/imports?kind=figures&file=laporan.csv", text, "Content-Type", "application/octet-stream").into(t, &report)
	if report.Taken != 2 || len(report.Errors) != 1 || report.Errors[0].Row != 3 || report.Errors[0].Column != "people" || report.Errors[0].Value != "1,000" {
		t.Errorf("import: %+v, want two rows taken and the cell people of row 3 wrong", report)
	}
	bad := officer.get(fmt.Sprint("/api/v1/imports/", report.ID, "/rows"))
	if bad.status != http.StatusOK || !strings.HasPrefix(bad.header.Get("Content-Type"), "text/csv") || !strings.Contains(string(bad.body), "ambiguous-number") {
		t.Errorf("bad rows: %v %v", bad, bad.header)
	}
	officer.call("POST", "/api/v1/imports?kind=figures&strict=true", strings.Replace(string(bad.body), "1,000", "1000", 1)).into(t, &report)
	if report.State != sheet.Done || report.Taken != 1 {
		t.Errorf("the mended file: %+v, want one row taken", report)
	}
	var page coverage.GapPage
	officer.get("/api/v1/gaps?level=district&region=12.71").into(t, &page)
	if page.Totals.Reported != 3 || page.Totals.People != 3000 || page.Totals.Lack != 200 {
		t.Errorf("gaps: %+v, want 3 districts of 3,000 people with 200 unrecorded", page.Totals)
	}
	if p := officer.call("POST", "/api/v1/imports?kind=taxes", text).problem(t); p.Status != http.StatusNotFound {
		t.Errorf("an unknown kind: %+v, want 404", p)
	}
	if p := officer.call("POST", "/api/v1/imports?kind=figures", "a,b\n1,2\n").problem(t); p.Status != http.StatusUnprocessableEntity || p.Code != "heading-unknown" {
		t.Errorf("a wrong heading: %+v, want 422 heading-unknown", p)
	}
	large := figuresHeading + strings.Repeat("12.71.01,recording,2024-06-30,1000,900,100,90,laporan\n", 60_000) // over the server's bound for JSON
	if got := officer.call("POST", "/api/v1/imports?kind=figures&dry_run=true", large); got.status >= 300 {
		t.Errorf("3 MB of rows: %d, want it taken", got.status)
	}
}
