package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
)

type actorInContext struct{}

func withActor(ctx context.Context, who access.Actor) context.Context {
	return context.WithValue(ctx, actorInContext{}, who)
}

// actorOf is who asks; the zero Actor when nobody is signed in.
func actorOf(ctx context.Context) access.Actor {
	who, _ := ctx.Value(actorInContext{}).(access.Actor)
	return who
}

type addressInContext struct{}

// clientIP is the address that asks, behind trusted proxies.
func clientIP(ctx context.Context) string {
	ip, _ := ctx.Value(addressInContext{}).(string)
	return ip
}

type keyInContext struct{}

func keyOf(ctx context.Context) *postgres.Key {
	key, _ := ctx.Value(keyInContext{}).(*postgres.Key)
	return key
}

// requestID gives each request a name of ours; one from outside could fake the trail.
func (s *Server) requestID(c *gin.Context) {
	id := uuid.NewString()
	c.Header("X-Request-Id", id)
	c.Request = c.Request.WithContext(postgres.WithRequestID(c.Request.Context(), id))
	c.Next()
}

// log writes one line a request. Queries and bodies stay out of it.
func (s *Server) log(c *gin.Context) {
	began := time.Now()
	c.Next()
	took := time.Since(began)
	route := c.FullPath()
	s.metrics.request(c.Request.Method, route, c.Writer.Status(), took)
	level := slog.LevelInfo
	if strings.HasPrefix(route, "/healthz") || strings.HasPrefix(route, "/readyz") || strings.HasPrefix(route, "/metrics") {
		level = slog.LevelDebug
	}
	slog.LogAttrs(c.Request.Context(), level, "request",
		slog.String("request", postgres.RequestID(c.Request.Context())),
		slog.String("method", c.Request.Method), slog.String("path", c.Request.URL.Path), slog.Int("status", c.Writer.Status()),
		slog.Duration("took", took), slog.Int64("actor", actorOf(c.Request.Context()).ID), slog.String("from", c.ClientIP()))
}

// recover turns a panic, which is a bug, into a logged 500.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			refuse(c, fmt.Errorf("panic: %v", p))
		}
	}()
	c.Next()
}

func secureHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	}
	c.Next()
}

// sameOrigin refuses a change that another site's page asks for (cross-site request forgery).
func sameOrigin() gin.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(c *gin.Context) {
		if err := guard.Check(c.Request); err != nil {
			refuse(c, errCrossOrigin.With("origin", c.GetHeader("Origin")))
			return
		}
		c.Next()
	}
}

// identify finds who asks: a bearer token when one is sent, else the session. A wrong token is refused rather than
// taken for nobody, so that a program learns of it at once.
func (s *Server) identify(c *gin.Context) {
	ctx := c.Request.Context()
	if _, known := ctx.Value(actorInContext{}).(access.Actor); known { // the server asks itself, for an export
		c.Next()
		return
	}
	var who access.Actor
	var err error
	if header := c.GetHeader("Authorization"); header != "" {
		secret, ok := strings.CutPrefix(header, "Bearer ")
		if !ok {
			refuse(c, access.ErrSignIn.With("advice", "send Authorization: Bearer and a token"))
			return
		}
		who, err = s.Accounts.ActorOfToken(ctx, secret)
	} else if id := s.sessions.GetInt64(ctx, sessionUser); id != 0 {
		who, err = s.Accounts.Actor(ctx, id, time.UnixMicro(s.sessions.GetInt64(ctx, sessionSince)))
	}
	if err != nil && !(errors.Is(err, access.ErrSignIn) && c.Request.URL.Path == "/api/v1/session") {
		refuse(c, err)
		return
	}
	ctx = context.WithValue(withActor(ctx, who), addressInContext{}, c.ClientIP())
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// readBody reads a bounded body, refuses what may identify a resident, and ties the Idempotency-Key to what is asked.
func (s *Server) readBody(c *gin.Context) {
	r := c.Request
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		c.Next()
		return
	}
	most := s.options.MaxBodyBytes
	if m, ok := s.most[c.FullPath()]; ok && actorOf(r.Context()).Role != "" {
		most = m
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(c, errTooLarge.With("most_bytes", tooLarge.Limit))
		return
	case err != nil:
		refuse(c, errBadRequest.With("message", "the body ended early").Because(err))
		return
	}
	if c.FullPath() != "/api/v1/session" {
		if err := privacy.CheckJSON(body); err != nil {
			refuse(c, err)
			return
		}
	}
	if id := c.GetHeader("Idempotency-Key"); id != "" && len(id) <= 200 {
		digest := sha256.New()
		fmt.Fprintf(digest, "%s %s\n", r.Method, r.URL.RequestURI())
		digest.Write(body)
		key := &postgres.Key{ID: id}
		digest.Sum(key.Digest[:0])
		ctx := context.WithValue(r.Context(), keyInContext{}, key)
		r = r.WithContext(postgres.WithKey(ctx, key))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.Request = r
	c.Next()
}
