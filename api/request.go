package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// Version names a thing and the version of it that was read.
type Version struct {
	ByNumber
	IfMatch
}

// Reason is why a step is taken.
type Reason struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
}

// Remark goes with a step that needs no reason.
type Remark struct {
	Note string `json:"note,omitempty" maxLength:"500"`
}

type requestFilter struct {
	Region    string                 `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	State     inventory.RequestState `query:"state" enum:"draft,submitted,returned,verified,approved,rejected,partly-shipped,shipped,closed,cancelled"`
	Open      bool                   `query:"open" doc:"only those that wait for a decision or a shipment, emergencies first, then the oldest"`
	Emergency bool                   `query:"emergency" doc:"only emergencies"`
	Paging
}

func (s *Server) requests(ctx context.Context, who access.Actor, in *requestFilter) (inventory.RequestPage, error) {
	return s.Ledger.Requests(ctx, who, inventory.RequestFilter{Region: in.Region, State: in.State, Open: in.Open, Emergency: in.Emergency, Paging: in.domain()})
}

func (s *Server) request(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Request, error) {
	return s.Ledger.Request(ctx, who, in.ID)
}

type suggestionOf struct {
	Region string `query:"region" maxLength:"13" doc:"official code; your own when empty"`
	Item   string `query:"item" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
}

func (s *Server) suggestion(ctx context.Context, who access.Actor, in *suggestionOf) (inventory.Suggestion, error) {
	return s.Ledger.Suggest(ctx, who, in.Region, in.Item)
}

type newRequest struct{ Body inventory.NewRequest }

func (s *Server) ask(ctx context.Context, who access.Actor, in *newRequest) (inventory.Request, error) {
	return s.Ledger.Ask(ctx, who, in.Body)
}

type requestChange struct {
	Version
	Body inventory.NewRequest
}

func (s *Server) editRequest(ctx context.Context, who access.Actor, in *requestChange) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.EditRequest(ctx, who, in.ID, version, in.Body)
	})
}

// versionOf reads the version that If-Match names and hands it on.
func versionOf[T any](m IfMatch, do func(version int64) (T, error)) (T, error) {
	version, err := m.version()
	if err != nil {
		var none T
		return none, err
	}
	return do(version)
}

func (s *Server) submitRequest(ctx context.Context, who access.Actor, in *Version) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.SubmitRequest(ctx, who, in.ID, version)
	})
}

type withReason struct {
	Version
	Body Reason
}

type withRemark struct {
	Version
	Body Remark
}

func (s *Server) returnRequest(ctx context.Context, who access.Actor, in *withReason) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.ReturnRequest(ctx, who, in.ID, version, in.Body.Reason)
	})
}

func (s *Server) verifyRequest(ctx context.Context, who access.Actor, in *withRemark) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.VerifyRequest(ctx, who, in.ID, version, in.Body.Note)
	})
}

type approval struct {
	Version
	Body inventory.Approval
}

func (s *Server) approveRequest(ctx context.Context, who access.Actor, in *approval) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.ApproveRequest(ctx, who, in.ID, version, in.Body)
	})
}

type batchApproval struct{ Body inventory.BatchApproval }

func (s *Server) approveRequests(ctx context.Context, who access.Actor, in *batchApproval) (postgres.Page[inventory.Request], error) {
	return s.Ledger.ApproveRequests(ctx, who, in.Body)
}

func (s *Server) rejectRequest(ctx context.Context, who access.Actor, in *withReason) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.RejectRequest(ctx, who, in.ID, version, in.Body.Reason)
	})
}

func (s *Server) cancelRequest(ctx context.Context, who access.Actor, in *withReason) (inventory.Request, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Request, error) {
		return s.Ledger.CancelRequest(ctx, who, in.ID, version, in.Body.Reason)
	})
}
