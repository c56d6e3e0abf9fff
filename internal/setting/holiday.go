package setting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

var (
	ErrHolidayUnknown = fault.New(fault.NotFound, "holiday-unknown")
	ErrHolidayTaken   = fault.New(fault.Conflict, "holiday-taken")
	errDay            = fault.New(fault.Invalid, "day-malformed")
	errHolidayName    = fault.New(fault.Invalid, "holiday-name")
)

// Holiday is a day on which offices are closed. Working days, daily reports, teams and forecasts go by them.
type Holiday struct {
	Day     string `json:"day" db:"day" format:"date" example:"2027-03-10"`
	Name    string `json:"name" db:"name" example:"Idulfitri 1448 H"`
	Kind    string `json:"kind" db:"kind" enum:"national,collective-leave"`
	Version int64  `json:"version" db:"version" readOnly:"true"`
}

// CurrentVersion is what If-Match must name.
func (h Holiday) CurrentVersion() int64 { return h.Version }

// NewHoliday is a holiday to be, or what one is to become; the day itself does not change.
type NewHoliday struct {
	Name string `json:"name" minLength:"1" maxLength:"120"`
	Kind string `json:"kind" enum:"national,collective-leave"`
}

func (n NewHoliday) check() error {
	if strings.TrimSpace(n.Name) == "" {
		return errHolidayName.At("body.name", errHolidayName.Code, nil)
	}
	return nil
}

func checkDay(at, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return errDay.At(at, errDay.Code, day)
	}
	return nil
}

// Holidays lists holidays in order, from the first day on when one is given.
func (s *Settings) Holidays(ctx context.Context, who access.Actor, from string, p postgres.Paging) (page postgres.Page[Holiday], err error) {
	if err := who.May(access.ReadHolidays); err != nil {
		return page, err
	}
	if from == "" {
		from = "0001-01-01"
	}
	if err := checkDay("query.from", from); err != nil {
		return page, err
	}
	type byDay struct {
		Day string `json:"day"`
	}
	after := byDay{"0001-01-01"}
	limit, err := p.Resume(&after)
	if err != nil {
		return page, err
	}
	found := []Holiday{}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &found, `
			SELECT day::text, name, kind, version
			FROM holidays
			WHERE day > $1::date AND day >= $2::date
			ORDER BY day
			LIMIT $3`, after.Day, from, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list holidays: %w", err)
	}
	return postgres.NewPage(p, found, func(h Holiday) byDay { return byDay{h.Day} })
}

// AddHoliday closes offices on a day. ErrHolidayTaken when they already are.
func (s *Settings) AddHoliday(ctx context.Context, who access.Actor, day string, in NewHoliday) (Holiday, error) {
	if err := who.May(access.ManageHolidays); err != nil {
		return Holiday{}, err
	}
	if err := checkDay("body.day", day); err != nil {
		return Holiday{}, err
	}
	if err := in.check(); err != nil {
		return Holiday{}, err
	}
	return postgres.Once(ctx, s.db, who, func(tx *sqlx.Tx) (h Holiday, err error) {
		err = tx.GetContext(ctx, &h, `
			INSERT INTO holidays (day, name, kind)
			VALUES ($1, $2, $3)
			RETURNING day::text, name, kind, version`, day, strings.TrimSpace(in.Name), in.Kind)
		if postgres.Violates(err, "holidays_pkey") {
			return h, ErrHolidayTaken.With("day", day)
		}
		if err != nil {
			return h, fmt.Errorf("add holiday: %w", err)
		}
		return h, s.audit(ctx, tx, who, "holiday.add", "holiday", day, nil, h)
	})
}

// ChangeHoliday gives a holiday another name or kind if it still has the version given, else postgres.ErrStale.
func (s *Settings) ChangeHoliday(ctx context.Context, who access.Actor, day string, version int64, in NewHoliday) (Holiday, error) {
	if err := who.May(access.ManageHolidays); err != nil {
		return Holiday{}, err
	}
	if err := in.check(); err != nil {
		return Holiday{}, err
	}
	return postgres.Once(ctx, s.db, who, func(tx *sqlx.Tx) (after Holiday, err error) {
		before, err := holiday(ctx, tx, day)
		if err != nil {
			return after, err
		}
		if err := postgres.CheckVersion(version, before.Version); err != nil {
			return after, err
		}
		err = tx.GetContext(ctx, &after, `
			UPDATE holidays
			SET name = $2, kind = $3, version = version + 1
			WHERE day = $1::date
			RETURNING day::text, name, kind, version`, day, strings.TrimSpace(in.Name), in.Kind)
		if err != nil {
			return after, fmt.Errorf("change holiday: %w", err)
		}
		return after, s.audit(ctx, tx, who, "holiday.change", "holiday", day, before, after)
	})
}

// RemoveHoliday opens offices on that day again.
func (s *Settings) RemoveHoliday(ctx context.Context, who access.Actor, day string) (Holiday, error) {
	if err := who.May(access.ManageHolidays); err != nil {
		return Holiday{}, err
	}
	return postgres.Once(ctx, s.db, who, func(tx *sqlx.Tx) (Holiday, error) {
		before, err := holiday(ctx, tx, day)
		if err != nil {
			return before, err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM holidays WHERE day = $1::date`, day); err != nil {
			return before, fmt.Errorf("remove holiday: %w", err)
		}
		return before, s.audit(ctx, tx, who, "holiday.remove", "holiday", day, before, nil)
	})
}

func holiday(ctx context.Context, tx *sqlx.Tx, day string) (h Holiday, err error) {
	if err := checkDay("path.day", day); err != nil {
		return h, err
	}
	err = tx.GetContext(ctx, &h, `SELECT day::text, name, kind, version FROM holidays WHERE day = $1::date FOR UPDATE`, day)
	return h, postgres.NotFound(err, ErrHolidayUnknown.With("day", day))
}
