package main

import (
	"slices"
	"time"

	"blangko/coverage"
	"blangko/forecasting"
	"blangko/internal/account"
	"blangko/internal/boundary"
	"blangko/internal/region"
	"blangko/internal/schedule"
	"blangko/internal/setting"
	"blangko/internal/sheet"
	"blangko/inventory"
	"blangko/notice"
	"blangko/outreach"
)

// system is every domain on one database, wired.
type system struct {
	db        *database
	now       func() time.Time
	accounts  *account.Accounts
	ledger    *inventory.Ledger
	schedule  *schedule.Schedule
	coverage  *coverage.Register
	outreach  *outreach.Desk
	imports   *sheet.Imports
	atlas     *boundary.Atlas
	regions   *region.Changes
	alerts    *notice.Alerts
	forecasts *forecasting.Forecaster
	settings  *setting.Settings
}

func newSystem(d *database, now func() time.Time) (*system, error) {
	s := &system{db: d, now: now}
	s.accounts = account.New(d.DB, now)
	s.ledger = d.ledger(now)
	s.coverage = coverage.NewRegister(d.DB, now)
	s.outreach = outreach.NewDesk(d.DB, s.ledger, now)
	s.atlas = boundary.NewAtlas(d.DB, now)
	s.imports = sheet.NewImports(d.DB, now, slices.Concat(s.coverage.Kinds(), s.outreach.Kinds(), s.ledger.Kinds(), s.atlas.Kinds(), s.accounts.Kinds())...)
	s.alerts = notice.NewAlerts(d.DB, now)
	s.forecasts = forecasting.New(d.DB, s.ledger, s.coverage, s.alerts, s.plannedVisits, now)
	s.settings = setting.New(d.DB, now, slices.Concat(inventory.Settings(), coverage.Settings(), notice.Settings(), forecasting.Declared())...)
	// Every domain takes its part in a split or merge, in one transaction and in this order.
	s.regions = region.NewChanges(d.DB, now, s.ledger.MoveRegion, s.coverage.MoveRegion, s.forecasts.MoveRegion, s.alerts.MoveRegion,
		s.outreach.MoveRegion, s.accounts.MoveRegion)
	var err error
	s.schedule, err = schedule.New(d.DB, now, jobs(s)...)
	return s, err
}
