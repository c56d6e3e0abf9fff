package main

import (
	"time"

	"blangko/internal/account"
	"blangko/internal/schedule"
	"blangko/inventory"
)

// system is every domain on one database, wired.
type system struct {
	db       *database
	now      func() time.Time
	accounts *account.Accounts
	ledger   *inventory.Ledger
	schedule *schedule.Schedule
}

func newSystem(d *database, now func() time.Time) (*system, error) {
	s := &system{db: d, now: now}
	s.accounts = account.New(d.DB, now)
	s.ledger = inventory.NewLedger(d.DB, now)
	var err error
	s.schedule, err = schedule.New(d.DB, now, jobs(s)...)
	return s, err
}
