package inventory_test

import (
	"slices"
	"testing"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/inventory"
)

// brought is a contract of its own, delivered: pieces of a version, or of a grant.
func (b bench) brought(t testing.TB, c inventory.NewProcurement) inventory.Procurement {
	t.Helper()
	c.Document, c.Supplier, c.SignedOn = "KTR-"+c.Fund+c.Blank+c.Earmark+c.Note, "Percetakan", "2026-01-05"
	p := must[inventory.Procurement](t)(b.ledger.Contract(t.Context(), planner, c))
	must[inventory.Delivered](t)(b.ledger.Deliver(t.Context(), store, p.ID, inventory.NewDelivery{Document: "DN", Date: today, Pieces: c.Pieces}))
	return p
}

// approvedRun reviews and approves a run by two people.
func (b bench) approvedRun(t testing.TB, a inventory.Allocation) inventory.Allocation {
	t.Helper()
	a = must[inventory.Allocation](t)(b.ledger.ReviewAllocation(t.Context(), planner, a.ID, a.Version))
	return must[inventory.Allocation](t)(b.ledger.ApproveAllocation(t.Context(), planner2, a.ID, a.Version))
}

func (b bench) printers(t testing.TB, who access.Actor, place int, versions ...string) (inventory.Place, error) {
	t.Helper()
	p := must[inventory.Place](t)(b.ledger.Place(t.Context(), planner, place))
	in := inventory.Printers{Versions: &versions}
	if versions == nil {
		in.Versions = nil
	}
	return b.ledger.SetPrinters(t.Context(), who, place, p.Version, in)
}

func TestABlankGoesWherePrintersTakeItsVersion(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	newer := b.brought(t, inventory.NewProcurement{Fund: "APBN", Blank: "5", Pieces: 1000})
	older := b.brought(t, inventory.NewProcurement{Fund: "APBN", Blank: "4.8", Pieces: 300})
	medanOffice, ternateOffice := b.placeOf(t, "12.71", inventory.RegencyOffice), b.placeOf(t, "82.71", inventory.RegencyOffice)
	must[inventory.Place](t)(b.printers(t, medan, medanOffice, "4.8", "4.5"))
	request := b.ask(t, "12.71", 600, false)
	b.ask(t, "82.71", 600, false)

	_, err := b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1})
	if f, ok := fault.As(err); !ok || f.Code != inventory.ErrVersionWanted.Code || !slices.Equal(f.Facts["versions"].([]string), []string{"4.8", "5"}) {
		t.Errorf("two versions and none named: %v", err)
	}
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1, Blank: ptr("5")}))
	if a.Available != 1000 || a.Blank != "5" || a.Lines[0].Given != 0 || a.Lines[0].Reason != "version" ||
		a.Lines[0].Why != "Gets nothing because its printers do not take version 5." || a.Lines[1].Given != 600 {
		t.Errorf("a run of version 5: %d available, %+v", a.Available, a.Lines)
	}
	if c := must[inventory.Comparison](t)(b.ledger.CompareAllocation(ctx, planner, a.ID)); c.Lines[0].Given["proportional"] != 0 {
		t.Errorf("compared: %+v", c.Lines)
	}
	_, err = b.ledger.OverrideAllocation(ctx, planner, a.ID, a.Version, "12.71", inventory.Override{Given: 10, Reason: "uji"})
	wantFault(t, "giving it by hand", err, inventory.ErrVersionNotTaken)
	_, err = b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1, Blank: ptr("5"), Terms: []inventory.AllocationTerm{{Region: "12.71", Floor: 10}}})
	if f, ok := fault.As(err); !ok || f.Code != inventory.ErrDivision.Code || f.Facts["region"] != "12.71" {
		t.Errorf("a floor for a region that cannot print it: %v", err)
	}

	// Ternate gets other printers after the approval.
	a = b.approvedRun(t, a)
	must[inventory.Place](t)(b.printers(t, planner, ternateOffice, "4.8"))
	_, err = b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version)
	wantFault(t, "a release to printers that changed", err, inventory.ErrVersionNotTaken)
	must[inventory.Place](t)(b.printers(t, ternate, ternateOffice))
	a = must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))
	s := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, store, *a.Lines[1].Shipment))
	if len(s.Lines) != 1 || s.Lines[0].Lot != newer.Lot || s.Lines[0].Pieces != 600 {
		t.Errorf("shipped %+v, want 600 of lot %d", s.Lines, newer.Lot)
	}

	// By hand, too, only what can be printed on is sent.
	request = must[inventory.Request](t)(b.ledger.ApproveRequest(ctx, planner, request.ID, request.Version, inventory.Approval{Pieces: 400}))
	_, err = b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: request.ID, Pieces: 301}}})
	if f, ok := fault.As(err); !ok || f.Code != inventory.ErrShort.Code || f.Facts["available"] != int64(300) || f.Facts["other_versions"] != int64(400) {
		t.Errorf("more than there is of its version: %v", err)
	}
	s = must[inventory.Shipment](t)(b.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: request.ID, Pieces: 200}}}))
	if len(s.Lines) != 1 || s.Lines[0].Lot != older.Lot {
		t.Errorf("shipped %+v, want of lot %d", s.Lines, older.Lot)
	}
	b.sound(t)
}

func TestWhoSaysWhatPrintersTake(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office := b.placeOf(t, "12.71", inventory.RegencyOffice)
	for name, c := range map[string]struct {
		who      access.Actor
		place    int
		versions []string
		want     *fault.Fault
	}{
		"another office":    {ternate, office, []string{"5"}, inventory.ErrPlaceUnknown},
		"the store":         {store, office, []string{"5"}, access.ErrForbidden},
		"the province":      {sumut, office, []string{"5"}, inventory.ErrNotYourEnd},
		"no version":        {medan, office, []string{}, fault.ErrInvalid},
		"a version twice":   {medan, office, []string{"5", "5"}, fault.ErrInvalid},
		"a version that is": {medan, office, []string{"versi lima"}, fault.ErrInvalid},
		"the public":        {planner, b.placeOf(t, "12.71", inventory.Public), []string{"5"}, fault.ErrInvalid},
	} {
		_, err := b.printers(t, c.who, c.place, c.versions...)
		if c.versions != nil && len(c.versions) == 0 {
			_, err = b.ledger.SetPrinters(ctx, c.who, c.place, 1, inventory.Printers{Versions: &c.versions})
		}
		wantFault(t, name, err, c.want)
	}
	p := must[inventory.Place](t)(b.printers(t, medan, office, "5", "4.8"))
	if !slices.Equal(p.Printers, []string{"4.8", "5"}) || p.Version != 2 {
		t.Errorf("place %+v", p)
	}
	_, err := b.ledger.Contract(ctx, planner, inventory.NewProcurement{Document: "K", Supplier: "P", Pieces: 1, Fund: "APBN", SignedOn: today, Blank: "5 a"})
	if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Location != "body.blank_version" {
		t.Errorf("a contract of no version: %v", err)
	}

	// A service point takes what its office takes, unless it says otherwise.
	b.brought(t, inventory.NewProcurement{Fund: "APBN", Blank: "6", Pieces: 10})
	must[inventory.Place](t)(b.ledger.OpenServicePoint(ctx, medan, inventory.NewPlace{Region: "12.71.03", OpenedOn: "2026-01-01"}))
	must[inventory.Move](t)(b.ledger.Post(ctx, store, inventory.NewMove{Kind: inventory.Opening, Document: "BA", Date: today, Lines: []inventory.MoveLine{{Lot: b.brought(t, inventory.NewProcurement{Fund: "PNBP", Blank: "6", Pieces: 1}).Lot,
		From: inventory.Account{Place: b.supplier(t), Condition: inventory.Usable}, To: inventory.Account{Place: office, Condition: inventory.Usable}, Pieces: 10}}}))
	give := func() error {
		_, err := b.ledger.Prepare(ctx, medan, inventory.NewShipment{From: "12.71", To: "12.71.03", Lines: []inventory.NewShipmentLine{{Pieces: 5}}})
		return err
	}
	wantFault(t, "a version that its office does not take", give(), inventory.ErrShort)
	must[inventory.Place](t)(b.printers(t, medan, b.placeOf(t, "12.71.03", inventory.ServicePoint), "6"))
	if err := give(); err != nil {
		t.Errorf("a service point with a printer of its own: %v", err)
	}
}

func TestAProvincesGrantIsDividedAmongItsOwn(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	common := b.brought(t, inventory.NewProcurement{Fund: "APBN", Pieces: 500})
	first := b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12", Pieces: 100, Note: "a"})
	second := b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12", Pieces: 60, Note: "b"})
	own := b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12.71", Pieces: 30})
	for _, code := range []string{"12.71", "12.75", "12.01", "82.71"} {
		b.ask(t, code, 400, false)
	}
	run := func() map[string]inventory.AllocationLine {
		a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 1}))
		a = b.approvedRun(t, a)
		a = must[inventory.Allocation](t)(b.ledger.ReleaseAllocation(ctx, planner, a.ID, a.Version))
		lines := map[string]inventory.AllocationLine{}
		for _, line := range a.Lines {
			lines[line.Region] = line
		}
		return lines
	}
	lines := run()
	for code, want := range map[string][2]int64{"12.71": {30, 0}, "12.75": {80, 0}, "12.01": {80, 0}, "82.71": {0, 400}} {
		if got := [2]int64{lines[code].Granted, lines[code].Given}; got != want {
			t.Errorf("%s is granted and given %v, want %v: %s", code, got, want, lines[code].Why)
		}
	}
	if why := lines["12.75"].Why; why != "From the grant of its province while that lasts: brought to 80 blanks given with all that was available." &&
		why != "From the grant of its province while that lasts: brought to 80 blanks given in its turn: the next blank would go to a place at 80 blanks given." {
		t.Errorf("why: %s", why)
	}
	shipped := map[int]int64{}
	for _, line := range lines {
		if line.Shipment != nil {
			for _, sent := range must[inventory.Shipment](t)(b.ledger.Shipment(ctx, store, *line.Shipment)).Lines {
				shipped[sent.Lot] += sent.Pieces
			}
		}
	}
	if shipped[first.Lot] != 100 || shipped[second.Lot] != 60 || shipped[own.Lot] != 30 || shipped[common.Lot] != 400 {
		t.Errorf("shipped by lot %v", shipped)
	}
	// The grants are used up: what is left of APBN is for all.
	if lines = run(); lines["12.71"].Given+lines["12.75"].Given+lines["12.01"].Given != 100 || lines["12.71"].Granted != 0 {
		t.Errorf("after the grants: %+v", lines)
	}
	// A grant smaller than a box ends, too.
	b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12", Pieces: 7, Note: "c"})
	a := must[inventory.Allocation](t)(b.ledger.Allocate(ctx, planner, inventory.NewAllocation{Rule: "gains", Box: 100}))
	var granted int64
	for _, line := range a.Lines {
		granted += line.Granted
	}
	if granted != 7 {
		t.Errorf("%d of a grant of 7 are divided", granted)
	}
	b.sound(t)
}
