package api

import (
	"context"
	"fmt"

	"blangko/internal/access"
	"blangko/inventory"
)

// pdf is a paper as it is sent.
func pdf(name string, id int64, content []byte, err error) (file, error) {
	return file{Name: fmt.Sprintf("%s-%d.pdf", name, id), Type: "application/pdf", Content: content}, err
}

func (s *Server) deliveryNote(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Ledger.DeliveryNote(ctx, who, in.ID)
	return pdf("surat-jalan", in.ID, content, err)
}

func (s *Server) handoverRecord(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Ledger.HandoverRecord(ctx, who, in.ID)
	return pdf("bast", in.ID, content, err)
}

func (s *Server) countRecord(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Ledger.CountRecord(ctx, who, in.ID)
	return pdf("ba-stock-opname", in.ID, content, err)
}

func (s *Server) lossRecord(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Ledger.LossRecord(ctx, who, in.ID)
	return pdf("ba-kehilangan", in.ID, content, err)
}

func (s *Server) destructionRecord(ctx context.Context, who access.Actor, in *ByNumber) (file, error) {
	content, err := s.Ledger.DestructionRecord(ctx, who, in.ID)
	return pdf("ba-pemusnahan", in.ID, content, err)
}

type scanOf struct {
	Code string `query:"code" required:"true" minLength:"1" maxLength:"300" doc:"what the scanner read: a seal, or the number of a document"`
}

func (s *Server) scan(ctx context.Context, who access.Actor, in *scanOf) (inventory.Scanned, error) {
	return s.Ledger.Scan(ctx, who, in.Code)
}
