package main

import (
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/region"
	"blangko/internal/setting"
	"blangko/outreach"
)

// Whoever begins the demo finds a published visit today in both cities, whatever the day of the week; on a holiday the
// next days have some.
func TestTheDemoHasVisitsToday(t *testing.T) {
	t.Parallel()
	for _, day := range []struct {
		name, date, hour string
		today            bool
	}{
		// At 02:30 in Ternate it is still yesterday in Medan.
		{"Monday", "2026-11-23", "02:30", true}, {"Friday", "2026-11-27", "02:30", true}, {"Saturday", "2026-11-28", "02:30", true}, {"Sunday", "2026-11-29", "02:30", true},
		{"an evening", "2026-11-23", "20:00", true}, {"a holiday", "2027-01-04", "02:30", false},
	} {
		t.Run(day.name, func(t *testing.T) {
			t.Parallel()
			s := tell(t)
			s.at(day.date, day.hour)
			if !day.today {
				if _, err := s.system.settings.AddHoliday(t.Context(), access.System, day.date, setting.NewHoliday{Name: "Libur", Kind: "national"}); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // a second start changes nothing
				if err := s.system.loadDemoOutreach(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for _, code := range []string{"82.71", "12.71"} {
				visits, err := s.system.outreach.Visits(t.Context(), access.System, outreach.VisitFilter{Region: code})
				if err != nil {
					t.Fatal(err)
				}
				today, ahead := 0, 0
				for _, v := range visits.Items {
					if !v.Published || !v.Synthetic {
						t.Errorf("%s: visit to %s is published: %v, synthetic: %v", code, v.SiteName, v.Published, v.Synthetic)
					}
					if v.Day == s.today(code) {
						today++
					} else {
						ahead++
					}
				}
				if (today > 0) != day.today || ahead == 0 {
					t.Errorf("%s: %d visits today, %d later", code, today, ahead)
				}
			}
			moti, err := s.system.outreach.Sites(t.Context(), access.System, outreach.SiteFilter{Region: "82.71.04"})
			if err != nil || len(moti.Items) == 0 {
				t.Fatalf("sites of Moti: %d, %v", len(moti.Items), err)
			}
			for _, site := range moti.Items {
				if site.Island == nil {
					t.Errorf("%s on Moti is to be reached by road", site.Name)
				}
			}
		})
	}
}

// today is the date by the story's clock where a region lies.
func (s *story) today(code string) string {
	zone := region.WIB
	if code == "82.71" {
		zone = region.WIT
	}
	return region.Today(zone, s.now()).Format(time.DateOnly)
}
