package demo

import (
	"math"
	"math/rand/v2"
)

// store gives blanks to offices: the national one, and those of provinces that fetch for their regencies.
type store struct {
	shelf
	daily     float64 // mean pieces a calendar day that its offices use
	committed int64   // approved and not yet set aside
	open      []int   // numbers of requests that wait for a decision
}

// buyer is who orders from a store: an office of a kabupaten/kota, or the store of a province.
type buyer struct {
	*shelf
	region    int
	code      string
	from      *store
	road      road
	daily     float64
	below     float64 // orders when what it has and expects covers fewer days than lead time and this
	forDays   float64
	rng       *rand.Rand
	elsewhere []*counter // service points whose stock is the office's too

	expected int64 // approved or on the way
	request  int   // number of the request that waits for an answer
	fill     float64
}

// onHand is what the whole region has.
func (b *buyer) onHand() int64 {
	sum := b.total()
	for _, c := range b.elsewhere {
		sum += c.total()
	}
	return sum
}

// wants says how much to ask for today, 0 for nothing. Who got less than it asked for asks for more the next time.
func (b *buyer) wants(p Supply) int64 {
	position := float64(b.onHand() + b.expected)
	line := b.daily * (b.road.mean() + b.below)
	if b.request != 0 || position >= line {
		return 0
	}
	pieces := (line + b.daily*b.forDays - position) * (1 + 0.5*(1-b.fill))
	return max(1, int64(math.Round(pieces/float64(p.Lot)))) * p.Lot
}

// decide answers a request: how many of the asked pieces are given, and whether the answer is known yet.
func (s *store) decide(asked int64, age int, p Supply, rng *rand.Rand) (given int64, known bool) {
	free := s.total() - s.committed
	lot := p.Lot
	switch cover := float64(free) / s.daily; {
	case free < lot:
		return 0, age > 20
	case cover < p.RationedBelow:
		return min(asked, lot), true
	case cover < p.TightBelow:
		given = int64(float64(asked) * between(rng, p.FillTight))
	default:
		given = int64(float64(asked) * between(rng, p.FillNormal))
	}
	if asked > 2*lot {
		given = int64(math.Round(float64(given)/float64(lot))) * lot
	}
	return min(max(given, lot), asked, free), true
}
