package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"blangko/coverage"
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

func TestGapsAreDrawnForThoseInReach(t *testing.T) {
	t.Parallel()
	o := open(t)
	officer := o.as("officer.12.71")
	people, have := int64(1000), int64(900)
	officer.call("POST", "/api/v1/coverage", coverage.NewFigure{Region: "12.71", Subject: coverage.Recording, AsOf: "2024-06-30", Source: "laporan",
		Numbers: coverage.Numbers{People: &people, Have: &have}}).into(t, new(coverage.Figure))
	at := maptile.At(orb.Point{98.67, 3.59}, 8)
	path := fmt.Sprintf("/api/v1/tiles/gaps/regency/8/%d/%d?subject=recording", at.X, at.Y)
	got := officer.get(path)
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" || got.header.Get("Cache-Control") != "private, max-age=60" {
		t.Fatalf("tile: %d %v", got.status, got.header)
	}
	layers, err := mvt.Unmarshal(got.body)
	if err != nil {
		t.Fatal(err)
	}
	if points := layers.ToFeatureCollections()["regency-label"]; points == nil || len(points.Features) != 1 || points.Features[0].Properties["lack"] != 100.0 {
		t.Errorf("points %+v, want Medan alone with its hundred", points)
	}
	if again := officer.call("GET", path, nil, "If-None-Match", got.header.Get("ETag")); again.status != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("asked again: %d with %d bytes", again.status, len(again.body))
	}
	if p := o.as("").get(path).problem(t); p.Status != http.StatusUnauthorized {
		t.Errorf("nobody: %d, want 401", p.Status)
	}
	var drawn coverage.GapMap
	officer.get("/api/v1/gaps/geojson?level=district&zoom=8").into(t, &drawn)
	if len(drawn.Features) != 21 || drawn.Type != "FeatureCollection" {
		t.Errorf("%d kecamatan drawn as %s, want 21", len(drawn.Features), drawn.Type)
	}
	for path, want := range map[string]int{"/api/v1/tiles/gaps/moon/8/1/1": 422, "/api/v1/tiles/gaps/regency/1/2/0": 422, "/api/v1/gaps/geojson?region=82.71": 404, "/api/v1/tiles/gaps/regency/8/1/1?region=82.71": 404} {
		if p := officer.get(path).problem(t); p.Status != want {
			t.Errorf("%s: %d, want %d", path, p.Status, want)
		}
	}
}
