package api

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
)

type accuracyFilter struct {
	Level  string `query:"level" enum:"nation,province,regency,district" doc:"that of the region when absent, or else of what is in reach"`
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Lead   int    `query:"lead" default:"1" minimum:"0" maximum:"6" doc:"months between the forecast and its month"`
	From   string `query:"from" format:"date" doc:"first month, its first day"`
	To     string `query:"to" format:"date" doc:"last month, its first day"`
	Paging
}

func (s *Server) accuracy(ctx context.Context, who access.Actor, in *accuracyFilter) (forecasting.TrackRecord, error) {
	return s.Forecasts.Accuracy(ctx, who, forecasting.AccuracyFilter{Level: in.Level, Region: in.Region, Lead: in.Lead, From: in.From, To: in.To,
		Paging: in.domain()})
}
