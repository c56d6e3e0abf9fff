package coverage_test

import (
	"encoding/json"
	"strings"
	"testing"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/region"
)

func TestSmallCountsOfVulnerableGroupsStayInTheirOffice(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	group := func(code string, people, have, lack int64) coverage.Figure {
		n := recording(code, "2024-06-30", counts(people, have, lack))
		n.Group = "odgj"
		return record(t, r, medan, n)
	}
	small := group("12.71.01", 40, 37, 3)
	group("12.71.02", 50, 40, 10)
	group("12.71.03", 90, 60, 30)
	seen := func(who access.Actor) string {
		t.Helper()
		p, err := r.Gaps(t.Context(), who, coverage.GapFilter{Subject: coverage.Recording, Group: "odgj", Level: region.District, Region: "12.71"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := seen(medan); strings.Contains(text, "below") || !strings.Contains(text, `"lack":3`) {
		t.Errorf("the own office sees %s, want every count", text)
	}
	for _, who := range []access.Actor{sumut, planner, auditor} {
		text := seen(who)
		if strings.Count(text, `{"below":5}`) != 1 || !strings.Contains(text, `"lack":{"below":5}`) {
			t.Errorf("%s sees %s, want one count below 5", who.Name, text)
		}
		// The sums are 180 people, 137 with and 43 without. With the second row shown, the small count would be 43-30-10.
		for _, told := range []string{`"lack":3`, `"have":37`, `"people":40`, `"lack":10`, `"have":40`, `"people":50`} {
			if strings.Contains(text, told+",") || strings.Contains(text, told+"}") {
				t.Errorf("%s sees %s, which tells the small count: %s", who.Name, told, text)
			}
		}
		if !strings.Contains(text, `"lack":30`) {
			t.Errorf("%s does not see the large count: %s", who.Name, text)
		}
		f, err := r.Figure(t.Context(), who, small.ID)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(f); err != nil || !strings.Contains(string(text), `"lack":{"below":5}`) || strings.Contains(string(text), "37") {
			t.Errorf("%s sees the figure %s, %v; want its counts hidden", who.Name, text, err)
		}
	}
}

func TestWhereThereIsNoSecondRowTheSumsAreHidden(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	n := recording("12.71.01", "2024-06-30", counts(40, 37, 3))
	n.Group = "odgj"
	record(t, r, medan, n)
	p, err := r.Gaps(t.Context(), planner, coverage.GapFilter{Subject: coverage.Recording, Group: "odgj", Level: region.District, Region: "12.71"})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Totals.Concealed || p.Totals.Lack+p.Totals.Have+p.Totals.People+p.Totals.Remaining != 0 {
		t.Errorf("totals %+v, want none", p.Totals)
	}
}
