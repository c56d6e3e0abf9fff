package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/outreach"
)

type teamFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Paging
}

func (s *Server) teams(ctx context.Context, who access.Actor, in *teamFilter) (postgres.Page[outreach.Team], error) {
	return s.Outreach.Teams(ctx, who, in.Region, in.domain())
}

func (s *Server) team(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Team, error) {
	return s.Outreach.Team(ctx, who, in.ID)
}

type newTeam struct{ Body outreach.NewTeam }

func (s *Server) addTeam(ctx context.Context, who access.Actor, in *newTeam) (outreach.Team, error) {
	return s.Outreach.AddTeam(ctx, who, in.Body)
}

type teamChange struct {
	Version
	Body outreach.NewTeam
}

func (s *Server) changeTeam(ctx context.Context, who access.Actor, in *teamChange) (outreach.Team, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Team{}, err
	}
	return s.Outreach.ChangeTeam(ctx, who, in.ID, version, in.Body)
}
