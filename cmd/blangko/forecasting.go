package main

import (
	"context"

	"blangko/forecasting"
	"blangko/internal/access"
)

// forecastOnce makes the first forecast of a database that has none: a new job waits for its next slot, and a newcomer
// should not have to.
func (s *system) forecastOnce(ctx context.Context) error {
	made, err := s.forecasts.Made(ctx, access.System)
	if err != nil || made {
		return err
	}
	return s.schedule.Run(ctx, "forecast")
}

// plannedVisits tells the forecaster what outreach has planned.
func (s *system) plannedVisits() forecasting.Visits { return nil }
