package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/setting"
)

func (s *Server) settings(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[setting.Setting], error) {
	all, err := s.Settings.List(ctx, who)
	return postgres.Page[setting.Setting]{Items: all}, err
}

type settingValue struct {
	Name string `path:"name" maxLength:"60" example:"requests.tolerance"`
	IfMatch
	Body struct {
		Value any `json:"value" doc:"of the setting's kind and within its bounds"`
	}
}

func (s *Server) set(ctx context.Context, who access.Actor, in *settingValue) (setting.Setting, error) {
	version, err := in.version()
	if err != nil {
		return setting.Setting{}, err
	}
	return s.Settings.Set(ctx, who, in.Name, version, in.Body.Value)
}

type holidayFilter struct {
	From string `query:"from" format:"date" doc:"first day"`
	Paging
}

func (s *Server) holidays(ctx context.Context, who access.Actor, in *holidayFilter) (postgres.Page[setting.Holiday], error) {
	return s.Settings.Holidays(ctx, who, in.From, in.domain())
}

type newHoliday struct {
	Body struct {
		Day string `json:"day" format:"date" example:"2027-03-10"`
		setting.NewHoliday
	}
}

func (s *Server) addHoliday(ctx context.Context, who access.Actor, in *newHoliday) (setting.Holiday, error) {
	return s.Settings.AddHoliday(ctx, who, in.Body.Day, in.Body.NewHoliday)
}

type ByDay struct {
	Day string `path:"day" format:"date"`
}

type holidayChange struct {
	ByDay
	IfMatch
	Body setting.NewHoliday
}

func (s *Server) changeHoliday(ctx context.Context, who access.Actor, in *holidayChange) (setting.Holiday, error) {
	version, err := in.version()
	if err != nil {
		return setting.Holiday{}, err
	}
	return s.Settings.ChangeHoliday(ctx, who, in.Day, version, in.Body)
}

func (s *Server) removeHoliday(ctx context.Context, who access.Actor, in *ByDay) (setting.Holiday, error) {
	return s.Settings.RemoveHoliday(ctx, who, in.Day)
}
