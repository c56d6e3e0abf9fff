package forecasting

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

// EarlyRecording is how many people who were recorded at sixteen, at school as a rule, turn seventeen in a region in a
// month. Their cards can be printed from then on.
type EarlyRecording struct {
	RegionID int       `json:"-" db:"region_id"`
	Region   string    `json:"region" db:"region" maxLength:"13" doc:"kabupaten/kota"`
	Month    string    `json:"month" db:"month" format:"date" doc:"its first day"`
	People   int64     `json:"people" db:"people" minimum:"0" maximum:"1000000"`
	Note     string    `json:"note,omitempty" db:"note" maxLength:"500"`
	By       string    `json:"recorded_by,omitempty" db:"recorded_by" readOnly:"true"`
	At       time.Time `json:"recorded_at,omitzero" db:"recorded_at" readOnly:"true"`
}

func (e EarlyRecording) month() month {
	day, _ := time.Parse(time.DateOnly, e.Month) // checked when it was entered
	return monthOf(day)
}

func earlyRecordings(ctx context.Context, tx *sqlx.Tx, code string) ([]EarlyRecording, error) {
	all := []EarlyRecording{}
	err := tx.SelectContext(ctx, &all, `
		SELECT e.region_id, r.code AS region, e.month::text, e.people, e.note, e.recorded_by, e.recorded_at
		FROM early_recordings e
		JOIN regions_today r ON r.id = e.region_id
		WHERE $1 IN ('', '00') OR r.code = $1 OR r.code LIKE $1 || '.%'
		ORDER BY r.code, e.month`, code)
	if err != nil {
		return nil, fmt.Errorf("read early recordings: %w", err)
	}
	return all, nil
}

// EarlyRecordings lists those of regions in reach under a code, by region and month.
func (f *Forecaster) EarlyRecordings(ctx context.Context, who access.Actor, code string) (all []EarlyRecording, err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		if code != "" {
			if _, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, f.now())); err != nil {
				return err
			}
		}
		all, err = earlyRecordings(ctx, tx, code)
		return err
	})
	return all, err
}

// RecordEarly notes how many people recorded at sixteen turn seventeen in a month, in place of what was noted before.
func (f *Forecaster) RecordEarly(ctx context.Context, who access.Actor, e EarlyRecording) (EarlyRecording, error) {
	if err := who.May(access.KeepDrivers); err != nil {
		return e, err
	}
	var wrong fault.Fields
	if day, err := time.Parse(time.DateOnly, e.Month); err != nil || day.Day() != 1 {
		wrong.Add("body.month", "not-the-first-of-a-month", e.Month)
	}
	if e.People < 0 || e.People > 1_000_000 {
		wrong.Add("body.people", "out-of-range", e.People, "least", 0, "most", 1_000_000)
	}
	if len([]rune(e.Note)) > 500 {
		wrong.Add("body.note", "too-long", nil, "most", 500)
	}
	if privacy.Identifies(e.Note) {
		wrong.Add("body.note", "sixteen-digits", nil)
	}
	if err := wrong.Err(); err != nil {
		return e, err
	}
	return postgres.Once(ctx, f.db, who, func(tx *sqlx.Tx) (EarlyRecording, error) {
		where, err := region.ByCode(ctx, tx, e.Region, region.Today(region.WIB, f.now()))
		if err != nil {
			return e, err
		}
		if err := where.Expect(region.Regency); err != nil {
			return e, err
		}
		e.RegionID, e.By, e.At = where.ID, who.Name, f.now()
		_, err = tx.ExecContext(ctx, `
			INSERT INTO early_recordings (region_id, month, people, note, recorded_by, recorded_at)
			VALUES ($1, $2::date, $3, $4, $5, $6)
			ON CONFLICT (region_id, month) DO UPDATE
			SET people = excluded.people, note = excluded.note, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at`,
			where.ID, e.Month, e.People, e.Note, e.By, e.At)
		if err != nil {
			return e, fmt.Errorf("note early recordings: %w", err)
		}
		return e, postgres.Audit(ctx, tx, who, where.ID, "recorded", "early-recording", e.Month, nil, e)
	})
}
