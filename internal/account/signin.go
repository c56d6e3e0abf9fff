package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

var (
	// ErrSignInFailed does not say whether the name, the password or the account is at fault.
	ErrSignInFailed = fault.New(fault.Unauthenticated, "sign-in-failed")
	// ErrTooManyAttempts comes before the password is looked at, also when it is right.
	ErrTooManyAttempts = fault.New(fault.Unauthenticated, "too-many-attempts") // retry_after, in seconds
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Username string `json:"username" maxLength:"100" example:"officer.12.71"`
	Password string `json:"password" maxLength:"1000" format:"password"`
}

// Authenticate returns the user of that name and password, or ErrSignInFailed, which it takes as long to say for a
// name nobody has and for a disabled user as for a wrong password. Attempts under one name, and from one address, are
// few a minute: past that, ErrTooManyAttempts. The address is an IP address; of IPv6 the first 64 bits count.
func (a *Accounts) Authenticate(ctx context.Context, username, password, address string) (User, error) {
	username = tidied(username)
	if err := a.throttle.attempt(username, address); err != nil {
		return User{}, err
	}
	id, kept, err := a.signingIn(ctx, username)
	if err != nil {
		return User{}, fmt.Errorf("sign in: %w", err)
	}
	right, err := matches(ctx, password, kept)
	if err != nil {
		return User{}, fmt.Errorf("sign in: %w", err)
	}
	if !right {
		return User{}, ErrSignInFailed
	}
	a.throttle.succeeded(username, address)
	return a.get(ctx, access.System, id)
}

// signingIn reads whom to check the password of: nobody, when there is no such user or it is disabled.
func (a *Accounts) signingIn(ctx context.Context, username string) (id int64, kept string, err error) {
	if !usernameForm.MatchString(username) {
		return 0, nobody, nil
	}
	err = postgres.Read(ctx, a.db, access.System, func(tx *sqlx.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT id, password_hash
			FROM users
			WHERE username = $1
			  AND disabled_at IS NULL`, username).Scan(&id, &kept)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nobody, nil
	}
	return id, kept, err
}

// tidied is the name as it is kept: phones like to begin it with a capital and to end it with a space.
func tidied(username string) string { return strings.ToLower(strings.TrimSpace(username)) }
