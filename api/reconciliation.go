package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

type reconciliationFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Place  int    `query:"place" minimum:"1"`
	State  string `query:"state" enum:"agrees,open,explained"`
	From   string `query:"from" format:"date" doc:"31 days up to the last when empty"`
	To     string `query:"to" format:"date" doc:"today when empty"`
	Paging
}

func (s *Server) reconciliations(ctx context.Context, who access.Actor, in *reconciliationFilter) (postgres.Page[inventory.Reconciliation], error) {
	return s.Ledger.Reconciliations(ctx, who, inventory.ReconciliationFilter{Region: in.Region, Place: in.Place, State: in.State, From: in.From, To: in.To,
		Paging: in.domain()})
}

func (s *Server) reconciliation(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Reconciliation, error) {
	return s.Ledger.Reconciliation(ctx, who, in.ID)
}

type explanation struct {
	Version
	Body inventory.Explanation
}

func (s *Server) explain(ctx context.Context, who access.Actor, in *explanation) (inventory.Reconciliation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Reconciliation, error) {
		return s.Ledger.Explain(ctx, who, in.ID, version, in.Body)
	})
}

type useOfDay struct {
	Region string `query:"region" maxLength:"13" doc:"official code; your own when empty"`
	Place  int    `query:"place" minimum:"1"`
	Item   string `query:"item" default:"ktp-el" enum:"ktp-el,kia"`
	Date   string `query:"date" required:"true" format:"date"`
}

func (s *Server) suggestUse(ctx context.Context, who access.Actor, in *useOfDay) (inventory.SuggestedUse, error) {
	return s.Ledger.SuggestUse(ctx, who, in.Region, in.Place, in.Item, in.Date)
}

type inRegion struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
}

func (s *Server) printable(ctx context.Context, who access.Actor, in *inRegion) (postgres.Page[inventory.Printable], error) {
	return s.Ledger.Printable(ctx, who, in.Region)
}
