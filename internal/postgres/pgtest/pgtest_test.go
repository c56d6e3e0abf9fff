package pgtest_test

import (
	"database/sql"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"blangko/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestURL(t *testing.T) {
	for range 3 {
		began := time.Now()
		url := pgtest.URL(t)
		t.Log(time.Since(began))
		if err := open(t, url).Ping(); err != nil {
			t.Error(err)
		}
	}
}

func TestFromTemplate(t *testing.T) {
	build := func(url string) error {
		db := open(t, url)
		defer db.Close()
		_, err := db.Exec(`CREATE TABLE region (code text PRIMARY KEY); INSERT INTO region SELECT g::text FROM generate_series(1, 10000) g`)
		return err
	}
	for range 5 {
		began := time.Now()
		url := pgtest.FromTemplate(t, "regions", build)
		t.Log(time.Since(began))
		var n int
		if err := open(t, url).QueryRow(`SELECT count(*) FROM region`).Scan(&n); err != nil || n != 10000 {
			t.Error(n, err)
		}
	}
}
