// Package access says who may do what. An Actor has a role, which decides the actions it may take, and a reach, which
// decides the rows it sees; the reach is enforced by the database, not here.
package access

import (
	"slices"

	"blangko/internal/fault"
)

// Role is what a person is to the product.
type Role string

const (
	Planner  Role = "planner"  // Ditjen: the whole nation
	Store    Role = "store"    // the national store: ships and takes deliveries
	Province Role = "province" // a province office
	Officer  Role = "officer"  // a kabupaten/kota and below, or one kecamatan
	Outreach Role = "outreach" // the same reach: sites, plans, visits, its team's place
	Auditor  Role = "auditor"  // reads all, changes nothing
	Admin    Role = "admin"    // users and settings, no stock
	system   Role = "system"   // jobs and commands
)

// Roles are all roles a user can be given.
var Roles = []Role{Planner, Store, Province, Officer, Outreach, Auditor, Admin}

// Nation is the reach that covers every region: the official code of Indonesia.
const Nation = "00"

// Actor is who asks. The zero Actor may do nothing and reaches nothing.
type Actor struct {
	ID    int64  // the user's number; 0 for jobs
	Name  string // the user's name, for logs and trails
	Role  Role
	Reach string // official code of the region whose subtree it reaches, "00" for the nation, "" for none
}

// System acts for jobs and commands: it may do everything and reaches all.
var System = Actor{Name: "system", Role: system, Reach: Nation}

var (
	ErrSignIn    = fault.New(fault.Unauthenticated, "sign-in-required")
	ErrForbidden = fault.New(fault.Forbidden, "not-allowed")
)

// May returns nil when the actor's role may take the action, ErrSignIn when nobody is signed in, else ErrForbidden.
func (a Actor) May(action Action) error {
	switch {
	case a.Role == system, slices.Contains(Policy[action], a.Role):
		return nil
	case a.Role == "":
		return ErrSignIn
	default:
		return ErrForbidden.With("action", string(action), "role", string(a.Role))
	}
}

// National reports whether the actor reaches the whole nation.
func (a Actor) National() bool { return a.Reach == Nation }
