// Package schedule runs jobs when they are due: each slot once over all replicas, never two runs of a job at once, and
// after a downtime what was missed once, not as often as it was missed.
//
// The clock ticks every minute on every replica. At a tick the latest slot of each job is claimed as a row, and whoever
// inserts it runs the job. A run says that it is alive by a heartbeat; one that falls silent is abandoned, and its slot
// is free again for a few more tries. All times of day are those of Jakarta.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Job is work that is due at certain times.
type Job struct {
	Name    string        // lower-case words joined by dashes; never changes, since slots and runs go by it
	Spec    string        // cron: minute hour day-of-month month day-of-week, in Jakarta; or @daily and the like
	About   string        // one sentence for whoever reads the list of jobs
	MaxLate time.Duration // how late a slot is still worth running, a minute or more

	// Do does the work. It reports progress as often as it likes and returns one sentence on what it did. It must
	// return soon after ctx is done, and it must bear to be run again after it was stopped in the middle.
	Do func(ctx context.Context, progress func(done, total int)) (message string, err error)
}

var (
	ErrUnknown = fault.New(fault.NotFound, "job-unknown") // job, known
	ErrRunning = fault.New(fault.Conflict, "job-running") // job
)

// jakarta is where days begin. It has no summer time.
var jakarta = time.FixedZone("WIB", 7*60*60)

// How a run that is no longer alive is told from one that is slow.
const (
	beatEvery = 5 * time.Second
	lostAfter = time.Minute
)

// Schedule is a list of jobs and the clock that runs them.
type Schedule struct {
	db    *postgres.DB
	now   func() time.Time
	jobs  []job
	clock *cron.Cron

	beat, lost time.Duration

	work   context.Context // what the jobs of the clock run under
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	stopped bool
	running sync.WaitGroup
}

type job struct {
	Job
	times *cron.SpecSchedule
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// New returns the schedule of the jobs. A job that is not well formed is an error: the list is part of the program.
func New(db *postgres.DB, now func() time.Time, jobs ...Job) (*Schedule, error) {
	s := &Schedule{db: db, now: now, beat: beatEvery, lost: lostAfter}
	s.work, s.cancel = context.WithCancelCause(context.Background())
	seen := map[string]bool{}
	for _, j := range jobs {
		times, err := timesOf(j.Spec)
		switch {
		case err != nil:
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		case !nameForm.MatchString(j.Name):
			return nil, fmt.Errorf("job %q: the name is not lower-case words joined by dashes", j.Name)
		case seen[j.Name]:
			return nil, fmt.Errorf("job %s stands twice in the list", j.Name)
		case j.MaxLate < time.Minute:
			return nil, fmt.Errorf("job %s: MaxLate %v is less than the minute between ticks", j.Name, j.MaxLate)
		case j.Do == nil:
			return nil, fmt.Errorf("job %s does nothing", j.Name)
		}
		seen[j.Name] = true
		s.jobs = append(s.jobs, job{j, times})
	}
	return s, nil
}

// everyMinute is when the clock ticks: no job's times are finer.
var everyMinute = func() cron.Schedule {
	times, err := timesOf("* * * * *")
	if err != nil {
		panic(err) // the line is a constant
	}
	return times
}()

var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// timesOf parses a cron line. "@every" is refused: its times depend on when the process started, so that replicas
// would not agree on the slots.
func timesOf(spec string) (*cron.SpecSchedule, error) {
	parsed, err := parser.Parse(spec)
	if err != nil {
		return nil, err
	}
	times, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q names no times of the clock", spec)
	}
	times.Location = jakarta
	return times, nil
}

// due is the latest slot that has come by now and is not too late to run; ok is false when there is none.
func (j job) due(now time.Time) (slot time.Time, ok bool) {
	for t := j.times.Next(now.Add(-j.MaxLate - time.Nanosecond)); !t.IsZero() && !t.After(now); t = j.times.Next(t) {
		slot, ok = t, true
	}
	return slot, ok
}

// Start looks at once for slots that were missed, then at every minute, until ctx is done or Stop is called. It does
// not wait for the jobs it starts, and ctx does not stop them: Stop does.
func (s *Schedule) Start(ctx context.Context) {
	s.clock = cron.New(cron.WithLocation(jakarta), cron.WithParser(parser), cron.WithLogger(cron.DiscardLogger),
		cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	s.clock.Schedule(everyMinute, cron.FuncJob(func() { s.tick(ctx) }))
	go s.tick(ctx)
	s.clock.Start()
}

// Stop stops the clock and waits for the jobs it runs. When ctx is done first, the jobs are told to stop and are waited
// for a little longer; their slots stay free for the next start. It returns an error when a job does not stop even so.
func (s *Schedule) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	if s.clock != nil {
		s.clock.Stop()
	}
	idle := make(chan struct{})
	go func() {
		s.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	s.cancel(errStopped)
	select {
	case <-idle:
		return nil
	case <-time.After(lastGrace):
		return errors.New("a job does not stop though it was told to")
	}
}

// lastGrace is how long a job that was told to stop may take to say how far it came.
const lastGrace = 5 * time.Second

var errStopped = errors.New("the server stopped")

// tick gives up the runs that fell silent and starts the jobs that are due and nobody else has started.
func (s *Schedule) tick(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	if err := s.abandonSilent(ctx); err != nil {
		slog.ErrorContext(ctx, "look for silent jobs", "error", err)
		return
	}
	if err := s.introduce(ctx); err != nil {
		slog.ErrorContext(ctx, "introduce new jobs", "error", err)
		return
	}
	for _, j := range s.jobs {
		if err := s.startIfDue(ctx, j); err != nil {
			slog.ErrorContext(ctx, "start job", "name", j.Name, "error", err)
		}
	}
}

func (s *Schedule) startIfDue(ctx context.Context, j job) error {
	slot, ok := j.due(s.now())
	if !ok || !s.enter() {
		return nil
	}
	id, ours, err := s.claim(ctx, j, slot)
	if err != nil || !ours {
		s.running.Done()
		return err
	}
	go func() {
		defer s.running.Done()
		// It has been logged and recorded, and nobody waits for it.
		_ = s.do(s.work, j, id)
	}()
	return nil
}

// enter counts one more job, unless the schedule has stopped.
func (s *Schedule) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.running.Add(1)
	return true
}
