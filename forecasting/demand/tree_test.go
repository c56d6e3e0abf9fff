package demand_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"blangko/forecasting/demand"
)

// randomTree has n nodes, each hung below an earlier one.
func randomTree(rng *rand.Rand, n int) []int {
	parent := make([]int, n)
	parent[0] = -1
	for i := 1; i < n; i++ {
		parent[i] = rng.IntN(i)
	}
	return parent
}

// dense is S (S'W^-1 S)^-1 S'W^-1 y.
func dense(parent []int, base, variance []float64) []float64 {
	n := len(parent)
	inner := make([]bool, n)
	for _, p := range parent {
		if p >= 0 {
			inner[p] = true
		}
	}
	var leaves []int
	for i := range parent {
		if !inner[i] {
			leaves = append(leaves, i)
		}
	}
	s := mat.NewDense(n, len(leaves), nil)
	for j, leaf := range leaves {
		for i := leaf; i >= 0; i = parent[i] {
			s.Set(i, j, 1)
		}
	}
	weight := mat.NewDiagDense(n, nil)
	for i, v := range variance {
		weight.SetDiag(i, 1/v)
	}
	var sw, normal, right, bottom, all mat.Dense
	sw.Mul(s.T(), weight)
	normal.Mul(&sw, s)
	right.Mul(&sw, mat.NewVecDense(n, base))
	if err := bottom.Solve(&normal, &right); err != nil {
		panic(err)
	}
	all.Mul(s, &bottom)
	return mat.Col(nil, 0, &all)
}

func TestTreeAgreesWithTheDenseFormula(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		parent := randomTree(rng, 2+rng.IntN(20))
		base, variance := make([]float64, len(parent)), make([]float64, len(parent))
		for i := range base {
			base[i], variance[i] = 100*rng.NormFloat64()-200, 0.1+rng.Float64()
		}
		tree, err := demand.NewTree(parent)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(parent))
		tree.Reconcile(base, variance, got)
		for i, want := range dense(parent, base, variance) {
			if math.Abs(got[i]-want) > 1e-6 {
				t.Fatalf("tree %v, node %d: %v, want %v", parent, i, got[i], want)
			}
		}
	}
}

func TestReconciledForecastsAddUpAndAreNotNegative(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		parent := randomTree(rng, 2+rng.IntN(40))
		tree, err := demand.NewTree(parent)
		if err != nil {
			t.Fatal(err)
		}
		base, variance := make([]float64, len(parent)), make([]float64, len(parent))
		for i := range base {
			base[i], variance[i] = rng.ExpFloat64()*10, rng.Float64()
			if rng.IntN(10) == 0 {
				variance[i] = 0
			}
		}
		got := make([]float64, len(parent))
		tree.Reconcile(base, variance, got)
		sums := make([]float64, len(parent))
		inner := make([]bool, len(parent))
		for i, p := range parent {
			if got[i] < 0 || math.IsNaN(got[i]) {
				t.Fatalf("node %d is %v", i, got[i])
			}
			if p >= 0 {
				sums[p] += got[i]
				inner[p] = true
			}
		}
		for i := range got {
			if inner[i] && math.Abs(got[i]-sums[i]) > 1e-9*(1+sums[i]) {
				t.Fatalf("node %d is %v, its parts %v", i, got[i], sums[i])
			}
		}
	}
}

func TestReconciledFuturesAddUp(t *testing.T) {
	t.Parallel()
	tree, err := demand.NewTree([]int{-1, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	draws := [][]float64{{10, 30}, {4, 10}, {4, 10}}
	tree.ReconcileDraws(draws, []float64{1, 1, 1})
	for i := range draws[0] {
		if math.Abs(draws[0][i]-draws[1][i]-draws[2][i]) > 1e-12 {
			t.Errorf("future %d: %v is not %v + %v", i, draws[0][i], draws[1][i], draws[2][i])
		}
	}
	// 10 against 4 + 4 with equal variances: each gives way by a third of the difference of 2.
	if math.Abs(draws[0][0]-28./3) > 1e-12 {
		t.Errorf("top %v, want %v", draws[0][0], 28./3)
	}
}

func TestWhatIsNoTreeIsRefused(t *testing.T) {
	t.Parallel()
	for _, parent := range [][]int{{0}, {-1, 2, 0}, {-2}} {
		if _, err := demand.NewTree(parent); !errors.Is(err, demand.ErrTree) {
			t.Errorf("%v: error %v", parent, err)
		}
	}
}

func BenchmarkReconcile7285(b *testing.B) {
	parent := []int{-1}
	for i := 1; i < 1+38+514+7285; i++ {
		switch {
		case i <= 38:
			parent = append(parent, 0)
		case i <= 38+514:
			parent = append(parent, 1+i%38)
		default:
			parent = append(parent, 39+i%514)
		}
	}
	tree, err := demand.NewTree(parent)
	if err != nil {
		b.Fatal(err)
	}
	base, variance, out := make([]float64, len(parent)), make([]float64, len(parent)), make([]float64, len(parent))
	for i := range base {
		base[i], variance[i] = 100, 1
	}
	for b.Loop() {
		tree.Reconcile(base, variance, out)
	}
}
