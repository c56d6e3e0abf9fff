package api

import (
	"context"
	"encoding/json"

	"blangko/internal/access"
)

// largestRouting is how many bytes a routing problem may have: a matrix of some two thousand places.
const largestRouting = 32 << 20

type routingProblem struct {
	Seed       uint64          `query:"seed" default:"1" maximum:"1000000000"`
	Iterations int             `query:"iterations" minimum:"0" maximum:"10000000" doc:"steps of the search; 0 for a budget by problem size"`
	Body       json.RawMessage `doc:"vehicles, jobs and matrices"`
}

func (s *Server) solveRoute(ctx context.Context, who access.Actor, in *routingProblem) (json.RawMessage, error) {
	return s.Outreach.SolveRoute(ctx, who, in.Body, in.Seed, in.Iterations)
}
