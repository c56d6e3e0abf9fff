//go:build unix

package pgembed_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"

	"blangko/internal/postgres/pgembed"
)

func TestSeveralProcessesHoldOneServerAndTheLastStopsIt(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "hold", dir).joined()
	pid := postmaster(t, dir)
	s := join(t, dir)
	third := join(t, dir)
	if got := postmaster(t, dir); got != pid {
		t.Errorf("the postmaster is process %d, want the one of the other process, %d", got, pid)
	}
	if err := other.end(); err != nil {
		t.Errorf("the process that started PostgreSQL leaves: %v", err)
	}
	leave(t, third)
	if got := ask(t, s, `SELECT 'still here'`); got != "still here" {
		t.Error(got)
	}
	leave(t, s)
	gone(t, pid)
	leave(t, s) // again: the same answer, nothing more
	if state := controlState(t, dir); state != "shut down" {
		t.Errorf("the data were left %q, want shut down", state)
	}
}

func TestFirstStartIsRacedByFourProcesses(t *testing.T) {
	t.Parallel()
	dir := place(t)
	var racers []*helper
	for range 4 {
		racers = append(racers, begin(t, "hold", dir))
	}
	for _, h := range racers {
		h.joined()
	}
	pid := postmaster(t, dir)
	for _, h := range racers {
		if err := h.end(); err != nil {
			t.Error(err)
		}
	}
	if pid == 0 {
		t.Error("no postmaster was seen")
	}
	gone(t, pid)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	s, err := pgembed.Join(t.Context(), pgembed.Options{Dir: place(t), Settings: map[string]string{"work_mem": "7MB"}})
	if err != nil {
		t.Fatal(err)
	}
	defer leave(t, s)
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on", "wal_level": "minimal",
		"server_encoding": "UTF8", "lc_collate": "C", "TimeZone": "UTC", "listen_addresses": "",
		"password_encryption": "scram-sha-256", "work_mem": "7MB",
	} {
		got := ""
		if setting == "lc_collate" { // no setting any more since 16
			got = ask(t, s, `SELECT datcollate FROM pg_database WHERE datname = current_database()`)
		} else {
			got = ask(t, s, `SELECT current_setting('`+setting+`')`)
		}
		if got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	if rules := ask(t, s, `SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules`); rules != "scram-sha-256" {
		t.Errorf("ways to log in: %s, want scram-sha-256 alone", rules)
	}
}

func TestCreateMakesADatabaseOnce(t *testing.T) {
	t.Parallel()
	s := join(t, madePlace(t))
	defer leave(t, s)
	failed := make(chan error)
	for range 4 {
		go func() { failed <- s.Create(context.Background(), `a "quoted" name`) }()
	}
	for range 4 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	db, err := sql.Open("postgres", s.URL(`a "quoted" name`))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	s := join(t, dir)
	defer leave(t, s)
	secret, err := os.ReadFile(filepath.Join(dir, "password"))
	if err != nil {
		t.Fatal(err)
	}
	url := strings.Replace(s.URL("postgres"), strings.TrimSpace(string(secret)), "guess", 1)
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	refusal := (*pq.Error)(nil)
	if err := db.Ping(); !errors.As(err, &refusal) || refusal.Code != "28P01" {
		t.Errorf("a guessed password: %v, want invalid_password", err)
	}
}

func TestPostgreSQLHasNothingOfOurs(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("needs /proc")
	}
	dir := madePlace(t)
	other := begin(t, "hold", dir).joined()
	pid := postmaster(t, dir)
	environment, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(environment), helperKey) {
		t.Errorf("the environment came along: %q", environment)
	}
	info, err := os.Stat("/proc/" + strconv.Itoa(pid))
	if err != nil {
		t.Fatal(err)
	}
	if uid, _ := dataAccount(t); int(info.Sys().(*syscall.Stat_t).Uid) != uid {
		t.Errorf("PostgreSQL runs as user %d, want %d", info.Sys().(*syscall.Stat_t).Uid, uid)
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	if session := strings.Fields(rest)[3]; session != strconv.Itoa(pid) {
		t.Errorf("session %s, want its own, %d: Ctrl-C would reach it", session, pid)
	}
	for _, name := range []string{"password", "data", "log", "socket", "lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: others may look", name, info.Mode())
		}
	}
	if err := other.end(); err != nil {
		t.Error(err)
	}
}

func TestALongDirectory(t *testing.T) {
	t.Parallel()
	dir := place(t)
	dir = filepath.Join(dir, strings.Repeat("d", 150-len(dir)-1))
	if len(dir) != 150 {
		t.Fatalf("%d characters", len(dir))
	}
	s := join(t, dir)
	second := join(t, dir) // finds the socket of the first
	if got := ask(t, second, `SELECT 'here'`); got != "here" {
		t.Error(got)
	}
	short, err := os.Readlink(filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(short); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s: %v %v, want mode 0700", short, info, err)
	}
	leave(t, second)
	url := s.URL("postgres")
	leave(t, s)
	if _, err := os.Stat(short); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", short, err)
	}
	again := join(t, dir)
	if again.URL("postgres") == url {
		t.Logf("the same short name again: %s", url)
	}
	leave(t, again)
}

func TestServeIsForOne(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "serve", dir).joined()
	s := join(t, dir) // anybody else may join
	defer leave(t, s)
	_, err := s.Serve()
	if !errors.Is(err, pgembed.ErrServing) || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second serve: %v, want ErrServing with the directory", err)
	}
	if line := begin(t, "serve", dir).line(); !strings.Contains(line, "another blangko serve runs on this directory: "+dir) {
		t.Errorf("a second serve process says %q", line)
	}
	other.kill()
	release, err := s.Serve()
	if err != nil {
		t.Fatalf("serve after kill -9 of the first: %v", err)
	}
	release()
	if err := begin(t, "serve", dir).joined().end(); err != nil {
		t.Error(err)
	}
}

func TestSIGTERMLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "serve"+durable, dir).joined()
	pid := postmaster(t, dir)
	if err := other.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := other.cmd.Wait(); err != nil {
		t.Errorf("the process ends with %v, want 0", err)
	}
	gone(t, pid)
	if state := controlState(t, dir); state != "shut down" {
		t.Errorf("the data were left %q, want shut down", state)
	}
}

func TestCloseEndsAServerThatDoesNotListen(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	s := join(t, dir)
	pid := postmaster(t, dir)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.Close(impatient); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("took %v: a done context must cut the patience short", took)
	}
	gone(t, pid)
	s = join(t, dir)
	leave(t, s)
}

func TestRemove(t *testing.T) {
	t.Parallel()
	dir := madePlace(t)
	other := begin(t, "hold", dir).joined()
	if err := pgembed.Remove(t.Context(), dir); !errors.Is(err, pgembed.ErrHeld) {
		t.Errorf("remove what another process holds: %v, want ErrHeld", err)
	}
	pid := postmaster(t, dir)
	other.kill()
	if err := pgembed.Remove(t.Context(), dir); err != nil {
		t.Error(err)
	}
	gone(t, pid)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
}

func TestDefaultDir(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		uid  int
		env  map[string]string
		want string
	}{
		{"root is never sent below /root", 0, map[string]string{"HOME": "/root", "XDG_DATA_HOME": "/root/.local/share"}, "/var/lib/blangko"},
		{"a user has a home", 1000, map[string]string{"HOME": "/home/ani"}, "/home/ani/.local/share/blangko"},
		{"a user says where data go", 1000, map[string]string{"HOME": "/home/ani", "XDG_DATA_HOME": "/data/ani"}, "/data/ani/blangko"},
		{"a relative place is no place", 1000, map[string]string{"HOME": "/home/ani", "XDG_DATA_HOME": "data"}, "/home/ani/.local/share/blangko"},
	} {
		if got := pgembed.DefaultDir(c.uid, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// controlState is what pg_controldata, which asks nobody, says of the data.
func controlState(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command(program(t, "pg_controldata"), "-D", filepath.Join(dir, "data")).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "Database cluster state:")
	state, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(state)
}

// program is the path of a PostgreSQL program beside the ones in use.
func program(t *testing.T, name string) string {
	t.Helper()
	makePrepared(t)
	options, err := os.ReadFile(filepath.Join(prepared.parent, "made", "data", "postmaster.opts"))
	if err != nil {
		t.Fatal(err)
	}
	postgres, _, _ := strings.Cut(string(options), " ")
	return filepath.Join(filepath.Dir(postgres), name)
}

// PostgreSQL behaves differently for root, who drops to another account, and
// for everybody else: the same tests, as somebody else.
func TestAsANormalUser(t *testing.T) {
	t.Parallel()
	asRoot(t)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(publicCopy(t, executable), "-test.v", "-test.run",
		"^Test(FirstStart|ALongDirectory|SIGTERM|AnOrphanIs|AProcessFile|ADirectoryOfOther|AFileIs|Programs)")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestAnOrphanIsAdopted") {
		t.Errorf("%v\n%s", err, out)
	}
}
