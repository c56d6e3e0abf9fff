package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"blangko/internal/access"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

type boundaryFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Level  string `query:"level" enum:"province,regency,district,village"`
	Paging
}

func (s *Server) boundaries(ctx context.Context, who access.Actor, in *boundaryFilter) (page postgres.Page[boundary.Boundary], err error) {
	f := boundary.Filter{Region: in.Region, Paging: in.domain()}
	if f.Level, err = levelOf(in.Level); err != nil {
		return page, err
	}
	return s.Atlas.Boundaries(ctx, who, f)
}

type boundaryMap struct {
	Region string `query:"region" maxLength:"13" doc:"official code; only regions under it"`
	Level  string `query:"level" default:"regency" enum:"province,regency,district,village"`
	Zoom   int    `query:"zoom" default:"6" minimum:"0" maximum:"22" doc:"how fine the lines are: those of a map at this zoom"`
}

func (s *Server) boundaryMap(ctx context.Context, who access.Actor, in *boundaryMap) (c boundary.Map, err error) {
	var level region.Level
	if err := level.UnmarshalText([]byte(in.Level)); err != nil {
		return c, err
	}
	return s.Atlas.GeoJSON(ctx, who, in.Region, level, in.Zoom)
}

// TileNumbers are where a tile lies in the web's grid of maps.
type TileNumbers struct {
	Z int `path:"z" minimum:"0" maximum:"22"`
	X int `path:"x" minimum:"0"`
	Y int `path:"y" minimum:"0"`

	Seen string `header:"If-None-Match" hidden:"true"`
}

// tag is the ETag of the tile that the asker has.
func (n TileNumbers) tag() string { return n.Seen }

type seen interface{ tag() string }

type boundaryTile struct {
	Layer string `path:"layer" enum:"province,regency,district,village"`
	TileNumbers
}

func (s *Server) boundaryTile(ctx context.Context, _ access.Actor, in *boundaryTile) ([]byte, error) {
	t, err := boundary.TileOf(in.Z, in.X, in.Y)
	if err != nil {
		return nil, err
	}
	return s.Atlas.Tile(ctx, in.Layer, t)
}

// tileType is the type of a Mapbox vector tile.
const tileType = "application/vnd.mapbox-vector-tile"

// tile answers a vector tile, which a browser keeps for so many seconds and then asks for again with its ETag.
func tile[I any](path string, action access.Action, about, keep string, do method[I, []byte]) route {
	r := route{method: http.MethodGet, path: path, action: action, about: about, status: http.StatusOK}
	type content struct {
		Status int    `json:"-"`
		Type   string `header:"Content-Type"`
		Cache  string `header:"Cache-Control"`
		ETag   string `header:"ETag"`
		Body   []byte
	}
	r.register = func(s *Server, api huma.API, r route) {
		op := s.described(r)
		op.Responses = map[string]*huma.Response{"200": {Description: "A vector tile; an empty one where nothing is",
			Content: map[string]*huma.MediaType{tileType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}
		huma.Register(api, op, func(ctx context.Context, in *I) (*content, error) {
			drawn, err := do(s, ctx, actorOf(ctx), in)
			if err != nil {
				return nil, problem(ctx, err)
			}
			sum := sha256.Sum256(drawn)
			out := &content{Status: http.StatusOK, Type: tileType, Cache: keep, ETag: strconv.Quote(hex.EncodeToString(sum[:8])), Body: drawn}
			if any(in).(seen).tag() == out.ETag {
				out.Status, out.Body = http.StatusNotModified, nil
			}
			return out, nil
		})
	}
	return r
}
