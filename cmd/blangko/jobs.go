package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/schedule"
)

// jobs is the whole list of what runs by the clock, in Jakarta's time.
func jobs(s *system) []schedule.Job {
	return []schedule.Job{
		{Name: "forecast", Spec: "30 1 * * *", About: "Foresee what every region will need and where shelves run empty", MaxLate: 20 * time.Hour, Do: s.forecasts.Job},
		{Name: "checkpoint", Spec: "10 2 * * *", About: "Sign the newest links of the ledger and of custody", MaxLate: 20 * time.Hour, Do: s.signNightly},
		{Name: "review", Spec: "0 2 * * *", About: "Find figures of coverage that nothing newer followed", MaxLate: 24 * time.Hour, Do: s.review},
		{Name: "watch", Spec: "15 * * * *", About: "Escalate overdue discrepancies; alerts about losses, late shipments and loans, ribbon and film", MaxLate: time.Hour, Do: s.watch},
		{Name: "sweep", Spec: "40 2 * * *", About: "Drop expired sessions, answers kept for repeated requests, and evidence whose time is over", MaxLate: 24 * time.Hour, Do: s.sweep},
	}
}

// answersKept is how long a phone may be offline and still repeat a request safely.
const answersKept = 90 * 24 * time.Hour

func (s *system) sweep(ctx context.Context, _ func(done, total int)) (string, error) {
	sessions, err := s.accounts.PurgeSessions(ctx)
	if err != nil {
		return "", err
	}
	var answers int64
	err = postgres.Write(ctx, s.db.DB, access.System, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE claimed_at < $1`, s.now().Add(-answersKept))
		if err != nil {
			return fmt.Errorf("drop kept answers: %w", err)
		}
		answers, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return "", err
	}
	photos, err := s.ledger.DropPhotos(ctx, access.System)
	return fmt.Sprintf("%d sessions, %d answers and %d photos dropped", sessions, answers, photos), err
}

func (s *system) watch(ctx context.Context, _ func(done, total int)) (string, error) {
	done, err := s.ledger.Watch(ctx, access.System)
	return fmt.Sprintf("%d discrepancies escalated; %d alerts opened, %d raised, %d closed", done.Escalated, done.Alerts.Opened, done.Alerts.Raised, done.Alerts.Closed), err
}

func (s *system) review(ctx context.Context, _ func(done, total int)) (string, error) {
	opened, closed, err := s.coverage.Review(ctx, access.System)
	return fmt.Sprintf("%d figures found stale, %d no longer", opened, closed), err
}
