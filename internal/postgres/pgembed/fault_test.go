//go:build unix

package pgembed_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"blangko/internal/postgres/pgembed"
)

func TestAnOrphanIsAdopted(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "serve", dir).joined()
	pid := postmaster(t, dir)
	other.kill()
	s := join(t, dir)
	if got := postmaster(t, dir); got != pid {
		t.Errorf("postmaster %d, want the orphan, %d", got, pid)
	}
	if got := ask(t, s, `SELECT 'adopted'`); got != "adopted" {
		t.Error(got)
	}
	leave(t, s)
	gone(t, pid)
}

func TestAnOrphanOfAnotherPasswordIsStopped(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "hold", dir).joined()
	pid := postmaster(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// While somebody holds it, it is not ours to stop.
	if _, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir}); !errors.Is(err, pgembed.ErrHeld) {
		t.Errorf("join with another password: %v, want ErrHeld", err)
	}
	other.kill()
	s := join(t, dir)
	defer leave(t, s)
	gone(t, pid)
	if !strings.Contains(s.URL("postgres"), ":another@") {
		t.Error("the password of the directory is not in use")
	}
}

func TestALostPasswordIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	if err := os.Remove(filepath.Join(dir, "password")); err != nil {
		t.Fatal(err)
	}
	s := join(t, dir)
	defer leave(t, s)
	if got := ask(t, s, `SELECT 'in'`); got != "in" {
		t.Error(got)
	}
}

// No acknowledged row may be missing, whoever is killed.
func TestKilledTogetherNothingIsLost(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	acknowledged := map[string]bool{}
	for range 3 {
		other := begin(t, "write"+durable, dir).joined()
		for range 20 {
			n, ok := strings.CutPrefix(other.line(), "wrote ")
			if !ok {
				t.Fatal("the other process does not write")
			}
			acknowledged[n] = true
		}
		pid := postmaster(t, dir)
		other.kill()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	s := join(t, dir) // at once: backends of the dead postmaster may still run
	defer leave(t, s)
	for n := range acknowledged {
		if got := ask(t, s, `SELECT count(*) FROM written WHERE n = `+n); got != "1" {
			t.Errorf("row %s is there %s times, want once", n, got)
		}
	}
}

func TestAKilledPostmasterComesBackWhileItIsHeld(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "hold", dir).joined()
	s := join(t, dir)
	defer leave(t, s)
	for range 2 {
		pid := postmaster(t, dir)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		eventually(t, "a login works again", func() bool {
			_, err := tryAsk(s, `SELECT 1`)
			return err == nil && postmaster(t, dir) != pid
		})
		t.Log("back after", time.Since(began))
	}
	if err := other.end(); err != nil {
		t.Error(err)
	}
	if got := ask(t, s, `SELECT 'here'`); got != "here" {
		t.Error(got)
	}
}

// A process number is used again by the system: after a crash the file may name
// anybody, also a process of the very account.
func TestAProcessFileThatNamesAStranger(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "hold", dir).joined()
	pid := postmaster(t, dir)
	other.kill()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "60")
	if uid, gid := dataAccount(t); os.Geteuid() == 0 {
		stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stranger.Process.Kill(); stranger.Wait() }()
	for _, file := range []string{"data/postmaster.pid", "socket/.s.PGSQL.5432.lock"} {
		path := filepath.Join(dir, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), "\n")
		if err := os.WriteFile(path, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := join(t, dir)
	if got := ask(t, s, `SELECT 'here'`); got != "here" {
		t.Error(got)
	}
	leave(t, s)
	if err := syscall.Kill(stranger.Process.Pid, 0); err != nil {
		t.Errorf("the stranger: %v, want it alive", err)
	}
}

// The process file names a stranger while PostgreSQL lives: the stranger must
// not be hit by a stop.
func TestAStrangerIsNotStopped(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	s := join(t, dir)
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	died := make(chan error, 1)
	go func() { died <- stranger.Wait() }()
	defer stranger.Process.Kill()
	path := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(path, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(impatient); !errors.Is(err, pgembed.ErrHeld) {
		t.Errorf("close: %v, want ErrHeld: nothing could be stopped", err)
	}
	select {
	case err := <-died:
		t.Errorf("the stranger was ended: %v", err)
	default:
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	leave(t, join(t, dir))
}

func TestKilledWhileMakingTheData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, begun string
		initdb      bool // it is killed, too
	}{
		{"as it begins", "data.init", false},
		{"in the middle", "data.init/global/pg_control", false},
		{"with initdb", "data.init/base/1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := place(t)
			bin, number := tellingPrograms(t)
			other := beginWith(t, bin, "hold", dir)
			eventually(t, "initdb is at work", func() bool { return exists(dir, c.begun) })
			other.kill()
			if c.initdb {
				if err := syscall.Kill(number(), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			s := join(t, dir)
			defer leave(t, s)
			if got := ask(t, s, `SELECT 'whole'`); got != "whole" {
				t.Error(got)
			}
			if exists(dir, "data.init") {
				t.Error("data.init is left behind")
			}
		})
	}
}

// tellingPrograms is a directory of programs whose initdb writes its process
// number down and then is the real one.
func tellingPrograms(t *testing.T) (bin string, initdb func() int) {
	t.Helper()
	parent := newParent(t)
	t.Cleanup(func() { os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(parent, "number")
	for name, before := range map[string]string{"postgres": "", "initdb": "echo $$ > " + file + "\n"} {
		script := "#!/bin/sh\n" + before + "exec " + program(t, name) + " \"$@\"\n"
		if err := os.WriteFile(filepath.Join(parent, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return parent, func() int {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
}

func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return err == nil
}

// Whatever the moment of the kill, the next start works and keeps what was
// acknowledged.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	dir := place(t)
	for i := range 8 {
		other := begin(t, "write", dir)
		time.Sleep(time.Duration(20+i*i*25) * time.Millisecond)
		if i%2 == 1 {
			if pid := postmaster(t, dir); pid != 0 {
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may be gone already
			}
		}
		other.kill()
	}
	s := join(t, dir)
	defer leave(t, s)
	if got := ask(t, s, `SELECT 'here'`); got != "here" {
		t.Error(got)
	}
}

func TestAnotherMajorVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	version := filepath.Join(dir, "data", "PG_VERSION")
	whole, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
	if !errors.Is(err, pgembed.ErrVersion) {
		t.Fatalf("data of version 9: %v, want ErrVersion", err)
	}
	for _, want := range []string{dir, "made by PostgreSQL 9", "this machine has", "apt-get install postgresql-9", "backup"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message does not say %q: %v", want, err)
		}
	}
	if err := os.WriteFile(version, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	leave(t, join(t, dir)) // nothing was touched
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script string
		want         error
		says         []string
	}{
		{"none", "", pgembed.ErrNoPrograms, []string{"apt-get install postgresql", "brew install postgresql", "DATABASE_URL"}},
		{"broken", "exit 3", pgembed.ErrNoPrograms, []string{"does not run", "exit status 3"}},
		{"too old", "echo 'postgres (PostgreSQL) 13.4'", pgembed.ErrVersion, []string{"15 or newer", "13.4"}},
		{"not PostgreSQL", "echo hello", pgembed.ErrNoPrograms, []string{"hello"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := place(t)
			bin := filepath.Join(filepath.Dir(dir), "bin")
			if err := os.Mkdir(bin, 0o755); err != nil {
				t.Fatal(err)
			}
			if c.script != "" {
				for _, name := range []string{"postgres", "initdb"} {
					if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
						t.Fatal(err)
					}
				}
			}
			_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir, Bin: bin})
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			for _, want := range append(c.says, bin) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message does not say %q: %v", want, err)
				}
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	version, err := pgembed.Version(pgembed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < pgembed.OldestMajor {
		t.Errorf("version %q", version)
	}
}

func TestADirectoryOfOtherFilesIsRefused(t *testing.T) {
	t.Parallel()
	dir := place(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "letter"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
	if !errors.Is(err, pgembed.ErrDirectory) || !strings.Contains(err.Error(), dir+" holds other files") {
		t.Errorf("%v, want ErrDirectory", err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("its mode was changed: %v %v", info.Mode(), err)
	}
}

func TestAFileIsNoDirectory(t *testing.T) {
	t.Parallel()
	dir := place(t)
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, dir + "/below", ""} {
		if _, err := pgembed.Join(t.Context(), pgembed.Options{Dir: path}); !errors.Is(err, pgembed.ErrDirectory) {
			t.Errorf("%q: %v, want ErrDirectory", path, err)
		}
	}
	os.Remove(dir)
}

func TestParentsThatTheAccountMayNotEnter(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir := place(t)
	closed := filepath.Join(dir, "closed")
	if err := os.MkdirAll(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: closed + "/data"})
	if !errors.Is(err, pgembed.ErrDirectory) || !strings.Contains(err.Error(), "chmod a+x "+closed+",") || !strings.Contains(err.Error(), "/var/lib/blangko") {
		t.Errorf("%v, want ErrDirectory that says what to do about %s", err, closed)
	}
	os.RemoveAll(dir)
}

func TestAPostgreSQLOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	data := filepath.Join(dir, "data")
	foreign := exec.Command(program(t, "postgres"), "-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories="+dir)
	foreign.Dir = "/"
	if uid, gid := dataAccount(t); os.Geteuid() == 0 {
		foreign.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := foreign.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it listens", func() bool { return exists(dir, ".s.PGSQL.5432") })
	_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
	if !errors.Is(err, pgembed.ErrForeign) || !strings.Contains(err.Error(), "pg_ctl stop -D "+data) {
		t.Errorf("%v, want ErrForeign", err)
	}
	if err := foreign.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := foreign.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	leave(t, join(t, dir))
}

func TestLogsHoldNoPasswords(t *testing.T) {
	t.Parallel()
	dir := place(t)
	var log strings.Builder
	s, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir, Fast: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(dir, "password"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tryAsk(s, `CREATE ROLE postgres PASSWORD 'mistaken-secret'`); err == nil {
		t.Error("a second postgres was made")
	}
	leave(t, s)
	if !strings.Contains(log.String(), "postgresql started") || !strings.Contains(log.String(), "postgresql stopped") {
		t.Errorf("the log says %s", log.String())
	}
	words := log.String()
	files, err := filepath.Glob(filepath.Join(dir, "log", "*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("logs: %v %v", files, err)
	}
	for _, name := range append(files, filepath.Join(dir, "data", "postmaster.opts")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words += string(text)
	}
	if !strings.Contains(words, `role "postgres" already exists`) {
		t.Error("the mistake is not in the log")
	}
	for _, secret := range []string{strings.TrimSpace(string(secret)), "mistaken-secret"} {
		if strings.Contains(words, secret) {
			t.Errorf("%q stands in a log", secret)
		}
	}
}

func TestLogsAreBounded(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	for day := range 30 {
		name := filepath.Join(dir, "log", fmt.Sprintf("postgresql-202601%02d-000000.log", day+1))
		if err := os.WriteFile(name, []byte("old\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leave(t, join(t, dir))
	files, err := filepath.Glob(filepath.Join(dir, "log", "postgresql-*.log"))
	if err != nil || len(files) > 11 || exists(dir, "log/postgresql-20260101-000000.log") {
		t.Errorf("%d logs are kept (%v), want the newest", len(files), err)
	}
}
