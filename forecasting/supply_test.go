package forecasting

import (
	"math"
	"math/rand/v2"
	"testing"

	"blangko/inventory"
)

func TestWhatStoresAndContractsBring(t *testing.T) {
	t.Parallel()
	date := on(2026, 11, 2)
	soon, late, past := on(2026, 11, 22), on(2027, 1, 31), on(2026, 10, 23)
	s := inventory.Supply{
		Held: []inventory.Held{{Region: "00", Pieces: 500}, {Region: "00", Earmark: "12", Pieces: 70}, {Region: "53", Pieces: 40}},
		Owed: []inventory.Owed{{Pieces: 900, DueOn: &late}, {Pieces: 300, DueOn: &soon}, {Pieces: 5000}, {Pieces: 200, DueOn: &past}, {Pieces: 60, Earmark: "82.71", DueOn: &soon}},
	}
	// Nearest first; a day past by ten days is ten days ahead; what names no day is not counted on.
	want := []pool{{"12", 0, 70}, {"53", 0, 40}, {"00", 0, 500}, {"00", 10, 200}, {"82.71", 20, 60}, {"00", 20, 300}, {"00", 90, 900}}
	got := pools(s, date, 0)
	if len(got) != len(want) {
		t.Fatalf("pools %+v, want %+v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("pool %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	for _, p := range pools(s, date, 30) {
		if p.after != 0 && p.after < 40 {
			t.Errorf("delayed by 30 days and yet %+v", p)
		}
	}
	if pools(inventory.Supply{Owed: s.Owed}, date, 0) != nil {
		t.Error("a national store that has posted nothing stands behind nothing, and nothing is said of it")
	}
}

func TestPromisesAreBackedByWhatThereIs(t *testing.T) {
	t.Parallel()
	places := []*place{office(1, "12.71"), office(2, "82.71"), office(3, "82.72")}
	// By hand: the grant serves Medan with 100; the store's 300 are two thirds of the 450 that are left; the contract brings
	// 100 of the last 150, and 50 nobody has.
	parts, left, open := back(places, []float64{250, 200, 100}, []pool{{"12", 0, 100}, {"00", 0, 300}, {"00", 20, 100}})
	want := [][]part{
		{{100, 0}, {100, 0}, {100.0 / 3, 20}},
		{{400.0 / 3, 0}, {400.0 / 9, 20}},
		{{200.0 / 3, 0}, {200.0 / 9, 20}},
	}
	for i := range want {
		if len(parts[i]) != len(want[i]) {
			t.Fatalf("place %d gets %v, want %v", i, parts[i], want[i])
		}
		for k, w := range want[i] {
			if g := parts[i][k]; math.Abs(g.pieces-w.pieces) > 1e-9 || g.after != w.after {
				t.Errorf("place %d gets %v, want %v", i, g, w)
			}
		}
	}
	if math.Abs(open-50) > 1e-9 || left[0].held != 0 || math.Abs(left[1].held) > 1e-9 || math.Abs(left[2].held) > 1e-9 {
		t.Errorf("%v left and %g open", left, open)
	}
	if parts, _, open := back(places, []float64{250, 0, 100}, nil); open != 0 || parts[0][0] != (part{250, 0}) || parts[1] != nil {
		t.Errorf("with nothing known of stores: %v, %g open", parts, open)
	}
	// Law: nothing is promised twice or lost, and nobody gets more than was promised.
	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		promised, from, total, held := make([]float64, 3), []pool{}, 0.0, 0.0
		for i := range promised {
			promised[i] = float64(rng.IntN(300))
			total += promised[i]
		}
		for k, scope := range []string{"12", "82", "00", "00", "82.71", "00"} {
			from = append(from, pool{scope, 10 * (k / 3), float64(rng.IntN(200))})
			held += from[k].held
		}
		parts, left, open := back(places, promised, from)
		for i, all := range parts {
			sum := 0.0
			for _, one := range all {
				sum += one.pieces
			}
			if total, held = total-sum, held-sum; sum > promised[i]+1e-9 {
				t.Fatalf("place %d is promised %g and gets %g", i, promised[i], sum)
			}
		}
		for _, l := range left {
			held -= l.held
		}
		if math.Abs(total-open) > 1e-6 || math.Abs(held) > 1e-6 {
			t.Fatalf("%g of promises and %g of stocks are nowhere", total-open, held)
		}
	}
}

// What is packed for a place leaves whatever else its sender has and owes; what is packed for a province or under way to it is its
// offices' alone, once it is there.
func TestWhatIsPackedIsNotRationed(t *testing.T) {
	t.Parallel()
	date, soon, past := on(2026, 11, 2), on(2026, 11, 9), on(2026, 10, 20)
	medan, ternate := office(1, "12.71"), office(2, "82.71")
	medan.position.OnOrder, medan.position.Packed = 1_000, 900
	ternate.position.OnOrder = 500
	s := inventory.Supply{Held: []inventory.Held{{Region: "00", Pieces: 0}},
		Coming: []inventory.Coming{{Region: "82", Pieces: 300, ExpectedOn: &soon}, {Region: "82", Pieces: 50}, {Region: "82", Pieces: 20, ExpectedOn: &past}}}
	places := []*place{medan, ternate}
	parts, _, open := back(places, onOrder(places), pools(s, date, 0))
	if got := append(medan.packed(), parts[0]...); len(got) != 1 || got[0] != (part{900, 0}) {
		t.Errorf("Medan gets %v, want the 900 that are packed", got)
	}
	if got := append(ternate.packed(), parts[1]...); piecesOf(got) != 370 || got[0].after != 1 || got[len(got)-1] != (part{300, 7}) {
		t.Errorf("Ternate gets %v, want what its province gets", got)
	}
	if open != 100+130 {
		t.Errorf("%g stand behind nothing, want 230", open)
	}
}
