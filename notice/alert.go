package notice

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

// Filter narrows a list of alerts; the zero filter takes those that are neither closed nor put off.
type Filter struct {
	Region     string // code; with everything below it
	Cause      string
	Level      Level // at least
	State      State // "" for open and acknowledged
	Snoozed    Snoozed
	Escalation int // at least
	postgres.Paging
}

// Snoozed says what becomes of alerts that somebody has put off until a later day. A closed one is put off no longer.
type Snoozed string

// What becomes of them in a list.
const (
	HideSnoozed Snoozed = "" // or "hide"
	ShowSnoozed Snoozed = "show"
	OnlySnoozed Snoozed = "only"
)

const selectAlerts = `
	SELECT a.region_id, a.id, e.code AS region, e.name, a.cause, a.level, a.state, a.probability, a.facts, a.calm, a.escalation,
	       a.opened_at, a.opened_by, a.critical_since, a.settled_at, a.acknowledged_at, a.acknowledged_by, a.note,
	       a.snoozed_until::text AS snoozed_until, a.closed_at, a.closed_by, a.version
	FROM alerts a
	JOIN regions_ever e ON e.id = a.region_id`

// List lists the alerts in reach, the most urgent first: by level, then probability.
func (n *Alerts) List(ctx context.Context, who access.Actor, f Filter) (page postgres.Page[Alert], err error) {
	if err := who.May(access.ReadAlerts); err != nil {
		return page, err
	}
	type byUrgency struct {
		Rank        int     `json:"rank"`
		Probability float64 `json:"probability"`
		ID          int64   `json:"id"`
	}
	after := byUrgency{4, 1, 0}
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	alerts := []Alert{}
	err = postgres.Read(ctx, n.db, who, func(tx *sqlx.Tx) error {
		if f.Region != "" {
			if _, err := region.ByCode(ctx, tx, f.Region, region.Today(region.WIB, n.now())); err != nil {
				return err
			}
		}
		return tx.SelectContext(ctx, &alerts, selectAlerts+`
			CROSS JOIN LATERAL (SELECT array_position(ARRAY['watch', 'warning', 'critical'], a.level) AS rank) l
			WHERE (l.rank, a.probability, -a.id) < ($1, $2, -($3::bigint))
			  AND ($4 IN ('', '00') OR e.code = $4 OR e.code LIKE $4 || '.%')
			  AND ($5 = '' OR a.cause = $5)
			  AND l.rank >= $6
			  AND CASE $7 WHEN '' THEN a.state <> 'closed' ELSE a.state = $7 END
			  AND a.escalation >= $8
			  AND CASE $10 WHEN 'show' THEN true
			               WHEN 'only' THEN a.state <> 'closed' AND coalesce(a.snoozed_until > $11::date, false)
			               ELSE a.state = 'closed' OR NOT coalesce(a.snoozed_until > $11::date, false) END
			ORDER BY l.rank DESC, a.probability DESC, a.id
			LIMIT $9`, after.Rank, after.Probability, after.ID, f.Region, f.Cause, f.Level.rank(), string(f.State), f.Escalation, limit,
			string(f.Snoozed), region.Today(region.WIB, n.now()))
	})
	if err != nil {
		return page, err
	}
	return postgres.NewPage(f.Paging, alerts, func(a Alert) byUrgency { return byUrgency{a.Level.rank(), a.Probability, a.ID} })
}

// Alert returns one alert with its events, oldest first.
func (n *Alerts) Alert(ctx context.Context, who access.Actor, id int64) (a Alert, err error) {
	if err := who.May(access.ReadAlerts); err != nil {
		return a, err
	}
	err = postgres.Read(ctx, n.db, who, func(tx *sqlx.Tx) error {
		a, err = read(ctx, tx, id, "")
		return err
	})
	return a, err
}

func read(ctx context.Context, tx *sqlx.Tx, id int64, lock string) (a Alert, err error) {
	if err := tx.GetContext(ctx, &a, selectAlerts+` WHERE a.id = $1`+lock, id); err != nil {
		return a, postgres.NotFound(err, ErrUnknown.With("alert", id))
	}
	err = tx.SelectContext(ctx, &a.Events, `
		SELECT region_id, alert_id, event, level, probability, at, actor, note
		FROM alert_events
		WHERE region_id = $1 AND alert_id = $2
		ORDER BY id`, a.RegionID, id)
	if err != nil {
		return a, fmt.Errorf("read events of alert %d: %w", id, err)
	}
	return a, nil
}

// Seen is an acknowledgement: somebody has looked and says what is being done.
type Seen struct {
	Note string `json:"note,omitempty" maxLength:"500"`
}

// Acknowledge notes that somebody deals with an alert. It stays until its cause is gone.
func (n *Alerts) Acknowledge(ctx context.Context, who access.Actor, id, version int64, s Seen) (Alert, error) {
	if err := check(s.Note); err != nil {
		return Alert{}, err
	}
	return n.change(ctx, who, id, version, "acknowledged", s.Note, func(a *Alert, now time.Time) error {
		if a.State == Acknowledged {
			return ErrKnown.With("alert", id, "by", a.AcknowledgedBy)
		}
		a.State, a.AcknowledgedAt, a.AcknowledgedBy, a.Note = Acknowledged, &now, who.Name, s.Note
		return nil
	})
}

// Snooze puts an alert out of the way until a day.
type Snooze struct {
	Until string `json:"until" format:"date" doc:"at most 30 days ahead"`
	Note  string `json:"note" minLength:"1" maxLength:"500" doc:"why it can wait"`
}

// mostSnooze is how long an alert can be put out of the way, in days.
const mostSnooze = 30

// Snooze puts an alert out of the way; a rise of its level brings it back at once.
func (n *Alerts) Snooze(ctx context.Context, who access.Actor, id, version int64, s Snooze) (Alert, error) {
	if err := check(s.Note); err != nil {
		return Alert{}, err
	}
	today := region.Today(region.WIB, n.now())
	until, err := time.Parse(time.DateOnly, s.Until)
	if err != nil || !until.After(today) || until.After(today.AddDate(0, 0, mostSnooze)) {
		return Alert{}, ErrSnooze.With("until", s.Until, "most", today.AddDate(0, 0, mostSnooze).Format(time.DateOnly))
	}
	return n.change(ctx, who, id, version, "snoozed", s.Note, func(a *Alert, _ time.Time) error {
		a.SnoozedUntil, a.Note = &s.Until, s.Note
		return nil
	})
}

func check(note string) error {
	var wrong fault.Fields
	if len([]rune(note)) > 500 {
		wrong.Add("body.note", "too-long", nil, "most", 500)
	}
	if privacy.Identifies(note) {
		wrong.Add("body.note", "sixteen-digits", nil)
	}
	return wrong.Err()
}

// change does to an alert what a person may do to it, once.
func (n *Alerts) change(ctx context.Context, who access.Actor, id, version int64, event, note string, do func(*Alert, time.Time) error) (Alert, error) {
	if err := who.May(access.AcknowledgeAlerts); err != nil {
		return Alert{}, err
	}
	return postgres.Once(ctx, n.db, who, func(tx *sqlx.Tx) (Alert, error) {
		a, err := read(ctx, tx, id, ` FOR UPDATE OF a`)
		if err != nil {
			return a, err
		}
		if err := postgres.CheckVersion(version, a.Version); err != nil {
			return a, err
		}
		if a.State == Closed {
			return a, ErrClosed.With("alert", id, "closed_at", a.ClosedAt)
		}
		before, now := a, n.now()
		before.Events = nil
		if err := do(&a, now); err != nil {
			return a, err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE alerts
			SET state = $3, acknowledged_at = $4, acknowledged_by = $5, note = $6, snoozed_until = $7::date, version = version + 1
			WHERE region_id = $1 AND id = $2`, a.RegionID, id, string(a.State), a.AcknowledgedAt, a.AcknowledgedBy, a.Note, a.SnoozedUntil)
		if err != nil {
			return a, fmt.Errorf("change alert %d: %w", id, err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO alert_events (region_id, alert_id, event, level, probability, at, actor, note)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, a.RegionID, id, event, string(a.Level), a.Probability, now, who.Name, note)
		if err != nil {
			return a, fmt.Errorf("note what became of alert %d: %w", id, err)
		}
		if a, err = read(ctx, tx, id, ""); err != nil {
			return a, err
		}
		after := a
		after.Events = nil
		return a, postgres.Audit(ctx, tx, who, a.RegionID, event, "alert", id, before, after)
	})
}
