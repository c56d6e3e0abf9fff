package inventory_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/inventory/fairshare"
)

// ask asks for pieces on behalf of a region.
func (b bench) ask(t testing.TB, code string, pieces int64, emergency bool) inventory.Request {
	t.Helper()
	who := access.Actor{ID: 99, Name: "officer." + code, Role: access.Officer, Reach: code}
	return must[inventory.Request](t)(b.ledger.Ask(t.Context(), who, inventory.NewRequest{Pieces: pieces, Emergency: emergency, Reason: "other"}))
}

// need sets what regions need a day; sd is the square root of the mean.
func (b bench) need(t testing.TB, daily map[string]float64) {
	t.Helper()
	var needs []inventory.Need
	for _, p := range must[[]inventory.Position](t)(b.ledger.Positions(t.Context(), access.System)) {
		if d, ok := daily[p.Region]; ok {
			needs = append(needs, inventory.Need{RegionID: p.RegionID, Item: "ktp-el", AsOf: today, Method: "theta", DailyMean: d, HorizonDays: 30,
				Mean: 30 * d, SD: d, P10: d, P50: 30 * d, P80: 31 * d, P90: 32 * d, P95: 33 * d, LeadP50: 5, LeadP90: 9})
		}
	}
	if err := postgres.Write(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error { return inventory.SetNeeds(t.Context(), tx, needs...) }); err != nil {
		t.Fatal(err)
	}
}

// TestTheWorkedExampleHolds divides 5000 among requests of 3000, 4000 and 2000 (reference: peers, section 4).
func TestTheWorkedExampleHolds(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 5000)
	regions := []string{"12.71", "31.71", "82.71"}
	for i, code := range regions {
		b.give(t, b.placeOf(t, code, inventory.RegencyOffice), []int64{200, 300, 400}[i])
		b.ask(t, code, []int64{3000, 4000, 2000}[i], false)
	}
	b.need(t, map[string]float64{"12.71": 50, "31.71": 120, "82.71": 20})
	for _, c := range []struct {
		box  int64
		want map[fairshare.Rule][3]int64
	}{
		{1, map[fairshare.Rule][3]int64{"together": {1353, 3426, 221}, "proportional": {1667, 2222, 1111}, "gains": {1667, 1667, 1666}, "losses": {1667, 2667, 666}}},
		{100, map[fairshare.Rule][3]int64{"together": {1400, 3400, 200}, "proportional": {1700, 2200, 1100}, "gains": {1700, 1700, 1600}, "losses": {1700, 2700, 600}}},
	} {
		a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "together", Box: c.box}))
		if a.Available != 5000 || len(a.Lines) != 3 {
			t.Fatalf("%d available for %d regions", a.Available, len(a.Lines))
		}
		compared := must[inventory.Comparison](t)(b.ledger.CompareAllocation(ctx, auditor, a.ID))
		for rule, want := range c.want {
			for i := range regions {
				if got := compared.Lines[i].Given[rule]; got != want[i] {
					t.Errorf("%s in boxes of %d gives %s %d, want %d", rule, c.box, regions[i], got, want[i])
				}
			}
		}
		for i, line := range a.Lines {
			if line.Given != c.want["together"][i] || line.Why == "" {
				t.Errorf("line %+v", line)
			}
			if got, want := compared.Lines[i].Change["losses"], c.want["losses"][i]-c.want["together"][i]; got != want {
				t.Errorf("under losses %s gets %d more, want %d", line.Region, got, want)
			}
		}
		for _, rule := range compared.Rules {
			if rule.MinDays == nil || rule.P10Days == nil || rule.Fill == nil || *rule.MinDays > *rule.P10Days || rule.Rule != "together" && rule.Rule != "shortage" && rule.Gaining+rule.Losing == 0 {
				t.Errorf("outcome %+v", rule)
			}
		}
	}
}

func TestARunIsPreparedApprovedAndReleasedByTwoPeople(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 5000)
	b.ask(t, "12.71", 1000, false)
	urgent := b.ask(t, "12.71", 700, true)
	b.ask(t, "31.71", 4000, false)
	b.need(t, map[string]float64{"12.71": 50, "31.71": 120})
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "proportional", Box: 100, Available: ptr(int64(2500)),
		Terms: []inventory.AllocationTerm{{Region: "31.71", Floor: 200}}}))
	_, err := b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 850, Reason: "pilkada"})
	wantFault(t, "half a box", err, inventory.ErrNotInBoxes)
	_, err = b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 1500, Reason: "pilkada"})
	wantFault(t, "more than there is to divide", err, inventory.ErrOverAllocated)
	a = must[inventory.Allocation](t)(b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 600, Reason: "pilkada"}))
	a = must[inventory.Allocation](t)(b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 700, Reason: "pilkada"}))
	if line := a.Lines[0]; line.Given != 700 || line.Why != "Set to 700 by planner instead of the 800 of the rule: pilkada" {
		t.Errorf("%d given: %s", line.Given, line.Why)
	}
	_, err = b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "31.71", inventory.Override{Given: 100, Reason: "sisa"})
	wantFault(t, "less than the floor", err, inventory.ErrBeyondTerms)
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version))
	_, err = b.ledger.ApproveAllocation(ctx, planner, a.ID, a.Version)
	wantFault(t, "approve one's own run", err, inventory.ErrOwnWork)
	_, err = b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version)
	wantFault(t, "release before approval", err, inventory.ErrAllocationState)
	a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, planner2, a.ID, a.Version))
	a = must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner2, a.ID, a.Version))
	// The emergency of Medan comes first and is met in full; nothing is left for the older request.
	r := must[inventory.Request](t)(b.ledger.Request(ctx, planner, urgent.ID))
	if r.State != inventory.RequestShipped || r.Shipped != 700 {
		t.Errorf("the emergency is %s with %d", r.State, r.Shipped)
	}
	list := must[postgres.Page[inventory.Shipment]](t)(b.ledger.Shipments(ctx, store, inventory.ShipmentFilter{}))
	if len(list.Items) != 2 {
		t.Fatalf("%d shipments, want 2", len(list.Items))
	}
	for _, s := range list.Items {
		if s.State != inventory.ShipmentPrepared || s.CauseID == nil || *s.CauseID != a.ID {
			t.Errorf("shipment %+v", s)
		}
		s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{}))
	}
	if got := b.held(t, b.placeOf(t, "00", inventory.NationalStore), inventory.Reserved); got != 0 {
		t.Errorf("%d still reserved", got)
	}
	b.sound(t)
}

func ptr[T any](v T) *T { return &v }

func TestTwoRunsCannotReleaseTheSameBlanks(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	b.ask(t, "12.71", 1000, false)
	b.ask(t, "31.71", 1000, false)
	var runs []inventory.Allocation
	for range 2 {
		a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1}))
		a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version))
		runs = append(runs, must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, planner2, a.ID, a.Version)))
	}
	var released, refused atomic.Int64
	var wg sync.WaitGroup
	for _, a := range runs {
		wg.Go(func() {
			_, err := b.ledger.ReleaseAllocation(t.Context(), planner, a.ID, a.Version)
			switch {
			case err == nil:
				released.Add(1)
			case errors.Is(err, inventory.ErrShort), errors.Is(err, inventory.ErrRequestsChanged):
				refused.Add(1)
			default:
				t.Errorf("release: %v", err)
			}
		})
	}
	wg.Wait()
	if released.Load() != 1 || refused.Load() != 1 {
		t.Errorf("%d released, %d refused", released.Load(), refused.Load())
	}
	b.sound(t)
}

func TestFloorsAboveWhatIsAvailableAreNamed(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 100)
	b.ask(t, "12.71", 1000, false)
	_, err := b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1, Terms: []inventory.AllocationTerm{{Region: "12.71", Floor: 101}}})
	f, ok := fault.As(err)
	if !ok || f.Code != inventory.ErrDivision.Code || f.Facts["reason"] != "floors-above-available" {
		t.Errorf("floors: %v", err)
	}
	_, err = b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1, Terms: []inventory.AllocationTerm{{Region: "82.71"}}})
	if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Code != "takes-no-part" {
		t.Errorf("a region that has not asked: %v", err)
	}
	_, err = b.ledger.Allocate(ctx, sumut, inventory.NewAllocation{Rule: "gains", From: "00"})
	if f, ok := fault.As(err); !ok || f.Kind != fault.NotFound {
		t.Errorf("a province divides the national store: %v", err)
	}
}

func TestAGrantKeepsItsRegionOffTheCommonStock(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 500)
	p := must[inventory.Procurement](t)(b.ledger.Contract(ctx, planner, inventory.NewProcurement{
		Document: "HIBAH", Supplier: "Percetakan", Pieces: 300, Fund: "HIBAH_APBD", Earmark: "12.71", SignedOn: "2026-01-05"}))
	must[inventory.Delivered](t)(b.ledger.Deliver(ctx, store, p.ID, inventory.NewDelivery{Document: "DN-9", Date: today, Pieces: 300}))
	b.ask(t, "12.71", 400, false)
	b.ask(t, "82.71", 400, false)
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1}))
	if a.Available != 500 || a.Lines[0].Granted != 300 || a.Lines[0].Given != 0 || a.Lines[1].Given != 400 {
		t.Errorf("available %d, lines %+v", a.Available, a.Lines)
	}
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version))
	a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, planner2, a.ID, a.Version))
	must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))
	b.sound(t)
	next := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1}))
	if len(next.Lines) != 1 || next.Lines[0].Granted != 0 || next.Lines[0].Given != 100 {
		t.Errorf("after the grant: %+v", next.Lines)
	}
}

// TestTheWholeNationIsReleasedAtOnce releases a push to all 514 kabupaten/kota, which must take less than a second.
func TestTheWholeNationIsReleasedAtOnce(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1_000_000)
	daily := map[string]float64{}
	for i, p := range must[[]inventory.Position](t)(b.ledger.Positions(ctx, access.System)) {
		daily[p.Region] = float64(10 + i%90)
	}
	b.need(t, daily)
	for i, code := range []string{"12.71", "31.71", "82.71"} {
		b.ask(t, code, int64(1_000_000+i), false)
	}
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "together", Box: 100, Push: true}))
	if len(a.Lines) != 514 || a.Given != 1_000_000 {
		t.Fatalf("%d lines give %d", len(a.Lines), a.Given)
	}
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version))
	a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, planner2, a.ID, a.Version))
	began := time.Now()
	a = must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))
	t.Logf("514 lines released in %v", time.Since(began))
	shipments := must[postgres.Page[inventory.Shipment]](t)(b.ledger.Shipments(ctx, store, inventory.ShipmentFilter{Paging: postgres.Paging{Limit: 1000}}))
	var sum int64
	for _, s := range shipments.Items {
		for _, line := range s.Lines {
			sum += line.Pieces
		}
	}
	if len(shipments.Items) != 514 || sum != 1_000_000 || b.held(t, b.placeOf(t, "00", inventory.NationalStore), inventory.Reserved) != 1_000_000 {
		t.Errorf("%d shipments hold %d", len(shipments.Items), sum)
	}
	b.sound(t)
}

// The nation divides among provinces by what is asked below them; a province divides what it was sent among those who
// asked.
func TestTheNationDividesAmongProvincesAndTheyBelow(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 500)
	north := b.ask(t, "82.71", 300, false)
	b.ask(t, "82.72", 100, false)
	b.ask(t, "12.71", 400, false)
	b.need(t, map[string]float64{"82.71": 20, "82.72": 10, "12.71": 50})
	run := func(preparer, approver access.Actor, in inventory.NewAllocation) inventory.Allocation {
		t.Helper()
		a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, preparer, in))
		a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, preparer, a.ID, a.Version))
		a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, approver, a.ID, a.Version))
		return must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, approver, a.ID, a.Version))
	}
	a := run(planner, planner2, inventory.NewAllocation{Level: "province", Rule: "proportional", Box: 10})
	if len(a.Lines) != 2 || a.Lines[0].Region != "12" || *a.Lines[0].Request != 400 || *a.Lines[1].Request != 400 || a.Given != 500 {
		t.Fatalf("lines %+v", a.Lines)
	}
	// What is packed for a province is asked no more, and counts as on its way.
	b.deliver2(t, 1000)
	next := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Level: "province", Rule: "proportional", Box: 10}))
	for _, line := range next.Lines {
		if *line.Request != 150 || line.InTransit != 250 {
			t.Errorf("after the release %s asks for %d with %d on its way, want 150 and 250", line.Region, *line.Request, line.InTransit)
		}
	}
	s := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, store, *a.Lines[1].Shipment))
	s = must[inventory.Shipment](t)(b.ledger.Dispatch(ctx, store, s.ID, s.Version, inventory.Dispatching{}))
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, maluku, inventory.NewReceipt{Shipment: s.ID, Lines: counts(250, 0)}))
	if r := must[inventory.Request](t)(b.ledger.Request(ctx, ternate, north.ID)); r.State != inventory.RequestSubmitted || r.Shipped != 0 {
		t.Errorf("the request below was settled already: %s, %d", r.State, r.Shipped)
	}
	second := access.Actor{ID: 21, Name: "province2.82", Role: access.Province, Reach: "82"}
	p := run(maluku, second, inventory.NewAllocation{Rule: "together", Box: 10})
	if p.Given != 250 || len(p.Lines) != 2 {
		t.Fatalf("the province gives %+v", p.Lines)
	}
	r := must[inventory.Request](t)(b.ledger.Request(ctx, ternate, north.ID))
	if r.Shipped != p.Lines[0].Given || r.Shipped == 0 {
		t.Errorf("the request below has %d, want %d", r.Shipped, p.Lines[0].Given)
	}
	b.sound(t)
}

// deliver2 brings more under the contract of another test document.
func (b bench) deliver2(t testing.TB, pieces int64) {
	t.Helper()
	p := must[inventory.Procurement](t)(b.ledger.Contract(t.Context(), planner, inventory.NewProcurement{
		Document: "KTR-2-" + t.Name(), Supplier: "Percetakan", Pieces: pieces, Fund: "APBN", SignedOn: "2026-01-05"}))
	must[inventory.Delivered](t)(b.ledger.Deliver(t.Context(), store, p.ID, inventory.NewDelivery{Document: "DN-2", Date: today, Pieces: pieces}))
}

func TestASecondRunKnowsWhatTheFirstHasPacked(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	b.need(t, map[string]float64{"12.71": 10, "82.71": 10})
	b.ask(t, "12.71", 400, false)
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "together", Box: 1, Available: ptr(int64(300))}))
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version))
	a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, planner2, a.ID, a.Version))
	must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))
	b.ask(t, "82.71", 400, false)
	// Nothing is dispatched yet: Medan has 300 packed for it and asks for 100 more, Ternate has nothing.
	a = must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "together", Box: 1, Available: ptr(int64(200))}))
	if m := a.Lines[0]; m.InTransit != 300 || m.Given != 0 || a.Lines[1].Given != 200 {
		t.Errorf("lines %+v", a.Lines)
	}
	s := must[inventory.Suggestion](t)(b.ledger.Suggest(ctx, medan, "12.71", ""))
	if s.OnOrder != 300 {
		t.Errorf("%d on order for Medan, want the 300 that are packed", s.OnOrder)
	}
	for _, p := range must[[]inventory.Position](t)(b.ledger.Positions(ctx, medan)) {
		if p.OnOrder != 300 {
			t.Errorf("position %+v, want 300 on order", p)
		}
	}
}

func TestAProvinceDividesWhatItWasGiven(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, b.placeOf(t, "82", inventory.ProvinceStore), 100)
	b.ask(t, "82.71", 90, false)
	b.ask(t, "82.72", 90, false)
	second := access.Actor{ID: 21, Name: "province2.82", Role: access.Province, Reach: "82"}
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, maluku, inventory.NewAllocation{Rule: "proportional", Box: 1}))
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, maluku, a.ID, a.Version))
	a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, second, a.ID, a.Version))
	a = must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, maluku, a.ID, a.Version))
	if a.Lines[0].Given != 50 || a.Lines[1].Given != 50 {
		t.Errorf("lines %+v", a.Lines)
	}
	_, err := b.ledger.Allocation(ctx, sumut, a.ID)
	wantFault(t, "another province reads it", err, inventory.ErrAllocationUnknown)
	b.sound(t)
}

// besideAGrant allocates 300 common blanks to Medan, which asks for 200 and has a grant of its own, and to Ternate, which asks.
func (b bench) besideAGrant(t testing.TB, grant, asked int64) inventory.Allocation {
	t.Helper()
	b.deliver(t, 300)
	b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12.71", Pieces: grant})
	b.ask(t, "12.71", 200, false)
	b.ask(t, "82.71", asked, false)
	b.need(t, map[string]float64{"12.71": 10, "82.71": 10})
	return must[inventory.Allocation](t)(b.ledger.Allocate(t.Context(), planner, inventory.NewAllocation{Rule: "together", Box: 1}))
}

// TestGrantsStandInWhatIsCompared: a region served from its grant has those days, and takes nothing of the common stock by hand either.
func TestGrantsStandInWhatIsCompared(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	a := b.besideAGrant(t, 200, 400)
	for _, r := range must[inventory.Comparison](t)(b.ledger.CompareAllocation(ctx, planner, a.ID)).Rules {
		// 200 / 10 and 300 / 10 days; 500 of the 600 that were asked for, of which 300 are of the common stock.
		if r.Given != 300 || r.MinDays == nil || *r.MinDays != 20 || *r.P10Days != 20 || *r.Fill != 500.0/600 {
			t.Errorf("%s gives %d: at least %v days, P10 %v, fill %v", r.Rule, r.Given, *r.MinDays, *r.P10Days, *r.Fill)
		}
	}
	_, err := b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 0, Reason: "tetap"})
	if err != nil {
		t.Errorf("nothing beside the grant: %v", err)
	}
	a = must[inventory.Allocation](t)(b.ledger.Allocation(ctx, planner, a.ID))
	_, err = b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "82.71", inventory.Override{Given: 290, Reason: "sisa"})
	if err != nil {
		t.Errorf("less than the rule gives: %v", err)
	}

	b.ask(t, "12.75", 100, false)
	capped := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "together", Box: 1,
		Terms: []inventory.AllocationTerm{{Region: "12.75", Cap: ptr(int64(50))}}}))
	_, err = b.ledger.OverrideAllocation(ctx, planner, capped.ID, capped.Version, "82.71", inventory.Override{Given: 100, Reason: "sisa"})
	if err != nil {
		t.Fatal(err)
	}
	capped = must[inventory.Allocation](t)(b.ledger.Allocation(ctx, planner, capped.ID))
	_, err = b.ledger.OverrideAllocation(ctx, planner, capped.ID, capped.Version, "12.75", inventory.Override{Given: 60, Reason: "sisa"})
	wantFault(t, "more than the cap", err, inventory.ErrBeyondTerms)
	b.sound(t)
}

// TestAGrantKeepsOffTheCommonStockByHandToo: a request above the grant does not open the common stock to an override.
func TestAGrantKeepsOffTheCommonStockByHandToo(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	a := b.besideAGrant(t, 20, 100)
	_, err := b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 10, Reason: "sisa"})
	wantFault(t, "beside a grant that lasts", err, inventory.ErrBeyondTerms)
}

// A draft of a run knows nothing of the regions until it is computed; all who wrote on it prepared it.
func TestAnAllocationBeginsAsADraft(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 1000)
	planner3 := access.Actor{ID: 16, Name: "planner3", Role: access.Planner, Reach: "00"}
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 10, Draft: true})) // nobody has asked yet
	if a.State != inventory.AllocationDraft || len(a.Lines) != 0 || a.Draft == nil || a.Draft.From != "00" {
		t.Errorf("draft %+v", a)
	}
	for step, do := range map[string]func() error{
		"review":  func() error { _, err := b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version); return err },
		"compare": func() error { _, err := b.ledger.CompareAllocation(ctx, planner, a.ID); return err },
		"release": func() error { _, err := b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version); return err },
	} {
		wantFault(t, step+" a draft", do(), inventory.ErrAllocationState)
	}
	_, err := b.ledger.ComputeAllocation(ctx, planner, a.ID, a.Version)
	wantFault(t, "compute where nobody asks", err, inventory.ErrNothingToDivide)
	_, err = b.ledger.EditAllocation(ctx, planner2, a.ID, a.Version, inventory.NewAllocation{From: "12", Rule: "gains"})
	wantFault(t, "another store", err, fault.ErrInvalid)
	was := a.Version
	a = must[inventory.Allocation](t)(b.ledger.EditAllocation(ctx, planner2, a.ID, a.Version, inventory.NewAllocation{Rule: "losses", Box: 1, Available: ptr(int64(90)), Note: "tahap II",
		Terms: []inventory.AllocationTerm{{Region: "12.71", Floor: 60}}}))
	b.ask(t, "12.71", 100, false)
	b.ask(t, "82.71", 100, false)
	_, err = b.ledger.ComputeAllocation(ctx, planner, a.ID, was)
	wantFault(t, "compute an older version", err, postgres.ErrStale)
	a = must[inventory.Allocation](t)(b.ledger.ComputeAllocation(ctx, planner, a.ID, a.Version))
	if a.State != inventory.AllocationComputed || a.Rule != "losses" || a.Note != "tahap II" || a.Available != 90 || a.Box != 1 || len(a.Lines) != 2 || a.Lines[0].Given != 60 || a.Lines[1].Given != 30 || a.Draft != nil {
		t.Errorf("computed %+v", a)
	}
	_, err = b.ledger.EditAllocation(ctx, planner, a.ID, a.Version, inventory.NewAllocation{Rule: "gains"})
	wantFault(t, "edit what is computed", err, inventory.ErrAllocationState)
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(ctx, planner, a.ID, a.Version))
	for _, who := range []access.Actor{planner, planner2} {
		_, err = b.ledger.ApproveAllocation(ctx, who, a.ID, a.Version)
		wantFault(t, who.Name+" approves what they wrote on", err, inventory.ErrOwnWork)
	}
	a = must[inventory.Allocation](t)(b.ledger.ApproveAllocation(ctx, planner3, a.ID, a.Version))
	must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))

	other := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, sumut, inventory.NewAllocation{Rule: "gains", Draft: true}))
	if other.From != "12" {
		t.Errorf("a province drafts %+v", other)
	}
	if other = must[inventory.Allocation](t)(b.ledger.VoidAllocation(ctx, sumut, other.ID, other.Version, "batal")); other.State != inventory.AllocationVoid {
		t.Errorf("discarded %+v", other)
	}
	b.sound(t)
}
