package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"blangko/outreach/road"
)

// openRoads finds out how long teams travel: source is the address of an OSRM server, an OpenStreetMap file (.osm or
// .osm.pbf), or empty for great circles.
func openRoads(ctx context.Context, source string) (road.Roads, error) {
	switch {
	case source == "":
		return road.GreatCircle{}, nil
	case strings.HasPrefix(source, "http://"), strings.HasPrefix(source, "https://"):
		return &road.OSRM{Address: source}, nil
	}
	began := time.Now()
	g, err := road.Open(ctx, source)
	if err != nil {
		return nil, err
	}
	slog.InfoContext(ctx, "roads", "file", source, "nodes", g.Nodes(), "took", time.Since(began))
	return g, nil
}
