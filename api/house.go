package api

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// house adds what programs around the product ask for: is it alive, is it ready, how is it doing, what can it do.
func (s *Server) house() {
	s.engine.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "alive"}) })
	s.engine.GET("/readyz", func(c *gin.Context) {
		if err := s.Ready(c.Request.Context()); err != nil {
			c.JSON(http.StatusServiceUnavailable, gin.H{"status": "not-ready", "reason": err.Error()})
			return
		}
		c.JSON(http.StatusOK, gin.H{"status": "ready"})
	})
	s.engine.GET("/metrics", s.identify, s.scrape)
	s.engine.GET("/problems/:code", problemPage)
	docs := v5emb.NewWithConfig(swgui.Config{HideCurl: false})("blangko", "/openapi.json", "/docs/")
	page := func(c *gin.Context) {
		// The page's own script is inline; nothing is loaded from elsewhere.
		c.Header("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
		docs.ServeHTTP(c.Writer, c.Request)
	}
	s.engine.GET("/docs", page)
	s.engine.GET("/docs/*asset", page)
}

// scrape answers metrics to this machine and to those who may see how the jobs went.
func (s *Server) scrape(c *gin.Context) {
	ip := net.ParseIP(c.ClientIP())
	if ip == nil || !ip.IsLoopback() {
		if err := actorOf(c.Request.Context()).May(access.ReadJobs); err != nil {
			refuse(c, err)
			return
		}
	}
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Writer, c.Request)
}

// problemPage says what an error code means, where the type of a problem points.
func problemPage(c *gin.Context) {
	f, ok := fault.Declared(c.Param("code"))
	if !ok {
		refuse(c, errNoRoute.With("path", c.Request.URL.Path))
		return
	}
	p := problem(c.Request.Context(), f)
	c.JSON(http.StatusOK, gin.H{"code": f.Code, "kind": f.Kind, "status": p.Status, "title": p.Title})
}

type metrics struct {
	registry *prometheus.Registry
	took     *prometheus.HistogramVec
}

func newMetrics(registry *prometheus.Registry, db *postgres.DB) *metrics {
	m := &metrics{registry: registry, took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "blangko_request_seconds", Help: "Time to answer a request.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"method", "route", "status"})}
	registry.MustRegister(m.took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(db.Raw(), "blangko"))
	return m
}

func (m *metrics) request(method, route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.took.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}
