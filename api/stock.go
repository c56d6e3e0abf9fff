package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

func (s *Server) items(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[inventory.Item], error) {
	return s.Ledger.Items(ctx, who)
}

type placeFilter struct {
	Region string              `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Kind   inventory.PlaceKind `query:"kind" enum:"national,province,regency,service,team,supplier,public,destroyed,lost"`
	Paging
}

func (s *Server) places(ctx context.Context, who access.Actor, in *placeFilter) (postgres.Page[inventory.Place], error) {
	return s.Ledger.Places(ctx, who, inventory.PlaceFilter{Region: in.Region, Kind: in.Kind, Paging: in.domain()})
}

// PlaceByNumber is embedded in the input of what is asked of one place.
type PlaceByNumber struct {
	ID int `path:"id" minimum:"1" maximum:"2147483647"`
}

func (s *Server) place(ctx context.Context, who access.Actor, in *PlaceByNumber) (inventory.Place, error) {
	return s.Ledger.Place(ctx, who, in.ID)
}

type printersOfPlace struct {
	PlaceByNumber
	IfMatch
	Body inventory.Printers
}

func (s *Server) setPrinters(ctx context.Context, who access.Actor, in *printersOfPlace) (inventory.Place, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Place, error) {
		return s.Ledger.SetPrinters(ctx, who, in.ID, version, in.Body)
	})
}

type stockFilter struct {
	Level  string          `query:"level" default:"regency" enum:"nation,province,regency,district"`
	Region string          `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	State  inventory.State `query:"state" enum:"out,low,sufficient,over"`
	Limit  int             `query:"limit" minimum:"1" maximum:"1000" default:"1000"`
	Cursor string          `query:"cursor" maxLength:"1000" doc:"next of the page before"`
}

// stock answers all 514 kabupaten/kota at once unless a limit is given: a map and a table want them all.
func (s *Server) stock(ctx context.Context, who access.Actor, in *stockFilter) (inventory.StockPage, error) {
	return s.Ledger.Stock(ctx, who, inventory.StockFilter{Level: in.Level, Region: in.Region, State: in.State,
		Paging: postgres.Paging{Limit: in.Limit, Cursor: in.Cursor}})
}

type historyOf struct {
	Region string `query:"region" required:"true" maxLength:"13" doc:"official code; with everything below it"`
	By     string `query:"by" default:"day" enum:"day,month"`
	From   string `query:"from" required:"true" format:"date"`
	To     string `query:"to" required:"true" format:"date"`
}

func (s *Server) stockHistory(ctx context.Context, who access.Actor, in *historyOf) (postgres.Page[inventory.StockThen], error) {
	return s.Ledger.StockHistory(ctx, who, in.Region, in.By, in.From, in.To)
}

func (s *Server) publicStock(ctx context.Context, _ access.Actor, _ *nothing) (inventory.PublicStockPage, error) {
	return s.Ledger.Public(ctx)
}
