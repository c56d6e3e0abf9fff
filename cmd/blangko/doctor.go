package main

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/spf13/cobra"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgembed"
	"blangko/migrations"
)

// doctorCommand looks at what commonly stands in the way, one line each, and says what to do.
func doctorCommand(c *config) *cobra.Command {
	return dataFlag(&cobra.Command{
		Use:   "doctor",
		Short: "Say what is right and what is wrong with this installation",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			var wrong int
			say := func(what string, err error, fine string) {
				if err != nil {
					wrong++
					fmt.Fprintf(out, "  wrong  %s: %v\n", what, err)
					return
				}
				fmt.Fprintf(out, "  right  %s: %s\n", what, fine)
			}
			if c.DatabaseURL == "" {
				v, err := pgembed.Version(pgembed.Options{Dir: c.Data, Bin: c.Postgres})
				say("PostgreSQL's programs", err, v)
			}
			d, err := openDatabase(cmd.Context(), *c)
			say("database", err, "opened, migrated and reached as "+postgres.Server)
			if err == nil {
				defer d.Close()
				current, err := migrations.Current(cmd.Context(), d.Raw())
				say("schema", err, fmt.Sprintf("version %d of %d", current, migrations.Latest()))
				var users, places int
				err = postgres.Read(cmd.Context(), d.DB, access.System, func(tx *sqlx.Tx) error {
					return tx.QueryRowContext(cmd.Context(), `SELECT (SELECT count(*) FROM users WHERE disabled_at IS NULL), (SELECT count(*) FROM places)`).Scan(&users, &places)
				})
				if err == nil && users == 0 {
					err = errors.New("nobody can sign in: start with serve --demo, or add an administrator with blangko user add")
				}
				say("users", err, fmt.Sprintf("%d can sign in; %d places", users, places))
				skew, err := clockSkew(cmd, d)
				say("clock", err, fmt.Sprintf("%v apart from the database's", skew))
			}
			l, err := net.Listen("tcp", "127.0.0.1:8080")
			if err == nil {
				err = l.Close()
			} else {
				err = fmt.Errorf("in use, by a running server or something else; serve --listen takes another: %w", err)
			}
			say("address 127.0.0.1:8080", err, "free")
			if wrong > 0 {
				return fmt.Errorf("%d things are wrong", wrong)
			}
			return nil
		},
	}, c)
}

func clockSkew(cmd *cobra.Command, d *database) (time.Duration, error) {
	var there time.Time
	err := postgres.Read(cmd.Context(), d.DB, access.System, func(tx *sqlx.Tx) error {
		return tx.GetContext(cmd.Context(), &there, `SELECT clock_timestamp()`)
	})
	skew := time.Since(there).Abs().Round(time.Millisecond)
	if err == nil && skew > 30*time.Second {
		err = fmt.Errorf("%v apart from the database's: set both by NTP", skew)
	}
	return skew, err
}
