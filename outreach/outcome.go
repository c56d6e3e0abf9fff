package outreach

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/outreach/route"
)

// measure says what the whole plan is worth, visits that stay and are not planned again included, beside what the days
// brought by the rule of the nearest place when they were first planned. By then nothing was settled: held against a plan
// whose visits are fixed, the rule would find that plan.
func (w *work) measure(p *route.Problem, found *route.Plan) error {
	o := &w.outcome
	t := w.count(found)
	w.sendHome(found)
	w.addStaying(&t)
	o.TravelTimes, o.Iterations, o.Cut, o.Search = w.way.table.Source, found.Search.Iterations, found.Search.Cut, route.Version
	y := &o.Nearest
	if w.again.plan != nil {
		*y = w.again.plan.Outcome.Nearest
	} else {
		hand, err := route.Nearest(p)
		if err != nil {
			return fmt.Errorf("plan by hand: %w", err)
		}
		h := w.count(&hand)
		y.Visits, y.Expected, y.TeamDays, y.Weighted = h.visits, h.people, len(h.days), h.weighted
		y.KmPerPerson = float64(h.metres) / 1000 / float64(max(1, y.Expected))
		y.PerTeamDay = float64(y.Expected) / float64(max(1, y.TeamDays))
	}
	o.addUp(&t)
	return nil
}

// addUp says what the visits of a plan add up to, beside the same days by hand.
func (o *Outcome) addUp(t *tally) {
	o.Visits, o.Expected, o.Vulnerable, o.TeamDays, o.Metres, o.Weighted = t.visits, t.people, t.vulnerable, len(t.days), t.metres, t.weighted
	o.VulnerableShare = float64(o.Vulnerable) / float64(max(1, o.Expected))
	o.KmPerPerson = float64(o.Metres) / 1000 / float64(max(1, o.Expected))
	o.PerTeamDay = float64(o.Expected) / float64(max(1, o.TeamDays))
	o.Travel = t.travel
	if y := &o.Nearest; y.PerTeamDay > 0 {
		y.Ratio = o.PerTeamDay / y.PerTeamDay
		y.WeightedRatio = (o.Weighted / float64(max(1, o.TeamDays))) / (y.Weighted / float64(max(1, y.TeamDays)))
	}
}

// recount tells a plan what its visits are worth, need and have now that one of them was called off, made after all, or
// given other blanks. The place of a visit called off stands among those left out.
func (d *Desk) recount(ctx context.Context, tx *sqlx.Tx, id int64) error {
	p, err := lockPlan(ctx, tx, id)
	if err != nil {
		return err
	}
	available, err := d.available(ctx, tx, p.RegionID)
	if err != nil {
		return err
	}
	o, t := p.Outcome, tally{days: map[onDay]bool{}}
	o.Blanks = Blanks{Available: available}
	out := slices.DeleteFunc(slices.Clone(p.Omitted), func(o Omitted) bool { return o.Reason == calledOff })
	for _, v := range p.Visits {
		switch {
		case !v.off():
			t.addVisit(v)
			o.Blanks.add(v)
		case !slices.ContainsFunc(p.Visits, func(x Visit) bool { return x.Site == v.Site && !x.off() }) &&
			!slices.ContainsFunc(out, func(o Omitted) bool { return o.Site == v.Site }):
			out = append(out, Omitted{Site: v.Site, Name: v.SiteName, Kind: v.SiteKind, Expected: v.Expected, Reason: calledOff, Team: v.Team, Day: v.Day})
		}
	}
	o.Blanks.Short = o.Blanks.Needed - o.Blanks.Reserved
	o.addUp(&t)
	if _, err := tx.ExecContext(ctx, `UPDATE plans SET outcome = $2, omitted = $3, version = version + 1 WHERE id = $1`, id, document[Outcome]{o}, document[[]Omitted]{out}); err != nil {
		return fmt.Errorf("save outcome of plan %d: %w", id, err)
	}
	return nil
}

// calledOff is why a place is not on a plan whose visit was missed or cancelled.
const calledOff = "called-off"

// passBy gives the way to a visit that was called off, and home from it, to the next visit of its team that day, or to
// the one before: until its hours are planned anew the way leads past. Where it was the only one, nobody travels.
func passBy(ctx context.Context, tx *sqlx.Tx, v Visit) error {
	_, err := tx.ExecContext(ctx, `
		WITH beside AS (
			SELECT id, starts_at > $4 AS after
			FROM visits
			WHERE plan_id = $1 AND team_id = $2 AND day = $3::date AND id <> $5 AND state NOT IN ('missed', 'cancelled')
			ORDER BY starts_at <= $4, CASE WHEN starts_at > $4 THEN starts_at END, starts_at DESC, id
			LIMIT 1
		)
		UPDATE visits w
		SET travel_seconds = w.travel_seconds + CASE WHEN after THEN $6 ELSE 0 END,
			home_seconds = w.home_seconds + CASE WHEN after THEN 0 ELSE $6 END + $7,
			travel_metres = w.travel_metres + $8
		FROM beside
		WHERE w.id = beside.id`, v.Plan, v.Team, v.Day, v.Starts, v.ID, v.Travel, v.Home, v.Metres)
	if err != nil {
		return fmt.Errorf("pass visit %d by: %w", v.ID, err)
	}
	return nil
}

// tally is what a plan adds up to.
type tally struct {
	visits, people, vulnerable int
	days                       map[onDay]bool
	weighted                   float64
	travel, metres             int64
}

// onDay is a team on a date.
type onDay struct {
	team int64
	day  string
}

func (sum *tally) add(kind SiteKind, people int, at onDay) {
	sum.visits++
	sum.people += people
	sum.weighted += float64(people) * float64(kinds[kind].weight) / 10
	if kinds[kind].vulnerable {
		sum.vulnerable += people
	}
	sum.days[at] = true
}

func (w *work) count(p *route.Plan) (sum tally) {
	sum.days, sum.travel = map[onDay]bool{}, p.Value.Travel
	for _, t := range p.Tours {
		td := w.routes[t.Route]
		at := onDay{w.teams[td.team].ID, w.first.AddDate(0, 0, td.day).Format(time.DateOnly)}
		for _, m := range w.lengths(&t) {
			sum.metres += m
		}
		for _, s := range t.Steps {
			if s.Job >= 0 {
				j := w.jobs[s.Job]
				sum.add(w.stops[j.stop].Kind, j.expected, at)
			}
		}
	}
	return sum
}

// addStaying adds the visits of a plan that stay as they are while the rest of it is planned anew.
func (w *work) addStaying(sum *tally) {
	for _, v := range w.staying() {
		sum.addVisit(v)
	}
}

// addVisit adds a visit with its way as it was planned.
func (sum *tally) addVisit(v Visit) {
	sum.add(v.SiteKind, int(v.Expected.People), onDay{v.Team, v.Day})
	sum.travel += int64(v.Travel) + v.Home
	sum.metres += v.Metres
}

// sendHome gives each team that has begun its day the way home from where it stands, when it goes nowhere else any more,
// and takes it away when it does.
func (w *work) sendHome(found *route.Plan) {
	w.homes = map[int64]Visit{}
	for at, s := range w.stands {
		goesOn := slices.ContainsFunc(found.Tours, func(t route.Tour) bool { return w.routes[t.Route] == at })
		seconds, metres := w.way.matrix.Seconds[s.point*w.way.matrix.Size+at.team], w.way.metres(s.point, at.team)
		v := s.visit
		switch {
		case goesOn && v.Home > 0:
			v.Home, v.Metres = 0, max(0, v.Metres-metres)
		case !goesOn && v.Home == 0 && seconds != route.Unreachable:
			v.Home, v.Metres = int64(seconds), v.Metres+metres
		default:
			continue
		}
		w.homes[v.ID] = v
	}
}

// staying are the visits of the plan that were made, are under way, or whose hour is over. Those missed or cancelled are
// on it no more.
func (w *work) staying() (list []Visit) {
	if w.again.plan == nil {
		return nil
	}
	for _, v := range w.again.plan.Visits {
		if w.movable(v) || v.off() {
			continue
		}
		if home, ok := w.homes[v.ID]; ok {
			v = home
		}
		list = append(list, v)
	}
	return list
}

// lengths are the metres of the way to each visit of a tour; the way home counts with the last.
func (w *work) lengths(t *route.Tour) (metres []int64) {
	at, depot := w.problem.Routes[t.Route].Start, w.problem.Routes[t.Route].End
	for _, s := range t.Steps {
		if s.Job >= 0 {
			there := w.problem.Jobs[s.Job].Location
			metres, at = append(metres, w.way.metres(at, there)), there
		}
	}
	if len(metres) > 0 {
		metres[len(metres)-1] += w.way.metres(at, depot)
	}
	return metres
}
