package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
)

func actor(role access.Role, reach string) access.Actor {
	return access.Actor{ID: 7, Name: string(role) + "." + reach, Role: role, Reach: reach}
}

// regencies counts the kabupaten/kota offices that who sees.
func regencies(t *testing.T, db *postgres.DB, who access.Actor) (n int) {
	t.Helper()
	err := postgres.Read(t.Context(), db, who, func(tx *sqlx.Tx) error {
		return tx.GetContext(t.Context(), &n, `SELECT count(*) FROM places WHERE kind = 'regency'`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachSeesTheirReach(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, c := range []struct {
		who  access.Actor
		want int
	}{
		{actor(access.Officer, "12.71"), 1},
		{actor(access.Officer, "12.7"), 0}, // 12.7 is no region, and no beginning of 12.71
		{actor(access.Province, "12"), 33},
		{actor(access.Province, "1"), 0},
		{actor(access.Planner, "00"), 514},
		{actor(access.Officer, "99.99"), 0},
		{actor(access.Officer, "12' OR true --"), 0},
		{actor(access.Officer, ""), 0},
		{access.Actor{}, 0},
	} {
		if got := regencies(t, db, c.who); got != c.want {
			t.Errorf("reach %q sees %d, want %d", c.who.Reach, got, c.want)
		}
	}
}

func TestAQueryWithoutAReachSeesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var n int
	if err := db.Raw().QueryRow(`SELECT count(*) FROM places`).Scan(&n); err != nil || n != 0 {
		t.Errorf("the server's role sees %d places without a reach (%v), want 0", n, err)
	}
}

func TestAPooledConnectionForgetsTheLastReach(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithOwner(t)
	db, err := postgres.Open(t.Context(), pgtest.AsServer(t, admin), 1) // one connection, used by all
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 3 {
		if got := regencies(t, db, actor(access.Planner, "00")); got != 514 {
			t.Errorf("planner sees %d", got)
		}
		if got := regencies(t, db, access.Actor{}); got != 0 {
			t.Errorf("nobody sees %d after the planner", got)
		}
		broken := errors.New("broken")
		if err := postgres.Write(t.Context(), db, actor(access.Province, "12"), func(*sqlx.Tx) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("write = %v", err)
		}
		var role, reach sql.NullString
		if err := db.Raw().QueryRow(`SELECT current_user, nullif(current_setting('blangko.reach', true), '')`).Scan(&role, &reach); err != nil || role.String != postgres.Server || reach.Valid {
			t.Errorf("after a failed write the connection is %q with reach %q (%v)", role.String, reach.String, err)
		}
	}
}

func TestManyActorsOnFewConnectionsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var wg sync.WaitGroup
	for who, want := range map[access.Actor]int{actor(access.Planner, "00"): 514, actor(access.Province, "12"): 33, actor(access.Officer, "12.71"): 1, {}: 0} {
		for range 4 {
			wg.Go(func() {
				for range 10 {
					if got := regencies(t, db, who); got != want {
						t.Errorf("%s sees %d, want %d", who.Name, got, want)
					}
				}
			})
		}
	}
	wg.Wait()
}

func TestTheServerOwnsNothingAndMayNotWriteTheLedger(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var owned int
	if err := db.Raw().QueryRow(`SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('blangko_server', 'blangko_nation')`).Scan(&owned); err != nil || owned != 0 {
		t.Errorf("the server's roles own %d relations (%v)", owned, err)
	}
	for _, text := range []string{
		`UPDATE balances SET pieces = 1`, `DELETE FROM moves`, `INSERT INTO chains (region_id, place_id) VALUES (1, 1)`,
		`ALTER TABLE moves DISABLE ROW LEVEL SECURITY`, `UPDATE entries SET pieces = 5`, `TRUNCATE move_lines`, `DELETE FROM audit`,
	} {
		err := postgres.Write(t.Context(), db, access.System, func(tx *sqlx.Tx) error {
			_, err := tx.ExecContext(t.Context(), text)
			return err
		})
		if err == nil {
			t.Errorf("the server may run %s", text)
		}
	}
}

// TestPlansUseTheIndex reads plans: a regional reach is an index condition, the nation no condition on the row at all.
func TestPlansUseTheIndex(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithOwner(t)
	owner, err := sql.Open("postgres", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	// Enough rows that a sequential scan would be the dear way.
	_, err = owner.Exec(`
		INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
		SELECT p.region_id, p.id, 1, date '2026-01-01' + d, 'use', -1 FROM places p, generate_series(0, 99) d;
		ANALYZE flows`)
	if err != nil {
		t.Fatal(err)
	}
	explain := func(who access.Actor) string {
		var lines []string
		err := postgres.Read(t.Context(), db, who, func(tx *sqlx.Tx) error {
			return tx.SelectContext(t.Context(), &lines, `EXPLAIN SELECT sum(pieces) FROM flows`)
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	if plan := explain(actor(access.Officer, "12.71")); !strings.Contains(plan, "Index Cond") || strings.Contains(plan, "Seq Scan on flows") {
		t.Errorf("an officer's plan does not use the index:\n%s", plan)
	}
	if plan := explain(actor(access.Planner, "00")); strings.Contains(plan, "Filter:") {
		t.Errorf("the nation's plan filters by row:\n%s", plan)
	}
}

func TestOnceIsForgottenWithItsTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	who := actor(access.Planner, "00")
	ctx := func() context.Context {
		return postgres.WithKey(t.Context(), &postgres.Key{ID: "k", Digest: [32]byte{1}})
	}
	broken := errors.New("broken")
	if _, err := postgres.Once(ctx(), db, who, func(*sqlx.Tx) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Fatalf("once = %v", err)
	}
	calls := 0
	act := func(*sqlx.Tx) (int, error) { calls++; return 42, nil }
	for range 3 {
		if got, err := postgres.Once(ctx(), db, who, act); err != nil || got != 42 {
			t.Errorf("once = %d, %v", got, err)
		}
	}
	if calls != 1 {
		t.Errorf("acted %d times, want 1", calls)
	}
	if got, found, err := postgres.Answered[int](ctx(), db, who); err != nil || !found || got != 42 {
		t.Errorf("answered = %d, %v, %v", got, found, err)
	}
	if _, found, err := postgres.Answered[int](postgres.WithKey(t.Context(), &postgres.Key{ID: "other"}), db, who); err != nil || found {
		t.Errorf("an unused key is answered: %v, %v", found, err)
	}
}
