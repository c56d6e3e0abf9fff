package demand

import "math"

// minimiser is a dense BFGS search with a backtracking line search, its
// workspace kept between runs so that a fit allocates nothing. Objective
// functions may return +Inf where they are not defined.
//
// Nocedal & Wright (2006), Numerical Optimization, algorithm 6.1 with the
// scaling of eq. 6.20 and the sufficient-decrease rule of algorithm 3.1.
type minimiser struct {
	x, g, p, s, y, next, gNext, hy []float64
	h                              []float64 // inverse Hessian, row by row
}

// objective returns the value at x and writes the gradient into g.
type objective func(x, g []float64) float64

func (m *minimiser) resize(d int) {
	grow := func(v *[]float64, n int) {
		if cap(*v) < n {
			*v = make([]float64, n)
		}
		*v = (*v)[:n]
	}
	for _, v := range []*[]float64{&m.x, &m.g, &m.p, &m.s, &m.y, &m.next, &m.gNext, &m.hy} {
		grow(v, d)
	}
	grow(&m.h, d*d)
}

// run moves x to a local minimum of f in at most steps iterations and returns
// the value there. It stops early once an iteration gains less than gain.
func (m *minimiser) run(f objective, x []float64, steps int, gain float64) float64 {
	d := len(x)
	m.resize(d)
	copy(m.x, x)
	value := f(m.x, m.g)
	if math.IsInf(value, 1) || math.IsNaN(value) {
		return math.Inf(1)
	}
	m.reset(d)
	fresh, idle := true, 0
	for range steps {
		slope := m.direction(d)
		if slope >= 0 {
			m.reset(d)
			fresh = true
			if slope = m.direction(d); slope >= 0 {
				break
			}
		}
		before := value
		got, ok := m.search(f, value, slope, fresh)
		if !ok {
			if fresh {
				break
			}
			m.reset(d)
			fresh = true
			continue
		}
		value = got
		m.update(d, fresh)
		fresh = false
		if before-value < gain {
			if idle++; idle == 2 {
				break
			}
		} else {
			idle = 0
		}
	}
	copy(x, m.x)
	return value
}

func (m *minimiser) reset(d int) {
	clear(m.h)
	for i := range d {
		m.h[i*d+i] = 1
	}
}

// direction sets p = -H g and returns the slope g'p.
func (m *minimiser) direction(d int) float64 {
	slope := 0.0
	for i := range d {
		sum := 0.0
		row := m.h[i*d : i*d+d]
		for j, g := range m.g {
			sum += row[j] * g
		}
		m.p[i] = -sum
		slope -= sum * m.g[i]
	}
	return slope
}

// search walks along p until the value falls enough; it leaves the new point
// and gradient in next and gNext, moves to them, and sets s and y.
func (m *minimiser) search(f objective, value, slope float64, fresh bool) (float64, bool) {
	step := 1.0
	longest := 0.0
	for _, p := range m.p {
		longest = math.Max(longest, math.Abs(p))
	}
	if limit := 2.0; fresh {
		step = math.Min(1, 0.3/longest)
	} else if longest > limit {
		step = limit / longest
	}
	for range 12 {
		for i, p := range m.p {
			m.next[i] = m.x[i] + step*p
		}
		got := f(m.next, m.gNext)
		if got <= value+1e-4*step*slope {
			for i := range m.x {
				m.s[i] = m.next[i] - m.x[i]
				m.y[i] = m.gNext[i] - m.g[i]
			}
			copy(m.x, m.next)
			copy(m.g, m.gNext)
			return got, true
		}
		if math.IsInf(got, 0) || math.IsNaN(got) {
			step *= 0.25
			continue
		}
		// The minimum of the parabola through both ends, kept inside [.1, .5].
		cut := -slope * step / (2 * (got - value - slope*step))
		step *= math.Max(0.1, math.Min(0.5, cut))
	}
	return value, false
}

func (m *minimiser) update(d int, fresh bool) {
	sy, yy := 0.0, 0.0
	for i := range d {
		sy += m.s[i] * m.y[i]
		yy += m.y[i] * m.y[i]
	}
	if sy <= 1e-10*yy {
		return
	}
	if fresh {
		for i := range d {
			m.h[i*d+i] = sy / yy
		}
	}
	yhy := 0.0
	for i := range d {
		sum := 0.0
		for j := range d {
			sum += m.h[i*d+j] * m.y[j]
		}
		m.hy[i] = sum
		yhy += sum * m.y[i]
	}
	a := (1 + yhy/sy) / sy
	for i := range d {
		for j := range d {
			m.h[i*d+j] += a*m.s[i]*m.s[j] - (m.hy[i]*m.s[j]+m.s[i]*m.hy[j])/sy
		}
	}
}
