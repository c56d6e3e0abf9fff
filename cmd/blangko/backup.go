package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"blangko/internal/postgres/pgembed"
	"blangko/migrations"
)

const backupFile = "blangko.dump"

func backupCommand(c *config) *cobra.Command {
	return dataFlag(&cobra.Command{
		Use:   "backup DIR",
		Short: "Write everything into DIR, while the server runs or not",
		Args:  cobra.ExactArgs(1),
		RunE: onDatabase(c, func(cmd *cobra.Command, d *database, args []string) error {
			if err := os.MkdirAll(args[0], 0o700); err != nil {
				return fmt.Errorf("make %s: %w", args[0], err)
			}
			file := filepath.Join(args[0], backupFile)
			if _, err := os.Stat(file); err == nil {
				return fmt.Errorf("%s is there already: name an empty directory", file)
			}
			// Written beside and renamed, so that a backup cut short is never taken for a whole one.
			half := file + ".part"
			if err := postgresProgram(cmd.Context(), *c, "pg_dump", "--format=custom", "--dbname="+d.adminURL, "--file="+half); err != nil {
				return errors.Join(err, os.Remove(half))
			}
			if err := os.Rename(half, file); err != nil {
				return fmt.Errorf("finish backup: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s holds everything; bring it back into an empty database with: blangko restore %s\n", file, args[0])
			return nil
		}),
	}, c)
}

func restoreCommand(c *config) *cobra.Command {
	return dataFlag(&cobra.Command{
		Use:   "restore DIR",
		Short: "Bring a backup back into an empty database, and verify its ledger",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return restore(cmd, *c, filepath.Join(args[0], backupFile))
		},
	}, c)
}

func restore(cmd *cobra.Command, c config, file string) (err error) {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("no backup there: %w", err)
	}
	ctx := cmd.Context()
	adminURL := c.DatabaseURL
	if adminURL == "" {
		server, err := pgembed.Join(ctx, pgembed.Options{Dir: c.Data, Bin: c.Postgres})
		if err != nil {
			return err
		}
		defer func() {
			stop, cancel := context.WithTimeout(context.Background(), 25*time.Second)
			defer cancel()
			err = errors.Join(err, server.Close(stop))
		}()
		release, err := server.Serve() // a running server must not see a half-restored database
		if err != nil {
			return err
		}
		defer release()
		if err := server.Create(ctx, "blangko"); err != nil {
			return err
		}
		adminURL = server.URL("blangko")
	}
	if err := migrations.Empty(ctx, adminURL); err != nil {
		return err
	}
	if err := migrations.Roles(ctx, adminURL); err != nil {
		return err
	}
	if err := postgresProgram(ctx, c, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname="+adminURL, file); err != nil {
		return err
	}
	d, err := openDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	v, err := d.ledger(time.Now).Verify(ctx, progress("verify"))
	if err != nil {
		return err
	}
	if len(v.Breaches) > 0 {
		return fmt.Errorf("restored, but the ledger does not agree with itself: %v; see blangko ledger verify", v.Breaches[0])
	}
	fmt.Fprintf(cmd.OutOrStdout(), "restored: %d moves and %d entries, and the ledger agrees with itself\n", v.Moves, v.Entries)
	return nil
}

// postgresProgram runs one of PostgreSQL's own programs.
func postgresProgram(ctx context.Context, c config, name string, args ...string) error {
	path, err := programPath(c, name)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(text)))
	}
	return nil
}

func programPath(c config, name string) (string, error) {
	if c.Postgres != "" {
		return filepath.Join(c.Postgres, name), nil
	}
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); err == nil && len(found) > 0 {
		return found[len(found)-1], nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not on this machine: it comes with PostgreSQL (Debian: apt-get install postgresql)", name)
	}
	return path, nil
}
