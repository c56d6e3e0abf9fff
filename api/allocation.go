package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

func (s *Server) allocations(ctx context.Context, who access.Actor, in *page) (postgres.Page[inventory.Allocation], error) {
	return s.Ledger.Allocations(ctx, who, in.domain())
}

func (s *Server) allocation(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Allocation, error) {
	return s.Ledger.Allocation(ctx, who, in.ID)
}

func (s *Server) compareAllocation(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Comparison, error) {
	return s.Ledger.CompareAllocation(ctx, who, in.ID)
}

type newAllocation struct{ Body inventory.NewAllocation }

func (s *Server) allocate(ctx context.Context, who access.Actor, in *newAllocation) (inventory.Allocation, error) {
	return s.Ledger.Allocate(ctx, who, in.Body)
}

type editedAllocation struct {
	Version
	Body inventory.NewAllocation
}

func (s *Server) editAllocation(ctx context.Context, who access.Actor, in *editedAllocation) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.EditAllocation(ctx, who, in.ID, version, in.Body)
	})
}

func (s *Server) computeAllocation(ctx context.Context, who access.Actor, in *Version) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.ComputeAllocation(ctx, who, in.ID, version)
	})
}

type override struct {
	Version
	Region string `path:"region" maxLength:"13" doc:"official code"`
	Body   inventory.Override
}

func (s *Server) overrideAllocation(ctx context.Context, who access.Actor, in *override) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.OverrideAllocation(ctx, who, in.ID, version, in.Region, in.Body)
	})
}

func (s *Server) reviewAllocation(ctx context.Context, who access.Actor, in *Version) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.ReviewAllocation(ctx, who, in.ID, version)
	})
}

func (s *Server) approveAllocation(ctx context.Context, who access.Actor, in *Version) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.ApproveAllocation(ctx, who, in.ID, version)
	})
}

func (s *Server) releaseAllocation(ctx context.Context, who access.Actor, in *Version) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.ReleaseAllocation(ctx, who, in.ID, version)
	})
}

func (s *Server) voidAllocation(ctx context.Context, who access.Actor, in *withReason) (inventory.Allocation, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Allocation, error) {
		return s.Ledger.VoidAllocation(ctx, who, in.ID, version, in.Body.Reason)
	})
}
