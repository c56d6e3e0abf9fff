// Package outreach takes the service to people who cannot come: sites where they are, teams who go, plans that choose
// and order the visits, and the results that come back.
//
// Every plan that is saved was judged by route.Check. A place left out has its reason. The blanks of a visit are set
// aside in the ledger when the plan is saved and accounted for to the piece when its result comes in. Counts only:
// nobody is named here, and small counts of vulnerable people are shown to their own office alone.
package outreach

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"blangko/coverage"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/outreach/road"
)

// Faults of this package.
var (
	ErrSiteUnknown   = fault.New(fault.NotFound, "site-unknown")       // site
	ErrTeamUnknown   = fault.New(fault.NotFound, "team-unknown")       // team
	ErrIslandUnknown = fault.New(fault.NotFound, "island-unknown")     // island
	ErrPlanUnknown   = fault.New(fault.NotFound, "plan-unknown")       // plan
	ErrVisitUnknown  = fault.New(fault.NotFound, "visit-unknown")      // visit
	ErrNameTaken     = fault.New(fault.Conflict, "name-taken")         // name
	ErrReference     = fault.New(fault.Conflict, "reference-taken")    // reference
	ErrNoDepot       = fault.New(fault.Conflict, "team-without-depot") // team, name
	ErrNoTeam        = fault.New(fault.Conflict, "no-team")            // region
	ErrNothing       = fault.New(fault.Conflict, "nothing-to-visit")   // sites, without_point, without_people, closed
	ErrTooMany       = fault.New(fault.Conflict, "too-many-visits")    // visits or team_days, most
	ErrMeanwhile     = fault.New(fault.Conflict, "planned-meanwhile")  // plan, team, day, site
	ErrVisitState    = fault.New(fault.Conflict, "visit-state")        // visit, state, wanted
	ErrPlanState     = fault.New(fault.Conflict, "plan-state")         // plan, state, wanted
)

// Desk is where visits are planned and reported.
type Desk struct {
	db     *postgres.DB
	ledger *inventory.Ledger
	gaps   *coverage.Register
	roads  road.Roads
	now    func() time.Time
}

// NewDesk returns the desk over db; blanks are booked in ledger, now tells the instant. Travel is by great circle until
// TravelBy says otherwise.
func NewDesk(db *postgres.DB, ledger *inventory.Ledger, now func() time.Time) *Desk {
	return &Desk{db: db, ledger: ledger, gaps: coverage.NewRegister(db, now), roads: road.GreatCircle{}, now: now}
}

// TravelBy takes travel times from roads from now on. It is for before the first plan is asked for.
func (d *Desk) TravelBy(roads road.Roads) { d.roads = roads }

// At returns a desk that takes that instant for now.
func (d *Desk) At(now time.Time) *Desk {
	at := *d
	at.now = func() time.Time { return now }
	return &at
}

// document is a value that stands in a column of JSON.
type document[T any] struct{ V T }

// Scan reads the column.
func (d *document[T]) Scan(from any) error {
	switch v := from.(type) {
	case []byte:
		return json.Unmarshal(v, &d.V)
	case string:
		return json.Unmarshal([]byte(v), &d.V)
	}
	return fmt.Errorf("a column of JSON holds %T", from)
}

// Value writes the column.
func (d document[T]) Value() (driver.Value, error) {
	text, err := json.Marshal(d.V)
	return string(text), err
}
