package forecasting

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"blangko/coverage"
	"blangko/inventory"
)

// province is what is known of a small nation: one province of two kabupaten/kota, of which the first prints in two
// kecamatan besides its office. A circular and visits are under way, and every driver is known.
func province(date time.Time) Known {
	k := Known{
		Regions: []Region{{1, "00", "Indonesia"}, {2, "12", "Sumatera Utara"}, {11, "12.71.01", "Satu"}, {12, "12.71.02", "Dua"}},
		Positions: []inventory.Position{{RegionID: 3, Region: "12.71", Name: "Medan", Zone: "WIB", Usable: 900},
			{RegionID: 4, Region: "12.72", Name: "Pematangsiantar", Zone: "WIB", Usable: 4000}},
		Circulars: []Circular{{Region: "12", Classes: []Class{"damaged", "data-change", "moved"}, From: date.AddDate(0, 0, 20).Format(time.DateOnly)}},
		Settings:  Settings{DigitalID: 0.3},
	}
	for t := range 36 {
		m := (monthOf(date) - 36 + month(t)).first()
		wave := func(id int) float64 { return 1 + 0.2*math.Sin(float64(t*(id+3))) + 0.3*math.Cos(float64(t)/6*math.Pi) }
		use := func(id int, per float64) inventory.MonthUse {
			return inventory.MonthUse{RegionID: id, Month: m, Used: int64(per * wave(id)), BusinessDays: 21}
		}
		k.Uses = append(k.Uses, use(3, 1500), use(4, 600))
		k.Below = append(k.Below, use(11, 500), use(12, 250))
		for _, id := range []int{3, 4} {
			k.Birthdays = append(k.Birthdays, coverage.Birthdays{RegionID: id, Month: m, People: int64(300 + 37*t%90)})
			for j, purpose := range inventory.Purposes {
				if t >= 24 {
					k.Purposes = append(k.Purposes, inventory.PurposeUse{RegionID: id, Month: m, Purpose: purpose, Used: int64(31 + 17*j + 7*t*id%41)})
				}
			}
		}
	}
	for t := range 9 {
		k.Visits = append(k.Visits, Visit{RegionID: 3, Day: date.AddDate(0, 0, 5+9*t), Blanks: 61.3 + float64(t), Held: 0.8})
	}
	return k
}

func foreseen(t testing.TB, k Known, date time.Time) *view {
	t.Helper()
	v, err := decide(k, date, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range v.outlooks {
		if o.err != nil {
			t.Fatal(o.place.position.Region, o.err)
		}
	}
	return v
}

var someNight = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)

// What is foreseen of a nation is the sum of its provinces, that of a province the sum of its kabupaten/kota, and that of
// a kabupaten/kota the sum of its kecamatan and the rest, also where a circular takes off and visits add.
func TestTheLevelsAgreeUnderCircularsAndVisits(t *testing.T) {
	t.Parallel()
	v := foreseen(t, province(someNight), someNight)
	near := func(what string, h int, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6*want {
			t.Errorf("month %d: %s %.4f, the sum of its parts %.4f", h, what, got, want)
		}
	}
	medan := v.outlooks[0]
	if len(medan.below) != 3 {
		t.Fatalf("%d parts of a kabupaten/kota with two printing kecamatan and a rest", len(medan.below))
	}
	for h := range medan.demand.Mean {
		parts := 0.0
		for _, s := range medan.below {
			parts += s.mean[h]
		}
		near("kabupaten/kota", h, medan.demand.Mean[h], parts)
		near("province", h, v.above[1].mean[h], medan.demand.Mean[h]+v.outlooks[1].demand.Mean[h])
		near("nation", h, v.above[0].mean[h], v.above[1].mean[h])
		made := v.above[0].parts[h]
		sum := made.EarlyRecorded + made.DigitalID + made.SwitchedOff + made.Visits + made.BesideVisits
		for _, n := range made.Purposes {
			sum += n
		}
		near("nation, by what it is made of", h, v.above[0].mean[h], sum)
		if made.Calendar["working_days"] <= 0.5 || made.Calendar["working_days"] > 1.5 {
			t.Errorf("month %d: working days of the nation %v", h, made.Calendar)
		}
	}
	// Future by future: the parts of each month sum to the kabupaten/kota as it was played through.
	days := daysAhead(v.common.calendar, someNight)
	w := prepare(province(someNight), someNight)
	chosen := w.test(func() {})
	for i, o := range w.outlooks {
		if err := o.foresee(w.common, chosen[i], w.widths[0], w.day, days); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.agree(days); err != nil {
		t.Fatal(err)
	}
	medan = w.outlooks[0]
	if err := medan.play(w.common, days, w.day); err != nil {
		t.Fatal(err)
	}
	if medan.visiting == nil || medan.kept[1] > 0.8 {
		t.Fatalf("no visit, or no circular: %v", medan.kept)
	}
	shares, err := medan.split()
	if err != nil {
		t.Fatal(err)
	}
	for h, total := range medan.demand.Draws {
		for i, want := range total {
			got := 0.0
			for _, part := range shares[h] {
				got += part[i]
			}
			if math.Abs(got-want) > 1e-6*(1+want) {
				t.Fatalf("month %d, future %d: %.6f, the sum of its parts %.6f", h, i, want, got)
			}
		}
	}
}

// The same knowledge gives the same to the last bit: nothing is summed in an order that chance decides.
func TestTwoNightsAreAlikeToTheLastBit(t *testing.T) {
	t.Parallel()
	first := foreseen(t, province(someNight), someNight)
	for range 4 {
		again := foreseen(t, province(someNight), someNight)
		if !reflect.DeepEqual(first.rows(), again.rows()) {
			t.Fatal("the forecasts differ")
		}
		for i, o := range first.outlooks {
			if p := again.outlooks[i]; !reflect.DeepEqual(o.shelf, p.shelf) || !reflect.DeepEqual(o.need, p.need) || !reflect.DeepEqual(o.place.drivers, p.place.drivers) {
				t.Fatalf("what is foreseen of %s differs", o.place.position.Region)
			}
		}
	}
}

// A region whose shelf was empty in every month is forecast by its people, and is not taken for one that has not begun;
// with nobody known to live there it is named as without a history.
func TestARegionThatWasAlwaysEmptyIsForecastByItsPeople(t *testing.T) {
	t.Parallel()
	k := province(someNight)
	for i := range k.Uses {
		if k.Uses[i].RegionID == 4 {
			k.Uses[i].Used, k.Uses[i].StockoutDays = 0, 21
		}
	}
	k.Positions[1].Usable = 0
	k.Purposes, k.Birthdays, k.Circulars, k.Visits = nil, nil, nil, nil
	k.Populations = map[int]coverage.Population{4: {People: 300_000}}
	o := foreseen(t, k, someNight).outlooks[1]
	if o.place.silent || o.demand.Mean[1] < 1000 || o.demand.Mean[1] > 3500 || o.need.RunOut < 0.9 {
		t.Errorf("silent %v, mean %.0f, run-out %.2f; want about 2,000 a month and an empty shelf", o.place.silent, o.demand.Mean[1], o.need.RunOut)
	}
	k.Populations = nil
	v, err := decide(k, someNight, func(int, int) {})
	if err != nil || !errors.Is(v.outlooks[1].err, ErrNoHistory) || v.outlooks[0].err != nil {
		t.Errorf("nobody known: %v, %v; the other: %v", err, v.outlooks[1].err, v.outlooks[0].err)
	}
}
