package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Outcomes of a run; a run without one is still going on.
const (
	done      = "done"
	failed    = "failed"
	abandoned = "abandoned"
)

// mostTries is how often a slot is run when its runs fall silent: a job that takes the process down with it must not do
// so for ever.
const mostTries = 3

// keepDays is how long slots and runs are remembered.
const keepDays = 400

// Run runs a job now, whatever the clock says, and returns its error. ErrUnknown when there is no such job, ErrRunning
// while a run of it is going on anywhere.
func (s *Schedule) Run(ctx context.Context, name string) error {
	known := []string{}
	for _, j := range s.jobs {
		if j.Name != name {
			known = append(known, j.Name)
			continue
		}
		if err := s.abandonSilent(ctx); err != nil {
			return err
		}
		var id int64
		err := postgres.Write(ctx, s.db, access.System, func(tx *sqlx.Tx) (err error) {
			id, err = s.begin(ctx, tx, j, nil)
			return err
		})
		if err != nil {
			return err
		}
		return s.do(ctx, j, id)
	}
	return ErrUnknown.With("job", name, "known", known)
}

// claim takes a slot and begins its run. It is not ours when it is another's, when a later slot has been run already
// (the clock was put back), or while an earlier run is still going on; then the next tick tries again.
func (s *Schedule) claim(ctx context.Context, j job, slot time.Time) (id int64, ours bool, err error) {
	err = postgres.Write(ctx, s.db, access.System, func(tx *sqlx.Tx) error {
		id, ours = 0, false
		// A later slot further off than MaxLate was claimed by a clock that was wrong, and counts for nothing.
		result, err := tx.ExecContext(ctx, `
			INSERT INTO job_slots (job, slot)
			SELECT $1::text, $2::timestamptz
			WHERE NOT EXISTS (SELECT FROM job_slots WHERE job = $1 AND slot > $2 AND slot <= $3)
			ON CONFLICT DO NOTHING`, j.Name, slot, slot.Add(j.MaxLate))
		if err != nil {
			return fmt.Errorf("claim slot: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if id, err = s.begin(ctx, tx, j, &slot); err != nil {
			return err
		}
		ours = true
		return s.forget(ctx, tx, j)
	})
	if errors.Is(err, ErrRunning) {
		return 0, false, nil
	}
	return id, ours, err
}

// introduce marks the jobs that never had a slot as known from now on, so that their first slot is the next one: being
// new is not having been down.
func (s *Schedule) introduce(ctx context.Context) error {
	names := make([]string, len(s.jobs))
	for i, j := range s.jobs {
		names[i] = j.Name
	}
	err := postgres.Write(ctx, s.db, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO job_slots (job, slot)
			SELECT j.name, $2::timestamptz
			FROM unnest($1::text[]) AS j (name)
			WHERE NOT EXISTS (SELECT FROM job_slots s WHERE s.job = j.name)
			ON CONFLICT DO NOTHING`, pq.Array(names), s.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("introduce jobs: %w", err)
	}
	return nil
}

// begin writes the row of a run, or returns ErrRunning.
func (s *Schedule) begin(ctx context.Context, tx *sqlx.Tx, j job, slot *time.Time) (int64, error) {
	var ids []int64
	err := tx.SelectContext(ctx, &ids, `
		INSERT INTO job_runs (job, slot, started_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (job) WHERE finished_at IS NULL DO NOTHING
		RETURNING id`, j.Name, slot, s.now())
	if err != nil {
		return 0, fmt.Errorf("begin run: %w", err)
	}
	if len(ids) == 0 {
		return 0, ErrRunning.With("job", j.Name)
	}
	return ids[0], nil
}

// forget drops what is too old to be asked for.
func (s *Schedule) forget(ctx context.Context, tx *sqlx.Tx, j job) error {
	before := s.now().Add(-j.MaxLate).AddDate(0, 0, -keepDays)
	if _, err := tx.ExecContext(ctx, `DELETE FROM job_slots WHERE job = $1 AND slot < $2`, j.Name, before); err != nil {
		return fmt.Errorf("forget old slots: %w", err)
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM job_runs WHERE job = $1 AND started_at < $2 AND finished_at IS NOT NULL`, j.Name, before)
	if err != nil {
		return fmt.Errorf("forget old runs: %w", err)
	}
	return nil
}

// do does the work of a run that has begun, keeps it alive, and records and logs how it ended.
func (s *Schedule) do(ctx context.Context, j job, id int64) error {
	began := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var at progress
	heart := make(chan struct{})
	go func() {
		defer close(heart)
		s.keepAlive(ctx, id, &at, cancel)
	}()
	message, err := guarded(ctx, j, at.set)
	cause := context.Cause(ctx)
	cancel(nil)
	<-heart

	outcome := done
	switch {
	case err != nil && cause != nil: // it was told to stop, and did
		outcome, message, err = abandoned, cause.Error(), fmt.Errorf("job %s: %w", j.Name, cause)
	case err != nil:
		outcome, message, err = failed, err.Error(), fmt.Errorf("job %s: %w", j.Name, err)
	}
	// What happened is recorded even though the work was cancelled.
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer stop()
	err = errors.Join(err, s.finish(ctx, id, outcome, message, &at))
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	attributes := []slog.Attr{slog.String("name", j.Name), slog.String("outcome", outcome), slog.Duration("took", time.Since(began)),
		slog.String("message", message)}
	if err != nil {
		attributes = append(attributes, slog.Any("error", err))
	}
	var bug panicked
	if errors.As(err, &bug) {
		attributes = append(attributes, slog.String("stack", bug.stack))
	}
	slog.LogAttrs(ctx, level, "job", attributes...)
	return err
}

// guarded does the work and turns a panic, which is a bug, into an error that says where.
func guarded(ctx context.Context, j job, progress func(done, total int)) (message string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked{p, string(debug.Stack())}
		}
	}()
	return j.Do(ctx, progress)
}

// panicked is a panic of a job: short for those who read the list of jobs, with the stack in the log.
type panicked struct {
	value any
	stack string
}

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// progress is how far a run is; Do writes it, the heart reads it.
type progress struct{ done, total atomic.Int64 }

func (p *progress) set(done, total int) {
	p.done.Store(int64(done))
	p.total.Store(int64(total))
}

var errLost = errors.New("the run had fallen silent and was given up")

// keepAlive says every few seconds that the run goes on and how far it is. When the run was given up meanwhile, because
// this process had stood still, it stops the work: another replica may be at it.
func (s *Schedule) keepAlive(ctx context.Context, id int64, at *progress, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(s.beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := postgres.Write(ctx, s.db, access.System, func(tx *sqlx.Tx) error {
			result, err := tx.ExecContext(ctx, `
				UPDATE job_runs
				SET heartbeat_at = clock_timestamp(), done = $2, total = $3
				WHERE id = $1
				  AND finished_at IS NULL`, id, at.done.Load(), at.total.Load())
			return postgres.OneRow(result, err, errLost)
		})
		switch {
		case errors.Is(err, errLost):
			cancel(errLost)
			return
		case err != nil && ctx.Err() == nil:
			// The next beat may come through; if none does, the run is given up, as it should be.
			slog.WarnContext(ctx, "job heartbeat", "error", err)
		}
	}
}

// finish records how a run ended. A slot whose run was stopped is free for the next start.
func (s *Schedule) finish(ctx context.Context, id int64, outcome, message string, at *progress) error {
	err := postgres.Write(ctx, s.db, access.System, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE job_runs
			SET finished_at = $2, outcome = $3, message = $4, done = $5, total = $6
			WHERE id = $1
			  AND finished_at IS NULL`, id, s.now(), outcome, short(message), at.done.Load(), at.total.Load())
		if err := postgres.OneRow(result, err, errLost); err != nil {
			return err
		}
		if outcome != abandoned {
			return nil
		}
		return freeSlot(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("record the end of run %d: %w", id, err)
	}
	return nil
}

// abandonSilent gives up the runs whose heart has not beaten for too long by the database's clock: their process is
// gone, or so slow that it may as well be.
func (s *Schedule) abandonSilent(ctx context.Context) error {
	var silent []struct {
		ID    int64
		Job   string
		Tries int // earlier runs of the slot that fell silent
	}
	err := postgres.Write(ctx, s.db, access.System, func(tx *sqlx.Tx) error {
		silent = nil
		err := tx.SelectContext(ctx, &silent, `
			UPDATE job_runs r
			SET finished_at = heartbeat_at, outcome = $2, message = $3
			WHERE finished_at IS NULL
			  AND heartbeat_at < clock_timestamp() - make_interval(secs => $1)
			RETURNING id, job, (
				SELECT count(*)
				FROM job_runs t
				WHERE t.job = r.job
				  AND t.slot = r.slot
				  AND t.outcome = $2
				  AND t.message = $3) AS tries`, s.lost.Seconds(), abandoned, errLost.Error())
		if err != nil {
			return fmt.Errorf("give up silent runs: %w", err)
		}
		for _, run := range silent {
			if run.Tries+1 >= mostTries {
				continue
			}
			if err := freeSlot(ctx, tx, run.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, run := range silent {
		slog.WarnContext(ctx, "job", "name", run.Job, "outcome", abandoned, "message", errLost.Error())
	}
	return nil
}

// freeSlot lets the slot of a run that did not end be claimed again.
func freeSlot(ctx context.Context, tx *sqlx.Tx, run int64) error {
	_, err := tx.ExecContext(ctx, `
		DELETE FROM job_slots s
		USING job_runs r
		WHERE r.id = $1
		  AND s.job = r.job
		  AND s.slot = r.slot`, run)
	if err != nil {
		return fmt.Errorf("free the slot of run %d: %w", run, err)
	}
	return nil
}

// short makes a message fit for a list: valid text of bounded length.
func short(message string) string {
	const most = 2000
	message = strings.ToValidUTF8(strings.ReplaceAll(message, "\x00", ""), "\uFFFD")
	if runes := []rune(message); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return message
}
