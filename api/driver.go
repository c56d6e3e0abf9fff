package api

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/postgres"
)

type circularPage struct{ Paging }

func (s *Server) circulars(ctx context.Context, who access.Actor, in *circularPage) (postgres.Page[forecasting.Circular], error) {
	return s.Forecasts.Circulars(ctx, who, in.domain())
}

type newCircular struct{ Body forecasting.NewCircular }

func (s *Server) writeCircular(ctx context.Context, who access.Actor, in *newCircular) (forecasting.Circular, error) {
	return s.Forecasts.WriteCircular(ctx, who, in.Body)
}

type endCircular struct {
	ID int64 `path:"id" minimum:"1"`
	IfMatch
	Body forecasting.EndCircular
}

func (s *Server) endCircular(ctx context.Context, who access.Actor, in *endCircular) (forecasting.Circular, error) {
	version, err := in.version()
	if err != nil {
		return forecasting.Circular{}, err
	}
	return s.Forecasts.EndCircular(ctx, who, in.ID, version, in.Body)
}

type earlyFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
}

// EarlyRecordings are all that were noted; there are at most a few a kabupaten/kota.
type EarlyRecordings struct {
	Items []forecasting.EarlyRecording `json:"items"`
	Next  string                       `json:"next" doc:"always empty"`
}

func (s *Server) earlyRecordings(ctx context.Context, who access.Actor, in *earlyFilter) (EarlyRecordings, error) {
	all, err := s.Forecasts.EarlyRecordings(ctx, who, in.Region)
	return EarlyRecordings{Items: all}, err
}

type recordEarly struct{ Body forecasting.EarlyRecording }

func (s *Server) recordEarly(ctx context.Context, who access.Actor, in *recordEarly) (forecasting.EarlyRecording, error) {
	return s.Forecasts.RecordEarly(ctx, who, in.Body)
}
