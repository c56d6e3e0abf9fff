// Package coverage keeps what is known of who is still without a card recording and which children are without a birth
// certificate, down to the kecamatan, with the people they are counted against.
//
// Published figures contradict each other, exceed 100 % and change when a population release is cleaned. They are kept
// as printed; what cannot be right about one is a Finding beside it, and no number is ever altered or hidden. Every
// ratio names the date of its numerator and that of its denominator. Counts only: nobody is named here.
package coverage

import (
	"time"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Subject is the document a figure is about, and with it the people who should have it.
type Subject string

// The subjects. Recording, card and digital id are of those who must have an id card (wajib KTP), the other two of
// children.
const (
	Recording   Subject = "recording"         // perekaman KTP-el
	Card        Subject = "card"              // kepemilikan KTP-el
	Certificate Subject = "birth-certificate" // akta kelahiran, children of 0 to 17
	ChildCard   Subject = "child-card"        // KIA, children of 0 to 16
	DigitalID   Subject = "digital-id"        // IKD
)

// Subjects are all subjects.
var Subjects = []Subject{Recording, Card, Certificate, ChildCard, DigitalID}

// scopeOf is the scope of a figure that names none.
var scopeOf = map[Subject]string{Recording: "wajib_ktp", Card: "wajib_ktp", DigitalID: "wajib_ktp",
	Certificate: "dukcapil_admin", ChildCard: "dukcapil_admin"}

// ofChildren reports whether the subject's people are children.
func (s Subject) ofChildren() bool { return s == Certificate || s == ChildCard }

// Status is how far a figure has come.
type Status string

const (
	Draft     Status = "draft"     // its office is still at it; no list counts it
	Submitted Status = "submitted" // its office stands by it
	Verified  Status = "verified"  // the office above has looked at it
)

// Faults of this package.
var (
	ErrSubject        = fault.New(fault.Invalid, "subject-unknown")       // subject, known
	ErrFigureUnknown  = fault.New(fault.NotFound, "figure-unknown")       // figure
	ErrSaidBefore     = fault.New(fault.Conflict, "figure-said-before")   // figure
	ErrVerified       = fault.New(fault.Conflict, "figure-verified")      // figure
	ErrNotDraft       = fault.New(fault.Conflict, "figure-no-draft")      // figure, status
	ErrNotSubmitted   = fault.New(fault.Conflict, "figure-not-submitted") // figure, status
	ErrOwnFigure      = fault.New(fault.Forbidden, "own-figure")          // figure
	ErrFindingUnknown = fault.New(fault.NotFound, "finding-unknown")      // finding
	ErrMapTooLarge    = fault.New(fault.Invalid, "map-too-large")         // regions, most
	ErrFindingSettled = fault.New(fault.Conflict, "finding-settled")      // finding, state
)

// Register keeps figures, populations, findings and targets.
type Register struct {
	db  *postgres.DB
	now func() time.Time
}

// NewRegister returns the register in db; now tells the instant of what is recorded.
func NewRegister(db *postgres.DB, now func() time.Time) *Register {
	return &Register{db: db, now: now}
}
