package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

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

// loadDemoOutreach enters sites, islands and teams as people would, and a first plan of each city. Plans come last: once
// they are there, so is the rest.
func (s *system) loadDemoOutreach(ctx context.Context) error {
	who, all := access.System, postgres.Paging{Limit: postgres.LargestLimit}
	plans, err := s.outreach.Plans(ctx, who, outreach.PlanFilter{Paging: all})
	if err != nil || len(plans.Items) > 0 {
		return err
	}
	teams, err := s.outreach.Teams(ctx, who, "", all)
	if err != nil {
		return err
	}
	if len(teams.Items) < len(demo.Teams()) {
		if err := s.loadDemoSites(ctx); err != nil {
			return err
		}
		for _, n := range demo.Teams() {
			if slices.ContainsFunc(teams.Items, func(t outreach.Team) bool { return t.Name == n.Name && t.Region == n.Region }) {
				continue
			}
			if _, err := s.outreach.AddTeam(ctx, who, n); err != nil {
				return err
			}
		}
	}
	return s.loadDemoPlans(ctx)
}

func (s *system) loadDemoSites(ctx context.Context) error {
	who := access.System
	report, err := s.imports.Import(ctx, who, "sites", "sites.csv", bytes.NewReader(demo.Sites()), sheet.Options{Strict: true})
	if err != nil {
		return err
	}
	if report.Bad > 0 {
		return fmt.Errorf("%d sites are not taken, the first for %+v", report.Bad, report.Errors[0])
	}
	for _, n := range demo.Services() {
		if err := s.addDemoService(ctx, n); err != nil {
			return err
		}
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
	return nil
}

func (s *system) addDemoService(ctx context.Context, n demo.Service) error {
	known, err := s.outreach.Sites(ctx, access.System, outreach.SiteFilter{Region: n.Site.Region, Text: n.Site.Name})
	if err != nil || len(known.Items) > 0 {
		return err
	}
	site, err := s.outreach.AddSite(ctx, access.System, n.Site)
	if err != nil {
		return err
	}
	yesterday := region.Today(region.WIB, s.now()).AddDate(0, 0, -1).Format(time.DateOnly)
	_, err = s.outreach.AddHead(ctx, access.System, site.ID, outreach.NewHead{Group: "not-enrolled", People: n.People / 5, AsOf: yesterday, Basis: "estimated", Source: "simulasi"})
	return err
}

// loadDemoPlans publishes a plan for today and one for the days after it, for one team of each city; the other teams
// stay free to be planned. Today's visits are agreed and their blanks lie ready.
func (s *system) loadDemoPlans(ctx context.Context) error {
	for _, t := range demo.Teams() {
		if len(t.Weekdays) < 7 {
			continue
		}
		teams, err := s.outreach.Teams(ctx, access.System, t.Region, postgres.Paging{Limit: postgres.LargestLimit})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(teams.Items, func(known outreach.Team) bool { return known.Name == t.Name })
		if i < 0 {
			return fmt.Errorf("the demo has no %s in %s", t.Name, t.Region)
		}
		var where region.Region
		err = postgres.Read(ctx, s.db.DB, access.System, func(tx *sqlx.Tx) (err error) {
			where, err = region.ByCode(ctx, tx, t.Region, region.Today(region.WIB, s.now()))
			return err
		})
		if err != nil {
			return err
		}
		today := where.Today(s.now())
		// Planned as of the night before, so that a demo begun in the evening has visits today as well.
		night := s.outreach.At(time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, where.Zone.Location()))
		for _, n := range []outreach.NewPlan{{From: today.Format(time.DateOnly), Days: 1}, {From: today.AddDate(0, 0, 1).Format(time.DateOnly), Days: 4}} {
			n.Region, n.Teams, n.Kinds, n.Seed, n.Seconds, n.Synthetic = t.Region, []int64{teams.Items[i].ID}, demo.PlannedKinds, 1, 1, true
			if err := announce(ctx, night, n, n.Days == 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// announce plans and publishes; with ready its visits are agreed and their blanks handed over. On holidays nobody goes
// out, and there is no plan.
func announce(ctx context.Context, desk *outreach.Desk, n outreach.NewPlan, ready bool) error {
	who := access.System
	plan, err := desk.Propose(ctx, who, n)
	if errors.Is(err, outreach.ErrNothing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("plan %s from %s: %w", n.Region, n.From, err)
	}
	if plan, err = desk.Publish(ctx, who, plan.ID, plan.Version); err != nil || !ready {
		return err
	}
	for _, v := range plan.Visits {
		if v, err = desk.Confirm(ctx, who, v.ID, v.Version); err != nil {
			return err
		}
		if v.Blanks == 0 {
			continue
		}
		if _, err = desk.Hand(ctx, who, v.ID, v.Version, v.Blanks); err != nil {
			return err
		}
	}
	return nil
}
