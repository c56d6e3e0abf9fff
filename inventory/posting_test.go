package inventory_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

func (b bench) postKeyed(t *testing.T, who access.Actor, m inventory.NewMove, id string, digest byte) (inventory.Move, bool, error) {
	key := &postgres.Key{ID: id, Digest: [32]byte{digest}}
	got, err := b.ledger.Post(postgres.WithKey(t.Context(), key), who, m)
	return got, key.Replayed, err
}

// Those who post at the same moment share a transaction; each is done, refused or broken by itself.
func TestACrowdPostsTogetherAndEachByItself(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 1000)
	broken := use(office, public, 1)
	broken.Document = "LH\x00" // no text that a database can hold: known only there
	const clients, each = 12, 8
	var posted atomic.Int64
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			who := access.Actor{ID: int64(100 + c), Name: fmt.Sprint("client", c), Role: access.Store, Reach: "12.71"}
			for i := range each {
				key := fmt.Sprint("key", i) // keys are each actor's own
				var err error
				var got inventory.Move
				switch i % 4 {
				case 1:
					if _, _, err = b.postKeyed(t, who, use(office, public, 2000), key, 0); !errors.Is(err, inventory.ErrShort) {
						t.Errorf("more than there is: %v", err)
					}
				case 2:
					if _, _, err = b.postKeyed(t, who, broken, key, 0); !errors.Is(err, postgres.ErrText) {
						t.Errorf("a text with a NUL: %v", err)
					}
				default:
					if got, _, err = b.postKeyed(t, who, use(office, public, 1), key, 0); err != nil || got.Actor != who.Name {
						t.Errorf("posted as %q: %v", got.Actor, err)
					}
					posted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := b.held(t, office, inventory.Usable); got != 1000-posted.Load() || posted.Load() != clients*each/2 {
		t.Errorf("%d left after %d posted of 1000", got, posted.Load())
	}
	var moves, transactions int
	err := postgres.Read(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		return tx.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT xmin::text) FROM moves WHERE kind = 'use'`).Scan(&moves, &transactions)
	})
	if err != nil {
		t.Fatal(err)
	}
	if moves != int(posted.Load()) || transactions >= moves {
		t.Errorf("%d moves of %d in %d transactions: none was shared", moves, posted.Load(), transactions)
	}
	b.sound(t)
}

func TestAPostActsOnceForItsKey(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 100)
	one := use(office, public, 1)
	var first sync.Map
	var replays atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			got, replayed, err := b.postKeyed(t, medan, one, "k", 1)
			if err != nil {
				t.Error(err)
			}
			if replayed {
				replays.Add(1)
			}
			first.LoadOrStore("id", got.ID)
			if id, _ := first.Load("id"); id != got.ID || got.At.IsZero() || len(got.Lines) != 1 {
				t.Errorf("answers differ: %v and %+v", id, got)
			}
		})
	}
	wg.Wait()
	if got := b.held(t, office, inventory.Usable); got != 99 || replays.Load() != 9 {
		t.Errorf("%d left and %d repeated answers, want 99 and 9", got, replays.Load())
	}
	if _, _, err := b.postKeyed(t, medan, use(office, public, 2), "k", 2); !errors.Is(err, postgres.ErrKeyReused) {
		t.Errorf("the key for something else: %v", err)
	}
	if _, replayed, err := b.postKeyed(t, store, one, "k", 1); err != nil || replayed {
		t.Errorf("the same key of somebody else: %v, replayed %t", err, replayed)
	}
	// What was refused has not happened, so its key is free.
	if _, _, err := b.postKeyed(t, medan, use(office, public, 5000), "free", 3); !errors.Is(err, inventory.ErrShort) {
		t.Errorf("more than there is: %v", err)
	}
	if _, replayed, err := b.postKeyed(t, medan, one, "free", 4); err != nil || replayed {
		t.Errorf("after a refusal: %v, replayed %t", err, replayed)
	}
	// Every write of an actor knows the keys of the others.
	ctx := postgres.WithKey(t.Context(), &postgres.Key{ID: "k", Digest: [32]byte{1}})
	got, err := postgres.Once(ctx, b.db, medan, func(*sqlx.Tx) (inventory.Move, error) { return inventory.Move{}, sql.ErrNoRows })
	if id, _ := first.Load("id"); err != nil || got.ID != id {
		t.Errorf("Once after Post: %+v, %v", got, err)
	}
}
