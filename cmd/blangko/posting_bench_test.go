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
	"sync"
	"sync/atomic"
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
	postingTime    = 8 * time.Second
)

// durable is a house with stock in every kabupaten/kota on a PostgreSQL that keeps its promises.
type durable struct {
	*database
	ledger  *inventory.Ledger
	offices [][2]int // office and public place of each region
	token   string   // of store, who reaches all
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

// BenchmarkPosting measures posting through the API with its clients, then pgbench with the same statements, then
// pgbench with the minimal posting of ../shared/bench/posting: one after the other, on the same PostgreSQL, durable.
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
	for b.Loop() {
		through := h.throughAPI(b, server.Handler)
		same := h.pgbench(b, postgres.Server, h.sameStatements(), "")
		b.ReportMetric(through, "api/s")
		b.ReportMetric(same, "pgbench-same/s")
		b.ReportMetric(through/same, "of-same")
		const yardstick = "../../../shared/bench/posting/"
		if _, err := os.Stat(yardstick); err != nil {
			b.Logf("the yardstick is not there, so its figure is left out: %v", err)
			continue
		}
		minimal := h.pgbench(b, "", yardstick+"minimal.pgbench", yardstick+"minimal.sql")
		b.ReportMetric(minimal, "pgbench-minimal/s")
		b.ReportMetric(through/minimal, "of-minimal")
	}
}

func (h *durable) throughAPI(b *testing.B, handler http.Handler) (perSecond float64) {
	b.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: postingClients}}
	var count atomic.Int64
	began := time.Now()
	var wg sync.WaitGroup
	for range postingClients {
		wg.Go(func() {
			for time.Since(began) < postingTime {
				text, err := json.Marshal(h.use(rand.IntN(len(h.offices))))
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
	return float64(count.Load()) / time.Since(began).Seconds()
}

// sameStatements is a pgbench script of what one post through the API that rides alone asks of the database.
func (h *durable) sameStatements() string {
	first, last := h.offices[0], h.offices[len(h.offices)-1]
	step := (last[0] - first[0]) / (len(h.offices) - 1)
	return fmt.Sprintf(`\set i random(0, %d)
\set o %d + :i * %d
\set p %d + :i * %d
\set key random(1, 9000000000000000000)
BEGIN;
SELECT act_as(0, 'system', '00'), set_config('role', 'blangko_nation', true), claim_all(ARRAY[2::bigint], ARRAY[:key::text], ARRAY[sha256(:key::text::bytea)]);
SELECT ask, region_id, id, at, refused, facts FROM post(json_build_array(json_build_object('actor', 2, 'name', 'store', 'reach', '00', 'moves', json_build_array(
  json_build_object('kind', 'use', 'document', 'LH-1', 'date', '%s', 'lines', json_build_array(json_build_object(
  'item', 1, 'lot', 1, 'from', :o::int, 'from_condition', 'usable', 'to', :p::int, 'to_condition', 'issued', 'purpose', 'damaged', 'pieces', 1))))))::jsonb);
SELECT keep_all(ARRAY[2::bigint], ARRAY[:key::text], ARRAY[repeat('x', 250)]);
COMMIT;
`, len(h.offices)-1, first[0], step, first[1], step, yesterday())
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs a script, given as text or as a file, after the set-up file if there is one; role "" is the superuser.
func (h *durable) pgbench(b *testing.B, role, script, setUp string) (perSecond float64) {
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
	text := run("pgbench", "-n", "-f", file, "-c", strconv.Itoa(postingClients), "-j", "2", "-T", strconv.Itoa(int(postingTime.Seconds())), "-M", "prepared")
	m := tps.FindSubmatch(text)
	if m == nil {
		b.Fatalf("pgbench says no tps: %s", text)
	}
	perSecond, err = strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return perSecond
}
