package fairshare

import "math"

// start gives every line the boxes below a level that the walk is sure to reach. That level is sought in floats; so the
// boxes of a line are counted a box and a part in 1e12 too high when it is tested, and as much too low when it is used,
// and rounding can make the head start smaller but never wrong.
func (o *linear) start(total int64, bounds []bound) []int64 {
	slopes := make([]slope, len(bounds))
	low, high := math.Inf(1), math.Inf(-1)
	for i, b := range bounds {
		s := o.slope(i, b)
		if slopes[i] = s; o.lines[i].none {
			continue
		}
		if !(s.per > tiniest && s.per < 1/tiniest && math.Abs(s.from) < 1/tiniest) {
			return floors(bounds) // beyond floats
		}
		low = min(low, (s.least+s.from)/s.per)
		high = max(high, (s.most+s.from)/s.per)
	}
	sure := false
	for range 60 {
		level := low + (high-low)/2
		if count(slopes, level)*(1+1e-9) <= float64(total) {
			low, sure = level, true
		} else {
			high = level
		}
	}
	given := floors(bounds)
	for i, b := range bounds {
		if n := slopes[i].boxes(low, -1); sure && n > slopes[i].least {
			given[i] = b.most
			if n < slopes[i].most {
				given[i] = max(b.least, int64(n))
			}
		}
	}
	return given
}

// tiniest is where a float begins to lose digits, with room for products.
const tiniest = 1e-250

// A slope says in floats how many boxes a line has below a level: level × per − from, within its bounds.
type slope struct{ per, from, least, most float64 }

func (o *linear) slope(i int, b bound) slope {
	l := &o.lines[i]
	s := slope{least: float64(b.least), most: float64(b.most)}
	if !l.none {
		boxful := l.b.near * float64(o.box)
		s.per, s.from = l.d.near/boxful, l.a.near/boxful
	}
	return s
}

// boxes is the count of boxes below the level, wrong on one side only: at least it for +1, at most it for -1.
func (s slope) boxes(level float64, side float64) float64 {
	n := level * s.per
	n += side*(1+1e-12*(math.Abs(s.from)+math.Abs(n))) - s.from
	switch {
	case s.per == 0, n < s.least:
		return s.least
	case n < s.most:
		return n
	}
	return s.most
}

// count is at least the boxes of all lines below the level.
func count(slopes []slope, level float64) float64 {
	sum := 0.0
	for _, s := range slopes {
		sum += s.boxes(level, +1)
	}
	return sum
}
