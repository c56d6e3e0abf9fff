package api

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

type forecastFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Level  string `query:"level" enum:"nation,province,regency,district" doc:"regency when absent; the levels agree"`
	Month  string `query:"month" format:"date" doc:"first day of one month"`
	AsOf   string `query:"as_of" format:"date" doc:"as foreseen on that day; the last run when absent"`
	Paging
}

func (s *Server) forecasts(ctx context.Context, who access.Actor, in *forecastFilter) (page postgres.Page[forecasting.Forecast], err error) {
	f := forecasting.Filter{Region: in.Region, Month: in.Month, AsOf: in.AsOf, Paging: in.domain()}
	if in.Level != "" {
		f.Level = new(region.Level)
		if err := f.Level.UnmarshalText([]byte(in.Level)); err != nil {
			return page, err
		}
	}
	return s.Forecasts.Forecasts(ctx, who, f)
}

type byRegionCode struct {
	Region string `path:"region" maxLength:"13" doc:"official code of a kabupaten/kota"`
}

func (s *Server) shelf(ctx context.Context, who access.Actor, in *byRegionCode) (forecasting.Shelf, error) {
	return s.Forecasts.Shelf(ctx, who, in.Region)
}
