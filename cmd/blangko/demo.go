package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"blangko/cmd/blangko/demo"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/sheet"
	"blangko/outreach"
)

// loadDemo fills an empty database with the synthetic demo, until yesterday; one that has it is left as it is. The
// demo's users, whose password everybody knows, come last: a database with records of its own gets none.
func (s *system) loadDemo(ctx context.Context, progress func(done, total int)) error {
	yesterday := region.Today(region.WIB, s.now()).AddDate(0, 0, -1)
	if err := demo.Load(ctx, s.db.adminURL, demo.Options{End: yesterday}, progress); err != nil {
		return err
	}
	if err := s.loadDemoOutreach(ctx); err != nil {
		return fmt.Errorf("load the demo's outreach: %w", err)
	}
	return s.accounts.SeedDemo(ctx)
}

// loadDemoOutreach enters sites, islands and teams as people would. Teams come last: once all are there, so is the rest.
func (s *system) loadDemoOutreach(ctx context.Context) error {
	who, all := access.System, postgres.Paging{Limit: postgres.LargestLimit}
	teams, err := s.outreach.Teams(ctx, who, "", all)
	if err != nil || len(teams.Items) >= len(demo.Teams()) {
		return err
	}
	report, err := s.imports.Import(ctx, who, "sites", "sites.csv", bytes.NewReader(demo.Sites()), sheet.Options{Strict: true})
	if err != nil {
		return err
	}
	if report.Bad > 0 {
		return fmt.Errorf("%d sites are not taken, the first for %+v", report.Bad, report.Errors[0])
	}
	islands, err := s.outreach.Islands(ctx, who)
	if err != nil {
		return err
	}
	for _, n := range demo.Islands() {
		if slices.ContainsFunc(islands.Items, func(i outreach.Island) bool { return i.Name == n.Name }) {
			continue
		}
		if _, err := s.outreach.AddIsland(ctx, who, n); err != nil {
			return err
		}
	}
	for _, n := range demo.Teams() {
		if slices.ContainsFunc(teams.Items, func(t outreach.Team) bool { return t.Name == n.Name && t.Region == n.Region }) {
			continue
		}
		if _, err := s.outreach.AddTeam(ctx, who, n); err != nil {
			return err
		}
	}
	return nil
}
