package main

import (
	"time"

	"blangko/internal/account"
	"blangko/inventory"
)

// system is every domain on one database, wired.
type system struct {
	db       *database
	now      func() time.Time
	accounts *account.Accounts
	ledger   *inventory.Ledger
}

func newSystem(d *database, now func() time.Time) (*system, error) {
	s := &system{db: d, now: now}
	s.accounts = account.New(d.DB, now)
	s.ledger = inventory.NewLedger(d.DB, now)
	return s, nil
}
