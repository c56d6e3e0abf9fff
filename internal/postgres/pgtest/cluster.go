package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	_ "github.com/lib/pq" // the driver of the administering connection

	"blangko/internal/postgres/pgembed"
)

// startWithin bounds everything before the first test of a process: it may
// have to wait for another process that builds the template.
const startWithin = 5 * time.Minute

// cluster is a PostgreSQL of this test process alone.
type cluster struct {
	dir      string
	server   *pgembed.Server
	admin    *sql.DB
	template string
	clones   atomic.Int64
	watchdog *watchdog
}

// options are how a cluster of tests runs in dir.
func options(dir string) pgembed.Options {
	return pgembed.Options{Dir: dir, Fast: true, Settings: map[string]string{
		"autovacuum":        "off", // would lock templates now and then
		"logging_collector": "off",
		"max_connections":   "200",
		"max_wal_size":      "1GB",
		"min_wal_size":      "2MB", // keeps the image small
		"shared_buffers":    "64MB",
	}}
}

// clone makes a database from the template.
func (c *cluster) clone(ctx context.Context) (name string, err error) {
	name = "test_" + strconv.FormatInt(c.clones.Add(1), 10)
	_, err = c.admin.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE `+c.template+` STRATEGY file_copy`)
	if err != nil {
		return "", fmt.Errorf("copy the template: %w", err)
	}
	return name, nil
}

func (c *cluster) drop(ctx context.Context, name string) error {
	if _, err := c.admin.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
		return fmt.Errorf("drop the database of the test: %w", err)
	}
	return nil
}

// stop ends the cluster and removes it.
func (c *cluster) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := errors.Join(c.admin.Close(), c.server.Close(ctx))
	if err == nil {
		err = pgembed.Remove(ctx, c.dir)
	}
	return errors.Join(err, c.watchdog.dismiss())
}

func stopAll() error {
	running.Lock()
	defer running.Unlock()
	var all []error
	for key, start := range running.clusters {
		delete(running.clusters, key)
		if c, err := start(); err == nil { // a failed start was told to its test
			all = append(all, c.stop())
		}
	}
	return errors.Join(all...)
}

// watchdog ends the cluster of a test process that dies without a word. It is
// a shell that reads a pipe: the kernel closes the pipe at any death.
type watchdog struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

const watch = `
read -r word && exit
kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"
sleep 1
rm -rf "$1"
`

func watchOver(dir string) (*watchdog, error) {
	cmd := exec.Command("/bin/sh", "-c", watch, "sh", dir)
	cmd.Dir = os.TempDir()
	ownSession(cmd)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the watchdog: %w", err)
	}
	return &watchdog{cmd, pipe}, nil
}

// dismiss tells the watchdog that all is well.
func (w *watchdog) dismiss() error {
	_, err := io.WriteString(w.pipe, "done\n")
	return errors.Join(err, w.pipe.Close(), w.cmd.Wait())
}
