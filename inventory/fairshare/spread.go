package fairshare

// An order says who gets the next box. It ranks the next box of every line by level and then by line.
type order interface {
	// start is where the walk may begin: at the floors, or at any later point of it.
	start(total int64, bounds []bound) []int64
	// at tells that line i now holds that many boxes.
	at(i int, boxes int64)
	// before tells whether the next box of line i comes before the next box of line j.
	before(i, j int) bool
	// level is where line i stands now, for show; false when it has no level.
	level(i int) (float64, bool)
}

// spread hands out total boxes from the floors up, each to the line that comes first, none above its cap.
//
// It takes the walk in strides. A stride of s boxes to whoever comes first may run ahead of the true walk, but no line by
// more than its last stride: when line i took that, from y boxes up, its next box came before the next box of every other
// line with room; so the true walk, which gives as many boxes in all, cannot have stopped short of y at i to give more
// elsewhere. The last stride of every line is taken back and walked again in halves, down to single boxes: O(n log n) for
// each of log(total/n) lengths (Hochbaum 1994, "Lower and upper bounds for the allocation problem", Math. Oper. Res. 19).
func spread(total int64, bounds []bound, o order) []int64 {
	given, last := o.start(total, bounds), make([]int64, len(bounds))
	left := total
	for _, x := range given {
		left -= x
	}
	for stride := firstStride(left, len(bounds)); ; stride /= 2 {
		clear(last)
		q := newQueue(bounds, given, o)
		for left > 0 && len(q.lines) > 0 {
			i := q.lines[0]
			last[i] = min(stride, bounds[i].most-given[i], left)
			given[i] += last[i]
			left -= last[i]
			q.moved(given[i] == bounds[i].most, given[i])
		}
		if stride == 1 || len(q.lines) == 0 {
			return given
		}
		for i := range given {
			given[i] -= last[i]
			left += last[i]
		}
	}
}

// floors is the start that is always right.
func floors(bounds []bound) []int64 {
	given := make([]int64, len(bounds))
	for i, b := range bounds {
		given[i] = b.least
	}
	return given
}

// firstStride is a power of two with which about every line can take a step or two.
func firstStride(left int64, n int) int64 {
	stride := int64(1)
	for n > 0 && stride <= left/int64(n)/4 {
		stride *= 2
	}
	return stride
}

// A queue is a binary heap of the lines that have room; the first is the one whose next box comes first.
type queue struct {
	lines []int
	o     order
}

func newQueue(bounds []bound, given []int64, o order) *queue {
	q := &queue{make([]int, 0, len(bounds)), o}
	for i, b := range bounds {
		if given[i] < b.most {
			o.at(i, given[i])
			q.lines = append(q.lines, i)
		}
	}
	for at := len(q.lines)/2 - 1; at >= 0; at-- {
		q.sink(at)
	}
	return q
}

// moved puts the first line where it now belongs: out when it is full.
func (q *queue) moved(full bool, boxes int64) {
	if full {
		end := len(q.lines) - 1
		q.lines[0] = q.lines[end]
		q.lines = q.lines[:end]
	} else {
		q.o.at(q.lines[0], boxes)
	}
	if len(q.lines) > 1 {
		q.sink(0)
	}
}

// sink moves the line at a place down to where no later line is above it. As most lines end near the bottom, it goes all
// the way down the earlier children and then up again, which asks half as often.
func (q *queue) sink(place int) {
	line, at := q.lines[place], place
	for child := 2*at + 1; child < len(q.lines); child = 2*at + 1 {
		if other := child + 1; other < len(q.lines) && q.o.before(q.lines[other], q.lines[child]) {
			child = other
		}
		q.lines[at] = q.lines[child]
		at = child
	}
	for at > place && q.o.before(line, q.lines[(at-1)/2]) {
		q.lines[at] = q.lines[(at-1)/2]
		at = (at - 1) / 2
	}
	q.lines[at] = line
}
