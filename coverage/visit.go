package coverage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// Yield is how many people a visit gave a document.
type Yield struct {
	RegionID int       // of the site: a regency or a district
	Visit    string    // what the visit is known by; with the subject it says a yield once
	Subject  Subject   // Recording, Certificate, …
	Day      time.Time // business date of the visit
	People   int64
}

// AddRecorded notes what visits yielded, in the transaction of their results. No figure is changed: a yield stands
// beside the official figures, and a gap shows both, until a figure of a later day, which then counts it. The same
// visit and subject again replaces what was noted before, so that a corrected result is right here too. The region must
// be in the reach of tx; who may report a result is the caller's to ask.
func AddRecorded(ctx context.Context, tx *sqlx.Tx, yields ...Yield) error {
	for _, y := range yields {
		if !slices.Contains(Subjects, y.Subject) {
			return ErrSubject.With("subject", y.Subject, "known", Subjects)
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO visit_yields (region_id, visit, subject, day, people)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (region_id, visit, subject) DO UPDATE
			SET day = excluded.day, people = excluded.people, recorded_at = now()`,
			y.RegionID, y.Visit, y.Subject, y.Day, y.People)
		if err != nil {
			return fmt.Errorf("note the yield of visit %s: %w", y.Visit, err)
		}
	}
	return nil
}
