package coverage

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
)

// Correction is what of a figure may be put right. Where, when and of whom it speaks stays: another date is another
// figure.
type Correction struct {
	Period string `json:"period,omitempty"`
	Note   string `json:"note" maxLength:"1000" doc:"why: what the figure says of its correction"`
	Numbers
}

// Correct replaces the numbers of a figure; the trail keeps what they were. A verified figure becomes submitted again,
// and its findings are examined anew.
func (r *Register) Correct(ctx context.Context, who access.Actor, id, version int64, c Correction) (Figure, error) {
	if err := who.May(access.RecordFigures); err != nil {
		return Figure{}, err
	}
	var wrong fault.Fields
	c.Numbers.check(func(name string) string { return "body." + name }, &wrong)
	if c.Note == "" || len(c.Note) > 1000 || privacy.Identifies(c.Note) {
		wrong.Add("body.note", "missing-or-too-long", nil, "most", 1000)
	}
	if c.Period != "" && !periodForm.MatchString(c.Period) {
		wrong.Add("body.period", "not-a-release", c.Period, "form", "2024-S1 or 2024-S2")
	}
	if err := wrong.Err(); err != nil {
		return Figure{}, err
	}
	return r.change(ctx, who, id, version, "correct", func(tx *sqlx.Tx, f Figure) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE figures
			SET people = $4, have = $5, lack = $6, percent = $7, sent = $8, adjudication = $9, duplicate = $10, print_ready = $11,
				interim_letters = $12, period = coalesce(nullif($13, ''), period), note = $14,
				status = CASE status WHEN 'verified' THEN 'submitted' ELSE status END, verified_by = NULL, verified_at = NULL,
				recorded_id = $15, recorded_by = $16, version = version + 1
			WHERE region_id = $1 AND id = $2 AND version = $3`,
			f.RegionID, id, version, c.People, c.Have, c.Lack, c.Percent, c.Sent, c.Adjudication, c.Duplicate, c.PrintReady,
			c.InterimLetters, c.Period, c.Note, who.ID, who.Name)
		return postgres.OneRow(result, err, postgres.ErrStale)
	})
}

// Submit ends a draft: its office stands by it, and lists count it.
func (r *Register) Submit(ctx context.Context, who access.Actor, id, version int64) (Figure, error) {
	if err := who.May(access.RecordFigures); err != nil {
		return Figure{}, err
	}
	return r.change(ctx, who, id, version, "submit", func(tx *sqlx.Tx, f Figure) error {
		if f.Status != Draft {
			return ErrNotDraft.With("figure", id, "status", f.Status)
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE figures
			SET status = 'submitted', submitted_at = $4, version = version + 1
			WHERE region_id = $1 AND id = $2 AND version = $3`, f.RegionID, id, version, r.now())
		return postgres.OneRow(result, err, postgres.ErrStale)
	})
}

// judgedBy refuses a figure that does not wait for a verdict, or that who recorded.
func (f Figure) judgedBy(who access.Actor) error {
	switch {
	case f.Status != Submitted:
		return ErrNotSubmitted.With("figure", f.ID, "status", f.Status)
	case f.RecordedID == who.ID:
		return ErrOwnFigure.With("figure", f.ID)
	}
	return nil
}

// Verify says that the office above has looked at a submitted figure. Who recorded it may not verify it.
func (r *Register) Verify(ctx context.Context, who access.Actor, id, version int64) (Figure, error) {
	if err := who.May(access.VerifyFigures); err != nil {
		return Figure{}, err
	}
	return r.change(ctx, who, id, version, "verify", func(tx *sqlx.Tx, f Figure) error {
		if err := f.judgedBy(who); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE figures
			SET status = 'verified', verified_by = $4, verified_at = $5, version = version + 1
			WHERE region_id = $1 AND id = $2 AND version = $3`, f.RegionID, id, version, who.Name, r.now())
		return postgres.OneRow(result, err, postgres.ErrStale)
	})
}

// Return sends a submitted figure back to its office as a draft, so that no list counts it until it is mended and
// submitted again. The reason stands in its note; the trail keeps what stood there. Who recorded it needs no return.
func (r *Register) Return(ctx context.Context, who access.Actor, id, version int64, reason string) (Figure, error) {
	if err := who.May(access.VerifyFigures); err != nil {
		return Figure{}, err
	}
	if reason == "" || len(reason) > 500 || privacy.Identifies(reason) {
		return Figure{}, fault.ErrInvalid.At("body.reason", "missing-or-too-long", nil, "most", 500)
	}
	return r.change(ctx, who, id, version, "return", func(tx *sqlx.Tx, f Figure) error {
		if err := f.judgedBy(who); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE figures
			SET status = 'draft', submitted_at = NULL, note = $4, version = version + 1
			WHERE region_id = $1 AND id = $2 AND version = $3`, f.RegionID, id, version, reason)
		return postgres.OneRow(result, err, postgres.ErrStale)
	})
}

// change makes one audited change to the figure of that version and examines it again.
func (r *Register) change(ctx context.Context, who access.Actor, id, version int64, action string, do func(tx *sqlx.Tx, f Figure) error) (Figure, error) {
	changed, err := postgres.Once(ctx, r.db, who, func(tx *sqlx.Tx) (Figure, error) {
		was, err := figureByID(ctx, tx, id)
		if err != nil {
			return was, err
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return was, err
		}
		if err := do(tx, was); err != nil {
			return was, err
		}
		if err := settle(ctx, tx, who, r.now(), []int64{id}); err != nil {
			return was, err
		}
		is, err := figureByID(ctx, tx, id)
		if err != nil {
			return is, fmt.Errorf("read figure %d after its change: %w", id, err)
		}
		return is, postgres.Audit(ctx, tx, who, is.RegionID, action, "figure", id, was.forTheTrail(), is.forTheTrail())
	})
	if err != nil || !vulnerable(changed.Group) {
		return changed, err
	}
	seen := []Figure{changed}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error { return concealFigures(ctx, tx, who, seen) })
	return seen[0], err
}
