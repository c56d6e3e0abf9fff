package fairshare

import (
	"math"
	"math/big"
)

// expected orders lines by the weighted expected shortage, E[(D − y)⁺] for demand D and y blanks at hand, that the next
// box saves: the gain. Shortage is convex in y, so taking the largest gain each time makes the sum least (Fox 1966,
// "Discrete optimization via marginal analysis", Management Science 13).
type expected struct {
	lines []expectedLine
	keys  []key // of the next box of every line, kept close together
	box   int64
}

type expectedLine struct {
	stock  uint64
	demand demand
	weight float64  // its logarithm
	known  [4]worth // of the last boxes asked for: the walk comes back to them with the next stride
	next   int
}

// A key is the gain of a box told twice, because a chance of 1 − 1e-30 is no float: the logarithm of the weighted gain
// per blank, and of what the chance lacks to one.
type key struct{ gain, lacks float64 }

// A worth is what a demand said of a box.
type worth struct {
	boxes         int64
	needed, spare float64
}

// A demand tells what one more box is worth on top of y blanks: the logarithms of the expected part of the box that is
// needed, and of the part that is not.
type demand interface {
	worth(y uint64, box float64) (needed, spare float64)
}

func newExpected(t Terms, claims []Claim) *expected {
	o := &expected{make([]expectedLine, len(claims)), make([]key, len(claims)), t.Box}
	for i, c := range claims {
		weight, _ := c.weight().Float64()
		o.lines[i] = expectedLine{stock: uint64(c.Stock), demand: c.distribution(t.Days), weight: math.Log(weight)}
		for k := range o.lines[i].known {
			o.lines[i].known[k].boxes = -1
		}
	}
	return o
}

// leastSD is the standard deviation, in blanks, below which demand is taken as certain.
const leastSD = 1e-9

// distribution is what the place is expected to use over the days.
func (c Claim) distribution(days int64) demand {
	mean := c.demand(days)
	m, _ := mean.Float64()
	sd := math.Sqrt(m)
	if c.SD != nil {
		sd, _ = c.SD.Float64()
	}
	switch {
	case m == 0, sd < leastSD:
		return fixed{mean}
	case c.SD != nil, m > poissonMost:
		return newNormal(mean, sd)
	default:
		return poisson{m, math.Log(m)}
	}
}

func (o *expected) start(_ int64, bounds []bound) []int64 { return floors(bounds) }

func (o *expected) at(i int, boxes int64) {
	l := &o.lines[i]
	w := o.worth(l, boxes)
	o.keys[i] = key{l.weight + w.needed, w.spare}
	if math.IsInf(o.keys[i].gain, -1) {
		o.keys[i].lacks = 0 // nothing to gain is the same for all
	}
}

func (o *expected) worth(l *expectedLine, boxes int64) worth {
	for _, w := range l.known {
		if w.boxes == boxes {
			return w
		}
	}
	// Two int64 that are not negative always fit in a uint64.
	needed, spare := l.demand.worth(l.stock+uint64(boxes*o.box), float64(o.box))
	w := worth{boxes, needed, spare}
	l.known[l.next%len(l.known)] = w
	l.next++
	return w
}

func (o *expected) before(i, j int) bool {
	l, m := o.keys[i], o.keys[j]
	if l.gain != m.gain {
		return l.gain > m.gain
	}
	if l.lacks != m.lacks {
		return l.lacks < m.lacks
	}
	return i < j
}

func (o *expected) level(i int) (float64, bool) {
	return math.Exp(o.keys[i].gain), !math.IsInf(o.lines[i].weight, -1) && !o.noDemand(i)
}

func (o *expected) noDemand(i int) bool {
	f, ok := o.lines[i].demand.(fixed)
	return ok && f.mean.Sign() == 0
}

// fixed is a demand without chance.
type fixed struct{ mean *big.Rat }

func (f fixed) worth(y uint64, box float64) (needed, spare float64) {
	short := new(big.Rat).SetInt(new(big.Int).SetUint64(y))
	short.Sub(f.mean, short)
	blanks, _ := short.Float64()
	part := max(0, min(1, blanks/box))
	return math.Log(part), math.Log1p(-part)
}
