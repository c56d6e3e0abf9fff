package api

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"blangko/internal/access"
	"blangko/internal/account"
)

const (
	sessionCookie = "blangko_session"
	sessionUser   = "user"
	sessionSince  = "since" // instant of the sign-in in microseconds: a later password ends the session
)

func newSessions(store scs.CtxStore, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.HashTokenInStore = true
	m.Lifetime = 14 * time.Hour // a long working day in the field
	m.IdleTimeout = 4 * time.Hour
	m.Cookie.Name = sessionCookie
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	m.ErrorFunc = write
	return m
}

// Me is who is signed in.
type Me struct {
	ID        int64           `json:"id"`
	Username  string          `json:"username"`
	Role      access.Role     `json:"role"`
	Region    string          `json:"region" doc:"top of what they reach, by official code; 00 is the nation"`
	Actions   []access.Action `json:"actions" doc:"what the role may do"`
	Synthetic bool            `json:"synthetic" doc:"the demo's data, not those of real offices"`
}

type signIn struct {
	Body account.Credentials
}

// signIn starts a session. The token is renewed, so that one planted before cannot be used after.
func (s *Server) signIn(ctx context.Context, _ access.Actor, in *signIn) (Me, error) {
	user, err := s.Accounts.Authenticate(ctx, in.Body.Username, in.Body.Password, clientIP(ctx))
	if err != nil {
		return Me{}, err
	}
	now := s.Now()
	who, err := s.Accounts.Actor(ctx, user.ID, now)
	if err != nil {
		return Me{}, err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return Me{}, err
	}
	s.sessions.Put(ctx, sessionUser, user.ID)
	s.sessions.Put(ctx, sessionSince, now.UnixMicro())
	return s.describe(ctx, who)
}

func (s *Server) signOut(ctx context.Context, _ access.Actor, _ *nothing) (done, error) {
	return done{true}, s.sessions.Destroy(ctx)
}

func (s *Server) me(ctx context.Context, who access.Actor, _ *nothing) (Me, error) {
	return s.describe(ctx, who)
}

func (s *Server) describe(ctx context.Context, who access.Actor) (Me, error) {
	synthetic, err := s.Ledger.Synthetic(ctx)
	return Me{ID: who.ID, Username: who.Name, Role: who.Role, Region: who.Reach, Actions: access.Granted(who.Role), Synthetic: synthetic}, err
}

type newPassword struct {
	Body struct {
		Current  string `json:"current" maxLength:"1000" format:"password"`
		Password string `json:"password" maxLength:"1000" format:"password" doc:"10 to 128 characters, not the username"`
	}
}

// changePassword ends every other session of the user and keeps this one.
func (s *Server) changePassword(ctx context.Context, who access.Actor, in *newPassword) (done, error) {
	if _, err := s.Accounts.ChangePassword(ctx, who, in.Body.Current, in.Body.Password, clientIP(ctx)); err != nil {
		return done{}, err
	}
	if s.sessions.GetInt64(ctx, sessionUser) == who.ID {
		if err := s.sessions.RenewToken(ctx); err != nil {
			return done{}, err
		}
		s.sessions.Put(ctx, sessionSince, s.Now().UnixMicro())
	}
	return done{true}, nil
}
