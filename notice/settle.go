package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/region"
)

// Signal is what a watcher sees of one region and cause today. Say it for every region that was looked at, also when
// all is well: an alert closes because its signal is calm, not because nobody spoke.
type Signal struct {
	RegionID    int
	Cause       string
	Probability float64        // of what the alert warns of
	AtLeast     Level          // a level that holds whatever the probability
	Urgent      bool           // no order could come in time: critical as soon as there is an alert at all
	Facts       map[string]any // numbers behind it
}

func (s Signal) level(t Thresholds) Level {
	level := s.AtLeast
	if by := t.LevelOf(s.Probability); by.rank() > level.rank() {
		level = by
	}
	if s.Urgent && level != Calm {
		return Critical
	}
	return level
}

// Settled counts what a settling did.
type Settled struct {
	Opened    int `json:"opened"`
	Raised    int `json:"raised"`
	Lowered   int `json:"lowered"`
	Escalated int `json:"escalated"`
	Closed    int `json:"closed"`
}

// How alerts keep from flickering, and how long a critical one may wait unseen.
const (
	calmShare = 0.7 // below this share of its threshold a level is calm
	calmRuns  = 2   // so many calm runs lower or close it

	toProvince = 2 * 24 * time.Hour // critical and unacknowledged for so long: its province should see it
	toNation   = 5 * 24 * time.Hour
)

// next is what becomes of an alert (nil: there is none) under a signal, and what is to be told of it, "" when nothing.
// It says nil when there is still none.
func next(a *Alert, s Signal, t Thresholds, now time.Time) (*Alert, []string) {
	want := s.level(t)
	if a == nil {
		if want == Calm {
			return nil, nil
		}
		a = &Alert{RegionID: s.RegionID, Cause: s.Cause, Level: want, State: Open, OpenedAt: now}
		a.see(s, now)
		return a, []string{"opened"}
	}
	b := *a
	var events []string
	switch {
	case want.rank() > b.Level.rank():
		// Whoever acknowledged the lower level has not seen this one.
		b.Level, b.State, b.SnoozedUntil, b.CalmRuns = want, Open, nil, 0
		events = append(events, "raised")
	case want.rank() == b.Level.rank() || s.Probability >= calmShare*t.of(b.Level):
		b.CalmRuns = 0
	default:
		b.CalmRuns++
		if b.CalmRuns >= calmRuns {
			b.CalmRuns = 0
			events = append(events, b.fall(want, now))
		}
	}
	b.see(s, now)
	if b.escalate(now) {
		events = append(events, "escalated")
	}
	return &b, events
}

// fall lowers the alert to a level, or closes it.
func (a *Alert) fall(to Level, now time.Time) string {
	if to != Calm {
		a.Level = to
		return "lowered"
	}
	a.State, a.ClosedAt, a.ClosedBy = Closed, &now, access.System.Name
	return "closed"
}

func (a *Alert) see(s Signal, now time.Time) {
	a.Probability, a.SettledAt = s.Probability, now
	switch {
	case a.Level != Critical:
		a.CriticalSince, a.Escalation = nil, 0
	case a.CriticalSince == nil:
		a.CriticalSince = &now
	}
}

// escalate lets the next office see a critical alert that nobody acknowledges or has put off.
func (a *Alert) escalate(now time.Time) bool {
	if a.State != Open || a.CriticalSince == nil || a.snoozed(now) {
		return false
	}
	to := 0
	switch waited := now.Sub(*a.CriticalSince); {
	case waited >= toNation:
		to = 2
	case waited >= toProvince:
		to = 1
	}
	if to <= a.Escalation {
		return false
	}
	a.Escalation = to
	return true
}

// snoozed reports whether somebody has put the alert off until a later day.
func (a *Alert) snoozed(now time.Time) bool {
	return a.SnoozedUntil != nil && *a.SnoozedUntil > region.Today(region.WIB, now).Format(time.DateOnly)
}

// Settle opens, raises, lowers and closes alerts by what is seen today, in the transaction of whoever looked. Regions
// and causes without a signal are left as they are.
func (n *Alerts) Settle(ctx context.Context, tx *sqlx.Tx, who access.Actor, signals []Signal) (Settled, error) {
	var done Settled
	now := n.now()
	thresholds, err := loadThresholds(ctx, tx)
	if err != nil {
		return done, err
	}
	current, err := unclosed(ctx, tx, signals)
	if err != nil {
		return done, err
	}
	type row struct {
		RegionID      int             `json:"region_id"`
		ID            int64           `json:"id"`
		Cause         string          `json:"cause"`
		Level         Level           `json:"level"`
		State         State           `json:"state"`
		Probability   float64         `json:"probability"`
		Facts         json.RawMessage `json:"facts"`
		Calm          int             `json:"calm"`
		Escalation    int             `json:"escalation"`
		CriticalSince *time.Time      `json:"critical_since"`
		SnoozedUntil  *string         `json:"snoozed_until"`
		ClosedAt      *time.Time      `json:"closed_at"`
		ClosedBy      string          `json:"closed_by"`
		Events        []string        `json:"events"`
	}
	fresh, changed := []row{}, []row{}
	for _, s := range signals {
		before := current[key{s.RegionID, s.Cause}]
		after, events := next(before, s, thresholds, now)
		if after == nil {
			continue
		}
		if s.Facts == nil {
			s.Facts = map[string]any{}
		}
		facts, err := json.Marshal(s.Facts)
		if err != nil {
			return done, fmt.Errorf("encode facts of an alert: %w", err)
		}
		done.count(events)
		r := row{after.RegionID, after.ID, after.Cause, after.Level, after.State, after.Probability, facts, after.CalmRuns,
			after.Escalation, after.CriticalSince, after.SnoozedUntil, after.ClosedAt, after.ClosedBy, events}
		if before == nil {
			fresh = append(fresh, r)
		} else {
			changed = append(changed, r)
		}
	}
	return done, write(ctx, tx, who, now, fresh, changed)
}

// SettleAll settles causes of which the signals tell everything: a region without one is calm.
func (n *Alerts) SettleAll(ctx context.Context, tx *sqlx.Tx, who access.Actor, causes []string, signals []Signal) (Settled, error) {
	said := map[key]bool{}
	for _, s := range signals {
		said[key{s.RegionID, s.Cause}] = true
	}
	var open []struct {
		RegionID int    `db:"region_id"`
		Cause    string `db:"cause"`
	}
	err := tx.SelectContext(ctx, &open, `SELECT region_id, cause FROM alerts WHERE state <> 'closed' AND cause = ANY ($1)`, pq.Array(causes))
	if err != nil {
		return Settled{}, fmt.Errorf("read open alerts: %w", err)
	}
	for _, a := range open {
		if !said[key{a.RegionID, a.Cause}] {
			signals = append(signals, Signal{RegionID: a.RegionID, Cause: a.Cause})
		}
	}
	return n.Settle(ctx, tx, who, signals)
}

func (d *Settled) count(events []string) {
	for _, e := range events {
		switch e {
		case "opened":
			d.Opened++
		case "raised":
			d.Raised++
		case "lowered":
			d.Lowered++
		case "escalated":
			d.Escalated++
		case "closed":
			d.Closed++
		}
	}
}

type key struct {
	region int
	cause  string
}

// unclosed locks the alerts that the signals are about.
func unclosed(ctx context.Context, tx *sqlx.Tx, signals []Signal) (map[key]*Alert, error) {
	causes := map[string]bool{}
	for _, s := range signals {
		causes[s.Cause] = true
	}
	names := []string{}
	for c := range causes {
		names = append(names, c)
	}
	var alerts []Alert
	err := tx.SelectContext(ctx, &alerts, `
		SELECT region_id, id, cause, level, state, probability, facts, calm, escalation, opened_at, opened_by, critical_since, settled_at,
		       snoozed_until::text, version
		FROM alerts
		WHERE state <> 'closed' AND cause = ANY ($1)
		ORDER BY region_id, id
		FOR UPDATE`, pq.Array(names))
	if err != nil {
		return nil, fmt.Errorf("read open alerts: %w", err)
	}
	by := make(map[key]*Alert, len(alerts))
	for i := range alerts {
		by[key{alerts[i].RegionID, alerts[i].Cause}] = &alerts[i]
	}
	return by, nil
}

// write inserts the new alerts and updates the others, with their events, in three statements.
func write(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, fresh, changed any) error {
	opened, err := json.Marshal(fresh)
	if err != nil {
		return fmt.Errorf("encode alerts: %w", err)
	}
	others, err := json.Marshal(changed)
	if err != nil {
		return fmt.Errorf("encode alerts: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		WITH new AS (
			INSERT INTO alerts (region_id, cause, level, state, probability, facts, critical_since, opened_at, opened_by, settled_at)
			SELECT region_id, cause, level, 'open', probability, facts, critical_since, $2, $3, $2
			FROM json_populate_recordset(NULL::alerts, $1::json)
			RETURNING region_id, id, level, probability
		)
		INSERT INTO alert_events (region_id, alert_id, event, level, probability, at, actor)
		SELECT region_id, id, 'opened', level, probability, $2, $3
		FROM new`, string(opened), now, who.Name)
	if err != nil {
		return fmt.Errorf("open alerts: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE alerts a
		SET level = s.level, state = s.state, probability = s.probability, facts = s.facts, calm = s.calm, escalation = s.escalation,
		    critical_since = s.critical_since, snoozed_until = s.snoozed_until, closed_at = s.closed_at, closed_by = s.closed_by,
		    settled_at = $2, version = a.version + 1
		FROM json_populate_recordset(NULL::alerts, $1::json) s
		WHERE a.region_id = s.region_id AND a.id = s.id`, string(others), now)
	if err != nil {
		return fmt.Errorf("settle alerts: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO alert_events (region_id, alert_id, event, level, probability, at, actor)
		SELECT (r->>'region_id')::int, (r->>'id')::bigint, e.event, r->>'level', (r->>'probability')::float8, $2, $3
		FROM jsonb_array_elements($1::jsonb) r, jsonb_array_elements_text(coalesce(nullif(r->'events', 'null'), '[]')) e (event)`,
		string(others), now, who.Name)
	if err != nil {
		return fmt.Errorf("note what became of alerts: %w", err)
	}
	return nil
}

// loadThresholds reads what an administrator has set. A level set below the one before it begins where that does.
func loadThresholds(ctx context.Context, tx *sqlx.Tx) (t Thresholds, err error) {
	if t.Watch, err = watchAbove.Read(ctx, tx); err != nil {
		return t, err
	}
	if t.Warning, err = warningAbove.Read(ctx, tx); err != nil {
		return t, err
	}
	if t.Critical, err = criticalAbove.Read(ctx, tx); err != nil {
		return t, err
	}
	t.Warning = max(t.Warning, t.Watch)
	t.Critical = max(t.Critical, t.Warning)
	return t, nil
}
