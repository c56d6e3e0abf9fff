package forecasting

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/setting"
	"blangko/inventory"
)

// Known is all that a forecast is made from, as it stands on a day: what the other domains tell, and what was entered
// here. Foresee is a function of it alone.
type Known struct {
	Holidays    []Holiday
	Positions   []inventory.Position
	Regions     []Region
	Uses        []inventory.MonthUse // by month, of kabupaten/kota
	Below       []inventory.MonthUse // by month, of kecamatan with a service point
	Lately      []inventory.DayOfUse // of the last weeks, today included
	Purposes    []inventory.PurposeUse
	Week        []inventory.WeekdayUse
	Leads       []inventory.LeadTime
	Fates       []inventory.Fate
	Supply      inventory.Supply
	Populations map[int]coverage.Population
	Birthdays   []coverage.Birthdays
	Backlogs    []coverage.Backlog
	DigitalIDs  []coverage.Share
	Visits      []Visit
	Early       []EarlyRecording
	Circulars   []Circular
	Settings    Settings
}

// Region is a nation, province or kecamatan, for what is summed up and divided.
type Region struct {
	ID   int    `db:"id"`
	Code string `db:"code"`
	Name string `db:"name"`
}

// Settings are what an administrator may set of forecasts.
type Settings struct {
	// DigitalID is the part of cards, first ones aside, that a person with a digital identity no longer asks for. No
	// source gives it; 0.3 is assumed.
	DigitalID float64 // forecasts.digital-id
}

func loadSettings(ctx context.Context, tx *sqlx.Tx) (s Settings, err error) {
	s.DigitalID, err = digitalID.Read(ctx, tx)
	return s, err
}

var digitalID = setting.NewNumber("forecasts.digital-id", 0.3, 0, 1, "part",
	"Part of cards, first ones aside, that a person with a digital identity no longer asks for. Assumed: no source gives it.")

// Declared are what an administrator may set of this package.
func Declared() []setting.Declared { return []setting.Declared{digitalID} }

// How far back what changes slowly is read.
const (
	purposeMonths = 12
	latelyDays    = 35
	weekdayDays   = 182
)

// load reads the nation in a handful of queries.
func (f *Forecaster) load(ctx context.Context, who access.Actor, date time.Time) (k Known, err error) {
	month, years := monthOf(date).first(), date.AddDate(-6, 0, 0)
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) (err error) {
		if k.Holidays, err = loadHolidays(ctx, tx); err != nil {
			return err
		}
		if k.Settings, err = loadSettings(ctx, tx); err != nil {
			return err
		}
		if err = tx.SelectContext(ctx, &k.Regions, `SELECT id, code, name FROM regions_today WHERE level <> 2 AND level <= 3 ORDER BY code`); err != nil {
			return fmt.Errorf("read regions: %w", err)
		}
		if k.Early, err = earlyRecordings(ctx, tx, ""); err != nil {
			return err
		}
		k.Circulars, err = circularsInForce(ctx, tx)
		return err
	})
	read := func(what func() error) {
		if err == nil {
			err = what()
		}
	}
	read(func() error { k.Positions, err = f.ledger.Positions(ctx, who); return err })
	read(func() error { k.Uses, err = f.ledger.MonthlyUse(ctx, who, date); return err })
	read(func() error { k.Below, err = f.ledger.MonthlyUseBelow(ctx, who, date); return err })
	read(func() error {
		k.Lately, err = f.ledger.UseByDay(ctx, who, date.AddDate(0, 0, -latelyDays), date.AddDate(0, 0, 1))
		return err
	})
	read(func() error {
		k.Purposes, err = f.ledger.UseByPurpose(ctx, who, month.AddDate(0, -purposeMonths, 0), month)
		return err
	})
	read(func() error {
		k.Week, err = f.ledger.UseByWeekday(ctx, who, date.AddDate(0, 0, -weekdayDays), date)
		return err
	})
	read(func() error { k.Leads, err = f.ledger.LeadTimes(ctx, who, date.AddDate(-3, 0, 0)); return err })
	read(func() error { k.Fates, err = f.ledger.Fates(ctx, who, date.AddDate(-3, 0, 0)); return err })
	read(func() error { k.Supply, err = f.ledger.Supply(ctx, who); return err })
	read(func() error { k.Populations, err = f.register.Latest(ctx, who); return err })
	read(func() error { k.Birthdays, err = f.register.Birthdays(ctx, who, years); return err })
	read(func() error { k.Backlogs, err = f.register.Backlogs(ctx, who, years); return err })
	read(func() error { k.DigitalIDs, err = f.register.DigitalIDs(ctx, who, date.AddDate(-3, 0, 0)); return err })
	read(func() error {
		k.Visits, err = f.visits(ctx, date, date.AddDate(0, 0, lookAhead))
		return err
	})
	return k, err
}

// places puts together what is known of each kabupaten/kota.
func (k *Known) places(c *calendar, date time.Time) []*place {
	uses := byRegion(k.Uses, func(u inventory.MonthUse) int { return u.RegionID })
	visits := byRegion(k.Visits, func(v Visit) int { return v.RegionID })
	waiting, last := monthEnds(k.Backlogs, date)
	places := make([]*place, len(k.Positions))
	for i, position := range k.Positions {
		id := position.RegionID
		p := &place{position: position, visits: visits[id], waiting: last[id]}
		p.owed = max(0, p.waiting-usualWaiting(waiting[id], monthOf(date)))
		if pop, ok := k.Populations[id]; ok {
			p.population = &pop
		}
		p.remember(uses[id], waiting[id], c)
		places[i] = p
	}
	learnWaits(places, k.Leads, k.Fates, date)
	parts, _, _ := back(places, onOrder(places), pools(k.Supply, date, 0))
	for i, p := range places {
		p.ordered = append(p.packed(), parts[i]...)
	}
	k.fillGaps(places, c, date)
	k.learnDrivers(places, c, date)
	return places
}

// fillGaps gives the places without a month of which anything is known a history to start with.
func (k *Known) fillGaps(places []*place, c *calendar, date time.Time) {
	used, worked := map[int]float64{}, map[int]float64{}
	for _, d := range k.Lately {
		if d.Used > 0 && d.Day.UTC().Before(date) {
			used[d.RegionID] += float64(d.Used)
			worked[d.RegionID] += max(friday, c.work(d.Day.UTC()))
		}
	}
	for _, p := range places {
		if id := p.position.RegionID; !p.known() {
			began := len(p.months) > 0
			if p.guess(monthOf(date), used[id], worked[id]) && began {
				p.silent = false // it posts, and its shelf was empty all along
			}
		}
	}
}

func byRegion[T any](all []T, region func(T) int) map[int][]T {
	by := map[int][]T{}
	for _, one := range all {
		by[region(one)] = append(by[region(one)], one)
	}
	return by
}
