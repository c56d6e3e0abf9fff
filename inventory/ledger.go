package inventory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// What the ledger refuses. The codes are those that the SQL function post gives back.
var (
	ErrShort       = fault.New(fault.Conflict, "insufficient-stock")
	ErrOpening     = fault.New(fault.Conflict, "before-opening")
	ErrClosed      = fault.New(fault.Conflict, "place-closed")
	ErrSpans       = fault.New(fault.Invalid, "move-spans-regions")
	ErrReversed    = fault.New(fault.Conflict, "already-reversed")
	ErrMoveUnknown = fault.New(fault.NotFound, "move-unknown")
)

var refusals = []*fault.Fault{ErrShort, ErrOpening, ErrClosed, ErrSpans, ErrPlaceUnknown, ErrPeriodClosed, postgres.ErrKeyReused}

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
	RegionID int
	ID       int64
	At       time.Time
}

// reach says how far a posting may go beyond the actor's reach.
type reach string

const (
	within reach = "within" // both ends lie within the actor's reach
	across reach = "across" // what is given may go to a place beyond it: a dispatch, a loan
	agreed reach = "agreed" // one place of each move lies within it: a step of a document that both ends have signed
)

// ask is what the SQL function post takes from one actor: all of its moves or none.
type ask struct {
	Actor *int64    `json:"actor,omitempty"` // that of the transaction when actor, name and reach are absent
	Name  *string   `json:"name,omitempty"`
	Reach *string   `json:"reach,omitempty"`
	Far   reach     `json:"far,omitempty"`
	Moves []posting `json:"moves"`
}

// post writes all moves of the batch or none, in one call, inside a transaction that has more to write. With postOnce it is the
// one writer of the ledger.
func post(ctx context.Context, db *postgres.DB, tx *sqlx.Tx, far reach, batch ...posting) (done []posted, err error) {
	text, err := jsonText([]ask{{Far: far, Moves: batch}})
	if err != nil {
		return nil, err
	}
	stmt, err := db.Prepared(ctx, tx, `SELECT region_id, id, at, refused, facts FROM post($1)`)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, text)
	if err != nil {
		return nil, breach(err)
	}
	defer rows.Close()
	for rows.Next() {
		var regionID, id sql.NullInt64
		var at sql.NullTime
		var code sql.NullString
		var facts []byte
		if err := rows.Scan(&regionID, &id, &at, &code, &facts); err != nil {
			return nil, fmt.Errorf("post: %w", err)
		}
		if code.Valid {
			return nil, refusal(code.String, facts)
		}
		done = append(done, posted{int(regionID.Int64), id.Int64, at.Time})
	}
	return done, breach(rows.Err())
}

// breach turns the breach of a constraint of the ledger into its fault.
func breach(err error) error {
	switch {
	case err == nil:
		return nil
	case postgres.Violates(err, "moves_reversed_once"):
		return ErrReversed
	case postgres.Violates(err, "balances_blanks_not_negative"):
		return ErrShort
	}
	return fmt.Errorf("post: %w", err)
}

// refusal is the fault of a code that post gives back, with its facts.
func refusal(code string, facts []byte) error {
	var named map[string]any
	if err := json.Unmarshal(facts, &named); err != nil {
		return fmt.Errorf("post refused with %s: %w", code, err)
	}
	var pairs []any
	for name, value := range named {
		pairs = append(pairs, name, value)
	}
	for _, f := range refusals {
		if f.Code == code {
			return f.With(pairs...)
		}
	}
	return fmt.Errorf("post refused with %s: %s", code, facts)
}
