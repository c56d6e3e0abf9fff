package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgembed"
	"blangko/internal/postgres/pgtest"
	"blangko/inventory"
)

// asProgram makes the test binary be the program itself, so that tests run real processes without building them.
const asProgram = "BLANGKO_TEST_IS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	pgtest.Main(m)
}

// house is a data directory with the demo's users and some stock, and the program that serves it.
type house struct {
	t      *testing.T
	dir    string
	token  string // of officer.12.71
	office int
	public int
	server *exec.Cmd
	log    *bytes.Buffer
	url    string
}

// newDir is a directory that the account PostgreSQL runs as can enter.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "blangko-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	t.Cleanup(func() {
		// Whatever the test killed, nothing of it stays behind.
		if err := pgembed.Remove(context.Background(), data); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return data
}

// furnish fills a new data directory: users, a token, and stock at the office of Medan.
func furnish(t *testing.T, pieces int64) *house {
	t.Helper()
	h := &house{t: t, dir: newDir(t)}
	ctx := t.Context()
	d, err := openDatabase(ctx, config{Data: h.dir, Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	accounts := account.New(d.DB, time.Now)
	if err := accounts.SeedDemo(ctx); err != nil {
		t.Fatal(err)
	}
	officer, err := accounts.ActorNamed(ctx, "officer.12.71")
	if err != nil {
		t.Fatal(err)
	}
	token, err := accounts.AddToken(ctx, officer, account.NewToken{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	h.token = token.Secret
	ledger := inventory.NewLedger(d.DB, time.Now)
	h.office, h.public = place(t, ledger, "12.71", inventory.RegencyOffice), place(t, ledger, "12.71", inventory.Public)
	_, err = ledger.Post(ctx, access.System, inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: yesterday(), Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: place(t, ledger, "00", inventory.Supplier), Condition: inventory.Usable},
		To:   inventory.Account{Place: h.office, Condition: inventory.Usable}, Pieces: pieces}}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func yesterday() string { return time.Now().Add(-24 * time.Hour).UTC().Format(time.DateOnly) }

func place(t *testing.T, l *inventory.Ledger, region string, kind inventory.PlaceKind) int {
	t.Helper()
	page, err := l.Places(t.Context(), access.System, inventory.PlaceFilter{Region: region, Kind: kind, Paging: postgres.Paging{Limit: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range page.Items {
		if p.Region == region {
			return p.ID
		}
	}
	t.Fatalf("no %s in %s", kind, region)
	return 0
}

// program is a run of blangko with these arguments.
func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "DATABASE_URL=")
	cmd.Env = append(cmd.Env, "BLANGKO_LOG=warn")
	return cmd
}

// start serves the house and waits until it is ready.
func (h *house) start() {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.url = "http://" + address
	h.server = program(context.Background(), "serve", "--data", h.dir, "--listen", address)
	h.log = &bytes.Buffer{}
	h.server.Stdout, h.server.Stderr = h.log, h.log
	if err := h.server.Start(); err != nil {
		h.t.Fatal(err)
	}
	server := h.server
	h.t.Cleanup(func() { // when the test failed; else it has ended
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if r, err := http.Get(h.url + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	h.t.Fatalf("the server is not ready after a minute:\n%s", h.log)
}

// stop ends the server as Ctrl-C does.
func (h *house) stop() {
	h.t.Helper()
	if err := h.server.Process.Signal(os.Interrupt); err != nil {
		h.t.Fatal(err)
	}
	if err := h.server.Wait(); err != nil {
		h.t.Errorf("the server stopped with %v:\n%s", err, h.log)
	}
}

// post asks for a use of one piece under a key; ok is false when no answer came.
func (h *house) post(key string) (move inventory.Move, replayed, ok bool) {
	text, err := json.Marshal(inventory.NewMove{Kind: inventory.Use, Document: "LH-1", Date: yesterday(), Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: h.office, Condition: inventory.Usable}, To: inventory.Account{Place: h.public, Condition: inventory.Issued},
		Pieces: 1, Purpose: "damaged"}}})
	if err != nil {
		h.t.Error(err)
		return
	}
	r, err := http.NewRequest(http.MethodPost, h.url+"/api/v1/moves", bytes.NewReader(text))
	if err != nil {
		h.t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Idempotency-Key", key)
	r.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 20 * time.Second}
	got, err := client.Do(r)
	if err != nil {
		return
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return
	}
	if got.StatusCode >= 500 {
		return // the database is away: asked again later
	}
	if got.StatusCode != http.StatusCreated {
		h.t.Errorf("post: %d %s", got.StatusCode, body)
		return
	}
	if err := json.Unmarshal(body, &move); err != nil {
		return
	}
	return move, got.Header.Get("Idempotency-Replayed") == "true", true
}

// insist asks until there is an answer, as a phone does while PostgreSQL comes back.
func (h *house) insist(key string) (move inventory.Move, replayed, ok bool) {
	for deadline := time.Now().Add(time.Minute); !ok && time.Now().Before(deadline); {
		if move, replayed, ok = h.post(key); !ok {
			time.Sleep(50 * time.Millisecond)
		}
	}
	return move, replayed, ok
}

func (h *house) postmaster() int {
	var text []byte
	var err error
	for range 600 { // it may be on its way back from the last kill
		if text, err = os.ReadFile(filepath.Join(h.dir, "data", "postmaster.pid")); err == nil && len(text) > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(text), "\n", 2)[0]))
	if err != nil {
		h.t.Fatal(err)
	}
	return pid
}

// TestNoAcknowledgedPostIsLostOrDoubledByKills kills the server, PostgreSQL or both under load. Whatever was answered
// must be there once, and asking again with its key must bring the first answer.
func TestNoAcknowledgedPostIsLostOrDoubledByKills(t *testing.T) {
	t.Parallel()
	const rounds, clients, stock = 5, 6, 100_000
	h := furnish(t, stock)
	h.start()
	acknowledged := map[string]string{} // key → move
	var asked []string
	var mu sync.Mutex
	for round := range rounds {
		var stopped atomic.Bool
		var wg sync.WaitGroup
		for range clients {
			wg.Go(func() {
				for !stopped.Load() {
					key := uuid.NewString()
					move, _, ok := h.post(key)
					mu.Lock()
					asked = append(asked, key)
					if ok {
						acknowledged[key] = move.ID
					}
					mu.Unlock()
					if !ok {
						time.Sleep(20 * time.Millisecond)
					}
				}
			})
		}
		time.Sleep(700 * time.Millisecond)
		killServer, killPostgres := round%3 != 1, round%3 != 0
		if killPostgres {
			if err := syscall.Kill(h.postmaster(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		if killServer {
			if err := h.server.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = h.server.Wait() // killed, as meant
		} else {
			time.Sleep(time.Second) // the server lives on and finds PostgreSQL again
		}
		stopped.Store(true)
		wg.Wait()
		if killServer {
			h.start()
		}
	}
	if len(acknowledged) < 50 {
		t.Errorf("only %d posts were answered: too few to mean anything", len(acknowledged))
	}
	for key, id := range acknowledged {
		move, replayed, ok := h.insist(key)
		if !ok || !replayed || move.ID != id {
			t.Fatalf("asking again for %s: %v, replayed %v, answered %v; the first answer was %s", key, move.ID, replayed, ok, id)
		}
	}
	for _, key := range asked { // those without an answer happen now, or happened: once in either case
		if _, _, ok := h.insist(key); !ok {
			t.Fatalf("asking again for %s is not answered:\n%s", key, h.log)
		}
	}
	h.stop()

	d, err := openDatabase(t.Context(), config{Data: h.dir, Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	ledger := inventory.NewLedger(d.DB, time.Now)
	p, err := ledger.Place(t.Context(), access.System, h.office)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Stock[0].Pieces, int64(stock-len(asked)); got != want {
		t.Errorf("the office holds %d, want %d after %d posts", got, want, len(asked))
	}
	v, err := ledger.Verify(t.Context(), nil)
	if err != nil || len(v.Breaches) > 0 {
		t.Errorf("verify: %v, %v", v.Breaches, err)
	}
	t.Logf("%d posts asked, %d answered before a kill", len(asked), len(acknowledged))
}

func TestWhatStandsInTheWayIsSaidClearly(t *testing.T) {
	t.Parallel()
	h := furnish(t, 10)
	h.start()
	defer h.stop()
	taken := strings.TrimPrefix(h.url, "http://")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"a second server on one directory", []string{"serve", "--data", h.dir, "--listen", "127.0.0.1:0"}, "another blangko serve runs on this directory"},
		{"a port in use", []string{"serve", "--data", h.dir, "--listen", taken}, taken + " is in use"},
		{"half of TLS", []string{"serve", "--data", h.dir, "--tls-cert", "x"}, "--tls-cert and --tls-key go together"},
		{"a proxy that is none", []string{"serve", "--data", h.dir, "--trusted-proxy", "everybody"}, "neither an address nor a network"},
		{"a file for a directory", []string{"serve", "--data", file, "--listen", "127.0.0.1:0"}, file},
		{"an unknown command", []string{"serv"}, "unknown command"},
		{"a token for nobody", []string{"token", "add", "--data", h.dir}, "--user"},
		{"a token for somebody unknown", []string{"token", "add", "--data", h.dir, "--user", "officer.99.99"}, "user-unknown"},
		{"an unknown job", []string{"job", "run", "nothing", "--data", h.dir}, "job-unknown"},
		{"no backup there", []string{"restore", "--data", filepath.Join(t.TempDir(), "x"), t.TempDir()}, "no backup there"},
	} {
		text, err := program(t.Context(), c.args...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !strings.Contains(string(text), c.says) {
			t.Errorf("%s: %v, says %q, want %q in it", c.name, err, text, c.says)
		}
		if n := strings.Count(strings.TrimSpace(string(text)), "\n"); n > 4 {
			t.Errorf("%s: %d lines are too many to be clear:\n%s", c.name, n+1, text)
		}
	}
}

func TestCommandsJoinARunningServer(t *testing.T) {
	t.Parallel()
	h := furnish(t, 10)
	h.start()
	defer h.stop()
	if _, _, ok := h.post(uuid.NewString()); !ok {
		t.Fatalf("post is not answered:\n%s", h.log)
	}
	text, err := program(t.Context(), "ledger", "verify", "--data", h.dir).CombinedOutput()
	if err != nil || !strings.Contains(string(text), "agrees with itself") {
		t.Errorf("ledger verify: %v, %s", err, text)
	}
	text, err = program(t.Context(), "job", "run", "sweep", "--data", h.dir).CombinedOutput()
	if err != nil || !strings.Contains(string(text), "sweep done") {
		t.Errorf("job run sweep: %v, %s", err, text)
	}
	secret, err := program(t.Context(), "token", "add", "--data", h.dir, "--user", "planner").Output()
	if err != nil {
		t.Fatalf("token add: %v", err)
	}
	r, err := http.NewRequest(http.MethodGet, h.url+"/api/v1/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(secret)))
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if body, err := io.ReadAll(got.Body); err != nil || !strings.Contains(string(body), `"planner"`) {
		t.Errorf("me with the new token: %s, %v", body, err)
	}
	if _, _, ok := h.post(uuid.NewString()); !ok {
		t.Error("the server is gone after commands joined and left")
	}
}

func TestABackupComesBackWhole(t *testing.T) {
	t.Parallel()
	h := furnish(t, 10)
	backup := filepath.Join(t.TempDir(), "backup")
	if text, err := program(t.Context(), "backup", "--data", h.dir, backup).CombinedOutput(); err != nil {
		t.Fatalf("backup: %v, %s", err, text)
	}
	if text, err := program(t.Context(), "backup", "--data", h.dir, backup).CombinedOutput(); err == nil {
		t.Errorf("a second backup wrote over the first: %s", text)
	}
	elsewhere := newDir(t)
	text, err := program(t.Context(), "restore", "--data", elsewhere, backup).CombinedOutput()
	if err != nil || !strings.Contains(string(text), "agrees with itself") {
		t.Fatalf("restore: %v, %s", err, text)
	}
	if text, err := program(t.Context(), "restore", "--data", elsewhere, backup).CombinedOutput(); err == nil || !strings.Contains(string(text), "database-not-empty") {
		t.Errorf("restore over what is there: %v, %s", err, text)
	}
	restored := &house{t: t, dir: elsewhere, token: h.token, office: h.office, public: h.public}
	restored.start()
	defer restored.stop()
	if _, _, ok := restored.post(uuid.NewString()); !ok {
		t.Errorf("the restored house takes no post:\n%s", restored.log)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	h := furnish(t, 10)
	d, err := openDatabase(t.Context(), config{Data: h.dir, Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := inSQL(d.adminURL, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, true)`); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := program(t.Context(), "serve", "--data", h.dir, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(text), "newer-schema") || !strings.Contains(string(text), "999999") {
		t.Errorf("serve on a newer schema: %v, %s", err, text)
	}
}

func TestAnEditInSQLIsNamedByLedgerVerify(t *testing.T) {
	t.Parallel()
	h := furnish(t, 10)
	d, err := openDatabase(t.Context(), config{Data: h.dir, Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := inSQL(d.adminURL, `UPDATE moves SET document = 'BA-2'`); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := program(t.Context(), "ledger", "verify", "--data", h.dir).CombinedOutput()
	if err == nil || !strings.Contains(string(text), "link-broken") || !strings.Contains(string(text), fmt.Sprintf("place=%d", h.office)) {
		t.Errorf("ledger verify: %v, %s", err, text)
	}
}
