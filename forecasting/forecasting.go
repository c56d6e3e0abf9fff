// Package forecasting foresees, every night and for every kabupaten/kota, how many blanks will be asked for and how
// likely the shelf runs empty before a new delivery can arrive.
//
// It promises three things. A forecast is a probability that can be held against what came: every one is kept and
// scored. An empty shelf is not taken for absent demand. And a region that cannot be forecast is named, while all
// others go on. The same history on the same day gives the same answer.
package forecasting

import (
	"context"
	"hash/fnv"
	"strings"
	"time"

	"blangko/coverage"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/notice"
)

// Sizes of the nightly run.
const (
	item       = "ktp-el"
	paths      = 2000 // futures of a region
	testPaths  = 200  // futures of a forecast of the past
	lookAhead  = 120  // days of shelf that are played through
	shelfDays  = 45   // of them, days of which the shelf is kept
	reviewDays = 14   // a region is looked at every other week
	origins    = 4    // forecasts of the past by which the method is chosen
	testMonths = 3    // months each of them looks ahead
	ordinary   = 20.0 // working days of an ordinary month, to which histories are put
)

// RunOut is the cause of alerts about shelves.
const RunOut = "run-out"

// Visit is a planned visit that takes blanks: how many it is expected to take, if it is held.
type Visit struct {
	RegionID int
	Day      time.Time
	Blanks   float64 // expected, if held
	Held     float64 // chance that it is held, 0 to 1
}

// Visits lists the visits planned from a day on until before another.
type Visits func(ctx context.Context, from, until time.Time) ([]Visit, error)

// Forecaster forecasts from what the other domains know.
type Forecaster struct {
	db       *postgres.DB
	ledger   *inventory.Ledger
	register *coverage.Register
	alerts   *notice.Alerts
	visits   Visits
	now      func() time.Time
}

// New returns a forecaster; visits may be nil when none are planned anywhere.
func New(db *postgres.DB, ledger *inventory.Ledger, register *coverage.Register, alerts *notice.Alerts, visits Visits, now func() time.Time) *Forecaster {
	if visits == nil {
		visits = func(context.Context, time.Time, time.Time) ([]Visit, error) { return nil, nil }
	}
	return &Forecaster{db: db, ledger: ledger, register: register, alerts: alerts, visits: visits, now: now}
}

// Faults of this package.
var (
	ErrNoHistory = fault.New(fault.Conflict, "forecast-without-history") // region
	ErrNotYet    = fault.New(fault.Conflict, "forecast-not-made")        // region
)

// seed makes the chance of a region on a day its own and the same every time.
func seed(parts ...string) uint64 {
	h := fnv.New64a()
	// A hash never fails to write.
	_, _ = h.Write([]byte(strings.Join(parts, "|")))
	return h.Sum64()
}
