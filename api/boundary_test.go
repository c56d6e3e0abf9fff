package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"blangko/internal/sheet"
)

func TestTilesAreForEverybodyAndKept(t *testing.T) {
	t.Parallel()
	o := open(t)
	var report sheet.Report
	border := `{"type":"FeatureCollection","features":[{"type":"Feature","id":"12.71","geometry":{"type":"Polygon","coordinates":[[[98.6,3.5],[98.8,3.5],[98.8,3.7],[98.6,3.7],[98.6,3.5]]]}}]}`
	o.as("planner").call("POST", "/api/v1/imports?kind=boundaries", border, "Content-Type", "application/octet-stream").into(t, &report)
	if report.Taken != 1 {
		t.Fatalf("import of a border: %+v", report)
	}
	got := o.as("").get("/api/v1/tiles/regency/8/198/125")
	layers, err := mvt.Unmarshal(got.body)
	if err != nil || got.status != http.StatusOK || len(layers) != 2 || len(layers[0].Features) != 1 {
		t.Fatalf("tile: %d, %d bytes, %v", got.status, len(got.body), err)
	}
	if kind := got.header.Get("Content-Type"); kind != "application/vnd.mapbox-vector-tile" || !strings.Contains(got.header.Get("Cache-Control"), "public") {
		t.Errorf("header %v", got.header)
	}
	if again := o.as("").call("GET", "/api/v1/tiles/regency/8/198/125", nil, "If-None-Match", got.header.Get("ETag")); again.status != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("the same again: %d with %d bytes, want 304", again.status, len(again.body))
	}
	for path, want := range map[string]int{"regency/3/8/0": 422, "regency/23/0/0": 422, "kabupaten/3/0/0": 422, "regency/3/-1/0": 422, "nation/3/0/0": 422, "regency/0/0/0": 200} {
		if got := o.as("").get("/api/v1/tiles/" + path); got.status != want {
			t.Errorf("tile %s: %v, want %d", path, got.status, want)
		}
	}
}
