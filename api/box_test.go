package api_test

import (
	"fmt"
	"maps"

	"blangko/inventory"
)

func init() {
	maps.Copy(walks, map[string]walk{
		"GET /api/v1/audit/checkpoints":       {},
		"GET /api/v1/audit/checkpoints/{day}": {path: func(*office, string) string { return "/api/v1/audit/checkpoints/2020-01-01" }},
		"GET /api/v1/boxes":                   {path: func(_ *office, r string) string { return "/api/v1/boxes?region=" + r }},
		"GET /api/v1/boxes/labels":            {path: func(_ *office, r string) string { return "/api/v1/boxes/labels?region=" + r }},
		"GET /api/v1/boxes/{number}":          {path: func(o *office, _ string) string { return "/api/v1/boxes/" + o.boxed() }},
		"POST /api/v1/boxes/{number}/opening": {path: func(o *office, _ string) string { return "/api/v1/boxes/" + o.boxed() + "/opening" }, headers: stale},
		"PUT /api/v1/shipments/{id}/boxes":    {path: shipmentPath("/boxes"), headers: stale, body: func(*office, string) any { return inventory.Packing{Boxes: []inventory.Chips{}} }},
		"GET /api/v1/chips/{uid}/trace": {path: func(o *office, _ string) string {
			o.boxed()
			return fmt.Sprintf("/api/v1/chips/%014X/trace", lastChip)
		}},
	})
}

var lastChip = 0x04A1B2C3000000

// boxed is a box that was delivered into the national store.
func (o *office) boxed() string {
	number := fresh("K")
	first := lastChip + 1
	lastChip += 10
	var d inventory.Delivered
	o.as("store").call("POST", fmt.Sprintf("/api/v1/procurements/%d/deliveries", o.contract()), inventory.NewDelivery{Document: fresh("DN"), Date: today, Pieces: 10,
		Boxes: []inventory.Chips{{Box: number, First: fmt.Sprintf("%014X", first), Last: fmt.Sprintf("%014X", lastChip)}}}).into(o.t, &d)
	return number
}
