package api

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/postgres"
)

type forecastFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Month  string `query:"month" format:"date" doc:"first day of one month"`
	AsOf   string `query:"as_of" format:"date" doc:"as foreseen on that day; the last run when absent"`
	Paging
}

func (s *Server) forecasts(ctx context.Context, who access.Actor, in *forecastFilter) (postgres.Page[forecasting.Forecast], error) {
	return s.Forecasts.Forecasts(ctx, who, forecasting.Filter{Region: in.Region, Month: in.Month, AsOf: in.AsOf, Paging: in.domain()})
}
