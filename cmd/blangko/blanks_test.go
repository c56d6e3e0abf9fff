package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/sheet"
	"blangko/inventory"
	"blangko/notice"
)

// blanks is the story of the blanks alone: from the printer through scarcity, handover, disputes, loans, counts and
// losses to the books, told over HTTP by the demo's users. Its clock is the real one, for the database has no other.
type blanks struct{ *story }

// ago is the business date of so many days before today in Medan.
func (b blanks) ago(days int) string {
	return region.Today(region.WIB, b.now()).AddDate(0, 0, -days).Format(time.DateOnly)
}

// refused asks for what must be refused with a code.
func (b blanks) refused(user, method, path string, body any, version int64, want *fault.Fault) {
	b.t.Helper()
	status, text := b.speak(user, method, path, body, version)
	var p struct {
		Code   string
		Detail string
	}
	if err := json.Unmarshal(text, &p); err != nil || status < 400 || p.Code != want.Code {
		b.t.Errorf("%s: %s %s: %d %.200s; want %s", user, method, path, status, text, want.Code)
	}
}

// pdf fetches a paper, which must be one.
func (b blanks) pdf(user, path string) {
	b.t.Helper()
	if status, text := b.speak(user, http.MethodGet, path, nil, 0); status != http.StatusOK || !bytes.HasPrefix(text, []byte("%PDF-")) {
		b.t.Errorf("%s: %s: %d %.60q, want a PDF", user, path, status, text)
	}
}

func (b blanks) place(code string, kind inventory.PlaceKind) int {
	b.t.Helper()
	var page postgres.Page[inventory.Place]
	b.get("planner", "/places?region="+code+"&kind="+string(kind), &page)
	for _, p := range page.Items {
		if p.Region == code {
			return p.ID
		}
	}
	b.t.Fatalf("no %s in %s", kind, code)
	return 0
}

func (b blanks) usable(code string) int64 {
	b.t.Helper()
	return b.story.held(code)[inventory.RegencyOffice][inventory.Usable]
}

func (b blanks) job(name string) {
	b.t.Helper()
	if err := b.system.schedule.Run(b.t.Context(), name); err != nil {
		b.t.Fatal(err)
	}
}

func TestTheStoryOfTheBlanks(t *testing.T) {
	t.Parallel()
	b := blanks{tell(t)}
	b.clock.Store(time.Now().Unix())
	b.enter()
	run := b.divide()
	b.stages()
	b.travel(run)
	b.dispute()
	b.lend()
	b.reconcile()
	b.count()
	b.lose()
	b.ribbon()
	b.chips()
	b.versions()
	b.books()
	sums := b.held("")
	var total int64
	for _, conditions := range sums {
		for _, pieces := range conditions {
			total += pieces
		}
	}
	verified, err := b.system.ledger.Verify(t.Context(), nil)
	if total != 0 || err != nil || len(verified.Breaches) > 0 || verified.Moves == 0 {
		t.Errorf("%d pieces too many or too few; ledger verify: %+v, %v", total, verified, err)
	}
}

// enter: a contract of the nation's and one that a city pays for itself; both are delivered.
func (b blanks) enter() {
	b.t.Helper()
	var c inventory.Procurement
	b.post("planner", "/procurements", inventory.NewProcurement{Document: "KTR-1", Supplier: "Percetakan", Pieces: 5000, Fund: "APBN", SignedOn: b.ago(60)}, 0, &c)
	b.deliver(c.ID, "DN-1", b.ago(20), 2000)
	b.refused("store", http.MethodPost, fmt.Sprintf("/procurements/%d/deliveries", c.ID), inventory.NewDelivery{Document: "DN-2", Date: b.ago(19), Pieces: 3001}, 0, inventory.ErrBeyondContract)
	b.post("planner", "/procurements", inventory.NewProcurement{Document: "HIBAH-1", Supplier: "Percetakan", Pieces: 250, Fund: "HIBAH_APBD", Earmark: "12.71", SignedOn: b.ago(60)}, 0, &c)
	b.post("store", fmt.Sprintf("/procurements/%d/deliveries", c.ID), inventory.NewDelivery{Document: "DN-3", Batch: "B-7", Date: b.ago(20), Pieces: 250}, 0, nil)
	b.get("auditor", fmt.Sprintf("/procurements/%d", c.ID), &c)
	if len(c.Deliveries) != 1 || c.Deliveries[0].Batch != "B-7" || c.Deliveries[0].Pieces != 250 {
		b.t.Errorf("deliveries %+v, want the one of batch B-7", c.Deliveries)
	}
}

// divide: requests are returned and verified, approved in a batch, and what is left is divided by two planners.
func (b blanks) divide() (run inventory.Allocation) {
	b.t.Helper()
	var r, urgent, small, other inventory.Request
	var suggestion inventory.Suggestion
	b.get("officer.12.71", "/requests/suggestion?region=12.71", &suggestion)
	b.post("officer.12.71", "/requests", inventory.NewRequest{Pieces: 400, Draft: true}, 0, &r)
	step := func(user, action string, body any) {
		b.t.Helper()
		b.post(user, fmt.Sprintf("/requests/%d/%s", r.ID, action), body, r.Version, &r)
	}
	step("officer.12.71", "submission", nil)
	step("province.12", "return", map[string]string{"reason": "lampirkan sisa stok"})
	b.refused("officer.82.71", http.MethodGet, fmt.Sprintf("/requests/%d", r.ID), nil, 0, inventory.ErrRequestUnknown)
	b.ask("officer.12.71", http.MethodPut, fmt.Sprintf("/requests/%d", r.ID), inventory.NewRequest{Pieces: 300}, r.Version, &r)
	step("officer.12.71", "submission", nil)
	step("province.12", "verification", map[string]string{"note": "sesuai"})
	// A click that is repeated, because its answer got lost, makes one request.
	b.key = "urgent-1"
	b.post("officer.82.71", "/requests", inventory.NewRequest{Pieces: 500, Emergency: true}, 0, &urgent)
	first := urgent.ID
	if b.post("officer.82.71", "/requests", inventory.NewRequest{Pieces: 500, Emergency: true}, 0, &urgent); urgent.ID != first {
		b.t.Errorf("the same key made requests %d and %d", first, urgent.ID)
	}
	b.key = ""

	b.post("officer.12.71", "/requests", inventory.NewRequest{Pieces: 50}, 0, &small)
	b.post("officer.82.71", "/requests", inventory.NewRequest{Pieces: 60}, 0, &other)
	var queue inventory.RequestPage
	b.get("planner", "/requests?open=true", &queue)
	if len(queue.Items) != 4 || queue.Items[0].ID != urgent.ID || queue.Waiting.Emergency.Pieces != 500 || queue.Waiting.Routine.Requests != 3 {
		b.t.Errorf("queue %+v", queue)
	}
	batch := inventory.BatchApproval{Approvals: []inventory.RequestApproval{{Request: small.ID, Version: small.Version}, {Request: other.ID, Version: other.Version}}}
	b.post("planner", "/requests/approvals", batch, 0, nil)
	var sh inventory.Shipment
	for _, id := range []int64{small.ID, other.ID} {
		b.refused("store", http.MethodPost, "/shipments", inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: id, Pieces: 61}}}, 0, inventory.ErrBeyondApproved)
	}
	b.post("store", "/shipments", inventory.NewShipment{Mode: "pickup", Lines: []inventory.NewShipmentLine{{Request: small.ID, Pieces: 50}}}, 0, &sh)
	b.post("store", fmt.Sprintf("/shipments/%d/dispatch", sh.ID), inventory.Dispatching{Date: b.ago(9), ExpectedOn: b.ago(1)}, sh.Version, &sh)

	// The city's own grant serves it, and takes it off what the nation bought.
	b.post("planner", "/allocations", inventory.NewAllocation{Rule: "losses", Draft: true}, 0, &run)
	b.ask("planner", http.MethodPut, fmt.Sprintf("/allocations/%d", run.ID), inventory.NewAllocation{Rule: "gains", Box: 10}, run.Version, &run)
	b.post("planner", fmt.Sprintf("/allocations/%d/computation", run.ID), nil, run.Version, &run)
	if len(run.Lines) != 2 || run.Lines[0].Granted != 200 || run.Lines[0].Given != 0 || run.Lines[1].Given != 500 {
		b.t.Fatalf("run %+v", run.Lines)
	}
	var compared inventory.Comparison
	b.get("auditor", fmt.Sprintf("/allocations/%d/comparison", run.ID), &compared)
	if len(compared.Rules) != 5 || len(compared.Lines) != 2 {
		b.t.Errorf("comparison %+v", compared)
	}
	b.ask("planner", http.MethodPut, fmt.Sprintf("/allocations/%d/lines/82.71", run.ID), inventory.Override{Given: 450, Reason: "sisakan untuk gelombang berikut"}, run.Version, &run)
	at := func(action string) string { return fmt.Sprintf("/allocations/%d/%s", run.ID, action) }
	b.post("planner", at("review"), nil, run.Version, &run)
	b.refused("planner", http.MethodPost, at("approval"), nil, run.Version, inventory.ErrOwnWork)
	b.post("planner2", at("approval"), nil, run.Version, &run)
	b.post("planner2", at("release"), nil, run.Version, &run)
	for _, line := range run.Lines {
		if line.Why == "" || line.Shipment == nil {
			b.t.Errorf("line %+v", line)
		}
	}
	return run
}

// stages: the nation divides what is still asked for among provinces, and a province divides what it got.
func (b blanks) stages() {
	b.t.Helper()
	release := func(preparer, approver string, in inventory.NewAllocation) (run inventory.Allocation) {
		b.t.Helper()
		b.post(preparer, "/allocations", in, 0, &run)
		for i, action := range []string{"review", "approval", "release"} {
			b.post([]string{preparer, approver, approver}[i], fmt.Sprintf("/allocations/%d/%s", run.ID, action), nil, run.Version, &run)
		}
		return run
	}
	run := release("planner", "planner2", inventory.NewAllocation{Level: "province", Rule: "proportional", Box: 10})
	if len(run.Lines) != 2 || run.Lines[0].Region != "12" || run.Lines[0].Given != 100 {
		b.t.Fatalf("among provinces: %+v", run.Lines)
	}
	b.carry(*run.Lines[0].Shipment, "store", "province.12", 100)
	run = release("province.12", "province2.12", inventory.NewAllocation{Rule: "together", Box: 10})
	if len(run.Lines) != 1 || run.Lines[0].Given != 100 {
		b.t.Fatalf("within the province: %+v", run.Lines)
	}
	b.carry(*run.Lines[0].Shipment, "province.12", "officer.12.71", 100)
}

// carry takes a shipment from hand to hand, whole.
func (b blanks) carry(id int64, from, to string, pieces int64) {
	b.t.Helper()
	var sh inventory.Shipment
	b.get(from, fmt.Sprintf("/shipments/%d", id), &sh)
	b.post(from, fmt.Sprintf("/shipments/%d/dispatch", id), inventory.Dispatching{}, sh.Version, &sh)
	b.post(to, "/receipts", inventory.NewReceipt{Shipment: id, Lines: []inventory.NewReceiptLine{{Line: 1, Good: pieces}}}, 0, nil)
}

// travel: a note that anybody checks, a parcel that comes in two parts, a receipt that is taken back and written again.
func (b blanks) travel(run inventory.Allocation) {
	b.t.Helper()
	b.carry(*run.Lines[0].Shipment, "store", "officer.12.71", 200)
	var late postgres.Page[inventory.Shipment]
	b.get("officer.12.71", "/shipments?overdue=true", &late)
	if len(late.Items) != 1 || late.Items[0].Mode != "pickup" {
		b.t.Fatalf("overdue: %+v", late.Items)
	}
	b.post("officer.12.71", "/receipts", inventory.NewReceipt{Shipment: late.Items[0].ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 50}}}, 0, nil)

	var sh inventory.Shipment
	b.get("store", fmt.Sprintf("/shipments/%d", *run.Lines[1].Shipment), &sh)
	b.post("store", fmt.Sprintf("/shipments/%d/dispatch", sh.ID), inventory.Dispatching{Date: b.ago(12)}, sh.Version, &sh)
	b.pdf("officer.82.71", fmt.Sprintf("/shipments/%d/note", sh.ID))
	var scanned inventory.Scanned
	b.get("officer.82.71", "/scans?code="+url.QueryEscape(sh.Document), &scanned)
	if scanned.ID != sh.ID || scanned.Pieces != 450 {
		b.t.Errorf("scanned %+v", scanned)
	}
	b.refused("auditor", http.MethodGet, "/scans?code="+url.QueryEscape(fmt.Sprintf("blangko:shipment:%d:%s:450:AAAAAAAAAAAAAAAA", sh.ID, sh.Document)), nil, 0, inventory.ErrForged)

	receive := func(in inventory.NewReceipt) (r inventory.Receipt) {
		b.t.Helper()
		in.Shipment, in.Date = sh.ID, b.ago(10)
		b.post("officer.82.71", "/receipts", in, 0, &r)
		return r
	}
	r := receive(inventory.NewReceipt{More: true, Draft: true, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 200}}})
	b.post("officer.82.71", fmt.Sprintf("/receipts/%d/confirmation", r.ID), nil, r.Version, &r)
	b.pdf("store", fmt.Sprintf("/receipts/%d/record", r.ID))
	b.refused("officer.82.71", http.MethodPost, "/receipts", inventory.NewReceipt{Shipment: sh.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 251}}}, 0, inventory.ErrMoreThanSent)
	// For a reason it may be more; what is over waits in quarantine, and the receipt can be taken back.
	over := receive(inventory.NewReceipt{Reason: "dus berisi lebih", Lines: []inventory.NewReceiptLine{{Line: 1, Good: 252}}})
	var cases postgres.Page[inventory.Discrepancy]
	b.get("store", fmt.Sprintf("/discrepancies?shipment=%d&open=true", sh.ID), &cases)
	if over.Lines[0].Over != 2 || len(cases.Items) != 1 || cases.Items[0].Kind != "over" || cases.Items[0].Pieces != 2 {
		b.t.Errorf("two over: %+v, cases %+v", over.Lines, cases.Items)
	}
	b.post("officer.82.71", fmt.Sprintf("/receipts/%d/rollback", over.ID), map[string]string{"reason": "salah hitung"}, over.Version, nil)
	if b.get("store", fmt.Sprintf("/discrepancies?shipment=%d&open=true", sh.ID), &cases); len(cases.Items) != 0 || b.usable("82.71") != 200 {
		b.t.Errorf("after the roll-back: %+v, %d usable", cases.Items, b.usable("82.71"))
	}
	wrong := receive(inventory.NewReceipt{Lines: []inventory.NewReceiptLine{{Line: 1, Good: 250}}})
	b.refused("officer.82.71", http.MethodPost, fmt.Sprintf("/receipts/%d/rollback", r.ID), map[string]string{"reason": "x"}, r.Version, inventory.ErrReceiptNotLast)
	b.post("officer.82.71", fmt.Sprintf("/receipts/%d/rollback", wrong.ID), map[string]string{"reason": "salah hitung"}, wrong.Version, nil)
	receive(inventory.NewReceipt{Lines: []inventory.NewReceiptLine{{Line: 1, Good: 245, Damaged: 2}}})
	if got := b.usable("82.71"); got != 445 {
		b.t.Errorf("Ternate holds %d, want 445", got)
	}
}

// lapse lets the day of a loan or a case pass.
func (b blanks) lapse(table string, id int64) {
	b.t.Helper()
	err := postgres.Write(b.t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.Exec(`UPDATE `+table+` SET due_on = business_date() - 1 WHERE id = $1`, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// dispute: three blanks are short. Their photo is for the two parties; nobody answers in time, so the planner does.
func (b blanks) dispute() {
	b.t.Helper()
	var cases postgres.Page[inventory.Discrepancy]
	b.get("store", "/discrepancies?open=true", &cases)
	var short inventory.Discrepancy
	for _, d := range cases.Items {
		if d.Kind == "short" {
			short = d
		}
	}
	if short.Pieces != 3 || short.Overdue {
		b.t.Fatalf("cases %+v, want three short, told today", cases.Items)
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		b.t.Fatal(err)
	}
	at := func(rest string) string { return fmt.Sprintf("/discrepancies/%d%s", short.ID, rest) }
	var p inventory.Photo
	b.post("officer.82.71", at("/photos"), jpg.Bytes(), 0, &p)
	for user, want := range map[string]int{"officer.82.71": 200, "store": 200, "planner": 403, "auditor": 403, "province.82": 403, "officer.12.71": 404} {
		if status, _ := b.speak(user, http.MethodGet, at(fmt.Sprintf("/photos/%d", p.ID)), nil, 0); status != want {
			b.t.Errorf("%s asks for the photo: %d, want %d", user, status, want)
		}
	}
	if status, _ := b.speak("officer.82.71", http.MethodPost, at("/photos"), make([]byte, 50<<20), 0); status != http.StatusRequestEntityTooLarge {
		b.t.Errorf("a photo of 50 MB: %d, want 413", status)
	}
	b.lapse("discrepancies", short.ID)
	b.job("watch")
	b.get("planner", at(""), &short)
	if short.State != "escalated" {
		b.t.Errorf("the case is %s", short.State)
	}
	b.post("planner", at("/answer"), inventory.NewAnswer{Answer: "lost", Note: "BA-7"}, short.Version, &short)
	if short.State != "resolved" {
		b.t.Errorf("the case is %s", short.State)
	}
}

// lend: Medan lends to a neighbour, which gives back late.
func (b blanks) lend() {
	b.t.Helper()
	b.post("admin", "/users", account.NewUser{Username: "officer.12.01", Name: "Petugas (demo)", Role: "officer", Region: "12.01", Password: account.DemoPassword}, 0, nil)
	var n inventory.Loan
	due := region.Today(region.WIB, b.now()).AddDate(0, 0, 14).Format(time.DateOnly)
	b.post("officer.12.01", "/loans", inventory.NewLoan{From: "12.71", Pieces: 20, DueOn: due}, 0, &n)
	b.post("officer.12.71", fmt.Sprintf("/loans/%d/acceptance", n.ID), nil, n.Version, &n)
	b.carry(*n.Shipment, "officer.12.71", "officer.12.01", 20)
	b.lapse("loans", n.ID) // two weeks pass, for the loan alone
	b.job("watch")
	var late postgres.Page[inventory.Loan]
	b.get("province.12", "/loans?state=overdue", &late)
	var alerts postgres.Page[notice.Alert]
	b.get("officer.12.01", "/alerts?cause=loan-overdue", &alerts)
	if len(late.Items) != 1 || late.Items[0].ID != n.ID || len(alerts.Items) != 1 {
		b.t.Errorf("overdue: %+v, alerts %+v", late.Items, alerts.Items)
	}
	b.get("officer.12.01", fmt.Sprintf("/loans/%d", n.ID), &n)
	b.post("officer.12.01", fmt.Sprintf("/loans/%d/return", n.ID), nil, n.Version, &n)
	b.carry(*n.ReturnShipment, "officer.12.01", "officer.12.71", 20)
	if b.get("officer.12.71", fmt.Sprintf("/loans/%d", n.ID), &n); n.State != "settled" || b.usable("12.71") != 350 {
		b.t.Errorf("the loan is %s, Medan holds %d", n.State, b.usable("12.71"))
	}
}

// reconcile: the print system counted one card more than the office reported.
func (b blanks) reconcile() {
	b.t.Helper()
	var report sheet.Report
	b.post("officer.12.71", "/imports?kind=prints", []byte("date,region_code,purpose,printed,failed\n"+b.ago(0)+",12.71,first-time,31,3\n"), 0, &report)
	if report.Taken != 1 {
		b.t.Fatalf("import %+v", report)
	}
	var suggested inventory.SuggestedUse
	b.get("officer.12.71", "/uses/suggestion?date="+b.ago(0), &suggested)
	if !suggested.Counted || suggested.Spoiled != 3 || suggested.Lines[0].Pieces != 31 {
		b.t.Errorf("suggested %+v", suggested)
	}
	suggested.Lines[0].Pieces = 30
	b.post("officer.12.71", "/uses", inventory.NewUse{Date: b.ago(0), Lines: suggested.Lines, Spoiled: suggested.Spoiled}, 0, nil)
	var open postgres.Page[inventory.Reconciliation]
	b.get("auditor", "/reconciliations?state=open", &open)
	if len(open.Items) != 1 || open.Items[0].Difference != -1 {
		b.t.Fatalf("open: %+v", open.Items)
	}
	b.post("officer.12.71", fmt.Sprintf("/reconciliations/%d/explanation", open.Items[0].ID),
		inventory.Explanation{Reason: "printed-not-issued", Note: "satu kartu belum diambil"}, open.Items[0].Version, &open.Items[0])
	if open.Items[0].State != "explained" {
		b.t.Errorf("explained: %+v", open.Items[0])
	}
}

// count: blind, by one officer, reviewed by another.
func (b blanks) count() {
	b.t.Helper()
	b.clock.Store(time.Now().Unix() + 1)
	var c inventory.Count
	b.post("officer.12.71", "/counts", inventory.NewCount{}, 0, &c)
	if c.Ledger != nil {
		b.t.Error("a blind count tells what the ledger has")
	}
	at := func(action string) string { return fmt.Sprintf("/counts/%d/%s", c.ID, action) }
	tomorrow := b.now().AddDate(0, 0, 1)
	if status, _ := b.speak("officer.12.71", http.MethodPost, at("result"), inventory.Counting{Counted: 1, CountedAt: &tomorrow}, c.Version); status != http.StatusUnprocessableEntity {
		b.t.Errorf("a count of tomorrow: %d", status)
	}
	b.post("officer.12.71", at("start"), nil, c.Version, &c)
	b.post("officer.12.71", at("result"), inventory.Counting{Counted: 310}, c.Version, &c)
	b.post("officer2.12.71", at("recount"), map[string]string{"reason": "selisih"}, c.Version, &c)
	b.post("officer.12.71", at("result"), inventory.Counting{Counted: 316}, c.Version, &c)
	review := map[string]string{"reason": "missing", "note": "dicari"}
	b.refused("officer.12.71", http.MethodPost, at("review"), review, c.Version, inventory.ErrOwnWork)
	b.refused("officer2.12.71", http.MethodPost, at("posting"), map[string]string{}, c.Version, inventory.ErrCountState)
	b.post("officer2.12.71", at("review"), review, c.Version, &c)
	b.post("officer2.12.71", at("posting"), map[string]string{}, c.Version, &c)
	b.pdf("auditor", at("record"))
	if *c.Difference != -1 || b.usable("12.71") != 316 {
		b.t.Errorf("counted %+v, Medan holds %d", c, b.usable("12.71"))
	}
}

// lose: five blanks are stolen, the planner and the auditor are told at once, the province writes them off; what was
// spoiled and what was handed back is burnt before witnesses.
func (b blanks) lose() {
	b.t.Helper()
	var o inventory.Loss
	in := inventory.NewLoss{HappenedOn: b.ago(0), Pieces: 4, Note: "pencurian", Draft: true} // the papers come later
	b.post("officer.12.71", "/losses", in, 0, &o)
	in.Document, in.Police, in.Pieces = "BA-1", "LP/1", 5
	b.ask("officer.12.71", http.MethodPut, fmt.Sprintf("/losses/%d", o.ID), in, o.Version, &o)
	b.post("officer.12.71", fmt.Sprintf("/losses/%d/report", o.ID), nil, o.Version, &o)
	for _, user := range []string{"planner", "auditor"} {
		var page postgres.Page[notice.Alert]
		b.get(user, "/alerts?cause=loss-reported", &page)
		if len(page.Items) != 1 || page.Items[0].Level != notice.Critical || page.Items[0].Region != "12.71" {
			b.t.Errorf("%s is told %+v", user, page.Items)
		}
	}
	b.post("province.12", fmt.Sprintf("/losses/%d/approval", o.ID), nil, o.Version, &o)
	b.pdf("province.12", fmt.Sprintf("/losses/%d/record", o.ID))

	account := func(place int, in inventory.Condition) inventory.Account {
		return inventory.Account{Place: place, Condition: in}
	}
	office, public := b.place("12.71", inventory.RegencyOffice), b.place("12.71", inventory.Public)
	b.post("officer.12.71", "/moves", inventory.NewMove{Kind: inventory.Surrender, Document: "TT-1", Date: b.ago(0), Lines: []inventory.MoveLine{
		{From: account(public, inventory.Surrendered), To: account(office, inventory.Surrendered), Pieces: 12}}}, 0, nil)
	var d inventory.Destruction
	b.post("officer.12.71", "/destructions", inventory.NewDestruction{Document: "BA-2", Date: b.ago(0), Spoiled: 3, Surrendered: 12}, 0, &d)
	at := func(action string) string { return fmt.Sprintf("/destructions/%d/%s", d.ID, action) }
	b.post("officer.12.71", at("witnesses"), map[string]any{"witnesses": []inventory.Witness{{Name: "Saksi A", Office: "Satpol PP"}, {Name: "Saksi B", Office: "Kepolisian"}}}, d.Version, &d)
	b.refused("officer.12.71", http.MethodPost, at("completion"), nil, d.Version, inventory.ErrOwnWork)
	b.post("officer2.12.71", at("completion"), nil, d.Version, &d)
	b.pdf("officer.12.71", at("record"))
	held := b.held("12.71")[inventory.RegencyOffice]
	if held[inventory.Spoiled]+held[inventory.Surrendered] != 0 || held[inventory.Usable] != 311 {
		b.t.Errorf("Medan holds %v, want 311 usable and nothing to burn", held)
	}
}

// ribbon: Ternate has blanks and uses up its last ribbon.
func (b blanks) ribbon() {
	b.t.Helper()
	office := b.place("82.71", inventory.RegencyOffice)
	b.post("store", "/moves", inventory.NewMove{Kind: inventory.Opening, Document: "BA-3", Date: b.ago(0), Lines: []inventory.MoveLine{{Item: "ribbon",
		From: inventory.Account{Place: b.place("00", inventory.Supplier), Condition: inventory.Usable},
		To:   inventory.Account{Place: office, Condition: inventory.Usable}, Pieces: 1}}}, 0, nil)
	b.post("officer.82.71", "/uses", inventory.NewUse{Item: "ribbon", Date: b.ago(0), Lines: []inventory.UseLine{{Purpose: "other", Pieces: 1}}}, 0, nil)
	b.job("watch")
	var page postgres.Page[notice.Alert]
	b.get("officer.82.71", "/alerts?cause=ribbon-short", &page)
	if len(page.Items) != 1 || page.Items[0].Level != notice.Critical {
		b.t.Errorf("alerts %+v, want one of ribbon", page.Items)
	}
	var printable postgres.Page[inventory.Printable]
	b.get("officer.82.71", "/stock/printable", &printable)
	if p := printable.Items[0]; p.Blanks != 445 || p.Printable != 0 || p.LimitedBy != "ribbon" {
		b.t.Errorf("printable %+v", p)
	}
}

// chips: a box comes with its chips, is labelled and found again, and goes to Ternate; the auditor follows a chip.
func (b blanks) chips() {
	b.t.Helper()
	box := inventory.Chips{Box: "K-1", First: "04A1B2C3D40001", Last: "04A1B2C3D40032"} // fifty chips
	deliver := inventory.NewDelivery{Document: "DN-9", Date: b.ago(0), Pieces: 50, Boxes: []inventory.Chips{box}}
	b.post("store", "/procurements/1/deliveries", deliver, 0, nil)
	deliver.Document, deliver.Boxes[0].Box = "DN-10", "K-2"
	b.refused("store", http.MethodPost, "/procurements/1/deliveries", deliver, 0, inventory.ErrChipElsewhere)
	b.pdf("store", "/boxes/labels?sealed=true")
	var scanned inventory.Scanned
	b.get("store", "/scans?code="+url.QueryEscape("blangko:box:K-1"), &scanned)
	if scanned.Kind != "box" || scanned.Pieces != 50 || !scanned.Stands {
		b.t.Errorf("scanned %+v", scanned)
	}
	var r inventory.Request
	var sh inventory.Shipment
	b.post("officer.82.71", "/requests", inventory.NewRequest{Pieces: 50, Reason: "higher-use"}, 0, &r)
	b.post("planner", fmt.Sprintf("/requests/%d/approval", r.ID), inventory.Approval{Pieces: 50}, r.Version, &r)
	b.post("store", "/shipments", inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: 50}}}, 0, &sh)
	b.ask("store", http.MethodPut, fmt.Sprintf("/shipments/%d/boxes", sh.ID), map[string]any{"boxes": []inventory.Chips{{Box: "K-1"}}}, sh.Version, nil)
	b.carry(sh.ID, "store", "officer.82.71", 50)
	var trace inventory.Trace
	b.get("auditor", "/chips/04A1B2C3D40011/trace", &trace)
	if n := len(trace.Steps); n < 3 || trace.Steps[n-1].Actor != "officer.82.71" {
		b.t.Errorf("the chip's way: %+v", trace.Steps)
	}
	// Five of its chips are gone: frozen until somebody else has decided, and found again.
	var o inventory.Loss
	b.post("officer.82.71", "/losses", inventory.NewLoss{Document: "BA-4", Police: "LP/2", HappenedOn: b.ago(0), Pieces: 5, Note: "tidak ditemukan",
		Boxes: []inventory.Chips{{First: "04A1B2C3D40001", Last: "04A1B2C3D40005"}}}, 0, &o)
	var frozen postgres.Page[inventory.Box]
	b.get("auditor", fmt.Sprintf("/boxes?loss=%d", o.ID), &frozen)
	if len(frozen.Items) != 1 || frozen.Items[0].Pieces != 5 || frozen.Items[0].Condition != inventory.Quarantine {
		b.t.Fatalf("frozen: %+v", frozen.Items)
	}
	b.refused("officer.82.71", http.MethodPost, "/boxes/"+frozen.Items[0].Number+"/opening", nil, frozen.Items[0].Version, inventory.ErrBoxFrozen)
	b.refused("officer.82.71", http.MethodPost, fmt.Sprintf("/losses/%d/approval", o.ID), nil, o.Version, access.ErrForbidden)
	b.post("province.82", fmt.Sprintf("/losses/%d/rejection", o.ID), nil, o.Version, &o)
	if b.get("auditor", "/chips/04A1B2C3D40003/trace", &trace); trace.Standing != "in-box" {
		b.t.Errorf("a chip that was found is %s", trace.Standing)
	}
	// Three look odd: they wait in quarantine, by name, until somebody has looked at them.
	account := func(in inventory.Condition) inventory.Account {
		return inventory.Account{Place: b.place("82.71", inventory.RegencyOffice), Condition: in}
	}
	aside := inventory.NewMove{Kind: inventory.QuarantineMove, Document: "BA-5", Date: b.ago(0), Boxes: []inventory.Chips{{First: "04A1B2C3D40006", Last: "04A1B2C3D40008"}},
		Lines: []inventory.MoveLine{{From: account(inventory.Usable), To: account(inventory.Quarantine), Pieces: 3}}}
	b.post("officer.82.71", "/moves", aside, 0, nil)
	back := aside
	back.Lines = []inventory.MoveLine{{From: account(inventory.Quarantine), To: account(inventory.Usable), Pieces: 3}}
	nameless := back
	nameless.Boxes = nil
	b.refused("officer.82.71", http.MethodPost, "/moves", nameless, 0, inventory.ErrShort)
	b.post("officer.82.71", "/moves", back, 0, nil)
	if b.get("auditor", "/chips/04A1B2C3D40007/trace", &trace); trace.Steps[len(trace.Steps)-1].Kind != "lifted" {
		b.t.Errorf("a chip that was looked at: %+v", trace.Steps)
	}
}

// versions: Medan's printers take version 4.8 only, so a run of version 5 passes it by and says so.
func (b blanks) versions() {
	b.t.Helper()
	var c inventory.Procurement
	b.post("planner", "/procurements", inventory.NewProcurement{Document: "KTR-5", Supplier: "Percetakan", Pieces: 100, Fund: "APBN", Blank: "5", SignedOn: b.ago(60)}, 0, &c)
	b.deliver(c.ID, "DN-11", b.ago(0), 100)
	var office inventory.Place
	path := fmt.Sprintf("/places/%d", b.place("12.71", inventory.RegencyOffice))
	b.get("officer.12.71", path, &office)
	b.ask("officer.12.71", http.MethodPut, path+"/printers", map[string]any{"versions": []string{"4.8"}}, office.Version, &office)
	for _, user := range []string{"officer.12.71", "officer.82.71"} {
		b.post(user, "/requests", inventory.NewRequest{Pieces: 60, Reason: "higher-use"}, 0, nil)
	}
	b.refused("planner", http.MethodPost, "/allocations", inventory.NewAllocation{Rule: "gains", Box: 10}, 0, inventory.ErrVersionWanted)
	var run inventory.Allocation
	five := "5"
	b.post("planner", "/allocations", inventory.NewAllocation{Rule: "gains", Box: 10, Blank: &five}, 0, &run)
	given := map[string]inventory.AllocationLine{}
	for _, line := range run.Lines {
		given[line.Region] = line
	}
	if given["12.71"].Given != 0 || given["12.71"].Reason != "version" || given["82.71"].Given != 40 { // of the hundred sixty are promised
		b.t.Errorf("a run of version 5: %+v", run.Lines)
	}
	b.post("planner", fmt.Sprintf("/allocations/%d/void", run.ID), map[string]string{"reason": "contoh saja"}, run.Version, nil)
}

// books: the stock card as of today adds up and goes into a file, a closed month stays, and so do the days before a count.
func (b blanks) books() {
	b.t.Helper()
	office, public := b.place("12.71", inventory.RegencyOffice), b.place("12.71", inventory.Public)
	var card inventory.StockCard
	b.get("auditor", fmt.Sprintf("/places/%d/card?from=%s&to=%s", office, b.ago(30), b.ago(0)), &card)
	if card.Opening != 0 || card.Closing != 311 {
		b.t.Errorf("card from %d to %d, want 311", card.Opening, card.Closing)
	}
	// As of the day before yesterday the office had nothing but what the province had sent it.
	var then inventory.StockCard
	if b.get("auditor", fmt.Sprintf("/places/%d/card?to=%s", office, b.ago(2)), &then); then.Closing != 0 || then.To != b.ago(2) {
		b.t.Errorf("card as of two days ago: %+v", then)
	}
	status, text := b.speak("auditor", http.MethodGet, fmt.Sprintf("/places/%d/card/file?format=csv&from=%s", office, b.ago(30)), nil, 0)
	if lines := strings.Split(strings.TrimSpace(string(text)), "\r\n"); status != http.StatusOK || len(lines) != len(card.Rows)+3 || !strings.HasSuffix(lines[len(lines)-1], ",311") {
		b.t.Errorf("the card's file: %d %s", status, text)
	}
	used := inventory.NewMove{Kind: inventory.Use, Document: "LH-9", Date: b.ago(1), Lines: []inventory.MoveLine{{Purpose: "lost", Pieces: 1,
		From: inventory.Account{Place: office, Condition: inventory.Usable}, To: inventory.Account{Place: public, Condition: inventory.Issued}}}}
	b.refused("officer.12.71", http.MethodPost, "/moves", used, 0, inventory.ErrPeriodClosed)
	month := region.Today(region.WIB, b.now()).AddDate(0, -1, -region.Today(region.WIB, b.now()).Day()+1)
	b.post("province.82", "/periods", map[string]string{"region": "82", "month": month.Format("2006-01")}, 0, nil)
	var closed postgres.Page[inventory.ClosedPeriod]
	b.get("province.82", "/periods", &closed)
	if len(closed.Items) < 11 {
		b.t.Errorf("%d places closed", len(closed.Items))
	}
	// The night signs what all chains hold; who carries it away can tell later that nothing was cut off.
	b.job("checkpoint")
	var kept postgres.Page[inventory.KeptCheckpoint]
	b.get("auditor", "/audit/checkpoints", &kept)
	if len(kept.Items) == 0 {
		b.t.Fatal("no checkpoint is kept")
	}
	status, text = b.speak("auditor", http.MethodGet, "/audit/checkpoints/"+kept.Items[0].Day, nil, 0)
	var point inventory.Checkpoint
	if err := json.Unmarshal(text, &point); status != http.StatusOK || err != nil {
		b.t.Fatalf("the checkpoint's file: %d %v", status, err)
	}
	key, err := b.system.db.keys.signing()
	if err != nil {
		b.t.Fatal(err)
	}
	breaches, err := b.system.ledger.VerifyCheckpoint(b.t.Context(), access.System, point, key.Public().(ed25519.PublicKey))
	if err != nil || len(breaches) != 0 || len(point.Heads) == 0 {
		b.t.Errorf("the checkpoint finds %v, %v", breaches, err)
	}
	used.Date = month.Format(time.DateOnly)
	used.Lines[0].From.Place, used.Lines[0].To.Place = b.place("82.71", inventory.RegencyOffice), b.place("82.71", inventory.Public)
	b.refused("officer.82.71", http.MethodPost, "/moves", used, 0, inventory.ErrPeriodClosed)

	// With as much need in two cities and blanks in one, half of them would let both run out together.
	var needs []inventory.Need
	positions, err := b.system.ledger.Positions(b.t.Context(), access.System)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range positions {
		if p.Region == "12.71" || p.Region == "12.01" {
			needs = append(needs, inventory.Need{RegionID: p.RegionID, Item: "ktp-el", AsOf: b.ago(0), Method: "theta", DailyMean: 10, HorizonDays: 23, Mean: 230, SD: 30})
		}
	}
	err = postgres.Write(b.t.Context(), b.db, access.System, func(tx *sqlx.Tx) error { return inventory.SetNeeds(b.t.Context(), tx, needs...) })
	if err != nil {
		b.t.Fatal(err)
	}
	var suggested postgres.Page[inventory.SuggestedLoan]
	b.get("province.12", "/loans/suggestion?region=12", &suggested)
	if len(suggested.Items) != 1 || suggested.Items[0].From != "12.71" || suggested.Items[0].To != "12.01" || suggested.Items[0].Pieces != 155 {
		b.t.Errorf("suggested %+v, want 155 of the 311 from Medan to its neighbour", suggested.Items)
	}
}
