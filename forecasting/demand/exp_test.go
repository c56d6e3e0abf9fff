package demand

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type expSeries struct {
	id          string
	train, test []float64
}

func loadExp(name string) []expSeries {
	f, err := os.Open("../../../shared/bench/forecasting/" + name + ".csv")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Scan()
	idx := map[string]int{}
	var out []expSeries
	for sc.Scan() {
		p := strings.Split(sc.Text(), ",")
		i, ok := idx[p[0]]
		if !ok {
			i = len(out)
			idx[p[0]] = i
			out = append(out, expSeries{id: p[0]})
		}
		v, _ := strconv.ParseFloat(p[3], 64)
		if p[1] == "train" {
			out[i].train = append(out[i].train, v)
		} else {
			out[i].test = append(out[i].test, v)
		}
	}
	return out
}

// holdback replaces the test part by the last h of the training part.
func holdback(s []expSeries, back int) []expSeries {
	var out []expSeries
	for _, v := range s {
		h := len(v.test)
		cut := len(v.train) - back*h
		if cut < 24 && len(v.train) > 20 {
			continue
		}
		if cut < 10 {
			continue
		}
		out = append(out, expSeries{v.id, v.train[:cut], v.train[cut:min(len(v.train), cut+h)]})
	}
	return out
}

type expScore struct {
	mase, msis, pblup, c80, c95, bias, up90, up975, pbl float64
	n                                                   int
}

func scaleOf(x []float64) float64 {
	m := 12
	if len(x) <= m {
		m = 1
	}
	s := 0.0
	for i := m; i < len(x); i++ {
		s += math.Abs(x[i] - x[i-m])
	}
	return s / float64(max(1, len(x)-m))
}

// q: [5][]float64 .025 .1 mean .9 .975
func (a *expScore) add(s expSeries, q [5][]float64) {
	sc := scaleOf(s.train)
	if sc == 0 {
		return
	}
	pin := func(y, p, f float64) float64 {
		if y >= f {
			return (y - f) * p
		}
		return (f - y) * (1 - p)
	}
	H := float64(len(s.test)) * sc
	for h, y := range s.test {
		a.mase += math.Abs(y-q[2][h]) / H
		a.bias += (y - q[2][h]) / H
		a.msis += (q[4][h] - q[0][h] + 40*math.Max(0, q[0][h]-y) + 40*math.Max(0, y-q[4][h])) / H
		a.pblup += (pin(y, .9, q[3][h]) + pin(y, .975, q[4][h])) / H
		a.pbl += 2 * (pin(y, .025, q[0][h]) + pin(y, .1, q[1][h]) + pin(y, .5, q[2][h]) + pin(y, .9, q[3][h]) + pin(y, .975, q[4][h])) / 5 / H
		b := func(c bool) float64 {
			if c {
				return 1 / float64(len(s.test))
			}
			return 0
		}
		a.c80 += b(y >= q[1][h] && y <= q[3][h])
		a.c95 += b(y >= q[0][h] && y <= q[4][h])
		a.up90 += b(y <= q[3][h])
		a.up975 += b(y <= q[4][h])
	}
	a.n++
}

func (a expScore) String() string {
	n := float64(a.n)
	return fmt.Sprintf("n=%4d MASE %.4f MSIS %.3f PBL %.4f PBLup %.4f bias %+.4f c80 %.3f c95 %.3f up90 %.3f up975 %.3f", a.n, a.mase/n, a.msis/n, a.pbl/n, a.pblup/n, a.bias/n, a.c80/n, a.c95/n, a.up90/n, a.up975/n)
}

type method struct {
	name string
	f    func(train []float64, h int) [5][]float64
}

func runExp(sets [][]expSeries, names []string, methods []method) {
	for k, set := range sets {
		for _, m := range methods {
			t0 := time.Now()
			res := make([][5][]float64, len(set))
			var wg sync.WaitGroup
			ch := make(chan int)
			for range runtime.NumCPU() {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for i := range ch {
						res[i] = m.f(set[i].train, len(set[i].test))
					}
				}()
			}
			for i := range set {
				ch <- i
			}
			close(ch)
			wg.Wait()
			var a expScore
			for i := range set {
				a.add(set[i], res[i])
			}
			fmt.Printf("%-14s %-18s %v  %.2f ms\n", names[k], m.name, a, float64(time.Since(t0).Microseconds())/1000/float64(len(set))*2)
		}
	}
}

func same(mean []float64) [5][]float64 { return [5][]float64{mean, mean, mean, mean, mean} }

func TestExpPoint(t *testing.T) {
	steps := 300
	etsBest := func(train []float64, h int, pick func([]etsFit) []float64) [5][]float64 {
		p := Series{Values: train, Season: 12}.prepare()
		w := newETSFitter(p)
		var fits []etsFit
		for _, f := range etsForms(p.positive, p.seasonal) {
			fits = append(fits, w.fit(f, steps))
		}
		sort.Slice(fits, func(i, j int) bool { return fits[i].aicc < fits[j].aicc })
		return same(pick(fits))
	}
	_ = etsBest
	mean := func(f etsFit, h int) []float64 { o := make([]float64, h); f.point(o); return o }
	methods := []method{
		{"ets", func(x []float64, h int) [5][]float64 {
			return etsBest(x, h, func(f []etsFit) []float64 { return mean(f[0], h) })
		}},
		{"ets-aicc", func(x []float64, h int) [5][]float64 {
			return etsBest(x, h, func(f []etsFit) []float64 {
				o := make([]float64, h)
				sw := 0.0
				for _, g := range f {
					w := math.Exp(-(g.aicc - f[0].aicc) / 2)
					if !(w > 0.01) {
						continue
					}
					sw += w
					for i, v := range mean(g, h) {
						o[i] += w * v
					}
				}
				for i := range o {
					o[i] /= sw
				}
				return o
			})
		}},
		{"dotm", func(x []float64, h int) [5][]float64 {
			p := Series{Values: x, Season: 12}.prepare()
			f := fitTheta(&p)
			o := make([]float64, h)
			f.point(o)
			return same(o)
		}},
	}
	comb := func(a, b int) method {
		return method{methods[a].name + "+" + methods[b].name, func(x []float64, h int) [5][]float64 {
			p, q := methods[a].f(x, h)[2], methods[b].f(x, h)[2]
			o := make([]float64, h)
			for i := range o {
				o[i] = math.Max(0, (p[i]+q[i])/2)
			}
			return same(o)
		}}
	}
	methods = append(methods, comb(0, 2), comb(1, 2))
	names := []string{"m1_monthly", "hospital_monthly36", "tourism_monthly"}
	var sets [][]expSeries
	for _, n := range names {
		sets = append(sets, loadExp(n))
	}
	runExp(sets, names, methods)
}

func TestExpGradient(t *testing.T) {
	s := loadExp("tourism_monthly")[3]
	v := append([]float64(nil), s.train[:60]...)
	v[20] = math.NaN()
	cens := make([]bool, 60)
	cens[30], cens[45] = true, true
	p := Series{Values: v, Season: 12, Censored: cens}.prepare()
	w := newETSFitter(p)
	for _, f := range etsForms(true, true) {
		w.form = f
		w.sigma = w.start.unit
		if f.relative {
			w.sigma = 0.1
		}
		k := f.parameters(12)
		x, g, tmp := make([]float64, k), make([]float64, k), make([]float64, k)
		for i := range x {
			x[i] = 0.3 * math.Sin(float64(i)*1.7)
		}
		x[0] = -1
		v0 := w.evaluate(x, g)
		worst := 0.0
		for i := range x {
			o := x[i]
			const h = 1e-6
			x[i] = o + h
			a := w.evaluate(x, tmp)
			x[i] = o - h
			b := w.evaluate(x, tmp)
			x[i] = o
			num := (a - b) / 2 / h
			if d := math.Abs(num-g[i]) / (1 + math.Abs(num)); d > worst {
				worst = d
			}
		}
		fmt.Println(f, v0, worst)
	}
}

func TestExpBest(t *testing.T) {
	names := []string{"m1_monthly", "hospital_monthly36", "tourism_monthly"}
	var sets [][]expSeries
	for _, n := range names {
		sets = append(sets, loadExp(n))
	}
	if os.Getenv("HOLD") != "" {
		for i := range sets {
			sets[i] = holdback(sets[i], 1)
		}
	}
	runExp(sets, names, []method{{"best", func(x []float64, h int) [5][]float64 {
		f, err := Best(Series{Values: x, Season: 12}, h, Options{Paths: 1000})
		if err != nil {
			panic(err)
		}
		var q [5][]float64
		for k, p := range []float64{.025, .1, .5, .9, .975} {
			q[k] = make([]float64, h)
			for i := range h {
				q[k][i] = f.Quantile(i, p)
			}
		}
		q[2] = f.Mean
		return q
	}}})
}
