//go:build unix

package pgembed_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"blangko/internal/postgres/pgembed"
)

// The test binary is also the other process of the tests: one that joins the
// directory, serves or writes as told, and closes on SIGTERM or when its
// standard input ends.
//
// Tests are about processes that die, which the system's cache of the disk
// outlives: they run fast, except where the promise to disk is the point.
const (
	helperKey = "PGEMBED_TEST_HELPER"
	durable   = " durable" // added to a role
	binKey    = "PGEMBED_TEST_BIN"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(helperKey); role != "" {
		if err := help(role, os.Args[1]); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if prepared.parent != "" {
		os.RemoveAll(prepared.parent)
	}
	os.Exit(code)
}

func help(role, dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	role, asShipped := strings.CutSuffix(role, durable)
	s, err := pgembed.Join(ctx, pgembed.Options{Dir: dir, Fast: !asShipped, Bin: os.Getenv(binKey)})
	if err != nil {
		return err
	}
	switch role {
	case "serve":
		release, err := s.Serve()
		if err != nil {
			return errors.Join(err, s.Close(context.Background()))
		}
		defer release()
	case "write":
		go write(s.URL("postgres"))
	}
	fmt.Println("joined")
	<-ctx.Done()
	return s.Close(context.Background())
}

// write commits one row after the other and says so after each commit.
func write(url string) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY)`); err != nil {
		return
	}
	for n := time.Now().UnixNano(); ; n++ {
		if _, err := db.Exec(`INSERT INTO written VALUES ($1)`, n); err == nil {
			fmt.Println("wrote", n)
		}
	}
}

// helper is another process.
type helper struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// begin starts a helper as the user of this process, or as another.
func begin(t *testing.T, role, dir string, as ...*syscall.Credential) *helper {
	t.Helper()
	return beginWith(t, "", role, dir, as...)
}

// beginWith starts a helper that finds its programs in bin.
func beginWith(t *testing.T, bin, role, dir string, as ...*syscall.Credential) *helper {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, dir)
	cmd.Env = append(os.Environ(), helperKey+"="+role, binKey+"="+bin)
	for _, credential := range as {
		cmd.Path = publicCopy(t, program)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
		cmd.Dir = "/"
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &helper{t, cmd, stdin, bufio.NewScanner(stdout)}
	t.Cleanup(func() { h.kill() })
	return h
}

// line is the next line that the helper says, "" when it has ended.
func (h *helper) line() string {
	if !h.lines.Scan() {
		return ""
	}
	return h.lines.Text()
}

func (h *helper) joined() *helper {
	h.t.Helper()
	if line := h.line(); line != "joined" {
		h.t.Fatalf("the other process says %q, want joined", line)
	}
	return h
}

// kill is kill -9; the helper cannot do anything about it.
func (h *helper) kill() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

// end asks the helper to close and waits until it has.
func (h *helper) end() error {
	h.stdin.Close()
	for h.line() != "" {
	}
	return h.cmd.Wait()
}

// publicCopy is the test binary where every account may run it.
func publicCopy(t *testing.T, program string) string {
	t.Helper()
	target := filepath.Join(filepath.Dir(place(t)), "helper")
	if out, err := exec.Command("cp", program, target).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	if err := os.Chmod(target, 0o755); err != nil {
		t.Fatal(err)
	}
	return target
}

// place is the path of a new directory below one that every account may enter.
// What runs there when the test ends is stopped.
func place(t *testing.T) string {
	t.Helper()
	parent := newParent(t)
	dir := filepath.Join(parent, "data directory")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := os.Stat(dir); err == nil {
			// Tests that spoil a directory on purpose leave nothing that runs.
			if err := pgembed.Remove(ctx, dir); err != nil && !errors.Is(err, pgembed.ErrDirectory) {
				t.Errorf("clean up: %v", err)
			}
		}
		os.RemoveAll(parent)
	})
	return dir
}

func newParent(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/tmp", "pgembed-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	return parent
}

// prepared is a directory whose data have been made once for all tests.
var prepared struct {
	sync.Once
	parent string
	err    error
}

// madePlace is a copy of a directory that has run before: it starts in a tenth
// of the time of a new one.
func madePlace(t *testing.T) string {
	t.Helper()
	makePrepared(t)
	dir := place(t)
	if out, err := exec.Command("cp", "-a", prepared.parent+"/made", dir).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	return dir
}

func makePrepared(t *testing.T) {
	t.Helper()
	prepared.Do(func() {
		prepared.parent = newParent(t)
		s, err := pgembed.Join(context.Background(), pgembed.Options{Dir: prepared.parent + "/made", Fast: true})
		if err == nil {
			err = s.Close(context.Background())
		}
		prepared.err = err
	})
	if prepared.err != nil {
		t.Fatal(prepared.err)
	}
}

func join(t *testing.T, dir string) *pgembed.Server {
	t.Helper()
	s, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func leave(t *testing.T, s *pgembed.Server) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// ask runs a query of one row and one column in the database postgres.
func ask(t *testing.T, s *pgembed.Server, query string) string {
	t.Helper()
	answer, err := tryAsk(s, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func tryAsk(s *pgembed.Server, query string) (answer string, err error) {
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRow(query).Scan(&answer)
	return answer, err
}

// postmaster is the process number that PostgreSQL wrote down, 0 for none.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("postmaster.pid says %q", text)
	}
	return pid
}

// eventually waits up to 20 seconds for what must become true.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if true() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

// gone waits until the process is no more, or only waits for init to hear of it.
func gone(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "process "+strconv.Itoa(pid)+" is gone", func() bool {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err == nil && strings.Contains(string(stat), ") Z ")
	})
}

// dataAccount is who PostgreSQL runs as for the tests of this user.
func dataAccount(t *testing.T) (uid, gid int) {
	t.Helper()
	if os.Geteuid() != 0 {
		return os.Geteuid(), os.Getegid()
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ = strconv.Atoi(u.Uid)
			gid, _ = strconv.Atoi(u.Gid)
			return uid, gid
		}
	}
	t.Fatal("no account for PostgreSQL")
	return 0, 0
}

// asRoot skips a test that only root can play.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can set this up")
	}
}
