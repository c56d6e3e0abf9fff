package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/schedule"
)

func (s *Server) jobs(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[schedule.Status], error) {
	return s.Schedule.List(ctx, who)
}
