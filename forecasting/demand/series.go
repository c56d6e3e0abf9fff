package demand

import (
	"errors"
	"fmt"
	"math"
)

// Series is what is known of one demand, a value a period, oldest first.
// The zero value of every field but Values means "nothing special".
type Series struct {
	// Values are quantities a period; NaN where nothing is known.
	Values []float64
	// Exposure is the share of a period's service days on which there was
	// stock to hand out, 0 to 1. Nil means always 1.
	Exposure []float64
	// Censored marks periods that ended with an empty shelf: demand was at
	// least Values[t]. Nil means none.
	Censored []bool
	// Season is the number of periods in a year: 12 for months. 0 or 1 means
	// that nothing repeats.
	Season int
}

var (
	// ErrEmpty says that a series holds no known value.
	ErrEmpty = errors.New("no known value")
	// ErrInfinite says that a series holds an infinite value.
	ErrInfinite = errors.New("infinite value")
	// ErrHorizon says that the horizon is not between 1 and MaxHorizon.
	ErrHorizon = fmt.Errorf("horizon must be between 1 and %d", MaxHorizon)
	// ErrShape says that the slices of a series differ in length, that its
	// season is negative, or that an exposure is not between 0 and 1.
	ErrShape = errors.New("malformed series")
)

// MaxHorizon is the longest horizon, in periods: a hundred years of months.
const MaxHorizon = 1200

// longestSeason is the longest season that models carry in their state; longer
// ones are taken off beforehand (see Daily).
const longestSeason = 60

// leastExposure is the share of service days below which a period counts as
// missing: what was handed out then says little about what was asked for.
const leastExposure = 0.25

// obs says how much is known of one period.
type obs uint8

const (
	seen obs = iota
	missing
	censored
)

// prepared is a series ready for the methods.
type prepared struct {
	y        []float64 // known values per full exposure, bounds, and bridged gaps
	kind     []obs
	season   int // at least 1
	seasonal bool
	observed int // periods of kind seen
	known    int // periods seen or censored
	positive bool
	anyBelow bool // some value is negative
	start    etsStart
}

// check reports the first thing that is wrong with s.
func (s Series) check(horizon int) error {
	n := len(s.Values)
	switch {
	case horizon < 1 || horizon > MaxHorizon:
		return ErrHorizon
	case s.Exposure != nil && len(s.Exposure) != n, s.Censored != nil && len(s.Censored) != n, s.Season < 0:
		return ErrShape
	}
	for _, a := range s.Exposure {
		if !(a >= 0 && a <= 1) {
			return ErrShape
		}
	}
	known := false
	for _, v := range s.Values {
		if math.IsInf(v, 0) || math.Abs(v) > 1e150 {
			return ErrInfinite
		}
		known = known || !math.IsNaN(v)
	}
	if !known {
		return ErrEmpty
	}
	return nil
}

// prepare drops unknown periods at the start, puts every value on full
// exposure and bridges what is unknown.
func (s Series) prepare() prepared {
	first := 0
	for math.IsNaN(s.Values[first]) {
		first++
	}
	n := len(s.Values) - first
	p := prepared{y: make([]float64, n), kind: make([]obs, n), season: max(1, s.Season), positive: true}
	for t := range n {
		p.y[t], p.kind[t] = s.at(first + t)
		if p.kind[t] == missing {
			continue
		}
		p.known++
		p.positive = p.positive && p.y[t] > 0
		p.anyBelow = p.anyBelow || p.y[t] < 0
		if p.kind[t] == seen {
			p.observed++
		}
	}
	p.bridge()
	p.seasonal = p.season > 1 && p.season <= longestSeason && p.observed >= 2*p.season && n >= 2*p.season
	p.start = newETSStart(&p)
	return p
}

// at is period t on full exposure and what it is worth.
func (s Series) at(t int) (float64, obs) {
	v := s.Values[t]
	if math.IsNaN(v) {
		return 0, missing
	}
	if s.Censored != nil && s.Censored[t] {
		return v, censored
	}
	if s.Exposure == nil || s.Exposure[t] == 1 {
		return v, seen
	}
	if s.Exposure[t] < leastExposure {
		return 0, missing
	}
	return v / s.Exposure[t], seen
}

// bridge fills missing periods with the mean of the same season one year
// before and after where known, else with a straight line between neighbours.
// Methods that weigh periods never take the filled values for observations.
func (p *prepared) bridge() {
	known := func(t int) bool { return t >= 0 && t < len(p.y) && p.kind[t] != missing }
	for t := range p.y {
		if p.kind[t] != missing {
			continue
		}
		before, after := t-1, t+1
		for before >= 0 && !known(before) {
			before--
		}
		for after < len(p.y) && !known(after) {
			after++
		}
		m := p.season
		switch {
		case m > 1 && known(t-m) && known(t+m):
			p.y[t] = (p.y[t-m] + p.y[t+m]) / 2
		case before >= 0 && after < len(p.y):
			w := float64(t-before) / float64(after-before)
			p.y[t] = (1-w)*p.y[before] + w*p.y[after]
		case before >= 0:
			p.y[t] = p.y[before]
		case after < len(p.y):
			p.y[t] = p.y[after]
		}
	}
}

// weights say how much the error of each period counts in fitting a model and
// in the spread of its errors: a series changes over the years, and the coming
// months are like the recent ones. The error of a period loses half its weight
// in three seasons, or 36 periods. The weights of seen periods average one.
func weights(kind []obs, season int) []float64 {
	w := make([]float64, len(kind))
	fade := math.Pow(0.5, 1/float64(max(36, 3*season)))
	now, sum, n := 1.0, 0.0, 0.0
	for t := len(kind) - 1; t >= 0; t-- {
		w[t] = now
		if kind[t] == seen {
			sum += now
			n++
		}
		now *= fade
	}
	for t := range w {
		w[t] *= n / math.Max(sum, 1e-300)
	}
	return w
}

// newETSStart derives the start values that all exponential smoothing forms
// share (Hyndman et al. 2008, §2.6.1): seasons by classical decomposition,
// level and slope by regression over the first cycles.
func newETSStart(p *prepared) etsStart {
	st := etsStart{}
	for t := 1; t < len(p.y); t++ {
		st.unit += math.Abs(p.y[t] - p.y[t-1])
	}
	st.unit /= float64(max(1, len(p.y)-1))
	size := 0.0
	for _, v := range p.y {
		size += math.Abs(v)
	}
	st.unit = max(st.unit, 1e-4*size/float64(len(p.y)), 1e-12)
	span := min(len(p.y), max(10, 2*p.season))
	st.plain[0], st.plain[1] = line(p.y[:span])
	if !p.seasonal {
		return st
	}
	st.additive = classical(p.y, p.season, false)
	adjusted := make([]float64, span)
	for t := range span {
		adjusted[t] = p.y[t] - st.additive[t%p.season]
	}
	st.level, st.slope = line(adjusted)
	if p.positive {
		st.ratio = classical(p.y, p.season, true)
	}
	if st.level <= 0.05*size/float64(len(p.y)) {
		st.level, st.slope = size/float64(len(p.y)), 0
	}
	return st
}

// line is the least-squares line through y at 1, 2, ...: its value at 0 and its slope.
func line(y []float64) (level, slope float64) {
	n := float64(len(y))
	if len(y) < 2 {
		return y[0], 0
	}
	var sy, sty float64
	for t, v := range y {
		sy += v
		sty += float64(t+1) * v
	}
	slope = (sty - (n+1)/2*sy) / (n * (n*n - 1) / 12)
	return sy/n - slope*(n+1)/2, slope
}
