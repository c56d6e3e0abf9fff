package coverage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// Basis says where the number of people without the document comes from.
type Basis string

// The bases, the firmest first.
const (
	Counted   Basis = "counted"   // the source says it
	Derived   Basis = "derived"   // people less those who have it, both of the source
	Estimated Basis = "estimated" // the source's percentage of today's people
	Unknown   Basis = "unknown"   // no figure, or nothing to count a percentage of
)

// Gap is how many people of a region are still without a document, by its latest figure.
type Gap struct {
	Region  string       `json:"region" db:"code"`
	Name    string       `json:"name" db:"name"`
	Level   region.Level `json:"level" db:"level" enum:"nation,province,regency,district,village"`
	Figure  *int64       `json:"figure" db:"figure" doc:"null when nothing was ever reported"`
	AsOf    *string      `json:"as_of" db:"-" doc:"date of the figure, as precise as its source"`
	Period  *string      `json:"period" db:"period" doc:"population release the figure was made with, where it says so"`
	Status  *Status      `json:"status" db:"status"`
	Source  *string      `json:"source" db:"source"`
	People  *int64       `json:"people" db:"people" doc:"the figure's own denominator; {\"below\": 5} for a small count of a vulnerable group, here and in have and lack"`
	Have    *int64       `json:"have" db:"have"`
	Lack    *int64       `json:"lack" db:"-" doc:"people without the document on as_of"`
	Basis   Basis        `json:"basis" db:"-" enum:"counted,derived,estimated,unknown"`
	Percent *float64     `json:"percent" db:"-" doc:"coverage by the figure: of its counts, else as printed"`

	Population *Denominator `json:"population" db:"-" doc:"the people of today's release"`
	Live       *float64     `json:"percent_live" db:"-" doc:"those who have it, of the people of today's release"`

	Target      *float64 `json:"target" db:"-" doc:"percent of the people to have it by the end of this year"`
	Achievement *float64 `json:"achievement" db:"-" doc:"capaian: percent, of the target"`

	Turning *Turning `json:"turning_17" db:"-" doc:"who become of age for the document; null for what children have, and for a group"`

	Since     int64  `json:"since" db:"since" doc:"people whom visits gave the document after as_of; no figure counts them yet"`
	Remaining *int64 `json:"remaining" db:"-" doc:"lack less since, not below 0"`
	Findings  int64  `json:"findings" db:"findings" doc:"open findings about the figure"`
	Synthetic bool   `json:"synthetic" db:"synthetic"`

	First     *time.Time       `json:"-" db:"as_of"`
	Precision *sheet.Precision `json:"-" db:"precision"`
	SaidLack  *int64           `json:"-" db:"lack"`
	Printed   *float64         `json:"-" db:"printed"`
	release
	hidden hidden
}

// Denominator is the people that a ratio is counted against, with the date they were counted.
type Denominator struct {
	Period    string `json:"period"`
	AsOf      string `json:"as_of"`
	People    int64  `json:"people"`
	Estimated bool   `json:"estimated" doc:"a share of all people, since the release does not say"`
}

// Turning is how many turn 17 in each of the twelve months from one on: those who are sixteen now.
type Turning struct {
	From      string  `json:"from" example:"2026-11" doc:"the first of the months"`
	People    int64   `json:"people" doc:"in all twelve"`
	Months    []int64 `json:"months"`
	Estimated bool    `json:"estimated" doc:"in part a share of all people, since no release says it"`
}

type release struct {
	PPeriod   *string    `json:"-" db:"p_period"`
	PAsOf     *time.Time `json:"-" db:"p_as_of"`
	PPeople   *int64     `json:"-" db:"p_people"`
	PEligible *int64     `json:"-" db:"p_eligible"`
	PChildren *int64     `json:"-" db:"p_children"`

	PMonths pq.Int64Array `json:"-" db:"p_turning"`
}

// population is the release as the register keeps it; ok is false when there is none.
func (r release) population() (p Population, ok bool) {
	if r.PPeriod == nil {
		return p, false
	}
	return Population{People: *r.PPeople, Eligible: r.PEligible, Children: r.PChildren, AsOf: *r.PAsOf, Turning17: r.PMonths}, true
}

// GapFilter chooses a list of gaps. Level and Subject must be given.
type GapFilter struct {
	Subject Subject
	Scope   string // of the figures; "" for the subject's own
	Group   string
	Level   region.Level
	Region  string // code; only regions under it
	AsOf    string // figures up to this day, "" for today
	Sort    GapOrder
	postgres.Paging
}

// GapOrder is how a list of gaps is sorted. Regions of which that is not known come last, those alike by code.
type GapOrder string

// The orders.
const (
	ByRemaining GapOrder = "remaining"  // most people without the document first
	ByPercent   GapOrder = "percent"    // lowest coverage first
	ByTurning   GapOrder = "turning-17" // most 17th birthdays to come first
	ByRegion    GapOrder = "region"
)

// GapTotals sums a list of gaps, all of it and not only the page. Sums of regions without a figure are not guessed.
type GapTotals struct {
	Regions   int64    `json:"regions"`
	Reported  int64    `json:"reported" doc:"regions with a figure"`
	People    int64    `json:"people" doc:"sum of the figures' own denominators, where they say them"`
	Have      int64    `json:"have"`
	Lack      int64    `json:"lack" doc:"counted and derived"`
	Estimated int64    `json:"lack_estimated" doc:"estimated from percentages; not in lack"`
	Since     int64    `json:"since"`
	Remaining int64    `json:"remaining" doc:"of all bases"`
	Oldest    *string  `json:"oldest" doc:"dates of the figures that are summed"`
	Newest    *string  `json:"newest"`
	Turning   *Turning `json:"turning_17,omitempty"`
	Concealed bool     `json:"concealed,omitempty" doc:"the sums would tell a small count of a vulnerable group and are left out"`
}

// GapPage is a page of gaps with the sums of the whole list.
type GapPage struct {
	postgres.Page[Gap]
	Subject Subject   `json:"subject"`
	Scope   string    `json:"scope"`
	Totals  GapTotals `json:"totals"`
}

// Gaps lists the regions of a level with the people still without the document.
func (r *Register) Gaps(ctx context.Context, who access.Actor, f GapFilter) (page GapPage, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return page, err
	}
	var gaps []Gap
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		gaps, page.Totals, err = r.gaps(ctx, tx, who, &f, nil)
		return err
	})
	if err != nil {
		return page, err
	}
	page.Subject, page.Scope = f.Subject, f.Scope
	page.Page, err = pageOfGaps(f, gaps)
	return page, err
}

// gaps gives the whole list in its order with its sums: of the filter, or of the regions of these codes only. It sets what
// the filter left open.
func (r *Register) gaps(ctx context.Context, tx *sqlx.Tx, who access.Actor, f *GapFilter, only []string) (gaps []Gap, totals GapTotals, err error) {
	if !slices.Contains(Subjects, f.Subject) {
		return nil, totals, ErrSubject.With("subject", f.Subject, "known", Subjects)
	}
	if f.Scope == "" {
		f.Scope = scopeOf[f.Subject]
	}
	upTo := region.Today(region.WIT, r.now())
	if f.AsOf != "" {
		first, precision, code := sheet.ParseSpan(f.AsOf)
		if code != "" {
			return nil, totals, fault.ErrInvalid.At("query.as_of", code, f.AsOf)
		}
		upTo = precision.Last(first)
	}
	if err := known(ctx, tx, f.Region, r.now()); err != nil {
		return nil, totals, err
	}
	by, err := loadGoals(ctx, tx, f.Subject)
	if err != nil {
		return nil, totals, err
	}
	if gaps, err = loadGaps(ctx, r.db, tx, *f, upTo, only); err != nil {
		return nil, totals, err
	}
	for i := range gaps {
		g := &gaps[i]
		g.weigh(f.Subject, upTo)
		g.Target = by.of(g.Region, upTo.Year())
		g.Achievement = achievement(g.Percent, g.Target)
	}
	totals = total(gaps)
	if vulnerable(f.Group) && outside(who) {
		codes := make([]string, len(gaps))
		for i, g := range gaps {
			codes[i] = g.Region
		}
		beside, err := besideSmall(ctx, tx, codes, []Figure{{Subject: f.Subject, Scope: f.Scope, Group: f.Group}})
		if err != nil {
			return nil, totals, err
		}
		concealGaps(gaps, &totals, beside)
	}
	return inOrder(gaps, f.Sort), totals, nil
}

// selectGaps reads the latest figures of regions; where says of which.
func selectGaps(where string) string {
	return `
	WITH latest AS MATERIALIZED (
		SELECT t.id, t.code, t.name, t.level, f.figure, f.period, f.status, f.source, f.people, f.have, f.lack, f.printed, f.as_of,
			f.precision, f.synthetic,
			CASE f.precision
				WHEN 'year' THEN f.as_of + interval '1 year - 1 day'
				WHEN 'month' THEN f.as_of + interval '1 month - 1 day'
				ELSE f.as_of END AS last
		FROM regions_today t
		LEFT JOIN LATERAL (
			SELECT id AS figure, period, status, source, people, have, lack, percent AS printed, as_of, precision, synthetic
			FROM figures
			WHERE region_id = t.id AND subject = $1 AND scope = $2 AND people_group = $3 AND status <> 'draft' AND as_of <= $4
			ORDER BY as_of DESC, precision, id DESC
			LIMIT 1) f ON true
		WHERE t.level = $5 AND ` + where + `),
	since AS (
		SELECT l.id, sum(y.people)::bigint AS people
		FROM visit_yields y
		JOIN regions_today v ON v.id = y.region_id
		JOIN latest l ON l.code = CASE $5 WHEN 0 THEN '00' WHEN 4 THEN v.code ELSE left(v.code, 3 * $5 - 1) END
		WHERE y.subject = $1 AND $3 = '' AND y.day <= $4 AND (l.last IS NULL OR y.day > l.last)
		GROUP BY l.id),
	open AS (
		SELECT figure_id, count(*) AS findings
		FROM findings
		WHERE state = 'open'
		GROUP BY figure_id)
	SELECT l.code, l.name, l.level, l.figure, l.period, l.status, l.source, l.people, l.have, l.lack, l.printed, l.as_of, l.precision,
		coalesce(l.synthetic, false) AS synthetic, coalesce(s.people, 0) AS since, coalesce(o.findings, 0) AS findings,
		p.period AS p_period, p.as_of AS p_as_of, p.people AS p_people, p.eligible AS p_eligible, p.children AS p_children,
		p.turning_17 AS p_turning
	FROM latest l
	LEFT JOIN since s ON s.id = l.id
	LEFT JOIN open o ON o.figure_id = l.figure
	LEFT JOIN LATERAL (
		SELECT period, as_of, people, eligible, children, turning_17
		FROM populations
		WHERE region_id = l.id AND $3 = ''
		ORDER BY as_of DESC, version DESC
		LIMIT 1) p ON true`
}

var (
	gapsUnder = selectGaps(`($6 IN ('', '00') OR t.code = $6 OR t.code LIKE $6 || '.%')`)
	gapsOf    = selectGaps(`t.code = ANY ($6)`)
)

func loadGaps(ctx context.Context, db *postgres.DB, tx *sqlx.Tx, f GapFilter, upTo time.Time, only []string) ([]Gap, error) {
	text, which := gapsUnder, any(f.Region)
	if only != nil {
		text, which = gapsOf, pq.Array(only)
	}
	stmt, err := db.Prepared(ctx, tx, text)
	if err != nil {
		return nil, err
	}
	// The planner takes the latest figures for one row, and would go through all yields and findings for each of them.
	if err := nestedLoops(ctx, tx, "off"); err != nil {
		return nil, err
	}
	gaps := []Gap{}
	if err := stmt.SelectContext(ctx, &gaps, f.Subject, f.Scope, f.Group, upTo, int(f.Level), which); err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	return gaps, nestedLoops(ctx, tx, "on")
}

// nestedLoops switches them on or off for the rest of the transaction; what needs one still has it. What they are said to
// cost while off would have the statement compiled.
func nestedLoops(ctx context.Context, tx *sqlx.Tx, to string) error {
	if _, err := tx.ExecContext(ctx, `SELECT set_config('enable_nestloop', $1, true), set_config('jit', 'off', true)`, to); err != nil {
		return fmt.Errorf("switch nested loops %s: %w", to, err)
	}
	return nil
}

// weigh derives from the figure and today's people what is missing and how firmly that is known.
func (g *Gap) weigh(subject Subject, now time.Time) {
	if g.First != nil {
		said := g.Precision.Format(*g.First)
		g.AsOf = &said
	}
	if p, ok := g.population(); ok {
		against := p.against(subject)
		g.Population = &Denominator{Period: *g.PPeriod, AsOf: g.PAsOf.Format(time.DateOnly), People: against.People, Estimated: against.Estimated}
		if !subject.ofChildren() {
			g.Turning = p.turning(now)
		}
	}
	n := Numbers{People: g.People, Have: g.Have, Lack: g.SaidLack, Percent: g.Printed}
	if p, ok := n.coverage(); ok {
		p = math.Round(p*100) / 100
		g.Percent = &p
	}
	g.Lack, g.Basis = n.missing(g.Population)
	have := g.Have
	if have == nil && g.People != nil && g.SaidLack != nil {
		derived := *g.People - *g.SaidLack
		have = &derived
	}
	if have != nil && g.Population != nil && g.Population.People > 0 {
		live := math.Round(10_000*float64(*have)/float64(g.Population.People)) / 100
		g.Live = &live
	}
	if g.Lack != nil {
		remaining := max(0, *g.Lack-g.Since)
		g.Remaining = &remaining
	}
}

// missing is how many people are without the document, and on what basis. Where more have it than there are, none are
// missing; that it cannot be so is a finding.
func (n Numbers) missing(today *Denominator) (*int64, Basis) {
	lack := int64(0)
	switch {
	case n.Lack != nil:
		return n.Lack, Counted
	case n.People != nil && n.Have != nil:
		lack = max(0, *n.People-*n.Have)
		return &lack, Derived
	case n.Percent != nil && n.People != nil:
		lack = max(0, int64(math.Round(float64(*n.People)*(1-*n.Percent/100))))
		return &lack, Estimated
	case n.Percent != nil && today != nil:
		lack = max(0, int64(math.Round(float64(today.People)*(1-*n.Percent/100))))
		return &lack, Estimated
	}
	return nil, Unknown
}

// place is where a gap stands in an order.
type place struct {
	Order   GapOrder `json:"gap_order"`
	Unknown bool     `json:"unknown"`
	Value   float64  `json:"value"` // the least first
	Region  string   `json:"gap_region"`
}

func (g Gap) place(order GapOrder) place {
	at := place{Order: order, Unknown: true, Region: g.Region}
	put := func(value float64) { at.Unknown, at.Value = false, value }
	switch order {
	case ByRegion:
		put(0)
	case ByPercent:
		if g.Percent != nil {
			put(*g.Percent)
		}
	case ByTurning:
		if g.Turning != nil {
			put(-float64(g.Turning.People))
		}
	default:
		if g.Remaining != nil {
			put(-float64(*g.Remaining))
		}
	}
	return at
}

func (p place) compare(q place) int {
	if p.Unknown != q.Unknown {
		if q.Unknown {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(p.Value, q.Value), cmp.Compare(p.Region, q.Region))
}

// inOrder sorts gaps. Hidden ones come last, so that their place tells nothing.
func inOrder(gaps []Gap, order GapOrder) []Gap {
	type placed struct {
		place
		i int
	}
	places := make([]placed, len(gaps)) // far smaller than gaps, which move once
	for i, g := range gaps {
		places[i] = placed{g.place(order), i}
	}
	slices.SortFunc(places, func(a, b placed) int { return a.compare(b.place) })
	sorted := make([]Gap, len(gaps))
	for i, p := range places {
		sorted[i] = gaps[p.i]
	}
	return sorted
}

func total(gaps []Gap) GapTotals {
	var t GapTotals
	var oldest, newest *Gap
	for i, g := range gaps {
		t.Regions++
		t.Since += g.Since
		t.Turning = t.Turning.plus(g.Turning)
		if g.Figure == nil {
			continue
		}
		t.Reported++
		if oldest == nil || g.First.Before(*oldest.First) {
			oldest = &gaps[i]
		}
		if newest == nil || g.First.After(*newest.First) {
			newest = &gaps[i]
		}
		t.People += or0(g.People)
		t.Have += or0(g.Have)
		t.Remaining += or0(g.Remaining)
		if g.Basis == Estimated {
			t.Estimated += or0(g.Lack)
		} else {
			t.Lack += or0(g.Lack)
		}
	}
	if oldest != nil {
		t.Oldest, t.Newest = oldest.AsOf, newest.AsOf
	}
	return t
}

func or0(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// pageOfGaps cuts a page out of the sorted list. The cursor names the place in the order, so that a page goes on where
// the last one ended even when the numbers before it have changed.
func pageOfGaps(f GapFilter, gaps []Gap) (postgres.Page[Gap], error) {
	last := place{Order: f.Sort}
	rows, err := f.Resume(&last)
	if err != nil {
		return postgres.Page[Gap]{}, err
	}
	if last.Order != f.Sort {
		return postgres.Page[Gap]{}, postgres.ErrCursorMalformed
	}
	start := 0
	for last.Region != "" && start < len(gaps) && gaps[start].place(f.Sort).compare(last) <= 0 {
		start++
	}
	rest := gaps[start:]
	return postgres.NewPage(f.Paging, rest[:min(len(rest), rows)], func(g Gap) place { return g.place(f.Sort) })
}
