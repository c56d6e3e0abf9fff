//go:build unix

package pgembed_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"blangko/internal/postgres/pgembed"
)

// place is a new directory below one that every account may enter.
func place(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/tmp", "pgembed-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parent) })
	return filepath.Join(parent, "data directory")
}

func TestTheSecondHolderJoinsAndTheLastOneStops(t *testing.T) {
	t.Parallel()
	dir := place(t)
	first, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	second, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Create(t.Context(), "blangko"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", second.URL("blangko"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var encoding, collation, zone, durable string
	err = db.QueryRow(`SELECT current_setting('server_encoding'), datcollate, current_setting('TimeZone'), current_setting('synchronous_commit')
		FROM pg_database WHERE datname = current_database()`).Scan(&encoding, &collation, &zone, &durable)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := [4]string{encoding, collation, zone, durable}, [4]string{"UTF8", "C", "UTC", "on"}; got != want {
		t.Errorf("encoding, collation, zone, synchronous_commit = %v, want %v", got, want)
	}
	if err := second.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(); err == nil {
		t.Error("PostgreSQL runs on after the last Close")
	}
}
