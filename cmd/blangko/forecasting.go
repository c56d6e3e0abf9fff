package main

import (
	"context"
	"time"

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
func (s *system) plannedVisits(ctx context.Context, from, until time.Time) ([]forecasting.Visit, error) {
	ahead, err := s.outreach.Ahead(ctx, access.System, from, until)
	visits := make([]forecasting.Visit, len(ahead))
	for i, v := range ahead {
		visits[i] = forecasting.Visit{RegionID: v.RegionID, Day: v.Day, Blanks: v.Cards, Held: v.Held}
	}
	return visits, err
}
