package coverage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/sheet"
)

// Finding is a rule that a figure breaks, until somebody has settled it.
type Finding struct {
	ID        int64           `json:"id" db:"id"`
	RegionID  int             `json:"-" db:"region_id"`
	Region    string          `json:"region" db:"region"`
	Name      string          `json:"name" db:"name"`
	Figure    int64           `json:"figure" db:"figure_id"`
	Subject   Subject         `json:"subject" db:"subject"`
	AsOf      string          `json:"as_of" db:"as_of"`
	Rule      Rule            `json:"rule" db:"rule" enum:"above-100,parts-do-not-add-up,percent-differs,stage-exceeds-recorded,exceeds-population,parts-exceed-parent,parts-differ-from-parent,jump,stale"`
	Facts     json.RawMessage `json:"facts" db:"facts"`
	Import    *int64          `json:"import" db:"import_id" doc:"the import that the figure came with"`
	Row       int             `json:"row" db:"row" doc:"its row in that file, 0 when it was entered by hand"`
	State     string          `json:"state" db:"state" enum:"open,acknowledged,corrected"`
	FoundAt   time.Time       `json:"found_at" db:"found_at"`
	SettledBy *string         `json:"settled_by" db:"settled_by"`
	SettledAt *time.Time      `json:"settled_at" db:"settled_at"`
	Reason    string          `json:"reason" db:"reason"`
	Version   int64           `json:"version" db:"version"`

	Group string `json:"-" db:"people_group"`
}

// CurrentVersion is the version that a change must name.
func (f Finding) CurrentVersion() int64 { return f.Version }

const selectFindings = `
	SELECT d.id, d.region_id, e.code AS region, e.name, d.figure_id, f.subject, f.people_group,
		left(f.as_of::text, CASE f.precision WHEN 'year' THEN 4 WHEN 'month' THEN 7 ELSE 10 END) AS as_of,
		d.rule, d.facts, f.import_id, f.import_row AS row, d.state, d.found_at, d.settled_by, d.settled_at, d.reason, d.version
	FROM findings d
	JOIN figures f ON f.region_id = d.region_id AND f.id = d.figure_id
	JOIN regions_ever e ON e.id = d.region_id`

func selectedFindings(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Finding, error) {
	found := []Finding{}
	if err := tx.SelectContext(ctx, &found, selectFindings+where, args...); err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	return found, nil
}

// FindingFilter narrows a list of findings; the zero filter takes all in reach.
type FindingFilter struct {
	Region  string // code; with everything below it
	Rule    Rule
	State   string
	Subject Subject
	Import  int64
	postgres.Paging
}

// Findings lists findings, the newest first.
func (r *Register) Findings(ctx context.Context, who access.Actor, f FindingFilter) (page postgres.Page[Finding], err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return page, err
	}
	type byID struct {
		Finding int64 `json:"finding"`
	}
	before := byID{1 << 62}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		if err := known(ctx, tx, f.Region, r.now()); err != nil {
			return err
		}
		found, err := selectedFindings(ctx, tx, `
			WHERE d.id < $1
			  AND ($2 IN ('', '00') OR e.code = $2 OR e.code LIKE $2 || '.%')
			  AND ($3 = '' OR d.rule = $3)
			  AND ($4 = '' OR d.state = $4)
			  AND ($5 = '' OR f.subject = $5)
			  AND ($6 = 0 OR f.import_id = $6)
			ORDER BY d.id DESC
			LIMIT $7`, before.Finding, f.Region, string(f.Rule), f.State, string(f.Subject), f.Import, limit)
		if err != nil {
			return err
		}
		for i := range found {
			found[i].conceal(who)
		}
		page, err = postgres.NewPage(f.Paging, found, func(f Finding) byID { return byID{f.ID} })
		return err
	})
	return page, err
}

// Acknowledge settles a finding: somebody has looked, and the figure stands as printed. The reason is kept. A finding
// that is settled already is ErrFindingSettled.
func (r *Register) Acknowledge(ctx context.Context, who access.Actor, id, version int64, reason string) (Finding, error) {
	if err := who.May(access.RecordFigures); err != nil {
		return Finding{}, err
	}
	if reason == "" || len(reason) > 500 || privacy.Identifies(reason) {
		return Finding{}, fault.ErrInvalid.At("body.reason", "missing-or-too-long", nil, "most", 500)
	}
	settled, err := postgres.Once(ctx, r.db, who, func(tx *sqlx.Tx) (Finding, error) {
		was, err := findingByID(ctx, tx, id)
		if err != nil {
			return was, err
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return was, err
		}
		if was.State != "open" {
			return was, ErrFindingSettled.With("finding", id, "state", was.State)
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE findings
			SET state = 'acknowledged', settled_by = $3, settled_at = $4, reason = $5, version = version + 1
			WHERE region_id = $1 AND id = $2 AND version = $6`, was.RegionID, id, who.Name, r.now(), reason, version)
		if err := postgres.OneRow(result, err, postgres.ErrStale); err != nil {
			return was, fmt.Errorf("acknowledge finding: %w", err)
		}
		is, err := findingByID(ctx, tx, id)
		if err != nil {
			return is, err
		}
		seenWas, seenIs := was, is
		seenWas.conceal(access.System)
		seenIs.conceal(access.System)
		return is, postgres.Audit(ctx, tx, who, is.RegionID, "acknowledge", "finding", id, seenWas, seenIs)
	})
	settled.conceal(who)
	return settled, err
}

func findingByID(ctx context.Context, tx *sqlx.Tx, id int64) (Finding, error) {
	found, err := selectedFindings(ctx, tx, ` WHERE d.id = $1`, id)
	if err != nil {
		return Finding{}, err
	}
	if len(found) == 0 {
		return Finding{}, ErrFindingUnknown.With("finding", id)
	}
	return found[0], nil
}

// portion is how many figures are examined at a time, so that memory does not grow with an import.
const portion = 5000

// inPortions calls fn with some thousands of the figures at a time, those of one region together and next to those of
// its neighbours, which share the region above.
func inPortions(ctx context.Context, tx *sqlx.Tx, ids []int64, fn func(ids []int64) error) error {
	if len(ids) <= portion {
		return fn(ids)
	}
	var sorted []struct {
		ID       int64 `db:"id"`
		RegionID int   `db:"region_id"`
	}
	err := tx.SelectContext(ctx, &sorted, `
		SELECT f.id, f.region_id
		FROM figures f
		JOIN regions_ever e ON e.id = f.region_id
		WHERE f.id = ANY ($1)
		ORDER BY e.parent_id, f.region_id, f.id`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("order figures by region: %w", err)
	}
	part := make([]int64, 0, portion)
	for i, f := range sorted {
		if len(part) >= portion && f.RegionID != sorted[i-1].RegionID {
			if err := fn(part); err != nil {
				return err
			}
			part = part[:0]
		}
		part = append(part, f.ID)
	}
	return fn(part)
}

// settle examines the figures again and all that they may put in another light: those of the same series, and those of
// the regions above on the same date. New findings are opened; one that holds no longer is closed as corrected.
func settle(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, ids []int64) error {
	return inPortions(ctx, tx, ids, func(ids []int64) error { return settlePortion(ctx, tx, who, now, ids) })
}

func settlePortion(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, ids []int64) error {
	figures, err := affected(ctx, tx, ids)
	if err != nil {
		return err
	}
	populations, err := latestPopulations(ctx, tx, regionsOf(figures))
	if err != nil {
		return err
	}
	below, err := sumsBelow(ctx, tx, figures)
	if err != nil {
		return err
	}
	before := predecessors(figures)
	var found foundColumns
	for _, f := range figures {
		around := Around{Before: before[f.ID], Below: below[f.ID]}
		if p, ok := populations[f.RegionID]; ok {
			around.Population = &p
		}
		for _, b := range Examine(f, around) {
			if err := found.add(f, b); err != nil {
				return err
			}
		}
	}
	return found.save(ctx, tx, who, now, figures)
}

func regionsOf(figures []Figure) []int64 {
	ids := make([]int64, 0, len(figures))
	for _, f := range figures {
		ids = append(ids, int64(f.RegionID))
	}
	return ids
}

// examinedFigures reads of figures what Examine looks at.
func examinedFigures(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Figure, error) {
	found := []Figure{}
	err := tx.SelectContext(ctx, &found, `
		SELECT f.id, f.region_id, f.subject, f.scope, f.people_group, f.as_of, f.precision, f.people, f.have, f.lack, f.percent, f.sent,
			f.adjudication, f.duplicate, f.print_ready, f.import_id
		FROM figures f`+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read figures to examine: %w", err)
	}
	for i := range found {
		found[i].AsOf = found[i].Precision.Format(found[i].First)
	}
	return found, nil
}

// affected reads the whole series of the figures and the figures of the regions above on the same dates. It reads by
// region and subject and chooses here, for the same reason as sumsBelow.
func affected(ctx context.Context, tx *sqlx.Tx, ids []int64) ([]Figure, error) {
	touched, err := examinedFigures(ctx, tx, ` WHERE f.id = ANY ($1)`, pq.Array(ids))
	if err != nil {
		return nil, err
	}
	regions := slices.Compact(slices.Sorted(slices.Values(regionsOf(touched))))
	var above []struct{ ID, Parent int }
	err = tx.SelectContext(ctx, &above, `
		SELECT id, parent_id AS parent
		FROM regions_ever
		WHERE id = ANY ($1) AND parent_id IS NOT NULL`, pq.Array(regions))
	if err != nil {
		return nil, fmt.Errorf("read the regions above: %w", err)
	}
	parent := map[int]int{}
	for _, r := range above {
		parent[r.ID] = r.Parent
		regions = append(regions, int64(r.Parent))
	}
	wanted, sameDate := map[series]bool{}, map[occasion]bool{}
	for _, f := range touched {
		wanted[f.series()] = true
		at := f.occasion()
		at.region = parent[f.RegionID]
		sameDate[at] = true
	}
	near, err := examinedFigures(ctx, tx, ` WHERE f.region_id = ANY ($1)`, pq.Array(slices.Compact(slices.Sorted(slices.Values(regions)))))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(near, func(f Figure) bool { return !wanted[f.series()] && !sameDate[f.occasion()] }), nil
}

// occasion is what figures must share to be summed.
type occasion struct {
	series
	first     time.Time
	precision sheet.Precision
}

func (f Figure) occasion() occasion { return occasion{f.series(), f.First, f.Precision} }

// sumsBelow sums for each figure those of the same date of the regions that lie one level below today. The sums are
// made here and not by a join: the database has not counted the rows of a fresh import and would plan it badly.
func sumsBelow(ctx context.Context, tx *sqlx.Tx, figures []Figure) (map[int64]*Below, error) {
	var regions []struct{ ID, Parent int }
	err := tx.SelectContext(ctx, &regions, `
		SELECT id, parent_id AS parent
		FROM regions_today
		WHERE parent_id = ANY ($1)`, pq.Array(slices.Compact(slices.Sorted(slices.Values(regionsOf(figures))))))
	if err != nil {
		return nil, fmt.Errorf("read the regions below: %w", err)
	}
	of := map[int]int{}     // region → how many lie below it
	parent := map[int]int{} // region → the one above
	var ids []int64
	for _, r := range regions {
		of[r.Parent]++
		parent[r.ID] = r.Parent
		ids = append(ids, int64(r.ID))
	}
	var dates []string
	for _, f := range figures {
		if of[f.RegionID] > 0 {
			dates = append(dates, f.First.Format(time.DateOnly))
		}
	}
	if len(dates) == 0 {
		return nil, nil
	}
	slices.Sort(dates)
	parts, err := examinedFigures(ctx, tx, `
		WHERE f.region_id = ANY ($1) AND f.as_of = ANY ($2::date[]) AND f.status <> 'draft'
		ORDER BY f.id DESC`, pq.Array(ids), pq.Array(slices.Compact(dates)))
	if err != nil {
		return nil, err
	}
	sums := sumByParent(parts, parent)
	below := map[int64]*Below{}
	for _, f := range figures {
		if b := sums[f.occasion()]; b != nil {
			b.Of = of[f.RegionID]
			below[f.ID] = b
		}
	}
	return below, nil
}

// sumByParent adds up figures, the newest first, under the region above; of several of a region on one occasion the
// newest counts.
func sumByParent(parts []Figure, parent map[int]int) map[occasion]*Below {
	sums := map[occasion]*Below{}
	counted := map[occasion]bool{}
	for _, f := range parts {
		at := f.occasion()
		if counted[at] {
			continue
		}
		counted[at] = true
		at.region = parent[f.RegionID]
		b := sums[at]
		if b == nil {
			b = &Below{People: new(int64), Have: new(int64), Lack: new(int64)}
			sums[at] = b
		}
		b.Regions++
		b.People, b.Have, b.Lack = plus(b.People, f.People), plus(b.Have, f.Have), plus(b.Lack, f.Lack)
	}
	return sums
}

// plus is nil as soon as one part does not say the number.
func plus(sum, part *int64) *int64 {
	if sum == nil || part == nil {
		return nil
	}
	n := *sum + *part
	return &n
}

// foundColumns are findings column by column, as unnest takes them.
type foundColumns struct {
	regions, figures []int64
	rules, facts     []string
}

func (c *foundColumns) add(f Figure, b Broken) error {
	text, err := json.Marshal(b.Facts)
	if err != nil {
		return fmt.Errorf("encode finding: %w", err)
	}
	c.regions, c.figures = append(c.regions, int64(f.RegionID)), append(c.figures, f.ID)
	c.rules, c.facts = append(c.rules, string(b.Rule)), append(c.facts, string(text))
	return nil
}

// save opens what is new, opens again what was corrected and is back, and closes what holds no longer. What is
// stale, Review finds; here it only ends.
func (c *foundColumns) save(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, examined []Figure) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO findings (region_id, figure_id, rule, facts, found_at)
		SELECT n.region_id, n.figure_id, n.rule, n.facts::jsonb, $5
		FROM unnest($1::int[], $2::bigint[], $3::text[], $4::text[]) n (region_id, figure_id, rule, facts)
		ORDER BY n.figure_id
		ON CONFLICT ON CONSTRAINT findings_once DO UPDATE
		SET facts = excluded.facts, state = 'open', settled_by = NULL, settled_at = NULL, reason = '',
			found_at = excluded.found_at, version = findings.version + 1
		WHERE findings.facts <> excluded.facts OR findings.state = 'corrected'`,
		pq.Array(c.regions), pq.Array(c.figures), pq.Array(c.rules), pq.Array(c.facts), now)
	if err != nil {
		return fmt.Errorf("open findings: %w", err)
	}
	ids := make([]int64, len(examined))
	for i, f := range examined {
		ids[i] = f.ID
	}
	regions := slices.Compact(slices.Sorted(slices.Values(regionsOf(examined))))
	_, err = tx.ExecContext(ctx, `
		UPDATE findings d
		SET state = 'corrected', settled_by = $4, settled_at = $5, version = version + 1
		WHERE d.region_id = ANY ($6) AND d.figure_id = ANY ($1) AND d.state <> 'corrected' AND d.rule <> 'stale'
		  AND NOT EXISTS (SELECT FROM unnest($2::bigint[], $3::text[]) n (figure_id, rule)
			WHERE n.figure_id = d.figure_id AND n.rule = d.rule)`,
		pq.Array(ids), pq.Array(c.figures), pq.Array(c.rules), who.Name, now, pq.Array(regions))
	if err != nil {
		return fmt.Errorf("close findings: %w", err)
	}
	return refresh(ctx, tx, who, now, regions)
}
