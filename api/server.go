// Package api speaks HTTP for the domains. Every operation stands in routes.go; a handler decodes, calls one domain
// method and encodes. Errors are returned; problem.go alone writes them.
package api

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"

	"blangko/coverage"
	"blangko/forecasting"
	"blangko/internal/account"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/schedule"
	"blangko/internal/setting"
	"blangko/internal/sheet"
	"blangko/inventory"
	"blangko/notice"
	"blangko/outreach"
	"blangko/web"
)

// Domains are what the API speaks for.
type Domains struct {
	DB        *postgres.DB
	Accounts  *account.Accounts
	Schedule  *schedule.Schedule
	Ledger    *inventory.Ledger
	Coverage  *coverage.Register
	Outreach  *outreach.Desk
	Imports   *sheet.Imports
	Settings  *setting.Settings
	Atlas     *boundary.Atlas
	Regions   *region.Changes
	Now       func() time.Time
	Ready     func(ctx context.Context) error // nil when requests can be served
	Forecasts *forecasting.Forecaster
	Alerts    *notice.Alerts
}

// Options are how the server meets the network.
type Options struct {
	TrustedProxies []string // networks whose X-Forwarded-For is believed; none by default
	Secure         bool     // reached over TLS, so cookies are for TLS alone
	MaxBodyBytes   int64    // 0 for 1 MiB
	Version        string
}

// Server is the API as an http.Handler.
type Server struct {
	Domains
	options  Options
	engine   *gin.Engine
	api      huma.API
	sessions *scs.SessionManager
	metrics  *metrics
	most     map[string]int64 // path → bytes of a body, where the server's own bound does not hold
	handler  http.Handler
}

// New builds the server; a route that cannot be registered is a bug and panics.
func New(d Domains, o Options) (*Server, error) {
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = 1 << 20
	}
	gin.SetMode(gin.ReleaseMode)
	s := &Server{Domains: d, options: o, engine: gin.New(), most: map[string]int64{}, metrics: newMetrics(prometheus.NewRegistry(), d.DB)}
	s.engine.ContextWithFallback = true
	s.engine.HandleMethodNotAllowed = true
	if err := s.engine.SetTrustedProxies(o.TrustedProxies); err != nil {
		return nil, err
	}
	s.sessions = newSessions(d.Accounts, o.Secure)
	s.engine.Use(s.requestID, s.log, s.recover, secureHeaders, sameOrigin())
	pages, err := newApplication(web.Dist())
	if err != nil {
		return nil, err
	}
	s.engine.NoRoute(func(c *gin.Context) {
		c.Status(http.StatusOK) // gin assumed the worst
		if !pages.serve(c.Writer, c.Request) {
			refuse(c, errNoRoute.With("path", c.Request.URL.Path))
		}
	})
	s.engine.NoMethod(func(c *gin.Context) { refuse(c, errNoMethod.With("method", c.Request.Method)) })

	v1 := s.engine.Group("", s.identify, s.readBody)
	s.api = humagin.NewWithGroup(s.engine, v1, openAPIConfig(o.Version))
	for _, r := range routes() {
		r.register(s, s.api, r)
		if r.most > 0 {
			s.most[r.path] = r.most
		}
	}
	s.house()

	// A table of 514 regions is an eighth of its size on the wire; answers that are compressed already are left alone.
	compress, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"application/json", "application/problem+json", "application/geo+json", tileType}))
	if err != nil {
		return nil, err
	}
	s.handler = compress(s.sessions.LoadAndSave(s.engine))
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }
