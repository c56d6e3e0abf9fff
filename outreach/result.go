package outreach

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// Faults of results.
var (
	ErrReportDiffers = fault.New(fault.Conflict, "report-differs")  // report
	ErrResultUnknown = fault.New(fault.NotFound, "result-unknown")  // result
	ErrResultKept    = fault.New(fault.Conflict, "result-kept")     // result
	ErrNoResult      = fault.New(fault.Conflict, "visit-no-result") // visit
	ErrNothingOut    = fault.New(fault.Conflict, "no-blanks-out")   // visit
)

// Failure is people who came and could not be served.
type Failure struct {
	Reason string `json:"reason" enum:"no-network,no-power,equipment,biometrics,no-document,unknown-nik,no-blank,refused,other"`
	People int64  `json:"people" minimum:"0" maximum:"100000"`
}

// Session is an explanation given beside the recording (sosialisasi).
type Session struct {
	Topic    string `json:"topic" minLength:"1" maxLength:"200"`
	Audience int64  `json:"audience" minimum:"0" maximum:"100000"`
	Material string `json:"material,omitempty" maxLength:"200"`
}

// NewResult is what a team reports of a visit, at once or when it is back in reach of a network.
type NewResult struct {
	Report   string     `json:"report" minLength:"1" maxLength:"100" doc:"number that the device gave the report; sending it again changes nothing"`
	Complete bool       `json:"complete" doc:"false when less was done than was planned"`
	Day      string     `json:"day,omitempty" format:"date" doc:"business date; the planned day when empty"`
	Present  int64      `json:"present" minimum:"0" maximum:"1000000"`
	Served   int64      `json:"served" minimum:"0" maximum:"1000000"`
	Recorded int64      `json:"recorded" minimum:"0" maximum:"1000000"`
	Printed  int64      `json:"printed" minimum:"0" maximum:"1000000" doc:"cards handed over on the spot"`
	Akta     int64      `json:"akta" minimum:"0" maximum:"1000000" doc:"birth certificates"`
	IKD      int64      `json:"ikd" minimum:"0" maximum:"1000000"`
	KIA      int64      `json:"kia" minimum:"0" maximum:"1000000"`
	Taken    int64      `json:"blanks_taken" minimum:"0" maximum:"100000"`
	Used     int64      `json:"blanks_used" minimum:"0" maximum:"100000"`
	Spoiled  int64      `json:"blanks_spoiled" minimum:"0" maximum:"100000"`
	Returned int64      `json:"blanks_returned" minimum:"0" maximum:"100000" doc:"brought back unused"`
	Failures []Failure  `json:"failures,omitempty" maxItems:"20"`
	Session  *Session   `json:"session,omitempty"`
	Lon      *float64   `json:"lon,omitempty" minimum:"-180" maximum:"180"`
	Lat      *float64   `json:"lat,omitempty" minimum:"-90" maximum:"90"`
	Accuracy *float64   `json:"accuracy_m,omitempty" minimum:"0" maximum:"100000"`
	TakenAt  *time.Time `json:"taken_at,omitempty" doc:"when the device wrote the report; now when empty"`
	Note     string     `json:"note,omitempty" maxLength:"500"`
}

// Counts are the numbers of a result.
type Counts struct {
	Present  Count    `json:"present"`
	Served   Count    `json:"served"`
	Recorded Count    `json:"recorded"`
	Printed  Count    `json:"printed"`
	Akta     Count    `json:"akta"`
	IKD      Count    `json:"ikd"`
	KIA      Count    `json:"kia"`
	Taken    int64    `json:"blanks_taken"`
	Used     int64    `json:"blanks_used"`
	Spoiled  int64    `json:"blanks_spoiled"`
	Returned int64    `json:"blanks_returned"`
	Session  *Session `json:"session,omitempty"`
}

func (c *Counts) people() []*Count {
	return []*Count{&c.Present, &c.Served, &c.Recorded, &c.Printed, &c.Akta, &c.IKD, &c.KIA}
}

// Result is a report of a visit.
type Result struct {
	ID          int64          `json:"id" db:"id"`
	Visit       int64          `json:"visit" db:"visit_id"`
	Report      string         `json:"report" db:"report"`
	Standing    string         `json:"standing" db:"standing" enum:"kept,conflict,set-aside" doc:"conflict: another report of the visit says otherwise; a person must choose"`
	State       VisitState     `json:"state" db:"state" enum:"done,partial"`
	Day         string         `json:"day" db:"day" format:"date"`
	Counts      Counts         `json:"counts" db:"-"`
	Failures    []Failure      `json:"failures" db:"-"`
	Lon         *float64       `json:"lon" db:"lon"`
	Lat         *float64       `json:"lat" db:"lat"`
	Accuracy    *float64       `json:"accuracy_m" db:"accuracy_m"`
	TakenAt     time.Time      `json:"taken_at" db:"taken_at"`
	Whereabouts string         `json:"whereabouts" db:"whereabouts" enum:"at-the-site,elsewhere,none"`
	Metres      *float64       `json:"distance_m" db:"distance_m" doc:"from the site's point"`
	Flags       pq.StringArray `json:"flags" db:"flags" enum:"elsewhere,late,clock-ahead,blanks-unaccounted,taken-differs,printed-not-used,served-above-present,recorded-above-served,no-reason,called-off,no-handover,other-bag,returned-differs,ledger-differs" doc:"what a person should look at"`
	Note        string         `json:"note" db:"note"`
	ReportedAt  time.Time      `json:"reported_at" db:"reported_at"`
	ReportedBy  string         `json:"reported_by" db:"reported_by"`
	Synthetic   bool           `json:"synthetic" db:"synthetic"`

	CountsDoc   document[Counts]    `json:"-" db:"counts"`
	FailuresDoc document[[]Failure] `json:"-" db:"failures"`
}

func (r *Result) finish() { r.Counts, r.Failures = r.CountsDoc.V, orEmpty(r.FailuresDoc.V) }

func (r *Result) veil(who access.Actor, kind SiteKind) {
	if kinds[kind].vulnerable {
		c, hidden := &r.Counts, false
		for _, people := range c.people() {
			people.veil(who)
			hidden = hidden || people.Hidden
		}
		if !hidden {
			return
		}
		c.Taken, c.Used, c.Spoiled, c.Returned = coarse(c.Taken), coarse(c.Used), coarse(c.Spoiled), coarse(c.Returned)
		for i := range r.Failures {
			r.Failures[i].People = coarse(r.Failures[i].People)
		}
	}
}

const selectResults = `
	SELECT id, visit_id, report, standing, state, day::text AS day, counts, failures, lon, lat, accuracy_m, taken_at, whereabouts, distance_m, flags,
		note, reported_at, reported_by, synthetic
	FROM visit_results`

func (n NewResult) counts() Counts {
	c := func(v int64) Count { return Count{People: v} }
	return Counts{Present: c(n.Present), Served: c(n.Served), Recorded: c(n.Recorded), Printed: c(n.Printed), Akta: c(n.Akta), IKD: c(n.IKD),
		KIA: c(n.KIA), Taken: n.Taken, Used: n.Used, Spoiled: n.Spoiled, Returned: n.Returned, Session: n.Session}
}

// flags tells what is odd about a report. None keeps it out.
func (n NewResult) flags(v Visit, whereabouts string, now time.Time) []string {
	flags := []string{}
	add := func(odd bool, flag string) {
		if odd {
			flags = append(flags, flag)
		}
	}
	add(whereabouts == "elsewhere", "elsewhere")
	add(now.Sub(v.Ends) > 3*24*time.Hour, "late")
	add(n.TakenAt != nil && n.TakenAt.Sub(now) > 10*time.Minute, "clock-ahead")
	add(n.Used+n.Spoiled+n.Returned != n.Taken, "blanks-unaccounted")
	add(v.State == UnderWay && n.Taken != deref(v.Handed), "taken-differs") // than both sides agreed on
	add(n.Printed != n.Used, "printed-not-used")
	add(n.Served > n.Present, "served-above-present")
	add(n.Recorded > n.Served, "recorded-above-served")
	add(!n.Complete && len(n.Failures) == 0 && n.Note == "", "no-reason")
	add(v.State == Missed || v.State == Cancelled, "called-off")
	return flags
}

// whereabouts compares the point of a report with that of its site. A site known only by the middle of its kelurahan
// or kecamatan may be 3 km away, any other 300 m; the device's own error comes on top, twice.
func (n NewResult) whereabouts(v Visit, precision string) (string, *float64) {
	if n.Lon == nil || n.Lat == nil || v.Lon == nil || *n.Lon == 0 && *n.Lat == 0 {
		return "none", nil
	}
	metres := math.Round(geo.DistanceHaversine(orb.Point{*n.Lon, *n.Lat}, orb.Point{*v.Lon, *v.Lat}))
	allowed := 300.0
	if strings.HasSuffix(precision, "centroid") {
		allowed = 3_000
	}
	if metres <= allowed+2*deref(n.Accuracy) {
		return "at-the-site", &metres
	}
	return "elsewhere", &metres
}

// Results lists the reports of a visit, the oldest first.
func (d *Desk) Results(ctx context.Context, who access.Actor, visit int64) (page postgres.Page[Result], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	page.Items = []Result{}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		v, err := visitByID(ctx, tx, visit)
		if err != nil {
			return err
		}
		if err := tx.SelectContext(ctx, &page.Items, selectResults+` WHERE visit_id = $1 ORDER BY id`, visit); err != nil {
			return fmt.Errorf("list results: %w", err)
		}
		for i := range page.Items {
			page.Items[i].finish()
			page.Items[i].veil(who, v.SiteKind)
		}
		return nil
	})
	return page, err
}

// Report takes what a team says of a visit. The first report is kept: what it says was used and spoiled is posted to the
// ledger and what was recorded goes to coverage. The same report again changes nothing; another one that says the same
// is kept beside it; one that says otherwise is a conflict, shown beside the first until a person chooses. A visit that
// was called off meanwhile and made all the same is flagged. Errors: more-than-held for blanks that the team never had.
func (d *Desk) Report(ctx context.Context, who access.Actor, visit int64, n NewResult) (Result, error) {
	if err := who.May(access.ReportVisits); err != nil {
		return Result{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (Result, error) {
		v, err := lockVisit(ctx, tx, visit)
		if err != nil {
			return Result{}, err
		}
		n.Day = or(n.Day, v.Day)
		if err := d.checkDay(v, n.Day); err != nil {
			return Result{}, err
		}
		var before []Result
		if err := tx.SelectContext(ctx, &before, selectResults+` WHERE visit_id = $1 ORDER BY id`, visit); err != nil {
			return Result{}, fmt.Errorf("read results: %w", err)
		}
		r, err := d.take(ctx, tx, who, v, n, before)
		r.veil(who, v.SiteKind)
		return r, err
	})
}

// checkDay refuses a day to come, and one that is more than a month before the visit was to be: a slip of the finger.
func (d *Desk) checkDay(v Visit, text string) error {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fault.ErrInvalid.At("body.day", "not-a-date", text)
	}
	planned, err := time.Parse(time.DateOnly, v.Day)
	if err != nil {
		return fmt.Errorf("day of visit %d: %w", v.ID, err)
	}
	if today := d.todayOf(v); text > today {
		return fault.ErrInvalid.At("body.day", "in-the-future", text, "today", today)
	}
	if first := planned.AddDate(0, -1, 0); day.Before(first) {
		return fault.ErrInvalid.At("body.day", "outside-the-plan", text, "from", first.Format(time.DateOnly))
	}
	return nil
}

func (d *Desk) take(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, n NewResult, before []Result) (Result, error) {
	standing := "kept"
	for i := range before {
		r := &before[i]
		r.finish()
		same := r.says(n)
		switch {
		case r.Report == n.Report && same:
			return *r, nil
		case r.Report == n.Report:
			return Result{}, ErrReportDiffers.With("report", n.Report)
		case r.Standing == "kept" && same:
			standing = "set-aside"
		case r.Standing == "kept":
			standing = "conflict"
		}
	}
	var precision string
	if err := tx.GetContext(ctx, &precision, `SELECT coalesce((SELECT precision FROM sites WHERE id = $1), '')`, v.Site); err != nil {
		return Result{}, fmt.Errorf("read precision of site: %w", err)
	}
	whereabouts, metres := n.whereabouts(v, precision)
	flags := n.flags(v, whereabouts, d.now())
	if standing == "kept" {
		more, err := d.settleBlanks(ctx, tx, who, v, n)
		if err != nil {
			return Result{}, err
		}
		flags = append(flags, more...)
	}
	r, err := d.insertResult(ctx, tx, who, v, n, standing, whereabouts, metres, flags)
	if err != nil || standing != "kept" {
		return r, err
	}
	if err := yields(ctx, tx, v, r); err != nil {
		return r, err
	}
	set := `state = $2`
	if v.off() && v.Handed != nil {
		set += `, blanks = handed` // they are out after all
	}
	_, err = d.setVisit(ctx, tx, who, "visits.report", v, set, string(r.State))
	return r, err
}

// says reports whether the result is what n says.
func (r *Result) says(n NewResult) bool {
	state := Partial
	if n.Complete {
		state = Done
	}
	a, b := r.Counts, n.counts()
	session := a.Session == nil && b.Session == nil || a.Session != nil && b.Session != nil && *a.Session == *b.Session
	a.Session, b.Session = nil, nil
	return r.State == state && r.Day == n.Day && a == b && session && slices.Equal(r.Failures, orEmpty(n.Failures))
}

// settleBlanks posts what a visit used. A team that started out of reach of the network has its check-out posted now, also
// when the visit was called off meanwhile.
func (d *Desk) settleBlanks(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, n NewResult) (flags []string, err error) {
	used, out := n.Used+n.Spoiled, int64(0)
	if v.Hold != nil {
		h, err := d.ledger.VisitBlanks(ctx, tx, *v.Hold)
		if err != nil {
			return nil, err
		}
		out = h.WithTeam()
	}
	switch {
	case v.off() && used > 0 && out == 0:
		if err := d.reserveAgain(ctx, tx, who, &v, max(used, n.Taken)); err != nil {
			return nil, err
		}
		fallthrough
	case v.Hold != nil && (v.State == Proposed || v.State == Confirmed):
		flags = append(flags, "no-handover")
		if err := d.checkOut(ctx, tx, who, v, min(max(used, n.Taken), v.Blanks)); err != nil {
			return nil, err
		}
	}
	if used == 0 {
		return flags, nil
	}
	other, err := d.useBag(ctx, tx, who, v, n)
	if other {
		flags = append(flags, "other-bag")
	}
	return flags, err
}

// reserveAgain sets blanks aside for a visit whose own were given back when it was called off.
func (d *Desk) reserveAgain(ctx context.Context, tx *sqlx.Tx, who access.Actor, v *Visit, pieces int64) error {
	today := d.todayOf(*v)
	h, err := d.ledger.ReserveForVisit(ctx, tx, who, v.RegionID, pieces, holdOf(today, v.Plan, v.Site), today)
	if err != nil {
		return err
	}
	v.Hold, v.Blanks = &h.ID, pieces
	if _, err := tx.ExecContext(ctx, `UPDATE visits SET hold_id = $2, blanks = $3 WHERE id = $1`, v.ID, h.ID, pieces); err != nil {
		return fmt.Errorf("set blanks of visit %d aside again: %w", v.ID, err)
	}
	return nil
}

// useBag posts used and spoiled blanks from what the team has for the visit, and what goes beyond it from what it has for
// its other visits: they lie in one bag. other tells that it did.
func (d *Desk) useBag(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, n NewResult) (other bool, err error) {
	team, err := teamByID(ctx, tx, v.Team)
	if err != nil {
		return false, err
	}
	holds, err := d.ledger.WithTeam(ctx, tx, deref(team.Place))
	if err != nil {
		return false, err
	}
	if i := slices.IndexFunc(holds, func(h inventory.Hold) bool { return h.ID == deref(v.Hold) }); i > 0 {
		holds[0], holds[i] = holds[i], holds[0]
	}
	used, spoiled, held := n.Used, n.Spoiled, int64(0)
	for _, h := range holds {
		bad := min(spoiled, h.WithTeam())
		good := min(used, h.WithTeam()-bad)
		held += h.WithTeam()
		if good+bad == 0 {
			continue
		}
		var lines []inventory.UseLine
		if good > 0 {
			lines = []inventory.UseLine{{Purpose: "outreach", Pieces: good}}
		}
		if _, err := d.ledger.UseAtVisit(ctx, tx, who, h.ID, lines, bad, n.Day); err != nil {
			return other, err
		}
		used, spoiled, other = used-good, spoiled-bad, other || h.ID != deref(v.Hold)
	}
	switch {
	case used+spoiled == 0:
		return other, nil
	case held == 0 && v.Hold == nil:
		return other, ErrNoBlanks.With("visit", v.ID, "used", n.Used, "spoiled", n.Spoiled)
	}
	return other, inventory.ErrBeyondHeld.With("visit", v.ID, "asked", n.Used+n.Spoiled, "held", held)
}

func (d *Desk) insertResult(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, n NewResult, standing, whereabouts string, metres *float64, flags []string) (r Result, err error) {
	state := Partial
	if n.Complete {
		state = Done
	}
	takenAt := d.now()
	if n.TakenAt != nil {
		takenAt = *n.TakenAt
	}
	err = tx.GetContext(ctx, &r.ID, `
		INSERT INTO visit_results (region_id, site_region_id, visit_id, report, standing, state, day, counts, failures, lon, lat, accuracy_m,
			taken_at, whereabouts, distance_m, flags, note, reported_at, reported_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7::date, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		RETURNING id`,
		v.RegionID, v.SiteRegion, v.ID, n.Report, standing, string(state), n.Day, document[Counts]{n.counts()}, document[[]Failure]{orEmpty(n.Failures)},
		n.Lon, n.Lat, n.Accuracy, takenAt, whereabouts, metres, pq.Array(flags), n.Note, d.now(), who.Name)
	if err != nil {
		return r, fmt.Errorf("keep result: %w", err)
	}
	return resultByID(ctx, tx, v.ID, r.ID)
}

func resultByID(ctx context.Context, tx *sqlx.Tx, visit, id int64) (r Result, err error) {
	err = tx.GetContext(ctx, &r, selectResults+` WHERE id = $1 AND visit_id = $2`, id, visit)
	r.finish()
	return r, postgres.NotFound(err, ErrResultUnknown.With("result", id))
}

// yields tells coverage what a visit brought.
func yields(ctx context.Context, tx *sqlx.Tx, v Visit, r Result) error {
	day, err := time.Parse(time.DateOnly, r.Day)
	if err != nil {
		return fmt.Errorf("day of result %d: %w", r.ID, err)
	}
	var list []coverage.Yield
	for subject, people := range map[coverage.Subject]int64{coverage.Recording: r.Counts.Recorded.People, coverage.Card: r.Counts.Printed.People,
		coverage.Certificate: r.Counts.Akta.People, coverage.ChildCard: r.Counts.KIA.People, coverage.DigitalID: r.Counts.IKD.People} {
		list = append(list, coverage.Yield{RegionID: v.SiteRegion, Visit: fmt.Sprint(v.ID), Subject: subject, Day: day, People: people})
	}
	return coverage.AddRecorded(ctx, tx, list...)
}

// Choose keeps one of several reports that contradict each other, the one that stands already or another, and sets the
// others aside. Where nothing is left to be chosen it is result-kept. What the first one said of
// blanks stays posted: the office corrects the ledger by a reversal, for which the flag ledger-differs asks.
func (d *Desk) Choose(ctx context.Context, who access.Actor, visit, id int64) (Result, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Result{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (r Result, err error) {
		v, err := lockVisit(ctx, tx, visit)
		if err != nil {
			return r, err
		}
		chosen, err := resultByID(ctx, tx, visit, id)
		if err != nil {
			return r, err
		}
		if chosen.Standing == "kept" {
			var open bool
			if err := tx.GetContext(ctx, &open, `SELECT EXISTS (SELECT FROM visit_results WHERE visit_id = $1 AND standing = 'conflict')`, visit); err != nil {
				return r, fmt.Errorf("look for reports that differ: %w", err)
			}
			if !open {
				return r, ErrResultKept.With("result", id)
			}
		}
		var kept Result
		if err := tx.GetContext(ctx, &kept, selectResults+` WHERE visit_id = $1 AND standing = 'kept'`, visit); err != nil {
			return r, postgres.NotFound(err, ErrNoResult.With("visit", visit))
		}
		kept.finish()
		if kept.Counts.Used != chosen.Counts.Used || kept.Counts.Spoiled != chosen.Counts.Spoiled {
			chosen.Flags = append(chosen.Flags, "ledger-differs")
		}
		if _, err := tx.ExecContext(ctx, `UPDATE visit_results SET standing = 'set-aside' WHERE visit_id = $1`, visit); err != nil {
			return r, fmt.Errorf("set results aside: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE visit_results SET standing = 'kept', flags = $2 WHERE id = $1`, id, pq.Array([]string(chosen.Flags))); err != nil {
			return r, fmt.Errorf("keep result %d: %w", id, err)
		}
		if r, err = resultByID(ctx, tx, visit, id); err != nil {
			return r, err
		}
		if err := yields(ctx, tx, v, r); err != nil {
			return r, err
		}
		if _, err = d.setVisit(ctx, tx, who, "visits.choose", v, `state = $2`, string(r.State)); err != nil {
			return r, err
		}
		r.veil(who, v.SiteKind)
		return r, nil
	})
}

// CheckIn takes back into the office what the team brought: the office counts, and a number that is not what the team
// reported is flagged on the result. Blanks that neither came back nor were used stay in the team's hands in the
// ledger, where a count or a loss must settle them. The one who reported does not count, nor who said that the visit came
// to nothing.
func (d *Desk) CheckIn(ctx context.Context, who access.Actor, visit, version, good, spoiled int64) (Visit, error) {
	return d.step(ctx, who, access.HandBlanks, visit, version, []VisitState{Done, Partial, Missed, Cancelled}, func(tx *sqlx.Tx, v Visit) (string, []any, error) {
		if v.Hold == nil || v.off() && v.Handed == nil {
			return "", nil, ErrNothingOut.With("visit", visit)
		}
		if v.off() {
			return d.checkInUnused(ctx, tx, who, v, good, spoiled)
		}
		var kept Result
		if err := tx.GetContext(ctx, &kept, selectResults+` WHERE visit_id = $1 AND standing = 'kept'`, visit); err != nil {
			return "", nil, postgres.NotFound(err, ErrNoResult.With("visit", visit))
		}
		kept.finish()
		if kept.ReportedBy == who.Name {
			return "", nil, ErrSamePerson.With("step", "check-in")
		}
		if _, err := d.ledger.CheckIn(ctx, tx, who, *v.Hold, good, spoiled, d.todayOf(v)); err != nil {
			return "", nil, err
		}
		if good != kept.Counts.Returned || spoiled != kept.Counts.Spoiled {
			_, err := tx.ExecContext(ctx, `UPDATE visit_results SET flags = array_append(array_remove(flags, $2), $2) WHERE id = $1`, kept.ID, "returned-differs")
			if err != nil {
				return "", nil, fmt.Errorf("flag result: %w", err)
			}
		}
		return `reason = reason`, nil, nil
	})
}

// checkInUnused takes back the blanks of a visit that came to nothing after its team had taken them.
func (d *Desk) checkInUnused(ctx context.Context, tx *sqlx.Tx, who access.Actor, v Visit, good, spoiled int64) (set string, args []any, err error) {
	if deref(v.EndedByID) == who.ID {
		return "", nil, ErrSamePerson.With("step", "check-in")
	}
	h, err := d.ledger.CheckIn(ctx, tx, who, *v.Hold, good, spoiled, d.todayOf(v))
	if err != nil {
		return "", nil, err
	}
	if h.WithTeam() > 0 {
		return `reason = reason`, nil, nil
	}
	return `handed = NULL`, nil, nil // nothing is out any more
}
