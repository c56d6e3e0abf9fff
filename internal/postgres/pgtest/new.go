package pgtest

import (
	"context"
	"net/url"
	"testing"

	"blangko/internal/postgres"
	"blangko/migrations"
)

// serverPassword is that of the server's role in test clusters.
const serverPassword = "only-for-tests"

// New returns a migrated database of the test's own, as the server's role sees it, and drops it when the test ends.
func New(t testing.TB) *postgres.DB {
	t.Helper()
	db, _ := NewWithOwner(t)
	return db
}

// NewWithOwner returns the database of New and the address of its superuser, for tests that look behind the server.
func NewWithOwner(t testing.TB) (*postgres.DB, string) {
	t.Helper()
	admin := FromTemplate(t, migrations.Hash(), func(adminURL string) error {
		return migrations.Up(context.Background(), adminURL, serverPassword)
	})
	db, err := postgres.Open(t.Context(), AsServer(t, admin), 8)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	return db, admin
}

// AsServer is the address of the same database for the server's role.
func AsServer(t testing.TB, adminURL string) string {
	t.Helper()
	u, err := url.Parse(adminURL)
	if err != nil {
		t.Fatalf("parse %q: %v", adminURL, err)
	}
	u.User = url.UserPassword(postgres.Server, serverPassword)
	return u.String()
}
