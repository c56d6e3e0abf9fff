package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

type page struct{ Paging }

func (s *Server) procurements(ctx context.Context, who access.Actor, in *page) (postgres.Page[inventory.Procurement], error) {
	return s.Ledger.Procurements(ctx, who, in.domain())
}

func (s *Server) procurement(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Procurement, error) {
	return s.Ledger.Procurement(ctx, who, in.ID)
}

type newProcurement struct{ Body inventory.NewProcurement }

func (s *Server) contract(ctx context.Context, who access.Actor, in *newProcurement) (inventory.Procurement, error) {
	return s.Ledger.Contract(ctx, who, in.Body)
}

type newDelivery struct {
	ByNumber
	Body inventory.NewDelivery
}

func (s *Server) deliver(ctx context.Context, who access.Actor, in *newDelivery) (inventory.Delivered, error) {
	return s.Ledger.Deliver(ctx, who, in.ID, in.Body)
}
