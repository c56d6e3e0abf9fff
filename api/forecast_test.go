package api_test

import (
	"fmt"
	"maps"

	"github.com/jmoiron/sqlx"

	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/notice"
)

func init() {
	maps.Copy(walks, map[string]walk{
		"GET /api/v1/forecasts":           {path: func(_ *office, r string) string { return "/api/v1/forecasts?region=" + r }},
		"GET /api/v1/decisions":           {path: inRegion("/api/v1/decisions")},
		"POST /api/v1/decisions":          {body: func(_ *office, r string) any { return forecasting.NewDecision{Region: r, Text: "menunggu kiriman"} }},
		"GET /api/v1/forecasts/circulars": {},
		"POST /api/v1/forecasts/circulars": {body: func(_ *office, r string) any {
			return forecasting.NewCircular{Region: r, Document: "SE " + r, Classes: []forecasting.Class{"damaged"}, From: "2026-11-25"}
		}},
		"POST /api/v1/forecasts/circulars/{id}/end": {path: func(*office, string) string { return "/api/v1/forecasts/circulars/999999/end" }, headers: stale,
			body: func(*office, string) any { return forecasting.EndCircular{Until: "2026-12-25"} }},
		"GET /api/v1/forecasts/early-recordings": {path: inRegion("/api/v1/forecasts/early-recordings")},
		"POST /api/v1/forecasts/early-recordings": {body: func(_ *office, r string) any {
			return forecasting.EarlyRecording{Region: r, Month: "2027-01-01", People: 120}
		}},
		"GET /api/v1/forecasts/{region}/shelf": {path: func(_ *office, r string) string { return "/api/v1/forecasts/" + r + "/shelf" }},
		"POST /api/v1/scenarios":               {body: func(_ *office, r string) any { return forecasting.Scenario{Region: r, DelayDays: 7} }},
		"GET /api/v1/accuracy":                 {path: func(_ *office, r string) string { return "/api/v1/accuracy?level=regency&region=" + r }},
		"GET /api/v1/alerts":                   {path: func(_ *office, r string) string { return "/api/v1/alerts?region=" + r }},
		"GET /api/v1/alerts/{id}":              {path: alertPath("")},
		"POST /api/v1/alerts/{id}/acknowledgement": {path: alertPath("/acknowledgement"), headers: stale,
			body: func(*office, string) any { return notice.Seen{} }},
		"POST /api/v1/alerts/{id}/snooze": {path: alertPath("/snooze"), headers: stale,
			body: func(*office, string) any { return notice.Snooze{Until: "2026-11-25", Note: "kiriman di jalan"} }},
	})
}

// alertPath makes sure that there is an alert in a region.
func alertPath(rest string) func(*office, string) string {
	return func(o *office, code string) string {
		alerts := notice.NewAlerts(o.db, noon)
		err := postgres.Write(o.t.Context(), o.db, access.System, func(tx *sqlx.Tx) error {
			where, err := region.ByCode(o.t.Context(), tx, code, region.Today(region.WIB, noon()))
			if err != nil {
				return err
			}
			_, err = alerts.Settle(o.t.Context(), tx, access.System, []notice.Signal{{RegionID: where.ID, Cause: "run-out", Probability: 0.6}})
			return err
		})
		if err != nil {
			o.t.Fatal(err)
		}
		page, err := alerts.List(o.t.Context(), access.System, notice.Filter{Region: code})
		if err != nil || len(page.Items) != 1 {
			o.t.Fatalf("alerts of %s: %v, %v", code, page, err)
		}
		return fmt.Sprint("/api/v1/alerts/", page.Items[0].ID, rest)
	}
}
