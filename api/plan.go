package api

import (
	"context"
	"fmt"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/outreach"
)

type planFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	State  string `query:"state" enum:"proposed,published,done,cancelled"`
	Paging
}

func (s *Server) plans(ctx context.Context, who access.Actor, in *planFilter) (postgres.Page[outreach.Plan], error) {
	return s.Outreach.Plans(ctx, who, outreach.PlanFilter{Region: in.Region, State: in.State, Paging: in.domain()})
}

func (s *Server) plan(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Plan, error) {
	return s.Outreach.Plan(ctx, who, in.ID)
}

func (s *Server) planMap(ctx context.Context, who access.Actor, in *ByNumber) (outreach.FeatureCollection, error) {
	return s.Outreach.PlanMap(ctx, who, in.ID)
}

type newPlan struct{ Body outreach.NewPlan }

func (s *Server) propose(ctx context.Context, who access.Actor, in *newPlan) (outreach.Plan, error) {
	return s.Outreach.Propose(ctx, who, in.Body)
}

func (s *Server) publishPlan(ctx context.Context, who access.Actor, in *Version) (outreach.Plan, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Plan{}, err
	}
	return s.Outreach.Publish(ctx, who, in.ID, version)
}

func (s *Server) cancelPlan(ctx context.Context, who access.Actor, in *reasonOf) (outreach.Plan, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Plan{}, err
	}
	return s.Outreach.CancelPlan(ctx, who, in.ID, version, in.Body.Reason)
}

type planAnew struct {
	Version
	Body outreach.Anew
}

func (s *Server) replan(ctx context.Context, who access.Actor, in *planAnew) (outreach.Plan, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Plan{}, err
	}
	return s.Outreach.Replan(ctx, who, in.ID, version, in.Body)
}

type visitOnPlan struct {
	Version
	Body outreach.NewVisit
}

func (s *Server) addVisit(ctx context.Context, who access.Actor, in *visitOnPlan) (outreach.Outcome, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Outcome{}, err
	}
	return s.Outreach.AddVisit(ctx, who, in.ID, version, in.Body)
}

func (s *Server) planGPX(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Outreach.GPX(ctx, who, in.ID)
	return file{Name: fmt.Sprintf("plan-%d.gpx", in.ID), Type: "application/gpx+xml", Content: content}, err
}

type letterOf struct {
	ByNumber
	Team int64 `path:"team" minimum:"1"`
}

func (s *Server) taskLetter(ctx context.Context, who access.Actor, in *letterOf) (file, error) {
	content, err := s.Outreach.TaskLetter(ctx, who, in.ID, in.Team)
	return file{Name: fmt.Sprintf("surat-tugas-%d-%d.pdf", in.ID, in.Team), Type: "application/pdf", Content: content}, err
}

func (s *Server) visitLetter(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Outreach.Letter(ctx, who, in.ID)
	return file{Name: fmt.Sprintf("surat-pemberitahuan-%d.pdf", in.ID), Type: "application/pdf", Content: content}, err
}

func (s *Server) teamCalendar(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Outreach.Calendar(ctx, who, in.ID, 0)
	return file{Name: fmt.Sprintf("team-%d.ics", in.ID), Type: "text/calendar; charset=utf-8", Content: content}, err
}

func (s *Server) siteCalendar(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Outreach.Calendar(ctx, who, 0, in.ID)
	return file{Name: fmt.Sprintf("site-%d.ics", in.ID), Type: "text/calendar; charset=utf-8", Content: content}, err
}

func (s *Server) shareTeam(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Link, error) {
	return s.Outreach.Share(ctx, who, in.ID, 0)
}

func (s *Server) shareSite(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Link, error) {
	return s.Outreach.Share(ctx, who, 0, in.ID)
}

func (s *Server) unshareTeam(ctx context.Context, who access.Actor, in *ByNumber) (done, error) {
	return done{true}, s.Outreach.Unshare(ctx, who, in.ID, 0)
}

func (s *Server) unshareSite(ctx context.Context, who access.Actor, in *ByNumber) (done, error) {
	return done{true}, s.Outreach.Unshare(ctx, who, 0, in.ID)
}

type sharedOf struct {
	Key string `query:"key" required:"true" maxLength:"100" doc:"the secret of the link"`
}

func (s *Server) sharedCalendar(ctx context.Context, _ access.Actor, in *sharedOf) (file, error) {
	content, err := s.Outreach.Shared(ctx, in.Key)
	return file{Name: "jemput-bola.ics", Type: "text/calendar; charset=utf-8", Content: content}, err
}
