package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/inventory"
)

const (
	postingClients = 16
	postingTime    = 4 * time.Second
	postingRounds  = 5
)

// pace is how fast something was done, and what it cost of all processors: clients, server and database.
type pace struct{ done, seconds, cpu float64 }

func (p pace) perSecond() float64 { return p.done / p.seconds }

func (p pace) micros() float64 { return p.cpu / p.done * 1e6 }

func (p *pace) add(q pace) {
	p.done, p.seconds, p.cpu = p.done+q.done, p.seconds+q.seconds, p.cpu+q.cpu
}

// durable is a house with stock in every kabupaten/kota on a PostgreSQL that keeps its promises.
type durable struct {
	*database
	ledger  *inventory.Ledger
	offices [][2]int // office and public place of each region
	token   string   // of store, who reaches all

	contracts, boxes int // what stock has brought so far
}

func openDurable(b *testing.B) *durable {
	b.Helper()
	dir, err := os.MkdirTemp("", "blangko-bench-")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	ctx := b.Context()
	d, err := openDatabase(ctx, config{Data: filepath.Join(dir, "data"), Connections: postingClients})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	})
	h := &durable{database: d, ledger: inventory.NewLedger(d.DB, time.Now)}
	accounts := account.New(d.DB, time.Now)
	if err := accounts.SeedDemo(ctx); err != nil {
		b.Fatal(err)
	}
	store, err := accounts.ActorNamed(ctx, "store")
	if err != nil {
		b.Fatal(err)
	}
	token, err := accounts.AddToken(ctx, store, account.NewToken{Name: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	h.token = token.Secret
	h.furnish(b)
	return h
}

// furnish opens every office with stock.
func (h *durable) furnish(b *testing.B) {
	b.Helper()
	ctx := b.Context()
	err := postgres.Read(ctx, h.DB, access.System, func(tx *sqlx.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT o.id, p.id FROM places o JOIN places p ON p.region_id = o.region_id AND p.kind = 'public' WHERE o.kind = 'regency' ORDER BY o.id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var pair [2]int
			if err := rows.Scan(&pair[0], &pair[1]); err != nil {
				return err
			}
			h.offices = append(h.offices, pair)
		}
		return rows.Err()
	})
	if err != nil {
		b.Fatal(err)
	}
	page, err := h.ledger.Places(ctx, access.System, inventory.PlaceFilter{Kind: inventory.Supplier})
	if err != nil {
		b.Fatal(err)
	}
	for _, pair := range h.offices {
		_, err := h.ledger.Post(ctx, access.System, inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: yesterday(), Lines: []inventory.MoveLine{{
			From: inventory.Account{Place: page.Items[0].ID, Condition: inventory.Usable}, To: inventory.Account{Place: pair[0], Condition: inventory.Usable}, Pieces: 50_000_000}}})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (h *durable) use(i int) inventory.NewMove {
	return inventory.NewMove{Kind: inventory.Use, Document: "LH-1", Date: yesterday(), Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: h.offices[i][0], Condition: inventory.Usable}, To: inventory.Account{Place: h.offices[i][1], Condition: inventory.Issued},
		Pieces: 1, Purpose: "damaged"}}}
}

// BenchmarkPosting measures posting through the API with its clients, pgbench with the same statements, and pgbench with the
// minimal posting of ../shared/bench/posting: by turns, on the same PostgreSQL, durable. The ratios are those of the
// whole time; beside them stands what a posting costs of the processors, which other work on the machine does not change.
func BenchmarkPosting(b *testing.B) {
	h := openDurable(b)
	s, err := newSystem(h.database, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	server, err := s.api(serving{})
	if err != nil {
		b.Fatal(err)
	}
	const yardstick = "../../../shared/bench/posting/"
	for b.Loop() {
		var through, same, minimal pace
		for range postingRounds {
			through.add(h.throughAPI(b, server.Handler, h.use))
			same.add(h.pgbench(b, postgres.Server, h.sameStatements(), ""))
			if _, err := os.Stat(yardstick); err != nil {
				b.Logf("the yardstick is not there, so its figure is left out: %v", err)
				continue
			}
			minimal.add(h.pgbench(b, "", yardstick+"minimal.pgbench", yardstick+"minimal.sql"))
		}
		h.report(b, "api", through, nil)
		h.report(b, "same", same, &through)
		if minimal.done > 0 {
			h.report(b, "minimal", minimal, &through)
		}
	}
}

// report tells a pace, and how much of it another reaches.
func (h *durable) report(b *testing.B, name string, p pace, reached *pace) {
	b.ReportMetric(p.perSecond(), name+"/s")
	b.ReportMetric(p.micros(), name+"-cpu-µs")
	if reached != nil {
		b.ReportMetric(reached.perSecond()/p.perSecond(), "of-"+name)
		b.ReportMetric(p.micros()/reached.micros(), "of-"+name+"-by-cpu")
	}
}

// cpu is the processor time so far of this process and of the database, in seconds.
func (h *durable) cpu(b *testing.B) float64 {
	b.Helper()
	var self syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		b.Fatal(err)
	}
	return float64(self.Utime.Nano()+self.Stime.Nano())/1e9 + h.databaseCPU(b)
}

// databaseCPU adds up the postmaster, the backends that are there and, as the postmaster's children, those that are gone.
func (h *durable) databaseCPU(b *testing.B) (seconds float64) {
	b.Helper()
	var dir string
	if err := inSQLRow(h.adminURL, `SHOW data_directory`, &dir); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		b.Fatal(err)
	}
	postmaster, _, _ := strings.Cut(string(text), "\n")
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		// The name of the program, which may hold anything, stands in parentheses before the fields that are counted.
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		pid := filepath.Base(filepath.Dir(path))
		var ticks []string
		switch {
		case pid == postmaster:
			ticks = fields[11:15]
		case len(fields) > 13 && fields[1] == postmaster:
			ticks = fields[11:13]
		}
		for _, t := range ticks {
			n, err := strconv.ParseFloat(t, 64)
			if err != nil {
				b.Fatalf("%s: %v", path, err)
			}
			seconds += n / 100
		}
	}
	return seconds
}

// throughAPI lets clients post moves over HTTP for a while.
func (h *durable) throughAPI(b *testing.B, handler http.Handler, moves func(i int) inventory.NewMove) pace {
	b.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: postingClients}}
	var count atomic.Int64
	before := h.cpu(b)
	began := time.Now()
	var wg sync.WaitGroup
	for range postingClients {
		wg.Go(func() {
			for time.Since(began) < postingTime {
				text, err := json.Marshal(moves(rand.IntN(len(h.offices))))
				if err != nil {
					b.Error(err)
					return
				}
				r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+"/api/v1/moves", bytes.NewReader(text))
				if err != nil {
					b.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+h.token)
				r.Header.Set("Idempotency-Key", uuid.NewString())
				r.Header.Set("Content-Type", "application/json")
				got, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				body, err := io.ReadAll(got.Body)
				got.Body.Close()
				if err != nil || got.StatusCode != http.StatusCreated {
					b.Errorf("post: %d %s %v", got.StatusCode, body, err)
					return
				}
				count.Add(1)
			}
		})
	}
	wg.Wait()
	return pace{float64(count.Load()), time.Since(began).Seconds(), h.cpu(b) - before}
}

// sameStatements is a pgbench script of what one post through the API that comes alone asks of the database.
func (h *durable) sameStatements() string {
	first, last := h.offices[0], h.offices[len(h.offices)-1]
	step := (last[0] - first[0]) / (len(h.offices) - 1)
	return fmt.Sprintf(`\set i random(0, %d)
\set o %d + :i * %d
\set p %d + :i * %d
\set key random(1, 9000000000000000000)
SELECT ask, id, at, refused, facts, replayed FROM post_once(ARRAY[2::bigint], ARRAY[:key::text], ARRAY[sha256(:key::text::bytea)],
  json_build_array(json_build_object('actor', 2, 'name', 'store', 'reach', '00', 'moves', json_build_array(
  json_build_object('kind', 'use', 'document', 'LH-1', 'date', '%s', 'lines', json_build_array(json_build_object(
  'item', 1, 'lot', 1, 'from', :o::int, 'from_condition', 'usable', 'to', :p::int, 'to_condition', 'issued', 'purpose', 'damaged', 'pieces', 1))))))::jsonb);
`, len(h.offices)-1, first[0], step, first[1], step, yesterday())
}

var tps = regexp.MustCompile(`transactions actually processed: ([0-9]+)`)

// pgbench runs a script, given as text or as a file, after the set-up file if there is one; role "" is the superuser.
func (h *durable) pgbench(b *testing.B, role, script, setUp string) pace {
	b.Helper()
	u, err := url.Parse(h.adminURL)
	if err != nil {
		b.Fatal(err)
	}
	if role != "" {
		password := derivedPassword(u)
		u.User = url.UserPassword(role, password)
	}
	q := u.Query()
	secret, _ := u.User.Password()
	env := append(os.Environ(), "PGPASSWORD="+secret, "PGUSER="+u.User.Username(), "PGHOST="+q.Get("host"), "PGDATABASE=blangko")
	if port := q.Get("port"); port != "" {
		env = append(env, "PGPORT="+port)
	}
	if u.Port() != "" {
		env = append(env, "PGPORT="+u.Port())
	}
	var client time.Duration
	run := func(name string, args ...string) []byte {
		path, err := programPath(config{}, name)
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.CommandContext(b.Context(), path, args...)
		cmd.Env = env
		text, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%s: %v: %s", name, err, text)
		}
		client = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		return text
	}
	file := script
	if _, err := os.Stat(script); err != nil {
		file = filepath.Join(b.TempDir(), "script")
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if setUp != "" {
		run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", setUp)
	}
	before, began := h.databaseCPU(b), time.Now()
	text := run("pgbench", "-n", "-f", file, "-c", strconv.Itoa(postingClients), "-j", "2", "-T", strconv.Itoa(int(postingTime.Seconds())), "-M", "prepared")
	m := tps.FindSubmatch(text)
	if m == nil {
		b.Fatalf("pgbench says not how many: %s", text)
	}
	done, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return pace{done, time.Since(began).Seconds(), h.databaseCPU(b) - before + client.Seconds()}
}
