package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkStock measures GET /stock?level=regency, answered whole, with ever more entries in the ledger.
// BLANGKO_BENCH_ENTRIES=20000000 (make bench-large) adds that many to the list.
func BenchmarkStock(b *testing.B) {
	sizes := []int{200_000, 2_000_000}
	if text := os.Getenv("BLANGKO_BENCH_ENTRIES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	h := openDurable(b)
	s, err := newSystem(h.database, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	api, err := s.api(serving{})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(api.Handler)
	defer server.Close()
	filled := 0
	var first, firstCPU float64
	for _, size := range sizes {
		h.fill(b, filled, size)
		filled = size
		b.Run(fmt.Sprintf("entries=%d", size), func(b *testing.B) {
			for b.Loop() {
				before := h.cpu(b)
				p50, p95 := h.readStock(b, server.URL)
				cpu := (h.cpu(b) - before) / stockReads * 1000
				if first == 0 {
					first, firstCPU = p50, cpu
				}
				b.ReportMetric(p50, "p50-ms")
				b.ReportMetric(p95, "p95-ms")
				b.ReportMetric(cpu, "cpu-ms")
				b.ReportMetric(p50/first, "of-smallest")
				b.ReportMetric(cpu/firstCPU, "of-smallest-by-cpu")
			}
		})
	}
}

// fill adds entries numbered from to to, spread over the offices, and a year of flows. Their links are made up: reading
// stock does not look at them.
func (h *durable) fill(b *testing.B, from, to int) {
	b.Helper()
	statements := []string{
		fmt.Sprintf(`INSERT INTO entries (region_id, place_id, seq, move_id, move_region_id, item_id, condition, lot_id, pieces, hash)
			SELECT p.region_id, p.id, 1000 + i / 514, 1000000 + i, p.region_id, 1, 'usable', 1, -1, sha256(i::text::bytea)
			FROM generate_series(%d, %d) i
			JOIN (SELECT id, region_id, row_number() OVER (ORDER BY id) - 1 AS n FROM places WHERE kind = 'regency') p ON p.n = i %% 514`, from, to-1),
		`INSERT INTO flows (region_id, place_id, item_id, day, kind, pieces)
			SELECT p.region_id, p.id, 1, current_date - d, 'use', -50 FROM places p, generate_series(1, 365) d WHERE p.kind = 'regency'
			ON CONFLICT DO NOTHING`,
		`VACUUM ANALYZE entries`, `VACUUM ANALYZE flows`, `VACUUM ANALYZE balances`,
	}
	for _, text := range statements {
		if err := inSQL(h.adminURL, text); err != nil {
			b.Fatal(err)
		}
	}
}

// stockReads is a hundred, and a few that warm the plans.
const stockReads = 105

// readStock asks a hundred times, one after the other.
func (h *durable) readStock(b *testing.B, url string) (p50, p95 float64) {
	b.Helper()
	var took []float64
	for i := range stockReads {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+"/api/v1/stock?level=regency", nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+h.token)
		began := time.Now()
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		got.Body.Close()
		if err != nil || got.StatusCode != http.StatusOK || len(body) < 514*100 {
			b.Fatalf("stock: %d, %d bytes, %v", got.StatusCode, len(body), err)
		}
		if i >= stockReads-100 {
			took = append(took, float64(time.Since(began).Microseconds())/1000)
		}
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*95/100]
}
