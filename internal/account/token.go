package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// A secret is the prefix, by which people and scanners of leaked secrets know it, and 32 random bytes in base64url.
const (
	secretPrefix = "blk_"
	secretBytes  = 32
)

// Days that a token can last.
const (
	defaultTokenDays = 90
	longestTokenDays = 366
)

// mostTokens is how many tokens of one user can be in force.
const mostTokens = 50

var (
	ErrTokenInvalid  = fault.New(fault.Unauthenticated, "token-invalid") // forged, expired, revoked, or its user disabled
	ErrTokenUnknown  = fault.New(fault.NotFound, "token-unknown")
	ErrTooManyTokens = fault.New(fault.Conflict, "too-many-tokens") // most
)

// Token lets a program act as its user until it expires or is revoked.
type Token struct {
	ID        int64      `json:"id" db:"id"`
	Name      string     `json:"name" db:"name"`
	CreatedAt time.Time  `json:"created_at" db:"created_at"`
	ExpiresAt time.Time  `json:"expires_at" db:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at,omitempty" db:"revoked_at"`
}

// IssuedToken is a token with its secret, which is nowhere kept.
type IssuedToken struct {
	Token
	Secret string `json:"secret" doc:"shown once; empty when this answer is a repeated one"`
}

// NewToken is a token to be.
type NewToken struct {
	Name string `json:"name" doc:"what it is for"`
	Days int    `json:"days,omitempty" doc:"until it expires, 1 to 366; 90 when absent"`
}

// ActorOfToken returns who the program with that secret acts as, or ErrTokenInvalid.
func (a *Accounts) ActorOfToken(ctx context.Context, secret string) (access.Actor, error) {
	rest, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok || len(rest) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return access.Actor{}, ErrTokenInvalid
	}
	who, err := a.tokens.Ask(ctx, digest(secret))
	if err == nil && who == (access.Actor{}) {
		err = ErrTokenInvalid
	}
	return who, err
}

// actorsOfTokens says who tokens act as, in one round trip; nobody for one that is not good.
func (a *Accounts) actorsOfTokens(ctx context.Context, digests [][]byte) ([]access.Actor, error) {
	actors := make([]access.Actor, len(digests))
	err := a.db.LookupAll(ctx, `SELECT number, id, username, role, reach FROM actors_of_tokens($1, $2)`, []any{pq.Array(digests), a.now()}, func(rows *sql.Rows) error {
		var number int
		var who access.Actor
		if err := rows.Scan(&number, &who.ID, &who.Name, &who.Role, &who.Reach); err != nil {
			return err
		}
		actors[number-1] = who
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find out who asks: %w", err)
	}
	return actors, nil
}

// A secret has 256 random bits, so a plain digest is as good as a slow one.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// AddToken makes a token by which programs act as who. Its secret is in this answer and nowhere else: asked again
// under the same Idempotency-Key, the answer comes without it.
func (a *Accounts) AddToken(ctx context.Context, who access.Actor, in NewToken) (IssuedToken, error) {
	if err := ownTokens(who); err != nil {
		return IssuedToken{}, err
	}
	days := in.Days
	if days == 0 {
		days = defaultTokenDays
	}
	var wrong fault.Fields
	checkText(&wrong, "body.name", in.Name)
	if days < 1 || days > longestTokenDays {
		wrong.Add("body.days", "out-of-range", in.Days, "least", 1, "most", longestTokenDays)
	}
	if err := wrong.Err(); err != nil {
		return IssuedToken{}, err
	}
	random := make([]byte, secretBytes)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	secret := secretPrefix + base64.RawURLEncoding.EncodeToString(random)
	added := false
	token, err := postgres.Once(ctx, a.db, who, func(tx *sqlx.Tx) (Token, error) {
		added = true
		return a.addToken(ctx, tx, who, in.Name, days, digest(secret))
	})
	if err != nil || !added {
		return IssuedToken{Token: token}, err
	}
	return IssuedToken{Token: token, Secret: secret}, nil
}

func (a *Accounts) addToken(ctx context.Context, tx *sqlx.Tx, who access.Actor, name string, days int, digest []byte) (Token, error) {
	// Locking the user lets two additions count one after the other.
	user, err := one(ctx, tx, `WHERE u.id = $1 AND u.disabled_at IS NULL FOR UPDATE OF u`, who.ID)
	if err != nil {
		return Token{}, postgres.NotFound(err, access.ErrSignIn)
	}
	now := a.instant()
	inForce := 0
	err = tx.GetContext(ctx, &inForce, `
		SELECT count(*)
		FROM tokens
		WHERE user_id = $1
		  AND revoked_at IS NULL
		  AND expires_at > $2`, who.ID, now)
	if err != nil {
		return Token{}, fmt.Errorf("count tokens: %w", err)
	}
	if inForce >= mostTokens {
		return Token{}, ErrTooManyTokens.With("most", mostTokens)
	}
	var token Token
	err = tx.GetContext(ctx, &token, `
		INSERT INTO tokens (region_id, user_id, name, digest, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		RETURNING id, name, created_at, expires_at, revoked_at`,
		user.regionID, who.ID, name, digest, now, now.AddDate(0, 0, days))
	if err != nil {
		return Token{}, fmt.Errorf("add token: %w", err)
	}
	return token, postgres.Audit(ctx, tx, who, user.regionID, "token.add", "token", token.ID, nil, token)
}

// RevokeToken ends a token of who; ending it again changes nothing. ErrTokenUnknown when who has no such token.
func (a *Accounts) RevokeToken(ctx context.Context, who access.Actor, id int64) (Token, error) {
	if err := ownTokens(who); err != nil {
		return Token{}, err
	}
	return postgres.Once(ctx, a.db, who, func(tx *sqlx.Tx) (Token, error) {
		var row struct {
			Token
			RegionID int `db:"region_id"`
		}
		err := tx.GetContext(ctx, &row, `
			SELECT id, name, created_at, expires_at, revoked_at, region_id
			FROM tokens
			WHERE id = $1
			  AND user_id = $2
			FOR UPDATE`, id, who.ID)
		if err != nil {
			return Token{}, postgres.NotFound(err, ErrTokenUnknown.With("id", id))
		}
		before, after := row.Token, row.Token
		if before.RevokedAt != nil {
			return before, nil
		}
		now := a.instant()
		after.RevokedAt = &now
		if _, err := tx.ExecContext(ctx, `UPDATE tokens SET revoked_at = $2 WHERE id = $1`, id, now); err != nil {
			return Token{}, fmt.Errorf("revoke token: %w", err)
		}
		return after, postgres.Audit(ctx, tx, who, row.RegionID, "token.revoke", "token", id, before, after)
	})
}

type byNewestToken struct {
	ID int64 `json:"token_id"`
}

// ListTokens returns the tokens of who, newest first, also those that are over.
func (a *Accounts) ListTokens(ctx context.Context, who access.Actor, p postgres.Paging) (page postgres.Page[Token], err error) {
	if err := ownTokens(who); err != nil {
		return page, err
	}
	var last byNewestToken
	rows, err := p.Resume(&last)
	if err != nil {
		return page, err
	}
	var found []Token
	err = postgres.Read(ctx, a.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &found, `
			SELECT id, name, created_at, expires_at, revoked_at
			FROM tokens
			WHERE user_id = $1
			  AND ($2 = 0 OR id < $2)
			ORDER BY id DESC
			LIMIT $3`, who.ID, last.ID, rows)
	})
	if err != nil {
		return page, fmt.Errorf("list tokens: %w", err)
	}
	return postgres.NewPage(p, found, func(t Token) byNewestToken { return byNewestToken{t.ID} })
}

// ownTokens also turns away jobs, which are no user.
func ownTokens(who access.Actor) error {
	if who.ID == 0 {
		return access.ErrSignIn
	}
	return who.May(access.OwnTokens)
}

// tokensFollow keeps the tokens of a changed user within the user's region, and ends them for good when the user is
// disabled.
func tokensFollow(ctx context.Context, tx *sqlx.Tx, user User) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE tokens
		SET region_id = $2, revoked_at = coalesce(revoked_at, $3::timestamptz)
		WHERE user_id = $1`, user.ID, user.regionID, user.DisabledAt)
	if err != nil {
		return fmt.Errorf("let tokens follow their user: %w", err)
	}
	return nil
}
