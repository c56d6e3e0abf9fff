//go:build unix

package pgembed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/lib/pq"
)

const (
	lookEvery  = 250 * time.Millisecond // how soon a PostgreSQL that died is seen
	pruneEvery = 10 * time.Minute
)

// Server is a hold on the PostgreSQL of a directory. While it is held,
// PostgreSQL is started again should it die.
type Server struct {
	cluster *cluster
	stop    context.CancelFunc
	stopped chan struct{}
	close   func(context.Context) error
}

// Join starts the PostgreSQL of the directory, or joins the one that another
// process runs there, and returns when it lets us in. The caller owns the
// Server and must Close it. Errors wrap one of this package's where a person
// can act on them.
func Join(ctx context.Context, o Options) (*Server, error) {
	c, err := newCluster(o)
	if err != nil {
		return nil, err
	}
	change, err := c.change(ctx)
	if err != nil {
		return nil, err
	}
	defer change.release()
	if c.holders, err = openLock(c.path(holdersLock), c.own); err != nil {
		return nil, refuse(c.dir, err)
	}
	err = c.holders.wait(ctx, shared)
	if err == nil {
		err = c.up(ctx)
	}
	if err != nil {
		c.holders.release()
		return nil, err
	}
	return c.hold(), nil
}

func newCluster(o Options) (*cluster, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil || o.Dir == "" {
		return nil, fmt.Errorf("%w: %q is no path: %w", ErrDirectory, o.Dir, err)
	}
	own, err := accountFor(dir)
	if err != nil {
		return nil, err
	}
	if err := prepare(dir, own); err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil { // one directory, one name
		return nil, refuse(dir, err)
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &cluster{dir: dir, own: own, options: o, log: log}, nil
}

// dataMajor is the major version that made the data, 0 when there are none.
func dataMajor(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, refuse(filepath.Dir(data), err)
	}
	major := numberIn(string(text))
	if major == 0 {
		return 0, fmt.Errorf("%w: %s/PG_VERSION says %q", ErrVersion, data, text)
	}
	return major, nil
}

// change takes the lock under which PostgreSQL is started and stopped.
func (c *cluster) change(ctx context.Context) (*fileLock, error) {
	lock, err := openLock(c.path(changeLock), c.own)
	if err != nil {
		return nil, refuse(c.dir, err)
	}
	if err := lock.wait(ctx, exclusive); err != nil {
		lock.release()
		return nil, fmt.Errorf("wait for another process that starts or stops PostgreSQL in %s: %w", c.dir, err)
	}
	return lock, nil
}

func (c *cluster) hold() *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{cluster: c, stop: cancel, stopped: make(chan struct{})}
	var once sync.Once
	var result error
	s.close = func(ctx context.Context) error {
		once.Do(func() { result = s.leave(ctx) })
		return result
	}
	go s.keep(ctx)
	return s
}

// URL is the address of a database for its superuser, for lib/pq and libpq.
func (s *Server) URL(database string) string { return s.cluster.url(database) }

// Create makes the database when it is not there.
func (s *Server) Create(ctx context.Context, database string) error {
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	var there bool
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for database %s: %w", database, err)
	}
	if there {
		return nil
	}
	_, err = db.ExecContext(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(database)+` TEMPLATE template0`)
	refusal := (*pq.Error)(nil)
	if errors.As(err, &refusal) && (refusal.Code == "42P04" || refusal.Code == "23505") {
		return nil // another process was first
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", database, err)
	}
	return nil
}

// Serve claims the directory for the one serve. Until release is called, or
// this process ends, every other claim gets ErrServing.
func (s *Server) Serve() (release func(), err error) {
	c := s.cluster
	lock, err := openLock(c.path(serveLock), c.own)
	if err != nil {
		return nil, refuse(c.dir, err)
	}
	ok, err := lock.try(exclusive)
	if err != nil {
		lock.release()
		return nil, err
	}
	if !ok {
		lock.release()
		return nil, fmt.Errorf("%w: %s: stop it first, or give this one another directory with --data", ErrServing, c.dir)
	}
	return lock.release, nil
}

// Close gives the hold up. The last one to do so stops PostgreSQL: it ends the
// sessions and writes everything out; when ctx is done it is less patient, but
// still stops it. Close may be called again and then says the same.
func (s *Server) Close(ctx context.Context) error { return s.close(ctx) }

func (s *Server) leave(ctx context.Context) error {
	s.stop()
	<-s.stopped
	c := s.cluster
	defer c.holders.release()
	change, err := c.change(ctx)
	if err != nil {
		return err
	}
	defer change.release()
	last, err := c.holders.try(exclusive)
	if err != nil || !last {
		return err
	}
	return c.stop(ctx)
}

// keep starts PostgreSQL again when it died, and keeps its logs small.
func (s *Server) keep(ctx context.Context) {
	defer close(s.stopped)
	c := s.cluster
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	for failures := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-prune.C:
			pruneLogs(c.path(logDir), keepLogs)
			continue
		case <-look.C:
		}
		alive, err := c.alive()
		if err == nil && alive {
			continue
		}
		if err == nil {
			c.log.Warn("postgresql died and is started again", "dir", c.dir)
			err = c.revive(ctx)
		}
		if failures++; err == nil {
			failures = 0
		} else if ctx.Err() == nil {
			c.log.Error("postgresql cannot be started again", "dir", c.dir, "err", err)
			_ = pause(ctx, min(time.Duration(failures)*time.Second, 30*time.Second))
		}
	}
}

// revive starts PostgreSQL again, unless another holder was first.
func (c *cluster) revive(ctx context.Context) error {
	change, err := c.change(ctx)
	if err != nil {
		return err
	}
	defer change.release()
	again := *c // the address is read meanwhile
	return again.up(ctx)
}

// Remove stops what runs in the directory and deletes it with all its data.
// It returns ErrHeld when a process uses it.
func Remove(ctx context.Context, dir string) error {
	c, err := newCluster(Options{Dir: dir})
	if err != nil {
		return err
	}
	change, err := c.change(ctx)
	if err != nil {
		return err
	}
	defer change.release()
	if c.holders, err = openLock(c.path(holdersLock), c.own); err != nil {
		return refuse(c.dir, err)
	}
	defer c.holders.release()
	if alone, err := c.holders.try(exclusive); err != nil || !alone {
		return errors.Join(err, fmt.Errorf("%w: %s", ErrHeld, c.dir))
	}
	impatient, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.stop(impatient); err != nil {
		return err
	}
	return os.RemoveAll(c.dir)
}
