// Package notice keeps alerts: what should be looked at, where, and how likely it is.
//
// There is one alert per region and cause while the cause lasts. Alerts open, rise, fall and close by themselves when
// whoever watches the cause settles them; a person acknowledges or snoozes one, and can neither make nor close it. An
// alert does not flicker: it falls only after two calm runs.
package notice

import (
	"encoding/json"
	"time"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Level is how much an alert matters.
type Level string

// Levels, by the probability of what the alert warns of: watch above .1, warning above .2, critical above .5. Acting
// pays when the probability exceeds the cost of acting over the loss of not acting (Murphy 1977, the cost-loss ratio).
const (
	Calm     Level = "" // no alert
	Watch    Level = "watch"
	Warning  Level = "warning"
	Critical Level = "critical"
)

// WatchAbove is the probability above which there is an alert.
const WatchAbove = 0.1

// threshold of each level, in ascending order.
var thresholds = []struct {
	level Level
	above float64
}{{Watch, WatchAbove}, {Warning, 0.2}, {Critical, 0.5}}

// LevelOf is the level that a probability calls for.
func LevelOf(probability float64) Level {
	level := Calm
	for _, t := range thresholds {
		if probability > t.above {
			level = t.level
		}
	}
	return level
}

// rank orders levels.
func (l Level) rank() int {
	for i, t := range thresholds {
		if t.level == l {
			return i + 1
		}
	}
	return 0
}

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
