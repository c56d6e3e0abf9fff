package region_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/postgres/pgtest"
)

// Published figures of 2013 to 2024, among them 34-province rows of Papua and rows that mix eras, all find the region
// of the name they carry.
func TestPublishedFiguresHangOnTheRightRegions(t *testing.T) {
	t.Parallel()
	tree := tree(t, pgtest.New(t), access.System)
	for _, file := range []string{"ktp_recording_coverage.csv", "akta_kelahiran_coverage.csv"} {
		for i, row := range shared(t, file) {
			era, err := strconv.Atoi(row["province_era"])
			if err != nil {
				t.Fatal(err)
			}
			on, err := time.Parse(time.DateOnly, (row["as_of"] + "-01-01")[:len(time.DateOnly)])
			if err != nil {
				t.Fatal(err)
			}
			r, err := tree.ByCodeInEra(row["region_code"], era, on)
			if err != nil {
				t.Errorf("%s row %d: %v", file, i+2, err)
				continue
			}
			if strconv.Itoa(int(r.Level)) != row["level"] || !strings.EqualFold(r.Name, row["region_name"]) {
				t.Errorf("%s row %d: %s %s is %+v", file, i+2, row["region_code"], row["region_name"], r)
			}
			now, stands := tree.ByID(r.ID)
			if old := era == 34 && (row["region_code"] == "91" || row["region_code"] == "92"); old == stands {
				t.Errorf("%s row %d: %s of %d provinces is %+v today", file, i+2, r.Name, era, now)
			}
		}
	}
}

// shared reads a reference file, row by row with the names of its columns.
func shared(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("../../../shared/data/" + name)
	if os.IsNotExist(err) {
		t.Skipf("reference data is not beside the repository: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}
