// Package account keeps who may sign in: users with a role and a region, their passwords, the tokens of their
// programs, and the trail of what people changed.
//
// A password is kept as an argon2id hash and a token as a SHA-256 digest, so that who reads the database can sign in
// as nobody. A sign-in that fails says neither why nor sooner for a name that does not exist. Disabling a user takes
// effect with the next request, and ends every token for good.
package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Accounts is the register of users.
type Accounts struct {
	db       *postgres.DB
	now      func() time.Time
	throttle *throttle
	tokens   *postgres.Gather[[]byte, access.Actor]
}

// New returns the register kept in db. Failed sign-ins are counted by each process for itself.
func New(db *postgres.DB, now func() time.Time) *Accounts {
	a := &Accounts{db: db, now: now, throttle: newThrottle(now)}
	a.tokens = postgres.NewGather(db, a.actorsOfTokens)
	return a
}

// Actor returns who a session stands for, with the role and the reach of this moment: the code that the user's region
// has today. It returns access.ErrSignIn when the user is disabled or got another password after signedIn, the instant
// of the sign-in that the session remembers.
func (a *Accounts) Actor(ctx context.Context, userID int64, signedIn time.Time) (access.Actor, error) {
	return a.lookup(ctx, `SELECT id, username, role, reach FROM actor_of_session($1, $2)`, access.ErrSignIn, userID, signedIn)
}

// ActorNamed returns who the user of that name is, for commands: whoever may run them holds the database anyway. It
// returns ErrUserUnknown when there is none or it is disabled.
func (a *Accounts) ActorNamed(ctx context.Context, username string) (access.Actor, error) {
	return a.actor(ctx, `
		FROM users u
		LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
		WHERE u.username = $1
		  AND u.disabled_at IS NULL`, ErrUserUnknown.With("username", username), tidied(username))
}

// actor reads one actor. A user whose region is no more reaches nothing.
func (a *Accounts) actor(ctx context.Context, from string, absent error, args ...any) (access.Actor, error) {
	var who access.Actor
	err := postgres.Read(ctx, a.db, access.System, func(tx *sqlx.Tx) error {
		stmt, err := a.db.Prepared(ctx, tx, `SELECT u.id, u.username, u.role, coalesce(v.code, '')`+from)
		if err != nil {
			return err
		}
		return stmt.QueryRowContext(ctx, args...).Scan(&who.ID, &who.Name, &who.Role, &who.Reach)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return access.Actor{}, absent
	case err != nil:
		return access.Actor{}, fmt.Errorf("read actor: %w", err)
	}
	return who, nil
}

// lookup finds out who asks, before any reach is set, in one round trip.
func (a *Accounts) lookup(ctx context.Context, query string, absent error, args ...any) (access.Actor, error) {
	var who access.Actor
	err := a.db.Lookup(ctx, query, args, &who.ID, &who.Name, &who.Role, &who.Reach)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return access.Actor{}, absent
	case err != nil:
		return access.Actor{}, fmt.Errorf("find out who asks: %w", err)
	}
	return who, nil
}

// instant is now as the database keeps it, so that what is written is not later than what is asked next.
func (a *Accounts) instant() time.Time { return a.now().Truncate(time.Microsecond) }
