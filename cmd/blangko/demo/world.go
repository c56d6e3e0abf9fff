package demo

import (
	"time"
)

// cause is why a card is printed.
type cause int

const (
	firstTime cause = iota
	moved
	marital
	damaged
	lost
	dataChange
	causeCount
)

// purposes name causes as the ledger does; the last is for blanks that came out of the printer spoiled.
var purposes = [...]string{"first-time", "moved", "marital", "damaged", "lost", "data-change", "spoiled", "other"}

const (
	spoiledPurpose = int8(causeCount)
	otherPurpose   = int8(causeCount) + 1
	noPurpose      = int8(-1)
)

// Conditions, in the order of the database's enum.
const (
	usable int8 = iota
	reserved
	inTransit
	spoiled
	surrendered
	quarantine
	issued
)

var conditions = [...]string{"usable", "reserved", "in-transit", "spoiled", "surrendered", "quarantine", "issued"}

const (
	blank  int8 = 1
	ribbon int8 = 3
	film   int8 = 4
)

// lots are the funds that blanks are bought from: 1 APBN, 2 PNBP. Index 0 of an array by lot is lot 1.
const lots = 2

// Place is where pieces can be. New ones are made by the loader, the others every database has.
type Place struct {
	RegionID int
	Kind     string
	Name     string
	New      bool
}

// Move is one posting: lines First to First+Count of the world.
type Move struct {
	Kind     string
	Document string
	Day      int // since the start
	First    int
	Count    int
}

// Line takes pieces from one account and gives them to another. Places are numbers in World.Places.
type Line struct {
	From, To     int32
	Item, Lot    int8
	FromIn, ToIn int8
	Purpose      int8
	Pieces       int64
}

// For is why the pieces were used, as the ledger calls it; empty for what is no use.
func (l Line) For() string {
	if l.Purpose == noPurpose {
		return ""
	}
	return purposes[l.Purpose]
}

// Procurement is a contract with a printer.
type Procurement struct {
	Document     string
	Supplier     string
	Lot          int
	Pieces       int64
	Delivered    int64
	Signed, Due  int
	deliveryDays []int
}

// Delivery is what the printer brought on a day. Numbers of procurements and moves count from 1.
type Delivery struct {
	Procurement, Move int
	Document          string
	Day               int
	Pieces            int64
}

// Request is what an office asks its sender for.
type Request struct {
	Place              int
	Emergency          bool
	State              string
	Asked              int64
	Approved, Declined int64
	Shipped, Received  int64
	Submitted, Decided int // days; Decided -1 while open
}

// Shipment is blanks on their way. Days are -1 until they come.
type Shipment struct {
	From, To                                 int
	Request                                  int // number from 1
	Document                                 string
	Pickup                                   bool
	State                                    string
	Prepared, Dispatched, Expected, Received int
	Pieces                                   [lots]int64
	Damaged, Missing                         [lots]int64 // what was found at the receipt; Missing is settled only when Settled
	Settled                                  bool
}

// Receipt is the handover of a shipment. Numbers count from 1.
type Receipt struct {
	Shipment, Move int
	Day            int
}

// Discrepancy is a difference at a receipt.
type Discrepancy struct {
	Shipment, Receipt int
	Line              int
	Kind              string
	Pieces            int64
	Opened, Answered  int // days; Answered -1 while open
	Answer            string
}

// Report is the daily (or weekly) report of use of a place; Move 0 is a report of nothing.
type Report struct {
	Place           int
	Day             int
	Pieces, Spoiled int64
	Move            int
}

// Truth is what happened in one region on one month, which no office could see. Only tests and sums read it.
type Truth struct {
	Demand, Printed, Spoiled, GaveUp int64
	Waiting                          int64 // at the end of the month, of which
	PrintReady                       int64 // for a first card
	OutDays                          int   // working days on which the shelf was empty
}

// World is what the simulator made.
type World struct {
	Start, End time.Time
	Places     []Place

	Moves []Move
	Lines []Line

	Procurements  []Procurement
	Deliveries    []Delivery
	Requests      []Request
	Shipments     []Shipment
	Receipts      []Receipt
	Discrepancies []Discrepancy
	Reports       []Report
	Figures       []Figure

	// What offices know beforehand of demand; empty in the demo.
	Birthdays  []Birthdays
	DigitalIDs []DigitalID
	Visits     []Visit    // in order of days
	Circulars  []Switched // in days from the start

	Truth map[int][]Truth // by id of the kabupaten/kota, month by month from the start
}

// Date is the business date of a day of the world.
func (w *World) Date(day int) time.Time { return w.Start.AddDate(0, 0, day) }

// month numbers the months of the world from 0.
func (w *World) month(day int) int {
	d := w.Date(day)
	return (d.Year()-w.Start.Year())*12 + int(d.Month()) - int(w.Start.Month())
}
