package coverage

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/region"
)

// HiddenBeside is besideSmall for figures of one kind.
func HiddenBeside(ctx context.Context, tx *sqlx.Tx, codes []string, f Figure, since time.Time) (map[int64]bool, error) {
	return besideSmall(ctx, tx, codes, []Figure{f}, since)
}

// HiddenBesidePlainly is what besideSmall finds when it reads every figure of all times: what the quick one must agree with.
func HiddenBesidePlainly(ctx context.Context, tx *sqlx.Tx, codes []string, f Figure) (map[int64]bool, error) {
	var parents []string
	for _, code := range codes {
		parents = append(parents, region.Parent(code))
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT f.id, f.region_id, t.parent_id, f.subject, f.scope, f.people_group, f.as_of, f.people, f.have, f.lack, f.percent,
			least(f.sent, f.adjudication, f.duplicate, f.print_ready, f.interim_letters)
		FROM figures f
		JOIN regions_today t ON t.id = f.region_id AND t.level <= 4
		JOIN regions_today p ON p.id = t.parent_id AND p.level <= 4
		WHERE f.subject = $1 AND f.scope = $2 AND f.people_group = $3 AND f.status <> 'draft' AND p.code = ANY ($4)
		ORDER BY f.as_of, f.precision DESC, f.id`, f.Subject, f.Scope, f.Group, pq.Array(parents))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*sibling
	for rows.Next() {
		f := &sibling{}
		err := rows.Scan(&f.ID, &f.RegionID, &f.ParentID, &f.Subject, &f.Scope, &f.Group, &f.First, &f.People, &f.Have, &f.Lack, &f.Percent, &f.Sent)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return veil(found), rows.Err()
}

// Small reports whether the figure has a count that is hidden, or tells one.
func (n Numbers) Small() bool { return len(n.small()) > 0 }
