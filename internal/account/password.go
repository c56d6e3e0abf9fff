package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Bounds of a password, in characters after normalisation.
const (
	shortestPassword = 10
	longestPassword  = 128
)

// argon2id with 19 MiB, two passes and one lane: OWASP Password Storage Cheat Sheet (2024), second set.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	hashBytes = 32
)

// hashing lets two passwords be hashed at once: a crowd that signs in waits, and leaves memory and a core to others.
var hashing = make(chan struct{}, 2)

// argon waits for its turn and hashes.
func argon(ctx context.Context, secret, salt []byte) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
		return argon2.IDKey(secret, salt, passes, memoryKiB, lanes, hashBytes), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

// phc is what stands before salt and hash: the PHC string format (Steve Thomas, Password Hashing Competition, 2015).
var phc = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memoryKiB, passes, lanes)

// hash returns the password in PHC string format.
func hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	sum, err := argon(ctx, []byte(normal(password)), salt)
	if err != nil {
		return "", err
	}
	return phc + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum), nil
}

// nobody is the hash of no password: checking against it takes as long as against a real one.
var nobody = phc + base64.RawStdEncoding.EncodeToString(make([]byte, saltBytes)) + "$" +
	base64.RawStdEncoding.EncodeToString(make([]byte, hashBytes))

// matches reports whether the password is that of the hash. It does the same work whatever the answer.
func matches(ctx context.Context, password, kept string) (bool, error) {
	salt, want, err := parse(kept)
	if err != nil {
		return false, err
	}
	if utf8.RuneCountInString(password) > longestPassword {
		password = "" // of nobody; yet hashed, for the time it takes
	}
	got, err := argon(ctx, []byte(normal(password)), salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func parse(kept string) (salt, sum []byte, err error) {
	rest, ok := strings.CutPrefix(kept, phc)
	first, second, cut := strings.Cut(rest, "$")
	if !ok || !cut {
		return nil, nil, errors.New("a kept password hash is not of this program's parameters")
	}
	salt, err = base64.RawStdEncoding.DecodeString(first)
	if err != nil {
		return nil, nil, fmt.Errorf("salt of a kept password hash: %w", err)
	}
	sum, err = base64.RawStdEncoding.DecodeString(second)
	if err != nil {
		return nil, nil, fmt.Errorf("kept password hash: %w", err)
	}
	return salt, sum, nil
}

// normal gives the same bytes for the same characters, however a keyboard composes them (NIST SP 800-63B, 5.1.1.2).
func normal(password string) string { return norm.NFKC.String(password) }

// SetPassword gives a user another password, which ends the user's sessions.
func (a *Accounts) SetPassword(ctx context.Context, who access.Actor, id int64, password string) (User, error) {
	user, err := a.Get(ctx, who, id)
	if err != nil {
		return User{}, err
	}
	if err := slowKey(ctx); err != nil {
		return User{}, err
	}
	return a.setPassword(ctx, who, user, password)
}

// ChangePassword gives who another password, who proves to be there by the current one: else ErrSignInFailed. It ends
// all sessions of who; one that is to go on must remember a sign-in of now.
func (a *Accounts) ChangePassword(ctx context.Context, who access.Actor, current, password, address string) (User, error) {
	if who.ID == 0 {
		return User{}, access.ErrSignIn
	}
	if err := slowKey(ctx); err != nil {
		return User{}, err
	}
	// Asked again, the current password is another one.
	if user, answered, err := postgres.Answered[User](ctx, a.db, who); answered || err != nil {
		return user, err
	}
	user, err := a.Authenticate(ctx, who.Name, current, address)
	if err != nil {
		return User{}, err
	}
	return a.setPassword(ctx, who, user, password)
}

func (a *Accounts) setPassword(ctx context.Context, who access.Actor, user User, password string) (User, error) {
	var wrong fault.Fields
	checkPassword(&wrong, "body.password", password, user.Username)
	if err := wrong.Err(); err != nil {
		return User{}, err
	}
	kept, err := hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	return postgres.Once(ctx, a.db, who, func(tx *sqlx.Tx) (User, error) {
		result, err := tx.ExecContext(ctx, `
			UPDATE users
			SET password_hash = $2, password_set_at = $3
			WHERE id = $1`, user.ID, kept, a.instant())
		if err := postgres.OneRow(result, err, ErrUserUnknown); err != nil {
			return User{}, fmt.Errorf("set password: %w", err)
		}
		return user, postgres.Audit(ctx, tx, who, user.regionID, "user.password", "user", user.ID, nil, nil)
	})
}

func checkPassword(wrong *fault.Fields, location, password, username string) {
	password = normal(password)
	switch n := utf8.RuneCountInString(password); {
	case n < shortestPassword:
		wrong.Add(location, "too-short", nil, "least", shortestPassword)
	case n > longestPassword:
		wrong.Add(location, "too-long", nil, "most", longestPassword)
	case strings.EqualFold(password, username):
		wrong.Add(location, "same-as-username", nil)
	}
}

// slowKey makes the digest of a request that holds a password as costly to guess from as the password's own hash, since
// the digest is kept beside the answer. The same request under the same key has the same digest still.
func slowKey(ctx context.Context) error {
	key := postgres.KeyOf(ctx)
	if key == nil {
		return nil
	}
	sum, err := argon(ctx, key.Digest[:], []byte("idempotency-key "+key.ID))
	if err != nil {
		return err
	}
	copy(key.Digest[:], sum)
	return nil
}
