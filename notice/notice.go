// Package notice keeps alerts: what should be looked at, where, and how likely it is.
//
// There is one alert per region and cause while the cause lasts. Alerts open, rise, fall and close by themselves when
// whoever watches the cause settles them; a person acknowledges or snoozes one, and can neither make nor close it. An
// alert does not flicker: it falls only after two calm runs.
package notice

import (
	"encoding/json"
	"slices"
	"time"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Level is how much an alert matters.
type Level string

// Levels, by the probability of what the alert warns of: watch above .1, warning above .2, critical above .5, or what the
// settings alerts.watch, alerts.warning and alerts.critical say. Acting pays when the probability exceeds the cost of
// acting over the loss of not acting (Murphy 1977), so each threshold is the cost-loss ratio of what the level calls for.
const (
	Calm     Level = "" // no alert
	Watch    Level = "watch"
	Warning  Level = "warning"
	Critical Level = "critical"
)

// Thresholds are the probabilities above which there is an alert of each level.
type Thresholds struct{ Watch, Warning, Critical float64 }

// DefaultThresholds hold while nobody has set others.
var DefaultThresholds = Thresholds{0.1, 0.2, 0.5}

// LevelOf is the level that a probability calls for.
func (t Thresholds) LevelOf(probability float64) Level {
	switch {
	case probability > t.Critical:
		return Critical
	case probability > t.Warning:
		return Warning
	case probability > t.Watch:
		return Watch
	}
	return Calm
}

// of is the threshold of a level, 0 of none.
func (t Thresholds) of(l Level) float64 {
	return [...]float64{0, t.Watch, t.Warning, t.Critical}[l.rank()]
}

// rank orders levels.
func (l Level) rank() int { return slices.Index([]Level{Calm, Watch, Warning, Critical}, l) }

// State is how far an alert has come.
type State string

// States of an alert.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged"
	Closed       State = "closed"
)

// Alert is something to look at in a region.
type Alert struct {
	ID             int64           `json:"id" db:"id"`
	RegionID       int             `json:"-" db:"region_id"`
	Region         string          `json:"region" db:"region"`
	Name           string          `json:"name" db:"name"`
	Cause          string          `json:"cause" db:"cause" example:"run-out"`
	Level          Level           `json:"level" db:"level" enum:"watch,warning,critical"`
	State          State           `json:"state" db:"state" enum:"open,acknowledged,closed"`
	Probability    float64         `json:"probability" db:"probability" minimum:"0" maximum:"1"`
	Facts          json.RawMessage `json:"facts" db:"facts" doc:"numbers behind it"`
	Escalation     int             `json:"escalation" db:"escalation" doc:"who should see it: 0 the region, 1 its province, 2 the nation"`
	OpenedAt       time.Time       `json:"opened_at" db:"opened_at"`
	OpenedBy       string          `json:"opened_by" db:"opened_by"`
	SettledAt      time.Time       `json:"settled_at" db:"settled_at" doc:"when it was last looked at by the run that watches the cause"`
	AcknowledgedAt *time.Time      `json:"acknowledged_at" db:"acknowledged_at"`
	AcknowledgedBy string          `json:"acknowledged_by" db:"acknowledged_by"`
	Note           string          `json:"note" db:"note"`
	SnoozedUntil   *string         `json:"snoozed_until" db:"snoozed_until" doc:"not to be shown among the urgent before this day"`
	ClosedAt       *time.Time      `json:"closed_at" db:"closed_at"`
	ClosedBy       string          `json:"closed_by" db:"closed_by"`
	Version        int64           `json:"version" db:"version"`
	Events         []Event         `json:"events,omitempty" db:"-"`

	CalmRuns      int        `json:"-" db:"calm"`
	CriticalSince *time.Time `json:"-" db:"critical_since"`
}

// CurrentVersion is the version that a change must name.
func (a Alert) CurrentVersion() int64 { return a.Version }

// Event is one step of an alert.
type Event struct {
	RegionID    int       `json:"-" db:"region_id"`
	AlertID     int64     `json:"-" db:"alert_id"`
	Event       string    `json:"event" db:"event" enum:"opened,raised,lowered,escalated,acknowledged,snoozed,closed"`
	Level       Level     `json:"level" db:"level"`
	Probability float64   `json:"probability" db:"probability"`
	At          time.Time `json:"at" db:"at"`
	Actor       string    `json:"actor" db:"actor"`
	Note        string    `json:"note" db:"note"`
}

// Faults of this package.
var (
	ErrUnknown = fault.New(fault.NotFound, "alert-unknown")  // alert
	ErrClosed  = fault.New(fault.Conflict, "alert-closed")   // alert, closed_at
	ErrKnown   = fault.New(fault.Conflict, "alert-seen")     // alert, by
	ErrSnooze  = fault.New(fault.Invalid, "snooze-too-long") // until, most
)

// Alerts keeps the alerts in a database.
type Alerts struct {
	db  *postgres.DB
	now func() time.Time
}

// NewAlerts returns the alerts in db; now tells the instant of what happens to them.
func NewAlerts(db *postgres.DB, now func() time.Time) *Alerts { return &Alerts{db: db, now: now} }
