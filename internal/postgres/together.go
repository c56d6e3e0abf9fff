package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
)

// Together is Once for writes that come in crowds: those that are asked for at the same moment share one transaction,
// and with it the round trips, the locks and the wait for the disk. Nobody waits for company: whoever comes while a
// transaction is under way rides in the next, and one that is held up is overtaken. Each ask keeps its own Idempotency-Key, is refused or done by itself, and
// is answered only when the transaction that holds it is durable.
type Together[Q, A any] struct {
	db *DB
	do func(ctx context.Context, tx *sqlx.Tx, asked []Asked[Q]) ([]Answer[A], error)

	mu      sync.Mutex
	waiting []*rider[Q, A]
	flying  int
}

// Asked is what one actor asks for.
type Asked[Q any] struct {
	Who  access.Actor
	What Q
}

// Answer is what came of it: a value, or why there is none.
type Answer[A any] struct {
	Value A
	Err   error
}

// One transaction at a time makes the largest ones. After patience another begins beside it, since somebody else's lock
// may hold it up; mostRiders bounds how long the last to board waits for the others.
const (
	mostRiders = 64
	patience   = 200 * time.Millisecond
	mostFlying = 4
)

// flightTime bounds a transaction, which goes on when one of those who wait for it goes away.
const flightTime = 30 * time.Second

// rider is one ask on its way. The transaction writes key and answer, so whoever asked reads them after landed alone.
type rider[Q, A any] struct {
	Asked[Q]
	gone   <-chan struct{} // closed when nobody waits for the answer any more
	key    *Key            // a copy; nil without one
	answer Answer[A]
	landed chan struct{}
}

// NewTogether returns the writes that do does. It runs as access.System and is given the actor of each ask, whose reach
// it must keep to; it answers every ask, in order, and may be called again for the same asks as fn of Write may. An
// error of its own undoes them all, and each is then tried alone.
func NewTogether[Q, A any](db *DB, do func(ctx context.Context, tx *sqlx.Tx, asked []Asked[Q]) ([]Answer[A], error)) *Together[Q, A] {
	return &Together[Q, A]{db: db, do: do}
}

// Once does what is asked, once for the Key that ctx carries, as the function Once.
func (t *Together[Q, A]) Once(ctx context.Context, who access.Actor, what Q) (A, error) {
	r := &rider[Q, A]{Asked: Asked[Q]{who, what}, gone: ctx.Done(), landed: make(chan struct{})}
	key := KeyOf(ctx)
	if key != nil {
		own := *key
		r.key = &own
	}
	t.mu.Lock()
	t.waiting = append(t.waiting, r)
	t.mu.Unlock()
	t.begin(1)
	slow := time.NewTimer(patience)
	defer slow.Stop()
	for landed := false; !landed; {
		select {
		case <-r.landed:
			landed = true
		case <-slow.C:
			t.begin(mostFlying)
		case <-ctx.Done():
			var none A
			return none, ctx.Err() // it may still happen; asking again with the key tells
		}
	}
	if key != nil {
		key.Replayed = r.key.Replayed
	}
	return r.answer.Value, r.answer.Err
}

// begin lets another transaction begin when somebody waits and fewer than most are under way.
func (t *Together[Q, A]) begin(most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) > 0 && t.flying < most {
		t.flying++
		t.db.background.Go(t.fly)
	}
}

// fly takes those who wait until nobody does.
func (t *Together[Q, A]) fly() {
	for {
		riders := t.board()
		if len(riders) == 0 {
			return
		}
		if err := t.carry(riders); err != nil {
			for _, r := range riders {
				r.answer = Answer[A]{Err: err}
				if len(riders) > 1 {
					if err := t.carry([]*rider[Q, A]{r}); err != nil {
						r.answer = Answer[A]{Err: err}
					}
				}
			}
		}
		for _, r := range riders {
			close(r.landed)
		}
	}
}

// board takes the next riders, two of the same key never together: the second must find the answer of the first.
func (t *Together[Q, A]) board() []*rider[Q, A] {
	t.mu.Lock()
	defer t.mu.Unlock()
	var riders, left []*rider[Q, A]
	seen := map[owned]bool{}
	for _, r := range t.waiting {
		select {
		case <-r.gone:
			continue
		default:
		}
		if len(riders) == mostRiders || r.key != nil && seen[r.owned()] {
			left = append(left, r)
			continue
		}
		if r.key != nil {
			seen[r.owned()] = true
		}
		riders = append(riders, r)
	}
	t.waiting = left
	if len(riders) == 0 {
		t.flying--
	}
	return riders
}

// owned is a key with whose it is.
type owned struct {
	actor int64
	key   string
}

func (r *rider[Q, A]) owned() owned { return owned{r.Who.ID, r.key.ID} }

// carry brings riders through one transaction and leaves each with an answer, or none of them done and an error.
func (t *Together[Q, A]) carry(riders []*rider[Q, A]) error {
	ctx, cancel := context.WithTimeout(context.Background(), flightTime)
	defer cancel()
	var fresh map[owned]bool
	begin := func(ctx context.Context, tx *sqlx.Tx, _ access.Actor) (err error) {
		fresh, err = t.claim(ctx, tx, riders)
		return err
	}
	return t.db.write(ctx, access.System, begin, func(tx *sqlx.Tx) error {
		var asking []*rider[Q, A]
		var asked []Asked[Q]
		for _, r := range riders {
			if r.key == nil || fresh[r.owned()] {
				asking, asked = append(asking, r), append(asked, r.Asked)
				continue
			}
			r.answer.Value, r.answer.Err = replay[A](ctx, tx, r.Who, r.key)
			if _, refused := fault.As(r.answer.Err); r.answer.Err != nil && !refused {
				return r.answer.Err
			}
		}
		if len(asking) == 0 {
			return nil
		}
		answers, err := t.do(ctx, tx, asked)
		if err != nil {
			return err
		}
		for i, r := range asking {
			r.answer = answers[i]
		}
		return t.keep(ctx, tx, asking)
	})
}

// claim takes on the system and claims the keys of all riders in one round trip, in their order, so that two flights
// wait instead of deadlocking. It tells which are ours to answer.
func (t *Together[Q, A]) claim(ctx context.Context, tx *sqlx.Tx, riders []*rider[Q, A]) (map[owned]bool, error) {
	var actors []int64
	var keys []string
	var digests [][]byte
	for _, r := range riders {
		if r.key != nil {
			actors, keys, digests = append(actors, r.Who.ID), append(keys, r.key.ID), append(digests, r.key.Digest[:])
		}
	}
	stmt, err := t.db.Prepared(ctx, tx, `SELECT act_as($1, $2, $3), set_config('role', $4, true), claim_all($5, $6, $7)`)
	if err != nil {
		return nil, err
	}
	var acting, role string
	var fresh []bool
	who := access.System
	err = stmt.QueryRowContext(ctx, who.ID, who.Name, who.Reach, roleOf(who), pq.Array(actors), pq.Array(keys), pq.Array(digests)).
		Scan(&acting, &role, pq.Array(&fresh))
	if err != nil {
		return nil, fmt.Errorf("claim idempotency keys: %w", err)
	}
	ours := map[owned]bool{}
	for i, is := range fresh {
		ours[owned{actors[i], keys[i]}] = is
	}
	return ours, nil
}

// keep stores the answers under their keys. What was refused has not happened: its key is free again.
func (t *Together[Q, A]) keep(ctx context.Context, tx *sqlx.Tx, riders []*rider[Q, A]) error {
	var actors []int64
	var keys []string
	var answers []sql.NullString // null for what was refused
	for _, r := range riders {
		if r.key == nil {
			continue
		}
		text, err := json.Marshal(r.answer.Value)
		if err != nil {
			return fmt.Errorf("encode answer: %w", err)
		}
		actors, keys = append(actors, r.Who.ID), append(keys, r.key.ID)
		answers = append(answers, sql.NullString{String: string(text), Valid: r.answer.Err == nil})
	}
	if len(keys) == 0 {
		return nil
	}
	stmt, err := t.db.Prepared(ctx, tx, `SELECT keep_all($1, $2, $3)`)
	if err != nil {
		return err
	}
	if _, err := stmt.ExecContext(ctx, pq.Array(actors), pq.Array(keys), pq.Array(answers)); err != nil {
		return fmt.Errorf("keep answers: %w", err)
	}
	return nil
}
