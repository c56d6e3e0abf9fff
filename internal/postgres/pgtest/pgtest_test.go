//go:build unix

package pgtest_test

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"blangko/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// build makes a table of 1,000 rows and says so in the file of buildsKey.
func build(url string) error {
	if path := os.Getenv(buildsKey); path != "" {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		fmt.Fprintln(file, "built")
		file.Close()
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE blank AS SELECT n FROM generate_series(1, 1000) n`)
	return err
}

func TestADatabaseIsFreshAndEmpty(t *testing.T) {
	t.Parallel()
	first, second := pgtest.URL(t), pgtest.URL(t)
	if first == second {
		t.Fatal("the same database twice")
	}
	db := open(t, second)
	if _, err := open(t, first).Exec(`CREATE TABLE mine (n int)`); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 0 {
		t.Errorf("%d tables in a fresh database", n)
	}
}

func TestCopiesOfATemplateAreApart(t *testing.T) {
	t.Parallel()
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			db := open(t, pgtest.FromTemplate(t, "blanks", build))
			t.Log("ready after", time.Since(began))
			if _, err := db.Exec(`DELETE FROM blank WHERE n <= $1`, i); err != nil {
				t.Fatal(err)
			}
			if n := count(t, db, `SELECT count(*) FROM blank`); n != 1000-i {
				t.Errorf("%d rows, want %d", n, 1000-i)
			}
		})
	}
}

func TestADatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var gone string
	t.Run("a test", func(t *testing.T) {
		gone = pgtest.URL(t)
		// A connection that nobody closed does not keep the database.
		db, err := sql.Open("postgres", gone)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(); err != nil {
			t.Fatal(err)
		}
	})
	if err := open(t, gone).Ping(); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("the database of an ended test: %v, want that it does not exist", err)
	}
}

// Below, this test binary is run again as other test processes, in a
// temporary directory, and so a cache, of their own.
const (
	otherKey  = "PGTEST_OTHER"
	buildsKey = "PGTEST_BUILDS"
)

func TestOther(t *testing.T) {
	switch os.Getenv(otherKey) {
	case "use":
		if n := count(t, open(t, pgtest.FromTemplate(t, "shared", build)), `SELECT count(*) FROM blank`); n != 1000 {
			t.Errorf("%d rows", n)
		}
	case "hang":
		fmt.Println(pgtest.URL(t))
		time.Sleep(time.Hour)
	case "break":
		pgtest.FromTemplate(t, "broken", func(string) error { return errors.New("the build is broken") })
	default:
		t.Skip("is run by the other tests")
	}
}

func other(t *testing.T, dir, role string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(dir, "pgtest.test"), "-test.run=^TestOther$", "-test.v")
	cmd.Env = append(os.Environ(), otherKey+"="+role, "TMPDIR="+dir, buildsKey+"="+filepath.Join(dir, "builds"))
	cmd.Dir = "/"
	return cmd
}

// otherDir is a temporary directory for other test processes, with the binary.
func otherDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgtest-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", executable, filepath.Join(dir, "pgtest.test")).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	return dir
}

func left(t *testing.T, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "blangko-pgtest-*", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestManyProcessesBuildATemplateOnce(t *testing.T) {
	t.Parallel()
	dir := otherDir(t)
	done := make(chan error)
	for range 3 {
		go func() {
			out, err := other(t, dir, "use").CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, out)
			}
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	builds, err := os.ReadFile(filepath.Join(dir, "builds"))
	if err != nil || string(builds) != "built\n" {
		t.Errorf("builds: %q (%v), want one", builds, err)
	}
	if runs := left(t, dir, "run-*"); len(runs) != 0 {
		t.Errorf("left behind: %v", runs)
	}
}

func TestABrokenTemplateIsToldAndNotKept(t *testing.T) {
	t.Parallel()
	dir := otherDir(t)
	out, err := other(t, dir, "break").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "build the template: the build is broken") {
		t.Errorf("%v: %s", err, out)
	}
	if images := left(t, dir, "image-*"); len(images) != 1 {
		t.Errorf("images: %v, want the empty one alone", images)
	}
	if runs := left(t, dir, "run-*"); len(runs) != 0 {
		t.Errorf("left behind: %v", runs)
	}
}

func TestAKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := otherDir(t)
	hanging := other(t, dir, "hang")
	stdout, err := hanging.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := hanging.Start(); err != nil {
		t.Fatal(err)
	}
	var address string
	for lines := bufio.NewScanner(stdout); !strings.HasPrefix(address, "postgres://") && lines.Scan(); {
		address = lines.Text()
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Dir(u.Query().Get("host"))
	if _, err := os.Stat(filepath.Join(run, "data", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	db := open(t, address)
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	_ = hanging.Process.Signal(syscall.SIGKILL)
	_ = hanging.Wait()
	for end := time.Now().Add(20 * time.Second); len(left(t, dir, "run-*")) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("left behind: %v", left(t, dir, "run-*"))
		}
	}
	if err := db.Ping(); err == nil {
		t.Error("PostgreSQL runs on")
	}
}

// Should the watchdog be killed, too, the next process cleans up.
func TestTheNextProcessSweeps(t *testing.T) {
	t.Parallel()
	dir := otherDir(t)
	if out, err := other(t, dir, "use").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	images := left(t, dir, "image-*")
	cache := filepath.Dir(images[0])
	whole := filepath.Join(cache, "run-1-whole")
	if out, err := exec.Command("cp", "-a", images[0], whole).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	if err := os.MkdirAll(filepath.Join(cache, "run-1-half", "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(cache, "image-old")
	if err := os.Mkdir(old, 0o700); err != nil {
		t.Fatal(err)
	}
	lastYear := time.Now().AddDate(-1, 0, 0)
	if err := os.Chtimes(old, lastYear, lastYear); err != nil {
		t.Fatal(err)
	}
	if out, err := other(t, dir, "use").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := append(left(t, dir, "run-*"), left(t, dir, "image-old")...); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestAsANormalUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("every test is one, unless root runs them")
	}
	dir := otherDir(t)
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd := other(t, dir, "use")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if runs := left(t, dir, "run-*"); len(runs) != 0 {
		t.Errorf("left behind: %v", runs)
	}
}
