package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"blangko/internal/region"
)

var lastDay = region.Date(2026, time.November, 21)

// nation is the whole demo, made once for all tests.
var nation = sync.OnceValue(func() *World { return Simulate(Calibration, region.All(), lastDay) })

// numbered are the places of a world under numbers of their own.
func numbered(w *World) (homes []home) {
	for i, p := range w.Places {
		homes = append(homes, home{id: i + 1, region: p.RegionID, kind: p.Kind})
	}
	return homes
}

var kept = sync.OnceValue(func() *book { return keep(nation(), numbered(nation()), actor) })

func TestNoBlankIsCreatedOrLost(t *testing.T) {
	t.Parallel()
	sums := map[int8]int64{}
	for account, pieces := range kept().balances {
		sums[account.item] += pieces
	}
	for item, sum := range sums {
		if sum != 0 {
			t.Errorf("item %d: balances add up to %d, want 0", item, sum)
		}
	}
}

func TestNoInnerAccountIsEverBelowZero(t *testing.T) {
	t.Parallel()
	b := kept()
	for account, least := range b.lowest {
		if least < 0 && !b.homes[account.place].outside() {
			t.Errorf("%+v of %+v fell to %d", account, b.world.Places[account.place], least)
		}
	}
}

func TestDaysFollowEachOther(t *testing.T) {
	t.Parallel()
	w := nation()
	times := w.times()
	for i, m := range w.Moves {
		if i > 0 && (m.Day < w.Moves[i-1].Day || !times[i].After(times[i-1])) {
			t.Fatalf("move %d of %s at %v comes after one at %v", i+1, w.Date(m.Day), times[i], times[i-1])
		}
		if day := times[i].In(region.WIT.Location()); day.Day() != w.Date(m.Day).Day() {
			t.Fatalf("move %d of %s is posted at %v", i+1, w.Date(m.Day), day)
		}
	}
}

// yearly adds up the truth of the nation over each of the three years.
func yearly(w *World) (years [3]Truth) {
	for _, months := range w.Truth {
		for m, truth := range months[1:] {
			y := &years[m/12]
			y.Demand, y.Printed, y.Spoiled, y.GaveUp = y.Demand+truth.Demand, y.Printed+truth.Printed, y.Spoiled+truth.Spoiled, y.GaveUp+truth.GaveUp
		}
	}
	return years
}

// The anchors are those of docs/demo.md.
func TestTheYearsAreThoseOfTheNation(t *testing.T) {
	t.Parallel()
	for i, y := range yearly(nation()) {
		if y.Printed < 16_000_000 || y.Printed > 25_000_000 {
			t.Errorf("year %d: %d cards, want 16 to 25 million", i+1, y.Printed)
		}
		if rate := 100 * float64(y.Spoiled) / float64(y.Printed+y.Spoiled); rate < 1.69 || rate > 1.79 {
			t.Errorf("year %d: %.3f %% spoiled, want 1.74", i+1, rate)
		}
		if y.Demand <= y.Printed {
			t.Errorf("year %d: %d came and %d cards were printed: no demand is hidden", i+1, y.Demand, y.Printed)
		}
	}
}

func TestWhoComesGetsACardOrWaitsOrTurnsAway(t *testing.T) {
	t.Parallel()
	for id, months := range nation().Truth {
		var came, served, gone int64
		for _, m := range months {
			came, served, gone = came+m.Demand, served+m.Printed, gone+m.GaveUp
			if m.Waiting > 0 && came-served-gone < 0 {
				t.Fatalf("region %d: %d came, %d got a card, %d turned away", id, came, served, gone)
			}
		}
	}
}

func TestScarcityHidesDemand(t *testing.T) {
	t.Parallel()
	w := nation()
	month := w.month(int(region.Date(2024, time.December, 1).Sub(w.Start).Hours() / 24))
	var crisis, calm Truth
	for _, months := range w.Truth {
		c, k := months[month], months[month-8]
		crisis.Demand, crisis.Printed, crisis.OutDays, crisis.PrintReady = crisis.Demand+c.Demand, crisis.Printed+c.Printed, crisis.OutDays+c.OutDays, crisis.PrintReady+c.PrintReady
		calm.Demand, calm.Printed, calm.OutDays, calm.PrintReady = calm.Demand+k.Demand, calm.Printed+k.Printed, calm.OutDays+k.OutDays, calm.PrintReady+k.PrintReady
	}
	if float64(crisis.Printed) > 0.85*float64(crisis.Demand) || float64(calm.Printed) < 0.95*float64(calm.Demand) {
		t.Errorf("crisis: %+v, calm: %+v", crisis, calm)
	}
	if crisis.PrintReady < 3*calm.PrintReady || crisis.OutDays < 10*calm.OutDays {
		t.Errorf("print-ready %d and %d, days out %d and %d: the crisis does not show", crisis.PrintReady, calm.PrintReady, crisis.OutDays, calm.OutDays)
	}
}

// A calm region has about 2,100 blanks on its shelf.
func TestShelvesInCalmTimes(t *testing.T) {
	t.Parallel()
	w := nation()
	var held, days int64
	sums := map[int32]int64{}
	offices := 0
	for _, p := range w.Places {
		if p.Kind == "regency" {
			offices++
		}
	}
	next := 0
	var means []int64
	for day := range int(w.End.Sub(w.Start).Hours()/24) + 1 {
		for ; next < len(w.Moves) && w.Moves[next].Day <= day; next++ {
			for _, l := range w.lines(w.Moves[next]) {
				for _, side := range []struct {
					place     int32
					condition int8
					pieces    int64
				}{{l.From, l.FromIn, -l.Pieces}, {l.To, l.ToIn, l.Pieces}} {
					kind := w.Places[side.place].Kind
					if l.Item == blank && side.condition == usable && (kind == "regency" || kind == "service") {
						sums[side.place] += side.pieces
						held += side.pieces
					}
				}
			}
		}
		days++
		means = append(means, held/int64(offices))
	}
	slices.Sort(means)
	if median := means[len(means)/2]; median < 1_700 || median > 2_500 {
		t.Errorf("a region holds %d in the middle, want about 2,100", median)
	}
}

func TestTheSameSeedMakesTheSameNation(t *testing.T) {
	t.Parallel()
	print := func(p Parameters) [32]byte {
		text, err := json.Marshal(Simulate(p, region.All(), lastDay, "34", "82"))
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(text)
	}
	other := Calibration
	other.Seed++
	one, again := print(Calibration), print(Calibration)
	if one != again {
		t.Error("two runs of one seed differ")
	}
	if one == print(other) {
		t.Error("another seed makes the same nation")
	}
}

func TestPapersAddUp(t *testing.T) {
	t.Parallel()
	w := nation()
	sent := map[int]int64{}
	for i, s := range w.Shipments {
		q := w.Requests[s.Request-1]
		if q.Place != s.To || s.Prepared <= q.Decided || s.Dispatched >= 0 && s.Dispatched <= s.Prepared || s.Received >= 0 && s.Received <= s.Dispatched {
			t.Fatalf("shipment %d: %+v for %+v", i+1, s, q)
		}
		sent[s.Request] += s.Pieces[0] + s.Pieces[1]
	}
	// asked and approved, by month
	type sums struct{ asked, approved int64 }
	given := map[string]sums{}
	for i, q := range w.Requests {
		if q.Approved+q.Declined > q.Asked || sent[i+1] != q.Shipped || q.Shipped != 0 && q.Shipped != q.Approved {
			t.Fatalf("request %d: %+v, sent %d", i+1, q, sent[i+1])
		}
		if q.Decided >= 0 {
			month := w.Date(q.Decided).Format("2006-01")
			given[month] = sums{given[month].asked + q.Asked, given[month].approved + q.Approved}
		}
	}
	fill := func(month string) float64 { return float64(given[month].approved) / float64(given[month].asked) }
	if calm, crisis := fill("2025-06"), fill("2024-12"); calm < 0.85 || crisis > 0.5 {
		t.Errorf("fill rate %.2f in a calm month, %.2f in the crisis", calm, crisis)
	}
	for i, p := range w.Procurements {
		var brought int64
		for _, d := range w.Deliveries {
			if d.Procurement == i+1 {
				brought += d.Pieces
			}
		}
		if brought != p.Delivered || brought > p.Pieces {
			t.Errorf("procurement %d of %d: %d brought, %d counted", i+1, p.Pieces, brought, p.Delivered)
		}
	}
}

func TestTheWayIsLongerToTheIslands(t *testing.T) {
	t.Parallel()
	w := nation()
	codes := map[int]string{}
	for _, f := range region.All() {
		codes[f.ID] = f.Code
	}
	days, n := map[string]float64{}, map[string]float64{}
	for _, s := range w.Shipments {
		if s.Received < 0 {
			continue
		}
		code := codes[w.Places[s.To].RegionID]
		for _, of := range []string{"31.71", "35.78", "82.71", "81.07"} { // Jakarta, Surabaya, Ternate, Aru
			if code == of {
				days[of] += float64(s.Received - s.Dispatched)
				n[of]++
			}
		}
	}
	mean := func(of string) float64 { return days[of] / n[of] }
	if !(mean("31.71") < mean("35.78") && mean("35.78") < mean("82.71") && mean("82.71") < mean("81.07")) {
		t.Errorf("mean days: Jakarta %.1f, Surabaya %.1f, Ternate %.1f, Aru %.1f", mean("31.71"), mean("35.78"), mean("82.71"), mean("81.07"))
	}
}

func TestTheLastDayIsAlive(t *testing.T) {
	t.Parallel()
	w := nation()
	last := int(w.End.Sub(w.Start).Hours() / 24)
	var submitted, onTheWay, overdue, story int
	for _, q := range w.Requests {
		if q.State == "submitted" {
			submitted++
		}
		for _, f := range region.All() {
			if f.Code == Calibration.Supply.Story && w.Places[q.Place].RegionID == f.ID && q.State != "closed" && q.State != "rejected" {
				story++
			}
		}
	}
	for _, s := range w.Shipments {
		if s.State == "dispatched" {
			onTheWay++
			if s.Expected < last {
				overdue++
			}
		}
	}
	if submitted < 20 || onTheWay < 20 || overdue < 3 {
		t.Errorf("%d requests, %d shipments on the way, %d overdue", submitted, onTheWay, overdue)
	}
	if story != 0 {
		t.Errorf("the region of the story has %d open requests, want none", story)
	}
	out, offices := 0, 0
	b := kept()
	for i, p := range w.Places {
		if p.Kind == "regency" {
			offices++
			if b.balances[account{int32(i), blank, usable, 1}]+b.balances[account{int32(i), blank, usable, 2}] == 0 {
				out++
			}
		}
	}
	if out < 5 || out > offices/4 {
		t.Errorf("%d of %d offices are out", out, offices)
	}
}

func TestHolidaysAreInOrder(t *testing.T) {
	t.Parallel()
	all := Holidays()
	if !slices.IsSortedFunc(all, func(a, b Holiday) int { return a.Day.Compare(b.Day) }) {
		t.Error("not in order")
	}
	perYear := map[int]int{}
	for _, h := range all {
		if h.Kind != "national" && h.Kind != "collective-leave" {
			t.Errorf("%v is of kind %q", h.Day, h.Kind)
		}
		perYear[h.Day.Year()]++
	}
	for year := 2023; year <= 2027; year++ {
		if perYear[year] < 18 {
			t.Errorf("%d holidays in %d", perYear[year], year)
		}
	}
}

// About 97.5 % of the id-card eligible are recorded, and 93 % of children have a birth certificate; Papua lags behind.
func TestCoverageIsThatOfTheNation(t *testing.T) {
	t.Parallel()
	w := nation()
	type sums struct{ people, have int64 }
	latest := map[string]sums{}
	papua := map[int]bool{}
	for _, f := range region.All() {
		papua[f.ID] = f.Code[0] == '9'
	}
	month := region.Date(2026, time.September, 30)
	for _, f := range w.Figures {
		if f.Have > f.People || f.Have < 0 || f.PrintReady < 0 || f.Sent+f.Held+f.PrintReady > f.Have {
			t.Fatalf("%+v", f)
		}
		if f.AsOf.Equal(month) {
			for _, of := range map[bool][]string{false: {f.Subject}, true: {f.Subject, f.Subject + " Papua"}}[papua[f.RegionID]] {
				latest[of] = sums{latest[of].people + f.People, latest[of].have + f.Have}
			}
		}
	}
	share := func(of string) float64 { return 100 * float64(latest[of].have) / float64(latest[of].people) }
	for of, want := range map[string][2]float64{"recording": {96.8, 98.2}, "birth-certificate": {92, 96}, "recording Papua": {60, 92}, "birth-certificate Papua": {50, 85}} {
		if got := share(of); got < want[0] || got > want[1] {
			t.Errorf("%s: %.2f %%, want %v", of, got, want)
		}
	}
}

func TestAReportNamesTheReleaseThatWasOut(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{"2024-07-31": "2023-S2", "2024-09-30": "2024-S1", "2025-02-28": "2024-S1", "2025-03-31": "2024-S2"} {
		date, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := release(date); got != want {
			t.Errorf("release on %s = %s, want %s", day, got, want)
		}
	}
}

func TestSitesAreWhereTheySay(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(bytes.NewReader(Sites())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]region.Fact{}
	for _, f := range region.All() {
		known[f.Code] = f
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:] {
		code := row[at["district_code"]]
		if code == "" {
			code = row[at["regency_code"]]
		}
		f, ok := known[code]
		if !ok || f.Code[:5] != row[at["regency_code"]] {
			t.Errorf("%s lies in %q", row[at["name"]], code)
		}
		var lon, lat float64
		if _, err := fmt.Sscan(row[at["lon"]]+" "+row[at["lat"]], &lon, &lat); err != nil || math.Abs(lon-f.Lon) > 0.2 || math.Abs(lat-f.Lat) > 0.2 {
			t.Errorf("%s lies at %s %s, its region %s at %.3f %.3f", row[at["name"]], row[at["lon"]], row[at["lat"]], code, f.Lon, f.Lat)
		}
	}
	if n := len(rows) - 1; n < 100 || n > 160 {
		t.Errorf("%d sites", n)
	}
}
