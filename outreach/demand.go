package outreach

import (
	"context"
	"fmt"
	"math"

	"github.com/jmoiron/sqlx"
)

// Demand is what a visit to all of a site is expected to bring.
type Demand struct {
	Heads    int64  `json:"heads" doc:"people the expectation starts from"`
	Group    string `json:"group" doc:"who they are"`
	Basis    string `json:"basis" enum:"counted,estimated"`
	Expected int    `json:"expected" doc:"people to be recorded"`
	Cards    int    `json:"cards" doc:"blanks their cards need: those of 16 are recorded now and printed at 17; 2 in 100 prints fail"`
}

const (
	noShow   = 0.2  // Mojokerto 2017: of those on the list about one in five does not come
	spoilage = 0.02 // Surabaya 2014-2018: 1.74 % of 770,185 prints
	// priorHeads is how many heads of visited sites weigh as much as the assumed yield of a kind.
	priorHeads = 2_000
)

// learnt is what results taught of a kind: heads at the sites visited, and people recorded there.
type learnt struct {
	Kind     SiteKind `db:"kind"`
	Heads    float64  `db:"heads"`
	Recorded float64  `db:"recorded"`
	Printed  float64  `db:"printed"`
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

// demand is what a visit to the site may bring. before is how many were recorded there within the year; they need no
// second visit. ok is false when nobody has counted or estimated the people.
func (s Site) demand(past map[SiteKind]learnt, before int64) (d Demand, ok bool) {
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
	switch {
	case counted:
		d.Heads, d.Group, d.Basis = due.People.People, due.Group, due.Basis
		expected, printable = float64(d.Heads)*(1-noShow), facts.printed(l)
	case young || grown:
		d.Heads, d.Group, d.Basis = sixteen.People.People+seventeen.People.People, "age-16, age-17", or(seventeen.Basis, sixteen.Basis)
		expected = float64(d.Heads) * (1 - noShow)
		if d.Heads > 0 {
			printable = float64(seventeen.People.People) / float64(d.Heads)
		}
	case known:
		d.Heads, d.Group, d.Basis = all.People.People, all.Group, all.Basis
		expected, printable = float64(d.Heads)*facts.shrunk(l), facts.printed(l)
	default:
		return d, false
	}
	expected = max(0, expected-float64(before))
	d.Expected = int(math.Round(expected))
	d.Cards = int(math.Ceil(float64(d.Expected) * printable * (1 + spoilage)))
	return d, true
}

// readLearnt reads what results taught in the region and below, by kind.
func readLearnt(ctx context.Context, tx *sqlx.Tx, code string) (map[SiteKind]learnt, error) {
	var rows []learnt
	err := tx.SelectContext(ctx, &rows, `
		SELECT s.kind, sum(h.people)::float8 AS heads, sum((v.counts->>'recorded')::float8) AS recorded, sum((v.counts->>'printed')::float8) AS printed
		FROM visit_results v
		JOIN visits w ON w.region_id = v.region_id AND w.id = v.visit_id
		JOIN sites s ON s.id = w.site_id
		JOIN regions_today r ON r.id = s.region_id
		CROSS JOIN LATERAL (
			SELECT people
			FROM site_heads
			WHERE region_id = s.region_id AND site_id = s.id AND people_group = 'all' AND as_of <= v.day
			ORDER BY as_of DESC
			LIMIT 1) h
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
