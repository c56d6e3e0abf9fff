package api_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"blangko/api"
	"blangko/coverage"
	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/boundary"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/internal/schedule"
	"blangko/internal/setting"
	"blangko/internal/sheet"
	"blangko/inventory"
	"blangko/notice"
	"blangko/outreach"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	pgtest.Main(m)
}

// noon is midday in Jakarta on the day these tests take place.
func noon() time.Time { return time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC) }

const today = "2026-11-20"

// office is a running server with the demo's users.
type office struct {
	t      testing.TB
	url    string
	db     *postgres.DB
	admin  string // address of the database's superuser
	ledger *inventory.Ledger
	people map[string]*person
	fields map[string]fieldOf
}

// person is a signed-in user, with the cookies of a browser.
type person struct {
	o      *office
	name   string
	client *http.Client
}

func open(t testing.TB) *office {
	t.Helper()
	db, admin := pgtest.NewWithOwner(t)
	d := domains(db)
	if err := d.Accounts.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler, err := api.New(d, api.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &office{t: t, url: server.URL, db: db, admin: admin, ledger: d.Ledger, people: map[string]*person{}}
}

// as signs in once and keeps the session; "" is somebody who is not signed in.
func (o *office) as(name string) *person {
	o.t.Helper()
	if p, ok := o.people[name]; ok {
		return p
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	p := &person{o: o, name: name, client: &http.Client{Jar: jar}}
	if name != "" {
		got := p.call("POST", "/api/v1/session", account.Credentials{Username: name, Password: account.DemoPassword})
		if got.status != http.StatusOK {
			o.t.Fatalf("sign in as %s: %v", name, got)
		}
	}
	o.people[name] = p
	return p
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// into decodes the answer, which must be a success.
func (r reply) into(t testing.TB, v any) reply {
	t.Helper()
	if r.status >= 300 {
		t.Fatalf("refused: %v", r)
	}
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
	return r
}

// problem decodes the answer as a problem.
func (r reply) problem(t testing.TB) (p api.Problem) {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q of %v", got, r)
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
	return p
}

// call asks as the person, with a fresh Idempotency-Key unless headers, given as name, value, say otherwise.
func (p *person) call(method, path string, body any, headers ...string) reply {
	p.o.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			p.o.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(p.o.t.Context(), method, p.o.url+path, reader)
	if err != nil {
		p.o.t.Fatal(err)
	}
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	got, err := p.client.Do(r)
	if err != nil {
		p.o.t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		p.o.t.Fatal(err)
	}
	return reply{got.StatusCode, got.Header, text}
}

func (p *person) get(path string) reply { p.o.t.Helper(); return p.call("GET", path, nil) }

func domains(db *postgres.DB) api.Domains {
	ledger, register, alerts := inventory.NewLedger(db, noon), coverage.NewRegister(db, noon), notice.NewAlerts(db, noon)
	desk, atlas := outreach.NewDesk(db, ledger, noon), boundary.NewAtlas(db, noon)
	accounts, forecasts := account.New(db, noon), forecasting.New(db, ledger, register, alerts, nil, noon)
	return api.Domains{DB: db, Accounts: accounts, Ledger: ledger, Coverage: register, Outreach: desk, Alerts: alerts, Forecasts: forecasts,
		Regions: region.NewChanges(db, noon, ledger.MoveRegion, register.MoveRegion, forecasts.MoveRegion, alerts.MoveRegion, desk.MoveRegion, accounts.MoveRegion),
		Imports: sheet.NewImports(db, noon, slices.Concat(register.Kinds(), desk.Kinds(), ledger.Kinds(), atlas.Kinds(), accounts.Kinds())...), Atlas: atlas, Schedule: noJobs(db), Settings: setting.New(db, noon, slices.Concat(inventory.Settings(), coverage.Settings())...), Now: noon, Ready: db.Ping}
}

func noJobs(db *postgres.DB) *schedule.Schedule {
	s, err := schedule.New(db, noon)
	if err != nil {
		panic(err) // an empty list is well formed
	}
	return s
}

// placeOf finds the place of a kind in a region.
func (o *office) placeOf(region string, kind inventory.PlaceKind) int {
	o.t.Helper()
	var page postgres.Page[inventory.Place]
	o.as("planner").get("/api/v1/places?region="+region+"&kind="+string(kind)).into(o.t, &page)
	for _, p := range page.Items {
		if p.Region == region {
			return p.ID
		}
	}
	o.t.Fatalf("no %s in %s", kind, region)
	return 0
}

// opening gives a region's office pieces out of nothing but the supplier, however often: past what a person may post.
func (o *office) opening(region string, pieces int64) (m inventory.Move) {
	o.t.Helper()
	db, err := sql.Open("postgres", o.admin)
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	var refused sql.NullString
	err = db.QueryRow(`
		SELECT concat_ws('-', region_id, id), refused
		FROM post(jsonb_build_array(jsonb_build_object('actor', 0, 'name', 'system', 'reach', '00', 'moves', jsonb_build_array(jsonb_build_object(
			'kind', 'opening', 'document', 'BA-1', 'date', $1::text, 'lines', jsonb_build_array(jsonb_build_object('item', 1, 'lot', 1,
			'from', $2::int, 'from_condition', 'usable', 'to', $3::int, 'to_condition', 'usable', 'pieces', $4::bigint)))))))`,
		today, o.placeOf("00", inventory.Supplier), o.placeOf(region, inventory.RegencyOffice), pieces).Scan(&m.ID, &refused)
	if err != nil || refused.Valid {
		o.t.Fatalf("open %s: %v %v", region, err, refused)
	}
	if m, err = o.ledger.Move(o.t.Context(), access.System, m.ID); err != nil {
		o.t.Fatal(err)
	}
	return m
}

// use is a day's use at a region's office.
func (o *office) use(region string, pieces int64) inventory.NewMove {
	return inventory.NewMove{Kind: inventory.Use, Document: "LH-1", Date: today, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: o.placeOf(region, inventory.RegencyOffice), Condition: inventory.Usable},
		To:   inventory.Account{Place: o.placeOf(region, inventory.Public), Condition: inventory.Issued}, Pieces: pieces, Purpose: "first-time"}}}
}
