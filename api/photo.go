package api

import (
	"context"
	"fmt"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

type newPhoto struct {
	ByNumber
	RawBody []byte `contentType:"application/octet-stream"`
}

// addPhoto takes a JPEG or PNG file as the body.
func (s *Server) addPhoto(ctx context.Context, who access.Actor, in *newPhoto) (inventory.Photo, error) {
	return s.Ledger.AddPhoto(ctx, who, in.ID, in.RawBody)
}

func (s *Server) photos(ctx context.Context, who access.Actor, in *ByNumber) (postgres.Page[inventory.Photo], error) {
	return s.Ledger.Photos(ctx, who, in.ID)
}

type photoOf struct {
	ByNumber
	Photo int64 `path:"photo" minimum:"1"`
}

func (s *Server) photoImage(ctx context.Context, who access.Actor, in *photoOf) (file, error) {
	content, err := s.Ledger.PhotoImage(ctx, who, in.ID, in.Photo)
	return file{Name: fmt.Sprintf("bukti-%d-%d.jpg", in.ID, in.Photo), Type: "image/jpeg", Content: content}, err
}
