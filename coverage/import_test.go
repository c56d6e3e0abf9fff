package coverage_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/xuri/excelize/v2"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}
	auditor = access.Actor{ID: 2, Name: "auditor", Role: access.Auditor, Reach: "00"}
	sumut   = access.Actor{ID: 3, Name: "province.12", Role: access.Province, Reach: "12"}
	medan   = access.Actor{ID: 4, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	ternate = access.Actor{ID: 5, Name: "officer.82.71", Role: access.Officer, Reach: "82.71"}
)

// noon is midday in Jakarta on the day these tests take place.
func noon() time.Time { return time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC) }

// office is a register with the desk where its files come in.
type office struct {
	*coverage.Register
	*sheet.Imports
}

func open(t testing.TB) (office, *postgres.DB) {
	t.Helper()
	db := pgtest.New(t)
	r := coverage.NewRegister(db, noon)
	return office{r, sheet.NewImports(db, noon, r.Kinds()...)}, db
}

func (o office) take(t testing.TB, who access.Actor, text string, options sheet.Options) sheet.Report {
	t.Helper()
	report, err := o.Import(t.Context(), who, "figures", "a.csv", strings.NewReader(text), options)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// real opens a published file, and skips the test where the folder of them is absent.
func real(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the published figures are not here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func takeReal(t testing.TB, r office, name string) sheet.Report {
	t.Helper()
	report, err := r.Import(t.Context(), planner, "figures", name, real(t, name), sheet.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range report.Errors {
		t.Errorf("%s row %d column %s: %s %q %v", name, e.Row, e.Column, e.Code, e.Value, e.Facts)
	}
	return report
}

func allFigures(t testing.TB, r office, f coverage.FigureFilter) []coverage.Figure {
	t.Helper()
	f.Limit = postgres.LargestLimit
	page, err := r.Figures(t.Context(), planner, f)
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func allFindings(t testing.TB, r office, f coverage.FindingFilter) []coverage.Finding {
	t.Helper()
	f.Limit = postgres.LargestLimit
	page, err := r.Findings(t.Context(), planner, f)
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestBothPublishedFilesImportWhole(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	if report := takeReal(t, r, "ktp_recording_coverage.csv"); report.Taken != 104 || report.Rows != 104 {
		t.Errorf("recording: %d of %d rows taken, want 104 of 104", report.Taken, report.Rows)
	}
	if report := takeReal(t, r, "akta_kelahiran_coverage.csv"); report.Taken != 83 || report.Rows != 83 {
		t.Errorf("certificates: %d of %d rows taken, want 83 of 83", report.Taken, report.Rows)
	}
	contradictory := map[string]bool{}
	above := map[string]bool{}
	for _, f := range allFindings(t, r, coverage.FindingFilter{}) {
		switch f.Rule {
		case coverage.PartsDoNotAddUp, coverage.PercentDiffers:
			contradictory[f.Region+" "+f.AsOf] = true
		case coverage.Above100:
			above[f.Region+" "+f.AsOf] = true
		}
	}
	// The rows whose column adds_up is "no".
	want(t, "figures that do not add up", contradictory, "96.01 2023-01-30", "96.04 2023-01-30", "96.05 2023-01-30", "96.02 2023-01-30",
		"96.03 2023-01-30", "12 2017-11-18", "82.71 2018-04-02")
	want(t, "figures above 100 %", above, "15 2018-03", "64 2018-03", "31 2018-03")

	again := takeReal(t, r, "ktp_recording_coverage.csv")
	if again.Taken != 0 || again.Unchanged != 104 {
		t.Errorf("the same file again: %d taken and %d unchanged, want 0 and 104", again.Taken, again.Unchanged)
	}
}

func want(t *testing.T, what string, got map[string]bool, want ...string) {
	t.Helper()
	for _, w := range want {
		if !got[w] {
			t.Errorf("%s: %s is missing", what, w)
		}
		delete(got, w)
	}
	for g := range got {
		t.Errorf("%s: %s is too many", what, g)
	}
}

func TestNothingOfAPublishedFigureIsAltered(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	takeReal(t, r, "ktp_recording_coverage.csv")
	by := map[string]coverage.Figure{}
	for _, f := range allFigures(t, r, coverage.FigureFilter{}) {
		by[fmt.Sprint(f.Region, " ", f.Scope, " ", f.AsOf, " ", f.Era)] = f
	}
	count := func(n int64) *int64 { return &n }
	percent := func(p float64) *float64 { return &p }
	for name, want := range map[string]coverage.Numbers{
		"96.05 wajib_ktp 2023-01-30 38": {People: count(44686), Have: count(25160), Lack: count(3550), Percent: percent(99.2)},
		"82.71 wajib_ktp 2018-04-02 38": {People: count(151000), Have: count(126000), Lack: count(24000)},
		"91 wajib_ktp 2019-01-20 34":    {Percent: percent(37.98)},
		"00 wajib_ktp 2024-02 38":       {Lack: count(7631965)},
		"33 dp4_pemula 2023-11-15 38":   {People: count(821251), Have: count(487992), Lack: count(333259), Percent: percent(59.42)},
		"71.01 wajib_ktp 2021 38":       {People: count(186818), Have: count(161914), Lack: count(24904)},
	} {
		f, ok := by[name]
		if !ok {
			t.Errorf("%s: no such figure", name)
			continue
		}
		if got := fmt.Sprint(deref(f.People), deref(f.Have), deref(f.Lack), deref(f.Percent)); got != fmt.Sprint(deref(want.People), deref(want.Have), deref(want.Lack), deref(want.Percent)) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func TestRowsOfThe34ProvincesHangOnTheRegionsTheyMeant(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	takeReal(t, r, "ktp_recording_coverage.csv")
	takeReal(t, r, "akta_kelahiran_coverage.csv")
	today := map[string]int{}
	for _, f := range region.All() {
		today[f.Code] = f.ID
	}
	for _, f := range allFigures(t, r, coverage.FigureFilter{}) {
		papua := (f.Region == "91" || f.Region == "92") && f.Level == region.Province
		if papua && f.RegionID == today[f.Region] {
			t.Errorf("the figure of %s as of %s hangs on today's province %s", f.Name, f.AsOf, f.Region)
		}
		if !papua && f.RegionID != today[f.Region] {
			t.Errorf("the figure of %s %s hangs on region %d, want %d", f.Region, f.Name, f.RegionID, today[f.Region])
		}
	}
}

func gaps(t testing.TB, r office, f coverage.GapFilter) coverage.GapPage {
	t.Helper()
	page, err := r.Gaps(t.Context(), planner, f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestDistrictsSumToTheirRegency(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	takeReal(t, r, "ktp_recording_coverage.csv")
	takeReal(t, r, "akta_kelahiran_coverage.csv")
	p := gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "71.01"})
	if g := p.Totals; g.Reported != 15 || g.People != 186_818 || g.Have != 161_914 || g.Lack != 24_904 {
		t.Errorf("71.01: %d districts sum to %d eligible, %d recorded, %d not; want 15, 186,818, 161,914, 24,904", g.Reported, g.People, g.Have, g.Lack)
	}
	if first := p.Items[0]; first.Region != "71.01.12" || *first.Lack != 3016 || first.Basis != coverage.Counted {
		t.Errorf("most unrecorded: %s with %d, want 71.01.12 Lolak with 3016", first.Region, *first.Lack)
	}
	p = gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "82.71", AsOf: "2019-01-09"})
	if g := p.Totals; g.Reported != 7 || g.Lack != 14_498 || *g.Oldest != "2019-01-09" {
		t.Errorf("82.71: %d districts sum to %d unrecorded, want 7 and 14,498", g.Reported, g.Lack)
	}
	p = gaps(t, r, coverage.GapFilter{Subject: coverage.Certificate, Level: region.District, Region: "71.01"})
	if g := p.Totals; g.People != 74_616 || g.Have != 68_190 || g.Lack != 6426 {
		t.Errorf("71.01: %d children, %d with a certificate, %d without; want 74,616, 68,190, 6426", g.People, g.Have, g.Lack)
	}
	for _, f := range allFindings(t, r, coverage.FindingFilter{Region: "71.01"}) {
		t.Errorf("71.01: finding %s %s, want none", f.Rule, f.Facts)
	}
}

func TestAPercentageCountsTodaysPeopleAndSaysSo(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	takeReal(t, r, "ktp_recording_coverage.csv")
	for _, g := range gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.Regency, Region: "94", Paging: postgres.Paging{Limit: 1000}}).Items {
		if g.Region != "94.03" {
			continue
		}
		if g.Basis != coverage.Estimated || g.Population == nil || !g.Population.Estimated || g.Population.Period != "2024-S2" {
			t.Fatalf("94.03: %+v, want an estimate of a share of DKB 2024-S2", g)
		}
		if want := int64(float64(g.Population.People)*(1-0.0612) + 0.5); *g.Lack != want {
			t.Errorf("94.03: %d unrecorded, want %d", *g.Lack, want)
		}
		return
	}
	t.Error("94.03 is not in the list")
}

// hiddenDigits is what stands for the value of a cell that may identify a person.
const hiddenDigits = "••••••••••••••••"

const heading = "region_code,region_name,level,as_of,scope,wajib,recorded,not_recorded,pct_printed,pct_computed,adds_up,province_era,source,note\n"

func TestBadRowsAreNamedAndTheGoodOnesTaken(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	row := func(code, asOf, people, have, lack, percent, note string) string {
		return fmt.Sprintf("%s,,,%s,wajib_ktp,%q,%q,%s,%s,,,,laporan,%s\n", code, asOf, people, have, lack, percent, note)
	}
	text := heading +
		row("12.71.01", "2024-06-30", "1.234", "1.000", "234", "", "") + // 2 good: grouping as in Indonesia
		row("99.99", "2024-06-30", "10", "5", "5", "", "") + // 3
		row("12.71.02", "2024-06-30", "1,234", "5", "5", "", "") + // 4
		row("12.71.03", "2024-02-30", "10", "5", "5", "", "") + // 5
		row("12.71.01", "2024-06-30", "10", "5", "5", "", "") + // 6 as row 2
		row("12.71.04", "2024-06-30", "10", "5", "5", "", "32710465"+"04930002") + // 7
		row("12.71.05", "2024-06-30", "-10", "5", "5", "", "") + // 8
		"\n,,,,,,,,,,,,,\n" +
		row("12.71.06", "2024-06-30", "100", "150", "", "", "") + // 11 good: above 100 %
		row("12.71.07", "2027", "100", "50", "", "", "") + // 12
		row("12.71.08", "2024", "", "", "", "", "") // 13
	report := r.take(t, medan, text, sheet.Options{})
	if report.Taken != 2 || report.Bad != 8 || report.Rows != 10 || report.State != sheet.Done {
		t.Errorf("%d taken, %d bad of %d, %s; want 2, 8 of 10, done", report.Taken, report.Bad, report.Rows, report.State)
	}
	got := map[string]bool{}
	for _, e := range report.Errors {
		got[fmt.Sprintf("%d %s %s %s", e.Row, e.Column, e.Code, e.Value)] = true
	}
	want(t, "errors", got, "3 region_code region-unknown 99.99", "4 wajib ambiguous-number 1,234", "5 as_of impossible-date 2024-02-30",
		"6 region_code duplicate 12.71.01", "7 note sixteen-digits "+hiddenDigits, "8 wajib negative -10", "12 as_of in-the-future 2027", "13  nothing-said ")
	if f := allFindings(t, r, coverage.FindingFilter{Rule: coverage.Above100}); len(f) != 1 || f[0].Region != "12.71.06" || f[0].Row != 11 {
		t.Errorf("findings above 100 %%: %+v, want one of 12.71.06 in row 11", f)
	}
	if f := allFigures(t, r, coverage.FigureFilter{Region: "12.71.01"}); len(f) != 1 || *f[0].People != 1234 {
		t.Errorf("12.71.01: %+v, want 1234 eligible", f)
	}
}

func TestStrictTakesAllOrNothingAndADryRunNothing(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	text := heading + "12.71.01,,,2024,,10,5,5,,,,,laporan,\n" + "12.71.99,,,2024,,10,5,5,,,,,laporan,\n"
	report := r.take(t, medan, text, sheet.Options{Strict: true})
	if report.State != sheet.Refused || report.Taken != 0 || report.Bad != 1 {
		t.Errorf("strict: %s, %d taken, %d bad; want refused, 0, 1", report.State, report.Taken, report.Bad)
	}
	report = r.take(t, medan, text, sheet.Options{DryRun: true})
	if report.ID != 0 || !report.DryRun || report.Taken != 1 || report.Bad != 1 {
		t.Errorf("dry run: %+v, want one good and one bad row", report)
	}
	if n := len(allFigures(t, r, coverage.FigureFilter{})); n != 0 {
		t.Errorf("%d figures are kept, want none", n)
	}
}

func TestFilesAsOfficesMakeThem(t *testing.T) {
	t.Parallel()
	plain := heading + "12.71.01,Medan Kota,3,2024-06-30,wajib_ktp,1000,900,100,90,,,,laporan,\n"
	semicolons := strings.ReplaceAll(strings.ReplaceAll(plain, ",", ";"), "90;", "90,0;")
	for name, text := range map[string]string{
		"with a byte order mark": "\ufeff" + plain,
		"with semicolons":        semicolons,
		"with sep=":              "sep=;\r\n" + strings.ReplaceAll(semicolons, "\n", "\r\n"),
		"with tabs":              strings.ReplaceAll(plain, ",", "\t"),
		"with empty lines":       "\n\n" + strings.ReplaceAll(plain, "\n", "\n\n"),
		"in UTF-16":              utf16le(plain),
		"with a shouted heading": strings.ToUpper(heading[:12]) + strings.ReplaceAll(plain[12:], "as_of", "As of"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := open(t)
			report := r.take(t, medan, text, sheet.Options{})
			if report.Taken != 1 || report.Bad != 0 {
				t.Errorf("%d taken, errors %v; want 1 and none", report.Taken, report.Errors)
			}
		})
	}
}

func utf16le(text string) string {
	b := []byte{0xff, 0xfe}
	for _, r := range text {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

func TestAFileThatIsNoTableIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"a wrong heading":          {"kode,nama,jumlah\n12.71,Medan,5\n", sheet.ErrHeading},
		"no heading":               {"12.71.01,Medan Kota,3,2024\n", sheet.ErrHeading},
		"nothing":                  {"", sheet.ErrEmpty},
		"empty lines":              {"\n\n,,,\n", sheet.ErrEmpty},
		"a line of ten megabytes":  {heading + strings.Repeat("x", 10<<20), sheet.ErrLongLine},
		"another encoding":         {heading + "12.71.01,Medan\xe9\n", sheet.ErrEncoding},
		"too many bytes":           {strings.Repeat("a,b\n", sheet.LargestFile/4+1), sheet.ErrTooLarge},
		"something that is no zip": {"PK\x03\x04 no more", sheet.ErrNoFile},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Import(t.Context(), medan, "figures", "a.csv", bytes.NewReader([]byte(c.text)), sheet.Options{})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if f, ok := fault.As(err); errors.Is(c.want, sheet.ErrHeading) && (!ok || len(f.Facts["missing"].([]string)) == 0) {
				t.Errorf("%v does not name the missing columns", err)
			}
		})
	}
}

func TestAnImportReachesOnlyTheRegionsOfTheImporter(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	text := heading + "12.71.01,,,2024,,10,5,5,,,,,laporan,\n" + "82.71.01,,,2024,,10,5,5,,,,,laporan,\n"
	report := r.take(t, medan, text, sheet.Options{})
	if report.Taken != 1 || len(report.Errors) != 1 || report.Errors[0].Code != "region-unknown" {
		t.Errorf("%d taken, %v; want 1 and the other region unknown", report.Taken, report.Errors)
	}
	if _, err := r.Import(t.Context(), auditor, "figures", "a.csv", strings.NewReader(text), sheet.Options{}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("auditor: %v, want %v", err, access.ErrForbidden)
	}
}

func TestTheMendedFileOfBadRowsCompletesTheImport(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	text := heading + "12.71.01,,,2024,,10,5,5,,,,,laporan,\n" + "12.71.02,,,2024,,\"1,234\",1000,234,,,,,laporan,\n" +
		"12.71.03,,,2024-02-30,,10,5,5,,,,,laporan,\n"
	report := r.take(t, medan, text, sheet.Options{})
	if report.Taken != 1 || report.Bad != 2 {
		t.Fatalf("%d taken, %d bad; want 1 and 2", report.Taken, report.Bad)
	}
	bad, err := r.BadRows(t.Context(), medan, report.ID, sheet.CSV)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(bad), "wajib: ambiguous-number") {
		t.Errorf("the file of bad rows does not say what is wrong:\n%s", bad)
	}
	mended := strings.NewReplacer(`"1,234"`, "1234", "2024-02-30", "2024-02-29").Replace(string(bad))
	if report = r.take(t, medan, mended, sheet.Options{Strict: true}); report.Taken != 2 || report.Bad != 0 {
		t.Errorf("mended: %d taken, %v; want 2 and no errors", report.Taken, report.Errors)
	}
	list, err := r.List(t.Context(), medan, "", postgres.Paging{})
	if err != nil || len(list.Items) != 2 {
		t.Errorf("%d imports listed, %v; want 2", len(list.Items), err)
	}
	if list, err := r.List(t.Context(), ternate, "", postgres.Paging{}); err != nil || len(list.Items) != 0 {
		t.Errorf("another city lists %d imports, %v; want none", len(list.Items), err)
	}
}

func TestAnImportIsUndoneOnceUnlessAFigureWasVerified(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	first := r.take(t, medan, heading+"12.71.01,,,2024,,10,5,5,,,,,laporan,\n", sheet.Options{})
	got, err := r.Undo(t.Context(), medan, first.ID)
	if err != nil || got.State != sheet.Undone {
		t.Fatalf("undo: %+v, %v", got, err)
	}
	if n := len(allFigures(t, r, coverage.FigureFilter{})); n != 0 {
		t.Errorf("%d figures are left, want none", n)
	}
	if _, err := r.Undo(t.Context(), medan, first.ID); !errors.Is(err, sheet.ErrNoUndo) {
		t.Errorf("undone again: %v, want %v", err, sheet.ErrNoUndo)
	}
	second := r.take(t, medan, heading+"12.71.01,,,2024,,10,5,5,,,,,laporan,\n", sheet.Options{})
	f := allFigures(t, r, coverage.FigureFilter{Import: second.ID})[0]
	if _, err := r.Verify(t.Context(), sumut, f.ID, f.Version); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Undo(t.Context(), medan, second.ID); !errors.Is(err, coverage.ErrVerified) {
		t.Errorf("undone after a figure was verified: %v, want %v", err, coverage.ErrVerified)
	}
}

func TestAWorkbookOf514RowsWithSixBadOnes(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	spoil := map[int]func(cells []any){
		10:  func(c []any) { c[0] = "99.99" },
		50:  func(c []any) { c[3] = "1,234" },
		100: func(c []any) { c[2] = "31/04/2024" },
		200: func(c []any) { c[0] = "11.01" }, // as the first row
		300: func(c []any) { c[6] = "NIK 32710465" + "04930002" },
		400: func(c []any) { c[4] = -7 },
	}
	f := excelize.NewFile()
	defer f.Close()
	set := func(row int, cells []any) {
		t.Helper()
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", row), &cells); err != nil {
			t.Fatal(err)
		}
	}
	set(1, []any{"region_code", "subject", "as_of", "people", "have", "source", "note"})
	row := 1
	codes := map[int]string{}
	for _, place := range region.All() {
		if place.Level != region.Regency {
			continue
		}
		row++
		codes[row] = place.Code
		cells := []any{place.Code, "recording", "2024-06-30", 1000, 900, "laporan", ""}
		if bad := spoil[row]; bad != nil {
			bad(cells)
		}
		set(row, cells)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	report, err := r.Import(t.Context(), planner, "figures", "514.xlsx", &b, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != 514 || report.Taken != 508 || report.Bad != 6 {
		t.Errorf("%d taken and %d bad of %d, want 508 and 6 of 514", report.Taken, report.Bad, report.Rows)
	}
	got := map[string]bool{}
	for _, e := range report.Errors {
		got[fmt.Sprintf("%d %s %s %s", e.Row, e.Column, e.Code, e.Value)] = true
		if want := map[int]string{10: "A10", 50: "D50", 100: "C100", 200: "A200", 300: "G300", 400: "E400"}[e.Row]; e.Cell != want {
			t.Errorf("row %d: cell %s, want %s", e.Row, e.Cell, want)
		}
	}
	want(t, "errors", got, "10 region_code region-unknown 99.99", "50 people ambiguous-number 1,234", "100 as_of impossible-date 31/04/2024",
		"200 region_code duplicate 11.01", "300 note sixteen-digits "+hiddenDigits, "400 have negative -7")
	bad, err := r.BadRows(t.Context(), planner, report.ID, sheet.CSV)
	if err != nil {
		t.Fatal(err)
	}
	mended := string(bad)
	for _, m := range [][2]string{{"99.99", codes[10]}, {`"1,234"`, "1.234"}, {"31/04/2024", "30/04/2024"}, {"11.01,", codes[200] + ","}, {"-7", "7"}} {
		mended = strings.Replace(mended, m[0], m[1], 1)
	}
	if report, err = r.Import(t.Context(), planner, "figures", "514-errors.csv", strings.NewReader(mended), sheet.Options{Strict: true}); err != nil || report.Taken != 6 {
		t.Errorf("the mended file: %d taken, %v, %v; want 6", report.Taken, report.Errors, err)
	}
	if p := gaps(t, r, coverage.GapFilter{Subject: coverage.Recording, Level: region.Regency}); p.Totals.Reported != 514 {
		t.Errorf("%d regions reported, want 514", p.Totals.Reported)
	}
}

// BenchmarkImport100000Rows takes figures of a hundred thousand regions and months, and tells the most memory that the
// process had. The bounds are 20 s and 300 MB.
func BenchmarkImport100000Rows(b *testing.B) {
	var text strings.Builder
	text.WriteString("region_code,subject,as_of,people,have,lack,source\n")
	places := region.All()
	for i := range 100_000 {
		place := places[i%len(places)]
		fmt.Fprintf(&text, "%s,recording,%s,1000,900,100,laporan\n", place.Code, noon().AddDate(0, -i/len(places), 0).Format("2006-01"))
	}
	book := asWorkbook(b, text.String())
	for name, file := range map[string][]byte{"CSV": []byte(text.String()), "XLSX": book} {
		b.Run(name, func(b *testing.B) {
			r, _ := open(b)
			for b.Loop() {
				report, err := r.Import(b.Context(), planner, "figures", "large", bytes.NewReader(file), sheet.Options{DryRun: true})
				if err != nil || report.Taken != 100_000 {
					b.Fatal(report.Taken, report.Bad, err)
				}
				b.ReportMetric(peakMiB(b), "MiB-RSS")
			}
		})
	}
}

func asWorkbook(b *testing.B, text string) []byte {
	b.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var cells []any
		for _, c := range strings.Split(line, ",") {
			cells = append(cells, c)
		}
		if err := w.SetRow(fmt.Sprint("A", i+1), cells); err != nil {
			b.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := errors.Join(w.Flush(), f.Write(&file)); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

// peakMiB is the most memory that this process had, as Linux tells it.
func peakMiB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("the peak of memory is read from /proc")
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kB float64
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		b.Fatal(err)
	}
	return kB / 1024
}

func BenchmarkGapsOf7285Districts(b *testing.B) {
	r, db := open(b)
	reportEverywhere(b, db)
	for name, f := range map[string]coverage.GapFilter{
		"everybody": {Subject: coverage.Recording, Level: region.District},
		"a group":   {Subject: coverage.Recording, Level: region.District, Group: "odgj"},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				if p := gaps(b, r, f); p.Totals.Reported != 7285 {
					b.Fatal(p.Totals.Reported)
				}
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// reportEverywhere gives every regency and district two years of monthly figures, and every district four of a group.
func reportEverywhere(b *testing.B, db *postgres.DB) {
	b.Helper()
	err := postgres.Write(b.Context(), db, planner, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(b.Context(), `
			INSERT INTO figures (region_id, subject, scope, people_group, as_of, precision, era, people, have, lack, source, status, recorded_id, recorded_by, recorded_at, submitted_at)
			SELECT id, 'recording', 'wajib_ktp', '', day, 'month', 38, 1000, 900 - id % 97, 100 + id % 97, 'laporan', 'submitted', 1, 'bench', now(), now()
			FROM regions_today, generate_series('2024-01-01'::date, '2025-12-01', '1 month') day
			WHERE level IN (2, 3)
			UNION ALL
			SELECT id, 'recording', 'wajib_ktp', 'odgj', day, 'month', 38, 100, 90 - id % 17, 10 + id % 17 - 8 * (id % 10 / 9), 'laporan', 'submitted', 1, 'bench', now(), now()
			FROM regions_today, generate_series('2024-01-01'::date, '2025-12-01', '6 months') day
			WHERE level = 3`)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Raw().ExecContext(b.Context(), `ANALYZE figures`); err != nil {
		b.Log(err)
	}
}
