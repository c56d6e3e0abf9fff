package outreach

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// ErrDoesNotFit is the fault of a visit that cannot be where a person wants it.
var ErrDoesNotFit = fault.New(fault.Conflict, "visit-does-not-fit") // visit, site, reason, and the facts of the reason

// Shift is where a person wants a visit to be.
type Shift struct {
	Team int64  `json:"team" minimum:"1"`
	Day  string `json:"day" format:"date"`
	Try  bool   `json:"try,omitempty" doc:"only tell what it would cost; nothing is saved"`
}

// MoveVisit puts a visit on another team or day, where all other visits of the plan stay with theirs and only hours and
// order change. Errors: visit-does-not-fit with the reason. With Try the answer is the plan as it would be worth, and
// nothing is saved.
func (d *Desk) MoveVisit(ctx context.Context, who access.Actor, id, version int64, in Shift) (Outcome, error) {
	return d.adjustVisit(ctx, who, id, version, adjustment{action: "visits.move", try: in.Try, after: in, change: func(w *work) error {
		for i := range w.stops {
			for k := range w.stops[i].fixed {
				if f := &w.stops[i].fixed[k]; f.visit.ID == id {
					f.target = &in
				}
			}
		}
		return w.mayGo(id, in)
	}})
}

// DropVisit takes a visit off its plan by hand; the others stay with their teams and days, and their hours close up. Its
// blanks go back to the office. With Try it only tells what the plan would be worth.
func (d *Desk) DropVisit(ctx context.Context, who access.Actor, id, version int64, try bool) (Outcome, error) {
	return d.adjustVisit(ctx, who, id, version, adjustment{action: "visits.drop", try: try, drop: true, change: func(w *work) error {
		for i := range w.stops {
			s := &w.stops[i]
			at := slices.IndexFunc(s.fixed, func(f fixed) bool { return f.visit.ID == id })
			if at < 0 {
				continue
			}
			o := s.omit("dropped")
			o.Expected = s.fixed[at].visit.Expected
			s.fixed = slices.Delete(s.fixed, at, at+1)
			o.Partly = len(s.fixed) > 0
			w.passedOver = append(w.passedOver, o)
		}
		w.stops = slices.DeleteFunc(w.stops, func(s stop) bool { return len(s.fixed) == 0 })
		return nil
	}})
}

// NewVisit is a visit that a person puts on a plan.
type NewVisit struct {
	Site int64 `json:"site" minimum:"1"`
	Shift
}

// AddVisit puts a site on a plan, with a team and on a day, where all its visits stay with theirs. Of a site too large for
// a day it is the first share. Errors: visit-does-not-fit with the reason. With Try it only tells what the plan would
// be worth.
func (d *Desk) AddVisit(ctx context.Context, who access.Actor, plan, version int64, in NewVisit) (Outcome, error) {
	return d.adjust(ctx, who, plan, version, adjustment{action: "visits.add", try: in.Try, subject: plan, after: in, site: in.Site, change: func(w *work) error {
		i := slices.IndexFunc(w.stops, func(s stop) bool { return s.ID == in.Site })
		if i < 0 {
			if at := slices.IndexFunc(w.unfit, func(o Omitted) bool { return o.Site == in.Site }); at >= 0 {
				return w.unfit[at].fault(0)
			}
			return ErrSiteUnknown.With("site", in.Site)
		}
		if len(w.stops[i].fixed) > 0 {
			return ErrDoesNotFit.With("site", w.stops[i].Name, "reason", "planned-already")
		}
		w.stops[i].wish = &in.Shift
		w.passedOver = slices.DeleteFunc(w.passedOver, func(o Omitted) bool { return o.Site == in.Site })
		return w.mayGo(0, in.Shift)
	}})
}

// adjustment is a change of a plan by hand.
type adjustment struct {
	action  string
	try     bool
	subject int64 // visit or plan
	visit   int64 // 0 when it is none
	site    int64 // that the plan may not have looked at
	drop    bool  // the visit goes, wherever it stands
	after   any
	change  func(w *work) error
}

func (d *Desk) adjustVisit(ctx context.Context, who access.Actor, id, version int64, a adjustment) (Outcome, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Outcome{}, err
	}
	if o, found, err := postgres.Answered[Outcome](ctx, d.db, who); found || err != nil {
		return o, err
	}
	var v Visit
	var plan Plan
	err := postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) (err error) {
		if v, err = visitByID(ctx, tx, id); err != nil {
			return err
		}
		if err := postgres.CheckVersion(version, v.Version); err != nil {
			return err
		}
		if !v.open() {
			return ErrVisitState.With("visit", id, "state", v.State, "wanted", []VisitState{Proposed, Confirmed})
		}
		plan, err = planByID(ctx, tx, v.Plan)
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	a.subject, a.visit = id, id
	return d.adjust(ctx, who, plan.ID, plan.Version, a)
}

// adjust plans the days that are left with every visit kept to its team and day, but for what a person changes: only
// hours and order follow.
func (d *Desk) adjust(ctx context.Context, who access.Actor, plan, version int64, a adjustment) (Outcome, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Outcome{}, err
	}
	if o, found, err := postgres.Answered[Outcome](ctx, d.db, who); found || err != nil {
		return o, err
	}
	was, w, err := d.loadAgain(ctx, who, plan, version, "", again{site: a.site, visit: a.visit})
	if err != nil {
		return Outcome{}, err
	}
	if was.State != "proposed" && was.State != "published" {
		return Outcome{}, ErrPlanState.With("plan", plan, "state", was.State, "wanted", []string{"proposed", "published"})
	}
	w.unfit, w.passedOver = w.passedOver, slices.Clone(was.Omitted)
	if err := w.keepAll(&was, a.drop); err != nil {
		return Outcome{}, err
	}
	if err := a.change(w); err != nil {
		return Outcome{}, err
	}
	w.stops = slices.DeleteFunc(w.stops, func(s stop) bool { return len(s.fixed) == 0 && s.wish == nil })
	found, err := d.search(ctx, w, NewPlan{Seconds: 2})
	if err != nil {
		return Outcome{}, err
	}
	if len(w.draft.omitted) > 0 {
		return Outcome{}, w.draft.omitted[0].fault(a.subject)
	}
	if a.try {
		err := postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
			available, err := d.available(ctx, tx, w.where.ID)
			w.settle(w.planned(found), available)
			return err
		})
		return w.outcome, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (Outcome, error) {
		now, err := lockPlan(ctx, tx, plan)
		if err != nil {
			return Outcome{}, err
		}
		if err := postgres.CheckVersion(was.Version, now.Version); err != nil {
			return Outcome{}, err
		}
		if err := d.saveAgain(ctx, tx, who, w, was, found, "dropped"); err != nil {
			return Outcome{}, err
		}
		if err := closePlan(ctx, tx, plan); err != nil {
			return Outcome{}, err
		}
		return w.outcome, postgres.Audit(ctx, tx, who, was.RegionID, a.action, "plan", plan, was.Outcome, a.after)
	})
}

// fault says why a place cannot be where a person wants it.
func (o Omitted) fault(visit int64) error {
	return ErrDoesNotFit.With("visit", visit, "site", o.Name, "reason", o.Reason, "minutes", o.Minutes, "short", o.Short, "of", o.Of,
		"skill", o.Skill, "displaces", o.Displaces)
}

// mayGo reports whether the team can go out at all on the day that a person wants.
func (w *work) mayGo(visit int64, in Shift) error {
	team := slices.IndexFunc(w.teams, func(t Team) bool { return t.ID == in.Team })
	if team < 0 {
		return ErrTeamUnknown.With("team", in.Team)
	}
	day, err := time.Parse(time.DateOnly, in.Day)
	if offset := int(day.Sub(w.first).Hours() / 24); err != nil || day.Before(w.first) || offset >= w.days {
		return fault.ErrInvalid.At("body.day", "outside-the-plan", in.Day, "from", w.first.Format(time.DateOnly), "days", w.days)
	} else if w.off[teamDay{team, offset}] {
		return ErrDoesNotFit.With("visit", visit, "reason", teamOff, "team", in.Team, "day", in.Day)
	}
	return nil
}

// keepAll keeps the visits of the plan where they are. Those that cannot be made any more, since their site was closed or
// their team does not go out that day, are left as they are until a person decides what becomes of them.
func (w *work) keepAll(was *Plan, drop bool) error {
	w.kept, w.aside = true, map[int64]bool{}
	there := map[int64]bool{}
	for i := range w.stops {
		s := &w.stops[i]
		s.fixed = slices.DeleteFunc(s.fixed, func(f fixed) bool { return f.visit.ID != w.again.visit && !w.goes(f.visit) })
		for k := range s.fixed {
			there[s.fixed[k].visit.ID] = true
			s.fixed[k].pinned = true
		}
		s.mandatory = true
	}
	for _, v := range was.Visits {
		switch {
		case there[v.ID] || !w.movable(v):
		case v.ID != w.again.visit:
			w.aside[v.ID] = true
		case !drop:
			return ErrDoesNotFit.With("visit", v.ID, "site", v.SiteName, "reason", "site-closed")
		}
	}
	return nil
}

// goes reports whether the team of a visit goes out on its day.
func (w *work) goes(v Visit) bool {
	team := slices.IndexFunc(w.teams, func(t Team) bool { return t.ID == v.Team })
	day, err := time.Parse(time.DateOnly, v.Day)
	return team >= 0 && err == nil && !w.off[teamDay{team, int(day.Sub(w.first).Hours() / 24)}]
}
