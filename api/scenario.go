package api

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
)

type newScenario struct{ Body forecasting.Scenario }

func (s *Server) tryScenario(ctx context.Context, who access.Actor, in *newScenario) (forecasting.WhatIf, error) {
	return s.Forecasts.Try(ctx, who, in.Body)
}
