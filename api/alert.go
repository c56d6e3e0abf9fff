package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/notice"
)

type alertFilter struct {
	Region     string       `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Cause      string       `query:"cause" maxLength:"60" example:"run-out"`
	Level      notice.Level `query:"level" enum:"watch,warning,critical" doc:"at least"`
	State      notice.State `query:"state" enum:"open,acknowledged,closed" doc:"open and acknowledged when absent"`
	Snoozed    string       `query:"snoozed" enum:"hide,show,only" doc:"those put off until a later day; hidden when absent"`
	Escalation int          `query:"escalation" minimum:"0" maximum:"2" doc:"at least: 1 for what a province, 2 for what the nation should see"`
	Paging
}

func (s *Server) alerts(ctx context.Context, who access.Actor, in *alertFilter) (postgres.Page[notice.Alert], error) {
	return s.Alerts.List(ctx, who, notice.Filter{Region: in.Region, Cause: in.Cause, Level: in.Level, State: in.State,
		Snoozed: notice.Snoozed(in.Snoozed), Escalation: in.Escalation, Paging: in.domain()})
}

type ByAlert struct {
	ID int64 `path:"id" minimum:"1"`
}

func (s *Server) alert(ctx context.Context, who access.Actor, in *ByAlert) (notice.Alert, error) {
	return s.Alerts.Alert(ctx, who, in.ID)
}

type seenAlert struct {
	ByAlert
	IfMatch
	Body notice.Seen
}

func (s *Server) acknowledgeAlert(ctx context.Context, who access.Actor, in *seenAlert) (notice.Alert, error) {
	version, err := in.version()
	if err != nil {
		return notice.Alert{}, err
	}
	return s.Alerts.Acknowledge(ctx, who, in.ID, version, in.Body)
}

type snooze struct {
	ByAlert
	IfMatch
	Body notice.Snooze
}

func (s *Server) snoozeAlert(ctx context.Context, who access.Actor, in *snooze) (notice.Alert, error) {
	version, err := in.version()
	if err != nil {
		return notice.Alert{}, err
	}
	return s.Alerts.Snooze(ctx, who, in.ID, version, in.Body)
}
