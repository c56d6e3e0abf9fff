package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// move is a body for POST /moves with one thing replaced.
func (o *office) move(replace ...string) string {
	text := fmt.Sprintf(`{"kind":"use","document":"LH-1","date":"%s","lines":[{"from":{"place":%d,"condition":"usable"},"to":{"place":%d,"condition":"issued"},"pieces":1,"purpose":"lost"}]}`,
		today, o.placeOf("12.71", inventory.RegencyOffice), o.placeOf("12.71", inventory.Public))
	return strings.NewReplacer(replace...).Replace(text)
}

// TestBadInputIsRefusedClearly asks as a clumsy and as a hostile user would; each answer has a status, a code and the
// place of what is wrong, and nothing is written.
func TestBadInputIsRefusedClearly(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.opening("12.71", 100)
	officer := o.as("officer.12.71")
	for _, c := range []struct {
		name   string
		got    reply
		status int
		code   string
		at     string
	}{
		{"unknown region", officer.get("/api/v1/regions/12.99"), 404, "region-unknown", ""},
		{"region out of reach", officer.get("/api/v1/regions/82.71"), 404, "region-unknown", ""},
		{"malformed region", officer.get("/api/v1/regions/medan"), 422, "region-code-malformed", ""},
		{"region of the old era", o.as("planner").get("/api/v1/regions/91.01"), 404, "region-code-old", ""},
		{"unknown level", officer.get("/api/v1/stock?level=city"), 422, "invalid-input", "query.level"},
		{"unknown query parameter", officer.get("/api/v1/stock?levels=regency"), 422, "invalid-input", "query.levels"},
		{"limit of zero", officer.get("/api/v1/moves?limit=0"), 422, "invalid-input", "query.limit"},
		{"limit too large", officer.get("/api/v1/moves?limit=1001"), 422, "invalid-input", "query.limit"},
		{"forged cursor", officer.get("/api/v1/moves?cursor=zzzz"), 422, "cursor-malformed", ""},
		{"cursor of another list", officer.get("/api/v1/moves?cursor=eyJwbGFjZSI6MX0"), 422, "cursor-malformed", ""},
		{"no such resource", officer.get("/api/v1/blanks"), 404, "no-such-resource", ""},
		{"no such method", officer.call("DELETE", "/api/v1/stock", nil), 405, "method-not-allowed", ""},
		{"negative pieces", officer.call("POST", "/api/v1/moves", o.move(`"pieces":1`, `"pieces":-1`)), 422, "invalid-input", "body.lines[0].pieces"},
		{"huge pieces", officer.call("POST", "/api/v1/moves", o.move(`"pieces":1`, `"pieces":100000001`)), 422, "invalid-input", "body.lines[0].pieces"},
		{"half a piece", officer.call("POST", "/api/v1/moves", o.move(`"pieces":1`, `"pieces":1.5`)), 422, "invalid-input", "body.lines[0].pieces"},
		{"a date in the future", officer.call("POST", "/api/v1/moves", o.move(today, "2026-11-21")), 422, "invalid-input", "body.date"},
		{"no date at all", officer.call("POST", "/api/v1/moves", o.move(today, "2026-02-30")), 422, "invalid-input", "body.date"},
		{"sixteen digits in a text", officer.call("POST", "/api/v1/moves", o.move("LH-1", "1111-1111-1111-1111")), 422, "sixteen-digits", "body.document"},
		{"sixteen digits as a number", officer.call("POST", "/api/v1/moves", o.move(`"pieces":1`, `"pieces":1111111111111111`)), 422, "sixteen-digits", "body.lines[0].pieces"},
		{"a NUL in a text", officer.call("POST", "/api/v1/moves", o.move("LH-1", `LH\u0000`)), 422, "text-malformed", ""},
		{"an unknown field", officer.call("POST", "/api/v1/moves", o.move(`"kind"`, `"sort":1,"kind"`)), 422, "invalid-input", "body.sort"},
		{"a wrong type", officer.call("POST", "/api/v1/moves", o.move(`"lines":[{`, `"lines":["x",{`)), 422, "invalid-input", "body.lines[0]"},
		{"trailing data", officer.call("POST", "/api/v1/moves", o.move()+`{"again":true}`), 400, "malformed-request", ""},
		{"half a body", officer.call("POST", "/api/v1/moves", `{"kind":"use"`), 400, "malformed-request", ""},
		{"no body", officer.call("POST", "/api/v1/moves", ""), 400, "malformed-request", ""},
		{"an oversized body", officer.call("POST", "/api/v1/moves", o.move("LH-1", strings.Repeat("x", 2<<20))), 413, "body-too-large", ""},
		{"another media type", officer.call("POST", "/api/v1/moves", o.move(), "Content-Type", "text/xml"), 415, "media-type-unsupported", ""},
		{"no key", officer.call("POST", "/api/v1/moves", o.move(), "Idempotency-Key", ""), 400, "idempotency-key-missing", ""},
		{"a key too long", officer.call("POST", "/api/v1/moves", o.move(), "Idempotency-Key", strings.Repeat("k", 201)), 400, "idempotency-key-malformed", ""},
		{"a place that is none", officer.call("POST", "/api/v1/moves", o.move(`"place":`, `"place":99`)), 404, "place-unknown", ""},
		{"a move that is none", officer.get("/api/v1/moves/1-999999"), 404, "move-unknown", ""},
		{"a move id that is none", officer.get("/api/v1/moves/%27%20OR%201"), 404, "move-unknown", ""},
		{"no If-Match", o.as("admin").call("PUT", "/api/v1/users/2", `{"name":"x"}`), 428, "if-match-missing", ""},
		{"an If-Match that is none", o.as("admin").call("PUT", "/api/v1/users/2", `{"name":"x"}`, "If-Match", "new"), 400, "if-match-malformed", ""},
		{"a stale If-Match", o.as("admin").call("PUT", "/api/v1/users/2", `{"name":"x"}`, "If-Match", `"99"`), 412, "stale", ""},
		{"another origin", officer.call("POST", "/api/v1/moves", o.move(), "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site"), 403, "cross-origin", ""},
	} {
		p := c.got.problem(t)
		if c.got.status != c.status || p.Code != c.code || p.Status != c.status {
			t.Errorf("%s: %v, want %d %s", c.name, c.got, c.status, c.code)
			continue
		}
		if c.at != "" && (len(p.Errors) == 0 || p.Errors[0].Location != c.at) {
			t.Errorf("%s: %v, want it at %s", c.name, c.got, c.at)
		}
		if p.RequestID == "" || p.RequestID != c.got.header.Get("X-Request-Id") {
			t.Errorf("%s: request id %q in the body, %q in the header", c.name, p.RequestID, c.got.header.Get("X-Request-Id"))
		}
	}
	var page postgres.Page[inventory.Move]
	officer.get("/api/v1/moves").into(t, &page)
	if len(page.Items) != 1 {
		t.Errorf("%d moves after nothing but refusals, want the opening alone", len(page.Items))
	}
}

func TestForgedAndEndedSessionsAreNobody(t *testing.T) {
	t.Parallel()
	o := open(t)
	nobody := o.as("")
	for name, header := range map[string][2]string{
		"no session":             {"Accept", "*/*"},
		"a forged session":       {"Cookie", "blangko_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"a forged token":         {"Authorization", "Bearer blk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"a token of another way": {"Authorization", "Basic cGxhbm5lcjpibGFuZ2tvLWRlbW8="},
		"an empty token":         {"Authorization", "Bearer "},
	} {
		got := nobody.call("GET", "/api/v1/me", nil, header[0], header[1])
		if got.status != http.StatusUnauthorized {
			t.Errorf("%s: %v, want 401", name, got)
		}
	}
	// A session is renewed at sign-in: one planted before is not the one after.
	p := o.afresh("officer.12.71")
	before := p.cookie()
	if got := p.call("POST", "/api/v1/session", account.Credentials{Username: "officer.12.71", Password: account.DemoPassword}); got.status != 200 {
		t.Fatalf("sign in again: %v", got)
	}
	if p.cookie() == before {
		t.Error("the session's token is the same after another sign-in")
	}
	if got := nobody.call("GET", "/api/v1/me", nil, "Cookie", before); got.status != 401 {
		t.Errorf("the session before the sign-in: %v, want 401", got)
	}
	// Signing out ends it.
	last := p.cookie()
	p.call("DELETE", "/api/v1/session", nil)
	if got := nobody.call("GET", "/api/v1/me", nil, "Cookie", last); got.status != 401 {
		t.Errorf("the session after sign-out: %v, want 401", got)
	}
	// A disabled user is out at once, by session and by token.
	var token account.IssuedToken
	q := o.afresh("officer2.12.71")
	q.call("POST", "/api/v1/tokens", account.NewToken{Name: "program"}).into(t, &token)
	var users postgres.Page[account.User]
	o.as("admin").get("/api/v1/users?region=12.71").into(t, &users)
	for _, u := range users.Items {
		if u.Username == "officer2.12.71" {
			got := o.as("admin").call("PUT", fmt.Sprint("/api/v1/users/", u.ID), `{"disabled":true}`, "If-Match", fmt.Sprintf(`"%d"`, u.Version))
			if got.status != 200 {
				t.Fatalf("disable: %v", got)
			}
		}
	}
	if got := q.get("/api/v1/me"); got.status != 401 {
		t.Errorf("the session of a disabled user: %v, want 401", got)
	}
	if got := nobody.call("GET", "/api/v1/me", nil, "Authorization", "Bearer "+token.Secret); got.status != 401 {
		t.Errorf("the token of a disabled user: %v, want 401", got)
	}
}

// cookie is the session's cookie as a header.
func (p *person) cookie() string {
	r, err := http.NewRequest(http.MethodGet, p.o.url, nil)
	if err != nil {
		p.o.t.Fatal(err)
	}
	var pairs []string
	for _, c := range p.client.Jar.Cookies(r.URL) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

func TestAKeyReplaysOverHTTP(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.opening("12.71", 100)
	officer, key := o.as("officer.12.71"), uuid.NewString()
	first := officer.call("POST", "/api/v1/moves", o.move(), "Idempotency-Key", key)
	again := officer.call("POST", "/api/v1/moves", o.move(), "Idempotency-Key", key)
	if first.status != 201 || again.status != 201 || string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %v, again %v with %q", first, again, again.header.Get("Idempotency-Replayed"))
	}
	other := officer.call("POST", "/api/v1/moves", o.move(`"pieces":1`, `"pieces":2`), "Idempotency-Key", key)
	if p := other.problem(t); other.status != 409 || p.Code != "idempotency-key-reused" {
		t.Errorf("another body: %v", other)
	}
	if got := o.as("officer2.12.71").call("POST", "/api/v1/moves", o.move(), "Idempotency-Key", key); got.header.Get("Idempotency-Replayed") != "" || got.status != 201 {
		t.Errorf("another officer's same key: %v", got)
	}
}

func TestEveryProblemHasAPage(t *testing.T) {
	t.Parallel()
	o := open(t)
	p := o.as("").get("/api/v1/me").problem(t)
	if got := o.as("").get(p.Type); got.status != 200 || !strings.Contains(string(got.body), p.Code) {
		t.Errorf("%s: %v", p.Type, got)
	}
}

func TestTheHouseAnswers(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, c := range []struct{ path, want string }{{"/healthz", "alive"}, {"/readyz", "ready"}, {"/metrics", "blangko_request_seconds"},
		{"/openapi.json", `"openapi":"3.1`}, {"/docs", "swagger-ui"}} {
		if got := o.as("").get(c.path); got.status != 200 || !strings.Contains(string(got.body), c.want) {
			t.Errorf("%s: %.200v, want %q in it", c.path, got, c.want)
		}
	}
	// Everything the documentation page loads comes from this server.
	page := string(o.as("").get("/docs").body)
	if strings.Contains(page, `src="http`) || strings.Contains(page, `href="http`) {
		t.Errorf("/docs names another host")
	}
}

func TestTheNationTravelsLight(t *testing.T) {
	t.Parallel()
	o := open(t)
	got := o.as("planner").call("GET", "/api/v1/stock?level=regency", nil, "Accept-Encoding", "gzip")
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 40_000 {
		t.Errorf("514 regions take %d bytes, encoding %q", len(got.body), got.header.Get("Content-Encoding"))
	}
}
