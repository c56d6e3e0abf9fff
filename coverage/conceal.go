package coverage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/region"
)

// smallest is the least count of a vulnerable group that is shown outside the region's own office: fewer people could
// be known one by one. UU 27/2022 makes health, disability and imprisonment specific data.
const smallest = 5

// ageForm is a group by age alone: age-16, age-17-20, age-60-up.
var ageForm = regexp.MustCompile(`^age-\d{1,3}(-\d{1,3}|-up)?$`)

// vulnerable reports whether a group of people is one whose small counts are hidden: any but a group by age.
func vulnerable(group string) bool { return group != "" && !ageForm.MatchString(group) }

// outside reports whether who asks from above the offices of kabupaten/kota. Whoever asks from one sees no other's.
func outside(who access.Actor) bool {
	level, err := region.LevelOf(who.Reach)
	return err != nil || level < region.Regency
}

// below is what is written in the place of a small count.
var below = map[string]int{"below": smallest}

// hidden are the numbers of a row that are not shown: small ones are written as below, and those that would tell them
// as null.
type hidden struct {
	all   bool
	small []string
}

// of is what is written for a number of that name: itself unless it is hidden.
func (h hidden) of(name string, shown any) any {
	switch {
	case !h.all:
		return shown
	case slices.Contains(h.small, name):
		return below
	}
	return nil
}

// small names the counts below the least that is shown, among them those that the others tell: who lack a document are
// the people less those who have it.
func (n Numbers) small() (names []string) {
	counts := n.counts()
	if n.Lack == nil {
		lack, _ := n.missing(nil)
		counts = append(counts, count{"lack", lack})
	}
	if n.Have == nil && n.People != nil && n.Lack != nil {
		have := *n.People - *n.Lack
		counts = append(counts, count{"have", &have})
	}
	for _, c := range counts {
		if c.value != nil && *c.value < smallest {
			names = append(names, c.name)
		}
	}
	return names
}

// conceal hides the small counts of a figure of a vulnerable group with all its other numbers, any two of which would
// tell a third, and what was found about them.
func (f *Figure) conceal(small []string) {
	f.hidden = hidden{all: true, small: small}
	f.Numbers = Numbers{}
	f.Findings = slices.Clone(f.Findings)
	for i := range f.Findings {
		f.Findings[i].Facts = json.RawMessage(`{}`)
	}
}

// forTheTrail is the figure as the trail keeps it, which is read in Jakarta and when others have long been reported
// beside it: without the numbers of a vulnerable group.
func (f Figure) forTheTrail() Figure {
	if vulnerable(f.Group) {
		f.conceal(nil)
	}
	return f
}

// concealFigures hides what must be hidden from who, in the transaction of who.
func concealFigures(ctx context.Context, tx *sqlx.Tx, who access.Actor, figures []Figure) error {
	if !outside(who) || !slices.ContainsFunc(figures, func(f Figure) bool { return vulnerable(f.Group) }) {
		return nil
	}
	var regions []string
	var of []Figure
	for _, f := range figures {
		if vulnerable(f.Group) {
			regions, of = append(regions, f.Region), append(of, f)
		}
	}
	oldest := slices.MinFunc(of, func(f, g Figure) int { return f.First.Compare(g.First) })
	beside, err := besideSmall(ctx, tx, regions, of, oldest.First)
	if err != nil {
		return err
	}
	for i := range figures {
		f := &figures[i]
		if small := f.small(); vulnerable(f.Group) && (len(small) > 0 || beside[f.ID]) {
			f.conceal(small)
		}
	}
	return nil
}

// neighbours are the figures of regions under one with those beside them, of the families in which one may be small. They
// begin on the last day up to $5 on which every region that had reported before reported anew: what was hidden before that
// day has been followed by another figure.
const neighbours = `
	WITH RECURSIVE families AS MATERIALIZED (
		SELECT DISTINCT t.parent_id, f.subject, f.scope, f.people_group
		FROM figures f
		JOIN region_versions t ON t.region_id = f.region_id AND t.valid_to IS NULL
		JOIN region_versions p ON p.region_id = t.parent_id AND p.valid_to IS NULL
		WHERE f.few AND f.status <> 'draft' AND f.people_group <> ''
		  AND f.subject = ANY ($1) AND f.scope = ANY ($2) AND f.people_group = ANY ($3)
		  AND p.code IN (SELECT unnest($4::text[]))
	), back AS (
		SELECT parent_id, subject, scope, people_group, $5::date AS day, false AS together FROM families
		UNION ALL
		SELECT b.parent_id, b.subject, b.scope, b.people_group, o.day, o.together
		FROM back b
		CROSS JOIN LATERAL (
			SELECT min(l.as_of) AS day, min(l.as_of) = max(l.as_of) AS together
			FROM region_versions t
			CROSS JOIN LATERAL (
				SELECT as_of
				FROM figures
				WHERE region_id = t.region_id AND subject = b.subject AND scope = b.scope AND people_group = b.people_group
				  AND status <> 'draft' AND as_of <= b.day
				ORDER BY as_of DESC, precision, id DESC
				LIMIT 1) l
			WHERE t.parent_id = b.parent_id AND t.valid_to IS NULL) o
		WHERE NOT b.together AND o.day < b.day
	), begun AS MATERIALIZED (
		SELECT parent_id, subject, scope, people_group, min(day) AS day FROM back GROUP BY 1, 2, 3, 4
	)
	SELECT f.id, f.region_id, t.parent_id, f.subject, f.scope, f.people_group, f.as_of, f.people, f.have, f.lack, f.percent,
		least(f.sent, f.adjudication, f.duplicate, f.print_ready, f.interim_letters)
	FROM begun b
	JOIN region_versions t ON t.parent_id = b.parent_id AND t.valid_to IS NULL
	JOIN figures f ON f.region_id = t.region_id AND f.subject = b.subject AND f.scope = b.scope AND f.people_group = b.people_group
		AND f.status <> 'draft' AND f.as_of >= b.day
	ORDER BY f.as_of, f.precision DESC, f.id`

// besideSmall finds the figures that are hidden though they are not small: where only one of the regions under another
// is small, it is what all of them have less what the others have, and the sum of all may be known. Which one is hidden
// with it does not depend on what was asked for, lest one list tell what another hides. It looks at those that a list of
// the day since shows, and at later ones.
func besideSmall(ctx context.Context, tx *sqlx.Tx, codes []string, of []Figure, since time.Time) (map[int64]bool, error) {
	var parents, subjects, scopes, groups []string
	for _, code := range codes {
		parents = append(parents, region.Parent(code))
	}
	for _, f := range of {
		subjects, scopes, groups = append(subjects, string(f.Subject)), append(scopes, f.Scope), append(groups, f.Group)
	}
	some := func(words []string) any { return pq.Array(slices.Compact(slices.Sorted(slices.Values(words)))) }
	rows, err := tx.QueryContext(ctx, neighbours, some(subjects), some(scopes), some(groups), some(parents), since)
	if err != nil {
		return nil, fmt.Errorf("read the figures of neighbours: %w", err)
	}
	defer rows.Close()
	var found []*sibling
	for rows.Next() {
		f := &sibling{} // scanned by hand: a group of the nation is tens of thousands of them
		err := rows.Scan(&f.ID, &f.RegionID, &f.ParentID, &f.Subject, &f.Scope, &f.Group, &f.First, &f.People, &f.Have, &f.Lack, &f.Percent, &f.Sent)
		if err != nil {
			return nil, fmt.Errorf("read the figures of neighbours: %w", err)
		}
		found = append(found, f)
	}
	return veil(found), rows.Err()
}

// sibling is a figure of a region beside others under the same one.
type sibling struct {
	ID       int64
	RegionID int
	ParentID int
	Subject  Subject
	Scope    string
	Group    string
	First    time.Time
	Numbers  // Sent is the least of all that wait
}

// veil chooses what is hidden beside what is small. The figures come in the order of time; on each day that any of them
// is of, the latest of every region are what a list of that day sums.
func veil(figures []*sibling) map[int64]bool {
	hidden := map[int64]bool{}
	latest := map[series]map[int]*sibling{} // of the regions under one
	today := map[series]bool{}
	for i, f := range figures {
		family := series{f.ParentID, f.Subject, f.Scope, f.Group}
		if latest[family] == nil {
			latest[family] = map[int]*sibling{}
		}
		latest[family][f.RegionID] = f
		today[family] = true
		if i+1 < len(figures) && figures[i+1].First.Equal(f.First) {
			continue
		}
		for family := range today {
			if least := alone(latest[family], hidden); least != nil {
				hidden[least.ID] = true
			}
		}
		clear(today)
	}
	return hidden
}

// alone returns whom to hide with the only hidden one: who lacks the fewest, then has the fewest people.
func alone(regions map[int]*sibling, hidden map[int64]bool) (least *sibling) {
	concealed := 0
	for _, f := range regions {
		if hidden[f.ID] || len(f.small()) > 0 {
			concealed++
			continue
		}
		if least == nil || f.lessThan(least) {
			least = f
		}
	}
	if concealed != 1 {
		return nil
	}
	return least
}

func (f *sibling) lessThan(g *sibling) bool {
	lack := func(f *sibling) int64 {
		if n, basis := f.missing(nil); basis != Unknown {
			return *n
		}
		return math.MaxInt64
	}
	return cmp.Or(cmp.Compare(lack(f), lack(g)), cmp.Compare(or0(f.People), or0(g.People)), cmp.Compare(f.RegionID, g.RegionID)) < 0
}

// conceal hides the numbers behind a finding about a vulnerable group, which may be small.
func (f *Finding) conceal(who access.Actor) {
	if vulnerable(f.Group) && outside(who) {
		f.Facts = json.RawMessage(`{}`)
	}
}

// isSmall reports whether the count of that name is hidden because it is small.
func (h hidden) isSmall(name string) bool { return h.all && slices.Contains(h.small, name) }

// MarshalJSON writes {"below": 5} for a hidden count.
func (f Figure) MarshalJSON() ([]byte, error) {
	type plain Figure
	if !f.hidden.all {
		return json.Marshal(plain(f))
	}
	return json.Marshal(struct {
		plain
		People any `json:"people"`
		Have   any `json:"have"`
		Lack   any `json:"lack"`
	}{plain(f), f.hidden.of("people", nil), f.hidden.of("have", nil), f.hidden.of("lack", nil)})
}

// conceal hides the numbers of a gap.
func (g *Gap) conceal(h hidden) {
	g.hidden = h
	g.hidden.all = true
	g.People, g.Have, g.Lack, g.Percent, g.Live, g.Remaining, g.Achievement = nil, nil, nil, nil, nil, nil, nil
	g.saidLack, g.printed, g.Since = nil, nil, 0
}

// MarshalJSON writes {"below": 5} for a hidden count.
func (g Gap) MarshalJSON() ([]byte, error) {
	type plain Gap
	if !g.hidden.all {
		return json.Marshal(plain(g))
	}
	return json.Marshal(struct {
		plain
		People any `json:"people"`
		Have   any `json:"have"`
		Lack   any `json:"lack"`
	}{plain(g), g.hidden.of("people", nil), g.hidden.of("have", nil), g.hidden.of("lack", nil)})
}

// concealGaps hides small counts of a vulnerable group in a list whose sums are shown, and those beside them. When a
// single row of the list is hidden its numbers are the sums less the other rows, so the sums are hidden.
func concealGaps(gaps []Gap, totals *GapTotals, beside map[int64]bool) {
	concealed := 0
	for i := range gaps {
		g := &gaps[i]
		n := Numbers{People: g.People, Have: g.Have, Lack: g.Lack}
		if small := n.small(); len(small) > 0 || g.Figure != nil && beside[*g.Figure] {
			g.conceal(hidden{small: small})
			concealed++
		}
	}
	if concealed == 1 {
		*totals = GapTotals{Regions: totals.Regions, Reported: totals.Reported, Oldest: totals.Oldest, Newest: totals.Newest, Concealed: true}
	}
}
