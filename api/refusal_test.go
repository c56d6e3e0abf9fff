package api_test

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/lib/pq"

	"blangko/inventory"
)

// everything is a digest of each table as it is; sessions are left out, for they say when somebody was last seen.
func (o *office) everything() map[string]string {
	o.t.Helper()
	db, err := sql.Open("postgres", o.admin)
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`
		SELECT c.relname
		FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('sessions', 'goose_db_version')`)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	var parts []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			o.t.Fatal(err)
		}
		parts = append(parts, fmt.Sprintf(`SELECT '%s', count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM %s t`, table, table))
	}
	digests := map[string]string{}
	sums, err := db.Query(strings.Join(parts, " UNION ALL "))
	if err != nil {
		o.t.Fatal(err)
	}
	defer sums.Close()
	for sums.Next() {
		var table, sum string
		if err := sums.Scan(&table, &sum); err != nil {
			o.t.Fatal(err)
		}
		digests[table] = sum
	}
	return digests
}

// TestARefusalNamesTheThingAndLeavesNothing takes what people at a store and at an office get wrong, over HTTP: one
// clear error each, which names the thing, and not a row of any table is another afterwards.
func TestARefusalNamesTheThingAndLeavesNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	planner, store, officer, ternate := o.as("planner"), o.as("store"), o.as("officer.12.71"), o.as("officer.82.71")
	do := func(p *person, method, path string, version int64, body, v any) {
		t.Helper()
		p.call(method, "/api/v1"+path, body, ifMatch(version)...).into(t, v)
	}
	at := func(format string, id any, rest ...any) string {
		return fmt.Sprintf(format, append([]any{id}, rest...)...)
	}

	// Two boxes of ten, and six hundred and two loose blanks.
	var c inventory.Procurement
	var d inventory.Delivered
	do(planner, "POST", "/procurements", 0, inventory.NewProcurement{Document: "KTR-1", Supplier: "Percetakan", Pieces: 1000, Fund: "APBN", SignedOn: "2026-01-05"}, &c)
	do(store, "POST", at("/procurements/%d/deliveries", c.ID), 0, inventory.NewDelivery{Document: "DN-1", Date: "2026-11-10", Pieces: 20, Boxes: []inventory.Chips{
		{Box: "K-1", First: "04A1B2C3D40001", Last: "04A1B2C3D4000A"}, {Box: "K-2", First: "04A1B2C3D40011", Last: "04A1B2C3D4001A"}}}, &d)
	do(store, "POST", at("/procurements/%d/deliveries", c.ID), 0, inventory.NewDelivery{Document: "DN-2", Date: "2026-11-10", Pieces: 602}, &d)

	// A shipment that is packed, one that was cancelled, one that arrived three short.
	shipment := func(p *person, pieces int64) (s inventory.Shipment) {
		t.Helper()
		var r inventory.Request
		do(p, "POST", "/requests", 0, inventory.NewRequest{Pieces: pieces, Reason: "higher-use"}, &r)
		do(planner, "POST", at("/requests/%d/approval", r.ID), r.Version, inventory.Approval{Pieces: pieces}, &r)
		do(store, "POST", "/shipments", 0, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: pieces}}}, &s)
		return s
	}
	packed, cancelled, short := shipment(officer, 20), shipment(officer, 5), shipment(ternate, 50)
	do(store, "POST", at("/shipments/%d/cancellation", cancelled.ID), cancelled.Version, map[string]string{"reason": "salah alamat"}, &cancelled)
	do(store, "POST", at("/shipments/%d/dispatch", short.ID), short.Version, inventory.Dispatching{}, &short)
	var arrived inventory.Receipt
	do(ternate, "POST", "/receipts", 0, inventory.NewReceipt{Shipment: short.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 47}}}, &arrived)
	var cases struct{ Items []inventory.Discrepancy }
	ternate.get(at("/api/v1/discrepancies?shipment=%d", short.ID)).into(t, &cases)
	photos := at("/discrepancies/%d/photos", cases.Items[0].ID)
	strange := shipment(ternate, 2)
	do(store, "POST", at("/shipments/%d/dispatch", strange.ID), strange.Version, inventory.Dispatching{}, &strange)
	do(ternate, "POST", "/receipts", 0, inventory.NewReceipt{Shipment: strange.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Quarantined: 2, QuarantineReason: "wrong-version"}}}, &arrived)
	under := shipment(ternate, 10)
	do(store, "POST", at("/shipments/%d/dispatch", under.ID), under.Version, inventory.Dispatching{}, &under)

	// An office with a month that is closed, a count that waits for its posting and was overtaken, and a reversal.
	o.opening("12.71", 100)
	o.opening("82.71", 100)
	do(o.as("province.82"), "POST", "/periods", 0, map[string]string{"region": "82", "month": "2026-10"}, &struct{}{})
	dated := func(region, day string) inventory.NewMove { m := o.use(region, 1); m.Date = day; return m }
	spoiled := dated("12.71", "2026-11-19")
	spoiled.Lines[0].To, spoiled.Lines[0].Purpose = inventory.Account{Place: spoiled.Lines[0].From.Place, Condition: inventory.Spoiled}, ""
	var used, reversal inventory.Move
	do(officer, "POST", "/moves", 0, o.use("12.71", 1), &used)
	do(officer, "POST", at("/moves/%s/reversal", used.ID), 0, map[string]string{"reason": "salah tulis"}, &reversal)
	var count, counted, posted inventory.Count
	do(officer, "POST", "/counts", 0, inventory.NewCount{}, &count)
	do(ternate, "POST", "/counts", 0, inventory.NewCount{}, &counted)
	do(ternate, "POST", at("/counts/%d/result", counted.ID), counted.Version, inventory.Counting{Counted: 147}, &counted)
	do(ternate, "POST", "/moves", 0, dated("82.71", "2026-11-18"), &used)
	do(officer, "POST", "/counts", 0, inventory.NewCount{Condition: inventory.Spoiled}, &posted)
	do(officer, "POST", at("/counts/%d/result", posted.ID), posted.Version, inventory.Counting{}, &posted)
	do(o.as("officer2.12.71"), "POST", at("/counts/%d/posting", posted.ID), posted.Version, map[string]string{"reason": "none"}, &posted)

	// What is left of the store is divided twice, by the same planner.
	var ask inventory.Request
	do(officer, "POST", "/requests", 0, inventory.NewRequest{Pieces: 5000, Reason: "higher-use"}, &ask)
	var runs [3]inventory.Allocation
	for i := range runs {
		do(planner, "POST", "/allocations", 0, inventory.NewAllocation{Rule: "together", Box: 10}, &runs[i])
	}
	for i := range 2 {
		do(planner, "POST", at("/allocations/%d/review", runs[i].ID), runs[i].Version, nil, &runs[i])
	}
	own := runs[0]
	for i := range 2 {
		do(o.as("planner2"), "POST", at("/allocations/%d/approval", runs[i].ID), runs[i].Version, nil, &runs[i])
	}
	do(planner, "POST", at("/allocations/%d/review", runs[2].ID), runs[2].Version, nil, &own)

	// Two planners release the same blanks at the same moment: one of them, all of it.
	var lost inventory.Allocation
	var answers [2]reply
	var wg sync.WaitGroup
	for i, p := range []*person{planner, o.as("planner2")} {
		wg.Go(func() {
			answers[i] = p.call("POST", fmt.Sprintf("/api/v1/allocations/%d/release", runs[i].ID), nil, ifMatch(runs[i].Version)...)
		})
	}
	wg.Wait()
	if answers[0].status+answers[1].status != 201+409 {
		t.Fatalf("two releases of the same blanks: %v and %v", answers[0], answers[1])
	}
	for i := range answers {
		if answers[i].status == 409 {
			lost = runs[i]
		}
	}

	byHand := func(kind inventory.MoveKind, from int, fromIn inventory.Condition, to int, toIn inventory.Condition, lot int, pieces int64) any {
		return inventory.NewMove{Kind: kind, Document: "BA-9", Date: today, Lines: []inventory.MoveLine{{Lot: lot, Pieces: pieces,
			From: inventory.Account{Place: from, Condition: fromIn}, To: inventory.Account{Place: to, Condition: toIn}}}}
	}
	supplier, national, medan, binjai := o.placeOf("00", inventory.Supplier), o.placeOf("00", inventory.NationalStore), o.placeOf("12.71", inventory.RegencyOffice), o.placeOf("12.75", inventory.RegencyOffice)
	tomorrow := noon().AddDate(0, 0, 1)
	chips := func(boxes ...inventory.Chips) any { return map[string]any{"boxes": boxes} }
	receipt := func(s inventory.Shipment, line inventory.NewReceiptLine) any {
		line.Line = 1
		return inventory.NewReceipt{Shipment: s.ID, Lines: []inventory.NewReceiptLine{line}}
	}
	line := `{"request":1,"pieces":1},`
	for _, c := range []struct {
		name    string
		who     *person
		method  string
		path    string
		version int64
		body    any
		status  int
		code    string
		names   map[string]any // facts, or the place of what is wrong
	}{
		{"blanks that another planner has released", planner, "POST", at("/allocations/%d/release", lost.ID), lost.Version, nil,
			409, "insufficient-stock", map[string]any{"place": float64(o.placeOf("00", inventory.NationalStore)), "item": "ktp-el", "available": 10.0}},
		{"one's own run", planner, "POST", at("/allocations/%d/approval", own.ID), own.Version, nil, 403, "own-work", map[string]any{"prepared_by": "planner"}},
		{"more than was sent", ternate, "POST", "/receipts", 0, receipt(under, inventory.NewReceiptLine{Good: 11}),
			422, "more-than-sent", map[string]any{"line": 1.0, "outstanding": 10.0, "counted": 11.0}},
		{"a receipt of a cancelled shipment", officer, "POST", "/receipts", 0, receipt(cancelled, inventory.NewReceiptLine{Good: 5}),
			409, "shipment-not-in-state", map[string]any{"shipment": float64(cancelled.ID), "state": "cancelled"}},
		{"wrong boxes without their line", ternate, "POST", "/receipts", 0, inventory.NewReceipt{Shipment: under.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 10}},
			ReceivedChips: inventory.ReceivedChips{WrongBoxes: []inventory.Chips{{Box: "K-1"}}}}, 422, "invalid-input", map[string]any{"body.wrong_boxes": "needs-one-line-of-wrong-chips"}},
		{"a chip that nobody knows", store, "PUT", at("/shipments/%d/boxes", packed.ID), packed.Version, chips(inventory.Chips{UIDs: []string{"04A1B2C3D4FFFF"}}),
			404, "chip-unknown", map[string]any{"chip": "04A1B2C3D4FFFF"}},
		{"a chip twice", store, "PUT", at("/shipments/%d/boxes", packed.ID), packed.Version, chips(inventory.Chips{UIDs: []string{"04A1B2C3D40002"}}, inventory.Chips{First: "04A1B2C3D40001", Last: "04A1B2C3D40003"}),
			422, "chip-twice", map[string]any{"chip": "04A1B2C3D40002"}},
		{"a chip of another box", store, "PUT", at("/shipments/%d/boxes", packed.ID), packed.Version, chips(inventory.Chips{Box: "K-1", UIDs: []string{"04A1B2C3D40011"}}),
			409, "chip-in-another-box", map[string]any{"chip": "04A1B2C3D40011", "box": "K-2", "named": "K-1"}},
		{"a count of tomorrow", officer, "POST", at("/counts/%d/result", count.ID), count.Version, inventory.Counting{Counted: 99, CountedAt: &tomorrow},
			422, "invalid-input", map[string]any{"body.counted_at": "in-the-future"}},
		{"the reversal of a reversal", officer, "POST", at("/moves/%s/reversal", reversal.ID), 0, map[string]string{"reason": "salah lagi"},
			409, "not-reversible", map[string]any{"move": reversal.ID}},
		{"a month that is closed", ternate, "POST", "/moves", 0, dated("82.71", "2026-10-31"), 409, "period-closed", map[string]any{"date": "2026-10-31", "locked_until": "2026-10-31"}},
		{"a day before a count", officer, "POST", "/moves", 0, spoiled, 409, "period-closed", map[string]any{"date": "2026-11-19", "locked_until": "2026-11-19"}},
		{"a count that an earlier day has overtaken", o.as("province.82"), "POST", at("/counts/%d/posting", counted.ID), counted.Version, map[string]string{"reason": "other"},
			409, "count-overtaken", map[string]any{"count": float64(counted.ID), "move": used.ID, "date": "2026-11-18"}},
		{"a photo that is none", ternate, "POST", photos, 0, "bukan foto", 422, "photo-unreadable", nil},
		{"a photo of 50 MB", ternate, "POST", photos, 0, strings.Repeat("x", 50<<20), 413, "body-too-large", nil},
		{"a photo 40,000 pixels wide", ternate, "POST", photos, 0, wide(), 422, "photo-too-large", map[string]any{"width": 40_000.0}},
		{"a hundred thousand lines", store, "POST", "/shipments", 0, `{"lines":[` + strings.Repeat(line, 99_999) + line[:len(line)-1] + `]}`, 413, "body-too-large", nil},
		{"a hundred and one lines", store, "POST", "/shipments", 0, `{"lines":[` + strings.Repeat(line, 100) + line[:len(line)-1] + `]}`, 422, "invalid-input", map[string]any{"body.lines": ""}},
		{"no multiple of a box", planner, "PUT", at("/allocations/%d/lines/%s", own.ID, "12.71"), own.Version, inventory.Override{Given: 15, Reason: "uji"},
			422, "not-in-boxes", map[string]any{"given": 15.0, "box": 10.0}},
		{"a delivery without its contract", store, "POST", "/moves", 0, byHand("delivery", supplier, "usable", national, "usable", 1, 5), 422, "invalid-input", map[string]any{"body.kind": ""}},
		{"opening stock where the ledger has begun", store, "POST", "/moves", 0, byHand("opening", supplier, "usable", medan, "usable", 1, 5),
			409, "ledger-already-begun", map[string]any{"place": float64(medan), "item": "ktp-el"}},
		{"a transfer out of the national store", store, "POST", "/moves", 0, byHand("transfer", national, "usable", medan, "usable", 1, 5), 422, "invalid-input", map[string]any{"body.lines[0]": "no-such-leg"}},
		{"a transfer between offices", o.as("province.12"), "POST", "/moves", 0, byHand("transfer", medan, "usable", binjai, "usable", 1, 5), 403, "not-your-end", map[string]any{"place": float64(medan)}},
		{"quarantine at another's place", store, "POST", "/moves", 0, byHand("quarantine", medan, "usable", medan, "quarantine", 1, 5), 403, "not-your-end", map[string]any{"place": float64(medan)}},
		{"pieces in quarantine that a discrepancy holds", ternate, "POST", "/moves", 0, byHand("quarantine", o.placeOf("82.71", inventory.RegencyOffice), "quarantine",
			o.placeOf("82.71", inventory.RegencyOffice), "usable", c.Lot, 2), 409, "quarantine-held", map[string]any{"held": 2.0, "available": 0.0}},
		{"floors above what is available", planner, "POST", "/allocations", 0, inventory.NewAllocation{Rule: "together", Box: 10, Terms: []inventory.AllocationTerm{{Region: "12.71", Floor: 4000}}},
			422, "division-impossible", map[string]any{"reason": "floors-above-available", "value": "4000"}},
	} {
		before := o.everything()
		headers := ifMatch(c.version)
		if strings.HasSuffix(c.path, "/photos") {
			headers = append(headers, "Content-Type", "application/octet-stream")
		}
		got := c.who.call(c.method, "/api/v1"+c.path, c.body, headers...)
		p := got.problem(t)
		if got.status != c.status || p.Code != c.code {
			t.Errorf("%s: %.500v, want %d %s", c.name, got, c.status, c.code)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(c.names)) {
			said := p.Facts[name]
			for _, e := range p.Errors {
				if e.Location == name {
					said = e.Code
				}
			}
			if want := c.names[name]; said == nil || want != "" && said != want {
				t.Errorf("%s: it says %v of %s, want %v: %.500v", c.name, said, name, want, got)
			}
		}
		after := o.everything()
		for _, table := range slices.Sorted(maps.Keys(before)) {
			if before[table] != after[table] {
				t.Errorf("%s: %s went from %s to %s", c.name, table, before[table], after[table])
			}
		}
	}
}
