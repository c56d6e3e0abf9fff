package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
)

var (
	errRefused = fault.New(fault.Conflict, "refused")
	errBroken  = errors.New("broken")
)

// notes writes each text as a holiday's name, one a day, refuses "no" and breaks at "break".
type notes struct {
	db       *postgres.DB
	together *postgres.Together[string, string]
	most     atomic.Int64 // texts in one transaction
	hold     chan struct{}
}

func newNotes(t *testing.T) *notes {
	n := &notes{db: pgtest.New(t)}
	n.together = postgres.NewTogether(n.db, n.write)
	return n
}

func (n *notes) write(ctx context.Context, tx *sqlx.Tx, asked []postgres.Asked[string]) ([]postgres.Answer[string], error) {
	n.most.Store(max(n.most.Load(), int64(len(asked))))
	answers := make([]postgres.Answer[string], len(asked))
	for i, a := range asked {
		switch a.What {
		case "hold":
			<-n.hold
		case "no":
			answers[i].Err = errRefused
			continue
		case "break":
			return nil, errBroken
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO holidays (day, name, kind) SELECT '2100-01-01'::date + count(*)::int, $1, 'national' FROM holidays`, a.What)
		if err != nil {
			return nil, err
		}
		answers[i].Value = a.Who.Name + " " + a.What
	}
	return answers, nil
}

func (n *notes) count(t *testing.T) (count int) {
	t.Helper()
	err := postgres.Read(t.Context(), n.db, access.System, func(tx *sqlx.Tx) error {
		return tx.GetContext(t.Context(), &count, `SELECT count(*) FROM holidays WHERE day >= '2100-01-01'`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func keyed(t *testing.T, id string, digest byte) (context.Context, *postgres.Key) {
	key := &postgres.Key{ID: id, Digest: [32]byte{digest}}
	return postgres.WithKey(t.Context(), key), key
}

func TestTogetherEachIsDoneRefusedOrBrokenByItself(t *testing.T) {
	t.Parallel()
	n := newNotes(t)
	const clients, each = 12, 8
	var written atomic.Int64
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			who := access.Actor{ID: int64(c + 1), Name: fmt.Sprint("client", c), Role: access.Planner, Reach: access.Nation}
			for i := range each {
				ctx, _ := keyed(t, fmt.Sprint("key", i), 0) // keys are each actor's own
				text := []string{"yes", "no", "break", "fine"}[i%4]
				got, err := n.together.Once(ctx, who, text)
				switch text {
				case "no":
					if !errors.Is(err, errRefused) {
						t.Errorf("%q = %v, want the refusal", text, err)
					}
				case "break":
					if !errors.Is(err, errBroken) {
						t.Errorf("%q = %v, want its own error", text, err)
					}
				default:
					written.Add(1)
					if want := who.Name + " " + text; err != nil || got != want {
						t.Errorf("%q = %q, %v, want %q", text, got, err, want)
					}
				}
			}
		})
	}
	wg.Wait()
	if got := n.count(t); got != int(written.Load()) || got != clients*each/2 {
		t.Errorf("%d rows for %d answers", got, written.Load())
	}
	if n.most.Load() < 2 {
		t.Errorf("no transaction was shared by %d clients", clients)
	}
}

func TestTogetherAKeyActsOnce(t *testing.T) {
	t.Parallel()
	n := newNotes(t)
	who := actor(access.Planner, "00")
	var replayed atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			ctx, key := keyed(t, "k", 1)
			if got, err := n.together.Once(ctx, who, "yes"); err != nil || got != who.Name+" yes" {
				t.Errorf("once = %q, %v", got, err)
			}
			if key.Replayed {
				replayed.Add(1)
			}
		})
	}
	wg.Wait()
	if n.count(t) != 1 || replayed.Load() != 9 {
		t.Errorf("%d rows and %d repeated answers, want 1 and 9", n.count(t), replayed.Load())
	}
	ctx, _ := keyed(t, "k", 2)
	if _, err := n.together.Once(ctx, who, "other"); !errors.Is(err, postgres.ErrKeyReused) {
		t.Errorf("the key for something else: %v, want ErrKeyReused", err)
	}
	// What was refused has not happened, so its key is free.
	ctx, _ = keyed(t, "free", 1)
	if _, err := n.together.Once(ctx, who, "no"); !errors.Is(err, errRefused) {
		t.Errorf("once = %v, want the refusal", err)
	}
	ctx, _ = keyed(t, "free", 2)
	if _, err := n.together.Once(ctx, who, "yes"); err != nil {
		t.Errorf("once after a refusal = %v", err)
	}
	// Once and Together know each other's keys.
	ctx, _ = keyed(t, "k", 1)
	got, err := postgres.Once(ctx, n.db, who, func(*sqlx.Tx) (string, error) { return "again", nil })
	if err != nil || got != who.Name+" yes" {
		t.Errorf("Once after Together = %q, %v", got, err)
	}
}

func TestTogetherOvertakesWhatIsHeldUp(t *testing.T) {
	t.Parallel()
	n := newNotes(t)
	n.hold = make(chan struct{})
	who := actor(access.Planner, "00")
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := n.together.Once(t.Context(), who, "hold"); err != nil {
			t.Errorf("the one held up: %v", err)
		}
	})
	for n.most.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := n.together.Once(t.Context(), who, "yes"); err != nil {
		t.Errorf("the one behind it: %v", err)
	}
	// Who stops waiting is told so at once.
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() {
		if _, err := n.together.Once(ctx, who, "hold"); !errors.Is(err, context.Canceled) {
			t.Errorf("the one who went away: %v", err)
		}
	})
	time.Sleep(10 * time.Millisecond)
	cancel()
	time.Sleep(10 * time.Millisecond)
	close(n.hold)
	wg.Wait()
}
