package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Accounts keeps the sessions of browsers as scs.CtxStore asks for it. They belong to no region, so these few
// statements need no reach and go to the pool itself: one round trip each, on every request.

// FindCtx returns what a session that has not expired remembers.
func (a *Accounts) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = a.db.Raw().QueryRowContext(ctx, `
		SELECT data
		FROM sessions
		WHERE token = $1
		  AND expiry > $2`, token, a.now()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return data, true, nil
}

// CommitCtx keeps a session. One that idles out is put off at most once a minute, so that reading writes nothing.
func (a *Accounts) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := a.db.Raw().ExecContext(ctx, `
		INSERT INTO sessions (token, data, expiry)
		SELECT $1::text, $2::bytea, $3::timestamptz
		WHERE NOT EXISTS (
			SELECT
			FROM sessions
			WHERE token = $1
			  AND data = $2
			  AND expiry BETWEEN $3::timestamptz - interval '1 minute' AND $3)
		ON CONFLICT (token) DO UPDATE
		SET data = excluded.data, expiry = excluded.expiry`, token, data, expiry)
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session; one that is no more is none to complain of.
func (a *Accounts) DeleteCtx(ctx context.Context, token string) error {
	if _, err := a.db.Raw().ExecContext(ctx, `DELETE FROM sessions WHERE token = $1`, token); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// Find, Commit and Delete complete scs.CtxStore; scs calls those with a context.
func (a *Accounts) Find(token string) ([]byte, bool, error) {
	return a.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (a *Accounts) Commit(token string, data []byte, expiry time.Time) error {
	return a.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (a *Accounts) Delete(token string) error { return a.DeleteCtx(context.Background(), token) }

// PurgeSessions drops the sessions that have expired and tells how many.
func (a *Accounts) PurgeSessions(ctx context.Context) (int64, error) {
	result, err := a.db.Raw().ExecContext(ctx, `DELETE FROM sessions WHERE expiry <= $1`, a.now())
	if err != nil {
		return 0, fmt.Errorf("purge sessions: %w", err)
	}
	return result.RowsAffected()
}
