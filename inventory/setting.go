package inventory

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Settings of this package, with what holds while nobody has set them.
const (
	verifyFirst      = "requests.verification" // whether the province verifies before the planner approves; false
	discrepancyDays  = "discrepancies.days"    // days the sender has for an answer; 7
	requestTolerance = "requests.tolerance"    // part by which a request may depart from the suggestion unexplained; 0.10
	requestQuantile  = "requests.quantile"     // quantile of demand that a suggestion covers: 0.5, 0.8, 0.9 or 0.95; 0.9
	boxPieces        = "allocations.box"       // pieces in a box; 500
)

// setting reads what an administrator has set, or the default.
func setting[T any](ctx context.Context, tx *sqlx.Tx, name string, otherwise T) (T, error) {
	var text []string
	if err := tx.SelectContext(ctx, &text, `SELECT value::text FROM settings WHERE name = $1`, name); err != nil {
		return otherwise, fmt.Errorf("read setting %s: %w", name, err)
	}
	if len(text) == 0 {
		return otherwise, nil
	}
	value := otherwise
	if err := json.Unmarshal([]byte(text[0]), &value); err != nil {
		return otherwise, fmt.Errorf("read setting %s: %w", name, err)
	}
	return value, nil
}
