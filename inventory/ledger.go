package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// What the ledger refuses. The codes are those that the SQL function post raises.
var (
	ErrShort       = fault.New(fault.Conflict, "insufficient-stock")
	ErrOpening     = fault.New(fault.Conflict, "before-opening")
	ErrClosed      = fault.New(fault.Conflict, "place-closed")
	ErrSpans       = fault.New(fault.Invalid, "move-spans-regions")
	ErrReversed    = fault.New(fault.Conflict, "already-reversed")
	ErrMoveUnknown = fault.New(fault.NotFound, "move-unknown")
)

var refusals = []*fault.Fault{ErrShort, ErrOpening, ErrClosed, ErrSpans, ErrPlaceUnknown, ErrPeriodClosed}

// posting is a move as the SQL function post takes it.
type posting struct {
	Kind      MoveKind      `json:"kind"`
	Document  string        `json:"document"`
	Date      string        `json:"date"`
	Reason    string        `json:"reason,omitempty"`
	Reverses  int64         `json:"reverses,omitempty"`
	Synthetic bool          `json:"synthetic,omitempty"`
	Lines     []postingLine `json:"lines"`
}

type postingLine struct {
	Item          int       `json:"item"`
	Lot           int       `json:"lot"`
	From          int       `json:"from"`
	FromCondition Condition `json:"from_condition"`
	To            int       `json:"to"`
	ToCondition   Condition `json:"to_condition"`
	Purpose       Purpose   `json:"purpose,omitempty"`
	Pieces        int64     `json:"pieces"`
}

// posted is what the ledger gave a move.
type posted struct {
	RegionID int       `db:"region_id"`
	ID       int64     `db:"id"`
	At       time.Time `db:"at"`
}

// reach says how far a posting may go beyond the actor's reach.
type reach int

const (
	within reach = iota // both ends lie within the actor's reach
	across              // what is given may go to a place beyond it: a dispatch, a loan
	agreed              // one place of each move lies within it: a step of a document that both ends have signed
)

// post is the one writer of the ledger: all moves of the batch or none, in one call.
func post(ctx context.Context, db *postgres.DB, tx *sqlx.Tx, far reach, batch ...posting) ([]posted, error) {
	text, err := json.Marshal(batch)
	if err != nil {
		return nil, fmt.Errorf("encode posting: %w", err)
	}
	stmt, err := db.Prepared(ctx, tx, `SELECT region_id, id, at FROM post($1, $2, $3)`)
	if err != nil {
		return nil, err
	}
	var done []posted
	if err := stmt.SelectContext(ctx, &done, string(text), far == across, far == agreed); err != nil {
		return nil, refusal(err)
	}
	return done, nil
}

// refusal turns what post refused into the fault of that code, with its facts.
func refusal(err error) error {
	var e *pq.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("post: %w", err)
	}
	switch {
	case e.Constraint == "moves_reversed_once":
		return ErrReversed
	case e.Constraint == "balances_blanks_not_negative":
		return ErrShort
	case e.Code != "BL001":
		return fmt.Errorf("post: %w", err)
	}
	for _, f := range refusals {
		if f.Code == e.Message {
			return f.With(detailFacts(e.Detail)...)
		}
	}
	return fmt.Errorf("post: %w", err)
}

func detailFacts(detail string) []any {
	var facts map[string]any
	if err := json.Unmarshal([]byte(detail), &facts); err != nil {
		return []any{"detail", detail}
	}
	var pairs []any
	for name, value := range facts {
		pairs = append(pairs, name, value)
	}
	return pairs
}
