package outreach

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Demand is what a visit to all of a site is expected to bring.
type Demand struct {
	Heads    int64  `json:"heads" doc:"people the expectation starts from"`
	Group    string `json:"group" doc:"who they are, several with commas; gap for those of the district without a recording"`
	Basis    string `json:"basis" enum:"counted,estimated"`
	Expected int    `json:"expected" doc:"people to be recorded"`
	Cards    int    `json:"cards" doc:"blanks their cards need: those of 16 are recorded now and printed at 17; 2 in 100 prints fail"`
}

const (
	noShow = 0.2 // Mojokerto 2017: of those on the list about one in five does not come
	// priorListed is how many people on lists of visited sites weigh as much as that.
	priorListed = 100
	spoilage    = 0.02 // Surabaya 2014-2018: 1.74 % of 770,185 prints
	// priorHeads is how many heads of visited sites weigh as much as the assumed yield of a kind.
	priorHeads = 2_000
)

// learnt is what results taught of a kind: heads at the sites visited, and people recorded there.
type learnt struct {
	Kind     SiteKind `db:"kind"`
	Heads    float64  `db:"heads"`
	Recorded float64  `db:"recorded"`
	Printed  float64  `db:"printed"`
	Listed   float64  `db:"listed"` // at the sites visited that gave a list of those without a card
	Came     float64  `db:"came"`   // and were recorded there
}

// yield is the share of heads that a visit records: the assumed one, shrunk towards what visits showed as their heads
// grow (the posterior mean of a gamma prior with priorHeads behind it; Gelman and others 2013, section 2.6).
func (k kindFacts) shrunk(l learnt) float64 {
	return (k.yield*priorHeads + l.Recorded) / (priorHeads + l.Heads)
}

// printable is the share of those recorded who get a card on the day, likewise shrunk, with 50 people behind the prior.
func (k kindFacts) printed(l learnt) float64 {
	const prior = 50
	return min(1, (k.printable*prior+l.Printed)/(prior+l.Recorded))
}

// noShow is the share of those on a list who do not come: the published one, shrunk towards what visits showed (the
// posterior mean of a beta prior with priorListed people behind it).
func (l learnt) noShow() float64 {
	return (noShow*priorListed + max(0, l.Listed-l.Came)) / (priorListed + l.Listed)
}

// recorded is how many people a visit recorded on a day.
type recorded struct {
	Day    string `json:"day"`
	People int64  `json:"people"`
}

// since are the people recorded from that day on, or in that month or year and later.
func since(visits []recorded, day string) (people int64) {
	for _, v := range visits {
		if v.Day >= day {
			people += v.People
		}
	}
	return people
}

// demand is what a visit to the site may bring. before are those recorded there within the year; they need no second
// visit, unless a later count of those without a card leaves them out already. gap is the site's share of the people of
// its district without a recording, for a place nobody has counted. ok is false when there is nothing to go by.
func (s Site) demand(past map[SiteKind]learnt, visits []recorded, gap int64) (d Demand, ok bool) {
	heads := map[string]Head{}
	for _, h := range s.Heads {
		heads[h.Group] = h
	}
	facts, l := s.facts(), past[s.Kind]
	var expected, printable float64
	due, counted := heads["not-enrolled"]
	sixteen, young := heads["age-16"]
	seventeen, grown := heads["age-17"]
	all, known := heads["all"]
	before, parts := since(visits, ""), atLeast(heads)
	switch {
	case counted:
		before = since(visits, due.AsOf)
		d.Heads, d.Group, d.Basis = due.People.People, due.Group, due.Basis
		expected, printable = float64(d.Heads)*(1-l.noShow()), facts.printed(l)
	case young || grown:
		before = since(visits, max(sixteen.AsOf, seventeen.AsOf))
		d.Heads, d.Group, d.Basis = sixteen.People.People+seventeen.People.People, "age-16, age-17", or(seventeen.Basis, sixteen.Basis)
		expected = float64(d.Heads) * (1 - l.noShow())
		if d.Heads > 0 {
			printable = float64(seventeen.People.People) / float64(d.Heads)
		}
	case known:
		d.Heads, d.Group, d.Basis = all.People.People, all.Group, all.Basis
		expected, printable = float64(d.Heads)*facts.shrunk(l), facts.printed(l)
	case len(parts.Group) > 0:
		d = parts
		expected, printable = float64(d.Heads)*facts.shrunk(l), facts.printed(l)
	case gap > 0:
		d.Heads, d.Group, d.Basis = gap, "gap", "estimated"
		expected, printable, before = float64(gap)*facts.shrunk(l), facts.printed(l), 0 // the gap knows of visits already
	default:
		return d, false
	}
	expected = max(0, expected-float64(before))
	d.Expected = int(math.Round(expected))
	d.Cards = int(math.Ceil(float64(d.Expected) * printable * (1 + spoilage)))
	return d, true
}

// atLeast are the people who are surely at a site where only groups of them were counted. Inmates and the disabled may be
// old, so these are not added up; the old and the young are.
func atLeast(heads map[string]Head) (d Demand) {
	for _, groups := range [][]string{{"inmates"}, {"elderly", "children"}, {"disabled"}, {"mental-disability"}} {
		var sum Demand
		var names []string
		for _, g := range groups {
			if h, ok := heads[g]; ok {
				sum.Heads += h.People.People
				if sum.Basis != "estimated" {
					sum.Basis = h.Basis
				}
				names = append(names, g)
			}
		}
		sum.Group = strings.Join(names, ", ")
		if len(names) > 0 && (d.Group == "" || sum.Heads > d.Heads) {
			d = sum
		}
	}
	return d
}

// expect fills in what a visit to each site may record. A place that nobody has counted gets nothing here: its share of a
// district's gap depends on all its neighbours.
func (d *Desk) expect(ctx context.Context, tx *sqlx.Tx, code string, sites []Site) error {
	regency := strings.SplitN(code, ".", 3)[:2] // of a kecamatan too: there it was learnt
	past, err := readLearnt(ctx, tx, strings.Join(regency, "."))
	if err != nil {
		return err
	}
	ids := make([]int64, len(sites))
	for i, s := range sites {
		ids[i] = s.ID
	}
	var rows []struct {
		Site     int64                `db:"site_id"`
		Recorded document[[]recorded] `db:"recorded"`
	}
	err = tx.SelectContext(ctx, &rows, `
		SELECT v.site_id, jsonb_agg(jsonb_build_object('day', k.day, 'people', k.counts->'recorded')) AS recorded
		FROM visits v
		JOIN visit_results k ON k.region_id = v.region_id AND k.visit_id = v.id AND k.standing = 'kept' AND k.day > $2::date - 365
		WHERE v.site_id = ANY ($1)
		GROUP BY v.site_id`, pq.Array(ids), region.Today(region.WIB, d.now()))
	if err != nil {
		return fmt.Errorf("read who was recorded at sites: %w", err)
	}
	before := map[int64][]recorded{}
	for _, r := range rows {
		before[r.Site] = r.Recorded.V
	}
	for i := range sites {
		sites[i].finish(access.System) // the true numbers; they are veiled when the list is shown
		if e, known := sites[i].demand(past, before[sites[i].ID], 0); known {
			sites[i].Expected = &Count{People: int64(e.Expected)}
		}
	}
	return nil
}

// districtGaps are the people without a recording by district of a region, as the latest figures say.
func (d *Desk) districtGaps(ctx context.Context, code string) (map[string]int64, error) {
	gaps := map[string]int64{}
	page, err := d.gaps.Gaps(ctx, access.System, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: code,
		Paging: postgres.Paging{Limit: 1000}})
	if _, told := fault.As(err); told {
		return gaps, nil // of the code; the lookup in the asker's own reach will say it
	}
	if err != nil {
		return nil, fmt.Errorf("read gaps of %s: %w", code, err)
	}
	for _, g := range page.Items {
		gaps[g.Region] = deref(g.Remaining)
	}
	return gaps, nil
}

// shareGaps divides the gap of a district evenly among its villages, islands and camps that nobody has counted.
func (d *draft) shareGaps(sites []Site) map[int64]int64 {
	alike := map[string][]int64{}
	for _, s := range sites {
		if len(s.Heads) == 0 && slices.Contains([]SiteKind{"village", "island", "camp"}, s.Kind) {
			alike[s.Region] = append(alike[s.Region], s.ID)
		}
	}
	shares := map[int64]int64{}
	for code, ids := range alike {
		for k, id := range ids {
			shares[id] = int64(part(int(d.gaps[code]), k, len(ids)))
		}
	}
	return shares
}

// readLearnt reads what results taught in the region and below, by kind.
func readLearnt(ctx context.Context, tx *sqlx.Tx, code string) (map[SiteKind]learnt, error) {
	var rows []learnt
	err := tx.SelectContext(ctx, &rows, `
		SELECT s.kind, coalesce(sum(h.people / w.shares), 0) AS heads,
			coalesce(sum((v.counts->>'recorded')::float8) FILTER (WHERE h.people IS NOT NULL), 0) AS recorded,
			coalesce(sum((v.counts->>'printed')::float8) FILTER (WHERE h.people IS NOT NULL), 0) AS printed,
			coalesce(sum(l.people / w.shares), 0) AS listed,
			coalesce(sum((v.counts->>'recorded')::float8) FILTER (WHERE l.people IS NOT NULL), 0) AS came
		FROM visit_results v
		JOIN visits w ON w.region_id = v.region_id AND w.id = v.visit_id
		JOIN sites s ON s.id = w.site_id
		JOIN regions_today r ON r.id = s.region_id
		CROSS JOIN LATERAL (
			SELECT coalesce(sum(g.people) FILTER (WHERE people_group = 'all'), greatest(sum(g.people) FILTER (WHERE people_group = 'inmates'),
				sum(g.people) FILTER (WHERE people_group IN ('elderly', 'children')), sum(g.people) FILTER (WHERE people_group = 'disabled'),
				sum(g.people) FILTER (WHERE people_group = 'mental-disability')))::float8 AS people
			FROM (
				SELECT DISTINCT ON (people_group) people_group, people
				FROM site_heads
				WHERE region_id = s.region_id AND site_id = s.id AND as_of <= v.day
				ORDER BY people_group, source LIKE '`+estimate+`%', as_of DESC) g) h
		CROSS JOIN LATERAL (
			SELECT sum(g.people)::float8 AS people
			FROM (
				SELECT DISTINCT ON (people_group) people
				FROM site_heads
				WHERE region_id = s.region_id AND site_id = s.id AND people_group IN ('not-enrolled', 'age-16', 'age-17') AND as_of <= v.day
				ORDER BY people_group, as_of DESC) g) l
		WHERE v.standing = 'kept' AND (r.code = $1 OR r.code LIKE $1 || '.%')
		GROUP BY s.kind`, code)
	if err != nil {
		return nil, fmt.Errorf("read past yields: %w", err)
	}
	past := map[SiteKind]learnt{}
	for _, l := range rows {
		past[l.Kind] = l
	}
	return past, nil
}
