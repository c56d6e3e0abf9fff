package main

import (
	"context"

	"blangko/cmd/blangko/demo"
	"blangko/internal/region"
)

// loadDemo fills an empty database with the synthetic demo, until yesterday; one that has it is left as it is. The
// demo's users, whose password everybody knows, come last: a database with records of its own gets none.
func (s *system) loadDemo(ctx context.Context, progress func(done, total int)) error {
	yesterday := region.Today(region.WIB, s.now()).AddDate(0, 0, -1)
	if err := demo.Load(ctx, s.db.adminURL, demo.Options{End: yesterday}, progress); err != nil {
		return err
	}
	return s.accounts.SeedDemo(ctx)
}
