package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Step is one change of a document: who did what, when, and how it was before and after.
type Step struct {
	At     time.Time       `json:"at" db:"at"`
	Actor  string          `json:"actor" db:"actor"`
	Action string          `json:"action" db:"action"`
	Before json.RawMessage `json:"before,omitempty" db:"before"`
	After  json.RawMessage `json:"after,omitempty" db:"after"`
}

// history reads the trail of one document, oldest first.
func history(ctx context.Context, tx *sqlx.Tx, noun string, id int64) ([]Step, error) {
	steps := []Step{}
	err := tx.SelectContext(ctx, &steps, `
		SELECT at, actor, action, coalesce(before, 'null') AS before, coalesce(after, 'null') AS after
		FROM audit
		WHERE noun = $1 AND noun_id = $2::text
		ORDER BY id`, noun, id)
	if err != nil {
		return nil, fmt.Errorf("read history of %s %d: %w", noun, id, err)
	}
	return steps, nil
}
