package coverage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/region"
)

// MoveRegion takes coverage's part in a split or merge. No figure and no release is altered: from the last one of the old
// region a new one is made for each part, by the share of people and to the person, under the date of the figure it is
// part of. In a merge those of both are added up. So the sums over the nation stay as they were, and the history stays
// whole. Targets of this year and later are the new region's too.
func (r *Register) MoveRegion(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) (moved []region.Moved, err error) {
	people, err := r.movePopulations(ctx, tx, who, c)
	if err != nil {
		return nil, err
	}
	figures, err := r.moveFigures(ctx, tx, who, c)
	if err != nil {
		return nil, err
	}
	targets, err := moveTargets(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	return append(append(people, figures...), targets...), nil
}

// shared splits a number in whole people: what goes to the new part, and what stays.
func shared(c region.Change, n *int64) (to, rest *int64) {
	if n == nil {
		return nil, nil
	}
	over := c.Part(*n)
	left := *n - over
	return &over, &left
}

// sharedSum is shared for a whole that its two parts add up to: its shares are the sums of theirs.
func sharedSum(c region.Change, whole, a, b *int64) (to, rest *int64) {
	if whole == nil || a == nil || b == nil || *a+*b != *whole {
		return shared(c, whole)
	}
	over := c.Part(*a) + c.Part(*b)
	left := *whole - over
	return &over, &left
}

func (r *Register) movePopulations(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) ([]region.Moved, error) {
	latest, err := latestPopulations(ctx, tx, []int64{int64(c.From.ID), int64(c.Into.ID)})
	if err != nil {
		return nil, err
	}
	from, known := latest[c.From.ID]
	if !known {
		return nil, nil
	}
	line := region.Moved{What: "population", How: "shared", From: c.From.Code, To: c.Into.Code, Count: 1}
	if c.Splits() {
		to, rest := from.split(c)
		line.Pieces = to.People
		if err := insertPopulation(ctx, tx, who, c.Into.ID, from.AsOf, to, nil); err != nil {
			return nil, err
		}
		return []region.Moved{line}, insertPopulation(ctx, tx, who, c.From.ID, from.AsOf, rest, nil)
	}
	sum := from.as(c)
	line.How, line.Pieces = "added", from.People
	if into, ok := latest[c.Into.ID]; ok {
		if into.Period != from.Period {
			return []region.Moved{{What: "population", How: "stays", From: c.From.Code, To: c.From.Code, Name: from.Period + " ≠ " + into.Period, Count: 1, Pieces: from.People}}, nil
		}
		sum = from.plus(into, c)
	}
	return []region.Moved{line}, insertPopulation(ctx, tx, who, c.Into.ID, from.AsOf, sum, nil)
}

// as is the release handed in anew, by reason of a change.
func (p Population) as(c region.Change) NewPopulation {
	return NewPopulation{Period: p.Period, People: p.People, Male: p.Male, Female: p.Female, Eligible: p.Eligible, Children: p.Children,
		Turning17: p.Turning17, Source: because(p.Source, c), Synthetic: p.Synthetic, Note: fmt.Sprintf("%s %s, %s", c.Kind, c.From.Code, c.Into.Code)}
}

// because names the law beside the source.
func because(source string, c region.Change) string {
	more := " · " + c.Document
	for len(source)+len(more) > 500 {
		source = strings.ToValidUTF8(source[:len(source)-1], "")
	}
	return source + more
}

func (p Population) split(c region.Change) (to, rest NewPopulation) {
	to, rest = p.as(c), p.as(c)
	to.Male, rest.Male = shared(c, p.Male)
	to.Female, rest.Female = shared(c, p.Female)
	people, left := sharedSum(c, &p.People, p.Male, p.Female)
	to.People, rest.People = *people, *left
	to.Eligible, rest.Eligible = shared(c, p.Eligible)
	to.Children, rest.Children = shared(c, p.Children)
	to.Turning17, rest.Turning17 = nil, nil
	for _, n := range p.Turning17 {
		over := c.Part(n)
		to.Turning17, rest.Turning17 = append(to.Turning17, over), append(rest.Turning17, n-over)
	}
	return to, rest
}

// plus adds up two releases of one period; what one of them does not say is not said of both.
func (p Population) plus(q Population, c region.Change) NewPopulation {
	sum := p.as(c)
	sum.People = p.People + q.People
	sum.Male, sum.Female = plus(p.Male, q.Male), plus(p.Female, q.Female)
	sum.Eligible, sum.Children = plus(p.Eligible, q.Eligible), plus(p.Children, q.Children)
	sum.Turning17 = nil
	if len(p.Turning17) == len(q.Turning17) {
		for i, n := range p.Turning17 {
			sum.Turning17 = append(sum.Turning17, n+q.Turning17[i])
		}
	}
	return sum
}

// latestFigures gives the last figure of each series of a region, the one that lists count.
func latestFigures(ctx context.Context, tx *sqlx.Tx, id int) ([]Figure, error) {
	return selectedFigures(ctx, tx, `
		WHERE f.id IN (
			SELECT DISTINCT ON (subject, scope, people_group) id
			FROM figures
			WHERE region_id = $1 AND status <> 'draft'
			ORDER BY subject, scope, people_group, as_of DESC, precision, id DESC)
		ORDER BY f.id`, id)
}

func (r *Register) moveFigures(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) ([]region.Moved, error) {
	from, err := latestFigures(ctx, tx, c.From.ID)
	if err != nil || len(from) == 0 {
		return nil, err
	}
	line := region.Moved{What: "figure", How: "shared", From: c.From.Code, To: c.Into.Code}
	if c.Splits() {
		for _, f := range from {
			to, rest := f.Numbers.split(c)
			for id, n := range map[int]Numbers{c.Into.ID: to, c.From.ID: rest} {
				if err := r.partOf(ctx, tx, who, id, f, n, c); err != nil {
					return nil, err
				}
			}
			line.Count++
		}
		return []region.Moved{line}, nil
	}
	line.How = "added"
	into, err := latestFigures(ctx, tx, c.Into.ID)
	if err != nil {
		return nil, err
	}
	type subject struct {
		Subject
		scope, group string
	}
	had := map[subject]Figure{}
	for _, f := range into {
		had[subject{f.Subject, f.Scope, f.Group}] = f
	}
	for _, f := range from {
		n, latest := f.Numbers, f
		if other, ok := had[subject{f.Subject, f.Scope, f.Group}]; ok {
			n = f.Numbers.plus(other.Numbers)
			if other.First.After(f.First) {
				latest = other
			}
		}
		if n == (Numbers{}) {
			continue // two bare percentages have no sum
		}
		if err := r.partOf(ctx, tx, who, c.Into.ID, latest, n, c); err != nil {
			return nil, err
		}
		line.Count++
	}
	return []region.Moved{line}, nil
}

// split shares the counts; a percentage is that of both.
func (n Numbers) split(c region.Change) (to, rest Numbers) {
	to.Percent, rest.Percent = n.Percent, n.Percent
	to.People, rest.People = sharedSum(c, n.People, n.Have, n.Lack)
	to.Have, rest.Have = shared(c, n.Have)
	to.Lack, rest.Lack = shared(c, n.Lack)
	to.Sent, rest.Sent = shared(c, n.Sent)
	to.Adjudication, rest.Adjudication = shared(c, n.Adjudication)
	to.Duplicate, rest.Duplicate = shared(c, n.Duplicate)
	to.PrintReady, rest.PrintReady = shared(c, n.PrintReady)
	to.InterimLetters, rest.InterimLetters = shared(c, n.InterimLetters)
	return to, rest
}

func (n Numbers) plus(m Numbers) Numbers {
	return Numbers{People: plus(n.People, m.People), Have: plus(n.Have, m.Have), Lack: plus(n.Lack, m.Lack), Sent: plus(n.Sent, m.Sent),
		Adjudication: plus(n.Adjudication, m.Adjudication), Duplicate: plus(n.Duplicate, m.Duplicate), PrintReady: plus(n.PrintReady, m.PrintReady),
		InterimLetters: plus(n.InterimLetters, m.InterimLetters)}
}

// partOf keeps numbers as part of another figure, of its date and under its source and the law.
func (r *Register) partOf(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int, f Figure, n Numbers, c region.Change) error {
	d := draft{first: f.First, precision: f.Precision, NewFigure: NewFigure{Subject: f.Subject, Scope: f.Scope, Group: f.Group, Era: 38,
		Source: because(f.Source, c), Note: fmt.Sprintf("%s %s, %s", c.Kind, c.From.Code, c.Into.Code), Synthetic: f.Synthetic, Numbers: n}}
	if f.Period != nil {
		d.Period = *f.Period
	}
	made, err := insertFigure(ctx, tx, who, r.now(), id, d)
	if err != nil {
		return err
	}
	// It was reported when the whole was.
	_, err = tx.ExecContext(ctx, `
		UPDATE figures
		SET part_of = $3, submitted_at = coalesce($4, submitted_at)
		WHERE region_id = $1 AND id = $2`, id, made, f.ID, f.SentAt)
	if err != nil {
		return fmt.Errorf("note what figure %d is part of: %w", made, err)
	}
	return nil
}

func moveTargets(ctx context.Context, tx *sqlx.Tx, c region.Change) ([]region.Moved, error) {
	text, how := `
		INSERT INTO targets (region_id, subject, year, percent, source)
		SELECT $2::int, subject, year, percent, source
		FROM targets
		WHERE region_id = $1::int AND year >= $3::int`, "added"
	if !c.Splits() {
		text, how = `
		DELETE FROM targets
		WHERE region_id = $1::int AND $2::int IS NOT NULL AND year >= $3::int`, "closed"
	}
	result, err := tx.ExecContext(ctx, text, c.From.ID, c.Into.ID, c.Effective.Year())
	if err != nil {
		return nil, fmt.Errorf("move targets: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return nil, err
	}
	return []region.Moved{{What: "target", How: how, From: c.From.Code, To: c.Into.Code, Count: n}}, nil
}
