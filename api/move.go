package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

type moveFilter struct {
	Place int                `query:"place" minimum:"1" maximum:"2147483647" doc:"moves that touched this place"`
	Kind  inventory.MoveKind `query:"kind" enum:"opening,delivery,reserve,release,dispatch,receipt,return,use,surrender,checkout,checkin,transfer,count,loss,destruction,quarantine,reversal"`
	From  string             `query:"from" format:"date" doc:"first business date"`
	To    string             `query:"to" format:"date" doc:"last business date"`
	Paging
}

func (s *Server) moves(ctx context.Context, who access.Actor, in *moveFilter) (postgres.Page[inventory.Move], error) {
	return s.Ledger.Moves(ctx, who, inventory.MoveFilter{Place: in.Place, Kind: in.Kind, From: in.From, To: in.To, Paging: in.domain()})
}

type ByMoveID struct {
	ID string `path:"id" maxLength:"40" example:"37-1024"`
}

func (s *Server) move(ctx context.Context, who access.Actor, in *ByMoveID) (inventory.Move, error) {
	return s.Ledger.Move(ctx, who, in.ID)
}

type newMove struct{ Body inventory.NewMove }

func (s *Server) postMove(ctx context.Context, who access.Actor, in *newMove) (inventory.Move, error) {
	return s.Ledger.Post(ctx, who, in.Body)
}

type reversal struct {
	ByMoveID
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (s *Server) reverseMove(ctx context.Context, who access.Actor, in *reversal) (inventory.Move, error) {
	return s.Ledger.Reverse(ctx, who, in.ID, in.Body.Reason)
}
