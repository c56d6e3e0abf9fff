package api

import (
	"bytes"
	"context"
	"fmt"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/sheet"
)

type newImport struct {
	Kind    string `query:"kind" required:"true" maxLength:"40" example:"figures"`
	File    string `query:"file" maxLength:"300" default:"upload" doc:"name of the file, for the list of imports"`
	Strict  bool   `query:"strict" doc:"all rows or none"`
	DryRun  bool   `query:"dry_run" doc:"only tell what would be done"`
	RawBody []byte `contentType:"application/octet-stream"`
}

// importFile takes a CSV or XLSX file as the body. What is wrong with cells is part of the answer.
func (s *Server) importFile(ctx context.Context, who access.Actor, in *newImport) (sheet.Report, error) {
	return s.Imports.Import(ctx, who, in.Kind, in.File, bytes.NewReader(in.RawBody), sheet.Options{Strict: in.Strict, DryRun: in.DryRun})
}

func (s *Server) importKinds(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[sheet.Described], error) {
	return s.Imports.Kinds(ctx, who)
}

func (s *Server) runningImports(ctx context.Context, who access.Actor, _ *nothing) (postgres.Page[sheet.Running], error) {
	return s.Imports.Running(ctx, who)
}

type importFilter struct {
	Kind string `query:"kind" maxLength:"40"`
	Paging
}

func (s *Server) imports(ctx context.Context, who access.Actor, in *importFilter) (postgres.Page[sheet.Report], error) {
	return s.Imports.List(ctx, who, in.Kind, in.domain())
}

func (s *Server) importByID(ctx context.Context, who access.Actor, in *ByNumber) (sheet.Report, error) {
	return s.Imports.Get(ctx, who, in.ID)
}

func (s *Server) undoImport(ctx context.Context, who access.Actor, in *ByNumber) (sheet.Report, error) {
	return s.Imports.Undo(ctx, who, in.ID)
}

type badRowsOf struct {
	ByNumber
	Format sheet.Format `query:"format" default:"csv" enum:"csv,xlsx"`
}

// badRows is the file of what was not taken, to be mended and sent again.
func (s *Server) badRows(ctx context.Context, who access.Actor, in *badRowsOf) (file, error) {
	content, err := s.Imports.BadRows(ctx, who, in.ID, in.Format)
	return file{Name: fmt.Sprintf("import-%d-errors.%s", in.ID, in.Format), Type: in.Format.Type(), Content: content}, err
}
