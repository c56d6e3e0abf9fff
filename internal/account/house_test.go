package account_test

import (
	"sync"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// house is a database with the demo users, and a clock that only a test moves.
type house struct {
	*account.Accounts
	db    *postgres.DB
	clock *clock
	admin access.Actor
}

func open(t testing.TB) house {
	t.Helper()
	h := house{db: pgtest.New(t), clock: &clock{at: time.Now()}}
	h.Accounts = account.New(h.db, h.clock.now)
	if err := h.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.admin = h.named(t, "admin")
	return h
}

// named is the actor of that username.
func (h house) named(t testing.TB, username string) access.Actor {
	t.Helper()
	who, err := h.ActorNamed(t.Context(), username)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// user is the record of that username.
func (h house) user(t testing.TB, username string) account.User {
	t.Helper()
	user, err := h.Get(t.Context(), h.admin, h.named(t, username).ID)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// disable turns a user away.
func (h house) disable(t testing.TB, id int64, disabled bool) account.User {
	t.Helper()
	before, err := h.Get(t.Context(), h.admin, id)
	if err != nil {
		t.Fatal(err)
	}
	after, err := h.Update(t.Context(), h.admin, id, before.Version, account.UserChange{Disabled: &disabled})
	if err != nil {
		t.Fatal(err)
	}
	return after
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// key puts an Idempotency-Key over a request.
func key(id, request string) *postgres.Key {
	k := &postgres.Key{ID: id}
	copy(k.Digest[:], request)
	return k
}
