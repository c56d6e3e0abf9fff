package demo_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver of the connections that look behind the server

	"blangko/cmd/blangko/demo"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/inventory"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: access.Nation}

// end is the last day of the history these tests look at, and noon the instant at which they look.
var end = region.Date(2026, time.November, 21)

func noon() time.Time { return end.AddDate(0, 0, 1).Add(5 * time.Hour) }

// some are a city with service points, the city of the story, and a province that fetches for its regencies.
var some = demo.Options{End: end, Only: []string{"12.71", "82.71", "17"}}

type house struct {
	ledger *inventory.Ledger
	db     *postgres.DB
	url    string
	admin  *sql.DB
}

func open(t testing.TB) house {
	t.Helper()
	db, url := pgtest.NewWithOwner(t)
	admin, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	return house{inventory.NewLedger(db, noon), db, url, admin}
}

func (h house) load(t testing.TB) {
	t.Helper()
	if err := demo.Load(t.Context(), h.url, some, nil); err != nil {
		t.Fatal(err)
	}
}

func (h house) sound(t testing.TB) (v inventory.Verified) {
	t.Helper()
	v, err := h.ledger.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range v.Breaches {
		t.Errorf("ledger: %v", b)
	}
	return v
}

// ask returns the rows of a query of one column.
func (h house) ask(t testing.TB, query string) (answers []string) {
	t.Helper()
	rows, err := h.admin.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var answer string
		if err := rows.Scan(&answer); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, answer)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return answers
}

func TestTheLoadedLedgerVerifiesAndGoesOn(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.load(t)
	before := h.sound(t)
	if before.Moves < 5000 {
		t.Errorf("%d moves", before.Moves)
	}
	page, err := h.ledger.Places(t.Context(), planner, inventory.PlaceFilter{Region: "12.71"})
	if err != nil {
		t.Fatal(err)
	}
	place := map[inventory.PlaceKind]int{}
	for _, p := range page.Items {
		place[p.Kind] = p.ID
	}
	_, err = h.ledger.Post(t.Context(), access.System, inventory.NewMove{Kind: inventory.Surrender, Document: "KL-1", Date: end.Format(time.DateOnly),
		Lines: []inventory.MoveLine{{Pieces: 3, From: inventory.Account{Place: place[inventory.Public], Condition: inventory.Surrendered},
			To: inventory.Account{Place: place[inventory.RegencyOffice], Condition: inventory.Surrendered}}}})
	if err != nil {
		t.Fatal(err)
	}
	if after := h.sound(t); after.Moves != before.Moves+1 {
		t.Errorf("%d moves, want %d", after.Moves, before.Moves+1)
	}
}

func TestTheSchemaIsAsBefore(t *testing.T) {
	t.Parallel()
	h := open(t)
	const schema = `
		SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT concat_ws(' ', 'index', indexdef) FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT concat_ws(' ', 'table', oid::regclass, relrowsecurity, relforcerowsecurity) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
		UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
		ORDER BY 1`
	before := strings.Join(h.ask(t, schema), "\n")
	h.load(t)
	if after := strings.Join(h.ask(t, schema), "\n"); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestASecondLoadDoesNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.load(t)
	const state = `SELECT concat_ws(' ', (SELECT count(*) FROM moves), (SELECT max(version) FROM settings), (SELECT count(*) FROM places))`
	before := h.ask(t, state)
	h.load(t)
	if after := h.ask(t, state); after[0] != before[0] {
		t.Errorf("%s, before %s", after, before)
	}
}

func TestADatabaseWithRecordsIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	places, err := h.ledger.Places(t.Context(), planner, inventory.PlaceFilter{Region: "00"})
	if err != nil {
		t.Fatal(err)
	}
	place := map[inventory.PlaceKind]int{}
	for _, p := range places.Items {
		if p.Region == "00" {
			place[p.Kind] = p.ID
		}
	}
	_, err = h.ledger.Post(t.Context(), access.System, inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: end.Format(time.DateOnly),
		Lines: []inventory.MoveLine{{Pieces: 7, From: inventory.Account{Place: place[inventory.Supplier], Condition: inventory.Usable},
			To: inventory.Account{Place: place[inventory.NationalStore], Condition: inventory.Usable}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Load(t.Context(), h.url, some, nil); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("load = %v, want ErrNotEmpty", err)
	}
	if v := h.sound(t); v.Moves != 1 {
		t.Errorf("%d moves are left of 1", v.Moves)
	}
}

func TestALoadCutShortLeavesNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, at := range []float64{0.3, 0.6, 0.95} {
		ctx, cut := context.WithCancel(t.Context())
		err := demo.Load(ctx, h.url, some, func(done, total int) {
			if float64(done) > at*float64(total) {
				cut()
			}
		})
		cut()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("load cut at %.2f = %v", at, err)
		}
		if left := h.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM moves), (SELECT count(*) FROM settings WHERE name = 'demo'), (SELECT count(*) FROM places WHERE kind = 'service'))`); left[0] != "0 0 0" {
			t.Errorf("cut at %.2f leaves %s", at, left[0])
		}
	}
	h.load(t)
	h.sound(t)
}

func TestEveryRowSaysThatItIsSynthetic(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.load(t)
	for _, table := range []string{"moves", "procurements", "deliveries", "requests", "shipments", "receipts", "uses", "figures"} {
		if got := h.ask(t, `SELECT concat_ws(' ', count(*) > 0, count(*) FILTER (WHERE NOT synthetic)) FROM `+table)[0]; got != "t 0" {
			t.Errorf("%s: %s", table, got)
		}
	}
	if got := h.ask(t, `SELECT value::text FROM settings WHERE name = 'synthetic'`); len(got) != 1 || got[0] != "true" {
		t.Errorf("setting synthetic = %v", got)
	}
}

// What documents say is what the ledger says: the papers of the demo are worth something.
func TestPapersAgreeWithTheLedger(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.load(t)
	for law, query := range map[string]string{
		"what is in transit is what shipments under way hold": `
			SELECT b.place_id::text FROM (
				SELECT place_id, lot_id, pieces FROM balances WHERE condition = 'in-transit' AND NOT outside AND place_id IN (SELECT id FROM places WHERE kind NOT IN ('lost'))
			) b FULL JOIN (
				SELECT s.receiver_place_id AS place_id, l.lot_id, sum(l.pieces - l.good - l.damaged - l.quarantined - l.missing) AS pieces
				FROM shipment_lines l JOIN shipments s ON s.region_id = l.region_id AND s.id = l.shipment_id
				WHERE s.state NOT IN ('prepared', 'cancelled') GROUP BY 1, 2
			) s USING (place_id, lot_id)
			WHERE coalesce(b.pieces, 0) <> coalesce(s.pieces, 0)`,
		"what is reserved is what prepared shipments hold": `
			SELECT place_id::text FROM (
				SELECT place_id, lot_id, pieces FROM balances WHERE condition = 'reserved'
			) b FULL JOIN (
				SELECT s.sender_place_id AS place_id, l.lot_id, sum(l.pieces) AS pieces
				FROM shipment_lines l JOIN shipments s ON s.region_id = l.region_id AND s.id = l.shipment_id
				WHERE s.state = 'prepared' GROUP BY 1, 2
			) s USING (place_id, lot_id)
			WHERE coalesce(b.pieces, 0) <> coalesce(s.pieces, 0)`,
		"the move of a daily report holds its cards": `
			SELECT u.id::text FROM uses u
			JOIN LATERAL (SELECT sum(pieces) FILTER (WHERE purpose <> 'spoiled') AS good, sum(pieces) FILTER (WHERE purpose = 'spoiled') AS spoiled
			              FROM move_lines l WHERE l.region_id = u.region_id AND l.move_id = u.move_id) l ON true
			WHERE u.move_id IS NOT NULL AND (u.pieces, u.spoiled) IS DISTINCT FROM (coalesce(l.good, 0), coalesce(l.spoiled, 0))`,
		"a delivery is its move": `
			SELECT d.id::text FROM deliveries d
			JOIN LATERAL (SELECT sum(pieces) AS pieces FROM move_lines l WHERE l.region_id = d.region_id AND l.move_id = d.move_id) l ON true
			WHERE d.pieces <> l.pieces`,
		"Ternate asks for nothing yet": `
			SELECT q.document FROM requests q JOIN regions_today r ON r.id = q.region_id
			WHERE r.code = '82.71' AND q.state NOT IN ('closed', 'rejected')`,
		"a cause has its line": `SELECT 'none' WHERE (SELECT count(DISTINCT purpose) FROM move_lines) < 7`,
		"21 service points hold stock of their own": `
			SELECT count(*)::text FROM places p WHERE p.kind = 'service' AND EXISTS (SELECT FROM balances b WHERE b.place_id = p.id AND b.condition = 'usable')
			HAVING count(*) <> 21`,
	} {
		t.Run(law, func(t *testing.T) {
			if broken := h.ask(t, query); len(broken) > 0 {
				t.Errorf("broken by %d, first %s", len(broken), broken[0])
			}
		})
	}
}
