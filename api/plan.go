package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/outreach"
)

type planFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	State  string `query:"state" enum:"proposed,published,done,cancelled"`
	Paging
}

func (s *Server) plans(ctx context.Context, who access.Actor, in *planFilter) (postgres.Page[outreach.Plan], error) {
	return s.Outreach.Plans(ctx, who, outreach.PlanFilter{Region: in.Region, State: in.State, Paging: in.domain()})
}

func (s *Server) plan(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Plan, error) {
	return s.Outreach.Plan(ctx, who, in.ID)
}

func (s *Server) planMap(ctx context.Context, who access.Actor, in *ByNumber) (outreach.FeatureCollection, error) {
	return s.Outreach.PlanMap(ctx, who, in.ID)
}

type newPlan struct{ Body outreach.NewPlan }

func (s *Server) propose(ctx context.Context, who access.Actor, in *newPlan) (outreach.Plan, error) {
	return s.Outreach.Propose(ctx, who, in.Body)
}
