package api

import (
	"context"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

type figureFilter struct {
	Region  string           `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Subject coverage.Subject `query:"subject" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Scope   string           `query:"scope" maxLength:"60"`
	Group   string           `query:"group" maxLength:"60" doc:"a vulnerable group or a group by age; 'all' is everybody taken together, empty every group"`
	Level   string           `query:"level" enum:"nation,province,regency,district,village"`
	Latest  bool             `query:"latest" doc:"only the last figure of each region, subject, scope and group: the one that gaps are made of"`
	Status  coverage.Status  `query:"status" enum:"draft,submitted,verified"`
	Import  int64            `query:"import" minimum:"1" doc:"figures that came with this import"`
	Paging
}

func (s *Server) figures(ctx context.Context, who access.Actor, in *figureFilter) (page postgres.Page[coverage.Figure], err error) {
	f := coverage.FigureFilter{Region: in.Region, Subject: in.Subject, Scope: in.Scope, Latest: in.Latest, Status: in.Status, Import: in.Import, Paging: in.domain()}
	if in.Group != "" {
		group := in.Group
		if group == "all" {
			group = ""
		}
		f.Group = &group
	}
	if f.Level, err = levelOf(in.Level); err != nil {
		return page, err
	}
	return s.Coverage.Figures(ctx, who, f)
}

// levelOf reads a level that may be left out.
func levelOf(text string) (*region.Level, error) {
	if text == "" {
		return nil, nil
	}
	level := new(region.Level)
	return level, level.UnmarshalText([]byte(text))
}

func (s *Server) figure(ctx context.Context, who access.Actor, in *ByNumber) (coverage.Figure, error) {
	return s.Coverage.Figure(ctx, who, in.ID)
}

type newFigure struct{ Body coverage.NewFigure }

func (s *Server) recordFigure(ctx context.Context, who access.Actor, in *newFigure) (coverage.Figure, error) {
	return s.Coverage.Record(ctx, who, in.Body)
}

type FigureStep struct {
	ByNumber
	IfMatch
}

type figureCorrection struct {
	FigureStep
	Body coverage.Correction
}

func (s *Server) correctFigure(ctx context.Context, who access.Actor, in *figureCorrection) (coverage.Figure, error) {
	v, err := in.version()
	if err != nil {
		return coverage.Figure{}, err
	}
	return s.Coverage.Correct(ctx, who, in.ID, v, in.Body)
}

func (s *Server) submitFigure(ctx context.Context, who access.Actor, in *FigureStep) (coverage.Figure, error) {
	v, err := in.version()
	if err != nil {
		return coverage.Figure{}, err
	}
	return s.Coverage.Submit(ctx, who, in.ID, v)
}

func (s *Server) verifyFigure(ctx context.Context, who access.Actor, in *FigureStep) (coverage.Figure, error) {
	v, err := in.version()
	if err != nil {
		return coverage.Figure{}, err
	}
	return s.Coverage.Verify(ctx, who, in.ID, v)
}

type figureReturn struct {
	FigureStep
	Body Reason
}

func (s *Server) returnFigure(ctx context.Context, who access.Actor, in *figureReturn) (coverage.Figure, error) {
	v, err := in.version()
	if err != nil {
		return coverage.Figure{}, err
	}
	return s.Coverage.Return(ctx, who, in.ID, v, in.Body.Reason)
}

// WhichGap says of what the gaps are.
type WhichGap struct {
	Subject coverage.Subject `query:"subject" default:"recording" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Scope   string           `query:"scope" maxLength:"60" doc:"which people; the subject's own when empty"`
	Group   string           `query:"group" maxLength:"60" doc:"a vulnerable group or an age group; everybody when empty"`
	Region  string           `query:"region" maxLength:"13" doc:"official code; only regions under it"`
	AsOf    string           `query:"as_of" maxLength:"10" doc:"by the figures up to this day, month or year"`
}

func (w WhichGap) filter(level string) (f coverage.GapFilter, err error) {
	f = coverage.GapFilter{Subject: w.Subject, Scope: w.Scope, Group: w.Group, Region: w.Region, AsOf: w.AsOf}
	return f, f.Level.UnmarshalText([]byte(level))
}

type gapFilter struct {
	WhichGap
	Level string            `query:"level" default:"regency" enum:"nation,province,regency,district,village"`
	Sort  coverage.GapOrder `query:"sort" default:"remaining" enum:"remaining,percent,turning-17,region" doc:"most people first, lowest coverage first, most 17th birthdays first, or by code"`
	Paging
}

func (s *Server) gaps(ctx context.Context, who access.Actor, in *gapFilter) (coverage.GapPage, error) {
	f, err := in.filter(in.Level)
	if err != nil {
		return coverage.GapPage{}, err
	}
	f.Sort, f.Paging = in.Sort, in.domain()
	return s.Coverage.Gaps(ctx, who, f)
}

type gapMap struct {
	WhichGap
	Level string `query:"level" default:"regency" enum:"nation,province,regency,district,village"`
	Zoom  int    `query:"zoom" default:"6" minimum:"0" maximum:"22" doc:"how fine the lines are: those of a map at this zoom"`
}

func (s *Server) gapMap(ctx context.Context, who access.Actor, in *gapMap) (coverage.GapMap, error) {
	f, err := in.filter(in.Level)
	if err != nil {
		return coverage.GapMap{}, err
	}
	return s.Coverage.GapMap(ctx, who, f, in.Zoom)
}

type gapTile struct {
	Level string `path:"level" enum:"province,regency,district,village"`
	TileNumbers
	WhichGap
}

func (s *Server) gapTile(ctx context.Context, who access.Actor, in *gapTile) ([]byte, error) {
	f, err := in.filter(in.Level)
	if err != nil {
		return nil, err
	}
	t, err := boundary.TileOf(in.Z, in.X, in.Y)
	if err != nil {
		return nil, err
	}
	return s.Coverage.GapTile(ctx, who, f, t)
}

type reportFilter struct {
	Region  string             `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Level   string             `query:"level" default:"regency" enum:"nation,province,regency,district,village" doc:"whose offices are asked"`
	Subject coverage.Subject   `query:"subject" enum:"recording,card,birth-certificate,child-card,digital-id" doc:"all of which reports are asked when empty"`
	State   coverage.Reporting `query:"state" enum:"missing,draft,late,awaited,on-time"`
	AsOf    string             `query:"as_of" format:"date" doc:"the periods that ended last by this day; today when empty"`
	Paging
}

func (s *Server) reports(ctx context.Context, who access.Actor, in *reportFilter) (coverage.ReportPage, error) {
	var level region.Level
	if err := level.UnmarshalText([]byte(in.Level)); err != nil {
		return coverage.ReportPage{}, err
	}
	return s.Coverage.Reports(ctx, who, coverage.ReportFilter{Region: in.Region, Level: level, Subject: in.Subject, State: in.State, AsOf: in.AsOf,
		Paging: in.domain()})
}

type findingFilter struct {
	Region  string           `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Rule    coverage.Rule    `query:"rule" enum:"above-100,parts-do-not-add-up,percent-differs,stage-exceeds-recorded,exceeds-population,parts-exceed-parent,parts-differ-from-parent,jump,stale"`
	State   string           `query:"state" enum:"open,acknowledged,corrected"`
	Subject coverage.Subject `query:"subject" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Import  int64            `query:"import" minimum:"1" doc:"findings about figures that came with this import"`
	Paging
}

func (s *Server) findings(ctx context.Context, who access.Actor, in *findingFilter) (postgres.Page[coverage.Finding], error) {
	return s.Coverage.Findings(ctx, who, coverage.FindingFilter{Region: in.Region, Rule: in.Rule, State: in.State, Subject: in.Subject,
		Import: in.Import, Paging: in.domain()})
}

type acknowledgement struct {
	ByNumber
	IfMatch
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (s *Server) acknowledgeFinding(ctx context.Context, who access.Actor, in *acknowledgement) (coverage.Finding, error) {
	v, err := in.version()
	if err != nil {
		return coverage.Finding{}, err
	}
	return s.Coverage.Acknowledge(ctx, who, in.ID, v, in.Body.Reason)
}

type populationFilter struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Level  string `query:"level" enum:"nation,province,regency,district,village"`
	Period string `query:"period" maxLength:"7" doc:"one release, such as 2024-S2; the last one of each region when empty"`
	All    bool   `query:"all" doc:"every release and every version of it"`
	Paging
}

func (s *Server) populations(ctx context.Context, who access.Actor, in *populationFilter) (page postgres.Page[coverage.Population], err error) {
	f := coverage.PopulationFilter{Region: in.Region, Period: in.Period, All: in.All, Paging: in.domain()}
	if f.Level, err = levelOf(in.Level); err != nil {
		return page, err
	}
	return s.Coverage.Populations(ctx, who, f)
}

type newPopulation struct{ Body coverage.NewPopulation }

func (s *Server) recordPopulation(ctx context.Context, who access.Actor, in *newPopulation) (coverage.Population, error) {
	return s.Coverage.RecordPopulation(ctx, who, in.Body)
}

func (s *Server) targets(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[coverage.Target], error) {
	return s.Coverage.Targets(ctx, who)
}

type newTarget struct{ Body coverage.Target }

func (s *Server) setTarget(ctx context.Context, who access.Actor, in *newTarget) (coverage.Target, error) {
	return s.Coverage.SetTarget(ctx, who, in.Body)
}

type trendOf struct {
	Region   string           `query:"region" required:"true" maxLength:"13" doc:"official code"`
	Subject  coverage.Subject `query:"subject" default:"recording" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Scope    string           `query:"scope" maxLength:"60"`
	PerVisit float64          `query:"per_visit" minimum:"0" doc:"people a visit serves; the mean of the region's own visits when 0"`
}

func (s *Server) trend(ctx context.Context, who access.Actor, in *trendOf) (coverage.Trend, error) {
	return s.Coverage.Trend(ctx, who, in.Region, in.Subject, in.Scope, in.PerVisit)
}
