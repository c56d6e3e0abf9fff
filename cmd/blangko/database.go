package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgembed"
	"blangko/inventory"
	"blangko/migrations"
)

// database is an open, migrated database, and the PostgreSQL behind it when that is ours.
type database struct {
	*postgres.DB
	adminURL string
	embedded *pgembed.Server // nil with DATABASE_URL
	keys     keys
	custody  []byte // key of the chain of custody; a test may do without
}

// ledger is the ledger of the database, under its key.
func (d *database) ledger(now func() time.Time) *inventory.Ledger {
	l := inventory.NewLedger(d.DB, now)
	l.SealWith(d.custody)
	return l
}

// openDatabase joins or starts PostgreSQL, migrates, and logs in as the server's role.
func openDatabase(ctx context.Context, c config) (*database, error) {
	d := &database{adminURL: c.DatabaseURL, keys: keysOf(c)}
	if d.adminURL == "" {
		server, err := pgembed.Join(ctx, pgembed.Options{Dir: c.Data, Bin: c.Postgres, Log: slog.Default()})
		if err != nil {
			return nil, err
		}
		d.embedded = server
		if err := server.Create(ctx, "blangko"); err != nil {
			return nil, errors.Join(err, d.Close())
		}
		d.adminURL = server.URL("blangko")
	}
	serverURL, err := prepare(ctx, d.adminURL, c.ServerPassword)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if d.custody, err = d.keys.custody(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if d.DB, err = postgres.Open(ctx, serverURL, c.Connections); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// prepare migrates and returns the address under which the server logs in. An account that may not migrate serves as
// it is when the schema is already right and the account is the server's own.
func prepare(ctx context.Context, adminURL, password string) (string, error) {
	u, err := url.Parse(adminURL)
	if err != nil || u.Scheme == "" {
		return "", errors.New("DATABASE_URL is not a URL such as postgres://user:password@host:5432/blangko")
	}
	if password == "" {
		password = derivedPassword(u)
	}
	err = migrations.Up(ctx, adminURL, password)
	if errors.Is(err, migrations.ErrNeedsOwner) && migrations.Usable(ctx, adminURL) == nil {
		return adminURL, nil
	}
	if err != nil {
		return "", err
	}
	u.User = url.UserPassword(postgres.Server, password)
	return u.String(), nil
}

// derivedPassword is the same for every replica that is given the same DATABASE_URL, and is kept nowhere.
func derivedPassword(u *url.URL) string {
	secret, _ := u.User.Password()
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s of %s", postgres.Server, u.Path)
	return hex.EncodeToString(mac.Sum(nil))
}

// Close closes the pool and stops PostgreSQL when nobody else uses it.
func (d *database) Close() error {
	var errs []error
	if d.DB != nil {
		errs = append(errs, d.DB.Close())
	}
	if d.embedded != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
		defer cancel()
		errs = append(errs, d.embedded.Close(ctx))
	}
	return errors.Join(errs...)
}

// onDatabase makes the run of a command that works on the database and is done.
func onDatabase(c *config, do func(cmd *cobra.Command, d *database, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		d, err := openDatabase(cmd.Context(), *c)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.Close()) }()
		return do(cmd, d, args)
	}
}

// as is who a command acts for: the user named, or the system.
func as(ctx context.Context, d *database, username string) (access.Actor, error) {
	if username == "" {
		return access.System, nil
	}
	return account.New(d.DB, time.Now).ActorNamed(ctx, username)
}
