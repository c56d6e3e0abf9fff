package main

import (
	"context"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// loadDemo fills an empty database with the synthetic demo; one that has it is left as it is.
func (s *system) loadDemo(ctx context.Context, _ func(done, total int)) error {
	if err := s.accounts.SeedDemo(ctx); err != nil {
		return err
	}
	return postgres.Write(ctx, s.db.DB, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ('synthetic', 'true') ON CONFLICT DO NOTHING`)
		return err
	})
}
