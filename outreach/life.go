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
	"blangko/outreach/route"
)

// Publish announces the visits of a plan: from now on a new plan moves as few of them as it can.
func (d *Desk) Publish(ctx context.Context, who access.Actor, id, version int64) (Plan, error) {
	return d.turn(ctx, who, id, version, []string{"proposed"}, "plans.publish", func(tx *sqlx.Tx, p Plan) error {
		if _, err := tx.ExecContext(ctx, `UPDATE plans SET state = 'published', published_at = $2, version = version + 1 WHERE id = $1`, id, d.now()); err != nil {
			return fmt.Errorf("publish plan %d: %w", id, err)
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE visits
			SET published = true, version = version + 1
			WHERE plan_id = $1 AND state IN ('proposed', 'confirmed')`, id)
		if err != nil {
			return fmt.Errorf("publish visits of plan %d: %w", id, err)
		}
		return nil
	})
}

// CancelPlan takes every visit still to come off a plan and gives the blanks back.
func (d *Desk) CancelPlan(ctx context.Context, who access.Actor, id, version int64, reason string) (Plan, error) {
	return d.turn(ctx, who, id, version, []string{"proposed", "published"}, "plans.cancel", func(tx *sqlx.Tx, p Plan) error {
		for _, v := range p.Visits {
			if !v.open() {
				continue
			}
			if err := d.takeOff(ctx, tx, who, v, reason); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE plans SET state = 'cancelled' WHERE id = $1`, id); err != nil {
			return fmt.Errorf("cancel plan %d: %w", id, err)
		}
		return d.recount(ctx, tx, id)
	})
}

// takeOff cancels a visit and gives its blanks back, but for those that are with its team.
func (d *Desk) takeOff(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, reason string) error {
	if err := d.release(ctx, tx, who, v); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE visits SET state = 'cancelled', reason = $2, ended_by_id = $3, `+nothingSetAside+`, version = version + 1 WHERE id = $1`, v.ID, reason, who.ID)
	if err != nil {
		return fmt.Errorf("take visit %d off: %w", v.ID, err)
	}
	return nil
}

// turn changes a plan in one of the wanted states.
func (d *Desk) turn(ctx context.Context, who access.Actor, id, version int64, wanted []string, action string, do func(tx *sqlx.Tx, p Plan) error) (Plan, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Plan{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (Plan, error) {
		was, err := lockPlan(ctx, tx, id)
		if err != nil {
			return was, err
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return was, err
		}
		if !slices.Contains(wanted, was.State) {
			return was, ErrPlanState.With("plan", id, "state", was.State, "wanted", wanted)
		}
		if err := do(tx, was); err != nil {
			return was, err
		}
		if err := closePlan(ctx, tx, id); err != nil {
			return was, err
		}
		p, err := planByID(ctx, tx, id)
		if err != nil {
			return p, err
		}
		p.veil(who)
		return p, postgres.Audit(ctx, tx, who, p.RegionID, action, "plan", id, was.Outcome, p.Outcome)
	})
}

// TeamOff is a day that a team cannot go out, an empty day standing for all of them.
type TeamOff struct {
	Team int64  `json:"team" minimum:"1"`
	Day  string `json:"day,omitempty" format:"date"`
}

// Anew is how a plan is to be planned anew.
type Anew struct {
	From    string    `json:"from,omitempty" format:"date" doc:"first day that may change; today when empty"`
	Losses  []TeamOff `json:"losses,omitempty" maxItems:"500" doc:"all days on which a team cannot go out any more; left out, those said before"`
	Seed    uint64    `json:"seed,omitempty" maximum:"1000000000"`
	Seconds int       `json:"seconds,omitempty" minimum:"1" maximum:"30" default:"5"`
}

// Replan plans the days that are left anew: pinned visits stay, published ones are moved only where there is no other
// way, the fewest of them, and all others are chosen afresh. Visits that no team can make any more are cancelled and
// their blanks given back. One that a lost team had begun is cancelled, its blanks are to be counted in, and another visit
// stands in for it where there is room.
func (d *Desk) Replan(ctx context.Context, who access.Actor, id, version int64, in Anew) (Plan, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Plan{}, err
	}
	if p, found, err := postgres.Answered[Plan](ctx, d.db, who); found || err != nil {
		return p, err
	}
	was, w, err := d.loadAgain(ctx, who, id, version, in.From, again{losses: in.Losses})
	if err != nil {
		return Plan{}, err
	}
	found, err := d.search(ctx, w, NewPlan{Seed: in.Seed, Seconds: in.Seconds})
	if err != nil {
		return Plan{}, err
	}
	return d.turn(ctx, who, id, version, []string{"proposed", "published"}, "plans.replan", func(tx *sqlx.Tx, p Plan) error {
		return d.saveAgain(ctx, tx, who, w, was, found, "replanned")
	})
}

// loadAgain loads a plan for planning its days from that one on anew, with all its teams and sites.
func (d *Desk) loadAgain(ctx context.Context, who access.Actor, id, version int64, from string, again again) (was Plan, w *work, err error) {
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		was, err = planByID(ctx, tx, id)
		return err
	})
	if err != nil {
		return was, nil, err
	}
	if err := postgres.CheckVersion(version, was.Version); err != nil {
		return was, nil, err
	}
	n := was.Asked
	if again.losses == nil {
		again.losses = n.Losses
	}
	n.Losses = again.losses
	n.Region, n.Synthetic = was.Region, was.Synthetic
	first, err := time.Parse(time.DateOnly, was.From)
	if err != nil {
		return was, nil, fmt.Errorf("first day of plan %d: %w", id, err)
	}
	last := first.AddDate(0, 0, was.Days-1)
	n.From = max(was.From, from, d.now().In(was.Zone.Location()).Format(time.DateOnly))
	begin, err := time.Parse(time.DateOnly, n.From)
	if err != nil {
		return was, nil, fault.ErrInvalid.At("body.from", "not-a-date", from)
	}
	if begin.After(last) {
		return was, nil, ErrPlanState.With("plan", id, "state", "over", "last_day", last.Format(time.DateOnly))
	}
	n.Days = int(last.Sub(begin).Hours()/24) + 1
	again.plan = &was
	w, err = d.load(ctx, who, n, again)
	return was, w, err
}

// lose takes the days that teams have lost from the draft.
func (w *work) lose(losses []TeamOff) error {
	for _, loss := range losses {
		known := w.again.plan != nil && slices.Contains(w.again.plan.Asked.Losses, loss) // a team that was closed since
		if !known && !slices.ContainsFunc(w.teams, func(t Team) bool { return t.ID == loss.Team }) {
			return ErrTeamUnknown.With("team", loss.Team)
		}
	}
	for i, t := range w.teams {
		for day := range w.days {
			if loses(losses, t.ID, w.first.AddDate(0, 0, day).Format(time.DateOnly)) {
				w.off[teamDay{i, day}] = true
			}
		}
	}
	return nil
}

// saveAgain writes a plan that was planned anew over its visits; those that are on it no more are taken off for the
// reason given.
func (d *Desk) saveAgain(ctx context.Context, tx *sqlx.Tx, who access.Actor, w *work, was Plan, found *route.Plan, reason string) error {
	list := w.planned(found)
	if err := w.stillFree(ctx, tx, list); err != nil {
		return err
	}
	available, err := d.available(ctx, tx, w.where.ID)
	if err != nil {
		return err
	}
	gone := w.settle(list, available)
	for _, v := range gone {
		if err := d.takeOff(ctx, tx, who, v, reason); err != nil {
			return err
		}
	}
	for _, v := range list {
		if v.visit == nil {
			err = d.addVisit(ctx, tx, who, w, v, was.ID)
		} else if err = w.moveVisit(ctx, tx, v); err == nil && v.blanks > 0 {
			err = d.setAside(ctx, tx, who, *v.visit)
		}
		if err != nil {
			return err
		}
	}
	for _, v := range w.homes {
		if _, err := tx.ExecContext(ctx, `UPDATE visits SET home_seconds = $2, travel_metres = $3 WHERE id = $1`, v.ID, v.Home, v.Metres); err != nil {
			return fmt.Errorf("send the team of visit %d home: %w", v.ID, err)
		}
	}
	asked := was.Asked
	asked.Losses = w.again.losses
	_, err = tx.ExecContext(ctx, `UPDATE plans SET asked = $4, outcome = $2, omitted = $3, version = version + 1 WHERE id = $1`,
		was.ID, document[Outcome]{w.outcome}, document[[]Omitted]{w.allOmitted()}, document[NewPlan]{asked})
	if err != nil {
		return fmt.Errorf("save outcome of plan %d: %w", was.ID, err)
	}
	return nil
}

// settle shares out the blanks of a plan that was planned anew, and tells what promises it breaks, of the whole plan and
// all its days; gone are the visits that are on it no more. available is what the office can give before their blanks come
// back to it.
func (w *work) settle(list []planned, available int64) (gone []Visit) {
	o, was := &w.outcome, w.again.plan
	o.Moved, o.Dropped = was.Outcome.Moved, was.Outcome.Dropped
	kept, insteadOf := map[int64]bool{}, map[int64]bool{}
	stays := w.staying()
	for _, v := range list {
		if v.job.insteadOf != nil {
			insteadOf[v.job.insteadOf.ID] = true
		}
		if v.visit == nil {
			continue
		}
		kept[v.visit.ID] = true
		if !v.wants() {
			stays = append(stays, *v.visit)
		}
		if v.breaks() && !v.visit.Moved {
			o.Moved++
		}
	}
	for _, v := range was.Visits {
		if !w.movable(v) || kept[v.ID] {
			continue
		}
		gone = append(gone, v)
		if v.State != UnderWay {
			available += v.Blanks
		}
		switch {
		case v.promised() && !insteadOf[v.ID]:
			o.Dropped++
		case v.promised() && !v.Moved:
			o.Moved++
		}
	}
	var want []*planned
	for i := range list {
		if list[i].wants() {
			want = append(want, &list[i])
		}
	}
	o.Blanks = shareBlanks(want, available)
	for _, v := range stays {
		o.Blanks.add(v)
	}
	o.Blanks.Short = o.Blanks.Needed - o.Blanks.Reserved
	return gone
}

// wants reports whether blanks are to be found for a visit: for a new one, and for one that had to go without so far.
func (v planned) wants() bool {
	return v.visit == nil || v.visit.RecordOnly && !v.visit.Without && v.visit.Cards.People > 0
}

// breaks reports whether another team or day takes over a visit that was promised.
func (v planned) breaks() bool {
	return v.visit.promised() && (v.visit.Team != v.team.ID || v.visit.Day != v.day)
}

// moveVisit writes where and when a visit is now. What the office had handed to one team it must hand to the other; a site
// that agreed to another day, or to an hour more than an hour away, is to agree anew.
func (w *work) moveVisit(ctx context.Context, tx *sqlx.Tx, v planned) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE visits
		SET team_id = $2, day = $3::date, starts_at = $4, ends_at = $5, travel_seconds = $6, travel_metres = $7, home_seconds = $8,
			moved = moved OR $9, version = version + 1,
			handed = CASE WHEN team_id = $2 THEN handed END, handed_by_id = CASE WHEN team_id = $2 THEN handed_by_id END,
			handed_by = CASE WHEN team_id = $2 THEN handed_by ELSE '' END,
			state = CASE WHEN state = 'confirmed' AND (day <> $3::date OR abs(extract(epoch FROM starts_at - $4::timestamptz)) > 3600) THEN 'proposed' ELSE state END
		WHERE id = $1 AND (team_id, day, starts_at, ends_at, travel_seconds, travel_metres, home_seconds) IS DISTINCT FROM ($2, $3::date, $4, $5, $6, $7, $8)`,
		v.visit.ID, v.team.ID, v.day, v.starts, v.ends, v.travel, v.metres, v.home, v.breaks())
	if err != nil {
		return fmt.Errorf("move visit %d: %w", v.visit.ID, err)
	}
	return nil
}
