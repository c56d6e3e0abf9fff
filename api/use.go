package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

type useFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Place  int    `query:"place" minimum:"1" maximum:"2147483647"`
	From   string `query:"from" format:"date" doc:"first day"`
	To     string `query:"to" format:"date" doc:"last day"`
	Paging
}

func (s *Server) uses(ctx context.Context, who access.Actor, in *useFilter) (postgres.Page[inventory.DailyUse], error) {
	return s.Ledger.DailyUses(ctx, who, inventory.UseFilter{Region: in.Region, Place: in.Place, From: in.From, To: in.To, Paging: in.domain()})
}

func (s *Server) use(ctx context.Context, who access.Actor, in *ByNumber) (inventory.DailyUse, error) {
	return s.Ledger.DailyUse(ctx, who, in.ID)
}

type newUse struct{ Body inventory.NewUse }

func (s *Server) reportUse(ctx context.Context, who access.Actor, in *newUse) (inventory.DailyUse, error) {
	return s.Ledger.ReportUse(ctx, who, in.Body)
}

type useCorrection struct {
	ByNumber
	Body inventory.NewUse
}

func (s *Server) correctUse(ctx context.Context, who access.Actor, in *useCorrection) (inventory.DailyUse, error) {
	return s.Ledger.CorrectUse(ctx, who, in.ID, in.Body)
}

type calendarOf struct {
	Region string `query:"region" maxLength:"13" doc:"official code; your own when empty"`
	Place  int    `query:"place" minimum:"1" maximum:"2147483647" doc:"id of the place, instead of the region"`
	Month  string `query:"month" required:"true" pattern:"^\\d{4}-\\d{2}$" example:"2026-11"`
}

func (s *Server) useCalendar(ctx context.Context, who access.Actor, in *calendarOf) (postgres.Page[inventory.CalendarDay], error) {
	days, err := s.Ledger.UseCalendar(ctx, who, in.Region, in.Place, in.Month)
	return postgres.Page[inventory.CalendarDay]{Items: days}, err
}

type needsOf struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
}

func (s *Server) needs(ctx context.Context, who access.Actor, in *needsOf) (postgres.Page[inventory.Need], error) {
	needs, err := s.Ledger.Needs(ctx, who, in.Region)
	return postgres.Page[inventory.Need]{Items: needs}, err
}

type newPlace struct{ Body inventory.NewPlace }

func (s *Server) openServicePoint(ctx context.Context, who access.Actor, in *newPlace) (inventory.Place, error) {
	return s.Ledger.OpenServicePoint(ctx, who, in.Body)
}
