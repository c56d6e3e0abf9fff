package fairshare_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"blangko/inventory/fairshare"
)

func blanks(n int64) *int64 { return &n }

func rat(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("no number: %q", s)
	}
	return r
}

// three is the worked example of the planners: asked 3000, 4000 and 2000, with 200, 300 and 400 at hand and 50, 120 and 20 used a day.
func three() []fairshare.Claim {
	return []fairshare.Claim{
		{Request: blanks(3000), Stock: 200, DailyNeed: big.NewRat(50, 1)},
		{Request: blanks(4000), Stock: 300, DailyNeed: big.NewRat(120, 1)},
		{Request: blanks(2000), Stock: 400, DailyNeed: big.NewRat(20, 1)},
	}
}

func given(r fairshare.Result) []int64 {
	var g []int64
	for _, l := range r.Lines {
		g = append(g, l.Given)
	}
	return g
}

func TestWorkedExample(t *testing.T) {
	for _, c := range []struct {
		rule fairshare.Rule
		box  int64
		want []int64
	}{
		{fairshare.Together, 1, []int64{1353, 3426, 221}},
		{fairshare.Proportional, 1, []int64{1667, 2222, 1111}},
		{fairshare.Gains, 1, []int64{1667, 1667, 1666}},
		{fairshare.Losses, 1, []int64{1667, 2667, 666}},
		{fairshare.Together, 100, []int64{1400, 3400, 200}},
		{fairshare.Proportional, 100, []int64{1700, 2200, 1100}},
		{fairshare.Gains, 100, []int64{1700, 1700, 1600}},
		{fairshare.Losses, 100, []int64{1700, 2700, 600}},
	} {
		t.Run(fmt.Sprintf("%s in boxes of %d", c.rule, c.box), func(t *testing.T) {
			got, err := fairshare.Divide(fairshare.Terms{Available: 5000, Rule: c.rule, Box: c.box, Days: 30}, three())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(given(got), c.want) || got.Left != 0 {
				t.Errorf("gave %v, left %d, want %v", given(got), got.Left, c.want)
			}
		})
	}
}

// The example that users of open-mSupply wrote down in issue 852: 50 units over monthly use of 10, 20 and 50. After 6, 12
// and 30 all three stand at 18 days, and the two units still there go in the order of the file. Rounding to the nearest
// would give 6, 13 and 31, and could take a unit away when one more comes in.
func TestEqualLevelsGoInFileOrder(t *testing.T) {
	claims := []fairshare.Claim{{DailyNeed: big.NewRat(10, 30)}, {DailyNeed: big.NewRat(20, 30)}, {DailyNeed: big.NewRat(50, 30)}}
	got, err := fairshare.Divide(fairshare.Terms{Available: 50, Rule: fairshare.Together, Box: 1, Days: 30}, claims)
	if want := []int64{7, 13, 30}; err != nil || !slices.Equal(given(got), want) {
		t.Errorf("gave %v, %v, want %v", given(got), err, want)
	}
}

func TestBoundsAndReasons(t *testing.T) {
	need := big.NewRat(10, 1)
	for _, c := range []struct {
		name    string
		terms   fairshare.Terms
		claims  []fairshare.Claim
		given   []int64
		reasons []fairshare.Reason
		left    int64
		full    bool
	}{
		{"floors first, then the lowest level, never above the request",
			fairshare.Terms{Available: 100, Rule: fairshare.Together, Box: 1, Days: 30},
			[]fairshare.Claim{
				{Request: blanks(90), Stock: 500, DailyNeed: need, Floor: 20},
				{Request: blanks(30), DailyNeed: need},
				{Request: blanks(90), DailyNeed: need},
				{Request: blanks(90), Stock: 800, DailyNeed: need}},
			[]int64{20, 30, 50, 0},
			[]fairshare.Reason{fairshare.Floored, fairshare.Satisfied, fairshare.Levelled, fairshare.Waiting}, 0, false},
		{"caps go down and floors up to boxes, the rest is left",
			fairshare.Terms{Available: 1050, Rule: fairshare.Gains, Box: 100, Days: 30},
			[]fairshare.Claim{{Cap: blanks(199)}, {Floor: 101, Cap: blanks(350)}},
			[]int64{100, 300}, []fairshare.Reason{fairshare.Capped, fairshare.Capped}, 650, true},
		{"what is less than a box is left",
			fairshare.Terms{Available: 250, Rule: fairshare.Gains, Box: 100, Days: 30},
			[]fairshare.Claim{{}, {Request: blanks(500)}},
			[]int64{100, 100}, []fairshare.Reason{fairshare.Levelled, fairshare.Levelled}, 50, false},
		{"one place may take all boxes, and the rest is still no cap's fault",
			fairshare.Terms{Available: 250, Rule: fairshare.Gains, Box: 100, Days: 30},
			[]fairshare.Claim{{}},
			[]int64{200}, []fairshare.Reason{fairshare.Levelled}, 50, false},
		{"without need comes last",
			fairshare.Terms{Available: 100, Rule: fairshare.Together, Box: 1, Days: 30},
			[]fairshare.Claim{{Request: blanks(60)}, {Request: blanks(50), DailyNeed: need, Stock: 900}, {Request: blanks(60)}},
			[]int64{50, 50, 0}, []fairshare.Reason{fairshare.Unmeasured, fairshare.Satisfied, fairshare.Unmeasured}, 0, false},
		{"weight 0 comes last under every rule",
			fairshare.Terms{Available: 100, Rule: fairshare.Losses, Box: 1, Days: 30},
			[]fairshare.Claim{{Request: blanks(60), Weight: new(big.Rat)}, {Request: blanks(60)}},
			[]int64{40, 60}, []fairshare.Reason{fairshare.Unmeasured, fairshare.Satisfied}, 0, false},
		{"a push is measured by its need over the days",
			fairshare.Terms{Available: 300, Rule: fairshare.Proportional, Box: 1, Days: 30},
			[]fairshare.Claim{{DailyNeed: need}, {Request: blanks(600), DailyNeed: need}},
			[]int64{100, 200}, []fairshare.Reason{fairshare.Levelled, fairshare.Levelled}, 0, false},
		{"nothing to divide",
			fairshare.Terms{Available: 0, Rule: fairshare.Shortage, Box: 1, Days: 30},
			[]fairshare.Claim{{DailyNeed: need}, {Request: blanks(0)}},
			[]int64{0, 0}, []fairshare.Reason{fairshare.Waiting, fairshare.Satisfied}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := fairshare.Divide(c.terms, c.claims)
			if err != nil {
				t.Fatal(err)
			}
			var reasons []fairshare.Reason
			for _, l := range got.Lines {
				reasons = append(reasons, l.Reason)
			}
			if !slices.Equal(given(got), c.given) || !slices.Equal(reasons, c.reasons) {
				t.Errorf("gave %v for %v, want %v for %v", given(got), reasons, c.given, c.reasons)
			}
			if got.Left != c.left || got.Full != c.full {
				t.Errorf("left %d, full %v, want %d, %v", got.Left, got.Full, c.left, c.full)
			}
		})
	}
}

func TestErrorsNameClaimFieldAndValue(t *testing.T) {
	fine := fairshare.Terms{Available: 100, Rule: fairshare.Gains, Box: 1, Days: 30}
	for _, c := range []struct {
		name   string
		terms  func(*fairshare.Terms)
		claims []fairshare.Claim
		want   fairshare.Error
	}{
		{"rule", func(t *fairshare.Terms) { t.Rule = "fair" }, nil, fairshare.Error{Code: fairshare.UnknownRule, Claim: -1, Field: "rule", Value: "fair"}},
		{"available", func(t *fairshare.Terms) { t.Available = -1 }, nil, fairshare.Error{Code: fairshare.TooSmall, Claim: -1, Field: "available", Value: "-1", Limit: "0"}},
		{"box", func(t *fairshare.Terms) { t.Box = 0 }, nil, fairshare.Error{Code: fairshare.TooSmall, Claim: -1, Field: "box", Value: "0", Limit: "1"}},
		{"days", func(t *fairshare.Terms) { t.Days = 0 }, nil, fairshare.Error{Code: fairshare.TooSmall, Claim: -1, Field: "days", Value: "0", Limit: "1"}},
		{"negative stock", nil, []fairshare.Claim{{}, {Stock: -3}}, fairshare.Error{Code: fairshare.TooSmall, Claim: 1, Field: "stock", Value: "-3", Limit: "0"}},
		{"negative weight", nil, []fairshare.Claim{{Weight: big.NewRat(-1, 2)}}, fairshare.Error{Code: fairshare.TooSmall, Claim: 0, Field: "weight", Value: "-1/2", Limit: "0"}},
		{"floor above cap", nil, []fairshare.Claim{{Floor: 6, Cap: blanks(5)}}, fairshare.Error{Code: fairshare.FloorAboveCap, Claim: 0, Field: "floor", Value: "6", Limit: "5"}},
		{"floor above request", nil, []fairshare.Claim{{Floor: 6, Request: blanks(5)}}, fairshare.Error{Code: fairshare.FloorAboveCap, Claim: 0, Field: "floor", Value: "6", Limit: "5"}},
		{"floor above cap in boxes", func(t *fairshare.Terms) { t.Box = 10 }, []fairshare.Claim{{Floor: 11, Cap: blanks(19)}},
			fairshare.Error{Code: fairshare.FloorAboveCap, Claim: 0, Field: "floor", Value: "11", Limit: "19"}},
		{"floors above available in boxes", func(t *fairshare.Terms) { t.Box = 40 }, []fairshare.Claim{{Floor: 1}, {Floor: 41}},
			fairshare.Error{Code: fairshare.FloorsAboveAvailable, Claim: -1, Field: "floor", Value: "120", Limit: "100"}},
		{"floors beyond int64", nil, []fairshare.Claim{{Floor: math.MaxInt64}, {Floor: math.MaxInt64}},
			fairshare.Error{Code: fairshare.FloorsAboveAvailable, Claim: -1, Field: "floor", Value: "18446744073709551614", Limit: "100"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			terms := fine
			if c.terms != nil {
				c.terms(&terms)
			}
			_, err := fairshare.Divide(terms, c.claims)
			var got *fairshare.Error
			if !errors.As(err, &got) || *got != c.want {
				t.Errorf("error %v, want %v", err, &c.want)
			}
		})
	}
}

// At the ends of int64 nothing overflows: the sums are the same as with small numbers.
func TestHugeQuantities(t *testing.T) {
	huge := int64(math.MaxInt64)
	for _, rule := range fairshare.Rules() {
		claims := []fairshare.Claim{
			{Stock: huge, DailyNeed: rat(t, "1e-30"), Request: blanks(huge)},
			{Stock: huge, DailyNeed: rat(t, "1e30"), Weight: rat(t, "1e30")},
			{DailyNeed: rat(t, "0.123456789012345678"), Weight: rat(t, "1e-30"), Cap: blanks(huge), SD: rat(t, "1e30")},
			{DailyNeed: rat(t, "5"), SD: rat(t, "1e-30")},
		}
		got, err := fairshare.Divide(fairshare.Terms{Available: huge, Rule: rule, Box: 1, Days: huge}, claims)
		if err != nil {
			t.Fatal(err)
		}
		left := uint64(huge)
		for _, l := range got.Lines {
			if l.Given < 0 {
				t.Errorf("%s gave %v", rule, given(got))
			}
			left -= uint64(l.Given)
		}
		if left != 0 || got.Left != 0 {
			t.Errorf("%s gave %v, left %d, said %d", rule, given(got), left, got.Left)
		}
	}
}

// small draws a division of up to four places small enough to walk box by box.
func small(t *rapid.T) (fairshare.Terms, []fairshare.Claim) {
	terms := fairshare.Terms{
		Available: rapid.Int64Range(0, 60).Draw(t, "available"),
		Rule:      rapid.SampledFrom(fairshare.Rules()).Draw(t, "rule"),
		Box:       rapid.SampledFrom([]int64{1, 1, 2, 3, 10}).Draw(t, "box"),
		Days:      rapid.Int64Range(1, 9).Draw(t, "days"),
	}
	return terms, rapid.SliceOfN(rapid.Custom(claim), 1, 6).Draw(t, "claims")
}

func claim(t *rapid.T) fairshare.Claim {
	decimal := rapid.Custom(func(t *rapid.T) *big.Rat {
		return big.NewRat(rapid.Int64Range(0, 40).Draw(t, "top"), rapid.SampledFrom([]int64{1, 1, 2, 3, 10}).Draw(t, "bottom"))
	})
	maybe := func(label string) *int64 {
		return rapid.Ptr(rapid.Int64Range(0, 40), true).Draw(t, label)
	}
	return fairshare.Claim{
		Request:   maybe("request"),
		Stock:     rapid.Int64Range(0, 40).Draw(t, "stock"),
		DailyNeed: decimal.Draw(t, "need"),
		SD:        rapid.OneOf(rapid.Just[*big.Rat](nil), decimal).Draw(t, "sd"),
		Weight:    rapid.OneOf(rapid.Just[*big.Rat](nil), decimal).Draw(t, "weight"),
		Floor:     rapid.SampledFrom([]int64{0, 0, 0, 1, 5, 10}).Draw(t, "floor"),
		Cap:       maybe("cap"),
	}
}

// The four exact rules give to the last blank what walking box by box in rational numbers gives.
func TestDivideIsTheWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, claims := small(t)
		if terms.Rule == fairshare.Shortage {
			terms.Rule = fairshare.Together
		}
		got, err := fairshare.Divide(terms, claims)
		want, possible := walk(terms, claims)
		if (err == nil) != possible {
			t.Fatalf("error %v, but possible is %v", err, possible)
		}
		if err == nil && !slices.Equal(given(got), want) {
			t.Fatalf("%s gave %v, the walk gives %v", terms.Rule, given(got), want)
		}
	})
}

// walk is the definition: floors, then box by box to the lowest level, the first of equals.
func walk(t fairshare.Terms, claims []fairshare.Claim) (given []int64, possible bool) {
	left := t.Available
	for _, c := range claims {
		floor := (c.Floor + t.Box - 1) / t.Box * t.Box
		if limit := limitOf(c); limit != nil && floor > *limit/t.Box*t.Box {
			return nil, false
		}
		given = append(given, floor)
		left -= floor
	}
	if left < 0 {
		return nil, false
	}
	for ; left >= t.Box; left -= t.Box {
		best := -1
		for i, c := range claims {
			if limit := limitOf(c); limit != nil && given[i]+t.Box > *limit {
				continue
			}
			if best < 0 || lower(levelOf(t, c, given[i]), levelOf(t, claims[best], given[best])) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		given[best] += t.Box
	}
	return given, true
}

func limitOf(c fairshare.Claim) *int64 {
	if c.Cap != nil {
		return c.Cap
	}
	return c.Request
}

// levelOf is the level of the rule, lowest first; nil is above all levels.
func levelOf(t fairshare.Terms, c fairshare.Claim, given int64) *big.Rat {
	weight := c.Weight
	if weight == nil {
		weight = big.NewRat(1, 1)
	}
	need := c.DailyNeed
	if need == nil {
		need = new(big.Rat)
	}
	asked := new(big.Rat).Mul(need, big.NewRat(t.Days, 1))
	if c.Request != nil {
		asked = big.NewRat(*c.Request, 1)
	}
	over, under := big.NewRat(given, 1), new(big.Rat).Set(weight)
	switch t.Rule {
	case fairshare.Together:
		over, under = big.NewRat(c.Stock+given, 1), under.Mul(under, need)
	case fairshare.Proportional:
		under.Mul(under, asked)
	case fairshare.Losses:
		if weight.Sign() == 0 {
			return nil
		}
		return over.Mul(over.Sub(over, asked), weight)
	}
	if under.Sign() == 0 {
		return nil
	}
	return over.Quo(over, under)
}

func lower(a, b *big.Rat) bool {
	if a == nil || b == nil {
		return a != nil
	}
	return a.Cmp(b) < 0
}

// Whatever the rule: floors, caps and boxes hold, nothing is left without a cause, and one more blank takes none away.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, claims := small(t)
		got, err := fairshare.Divide(terms, claims)
		if err != nil {
			return
		}
		total, room := int64(0), false
		for i, l := range got.Lines {
			total += l.Given
			limit := limitOf(claims[i])
			if l.Given%terms.Box != 0 || l.Given < claims[i].Floor || limit != nil && l.Given > *limit {
				t.Fatalf("line %d got %d of %+v", i, l.Given, claims[i])
			}
			room = room || limit == nil || l.Given+terms.Box <= *limit
		}
		if total+got.Left != terms.Available || got.Full == room || room && got.Left >= terms.Box {
			t.Fatalf("gave %d, left %d of %d, full %v, room %v", total, got.Left, terms.Available, got.Full, room)
		}
		terms.Available++
		more, err := fairshare.Divide(terms, claims)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range more.Lines {
			if l.Given < got.Lines[i].Given {
				t.Fatalf("one more blank takes from line %d: %v, then %v", i, given(got), given(more))
			}
		}
	})
}

// Where no two levels are equal the order of the file says nothing; with ties a line moves by at most a box.
func TestOrderOfClaimsOnlyBreaksTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, claims := small(t)
		for i := range claims {
			if levelOf(terms, claims[i], 0) == nil || claims[i].DailyNeed.Sign() == 0 {
				claims[i].DailyNeed, claims[i].Weight, claims[i].Request = big.NewRat(1, 1), nil, blanks(40)
			}
			claims[i].SD = nil // a demand without chance has many ties in a row
		}
		forth, err := fairshare.Divide(terms, claims)
		if err != nil {
			return
		}
		reversed := slices.Clone(claims)
		slices.Reverse(reversed)
		back, err := fairshare.Divide(terms, reversed)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(back.Lines)
		for i := range claims {
			if d := forth.Lines[i].Given - back.Lines[i].Given; max(d, -d) > terms.Box {
				t.Fatalf("%s: %v, in reverse %v", terms.Rule, given(forth), given(back))
			}
		}
	})
}

// FuzzDivide looks for quantities that break the sums, at the ends of int64 above all.
func FuzzDivide(f *testing.F) {
	f.Add(int64(5000), int64(100), 0, int64(200), int64(3000), int64(7), int64(5), int64(3))
	f.Add(int64(math.MaxInt64), int64(1), 4, int64(math.MaxInt64), int64(math.MaxInt64), int64(1), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, available, box int64, rule int, stock, request, need, floor, limit int64) {
		rules := fairshare.Rules()
		terms := fairshare.Terms{Available: available, Rule: rules[uint(rule)%uint(len(rules))], Box: box, Days: 30}
		claims := []fairshare.Claim{
			{Request: &request, Stock: stock, DailyNeed: big.NewRat(need, 7)},
			{Stock: request, DailyNeed: big.NewRat(need, 3), Cap: &limit, Floor: floor},
			{Request: &limit, Stock: floor, DailyNeed: big.NewRat(1, 9)},
		}
		got, err := fairshare.Divide(terms, claims)
		if err != nil {
			return
		}
		left := available
		for i, l := range got.Lines {
			if l.Given < claims[i].Floor || l.Given%box != 0 {
				t.Fatalf("gave %v", given(got))
			}
			left -= l.Given
		}
		if left != got.Left || left < 0 {
			t.Fatalf("gave %v of %d, said that %d is left", given(got), available, got.Left)
		}
	})
}
