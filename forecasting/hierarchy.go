package forecasting

import (
	"math"
	"strings"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// summed is what is foreseen of a region that is not a kabupaten/kota: the sum of what lies below, or a part of what
// lies above.
type summed struct {
	region Region
	method string
	place  *place // where it has a history of its own
	mean   []float64
	at     [][5]float64 // quantiles of each month at levels
	parts  []parts      // what the mean of each month is made of; of a nation or province
}

// levels are the quantiles that are kept of a forecast.
var levels = [5]float64{0.025, 0.1, 0.5, 0.9, 0.975}

// below is a kecamatan that prints, or what the rest of its kabupaten/kota does.
type below struct {
	region Region // zero of the rest
	place  *place
	demand demand.Forecast
}

// belowPaths are the futures of a kecamatan; each belongs to several of its kabupaten/kota.
const belowPaths = 250

// branches gives each kabupaten/kota with printing kecamatan these and the rest of it, by place. A kecamatan that prints
// nothing has no demand of its own: its people come to the office.
func (k *Known) branches(places []*place, c *calendar) map[*place][]*below {
	uses := byRegion(k.Below, func(u inventory.MonthUse) int { return u.RegionID })
	by := map[string]*place{}
	for _, p := range places {
		by[p.position.Region] = p
	}
	out := map[*place][]*below{}
	for _, r := range k.Regions {
		if len(uses[r.ID]) == 0 || len(r.Code) < 6 {
			continue
		}
		p, ok := by[r.Code[:5]]
		if !ok || p.guessed || len(p.months) == 0 {
			continue
		}
		kecamatan := &place{position: inventory.Position{RegionID: r.ID, Region: r.Code, Name: r.Name}}
		kecamatan.remember(uses[r.ID], nil, c)
		if kecamatan.first >= p.first {
			out[p] = append(out[p], &below{region: r, place: kecamatan})
		}
	}
	for p, all := range out {
		out[p] = append(all, &below{place: rest(p, all)})
	}
	return out
}

// rest is what a kabupaten/kota used beside its kecamatan.
func rest(p *place, parts []*below) *place {
	r := &place{position: inventory.Position{Region: p.position.Region + " rest"}, first: p.first}
	for t, m := range p.months {
		m.demand = m.used
		for _, b := range parts {
			if at := int(p.first-b.place.first) + t; at >= 0 && at < len(b.place.months) {
				m.demand -= b.place.months[at].used
			}
		}
		m.demand = math.Max(0, m.demand)
		v := m.demand * ordinary / math.Max(m.work, friday)
		if m.exposure == 0 {
			v = math.NaN()
		}
		r.months, r.values, r.exposure = append(r.months, m), append(r.values, v), append(r.exposure, m.exposure)
	}
	return r
}

// foresee forecasts what lies below a kabupaten/kota over the same months.
func (b *below) foresee(k *common, day today, horizon int) error {
	p := b.place
	gap := int(day.month-p.first) - len(p.months)
	f, err := alone(p, k, len(p.months), gap+horizon, demand.Options{Paths: belowPaths, Seed: seed(p.position.Region, day.date.Format("2006-01-02"))})
	if err != nil {
		return err
	}
	b.demand = f.After(gap).Scaled(p.works(k.calendar, day.month, horizon))
	return nil
}

// works is the work of the months to come against an ordinary month, by which a forecast is multiplied.
func (p *place) works(c *calendar, from month, horizon int) []float64 {
	by := make([]float64, horizon)
	for h := range by {
		by[h] = 1
		if p.normal() {
			by[h] = c.workIn(from+month(h)) / ordinary
		}
	}
	return by
}

// reconcile makes nation, provinces, kabupaten/kota and kecamatan agree, month by month and future by future, each moved
// as little as its uncertainty allows (demand.Tree). It is done branch by branch, which on a tree comes to the same: a
// kabupaten/kota is first combined with what lies below it, then with what lies above; at last what lies below follows.
func reconcile(outlooks []*outlook, above []upper, parts map[*place][]*below) error {
	if len(outlooks) == 0 {
		return nil
	}
	nodes := len(above) + len(outlooks)
	parent, at := make([]int, nodes), map[string]int{}
	for i, u := range above {
		at[u.region.Code], parent[i] = i, -1
		if i > 0 {
			parent[i] = 0
		}
	}
	for i, o := range outlooks {
		parent[len(above)+i] = at[o.place.position.Region[:2]]
	}
	tree, err := demand.NewTree(parent)
	if err != nil {
		return err
	}
	horizon := len(outlooks[0].demand.Draws)
	combined := make([][][]float64, len(outlooks)) // by month and future
	own := make([][]float64, len(outlooks))        // variance by month
	each(len(outlooks), func(i int) {
		combined[i], own[i] = combineBelow(outlooks[i].demand, parts[outlooks[i].place])
	})
	each(horizon, func(h int) {
		draws, variance := make([][]float64, nodes), make([]float64, nodes)
		for i, u := range above {
			draws[i] = append([]float64(nil), u.demand.Draws[h]...)
			variance[i] = varianceOf(draws[i])
		}
		for i := range outlooks {
			draws[len(above)+i], variance[len(above)+i] = combined[i][h], own[i][h]
		}
		// Where all of a branch is certain the tree has nothing to move; a trace of doubt keeps the shares defined.
		for i := range variance {
			variance[i] = math.Max(variance[i], 1e-9)
		}
		t := tree
		if h > 0 { // a tree keeps notes of its own
			t, _ = demand.NewTree(parent) // it was one a moment ago
		}
		t.ReconcileDraws(draws, variance)
	})
	for i, o := range outlooks {
		o.demand = demand.FromDraws(o.method, combined[i])
	}
	return nil
}

// combineBelow combines the futures of a kabupaten/kota with those below it, and says with which variance.
func combineBelow(f demand.Forecast, parts []*below) (draws [][]float64, variance []float64) {
	draws, variance = make([][]float64, len(f.Draws)), make([]float64, len(f.Draws))
	for h, column := range f.Draws {
		draws[h] = append([]float64(nil), column...)
		w := varianceOf(column)
		variance[h] = w
		v := 0.0
		for _, b := range parts {
			v += varianceOf(b.demand.Draws[h])
		}
		if len(parts) == 0 || v+w == 0 {
			continue
		}
		variance[h] = v * w / (v + w)
		for i := range column {
			sum := 0.0
			for _, b := range parts {
				sum += b.demand.Draws[h][i%belowPaths]
			}
			draws[h][i] = math.Max(0, (sum*w+column[i]*v)/(v+w))
		}
	}
	return draws, variance
}

// split shares what a kabupaten/kota came to in the end among what lies below it, by month, part and future. What
// circulars leave is the same part everywhere, and planned visits belong to the rest: teams set out from the office.
func (o *outlook) split() ([][][]float64, error) {
	parent := make([]int, len(o.branch)+1)
	parent[0] = -1
	tree, err := demand.NewTree(parent)
	if err != nil {
		return nil, err
	}
	months := make([][][]float64, len(o.base.Draws))
	for h, total := range o.base.Draws {
		draws, variance := [][]float64{append([]float64(nil), total...)}, []float64{0} // it stands fast
		for _, b := range o.branch {
			column := make([]float64, len(total))
			for i := range column {
				column[i] = b.demand.Draws[h][i%belowPaths]
			}
			draws, variance = append(draws, column), append(variance, math.Max(1e-9, varianceOf(b.demand.Draws[h])))
		}
		tree.ReconcileDraws(draws, variance)
		months[h] = draws[1:]
		for j, b := range o.branch {
			for i := range months[h][j] {
				months[h][j][i] *= o.kept[h]
			}
			if b.region.ID == 0 && o.visiting != nil {
				for i, x := range o.visiting[h] {
					months[h][j][i] += x
				}
			}
		}
	}
	return months, nil
}

// follow keeps means and quantiles of what lies below.
func (o *outlook) follow() error {
	if len(o.branch) == 0 {
		return nil
	}
	months, err := o.split()
	if err != nil {
		return err
	}
	o.below = make([]summed, len(o.branch))
	for j, b := range o.branch {
		o.below[j] = summed{region: b.region, method: b.demand.Method, place: b.place}
		for _, parts := range months {
			o.below[j].keep(parts[j])
		}
	}
	return nil
}

// keep takes the mean and the quantiles of one more month.
func (s *summed) keep(column []float64) {
	f := demand.FromDraws("", [][]float64{column})
	var q [5]float64
	for i, p := range levels {
		q[i] = f.Quantile(0, p)
	}
	s.mean, s.at = append(s.mean, f.Mean[0]), append(s.at, q)
}

func varianceOf(draws []float64) float64 {
	var mean, square float64
	for _, v := range draws {
		mean += v / float64(len(draws))
	}
	for _, v := range draws {
		square += (v - mean) * (v - mean) / float64(len(draws))
	}
	return square
}

// upper is the nation or a province with a forecast of its own history, the sum of those below.
type upper struct {
	region  Region
	place   *place
	members []*outlook
	demand  demand.Forecast
}

// uppers are the nation and the provinces of the outlooks, the nation first.
func (k *Known) uppers(outlooks []*outlook) []upper {
	var all []upper
	for _, r := range k.Regions {
		if len(r.Code) > 2 {
			continue
		}
		u := upper{region: r}
		for _, o := range outlooks {
			if r.Code == "00" || strings.HasPrefix(o.place.position.Region, r.Code+".") {
				u.members = append(u.members, o)
			}
		}
		if len(u.members) > 0 {
			all = append(all, u)
		}
	}
	return all
}

// foresee forecasts the sum of the histories. A month that is unknown in a place counts there with the mean of its own;
// where all is guessed, the sum of the forecasts is all there is.
func (u *upper) foresee(k *common, day today, horizon int) error {
	p := &place{position: inventory.Position{Region: u.region.Code}, first: day.month}
	for _, o := range u.members {
		if !o.place.guessed {
			p.first = min(p.first, o.place.first)
		}
	}
	n := int(day.month - p.first)
	p.values, p.exposure, p.months = make([]float64, n), make([]float64, n), make([]monthKnown, n)
	for t := range n {
		p.exposure[t], p.months[t].exposure = 1, 1
		for _, o := range u.members {
			p.values[t] += o.place.full(p.first + month(t))
		}
		p.months[t].used, p.months[t].demand = p.values[t], p.values[t]
	}
	u.place = p
	opt := demand.Options{Paths: paths, Seed: seed(u.region.Code, day.date.Format("2006-01-02"))}
	if n >= 5 {
		f, err := withCalendar(p, k, n, horizon, opt)
		if err != nil {
			return err
		}
		u.demand = f.Scaled(p.works(k.calendar, day.month, horizon))
		return nil
	}
	u.demand = u.sum(horizon)
	return nil
}

// told is how much of the usual demand of a region has to be known for a month to count as known there.
const told = 0.95

// past is what came of a region by month: the sum over its places. A month that is unknown in a place counts there with
// the mean of its own; where that is more than a trace, only the part that is known was seen.
func (u *upper) past(now month) *place {
	p := &place{position: inventory.Position{RegionID: u.region.ID, Region: u.region.Code}, first: now}
	for _, o := range u.members {
		if !o.place.guessed {
			p.first = min(p.first, o.place.first)
		}
	}
	p.months = make([]monthKnown, now-p.first)
	known := make([]float64, len(p.months))
	for _, o := range u.members {
		mean, n := 0.0, 0.0
		for _, k := range o.place.months {
			if v, ok := k.whole(); ok {
				mean, n = mean+v, n+1
			}
		}
		mean /= math.Max(1, n)
		for t := range p.months {
			v := mean
			if actual, closed := o.place.came(p.first + month(t)); closed && actual != nil {
				v = *actual
				known[t] += v
			} else if closed {
				if seen, ok := o.place.months[int(p.first-o.place.first)+t].whole(); ok {
					v = seen
				}
			}
			p.months[t].demand += v
		}
	}
	for t := range p.months {
		k := &p.months[t]
		k.exposure = 1
		if known[t] < told*k.demand {
			k.exposure, k.demand = known[t]/k.demand, known[t]
		}
	}
	return p
}

// full is the demand of a place in an ordinary month as far as it is known, else its mean.
func (p *place) full(m month) float64 {
	if t := int(m - p.first); t >= 0 && t < len(p.values) && p.exposure[t] >= 0.25 && !math.IsNaN(p.values[t]) {
		return p.values[t] / p.exposure[t]
	}
	sum, n := 0.0, 0.0
	for t, v := range p.values {
		if p.exposure[t] >= 0.25 && !math.IsNaN(v) {
			sum, n = sum+v/p.exposure[t], n+1
		}
	}
	return sum / math.Max(1, n)
}

// sum adds the futures of the members up; a member with fewer futures repeats them.
func (u *upper) sum(horizon int) demand.Forecast {
	draws := make([][]float64, horizon)
	for h := range draws {
		draws[h] = make([]float64, paths)
		for _, o := range u.members {
			for i := range draws[h] {
				column := o.demand.Draws[h]
				draws[h][i] += column[i%len(column)]
			}
		}
	}
	return demand.FromDraws("sum", draws)
}
