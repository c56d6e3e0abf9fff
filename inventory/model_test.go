package inventory_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/inventory/chip"
)

// account is a column of the clerk's book.
type account struct {
	place     int
	condition inventory.Condition
}

// spot is where a chip is, as far as anybody named it.
type spot struct {
	place          int
	condition      inventory.Condition
	shipment, loss int64
}

// world is a model of the national store, two provinces and three offices below them: what a clerk with pencil and paper would keep, and a list of
// where each chip is. It is held against the ledger after every step.
type world struct {
	bench
	t         *testing.T
	rand      *rand.Rand
	today     string
	national  *office
	provinces []*office
	offices   []*office
	supplier  int

	held  map[account]int64
	chips map[int]spot
	maybe func(was, is spot) bool // a change of a chip that the step may have made, or not
	moved []int                   // chips for which it did
	boxes []boxRow                // as last read

	requests  []int64
	parcels   []*parcel
	receipts  []*arrival
	loans     []*lending
	losses    []*losing
	uses      []string // moves that can be reversed
	loose     []loose  // deliveries without boxes
	reversals []string
	n, next   int
	did       map[string]int
}

// office is an office, or a store, which serves no public: what its counts find comes from the public of its region all the
// same, at the nation from the supplier.
type office struct {
	code        string
	who, second access.Actor
	place       int
	public      int
	lost        int
	destroyed   int
	report      *daily
}

// parcel is a shipment as both ends remember it.
type parcel struct {
	id             int64
	from, to       *office
	pieces         int64
	got, missing   int64
	kept           int64 // of the missing, what never left
	complete       int   // receipts after which nothing more was to come
	sent, recalled bool
	back           bool                        // what came wrong goes back, out of quarantine
	wrong          map[int64][]inventory.Chips // by receipt: what came though it was not sent
}

// shelf is where its pieces are taken from, and come back to.
func (p *parcel) shelf() inventory.Condition {
	if p.back {
		return inventory.Quarantine
	}
	return inventory.Usable
}

func (p *parcel) state() inventory.ShipmentState {
	switch out := p.pieces - p.got - p.missing; {
	case p.recalled:
		return inventory.ShipmentCancelled
	case !p.sent:
		return inventory.ShipmentPrepared
	case out == 0 && p.missing == 0:
		return inventory.ShipmentReceived
	case out == 0:
		return inventory.ShipmentClosedShort
	case p.got+p.missing == 0 && p.complete == 0:
		return inventory.ShipmentDispatched
	}
	return inventory.ShipmentPartlyReceived
}

// arrival is a confirmed receipt.
type arrival struct {
	id     int64
	parcel *parcel
	lines  []inventory.ReceiptLine
	more   bool
	chips  []int
	undone bool
}

// lending is a loan.
type lending struct {
	id         int64
	from, to   *office
	said       string // proposed, accepted, declined or cancelled
	away, back *parcel
	before     int64 // given back or lost by earlier ways back
}

func (p *parcel) gone() int64 {
	if p == nil {
		return 0
	}
	return p.got + p.missing - p.kept
}

func (n *lending) owed() int64 { return max(0, n.away.got-n.before-n.back.gone()) }

func (n *lending) state() string {
	at := func(p *parcel, states ...inventory.ShipmentState) bool {
		return p != nil && slices.Contains(states, p.state())
	}
	switch {
	case n.said != "accepted":
		return n.said
	case at(n.away, inventory.ShipmentReceived, inventory.ShipmentClosedShort) && n.owed() == 0:
		return "settled"
	case at(n.back, inventory.ShipmentDispatched, inventory.ShipmentPartlyReceived):
		return "returning"
	case at(n.away, inventory.ShipmentReceived, inventory.ShipmentClosedShort, inventory.ShipmentPartlyReceived):
		return "received"
	case at(n.away, inventory.ShipmentDispatched):
		return "shipped"
	case at(n.away, inventory.ShipmentCancelled):
		return "cancelled"
	}
	return "accepted"
}

// losing is a loss that is not decided.
type losing struct {
	id, version, pieces int64
	at                  *office
	chips               []int
}

// daily is the report of an office for the day.
type daily struct {
	id              int64
	move            string
	issued, spoiled int64
	chips           []int
}

// boxRow is a box as the database has it.
type boxRow struct {
	Number    string              `db:"number"`
	Lot       int                 `db:"lot_id"`
	Place     int                 `db:"place_id"`
	Condition inventory.Condition `db:"condition"`
	Sealed    bool                `db:"sealed"`
	Shipment  int64               `db:"shipment"`
	Loss      int64               `db:"loss"`
	First     int64               `db:"first_uid"`
	Last      int64               `db:"last_uid"`
	UIDs      pq.Int64Array       `db:"uids"`
	chips     []int
}

func (b boxRow) spot() spot { return spot{b.Place, b.Condition, b.Shipment, b.Loss} }

// uidZero is the number of the chip that uid(0) names.
var uidZero = func() int64 {
	u, err := chip.Parse(uid(0))
	if err != nil {
		panic(err)
	}
	return int64(u)
}()

// newWorld opens the national store, two provinces and three offices, two of them in one province.
func newWorld(t *testing.T, seed uint64) *world {
	w := &world{bench: open(t), t: t, rand: rand.New(rand.NewPCG(seed, 7)), held: map[account]int64{}, chips: map[int]spot{}, did: map[string]int{}}
	// A count is held against the ledger at its instant, and the ledger's instants are the database's.
	w.ledger = inventory.NewLedger(w.db, time.Now)
	w.ledger.SealWith([]byte("a key of custody for the walk"))
	w.today = time.Now().In(time.FixedZone("WIB", 7*3600)).Format(time.DateOnly)
	w.supplier = w.bench.supplier(t)
	w.national = &office{code: "00", who: store, second: planner, place: w.placeOf(t, "00", inventory.NationalStore)}
	for i, code := range []string{"12.71", "12.75", "82.71"} {
		w.offices = append(w.offices, &office{code: code, place: w.placeOf(t, code, inventory.RegencyOffice),
			who:    access.Actor{ID: int64(40 + i), Name: "officer." + code, Role: access.Officer, Reach: code},
			second: access.Actor{ID: int64(50 + i), Name: "officer2." + code, Role: access.Officer, Reach: code}})
	}
	for i, code := range []string{"12", "82"} {
		w.provinces = append(w.provinces, &office{code: code, place: w.placeOf(t, code, inventory.ProvinceStore),
			who:    access.Actor{ID: int64(60 + i), Name: "province." + code, Role: access.Province, Reach: code},
			second: access.Actor{ID: int64(70 + i), Name: "province2." + code, Role: access.Province, Reach: code}})
	}
	for _, o := range w.keepers() {
		w.give(t, o.place, 40)
		w.put(w.supplier, inventory.Usable, o.place, inventory.Usable, 40)
		w.read(func(tx *sqlx.Tx) error {
			return tx.QueryRow(`SELECT coalesce(around($1, 'public'), around($1, 'supplier')), around($1, 'lost'), around($1, 'destroyed')`, o.place).Scan(&o.public, &o.lost, &o.destroyed)
		})
	}
	return w
}

func (w *world) read(fn func(tx *sqlx.Tx) error) {
	w.t.Helper()
	if err := postgres.Read(w.t.Context(), w.db, access.System, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) pieces(most int64) int64 { return 1 + w.rand.Int64N(most) }

// one in n times it is true.
func (w *world) one(n int) bool { return w.rand.IntN(n) == 0 }

func (w *world) office() *office { return w.offices[w.rand.IntN(len(w.offices))] }

// keepers are all who keep stock, from the nation down.
func (w *world) keepers() []*office {
	return slices.Concat([]*office{w.national}, w.provinces, w.offices)
}

// keeper is one of them, an office three times in four.
func (w *world) keeper() *office {
	if w.one(4) {
		return w.keepers()[w.rand.IntN(1+len(w.provinces))]
	}
	return w.office()
}

// asker is an office, or one time in four a province.
func (w *world) asker() *office {
	if w.one(4) {
		return w.provinces[w.rand.IntN(len(w.provinces))]
	}
	return w.office()
}

// loose is a delivery without boxes.
type loose struct {
	move   string
	pieces int64
}

// put moves pieces in the clerk's book.
func (w *world) put(from int, fromIn inventory.Condition, to int, in inventory.Condition, pieces int64) {
	w.held[account{from, fromIn}] -= pieces
	w.held[account{to, in}] += pieces
}

func (w *world) place(chips []int, at spot) {
	for _, c := range chips {
		w.chips[c] = at
	}
}

// may lets a step be refused: a fault changes nothing, anything else is a bug.
func (w *world) may(what string, err error) bool {
	w.t.Helper()
	if err == nil {
		w.did[what]++
		return true
	}
	if _, ok := fault.As(err); !ok {
		w.t.Fatalf("step %d, %s: %v", w.n, what, err)
	}
	w.did[what+" refused"]++
	return false
}

// never is a step that must be refused.
func (w *world) never(what string, err error, want *fault.Fault) {
	w.t.Helper()
	wantFault(w.t, fmt.Sprintf("step %d, %s", w.n, what), err, want)
	w.did[what+" refused"]++
}

// agrees holds the database against itself and against the model.
func (w *world) agrees(after string) {
	w.t.Helper()
	w.booksAgree(after)
	w.chipsAgree(after)
	w.papersAgree(after)
	// What is broken for a moment only is broken too.
	for _, breach := range must[inventory.Verified](w.t)(w.ledger.VerifyPieces(w.t.Context())).Breaches {
		w.t.Errorf("ledger: %v", breach)
	}
	if w.t.Failed() {
		w.t.Fatalf("after %s (step %d)", after, w.n)
	}
}

// booksAgree: every balance is the sum of its entries and what the clerk has written, all accounts sum to zero, and no
// region has what is earmarked for another, unless it came by mistake and is on its way back.
func (w *world) booksAgree(after string) {
	w.t.Helper()
	var rows []struct {
		Place     int                 `db:"place_id"`
		Condition inventory.Condition `db:"condition"`
		Pieces    int64               `db:"pieces"`
		Wrong     bool                `db:"wrong"`
	}
	var strangers int
	w.read(func(tx *sqlx.Tx) error {
		if err := tx.Get(&strangers, `
			SELECT count(*)
			FROM balances b
			JOIN lots o ON o.id = b.lot_id AND o.earmark_region_id IS NOT NULL
			JOIN places p ON p.id = b.place_id AND p.kind IN ('regency', 'service', 'team')
			WHERE b.pieces <> 0 AND b.condition NOT IN ('quarantine', 'reserved') AND region_code(b.region_id) <> region_code(o.earmark_region_id)`); err != nil {
			return err
		}
		return tx.Select(&rows, `
			SELECT b.place_id, b.condition, sum(b.pieces)::bigint AS pieces,
			       bool_or(b.pieces <> (SELECT coalesce(sum(e.pieces), 0) FROM entries e
			               WHERE e.region_id = b.region_id AND e.place_id = b.place_id AND e.item_id = b.item_id AND e.condition = b.condition AND e.lot_id = b.lot_id)) AS wrong
			FROM balances b
			GROUP BY 1, 2`)
	})
	var sum int64
	got := map[account]int64{}
	for _, r := range rows {
		sum += r.Pieces
		got[account{r.Place, r.Condition}] = r.Pieces
		if r.Wrong {
			w.t.Errorf("the %s of place %d is not the sum of its entries", r.Condition, r.Place)
		}
	}
	if sum != 0 || strangers != 0 {
		w.t.Errorf("all accounts sum to %d, %d hold what is earmarked for others", sum, strangers)
	}
	all := maps.Clone(got)
	maps.Copy(all, w.held)
	for a := range all {
		if got[a] != w.held[a] {
			w.t.Errorf("after %s place %d holds %d %s, the clerk has %d", after, a.place, got[a], a.condition, w.held[a])
		}
	}
}

// chipsAgree: every chip is in one box, there, and in the state that the model says, and boxes hold no more than the ledger.
func (w *world) chipsAgree(after string) {
	w.t.Helper()
	var over []string
	w.boxes = nil
	w.read(func(tx *sqlx.Tx) error {
		if err := tx.Select(&w.boxes, `
			SELECT number, lot_id, place_id, condition, sealed, coalesce(shipment_id, 0) AS shipment, coalesce(loss_id, 0) AS loss, first_uid, last_uid, uids
			FROM boxes
			ORDER BY id`); err != nil {
			return err
		}
		return tx.Select(&over, `
			SELECT concat_ws(' ', 'boxes of shipment', b.shipment_id, 'lot', b.lot_id, 'hold', sum(b.pieces), 'of', l.left)
			FROM boxes b
			JOIN LATERAL (
				SELECT sum(CASE b.condition WHEN 'reserved' THEN l.pieces
				           ELSE l.pieces - l.good - l.damaged - l.quarantined - l.missing + coalesce(d.pieces, 0) END) AS left
				FROM shipment_lines l
				LEFT JOIN LATERAL (
					-- What should have come in place of wrong chips is under way until the sender has answered.
					SELECT sum(d.pieces) AS pieces
					FROM discrepancies d
					WHERE d.shipment_id = l.shipment_id AND d.line = l.line AND d.kind = 'wrong-chips' AND d.state IN ('open', 'escalated')) d ON true
				WHERE l.shipment_id = b.shipment_id AND l.lot_id = b.lot_id) l ON true
			WHERE b.shipment_id IS NOT NULL
			GROUP BY b.shipment_id, b.lot_id, l.left
			HAVING sum(b.pieces) > coalesce(l.left, 0)
			UNION ALL
			SELECT concat_ws(' ', 'boxes', b.condition, 'at place', b.place_id, 'lot', b.lot_id, 'hold', sum(b.pieces), 'of', x.pieces)
			FROM boxes b
			LEFT JOIN LATERAL (
				SELECT sum(x.pieces) AS pieces
				FROM balances x
				WHERE x.place_id = b.place_id AND x.item_id = b.item_id AND x.lot_id = b.lot_id
				  AND (x.condition = b.condition)) x ON true
			JOIN places p ON p.id = b.place_id
			WHERE b.condition NOT IN ('usable', 'reserved', 'in-transit') OR p.kind IN ('lost', 'destroyed')
			GROUP BY b.condition, b.place_id, b.lot_id, x.pieces
			HAVING sum(b.pieces) > coalesce(x.pieces, 0)`)
	})
	for _, o := range over {
		w.t.Errorf("after %s %s", after, o)
	}
	seen := map[int]string{}
	w.moved = nil
	for i := range w.boxes {
		b := &w.boxes[i]
		uids := b.UIDs
		if uids == nil {
			for u := b.First; u <= b.Last; u++ {
				uids = append(uids, u)
			}
		}
		for _, u := range uids {
			c := int(u - uidZero)
			b.chips = append(b.chips, c)
			if other, twice := seen[c]; twice {
				w.t.Errorf("after %s chip %d is in %s and in %s", after, c, other, b.Number)
			}
			seen[c] = b.Number
			was, known := w.chips[c]
			switch is := b.spot(); {
			case !known:
				w.t.Errorf("after %s chip %d of %s was never delivered", after, c, b.Number)
			case was == is:
			case w.maybe != nil && w.maybe(was, is):
				w.chips[c] = is
				w.moved = append(w.moved, c)
			default:
				w.t.Errorf("after %s chip %d of %s is at %+v, the model has it at %+v", after, c, b.Number, is, was)
			}
		}
	}
	if len(seen) != len(w.chips) {
		w.t.Errorf("after %s %d chips are in boxes, %d were delivered", after, len(seen), len(w.chips))
	}
	w.maybe = nil
}

// papersAgree: shipments, loans and requests are as far as the model says.
func (w *world) papersAgree(after string) {
	w.t.Helper()
	var shipments []struct {
		ID    int64                   `db:"id"`
		State inventory.ShipmentState `db:"state"`
	}
	var requests int
	w.read(func(tx *sqlx.Tx) error {
		if err := tx.Select(&shipments, `SELECT id, state FROM shipments ORDER BY id`); err != nil {
			return err
		}
		return tx.Get(&requests, `
			SELECT count(*)
			FROM requests q
			WHERE q.shipped <> (
				SELECT coalesce(sum(l.pieces - CASE WHEN d.found THEN l.missing ELSE 0 END), 0)
				FROM shipment_lines l
				JOIN shipments s ON s.region_id = l.region_id AND s.id = l.shipment_id AND s.state <> 'cancelled'
				CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM discrepancies d WHERE d.shipment_id = s.id AND d.line = l.line AND d.answer = 'found-here') AS found) d
				WHERE l.request_id = q.id)`)
	})
	if requests != 0 {
		w.t.Errorf("after %s %d requests do not say what was shipped of them", after, requests)
	}
	if len(shipments) != len(w.parcels) {
		w.t.Errorf("after %s there are %d shipments, the model has %d", after, len(shipments), len(w.parcels))
		return
	}
	for i, s := range shipments {
		if p := w.parcels[i]; s.ID != p.id || s.State != p.state() {
			w.t.Errorf("after %s shipment %d is %s, the model has %d %s", after, s.ID, s.State, p.id, p.state())
		}
	}
	loans := must[postgres.Page[inventory.Loan]](w.t)(w.ledger.Loans(w.t.Context(), planner, inventory.LoanFilter{Paging: postgres.Paging{Limit: 1000}})).Items
	if len(loans) != len(w.loans) {
		w.t.Errorf("after %s there are %d loans, the model has %d", after, len(loans), len(w.loans))
		return
	}
	slices.Reverse(loans)
	for i, is := range loans {
		if is.State == "settled" {
			w.did["see a loan settled"]++
		}
		if n := w.loans[i]; is.ID != n.id || is.State != n.state() {
			w.t.Errorf("after %s loan %d is %s, the model has %d %s", after, is.ID, is.State, n.id, n.state())
		}
	}
}

// TestTheLedgerAgreesWithAModel drives random procurements, requests, allocations, shipments, receipts, discrepancies, uses,
// reversals, loans, losses, destructions and counts, with boxes and chips named and cut, and holds ledger, balances,
// chips, shipments and loans against a model after each.
func TestTheLedgerAgreesWithAModel(t *testing.T) {
	t.Parallel()
	const seeds, steps = 4, 300
	var mu sync.Mutex
	did := map[string]int{}
	t.Run("walks", func(t *testing.T) {
		for seed := range uint64(seeds) {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, seed)
				for i := range steps {
					w.agrees(w.step())
					if i%40 == 39 { // and the trail of all documents
						w.sound(t)
					}
				}
				w.settle()
				w.agrees("the last")
				w.sound(t)
				mu.Lock()
				defer mu.Unlock()
				for what, times := range w.did {
					did[what] += times
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	for _, what := range walked {
		if did[what] == 0 {
			t.Errorf("in all walks there was no %s", what)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(did)) {
		t.Logf("%5d %s", did[what], what)
	}
}
