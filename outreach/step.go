package outreach

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Faults of the steps of a visit.
var (
	ErrNotHanded   = fault.New(fault.Conflict, "blanks-not-handed")   // visit, blanks
	ErrCountDiffer = fault.New(fault.Conflict, "counts-differ")       // handed, taken
	ErrSamePerson  = fault.New(fault.Forbidden, "same-person")        // step
	ErrNoBlanks    = fault.New(fault.Conflict, "no-blanks-for-visit") // visit
)

// step changes a visit in one of the wanted states, which do moves and set describes; set is the SQL of what changes,
// with the visit's id as $1.
func (d *Desk) step(ctx context.Context, who access.Actor, action access.Action, id, version int64, wanted []VisitState,
	do func(tx *sqlx.Tx, v Visit) (set string, args []any, err error)) (Visit, error) {
	if err := who.May(action); err != nil {
		return Visit{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (Visit, error) {
		was, err := lockVisit(ctx, tx, id)
		if err != nil {
			return was, err
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return was, err
		}
		if !slices.Contains(wanted, was.State) {
			return was, ErrVisitState.With("visit", id, "state", was.State, "wanted", wanted)
		}
		set, args, err := do(tx, was)
		if err != nil {
			return was, err
		}
		return d.setVisit(ctx, tx, who, string(action), was, set, args...)
	})
}

func (d *Desk) setVisit(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Visit, set string, args ...any) (Visit, error) {
	_, err := tx.ExecContext(ctx, `UPDATE visits SET `+set+`, version = version + 1 WHERE id = $1`, append([]any{was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("change visit %d: %w", was.ID, err)
	}
	v, err := visitByID(ctx, tx, was.ID)
	if err != nil {
		return v, err
	}
	if v.off() != was.off() {
		if err := d.recount(ctx, tx, v.Plan); err != nil {
			return v, err
		}
	}
	if err := closePlan(ctx, tx, v.Plan); err != nil {
		return v, err
	}
	if err := postgres.Audit(ctx, tx, who, v.RegionID, action, "visit", v.ID, was, v); err != nil {
		return v, err
	}
	v.veil(who)
	return v, nil
}

// closePlan notes that a published plan is done once no visit of it is still to come or under way.
func closePlan(ctx context.Context, tx *sqlx.Tx, id int64) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE plans
		SET state = 'done', version = version + 1
		WHERE id = $1 AND state = 'published'
		  AND NOT EXISTS (SELECT FROM visits WHERE plan_id = $1 AND state IN ('proposed', 'confirmed', 'under-way'))`, id)
	if err != nil {
		return fmt.Errorf("close plan %d: %w", id, err)
	}
	return nil
}

// Confirm notes that the site has agreed to the visit.
func (d *Desk) Confirm(ctx context.Context, who access.Actor, id, version int64) (Visit, error) {
	return d.step(ctx, who, access.PlanVisits, id, version, []VisitState{Proposed}, func(*sqlx.Tx, Visit) (string, []any, error) {
		return `state = 'confirmed'`, nil, nil
	})
}

// Hand notes how many of the blanks set aside for a visit the office gives to the team. The team confirms the number
// when it starts; until then nothing moves.
func (d *Desk) Hand(ctx context.Context, who access.Actor, id, version, pieces int64) (Visit, error) {
	return d.step(ctx, who, access.HandBlanks, id, version, []VisitState{Proposed, Confirmed}, func(_ *sqlx.Tx, v Visit) (string, []any, error) {
		if v.Hold == nil {
			return "", nil, ErrNoBlanks.With("visit", id)
		}
		if pieces > v.Blanks {
			return "", nil, fault.ErrInvalid.At("body.blanks", "more-than-set-aside", pieces, "set_aside", v.Blanks)
		}
		return `handed = $2, handed_by_id = $3, handed_by = $4`, []any{pieces, who.ID, who.Name}, nil
	})
}

// Start begins a visit: the team confirms the number of blanks that the office handed it, and they move into its
// hands. Another person than the one who handed them must confirm; another number is counts-differ, and nothing moves
// until both agree.
func (d *Desk) Start(ctx context.Context, who access.Actor, id, version, taken int64) (Visit, error) {
	return d.step(ctx, who, access.ReportVisits, id, version, []VisitState{Proposed, Confirmed}, func(tx *sqlx.Tx, v Visit) (string, []any, error) {
		switch {
		case v.Hold == nil && taken > 0:
			return "", nil, ErrNoBlanks.With("visit", id)
		case v.Hold == nil:
			return `state = 'under-way'`, nil, nil
		case v.Handed == nil:
			return "", nil, ErrNotHanded.With("visit", id, "blanks", v.Blanks)
		case *v.HandedByID == who.ID:
			return "", nil, ErrSamePerson.With("step", "start")
		case *v.Handed != taken:
			return "", nil, ErrCountDiffer.With("handed", *v.Handed, "taken", taken)
		}
		return `state = 'under-way'`, nil, d.checkOut(ctx, tx, who, v, taken)
	})
}

// checkOut moves blanks into the hands of the team and gives back what it leaves behind.
func (d *Desk) checkOut(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, pieces int64) error {
	today := d.todayOf(v)
	team, err := teamByID(ctx, tx, v.Team)
	if err != nil {
		return err
	}
	if pieces > 0 {
		if _, err := d.ledger.CheckOut(ctx, tx, who, *v.Hold, deref(team.Place), pieces, today); err != nil {
			return err
		}
	}
	_, err = d.ledger.ReleaseVisit(ctx, tx, who, *v.Hold, today)
	return err
}

// todayOf is today's business date where the visit is.
func (d *Desk) todayOf(v Visit) string { return d.now().In(v.Zone.Location()).Format(time.DateOnly) }

// Miss notes that a visit did not take place, and gives its blanks back to the office. Those that are with the team already
// are counted in by CheckIn.
func (d *Desk) Miss(ctx context.Context, who access.Actor, id, version int64, reason string) (Visit, error) {
	return d.drop(ctx, who, access.ReportVisits, id, version, Missed, reason)
}

// Cancel takes a visit off its plan, and gives its blanks back to the office, as Miss does.
func (d *Desk) Cancel(ctx context.Context, who access.Actor, id, version int64, reason string) (Visit, error) {
	return d.drop(ctx, who, access.PlanVisits, id, version, Cancelled, reason)
}

func (d *Desk) drop(ctx context.Context, who access.Actor, action access.Action, id, version int64, state VisitState, reason string) (Visit, error) {
	return d.step(ctx, who, action, id, version, []VisitState{Proposed, Confirmed, UnderWay}, func(tx *sqlx.Tx, v Visit) (string, []any, error) {
		if err := passBy(ctx, tx, v); err != nil {
			return "", nil, err
		}
		return `state = $2, reason = $3, ended_by_id = $4, travel_seconds = 0, travel_metres = 0, home_seconds = 0, ` + nothingSetAside,
			[]any{string(state), reason, who.ID}, d.release(ctx, tx, who, v)
	})
}

// nothingSetAside is the SQL for a visit that is off. What its team has in hand stays noted until it is counted in.
const nothingSetAside = `blanks = 0, handed = CASE WHEN state = 'under-way' THEN handed END`

// release gives the blanks set aside for a visit back to the office.
func (d *Desk) release(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit) error {
	if v.Hold == nil {
		return nil
	}
	_, err := d.ledger.ReleaseVisit(ctx, tx, who, *v.Hold, d.todayOf(v))
	return err
}

// Pin fixes a visit where it is, or lets it go: a new plan leaves a pinned visit to its team and day.
func (d *Desk) Pin(ctx context.Context, who access.Actor, id, version int64, pinned bool) (Visit, error) {
	return d.step(ctx, who, access.PlanVisits, id, version, []VisitState{Proposed, Confirmed}, func(*sqlx.Tx, Visit) (string, []any, error) {
		return `pinned = $2`, []any{pinned}, nil
	})
}

// Supply sets the blanks of a visit aside, or gives them back to the office so that others may have them: a planner chooses
// which visits go without, and a new plan leaves it at that. Errors: insufficient-stock; no-blanks-for-visit where nobody
// is expected to get a card.
func (d *Desk) Supply(ctx context.Context, who access.Actor, id, version int64, with bool) (Visit, error) {
	return d.step(ctx, who, access.PlanVisits, id, version, []VisitState{Proposed, Confirmed}, func(tx *sqlx.Tx, v Visit) (string, []any, error) {
		switch {
		case v.Cards.People == 0:
			return "", nil, ErrNoBlanks.With("visit", id)
		case with && v.Blanks == 0:
			if err := d.setAside(ctx, tx, who, v); err != nil {
				return "", nil, err
			}
		case !with:
			if err := d.release(ctx, tx, who, v); err != nil {
				return "", nil, err
			}
			_, err := tx.ExecContext(ctx, `
				UPDATE visits
				SET blanks = 0, hold_id = NULL, record_only = true, goes_without = true, handed = NULL, handed_by_id = NULL, handed_by = ''
				WHERE id = $1`, id)
			if err != nil {
				return "", nil, fmt.Errorf("send visit %d without blanks: %w", id, err)
			}
		}
		return `reason = reason`, nil, d.recount(ctx, tx, v.Plan)
	})
}

// setAside sets the blanks aside that the cards of a visit need.
func (d *Desk) setAside(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit) error {
	today := d.todayOf(v)
	h, err := d.ledger.ReserveForVisit(ctx, tx, who, v.RegionID, v.Cards.People, holdOf(today, v.Plan, v.Site), today)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE visits SET blanks = cards, hold_id = $2, record_only = false, goes_without = false WHERE id = $1`, v.ID, h.ID)
	if err != nil {
		return fmt.Errorf("set blanks of visit %d aside: %w", v.ID, err)
	}
	return nil
}

// holdOf is the document under which the blanks of a visit are set aside.
func holdOf(today string, plan, site int64) string {
	return fmt.Sprintf("KJ/%s/%d/%d", today[:4], plan, site)
}

// add counts a visit that has what it has.
func (b *Blanks) add(v Visit) {
	b.Needed += v.Cards.People
	b.Visits += int(min(1, v.Cards.People))
	b.Reserved += v.Blanks
	if v.RecordOnly {
		b.RecordOnly++
	}
}
