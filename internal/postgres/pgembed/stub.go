//go:build !unix

package pgembed

import (
	"context"
	"errors"
)

var errSystem = errors.New("a private PostgreSQL needs Linux, macOS or another Unix: set DATABASE_URL to a PostgreSQL that runs elsewhere")

// Server is a hold on the PostgreSQL of a directory; on this system there is none.
type Server struct{}

// Join always fails on this system.
func Join(context.Context, Options) (*Server, error) { return nil, errSystem }

// Version always fails on this system.
func Version(Options) (string, error) { return "", errSystem }

// Remove always fails on this system.
func Remove(context.Context, string) error { return errSystem }

// Lock always fails on this system.
func Lock(context.Context, string, bool) (func(), error) { return nil, errSystem }

// URL is never reached: Join fails.
func (*Server) URL(string) string { return "" }

// Create always fails on this system.
func (*Server) Create(context.Context, string) error { return errSystem }

// Serve always fails on this system.
func (*Server) Serve() (func(), error) { return nil, errSystem }

// Close has nothing to give up.
func (*Server) Close(context.Context) error { return nil }
