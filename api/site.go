package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/outreach"
)

type siteFilter struct {
	Region string            `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Kind   outreach.SiteKind `query:"kind" enum:"school_sma,school_smk,school_ma,school_slb,pesantren,panti_jompo,panti_asuhan,lapas,rutan,lpka,hospital,village,island,camp,institution,company,other"`
	Status string            `query:"status" enum:"active,closed"`
	Flag   string            `query:"flag" enum:"no-point,no-heads,outside-region,outside-district,near-duplicate,perhaps-at-sea,perhaps-on-island"`
	Text   string            `query:"text" maxLength:"100" doc:"a part of the name"`
	Near   string            `query:"near" maxLength:"60" example:"127.3735,0.7886" doc:"longitude and latitude: the sites around it, the nearest first"`
	Metres float64           `query:"metres" minimum:"1" maximum:"200000" default:"5000" doc:"with near: no farther away"`
	Paging
}

func (s *Server) sites(ctx context.Context, who access.Actor, in *siteFilter) (postgres.Page[outreach.Site], error) {
	f := outreach.SiteFilter{Region: in.Region, Kind: in.Kind, Status: in.Status, Flag: in.Flag, Text: in.Text, Metres: in.Metres, Paging: in.domain()}
	if in.Near != "" {
		lon, lat, _ := strings.Cut(in.Near, ",")
		x, err := strconv.ParseFloat(strings.TrimSpace(lon), 64)
		y, err2 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
		if err != nil || err2 != nil || x < -180 || x > 180 || y < -90 || y > 90 {
			return postgres.Page[outreach.Site]{}, fault.ErrInvalid.At("query.near", "not-a-point", in.Near, "form", "longitude,latitude")
		}
		f.Near = &orb.Point{x, y}
	}
	return s.Outreach.Sites(ctx, who, f)
}

// SiteMapOf is embedded in the input of what a map of sites shows.
type SiteMapOf struct {
	Region string            `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Kind   outreach.SiteKind `query:"kind" maxLength:"30"`
}

func (s *Server) siteMap(ctx context.Context, who access.Actor, in *SiteMapOf) (outreach.FeatureCollection, error) {
	return s.Outreach.SiteMap(ctx, who, in.Region, in.Kind)
}

type clustersOf struct {
	SiteMapOf
	Zoom int `query:"zoom" minimum:"0" maximum:"18" default:"8" doc:"of the map: 0 the world, 18 a street"`
}

func (s *Server) siteClusters(ctx context.Context, who access.Actor, in *clustersOf) (outreach.FeatureCollection, error) {
	return s.Outreach.SiteClusters(ctx, who, in.Region, in.Kind, in.Zoom)
}

type duplicatesOf struct {
	Region string `query:"region" maxLength:"13" doc:"official code; with everything below it"`
}

func (s *Server) siteDuplicates(ctx context.Context, who access.Actor, in *duplicatesOf) (postgres.Page[outreach.Duplicate], error) {
	return s.Outreach.Duplicates(ctx, who, in.Region)
}

func (s *Server) site(ctx context.Context, who access.Actor, in *ByNumber) (outreach.Site, error) {
	return s.Outreach.Site(ctx, who, in.ID)
}

type newSite struct{ Body outreach.NewSite }

func (s *Server) addSite(ctx context.Context, who access.Actor, in *newSite) (outreach.Site, error) {
	return s.Outreach.AddSite(ctx, who, in.Body)
}

type siteChange struct {
	Version
	Body outreach.NewSite
}

func (s *Server) changeSite(ctx context.Context, who access.Actor, in *siteChange) (outreach.Site, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Site{}, err
	}
	return s.Outreach.ChangeSite(ctx, who, in.ID, version, in.Body)
}

type checkOf struct {
	Version
	Body struct {
		Flags []string `json:"flags" maxItems:"10" enum:"outside-region,outside-district,near-duplicate,perhaps-at-sea,perhaps-on-island" doc:"all that are right as they are; those left out are raised again"`
	}
}

func (s *Server) checkSite(ctx context.Context, who access.Actor, in *checkOf) (outreach.Site, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Site{}, err
	}
	return s.Outreach.CheckSite(ctx, who, in.ID, version, in.Body.Flags)
}

type newHead struct {
	ByNumber
	Body outreach.NewHead
}

func (s *Server) addHead(ctx context.Context, who access.Actor, in *newHead) (outreach.Site, error) {
	return s.Outreach.AddHead(ctx, who, in.ID, in.Body)
}

func (s *Server) islands(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[outreach.Island], error) {
	return s.Outreach.Islands(ctx, who)
}

type newIsland struct{ Body outreach.NewIsland }

func (s *Server) addIsland(ctx context.Context, who access.Actor, in *newIsland) (outreach.Island, error) {
	return s.Outreach.AddIsland(ctx, who, in.Body)
}

type islandChange struct {
	Version
	Body outreach.NewIsland
}

func (s *Server) changeIsland(ctx context.Context, who access.Actor, in *islandChange) (outreach.Island, error) {
	version, err := in.version()
	if err != nil {
		return outreach.Island{}, err
	}
	return s.Outreach.ChangeIsland(ctx, who, in.ID, version, in.Body)
}
