package demand

import (
	"errors"
	"fmt"
)

// Tree is a hierarchy such as nation, provinces, regencies: the demand of a
// node is the sum of its children's.
type Tree struct {
	parent   []int
	leaf     []bool
	sum, own []float64 // variance of the children together, and after combining
	best     []float64 // combined estimate from below
	below    []float64 // sum of the children's estimates
}

// ErrTree says that the parents do not describe a tree.
var ErrTree = errors.New("not a tree")

// NewTree takes the parent of every node, -1 for a root. Parents come before
// their children; there may be several roots.
func NewTree(parent []int) (*Tree, error) {
	n := len(parent)
	t := &Tree{parent: parent, leaf: make([]bool, n)}
	for _, v := range []*[]float64{&t.sum, &t.own, &t.best, &t.below} {
		*v = make([]float64, n)
	}
	for i, p := range parent {
		if p >= i || p < -1 {
			return nil, fmt.Errorf("%w: node %d has parent %d", ErrTree, i, p)
		}
		t.leaf[i] = true
		if p >= 0 {
			t.leaf[p] = false
		}
	}
	return t, nil
}

// Reconcile writes into out forecasts that add up and lie as near as possible
// to base, each weighed by the variance of its error: minimum-trace
// reconciliation with a diagonal matrix (Wickramasuriya, Athanasopoulos &
// Hyndman 2019, §2.4), which on a tree needs no matrix and one pass up and one
// down. No leaf of out is negative when no base forecast is: a leaf that would
// be is fixed at zero and the rest is done again (Wickramasuriya, Turlach &
// Hyndman 2020). Variances must not be negative.
func (t *Tree) Reconcile(base, variance, out []float64) {
	fixed := make([]bool, len(base))
	keep := false
	for _, v := range base {
		keep = keep || v < 0
	}
	for {
		t.up(base, variance, fixed)
		t.down(out)
		again := false
		for i := range out {
			if t.leaf[i] && !keep && !fixed[i] && out[i] < 0 {
				fixed[i], again = true, true
			}
		}
		if !again {
			break
		}
	}
	t.total(out)
}

// up combines, from the leaves to the roots, what a node says of itself with
// what its children say together.
func (t *Tree) up(base, variance []float64, fixed []bool) {
	clear(t.sum)
	clear(t.below)
	for i := len(base) - 1; i >= 0; i-- {
		switch {
		case fixed[i]:
			t.best[i], t.own[i] = 0, 0
		case t.leaf[i]:
			t.best[i], t.own[i] = base[i], variance[i]
		default:
			m, v, w := t.below[i], t.sum[i], variance[i]
			if v+w == 0 {
				t.best[i], t.own[i] = m, 0
			} else {
				t.best[i], t.own[i] = (m*w+base[i]*v)/(v+w), v*w/(v+w)
			}
		}
		if p := t.parent[i]; p >= 0 {
			t.below[p] += t.best[i]
			t.sum[p] += t.own[i]
		}
	}
}

// down shares the difference at each node among its children by their variances.
func (t *Tree) down(out []float64) {
	for i := range out {
		out[i] = t.best[i]
		if p := t.parent[i]; p >= 0 && t.sum[p] > 0 {
			out[i] += t.own[i] / t.sum[p] * (out[p] - t.below[p])
		}
	}
}

// total makes the sums exact, after rounding of the last bits.
func (t *Tree) total(out []float64) {
	for i := range out {
		if !t.leaf[i] {
			out[i] = 0
		}
	}
	for i := len(out) - 1; i >= 0; i-- {
		if p := t.parent[i]; p >= 0 {
			out[p] += out[i]
		}
	}
}

// ReconcileDraws reconciles one period of all nodes future by future, in
// place: draws[node][i] (Panagiotelis, Gamakumara, Athanasopoulos & Hyndman
// 2023, §3). Futures with the same number belong together.
func (t *Tree) ReconcileDraws(draws [][]float64, variance []float64) {
	base, out := make([]float64, len(draws)), make([]float64, len(draws))
	for i := range draws[0] {
		for node := range draws {
			base[node] = draws[node][i]
		}
		t.Reconcile(base, variance, out)
		for node := range draws {
			draws[node][i] = out[node]
		}
	}
}
