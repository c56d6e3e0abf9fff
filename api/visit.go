package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/outreach"
)

type visitFilter struct {
	Region string              `query:"region" maxLength:"13" doc:"official code of the region whose teams go; with everything below it"`
	Plan   int64               `query:"plan" minimum:"1"`
	Team   int64               `query:"team" minimum:"1"`
	Site   int64               `query:"site" minimum:"1"`
	State  outreach.VisitState `query:"state" enum:"proposed,confirmed,under-way,done,partial,missed,cancelled"`
	From   string              `query:"from" format:"date" doc:"first day"`
	Until  string              `query:"until" format:"date" doc:"last day"`
	Paging
}

func (s *Server) visits(ctx context.Context, who access.Actor, in *visitFilter) (postgres.Page[outreach.Visit], error) {
	return s.Outreach.Visits(ctx, who, outreach.VisitFilter{Region: in.Region, Plan: in.Plan, Team: in.Team, Site: in.Site, State: in.State,
		From: in.From, Until: in.Until, Paging: in.domain()})
}

func (s *Server) visit(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Visit, error) {
	return s.Outreach.Visit(ctx, who, in.ID)
}

func (s *Server) confirmVisit(ctx context.Context, who access.Actor, in *Version) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Confirm(ctx, who, in.ID, version)
}

type blanksOf struct {
	Version
	Body struct {
		Blanks int64 `json:"blanks" minimum:"0" maximum:"100000" doc:"KTP-el blanks, as counted"`
	}
}

func (s *Server) handBlanks(ctx context.Context, who access.Actor, in *blanksOf) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Hand(ctx, who, in.ID, version, in.Body.Blanks)
}

func (s *Server) startVisit(ctx context.Context, who access.Actor, in *blanksOf) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Start(ctx, who, in.ID, version, in.Body.Blanks)
}

type pinOf struct {
	Version
	Body struct {
		Pinned bool `json:"pinned"`
	}
}

func (s *Server) pinVisit(ctx context.Context, who access.Actor, in *pinOf) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Pin(ctx, who, in.ID, version, in.Body.Pinned)
}

type blanksFor struct {
	Version
	Body struct {
		With bool `json:"with" doc:"false to give its blanks back, so that it records only"`
	}
}

func (s *Server) supplyVisit(ctx context.Context, who access.Actor, in *blanksFor) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Supply(ctx, who, in.ID, version, in.Body.With)
}

type reasonOf struct {
	Version
	Body Reason
}

func (s *Server) missVisit(ctx context.Context, who access.Actor, in *reasonOf) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Miss(ctx, who, in.ID, version, in.Body.Reason)
}

func (s *Server) cancelVisit(ctx context.Context, who access.Actor, in *reasonOf) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.Cancel(ctx, who, in.ID, version, in.Body.Reason)
}

func (s *Server) results(ctx context.Context, who access.Actor, in *ByNumber) (postgres.Page[outreach.Result], error) {
	return s.Outreach.Results(ctx, who, in.ID)
}

type newResult struct {
	ByNumber
	Body outreach.NewResult
}

func (s *Server) reportVisit(ctx context.Context, who access.Actor, in *newResult) (outreach.Result, error) {
	return s.Outreach.Report(ctx, who, in.ID, in.Body)
}

type resultOf struct {
	ByNumber
	Result int64 `path:"result" minimum:"1"`
}

func (s *Server) chooseResult(ctx context.Context, who access.Actor, in *resultOf) (outreach.Result, error) {
	return s.Outreach.Choose(ctx, who, in.ID, in.Result)
}

type checkInOf struct {
	Version
	Body struct {
		Blanks  int64 `json:"blanks" minimum:"0" maximum:"100000" doc:"unused KTP-el blanks that came back, as the office counts them"`
		Spoiled int64 `json:"spoiled" minimum:"0" maximum:"100000" doc:"spoiled ones that came back"`
	}
}

func (s *Server) checkInBlanks(ctx context.Context, who access.Actor, in *checkInOf) (outreach.Visit, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Visit{}, err
	}
	return s.Outreach.CheckIn(ctx, who, in.ID, version, in.Body.Blanks, in.Body.Spoiled)
}

type shiftOf struct {
	Version
	Body outreach.Shift
}

func (s *Server) moveVisit(ctx context.Context, who access.Actor, in *shiftOf) (outreach.Outcome, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Outcome{}, err
	}
	return s.Outreach.MoveVisit(ctx, who, in.ID, version, in.Body)
}

type dropOf struct {
	Version
	Body struct {
		Try bool `json:"try,omitempty" doc:"only tell what it would cost; nothing is saved"`
	}
}

func (s *Server) dropVisit(ctx context.Context, who access.Actor, in *dropOf) (outreach.Outcome, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Outcome{}, err
	}
	return s.Outreach.DropVisit(ctx, who, in.ID, version, in.Body.Try)
}

type achievementIn struct {
	Region string `query:"region" maxLength:"13" required:"true" doc:"official code; with everything below it, 00 for the nation"`
	From   string `query:"from" format:"date" doc:"first day"`
	Until  string `query:"until" format:"date" doc:"last day"`
}

func (s *Server) achievement(ctx context.Context, who access.Actor, in *achievementIn) (outreach.Achievement, error) {
	return s.Outreach.AchievedInAll(ctx, who, in.Region, in.From, in.Until)
}

type achievedIn struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	From   string `query:"from" format:"date" doc:"first day"`
	Until  string `query:"until" format:"date" doc:"last day"`
}

func (s *Server) achieved(ctx context.Context, who access.Actor, in *achievedIn) (postgres.Page[outreach.Achieved], error) {
	return s.Outreach.Achieved(ctx, who, in.Region, in.From, in.Until)
}
