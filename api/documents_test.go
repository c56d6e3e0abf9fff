package api_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"net/url"

	"blangko/api"
	"blangko/inventory"
)

// stale is the If-Match of a version that nothing has: who may not take a step is told so before the version is.
var stale = []string{"If-Match", `"999"`}

func init() {
	maps.Copy(walks, map[string]walk{
		"POST /api/v1/places": {body: func(_ *office, r string) any { return inventory.NewPlace{Region: r + ".01"} }},

		"GET /api/v1/procurements":      {},
		"GET /api/v1/procurements/{id}": {path: func(o *office, _ string) string { return fmt.Sprint("/api/v1/procurements/", o.contract()) }},
		"POST /api/v1/procurements":     {body: func(*office, string) any { return newContract() }},
		"POST /api/v1/procurements/{id}/deliveries": {
			path: func(o *office, _ string) string {
				return fmt.Sprint("/api/v1/procurements/", o.contract(), "/deliveries")
			},
			body: func(*office, string) any { return inventory.NewDelivery{Document: "DN-1", Date: today, Pieces: 10} }},

		"GET /api/v1/needs":               {path: func(_ *office, r string) string { return "/api/v1/needs?region=" + r }},
		"GET /api/v1/requests":            {path: func(_ *office, r string) string { return "/api/v1/requests?region=" + r }},
		"GET /api/v1/requests/suggestion": {path: func(_ *office, r string) string { return "/api/v1/requests/suggestion?region=" + r }},
		"GET /api/v1/requests/{id}":       {path: requestPath("")},
		"POST /api/v1/requests":           {body: func(_ *office, r string) any { return inventory.NewRequest{Region: r, Pieces: 10} }},
		"PUT /api/v1/requests/{id}": {path: requestPath(""), headers: stale,
			body: func(_ *office, r string) any { return inventory.NewRequest{Pieces: 11} }},
		"POST /api/v1/requests/{id}/submission":   {path: requestPath("/submission"), headers: stale},
		"POST /api/v1/requests/{id}/return":       {path: requestPath("/return"), headers: stale, body: reason},
		"POST /api/v1/requests/{id}/verification": {path: requestPath("/verification"), headers: stale, body: func(*office, string) any { return struct{}{} }},
		"POST /api/v1/requests/{id}/approval": {path: requestPath("/approval"), headers: stale,
			body: func(*office, string) any { return inventory.Approval{Pieces: 5} }},
		"POST /api/v1/requests/approvals": {body: func(o *office, r string) any {
			q := o.asked(r)
			return inventory.BatchApproval{Approvals: []inventory.RequestApproval{{Request: q.ID, Version: q.Version}}}
		}},
		"POST /api/v1/requests/{id}/rejection":    {path: requestPath("/rejection"), headers: stale, body: reason},
		"POST /api/v1/requests/{id}/cancellation": {path: requestPath("/cancellation"), headers: stale, body: reason},

		"GET /api/v1/allocations":                 {},
		"GET /api/v1/allocations/{id}":            {path: allocationPath("")},
		"GET /api/v1/allocations/{id}/comparison": {path: allocationPath("/comparison")},
		"POST /api/v1/allocations": {body: func(o *office, r string) any {
			o.asked(r)
			return inventory.NewAllocation{Rule: "gains", Box: 1}
		}},
		"PUT /api/v1/allocations/{id}/lines/{region}": {headers: stale,
			path: func(o *office, r string) string { return allocationPath("/lines/"+r)(o, r) },
			body: func(*office, string) any { return inventory.Override{Given: 1, Reason: "pilkada"} }},
		"PUT /api/v1/allocations/{id}":              {path: allocationPath(""), headers: stale, body: func(*office, string) any { return inventory.NewAllocation{Rule: "gains"} }},
		"POST /api/v1/allocations/{id}/computation": {path: allocationPath("/computation"), headers: stale},
		"POST /api/v1/allocations/{id}/review":      {path: allocationPath("/review"), headers: stale},
		"POST /api/v1/allocations/{id}/approval":    {path: allocationPath("/approval"), headers: stale},
		"POST /api/v1/allocations/{id}/release":     {path: allocationPath("/release"), headers: stale},
		"POST /api/v1/allocations/{id}/void":        {path: allocationPath("/void"), headers: stale, body: reason},

		"GET /api/v1/shipments":                {path: func(_ *office, r string) string { return "/api/v1/shipments?to=" + r }},
		"GET /api/v1/shipments/{id}":           {path: shipmentPath("")},
		"GET /api/v1/shipments/{id}/note":      {path: shipmentPath("/note")},
		"GET /api/v1/receipts/{id}/record":     {path: receiptPath("/record")},
		"GET /api/v1/counts/{id}/record":       {path: countPath("/record")},
		"GET /api/v1/losses/{id}/record":       {path: lossPath("/record")},
		"GET /api/v1/destructions/{id}/record": {path: destructionPath("/record")},
		"GET /api/v1/scans":                    {path: func(o *office, r string) string { return "/api/v1/scans?code=" + url.QueryEscape(o.sent(r).Document) }},
		"POST /api/v1/shipments": {body: func(o *office, r string) any {
			return inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: o.approvedRequest(r), Pieces: 5}}}
		}},
		"POST /api/v1/shipments/{id}/dispatch": {path: shipmentPath("/dispatch"), headers: stale,
			body: func(*office, string) any { return inventory.Dispatching{} }},
		"POST /api/v1/shipments/{id}/cancellation": {path: shipmentPath("/cancellation"), headers: stale, body: reason},
		"GET /api/v1/receipts":                     {},
		"GET /api/v1/receipts/{id}":                {path: receiptPath("")},
		"POST /api/v1/receipts": {body: func(o *office, r string) any {
			return inventory.NewReceipt{Shipment: o.sent(r).ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 5}}}
		}},
		"POST /api/v1/receipts/{id}/confirmation": {path: receiptPath("/confirmation"), headers: stale},
		"POST /api/v1/receipts/{id}/discard":      {path: receiptPath("/discard"), headers: stale},
		"POST /api/v1/receipts/{id}/rollback":     {path: receiptPath("/rollback"), headers: stale, body: reason},
		"GET /api/v1/discrepancies":               {},
		"GET /api/v1/discrepancies/{id}":          {path: discrepancyPath("")},
		"GET /api/v1/discrepancies/{id}/photos":   {path: discrepancyPath("/photos")},
		"POST /api/v1/discrepancies/{id}/photos": {path: discrepancyPath("/photos"), body: func(*office, string) any { return snapshot },
			headers: []string{"Content-Type", "application/octet-stream"}},
		"GET /api/v1/discrepancies/{id}/photos/{photo}": {path: discrepancyPath("/photos/999999")},
		"GET /api/v1/stock/printable":                   {path: inRegion("/api/v1/stock/printable")},
		"GET /api/v1/reconciliations":                   {path: inRegion("/api/v1/reconciliations")},
		"GET /api/v1/reconciliations/{id}":              {path: reconciliationPath("")},
		"POST /api/v1/reconciliations/{id}/explanation": {path: reconciliationPath("/explanation"), headers: stale,
			body: func(*office, string) any { return inventory.Explanation{Reason: "other", Note: "x"} }},
		"GET /api/v1/uses/suggestion": {path: func(_ *office, r string) string { return "/api/v1/uses/suggestion?date=2026-11-19&region=" + r }},
		"POST /api/v1/discrepancies/{id}/answer": {path: discrepancyPath("/answer"), headers: stale,
			body: func(*office, string) any { return inventory.NewAnswer{Answer: "lost", Note: "BA-1"} }},

		"GET /api/v1/places/{id}/card": {path: func(o *office, r string) string {
			return fmt.Sprint("/api/v1/places/", o.placeOf(r, inventory.RegencyOffice), "/card?from=2026-11-01&to=2026-11-30")
		}},
		"GET /api/v1/places/{id}/card/file": {path: func(o *office, r string) string {
			return fmt.Sprint("/api/v1/places/", o.placeOf(r, inventory.RegencyOffice), "/card/file?format=csv")
		}},
		"GET /api/v1/periods":          {path: inRegion("/api/v1/periods")},
		"GET /api/v1/loans":            {},
		"GET /api/v1/loans/suggestion": {path: func(_ *office, r string) string { return "/api/v1/loans/suggestion?region=" + r[:2] }},
		"GET /api/v1/loans/{id}":       {path: loanPath("")},
		"POST /api/v1/loans": {body: func(_ *office, r string) any {
			return inventory.NewLoan{To: r, From: r[:2] + ".01", Pieces: 5, DueOn: "2026-12-20"}
		}},
		"POST /api/v1/loans/{id}/acceptance": {path: loanPath("/acceptance"), headers: stale},
		"POST /api/v1/loans/{id}/refusal":    {path: loanPath("/refusal"), headers: stale, body: reason},
		"POST /api/v1/loans/{id}/withdrawal": {path: loanPath("/withdrawal"), headers: stale, body: reason},
		"POST /api/v1/loans/{id}/return":     {path: loanPath("/return"), headers: stale},

		"GET /api/v1/counts":      {},
		"GET /api/v1/counts/{id}": {path: countPath("")},
		"POST /api/v1/counts": {body: func(o *office, r string) any {
			countPath("")(o, r) // one stands open, so a second is a conflict whoever asks
			return inventory.NewCount{Region: r}
		}},
		"POST /api/v1/counts/{id}/start":        {path: countPath("/start"), headers: stale},
		"POST /api/v1/counts/{id}/review":       {path: countPath("/review"), headers: stale, body: func(*office, string) any { return api.CountReview{Reason: "other"} }},
		"POST /api/v1/counts/{id}/result":       {path: countPath("/result"), headers: stale, body: func(*office, string) any { return inventory.Counting{Counted: 1} }},
		"POST /api/v1/counts/{id}/recount":      {path: countPath("/recount"), headers: stale, body: reason},
		"POST /api/v1/counts/{id}/posting":      {path: countPath("/posting"), headers: stale, body: func(*office, string) any { return api.CountPosting{Reason: "other"} }},
		"POST /api/v1/counts/{id}/cancellation": {path: countPath("/cancellation"), headers: stale, body: reason},
		"GET /api/v1/losses":                    {},
		"GET /api/v1/losses/{id}":               {path: lossPath("")},
		"POST /api/v1/losses":                   {body: func(o *office, r string) any { o.opening(r, 5); return newLoss(r) }},
		"PUT /api/v1/losses/{id}":               {path: lossPath(""), headers: stale, body: func(o *office, r string) any { return newLoss(r) }},
		"POST /api/v1/losses/{id}/report":       {path: lossPath("/report"), headers: stale},
		"POST /api/v1/losses/{id}/discard":      {path: lossPath("/discard"), headers: stale},
		"POST /api/v1/losses/{id}/approval":     {path: lossPath("/approval"), headers: stale},
		"POST /api/v1/losses/{id}/rejection":    {path: lossPath("/rejection"), headers: stale},
		"GET /api/v1/destructions":              {},
		"GET /api/v1/destructions/{id}":         {path: destructionPath("")},
		"POST /api/v1/destructions": {body: func(_ *office, r string) any {
			return inventory.NewDestruction{Region: r, Document: "BA-1", Date: today, Spoiled: 1}
		}},
		"POST /api/v1/destructions/{id}/witnesses": {path: destructionPath("/witnesses"), headers: stale, body: func(*office, string) any {
			return api.Witnesses{Witnesses: []inventory.Witness{{Name: "Saksi A", Office: "Satpol PP"}, {Name: "Saksi B", Office: "Inspektorat"}}}
		}},
		"POST /api/v1/destructions/{id}/completion":   {path: destructionPath("/completion"), headers: stale},
		"POST /api/v1/destructions/{id}/cancellation": {path: destructionPath("/cancellation"), headers: stale, body: reason},
		"POST /api/v1/periods":                        {body: func(_ *office, r string) any { return api.Closing{Region: r, Month: "2020-01"} }},

		"GET /api/v1/uses":          {path: func(_ *office, r string) string { return "/api/v1/uses?region=" + r }},
		"GET /api/v1/uses/calendar": {path: func(_ *office, r string) string { return "/api/v1/uses/calendar?month=2026-11&region=" + r }},
		"GET /api/v1/uses/{id}":     {path: usePath("")},
		"POST /api/v1/uses":         {body: func(_ *office, r string) any { return inventory.NewUse{Region: r, Date: "2026-11-19"} }},
		"POST /api/v1/uses/{id}/correction": {path: usePath("/correction"),
			body: func(*office, string) any { return inventory.NewUse{Date: today, Reason: "salah hitung"} }},
	})
}

// snapshot is a JPEG file of one pixel.
var snapshot = func() string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)), nil); err != nil {
		panic(err) // into memory
	}
	return b.String()
}()

// reconciliationPath imports a count of one day of a region that nobody issued anything on.
func reconciliationPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		o.as("officer."+region).call("POST", "/api/v1/imports?kind=prints", "date,region_code,printed\n2026-11-02,"+region+",1\n",
			"Content-Type", "application/octet-stream")
		var page struct{ Items []inventory.Reconciliation }
		o.as("officer."+region).get("/api/v1/reconciliations").into(o.t, &page)
		return fmt.Sprint("/api/v1/reconciliations/", page.Items[0].ID, rest)
	}
}

var newDocuments int

// fresh numbers a document that must not have been used before.
func fresh(kind string) string {
	newDocuments++
	return fmt.Sprint(kind, "-", newDocuments)
}

func newContract() inventory.NewProcurement {
	return inventory.NewProcurement{Document: fresh("KTR"), Supplier: "Percetakan", Pieces: 1_000_000, Fund: "APBN", SignedOn: "2026-01-05"}
}

func (o *office) contract() int64 {
	var p inventory.Procurement
	o.as("planner").call("POST", "/api/v1/procurements", newContract()).into(o.t, &p)
	return p.ID
}

// asked is a new request of a region.
func (o *office) asked(region string) (r inventory.Request) {
	o.as("officer."+region).call("POST", "/api/v1/requests", inventory.NewRequest{Pieces: 10}).into(o.t, &r)
	return r
}

func (o *office) approvedRequest(region string) int64 {
	r := o.asked(region)
	o.as("planner").call("POST", fmt.Sprintf("/api/v1/requests/%d/approval", r.ID), inventory.Approval{Pieces: 10}, ifMatch(r.Version)...).into(o.t, &r)
	return r.ID
}

func ifMatch(version int64) []string {
	return []string{"If-Match", fmt.Sprintf("%q", fmt.Sprint(version))}
}

// sent is a new shipment of five pieces to a region.
func (o *office) sent(region string) (s inventory.Shipment) {
	var d inventory.Delivered
	o.as("store").call("POST", fmt.Sprintf("/api/v1/procurements/%d/deliveries", o.contract()),
		inventory.NewDelivery{Document: fresh("DN"), Date: today, Pieces: 10}).into(o.t, &d)
	o.as("store").call("POST", "/api/v1/shipments", inventory.NewShipment{
		Lines: []inventory.NewShipmentLine{{Request: o.approvedRequest(region), Pieces: 5}}}).into(o.t, &s)
	o.as("store").call("POST", fmt.Sprintf("/api/v1/shipments/%d/dispatch", s.ID), inventory.Dispatching{}, ifMatch(s.Version)...).into(o.t, &s)
	return s
}

func (o *office) received(region string) (r inventory.Receipt) {
	o.as("officer."+region).call("POST", "/api/v1/receipts", inventory.NewReceipt{Shipment: o.sent(region).ID,
		Lines: []inventory.NewReceiptLine{{Line: 1, Good: 3}}}).into(o.t, &r)
	return r
}

func requestPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		return fmt.Sprint("/api/v1/requests/", o.asked(region).ID, rest)
	}
}

func shipmentPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		return fmt.Sprint("/api/v1/shipments/", o.sent(region).ID, rest)
	}
}

func receiptPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		return fmt.Sprint("/api/v1/receipts/", o.received(region).ID, rest)
	}
}

func discrepancyPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		var page struct{ Items []inventory.Discrepancy }
		o.as("officer."+region).get(fmt.Sprint("/api/v1/discrepancies?shipment=", o.received(region).Shipment)).into(o.t, &page)
		return fmt.Sprint("/api/v1/discrepancies/", page.Items[0].ID, rest)
	}
}

// usePath reports nothing on a day of its own, so that a region has a report.
func usePath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		newDocuments++
		var u inventory.DailyUse
		day := fmt.Sprintf("202%d-%02d-%02d", newDocuments%6, newDocuments/6%12+1, newDocuments/72%28+1)
		o.as("officer."+region).call("POST", "/api/v1/uses", inventory.NewUse{Date: day}).into(o.t, &u)
		return fmt.Sprint("/api/v1/uses/", u.ID, rest)
	}
}

func allocationPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		o.asked(region)
		var a inventory.Allocation
		o.as("planner").call("POST", "/api/v1/allocations", inventory.NewAllocation{Rule: "gains", Box: 1}).into(o.t, &a)
		return fmt.Sprint("/api/v1/allocations/", a.ID, rest)
	}
}

func loanPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		var n inventory.Loan
		o.as("officer."+region).call("POST", "/api/v1/loans", inventory.NewLoan{From: region[:2] + ".01", Pieces: 5, DueOn: "2026-12-20"}).into(o.t, &n)
		return fmt.Sprint("/api/v1/loans/", n.ID, rest)
	}
}

// countPath asks for a count, or finds the one that stands open.
func countPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		o.as("officer."+region).call("POST", "/api/v1/counts", inventory.NewCount{})
		var page struct{ Items []inventory.Count }
		o.as("officer."+region).get("/api/v1/counts").into(o.t, &page)
		return fmt.Sprint("/api/v1/counts/", page.Items[0].ID, rest)
	}
}

func newLoss(region string) inventory.NewLoss {
	return inventory.NewLoss{Region: region, Document: fresh("BA"), Police: "LP/1", HappenedOn: today, Pieces: 1, Note: "pencurian"}
}

func lossPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		o.opening(region, 5)
		var l inventory.Loss
		o.as("officer."+region).call("POST", "/api/v1/losses", newLoss(region)).into(o.t, &l)
		return fmt.Sprint("/api/v1/losses/", l.ID, rest)
	}
}

func destructionPath(rest string) func(*office, string) string {
	return func(o *office, region string) string {
		var d inventory.Destruction
		o.as("officer."+region).call("POST", "/api/v1/destructions", inventory.NewDestruction{Document: fresh("BA"), Date: today, Spoiled: 1}).into(o.t, &d)
		return fmt.Sprint("/api/v1/destructions/", d.ID, rest)
	}
}
