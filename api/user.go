package api

import (
	"context"
	"time"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
)

type userFilter struct {
	Role     access.Role `query:"role" enum:"planner,store,province,officer,outreach,auditor,admin"`
	Region   string      `query:"region" maxLength:"13" doc:"official code; with everything below it"`
	Disabled string      `query:"disabled" enum:"true,false"`
	Paging
}

func (s *Server) users(ctx context.Context, who access.Actor, in *userFilter) (postgres.Page[account.User], error) {
	f := account.UserFilter{Role: in.Role, Region: in.Region}
	if in.Disabled != "" {
		f.Disabled = ptr(in.Disabled == "true")
	}
	return s.Accounts.List(ctx, who, f, in.domain())
}

type ByNumber struct {
	ID int64 `path:"id" minimum:"1"`
}

func (s *Server) user(ctx context.Context, who access.Actor, in *ByNumber) (account.User, error) {
	return s.Accounts.Get(ctx, who, in.ID)
}

type newUser struct{ Body account.NewUser }

func (s *Server) addUser(ctx context.Context, who access.Actor, in *newUser) (account.User, error) {
	return s.Accounts.Create(ctx, who, in.Body)
}

type userChange struct {
	ByNumber
	IfMatch
	Body account.UserChange
}

func (s *Server) changeUser(ctx context.Context, who access.Actor, in *userChange) (account.User, error) {
	version, err := in.version()
	if err != nil {
		return account.User{}, err
	}
	return s.Accounts.Update(ctx, who, in.ID, version, in.Body)
}

type passwordOf struct {
	ByNumber
	Body struct {
		Password string `json:"password" maxLength:"1000" format:"password" doc:"10 to 128 characters, not the username"`
	}
}

func (s *Server) setPassword(ctx context.Context, who access.Actor, in *passwordOf) (account.User, error) {
	return s.Accounts.SetPassword(ctx, who, in.ID, in.Body.Password)
}

type listed struct{ Paging }

func (s *Server) tokens(ctx context.Context, who access.Actor, in *listed) (postgres.Page[account.Token], error) {
	return s.Accounts.ListTokens(ctx, who, in.domain())
}

type newToken struct{ Body account.NewToken }

func (s *Server) addToken(ctx context.Context, who access.Actor, in *newToken) (account.IssuedToken, error) {
	return s.Accounts.AddToken(ctx, who, in.Body)
}

func (s *Server) revokeToken(ctx context.Context, who access.Actor, in *ByNumber) (account.Token, error) {
	return s.Accounts.RevokeToken(ctx, who, in.ID)
}

type trailFilter struct {
	Noun   string    `query:"noun" maxLength:"50"`
	NounID string    `query:"noun_id" maxLength:"100"`
	Actor  string    `query:"actor" maxLength:"100" doc:"username"`
	From   time.Time `query:"from" doc:"at or after"`
	To     time.Time `query:"to" doc:"before"`
	Paging
}

func (s *Server) audit(ctx context.Context, who access.Actor, in *trailFilter) (postgres.Page[account.Change], error) {
	f := account.TrailFilter{Noun: in.Noun, NounID: in.NounID, Actor: in.Actor, From: in.From, To: in.To}
	return s.Accounts.Trail(ctx, who, f, in.domain())
}
