package fairshare

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
)

// linear orders lines by a level (a + b·given) / d that is compared exactly.
type linear struct {
	lines []linearLine
	box   int64
	small bool    // every a + b·given and d fits in an int64
	show  float64 // turns the compared level into the one shown; negative for losses, the largest of which comes first
	x, y  big.Int // scratch
}

// A linearLine holds a, b and d as whole numbers on scales common to all lines.
type linearLine struct {
	a, b, d number
	none    bool // b or d is 0: the line has no level and comes last
	given   int64
	top     int64   // a + b·given when all lines are small
	approx  float64 // (a + b·given) / d when they are not, wrong by at most
	wrong   float64
}

// A number is a whole number three ways: the int64 holds when it is small enough, the float64 nearly.
type number struct {
	exact *big.Int
	small int64
	near  float64
}

func newLinear(t Terms, claims []Claim) *linear {
	o := &linear{lines: make([]linearLine, len(claims)), box: t.Box, small: true}
	levels := make([][3]*big.Rat, len(claims))
	over, under, most := big.NewInt(1), big.NewInt(1), big.NewInt(t.Available)
	for i, c := range claims {
		a, b, d := level(t, c)
		levels[i] = [3]*big.Rat{a, b, d}
		widen(over, a)
		widen(over, b)
		widen(under, d)
	}
	for i, l := range levels {
		line := linearLine{a: whole(l[0], over), b: whole(l[1], over), d: whole(l[2], under)}
		line.none = line.b.exact.Sign() == 0 || line.d.exact.Sign() == 0
		o.small = o.small && o.fits(&line, most)
		o.lines[i] = line
	}
	o.show, _ = new(big.Rat).SetFrac(under, over).Float64()
	if t.Rule == Losses {
		o.show = -o.show
	}
	return o
}

// fits tells whether d and |a| + b·given are int64 up to the most that may be given.
func (o *linear) fits(l *linearLine, most *big.Int) bool {
	o.x.Mul(l.b.exact, most)
	o.x.Add(&o.x, o.y.Abs(l.a.exact))
	return o.x.IsInt64() && l.d.exact.IsInt64()
}

// Nobody changes these.
var zero, one = new(big.Rat), big.NewRat(1, 1)

// level is the a, b and d that the package comment gives for each rule.
func level(t Terms, c Claim) (a, b, d *big.Rat) {
	switch t.Rule {
	case Together:
		if c.DailyNeed == nil {
			return zero, one, zero
		}
		return new(big.Rat).SetInt64(c.Stock), one, c.weighted(c.DailyNeed)
	case Proportional:
		return zero, one, c.weighted(c.asks(t.Days))
	case Gains:
		return zero, one, c.weight()
	default: // Losses
		lost := c.weighted(c.asks(t.Days))
		return new(big.Rat).Neg(lost), c.weight(), one
	}
}

// widen makes scale a multiple of the denominator of r.
func widen(scale *big.Int, r *big.Rat) {
	if r.IsInt() {
		return
	}
	missing := new(big.Int).GCD(nil, nil, scale, r.Denom())
	missing.Quo(r.Denom(), missing)
	scale.Mul(scale, missing)
}

// whole is r × scale, for a scale that makes it a whole number.
func whole(r *big.Rat, scale *big.Int) number {
	n := r.Num()
	if scale.Cmp(one.Num()) != 0 {
		n = new(big.Int).Quo(scale, r.Denom())
		n.Mul(n, r.Num())
	}
	near, _ := n.Float64()
	return number{n, n.Int64(), near}
}

func (o *linear) at(i int, boxes int64) {
	l := &o.lines[i]
	l.given = boxes * o.box
	if o.small {
		l.top = l.a.small + l.b.small*l.given
	} else {
		l.estimate()
	}
}

// estimate takes seven roundings of terms no larger than the magnitude.
func (l *linearLine) estimate() {
	more := l.b.near * float64(l.given)
	l.approx = (l.a.near + more) / l.d.near
	l.wrong = 1e-15 * (math.Abs(l.a.near) + more) / l.d.near
}

func (o *linear) before(i, j int) bool {
	l, m := &o.lines[i], &o.lines[j]
	if l.none || m.none {
		return !l.none || (m.none && i < j)
	}
	if c := o.compare(l, m); c != 0 {
		return c < 0
	}
	return i < j
}

// compare compares cross products. Where they do not fit in 128 bits, it first looks whether the quotients are farther
// apart than rounding explains.
func (o *linear) compare(l, m *linearLine) int {
	if o.small {
		return compareProducts(l.top, m.d.small, m.top, l.d.small)
	}
	if gap := l.approx - m.approx; math.Abs(gap) > l.wrong+m.wrong {
		return cmp.Compare(gap, 0)
	}
	l.exactly(&o.x)
	m.exactly(&o.y)
	return o.x.Mul(&o.x, m.d.exact).Cmp(o.y.Mul(&o.y, l.d.exact))
}

// exactly sets top to a + b·given.
func (l *linearLine) exactly(top *big.Int) {
	top.SetInt64(l.given)
	top.Mul(top, l.b.exact)
	top.Add(top, l.a.exact)
}

// compareProducts compares a·b with c·d, for b and d ≥ 0.
func compareProducts(a, b, c, d int64) int {
	if a < 0 && c < 0 {
		a, b, c, d = -c, d, -a, b
	}
	if a < 0 || c < 0 {
		return cmp.Compare(a, c)
	}
	high, low := bits.Mul64(uint64(a), uint64(b))
	high2, low2 := bits.Mul64(uint64(c), uint64(d))
	if high != high2 {
		return cmp.Compare(high, high2)
	}
	return cmp.Compare(low, low2)
}

func (o *linear) level(i int) (float64, bool) {
	l := &o.lines[i]
	if l.none {
		return 0, false
	}
	l.estimate()
	return l.approx * o.show, true
}
