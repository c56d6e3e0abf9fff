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
	Region  string       `json:"region"`
	Name    string       `json:"name"`
	Level   region.Level `json:"level" enum:"nation,province,regency,district,village"`
	Figure  *int64       `json:"figure" doc:"null when nothing was ever reported"`
	AsOf    *string      `json:"as_of" doc:"date of the figure, as precise as its source"`
	Period  *string      `json:"period" doc:"population release the figure was made with, where it says so"`
	Status  *Status      `json:"status"`
	Source  *string      `json:"source"`
	People  *int64       `json:"people" doc:"the figure's own denominator; {\"below\": 5} for a small count of a vulnerable group, here and in have and lack"`
	Have    *int64       `json:"have"`
	Lack    *int64       `json:"lack" doc:"people without the document on as_of"`
	Basis   Basis        `json:"basis" enum:"counted,derived,estimated,unknown"`
	Percent *float64     `json:"percent" doc:"coverage by the figure: of its counts, else as printed"`

	Population *Denominator `json:"population" doc:"the people of today's release"`
	Live       *float64     `json:"percent_live" doc:"those who have it, of the people of today's release"`

	Target      *float64 `json:"target" doc:"percent of the people to have it by the end of this year"`
	Achievement *float64 `json:"achievement" doc:"capaian: percent, of the target"`

	Turning *Turning `json:"turning_17" doc:"who become of age for the document; null for what children have, and for a group"`

	Since     int64  `json:"since" doc:"people whom visits gave the document after as_of; no figure counts them yet"`
	Remaining *int64 `json:"remaining" doc:"lack less since, not below 0"`
	Findings  int64  `json:"findings" doc:"open findings about the figure"`
	Synthetic bool   `json:"synthetic"`

	regionID  int
	first     *time.Time
	precision *sheet.Precision
	saidLack  *int64
	printed   *float64
	release   release
	hidden    hidden
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

// release is the people of a region today, all nil where no release tells.
type release struct {
	period                     *string
	asOf                       *time.Time
	people, eligible, children *int64
	turning                    pq.Int64Array
}

// population is the release as the register keeps it; ok is false when there is none.
func (r release) population() (p Population, ok bool) {
	if r.period == nil {
		return p, false
	}
	return Population{People: *r.people, Eligible: r.eligible, Children: r.children, AsOf: *r.asOf, Turning17: r.turning}, true
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
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		gaps, totals, err := r.gaps(ctx, tx, who, &f, nil)
		if err != nil {
			return err
		}
		page.Subject, page.Scope, page.Totals = f.Subject, f.Scope, totals
		if page.Page, err = pageOfGaps(f, inOrder(gaps, f.Sort)); err != nil {
			return err
		}
		return dress(ctx, tx, page.Items)
	})
	return page, err
}

// gaps gives the whole list, in no order, with its sums: of the filter, or of these regions only. It sets what
// the filter left open. What does not weigh is for dress to add.
func (r *Register) gaps(ctx context.Context, tx *sqlx.Tx, who access.Actor, f *GapFilter, regions *only) (gaps []Gap, totals GapTotals, err error) {
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
	if gaps, err = loadGaps(ctx, r.db, tx, *f, upTo, regions); err != nil {
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
		beside, err := besideSmall(ctx, tx, codes, []Figure{{Subject: f.Subject, Scope: f.Scope, Group: f.Group}}, upTo)
		if err != nil {
			return nil, totals, err
		}
		concealGaps(gaps, &totals, beside)
	}
	return gaps, totals, nil
}

// selectGaps reads the latest figures of regions, and their people; from says of which.
func selectGaps(from string) string {
	return `
	SELECT t.region_id, t.code, f.id, f.people, f.have, f.lack, f.percent, f.as_of, f.precision,
		p.period, p.as_of, p.people, p.eligible, p.children, p.turning_17
	FROM ` + from + ` t
	LEFT JOIN LATERAL (
		SELECT id, people, have, lack, percent, as_of, precision
		FROM figures
		WHERE region_id = t.region_id AND subject = $1 AND scope = $2 AND people_group = $3 AND status <> 'draft' AND as_of <= $4
		ORDER BY as_of DESC, precision, id DESC
		LIMIT 1) f ON true
	LEFT JOIN LATERAL (
		SELECT period, as_of, people, eligible, children, turning_17
		FROM populations
		WHERE region_id = t.region_id AND $3 = ''
		ORDER BY as_of DESC, version DESC
		LIMIT 1) p ON true`
}

var (
	gapsUnder = selectGaps(`(
		SELECT region_id, code
		FROM region_versions
		WHERE valid_to IS NULL AND level = $5 AND ($6 IN ('', '00') OR code = $6 OR code LIKE $6 || '.%'))`)
	gapsOf = selectGaps(`(SELECT * FROM unnest($5::int[], $6::text[]) t (region_id, code))`)
)

// only are regions that whoever asks was found to reach.
type only struct {
	ids   []int64
	codes []string
}

func loadGaps(ctx context.Context, db *postgres.DB, tx *sqlx.Tx, f GapFilter, upTo time.Time, regions *only) ([]Gap, error) {
	text, which, size := gapsUnder, []any{int(f.Level), f.Region}, 512
	if regions != nil {
		text, which, size = gapsOf, []any{pq.Array(regions.ids), pq.Array(regions.codes)}, len(regions.ids)
	}
	stmt, err := db.Prepared(ctx, tx, text)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, f.Subject, f.Scope, f.Group, upTo, which[0], which[1])
	if err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	defer rows.Close()
	gaps := make([]Gap, 0, size)
	for rows.Next() {
		gaps = append(gaps, Gap{Level: f.Level})
		g := &gaps[len(gaps)-1]
		p := &g.release
		err := rows.Scan(&g.regionID, &g.Region, &g.Figure, &g.People, &g.Have, &g.saidLack, &g.printed, &g.first, &g.precision,
			&p.period, &p.asOf, &p.people, &p.eligible, &p.children, &p.turning)
		if err != nil {
			return nil, fmt.Errorf("read gaps: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	if f.Group == "" {
		err = addYields(ctx, tx, f.Subject, upTo, gaps)
	}
	return gaps, err
}

// last is the last day that the figure of the gap speaks of, the beginning of all days where there is none.
func (g Gap) last() time.Time {
	if g.first == nil {
		return region.Beginning
	}
	return g.precision.Last(*g.first)
}

// addYields counts whom visits in the regions served since their figures. The dates go with the question, so that the
// planner knows how many regions there are, and nothing is summed where no visit is as late as the oldest figure.
func addYields(ctx context.Context, tx *sqlx.Tx, subject Subject, upTo time.Time, gaps []Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	codes, days, at := make([]string, len(gaps)), make([]string, len(gaps)), make(map[string]*Gap, len(gaps))
	oldest := upTo
	for i := range gaps {
		last := gaps[i].last()
		codes[i], days[i], at[gaps[i].Region] = gaps[i].Region, last.Format(time.DateOnly), &gaps[i]
		if last.Before(oldest) {
			oldest = last
		}
	}
	var any bool
	err := tx.GetContext(ctx, &any, `SELECT EXISTS (SELECT FROM visit_yields WHERE subject = $1 AND day > $2 AND day <= $3)`, subject, oldest, upTo)
	if err != nil || !any {
		return err
	}
	var served []struct {
		Code   string
		People int64
	}
	err = tx.SelectContext(ctx, &served, `
		SELECT l.code, sum(y.people)::bigint AS people
		FROM unnest($1::text[], $2::date[]) l (code, last)
		JOIN (
			SELECT CASE $3::int WHEN 0 THEN '00' WHEN 4 THEN v.code ELSE left(v.code, 3 * $3 - 1) END AS code, y.day, y.people
			FROM visit_yields y
			JOIN regions_today v ON v.id = y.region_id
			WHERE y.subject = $4 AND y.day > $5 AND y.day <= $6) y ON y.code = l.code AND y.day > l.last
		GROUP BY l.code`, pq.Array(codes), pq.Array(days), int(gaps[0].Level), subject, oldest, upTo)
	if err != nil {
		return fmt.Errorf("count what visits brought: %w", err)
	}
	for _, s := range served {
		at[s.Code].Since = s.People
	}
	return nil
}

// dress adds what lists show of gaps and nothing is weighed by.
func dress(ctx context.Context, tx *sqlx.Tx, gaps []Gap) error {
	regions, figures := make([]int64, len(gaps)), make([]*int64, len(gaps))
	at := make(map[int]*Gap, len(gaps))
	for i := range gaps {
		g := &gaps[i]
		regions[i], figures[i], at[g.regionID] = int64(g.regionID), g.Figure, g
		g.AsOf = g.said()
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT t.region_id, t.name, f.period, f.status, f.source, coalesce(f.synthetic, false), (
			SELECT count(*)
			FROM findings
			WHERE region_id = f.region_id AND figure_id = f.id AND state = 'open')
		FROM unnest($1::int[], $2::bigint[]) g (region_id, figure_id)
		JOIN region_versions t ON t.region_id = g.region_id AND t.valid_to IS NULL
		LEFT JOIN figures f ON f.region_id = g.region_id AND f.id = g.figure_id`, pq.Array(regions), pq.Array(figures))
	if err != nil {
		return fmt.Errorf("read what is said of gaps: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		var d Gap
		if err := rows.Scan(&id, &d.Name, &d.Period, &d.Status, &d.Source, &d.Synthetic, &d.Findings); err != nil {
			return fmt.Errorf("read what is said of gaps: %w", err)
		}
		g := at[id]
		g.Name, g.Period, g.Status, g.Source, g.Synthetic, g.Findings = d.Name, d.Period, d.Status, d.Source, d.Synthetic, d.Findings
	}
	return rows.Err()
}

// said is the date of the figure, as precise as its source.
func (g Gap) said() *string {
	if g.first == nil {
		return nil
	}
	text := g.precision.Format(*g.first)
	return &text
}

// weigh derives from the figure and today's people what is missing and how firmly that is known.
func (g *Gap) weigh(subject Subject, now time.Time) {
	if p, ok := g.release.population(); ok {
		against := p.against(subject)
		g.Population = &Denominator{Period: *g.release.period, AsOf: g.release.asOf.Format(time.DateOnly), People: against.People, Estimated: against.Estimated}
		if !subject.ofChildren() {
			g.Turning = p.turning(now)
		}
	}
	n := Numbers{People: g.People, Have: g.Have, Lack: g.saidLack, Percent: g.printed}
	if p, ok := n.coverage(); ok {
		p = math.Round(p*100) / 100
		g.Percent = &p
	}
	g.Lack, g.Basis = n.missing(g.Population)
	have := g.Have
	if have == nil && g.People != nil && g.saidLack != nil {
		derived := *g.People - *g.saidLack
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
		if oldest == nil || g.first.Before(*oldest.first) {
			oldest = &gaps[i]
		}
		if newest == nil || g.first.After(*newest.first) {
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
		t.Oldest, t.Newest = oldest.said(), newest.said()
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
