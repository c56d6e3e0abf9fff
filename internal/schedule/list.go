package schedule

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Status is a job, when it is due next, and how it went lately.
type Status struct {
	Name    string    `json:"name" example:"forecast"`
	About   string    `json:"about" doc:"what it does, in one sentence"`
	Spec    string    `json:"schedule" example:"15 2 * * *" doc:"cron line, in Jakarta"`
	MaxLate int64     `json:"max_late_seconds" doc:"how late a missed slot is still run"`
	NextDue time.Time `json:"next_due"`
	Running bool      `json:"running"`
	Runs    []Record  `json:"runs" doc:"the last ten, newest first"`
}

// Record is one run of a job.
type Record struct {
	ID         int64      `json:"id" db:"id"`
	Slot       *time.Time `json:"slot,omitempty" db:"slot" doc:"when it was due; absent when a person started it"`
	StartedAt  time.Time  `json:"started_at" db:"started_at"`
	FinishedAt *time.Time `json:"finished_at,omitempty" db:"finished_at"`
	Outcome    string     `json:"outcome" db:"outcome" enum:"running,done,failed,abandoned"`
	Done       int64      `json:"done" db:"done" doc:"how far it is, of total; 0 of 0 when it does not say"`
	Total      int64      `json:"total" db:"total"`
	Message    string     `json:"message" db:"message"`
}

// List returns every job in the order of the program's list, on one page.
func (s *Schedule) List(ctx context.Context, who access.Actor) (postgres.Page[Status], error) {
	if err := who.May(access.ReadJobs); err != nil {
		return postgres.Page[Status]{}, err
	}
	page := postgres.Page[Status]{Items: []Status{}}
	err := postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		page.Items = page.Items[:0]
		for _, j := range s.jobs {
			status := Status{Name: j.Name, About: j.About, Spec: j.Spec, MaxLate: int64(j.MaxLate.Seconds()),
				NextDue: j.times.Next(s.now()), Runs: []Record{}}
			err := tx.SelectContext(ctx, &status.Runs, `
				SELECT id, slot, started_at, finished_at, coalesce(outcome, 'running') AS outcome, done, total, message
				FROM job_runs
				WHERE job = $1
				ORDER BY started_at DESC, id DESC
				LIMIT 10`, j.Name)
			if err != nil {
				return fmt.Errorf("read runs of %s: %w", j.Name, err)
			}
			for _, run := range status.Runs {
				status.Running = status.Running || run.FinishedAt == nil
			}
			page.Items = append(page.Items, status)
		}
		return nil
	})
	return page, err
}
