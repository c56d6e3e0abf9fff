package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"blangko/api"
	"blangko/internal/account"
	"blangko/migrations"
)

// serving is how the server meets the network.
type serving struct {
	listen         string
	certFile       string
	keyFile        string
	trustedProxies []string
	demo           bool
}

func serveCommand(c *config) *cobra.Command {
	var s serving
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API and the web application until stopped",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), *c, s, cmd.OutOrStdout()) },
	}
	cmd.Flags().StringVar(&s.listen, "listen", "127.0.0.1:8080", "address to listen on")
	cmd.Flags().StringVar(&s.certFile, "tls-cert", "", "certificate file; with --tls-key the server speaks TLS")
	cmd.Flags().StringVar(&s.keyFile, "tls-key", "", "key file of the certificate")
	cmd.Flags().StringSliceVar(&s.trustedProxies, "trusted-proxy", nil, "network whose X-Forwarded-For is believed, such as 10.0.0.0/8")
	cmd.Flags().BoolVar(&s.demo, "demo", false, "load the synthetic demo into an empty database first")
	return dataFlag(cmd, c)
}

func (s serving) check() error {
	if (s.certFile == "") != (s.keyFile == "") {
		return errors.New("--tls-cert and --tls-key go together")
	}
	for _, network := range s.trustedProxies {
		if _, _, err := net.ParseCIDR(network); err != nil && net.ParseIP(network) == nil {
			return fmt.Errorf("--trusted-proxy %s is neither an address nor a network such as 10.0.0.0/8", network)
		}
	}
	return nil
}

// memoryLimit is from where on the collector works harder, so that a night over all 7,285 kecamatan stays below 500 MB;
// GOMEMLIMIT says otherwise.
const memoryLimit = 400 << 20

// serve runs until ctx is done, then lets running requests and jobs finish.
func serve(ctx context.Context, c config, options serving, out io.Writer) (err error) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if err := options.check(); err != nil {
		return err
	}
	// Before PostgreSQL starts: a port in use is known at once, and nothing is left running.
	listener, err := net.Listen("tcp", options.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use: stop what listens there, or choose another address with --listen", options.listen)
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", options.listen, err)
	}
	defer listener.Close()

	d, err := openDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if d.embedded != nil {
		release, err := d.embedded.Serve()
		if err != nil {
			return err
		}
		defer release()
	}
	s, err := newSystem(d, time.Now)
	if err != nil {
		return err
	}
	roads, err := openRoads(ctx, c.Roads)
	if err != nil {
		return err
	}
	s.outreach.TravelBy(roads)
	if options.demo {
		if err := s.loadDemo(ctx, progress("demo")); err != nil {
			return err
		}
		if err := s.forecastOnce(ctx); err != nil {
			return err
		}
	}
	server, err := s.api(options)
	if err != nil {
		return err
	}
	return s.run(ctx, server, listener, options, out)
}

func (s *system) domains() api.Domains {
	return api.Domains{
		DB: s.db.DB, Accounts: s.accounts, Schedule: s.schedule, Ledger: s.ledger, Coverage: s.coverage, Outreach: s.outreach, Forecasts: s.forecasts, Alerts: s.alerts,
		Imports: s.imports, Atlas: s.atlas, Regions: s.regions, Settings: s.settings, Now: s.now, Ready: s.ready,
	}
}

func (s *system) api(options serving) (*http.Server, error) {
	handler, err := api.New(s.domains(), api.Options{TrustedProxies: options.trustedProxies, Secure: options.certFile != "", Version: version})
	if err != nil {
		return nil, err
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}, nil
}

// ready says whether requests can be served: the database answers and has this program's schema.
func (s *system) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := s.db.Ping(ctx); err != nil {
		return errors.New("the database does not answer")
	}
	current, err := migrations.Current(ctx, s.db.Raw())
	if err != nil {
		return errors.New("the schema cannot be read")
	}
	if latest := migrations.Latest(); current != latest {
		return fmt.Errorf("the schema is at %d, this program at %d", current, latest)
	}
	return nil
}

func (s *system) run(ctx context.Context, server *http.Server, listener net.Listener, options serving, out io.Writer) error {
	server.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	s.schedule.Start(ctx)
	failed := make(chan error, 1)
	go func() {
		if options.certFile != "" {
			failed <- server.ServeTLS(listener, options.certFile, options.keyFile)
			return
		}
		failed <- server.Serve(listener)
	}()
	s.greet(ctx, listener, options, out)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	slog.Info("stopping")
	finish, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	// Requests first: one of them may be waiting for a job.
	return errors.Join(server.Shutdown(finish), s.schedule.Stop(finish))
}

func (s *system) greet(ctx context.Context, listener net.Listener, options serving, out io.Writer) {
	scheme := "http"
	if options.certFile != "" {
		scheme = "https"
	}
	fmt.Fprintf(out, "\nblangko %s serves %s://%s   (API: /docs, stop: Ctrl-C)\n", version, scheme, listener.Addr())
	if synthetic, err := s.ledger.Synthetic(ctx); err != nil || !synthetic {
		return
	}
	fmt.Fprintf(out, "Synthetic demo data. Sign in with password %s as:\n", account.DemoPassword)
	for _, u := range account.DemoUsers {
		fmt.Fprintf(out, "  %-18s %s\n", u.Username, u.Name)
	}
}

// version is set by the build.
var version = "dev"
