package inventory_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
)

var (
	planner2 = access.Actor{ID: 11, Name: "planner2", Role: access.Planner, Reach: "00"}
	maluku   = access.Actor{ID: 12, Name: "province.82", Role: access.Province, Reach: "82"}
	kota     = access.Actor{ID: 13, Name: "officer.12.71.03", Role: access.Officer, Reach: "12.71.03"}
	auditor  = access.Actor{ID: 14, Name: "auditor", Role: access.Auditor, Reach: "00"}
	team     = access.Actor{ID: 15, Name: "outreach.82.71", Role: access.Outreach, Reach: "82.71"}
)

// must ends the test when a step of a journey fails.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// deliver brings pieces into the national store under a contract of their own.
func (b bench) deliver(t testing.TB, pieces int64) inventory.Procurement {
	t.Helper()
	ctx := t.Context()
	p := must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{
		Document: "KTR-" + t.Name(), Supplier: "Percetakan", Pieces: pieces, Fund: "APBN", SignedOn: "2026-01-05"}))
	must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: "DN-1", Date: today, Pieces: pieces}))
	return p
}

// approved asks for pieces in Ternate and approves some of them.
func (b bench) approved(t testing.TB, asked, approved int64) inventory.Request {
	t.Helper()
	r := must[inventory.Request](t)(b.ledger.Ask(t.Context(), ternate, inventory.NewRequest{Pieces: asked}))
	return must[inventory.Request](t)(b.ledger.ApproveRequest(t.Context(), planner, r.ID, r.Version, inventory.Approval{Pieces: approved}))
}

// sent ships pieces of a request from the national store.
func (b bench) sent(t testing.TB, r inventory.Request, pieces int64) inventory.Shipment {
	t.Helper()
	s := must[inventory.Shipment](t)(b.ledger.Prepare(t.Context(), store, inventory.NewShipment{
		Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: pieces}}}))
	return must[inventory.Shipment](t)(b.ledger.Dispatch(t.Context(), store, s.ID, s.Version, inventory.Dispatching{}))
}

func counts(good, damaged int64) []inventory.NewReceiptLine {
	return []inventory.NewReceiptLine{{Line: 1, Good: good, Damaged: damaged}}
}

// everywhere sums a condition over all places.
func (b bench) everywhere(t testing.TB) map[inventory.Condition]int64 {
	t.Helper()
	var rows []struct {
		Condition inventory.Condition `db:"condition"`
		Pieces    int64               `db:"pieces"`
	}
	err := postgres.Read(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		return tx.Select(&rows, `
			SELECT b.condition, sum(b.pieces)::bigint AS pieces
			FROM balances b
			JOIN places p ON p.id = b.place_id
			WHERE p.kind IN ('national', 'province', 'regency', 'service', 'team')
			GROUP BY 1`)
	})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[inventory.Condition]int64{}
	for _, r := range rows {
		sums[r.Condition] = r.Pieces
	}
	return sums
}

func wantFault(t testing.TB, what string, err error, want *fault.Fault) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %s", what, err, want.Code)
	}
}

func TestBlanksTravelFromThePrinterToThePublic(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	national := b.placeOf(t, "00", inventory.NationalStore)
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)

	p := b.deliver(t, 10_000)
	_, err := b.ledger.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: "DN-2", Date: today, Pieces: 1})
	wantFault(t, "more than the contract", err, inventory.ErrBeyondContract)

	// The officer asks, the planner approves less; what was declined can never ship.
	r := b.approved(t, 3000, 2000)
	if r.Approved != 2000 || r.Declined != 1000 || r.State != inventory.RequestApproved {
		t.Errorf("after approval: %+v", r)
	}
	_, err = b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 2001}}})
	wantFault(t, "shipping what was declined", err, inventory.ErrBeyondApproved)
	_, err = b.ledger.RejectRequest(ctx, planner, r.ID, r.Version, "habis")
	wantFault(t, "rejecting what is decided", err, inventory.ErrRequestState)
	if is := must[inventory.Request](t)(b.ledger.Request(ctx, planner, r.ID)); is.Answer != r.Answer || is.Version != r.Version {
		t.Errorf("the refusal changed it: %+v", is)
	}

	// Two shipments of one request.
	s := must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{
		Mode: "pickup", Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 1500}}}))
	if got := b.held(t, national, inventory.Reserved); got != 1500 {
		t.Errorf("%d reserved at the store, want 1500", got)
	}
	_, err = b.ledger.Dispatch(ctx, ternate, s.ID, s.Version, inventory.Dispatching{})
	wantFault(t, "the receiver dispatches", err, inventory.ErrNotYourEnd)
	_, err = b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1500, 0)})
	wantFault(t, "receipt before dispatch", err, inventory.ErrShipmentState)
	s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{Date: "2026-11-18"}))
	if s.ExpectedOn == nil || *s.ExpectedOn != "2026-11-27" { // 9 days to WIT without a history
		t.Errorf("expected on %v, want 2026-11-27", *s.ExpectedOn)
	}
	second := b.sent(t, r, 500)
	if got := b.held(t, office, inventory.InTransit); got != 2000 {
		t.Errorf("%d in transit, want 2000", got)
	}
	b.sound(t)

	// Three pieces are short and two damaged; everything stays accounted for.
	_, err = b.ledger.Receive(ctx, store, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1500, 0)})
	wantFault(t, "the sender receives", err, inventory.ErrNotYourEnd)
	_, err = b.ledger.Receive(ctx, medan, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1500, 0)})
	wantFault(t, "another region receives", err, inventory.ErrShipmentUnknown)
	_, err = b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1501, 0)})
	wantFault(t, "more than sent", err, inventory.ErrMoreThanSent)
	c := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1495, 2)}))
	if c.State != inventory.ReceiptConfirmed {
		t.Errorf("receipt is %s", c.State)
	}
	for condition, want := range map[inventory.Condition]int64{inventory.Usable: 1495, inventory.Spoiled: 2, inventory.InTransit: 503} {
		if got := b.held(t, office, condition); got != want {
			t.Errorf("office holds %d %s, want %d", got, condition, want)
		}
	}
	cases := must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, store, inventory.DiscrepancyFilter{Open: true}))
	if len(cases.Items) != 2 {
		t.Fatalf("%d cases, want one short and one damaged", len(cases.Items))
	}
	for _, d := range cases.Items {
		_, err := b.ledger.AnswerDiscrepancy(ctx, ternate, d.ID, d.Version, inventory.NewAnswer{Answer: "lost", Note: "x"})
		wantFault(t, "the receiver answers", err, inventory.ErrNotYourEnd)
		answer := map[string]string{"short": "lost", "damaged": "acknowledged"}[d.Kind]
		d = must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: answer, Note: "BA-7"}))
		if d.State != "resolved" {
			t.Errorf("case is %s", d.State)
		}
	}
	if got := b.held(t, b.placeOf(t, "00", inventory.Lost), inventory.Usable); got != 3 {
		t.Errorf("%d lost, want 3", got)
	}
	s = must[inventory.Shipment](t)(b.ledger.Shipment(ctx, ternate, s.ID))
	if s.State != inventory.ShipmentClosedShort {
		t.Errorf("shipment is %s, want closed-short", s.State)
	}
	_, err = b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(1, 0)})
	wantFault(t, "receipt twice", err, inventory.ErrShipmentState)

	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: second.ID, Lines: counts(500, 0)}))
	r = must[inventory.Request](t)(b.ledger.Request(ctx, ternate, r.ID))
	if r.State != inventory.RequestClosed || r.Received != 1995 {
		t.Errorf("request is %s with %d received, want closed with 1995", r.State, r.Received)
	}
	var did []string
	for _, step := range r.Steps {
		did = append(did, step.Action)
	}
	if want := []string{"ask", "submit", "approve", "ship", "ship", "closed"}; !slices.Equal(did, want) {
		t.Errorf("history %v, want %v", did, want)
	}

	// A day is used, and corrected.
	u := must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Spoiled: 4,
		Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 100}, {Purpose: "lost", Pieces: 20}}}))
	_, err = b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Spoiled: 1_000_000})
	wantFault(t, "the day twice, and more than there is", err, inventory.ErrUseReported)
	if twice, ok := fault.As(err); !ok || twice.Facts["use"] != u.ID {
		t.Errorf("the day twice: %v, want the report %d that stands", err, u.ID)
	}
	u = must[inventory.DailyUse](t)(b.ledger.CorrectUse(ctx, ternate, u.ID, inventory.NewUse{Reason: "salah hitung", Spoiled: 4,
		Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 90}}}))
	if got := b.held(t, public, inventory.Issued); got != 90 {
		t.Errorf("%d issued, want 90", got)
	}
	stock := must[inventory.StockPage](t)(b.ledger.Stock(ctx, ternate, inventory.StockFilter{Level: "regency"}))
	if s := stock.Items[0]; s.OnHand != 1995-94 || s.DailyUse != 94.0/30 {
		t.Errorf("stock %+v", s)
	}
	b.sound(t)
	// 10,000 delivered = on hand + spoiled + lost + issued.
	held := b.everywhere(t)
	if sum := held[inventory.Usable] + held[inventory.Spoiled] + 3 + 90; sum != 10_000 {
		t.Errorf("%v: %d of 10000 accounted for", held, sum)
	}
}

func TestARequestGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	r := must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 100, Draft: true}))
	_, err := b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 1})
	wantFault(t, "approve a draft", err, inventory.ErrRequestState)
	r = must[inventory.Request](t)(b.ledger.SubmitRequest(ctx, ternate, r.ID, r.Version))
	_, err = b.ledger.ApproveRequest(ctx, ternate, r.ID, r.Version, inventory.Approval{Pieces: 100})
	wantFault(t, "approve one's own", err, access.ErrForbidden)
	_, err = b.ledger.Request(ctx, medan, r.ID)
	wantFault(t, "read another region's", err, inventory.ErrRequestUnknown)
	r = must[inventory.Request](t)(b.ledger.ReturnRequest(ctx, maluku, r.ID, r.Version, "lampirkan surat"))
	stale := r.Version
	r = must[inventory.Request](t)(b.ledger.EditRequest(ctx, ternate, r.ID, r.Version, inventory.NewRequest{Pieces: 80, Emergency: true}))
	_, err = b.ledger.SubmitRequest(ctx, ternate, r.ID, stale)
	wantFault(t, "a stale version", err, postgres.ErrStale)
	r = must[inventory.Request](t)(b.ledger.SubmitRequest(ctx, ternate, r.ID, r.Version))
	_, err = b.ledger.VerifyRequest(ctx, sumut, r.ID, r.Version, "")
	wantFault(t, "another province verifies", err, inventory.ErrRequestUnknown)
	r = must[inventory.Request](t)(b.ledger.VerifyRequest(ctx, maluku, r.ID, r.Version, "setuju"))
	_, err = b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 81})
	wantFault(t, "approve more than asked", err, inventory.ErrBeyondAsked)
	r = must[inventory.Request](t)(b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 30, Later: true}))
	r = must[inventory.Request](t)(b.ledger.ApproveRequest(ctx, planner2, r.ID, r.Version, inventory.Approval{Pieces: 20}))
	if r.Approved != 50 || r.Declined != 30 || !r.Emergency {
		t.Errorf("approved %d, declined %d", r.Approved, r.Declined)
	}
	r = must[inventory.Request](t)(b.ledger.CancelRequest(ctx, ternate, r.ID, r.Version, "sudah cukup"))
	_, err = b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 1}}})
	wantFault(t, "ship a cancelled request", err, inventory.ErrRequestState)

	r = must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 10}))
	r = must[inventory.Request](t)(b.ledger.RejectRequest(ctx, planner, r.ID, r.Version, "stok masih cukup"))
	if r.State != inventory.RequestRejected || r.Declined != 10 {
		t.Errorf("rejected: %+v", r)
	}
	list := must[inventory.RequestPage](t)(b.ledger.Requests(ctx, auditor, inventory.RequestFilter{Region: "82"}))
	if len(list.Items) != 2 {
		t.Errorf("auditor sees %d requests, want 2", len(list.Items))
	}
}

func TestTheProvinceVerifiesWhereThatIsSet(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.set(t, "requests.verification", "true")
	r := must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 100}))
	_, err := b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 100})
	wantFault(t, "approve before the province", err, inventory.ErrNotVerified)
	r = must[inventory.Request](t)(b.ledger.VerifyRequest(ctx, maluku, r.ID, r.Version, ""))
	must[inventory.Request](t)(b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 100}))
}

// Who asked does not verify, and who verified does not approve, one by one or in a batch. What was returned is verified anew.
func TestARequestIsAskedVerifiedAndApprovedByThree(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	r := must[inventory.Request](t)(b.ledger.Ask(ctx, sumut, inventory.NewRequest{Pieces: 100}))
	_, err := b.ledger.VerifyRequest(ctx, sumut, r.ID, r.Version, "")
	wantFault(t, "verify one's own request", err, inventory.ErrOwnWork)
	r = must[inventory.Request](t)(b.ledger.VerifyRequest(ctx, planner, r.ID, r.Version, "")) // the province has one user: one level up
	_, err = b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 100})
	wantFault(t, "approve what one verified", err, inventory.ErrOwnWork)
	batch := inventory.BatchApproval{Approvals: []inventory.RequestApproval{{Request: r.ID, Version: r.Version}}}
	_, err = b.ledger.ApproveRequests(ctx, planner, batch)
	if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != inventory.ErrOwnWork.Code {
		t.Errorf("a batch with what one verified: %v", err)
	}
	if page := must[postgres.Page[inventory.Request]](t)(b.ledger.ApproveRequests(ctx, planner2, batch)); page.Items[0].Approved != 100 {
		t.Errorf("approved by another: %+v", page.Items)
	}

	r = must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 10}))
	r = must[inventory.Request](t)(b.ledger.VerifyRequest(ctx, planner, r.ID, r.Version, ""))
	r = must[inventory.Request](t)(b.ledger.ReturnRequest(ctx, planner, r.ID, r.Version, "alasan kurang"))
	r = must[inventory.Request](t)(b.ledger.SubmitRequest(ctx, ternate, r.ID, r.Version))
	must[inventory.Request](t)(b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 10}))
}

func (b bench) set(t testing.TB, name, value string) {
	t.Helper()
	err := postgres.Write(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ($1, $2::jsonb)`, name, value)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoShipmentsCannotTakeTheSamePieces(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.deliver(t, 1000)
	r := b.approved(t, 500, 500)
	other := must[inventory.Request](t)(b.ledger.Ask(t.Context(), medan, inventory.NewRequest{Pieces: 900}))
	other = must[inventory.Request](t)(b.ledger.ApproveRequest(t.Context(), planner, other.ID, other.Version, inventory.Approval{Pieces: 900}))
	var packed atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		for _, request := range []int64{r.ID, other.ID} {
			wg.Go(func() {
				s, err := b.ledger.Prepare(t.Context(), store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: request, Pieces: 300}}})
				switch {
				case err == nil:
					packed.Add(s.Lines[0].Pieces)
				case !errors.Is(err, inventory.ErrShort) && !errors.Is(err, inventory.ErrBeyondApproved) && !errors.Is(err, inventory.ErrRequestState):
					t.Errorf("prepare: %v", err)
				}
			})
		}
	}
	wg.Wait()
	// 1000 in the store: three shipments of 300, of which one at most serves the request of 500.
	if packed.Load() != 900 {
		t.Errorf("%d packed, want 900", packed.Load())
	}
	b.sound(t)
}

func TestTwoPlannersCannotApproveTwice(t *testing.T) {
	t.Parallel()
	b := open(t)
	r := must[inventory.Request](t)(b.ledger.Ask(t.Context(), ternate, inventory.NewRequest{Pieces: 100}))
	var approved, refused atomic.Int64
	var wg sync.WaitGroup
	for _, who := range []access.Actor{planner, planner2, planner, planner2} {
		wg.Go(func() {
			_, err := b.ledger.ApproveRequest(t.Context(), who, r.ID, r.Version, inventory.Approval{Pieces: 60, Later: true})
			switch {
			case err == nil:
				approved.Add(1)
			case errors.Is(err, postgres.ErrStale):
				refused.Add(1)
			default:
				t.Errorf("approve: %v", err)
			}
		})
	}
	wg.Wait()
	if approved.Load() != 1 || refused.Load() != 3 {
		t.Errorf("%d approved, %d refused", approved.Load(), refused.Load())
	}
}

func TestAShipmentIsCancelledBeforeItArrives(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	r := b.approved(t, 600, 600)
	national := b.placeOf(t, "00", inventory.NationalStore)
	prepared := must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 100}}}))
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, store, prepared.ID, prepared.Version, "salah alamat"))
	under := b.sent(t, r, 600)
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, store, under.ID, under.Version, "kapal batal"))
	_, err := b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: under.ID, Lines: counts(600, 0)})
	wantFault(t, "receipt of a cancelled shipment", err, inventory.ErrShipmentState)
	if got := b.held(t, national, inventory.Usable); got != 1000 {
		t.Errorf("store holds %d, want 1000", got)
	}
	r = must[inventory.Request](t)(b.ledger.Request(ctx, ternate, r.ID))
	if r.State != inventory.RequestApproved || r.Shipped != 0 {
		t.Errorf("request is %s with %d shipped", r.State, r.Shipped)
	}
	b.sent(t, r, 600)
	b.sound(t)
}

func TestReceiptsComeInPartsAndTheLastIsRolledBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	s := b.sent(t, b.approved(t, 600, 600), 600)
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	first := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, More: true, Lines: counts(200, 0)}))
	draft := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Draft: true, Lines: counts(390, 0)}))
	_, err := b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Draft: true, Lines: counts(400, 0)})
	wantFault(t, "a second draft", err, inventory.ErrReceiptOpen)
	if got := b.held(t, office, inventory.Usable); got != 200 {
		t.Errorf("a draft moved stock: %d, want 200", got)
	}
	second := must[inventory.Receipt](t)(b.ledger.ConfirmReceipt(ctx, ternate, draft.ID, draft.Version))
	_, err = b.ledger.RollBackReceipt(ctx, ternate, first.ID, first.Version, "salah")
	wantFault(t, "roll back not the last", err, inventory.ErrReceiptNotLast)
	open := func() []inventory.Discrepancy {
		return must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, ternate, inventory.DiscrepancyFilter{Open: true})).Items
	}
	if cases := open(); len(cases) != 1 || cases[0].Pieces != 10 {
		t.Errorf("cases %+v, want 10 short", cases)
	}
	// A late receipt brings six of the ten.
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(6, 0)}))
	cases := open()
	if len(cases) != 1 || cases[0].Pieces != 4 {
		t.Errorf("cases %+v, want 4 short", cases)
	}
	// The store finds them on its shelf; they may be shipped again.
	must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, cases[0].ID, cases[0].Version, inventory.NewAnswer{Answer: "found-here", Note: "di rak"}))
	r := must[inventory.Request](t)(b.ledger.Request(ctx, ternate, s.Lines[0].Request))
	if r.Shipped != 596 || r.State != inventory.RequestPartlyShipped {
		t.Errorf("request is %s with %d shipped", r.State, r.Shipped)
	}
	_, err = b.ledger.RollBackReceipt(ctx, ternate, second.ID, second.Version, "salah")
	wantFault(t, "roll back what was answered", err, inventory.ErrReceiptNotLast)
	b.sound(t)

	again := b.sent(t, r, 4)
	c := must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: again.ID, Lines: counts(3, 0)}))
	must[inventory.Receipt](t)(b.ledger.RollBackReceipt(ctx, ternate, c.ID, c.Version, "hitung ulang"))
	if cases := open(); len(cases) != 0 {
		t.Errorf("cases after the rollback: %+v", cases)
	}
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: again.ID, Lines: counts(4, 0)}))
	if got := b.held(t, office, inventory.Usable); got != 600 {
		t.Errorf("office holds %d, want 600", got)
	}
	b.sound(t)
}

func TestWhatCameOnTopStaysInQuarantineUntilTheSenderAnswers(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	s := b.sent(t, b.approved(t, 100, 100), 100)
	office, national := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "00", inventory.NationalStore)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Reason: "satu kotak lebih", Lines: counts(105, 0)}))
	if got := b.held(t, office, inventory.Quarantine); got != 5 {
		t.Errorf("%d in quarantine, want 5", got)
	}
	d := must[postgres.Page[inventory.Discrepancy]](t)(b.ledger.Discrepancies(ctx, store, inventory.DiscrepancyFilter{})).Items[0]
	d = must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: "dispute", Note: "kami hitung 100"}))
	d = must[inventory.Discrepancy](t)(b.ledger.AnswerDiscrepancy(ctx, planner, d.ID, d.Version, inventory.NewAnswer{Answer: "sent-more", Note: "rekaman kamera"}))
	if got := b.held(t, office, inventory.Usable); got != 105 {
		t.Errorf("office holds %d, want 105", got)
	}
	if got := b.held(t, national, inventory.Usable); got != 895 {
		t.Errorf("store holds %d, want 895", got)
	}
	_, err := b.ledger.AnswerDiscrepancy(ctx, store, d.ID, d.Version, inventory.NewAnswer{Answer: "not-ours", Note: "x"})
	wantFault(t, "a second answer", err, inventory.ErrDiscrepancyState)
	b.sound(t)
}

func TestTheRouteLearnsItsLeadTime(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	r := b.approved(t, 500, 500)
	for _, day := range []string{"2026-11-17", "2026-11-15", "2026-11-05"} { // 3, 5 and 15 days
		s := must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 100}}}))
		s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{Date: day}))
		must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(100, 0)}))
	}
	s := b.sent(t, r, 100)
	if *s.ExpectedOn != "2026-11-25" {
		t.Errorf("expected on %s, want today and the median of 5 days", *s.ExpectedOn)
	}
	times := must[[]inventory.LeadTime](t)(b.ledger.LeadTimes(ctx, access.System, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	if len(times) != 3 || times[0].From != inventory.NationalStore || times[0].AskedOn == nil {
		t.Errorf("lead times %+v", times)
	}
	positions := must[[]inventory.Position](t)(b.ledger.Positions(ctx, access.System))
	if len(positions) != 514 {
		t.Errorf("%d positions, want 514", len(positions))
	}
	for _, p := range positions {
		if p.Region == "82.71" && (p.Usable != 300 || len(p.Incoming) != 1 || p.Incoming[0].Pieces != 100 || p.OnOrder != 100) {
			t.Errorf("position %+v", p)
		}
	}
	public := must[inventory.PublicStockPage](t)(b.ledger.Public(ctx))
	for _, p := range public.Items {
		if p.Region == "82.71" && (p.NextDelivery == nil || *p.NextDelivery != "2026-11-25") {
			t.Errorf("public stock %+v", p)
		}
	}
}

func TestAServicePointUsesWhatTheOfficeGaveIt(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	if n := must[int](t)(b.ledger.OpenServicePoints(ctx, medan, "12.71", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))); n != 21 {
		t.Errorf("%d service points opened, want the 21 kecamatan of Medan", n)
	}
	_, err := b.ledger.OpenServicePoint(ctx, medan, inventory.NewPlace{Region: "12.71.03"})
	wantFault(t, "open twice", err, inventory.ErrPlaceOpen)
	office, point := b.placeOf(t, "12.71", inventory.RegencyOffice), b.placeOf(t, "12.71.03", inventory.ServicePoint)
	b.give(t, office, 100)
	must[inventory.Move](t)(b.ledger.Post(ctx, medan, inventory.NewMove{Kind: inventory.Transfer, Document: "ST-1", Date: today, Lines: []inventory.MoveLine{{
		From: inventory.Account{Place: office, Condition: inventory.Usable}, To: inventory.Account{Place: point, Condition: inventory.Usable}, Pieces: 40}}}))
	must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, kota, inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 30}}, Spoiled: 1}))
	_, err = b.ledger.ReportUse(ctx, kota, inventory.NewUse{Region: "12.71", Date: today, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 1}}})
	if f, ok := fault.As(err); !ok || f.Kind != fault.NotFound {
		t.Errorf("the kecamatan reports for the city: %v, want not found", err)
	}
	_, err = b.ledger.ReportUse(ctx, medan, inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 61}}})
	wantFault(t, "use beyond stock", err, inventory.ErrShort)
	stock := must[inventory.StockPage](t)(b.ledger.Stock(ctx, medan, inventory.StockFilter{Level: "regency"}))
	if stock.Items[0].OnHand != 69 || stock.Items[0].DailyUse != 31.0/30 {
		t.Errorf("Medan's stock %+v", stock.Items[0])
	}
	b.sound(t)
}

func TestTheCalendarShowsMissingDays(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, b.placeOf(t, "82.71", inventory.RegencyOffice), 100)
	must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: "2026-11-18"})) // nothing used is a report
	days := must[[]inventory.CalendarDay](t)(b.ledger.UseCalendar(ctx, ternate, "", 0, "2026-11"))
	var missing int
	for _, d := range days {
		if d.Missing {
			missing++
		}
	}
	// 2 to 19 November 2026 has 14 business days; one was reported. The 20th is today.
	if len(days) != 30 || missing != 13 || days[17].Missing || !days[16].Missing || days[19].Missing {
		t.Errorf("%d days, %d missing", len(days), missing)
	}
}

func TestMonthlyUseKnowsTheDaysWithoutStock(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "82.71", inventory.RegencyOffice)
	on := func(day string, kind inventory.MoveKind, m inventory.NewMove) {
		t.Helper()
		m.Kind, m.Date = kind, day
		must[inventory.Move](t)(b.ledger.Post(ctx, access.System, m))
	}
	move := func(from, to inventory.Account, pieces int64) inventory.NewMove {
		return inventory.NewMove{Document: "BA", Lines: []inventory.MoveLine{{From: from, To: to, Pieces: pieces}}}
	}
	shelf, aside := inventory.Account{Place: office, Condition: inventory.Usable}, inventory.Account{Place: office, Condition: inventory.Quarantine}
	out := use(office, b.placeOf(t, "82.71", inventory.Public), 100)
	on("2026-09-14", inventory.Opening, move(inventory.Account{Place: b.supplier(t), Condition: inventory.Usable}, shelf, 400)) // a Monday
	on("2026-09-14", inventory.QuarantineMove, move(shelf, aside, 300))
	on("2026-09-23", inventory.Use, out)                                // a Wednesday: empty from here …
	on("2026-10-05", inventory.QuarantineMove, move(aside, shelf, 300)) // … to the morning of this Monday
	on("2026-10-06", inventory.Use, out)
	mistake := must[inventory.Move](t)(b.ledger.Post(ctx, access.System, func() inventory.NewMove { m := out; m.Date = "2026-10-07"; return m }()))
	must[inventory.Move](t)(b.ledger.Reverse(ctx, access.System, mistake.ID, "dua kali"))
	months := must[[]inventory.MonthUse](t)(b.ledger.MonthlyUse(ctx, access.System, noon()))
	want := []inventory.MonthUse{
		{Month: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), Used: 100, BusinessDays: 13, StockoutDays: 6},  // 23 to 30 September
		{Month: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Used: 100, BusinessDays: 22, StockoutDays: 3}, // 1, 2 and 5 October
	}
	if len(months) != 2 {
		t.Fatalf("%d months, want 2", len(months))
	}
	for i, m := range months {
		w := want[i]
		if !m.Month.Equal(w.Month) || m.Used != w.Used || m.BusinessDays != w.BusinessDays || m.StockoutDays != w.StockoutDays {
			t.Errorf("month %+v, want %+v", m, w)
		}
	}
	b.sound(t)
}

func TestTheSuggestionShowsEveryTerm(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	b.give(t, b.placeOf(t, "82.71", inventory.RegencyOffice), 70)
	b.sent(t, b.approved(t, 100, 60), 40) // 40 in transit, 20 on order
	regionID := 0
	for _, p := range must[[]inventory.Position](t)(b.ledger.Positions(ctx, ternate)) {
		regionID = p.RegionID
	}
	need := inventory.Need{RegionID: regionID, Item: "ktp-el", AsOf: today, Method: "theta", DailyMean: 10, HorizonDays: 23, Mean: 230, SD: 30,
		P10: 190, P50: 230, P80: 255.2, P90: 268.4, P95: 280, PrintReady: 12, PlannedVisits: 50, LeadP50: 5, LeadP90: 9, RunOut: 0.4}
	for range 2 { // the later one stands
		err := postgres.Write(ctx, b.db, access.System, func(tx *sqlx.Tx) error { return inventory.SetNeeds(ctx, tx, need) })
		if err != nil {
			t.Fatal(err)
		}
	}
	s := must[inventory.Suggestion](t)(b.ledger.Suggest(ctx, ternate, "", ""))
	// 269 + 12 + 50 - 70 - 40 - 20
	if s.Pieces == nil || *s.Pieces != 201 || s.Usable != 70 || s.InTransit != 40 || s.OnOrder != 20 || s.Need != 268.4 {
		t.Errorf("suggestion %+v", s)
	}
	_, err := b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 222}) // 10 % of 201 is 20
	wantFault(t, "more than the tolerance without a reason", err, inventory.ErrUnexplained)
	must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 221}))
	r := must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 900, Reason: "event"}))
	r = must[inventory.Request](t)(b.ledger.Request(ctx, planner, r.ID))
	if r.Suggestion == nil || *r.Suggestion.Pieces != 201 {
		t.Errorf("the request keeps %+v", r.Suggestion)
	}
	stock := must[inventory.StockPage](t)(b.ledger.Stock(ctx, ternate, inventory.StockFilter{Level: "regency"}))
	if s := stock.Items[0]; s.DaysOfCover == nil || *s.DaysOfCover != 7 || s.State != inventory.Low {
		t.Errorf("stock %+v", s)
	}
}

// Ribbon and film follow from the cards that are to be printed, the KIA from its own use on days on which there was one.
func TestRibbonFilmAndKIAHaveASuggestionToo(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	for _, item := range []string{"ribbon", "film", "kia"} {
		if s := must[inventory.Suggestion](t)(b.ledger.Suggest(ctx, ternate, "", item)); s.Pieces != nil {
			t.Errorf("%s before anything is known: %+v", item, s)
		}
	}
	need := inventory.Need{RegionID: must[[]inventory.Position](t)(b.ledger.Positions(ctx, ternate))[0].RegionID, Item: "ktp-el", AsOf: today, Method: "theta", DailyMean: 500,
		HorizonDays: 23, Mean: 11_500, SD: 400, P10: 11_000, P50: 11_500, P80: 11_800, P90: 12_000, P95: 12_200, PrintReady: 500, PlannedVisits: 300, LeadP50: 5, LeadP90: 9}
	if err := postgres.Write(ctx, b.db, access.System, func(tx *sqlx.Tx) error { return inventory.SetNeeds(ctx, tx, need) }); err != nil {
		t.Fatal(err)
	}
	opening := func(item, date string, pieces int64) {
		must[inventory.Move](t)(b.ledger.Post(ctx, store, inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: date, Lines: []inventory.MoveLine{{Item: item, Pieces: pieces,
			From: inventory.Account{Place: b.supplier(t), Condition: inventory.Usable}, To: inventory.Account{Place: office, Condition: inventory.Usable}}}}))
	}
	opening("ribbon", today, 4)
	opening("kia", "2026-10-12", 60)
	for day := range 15 { // four a day until none is left on the 26th; the days since say nothing
		m := use(office, public, 4)
		m.Date, m.Lines[0].Item = time.Date(2026, 10, 12+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "kia"
		must[inventory.Move](t)(b.ledger.Post(ctx, ternate, m))
	}
	for item, want := range map[string]inventory.Suggestion{
		"ribbon": {Source: "ktp-el", Cards: 12_800, PerPiece: 500, Pieces: ptr(int64(22)), Usable: 4}, // 12,800 cards take 25.6
		"film":   {Source: "ktp-el", Cards: 12_800, PerPiece: 1500, Pieces: ptr(int64(9))},            // 8.53
		"kia":    {Source: "use", Pieces: ptr(int64(105))},                                            // 23 days of 4, and 1.2816 deviations of Poisson's
	} {
		s := must[inventory.Suggestion](t)(b.ledger.Suggest(ctx, ternate, "", item))
		if s.Pieces == nil || *s.Pieces != *want.Pieces || s.Source != want.Source || s.Cards != want.Cards || s.PerPiece != want.PerPiece || s.Usable != want.Usable || s.HorizonDays != 23 {
			t.Errorf("%s: %+v, want %+v of %d", item, s, want, *want.Pieces)
		}
	}
	_, err := b.ledger.Ask(ctx, ternate, inventory.NewRequest{Item: "ribbon", Pieces: 40})
	wantFault(t, "far more ribbons than the cards take", err, inventory.ErrUnexplained)
	r := must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Item: "ribbon", Pieces: 22}))
	must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{Document: "KTR-R", Supplier: "Percetakan", Item: "ribbon", Pieces: 50, Fund: "APBN", SignedOn: "2026-01-05"}))
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Item: "ribbon", Rule: "together", Box: 1}))
	if len(a.Lines) != 1 || a.Lines[0].DailyNeed != 1 || *a.Lines[0].Request != r.Asked {
		t.Errorf("an allocation of ribbons: %+v", a.Lines)
	}
}

func TestAVisitTakesItsBlanksAndBringsThemBack(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "82.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.Public)
	b.give(t, office, 100)
	regionID := must[[]inventory.Position](t)(b.ledger.Positions(ctx, ternate))[0].RegionID
	err := postgres.Write(ctx, b.db, team, func(tx *sqlx.Tx) error {
		place, err := b.ledger.OpenTeamPlace(ctx, tx, team, regionID, "Tim 1", noon())
		if err != nil {
			return err
		}
		if _, err := b.ledger.ReserveForVisit(ctx, tx, team, regionID, 101, "KJ-0", today); !errors.Is(err, inventory.ErrShort) {
			t.Errorf("reserve more than there is: %v", err)
		}
		h, err := b.ledger.ReserveForVisit(ctx, tx, team, regionID, 60, "KJ-1", today)
		if err != nil {
			return err
		}
		if h, err = b.ledger.CheckOut(ctx, tx, team, h.ID, place.ID, 50, today); err != nil {
			return err
		}
		if _, err = b.ledger.ReleaseVisit(ctx, tx, team, h.ID, today); err != nil {
			return err
		}
		if _, err := b.ledger.UseAtVisit(ctx, tx, team, h.ID, []inventory.UseLine{{Purpose: "outreach", Pieces: 51}}, 0, today); !errors.Is(err, inventory.ErrBeyondHeld) {
			t.Errorf("use more than was taken along: %v", err)
		}
		if h, err = b.ledger.UseAtVisit(ctx, tx, team, h.ID, []inventory.UseLine{{Purpose: "outreach", Pieces: 33}}, 2, today); err != nil {
			return err
		}
		if h, err = b.ledger.CheckIn(ctx, tx, team, h.ID, 14, 2, today); err != nil {
			return err
		}
		if h.WithTeam() != 1 || h.Reserved != 0 {
			t.Errorf("hold %+v, want one blank still with the team", h)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if usable, spoiled := b.held(t, office, inventory.Usable), b.held(t, office, inventory.Spoiled); usable != 64 || spoiled != 2 {
		t.Errorf("office holds %d usable and %d spoiled, want 64 and 2", usable, spoiled)
	}
	if got := b.held(t, public, inventory.Issued); got != 33 {
		t.Errorf("%d issued, want 33", got)
	}
	b.sound(t)
}

func TestAGrantServesItsRegionFirstAndNoOther(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 50)
	p := must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{
		Document: "HIBAH-1", Supplier: "Percetakan", Pieces: 100, Fund: "HIBAH_APBD", Earmark: "12.71", SignedOn: "2026-01-05"}))
	must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: "DN-9", Date: today, Pieces: 100}))
	_, err := b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: b.approved(t, 60, 60).ID, Pieces: 60}}})
	wantFault(t, "Ternate takes Medan's grant", err, inventory.ErrShort)
	r := must[inventory.Request](t)(b.ledger.Ask(ctx, medan, inventory.NewRequest{Pieces: 120}))
	r = must[inventory.Request](t)(b.ledger.ApproveRequest(ctx, planner, r.ID, r.Version, inventory.Approval{Pieces: 120}))
	s := must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 120}}}))
	if len(s.Lines) != 2 || s.Lines[0].Lot != p.Lot || s.Lines[0].Pieces != 100 || s.Lines[1].Pieces != 20 {
		t.Errorf("lines %+v, want 100 of the grant and 20 of APBN", s.Lines)
	}
	b.sound(t)
}

func TestBadDocumentsNameTheirField(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	s := b.sent(t, b.approved(t, 100, 100), 100)
	for _, c := range []struct {
		name     string
		try      func() error
		at, code string
	}{
		{"a negative request", func() error { _, err := b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: -1}); return err }, "body.pieces", "out-of-range"},
		{"a huge request", func() error { _, err := b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 1 << 60}); return err }, "body.pieces", "out-of-range"},
		{"an unknown reason", func() error {
			_, err := b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 1, Reason: "hanya begitu"})
			return err
		}, "body.reason", "reason-unknown"},
		{"an approval of nothing", func() error { _, err := b.ledger.ApproveRequest(ctx, planner, 1, 1, inventory.Approval{}); return err }, "body.pieces", "out-of-range"},
		{"a return without a word", func() error { _, err := b.ledger.ReturnRequest(ctx, maluku, 1, 1, " "); return err }, "body.reason", "required"},
		{"a shipment of nothing", func() error { _, err := b.ledger.Prepare(ctx, store, inventory.NewShipment{To: "82.71"}); return err }, "body.lines", "required"},
		{"a receipt before the dispatch", func() error {
			_, err := b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Date: "2026-11-19", Lines: counts(1, 0)})
			return err
		}, "body.date", "before-dispatch"},
		{"a receipt in the future", func() error {
			_, err := b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Date: "2026-11-21", Lines: counts(1, 0)})
			return err
		}, "body.date", "in-the-future"},
		{"a receipt of a line that was not sent", func() error {
			_, err := b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: []inventory.NewReceiptLine{{Line: 7, Good: 1}}})
			return err
		}, "body.lines[0].line", "line-unknown"},
		{"a use of negative pieces", func() error {
			_, err := b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: today, Lines: []inventory.UseLine{{Purpose: "lost", Pieces: -5}}})
			return err
		}, "body.lines[0].pieces", "out-of-range"},
		{"a use tomorrow", func() error {
			_, err := b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: "2026-11-21"})
			return err
		}, "body.date", "in-the-future"},
		{"a grant of nobody", func() error {
			_, err := b.ledger.Contract(ctx, planner, inventory.NewProcurement{Document: "x", Supplier: "y", Pieces: 1, Fund: "HIBAH_APBD", SignedOn: today})
			return err
		}, "body.earmark", "goes-with-grant"},
	} {
		f, ok := fault.As(c.try())
		if !ok || len(f.Fields) == 0 || f.Fields[0].Location != c.at || f.Fields[0].Code != c.code {
			t.Errorf("%s: %v, want %s at %s", c.name, f, c.code, c.at)
		}
	}
	_, err := b.ledger.Prepare(ctx, store, inventory.NewShipment{To: "82.71", Lines: []inventory.NewShipmentLine{{Pieces: 5}}})
	wantFault(t, "a shipment nobody asked for", err, inventory.ErrNeedsRequest)
	_, err = b.ledger.ReportUse(ctx, ternate, inventory.NewUse{Date: "2019-12-31", Spoiled: 1})
	wantFault(t, "use before the opening", err, inventory.ErrOpening)
	b.sound(t)
}

func TestADoubleClickMakesOneRequest(t *testing.T) {
	t.Parallel()
	b := open(t)
	var wg sync.WaitGroup
	ids := make([]int64, 6)
	for i := range ids {
		wg.Go(func() {
			ctx := postgres.WithKey(t.Context(), &postgres.Key{ID: "click", Digest: [32]byte{1}})
			ids[i] = must[inventory.Request](t)(b.ledger.Ask(ctx, ternate, inventory.NewRequest{Pieces: 10})).ID
		})
	}
	wg.Wait()
	if slices.Min(ids) != slices.Max(ids) {
		t.Errorf("requests %v, want one", ids)
	}
}
