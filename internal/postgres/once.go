package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
)

// Key is the Idempotency-Key of one write together with the digest of what was asked, so that the same key with
// another body is found out.
type Key struct {
	ID       string
	Digest   [sha256.Size]byte
	Replayed bool // set by Once when the answer is an earlier one
}

type keyInContext struct{}

// WithKey lets the Once that runs under ctx be asked again without acting again.
func WithKey(ctx context.Context, key *Key) context.Context {
	return context.WithValue(ctx, keyInContext{}, key)
}

// KeyOf returns the key that ctx carries, nil when it carries none.
func KeyOf(ctx context.Context) *Key {
	key, _ := ctx.Value(keyInContext{}).(*Key)
	return key
}

// ErrKeyReused is the fault of an Idempotency-Key that stood for another request before.
var ErrKeyReused = fault.New(fault.Conflict, "idempotency-key-reused")

// Once runs fn as Write does and returns its answer. When ctx carries a Key of this actor that was used before, fn
// does not run and the first answer comes back, even after a crash: the claim of the key and the answer are kept
// inside the write's own transaction. The same key for another request is ErrKeyReused. Without a key it is Write.
func Once[T any](ctx context.Context, db *DB, who access.Actor, fn func(tx *sqlx.Tx) (T, error)) (T, error) {
	var answer T
	key := KeyOf(ctx)
	if key == nil {
		err := Write(ctx, db, who, func(tx *sqlx.Tx) (err error) {
			answer, err = fn(tx)
			return err
		})
		return answer, err
	}
	var fresh bool
	begin := func(ctx context.Context, tx *sqlx.Tx, who access.Actor) (err error) {
		fresh, err = claim(ctx, db, tx, who, key)
		return err
	}
	err := db.write(ctx, who, begin, func(tx *sqlx.Tx) (err error) {
		if !fresh {
			answer, err = replay[T](ctx, tx, who, key)
			return err
		}
		if answer, err = fn(tx); err != nil {
			return err
		}
		return keep(ctx, db, tx, who, key, answer)
	})
	return answer, err
}

// Answered returns the answer that the Key of ctx already has. A write that must load and decide before it opens its
// transaction asks this first, so that a repeat is answered before the changed state can refuse it.
func Answered[T any](ctx context.Context, db *DB, who access.Actor) (answer T, found bool, err error) {
	key := KeyOf(ctx)
	if key == nil {
		return answer, false, nil
	}
	err = Read(ctx, db, who, func(tx *sqlx.Tx) error {
		answer, err = replay[T](ctx, tx, who, key)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return answer, false, nil
	}
	return answer, err == nil, err
}

// claim takes on the actor and claims the key in one round trip. It waits for another transaction that holds the same
// key, and says whether the key is ours to answer.
func claim(ctx context.Context, db *DB, tx *sqlx.Tx, who access.Actor, key *Key) (fresh bool, err error) {
	stmt, err := db.Prepared(ctx, tx, `SELECT act_once($1, $2, $3, $4, $5), set_config('role', $6, true)`)
	if err != nil {
		return false, err
	}
	var role string
	err = stmt.QueryRowContext(ctx, who.ID, who.Name, who.Reach, key.ID, key.Digest[:], roleOf(who)).Scan(&fresh, &role)
	if err != nil {
		return false, fmt.Errorf("claim idempotency key: %w", err)
	}
	return fresh, nil
}

func replay[T any](ctx context.Context, tx *sqlx.Tx, who access.Actor, key *Key) (answer T, err error) {
	var kept struct {
		Digest []byte
		Answer []byte
	}
	err = tx.GetContext(ctx, &kept, `
		SELECT digest, answer
		FROM idempotency_keys
		WHERE actor_id = $1 AND key = $2`, who.ID, key.ID)
	if err != nil {
		return answer, fmt.Errorf("read kept answer: %w", err)
	}
	if !bytes.Equal(kept.Digest, key.Digest[:]) {
		return answer, ErrKeyReused.With("key", key.ID)
	}
	if err := json.Unmarshal(kept.Answer, &answer); err != nil {
		return answer, fmt.Errorf("decode kept answer: %w", err)
	}
	key.Replayed = true
	return answer, nil
}

func keep(ctx context.Context, db *DB, tx *sqlx.Tx, who access.Actor, key *Key, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	stmt, err := db.Prepared(ctx, tx, `
		UPDATE idempotency_keys
		SET answer = $3
		WHERE actor_id = $1 AND key = $2`)
	if err != nil {
		return err
	}
	result, err := stmt.ExecContext(ctx, who.ID, key.ID, string(text))
	return OneRow(result, err, errors.New("the claimed idempotency key is gone"))
}
