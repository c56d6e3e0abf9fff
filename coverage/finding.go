package coverage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
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
}

// CurrentVersion is the version that a change must name.
func (f Finding) CurrentVersion() int64 { return f.Version }

const selectFindings = `
	SELECT d.id, d.region_id, e.code AS region, e.name, d.figure_id, f.subject,
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
	return postgres.Once(ctx, r.db, who, func(tx *sqlx.Tx) (Finding, error) {
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
		return is, postgres.Audit(ctx, tx, who, is.RegionID, "acknowledge", "finding", id, was, is)
	})
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

// settle examines the figures again and all that they may put in another light: those of the same series, and those of
// the regions above on the same date. New findings are opened; one that holds no longer is closed as corrected.
func settle(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, ids []int64) error {
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

// affected reads the whole series of the figures and the figures of the regions above on the same dates.
func affected(ctx context.Context, tx *sqlx.Tx, ids []int64) ([]Figure, error) {
	return selectedFigures(ctx, tx, `
		WHERE f.id IN (
			SELECT s.id
			FROM figures t
			JOIN figures s USING (region_id, subject, scope, people_group)
			WHERE t.id = ANY ($1)
			UNION
			SELECT p.id
			FROM figures t
			JOIN regions_ever e ON e.id = t.region_id
			JOIN figures p ON p.region_id = e.parent_id AND p.subject = t.subject AND p.scope = t.scope
				AND p.people_group = t.people_group AND p.as_of = t.as_of AND p.precision = t.precision
			WHERE t.id = ANY ($1))`, pq.Array(ids))
}

// sumsBelow sums for each figure those of the same date of the regions that lie one level below today.
func sumsBelow(ctx context.Context, tx *sqlx.Tx, figures []Figure) (map[int64]*Below, error) {
	ids := make([]int64, len(figures))
	for i, f := range figures {
		ids[i] = f.ID
	}
	var sums []struct {
		Figure int64 `db:"id"`
		Regions, Of, NPeople, NHave, NLack,
		People, Have, Lack int64
	}
	err := tx.SelectContext(ctx, &sums, `
		WITH below AS (
			SELECT DISTINCT ON (p.id, k.id) p.id, p.region_id, c.people, c.have, c.lack
			FROM figures p
			JOIN regions_today k ON k.parent_id = p.region_id
			JOIN figures c ON c.region_id = k.id AND c.subject = p.subject AND c.scope = p.scope
				AND c.people_group = p.people_group AND c.as_of = p.as_of AND c.precision = p.precision AND c.status <> 'draft'
			WHERE p.id = ANY ($1)
			ORDER BY p.id, k.id, c.id DESC)
		SELECT b.id, count(*) AS regions, (SELECT count(*) FROM regions_today k WHERE k.parent_id = b.region_id) AS of,
			count(people) AS npeople, count(have) AS nhave, count(lack) AS nlack,
			coalesce(sum(people), 0)::bigint AS people, coalesce(sum(have), 0)::bigint AS have, coalesce(sum(lack), 0)::bigint AS lack
		FROM below b
		GROUP BY b.id, b.region_id`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("sum the regions below: %w", err)
	}
	below := map[int64]*Below{}
	for _, s := range sums {
		b := &Below{Regions: int(s.Regions), Of: int(s.Of)}
		for _, n := range []struct {
			said, sum int64
			into      **int64
		}{{s.NPeople, s.People, &b.People}, {s.NHave, s.Have, &b.Have}, {s.NLack, s.Lack, &b.Lack}} {
			if n.said == s.Regions {
				*n.into = &n.sum
			}
		}
		below[s.Figure] = b
	}
	return below, nil
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

// save opens what is new, opens again what was corrected and is back, and closes what holds no longer. Staleness is
// the matter of Review.
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
	_, err = tx.ExecContext(ctx, `
		UPDATE findings d
		SET state = 'corrected', settled_by = $4, settled_at = $5, version = version + 1
		WHERE d.figure_id = ANY ($1) AND d.state <> 'corrected' AND d.rule <> 'stale'
		  AND NOT EXISTS (SELECT FROM unnest($2::bigint[], $3::text[]) n (figure_id, rule)
			WHERE n.figure_id = d.figure_id AND n.rule = d.rule)`,
		pq.Array(ids), pq.Array(c.figures), pq.Array(c.rules), who.Name, now)
	if err != nil {
		return fmt.Errorf("close findings: %w", err)
	}
	return nil
}
