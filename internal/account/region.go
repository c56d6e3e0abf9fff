package account

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// MoveRegion takes the accounts' part in a split or merge: those of a region that has merged reach its heir, and of a
// region that was split those that were named reach the new one. Whoever reaches a kecamatan that goes over goes with it.
func (a *Accounts) MoveRegion(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) ([]region.Moved, error) {
	var users []struct {
		ID       int64
		Username string
	}
	err := tx.SelectContext(ctx, &users, `
		SELECT id, username
		FROM users
		WHERE region_id = $1 AND (NOT $2 OR username = ANY ($3))
		ORDER BY username`, c.From.ID, c.Splits(), pq.Array(c.Users))
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	known := map[string]bool{}
	var ids []int64
	moved := []region.Moved{}
	for _, u := range users {
		known[u.Username], ids = true, append(ids, u.ID)
		moved = append(moved, region.Moved{What: "user", How: "moved", From: c.From.Code, To: c.Into.Code, Name: u.Username, Count: 1})
	}
	for i, name := range c.Users {
		if !known[name] {
			return nil, fault.ErrInvalid.At(fmt.Sprintf("body.users[%d]", i), "not-under-region", name, "region", c.From.Code)
		}
	}
	for _, text := range []string{`UPDATE users SET region_id = $2, version = version + 1 WHERE id = ANY ($1)`,
		`UPDATE tokens SET region_id = $2 WHERE user_id = ANY ($1)`} {
		if _, err := tx.ExecContext(ctx, text, pq.Array(ids), c.Into.ID); err != nil {
			return nil, fmt.Errorf("move users: %w", err)
		}
	}
	for _, u := range users {
		if err := postgres.Audit(ctx, tx, who, c.Into.ID, "move", "user", u.ID, map[string]string{"region": c.From.Code}, map[string]string{"region": c.Into.Code}); err != nil {
			return nil, err
		}
	}
	return moved, nil
}
