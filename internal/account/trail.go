package account

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Change is one line of the trail that postgres.Audit writes.
type Change struct {
	ID        int64           `json:"id" db:"id"`
	At        time.Time       `json:"at" db:"at"`
	ActorID   int64           `json:"actor_id" db:"actor_id" doc:"0 for jobs and commands"`
	Actor     string          `json:"actor" db:"actor" example:"admin"`
	Region    string          `json:"region" db:"region" doc:"code of today, empty when the region is no more"`
	Action    string          `json:"action" db:"action" example:"user.update"`
	Noun      string          `json:"noun" db:"noun" example:"user"`
	NounID    string          `json:"noun_id" db:"noun_id"`
	Before    json.RawMessage `json:"before" db:"before" doc:"null when it was not there yet"`
	After     json.RawMessage `json:"after" db:"after" doc:"null when it is no more"`
	RequestID string          `json:"request_id" db:"request_id"`
}

// TrailFilter chooses changes; its zero value chooses all.
type TrailFilter struct {
	Noun   string
	NounID string
	Actor  string    // username
	From   time.Time // at or after
	To     time.Time // before
}

type byNewestChange struct {
	At time.Time `json:"at"`
	ID int64     `json:"change_id"`
}

// Trail returns what was changed, newest first.
func (a *Accounts) Trail(ctx context.Context, who access.Actor, f TrailFilter, p postgres.Paging) (page postgres.Page[Change], err error) {
	if err := who.May(access.ReadAudit); err != nil {
		return page, err
	}
	var last byNewestChange
	rows, err := p.Resume(&last)
	if err != nil {
		return page, err
	}
	var found []Change
	err = postgres.Read(ctx, a.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &found, `
			SELECT t.id, t.at, t.actor_id, t.actor, coalesce(v.code, '') AS region, t.action, t.noun, t.noun_id,
			       coalesce(t.before, 'null') AS before, coalesce(t.after, 'null') AS after, t.request_id
			FROM audit t
			LEFT JOIN region_versions v ON v.region_id = t.region_id AND v.valid_to IS NULL
			WHERE ($1 = '' OR t.noun = $1)
			  AND ($2 = '' OR t.noun_id = $2)
			  AND ($3 = '' OR t.actor = $3)
			  AND ($4::timestamptz IS NULL OR t.at >= $4)
			  AND ($5::timestamptz IS NULL OR t.at < $5)
			  AND ($6 = 0 OR (t.at, t.id) < ($7::timestamptz, $6))
			ORDER BY t.at DESC, t.id DESC
			LIMIT $8`, f.Noun, f.NounID, f.Actor, orNull(f.From), orNull(f.To), last.ID, last.At, rows)
	})
	if err != nil {
		return page, fmt.Errorf("read trail: %w", err)
	}
	return postgres.NewPage(p, found, func(c Change) byNewestChange { return byNewestChange{At: c.At, ID: c.ID} })
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
