package outreach

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/outreach/route"
)

// Propose plans visits and saves them with the blanks they need set aside. Errors: team-without-depot with the team's
// name; no-team; nothing-to-visit with how many sites were looked at and why none will do.
func (d *Desk) Propose(ctx context.Context, who access.Actor, n NewPlan) (Plan, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Plan{}, err
	}
	if p, found, err := postgres.Answered[Plan](ctx, d.db, who); found || err != nil {
		return p, err
	}
	work, err := d.load(ctx, who, n, again{})
	if err != nil {
		return Plan{}, err
	}
	found, err := d.search(ctx, work, n)
	if err != nil {
		return Plan{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (Plan, error) {
		id, err := d.savePlan(ctx, tx, who, work, n)
		if err != nil {
			return Plan{}, err
		}
		p, err := d.saveVisits(ctx, tx, who, work, found, id)
		if err != nil {
			return Plan{}, err
		}
		return p, postgres.Audit(ctx, tx, who, p.RegionID, "plans.propose", "plan", id, nil, p.Outcome)
	})
}

// work is what was loaded for planning, and the outcome so far.
type work struct {
	draft
	where      region.Region
	passedOver []Omitted // sites that no plan could take
	unfit      []Omitted // the same, where passedOver holds what the plan already said
	outcome    Outcome
	problem    *route.Problem
	aside      map[int64]bool  // visits that nobody planned anew, whose team does not go out that day any more
	homes      map[int64]Visit // visits that stay, whose team goes home from there now, or no more
	today      string
	lookedAt   int
	again      again
	now        time.Time
	synthetic  bool
}

// again is what is planned anew; zero for a new plan.
type again struct {
	plan   *Plan
	site   int64 // looked at whatever was asked for
	visit  int64 // that a person changes, also when its hour has come
	losses []TeamOff
}

// id of the plan, 0 for a new one.
func (a again) id() int64 {
	if a.plan == nil {
		return 0
	}
	return a.plan.ID
}

// loses reports whether the team cannot go out on the day any more.
func (a again) loses(team int64, day string) bool { return loses(a.losses, team, day) }

func loses(losses []TeamOff, team int64, day string) bool {
	return slices.ContainsFunc(losses, func(l TeamOff) bool { return l.Team == team && (l.Day == "" || l.Day == day) })
}

// load reads all that the plan depends on. When it is planned again, its visits so far are looked at.
func (d *Desk) load(ctx context.Context, who access.Actor, n NewPlan, again again) (*work, error) {
	first, err := time.Parse(time.DateOnly, n.From)
	if err != nil {
		return nil, fault.ErrInvalid.At("body.from", "not-a-date", n.From)
	}
	w := &work{synthetic: n.Synthetic, again: again, now: d.now(), draft: draft{first: first, days: n.Days, fair: n.Fair, alike: n.Alike,
		islands: map[int64]Island{}, off: map[teamDay]bool{}, begun: map[teamDay]int64{}, stands: map[teamDay]stand{}}}
	if w.gaps, err = d.districtGaps(ctx, n.Region); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) (err error) {
		if w.where, err = d.regionOf(ctx, tx, n.Region); err != nil {
			return err
		}
		if err := w.where.Expect(region.Regency); err != nil {
			return err
		}
		today := w.where.Today(d.now())
		w.today = today.Format(time.DateOnly)
		if first.Before(today) {
			return fault.ErrInvalid.At("body.from", "in-the-past", n.From, "today", w.today)
		}
		if last := today.AddDate(1, 0, 0); first.After(last) {
			return fault.ErrInvalid.At("body.from", "too-far-ahead", n.From, "last", last.Format(time.DateOnly))
		}
		if err := w.readTeams(ctx, tx, n); err != nil {
			return err
		}
		if err := w.lose(n.Losses); err != nil {
			return err
		}
		w.begin()
		islands, err := readIslands(ctx, tx, ``)
		if err != nil {
			return err
		}
		for _, i := range islands {
			w.islands[i.ID] = i
		}
		return w.readStops(ctx, tx, n)
	})
	return w, err
}

// readTeams reads the teams and the days they are off: not their weekday, a holiday, or taken by another plan.
func (w *work) readTeams(ctx context.Context, tx *sqlx.Tx, n NewPlan) error {
	err := tx.SelectContext(ctx, &w.teams, selectTeams+`
		WHERE t.region_id = $1 AND (t.id = ANY ($2) OR cardinality($2::bigint[]) = 0 AND t.status = 'active')
		ORDER BY t.id`, w.where.ID, pq.Array(orEmpty(n.Teams)))
	if err != nil {
		return fmt.Errorf("read teams: %w", err)
	}
	for _, id := range n.Teams {
		if !slices.ContainsFunc(w.teams, func(t Team) bool { return t.ID == id }) {
			return ErrTeamUnknown.With("team", id)
		}
	}
	if len(w.teams) == 0 {
		return ErrNoTeam.With("region", n.Region)
	}
	for _, t := range w.teams {
		if t.DepotLon == nil {
			return ErrNoDepot.With("team", t.ID, "name", t.Name)
		}
	}
	var holidays []string
	if err := tx.SelectContext(ctx, &holidays, `SELECT day::text FROM holidays WHERE day >= $1::date AND day < $1::date + $2::int`, w.first, w.days); err != nil {
		return fmt.Errorf("read holidays: %w", err)
	}
	var taken []struct {
		Team int64  `db:"team_id"`
		Day  string `db:"day"`
	}
	err = tx.SelectContext(ctx, &taken, `
		SELECT DISTINCT team_id, day::text AS day
		FROM visits
		WHERE region_id = $1 AND day >= $2::date AND day < $2::date + $3::int AND state NOT IN ('cancelled', 'missed') AND plan_id <> $4`,
		w.where.ID, w.first, w.days, w.again.id())
	if err != nil {
		return fmt.Errorf("read days taken: %w", err)
	}
	for i, t := range w.teams {
		for day := range w.days {
			date := w.first.AddDate(0, 0, day)
			text := date.Format(time.DateOnly)
			busy := slices.ContainsFunc(taken, func(x struct {
				Team int64  `db:"team_id"`
				Day  string `db:"day"`
			}) bool {
				return x.Team == t.ID && x.Day == text
			})
			w.off[teamDay{i, day}] = busy || slices.Contains(holidays, text) || !slices.Contains(t.Weekdays, int64((int(date.Weekday())+6)%7+1))
		}
	}
	return nil
}

// readStops reads the sites and what a visit to each may bring, and sets aside those that no plan can take.
func (w *work) readStops(ctx context.Context, tx *sqlx.Tx, n NewPlan) error {
	var sites []Site
	always := append([]int64{w.again.site}, n.Mandatory...) // whatever sites and kinds were asked for
	again := w.again.plan
	if again != nil {
		for _, v := range again.Visits {
			always = append(always, v.Site)
		}
	}
	words := make([]string, len(n.Kinds))
	for i, k := range n.Kinds {
		words[i] = string(k)
	}
	err := tx.SelectContext(ctx, &sites, selectSites+fromSites+`
		WHERE (r.code = $1 OR r.code LIKE $1 || '.%')
		  AND (s.id = ANY ($4) OR s.status = 'active' AND (cardinality($2::bigint[]) = 0 OR s.id = ANY ($2)) AND (cardinality($3::text[]) = 0 OR s.kind = ANY ($3)))
		ORDER BY s.id`, w.where.Code, pq.Array(orEmpty(n.Sites)), pq.Array(words), pq.Array(always))
	if err != nil {
		return fmt.Errorf("read sites: %w", err)
	}
	for _, id := range append(slices.Clone(n.Sites), n.Mandatory...) {
		if !slices.ContainsFunc(sites, func(s Site) bool { return s.ID == id }) {
			return ErrSiteUnknown.With("site", id)
		}
	}
	past, err := readLearnt(ctx, tx, w.where.Code)
	if err != nil {
		return err
	}
	before, err := w.readEarlier(ctx, tx)
	if err != nil {
		return err
	}
	w.lookedAt = len(sites)
	for i := range sites {
		sites[i].finish(access.System) // plans reckon with the true numbers
	}
	gaps := w.shareGaps(sites)
	for _, s := range sites {
		for at, stands := range w.stands {
			if stands.visit.Site == s.ID {
				stands.island = s.island()
				w.stands[at] = stands
			}
		}
		st := stop{Site: s, mandatory: slices.Contains(n.Mandatory, s.ID), others: before[s.ID].days}
		if again != nil {
			st.fixed, st.there = w.settled(s.ID)
		}
		var known bool
		st.demand, known = s.demand(past, before[s.ID].recorded, gaps[s.ID])
		_, placed := s.point()
		switch {
		case s.Status != "active" && len(st.fixed) == 0 && s.ID != w.again.site: // was visited, or never looked at
		case s.Status != "active":
			w.passedOver = append(w.passedOver, st.omit("site-closed"))
		case !placed:
			w.passedOver = append(w.passedOver, st.omit(NoPoint))
		case !known && len(st.fixed) == 0:
			w.passedOver = append(w.passedOver, st.omit(NoHeads))
		case before[s.ID].planned, again != nil && len(st.fixed) == 0 && again.goesTo(s.ID):
			w.passedOver = append(w.passedOver, st.omit("planned-already"))
		case st.demand.Expected == 0 && len(st.fixed) == 0:
			w.passedOver = append(w.passedOver, st.omit("nobody-left"))
		default:
			w.stops = append(w.stops, st)
		}
	}
	return nil
}

// earlier is what other visits do to a site.
type earlier struct {
	recorded []recorded  // there within the year
	planned  bool        // another plan that is not over goes there
	days     []time.Time // of visits by other plans and of those made, within a year
}

func (w *work) readEarlier(ctx context.Context, tx *sqlx.Tx) (map[int64]earlier, error) {
	var rows []struct {
		Site     int64                `db:"site_id"`
		Recorded document[[]recorded] `db:"recorded"`
		Planned  bool                 `db:"planned"`
		Days     pq.StringArray       `db:"days"`
	}
	var lost []int64
	if w.again.plan != nil {
		for _, v := range w.again.plan.Visits {
			if v.State == UnderWay && w.movable(v) {
				lost = append(lost, v.ID)
			}
		}
	}
	err := tx.SelectContext(ctx, &rows, `
		SELECT v.site_id, coalesce(jsonb_agg(jsonb_build_object('day', k.day, 'people', k.counts->'recorded')) FILTER (WHERE k.id IS NOT NULL), '[]') AS recorded,
			bool_or(v.state IN ('proposed', 'confirmed', 'under-way') AND v.plan_id <> $2) AS planned,
			coalesce(array_agg(v.day::text) FILTER (WHERE v.day > $3::date - 366 AND v.id <> ALL ($4) AND (v.state IN ('under-way', 'done', 'partial')
				OR v.state IN ('proposed', 'confirmed') AND v.plan_id <> $2)), '{}') AS days
		FROM visits v
		LEFT JOIN visit_results k ON k.region_id = v.region_id AND k.visit_id = v.id AND k.standing = 'kept' AND k.day > $3::date - 365
		WHERE v.region_id = $1
		GROUP BY v.site_id`, w.where.ID, w.again.id(), w.today, pq.Array(orEmpty(lost)))
	if err != nil {
		return nil, fmt.Errorf("read earlier visits: %w", err)
	}
	all := map[int64]earlier{}
	for _, r := range rows {
		e := earlier{recorded: r.Recorded.V, planned: r.Planned}
		for _, text := range r.Days {
			day, err := time.Parse(time.DateOnly, text)
			if err != nil {
				return nil, fmt.Errorf("day of a visit to site %d: %w", r.Site, err)
			}
			e.days = append(e.days, day)
		}
		all[r.Site] = e
	}
	return all, nil
}

// search solves the draft, has the plan judged, and finds why each place left out is left out. No transaction is open.
func (d *Desk) search(ctx context.Context, w *work, n NewPlan) (*route.Plan, error) {
	if len(w.stops) > route.MaxJobs || len(w.stops)+len(w.teams)+2*len(w.islands) > route.MaxLocations {
		// Before the travel times: those of 10,000 sites alone would be half a gigabyte.
		return nil, ErrTooMany.With("visits", len(w.stops), "most", route.MaxJobs)
	}
	p, err := w.draft.problem(ctx, d.roads)
	if err != nil {
		return nil, err
	}
	w.problem = p
	switch {
	case len(p.Jobs) > route.MaxJobs:
		return nil, ErrTooMany.With("visits", len(p.Jobs), "most", route.MaxJobs)
	case len(p.Routes) > route.MaxRoutes:
		return nil, ErrTooMany.With("team_days", len(p.Routes), "most", route.MaxRoutes)
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(or(n.Seconds, 5))*time.Second)
	defer cancel()
	found, err := route.Solve(limited, p, route.Options{Seed: n.Seed, Threads: runtime.GOMAXPROCS(0)})
	if err != nil {
		return nil, fmt.Errorf("plan visits: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := route.Check(p, &found); err != nil {
		return nil, fmt.Errorf("the plan was judged: %w", err)
	}
	if err := w.explain(ctx, p, &found); err != nil {
		return nil, err
	}
	if len(found.Tours) == 0 && w.again.plan == nil {
		return nil, w.nothing()
	}
	return &found, w.measure(p, &found)
}

// nothing is the fault of a plan without a visit, with what was in the way how often.
func (w *work) nothing() error {
	reasons := map[string]int{}
	for _, o := range w.allOmitted() {
		reasons[o.Reason]++
	}
	return ErrNothing.With("sites", w.lookedAt, "team_days", len(w.routes), "reasons", reasons)
}

func (w *work) allOmitted() []Omitted { return append(slices.Clone(w.passedOver), w.draft.omitted...) }

// explain turns the solver's reasons into those a planner reads: one for each site, of the team and day that come
// nearest.
func (w *work) explain(ctx context.Context, p *route.Problem, found *route.Plan) error {
	reasons, err := route.Explain(ctx, p, found)
	if err != nil {
		return fmt.Errorf("explain the plan: %w", err)
	}
	served := map[int]bool{}
	for _, t := range found.Tours {
		for _, s := range t.Steps {
			if s.Job >= 0 {
				served[w.jobs[s.Job].stop] = true
			}
		}
	}
	at := map[int]int{} // stop → index in draft.omitted
	for i, o := range w.draft.omitted {
		at[slices.IndexFunc(w.stops, func(s stop) bool { return s.ID == o.Site })] = i
	}
	for _, r := range reasons {
		j := w.jobs[r.Job]
		st := &w.stops[j.stop]
		if i, ok := at[j.stop]; ok {
			o := &w.draft.omitted[i]
			o.Expected.People += int64(j.expected)
			if o.Partly = served[j.stop]; !o.Partly && o.Reason == "more-days" {
				o.Reason = cause(r.Nearest) // why not even its first share is there says more
				w.detail(o, r.Job, r.Nearest)
			}
			continue
		}
		o := st.omit(cause(r.Nearest))
		o.Expected.People, o.Partly = int64(j.expected), served[j.stop]
		w.detail(&o, r.Job, r.Nearest)
		at[j.stop] = len(w.draft.omitted)
		w.draft.omitted = append(w.draft.omitted, o)
	}
	return nil
}

// teamOff is the reason of a day on which a team does not go out.
const teamOff = "team-off"

// cause of a place that is left out. Where no team goes out on any day, no day comes nearest.
func cause(nearest route.Reason) string {
	if nearest.Route < 0 {
		return teamOff
	}
	return string(nearest.Cause)
}

func (w *work) detail(o *Omitted, job int, r route.Reason) {
	if r.Route < 0 || r.Route >= len(w.routes) {
		return
	}
	td := w.routes[r.Route]
	o.Team, o.Day = w.teams[td.team].ID, w.first.AddDate(0, 0, td.day).Format(time.DateOnly)
	switch r.Cause {
	case route.NoSkill:
		if o.Skill = "stays-on-island"; r.Skill < len(Access) {
			o.Skill = Access[r.Skill]
		}
	case route.Closed:
		if st := w.stops[w.jobs[job].stop]; st.tooSoon(w.first.AddDate(0, 0, td.day)) {
			o.Reason = string(route.TooSoon)
		}
	case route.OutOfReach:
		o.Minutes = (r.Seconds + 59) / 60
	case route.TooLarge:
		o.Short, o.Of = r.Short, carried[r.Dimension]
	case route.Short:
		o.Short, o.Of = r.Short, carried[r.Dimension]
		w.price(o, job, r)
	case route.Competes, route.NotWorth:
		w.price(o, job, r)
	}
}

// price tells what a visit would bring and what would be lost for it, in people: the solver's points hold the prices of
// promises too.
func (w *work) price(o *Omitted, job int, r route.Reason) {
	o.Gain = w.weighted(job)
	if r.Cause == route.NotWorth {
		o.Loss = r.Loss / pointsPerPerson
	}
	for _, j := range r.Displaced {
		o.Displaces = append(o.Displaces, w.stops[w.jobs[j].stop].Name)
		o.Loss += w.weighted(j)
		if v := w.jobs[j].visit; v != nil && v.promised() {
			o.Announced = true
		}
	}
}

// weighted are the people of a share, those at sites of vulnerable people counted for two or three unless all count alike.
func (w *work) weighted(job int) int64 {
	j := w.jobs[job]
	return int64(j.expected) * w.weight(w.stops[j.stop].facts()) / 10
}

func (d *Desk) savePlan(ctx context.Context, tx *sqlx.Tx, who access.Actor, w *work, n NewPlan) (id int64, err error) {
	if n.Name == "" {
		n.Name = w.where.Name + " " + n.From
	}
	err = tx.GetContext(ctx, &id, `
		INSERT INTO plans (region_id, name, state, first_day, days, asked, outcome, omitted, created_at, created_by, synthetic)
		VALUES ($1, $2, 'proposed', $3, $4, $5, $6, $7, $8, $9, $10)
		RETURNING id`, w.where.ID, n.Name, w.first, n.Days, document[NewPlan]{n}, document[Outcome]{w.outcome},
		document[[]Omitted]{w.allOmitted()}, d.now(), who.Name, n.Synthetic)
	if err != nil {
		return 0, fmt.Errorf("save plan: %w", err)
	}
	return id, nil
}

// planned is a visit of the new plan before it has a row.
type planned struct {
	stop   *stop
	job    job
	team   Team
	day    string
	starts time.Time
	ends   time.Time
	travel int
	home   int64 // seconds of the way home, after the last visit of a day
	metres int64
	blanks int64
	visit  *Visit // what it was so far, nil for a new one
}

// planned lists the visits of a plan in order of team-days.
func (w *work) planned(found *route.Plan) []planned {
	midnight := time.Date(w.first.Year(), w.first.Month(), w.first.Day(), 0, 0, 0, 0, w.where.Zone.Location())
	var list []planned
	for _, t := range found.Tours {
		td := w.routes[t.Route]
		travel, home, metres := int64(0), t.Travel, w.lengths(&t)
		for _, s := range t.Steps {
			travel += s.Travel
			if s.Job < 0 {
				continue
			}
			j := w.jobs[s.Job]
			list = append(list, planned{stop: &w.stops[j.stop], job: j, team: w.teams[td.team],
				day:    w.first.AddDate(0, 0, td.day).Format(time.DateOnly),
				starts: midnight.Add(time.Duration(s.Start) * time.Second), ends: midnight.Add(time.Duration(s.Leave) * time.Second),
				travel: int(travel), metres: metres[0], visit: j.visit})
			home -= travel
			travel, metres = 0, metres[1:]
		}
		list[len(list)-1].home = home
	}
	return list
}

// shareBlanks decides which visits get the blanks they need when there are not enough for all: those of vulnerable
// people first, then the smaller needs, so that as few visits as can be go without. A visit gets all it needs or none.
func shareBlanks(list []*planned, available int64) (b Blanks) {
	order := slices.Clone(list)
	for _, v := range list {
		b.Needed += int64(v.job.cards)
		b.Visits += min(1, v.job.cards)
	}
	b.Available = available
	slices.SortStableFunc(order, func(x, y *planned) int {
		return cmp.Or(cmp.Compare(y.stop.facts().weight, x.stop.facts().weight), cmp.Compare(x.job.cards, y.job.cards))
	})
	for _, v := range order {
		need := int64(v.job.cards)
		switch {
		case need == 0:
		case b.Reserved+need <= available:
			v.blanks = need
			b.Reserved += need
		default:
			b.RecordOnly++
		}
	}
	b.Short = b.Needed - b.Reserved
	return b
}

// saveVisits writes the visits of a plan and sets their blanks aside.
func (d *Desk) saveVisits(ctx context.Context, tx *sqlx.Tx, who access.Actor, w *work, found *route.Plan, plan int64) (Plan, error) {
	list := w.planned(found)
	if err := w.stillFree(ctx, tx, list); err != nil {
		return Plan{}, err
	}
	available, err := d.available(ctx, tx, w.where.ID)
	if err != nil {
		return Plan{}, err
	}
	fresh := make([]*planned, len(list))
	for i := range list {
		fresh[i] = &list[i]
	}
	w.outcome.Blanks = shareBlanks(fresh, available)
	for _, v := range list {
		if err := d.addVisit(ctx, tx, who, w, v, plan); err != nil {
			return Plan{}, err
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE plans SET outcome = $2, omitted = $3 WHERE id = $1`, plan, document[Outcome]{w.outcome}, document[[]Omitted]{w.allOmitted()})
	if err != nil {
		return Plan{}, fmt.Errorf("save outcome of plan %d: %w", plan, err)
	}
	p, err := planByID(ctx, tx, plan)
	p.veil(who)
	return p, err
}

// stillFree makes sure that no other plan took a team's day or a site since they were read, and that nobody began or changed
// a visit that is planned anew: the search took seconds, and two may plan at once. One after the other they lock the teams
// of the region and look.
func (w *work) stillFree(ctx context.Context, tx *sqlx.Tx, list []planned) error {
	if was := w.again.plan; was != nil {
		var now []Visit
		if err := tx.SelectContext(ctx, &now, selectVisits+` WHERE v.plan_id = $1 ORDER BY v.id FOR UPDATE OF v`, was.ID); err != nil {
			return fmt.Errorf("lock visits of plan %d: %w", was.ID, err)
		}
		for _, v := range now {
			i := slices.IndexFunc(was.Visits, func(x Visit) bool { return x.ID == v.ID })
			if i >= 0 && w.movable(was.Visits[i]) && was.Visits[i].Version != v.Version {
				return ErrMeanwhile.With("plan", v.Plan, "team", v.TeamName, "day", v.Day, "site", v.SiteName)
			}
		}
	}
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM teams WHERE region_id = $1 ORDER BY id FOR UPDATE`, w.where.ID); err != nil {
		return fmt.Errorf("lock teams: %w", err)
	}
	var teams, sites []int64
	var days []string
	for _, v := range list {
		if v.visit == nil || v.visit.Team != v.team.ID || v.visit.Day != v.day {
			teams, days = append(teams, v.team.ID), append(days, v.day)
		}
		if v.visit == nil {
			sites = append(sites, v.stop.ID)
		}
	}
	var taken []Visit
	err := tx.SelectContext(ctx, &taken, selectVisits+`
		WHERE v.region_id = $1 AND v.plan_id <> $2
		  AND (v.state NOT IN ('cancelled', 'missed') AND (v.team_id, v.day) IN (SELECT * FROM unnest($3::bigint[], $4::date[]))
		    OR v.state IN ('proposed', 'confirmed', 'under-way') AND v.site_id = ANY ($5))
		ORDER BY v.id
		LIMIT 1`, w.where.ID, w.again.id(), pq.Array(teams), pq.Array(days), pq.Array(sites))
	if err != nil {
		return fmt.Errorf("look for other plans: %w", err)
	}
	if len(taken) > 0 {
		return ErrMeanwhile.With("plan", taken[0].Plan, "team", taken[0].TeamName, "day", taken[0].Day, "site", taken[0].SiteName)
	}
	return nil
}

func (d *Desk) addVisit(ctx context.Context, tx *sqlx.Tx, who access.Actor, w *work, v planned, plan int64) error {
	var hold *int64
	if v.blanks > 0 {
		h, err := d.ledger.ReserveForVisit(ctx, tx, who, w.where.ID, v.blanks, holdOf(w.today, plan, v.stop.ID), w.today)
		if err != nil {
			return err
		}
		hold = &h.ID
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO visits (region_id, site_region_id, plan_id, site_id, team_id, share, shares, state, day, starts_at, ends_at, travel_seconds,
			expected, cards, blanks, record_only, hold_id, travel_metres, home_seconds, published, moved, synthetic)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'proposed', $8::date, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		w.where.ID, v.stop.RegionID, plan, v.stop.ID, v.team.ID, v.job.share, v.job.shares, v.day, v.starts, v.ends, v.travel,
		v.job.expected, v.job.cards, v.blanks, v.blanks == 0 && v.job.cards > 0, hold, v.metres, v.home,
		w.announces() || v.job.insteadOf != nil && v.job.insteadOf.Published, v.job.insteadOf != nil, w.synthetic)
	if err != nil {
		return fmt.Errorf("save visit: %w", err)
	}
	return nil
}

// announces reports whether a visit that is new on the plan is announced with it: its teams follow what is announced.
func (w *work) announces() bool { return w.again.plan != nil && w.again.plan.State == "published" }

// available is what the office of the region can still give: usable KTP-el blanks.
func (d *Desk) available(ctx context.Context, tx *sqlx.Tx, regionID int) (pieces int64, err error) {
	err = tx.GetContext(ctx, &pieces, `
		SELECT coalesce(sum(b.pieces), 0)
		FROM balances b
		JOIN places p ON p.id = b.place_id
		JOIN items i ON i.id = b.item_id
		JOIN lots l ON l.id = b.lot_id
		WHERE b.region_id = $1 AND p.kind = 'regency' AND i.code = 'ktp-el' AND b.condition = 'usable'
		  AND (l.earmark_region_id IS NULL OR l.earmark_region_id = $1)`, regionID)
	if err != nil {
		return 0, fmt.Errorf("read blanks of the office: %w", err)
	}
	return pieces, nil
}

// settled are the visits to a site that are planned anew, and the shares of it that the plan has.
func (w *work) settled(site int64) (list []fixed, there []int) {
	for _, v := range w.again.plan.Visits {
		if v.Site != site || v.off() {
			continue
		}
		there = append(there, v.Share)
		if w.movable(v) {
			list = append(list, fixed{visit: v, pinned: v.Pinned, published: v.promised(), begun: v.State == UnderWay})
		}
	}
	return list, there
}

// movable reports whether a visit is planned anew: one to which its team has still to set out. One that is on may be going on
// out of reach of the network, so it is left alone, unless its team is lost; another then stands in for one that is
// under way. One that a person changes may be of any day.
func (w *work) movable(v Visit) bool {
	if w.aside[v.ID] {
		return false
	}
	coming := v.Day >= w.first.Format(time.DateOnly)
	lost := coming && w.again.loses(v.Team, v.Day)
	return v.State == UnderWay && lost || v.open() && (v.ID == w.again.visit || lost || coming && v.leaves().After(w.now))
}

// begin notes from when teams may be planned today: not in the past, and not while they are at a visit that stays.
func (w *work) begin() {
	midnight := time.Date(w.first.Year(), w.first.Month(), w.first.Day(), 0, 0, 0, 0, w.where.Zone.Location())
	if w.now.Before(midnight) {
		return
	}
	for i, t := range w.teams {
		at, free := teamDay{i, 0}, w.now.Add(5*time.Minute-1).Truncate(5*time.Minute)
		if w.again.plan != nil {
			for _, v := range w.again.plan.Visits {
				if v.Team == t.ID && v.Day == w.today && (v.State == UnderWay || v.open() && !w.movable(v)) && v.Ends.After(free) {
					free = v.Ends
				}
			}
		}
		w.begun[at] = int64(free.Sub(midnight).Seconds())
		if closes, _ := clock(t.Closes); w.begun[at] >= closes {
			w.off[at] = true
		}
		w.stand(at, free)
	}
}

// stand notes where a team is that has begun its day, and what it has done of it until it is free.
func (w *work) stand(at teamDay, free time.Time) {
	if w.again.plan == nil {
		return
	}
	var s stand
	left := free
	for _, v := range w.again.plan.Visits {
		if v.Team != w.teams[at.team].ID || v.Day != w.today || v.off() || w.movable(v) || v.Lon == nil {
			continue
		}
		s.travelled += int64(v.Travel)
		s.cards += v.Cards.People
		if v.leaves().Before(left) {
			left = v.leaves()
		}
		if s.visit.ID == 0 || v.Starts.After(s.visit.Starts) {
			s.visit = v
		}
	}
	if s.visit.ID == 0 {
		return
	}
	s.worked = int64(free.Sub(left).Seconds())
	w.stands[at] = s
}

// goesTo reports whether a visit of the plan to the site is still to come or under way.
func (p *Plan) goesTo(site int64) bool {
	return slices.ContainsFunc(p.Visits, func(v Visit) bool { return v.Site == site && (v.open() || v.State == UnderWay) })
}

// promised reports whether somebody counts on a visit: it was announced, its site has agreed, or its team has gone.
func (v Visit) promised() bool { return v.Published || v.State == Confirmed || v.State == UnderWay }

// open reports whether a visit is still to come.
func (v Visit) open() bool { return v.State == Proposed || v.State == Confirmed }
