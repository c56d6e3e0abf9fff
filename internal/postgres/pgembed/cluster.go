//go:build unix

package pgembed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lib/pq"
)

const superuser = "postgres"

// How long each step may take.
const (
	stopFast    = 15 * time.Second // after SIGINT: ends the sessions, writes a checkpoint
	stopNow     = 5 * time.Second  // after SIGQUIT: recovers at the next start
	stopKilled  = 5 * time.Second  // after SIGKILL: until the last backend has noticed
	answerIn    = 60 * time.Second // a postmaster that lives and has not said a word
	retryFor    = 15 * time.Second // what a killed postmaster left behind
	loginWithin = 5 * time.Second
)

var (
	errGone     = errors.New("PostgreSQL ended")
	errPassword = errors.New("PostgreSQL refuses the password of its directory")
	errSilent   = errors.New("PostgreSQL does not answer")
)

// cluster is the PostgreSQL of one directory. Its methods that start or stop
// something are called under the change lock.
type cluster struct {
	dir      string
	own      account
	bin      programs
	options  Options
	log      *slog.Logger
	holders  *fileLock
	password string
	socket   string
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

// url is a connection string for lib/pq and for libpq.
func (c *cluster) url(database string) string {
	u := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(superuser, c.password),
		Path:   "/" + database,
		RawQuery: url.Values{
			"host": {c.socket}, "port": {socketPort}, "sslmode": {"disable"},
		}.Encode(),
	}
	return u.String()
}

// up returns when PostgreSQL runs and lets us in: it joins the one that runs,
// or adopts the orphan of a killed process, or starts it.
func (c *cluster) up(ctx context.Context) (err error) {
	alive, err := c.alive()
	if err != nil {
		return err
	}
	made := false
	if c.password == "" {
		if c.password, made, err = password(c.dir, c.own); err != nil {
			return err
		}
	}
	if alive {
		err := c.ready(ctx)
		switch {
		case err == nil:
			c.log.Info("postgresql joined", "dir", c.dir)
			return nil
		case errors.Is(err, errPassword), errors.Is(err, errSilent):
			if err := c.abandoned(err); err != nil {
				return err
			}
			c.log.Warn("postgresql of a killed process is stopped", "dir", c.dir, "reason", err)
			made = made || errors.Is(err, errPassword)
			if err := c.stop(ctx); err != nil {
				return err
			}
		case !errors.Is(err, errGone):
			return err
		}
	}
	return c.start(ctx, made)
}

// abandoned is an error when another process holds the PostgreSQL that does
// not let us in for the reason given: it is not ours to stop then.
func (c *cluster) abandoned(reason error) error {
	alone, err := c.holders.try(exclusive)
	if err != nil {
		return err
	}
	// Back to shared, as everybody else under the change lock.
	if _, err := c.holders.try(shared); err != nil {
		return err
	}
	if !alone {
		return fmt.Errorf("%w: %s: %w", ErrHeld, c.dir, reason)
	}
	return nil
}

// alive tells whether any process of this PostgreSQL lives: each inherited the
// open lock file, and the kernel forgets it with the last of them.
func (c *cluster) alive() (bool, error) {
	lock, err := openLock(c.path(postmasterLock), c.own)
	if err != nil {
		return false, refuse(c.dir, err)
	}
	defer lock.release()
	free, err := lock.try(shared)
	return !free, err
}

// ready waits for a login to work. A server that recovers after a crash says
// so and is waited for as long as ctx allows.
func (c *cluster) ready(ctx context.Context) error {
	silent := time.Now()
	for {
		if c.socket = socketPath(c.dir); c.socket != "" {
			err := c.login(ctx)
			refusal := (*pq.Error)(nil)
			switch {
			case err == nil:
				return nil
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case errors.As(err, &refusal) && refusal.Code.Class() == "28": // invalid authorization
				return errPassword
			case errors.As(err, &refusal) && (refusal.Code == "57P03" || refusal.Code == "53300"):
				silent = time.Now() // starting up, recovering, shutting down, or too many connections
			case errors.As(err, &refusal):
				return fmt.Errorf("log in to PostgreSQL in %s: %w", c.dir, err)
			}
		}
		alive, err := c.alive()
		if err != nil {
			return err
		}
		if !alive {
			return errGone
		}
		if time.Since(silent) > answerIn {
			return errSilent
		}
		if err := pause(ctx, 15*time.Millisecond); err != nil {
			return err
		}
	}
}

func (c *cluster) login(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginWithin)
	defer cancel()
	db, err := sql.Open("postgres", c.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// start starts PostgreSQL, making its data the first time. newPassword tells
// that existing data have to learn the password first.
func (c *cluster) start(ctx context.Context, newPassword bool) error {
	major, err := dataMajor(c.path(dataDir))
	if err != nil {
		return err
	}
	if c.bin, err = findPrograms(c.options.Bin, c.own, major); err != nil {
		return fmt.Errorf("%s: %w", c.dir, err)
	}
	if err := c.foreign(); err != nil {
		return err
	}
	data, err := c.prepareData(ctx)
	if err != nil {
		return err
	}
	if newPassword && !data {
		if err := c.setPassword(ctx); err != nil {
			return err
		}
	}
	for begin := time.Now(); ; {
		err := c.spawn(ctx)
		if err == nil {
			err = c.ready(ctx)
		}
		switch {
		case err == nil:
			c.log.Info("postgresql started", "dir", c.dir, "version", c.bin.version)
			return nil
		case errors.Is(err, errPassword) && !newPassword:
			newPassword = true
			if err := c.stop(ctx); err != nil {
				return err
			}
			if err := c.setPassword(ctx); err != nil {
				return err
			}
			continue
		case !errors.Is(err, errGone):
			if stopErr := c.stop(context.WithoutCancel(ctx)); stopErr != nil {
				err = errors.Join(err, stopErr)
			}
			return err
		}
		last := c.lastWords()
		leftover := strings.Contains(last, "lock file") && strings.Contains(last, "already exists") || strings.Contains(last, "shared memory block")
		if !leftover || time.Since(begin) > retryFor {
			return c.explain("start PostgreSQL", last)
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// foreign refuses to touch data that a PostgreSQL started by someone else
// uses. Otherwise the process file, which may name a stranger by now, goes:
// no process of ours lives, and PostgreSQL has its own interlock besides.
func (c *cluster) foreign() error {
	file, ok := c.readPostmasterFile()
	if ok && file.socket != "" {
		conn, err := net.DialTimeout("unix", filepath.Join(file.socket, ".s.PGSQL."+file.port), time.Second)
		if err == nil {
			conn.Close()
			return fmt.Errorf("%w: process %d in %s: stop it first with pg_ctl stop -D %s", ErrForeign, file.pid, c.dir, c.path(dataDir))
		}
	}
	if err := os.Remove(c.path("data/postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return refuse(c.dir, err)
	}
	return nil
}

// prepareData makes the data directory when there is none. It is made under
// another name first, so that a death in the middle leaves nothing half-made.
func (c *cluster) prepareData(ctx context.Context) (made bool, err error) {
	if err := mkdir(c.path(logDir), c.own); err != nil {
		return false, err
	}
	if _, err := os.Stat(c.path(dataDir)); err == nil {
		return false, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return false, refuse(c.dir, err)
	}
	if err := os.RemoveAll(c.path(unfinishedData)); err != nil {
		return false, refuse(c.dir, err)
	}
	args := []string{
		"--pgdata=" + c.path(unfinishedData), "--username=" + superuser, "--pwfile=" + c.path(passwordFile),
		"--auth=scram-sha-256", "--encoding=UTF8", "--no-locale",
	}
	if c.options.Fast {
		args = append(args, "--no-sync", "--wal-segsize=1")
	} else {
		// Small segments: an idle server keeps three of them, which is most of what an empty one takes on disk.
		args = append(args, "--data-checksums", "--wal-segsize=4")
	}
	c.log.Info("postgresql makes its data directory", "dir", c.dir)
	cmd := c.own.command(filepath.Join(c.bin.dir, "initdb"), args...)
	if err := c.run(ctx, cmd); err != nil {
		return false, errors.Join(err, os.RemoveAll(c.path(unfinishedData)))
	}
	if err := os.Rename(c.path(unfinishedData), c.path(dataDir)); err != nil {
		return false, refuse(c.dir, err)
	}
	return true, syncDir(c.dir)
}

// setPassword teaches a stopped PostgreSQL the password of its directory, for
// when the file was lost: whoever owns the data owns the password.
func (c *cluster) setPassword(ctx context.Context) error {
	c.log.Warn("postgresql gets a new password", "dir", c.dir)
	cmd := c.own.command(filepath.Join(c.bin.dir, "postgres"), "--single", "-D", c.path(dataDir), "-c", "log_statement=none", "postgres")
	cmd.Stdin = strings.NewReader("ALTER ROLE " + superuser + " LOGIN PASSWORD '" + c.password + "'\n")
	return c.run(ctx, cmd)
}

// run runs a program of PostgreSQL to its end. It carries the lock of the
// postmaster, so that one that outlives this process is waited for.
func (c *cluster) run(ctx context.Context, cmd *exec.Cmd) error {
	ended, err := c.launch(ctx, cmd)
	if err != nil {
		return err
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // its session: nobody has waited for it yet, so it is ours
		<-ended
		return context.Cause(ctx)
	}
	if err != nil {
		return c.explain(fmt.Sprintf("%s: %v", filepath.Base(cmd.Path), err), c.lastWords())
	}
	return nil
}

// spawn starts the postmaster and does not wait for it.
func (c *cluster) spawn(ctx context.Context) (err error) {
	if c.socket, err = makeSocketPath(c.dir, c.own); err != nil {
		return err
	}
	clearSocket(c.dir, false)
	pruneLogs(c.path(logDir), keepLogs)
	args := append([]string{"-D", c.path(dataDir)}, c.settings()...)
	_, err = c.launch(ctx, c.own.command(filepath.Join(c.bin.dir, "postgres"), args...))
	return err
}

// launch starts cmd with the lock of the postmaster as its fourth open file
// and its words in a log file.
func (c *cluster) launch(ctx context.Context, cmd *exec.Cmd) (ended <-chan error, err error) {
	lock, err := openLock(c.path(postmasterLock), c.own)
	if err != nil {
		return nil, refuse(c.dir, err)
	}
	// Closed, not released: PostgreSQL keeps what it inherits.
	defer lock.file.Close()
	wait, cancel := context.WithTimeoutCause(ctx, retryFor, fmt.Errorf("%w: processes of an earlier PostgreSQL still run in %s", ErrHeld, c.dir))
	defer cancel()
	if err := lock.wait(wait, exclusive); err != nil {
		return nil, err
	}
	words, err := os.OpenFile(c.path(startLog), os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		lock.unlock()
		return nil, refuse(c.dir, err)
	}
	defer words.Close()
	if err := c.own.give(words); err != nil {
		lock.unlock()
		return nil, refuse(c.dir, err)
	}
	cmd.Stdout, cmd.Stderr = words, words
	cmd.ExtraFiles = []*os.File{lock.file}
	if err := cmd.Start(); err != nil {
		lock.unlock()
		return nil, fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return done, nil
}

// stop ends PostgreSQL, more firmly each time it does not listen.
func (c *cluster) stop(ctx context.Context) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, stopFast}, {syscall.SIGQUIT, stopNow}, {syscall.SIGKILL, stopKilled}} {
		if err := c.signal(step.signal); err != nil {
			return err
		}
		gone, err := c.goneWithin(ctx, step.wait)
		if err != nil {
			return err
		}
		if gone {
			c.log.Info("postgresql stopped", "dir", c.dir, "signal", step.signal.String())
			clearSocket(c.dir, true)
			return nil
		}
	}
	return fmt.Errorf("%w: PostgreSQL in %s does not end", ErrHeld, c.dir)
}

// goneWithin waits for the last process of PostgreSQL to end. A done ctx cuts
// the waiting short, not the stopping.
func (c *cluster) goneWithin(ctx context.Context, d time.Duration) (bool, error) {
	least := time.Now().Add(time.Second)
	for end := time.Now().Add(d); ; {
		alive, err := c.alive()
		if err != nil || !alive {
			return !alive, err
		}
		if now := time.Now(); now.After(end) || ctx.Err() != nil && now.After(least) {
			return false, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// signal sends sig to the postmaster, if it is there.
func (c *cluster) signal(sig syscall.Signal) error {
	file, ok := c.readPostmasterFile()
	if !ok {
		return nil
	}
	process, err := os.FindProcess(file.pid)
	if err != nil {
		return nil
	}
	defer process.Release()
	if !c.isPostmaster(file.pid) {
		return nil
	}
	err = process.Signal(sig)
	if err == nil || errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return fmt.Errorf("stop PostgreSQL, process %d: %w", file.pid, err)
}

// isPostmaster checks that the process was started on our data: the number in
// the file may belong to somebody else by now.
func (c *cluster) isPostmaster(pid int) bool {
	command, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		command, err = exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	}
	return err == nil && strings.Contains(string(command), c.path(dataDir))
}

// postmasterFile is what we read of data/postmaster.pid.
type postmasterFile struct {
	pid          int
	port, socket string
}

func (c *cluster) readPostmasterFile() (postmasterFile, bool) {
	text, err := os.ReadFile(c.path("data/postmaster.pid"))
	if err != nil {
		return postmasterFile{}, false
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return postmasterFile{}, false
	}
	file := postmasterFile{pid: pid}
	if len(lines) > 4 {
		file.port, file.socket = strings.TrimSpace(lines[3]), strings.TrimSpace(lines[4])
	}
	return file, true
}
