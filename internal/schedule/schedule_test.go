package schedule_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/schedule"
)

// victim is set for the process that a test kills: the address of the database in which it runs a job.
const victim = "SCHEDULE_VICTIM"

func TestMain(m *testing.M) {
	if address := os.Getenv(victim); address != "" {
		beKilled(address)
	}
	pgtest.Main(m)
}

var wib = time.FixedZone("WIB", 7*60*60)

func at(hour, minute int) time.Time {
	return time.Date(2026, time.November, 22, hour, minute, 0, 0, wib)
}

// clock is moved by tests alone.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// ran counts runs.
type ran struct{ atomic.Int64 }

func (r *ran) job(spec string, maxLate time.Duration) schedule.Job {
	return schedule.Job{Name: "count", Spec: spec, About: "Counts its runs.", MaxLate: maxLate,
		Do: func(context.Context, func(int, int)) (string, error) {
			return fmt.Sprintf("run %d", r.Add(1)), nil
		}}
}

func start(t *testing.T, db *postgres.DB, c *clock, jobs ...schedule.Job) *schedule.Schedule {
	t.Helper()
	s, err := schedule.New(db, c.read, jobs...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tick lets the clock show an instant and waits for what was due.
func tick(t *testing.T, s *schedule.Schedule, c *clock, now time.Time) {
	t.Helper()
	c.set(now)
	s.Tick(t.Context())
	s.Idle()
}

// runs are the runs of a job as GET /jobs shows them, newest first.
func runs(t *testing.T, s *schedule.Schedule) []schedule.Record {
	t.Helper()
	page, err := s.List(t.Context(), access.System)
	if err != nil {
		t.Fatal(err)
	}
	return page.Items[0].Runs
}

func outcomes(t *testing.T, s *schedule.Schedule) string {
	t.Helper()
	var list []string
	for _, run := range runs(t, s) {
		list = append(list, run.Outcome)
	}
	slices.Reverse(list)
	return strings.Join(list, " ")
}

func TestFiveReplicasRunEverySlotOnce(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithOwner(t)
	address := pgtest.AsServer(t, admin)
	const replicas, slots = 5, 100
	c := &clock{now: at(0, 0)}
	var mu sync.Mutex
	count := map[time.Time]int{}
	job := schedule.Job{Name: "count", Spec: "* * * * *", MaxLate: time.Minute,
		Do: func(context.Context, func(int, int)) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			count[c.read()]++
			return "", nil
		}}
	var all []*schedule.Schedule
	for range replicas {
		db, err := postgres.Open(t.Context(), address, 3)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		all = append(all, start(t, db, c, job))
	}
	all[0].Tick(t.Context()) // the job is new at midnight, so its first slot is a minute later
	for i := 1; i <= slots; i++ {
		c.set(at(0, i))
		var tick sync.WaitGroup
		for _, s := range all {
			tick.Go(func() { s.Tick(t.Context()) })
		}
		tick.Wait()
		for _, s := range all {
			s.Idle()
		}
	}
	want := map[time.Time]int{}
	for i := 1; i <= slots; i++ {
		want[at(0, i)] = 1
	}
	if !maps.Equal(count, want) {
		t.Errorf("runs by slot: %v", count)
	}
}

func TestWhatWasMissedIsRunOnceAndNotTooLate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		spec string
		late time.Duration
		up   []time.Time // when the server ticks; the first makes the job known
		want int64
	}{
		{"a new job waits for its next slot", "0 2 * * *", 20 * time.Hour, []time.Time{at(3, 0), at(3, 1)}, 0},
		{"the first slot of a job is run though its MaxLate is short", "0 2 * * *", time.Minute, []time.Time{at(1, 0), at(2, 0)}, 1},
		{"many missed slots make one run", "0 * * * *", 20 * time.Hour, []time.Time{at(1, 30), at(12, 30), at(12, 31)}, 1},
		{"the next slot comes after the missed one", "0 * * * *", 20 * time.Hour, []time.Time{at(1, 30), at(12, 30), at(13, 0)}, 2},
		{"later than MaxLate it is not run", "0 2 * * *", time.Hour, []time.Time{at(1, 0), at(3, 1)}, 0},
		{"at MaxLate it is run", "0 2 * * *", time.Hour, []time.Time{at(1, 0), at(3, 0)}, 1},
		{"a tick between slots runs nothing", "0 2 * * *", time.Hour, []time.Time{at(1, 0), at(1, 59)}, 0},
		{"times are those of Jakarta", "0 2 * * *", time.Minute, []time.Time{at(1, 0).UTC(), at(2, 0).UTC()}, 1},
		{"a clock that is put back runs nothing twice", "0 * * * *", 6 * time.Hour, []time.Time{at(1, 30), at(4, 0), at(3, 30), at(2, 15), at(4, 0)}, 1},
		{"a clock that jumps a year ahead and back blocks nothing", "0 * * * *", 6 * time.Hour,
			[]time.Time{at(1, 30), at(2, 0).AddDate(1, 0, 0), at(2, 0), at(3, 0)}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r ran
			clock := &clock{}
			s := start(t, pgtest.New(t), clock, r.job(c.spec, c.late))
			for _, now := range c.up {
				tick(t, s, clock, now)
			}
			if got := r.Load(); got != c.want {
				t.Errorf("%d runs, want %d", got, c.want)
			}
		})
	}
}

func TestARunTellsHowItWent(t *testing.T) {
	t.Parallel()
	c := &clock{now: at(1, 0)}
	errEmpty := errors.New("no figures\x00")
	var fail atomic.Bool
	s := start(t, pgtest.New(t), c, schedule.Job{Name: "forecast", Spec: "0 2 * * *", About: "Foresees.", MaxLate: time.Hour,
		Do: func(_ context.Context, progress func(int, int)) (string, error) {
			progress(514, 514)
			if fail.Load() {
				return "half of it", errEmpty
			}
			return "514 regions", nil
		}})
	if err := s.Run(t.Context(), "forecast"); err != nil {
		t.Fatal(err)
	}
	fail.Store(true)
	if err := s.Run(t.Context(), "forecast"); !errors.Is(err, errEmpty) {
		t.Errorf("Run: %v, want %v", err, errEmpty)
	}
	fail.Store(false)
	tick(t, s, c, at(1, 30))
	tick(t, s, c, at(2, 1))
	page, err := s.List(t.Context(), access.System)
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	status := page.Items[0]
	if status.Name != "forecast" || status.About != "Foresees." || status.Running || !status.NextDue.Equal(at(2, 0).AddDate(0, 0, 1)) {
		t.Errorf("status %+v", status)
	}
	if len(status.Runs) != 3 {
		t.Fatalf("%d runs, want 3", len(status.Runs))
	}
	for i, want := range []struct {
		outcome, message string
		slot             bool
	}{{"done", "514 regions", true}, {"failed", "no figures", false}, {"done", "514 regions", false}} {
		run := status.Runs[i]
		if run.Outcome != want.outcome || run.Message != want.message || (run.Slot != nil) != want.slot ||
			run.Done != 514 || run.Total != 514 || run.FinishedAt == nil {
			t.Errorf("run %d is %+v, want %+v", i, run, want)
		}
	}
	if slot := status.Runs[0].Slot; !slot.Equal(at(2, 0)) {
		t.Errorf("slot %v, want 02:00 WIB", slot)
	}
}

func TestOnlyThoseWhoMaySeeJobs(t *testing.T) {
	t.Parallel()
	s := start(t, pgtest.New(t), &clock{now: at(1, 0)}, new(ran).job("0 2 * * *", time.Hour))
	for _, role := range access.Roles {
		_, err := s.List(t.Context(), access.Actor{ID: 1, Role: role, Reach: access.Nation})
		if may := slices.Contains(access.Policy[access.ReadJobs], role); (err == nil) != may {
			t.Errorf("%s: %v, may %v", role, err, may)
		}
	}
}

// held is a job that goes on until it is let go or told to stop.
type held struct {
	started chan struct{}
	letGo   chan struct{}
}

func hold() held { return held{make(chan struct{}, 10), make(chan struct{})} }

func (h held) job(maxLate time.Duration) schedule.Job {
	return schedule.Job{Name: "held", Spec: "0 * * * *", MaxLate: maxLate,
		Do: func(ctx context.Context, progress func(int, int)) (string, error) {
			progress(1, 2)
			h.started <- struct{}{}
			select {
			case <-h.letGo:
				return "let go", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}}
}

func TestAJobDoesNotOverlapItself(t *testing.T) {
	t.Parallel()
	db, h, c := pgtest.New(t), hold(), &clock{now: at(1, 30)}
	here, there := start(t, db, c, h.job(time.Hour)), start(t, db, c, h.job(time.Hour))
	here.Tick(t.Context())
	c.set(at(2, 0))
	here.Tick(t.Context())
	<-h.started
	if err := there.Run(t.Context(), "held"); !errors.Is(err, schedule.ErrRunning) {
		t.Errorf("by hand meanwhile: %v, want ErrRunning", err)
	}
	c.set(at(3, 0))
	there.Tick(t.Context())
	there.Idle()
	if got := outcomes(t, there); got != "running" {
		t.Errorf("runs at three: %q, want running", got)
	}
	close(h.letGo)
	here.Idle()
	c.set(at(3, 1)) // the slot of three o'clock had to wait
	there.Tick(t.Context())
	there.Idle()
	if got := outcomes(t, there); got != "done done" {
		t.Errorf("runs in the end: %q, want done done", got)
	}
	if err := here.Run(t.Context(), "nothing"); !errors.Is(err, schedule.ErrUnknown) {
		t.Errorf("a job that is not there: %v, want ErrUnknown", err)
	}
}

func TestStopWaitsForTheJobThenTellsItToStop(t *testing.T) {
	t.Parallel()
	db, h, c := pgtest.New(t), hold(), &clock{now: at(1, 30)}
	s := start(t, db, c, h.job(time.Hour))
	s.Tick(t.Context())
	c.set(at(2, 0))
	s.Tick(t.Context())
	<-h.started
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.Stop(soon); err != nil {
		t.Errorf("Stop: %v", err)
	}
	if waited := time.Since(began); waited < 50*time.Millisecond {
		t.Errorf("Stop waited %v, want at least the 50 ms given", waited)
	}
	s.Tick(t.Context())
	s.Idle()
	if got := outcomes(t, s); got != "abandoned" {
		t.Errorf("after Stop: %q, want abandoned", got)
	}

	// The next start takes the slot up again.
	again := start(t, db, c, h.job(time.Hour))
	again.Tick(t.Context())
	<-h.started
	close(h.letGo)
	if err := again.Stop(t.Context()); err != nil {
		t.Errorf("Stop of a job that ends: %v", err)
	}
	if got := outcomes(t, again); got != "abandoned done" {
		t.Errorf("after the next start: %q, want abandoned done", got)
	}
}

func TestStartCatchesUp(t *testing.T) {
	t.Parallel()
	db, c := pgtest.New(t), &clock{now: at(1, 30)}
	var r ran
	tick(t, start(t, db, c, r.job("0 2 * * *", time.Hour)), c, at(1, 30))
	c.set(at(2, 30))
	s := start(t, db, c, r.job("0 2 * * *", time.Hour))
	s.Start(t.Context())
	for deadline := time.Now().Add(20 * time.Second); r.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.Load() != 1 {
		t.Errorf("%d runs, want 1", r.Load())
	}
}

// age makes the last heartbeat of every run older, as if that time had passed in silence.
func age(t *testing.T, db *postgres.DB, by string) {
	t.Helper()
	err := postgres.Write(t.Context(), db, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE job_runs SET heartbeat_at = heartbeat_at - $1::interval WHERE finished_at IS NULL`, by)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARunThatWasGivenUpStopsWhenItWakes(t *testing.T) {
	t.Parallel()
	db, h, c := pgtest.New(t), hold(), &clock{now: at(1, 30)}
	asleep, awake := start(t, db, c, h.job(time.Hour)), start(t, db, c, h.job(time.Hour))
	asleep.SetPulse(300*time.Millisecond, time.Minute)
	asleep.Tick(t.Context())
	c.set(at(2, 0))
	asleep.Tick(t.Context())
	<-h.started
	for !strings.HasPrefix(outcomes(t, awake), "abandoned") { // a beat may come between the two
		age(t, db, "2 minutes")
		awake.Tick(t.Context())
	}
	asleep.Idle() // its next beat finds the run given up
	<-h.started   // and the slot is run again
	close(h.letGo)
	awake.Idle()
	if got := outcomes(t, awake); got != "abandoned done" {
		t.Errorf("runs: %q, want abandoned done", got)
	}
}

func TestASlotThatKillsIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	db, h, c := pgtest.New(t), hold(), &clock{now: at(1, 30)}
	start(t, db, c, h.job(time.Hour)).Tick(t.Context())
	c.set(at(2, 0))
	var silent []*schedule.Schedule
	for range 5 { // each a process of its own, which falls silent
		s := start(t, db, c, h.job(time.Hour))
		silent = append(silent, s)
		s.SetPulse(time.Hour, time.Minute)
		s.Tick(t.Context())
		age(t, db, "2 minutes")
	}
	last := start(t, db, c, h.job(time.Hour))
	last.Tick(t.Context())
	if got := outcomes(t, last); got != "abandoned abandoned abandoned" {
		t.Errorf("runs: %q, want three", got)
	}
	close(h.letGo)
	for _, s := range silent {
		s.Idle()
	}
}

// beKilled runs a job that does not end, says so, and waits to be killed.
func beKilled(address string) {
	db, err := postgres.Open(context.Background(), address, 3)
	if err != nil {
		panic(err)
	}
	s, err := schedule.New(db, func() time.Time { return at(2, 0) }, schedule.Job{Name: "held", Spec: "0 * * * *", MaxLate: time.Hour,
		Do: func(ctx context.Context, _ func(int, int)) (string, error) {
			fmt.Println("started")
			<-ctx.Done()
			return "", ctx.Err()
		}})
	if err != nil {
		panic(err)
	}
	s.SetPulse(50*time.Millisecond, time.Minute)
	s.Tick(context.Background())
	select {}
}

func TestAKilledProcessLeavesItsSlotToOthers(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithOwner(t)
	h, c := hold(), &clock{now: at(1, 30)}
	close(h.letGo)
	s := start(t, db, c, h.job(time.Hour))
	s.SetPulse(50*time.Millisecond, 2*time.Second)
	s.Tick(t.Context())
	c.set(at(2, 1))

	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(program)
	process.Env = append(os.Environ(), victim+"="+pgtest.AsServer(t, admin))
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, len("started"))); err != nil {
		t.Fatalf("the process that is to be killed: %v", err)
	}
	time.Sleep(200 * time.Millisecond) // a few beats
	s.Tick(t.Context())
	s.Idle()
	if got := outcomes(t, s); got != "running" {
		t.Errorf("while it lives: %q, want running", got)
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed, which is an error to Wait
	for deadline := time.Now().Add(time.Minute); !strings.HasSuffix(outcomes(t, s), "done"); {
		if time.Now().After(deadline) {
			t.Fatalf("a minute after the kill: %q, want abandoned done", outcomes(t, s))
		}
		time.Sleep(100 * time.Millisecond)
		s.Tick(t.Context())
		s.Idle()
	}
	if got := outcomes(t, s); got != "abandoned done" {
		t.Errorf("after the kill: %q, want abandoned done", got)
	}
}

func TestAPanicIsCaughtLoggedOnceAndRecorded(t *testing.T) {
	var log bytes.Buffer // not in parallel: it takes the log
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	c := &clock{now: at(1, 30)}
	s := start(t, pgtest.New(t), c, schedule.Job{Name: "broken", Spec: "0 2 * * *", MaxLate: time.Hour,
		Do: func(context.Context, func(int, int)) (string, error) {
			var figures []int
			return fmt.Sprint(figures[3]), nil
		}})
	tick(t, s, c, at(1, 30))
	tick(t, s, c, at(2, 0))
	record := runs(t, s)[0]
	if record.Outcome != "failed" || !strings.Contains(record.Message, "index out of range") || strings.Contains(record.Message, "goroutine") {
		t.Errorf("recorded as %+v", record)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "schedule_test.go") {
		t.Errorf("log:\n%s\nwant one line that says where", got)
	}
}

func TestAJobThatIsNotWellFormedIsRefused(t *testing.T) {
	t.Parallel()
	right := new(ran).job("0 2 * * *", time.Hour)
	for name, wrong := range map[string]func(j *schedule.Job){
		"no cron line":             func(j *schedule.Job) { j.Spec = "tomorrow" },
		"seconds in the cron line": func(j *schedule.Job) { j.Spec = "0 0 2 * * *" },
		"times without a clock":    func(j *schedule.Job) { j.Spec = "@every 5m" },
		"a name of several words":  func(j *schedule.Job) { j.Name = "count all" },
		"no time to be late":       func(j *schedule.Job) { j.MaxLate = 0 },
		"nothing to do":            func(j *schedule.Job) { j.Do = nil },
	} {
		j := right
		wrong(&j)
		if _, err := schedule.New(nil, time.Now, j); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := schedule.New(nil, time.Now, right, right); err == nil {
		t.Error("the same job twice: taken")
	}
}
