package api

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/postgres"
)

type decisionFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Paging
}

func (s *Server) decisions(ctx context.Context, who access.Actor, in *decisionFilter) (postgres.Page[forecasting.Decision], error) {
	return s.Forecasts.Decisions(ctx, who, in.Region, in.domain())
}

type newDecision struct{ Body forecasting.NewDecision }

func (s *Server) noteDecision(ctx context.Context, who access.Actor, in *newDecision) (forecasting.Decision, error) {
	return s.Forecasts.Decide(ctx, who, in.Body)
}
