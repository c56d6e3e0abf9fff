package coverage_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

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

// Law: what a list hides beside small counts is what would be hidden had every figure of all times been read.
func TestHiddenNeighboursAreThoseOfTheWholeHistory(t *testing.T) {
	t.Parallel()
	_, db := open(t)
	chance := rand.New(rand.NewPCG(6, 160))
	codes := []string{"12.71.01", "12.72.01", "12.73.01", "12.71", "12"}
	total := 0
	for round := range 24 {
		err := postgres.Write(t.Context(), db, planner, func(tx *sqlx.Tx) error {
			kind := coverage.Figure{Subject: coverage.Recording, Scope: "wajib_ktp", Group: fmt.Sprint("group-", round)}
			history := invent(t, tx, chance, kind.Group, round%4 == 0)
			want, err := coverage.HiddenBesidePlainly(t.Context(), tx, codes, kind)
			if err != nil {
				return err
			}
			total += len(want)
			for month := range 14 {
				since := aYear.AddDate(0, month-1, 0)
				got, err := coverage.HiddenBeside(t.Context(), tx, codes, kind, since)
				if err != nil {
					return err
				}
				latest := map[int]time.Time{}
				for _, f := range history {
					if !f.day.After(since) && f.day.After(latest[f.region]) {
						latest[f.region] = f.day
					}
				}
				for _, f := range history {
					if shown := !f.day.Before(since) || f.day.Equal(latest[f.region]); shown && got[f.id] != want[f.id] {
						t.Errorf("round %d, from %s on: figure %d of region %d of %s is hidden: %v, want %v", round,
							since.Format(time.DateOnly), f.id, f.region, f.day.Format(time.DateOnly), got[f.id], want[f.id])
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if total < 50 {
		t.Errorf("only %d figures were hidden beside others in all: too few to tell", total)
	}
}

// told is a figure of a region of a day.
type told struct {
	id     int64
	region int
	day    time.Time
}

var aYear = region.Date(2024, 1, 1)

// invent makes a year of figures of a group in some cities, provinces and kecamatan: of whatever day, or most of them of three
// days; with many small counts or few; narrow for so few regions that most have a whole history.
func invent(t *testing.T, tx *sqlx.Tx, chance *rand.Rand, group string, narrow bool) (history []told) {
	t.Helper()
	var all []int
	err := tx.SelectContext(t.Context(), &all, `
		SELECT id
		FROM regions_today
		WHERE level IN (1, 2, 3) AND (code LIKE '12.7%' OR code IN ('11', '12', '13'))
		ORDER BY code`)
	if err != nil {
		t.Fatal(err)
	}
	if narrow {
		all = all[:12]
	}
	regular, rare, most := chance.IntN(2) == 0, 1+chance.IntN(30), 1+chance.IntN(60)
	some := func() *int64 {
		n := int64(chance.IntN(most))
		if chance.IntN(rare) > 0 {
			n += 100
		}
		return &n
	}
	for range 150 {
		f := told{region: all[chance.IntN(len(all))], day: aYear.AddDate(0, chance.IntN(12), 0)}
		if regular && chance.IntN(10) > 0 {
			f.day = aYear.AddDate(0, 4*chance.IntN(3), 0)
		}
		n := coverage.Numbers{People: some()}
		switch chance.IntN(4) {
		case 0:
			percent := float64(chance.IntN(10_000)) / 100
			n.Percent = &percent
		case 1:
			n.Have = some()
		case 2:
			n.Lack = some()
		default:
			n.Have, n.Lack, n.Sent = some(), some(), some()
		}
		var few bool
		err := tx.QueryRowContext(t.Context(), `
			INSERT INTO figures (region_id, subject, scope, people_group, as_of, precision, era, people, have, lack, percent, sent,
				source, status, submitted_at, recorded_id, recorded_by, recorded_at)
			VALUES ($1, 'recording', 'wajib_ktp', $2, $3, $4, 38, $5, $6, $7, $8, $9, $10, $11, CASE $11 WHEN 'submitted' THEN now() END, 1, 'test', now())
			ON CONFLICT DO NOTHING
			RETURNING id, few`, f.region, group, f.day, []string{"day", "month"}[chance.IntN(2)], n.People, n.Have, n.Lack, n.Percent, n.Sent,
			fmt.Sprint("source ", chance.IntN(2)), []string{"draft", "submitted", "submitted", "submitted"}[chance.IntN(4)]).Scan(&f.id, &few)
		switch {
		case errors.Is(err, sql.ErrNoRows): // said before
		case err != nil:
			t.Fatal(err)
		case n.Small() && !few:
			t.Errorf("%+v has a small count and is kept as one that has none", n)
		default:
			history = append(history, f)
		}
	}
	return history
}
