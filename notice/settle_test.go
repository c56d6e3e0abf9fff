package notice_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/notice"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}
	auditor = access.Actor{ID: 2, Name: "auditor", Role: access.Auditor, Reach: "00"}
	medan   = access.Actor{ID: 4, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	ternate = access.Actor{ID: 5, Name: "officer.82.71", Role: access.Officer, Reach: "82.71"}
)

// watch is alerts with a clock that the test moves, and the id of Ternate.
type watch struct {
	t      *testing.T
	db     *postgres.DB
	now    time.Time
	region int
	*notice.Alerts
}

func open(t *testing.T) *watch {
	t.Helper()
	w := &watch{t: t, db: pgtest.New(t), now: time.Date(2026, 11, 20, 1, 30, 0, 0, time.UTC)}
	w.Alerts = notice.NewAlerts(w.db, func() time.Time { return w.now })
	err := postgres.Read(t.Context(), w.db, access.System, func(tx *sqlx.Tx) error {
		r, err := region.ByCode(t.Context(), tx, "82.71", region.Today(region.WIB, w.now))
		w.region = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// settle is a night with this probability.
func (w *watch) settle(p float64, atLeast notice.Level) {
	w.t.Helper()
	w.now = w.now.AddDate(0, 0, 1)
	err := postgres.Write(w.t.Context(), w.db, access.System, func(tx *sqlx.Tx) error {
		_, err := w.Settle(w.t.Context(), tx, access.System, []notice.Signal{{RegionID: w.region, Cause: "run-out", Probability: p, AtLeast: atLeast}})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// last is the newest alert, whatever its state; nil when there never was one.
func (w *watch) last() *notice.Alert {
	w.t.Helper()
	var last *notice.Alert
	for _, state := range []notice.State{notice.Closed, ""} {
		page, err := w.List(w.t.Context(), planner, notice.Filter{Region: "82.71", State: state, Snoozed: notice.ShowSnoozed})
		if err != nil {
			w.t.Fatal(err)
		}
		if state == "" && len(page.Items) > 1 {
			w.t.Fatalf("%d alerts of one region and cause", len(page.Items))
		}
		for _, a := range page.Items {
			last = &a
		}
	}
	return last
}

// TestAlertsRiseAtOnceAndFallSlowly gives a probability a night and wants the level after it, "-" for none or closed.
func TestAlertsRiseAtOnceAndFallSlowly(t *testing.T) {
	t.Parallel()
	for name, nights := range map[string][]struct {
		p    float64
		want string
	}{
		"calm opens nothing":              {{0.05, "-"}, {0.1, "-"}},
		"each threshold has its level":    {{0.11, "watch"}, {0.21, "warning"}, {0.51, "critical"}},
		"one calm night changes nothing":  {{0.3, "warning"}, {0.01, "warning"}, {0.3, "warning"}, {0.01, "warning"}},
		"two calm nights close":           {{0.3, "warning"}, {0.01, "warning"}, {0.01, "-"}},
		"just below is not calm":          {{0.6, "critical"}, {0.4, "critical"}, {0.4, "critical"}, {0.4, "critical"}},
		"it falls to the level it is at":  {{0.6, "critical"}, {0.3, "critical"}, {0.3, "warning"}},
		"it opens again as another alert": {{0.3, "warning"}, {0, "warning"}, {0, "-"}, {0.15, "watch"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			for i, n := range nights {
				w.settle(n.p, notice.Calm)
				got := "-"
				if a := w.last(); a != nil && a.State != notice.Closed {
					got = string(a.Level)
				}
				if got != n.want {
					t.Fatalf("night %d with %.2f: %s, want %s", i+1, n.p, got, n.want)
				}
			}
		})
	}
}

func TestThresholdsAreSettings(t *testing.T) {
	t.Parallel()
	w := open(t)
	set := func(name, value string) error {
		return postgres.Write(t.Context(), w.db, access.System, func(tx *sqlx.Tx) error {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
			return err
		})
	}
	if err := set("alerts.warning", "0.4"); err != nil {
		t.Fatal(err)
	}
	w.settle(0.35, notice.Calm)
	if a := w.last(); a == nil || a.Level != notice.Watch {
		t.Errorf("0.35 is %+v, want watch below a warning of 0.4", a)
	}
	// A watch above the warning lifts the warning too.
	if err := set("alerts.watch", "0.45"); err != nil {
		t.Fatal(err)
	}
	w.settle(0.44, notice.Calm)
	w.settle(0.46, notice.Calm)
	if a := w.last(); a == nil || a.Level != notice.Warning {
		t.Errorf("0.46 is %+v, want warning, where watch begins", a)
	}
}

func TestALevelMayHoldWhateverTheProbability(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.settle(0.15, notice.Critical)
	if a := w.last(); a == nil || a.Level != notice.Critical || a.Probability != 0.15 {
		t.Errorf("alert %+v, want critical at 0.15", a)
	}
}

func TestACriticalAlertThatNobodySeesClimbs(t *testing.T) {
	t.Parallel()
	w := open(t)
	for night, want := range []int{0, 0, 1, 1, 1, 2} {
		w.settle(0.9, notice.Calm)
		if a := w.last(); a.Escalation != want {
			t.Errorf("night %d: escalation %d, want %d", night+1, a.Escalation, want)
		}
	}
	a, err := w.Alert(t.Context(), planner, w.last().ID)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range a.Events {
		events = append(events, e.Event)
	}
	if got := strings.Join(events, " "); got != "opened escalated escalated" {
		t.Errorf("events %q", got)
	}
}

func TestWhoAcknowledgesAnAlert(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.settle(0.9, notice.Calm)
	a := w.last()
	if _, err := w.Acknowledge(t.Context(), auditor, a.ID, a.Version, notice.Seen{}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("the auditor acknowledges: %v", err)
	}
	if _, err := w.Acknowledge(t.Context(), medan, a.ID, a.Version, notice.Seen{}); !errors.Is(err, notice.ErrUnknown) {
		t.Errorf("an officer of elsewhere acknowledges: %v", err)
	}
	if _, err := w.Acknowledge(t.Context(), ternate, a.ID, a.Version+1, notice.Seen{}); !errors.Is(err, postgres.ErrStale) {
		t.Errorf("acknowledged by a version that is not: %v", err)
	}
	if _, err := w.Acknowledge(t.Context(), ternate, a.ID, a.Version, notice.Seen{Note: strings.Repeat("12 ", 8)}); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("a note with sixteen digits: %v", err)
	}
	seen, err := w.Acknowledge(t.Context(), ternate, a.ID, a.Version, notice.Seen{Note: "sudah diminta"})
	if err != nil || seen.State != notice.Acknowledged || seen.AcknowledgedBy != ternate.Name {
		t.Fatalf("acknowledged: %+v, %v", seen, err)
	}
	if _, err := w.Acknowledge(t.Context(), ternate, a.ID, seen.Version, notice.Seen{}); !errors.Is(err, notice.ErrKnown) {
		t.Errorf("acknowledged twice: %v", err)
	}
	// Acknowledged, it does not climb.
	for range 6 {
		w.settle(0.9, notice.Calm)
	}
	if a := w.last(); a.Escalation != 0 || a.State != notice.Acknowledged {
		t.Errorf("an acknowledged alert: %+v", a)
	}
}

func TestASnoozedAlertComesBackWhenItRises(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.settle(0.3, notice.Calm)
	a := w.last()
	if _, err := w.Snooze(t.Context(), ternate, a.ID, a.Version, notice.Snooze{Until: "2027-06-01", Note: "lama"}); !errors.Is(err, notice.ErrSnooze) {
		t.Errorf("snoozed for half a year: %v", err)
	}
	s, err := w.Snooze(t.Context(), ternate, a.ID, a.Version, notice.Snooze{Until: "2026-11-30", Note: "kiriman di jalan"})
	if err != nil || s.SnoozedUntil == nil {
		t.Fatalf("snoozed: %+v, %v", s, err)
	}
	w.settle(0.3, notice.Calm)
	if a := w.last(); a.SnoozedUntil == nil {
		t.Error("a night without news ends a snooze")
	}
	w.settle(0.8, notice.Calm)
	if a := w.last(); a.SnoozedUntil != nil || a.State != notice.Open {
		t.Errorf("risen to critical: %+v", a)
	}
}

func TestASnoozedAlertIsOutOfTheWayAndDoesNotClimb(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.settle(0.9, notice.Calm)
	a := w.last()
	until := w.now.AddDate(0, 0, 7).Format(time.DateOnly)
	if _, err := w.Snooze(t.Context(), ternate, a.ID, a.Version, notice.Snooze{Until: until, Note: "kiriman di jalan"}); err != nil {
		t.Fatal(err)
	}
	listed := func(s notice.Snoozed, state notice.State) int {
		page, err := w.List(t.Context(), planner, notice.Filter{Region: "82.71", Snoozed: s, State: state})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	for day := 1; day <= 8; day++ {
		w.settle(0.9, notice.Calm)
		now, err := w.Alert(t.Context(), planner, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		hidden, only := 1, 0
		if day < 7 {
			hidden, only = 0, 1
		}
		if h, o, both := listed(notice.HideSnoozed, ""), listed(notice.OnlySnoozed, ""), listed(notice.ShowSnoozed, notice.Open); h != hidden || o != only || both != 1 {
			t.Errorf("day %d: %d listed, %d of those put off, %d of all; want %d, %d, 1", day, h, o, both, hidden, only)
		}
		if (now.Escalation > 0) != (day >= 7) {
			t.Errorf("day %d: escalation %d of an alert put off for 7 days", day, now.Escalation)
		}
	}
	// A closed alert is put off no longer.
	now, err := w.Alert(t.Context(), planner, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Snooze(t.Context(), ternate, a.ID, now.Version, notice.Snooze{Until: w.now.AddDate(0, 0, 20).Format(time.DateOnly), Note: "kiriman di jalan"}); err != nil {
		t.Fatal(err)
	}
	w.settle(0, notice.Calm)
	w.settle(0, notice.Calm)
	if n := listed(notice.HideSnoozed, notice.Closed); n != 1 || listed(notice.OnlySnoozed, "") != 0 {
		t.Errorf("%d closed alerts listed, want the one that had been put off", n)
	}
}

func TestUrgentIsCriticalFromTheThresholdThatIsSet(t *testing.T) {
	t.Parallel()
	w := open(t)
	err := postgres.Write(t.Context(), w.db, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO settings (name, value) VALUES ('alerts.watch', '0.05') ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	settle := func(p float64) {
		w.now = w.now.AddDate(0, 0, 1)
		err := postgres.Write(t.Context(), w.db, access.System, func(tx *sqlx.Tx) error {
			_, err := w.Settle(t.Context(), tx, access.System, []notice.Signal{{RegionID: w.region, Cause: "run-out", Probability: p, Urgent: true}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	settle(0.04)
	if a := w.last(); a != nil {
		t.Errorf("%+v below the threshold", a)
	}
	settle(0.06)
	if a := w.last(); a == nil || a.Level != notice.Critical {
		t.Errorf("%+v above the threshold that is set, want critical", a)
	}
}
