package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// world is a model of two offices and the national store: what a clerk with pencil and paper would keep.
type world struct {
	b         bench
	t         *testing.T
	rand      *rand.Rand
	offices   []office
	requests  []int64
	shipments []int64
	moves     []string // daily uses that can be reversed
	n         int

	delivered, issued, lost, unexplained int64 // over the whole nation; unexplained is what counts took away
}

type office struct {
	who, second access.Actor
	place       int
	public      int
}

func (w *world) pieces(most int64) int64 { return 1 + w.rand.Int64N(most) }

func (w *world) office() office { return w.offices[w.rand.IntN(len(w.offices))] }

// may lets a step be refused: a fault changes nothing, anything else is a bug.
func (w *world) may(what string, err error) bool {
	if err == nil {
		return true
	}
	if _, ok := fault.As(err); !ok {
		w.t.Fatalf("%s: %v", what, err)
	}
	return false
}

// step does one thing at random.
func (w *world) step() string {
	ctx, l := w.t.Context(), w.b.ledger
	w.n++
	switch w.rand.IntN(10) {
	case 0:
		n := w.pieces(400)
		p, err := l.Contract(ctx, planner, inventory.NewProcurement{Document: fmt.Sprint("K", w.n), Supplier: "Percetakan", Pieces: n, Fund: "PNBP", SignedOn: "2026-01-05"})
		if w.may("contract", err) {
			if _, err := l.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: "DN", Date: today, Pieces: n}); w.may("deliver", err) {
				w.delivered += n
			}
		}
		return "procure"
	case 1:
		o := w.office()
		r, err := l.Ask(ctx, o.who, inventory.NewRequest{Pieces: w.pieces(300), Emergency: w.rand.IntN(4) == 0})
		if w.may("ask", err) {
			w.requests = append(w.requests, r.ID)
			_, err := l.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: w.pieces(300), Later: w.rand.IntN(2) == 0})
			w.may("approve", err)
		}
		return "request"
	case 2:
		if len(w.requests) > 0 {
			id := w.requests[w.rand.IntN(len(w.requests))]
			s, err := l.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: id, Pieces: w.pieces(200)}}})
			if w.may("prepare", err) {
				w.shipments = append(w.shipments, s.ID)
			}
		}
		return "ship"
	case 3:
		a, err := l.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: w.pieces(20)})
		if w.may("allocate", err) {
			a, _ = l.ReviewAllocation(ctx, planner, a.ID, a.Version)
			a, _ = l.ApproveAllocation(ctx, planner2, a.ID, a.Version)
			if a, err = l.ReleaseAllocation(ctx, planner, a.ID, a.Version); w.may("release", err) {
				for _, line := range a.Lines {
					if line.Shipment != nil {
						w.shipments = append(w.shipments, *line.Shipment)
					}
				}
			}
		}
		return "allocate"
	case 4, 5:
		w.carry()
		return "carry"
	case 6:
		o := w.office()
		m, err := l.Post(ctx, o.who, use(o.place, o.public, w.pieces(40)))
		if w.may("use", err) {
			w.moves = append(w.moves, m.ID)
			w.issued += m.Lines[0].Pieces
		}
		return "use"
	case 7:
		if len(w.moves) > 0 {
			m, err := l.Reverse(ctx, access.System, w.moves[w.rand.IntN(len(w.moves))], "salah")
			if w.may("reverse", err) {
				w.issued -= m.Lines[0].Pieces
			}
		}
		return "reverse"
	case 8:
		o := w.office()
		loss, err := l.ReportLoss(ctx, o.who, inventory.NewLoss{Document: "BA", Police: "LP", HappenedOn: today, Pieces: w.pieces(20), Note: "hilang"})
		if w.may("loss", err) {
			approve := w.rand.IntN(2) == 0
			if _, err := l.DecideLoss(ctx, planner, loss.ID, loss.Version, approve); w.may("decide", err) && approve {
				w.lost += loss.Pieces
			}
		}
		return "loss"
	default:
		w.count()
		return "count"
	}
}

// carry takes a shipment one step on: dispatched, cancelled, or received in full, in part, short or over.
func (w *world) carry() {
	if len(w.shipments) == 0 {
		return
	}
	ctx, l := w.t.Context(), w.b.ledger
	s, err := l.Shipment(ctx, planner, w.shipments[w.rand.IntN(len(w.shipments))])
	if err != nil {
		w.t.Fatal(err)
	}
	receiver := w.offices[0].who
	for _, o := range w.offices {
		if o.place == s.ToPlace {
			receiver = o.who
		}
	}
	if w.rand.IntN(6) == 0 {
		_, err := l.CancelShipment(ctx, store, s.ID, s.Version, "batal")
		w.may("cancel", err)
		return
	}
	if s.State == inventory.ShipmentPrepared {
		_, err := l.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{})
		w.may("dispatch", err)
		return
	}
	in := inventory.NewReceipt{Shipment: s.ID, More: w.rand.IntN(3) == 0, Reason: "hitung"}
	for _, line := range s.Lines {
		in.Lines = append(in.Lines, inventory.NewReceiptLine{Line: line.Line, Good: max(0, line.Outstanding()-w.rand.Int64N(5)+w.rand.Int64N(3)), Damaged: w.rand.Int64N(2)})
	}
	c, err := l.Receive(ctx, receiver, in)
	if w.may("receive", err) && w.rand.IntN(4) == 0 {
		_, err := l.RollBackReceipt(ctx, receiver, c.ID, c.Version, "ulang")
		w.may("roll back", err)
		return
	}
	cases, err := l.Discrepancies(ctx, store, inventory.DiscrepancyFilter{Shipment: s.ID, Open: true})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range cases.Items {
		answer := map[string][]string{"short": {"lost", "found-here"}, "over": {"sent-more", "not-ours"}, "damaged": {"acknowledged"}}[d.Kind]
		pick := answer[w.rand.IntN(len(answer))]
		if _, err := l.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: pick, Note: "BA"}); w.may("answer", err) && pick == "lost" {
			w.lost += d.Pieces
		}
	}
}

func (w *world) count() {
	ctx, l, o := w.t.Context(), w.b.ledger, w.office()
	c, err := l.RequestCount(ctx, o.who, inventory.NewCount{})
	if !w.may("count", err) {
		return
	}
	held := w.b.held(w.t, o.place, inventory.Usable)
	// The instants of the ledger are the database's. Those of this test may lie before them, and then the count is held
	// against what the ledger held then; whatever the difference is, the model takes it over.
	if c, err = l.EnterCount(ctx, o.who, c.ID, c.Version, inventory.Counting{Counted: max(0, held+w.rand.Int64N(7)-3)}); !w.may("enter", err) {
		return
	}
	reason := "other"
	if c, err = l.PostCount(ctx, o.second, c.ID, c.Version, reason, ""); w.may("post", err) {
		w.unexplained -= *c.Difference
	} else {
		_, err := l.CancelCount(ctx, o.who, c.ID, c.Version, "batal")
		w.may("cancel count", err)
	}
}

// agrees holds the database against itself and against the model.
func (w *world) agrees(after string) {
	w.t.Helper()
	var got struct {
		Inside      int64 `db:"inside"`
		Issued      int64 `db:"issued"`
		Lost        int64 `db:"lost"`
		Unexplained int64 `db:"unexplained"`
		All         int64 `db:"everything"`
		Wrong       int64 `db:"wrong"`
		Requests    int64 `db:"requests"`
	}
	err := postgres.Read(w.t.Context(), w.b.db, access.System, func(tx *sqlx.Tx) error {
		return tx.Get(&got, `
			SELECT coalesce(sum(b.pieces) FILTER (WHERE p.kind IN ('national', 'province', 'regency', 'service', 'team')), 0)::bigint AS inside,
			       coalesce(sum(b.pieces) FILTER (WHERE p.kind = 'public' AND b.condition = 'issued'), 0)::bigint AS issued,
			       coalesce(sum(b.pieces) FILTER (WHERE p.kind = 'lost'), 0)::bigint AS lost,
			       coalesce(sum(b.pieces) FILTER (WHERE p.kind = 'public' AND b.condition = 'quarantine'), 0)::bigint AS unexplained,
			       coalesce(sum(b.pieces), 0)::bigint AS everything,
			       (SELECT count(*) FROM balances x WHERE x.pieces <> (SELECT sum(e.pieces) FROM entries e
			        WHERE e.region_id = x.region_id AND e.place_id = x.place_id AND e.item_id = x.item_id AND e.condition = x.condition AND e.lot_id = x.lot_id)) AS wrong,
			       (SELECT count(*) FROM requests q WHERE q.shipped <> (SELECT coalesce(sum(l.pieces - CASE WHEN d.found THEN l.missing ELSE 0 END), 0)
			        FROM shipment_lines l JOIN shipments s ON s.region_id = l.region_id AND s.id = l.shipment_id AND s.state <> 'cancelled'
			        CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM discrepancies d WHERE d.shipment_id = s.id AND d.line = l.line AND d.answer = 'found-here') AS found) d
			        WHERE l.request_id = q.id)) AS requests
			FROM balances b
			JOIN places p ON p.id = b.place_id`)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if got.All != 0 || got.Wrong != 0 || got.Requests != 0 {
		w.t.Fatalf("after %s (step %d): all accounts sum to %d, %d balances and %d requests are wrong", after, w.n, got.All, got.Wrong, got.Requests)
	}
	if got.Issued != w.issued || got.Lost != w.lost || got.Inside+got.Unexplained != w.delivered-w.issued-w.lost {
		w.t.Fatalf("after %s (step %d): ledger %+v, model %d delivered, %d issued, %d lost", after, w.n, got, w.delivered, w.issued, w.lost)
	}
}

// TestTheLedgerAgreesWithAModel drives random procurements, requests, allocations, shipments, receipts, uses,
// reversals, losses and counts, and holds the ledger against a model after each.
func TestTheLedgerAgreesWithAModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			b := open(t)
			w := &world{b: b, t: t, rand: rand.New(rand.NewPCG(seed, 7))}
			for i, code := range []string{"12.71", "82.71"} {
				w.offices = append(w.offices, office{
					who:    access.Actor{ID: int64(40 + i), Name: "officer." + code, Role: access.Officer, Reach: code},
					second: access.Actor{ID: int64(50 + i), Name: "officer2." + code, Role: access.Officer, Reach: code},
					place:  b.placeOf(t, code, inventory.RegencyOffice), public: b.placeOf(t, code, inventory.Public)})
			}
			done := map[string]int{}
			for range 120 {
				what := w.step()
				done[what]++
				w.agrees(what)
			}
			if w.delivered == 0 || w.issued == 0 {
				t.Errorf("the walk did too little: %v", done)
			}
			b.sound(t)
		})
	}
}
