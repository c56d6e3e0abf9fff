package inventory_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/inventory"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	planner = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: "00"}
	store   = access.Actor{ID: 2, Name: "store", Role: access.Store, Reach: "00"}
	sumut   = access.Actor{ID: 3, Name: "province.12", Role: access.Province, Reach: "12"}
	medan   = access.Actor{ID: 4, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	ternate = access.Actor{ID: 5, Name: "officer.82.71", Role: access.Officer, Reach: "82.71"}
)

// noon is midday in Jakarta on the day these tests take place.
func noon() time.Time { return time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC) }

const today = "2026-11-20"

type bench struct {
	ledger *inventory.Ledger
	db     *postgres.DB
	admin  string
}

func open(t testing.TB) bench {
	t.Helper()
	db, admin := pgtest.NewWithOwner(t)
	return bench{inventory.NewLedger(db, noon), db, admin}
}

// placeOf finds the one place of a kind in a region.
func (b bench) placeOf(t testing.TB, region string, kind inventory.PlaceKind) int {
	t.Helper()
	page, err := b.ledger.Places(t.Context(), planner, inventory.PlaceFilter{Region: region, Kind: kind})
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

func (b bench) supplier(t testing.TB) int { return b.placeOf(t, "00", inventory.Supplier) }

// give opens a place with stock.
func (b bench) give(t testing.TB, place int, pieces int64) inventory.Move {
	t.Helper()
	m, err := b.ledger.Post(t.Context(), store, inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: today,
		Lines: []inventory.MoveLine{{From: inventory.Account{Place: b.supplier(t), Condition: inventory.Usable},
			To: inventory.Account{Place: place, Condition: inventory.Usable}, Pieces: pieces}}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// openMedan opens the office of Medan with stock.
func openMedan(t testing.TB, pieces int64) (b bench, office, public int) {
	t.Helper()
	b = open(t)
	office, public = b.placeOf(t, "12.71", inventory.RegencyOffice), b.placeOf(t, "12.71", inventory.Public)
	b.give(t, office, pieces)
	return b, office, public
}

func use(office, public int, pieces int64) inventory.NewMove {
	return inventory.NewMove{Kind: inventory.Use, Document: "LH-1", Date: today, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: office, Condition: inventory.Usable}, To: inventory.Account{Place: public, Condition: inventory.Issued},
		Pieces: pieces, Purpose: "first-time"}}}
}

func (b bench) held(t testing.TB, place int, condition inventory.Condition) int64 {
	t.Helper()
	p, err := b.ledger.Place(t.Context(), planner, place)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, s := range p.Stock {
		if s.Condition == condition {
			sum += s.Pieces
		}
	}
	return sum
}

func (b bench) sound(t testing.TB) {
	t.Helper()
	v, err := b.ledger.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, breach := range v.Breaches {
		t.Errorf("ledger: %v", breach)
	}
}

func TestTwentyClientsCannotOverdrawAnAccount(t *testing.T) {
	t.Parallel()
	const stock, clients, each = 100, 20, 10 // 200 asked of 100
	b, office, public := openMedan(t, stock)
	var taken, refused atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range each {
				_, err := b.ledger.Post(context.Background(), medan, use(office, public, 1))
				switch {
				case err == nil:
					taken.Add(1)
				case errors.Is(err, inventory.ErrShort):
					refused.Add(1)
				default:
					t.Errorf("post: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() != stock || refused.Load() != clients*each-stock {
		t.Errorf("%d taken and %d refused of %d", taken.Load(), refused.Load(), stock)
	}
	if got := b.held(t, office, inventory.Usable); got != 0 {
		t.Errorf("office holds %d, want 0", got)
	}
	if got := b.held(t, public, inventory.Issued); got != stock {
		t.Errorf("public holds %d, want %d", got, stock)
	}
	b.sound(t)
}

func TestAShortTakingNamesTheAccountAndLeavesNothing(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 5)
	_, err := b.ledger.Post(t.Context(), medan, use(office, public, 6))
	f, ok := fault.As(err)
	if !ok || !errors.Is(err, inventory.ErrShort) {
		t.Fatalf("post = %v, want ErrShort", err)
	}
	if fmt.Sprint(f.Facts["available"], f.Facts["requested"], f.Facts["place"]) != fmt.Sprint(5, 6, office) {
		t.Errorf("facts = %v", f.Facts)
	}
	if got := b.held(t, office, inventory.Usable); got != 5 {
		t.Errorf("office holds %d, want 5", got)
	}
	b.sound(t)
}

func TestAPlaceOutOfReachDoesNotExist(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 5)
	if _, err := b.ledger.Post(t.Context(), ternate, use(office, public, 1)); !errors.Is(err, inventory.ErrPlaceUnknown) {
		t.Errorf("Ternate posts in Medan: %v, want ErrPlaceUnknown", err)
	}
	// A move that is wrong in itself must not tell what kind of place lies out of reach.
	if _, err := b.ledger.Post(t.Context(), ternate, use(public, office, 1)); !errors.Is(err, inventory.ErrPlaceUnknown) {
		t.Errorf("Ternate posts nonsense in Medan: %v, want ErrPlaceUnknown", err)
	}
	if _, err := b.ledger.Post(t.Context(), sumut, use(office, public, 1)); err != nil {
		t.Errorf("the province posts in Medan: %v", err)
	}
	for who, want := range map[access.Actor]int{medan: 1, sumut: 33, planner: 514, ternate: 1} {
		page, err := b.ledger.Stock(t.Context(), who, inventory.StockFilter{Level: "regency", Paging: postgres.Paging{Limit: 1000}})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) != want {
			t.Errorf("%s sees %d regencies, want %d", who.Name, len(page.Items), want)
		}
	}
}

func TestARepeatedKeyActsOnce(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 50)
	key := func() *postgres.Key { return &postgres.Key{ID: "once", Digest: [32]byte{1}} }
	first, err := b.ledger.Post(postgres.WithKey(t.Context(), key()), medan, use(office, public, 7))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			k := key()
			again, err := b.ledger.Post(postgres.WithKey(context.Background(), k), medan, use(office, public, 7))
			if err != nil || again.ID != first.ID || !k.Replayed {
				t.Errorf("again = %v, %v, replayed %v; want move %s", again.ID, err, k.Replayed, first.ID)
			}
		})
	}
	wg.Wait()
	other := &postgres.Key{ID: "once", Digest: [32]byte{2}}
	if _, err := b.ledger.Post(postgres.WithKey(t.Context(), other), medan, use(office, public, 8)); !errors.Is(err, postgres.ErrKeyReused) {
		t.Errorf("same key, other body: %v, want ErrKeyReused", err)
	}
	if _, err := b.ledger.Post(postgres.WithKey(t.Context(), key()), sumut, use(office, public, 7)); err != nil {
		t.Errorf("the same key of another actor: %v", err)
	}
	if got := b.held(t, office, inventory.Usable); got != 50-2*7 {
		t.Errorf("office holds %d, want %d", got, 50-2*7)
	}
}

func TestAMoveIsReversedOnce(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 50)
	m, err := b.ledger.Post(t.Context(), medan, use(office, public, 7))
	if err != nil {
		t.Fatal(err)
	}
	back, err := b.ledger.Reverse(t.Context(), medan, m.ID, "salah tulis")
	if err != nil {
		t.Fatal(err)
	}
	if got := b.held(t, office, inventory.Usable); got != 50 {
		t.Errorf("office holds %d after the reversal, want 50", got)
	}
	if _, err := b.ledger.Reverse(t.Context(), medan, m.ID, ""); !errors.Is(err, inventory.ErrReversed) {
		t.Errorf("second reversal: %v, want ErrReversed", err)
	}
	if _, err := b.ledger.Reverse(t.Context(), medan, back.ID, ""); !errors.Is(err, inventory.ErrNotReversible) {
		t.Errorf("reversal of a reversal: %v, want ErrNotReversible", err)
	}
	if _, err := b.ledger.Reverse(t.Context(), ternate, m.ID, ""); !errors.Is(err, inventory.ErrMoveUnknown) {
		t.Errorf("reversal out of reach: %v, want ErrMoveUnknown", err)
	}
	if _, err := b.ledger.Reverse(t.Context(), access.Actor{}, m.ID, ""); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("reversal by nobody: %v, want ErrSignIn", err)
	}
	b.sound(t)
}

// What a document has posted is undone by the document, or with it.
func TestTheMoveOfADocumentIsUndoneWithIt(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	p := must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{
		Document: "KTR-1", Supplier: "Percetakan", Pieces: 100, Fund: "APBN", SignedOn: "2026-01-05"}))
	deliver := func(document string, pieces int64, boxes ...inventory.Chips) inventory.Delivered {
		return must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: document, Date: today, Pieces: pieces, Boxes: boxes}))
	}
	// Ninety were typed in place of nine: the contract takes what is left of it again.
	must[inventory.Move](t)(b.ledger.Reverse(ctx, store, deliver("DN-1", 90).Move, "salah ketik"))
	boxed := deliver("DN-2", 99, run("K-1", 1, 99))
	p = must[inventory.Procurement](t)(b.ledger.Procurement(ctx, planner, p.ID))
	if p.Delivered != 99 || !p.Deliveries[0].Reversed || p.Deliveries[1].Reversed {
		t.Errorf("after a reversal and another delivery: %+v", p)
	}
	_, err := b.ledger.Reverse(ctx, store, boxed.Move, "salah ketik")
	wantFault(t, "a delivery with boxes", err, inventory.ErrNotReversible)

	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	b.give(t, office, 50)
	u := must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "lost", Pieces: 5}}}))
	_, err = b.ledger.Reverse(ctx, ternate, u.Move, "salah ketik")
	wantFault(t, "a daily report", err, inventory.ErrNotReversible)
	if f, ok := fault.As(err); !ok || f.Facts["noun"] != "use" || f.Facts["id"] != u.ID {
		t.Errorf("it does not name the report: %v", err)
	}
	must[inventory.DailyUse](t)(b.ledger.CorrectUse(ctx, ternate, u.ID, inventory.NewUse{Reason: "salah ketik"}))
	b.sound(t)
}

func TestBadMovesNameTheirField(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 50)
	for _, c := range []struct {
		name     string
		change   func(*inventory.NewMove)
		at, code string
	}{
		{"negative pieces", func(m *inventory.NewMove) { m.Lines[0].Pieces = -1 }, "body.lines[0].pieces", "out-of-range"},
		{"zero pieces", func(m *inventory.NewMove) { m.Lines[0].Pieces = 0 }, "body.lines[0].pieces", "out-of-range"},
		{"huge pieces", func(m *inventory.NewMove) { m.Lines[0].Pieces = 1 << 60 }, "body.lines[0].pieces", "out-of-range"},
		{"a date in the future", func(m *inventory.NewMove) { m.Date = "2026-11-21" }, "body.date", "in-the-future"},
		{"no date", func(m *inventory.NewMove) { m.Date = "kemarin" }, "body.date", "not-a-date"},
		{"no purpose", func(m *inventory.NewMove) { m.Lines[0].Purpose = "" }, "body.lines[0].purpose", "required"},
		{"spoiled blanks made usable", func(m *inventory.NewMove) {
			m.Lines[0].From.Condition, m.Lines[0].To = inventory.Spoiled, inventory.Account{Place: office, Condition: inventory.Usable}
		}, "body.lines[0]", "no-such-leg"},
		{"blanks from nowhere", func(m *inventory.NewMove) { m.Kind = inventory.Dispatch }, "body.lines[0]", "no-such-leg"},
	} {
		m := use(office, public, 1)
		c.change(&m)
		_, err := b.ledger.Post(t.Context(), medan, m)
		f, ok := fault.As(err)
		if !ok || len(f.Fields) == 0 || f.Fields[0].Location != c.at || f.Fields[0].Code != c.code {
			t.Errorf("%s: %v, want %s at %s", c.name, err, c.code, c.at)
		}
	}
	if _, err := b.ledger.Post(t.Context(), medan, func() inventory.NewMove { m := use(office, public, 1); m.Date = "2019-12-31"; return m }()); !errors.Is(err, inventory.ErrOpening) {
		t.Errorf("before the opening: %v, want ErrOpening", err)
	}
	b.sound(t)
}

// TestVerifyNamesWhatWasEdited edits the ledger behind the server's back, one way at a time.
func TestVerifyNamesWhatWasEdited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, what string }{
		{"a document renamed", `UPDATE moves SET document = 'LH-2' WHERE kind = 'use'`, "link-broken"},
		{"an actor replaced", `UPDATE moves SET actor = 'somebody' WHERE kind = 'use'`, "link-broken"},
		{"a line changed", `UPDATE move_lines SET pieces = pieces + 1 WHERE purpose = 'first-time'`, "link-broken"},
		{"a line removed", `DELETE FROM move_lines WHERE purpose = 'first-time'`, "link-broken"},
		{"an entry changed", `UPDATE entries SET pieces = pieces + 1 WHERE condition = 'issued'`, "link-broken"},
		{"an entry removed", `DELETE FROM entries WHERE condition = 'usable' AND pieces < 0 AND seq = 2`, "entry-missing"},
		{"the newest entry removed", `DELETE FROM entries e USING chains c WHERE c.place_id = e.place_id AND c.seq = e.seq AND e.condition = 'issued'`, "head-mismatch"},
		{"a move removed", `DELETE FROM moves WHERE kind = 'use' AND id = (SELECT min(id) FROM moves WHERE kind = 'use')`, "move-deleted"},
		{"a chain removed", `DELETE FROM chains c USING places p WHERE p.id = c.place_id AND p.kind = 'regency' AND c.seq > 0`, "head-missing"},
		{"a chain of a place without moves removed", `DELETE FROM chains WHERE seq = 0`, "head-missing"},
		{"a move made up", `INSERT INTO moves (region_id, kind, document, business_date, reason, actor_id, actor, at) SELECT region_id, 'use', 'LH-9', '2026-11-20', '', 1, 'x', now() FROM places LIMIT 1`, "move-without-lines"},
		{"a balance changed", `UPDATE balances SET pieces = pieces + 1 WHERE condition = 'usable' AND NOT outside`, "balance-mismatch"},
		{"a flow changed", `UPDATE flows SET pieces = pieces + 1`, "flow-mismatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, office, public := openMedan(t, 50)
			for range 3 {
				if _, err := b.ledger.Post(t.Context(), medan, use(office, public, 2)); err != nil {
					t.Fatal(err)
				}
			}
			b.sound(t)
			owner, err := sql.Open("postgres", b.admin)
			if err != nil {
				t.Fatal(err)
			}
			defer owner.Close()
			if _, err := owner.Exec(c.sql); err != nil {
				t.Fatal(err)
			}
			v, err := b.ledger.Verify(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, breach := range v.Breaches {
				if breach.What == c.what {
					return
				}
			}
			t.Errorf("Verify names %v, want %s among them", v.Breaches, c.what)
		})
	}
}

func TestListsGoByThePage(t *testing.T) {
	t.Parallel()
	b, office, public := openMedan(t, 50)
	for range 5 {
		if _, err := b.ledger.Post(t.Context(), medan, use(office, public, 2)); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	f := inventory.MoveFilter{Place: office, Paging: postgres.Paging{Limit: 2}}
	for pages := 0; pages < 10; pages++ {
		page, err := b.ledger.Moves(t.Context(), medan, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Items {
			if seen[m.ID] {
				t.Errorf("move %s twice", m.ID)
			}
			seen[m.ID] = true
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d moves, want 6", len(seen))
	}
}
