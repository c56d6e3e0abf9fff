package coverage_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/postgres"
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

// Two lists of the same rows, or a list and a figure, must not tell together what each hides.
func TestNoSecondQuestionTellsASmallCount(t *testing.T) {
	t.Parallel()
	r, db := open(t)
	group := func(code string, n coverage.Numbers) coverage.Figure {
		f := recording(code, "2024-06-30", n)
		f.Group = "odgj"
		return record(t, r, sumut, f)
	}
	group("12.71.01", counts(40, 37, 3))
	second := group("12.71.02", counts(50, 40, 10))
	group("12.71.03", counts(90, 60, 30))
	people, have := int64(31), int64(29)
	told := group("12.72.01", coverage.Numbers{People: &people, Have: &have}) // 2 lack it, which nobody says
	group("12.72.02", counts(80, 70, 10))
	group("12.72.03", counts(60, 35, 25))

	whole, err := r.Gaps(t.Context(), planner, coverage.GapFilter{Subject: coverage.Recording, Group: "odgj", Level: region.District, Region: "12"})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range whole.Items {
		if hidden := g.People == nil; g.Figure != nil && hidden != (g.Region != "12.71.03" && g.Region != "12.72.03") {
			t.Errorf("in the list of the province, %s is hidden: %v; want the small one of each city and one beside it", g.Region, hidden)
		}
	}
	if whole.Totals.Concealed || whole.Totals.People != 351 {
		t.Errorf("totals %+v, want those of 351 people: two rows of each city are hidden", whole.Totals)
	}
	alone, err := r.Gaps(t.Context(), planner, coverage.GapFilter{Subject: coverage.Recording, Group: "odgj", Level: region.District, Region: "12.71.02"})
	if err != nil || !alone.Totals.Concealed {
		t.Errorf("totals of the one hidden row: %+v, %v; want none", alone.Totals, err)
	}
	for id, want := range map[int64]string{second.ID: `"lack":null`, told.ID: `"lack":{"below":5}`} {
		f, err := r.Figure(t.Context(), sumut, id)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(f); err != nil || !strings.Contains(string(text), want) || !strings.Contains(string(text), `"people":null`) {
			t.Errorf("the province sees the figure %s, %v; want it hidden, %s", text, err, want)
		}
	}
	list, err := r.Figures(t.Context(), auditor, coverage.FigureFilter{Region: "12.71"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil || strings.Count(string(text), `"people":null`) != 2 || !strings.Contains(string(text), `"lack":30`) {
		t.Errorf("the list of figures: %s, %v; want two hidden and the third shown", text, err)
	}

	f, err := r.Verify(t.Context(), access.Actor{ID: 8, Name: "province2.12", Role: access.Province, Reach: "12"}, second.ID, second.Version)
	if err != nil || f.People != nil {
		t.Errorf("whoever verifies it sees %v people, %v; want it hidden", deref(f.People), err)
	}
	var trail string
	err = postgres.Read(t.Context(), db, access.System, func(tx *sqlx.Tx) error {
		return tx.GetContext(t.Context(), &trail, `SELECT string_agg(coalesce(before::text, '') || after::text, ' ') FROM audit WHERE noun = 'figure'`)
	})
	if err != nil || !strings.Contains(trail, "odgj") || strings.Contains(trail, "40") {
		t.Errorf("the trail says %s, %v; want no number of the group", trail, err)
	}
}
