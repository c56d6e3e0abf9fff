package api

import (
	"context"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

type regionFilter struct {
	Level  string `query:"level" enum:"nation,province,regency,district,village" doc:"only this level"`
	Parent string `query:"parent" maxLength:"13" doc:"official code: its children, or, with a level, all of that level under it"`
	Paging
}

func (s *Server) regions(ctx context.Context, who access.Actor, in *regionFilter) (page postgres.Page[region.Region], err error) {
	type byCode struct {
		Code string `json:"code"`
	}
	var after byCode
	rows, err := in.domain().Resume(&after)
	if err != nil {
		return page, err
	}
	f := region.Filter{Parent: in.Parent, After: after.Code, Limit: rows}
	if in.Level != "" {
		f.Level = new(region.Level)
		if err := f.Level.UnmarshalText([]byte(in.Level)); err != nil {
			return page, err
		}
	}
	today := region.Today("WIB", s.Now())
	err = postgres.Read(ctx, s.DB, who, func(tx *sqlx.Tx) error {
		if in.Parent != "" {
			if _, err := region.ByCode(ctx, tx, in.Parent, today); err != nil {
				return err
			}
		}
		found, err := region.List(ctx, tx, f, today)
		if err != nil {
			return err
		}
		page, err = postgres.NewPage(in.domain(), found, func(r region.Region) byCode { return byCode{r.Code} })
		return err
	})
	return page, err
}

type byCode struct {
	Code string `path:"code" maxLength:"13" example:"12.71" doc:"official code"`
}

func (s *Server) region(ctx context.Context, who access.Actor, in *byCode) (r region.Region, err error) {
	err = postgres.Read(ctx, s.DB, who, func(tx *sqlx.Tx) error {
		r, err = region.ByCode(ctx, tx, in.Code, region.Today("WIB", s.Now()))
		return err
	})
	return r, err
}

type newRegionChange struct {
	DryRun bool `query:"dry_run" doc:"only tell what would move"`
	Body   region.NewChange
}

func (s *Server) changeRegions(ctx context.Context, who access.Actor, in *newRegionChange) (region.Changed, error) {
	return s.Regions.Do(ctx, who, in.Body, in.DryRun)
}

func (s *Server) regionChanges(ctx context.Context, who access.Actor, in *struct{ Paging }) (postgres.Page[region.Changed], error) {
	return s.Regions.List(ctx, who, in.domain())
}

func (s *Server) regionChange(ctx context.Context, who access.Actor, in *ByNumber) (region.Changed, error) {
	return s.Regions.Get(ctx, who, in.ID)
}
