package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
)

type requestInContext struct{}

// WithRequestID lets what is audited under ctx be found by the id of the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestInContext{}, id)
}

// RequestID returns the id of the request that ctx serves, "" outside one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestInContext{}).(string)
	return id
}

// Audit writes into the trail that who has changed something: the action, the noun and its id, and how it was before
// and after (nil for what was not there yet, or is no more), as JSON. It belongs in the transaction of the change.
// Keep secrets out of the JSON of before and after. The region must be within the reach of who.
func Audit[ID ~int | ~int64 | ~string](ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int, action, noun string, id ID, before, after any) error {
	was, err := jsonOrNull(before)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	is, err := jsonOrNull(after)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id, before, after, request_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		regionID, who.ID, who.Name, action, noun, fmt.Sprint(id), was, is, RequestID(ctx))
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// jsonOrNull gives JSON as text, since lib/pq sends bytes as bytea when parameters are binary.
func jsonOrNull(v any) (sql.NullString, error) {
	if v == nil {
		return sql.NullString{}, nil
	}
	text, err := json.Marshal(v)
	return sql.NullString{String: string(text), Valid: err == nil}, err
}

// Change is one line of the trail, for AuditAll.
type Change struct {
	RegionID      int
	Action, Noun  string
	ID            int64
	Before, After any
}

// AuditAll writes many changes into the trail in one statement, as Audit does one.
func AuditAll(ctx context.Context, tx *sqlx.Tx, who access.Actor, changes []Change) error {
	type row struct {
		Region int    `json:"region_id"`
		Action string `json:"action"`
		Noun   string `json:"noun"`
		ID     string `json:"noun_id"`
		Before any    `json:"before"`
		After  any    `json:"after"`
	}
	rows := make([]row, len(changes))
	for i, c := range changes {
		rows[i] = row{c.RegionID, c.Action, c.Noun, fmt.Sprint(c.ID), c.Before, c.After}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id, before, after, request_id)
		SELECT r.region_id, $2, $3, r.action, r.noun, r.noun_id, nullif(r.before, 'null'), nullif(r.after, 'null'), $4
		FROM jsonb_to_recordset($1::jsonb) AS r (region_id int, action text, noun text, noun_id text, before jsonb, after jsonb)`,
		string(text), who.ID, who.Name, RequestID(ctx))
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
