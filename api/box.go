package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// largestManifest holds 4,000 boxes by first and last chip, or a hundred thousand chips one by one.
const largestManifest = 4 << 20

type boxFilter struct {
	Place     int                 `query:"place" minimum:"1" maximum:"2147483647"`
	Region    string              `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Condition inventory.Condition `query:"condition" enum:"usable,reserved,in-transit,spoiled,quarantine"`
	Sealed    bool                `query:"sealed" doc:"only sealed ones"`
	Shipment  int64               `query:"shipment" minimum:"1" doc:"those packed in a shipment"`
	Delivery  int64               `query:"delivery" minimum:"1" doc:"those of a delivery, with the parts cut out of them"`
	Loss      int64               `query:"loss" minimum:"1" doc:"those frozen by a loss, or written off with it"`
	Paging
}

func (f boxFilter) boxes() inventory.BoxFilter {
	return inventory.BoxFilter{Place: f.Place, Region: f.Region, Condition: f.Condition, Sealed: f.Sealed,
		Shipment: f.Shipment, Delivery: f.Delivery, Loss: f.Loss, Paging: f.domain()}
}

func (s *Server) boxes(ctx context.Context, who access.Actor, in *boxFilter) (postgres.Page[inventory.Box], error) {
	return s.Ledger.Boxes(ctx, who, in.boxes())
}

// boxLabels are the labels of what the list of boxes lists.
func (s *Server) boxLabels(ctx context.Context, who access.Actor, in *boxFilter) (file, error) {
	content, err := s.Ledger.BoxLabels(ctx, who, in.boxes())
	return file{Name: "label-kotak.pdf", Type: "application/pdf", Content: content}, err
}

// ByBox is embedded in the input of what is asked of one box.
type ByBox struct {
	Number string `path:"number" maxLength:"60"`
}

func (s *Server) box(ctx context.Context, who access.Actor, in *ByBox) (inventory.Box, error) {
	return s.Ledger.Box(ctx, who, in.Number)
}

type boxVersion struct {
	ByBox
	IfMatch
}

func (s *Server) openBox(ctx context.Context, who access.Actor, in *boxVersion) (inventory.Box, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Box, error) { return s.Ledger.OpenBox(ctx, who, in.Number, version) })
}

type byChip struct {
	UID string `path:"uid" maxLength:"20" doc:"8 or 14 hexadecimal digits" example:"04A1B2C3D40001"`
}

func (s *Server) traceChip(ctx context.Context, who access.Actor, in *byChip) (inventory.Trace, error) {
	return s.Ledger.TraceChip(ctx, who, in.UID)
}

type packing struct {
	Version
	Body inventory.Packing
}

func (s *Server) packShipment(ctx context.Context, who access.Actor, in *packing) (inventory.Shipment, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Shipment, error) {
		return s.Ledger.PackShipment(ctx, who, in.ID, version, in.Body)
	})
}

func (s *Server) checkpoints(ctx context.Context, who access.Actor, in *page) (postgres.Page[inventory.KeptCheckpoint], error) {
	return s.Ledger.Checkpoints(ctx, who, in.domain())
}

type byDay struct {
	Day string `path:"day" format:"date"`
}

func (s *Server) checkpoint(ctx context.Context, who access.Actor, in *byDay) (file, error) {
	text, err := s.Ledger.CheckpointOf(ctx, who, in.Day)
	return file{Name: "checkpoint-" + in.Day + ".json", Type: "application/json", Content: text}, err
}
